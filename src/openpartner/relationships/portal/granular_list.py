"""Granular administration: every relationship of the partner, what ends when, and the extension of many at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream

from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.paging import every_row
from openpartner.platform.permissions import GDAP, GDAP_ANALYTICS
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal.granular_shared import ROOT, extension_words, role_names, status_badge
from openpartner.relationships.queries import granular
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.queries.granular_lists import Criteria, Order, Position, RelationshipRow
from openpartner.relationships.rules.granular import LABELS, Kind, Status

PAGE = 50
MOST_AT_ONCE = 25
"""How many relationships a bulk change of the extension takes. Source: gdap §7."""

_ENDS = {
    "1": ("Ends in 1 day", 0, 1),
    "7": ("Ends in 2 to 7 days", 1, 7),
    "30": ("Ends in 8 to 30 days", 7, 30),
    "later": ("Ends later", 30, None),
    "expired": ("Expired in the last year", None, None),
}
"""The tiles: each is a filter. Source: portal-workspaces §2.4."""

FILTERS = (
    Filter("status", "Status", tuple(Choice(status.value, LABELS[status]) for status in Status)),
    Filter("ends", "Ends", tuple(Choice(key, words) for key, (words, _, _) in _ENDS.items())),
    Filter("extend", "Auto-extend", (Choice("yes", "6 months"), Choice("no", "No"))),
    Filter("role", "Role", tuple(Choice(str(key), role.name) for key, role in DIRECTORY_ROLES.items())),
    Filter("kind", "For", (Choice(Kind.GRANULAR.value, "Your groups"), Choice(Kind.RESELLER.value, "A reseller"))),
)


def _named(row: RelationshipRow) -> object:
    return Noted(row.display_name, "For an indirect reseller") if row.kind is Kind.RESELLER else row.display_name


def columns_at(uow: UnitOfWork) -> list[Column[RelationshipRow]]:
    """The columns, at the unit's instant."""
    now = uow.now
    return [
        Column(
            "name",
            "Relationship",
            _named,
            href=lambda row: f"{ROOT}/{row.id}",
            sortable=True,
            export=lambda row: row.display_name,
        ),
        Column(
            "customer",
            "Customer",
            lambda row: row.customer_name or "Any customer with the link",
            sortable=True,
        ),
        Column(
            "status",
            "Status",
            lambda row: status_badge(row.status, end_at=row.end_at, now=now, extends=row.extends),
        ),
        Column(
            "roles",
            "Roles",
            lambda row: len(row.roles),
            numeric=True,
            export=lambda row: role_names(row.roles),
        ),
        Column("start", "Start", lambda row: row.activated_at.date() if row.activated_at else None),
        Column("end", "End", lambda row: row.end_at.date() if row.end_at else None, sortable=True),
        Column("extend", "Auto-extend", lambda row: extension_words(extends=row.extends)),
        Column("created", "Created", lambda row: row.created_at.date(), sortable=True, optional=True),
        Column("role_names", "Role names", lambda row: role_names(row.roles), optional=True),
        Column("duration", "Duration", lambda row: row.duration, optional=True),
        Column("id", "Relationship ID", lambda row: row.id, optional=True),
    ]


def criteria_of(asked: ListRequest, uow: UnitOfWork) -> Criteria:
    """What the list shows and in which order."""
    wanted = Criteria(
        statuses=(Status(asked.filters["status"]),) if "status" in asked.filters else (),
        text=asked.search,
        auto_extend={"yes": True, "no": False}.get(asked.filters.get("extend", "")),
        role=UUID(asked.filters["role"]) if "role" in asked.filters else None,
        kind=Kind(asked.filters["kind"]) if "kind" in asked.filters else None,
        order=Order(asked.sort) if asked.sort else Order.NAME,
        descending=asked.descending,
    )
    ends = asked.filters.get("ends")
    if ends is None:
        return wanted
    if ends == "expired":
        return _with(wanted, statuses=(Status.EXPIRED,))
    _, first, last = _ENDS[ends]
    return _with(
        wanted,
        statuses=(Status.ACTIVE,),
        auto_extend=False,
        ends_from=uow.now + timedelta(days=first or 0, microseconds=1),
        ends_until=None if last is None else uow.now + timedelta(days=last),
    )


def _with(criteria: Criteria, **changes: Any) -> Criteria:
    members = {name: getattr(criteria, name) for name in criteria.__struct_fields__}
    return Criteria(**{**members, **changes})


def position_of(key: str) -> Position | None:
    """A paging key of ours; one that is not shows the first page."""
    try:
        return read_token(key, Position) if key else None
    except Invalid:
        return None


def _every(uow: UnitOfWork, criteria: Criteria) -> Iterator[RelationshipRow]:
    """All that matches, five hundred rows at a time."""
    return every_row(
        lambda after: lists.page_of_relationships(uow, criteria, 500, after=after), lambda row: row.position(criteria)
    )


def _file(page: Page, asked: ListRequest) -> Iterator[bytes]:
    with page.begin.read() as uow:
        rows = _every(uow, criteria_of(asked, uow))
        kind = asked.export or "csv"
        every = [replace(column, optional=False) for column in columns_at(uow)]
        yield from export_chunks(kind, every, rows, title="Granular administration", created_at=uow.now)


