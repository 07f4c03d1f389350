"""Reads of the indirect model: a provider's resellers, a reseller's providers, and the invitations between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true, tuple_

from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.partner import queries as partners
from openpartner.partner.models import PartnerAccount, PartnerLocation, ProgramEnrolment
from openpartner.partner.rules import AccountState, PartnerKind, Program, ProgramState
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.paging import KeyedPage, keyed_page
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.partnerships import Partnership, PartnershipInvitation
from openpartner.relationships.rules.invitations import InvitationState
from openpartner.relationships.rules.partnerships import PartnershipState


def csp_kind(uow: UnitOfWork, tenant_id: UUID) -> PartnerKind | None:
    """How a partner takes part in the reseller programme; None when it does not at present."""
    account = partners.account_of(uow, tenant_id)
    if account is None or account.state in {AccountState.SUSPENDED, AccountState.DEACTIVATED}:
        return None
    enrolment = partners.enrolment(uow, tenant_id, Program.CSP)
    return enrolment.kind if enrolment is not None and enrolment.state is ProgramState.ACTIVE else None


def transacting_id(uow: UnitOfWork, tenant_id: UUID) -> str:
    """The Partner ID that a partner's sales count for: of the location its programme transacts with.

    Source: account-and-security §1, reseller of record.
    """
    found = uow.db.scalar(
        select(func.coalesce(PartnerLocation.partner_id, PartnerAccount.global_partner_id))
        .select_from(PartnerAccount)
        .outerjoin(ProgramEnrolment, _OF_CSP)
        .outerjoin(PartnerLocation, PartnerLocation.id == ProgramEnrolment.location_id)
        .where(PartnerAccount.tenant_id == tenant_id)
    )
    return found or ""


_OF_CSP = and_(ProgramEnrolment.tenant_id == PartnerAccount.tenant_id, ProgramEnrolment.program == Program.CSP)


def partnership(uow: UnitOfWork, provider_id: UUID, reseller_id: UUID, *, lock: bool = False) -> Partnership | None:
    """The row of the two, whatever became of it. For use cases, which decide who may know of it."""
    statement = select(Partnership).where(
        Partnership.provider_id == provider_id, Partnership.reseller_id == reseller_id
    )
    return uow.db.scalar(statement.with_for_update() if lock else statement)


def are_partners(uow: UnitOfWork, provider_id: UUID, reseller_id: UUID) -> bool:
    """Whether the provider may transact for the reseller now."""
    found = partnership(uow, provider_id, reseller_id)
    return found is not None and found.state is PartnershipState.ACTIVE


def has_providers(uow: UnitOfWork, reseller_id: UUID) -> bool:
    """Whether any provider acts together with the reseller now."""
    active = select(Partnership.id).where(
        Partnership.reseller_id == reseller_id, Partnership.state == PartnershipState.ACTIVE
    )
    return uow.db.scalar(active.limit(1)) is not None


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which ``actor`` may see a row of ``Partnership``: one of the two, or the operator."""
    if actor.kind is ActorKind.SYSTEM or actor.tenant_kind is TenantKind.OPERATOR:
        return true()
    if actor.tenant_kind is not TenantKind.PARTNER:
        return false()
    return or_(Partnership.provider_id == actor.tenant_id, Partnership.reseller_id == actor.tenant_id)


def partnership_with(uow: UnitOfWork, other_id: UUID, *, lock: bool = False) -> Partnership:
    """The actor's partnership with another partner, ended ones too. Raises NotFound."""
    statement = select(Partnership).where(
        is_visible(uow.actor), or_(Partnership.provider_id == other_id, Partnership.reseller_id == other_id)
    )
    found = uow.db.scalar((statement.with_for_update() if lock else statement).limit(1))
    if found is None or other_id == uow.actor.tenant_id:
        raise NotFound("A partnership with", other_id)
    return found


# --- lists


class PartnerRole(StrEnum):
    """What the listed partners are to the actor."""

    RESELLER = "reseller"
    PROVIDER = "provider"


class PartnerOrder(StrEnum):
    """What a list of partners is sorted by."""

    NAME = "name"
    SINCE = "since"


class PartnerCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of partners shows. search: a part of the name, or a whole Partner ID; without case."""

    role: PartnerRole
    search: str = ""
    state: PartnershipState | None = PartnershipState.ACTIVE
    country: str = ""
    order: PartnerOrder = PartnerOrder.NAME
    descending: bool = False


class PartnerPosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of a partner in its list; ``key`` is a name or an instant's ISO text."""

    key: str
    tenant_id: UUID


@dataclass(frozen=True)
class PartnerLine:
    """One partner of a list: the other side, as the actor may know it.

    partner_id: the Partner ID its sales count for. customers: those that the two have together.
    """

    tenant_id: UUID
    name: str
    partner_id: str
    country: str
    contact: str
    state: PartnershipState
    since_at: datetime
    ended_at: datetime | None
    customers: int

    def position(self, criteria: PartnerCriteria) -> PartnerPosition:
        """Where the line stands in a list with these criteria."""
        by_name = criteria.order is PartnerOrder.NAME
        return PartnerPosition(self.name if by_name else self.since_at.isoformat(), self.tenant_id)


