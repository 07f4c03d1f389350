"""The list of customers: search as you type, filters, sorting, paging, columns, files."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from openpartner.customers import queries
from openpartner.customers.portal.shared import REVIEW_WORDS, partner_name, review_badge
from openpartner.customers.queries import Criteria, CustomerRow, Order, Position
from openpartner.customers.rules import Relationship, Review
from openpartner.platform import countries, permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.paging import every_row
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Empty,
    ExportFormat,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

PAGE = 50
SEARCHED = 200
"""How many customers a search shows at most: who sees as many types one letter more."""

RELATIONSHIP_WORDS = {Relationship.RESELLER: "Reseller", Relationship.ADVISOR: "Advisor", Relationship.NONE: "None"}

FILE_COLUMNS = (
    Column[CustomerRow]("tenant", "Microsoft ID", lambda c: str(c.tenant_id)),
    Column[CustomerRow]("name", "Company name", lambda c: c.company_name),
    Column[CustomerRow]("domain", "Primary domain name", lambda c: c.domain),
    Column[CustomerRow]("relationship", "Relationship", lambda c: RELATIONSHIP_WORDS[c.relationship]),
)
"""Exactly the documented columns. Source: portal-workspaces §2.1."""


def _columns(reseller_names: dict[UUID, str], own: UUID) -> list[Column[CustomerRow]]:
    """The columns of the page; who has indirect resellers, or is one, sees whose the customer is too."""
    columns = [
        Column[CustomerRow](
            "name",
            "Company name",
            lambda c: Noted(c.company_name, c.domain),
            href=lambda c: f"/customers/{c.tenant_id}",
            sortable=True,
        ),
        Column[CustomerRow]("domain", "Primary domain", lambda c: c.domain, sortable=True, optional=True),
        Column[CustomerRow]("relationship", "Relationship", lambda c: _relationship(c, own)),
        Column[CustomerRow]("review", "Account status", lambda c: review_badge(c.review)),
        Column[CustomerRow]("country", "Country", lambda c: countries.name_of(c.country)),
        Column[CustomerRow]("since", "Customer since", lambda c: c.since_at.date()),
        Column[CustomerRow]("tenant", "Microsoft ID", lambda c: str(c.tenant_id), optional=True),
    ]
    if reseller_names:
        reseller = Column[CustomerRow](
            "reseller", "Indirect reseller", lambda c: reseller_names.get(c.reseller_id) if c.reseller_id else None
        )
        columns.insert(3, reseller)
    return columns


def _relationship(row: CustomerRow, own: UUID) -> str:
    return "Indirect reseller" if row.partner_id != own else RELATIONSHIP_WORDS[row.relationship]


def _filters(reseller_names: dict[UUID, str]) -> list[Filter]:
    statuses = [Review.ALLOWED, Review.UNDER_REVIEW, Review.NOT_ALLOWED]
    filters = [
        Filter(
            "review",
            "Account status",
            [*(Choice(s.value, REVIEW_WORDS[s][0]) for s in statuses), Choice("none", REVIEW_WORDS[None][0])],
        )
    ]
    if reseller_names:
        filters.append(
            Filter("reseller", "Indirect reseller", [Choice(str(key), name) for key, name in reseller_names.items()])
        )
    return filters


def _criteria(asked: ListRequest) -> Criteria:
    reseller = asked.filters.get("reseller")
    return Criteria(
        reseller_id=UUID(reseller) if reseller else None,
        review=asked.filters.get("review", ""),
        order=Order.DOMAIN if asked.sort == "domain" else Order.NAME,
        descending=asked.descending,
    )


def _fits(row: CustomerRow, criteria: Criteria) -> bool:
    review = row.review.value if row.review else "none"
    return criteria.reseller_id in {None, row.reseller_id} and criteria.review in {"", review}


def _found(uow: UnitOfWork, text: str, criteria: Criteria) -> list[CustomerRow]:
    return [row for row in queries.search_customers(uow, text, limit=SEARCHED) if _fits(row, criteria)]


def _every(uow: UnitOfWork, asked: ListRequest, criteria: Criteria) -> Iterator[CustomerRow]:
    """All that matches, a thousand rows at a time."""
    if asked.search:
        yield from _found(uow, asked.search, criteria)
        return
    yield from every_row(
        lambda after: queries.page_of_customers(uow, criteria, 1_000, after=after), lambda row: row.position(criteria)
    )


def _file(page: Page, asked: ListRequest, kind: ExportFormat, criteria: Criteria) -> Iterator[bytes]:
    """The file, row by row while it is sent, in a unit of its own: a million customers need no memory."""
    with page.begin.read() as uow:
        rows = _every(uow, asked, criteria)
        yield from export_chunks(kind, FILE_COLUMNS, rows, title="Customers", created_at=uow.now)


@get("/customers", include_in_schema=False, sync_to_thread=True)
def list_customers(page: NamedDependency[Page]) -> Response[Any]:
    """The partner's customers."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        own = uow.actor.tenant
        resellers = {key: partner_name(uow, key) for key in queries.reseller_ids(uow)}
        columns, filters = _columns(resellers, own), _filters(resellers)
        asked = read_list_request(
            "/customers", page.request.query_params.multi_items(), columns=columns, filters=filters, sort="name"
        )
        criteria = _criteria(asked)
        if asked.export:
            headers = export_headers(asked.export, "Customers", uow.now)
            return Stream(_file(page, asked, asked.export, criteria), headers=headers)
        may_add = uow.actor.may(permissions.CUSTOMERS_CREATE.write)
        add = Action("Add customer", href="/customers/new", icon="people_add", primary=True)
        table = _table(uow, asked, criteria, columns=columns, filters=filters, add=add if may_add else None)
        return page.render(
            uow,
            "customers/list.html",
            customers=table,
            actions=[add] if may_add else [],
            crumbs=[Crumb("Home", "/"), Crumb("Customers")],
        )


