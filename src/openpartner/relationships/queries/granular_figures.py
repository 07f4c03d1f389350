"""Figures about the granular relationships a partner sees, each one statement over its indexes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import GDAP_ANALYTICS
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.queries.granular import is_visible
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.rules.granular_terms import EXTENDS

AHEAD = timedelta(days=60)
"""How far the figure of what ends soon looks. Source: gdap §10."""
WEEKS = 12
MOST_ROLES = 10


@dataclass(frozen=True)
class Figures:
    """customers: those the partner resells to. customers_with_access: those with an active relationship."""

    customers: int
    customers_with_access: int
    relationships: int
    active: int
    pending: int
    ending_soon: int
    with_global_administrator: int


def figures(uow: UnitOfWork) -> Figures:
    """The numbers at the top of the page."""
    uow.actor.require(GDAP_ANALYTICS.read)
    row, seen = AdminRelationship, is_visible(uow.actor)
    active = row.status == Status.ACTIVE
    counted = uow.db.execute(
        select(
            func.count(),
            func.count().filter(active),
            func.count().filter(row.status == Status.APPROVAL_PENDING),
            func.count().filter(active, row.auto_extend_duration != EXTENDS, row.end_at <= uow.now + AHEAD),
            func.count(row.customer_id.distinct()).filter(active),
        ).where(seen)
    ).one()
    with_global = (
        select(func.count())
        .select_from(row)
        .join(AdminRelationshipRole, AdminRelationshipRole.relationship_id == row.id)
    )
    return Figures(
        customers=_customers(uow),
        customers_with_access=int(counted[4]),
        relationships=int(counted[0]),
        active=int(counted[1]),
        pending=int(counted[2]),
        ending_soon=int(counted[3]),
        with_global_administrator=uow.db.scalar(
            with_global.where(seen, active, AdminRelationshipRole.role_template_id == GLOBAL_ADMINISTRATOR)
        )
        or 0,
    )


def _customers(uow: UnitOfWork) -> int:
    mine = (Customer.partner_id == uow.actor.tenant) | (Customer.reseller_id == uow.actor.tenant)
    statement = select(func.count()).select_from(Customer).where(mine, Customer.relationship == Relationship.RESELLER)
    return uow.db.scalar(statement) or 0


def top_roles(uow: UnitOfWork) -> list[tuple[UUID, int]]:
    """The roles granted most often in active relationships, the most frequent first."""
    uow.actor.require(GDAP_ANALYTICS.read)
    role, count = AdminRelationshipRole.role_template_id, func.count()
    rows = uow.db.execute(
        select(role, count)
        .join(AdminRelationship, AdminRelationship.id == AdminRelationshipRole.relationship_id)
        .where(is_visible(uow.actor), AdminRelationship.status == Status.ACTIVE)
        .group_by(role)
        .order_by(count.desc(), role)
        .limit(MOST_ROLES)
    )
    return [(template, int(found)) for template, found in rows]


def ends_by_week(uow: UnitOfWork) -> list[tuple[date, int]]:
    """How many active relationships end in each of the next weeks, without those that are extended."""
    kept = AdminRelationship.auto_extend_duration != EXTENDS
    ends = _ends(uow, uow.now, uow.now + WEEKS * timedelta(days=7), AdminRelationship.status == Status.ACTIVE, kept)
    return _by_week(uow.now, ends)


def ended_by_week(uow: UnitOfWork) -> list[tuple[date, int]]:
    """How many relationships expired in each of the last weeks."""
    first = uow.now - WEEKS * timedelta(days=7)
    return _by_week(first, _ends(uow, first, uow.now, AdminRelationship.status == Status.EXPIRED))


def _ends(uow: UnitOfWork, first: datetime, last: datetime, *conditions: ColumnElement[bool]) -> list[datetime]:
    uow.actor.require(GDAP_ANALYTICS.read)
    end = AdminRelationship.end_at
    found = uow.db.scalars(select(end).where(is_visible(uow.actor), end >= first, end < last, *conditions))
    return [at for at in found if at is not None]


def _by_week(first: datetime, ends: list[datetime]) -> list[tuple[date, int]]:
    counts = [0] * WEEKS
    for at in ends:
        counts[(at - first) // timedelta(days=7)] += 1
    return [((first + n * timedelta(days=7)).date(), count) for n, count in enumerate(counts)]
