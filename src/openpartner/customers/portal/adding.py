"""Adding a customer: its country, its account, a review, and the first administrator's password, shown once.

Source: portal-workspaces §2.2.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from openpartner.customers import rules, service
from openpartner.customers.portal.shared import address_choices, address_fields, country_choices, read_address
from openpartner.customers.rules import NewCustomer
from openpartner.identity import service as identity
from openpartner.partner import queries as partners
from openpartner.partner import service as partner_service
from openpartner.partner.rules import PartnerKind, Program
from openpartner.platform import addresses, countries, permissions
from openpartner.platform.errors import Invalid, InvalidFields
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork

STEPS = ("Country", "Account information", "Review", "Confirmation")
CRUMBS = [Crumb("Home", "/"), Crumb("Customers", "/customers"), Crumb("Add customer")]


@get("/customers/new", include_in_schema=False, sync_to_thread=True)
def new_customer(page: NamedDependency[Page], country: FromQuery[str] = "") -> Response[str]:
    """The country first: it decides what else is asked."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS_CREATE.write)
        blocked = partner_service.what_blocks(uow, permissions.CUSTOMERS_CREATE)
        if country.upper() not in countries.CULTURES or blocked is not None:
            home = partners.own_account(uow).country
            return page.render(
                uow,
                "customers/add_country.html",
                f=blank_form({"country": home}),
                choices=country_choices(),
                blocked=blocked,
                steps=STEPS,
                crumbs=CRUMBS,
            )
        found = countries.rules_of(country)
        blank = {"country": found.iso2_code, "culture": found.default_culture, "language": found.default_culture[:2]}
        return _account_page(page, uow, blank_form(blank), found.iso2_code)


def _account_page(page: Page, uow: UnitOfWork, form: Form[Any], country: str, status: int = 200) -> Response[str]:
    return page.render(
        uow,
        "customers/add_account.html",
        status=status,
        f=form,
        steps=STEPS,
        suffix=f".{rules.INITIAL_DOMAINS[0]}",
        is_provider=_is_provider(uow),
        crumbs=CRUMBS,
        **address_choices(countries.rules_of(country)),
    )


def _is_provider(uow: UnitOfWork) -> bool:
    enrolment = partners.enrolment(uow, uow.actor.tenant, Program.CSP)
    return enrolment is not None and enrolment.kind is PartnerKind.INDIRECT_PROVIDER


def _wanted(form: Posted) -> NewCustomer:
    return NewCustomer(
        domain=form.get("domain"),
        company_name=form.get("company_name"),
        email=form.get("email"),
        culture=form.get("culture"),
        language=form.get("language"),
        address=read_address(form, form.get("country").upper()),
        registration_number=form.get("registration_number"),
    )


def _reseller(form: Posted) -> UUID | None:
    text = form.get("reseller")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidFields({"reseller": "The reseller is named by its tenant ID, a GUID."}) from error


@post("/customers/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def review_or_create(page: NamedDependency[Page]) -> Response[str]:
    """Check what was entered and show it; with ``confirmed`` create the customer."""
    form = posted(page.form)
    country = page.form.get("country").upper()
    if country not in countries.CULTURES:
        raise Invalid("Choose the customer's country first.")
    if page.form.get("step") == "create":
        made = attempt(page, form, lambda uow: _create(page, uow))
        if made is not None:
            return made
    elif page.form.get("step") == "review":
        shown = attempt(page, form, lambda uow: _review(page, uow, form))
        if shown is not None:
            return shown
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS_CREATE.write)
        return _account_page(page, uow, form, country, status=422 if form.errors else 200)


def _review(page: Page, uow: UnitOfWork, form: Form[Any]) -> Response[str]:
    """What will be created, as the very rules that will create it see it. Raises what they refuse."""
    uow.actor.require(permissions.CUSTOMERS_CREATE.write)
    _reseller(page.form)
    customer = rules.accepted(_wanted(page.form))
    if identity.is_domain_taken(uow, customer.domain):
        raise InvalidFields({"domain": f"The domain {customer.domain} is taken. Choose another prefix."})
    check = addresses.check(customer.address)
    suggested = next((address for address in check.suggestions if address != customer.address), None)
    return page.render(
        uow,
        "customers/add_review.html",
        f=form,
        new=customer,
        check=check,
        suggestion=address_fields(suggested) if suggested else None,
        country_name=countries.name_of(customer.address.country),
        steps=STEPS,
        crumbs=CRUMBS,
    )


def _create(page: Page, uow: UnitOfWork) -> Response[str]:
    wanted, reseller_id = _wanted(page.form), _reseller(page.form)
    made = service.create_customer(uow, wanted, reseller_id=reseller_id, gdap_by_default=True)
    return page.render(
        uow,
        "customers/add_done.html",
        customer=made.customer,
        user_name=f"{made.user_name}@{made.customer.domain}",
        password=made.password,
        steps=STEPS,
        crumbs=CRUMBS,
    )


ROUTES: list[Any] = [new_customer, review_or_create]
