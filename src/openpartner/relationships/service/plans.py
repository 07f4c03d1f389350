"""Bulk plans: drawn up, rehearsed, applied row by row by due work, interrupted and gone on with.

Each row is a unit of its own in which the relationship, its request and the row's state are written together: wherever
a worker dies, a relationship is requested once. A refusal stands in its row and keeps no other back.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, update

from openpartner.customers import queries as customers
from openpartner.customers.queries import Criteria as CustomerCriteria
from openpartner.customers.queries import Position as CustomerPosition
from openpartner.partner.queries import resolve_actor
from openpartner.platform.actor import SYSTEM, Actor
from openpartner.platform.errands import Errand
from openpartner.platform.errors import DomainError, Unauthenticated
from openpartner.platform.http.authentication import Principal
from openpartner.platform.permissions import GDAP
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.relationships.events.granular import AdminRelationshipActivated
from openpartner.relationships.events.plans import BulkPlanCreated, BulkPlanDeleted, BulkPlanMoved
from openpartner.relationships.models.plans import BulkPlan, BulkPlanRow
from openpartner.relationships.queries import plans
from openpartner.relationships.rules.assignments import GroupAssigned
from openpartner.relationships.rules.plans import (
    MOST_CUSTOMERS,
    CustomerUnknownToPlan,
    NoCustomers,
    PlanAction,
    PlanState,
    RowState,
    Template,
    TooManyCustomers,
    after_plan,
    check_template,
)
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.service.assignments import create_access_assignment
from openpartner.relationships.service.granular_drafting import create_admin_relationship
from openpartner.relationships.service.requests import request_transition

RUN_PLAN: Final = "relationships.run_plan"
ASSIGN_PLANNED: Final = "relationships.assign_planned_groups"
AT_ONCE: Final = 50
"""Rows that one errand does before others get their turn."""
PAGE: Final = 1_000


class _Undone(Exception):
    """A rehearsal went well and is taken back."""


def create_plan(
    uow: UnitOfWork, template: Template, *, entries: Iterable[str] | None = None, only_without: bool = False
) -> BulkPlan:
    """Draw up a plan for the listed customers, or for all.

    entries: domains or Microsoft IDs; None takes every customer. only_without: of all, those the partner has no
    relationship with. An entry that names nobody becomes a refused row with its reason.
    Raises what ``check_template`` raises, NoCustomers, TooManyCustomers. Emits BulkPlanCreated.
    """
    uow.actor.require(GDAP.write)
    check_template(template)
    plan = BulkPlan(
        id=uow.ids.uuid(),
        partner_id=uow.actor.tenant,
        created_by=uow.actor.principal_id,
        created_by_name=uow.actor.name,
        mfa=uow.actor.mfa,
        template=template,
        state=PlanState.DRAFT,
        created_at=uow.now,
    )
    rows = _listed(uow, entries) if entries is not None else _every(uow, only_without=only_without)
    if not rows:
        raise NoCustomers
    if len(rows) > MOST_CUSTOMERS:
        raise TooManyCustomers(len(rows))
    uow.db.add(plan)
    uow.db.flush()
    uow.db.execute(insert(BulkPlanRow), [{"plan_id": plan.id, "position": n, **row} for n, row in enumerate(rows, 1)])
    unknown = sum(1 for row in rows if row["state"] is RowState.REFUSED)
    uow.emit(
        BulkPlanCreated(
            partner_id=plan.partner_id,
            plan_id=plan.id,
            customers=len(rows) - unknown,
            unknown=unknown,
            after={"prefix": template.prefix, "roles": [str(role) for role in template.roles]},
        )
    )
    return plan


def _row(entry: str, customer_id: UUID | None, name: str = "", reason: str = "") -> dict[str, Any]:
    return {
        "entry": entry[:256],
        "customer_id": customer_id,
        "customer_name": name,
        "state": RowState.WAITING if customer_id is not None else RowState.REFUSED,
        "reason": reason[:400],
    }


def _listed(uow: UnitOfWork, entries: Iterable[str]) -> list[dict[str, Any]]:
    wanted = list(dict.fromkeys(text.strip().lower() for text in entries if text.strip()))
    known = plans.customers_named(uow, wanted)
    return [
        _row(entry, *known[entry]) if entry in known else _row(entry, None, "", CustomerUnknownToPlan(entry).message)
        for entry in wanted
    ]


def _every(uow: UnitOfWork, *, only_without: bool) -> list[dict[str, Any]]:
    known = plans.customers_with_relationship(uow) if only_without else frozenset[UUID]()
    found: list[dict[str, Any]] = []
    after: CustomerPosition | None = None
    while True:
        page = customers.page_of_customers(uow, CustomerCriteria(), PAGE, after=after)
        found += [_row(row.domain, row.tenant_id, row.company_name) for row in page.rows if row.tenant_id not in known]
        if not page.has_after or len(found) > MOST_CUSTOMERS:
            return found
        after = page.rows[-1].position(CustomerCriteria())


def move_plan(uow: UnitOfWork, plan_id: UUID, action: PlanAction) -> BulkPlan | None:
    """Rehearse, apply, pause, go on with, or delete a plan; gives None when it is gone.

    Raises PlanUnknown, PlanForbids. Emits BulkPlanMoved or BulkPlanDeleted.
    """
    uow.actor.require(GDAP.write)
    plan = plans.one_plan(uow, plan_id, lock=True)
    target = after_plan(plan.state, action)
    if target is None:
        _delete(uow, plan)
        return None
    if action is PlanAction.REHEARSE:
        rows = update(BulkPlanRow).where(BulkPlanRow.plan_id == plan.id, BulkPlanRow.state == RowState.WAITING)
        uow.db.execute(rows.values(rehearsal=None))
        plan.rehearsed_at = None
    _put(uow, plan, target)
    if target in {PlanState.RUNNING, PlanState.REHEARSING}:
        uow.schedule(uow.now, RUN_PLAN, {"plan_id": str(plan.id)}, key=f"{RUN_PLAN}/{plan.id}")
    return plan


def _put(uow: UnitOfWork, plan: BulkPlan, state: PlanState, problem: str = "") -> None:
    before, plan.state, plan.problem = plan.state, state, problem[:400]
    if state is PlanState.DONE:
        plan.finished_at = uow.now
    uow.db.flush()
    uow.emit(
        BulkPlanMoved(
            partner_id=plan.partner_id,
            plan_id=plan.id,
            before={"state": before.value},
            after={"state": state.value, **({"problem": problem} if problem else {})},
        )
    )


def _delete(uow: UnitOfWork, plan: BulkPlan) -> None:
    uow.db.execute(delete(BulkPlanRow).where(BulkPlanRow.plan_id == plan.id))
    uow.db.delete(plan)
    uow.db.flush()
    uow.emit(BulkPlanDeleted(partner_id=plan.partner_id, plan_id=plan.id, before={"prefix": plan.template.prefix}))


# --- the worker's side


@dataclass(frozen=True)
class _Turn:
    """What one errand does: these rows, in this person's name."""

    plan_id: UUID
    template: Template
    rehearses: bool
    positions: Sequence[int]
    principal: Principal


