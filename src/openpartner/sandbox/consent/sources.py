"""Where requests for consent are kept in the world: relationships, and invitations of customers and of resellers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from openpartner.identity.models import Domain, Tenant, User
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.partnerships import PartnershipInvitation
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.rules.granular import PENDING_FOR, Status
from openpartner.relationships.rules.invitations import InvitationState
from openpartner.relationships.rules.reselling import ResellerLink
from openpartner.sandbox.consent.models import ConsentDecision
from openpartner.sandbox.consent.rules import Matter, Request

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
Rows = Sequence[AnyRow]


@dataclass(frozen=True)
class Subject:
    """Something that waits for consent, or was consented to and runs.

    title: the relationship's name or the mail's subject. asker_id: who asks. provider_id: who stands behind a reseller.
    decider_id: whose administrator decides, where the request names it or its mail went to somebody who is known.
    until_at: when it lapses by itself. rank: of its source, by which lists are ordered. link: a partner's plain one, of
    which nothing is kept.
    """

    matter: Matter
    id: str
    title: str
    asker_id: UUID
    asker_name: str
    provider_id: UUID | None
    provider_name: str
    decider_id: UUID | None
    decider_name: str
    recipient: str
    since_at: datetime
    rank: int
    until_at: datetime | None = None
    decision: ConsentDecision | None = None
    link: ResellerLink | None = None

    @property
    def request(self) -> Request:
        """What policies look at."""
        partners = frozenset(key for key in (self.asker_id, self.provider_id) if key is not None)
        return Request(self.matter, partners, self.decider_id)


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """Which subjects a list shows. text: a part of a name or an address. partner_id: asks. decider_id: decides."""

    matter: Matter | None = None
    text: str = ""
    partner_id: UUID | None = None
    decider_id: UUID | None = None


@dataclass(frozen=True)
class Source:
    """One table of requests.

    statement: selects what ``subjects`` reads. partners: columns of who asks. decides: that a tenant decides.
    texts: what a search looks at. narrow: that a row is of this matter. read_key: a subject's id as the key, None for a
    text that is none.
    """

    rank: int
    matters: frozenset[Matter]
    statement: AnySelect
    since: Any
    key: Any
    read_key: Callable[[str], Any]
    partners: Sequence[Any]
    decides: Callable[[UnitOfWork, UUID], ColumnElement[bool]]
    texts: Sequence[Any]
    narrow: Callable[[Matter], ColumnElement[bool]]
    subjects: Callable[[UnitOfWork, Rows], list[Subject]]

    def select(self, uow: UnitOfWork, criteria: Criteria) -> AnySelect:
        """The rows that the criteria let through."""
        found = self.statement
        if criteria.matter is not None:
            found = found.where(self.narrow(criteria.matter))
        if criteria.text:
            found = found.where(or_(*(column.icontains(criteria.text, autoescape=True) for column in self.texts)))
        if criteria.partner_id is not None:
            found = found.where(or_(*(column == criteria.partner_id for column in self.partners)))
        if criteria.decider_id is not None:
            found = found.where(self.decides(uow, criteria.decider_id))
        return found


Asker, Provider = aliased(Tenant), aliased(Tenant)


def always(_matter: Matter) -> ColumnElement[bool]:
    """A source of one matter has nothing to narrow."""
    return true()


def _text_key(text: str) -> str:
    return text


def guid_key(text: str) -> UUID | None:
    """A subject's id as a GUID; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


# Whom a mail went to


def _went_to(column: Any) -> Callable[[UnitOfWork, UUID], ColumnElement[bool]]:
    """That an address is of somebody of a tenant, or at one of its domains."""

    def condition(uow: UnitOfWork, tenant_id: UUID) -> ColumnElement[bool]:
        live = (User.tenant_id == tenant_id, User.deleted_at.is_(None))
        domains = uow.db.scalars(select(Domain.name).where(Domain.tenant_id == tenant_id, Domain.is_verified.is_(True)))
        return or_(
            column.in_(select(User.upn_key).where(*live)),
            column.in_(select(func.lower(User.mail)).where(*live, User.mail != "")),
            *(column.endswith(f"@{name}", autoescape=True) for name in domains),
        )

    return condition


