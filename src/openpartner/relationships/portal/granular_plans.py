"""Bulk plans: choose customers and a template, rehearse, apply, pause and go on; one reason for each row."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import GDAP
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    Tone,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.plans import BulkPlan, BulkPlanRow
from openpartner.relationships.portal.granular_request import (
    DEFAULT_DAYS,
    asked_roles,
    chosen_roles,
    role_part,
    suggested_roles,
)
from openpartner.relationships.portal.granular_shared import ROOT, read_ids, role_rows, security_groups
from openpartner.relationships.queries import plans
from openpartner.relationships.rules.granular_terms import EXTENDS, NEVER
from openpartner.relationships.rules.plans import (
    LONGEST_PREFIX,
    PlanAction,
    PlanState,
    RowState,
    Template,
    plan_actions,
)
from openpartner.relationships.service import plans as service

HERE = f"{ROOT}/plans"
PAGE = 100

STATES: dict[PlanState, tuple[str, Tone]] = {
    PlanState.DRAFT: ("Draft", "neutral"),
    PlanState.REHEARSING: ("Dry run", "info"),
    PlanState.RUNNING: ("Running", "info"),
    PlanState.PAUSED: ("Paused", "warning"),
    PlanState.DONE: ("Done", "success"),
}
ROWS: dict[RowState, tuple[str, Tone]] = {
    RowState.WAITING: ("Waiting", "neutral"),
    RowState.REQUESTED: ("Requested", "info"),
    RowState.ASSIGNED: ("Approved, groups assigned", "success"),
    RowState.REFUSED: ("Refused", "danger"),
}
CUSTOMERS = (
    Choice("without", "Customers without a relationship", "Neither active nor waiting nor drafted."),
    Choice("all", "All customers"),
    Choice("listed", "Only those listed below"),
)


def _plan_columns() -> list[Column[BulkPlan]]:
    return [
        Column("name", "Plan", lambda plan: plan.template.prefix, href=lambda plan: f"{HERE}/{plan.id}"),
        Column("state", "State", lambda plan: Badge(*STATES[plan.state])),
        Column("roles", "Roles", lambda plan: len(plan.template.roles), numeric=True),
        Column("by", "Drawn up by", lambda plan: plan.created_by_name),
        Column("created", "Created", lambda plan: plan.created_at),
        Column("finished", "Finished", lambda plan: plan.finished_at),
    ]


@get(HERE, include_in_schema=False, sync_to_thread=True)
def list_plans(page: NamedDependency[Page]) -> Response[str]:
    """Every plan."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP.read)
        asked = read_list_request(HERE, page.request.query_params.multi_items(), columns=_plan_columns())
        new = Action("New plan", href=f"{HERE}/new", icon="add", primary=True)
        empty = Empty(
            "No bulk plan yet",
            "A plan asks many customers for the same relationship. You rehearse it first; nothing is sent until then.",
            new,
            "people_team",
        )
        shown = [each for each in plans.plans(uow) if asked.search.casefold() in each.template.prefix.casefold()]
        return page.render(
            uow,
            "relationships/granular_plans.html",
            plans=Table(
                "plans",
                "Bulk plans",
                _plan_columns(),
                shown,
                asked,
                empty,
                total=len(shown),
                search_label="Search by name",
                exports=False,
            ),
            actions=[new],
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Bulk plans")],
        )


