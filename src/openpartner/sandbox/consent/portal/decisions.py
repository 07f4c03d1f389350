"""The page of decisions: what was decided, by call or by policy, and what came of it."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Badge,
    Column,
    Empty,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.consent import queries
from openpartner.sandbox.consent.models import ConsentDecision
from openpartner.sandbox.consent.portal.shared import ANSWER_WORDS, EVERY, KINDS, PAGE, ROOT, STATES, crumbs_to, tabs_of
from openpartner.sandbox.consent.queries import DecisionPosition
from openpartner.sandbox.consent.rules import MATTER_WORDS, DecisionState, Matter


def _outcome(row: ConsentDecision) -> object:
    tones = {
        DecisionState.PLANNED: Badge("Planned", "info"),
        DecisionState.DONE: Badge("Done", "success"),
        DecisionState.FAILED: Badge("Failed", "danger"),
        DecisionState.DROPPED: Badge("Overtaken", "neutral"),
    }
    return tones[row.state]


_DECISIONS: tuple[Column[ConsentDecision], ...] = (
    Column("made", "Decided", lambda row: row.made_at),
    Column("title", "Request", lambda row: Noted(row.title, MATTER_WORDS[row.matter])),
    Column("asker", "Asked by", lambda row: row.asker_name),
    Column("decider", "For", lambda row: Noted(row.customer_name, row.admin) if row.admin else row.customer_name),
    Column(
        "answer", "Answer", lambda row: Noted(ANSWER_WORDS[row.answer], "by policy" if row.policy_id else "by call")
    ),
    Column("state", "State", _outcome),
    Column("why", "Why", lambda row: row.problem or row.reason),
    Column("due", "Due", lambda row: row.due_at, optional=True),
    Column("by", "By", lambda row: "Policy" if row.policy_id else "Call", optional=True),
    Column("admin", "As", lambda row: row.admin, optional=True),
)


@get(f"{ROOT}/decisions", include_in_schema=False, sync_to_thread=True)
def decisions(page: NamedDependency[Page]) -> Response[Any]:
    """What was decided, by call or by policy, and what came of it."""
    with page.begin.read() as uow:
        path = f"{ROOT}/decisions"
        filters = (KINDS, STATES)
        asked = read_list_request(path, page.request.query_params.multi_items(), columns=_DECISIONS, filters=filters)
        if asked.export:
            rows = _decided(uow, asked, EVERY)
            chunks = list(export_chunks(asked.export, _DECISIONS, rows, title="Decisions", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, "Decisions", uow.now))
        found = _decided(uow, asked, PAGE + 1)
        last = found[PAGE - 1] if len(found) > PAGE else None
        table = Table(
            "decisions",
            "Decisions",
            _DECISIONS,
            found[:PAGE],
            asked,
            Empty("Nothing was decided yet", "Every answer stands here, with who gave it and what came of it."),
            search_label="Search by name",
            filters=filters,
            next_key="" if last is None else make_token(DecisionPosition(last.made_at, last.id)),
        )
        return page.render(
            uow, "sandbox/consent_list.html", listed=table, tabs=tabs_of(path), crumbs=crumbs_to("Decisions")
        )


def _decided(uow: UnitOfWork, asked: ListRequest, size: int) -> Sequence[ConsentDecision]:
    state, kind = asked.filters.get("state", ""), asked.filters.get("kind", "")
    return queries.page_of_decisions(
        uow,
        size,
        state=DecisionState(state) if state else None,
        matter=Matter(kind) if kind else None,
        text=asked.search,
        after=read_token(asked.after, DecisionPosition) if asked.after else None,
    )


ROUTES: list[Any] = [decisions]
