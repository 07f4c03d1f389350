"""Reads of reseller relationships: a partner's invitations, and every relationship it has or had with customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, false, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from openpartner.customers.models import Customer
from openpartner.customers.queries import CustomerUnknown, name_key
from openpartner.customers.rules import Relationship
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.paging import KeyedPage, keyed_page
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.rules.invitations import InvitationState

# --- invitations


def may_see(actor: Actor) -> ColumnElement[bool]:
    """The condition under which ``actor`` may list an invitation: it sent it, or asks by it, or is the operator."""
    if actor.kind is ActorKind.SYSTEM or actor.tenant_kind is TenantKind.OPERATOR:
        return true()
    if actor.tenant_kind is not TenantKind.PARTNER:
        return false()
    return or_(ResellerInvitation.inviter_id == actor.tenant_id, ResellerInvitation.partner_id == actor.tenant_id)


class InvitationCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """Which invitations a list shows. search: a part of the address or of the name of who answered."""

    search: str = ""
    state: InvitationState | None = None
    oldest_first: bool = False


class InvitationPosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of an invitation in its list."""

    sent_at: datetime
    id: UUID


def _invitations(
    uow: UnitOfWork, criteria: InvitationCriteria, start: InvitationPosition | None, size: int, *, backwards: bool
) -> list[ResellerInvitation]:
    falling = criteria.oldest_first is backwards
    statement = select(ResellerInvitation).where(may_see(uow.actor))
    if criteria.search:
        part = criteria.search.lower()
        statement = statement.where(
            or_(
                ResellerInvitation.recipient.contains(part, autoescape=True),
                func.lower(ResellerInvitation.customer_name).contains(part, autoescape=True),
            )
        )
    if criteria.state is not None:
        statement = statement.where(ResellerInvitation.state == criteria.state)
    columns: tuple[Any, Any] = (ResellerInvitation.sent_at, ResellerInvitation.id)
    if start is not None:
        here, there = tuple_(*columns), tuple_(start.sent_at, start.id)
        statement = statement.where(here < there if falling else here > there)
    order = [column.desc() if falling else column for column in columns]
    return list(uow.db.scalars(statement.order_by(*order).limit(size)))


def page_of_reseller_invitations(
    uow: UnitOfWork,
    criteria: InvitationCriteria,
    size: int,
    *,
    after: InvitationPosition | None = None,
    before: InvitationPosition | None = None,
) -> KeyedPage[ResellerInvitation]:
    """``size`` invitations behind ``after``, or in front of ``before``, or from the beginning; the newest first."""
    return keyed_page(partial(_invitations, uow, criteria), size, after, before)


