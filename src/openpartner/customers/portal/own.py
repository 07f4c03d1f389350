"""A customer's own pages: its organisation, its partners, and the agreement it accepts itself."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from openpartner.customers import queries, service
from openpartner.customers.portal.editing import newest_template
from openpartner.customers.portal.shared import attempt, partner_name, resent
from openpartner.customers.rules import AgreementContact
from openpartner.identity import queries as directory
from openpartner.partner import queries as partners
from openpartner.platform import permissions
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork


@get("/organization", include_in_schema=False, sync_to_thread=True)
def own_organization(page: NamedDependency[Page]) -> Response[str]:
    """The organisation as its directory and its partners know it."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_ORGANISATION.read)
        relationships = queries.relationships_of(uow, uow.actor.tenant)
        return page.render(
            uow,
            "customers/organization.html",
            tenant=directory.tenant_by_id(uow, uow.actor.tenant),
            domains=[domain.name for domain in directory.domains_of(uow, uow.actor.tenant) if domain.is_verified],
            partners=[
                (partner_name(uow, customer.partner_id), partner_name(uow, customer.reseller_id), customer)
                for customer in relationships
            ],
            agreements=queries.own_agreements(uow),
            may_accept=uow.actor.may(permissions.CUSTOMER_AGREEMENT_ACCEPT.write),
            crumbs=[Crumb("Home", "/"), Crumb("Organization")],
        )


@get("/organization/agreement", include_in_schema=False, sync_to_thread=True)
def read_agreement(page: NamedDependency[Page]) -> Response[str]:
    """The text, and the form that accepts it."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_AGREEMENT_ACCEPT.write)
        user = queries.user_in(uow, uow.actor.tenant, uow.actor.name)
        present = {"first_name": user.given_name, "last_name": user.surname, "email": user.mail or user.upn}
        return _agreement_page(page, uow, blank_form(present))


@post("/organization/agreement", include_in_schema=False, sync_to_thread=True)
def accept_agreement(page: NamedDependency[Page]) -> Response[Any]:
    """Accept for the whole organisation."""
    form = resent(page.form)
    if attempt(page, form, lambda uow: _accept(page, uow)):
        return page.redirect("/organization", note="The agreement was accepted.")
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
    return page.render(
        uow,
        "customers/own_agreement.html",
        status=status,
        f=form,
        version=version,
        crumbs=[Crumb("Home", "/"), Crumb("Organization", "/organization"), Crumb("Customer agreement")],
    )


ROUTES: list[Any] = [own_organization, read_agreement, accept_agreement]
