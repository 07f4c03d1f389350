"""Lists over many granular relationships: plain rows, paged by key, counted by index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute

from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.db import UtcDateTime
from openpartner.platform.paging import KeyedPage, keyed_page
from openpartner.platform.search.text import fold
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.queries.granular import is_visible, own_to, require_reading, roles_of_many
from openpartner.relationships.rules.granular import Kind, Status
from openpartner.relationships.rules.granular_terms import EXTENDS, extends, name_key

_LAST = "\U0010ffff"
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Order(StrEnum):
    """What a list of relationships is sorted by."""

    NAME = "name"
    CUSTOMER = "customer"
    CREATED = "created"
    END = "end"


class Criteria(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Which relationships a list shows, and in which order. A continuation token carries it.

    name_prefix, customer_prefix: compared without case. text: a prefix of either. role: template id.
    ends_from, ends_until: the end lies from the first instant on and up to the second.
    """

    statuses: tuple[Status, ...] = ()
    customer_id: UUID | None = None
    name_prefix: str = ""
    customer_prefix: str = ""
    text: str = ""
    ends_from: datetime | None = None
    ends_until: datetime | None = None
    role: UUID | None = None
    auto_extend: bool | None = None
    kind: Kind | None = None
    order: Order = Order.NAME
    descending: bool = False


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The key of a row in its list; an instant is written as ISO 8601."""

    key: str
    id: str


@dataclass(frozen=True)
class RelationshipRow:
    """One line of a list."""

    id: str
    kind: Kind
    partner_id: UUID
    indirect_provider_id: UUID | None
    is_partner_consent_pending: bool
    customer_id: UUID | None
    customer_name: str
    customer_key: str
    display_name: str
    name_key: str
    duration: str
    auto_extend_duration: str
    is_default: bool
    status: Status
    approved_by: str
    created_at: datetime
    locked_at: datetime | None
    approved_at: datetime | None
    activated_at: datetime | None
    end_at: datetime | None
    modified_at: datetime
    version: int
    roles: tuple[UUID, ...] = ()

    @property
    def extends(self) -> bool:
        """Whether it is extended automatically."""
        return extends(self.auto_extend_duration)

    def position(self, criteria: Criteria) -> Position:
        """Where the row stands in a list with these criteria."""
        key = {
            Order.NAME: self.name_key,
            Order.CUSTOMER: self.customer_key,
            Order.CREATED: self.created_at.isoformat(),
            Order.END: (self.end_at or _NEVER).isoformat(),
        }
        return Position(key[criteria.order], self.id)


_NAMES = tuple(name for name in RelationshipRow.__dataclass_fields__ if name != "roles")
COLUMNS: tuple[InstrumentedAttribute[Any], ...] = tuple(getattr(AdminRelationship, name) for name in _NAMES)
"""What a list reads of each relationship, in the order of ``RelationshipRow``."""

_ALWAYS_ENDS = frozenset({Status.ACTIVE, Status.EXPIRING, Status.EXPIRED})


def _prefix(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    return and_(column >= prefix, column < prefix + _LAST)


def conditions_of(criteria: Criteria) -> list[ColumnElement[bool]]:
    """The criteria as conditions on ``AdminRelationship``; what the actor may see is another matter."""
    row, wanted = AdminRelationship, criteria
    conditions = _names(criteria)
    if wanted.statuses:
        # One state alone keeps an index in the order of the list.
        only = row.status == wanted.statuses[0]
        conditions.append(only if len(wanted.statuses) == 1 else row.status.in_(wanted.statuses))
    if wanted.customer_id is not None:
        conditions.append(row.customer_id == wanted.customer_id)
    if wanted.ends_from is not None:
        conditions.append(row.end_at >= wanted.ends_from)
    if wanted.ends_until is not None:
        conditions.append(row.end_at <= wanted.ends_until)
    if wanted.kind is not None:
        conditions.append(row.kind == wanted.kind)
    if wanted.auto_extend is not None:
        on = row.auto_extend_duration == EXTENDS
        conditions.append(on if wanted.auto_extend else ~on)
    if wanted.role is not None:
        held = (AdminRelationshipRole.relationship_id == row.id, AdminRelationshipRole.role_template_id == wanted.role)
        conditions.append(exists().where(*held))
    return conditions


def _names(criteria: Criteria) -> list[ColumnElement[bool]]:
    row = AdminRelationship
    conditions: list[ColumnElement[bool]] = []
    if criteria.name_prefix:
        conditions.append(_prefix(row.name_key, name_key(criteria.name_prefix)))
    if criteria.customer_prefix:
        conditions.append(_prefix(row.customer_key, fold(criteria.customer_prefix)))
    if criteria.text.strip():
        text = criteria.text.strip()
        conditions.append(or_(_prefix(row.name_key, name_key(text)), _prefix(row.customer_key, fold(text))))
    return conditions


def _branches(actor: Actor) -> list[Select[Any]]:
    """One statement per index that leads to what the actor sees: each is read in order, so a page reads a page."""
    listed = select(*COLUMNS)
    if actor.tenant_kind is not TenantKind.PARTNER or actor.tenant_id is None:
        return [listed.where(is_visible(actor))]
    return [
        listed.where(own_to(actor.tenant_id)),
        listed.where(AdminRelationship.indirect_provider_id == actor.tenant_id),
    ]


def _sort_column(criteria: Criteria) -> Any:
    row = AdminRelationship
    if criteria.order is Order.END:
        ends = criteria.ends_from is not None or criteria.ends_until is not None
        if ends or (criteria.statuses and _ALWAYS_ENDS.issuperset(criteria.statuses)):
            return row.end_at
        return func.coalesce(row.end_at, literal(_NEVER, UtcDateTime()), type_=UtcDateTime())
    return {Order.NAME: row.name_key, Order.CUSTOMER: row.customer_key, Order.CREATED: row.created_at}[criteria.order]


def _read(
    uow: UnitOfWork,
    criteria: Criteria,
    start: Position | None,
    size: int,
    *,
    backwards: bool,
    inclusive: bool = False,
) -> list[RelationshipRow]:
    """Up to ``size`` rows from ``start`` on, in the list's order or against it, without their roles."""
    column = _sort_column(criteria)
    falling = criteria.descending is not backwards
    conditions = conditions_of(criteria)
    if start is not None:
        is_instant = criteria.order in {Order.CREATED, Order.END}
        key: Any = literal(datetime.fromisoformat(start.key), UtcDateTime()) if is_instant else start.key
        here, there = tuple_(column, AdminRelationship.id), tuple_(key, start.id)
        if inclusive:
            conditions.append(here <= there if falling else here >= there)
        else:
            conditions.append(here < there if falling else here > there)
    order = [column.desc(), AdminRelationship.id.desc()] if falling else [column, AdminRelationship.id]
    pages = [
        branch.where(*conditions).order_by(*order).limit(size).subquery().select() for branch in _branches(uow.actor)
    ]
    rows = [RelationshipRow(*row) for row in uow.db.execute(union_all(*pages) if len(pages) > 1 else pages[0])]
    rows.sort(key=lambda row: msgspec.structs.astuple(row.position(criteria)), reverse=falling)
    return rows[:size]


