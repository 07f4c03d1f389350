"""``/v1/auditrecords`` and one record under ``/auditactivity``."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from openpartner.audit import queries, rules, wire
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import Invalid
from openpartner.platform.http import filters
from openpartner.platform.http.answers import Collection, make_token, read_token, seek_page
from openpartner.platform.permissions import ACTIVITY_LOG, OPERATOR_ACTIVITY_LOG
from openpartner.platform.work import Begin

LARGEST_PAGE = 500


class _Position(msgspec.Struct):
    """What a continuation token carries: the whole question, for clients repeat nothing of it."""

    before: int
    start_at: datetime
    end_at: datetime
    filter: str
    size: int


@get(
    "/v1/auditrecords",
    sync_to_thread=True,
    opt={"operation": "GET /v1/auditrecords", "permission": (ACTIVITY_LOG.read, OPERATOR_ACTIVITY_LOG.read)},
)
def list_audit_records(
    *,
    begin: NamedDependency[Begin],
    start_date: Annotated[str, QueryParameter(name="startdate")] = "",
    end_date: Annotated[str, QueryParameter(name="enddate")] = "",
    filter_text: Annotated[str, QueryParameter(name="filter")] = "",
    size: Annotated[int, QueryParameter(name="size")] = 0,
    token: Annotated[str, HeaderParameter(name="MS-ContinuationToken")] = "",
) -> Collection[wire.AuditRecord]:
    """What was done in the partner's account in a period, newest first."""
    if size < 0:
        raise Invalid("size is the number of records of a page; give 1 or more.")
    with begin.read() as uow:
        _require(uow.actor)
        if token:
            position = read_token(token, _Position)
        else:
            start, end = rules.period(_first_of(start_date), _last_of(end_date), uow.now)
            position = _Position(1 << 62, start, end, filter_text, min(size or LARGEST_PAGE, LARGEST_PAGE))
        question = queries.Question(
            start_at=position.start_at,
            end_at=position.end_at,
            filter=filters.parse(position.filter, queries.FIELDS) if position.filter else None,
            before=position.before,
        )
        found = queries.entries(uow, question, position.size + 1)
        page, more = found[: position.size], len(found) > position.size
        following = None
        if more:
            following = make_token(msgspec.structs.replace(position, before=page[-1].seq))
        return seek_page(
            [wire.AuditRecord.of(entry) for entry in page],
            _self_uri(start_date, end_date, filter_text, size),
            following,
        )


@get(
    "/auditactivity/v1/auditrecords/{record_id:str}",
    sync_to_thread=True,
    opt={
        "operation": ["GET /auditactivity/v1/auditrecords/{audit-id}", "GET {AuditUri of a webhook}"],
        "permission": (ACTIVITY_LOG.read, OPERATOR_ACTIVITY_LOG.read),
    },
)
def get_audit_record(record_id: FromPath[str], begin: NamedDependency[Begin]) -> wire.AuditRecord:
    """One record: what a webhook's AuditUri leads to."""
    with begin.read() as uow:
        _require(uow.actor)
        uow.actor.require_user()
        return wire.AuditRecord.of(queries.one_entry(uow, record_id))


def _require(actor: Actor) -> None:
    """The wire is the partner's and the operator's; a customer reads its log in its admin center."""
    of_operator = actor.tenant_kind is TenantKind.OPERATOR
    actor.require(OPERATOR_ACTIVITY_LOG.read if of_operator else ACTIVITY_LOG.read)


def _first_of(text: str) -> datetime | None:
    return filters.instant(text, "startDate") if text else None


def _last_of(text: str) -> datetime | None:
    """A day ends with its last microsecond, so a question from a day to itself is that day; so does a midnight.

    The .NET client sends every day as its midnight. Source: partner-center-conventions §7
    """
    if not text:
        return None
    at = filters.instant(text, "endDate")
    return at + timedelta(days=1) - timedelta(microseconds=1) if at.time() == time() else at


def _self_uri(start_date: str, end_date: str, filter_text: str, size: int) -> str:
    given = {"startDate": start_date, "endDate": end_date, "filter": filter_text, "size": str(size) if size else ""}
    query = "&".join(f"{name}={quote(value)}" for name, value in given.items() if value)
    return f"/auditrecords?{query}" if query else "/auditrecords"


ROUTES: list[Any] = [list_audit_records, get_audit_record]
