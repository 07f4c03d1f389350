"""The activity log's page: a period, filters, each entry with old and new values, and the whole as CSV or XLSX."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.audit import queries, rules
from openpartner.audit.queries import Company, Entry, Question
from openpartner.audit.rules import operation_title
from openpartner.audit.wire import resource_text
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import ACTIVITY_LOG, CUSTOMER_ACTIVITY_LOG, OPERATOR_ACTIVITY_LOG
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import NavItem, Page
from openpartner.platform.web.tables import Badge, Choice, Column, Empty, Filter, Table, read_list_request
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
PAGE_SIZE = 50
LAST_MONTH = timedelta(days=30)

NAVIGATION: tuple[NavItem, ...] = (
    NavItem("activity_log", "Activity log", "/activity-log", "history", 1500, ACTIVITY_LOG.read),
    NavItem(
        "operator.activity_log",
        "Activity log",
        "/activity-log",
        "history",
        1500,
        OPERATOR_ACTIVITY_LOG.read,
        frozenset({TenantKind.OPERATOR}),
    ),
    NavItem(
        "own.activity_log",
        "Activity log",
        "/activity-log",
        "history",
        1500,
        CUSTOMER_ACTIVITY_LOG.read,
        frozenset({TenantKind.CUSTOMER}),
    ),
)


def _values(part: str) -> Any:
    def of(entry: Entry) -> str:
        return resource_text(entry.content[part]) or ""

    return of


_AT = Column[Entry]("at", "Date and time", lambda each: each.at, href=lambda each: f"/activity-log/{each.record_id}")
_ACTION = Column[Entry](
    "action",
    "Action",
    lambda each: operation_title(each.operation_type),
    export=lambda each: each.operation_type,
)
_REST = (
    Column[Entry]("resource", "Resource", lambda each: operation_title(each.resource_type), optional=True),
    Column[Entry]("resource_id", "Resource ID", lambda each: each.resource_id, optional=True),
    Column[Entry]("before", "Old value", _values("before"), optional=True),
    Column[Entry]("after", "New value", _values("after"), optional=True),
)
COLUMNS = (
    _AT,
    Column[Entry]("customer", "Affected customer", lambda each: each.customer_name or ""),
    _ACTION,
    Column[Entry]("user", "Partner user", lambda each: each.actor_name),
    *_REST,
)


def _columns(actor: Actor, companies: Mapping[UUID, Company]) -> tuple[Column[Entry], ...]:
    """A customer's log is about itself: it says from which company each action came, a partner's set apart."""
    if actor.tenant_kind is not TenantKind.CUSTOMER:
        return COLUMNS
    return (
        _AT,
        _ACTION,
        Column[Entry]("user", "By", lambda each: each.actor_name),
        Column[Entry]("company", "Of", lambda each: _company(each, actor, companies)),
        *_REST,
    )


def _company(entry: Entry, actor: Actor, companies: Mapping[UUID, Company]) -> object:
    if entry.actor_tenant_id is None:
        return "The service itself"
    if entry.actor_tenant_id == actor.tenant_id:
        return "Your organization"
    company = companies[entry.actor_tenant_id]
    return Badge(company.name, "info" if company.kind is TenantKind.PARTNER else "neutral")


def _filters(uow: UnitOfWork, companies: Mapping[UUID, Company]) -> tuple[Filter, ...]:
    seen = queries.operations_seen(uow)
    filters = (
        Filter("from", "From"),
        Filter("to", "To"),
        Filter("action", "Action", tuple(Choice(each, operation_title(each)) for each in seen)),
    )
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        return filters
    named = [Choice(str(key), company.name) for key, company in companies.items()]
    return (*filters, Filter("of", "Of", (*named, Choice(str(queries.NOBODYS), "The service itself"))))


@get("/activity-log", include_in_schema=False, sync_to_thread=True)
def activity_log(request: AnyRequest, page: NamedDependency[Page]) -> Response[Any]:
    """What was done, by whom, newest first; without a period, in the last month."""
    with page.begin.read() as uow:
        of_customer = uow.actor.tenant_kind is TenantKind.CUSTOMER
        companies = queries.companies_seen(uow) if of_customer else {}
        columns, filters = _columns(uow.actor, companies), _filters(uow, companies)
        asked = read_list_request("/activity-log", request.query_params.multi_items(), columns=columns, filters=filters)
        start, end = rules.period_of_days(asked.filters.get("from", ""), asked.filters.get("to", ""), uow.now)
        question = Question(
            start,
            end,
            words=asked.search,
            operation_type=asked.filters.get("action", ""),
            acted=UUID(asked.filters["of"]) if "of" in asked.filters else None,
            before=read_token(asked.after, int) if asked.after else None,
        )
        if asked.export:
            rows = list(queries.all_entries(uow, question))
            chunks = export_chunks(asked.export, columns, rows, title="Activity log", created_at=uow.now)
            return Stream(chunks, headers=export_headers(asked.export, "Activity log", uow.now))
        found = queries.entries(uow, question, PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        table = Table(
            "activity",
            "Activity log",
            columns,
            shown,
            asked,
            Empty("Nothing happened in this period", "Choose another period or fewer filters.", icon="history"),
            search_label="Search by user" if of_customer else "Search by customer or user",
            filters=filters,
            next_key=make_token(shown[-1].seq) if len(found) > PAGE_SIZE else "",
        )
        return page.render(uow, "audit/list.html", activity=table, start=start, end=end)


@get("/activity-log/{record_id:str}", include_in_schema=False, sync_to_thread=True)
def activity(page: NamedDependency[Page], record_id: FromPath[str]) -> Response[str]:
    """One entry with its old and new values, side by side."""
    with page.begin.read() as uow:
        entry = queries.one_entry(uow, record_id)
        before, after = entry.content["before"] or {}, entry.content["after"] or {}
        rows = [(name, _shown(before.get(name)), _shown(after.get(name))) for name in {**before, **after}]
        return page.render(
            uow,
            "audit/entry.html",
            entry=entry,
            action_words=operation_title(entry.operation_type),
            resource_words=operation_title(entry.resource_type),
            content=entry.content,
            rows=rows,
            is_own=uow.actor.tenant_kind is TenantKind.CUSTOMER,
        )


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return msgspec.json.encode(rules.pascal(value)).decode()


ROUTES: list[Any] = [activity_log, activity]
