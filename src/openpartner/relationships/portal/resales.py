"""The partner's relationships with customers: those that go on and those that ended, with whom, since when."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from openpartner.customers.rules import Relationship
from openpartner.platform import countries, permissions
from openpartner.platform.http.answers import make_token
from openpartner.platform.paging import every_row
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    ExportFormat,
    Filter,
    Link,
    ListRequest,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal.resale_frame import INVITATIONS, PAGE, RELATIONSHIPS, position, tabs
from openpartner.relationships.queries import reselling
from openpartner.relationships.queries.reselling import (
    RelationshipState,
    ResaleCriteria,
    ResaleOrder,
    ResalePosition,
    ResaleRow,
)
from openpartner.relationships.service.telling import name_of

ACTIVE, ENDED = Badge("Active", "success"), Badge("Ended", "neutral")
FILTERS = (
    Filter(
        "state",
        "State",
        (Choice(RelationshipState.ACTIVE.value, "Active"), Choice(RelationshipState.ENDED.value, "Ended")),
    ),
)


class _Names:
    """The names of the partners on a page, each looked up once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[UUID, str] = {}

    def of(self, tenant_id: UUID) -> str:
        if tenant_id not in self._known:
            self._known[tenant_id] = name_of(self._uow, tenant_id)
        return self._known[tenant_id]


def _is_over(row: ResaleRow) -> bool:
    return row.relationship is Relationship.NONE


def _columns(uow: UnitOfWork) -> list[Column[ResaleRow]]:
    own, names = uow.actor.tenant, _Names(uow)

    def named(row: ResaleRow) -> object:
        return row.company_name if _is_over(row) else Link(row.company_name, f"/customers/{row.tenant_id}")

    def others(row: ResaleRow) -> str:
        if row.partner_id != own:
            return f"Through {names.of(row.partner_id)}"
        return f"For {names.of(row.reseller_id)}" if row.reseller_id else ""

    return [
        Column("name", "Customer", named, sortable=True),
        Column("state", "State", lambda row: ENDED if _is_over(row) else ACTIVE),
        Column("kind", "You are its", lambda row: "Reseller" if row.partner_id == own else "Indirect reseller"),
        Column("with", "Together with", others),
        Column("since", "Since", lambda row: row.since_at.date(), sortable=True),
        Column("until", "Until", lambda row: row.ended_at.date() if row.ended_at else None),
        Column("dap", "Delegated administration (older kind)", lambda row: row.allow_delegated_access, optional=True),
        Column("country", "Country", lambda row: countries.name_of(row.country), optional=True),
        Column("domain", "Primary domain", lambda row: row.domain, optional=True),
        Column("tenant", "Microsoft ID", lambda row: str(row.tenant_id), optional=True),
    ]


def _criteria(asked: ListRequest) -> ResaleCriteria:
    state = asked.filters.get("state")
    return ResaleCriteria(
        name_prefix=asked.search,
        state=RelationshipState(state) if state else None,
        order=ResaleOrder.SINCE if asked.sort == "since" else ResaleOrder.NAME,
        descending=asked.descending,
    )


def _every(uow: UnitOfWork, criteria: ResaleCriteria) -> Iterator[ResaleRow]:
    return every_row(
        lambda after: reselling.page_of_resales(uow, criteria, 1_000, after=after), lambda row: row.position(criteria)
    )


def _file(page: Page, kind: ExportFormat, criteria: ResaleCriteria) -> Iterator[bytes]:
    """The file, while it is sent, in a unit of its own."""
    with page.begin.read() as uow:
        rows = _every(uow, criteria)
        yield from export_chunks(kind, _columns(uow), rows, title="Relationships", created_at=uow.now)


@get(RELATIONSHIPS, include_in_schema=False, sync_to_thread=True)
def list_relationships(page: NamedDependency[Page]) -> Response[Any]:
    """Every customer the partner sells to or sold to."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        columns = _columns(uow)
        asked = read_list_request(
            RELATIONSHIPS, page.request.query_params.multi_items(), columns=columns, filters=FILTERS, sort="name"
        )
        criteria = _criteria(asked)
        if asked.export:
            headers = export_headers(asked.export, "Relationships", uow.now)
            return Stream(_file(page, asked.export, criteria), headers=headers)
        found = reselling.page_of_resales(
            uow,
            criteria,
            PAGE,
            after=position(asked.after, ResalePosition),
            before=position(asked.before, ResalePosition),
        )
        may_ask = uow.actor.may(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
        ask = Action("Request reseller relationship", href=f"{INVITATIONS}/new", icon="mail", primary=True)
        table = Table(
            "relationships",
            "Relationships",
            columns,
            found.rows,
            asked,
            Empty(
                "No customer has accepted you yet",
                "Send a company your link. It becomes your customer when one of its Global admins accepts.",
                ask if may_ask else None,
                "handshake",
            ),
            next_key=make_token(found.rows[-1].position(criteria)) if found.has_after else "",
            previous_key=make_token(found.rows[0].position(criteria)) if found.has_before and found.rows else "",
            search_label="Search by the beginning of the company name",
            filters=FILTERS,
            row_actions=_row_actions(uow),
        )
        return page.render(
            uow,
            "relationships/resale_list.html",
            heading="Relationships",
            lead="Companies that accepted you as their reseller, and those that did once.",
            tabs=tabs(uow, RELATIONSHIPS),
            listed=table,
            actions=[ask] if may_ask else [],
            crumbs=[Crumb("Home", "/"), Crumb("Customers", "/customers"), Crumb("Relationships")],
        )


def _row_actions(uow: UnitOfWork) -> Any:
    may_end = uow.actor.may(permissions.RESELLER_RELATIONSHIP_REMOVE.write)
    own = uow.actor.tenant

    def actions(row: ResaleRow) -> list[Action]:
        if _is_over(row):
            return []
        root = f"/customers/{row.tenant_id}"
        end = Action("Remove relationship", href=f"{root}/end", icon="link_dismiss")
        account = Action("Account", href=root, icon="building")
        return [account, *([end] if may_end and row.partner_id == own else [])]

    return actions


ROUTES: list[Any] = [list_relationships]