def one_reseller_invitation(uow: UnitOfWork, invitation_id: UUID, *, lock: bool = False) -> ResellerInvitation:
    """An invitation that the actor may list. Raises NotFound."""
    statement = select(ResellerInvitation).where(may_see(uow.actor), ResellerInvitation.id == invitation_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("Invitation", invitation_id)
    return found


def invitation_of_link(uow: UnitOfWork, invitation_id: UUID, *, lock: bool = False) -> ResellerInvitation | None:
    """What a link names: whoever has the link may read it."""
    statement = select(ResellerInvitation).where(ResellerInvitation.id == invitation_id)
    return uow.db.scalar(statement.with_for_update() if lock else statement)


def open_invitation_to(
    uow: UnitOfWork, partner_id: UUID, provider_id: UUID | None, addresses: Iterable[str], *, lock: bool = False
) -> ResellerInvitation | None:
    """The newest unanswered mail of a partner to one of these addresses: its plain link names none."""
    statement = (
        select(ResellerInvitation)
        .where(
            ResellerInvitation.partner_id == partner_id,
            ResellerInvitation.state == InvitationState.SENT,
            ResellerInvitation.recipient.in_(sorted({address.lower() for address in addresses if address})),
            ResellerInvitation.provider_id == provider_id
            if provider_id is not None
            else ResellerInvitation.provider_id.is_(None),
        )
        .order_by(ResellerInvitation.sent_at.desc(), ResellerInvitation.id)
        .limit(1)
    )
    return uow.db.scalar(statement.with_for_update() if lock else statement)


# --- relationships


class RelationshipState(StrEnum):
    """Whether a relationship goes on."""

    ACTIVE = "active"
    ENDED = "ended"


class ResaleOrder(StrEnum):
    """What a list of relationships is sorted by."""

    NAME = "name"
    SINCE = "since"


class ResaleCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """Which relationships a list shows. name_prefix: without case and accents."""

    name_prefix: str = ""
    state: RelationshipState | None = None
    order: ResaleOrder = ResaleOrder.NAME
    descending: bool = False


class ResalePosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of a relationship in its list: a name's key, or an instant's ISO text."""

    key: str
    commerce_id: UUID


@dataclass(frozen=True)
class ResaleRow:
    """One relationship of a partner with a customer. ended_at: None while it goes on."""

    commerce_id: UUID
    tenant_id: UUID
    partner_id: UUID
    reseller_id: UUID | None
    relationship: Relationship
    company_name: str
    name_key: str
    domain: str
    country: str
    allow_delegated_access: bool
    since_at: datetime
    ended_at: datetime | None

    def position(self, criteria: ResaleCriteria) -> ResalePosition:
        """Where the row stands in a list with these criteria."""
        by_name = criteria.order is ResaleOrder.NAME
        return ResalePosition(self.name_key if by_name else self.since_at.isoformat(), self.commerce_id)


_RESALE: tuple[InstrumentedAttribute[Any], ...] = (
    Customer.commerce_id,
    Customer.tenant_id,
    Customer.partner_id,
    Customer.reseller_id,
    Customer.relationship,
    Customer.company_name,
    Customer.name_key,
    Customer.domain,
    Customer.country,
    Customer.allow_delegated_access,
    Customer.since_at,
    Customer.ended_at,
)


def _resales(
    uow: UnitOfWork, criteria: ResaleCriteria, start: ResalePosition | None, size: int, *, backwards: bool
) -> list[ResaleRow]:
    by_name = criteria.order is ResaleOrder.NAME
    column: Any = Customer.name_key if by_name else Customer.since_at
    falling = criteria.descending is not backwards
    own = uow.actor.tenant
    conditions: list[ColumnElement[bool]] = []
    if criteria.name_prefix:
        prefix = name_key(criteria.name_prefix)
        conditions += [Customer.name_key >= prefix, Customer.name_key < prefix + "\U0010ffff"]
    if criteria.state is not None:
        is_over = Customer.relationship == Relationship.NONE
        conditions.append(is_over if criteria.state is RelationshipState.ENDED else ~is_over)
    if start is not None:
        key: Any = start.key if by_name else datetime.fromisoformat(start.key)
        here, there = tuple_(column, Customer.commerce_id), tuple_(key, start.commerce_id)
        conditions.append(here < there if falling else here > there)
    order = [column.desc(), Customer.commerce_id.desc()] if falling else [column, Customer.commerce_id]
    rows: list[ResaleRow] = []
    # One statement per index that leads to the actor's rows: each is read in order, so a page reads a page.
    for mine in (Customer.partner_id == own, Customer.reseller_id == own):
        statement: Select[Any] = select(*_RESALE).where(mine, *conditions)
        rows += [ResaleRow(*row) for row in uow.db.execute(statement.order_by(*order).limit(size))]
    rows.sort(key=lambda row: msgspec.structs.astuple(row.position(criteria)), reverse=falling)
    return rows[:size]


def page_of_resales(
    uow: UnitOfWork,
    criteria: ResaleCriteria,
    size: int,
    *,
    after: ResalePosition | None = None,
    before: ResalePosition | None = None,
) -> KeyedPage[ResaleRow]:
    """``size`` relationships behind ``after``, or in front of ``before``, or from the beginning; ended ones too."""
    return keyed_page(partial(_resales, uow, criteria), size, after, before)


def own_relationship(uow: UnitOfWork, commerce_id: UUID, *, lock: bool = False) -> Customer:
    """A customer's relationship that goes on, as the customer sees it. Raises CustomerUnknown."""
    statement = select(Customer).where(
        Customer.tenant_id == uow.actor.tenant,
        Customer.commerce_id == commerce_id,
        Customer.relationship != Relationship.NONE,
    )
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise CustomerUnknown(commerce_id)
    return found


def answers_of_customer(uow: UnitOfWork, limit: int = 50) -> Sequence[ResellerInvitation]:
    """What the actor's tenant, a customer, accepted and refused, the newest first."""
    statement = select(ResellerInvitation).where(ResellerInvitation.customer_id == uow.actor.tenant)
    order = (ResellerInvitation.answered_at.desc(), ResellerInvitation.id)
    return uow.db.scalars(statement.order_by(*order).limit(limit)).all()
