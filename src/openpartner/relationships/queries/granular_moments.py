"""Which relationships of a partner have something to tell of: read by index, for the bell of every page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Uuid, and_, bindparam, or_, select, union_all

from openpartner.platform.db import UtcDateTime
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries.granular import own_to, require_reading
from openpartner.relationships.rules.granular import EXTENSION, LAST_DAY, REMINDERS, Status
from openpartner.relationships.rules.granular_moments import TOLD_FOR, Moment, Standing, moment_of
from openpartner.relationships.rules.granular_terms import EXTENDS, extends

MOST = 25
"""How many of each kind are read; who has more sees that there are more."""

_COLUMNS = (
    AdminRelationship.id,
    AdminRelationship.partner_id,
    AdminRelationship.display_name,
    AdminRelationship.customer_name,
    AdminRelationship.status,
    AdminRelationship.status_at,
    AdminRelationship.end_at,
    AdminRelationship.duration_days,
    AdminRelationship.auto_extend_duration,
    AdminRelationship.is_partner_consent_pending,
)


@dataclass(frozen=True)
class Told:
    """A relationship and the moment it stands at. is_own: the partner's own groups get the access."""

    id: str
    display_name: str
    customer_name: str
    moment: Moment
    status_at: datetime
    end_at: datetime | None
    is_own: bool


def moments(uow: UnitOfWork) -> list[Told]:
    """What the actor's partner is to be told of now, each relationship once. Raises RoleNeeded."""
    require_reading(uow.actor)
    partner_id, now = uow.actor.tenant, uow.now
    latest = now + EXTENSION + LAST_DAY
    given = {
        "partner": partner_id,
        "since": now - TOLD_FOR,
        **{f"in_{days.days}": now + days for days in REMINDERS},
        "extended_from": latest - TOLD_FOR,
        "extended_until": latest,
    }
    found = {}
    for row in uow.db.execute(_STATEMENT, given):
        standing = Standing(
            row.status,
            row.status_at,
            row.end_at,
            row.duration_days,
            extends(row.auto_extend_duration),
            row.is_partner_consent_pending,
        )
        moment = moment_of(standing, now)
        if moment is not None:
            own = row.partner_id == partner_id
            found[row.id] = Told(row.id, row.display_name, row.customer_name, moment, row.status_at, row.end_at, own)
    return sorted(found.values(), key=lambda told: (told.end_at or told.status_at, told.id))


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


def _conditions() -> Iterator[ColumnElement[bool]]:
    """One a moment, each a range of an index; together they let through whatever ``moment_of`` may tell of."""
    row = AdminRelationship
    is_new = row.status_at > _instant("since")
    is_active, is_kept = row.status == Status.ACTIVE, row.auto_extend_duration == EXTENDS
    for is_pending in (row.is_partner_consent_pending, ~row.is_partner_consent_pending):
        yield and_(row.status == Status.APPROVAL_PENDING, is_pending)
    for status in (Status.APPROVED, Status.ACTIVATING, Status.EXPIRED, Status.TERMINATED):
        yield and_(row.status == status, is_new)
    yield and_(is_active, is_new, or_(is_kept, row.end_at > _instant("in_30")))
    yield and_(is_active, ~is_kept, row.end_at <= _instant("in_1"))
    for first, last in (("in_1", "in_7"), ("in_7", "in_30")):
        yield and_(is_active, ~is_kept, row.end_at > _instant(first), row.end_at <= _instant(last))
    yield and_(is_active, row.end_at > _instant("extended_from"), row.end_at <= _instant("extended_until"))


def _statement() -> CompoundSelect[tuple[Any, ...]]:
    partner: BindParameter[UUID] = bindparam("partner", type_=Uuid())
    sides = (own_to(partner), AdminRelationship.indirect_provider_id == partner)
    parts = [
        select(*_COLUMNS).where(side, condition).limit(MOST + 1).subquery().select()
        for side in sides
        for condition in _conditions()
    ]
    return union_all(*parts)


_STATEMENT = _statement()
"""Built once: to build it takes longer than to run it, and every page asks."""
