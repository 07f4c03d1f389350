"""Reads of the event log as an activity log: newest first, by place, always from what the actor may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Uuid, and_, column, func, or_, select, table

from openpartner.audit import rules
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.events import LogEntry
from openpartner.platform.http.filters import EQUALITY, TEXT, Comparison, Filter, Operator
from openpartner.platform.permissions import ACTIVITY_LOG, CUSTOMER_ACTIVITY_LOG, OPERATOR_ACTIVITY_LOG, Permission
from openpartner.platform.record_ids import audit_record_id, place_of
from openpartner.platform.work import UnitOfWork

FIELDS = {
    "CompanyName": TEXT - {Operator.NOT_STARTS_WITH},
    "CustomerId": EQUALITY - {Operator.NOT_EQUALS},
    "ResourceType": EQUALITY - {Operator.NOT_EQUALS},
}
"""What the list can be filtered by. Source: partner-center-conventions §10."""

# Only ids are in the log. A company's name is its directory's; this slice imports no other, so the table is named.
_tenant = table("tenant", column("id", Uuid()), column("name"), column("kind"))


@dataclass(frozen=True)
class Entry:
    """One fact, as it was written, with the present name of the customer concerned."""

    seq: int
    id: UUID
    at: datetime
    kind: str
    partner_id: UUID | None
    customer_id: UUID | None
    customer_name: str | None
    resource_type: str
    resource_id: str
    operation_type: str
    actor_name: str
    actor_tenant_id: UUID | None
    body: str

    @cached_property
    def content(self) -> dict[str, Any]:
        """The members that the chain's hash covers."""
        content: dict[str, Any] = msgspec.json.decode(self.body)
        return content

    @property
    def record_id(self) -> str:
        """The audit record's id."""
        return audit_record_id(
            partner_id=self.partner_id,
            customer_id=self.customer_id,
            resource_id=self.resource_id,
            operation=self.operation_type,
            at=self.at,
            seq=self.seq,
        )


@dataclass(frozen=True)
class Question:
    """Which entries. words: a part of the customer's or the user's name. before: only places below it.

    acted: whose people or applications; ``NOBODYS`` for the software itself.
    """

    start_at: datetime
    end_at: datetime
    filter: Filter | None = None
    words: str = ""
    operation_type: str = ""
    acted: UUID | None = None
    before: int | None = None


NOBODYS = UUID(int=0)

_PERMISSIONS = {TenantKind.OPERATOR: OPERATOR_ACTIVITY_LOG.read, TenantKind.CUSTOMER: CUSTOMER_ACTIVITY_LOG.read}


def permission_of(actor: Actor) -> Permission:
    """What opens the activity log for this side."""
    return _PERMISSIONS.get(actor.tenant_kind or TenantKind.PARTNER, ACTIVITY_LOG.read)


def _visible_to(actor: Actor) -> Select[Any]:
    """A partner sees its own log, the operator the whole installation's, a customer what was done in its tenant.

    Raises RoleNeeded.
    """
    actor.require(permission_of(actor))
    statement = select(
        LogEntry.seq,
        LogEntry.id,
        LogEntry.at,
        LogEntry.kind,
        LogEntry.partner_id,
        LogEntry.customer_id,
        _tenant.c.name.label("customer_name"),
        LogEntry.resource_type,
        LogEntry.resource_id,
        LogEntry.operation_type,
        LogEntry.actor_name,
        LogEntry.actor_tenant_id,
        LogEntry.body,
    ).outerjoin(_tenant, _tenant.c.id == LogEntry.customer_id)
    if actor.tenant_kind is TenantKind.OPERATOR:
        return statement
    if actor.tenant_kind is TenantKind.CUSTOMER:
        shown = LogEntry.resource_type.in_(sorted(rules.SHOWN_TO_CUSTOMERS))
        return statement.where(LogEntry.customer_id == actor.tenant, shown)
    return statement.where(LogEntry.partner_id == actor.tenant)


def entries(uow: UnitOfWork, question: Question, limit: int) -> list[Entry]:
    """At most ``limit`` entries, newest first."""
    return [_entry(row) for row in uow.db.execute(_asked(uow.actor, question).limit(limit))]