@get(f"{HERE}/new", include_in_schema=False, sync_to_thread=True)
def plan_form(page: NamedDependency[Page]) -> Response[str]:
    """The template and the customers."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP.write)
        form = blank_form({"duration": DEFAULT_DAYS, "customers": "without"})
        form.given["roles"] = [str(each.role) for each in suggested_roles(asked_roles(page))]
        return _form_page(page, uow, form)


def _form_page(page: Page, uow: UnitOfWork, form: Form[Any], status: int = 200) -> Response[str]:
    return page.render(
        uow,
        "relationships/granular_plan_new.html",
        status=status,
        f=form,
        longest=LONGEST_PREFIX,
        customer_choices=CUSTOMERS,
        group_choices=[Choice(str(group.id), group.display_name) for group in security_groups(uow)],
        **role_part(asked_roles(page), form, f"{HERE}/new"),
        crumbs=[Crumb("Granular administration", ROOT), Crumb("Bulk plans", HERE), Crumb("New plan")],
    )


@post(f"{HERE}/new", include_in_schema=False, sync_to_thread=True)
def create_plan(page: NamedDependency[Page]) -> Response[Any]:
    """Draw it up; nothing is sent."""
    form = posted(page.form)
    made = attempt(page, form, lambda uow: _create(uow, page.form))
    if made is not None:
        return page.redirect(f"{HERE}/{made}", note="The plan was drawn up. Make a dry run before you apply it.")
    with page.begin.read() as uow:
        uow.actor.require(GDAP.write)
        return _form_page(page, uow, form, status=422)


def _create(uow: UnitOfWork, form: Posted) -> UUID:
    chosen = form.get("customers")
    if chosen not in {choice.value for choice in CUSTOMERS}:
        raise Invalid("Choose which customers the plan is for.")
    template = Template(
        prefix=form.get("prefix"),
        duration=f"P{form.get('duration')}D",
        auto_extend_duration=EXTENDS if form.flag("auto_extend") else NEVER,
        roles=sorted(chosen_roles(form)),
        groups=sorted(read_ids(form.all("groups"))),
    )
    entries = form.get("listed").replace(",", "\n").splitlines() if chosen == "listed" else None
    return service.create_plan(uow, template, entries=entries, only_without=chosen == "without").id


_ROW_COLUMNS: list[Column[BulkPlanRow]] = [
    Column("customer", "Customer", lambda row: Noted(row.customer_name, row.entry) if row.customer_name else row.entry),
    Column("state", "State", lambda row: Badge(*ROWS[row.state])),
    Column("reason", "Reason", lambda row: row.reason or _rehearsed(row)),
    Column("done", "Done", lambda row: row.done_at),
    Column("relationship", "Relationship ID", lambda row: row.relationship_id, optional=True),
    Column("entry", "Listed as", lambda row: row.entry, optional=True),
]
_ROW_FILTERS = (Filter("state", "State", tuple(Choice(state.value, words) for state, (words, _) in ROWS.items())),)


def _rehearsed(row: BulkPlanRow) -> str:
    if row.state is not RowState.WAITING or row.rehearsal is None:
        return ""
    return f"Dry run: {row.rehearsal}" if row.rehearsal else "Dry run: would be requested"


def _buttons(plan: BulkPlan, waiting: int) -> list[Action]:
    here = f"{HERE}/{plan.id}/move"
    allowed = plan_actions(plan.state)
    offered = {
        PlanAction.REHEARSE: Action("Dry run", post=here, fields={"action": "rehearse"}, icon="eye"),
        PlanAction.PAUSE: Action("Pause", post=here, fields={"action": "pause"}, icon="pause"),
        PlanAction.APPLY: Action(
            "Go on" if plan.state is PlanState.PAUSED else "Apply",
            post=here,
            fields={"action": "apply"},
            icon="play",
            primary=True,
            confirm=Confirm(
                "Apply this plan?",
                f"{waiting} customers are asked. Each request can be withdrawn one by one, not all together.",
                "Apply",
            ),
        ),
        PlanAction.DELETE: Action(
            "Delete",
            post=here,
            fields={"action": "delete"},
            icon="delete",
            danger=True,
            confirm=Confirm("Delete this plan?", "Nothing of it was sent.", "Delete", danger=True),
        ),
    }
    return [
        offered[action]
        for action in (PlanAction.DELETE, PlanAction.PAUSE, PlanAction.REHEARSE, PlanAction.APPLY)
        if action in allowed
    ]


def _rows(uow: UnitOfWork, plan_id: UUID, asked: ListRequest) -> Iterator[BulkPlanRow]:
    after = 0
    state = RowState(asked.filters["state"]) if "state" in asked.filters else None
    while True:
        found = plans.rows_of(uow, plan_id, state=state, after=after, limit=500)
        yield from found
        if not found:
            return
        after = found[-1].position


def _file(page: Page, plan_id: UUID, asked: ListRequest) -> Iterator[bytes]:
    with page.begin.read() as uow:
        plans.one_plan(uow, plan_id)
        rows = _rows(uow, plan_id, asked)
        yield from export_chunks(asked.export or "csv", _ROW_COLUMNS, rows, title="Bulk plan", created_at=uow.now)


@get(f"{HERE}/{{plan_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def show_plan(plan_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """How far it is, and every row with its reason."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP.read)
        plan = plans.one_plan(uow, plan_id)
        query = page.request.query_params.multi_items()
        asked = read_list_request(f"{HERE}/{plan_id}", query, columns=_ROW_COLUMNS, filters=_ROW_FILTERS)
        if asked.export:
            return Stream(_file(page, plan_id, asked), headers=export_headers(asked.export, "Bulk plan", uow.now))
        counts = plans.counts_of(uow, plan_id)
        works, fails = plans.rehearsal_counts(uow, plan_id)
        total, waiting = sum(counts.values()), counts.get(RowState.WAITING, 0)
        rehearses = plan.state is PlanState.REHEARSING
        return page.render(
            uow,
            "relationships/granular_plan.html",
            plan=plan,
            state=Badge(*STATES[plan.state]),
            actions=_buttons(plan, waiting) if uow.actor.may(GDAP.write) else [],
            tiles=[
                (words, counts.get(state, 0), f"{HERE}/{plan_id}?state={state.value}")
                for state, (words, _) in ROWS.items()
            ],
            rows=_table(uow, plan_id, asked),
            works_=plan.state in {PlanState.RUNNING, PlanState.REHEARSING},
            done=works + fails if rehearses else total - waiting,
            total=waiting if rehearses else total,
            rehearsed=(works, fails) if plan.rehearsed_at and plan.state is PlanState.DRAFT else None,
            roles=role_rows(plan.template.roles),
            here=f"{HERE}/{plan_id}",
            crumbs=[Crumb("Granular administration", ROOT), Crumb("Bulk plans", HERE), Crumb(plan.template.prefix)],
        )