def tenants_of_addresses(uow: UnitOfWork, addresses: Collection[str], kind: TenantKind) -> Mapping[str, Tenant]:
    """Whose people these mail addresses reach: a user's by name or address, else by the domain."""
    wanted = {address.lower() for address in addresses if address}
    if not wanted:
        return {}
    found: dict[str, Tenant] = {}
    domains = {address: address.rpartition("@")[2] for address in wanted}
    by_domain = {
        row[0]: row[1]
        for row in uow.db.execute(
            select(Domain.name, Tenant)
            .join(Tenant, Tenant.id == Domain.tenant_id)
            .where(Domain.name.in_(set(domains.values())), Domain.is_verified.is_(True), Tenant.kind == kind)
        )
    }
    found |= {address: by_domain[name] for address, name in domains.items() if name in by_domain}
    live = and_(Tenant.kind == kind, User.deleted_at.is_(None))
    for column in (func.lower(User.mail), User.upn_key):
        people = select(column, Tenant).join(Tenant, Tenant.id == User.tenant_id).where(live, column.in_(wanted))
        found |= {row[0]: row[1] for row in uow.db.execute(people.order_by(User.id))}
    return found


# Admin relationships


def _of_granular(rank: int) -> Callable[[UnitOfWork, Rows], list[Subject]]:
    def subjects(_uow: UnitOfWork, rows: Rows) -> list[Subject]:
        return [_granular(row, rank) for row in rows]

    return subjects


def _granular(row: AnyRow, rank: int) -> Subject:
    relationship: AdminRelationship = row[0]
    waits = relationship.status is Status.APPROVAL_PENDING
    in_review = waits and relationship.is_partner_consent_pending
    is_resellers = relationship.indirect_provider_id is not None
    return Subject(
        matter=Matter.REVIEW if in_review else Matter.GRANULAR,
        id=relationship.id,
        title=relationship.display_name,
        asker_id=relationship.partner_id,
        asker_name=row[1],
        provider_id=relationship.indirect_provider_id,
        provider_name=row[2] if is_resellers else "",
        decider_id=relationship.partner_id if in_review else relationship.customer_id,
        decider_name=row[1] if in_review else relationship.customer_name,
        recipient="",
        since_at=relationship.locked_at or relationship.created_at,
        rank=rank,
        until_at=relationship.locked_at + PENDING_FOR if waits and relationship.locked_at else relationship.end_at,
    )


_row = AdminRelationship
_GRANULAR = (
    select(_row, Asker.name, Provider.name)
    .join(Asker, Asker.id == _row.partner_id)
    .outerjoin(Provider, Provider.id == _row.indirect_provider_id)
)


def _granular_decides(_uow: UnitOfWork, tenant_id: UUID) -> ColumnElement[bool]:
    in_review = and_(_row.is_partner_consent_pending.is_(True), _row.partner_id == tenant_id)
    return or_(in_review, and_(_row.is_partner_consent_pending.is_(False), _row.customer_id == tenant_id))


def _granular_narrow(matter: Matter) -> ColumnElement[bool]:
    return _row.is_partner_consent_pending.is_(matter is Matter.REVIEW)


def granular_source(rank: int, matters: frozenset[Matter], status: Status) -> Source:
    """Admin relationships in one state."""
    return Source(
        rank=rank,
        matters=matters,
        statement=_GRANULAR.where(_row.status == status),
        since=func.coalesce(_row.locked_at, _row.created_at, type_=_row.created_at.type),
        key=_row.id,
        read_key=_text_key,
        partners=(_row.partner_id, _row.indirect_provider_id),
        decides=_granular_decides,
        texts=(_row.display_name, _row.customer_name, Asker.name),
        narrow=_granular_narrow,
        subjects=_of_granular(rank),
    )


