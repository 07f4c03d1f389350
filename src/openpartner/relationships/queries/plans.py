"""Reads of bulk plans: a partner sees its own."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select

from openpartner.customers import queries as customers
from openpartner.identity.models import Domain
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import GDAP
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.plans import BulkPlan, BulkPlanRow
from openpartner.relationships.rules.granular import FINAL
from openpartner.relationships.rules.plans import RowState

_CHUNK = 500
"""Names asked for in one statement."""


class PlanUnknown(NotFound):
    """The partner has no such plan."""

    def __init__(self, plan_id: object) -> None:
        super().__init__("The plan", plan_id)


def one_plan(uow: UnitOfWork, plan_id: UUID, *, lock: bool = False) -> BulkPlan:
    """A plan of the actor's partner. Raises PlanUnknown."""
    found = uow.db.get(BulkPlan, plan_id, with_for_update=lock, populate_existing=lock)
    if found is None or found.partner_id != uow.actor.tenant_id:
        raise PlanUnknown(plan_id)
    return found


def plans(uow: UnitOfWork, limit: int = 200) -> Sequence[BulkPlan]:
    """The partner's plans, the latest first."""
    uow.actor.require(GDAP.read)
    statement = select(BulkPlan).where(BulkPlan.partner_id == uow.actor.tenant)
    return uow.db.scalars(statement.order_by(BulkPlan.created_at.desc(), BulkPlan.id).limit(limit)).all()


def counts_of(uow: UnitOfWork, plan_id: UUID) -> dict[RowState, int]:
    """How many rows are in each state; states without any are left out."""
    statement = select(BulkPlanRow.state, func.count()).where(BulkPlanRow.plan_id == plan_id)
    return {state: int(count) for state, count in uow.db.execute(statement.group_by(BulkPlanRow.state))}


def rehearsal_counts(uow: UnitOfWork, plan_id: UUID) -> tuple[int, int]:
    """Of the rows that wait: how many were rehearsed and would work, and how many would be refused."""
    waiting = select(func.count()).where(BulkPlanRow.plan_id == plan_id, BulkPlanRow.state == RowState.WAITING)
    works = uow.db.scalar(waiting.where(BulkPlanRow.rehearsal == "")) or 0
    fails = uow.db.scalar(waiting.where(BulkPlanRow.rehearsal != "", BulkPlanRow.rehearsal.is_not(None))) or 0
    return works, fails


def rows_of(
    uow: UnitOfWork, plan_id: UUID, *, state: RowState | None = None, after: int = 0, limit: int = 100
) -> Sequence[BulkPlanRow]:
    """Rows in their order behind ``after``. The caller has seen the plan."""
    statement = select(BulkPlanRow).where(BulkPlanRow.plan_id == plan_id, BulkPlanRow.position > after)
    if state is not None:
        statement = statement.where(BulkPlanRow.state == state)
    return uow.db.scalars(statement.order_by(BulkPlanRow.position).limit(limit)).all()


def waiting_positions(uow: UnitOfWork, plan_id: UUID, limit: int, *, unrehearsed: bool = False) -> Sequence[int]:
    """The next rows to do, in order."""
    statement = select(BulkPlanRow.position).where(
        BulkPlanRow.plan_id == plan_id, BulkPlanRow.state == RowState.WAITING
    )
    if unrehearsed:
        statement = statement.where(BulkPlanRow.rehearsal.is_(None))
    return uow.db.scalars(statement.order_by(BulkPlanRow.position).limit(limit)).all()


def row_of_relationship(uow: UnitOfWork, relationship_id: str) -> BulkPlanRow | None:
    """The row that requested a relationship."""
    return uow.db.scalar(select(BulkPlanRow).where(BulkPlanRow.relationship_id == relationship_id))


def customers_with_relationship(uow: UnitOfWork) -> frozenset[UUID]:
    """The customers with whom the partner has a relationship that has not ended, drafts and requests included."""
    statement = (
        select(AdminRelationship.customer_id)
        .distinct()
        .where(
            AdminRelationship.partner_id == uow.actor.tenant,
            AdminRelationship.customer_id.is_not(None),
            AdminRelationship.status.not_in(sorted(FINAL)),
        )
    )
    return frozenset(key for key in uow.db.scalars(statement) if key is not None)


def customers_named(uow: UnitOfWork, entries: Iterable[str]) -> dict[str, tuple[UUID, str]]:
    """The actor's customers by the domains (any of theirs) or Microsoft IDs in ``entries``: tenant and name."""
    wanted = list(entries)
    ids = {text: key for text in wanted if (key := _read_id(text)) is not None}
    found: dict[str, tuple[UUID, str]] = {}
    seen = customers.visible_to(uow.actor).subquery()
    columns = (seen.c.tenant_id, seen.c.company_name)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        by_domain = select(Domain.name, *columns).join(seen, seen.c.tenant_id == Domain.tenant_id)
        for name, tenant_id, company in uow.db.execute(by_domain.where(Domain.name.in_(part))):
            found[name] = (tenant_id, company)
        by_id = select(*columns).where(seen.c.tenant_id.in_([ids[text] for text in part if text in ids]))
        for tenant_id, company in uow.db.execute(by_id):
            found[str(tenant_id)] = (tenant_id, company)
    return found


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