def _principal(plan: BulkPlan) -> Principal:
    """The person who drew the plan up; what roles count is asked in every unit."""
    return Principal(
        tenant_id=plan.partner_id,
        object_id=plan.created_by,
        home_tenant_id=plan.partner_id,
        home_object_id=plan.created_by,
        app_id=UUID(int=0),
        is_app=False,
        name=plan.created_by_name,
        scopes=frozenset(),
        roles=frozenset(),
        wids=frozenset(),
        mfa=plan.mfa,
        expires_at=datetime.max,  # noqa: DTZ901 - never compared: no token is verified here
    )


def _prepare(uow: UnitOfWork, args: dict[str, Any]) -> _Turn | None:
    plan = uow.db.get(BulkPlan, UUID(args["plan_id"]))
    if plan is None or plan.state not in {PlanState.RUNNING, PlanState.REHEARSING}:
        return None
    rehearses = plan.state is PlanState.REHEARSING
    positions = plans.waiting_positions(uow, plan.id, AT_ONCE, unrehearsed=rehearses)
    return _Turn(plan.id, plan.template, rehearses, positions, _principal(plan))


def _perform(world: World, turn: _Turn) -> bool:
    """Do the rows; whether there may be more."""
    for position in turn.positions:
        if not _do_row(world, turn, position):
            return False
    if not turn.positions:
        with world.begin(SYSTEM) as uow:
            plan = uow.db.get(BulkPlan, turn.plan_id, with_for_update=True)
            if plan is not None and plan.state in {PlanState.RUNNING, PlanState.REHEARSING}:
                if turn.rehearses:
                    plan.rehearsed_at = uow.now
                target = after_plan(plan.state, PlanAction.FINISH)
                _put(uow, plan, target or PlanState.DONE)
    return bool(turn.positions)


def _record(uow: UnitOfWork, _turn: _Turn, more: bool) -> datetime | None:
    return uow.now if more else None


def _actor_now(world: World, principal: Principal) -> Actor:
    with world.begin.read(SYSTEM) as uow:
        actor = resolve_actor(uow.db, uow.now, principal)
    actor.require(GDAP.write)
    return actor


def _do_row(world: World, turn: _Turn, position: int) -> bool:
    """One row in a unit of its own; False when the plan no longer goes on: paused, or its author may not any more."""
    try:
        actor = _actor_now(world, turn.principal)
    except (DomainError, Unauthenticated) as refusal:
        _stop(world, turn.plan_id, refusal.message)
        return False
    reason = ""
    try:
        with suppress(_Undone), world.begin(actor) as uow:
            row = _held_row(uow, turn, position)
            if row is None:
                return False
            _request(uow, turn.template, row)
            _take_back(turn)
    except DomainError as refusal:
        reason = refusal.message
    if turn.rehearses or reason:
        _note(world, turn, position, reason)
    return True


