"""A customer's own organisation: its profile and domains, the agreement it accepts, and how its partners bill it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.models import Customer
from openpartner.customers.portal.editing import newest_template
from openpartner.customers.portal.shared import (
    METHOD_WORDS,
    address_choices,
    address_fields,
    partner_name,
    read_address,
)
from openpartner.customers.rules import AgreementContact, counts
from openpartner.customers.service import BillingDetails
from openpartner.identity import queries as directory
from openpartner.partner import queries as partners
from openpartner.platform import countries, permissions
from openpartner.platform.http.etags import profile_etag
from openpartner.platform.permissions import Permission
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Badge
from openpartner.platform.work import UnitOfWork

ROOT = "/organization"

_TABS: tuple[tuple[str, str, Permission], ...] = (
    ("Profile and domains", ROOT, permissions.CUSTOMER_ORGANISATION.read),
    ("Billing", f"{ROOT}/billing", permissions.CUSTOMER_BILLING_PROFILE.read),
    ("Customer agreement", f"{ROOT}/agreement", permissions.CUSTOMER_AGREEMENT_ACCEPT.read),
)


def _frame(uow: UnitOfWork, current: str, *more: Crumb) -> dict[str, Any]:
    """What ``customers/own_frame.html`` needs."""
    own = [(title, path, path == current) for title, path, needed in _TABS if uow.actor.may(needed)]
    shown = next((title for title, path, _ in _TABS if path == current), "")
    crumbs = [Crumb("Home", "/"), Crumb("Organization", ROOT)]
    return {
        "tenant": directory.tenant_by_id(uow, uow.actor.tenant),
        "tabs": own,
        "crumbs": [*crumbs, *([Crumb(shown, current)] if current != ROOT else []), *more],
    }


def _names_of(uow: UnitOfWork, customer: Customer) -> str:
    """The partner of a relationship, with its reseller where there is one."""
    names = [partner_name(uow, customer.partner_id), partner_name(uow, customer.reseller_id)]
    return " with ".join(name for name in names if name)


# Profile and domains


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def own_organization(page: NamedDependency[Page]) -> Response[str]:
    """The organisation as its directory and its partners know it."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_ORGANISATION.read)
        frame = _frame(uow, ROOT)
        may_write = uow.actor.may(permissions.CUSTOMER_ORGANISATION.write)
        return page.render(
            uow,
            "customers/organization.html",
            **frame,
            country_name=countries.name_of(frame["tenant"].country),
            domains=[
                (
                    domain,
                    Badge("Verified", "success") if domain.is_verified else Badge("Not verified", "warning"),
                    _default_action(domain.name)
                    if may_write and domain.is_verified and not domain.is_default
                    else None,
                )
                for domain in directory.domains_of(uow, uow.actor.tenant)
            ],
            sees_partners=uow.actor.may(permissions.CUSTOMER_PARTNERS.read),
            partners=[(_names_of(uow, held), held) for held in queries.relationships_of(uow, uow.actor.tenant)],
        )


def _default_action(name: str) -> Action:
    return Action("Make default", post=f"{ROOT}/domains/default", fields={"domain": name})


@post(f"{ROOT}/domains/default", include_in_schema=False, sync_to_thread=True)
def make_domain_default(page: NamedDependency[Page]) -> Response[bytes]:
    """Give new users names at another domain."""
    with page.begin() as uow:
        name = service.set_own_default_domain(uow, page.form.get("domain")).default_domain
    return page.redirect(ROOT, note=f"New users get names at {name}.")


# Agreement


