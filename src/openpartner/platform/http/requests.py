"""What a route is given: ``begin`` bound to the caller of an API request, and its settings."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.concurrency import sync_to_thread
from sqlalchemy.orm import Session

from openpartner.platform.actor import SYSTEM, Actor
from openpartner.platform.errors import MfaRequired, Unauthenticated
from openpartner.platform.http.authentication import Principal, RememberedTokens, ResolveActor, bearer_token
from openpartner.platform.http.surfaces import Surface, surface_of
from openpartner.platform.replay import RequestStamp
from openpartner.platform.work import Begin
from openpartner.platform.world import World

READING = frozenset({"GET", "HEAD", "OPTIONS"})


async def stamp_of(request: Request[Any, Any, Any]) -> RequestStamp | None:
    """What tells this mutating request from another; None for a read and without a request id."""
    asked = request.scope.get("state", {}).get("asked_request_id")
    if request.method in READING or asked is None:
        return None
    query = request.scope["query_string"].decode("latin-1")
    operation = f"{request.method} {request.scope['path']}" + (f"?{query}" if query else "")
    return RequestStamp.of(operation[:500], asked[:80].lower(), await request.body())


async def _throttle(world: World, principal: Principal) -> None:
    """Count a request of the Graph surface. Raises TooManyRequests."""

    def look() -> None:
        with world.begin.read(SYSTEM) as uow:
            world.throttle.look(uow.db)

    if world.throttle.is_stale:
        await sync_to_thread(look)
    world.throttle.pass_one((principal.tenant_id, principal.app_id))


def api_begin(
    world: World, tokens: RememberedTokens, resolve: ResolveActor
) -> Callable[[Request[Any, Any, Any]], Awaitable[Begin]]:
    """The provider of ``begin`` for routes that take bearer tokens."""

    async def begin(request: Request[Any, Any, Any]) -> Begin:
        surface = surface_of(request.scope["path"])
        token = bearer_token(request)
        known = tokens.recall(token, surface)
        principal: Principal = known if known is not None else await sync_to_thread(tokens.verify, token, surface)
        if surface is Surface.PARTNER_CENTER and world.settings.require_mfa and not (principal.is_app or principal.mfa):
            # Source: identity §9: app+user tokens need the mark of a second factor, app-only ones do not.
            raise MfaRequired("MFA required.")
        if surface is Surface.GRAPH:
            await _throttle(world, principal)
        state = request.scope.get("state", {})

        def who(db: Session, now: datetime) -> Actor:
            if principal.expires_at <= now:
                raise Unauthenticated("The token has expired. Ask for a new one.")
            return resolve(db, now, principal)

        return Begin(
            world,
            who,
            await stamp_of(request),
            state.get("correlation_id"),
        )

    return begin