# Invitations of customers into a reseller relationship


def _of_resellers(uow: UnitOfWork, rows: Rows) -> list[Subject]:
    reached = tenants_of_addresses(uow, [row[0].recipient for row in rows], TenantKind.CUSTOMER)
    return [_invited(row, reached.get(row[0].recipient)) for row in rows]


def _invited(row: AnyRow, customer: Tenant | None) -> Subject:
    invitation: ResellerInvitation = row[0]
    return Subject(
        matter=Matter.RESELLER if invitation.provider_id is None else Matter.COMBINED,
        id=str(invitation.id),
        title=invitation.subject,
        asker_id=invitation.partner_id,
        asker_name=row[1],
        provider_id=invitation.provider_id,
        provider_name=row[2] or "",
        decider_id=None if customer is None else customer.id,
        decider_name="" if customer is None else customer.name,
        recipient=invitation.recipient,
        since_at=invitation.sent_at,
        rank=1,
    )


def _reseller_narrow(matter: Matter) -> ColumnElement[bool]:
    alone = ResellerInvitation.provider_id.is_(None)
    return alone if matter is Matter.RESELLER else ~alone


_RESELLERS = Source(
    rank=1,
    matters=frozenset({Matter.RESELLER, Matter.COMBINED}),
    statement=select(ResellerInvitation, Asker.name, Provider.name)
    .join(Asker, Asker.id == ResellerInvitation.partner_id)
    .outerjoin(Provider, Provider.id == ResellerInvitation.provider_id)
    .where(ResellerInvitation.state == InvitationState.SENT),
    since=ResellerInvitation.sent_at,
    key=ResellerInvitation.id,
    read_key=guid_key,
    partners=(ResellerInvitation.partner_id, ResellerInvitation.provider_id),
    decides=_went_to(ResellerInvitation.recipient),
    texts=(ResellerInvitation.subject, ResellerInvitation.recipient, Asker.name),
    narrow=_reseller_narrow,
    subjects=_of_resellers,
)


# Invitations of resellers into a partnership


def _of_partnerships(uow: UnitOfWork, rows: Rows) -> list[Subject]:
    reached = tenants_of_addresses(uow, [row[0].recipient for row in rows], TenantKind.PARTNER)
    found = []
    for row in rows:
        invitation: PartnershipInvitation = row[0]
        reseller = reached.get(invitation.recipient)
        found.append(
            Subject(
                matter=Matter.PARTNERSHIP,
                id=str(invitation.id),
                title=invitation.subject,
                asker_id=invitation.provider_id,
                asker_name=row[1],
                provider_id=None,
                provider_name="",
                decider_id=None if reseller is None else reseller.id,
                decider_name="" if reseller is None else reseller.name,
                recipient=invitation.recipient,
                since_at=invitation.sent_at,
                rank=2,
            )
        )
    return found


_PARTNERSHIPS = Source(
    rank=2,
    matters=frozenset({Matter.PARTNERSHIP}),
    statement=select(PartnershipInvitation, Asker.name)
    .join(Asker, Asker.id == PartnershipInvitation.provider_id)
    .where(PartnershipInvitation.state == InvitationState.SENT),
    since=PartnershipInvitation.sent_at,
    key=PartnershipInvitation.id,
    read_key=guid_key,
    partners=(PartnershipInvitation.provider_id,),
    decides=_went_to(PartnershipInvitation.recipient),
    texts=(PartnershipInvitation.subject, PartnershipInvitation.recipient, Asker.name),
    narrow=always,
    subjects=_of_partnerships,
)

WAITING: tuple[Source, ...] = (
    granular_source(0, frozenset({Matter.GRANULAR, Matter.REVIEW}), Status.APPROVAL_PENDING),
    _RESELLERS,
    _PARTNERSHIPS,
)
"""What waits for somebody's consent."""
