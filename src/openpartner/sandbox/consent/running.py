"""Where consent that was given is kept: relationships and partnerships that run, and that can be ended."""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.identity.models import Tenant
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.partnerships import Partnership
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.rules.partnerships import PartnershipState
from openpartner.sandbox.consent.rules import Matter
from openpartner.sandbox.consent.sources import (
    Asker,
    Provider,
    Rows,
    Source,
    Subject,
    always,
    granular_source,
    guid_key,
)

Decider = aliased(Tenant)


def _customer_decides(_uow: UnitOfWork, tenant_id: UUID) -> ColumnElement[bool]:
    return Customer.tenant_id == tenant_id


def _reseller_decides(_uow: UnitOfWork, tenant_id: UUID) -> ColumnElement[bool]:
    return Partnership.reseller_id == tenant_id


def _of_customers(_uow: UnitOfWork, rows: Rows) -> list[Subject]:
    found = []
    for customer, seller, reseller in rows:
        asker_id = customer.reseller_id or customer.partner_id
        combined = customer.reseller_id is not None
        found.append(
            Subject(
                matter=Matter.COMBINED if combined else Matter.RESELLER,
                id=str(customer.commerce_id),
                title=customer.company_name,
                asker_id=asker_id,
                asker_name=reseller if combined else seller,
                provider_id=customer.partner_id if combined else None,
                provider_name=seller if combined else "",
                decider_id=customer.tenant_id,
                decider_name=customer.company_name,
                recipient="",
                since_at=customer.since_at,
                rank=1,
            )
        )
    return found


def _customer_narrow(matter: Matter) -> ColumnElement[bool]:
    alone = Customer.reseller_id.is_(None)
    return alone if matter is Matter.RESELLER else ~alone


_CUSTOMERS = Source(
    rank=1,
    matters=frozenset({Matter.RESELLER, Matter.COMBINED}),
    statement=select(Customer, Asker.name, Provider.name)
    .join(Asker, Asker.id == Customer.partner_id)
    .outerjoin(Provider, Provider.id == Customer.reseller_id)
    .where(Customer.relationship != Relationship.NONE),
    since=Customer.since_at,
    key=Customer.commerce_id,
    read_key=guid_key,
    partners=(Customer.partner_id, Customer.reseller_id),
    decides=_customer_decides,
    texts=(Customer.company_name, Asker.name),
    narrow=_customer_narrow,
    subjects=_of_customers,
)


def _of_running_partnerships(_uow: UnitOfWork, rows: Rows) -> list[Subject]:
    return [
        Subject(
            matter=Matter.PARTNERSHIP,
            id=str(found.id),
            title=f"{provider} with {reseller}",
            asker_id=found.provider_id,
            asker_name=provider,
            provider_id=None,
            provider_name="",
            decider_id=found.reseller_id,
            decider_name=reseller,
            recipient="",
            since_at=found.since_at,
            rank=2,
        )
        for found, provider, reseller in rows
    ]


_RUNNING_PARTNERSHIPS = Source(
    rank=2,
    matters=frozenset({Matter.PARTNERSHIP}),
    statement=select(Partnership, Asker.name, Decider.name)
    .join(Asker, Asker.id == Partnership.provider_id)
    .join(Decider, Decider.id == Partnership.reseller_id)
    .where(Partnership.state == PartnershipState.ACTIVE),
    since=Partnership.since_at,
    key=Partnership.id,
    read_key=guid_key,
    partners=(Partnership.provider_id,),
    decides=_reseller_decides,
    texts=(Asker.name, Decider.name),
    narrow=always,
    subjects=_of_running_partnerships,
)


RUNNING: tuple[Source, ...] = (
    granular_source(0, frozenset({Matter.GRANULAR}), Status.ACTIVE),
    _CUSTOMERS,
    _RUNNING_PARTNERSHIPS,
)
"""What was consented to and can be ended by who consented."""
