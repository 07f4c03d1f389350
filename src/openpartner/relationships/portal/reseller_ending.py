"""Removing a reseller relationship, on both sides: what stands in the way, what is lost, then the button."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries as customers
from openpartner.customers import service as customer_service
from openpartner.customers.models import Customer
from openpartner.customers.rules import HoldingKind
from openpartner.platform import permissions
from openpartner.platform.errors import NotFound
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries, service
from openpartner.relationships.portal.own_partners import ROOT
from openpartner.relationships.queries import reselling
from openpartner.relationships.rules.granular import LIVING
from openpartner.relationships.service import Removal
from openpartner.relationships.service.telling import name_of

OBSTACLES = {
    HoldingKind.SUBSCRIPTION: ("Active subscriptions", "Suspend or cancel each of them."),
    HoldingKind.AZURE_PLAN: ("Azure plan", "Cancel its Azure subscriptions, then suspend the plan."),
    HoldingKind.RESERVATION: ("Reservations and savings plans", "Cancel each of them, or wait for its end."),
    HoldingKind.SOFTWARE: ("Software subscriptions", "Cancel each of them."),
}
"""The preconditions, each with what to do. Source: gdap §14.6."""


def _checks(removal: Removal, customer_id: UUID, *, ask: str = "") -> list[dict[str, Any]]:
    """Each precondition: whether it holds, and links to what is in the way. ask: the partner who has to see to it."""
    return [
        {
            "title": title,
            "step": f"Ask {ask}: {step[:1].lower()}{step[1:]}" if ask else step,
            "items": [
                (held.name, f"/customers/{customer_id}/subscriptions/{held.id}") for held in removal.holdings.of(kind)
            ],
        }
        for kind, (title, step) in OBSTACLES.items()
    ]


def _granular(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> int:
    """How many admin relationships of the two go on: ending the reseller relationship does not touch them."""
    return sum(
        1
        for each in queries.relationships_with(uow, customer_id)
        if each.partner_id == partner_id and each.status in LIVING
    )


# --- the partner's side


@get("/customers/{customer_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def ask_partner(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """What ending would take, found out by doing it and taking it back."""
    removal = service.preview_removal(
        page.begin, lambda uow: customer_service.end_reseller_relationship(uow, customer_id)
    )
    with page.begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REMOVE.write)
        customer = customers.one_customer(uow, customer_id)
        root = f"/customers/{customer_id}"
        return page.render(
            uow,
            "relationships/reseller_end.html",
            heading=f"Remove the relationship with {customer.company_name}",
            removal=removal,
            checks=_checks(removal, customer_id),
            losses=[
                "The customer leaves your list of customers, and your name leaves its list of support contacts.",
                "You can buy nothing more for it, and renew, change or cancel nothing.",
                "Only a Global admin of the customer can bring it back, by accepting a new invitation.",
            ],
            granular=_granular(uow, customer_id, customer.partner_id),
            granular_href=f"{root}/admin-relationships",
            post=f"{root}/end",
            back=root,
            button="Remove relationship",
            crumbs=[
                Crumb("Home", "/"),
                Crumb("Customers", "/customers"),
                Crumb(customer.company_name, root),
                Crumb("Remove relationship"),
            ],
        )


@post("/customers/{customer_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def end_by_partner(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """End the reseller relationship."""
    with page.begin() as uow:
        name = customer_service.end_reseller_relationship(uow, customer_id).company_name
    return page.redirect("/customers", note=f"You are no longer a reseller of {name}.")


# --- the customer's side


@get(ROOT + "/{partner_id:uuid}/relationships/{commerce_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def ask_customer(partner_id: FromPath[UUID], commerce_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """What ending would take, for the customer."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_PARTNERS.write)
        customer = reselling.own_relationship(uow, commerce_id)
        if partner_id not in {customer.partner_id, customer.reseller_id}:
            raise NotFound("The partner", partner_id)
        only_reseller = partner_id == customer.reseller_id
    removal = service.preview_removal(
        page.begin, lambda uow: service.end_own_partner(uow, commerce_id, partner_id), only_reseller=only_reseller
    )
    with page.begin.read() as uow:
        name = name_of(uow, partner_id)
        return page.render(
            uow,
            "relationships/reseller_end.html",
            heading=f"Remove {name}",
            removal=removal,
            checks=[] if only_reseller else _checks(removal, customer.tenant_id, ask=name),
            losses=_losses(uow, customer, partner_id),
            granular=_granular(uow, customer.tenant_id, partner_id),
            granular_href=f"{ROOT}/{partner_id}",
            post=f"{ROOT}/{partner_id}/relationships/{commerce_id}/end",
            back=f"{ROOT}/{partner_id}",
            button=f"Remove {name}",
            crumbs=[
                Crumb("Home", "/"),
                Crumb("Partner relationships", ROOT),
                Crumb(name, f"{ROOT}/{partner_id}"),
                Crumb("Remove"),
            ],
        )


def _losses(uow: UnitOfWork, customer: Customer, partner_id: UUID) -> list[str]:
    name = name_of(uow, partner_id)
    if partner_id == customer.reseller_id:
        provider = name_of(uow, customer.partner_id)
        return [
            f"{name} no longer sees your organization and what you bought.",
            f"What you have stays, and {provider} goes on selling to you and billing you.",
        ]
    losses = [
        f"{name} can buy nothing more for you, and renew, change or cancel nothing it bought.",
        "Suspended subscriptions are not renewed; software that you bought for ever stays yours.",
        f"To buy from {name} again you accept a new invitation.",
    ]
    if customer.reseller_id is not None:
        losses.insert(1, f"{name_of(uow, customer.reseller_id)} sold to you through {name}: it goes with it.")
    return losses


@post(ROOT + "/{partner_id:uuid}/relationships/{commerce_id:uuid}/end", include_in_schema=False, sync_to_thread=True)
def end_by_customer(
    partner_id: FromPath[UUID], commerce_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """End what the partner is to the customer."""
    with page.begin() as uow:
        name = name_of(uow, partner_id)
        service.end_own_partner(uow, commerce_id, partner_id)
    return page.redirect(ROOT, note=f"{name} is no longer your reseller.")


ROUTES: list[Any] = [ask_partner, end_by_partner, ask_customer, end_by_customer]