def _take_back(turn: _Turn) -> None:
    """Of a rehearsal nothing stays."""
    if turn.rehearses:
        raise _Undone


def _held_row(uow: UnitOfWork, turn: _Turn, position: int) -> BulkPlanRow | None:
    """The row, held; None when the plan was paused or somebody else has done it."""
    plan = uow.db.get_one(BulkPlan, turn.plan_id, with_for_update=True)
    wanted = PlanState.REHEARSING if turn.rehearses else PlanState.RUNNING
    row = uow.db.get_one(BulkPlanRow, (turn.plan_id, position), with_for_update=True)
    return row if plan.state is wanted and row.state is RowState.WAITING else None


def _request(uow: UnitOfWork, template: Template, row: BulkPlanRow) -> None:
    if row.customer_id is None:
        raise CustomerUnknownToPlan(row.entry)
    customers.one_customer(uow, row.customer_id)  # gone since the plan was drawn up?
    relationship = create_admin_relationship(uow, template.terms(row.customer_id))
    request_transition(uow, relationship.id, RequestAction.LOCK_FOR_APPROVAL)
    row.state, row.relationship_id, row.done_at = RowState.REQUESTED, relationship.id, uow.now


def _note(world: World, turn: _Turn, position: int, reason: str) -> None:
    """What came of a row that made nothing: a rehearsal, or a refusal."""
    with world.begin(SYSTEM) as uow:
        row = uow.db.get_one(BulkPlanRow, (turn.plan_id, position), with_for_update=True)
        if turn.rehearses:
            row.rehearsal = reason[:400]
        elif row.state is RowState.WAITING:
            row.state, row.reason, row.done_at = RowState.REFUSED, reason[:400], uow.now


def _stop(world: World, plan_id: UUID, problem: str) -> None:
    with world.begin(SYSTEM) as uow:
        plan = uow.db.get(BulkPlan, plan_id, with_for_update=True)
        if plan is not None and plan.state in {PlanState.RUNNING, PlanState.REHEARSING}:
            target = after_plan(plan.state, PlanAction.PAUSE)
            _put(uow, plan, target or PlanState.PAUSED, problem)


run_plan: Errand[_Turn, bool] = Errand(_prepare, _perform, _record, lease=timedelta(minutes=1))


# --- groups, once a customer has approved


def on_planned_relationship_activated(uow: UnitOfWork, fact: AdminRelationshipActivated) -> None:
    """A customer has approved what a plan asked for: its groups get their roles."""
    row = plans.row_of_relationship(uow, fact.relationship_id)
    if row is None:
        return
    plan = uow.db.get_one(BulkPlan, row.plan_id)
    if plan.template.groups:
        args = {"plan_id": str(plan.id), "position": row.position}
        uow.schedule(uow.now, ASSIGN_PLANNED, args, key=f"{ASSIGN_PLANNED}/{fact.relationship_id}")


@dataclass(frozen=True)
class _Groups:
    """What one errand assigns."""

    plan_id: UUID
    position: int
    relationship_id: str
    template: Template
    principal: Principal


def _prepare_groups(uow: UnitOfWork, args: dict[str, Any]) -> _Groups | None:
    row = uow.db.get(BulkPlanRow, (UUID(args["plan_id"]), args["position"]))
    if row is None or row.relationship_id is None or row.state is not RowState.REQUESTED:
        return None
    plan = uow.db.get_one(BulkPlan, row.plan_id)
    return _Groups(row.plan_id, row.position, row.relationship_id, plan.template, _principal(plan))


def _perform_groups(world: World, groups: _Groups) -> str:
    """Assign each group in a unit of its own; gives the reasons of those that were refused."""
    reasons: list[str] = []
    for group in groups.template.groups:
        try:
            actor = _actor_now(world, groups.principal)
            with world.begin(actor) as uow:
                create_access_assignment(uow, groups.relationship_id, group, frozenset(groups.template.roles))
        except GroupAssigned:
            continue  # done before the worker died
        except DomainError as refusal:
            reasons.append(refusal.message)
    return " ".join(reasons)


def _record_groups(uow: UnitOfWork, groups: _Groups, reasons: str) -> datetime | None:
    row = uow.db.get(BulkPlanRow, (groups.plan_id, groups.position), with_for_update=True)
    if row is not None:
        row.state, row.reason = (RowState.REQUESTED if reasons else RowState.ASSIGNED), reasons[:400]
    return None


assign_planned_groups: Errand[_Groups, str] = Errand(_prepare_groups, _perform_groups, _record_groups)
