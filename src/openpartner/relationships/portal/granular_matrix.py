"""Groups and assignments: which security group has how many of whose roles, relationship by relationship."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.http.answers import make_token
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Column, Empty, Link, Noted, Table, read_list_request
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal.granular_list import position_of
from openpartner.relationships.portal.granular_shared import ROOT, role_names
from openpartner.relationships.queries import assignments
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.assignments import AssignmentRow
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow
from openpartner.relationships.rules.assignments import AssignmentStatus
from openpartner.relationships.rules.granular import Status

PAGE = 25
HERE = f"{ROOT}/assignments"

Held = dict[tuple[str, UUID], AssignmentRow]


def _cell(row: RelationshipRow, held: AssignmentRow | None) -> object:
    """How many of the relationship's roles a group has; nothing where it has none."""
    if held is None:
        return None
    text = "All roles" if len(held.roles) == len(row.roles) else f"{len(held.roles)} of {len(row.roles)}"
    link = Link(text, f"{ROOT}/{row.id}/groups/{held.id}")
    return link if held.status is AssignmentStatus.ACTIVE else Noted(text, held.status.value.capitalize())


def _group_column(group_id: UUID, name: str, held: Held) -> Column[RelationshipRow]:
    def found(row: RelationshipRow) -> AssignmentRow | None:
        return held.get((row.id, group_id))

    def names(row: RelationshipRow) -> str:
        assignment = found(row)
        return role_names(assignment.roles) if assignment else ""

    return Column(f"group-{group_id}", name, lambda row: _cell(row, found(row)), export=names)


def _columns(held: Held) -> list[Column[RelationshipRow]]:
    groups = {row.group_id: row.group_name for row in held.values()}
    return [
        Column(
            "name",
            "Relationship",
            lambda row: Noted(row.display_name, row.customer_name),
            href=lambda row: f"{ROOT}/{row.id}",
            sortable=True,
            export=lambda row: row.display_name,
        ),
        Column("roles", "Roles granted", lambda row: len(row.roles), numeric=True),
        *(_group_column(key, name, held) for key, name in sorted(groups.items(), key=lambda item: item[1].casefold())),
    ]


def _without_group(held: Held, rows: list[RelationshipRow]) -> int:
    return sum(1 for row in rows if not any(key == row.id for key, _ in held))


@get(HERE, include_in_schema=False, sync_to_thread=True)
def assignments_matrix(page: NamedDependency[Page]) -> Response[Any]:
    """Active relationships down, groups across."""
    with page.begin.read() as uow:
        require_reading(uow.actor)
        asked = read_list_request(HERE, page.request.query_params.multi_items(), columns=_columns({}), sort="name")
        criteria = Criteria(statuses=(Status.ACTIVE,), text=asked.search, order=Order.NAME, descending=asked.descending)
        found = lists.page_of_relationships(
            uow, criteria, PAGE, after=position_of(asked.after), before=position_of(asked.before)
        )
        rows = list(found.rows)
        held = _held(uow, rows)
        table = Table(
            "assignments",
            "Groups and assignments",
            _columns(held),
            rows,
            asked,
            Empty(
                "No active relationship",
                "Once a customer has approved one, you give its roles to security groups here.",
                Action("Granular administration", href=ROOT),
                "people_team",
            ),
            next_key=make_token(rows[-1].position(criteria)) if rows and found.has_after else "",
            previous_key=make_token(rows[0].position(criteria)) if rows and found.has_before else "",
            search_label="Search by relationship or customer",
            exports=False,
            wide=True,
        )
        return page.render(
            uow,
            "relationships/granular_matrix.html",
            assignments=table,
            without=_without_group(held, rows),
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Groups and assignments")],
        )


def _held(uow: UnitOfWork, rows: list[RelationshipRow]) -> Held:
    found = assignments.assignments_of_many(uow, [row.id for row in rows])
    return {(each.relationship_id, each.group_id): each for each in found}


ROUTES: list[Any] = [assignments_matrix]
