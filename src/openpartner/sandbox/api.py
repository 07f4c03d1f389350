"""``/_sandbox/…``: the world's controls for scripts. Open to who can reach it: a sandbox holds nothing real."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from openpartner.platform import due, durations, mail, throttling
from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import ClockMode
from openpartner.platform.errors import Invalid
from openpartner.platform.world import World
from openpartner.sandbox import queries, snapshots
from openpartner.sandbox.catcher import api as catcher
from openpartner.sandbox.consent import api as consent


class ClockView(msgspec.Struct):
    """Where the clock stands. ``done``: how many pieces of due work the move did."""

    now: datetime
    mode: ClockMode
    next_due_at: datetime | None
    done: int = 0


class ClockMove(msgspec.Struct):
    """One of: ``advance`` (an ISO 8601 duration), ``to`` (an instant), ``mode``."""

    advance: str | None = None
    to: datetime | None = None
    mode: ClockMode | None = None


class SnapshotName(msgspec.Struct):
    """The name of a snapshot."""

    name: str


class MailView(msgspec.Struct):
    """A message of the mail box."""

    id: str
    recipient: str
    subject: str
    text: str
    topic: str
    created_at: datetime
    html: str = ""
    reply_to: str = ""
    attachments: list[mail.Attachment] = []


def clock_view(world: World, done: int = 0) -> ClockView:
    """The clock as it stands."""
    with world.begin.read(SYSTEM) as uow:
        clock = due.sandbox_clock(world)
        return ClockView(uow.now, clock.state(uow.db), due.next_due_at(uow.db), done)


@get("/_sandbox/world", sync_to_thread=True)
def show_world(world: NamedDependency[World], request: Request[Any, Any, Any]) -> queries.WorldView:
    """Tenants, users and apps with their secrets."""
    ca_file = world.settings.data / "authority" / "ca.pem"
    base_url = world.settings.base_url or str(request.base_url).rstrip("/")
    with world.begin.read(SYSTEM) as uow:
        return queries.show_world(uow, base_url, ca_file if ca_file.exists() else None)


@get("/_sandbox/clock", sync_to_thread=True)
def show_clock(world: NamedDependency[World]) -> ClockView:
    """The world's instant."""
    return clock_view(world)


@post("/_sandbox/clock", status_code=200, sync_to_thread=True)
def move_clock(data: JSONBody[ClockMove], world: NamedDependency[World]) -> ClockView:
    """Advance, set, freeze or let tick. All that falls due on the way is done before the answer."""
    done = 0
    given = [value for value in (data.advance, data.to, data.mode) if value is not None]
    if len(given) != 1:
        raise Invalid("Give one of advance, to or mode.")
    if data.advance is not None:
        done = due.advance(world, durations.add(clock_view(world).now, data.advance))
    elif data.to is not None:
        if data.to.tzinfo is None:
            raise Invalid("Say which time zone: 2026-03-01T00:00:00Z.")
        done = due.advance(world, data.to)
    elif data.mode is not None:
        due.set_mode(world, data.mode)
    return clock_view(world, done)


@get("/_sandbox/mail", sync_to_thread=True)
def show_mail(world: NamedDependency[World], recipient: FromQuery[str | None] = None) -> list[MailView]:
    """The latest hundred messages, newest first."""
    with world.begin.read(SYSTEM) as uow:
        return [
            MailView(
                str(row.id),
                row.recipient,
                row.subject,
                row.text,
                row.topic,
                row.created_at,
                row.html,
                row.reply_to,
                row.attachments,
            )
            for row in mail.newest(uow.db, recipient=recipient)
        ]


class LimitView(msgspec.Struct):
    """How many requests an application may send on the Graph surface in a tenant; nulls: as many as it likes.

    rehearsed: by this call, not by the world's settings.
    """

    requests: int | None
    seconds: int | None
    rehearsed: bool


def _limit_view(world: World) -> LimitView:
    with world.begin.read(SYSTEM) as uow:
        own = throttling.rehearsed(uow.db)
    limit = own or throttling.read_limit(world.settings.graph_limit)
    return LimitView(limit.requests if limit else None, limit.seconds if limit else None, own is not None)


@get("/_sandbox/throttle", sync_to_thread=True)
def show_limit(world: NamedDependency[World]) -> LimitView:
    """The present limit."""
    return _limit_view(world)


@put("/_sandbox/throttle", sync_to_thread=True)
def set_limit(data: JSONBody[throttling.Limit], world: NamedDependency[World]) -> LimitView:
    """Rehearse being refused: from now on so many requests in so many seconds, then 429 with Retry-After."""
    with world.begin(SYSTEM) as uow:
        throttling.rehearse(uow.db, data.check())
    world.throttle.forget()
    return _limit_view(world)


@delete("/_sandbox/throttle", status_code=200, sync_to_thread=True)
def lift_limit(world: NamedDependency[World]) -> LimitView:
    """What the settings say holds again."""
    with world.begin(SYSTEM) as uow:
        throttling.rehearse(uow.db, None)
    world.throttle.forget()
    return _limit_view(world)


@get("/_sandbox/snapshots", sync_to_thread=True)
def list_snapshots(world: NamedDependency[World]) -> list[snapshots.Snapshot]:
    """The snapshots by name."""
    return snapshots.present(world)


@post("/_sandbox/snapshots", sync_to_thread=True)
def take_snapshot(data: JSONBody[SnapshotName], world: NamedDependency[World]) -> snapshots.Snapshot:
    """Keep the world as it is."""
    return snapshots.take(world, data.name)


@post("/_sandbox/snapshots/{name:str}/restore", status_code=200, sync_to_thread=True)
def restore_snapshot(name: FromPath[str], world: NamedDependency[World]) -> snapshots.Snapshot:
    """Put the world back."""
    return snapshots.restore(world, name)


@delete("/_sandbox/snapshots/{name:str}", sync_to_thread=True)
def remove_snapshot(name: FromPath[str], world: NamedDependency[World]) -> Response[None]:
    """Forget a snapshot."""
    snapshots.remove(world, name)
    return Response(None, status_code=204)


ROUTES: list[Any] = [
    show_world,
    show_clock,
    move_clock,
    show_mail,
    show_limit,
    set_limit,
    lift_limit,
    list_snapshots,
    take_snapshot,
    restore_snapshot,
    remove_snapshot,
    *consent.ROUTES,
    *catcher.ROUTES,
]