def _table(uow: UnitOfWork, plan_id: UUID, asked: ListRequest) -> Table[BulkPlanRow]:
    try:
        after = read_token(asked.after, int) if asked.after else 0
    except Invalid:
        after = 0
    state = RowState(asked.filters["state"]) if "state" in asked.filters else None
    found = list(plans.rows_of(uow, plan_id, state=state, after=after, limit=PAGE + 1))
    return Table(
        "rows",
        "Customers of the plan",
        _ROW_COLUMNS,
        found[:PAGE],
        asked,
        Empty("No customer", "The plan has no customer in it."),
        next_key=make_token(found[PAGE - 1].position) if len(found) > PAGE else "",
        filters=_ROW_FILTERS,
        row_actions=lambda row: [
            *(
                [Action("Relationship", href=f"{ROOT}/{row.relationship_id}", icon="open")]
                if row.relationship_id
                else []
            ),
            *([Action("Customer", href=f"/customers/{row.customer_id}", icon="building")] if row.customer_id else []),
        ],
    )


@post(f"{HERE}/{{plan_id:uuid}}/move", include_in_schema=False, sync_to_thread=True)
def move_plan(plan_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Rehearse, apply, pause, go on, delete."""
    wanted = next((action for action in PlanAction if action.value == page.form.get("action")), None)
    if wanted is None or wanted is PlanAction.FINISH:
        raise Invalid("Choose what shall happen with the plan.")
    try:
        with page.begin() as uow:
            moved = service.move_plan(uow, plan_id, wanted)
    except DomainError as refusal:
        if refusal.status not in {400, 409}:
            raise
        return page.redirect(f"{HERE}/{plan_id}", note=refusal.message, tone="error")
    if moved is None:
        return page.redirect(HERE, note="The plan was deleted.")
    return page.redirect(f"{HERE}/{plan_id}")


ROUTES: list[Any] = [list_plans, plan_form, create_plan, show_plan, move_plan]
