"""Ending a reseller relationship, by either side, and what that would take: found out by doing it and taking it back.

Source: gdap §14.6; portal-workspaces §2.3.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.customers import service as customer_service
from openpartner.customers.events import DelegatedAccessRemoved, ResellerRelationshipEnded
from openpartner.customers.models import Customer
from openpartner.customers.queries import CustomerUnknown
from openpartner.customers.rules import CustomerStillHolds, Holdings
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships.events.reselling import IndirectResellerRemoved
from openpartner.relationships.queries import reselling
from openpartner.relationships.service.own_administrators import check_own_administrator
from openpartner.relationships.service.reselling import TOPIC
from openpartner.relationships.service.telling import name_of, tell_customer, tell_partner


@dataclass(frozen=True)
class Removal:
    """What ending would take. holdings: what must be given up first. loses_delegated_access: the older kind goes too.

    only_reseller: the provider stays, only its indirect reseller goes.
    """

    holdings: Holdings
    loses_delegated_access: bool
    only_reseller: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.holdings.items


class _TakenBack(Exception):
    """Ends the unit without a trace of it."""


def preview_removal(begin: Begin, end: Callable[[UnitOfWork], object], *, only_reseller: bool = False) -> Removal:
    """What ``end`` meets: it is done and taken back. Raises what it raises, but for what the customer still holds."""
    found: list[Removal] = []
    with suppress(_TakenBack), begin() as uow:
        try:
            end(uow)
        except CustomerStillHolds as refusal:
            holdings, lost = refusal.holdings, False
        else:
            holdings, lost = Holdings(), any(isinstance(fact, DelegatedAccessRemoved) for fact in uow.facts)
        found.append(Removal(holdings, lost, only_reseller))
        raise _TakenBack
    return found[0]


def end_own_partner(uow: UnitOfWork, commerce_id: UUID, partner_id: UUID) -> Customer:
    """A customer's Global admin ends what a partner is to it: the relationship, or an indirect reseller's part in it.

    commerce_id: the relationship. partner_id: its seller, or its indirect reseller. Raises CustomerUnknown,
    OwnAdministratorNeeded, CustomerStillHolds. Emits ResellerRelationshipEnded and DelegatedAccessRemoved, or
    IndirectResellerRemoved in both partners' logs.
    """
    uow.actor.require(permissions.CUSTOMER_PARTNERS.write)
    check_own_administrator(uow)
    customer = reselling.own_relationship(uow, commerce_id, lock=True)
    if customer.partner_id == partner_id:
        customer_service.close_reseller_relationship(uow, customer)
    elif customer.reseller_id == partner_id:
        _take_off(uow, customer, partner_id)
    else:
        raise CustomerUnknown(partner_id)
    return customer


def remove_own_delegated_access(uow: UnitOfWork, commerce_id: UUID, partner_id: UUID) -> Customer:
    """A customer's Global admin takes the older delegated administration from a partner; the rest goes on.

    Raises CustomerUnknown, OwnAdministratorNeeded. Emits DelegatedAccessRemoved; mails the partner.
    """
    uow.actor.require(permissions.CUSTOMER_PARTNERS.write)
    check_own_administrator(uow)
    customer = reselling.own_relationship(uow, commerce_id, lock=True)
    if customer.partner_id != partner_id:
        raise CustomerUnknown(partner_id)
    if customer.allow_delegated_access:
        customer_service.close_older_access(uow, customer)
        tell_partner(
            uow,
            partner_id,
            f"{customer.company_name} has removed your delegated administration",
            "Your people lost the access of the older kind (DAP) at once. Request granular administration for the "
            "tasks that you do for this customer. The reseller relationship goes on.",
            topic=TOPIC,
        )
    return customer


def _take_off(uow: UnitOfWork, customer: Customer, reseller_id: UUID) -> None:
    customer_service.set_reseller(uow, customer, None)
    for told in (customer.partner_id, reseller_id):
        uow.emit(
            IndirectResellerRemoved(
                partner_id=told,
                customer_id=customer.tenant_id,
                commerce_id=customer.commerce_id,
                reseller_id=reseller_id,
                before={"associatedPartnerId": str(reseller_id)},
                after={"associatedPartnerId": None},
            )
        )
        tell_partner(
            uow,
            told,
            f"{customer.company_name} has removed {name_of(uow, reseller_id)}",
            f"{name_of(uow, customer.partner_id)} goes on selling to {customer.company_name}, without a reseller.",
            topic=TOPIC,
        )


def tell_of_end(uow: UnitOfWork, fact: ResellerRelationshipEnded) -> None:
    """The side that did not end it hears of it: the customer's Global admins, or the partner with its reseller."""
    if fact.partner_id is None or fact.customer_id is None:
        return
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        tell_customer(
            uow,
            fact.customer_id,
            f"{name_of(uow, fact.partner_id)} is no longer your reseller",
            "It has ended the reseller relationship and can buy nothing more for you. Granular administration that you "
            "approved goes on until you or the partner ends it: see Partner relationships.",
            topic=TOPIC,
        )
        return
    customer = customers.customer_of_commerce_id(uow, fact.commerce_id)
    for told in filter(None, (customer.partner_id, customer.reseller_id)):
        tell_partner(
            uow,
            told,
            f"{customer.company_name} has ended the reseller relationship",
            "The customer leaves your list, and nothing can be bought for it any more. Granular administration goes on "
            "until one of you ends it.",
            topic=TOPIC,
        )