def _table(
    uow: UnitOfWork,
    asked: ListRequest,
    criteria: Criteria,
    *,
    columns: list[Column[CustomerRow]],
    filters: list[Filter],
    add: Action | None,
) -> Table[CustomerRow]:
    next_key = previous_key = ""
    if asked.search:
        rows = _found(uow, asked.search, criteria)
    else:
        page = queries.page_of_customers(
            uow, criteria, PAGE, after=_position(asked.after), before=_position(asked.before)
        )
        rows = list(page.rows)
        next_key = make_token(rows[-1].position(criteria)) if page.has_after else ""
        previous_key = make_token(rows[0].position(criteria)) if page.has_before and rows else ""
    return Table(
        "customers",
        "Customers",
        columns,
        rows,
        asked,
        Empty(
            "No customers yet",
            "Add the first one. A new company gets its own directory; one that already has a directory is asked for a "
            "reseller relationship instead.",
            add,
            "people",
        ),
        next_key=next_key,
        previous_key=previous_key,
        search_label="Search by company, domain or Microsoft ID",
        filters=filters,
        row_actions=_row_actions(uow),
    )


def _row_actions(uow: UnitOfWork) -> Any:
    may_see_users = uow.actor.may(permissions.CUSTOMER_USERS.read)

    def actions(row: CustomerRow) -> list[Action]:
        users = Action("Users", href=f"/customers/{row.tenant_id}/users", icon="person_accounts")
        return [
            Action("Account", href=f"/customers/{row.tenant_id}", icon="building"),
            *([users] if may_see_users else []),
        ]

    return actions


def _position(key: str) -> Position | None:
    """A paging key of ours; one that is not shows the first page."""
    try:
        return read_token(key, Position) if key else None
    except Invalid:
        return None


ROUTES: list[Any] = [list_customers]