def table_of(
    uow: UnitOfWork, asked: ListRequest, *, bulk: bool, empty: Empty, criteria: Criteria | None = None
) -> Table[RelationshipRow]:
    """A page of relationships as a table."""
    criteria = criteria or criteria_of(asked, uow)
    found = lists.page_of_relationships(
        uow, criteria, PAGE, after=position_of(asked.after), before=position_of(asked.before)
    )
    rows = list(found.rows)
    return Table(
        "relationships",
        "Granular administration",
        columns_at(uow),
        rows,
        asked,
        empty,
        next_key=make_token(rows[-1].position(criteria)) if rows and found.has_after else "",
        previous_key=make_token(rows[0].position(criteria)) if rows and found.has_before else "",
        search_label="Search by relationship or customer",
        filters=FILTERS,
        row_key=(lambda row: row.id) if bulk else None,
        bulk=_BULK if bulk else (),
        row_actions=_row_actions,
    )


_BULK = (
    Action("Extend automatically", post=f"{ROOT}/extend", icon="calendar_sync"),
    Action("Stop extending", post=f"{ROOT}/stop-extending", icon="stop"),
)


def _row_actions(row: RelationshipRow) -> list[Action]:
    return [
        Action("Open", href=f"{ROOT}/{row.id}", icon="open"),
        *([Action("Customer", href=f"/customers/{row.customer_id}", icon="building")] if row.customer_id else []),
    ]


def request_action(uow: UnitOfWork, href: str) -> list[Action]:
    """The button that asks for a new relationship, for who may."""
    if not uow.actor.may(GDAP.write):
        return []
    return [Action("Request relationship", href=href, icon="add", primary=True)]


def _tiles(uow: UnitOfWork) -> list[tuple[str, int, str, str]]:
    """Label, count, note and address of each tile."""
    counts = lists.expiry_counts(uow)
    shown = [counts.in_1_day, counts.in_7_days, counts.in_30_days, counts.later, counts.expired]
    total = sum(shown) or 1
    return [
        (words, count, f"{round(100 * count / total)} %", f"{ROOT}?ends={key}")
        for (key, (words, _, _)), count in zip(_ENDS.items(), shown, strict=True)
    ]


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def list_relationships(page: NamedDependency[Page]) -> Response[Any]:
    """Every relationship, over all customers."""
    with page.begin.read() as uow:
        require_reading(uow.actor)
        asked = read_list_request(
            ROOT, page.request.query_params.multi_items(), columns=columns_at(uow), filters=FILTERS, sort="name"
        )
        if asked.export:
            headers = export_headers(asked.export, "Granular administration", uow.now)
            return Stream(_file(page, asked), headers=headers)
        ask = request_action(uow, f"{ROOT}/new")
        empty = Empty(
            "No granular relationships yet",
            "Ask a customer for the roles you need, for a limited time. It decides in its admin center.",
            ask[0] if ask else None,
            "shield_keyhole",
        )
        return page.render(
            uow,
            "relationships/granular_list.html",
            relationships=table_of(uow, asked, bulk=uow.actor.may(GDAP.write), empty=empty),
            tiles=_tiles(uow),
            actions=[
                *(
                    [Action("Analytics", href=f"{ROOT}/analytics", icon="data_bar_vertical")]
                    if uow.actor.may(GDAP_ANALYTICS.read)
                    else []
                ),
                Action("Calendar", href=f"{ROOT}/calendar", icon="calendar"),
                *([Action("Bulk plans", href=f"{ROOT}/plans", icon="people_add")] if uow.actor.may(GDAP.write) else []),
                Action("Groups and assignments", href=f"{ROOT}/assignments", icon="people_team"),
                *ask,
            ],
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration")],
        )


@post(f"{ROOT}/extend", include_in_schema=False, sync_to_thread=True)
def extend_selected(page: NamedDependency[Page]) -> Response[bytes]:
    """Switch automatic extension on for the selected ones."""
    return _switch(page, on=True)


@post(f"{ROOT}/stop-extending", include_in_schema=False, sync_to_thread=True)
def stop_extending_selected(page: NamedDependency[Page]) -> Response[bytes]:
    """Switch automatic extension off for the selected ones."""
    return _switch(page, on=False)


def _switch(page: Page, *, on: bool) -> Response[bytes]:
    """Each in a unit of its own: one that refuses keeps no other back, and says why."""
    selected = page.form.all("selected")
    if not selected:
        return page.redirect(ROOT, note="Select at least one relationship first.", tone="warning")
    if len(selected) > MOST_AT_ONCE:
        note = f"At most {MOST_AT_ONCE} relationships can be changed at once; you selected {len(selected)}."
        return page.redirect(ROOT, note=f"{note} Nothing was changed.", tone="error")
    refused = [sentence for key in selected if (sentence := _refusal(page, key, on=on))]
    done = len(selected) - len(refused)
    state = "extended automatically" if on else "no longer extended automatically"
    note = f"{done} {plural_form(done, 'relationship')} will be {state}." if done else ""
    tone = "success" if not refused else "warning" if done else "error"
    return page.redirect(ROOT, note=" ".join([note, *refused]).strip(), tone=tone)


def _refusal(page: Page, relationship_id: str, *, on: bool) -> str:
    """Change one; what stood in its way, by its name."""
    name = relationship_id
    try:
        with page.begin() as uow:
            name = granular.one_relationship(uow, relationship_id).display_name
            service.set_auto_extend(uow, relationship_id, on=on)
    except DomainError as refusal:
        return f"{name}: {refusal.message}"
    return ""


ROUTES: list[Any] = [list_relationships, extend_selected, stop_extending_selected]
