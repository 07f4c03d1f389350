"""One customer: its account, and the tabs that other slices fill."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.models import Customer
from openpartner.customers.portal.shared import FRAME, METHOD_WORDS, QUALIFICATION_WORDS, partner_name, vetting_badge
from openpartner.identity import queries as directory
from openpartner.platform import countries, permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Action, Confirm, Noted
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork


@get("/customers/{customer_id:uuid}", include_in_schema=False, sync_to_thread=True)
def customer_account(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The account: profiles, agreement, qualifications, review."""
    with page.begin.read() as uow:
        frame = FRAME.context(uow, customer_id, "")
        customer = frame["customer"]
        billing = queries.billing_profile(uow, customer)
        agreements = queries.agreements_of(uow, customer)
        return page.render(
            uow,
            "customers/account.html",
            **frame,
            billing=billing,
            country_name=countries.name_of(customer.country),
            agreements=agreements,
            agreement_rows=[
                (
                    Noted(f"{held.first_name} {held.last_name}", held.email),
                    METHOD_WORDS[held.method],
                    re.sub("(?<=[a-z])(?=[A-Z])", " ", held.agreement_type.value),
                    held.agreed_at.date(),
                )
                for held in agreements
            ],
            has_agreement=queries.has_agreement(uow, customer),
            qualifications=[
                (QUALIFICATION_WORDS[asked.qualification.value], vetting_badge(asked.vetting), asked)
                for asked in queries.qualifications_of(uow, customer)
            ],
            company_details=_company_details(uow, customer),
            reseller=partner_name(uow, customer.reseller_id),
            provider=partner_name(uow, customer.partner_id),
            actions=_actions(page, uow, customer_id, is_own=customer.partner_id == uow.actor.tenant_id),
            may_edit=_may_edit(uow) and customer.partner_id == uow.actor.tenant_id,
            may_confirm=uow.actor.may(permissions.CUSTOMER_AGREEMENT.write)
            and customer.partner_id == uow.actor.tenant_id,
            may_qualify=uow.actor.may(permissions.CUSTOMERS.write) and customer.partner_id == uow.actor.tenant_id,
        )


def _company_details(uow: UnitOfWork, customer: Customer) -> list[tuple[str, str]] | None:
    """What the customer's directory says of the company; None for who may not see it. Source: gdap §12."""
    if not directory.may_in_directory(uow, customer.tenant_id, DirectoryAction.COMPANY_DETAILS_READ):
        return None
    tenant = directory.tenant_by_id(uow, customer.tenant_id)
    domains = [domain.name for domain in directory.domains_of(uow, tenant.id) if domain.is_verified]
    return [
        ("Organization name", tenant.name),
        ("Country of the tenant", countries.name_of(tenant.country)),
        ("Verified domains", ", ".join(domains)),
    ]


def _may_edit(uow: UnitOfWork) -> bool:
    return uow.actor.may(permissions.CUSTOMERS.write) or uow.actor.may(permissions.CUSTOMER_ACCOUNT.write)


def _actions(page: Page, uow: UnitOfWork, customer_id: UUID, *, is_own: bool) -> list[Action]:
    """What can be done with the whole customer; not for its reseller."""
    if uow.actor.tenant_kind is not TenantKind.PARTNER or not is_own:
        return []
    may_end = uow.actor.may(permissions.RESELLER_RELATIONSHIP_REMOVE.write)
    actions = [
        Action(
            "Remove relationship",
            href=f"/customers/{customer_id}/end",
            icon="link_dismiss",
            refused="" if may_end else "Only a Global admin may do this.",
        )
    ]
    if page.portal.world.settings.is_sandbox and uow.actor.may(permissions.CUSTOMERS.write):
        actions.append(
            Action(
                "Delete customer",
                post=f"/customers/{customer_id}/delete",
                icon="delete",
                danger=True,
                confirm=Confirm(
                    "Delete this customer?",
                    "The sandbox destroys the customer with its users, orders and subscriptions. It cannot be undone.",
                    "Delete customer",
                    danger=True,
                ),
            )
        )
    return actions


@post("/customers/{customer_id:uuid}/delete", include_in_schema=False, sync_to_thread=True)
def delete_customer(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Sandbox: destroy the customer."""
    with page.begin() as uow:
        service.delete_customer(uow, customer_id)
    return page.redirect("/customers", note="The customer was deleted.")


def _tab_route(tab: Tab) -> Any:
    @get(
        f"/customers/{{customer_id:uuid}}/{tab.key}",
        include_in_schema=False,
        sync_to_thread=True,
        name=f"tab-{tab.key}",
    )
    def show(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
        with page.begin.read() as uow:
            uow.actor.require(tab.permission)
            frame = FRAME.context(uow, customer_id, tab.key)
            return page.render(
                uow,
                "customers/tab.html",
                tab_template=tab.template,
                tab_title=tab.title,
                **{**frame, **tab.context(page, uow, customer_id)},
            )

    return show


def routes(tabs: Sequence[Tab]) -> list[Any]:
    """The account, what is done with it, and one page for each tab of another slice."""
    FRAME.tabs = tuple(tabs)
    return [customer_account, delete_customer, *(_tab_route(tab) for tab in tabs)]