@get(f"{ROOT}/agreement", include_in_schema=False, sync_to_thread=True)
def read_agreement(page: NamedDependency[Page]) -> Response[str]:
    """What was accepted, by whom and for which partner; the text, and the form that accepts it."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_AGREEMENT_ACCEPT.read)
        user = queries.user_in(uow, uow.actor.tenant, uow.actor.name)
        present = {"first_name": user.given_name, "last_name": user.surname, "email": user.mail or user.upn}
        return _agreement_page(page, uow, blank_form(present))


@post(f"{ROOT}/agreement", include_in_schema=False, sync_to_thread=True)
def accept_agreement(page: NamedDependency[Page]) -> Response[Any]:
    """Accept for the whole organisation."""
    form = posted(page.form)
    if attempt(page, form, lambda uow: _accept(page, uow)):
        return page.redirect(f"{ROOT}/agreement", note="The agreement was accepted.")
    with page.begin.read() as uow:
        return _agreement_page(page, uow, form, status=422)


def _accept(page: Page, uow: UnitOfWork) -> bool:
    given = page.form
    contact = AgreementContact(
        given.get("first_name"), given.get("last_name"), given.get("email"), given.get("phone_number")
    )
    service.sign_customer_agreement(uow, given.get("template"), contact)
    return True


def _agreement_page(page: Page, uow: UnitOfWork, form: Form[Any], status: int = 200) -> Response[str]:
    template = newest_template(uow)
    version = next((v for v in partners.agreement_versions(uow) if str(v.id) == template), None)
    relationships = queries.relationships_of(uow, uow.actor.tenant)
    return page.render(
        uow,
        "customers/own_agreement.html",
        status=status,
        f=form,
        version=version,
        may_accept=uow.actor.may(permissions.CUSTOMER_AGREEMENT_ACCEPT.write),
        held_towards=[(_names_of(uow, each), queries.has_agreement(uow, each)) for each in relationships],
        acceptances=_acceptances(uow, relationships),
        **_frame(uow, f"{ROOT}/agreement"),
    )


def _acceptances(uow: UnitOfWork, relationships: Any) -> list[tuple[object, ...]]:
    """What the organisation signed itself, and what its present partners confirmed for it, the newest first."""
    found = {held.id: (held, "All partners") for held in queries.own_agreements(uow)}
    for each in relationships:
        for held in queries.agreements_of(uow, each):
            found.setdefault(held.id, (held, _names_of(uow, each)))
    newest = sorted(found.values(), key=lambda pair: (pair[0].agreed_at, pair[0].id), reverse=True)
    return [
        (
            f"{held.first_name} {held.last_name}",
            METHOD_WORDS[held.method],
            towards,
            held.agreed_at.date(),
            Badge("Counts", "success") if counts(held.acceptance(), uow.now) else Badge("Too old", "warning"),
        )
        for held, towards in newest
    ]


# Billing


@get(f"{ROOT}/billing", include_in_schema=False, sync_to_thread=True)
def own_billing(page: NamedDependency[Page]) -> Response[str]:
    """Whom and where each partner bills."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_BILLING_PROFILE.read)
        return page.render(
            uow,
            "customers/own_billing.html",
            profiles=[
                (each, _names_of(uow, each), queries.billing_profile(uow, each), countries.name_of(each.country))
                for each in queries.relationships_of(uow, uow.actor.tenant)
            ],
            may_edit=uow.actor.may(permissions.CUSTOMER_BILLING_PROFILE.write),
            **_frame(uow, f"{ROOT}/billing"),
        )


@get(f"{ROOT}/billing/{{commerce_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def edit_own_billing(commerce_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The billing profile that one partner has, in a form."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_BILLING_PROFILE.write)
        billing = queries.billing_profile(uow, queries.own_relationship(uow, commerce_id))
        contact = {"first_name": billing.first_name, "last_name": billing.last_name}
        present = {
            "company_name": billing.company_name,
            "email": billing.email,
            "culture": billing.culture,
            "language": billing.language,
            "etag": profile_etag(billing.id, billing.version),
            **address_fields(billing.default_address),
            **{name: value for name, value in contact.items() if value},
        }
        return _billing_page(page, uow, commerce_id, blank_form(present))


@post(f"{ROOT}/billing/{{commerce_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def save_own_billing(commerce_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Replace it, if nobody else has in the meantime."""
    form = posted(page.form)
    if attempt(page, form, lambda uow: _save_billing(page, uow, commerce_id)):
        return page.redirect(f"{ROOT}/billing", note="The billing profile was changed.")
    with page.begin.read() as uow:
        return _billing_page(page, uow, commerce_id, form, status=422)


def _save_billing(page: Page, uow: UnitOfWork, commerce_id: UUID) -> bool:
    given = page.form
    wanted = BillingDetails(
        company_name=given.get("company_name"),
        email=given.get("email"),
        culture=given.get("culture"),
        language=given.get("language"),
        address=read_address(given, queries.own_relationship(uow, commerce_id).country),
        first_name=given.get("first_name"),
        last_name=given.get("last_name"),
    )
    service.replace_own_billing_profile(uow, commerce_id, wanted, etag=given.get("etag") or None)
    return True


def _billing_page(page: Page, uow: UnitOfWork, commerce_id: UUID, form: Form[Any], status: int = 200) -> Response[str]:
    customer = queries.own_relationship(uow, commerce_id)
    name = _names_of(uow, customer)
    return page.render(
        uow,
        "customers/own_billing_edit.html",
        status=status,
        f=form,
        billed_by=name,
        action_path=f"{ROOT}/billing/{commerce_id}",
        **_frame(uow, f"{ROOT}/billing", Crumb(name)),
        **address_choices(countries.rules_of(customer.country)),
    )


ROUTES: list[Any] = [
    own_organization,
    make_domain_default,
    read_agreement,
    accept_agreement,
    own_billing,
    edit_own_billing,
    save_own_billing,
]
