"""Ours beside the original's routes: the secret, what was delivered, one more time, an event of one's own making."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.platform.http.answers import Collection, Wire, make_token, read_token, reply, seek_page
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import Begin
from openpartner.platform.world import World
from openpartner.webhooks import queries, service
from openpartner.webhooks.api import called
from openpartner.webhooks.queries import Line, Wanted

AnyRequest = Request[Any, Any, Any]
PAGE = 100
PATH = "/webhooks/v1/deliveries"


class SecretOut(Wire, kw_only=True):
    """Shown once."""

    secret: str


class DeliveryOut(Wire, kw_only=True):
    """A delivery as the list has it."""

    id: UUID
    message_id: UUID
    event_name: str
    why: str
    state: str
    tries: int
    url: str | None = None
    last_status: int | None = None
    last_result: str | None = None
    created_at: datetime
    next_try_at: datetime | None = None
    ended_at: datetime | None = None
    repeated_as: UUID | None = None

    @classmethod
    def of(cls, line: Line) -> "DeliveryOut":
        """One line."""
        return cls(
            id=line.id,
            message_id=line.message_id,
            event_name=line.event_name,
            why=line.why.value,
            state=line.state.value,
            tries=line.tries,
            url=line.url,
            last_status=line.last_status,
            last_result=line.last_why,
            created_at=line.created_at,
            next_try_at=line.next_try_at,
            ended_at=line.ended_at,
            repeated_as=line.repeated_as,
        )


class Queued(Wire, kw_only=True):
    """What was queued."""

    id: UUID


class FiredIn(msgspec.Struct, rename="camel", kw_only=True):
    """An event to fire. body: the text that is sent."""

    event_name: str
    url: str
    body: str


@post(
    "/webhooks/v1/registration/secret",
    sync_to_thread=True,
    status_code=200,
    include_in_schema=False,
    opt={"permission": WEBHOOKS.write},
)
def post_secret(begin: NamedDependency[Begin]) -> SecretOut:
    """A new secret of Standard Webhooks; the one before signs as well for a day."""
    with begin() as uow:
        return SecretOut(secret=service.rotate_webhook_secret(uow))  # not kept for a retry: a secret is shown once


@get(PATH, sync_to_thread=True, include_in_schema=False, opt={"permission": WEBHOOKS.read})
def list_deliveries(
    begin: NamedDependency[Begin],
    wanted_state: Annotated[str, QueryParameter(name="state")] = "",
    event_name: Annotated[str, QueryParameter(name="eventname")] = "",
    token: Annotated[str, QueryParameter(name="continuationtoken")] = "",
) -> Collection[DeliveryOut]:
    """What was delivered and what was not, newest first."""
    with begin.read() as uow:
        wanted = Wanted(state=wanted_state, event_name=event_name, after=read_token(token, int) if token else None)
        found = queries.deliveries(uow, wanted, PAGE)
        following = make_token(found.rows[-1].number) if found.has_after else None
        return seek_page([DeliveryOut.of(line) for line in found.rows], "/deliveries", following)


@post(PATH, sync_to_thread=True, status_code=202, include_in_schema=False, opt={"permission": WEBHOOKS.write})
def post_delivery(
    request: AnyRequest, data: JSONBody[FiredIn], begin: NamedDependency[Begin], world: NamedDependency[World]
) -> Response[Queued]:
    """Fire an event of one's own making."""
    service.check_webhook_address(begin, data.url)
    with begin() as uow:
        fired = service.Fired(data.event_name, data.url, data.body, called(request, world.settings))
        return reply(uow, Queued(id=service.fire_webhook_event(uow, fired).id), status=202)


@post(
    f"{PATH}/{{delivery_id:uuid}}/repeat",
    sync_to_thread=True,
    status_code=202,
    include_in_schema=False,
    opt={"permission": WEBHOOKS.write},
)
def post_repeat(delivery_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[Queued]:
    """Send again what was delivered or parked."""
    with begin() as uow:
        return reply(uow, Queued(id=service.repeat_webhook_delivery(uow, delivery_id).id), status=202)


ROUTES: list[Any] = [post_secret, list_deliveries, post_delivery, post_repeat]
