"""What a partner did in a customer, out of the customer's activity log."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.audit import queries as audit
from openpartner.audit.queries import Entry, Question
from openpartner.audit.rules import operation_title, period_of_days
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Choice, Column, Empty, Filter, Table, read_list_request
from openpartner.relationships.portal.own_partner import ONE, frame

PAGE = 50

COLUMNS: tuple[Column[Entry], ...] = (
    Column("at", "Date and time", lambda each: each.at, href=lambda each: f"/activity-log/{each.record_id}"),
    Column(
        "action", "Action", lambda each: operation_title(each.operation_type), export=lambda each: each.operation_type
    ),
    Column("user", "By", lambda each: each.actor_name),
    Column("resource", "What was changed", lambda each: operation_title(each.resource_type)),
    Column("resource_id", "Its ID", lambda each: each.resource_id, optional=True),
)


@get(ONE + "/activity", include_in_schema=False, sync_to_thread=True)
def activity(partner_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """What people and applications of the partner did here, newest first; without a period, in the last month."""
    with page.begin.read() as uow:
        around = frame(page, uow, partner_id, "activity")
        seen = audit.operations_seen(uow, acted=partner_id)
        filters = (
            Filter("from", "From"),
            Filter("to", "To"),
            Filter("action", "Action", tuple(Choice(each, operation_title(each)) for each in seen)),
        )
        path = f"{around['root']}/activity"
        asked = read_list_request(path, page.request.query_params.multi_items(), columns=COLUMNS, filters=filters)
        start, end = period_of_days(asked.filters.get("from", ""), asked.filters.get("to", ""), uow.now)
        question = Question(
            start,
            end,
            words=asked.search,
            operation_type=asked.filters.get("action", ""),
            acted=partner_id,
            before=read_token(asked.after, int) if asked.after else None,
        )
        if asked.export:
            rows = list(audit.all_entries(uow, question))
            title = f"Activity of {around['company'].name}"
            chunks = list(export_chunks(asked.export, COLUMNS, rows, title="Activity", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, title, uow.now))
        found = audit.entries(uow, question, PAGE + 1)
        shown = found[:PAGE]
        table = Table(
            "activity",
            "What it did",
            COLUMNS,
            shown,
            asked,
            Empty(
                "It did nothing here in this period",
                "What its people and applications change in your organization stands here. Choose a longer period.",
                icon="history",
            ),
            search_label="Search by user",
            filters=filters,
            next_key=make_token(shown[-1].seq) if len(found) > PAGE else "",
        )
        return page.render(uow, "relationships/own_activity.html", **around, activity=table, start=start, end=end)


ROUTES: list[Any] = [activity]
