"""The pages of the catchers: which there are, what each caught, and how it answers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import NavItem, Page
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
    read_list_request,
)
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.catcher import queries, service
from openpartner.sandbox.catcher.api import PATH
from openpartner.sandbox.catcher.models import Catch, Catcher
from openpartner.sandbox.catcher.queries import Sought
from openpartner.sandbox.catcher.rules import KEPT, LONGEST_DELAY, MOST_TIMES, TAKES, Answer, checked_name
from openpartner.webhooks.service import Verdict

ROOT = "/sandbox/catcher"
PAGE_SIZE = 50

NAVIGATION = (
    NavItem("sandbox_catcher", "Webhook catcher", ROOT, "target", 9020, sides=frozenset(TenantKind), parent="sandbox"),
)

_VERDICTS: Mapping[Verdict, Badge] = MappingProxyType(
    {
        Verdict.HOLDS: Badge("Holds", "success"),
        Verdict.BROKEN: Badge("Broken", "danger"),
        Verdict.ABSENT: Badge("Absent", "neutral"),
    }
)


class AnswerFields(msgspec.Struct, kw_only=True):
    """What the form of the answer holds. times: blank for as long as nothing else is said."""

    status: Annotated[int, Meta(title="Status", ge=200, le=599)]
    times: Annotated[int, Meta(title="Times", ge=1, le=MOST_TIMES)] | None = None
    delay: Annotated[int, Meta(title="Delay", ge=0, le=LONGEST_DELAY)] = 0
    retry_after: Annotated[int, Meta(title="Retry-After", ge=0)] | None = None


def answer_words(answer: Answer) -> str:
    """How a catcher answers, in a line."""
    after = f" after {answer.delay / 1_000:g} s" if answer.delay else ""
    times = "" if answer.times is None else f", {answer.times} more times" if answer.times > 1 else ", once more"
    return f"{answer.status}{after}{times}"


def _columns(name: str) -> tuple[Column[Catch], ...]:
    return (
        Column(
            "event",
            "Event",
            lambda row: Noted(_what(row), "The same message again") if row.is_repeat else _what(row),
            href=lambda row: f"{ROOT}/{name}/{row.number}",
            export=_what,
        ),
        Column("at", "Caught", lambda row: row.at),
        Column("secret", "Secret", lambda row: _VERDICTS[row.by_secret]),
        Column("certificate", "Certificate", lambda row: _VERDICTS[row.by_certificate]),
        Column("answered", "Answered", lambda row: answer_words(Answer(row.answered, delay=row.delay))),
        Column("message", "Message ID", lambda row: row.message_id, optional=True),
        Column("number", "Number", lambda row: row.number, numeric=True, optional=True),
    )


def _what(row: Catch) -> str:
    return row.event_name or "Something else"


FILTERS = (
    Filter("signed", "Signatures", (Choice("yes", "Both hold"), Choice("no", "Not both"))),
    Filter("taken", "Answered", (Choice("yes", "Taken"), Choice("no", "Refused"))),
)


def _catcher_columns() -> tuple[Column[tuple[Catcher, int]], ...]:
    return (
        Column("name", "Catcher", lambda row: row[0].name, href=lambda row: f"{ROOT}/{row[0].name}"),
        Column("caught", "Caught", lambda row: row[1], numeric=True),
        Column("answer", "Answers", lambda row: answer_words(row[0].answer)),
        Column("made", "Since", lambda row: row[0].made_at),
    )


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def list_catchers(page: NamedDependency[Page]) -> Response[str]:
    """Every catcher, and a form that leads to one of any name."""
    with page.begin.read() as uow:
        return _list(page, uow, blank_form({"name": "hooks"}))


def _list(page: Page, uow: UnitOfWork, form: Form[Any], *, status: int = 200) -> Response[str]:
    empty = Empty("Nothing was caught yet", "Name a catcher, and send webhooks to its address.", icon="target")
    return page.render(
        uow,
        "sandbox/catchers.html",
        status=status,
        f=form,
        here=ROOT,
        catchers=Table(
            "catchers",
            "Catchers",
            _catcher_columns(),
            queries.catchers(uow),
            ListRequest(path=ROOT),
            empty,
            exports=False,
        ),
        crumbs=[Crumb("Home", "/"), Crumb("Sandbox", "/sandbox"), Crumb("Webhook catcher")],
    )


@post(ROOT, include_in_schema=False, sync_to_thread=True)
def open_catcher(page: NamedDependency[Page]) -> Response[Any]:
    """Make a catcher of a name, or go to the one that is there."""
    name = page.form.get("name")
    try:
        with page.portal.world.begin(SYSTEM) as uow:
            present = queries.find_catcher(uow, checked_name(name))
            made = present or service.tell_catcher(uow, name, TAKES)
            return page.redirect(f"{ROOT}/{made.name}")
    except DomainError as refusal:
        form: Form[Any] = blank_form({"name": name})
        form.refuse("name", refusal.message)
        with page.begin.read() as uow:
            return _list(page, uow, form, status=422)


@get(f"{ROOT}/{{name:str}}", include_in_schema=False, sync_to_thread=True)
def show_catcher(name: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """What it caught, and how it answers."""
    return _show(page, name, None)


def _show(page: Page, name: str, form: Form[Any] | None) -> Response[Any]:
    with page.begin.read() as uow:
        catcher = queries.one_catcher(uow, name)
        here, answer = f"{ROOT}/{catcher.name}", catcher.answer
        columns = _columns(catcher.name)
        pairs = page.request.query_params.multi_items()
        asked = read_list_request(here, pairs, columns=columns, filters=FILTERS)
        if asked.export:
            rows = queries.catches(uow, catcher.name, _sought(asked), KEPT)
            title = f"Caught by {catcher.name}"
            chunks = list(export_chunks(asked.export, columns, rows, title=title, created_at=uow.now))
            return Stream(iter(chunks), headers=export_headers(asked.export, title, uow.now))
        found = queries.catches(uow, catcher.name, _sought(asked), PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        return page.render(
            uow,
            "sandbox/catcher.html",
            status=200 if form is None else 422,
            f=form or blank_form(_fields(answer)),
            catcher=catcher,
            answer=answer_words(answer),
            takes=answer == TAKES,
            here=here,
            is_plain=not asked.is_filtered and not asked.after,
            url=f"{page.portal.origin_of(page.request)}{PATH}/{catcher.name}",
            caught=Table(
                "caught",
                "Caught messages",
                columns,
                shown,
                asked,
                Empty(
                    "Nothing was caught yet",
                    "Register the address above, or fire an event to it. What comes stands here within seconds.",
                    Action("Fire an event", href="/account/webhooks/fire", icon="send"),
                    "target",
                ),
                search_label="Search by event, body or message ID",
                filters=FILTERS,
                next_key=make_token(shown[-1].number) if len(found) > PAGE_SIZE else "",
            ),
            actions=[_forget(here, catcher.name)],
            crumbs=[*_way(), Crumb(catcher.name)],
        )


def _fields(answer: Answer) -> dict[str, object]:
    return {
        "status": answer.status,
        "times": answer.times,
        "delay": answer.delay,
        "retry_after": answer.retry_after,
    }


def _sought(asked: ListRequest) -> Sought:
    flags = {"yes": True, "no": False}
    return Sought(
        words=asked.search,
        is_true=flags.get(asked.filters.get("signed", "")),
        is_taken=flags.get(asked.filters.get("taken", "")),
        after=read_token(asked.after, int) if asked.after else None,
    )


def _way() -> list[Crumb]:
    return [Crumb("Home", "/"), Crumb("Sandbox", "/sandbox"), Crumb("Webhook catcher", ROOT)]


def _forget(here: str, name: str) -> Action:
    text = "All that it caught is gone. A message that comes later makes it anew."
    return Action(
        "Forget",
        post=f"{here}/forget",
        icon="delete",
        danger=True,
        confirm=Confirm(f"Forget {name}?", text, "Forget", danger=True),
    )


@post(f"{ROOT}/{{name:str}}/answer", include_in_schema=False, sync_to_thread=True)
def tell(name: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """How to answer from now on."""
    form = page.bind(AnswerFields)
    if not form.is_valid:
        return _show(page, name, form)
    fields = form.value
    with page.portal.world.begin(SYSTEM) as uow:
        queries.one_catcher(uow, name)
        wanted = Answer(fields.status, fields.times, fields.delay, fields.retry_after)
        told = service.tell_catcher(uow, name, wanted)
        return page.redirect(f"{ROOT}/{told.name}", note=f"It answers {answer_words(wanted)}.")


@post(f"{ROOT}/{{name:str}}/forget", include_in_schema=False, sync_to_thread=True)
def forget(name: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Forget the catcher with all that it caught."""
    with page.portal.world.begin(SYSTEM) as uow:
        service.forget_catcher(uow, name)
    return page.redirect(ROOT, note="The catcher is forgotten.")


@get(f"{ROOT}/{{name:str}}/{{number:int}}", include_in_schema=False, sync_to_thread=True)
def show_catch(name: FromPath[str], number: FromPath[int], page: NamedDependency[Page]) -> Response[str]:
    """One message, to the letter."""
    with page.begin.read() as uow:
        row = queries.one_catch(uow, name, str(number))
        return page.render(
            uow,
            "sandbox/catch.html",
            row=row,
            what=_what(row),
            headers="\n".join(f"{key}: {value}" for key, value in row.headers.items()),
            facts=[
                ("Caught", row.at),
                ("Secret", _VERDICTS[row.by_secret]),
                ("Certificate", _VERDICTS[row.by_certificate]),
                ("Answered", answer_words(Answer(row.answered, delay=row.delay))),
                ("Came before", row.is_repeat),
                ("Bytes", len(row.body.encode())),
            ],
            crumbs=[*_way(), Crumb(row.catcher, f"{ROOT}/{row.catcher}"), Crumb(_what(row))],
        )


ROUTES: list[Any] = [list_catchers, open_catcher, show_catcher, tell, forget, show_catch]