def _with_roles(uow: UnitOfWork, rows: Sequence[RelationshipRow]) -> list[RelationshipRow]:
    roles = roles_of_many(uow, [row.id for row in rows])
    return [replace(row, roles=tuple(roles.get(row.id, ()))) for row in rows]


def page_of_relationships(
    uow: UnitOfWork, criteria: Criteria, size: int, *, after: Position | None = None, before: Position | None = None
) -> KeyedPage[RelationshipRow]:
    """``size`` rows behind ``after``, or in front of ``before``, or from the beginning, each with its roles."""
    require_reading(uow.actor)
    read = partial(_read, uow, criteria)
    page = keyed_page(read, size, after, before, is_there=lambda at: bool(read(at, 1, backwards=False, inclusive=True)))
    return page.showing(partial(_with_roles, uow))


def count_relationships(uow: UnitOfWork, criteria: Criteria) -> int:
    """How many relationships the criteria let through."""
    require_reading(uow.actor)
    statement = select(func.count()).select_from(AdminRelationship).where(is_visible(uow.actor))
    return uow.db.scalar(statement.where(*conditions_of(criteria))) or 0


def counts_by_status(uow: UnitOfWork) -> dict[Status, int]:
    """How many relationships the actor sees in each state; states without any are left out."""
    require_reading(uow.actor)
    statement = (
        select(AdminRelationship.status, func.count()).where(is_visible(uow.actor)).group_by(AdminRelationship.status)
    )
    return dict(sorted((status, count) for status, count in uow.db.execute(statement)))


@dataclass(frozen=True)
class ExpiryCounts:
    """Active relationships by the days that are left, without those that extend automatically; and the ended ones."""

    in_1_day: int
    in_7_days: int
    in_30_days: int
    later: int
    extending: int
    expired: int


def expiry_counts(uow: UnitOfWork) -> ExpiryCounts:
    """The tiles of granular administration: each relationship counts once. Source: portal-workspaces §2.4."""
    require_reading(uow.actor)
    row, now = AdminRelationship, uow.now
    kept = and_(row.status == Status.ACTIVE, row.auto_extend_duration != EXTENDS)

    def count(condition: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    def between(first: int | None, last: int | None) -> ColumnElement[bool]:
        bounds = [kept]
        if first is not None:
            bounds.append(row.end_at > now + timedelta(days=first))
        if last is not None:
            bounds.append(row.end_at <= now + timedelta(days=last))
        return and_(*bounds)

    found = uow.db.execute(
        select(
            count(between(None, 1)),
            count(between(1, 7)),
            count(between(7, 30)),
            count(between(30, None)),
            count(and_(row.status == Status.ACTIVE, row.auto_extend_duration == EXTENDS)),
            count(row.status == Status.EXPIRED),
        ).where(is_visible(uow.actor), row.status.in_([Status.ACTIVE, Status.EXPIRED]))
    ).one()
    return ExpiryCounts(*(int(value) for value in found))