def _asked(actor: Actor, criteria: PartnerCriteria) -> Select[Any]:
    """The lines without their order. The customers of the two are counted for the lines of the page only."""
    lists_resellers = criteria.role is PartnerRole.RESELLER
    own = Partnership.provider_id if lists_resellers else Partnership.reseller_id
    other = Partnership.reseller_id if lists_resellers else Partnership.provider_id
    together = (
        select(func.count())
        .select_from(Customer)
        .where(
            Customer.partner_id == Partnership.provider_id,
            Customer.reseller_id == Partnership.reseller_id,
            Customer.relationship != Relationship.NONE,
        )
        .scalar_subquery()
    )
    statement = (
        select(
            PartnerAccount.tenant_id,
            PartnerAccount.name,
            func.coalesce(PartnerLocation.partner_id, PartnerAccount.global_partner_id).label("partner_id"),
            PartnerAccount.country,
            PartnerAccount.primary_contact_email,
            Partnership.state,
            Partnership.since_at,
            Partnership.ended_at,
            together,
        )
        .join(Partnership, other == PartnerAccount.tenant_id)
        .outerjoin(ProgramEnrolment, _OF_CSP)
        .outerjoin(PartnerLocation, PartnerLocation.id == ProgramEnrolment.location_id)
        .where(own == actor.tenant)
    )
    return statement.where(*_conditions(criteria))


def _conditions(criteria: PartnerCriteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.search:
        part = func.lower(PartnerAccount.name).contains(criteria.search.lower(), autoescape=True)
        named = (PartnerAccount.global_partner_id, PartnerLocation.partner_id)
        conditions.append(or_(part, *(column == criteria.search.strip() for column in named)))
    if criteria.state is not None:
        conditions.append(Partnership.state == criteria.state)
    if criteria.country:
        conditions.append(PartnerAccount.country == criteria.country)
    return conditions


def _read(
    uow: UnitOfWork, criteria: PartnerCriteria, start: PartnerPosition | None, size: int | None, *, backwards: bool
) -> list[PartnerLine]:
    by_name = criteria.order is PartnerOrder.NAME
    column: Any = PartnerAccount.name if by_name else Partnership.since_at
    falling = criteria.descending is not backwards
    statement = _asked(uow.actor, criteria)
    if start is not None:
        key: Any = start.key if by_name else datetime.fromisoformat(start.key)
        here, there = tuple_(column, PartnerAccount.tenant_id), tuple_(key, start.tenant_id)
        statement = statement.where(here < there if falling else here > there)
    order = [column, PartnerAccount.tenant_id]
    statement = statement.order_by(*(each.desc() if falling else each for each in order))
    rows = uow.db.execute(statement if size is None else statement.limit(size))
    return [PartnerLine(*row) for row in rows]


def every_partner(uow: UnitOfWork, criteria: PartnerCriteria) -> list[PartnerLine]:
    """All lines that match, in order."""
    return _read(uow, criteria, None, None, backwards=False)


def page_of_partners(
    uow: UnitOfWork,
    criteria: PartnerCriteria,
    size: int,
    *,
    after: PartnerPosition | None = None,
    before: PartnerPosition | None = None,
) -> KeyedPage[PartnerLine]:
    """``size`` lines behind ``after``, or in front of ``before``, or from the beginning."""
    return keyed_page(partial(_read, uow, criteria), size, after, before)


def one_partner(uow: UnitOfWork, other_id: UUID) -> tuple[PartnerRole, PartnerLine]:
    """A partner of the actor's, and what it is to it. Raises NotFound."""
    found = partnership_with(uow, other_id)
    role = PartnerRole.RESELLER if found.reseller_id == other_id else PartnerRole.PROVIDER
    statement = _asked(uow.actor, PartnerCriteria(role=role, state=None)).where(PartnerAccount.tenant_id == other_id)
    return role, PartnerLine(*uow.db.execute(statement).one())


def partners_tied_to(uow: UnitOfWork, customer_id: UUID) -> list[tuple[PartnerRole, UUID]]:
    """The other partners of a customer as the actor may know of them, the oldest first.

    A provider sees its resellers, a reseller its providers. Raises CustomerUnknown, RelationshipNeeded.
    """
    customers.one_customer(uow, customer_id)
    return [
        (PartnerRole.RESELLER, customer.reseller_id)
        if customer.partner_id == uow.actor.tenant_id
        else (PartnerRole.PROVIDER, customer.partner_id)
        for customer in customers.relationships_of(uow, customer_id)
        if customer.reseller_id is not None
    ]


# --- invitations

_OPEN_FIRST = case((PartnershipInvitation.state == InvitationState.SENT, 0), else_=1)


def partnership_invitations(
    uow: UnitOfWork, *, state: InvitationState | None = None, search: str = "", limit: int = 200
) -> Sequence[PartnershipInvitation]:
    """The invitations that the actor's tenant sent, the open ones first, then the newest."""
    statement = select(PartnershipInvitation).where(PartnershipInvitation.provider_id == uow.actor.tenant)
    if state is not None:
        statement = statement.where(PartnershipInvitation.state == state)
    if search:
        statement = statement.where(PartnershipInvitation.recipient.contains(search.lower(), autoescape=True))
    order = (_OPEN_FIRST, PartnershipInvitation.sent_at.desc(), PartnershipInvitation.id)
    return uow.db.scalars(statement.order_by(*order).limit(limit)).all()


def invitation_to_partner(uow: UnitOfWork, invitation_id: UUID, *, lock: bool = False) -> PartnershipInvitation:
    """The invitation behind a link: whoever has the link may read it. Raises NotFound."""
    statement = select(PartnershipInvitation).where(PartnershipInvitation.id == invitation_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("Invitation", invitation_id)
    return found
