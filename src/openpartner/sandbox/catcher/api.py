"""``/_sandbox/catcher/{name}``: where messages are sent, what came as JSON and as text, and how it is answered."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.platform.actor import SYSTEM
from openpartner.platform.world import World
from openpartner.sandbox.catcher import queries, service
from openpartner.sandbox.catcher.models import Catch, Catcher
from openpartner.sandbox.catcher.rules import KEPT, LARGEST, TAKES, Answer, checked_name
from openpartner.webhooks.service import Verdict

PATH = "/_sandbox/catcher"


class AnswerView(msgspec.Struct, rename="camel"):
    """How a catcher answers. Left out: 200, at once, until it is told otherwise. delay: milliseconds."""

    status: int = TAKES.status
    times: int | None = None
    delay: int = 0
    retry_after: int | None = None


class CatchView(msgspec.Struct, rename="camel"):
    """A message. signedBySecret, signedByCertificate: holds, broken or absent. tenant: whose secret it was."""

    number: int
    at: datetime
    event_name: str
    message_id: str
    is_repeat: bool
    signed_by_secret: Verdict
    signed_by_certificate: Verdict
    tenant: UUID | None
    answered: int
    delay: int
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, row: Catch) -> "CatchView":
        """As it was caught."""
        return cls(
            row.number,
            row.at,
            row.event_name,
            row.message_id,
            row.is_repeat,
            row.by_secret,
            row.by_certificate,
            row.tenant_id,
            row.answered,
            row.delay,
            row.headers,
            row.body,
        )


class CatcherView(msgspec.Struct, rename="camel"):
    """A catcher, how it answers, and what it caught, newest first."""

    name: str
    answer: AnswerView
    caught: list[CatchView]


class CatcherLine(msgspec.Struct, rename="camel"):
    """A catcher in the list of all."""

    name: str
    answer: AnswerView
    caught: int


def _answer(row: Catcher | None) -> AnswerView:
    told = TAKES if row is None else row.answer
    return AnswerView(told.status, told.times, told.delay, told.retry_after)


@get(PATH, sync_to_thread=True)
def list_catchers(world: NamedDependency[World]) -> list[CatcherLine]:
    """Every catcher that was called or told anything."""
    with world.begin.read(SYSTEM) as uow:
        return [CatcherLine(row.name, _answer(row), count) for row, count in queries.catchers(uow)]


@post(f"{PATH}/{{name:str}}", status_code=200, request_max_body_size=LARGEST, include_in_schema=False)
async def catch_message(
    name: FromPath[str], request: Request[Any, Any, Any], world: NamedDependency[World]
) -> Response[str]:
    """Take a message of any kind, and answer as this catcher was told."""
    headers, body = {key.lower(): value for key, value in request.headers.items()}, await request.body()

    def keep() -> Answer:
        with world.begin(SYSTEM) as uow:
            return service.catch(uow, name, headers, body)

    answer = await sync_to_thread(keep)
    await asyncio.sleep(answer.delay / 1_000)
    more = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
    said = "" if answer.status == 204 else "caught\n"
    return Response(said, status_code=answer.status, media_type="text/plain", headers=more)


@get(f"{PATH}/{{name:str}}", sync_to_thread=True)
def show_catcher(name: FromPath[str], world: NamedDependency[World]) -> CatcherView:
    """What it caught; a name that was never called has caught nothing."""
    with world.begin.read(SYSTEM) as uow:
        rows = queries.catches(uow, checked_name(name), queries.Sought(), KEPT)
        return CatcherView(
            checked_name(name), _answer(queries.find_catcher(uow, name)), [CatchView.of(row) for row in rows]
        )


@put(f"{PATH}/{{name:str}}/answer", sync_to_thread=True)
def put_answer(name: FromPath[str], data: JSONBody[AnswerView], world: NamedDependency[World]) -> AnswerView:
    """How to answer from now on."""
    with world.begin(SYSTEM) as uow:
        wanted = Answer(data.status, data.times, data.delay, data.retry_after)
        return _answer(service.tell_catcher(uow, name, wanted))


@delete(f"{PATH}/{{name:str}}", sync_to_thread=True)
def delete_catcher(name: FromPath[str], world: NamedDependency[World]) -> Response[None]:
    """Forget the catcher with all that it caught."""
    with world.begin(SYSTEM) as uow:
        service.forget_catcher(uow, name)
    return Response(None, status_code=204)


@get(f"{PATH}/{{name:str}}/{{which:str}}/headers", sync_to_thread=True)
def show_headers(name: FromPath[str], which: FromPath[str], world: NamedDependency[World]) -> Response[str]:
    """The headers of one message, by its number or ``latest``, a line each."""
    with world.begin.read(SYSTEM) as uow:
        row = queries.one_catch(uow, name, which)
        return Response("".join(f"{key}: {value}\n" for key, value in row.headers.items()), media_type="text/plain")


@get(f"{PATH}/{{name:str}}/{{which:str}}/body", sync_to_thread=True)
def show_body(name: FromPath[str], which: FromPath[str], world: NamedDependency[World]) -> Response[bytes]:
    """The body of one message, to the byte where it was text."""
    with world.begin.read(SYSTEM) as uow:
        return Response(queries.one_catch(uow, name, which).body.encode(), media_type="text/plain; charset=utf-8")


ROUTES: list[Any] = [
    list_catchers,
    catch_message,
    show_catcher,
    put_answer,
    delete_catcher,
    show_headers,
    show_body,
]