def all_entries(uow: UnitOfWork, question: Question) -> Iterator[Entry]:
    """Every entry, newest first, a thousand in memory at a time: for exports."""
    rows = uow.db.execute(_asked(uow.actor, question).execution_options(yield_per=1_000))
    return (_entry(row) for row in rows)


def one_entry(uow: UnitOfWork, record_id: str) -> Entry:
    """The entry that an audit record's id names. Raises NotFound, also for another partner's."""
    row = uow.db.execute(_visible_to(uow.actor).where(LogEntry.seq == place_of(record_id))).one_or_none()
    entry = None if row is None else _entry(row)
    if entry is None or entry.record_id != record_id.lower():
        raise NotFound("Audit record", record_id)
    return entry


def operations_seen(uow: UnitOfWork, *, acted: UUID | None = None) -> list[str]:
    """The operations that the actor's log holds, in alphabetical order: what the page's filter offers.

    acted: only those of this tenant's people and applications.
    """
    seen = _visible_to(uow.actor).with_only_columns(LogEntry.operation_type).distinct()
    if acted is not None:
        seen = seen.where(LogEntry.actor_tenant_id == acted)
    return list(uow.db.scalars(seen.order_by(LogEntry.operation_type)))


@dataclass(frozen=True)
class Company:
    """Whose people or applications have acted."""

    name: str
    kind: TenantKind


def companies_seen(uow: UnitOfWork) -> dict[UUID, Company]:
    """Who has acted in the actor's log, by tenant, in order of names."""
    seen = _visible_to(uow.actor).with_only_columns(LogEntry.actor_tenant_id).distinct().subquery()
    rows = uow.db.execute(
        select(_tenant.c.id, _tenant.c.name, _tenant.c.kind)
        .join(seen, seen.c.actor_tenant_id == _tenant.c.id)
        .order_by(_tenant.c.name, _tenant.c.id)
    )
    return {row.id: Company(row.name, TenantKind(row.kind)) for row in rows}


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._asdict())


def _asked(actor: Actor, question: Question) -> Select[Any]:
    statement = _visible_to(actor).where(LogEntry.at >= question.start_at, LogEntry.at <= question.end_at)
    if question.before is not None:
        statement = statement.where(LogEntry.seq < question.before)
    if question.filter is not None:
        statement = statement.where(_condition(question.filter))
    if question.operation_type:
        statement = statement.where(LogEntry.operation_type == question.operation_type)
    if question.acted is not None:
        acted = LogEntry.actor_tenant_id
        statement = statement.where(acted.is_(None) if question.acted == NOBODYS else acted == question.acted)
    if question.words:
        user = func.lower(LogEntry.actor_name).contains(question.words.lower(), autoescape=True)
        statement = statement.where(or_(user, _named(Operator.SUBSTRING, question.words)))
    return statement.order_by(LogEntry.seq.desc())


def _condition(tree: Filter) -> ColumnElement[bool]:
    if isinstance(tree, Comparison):
        return _comparison(tree)
    both = and_ if tree.operator is Operator.AND else or_
    return both(_condition(tree.left), _condition(tree.right))


def _comparison(comparison: Comparison) -> ColumnElement[bool]:
    text = "" if comparison.value is None else str(comparison.value)
    if comparison.field == "CompanyName":
        return _named(comparison.operator, text)
    if comparison.field == "CustomerId":
        return LogEntry.customer_id == _guid(text)
    word = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in text).lstrip("_")
    if word == rules.UNDEFINED:
        return LogEntry.resource_type.not_in(sorted(rules.RESOURCE_TYPES))
    return LogEntry.resource_type.in_({word, text.lower()})


def _named(operator: Operator, text: str) -> ColumnElement[bool]:
    name = func.lower(_tenant.c.name)
    if operator is Operator.STARTS_WITH:
        return name.startswith(text.lower(), autoescape=True)
    return name.contains(text.lower(), autoescape=True)


def _guid(text: str) -> UUID:
    """The id, or one that nothing has: a filter by no id finds nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
