"""The surface's error envelope, and what a 401 tells a client to do. Source: graph-conventions §4, §9."""

import base64
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import system_now
from openpartner.platform.errors import DomainError, SessionsEnded, TooManyRequests, Unauthenticated
from openpartner.platform.graph.asked import VENDOR_HOST, base_of
from openpartner.platform.graph.errors import Gone
from openpartner.platform.http.answers import JSON_TYPE
from openpartner.platform.http.errors import Renderer
from openpartner.platform.world import World

CLIENT = "00000003-0000-0000-c000-000000000000"
CODES = {
    HTTPStatus.BAD_REQUEST: "BadRequest",
    HTTPStatus.UNAUTHORIZED: "InvalidAuthenticationToken",
    HTTPStatus.FORBIDDEN: "Authorization_RequestDenied",
    HTTPStatus.NOT_FOUND: "Request_ResourceNotFound",
    HTTPStatus.METHOD_NOT_ALLOWED: "Request_BadRequest",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.GONE: "resourceGone",
    HTTPStatus.PRECONDITION_FAILED: "preconditionFailed",
    HTTPStatus.TOO_MANY_REQUESTS: "TooManyRequests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "generalException",
}
"""Of refusals that other slices raise with a number of their own."""


def graph_refusals(world: World) -> Renderer:
    """Renders a refusal for the surface."""

    def render(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
        content = _content(error)
        ids = request.scope.get("state", {})
        content["innerError"] = {
            "date": _now(world).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": ids.get("request_id", ""),
            "client-request-id": request.headers.get("client-request-id", ids.get("request_id", "")),
        }
        return Response(
            msgspec.json.encode({"error": content}),
            status_code=error.status,
            headers=_headers(world, request, error),
            media_type=JSON_TYPE,
        )

    return render


def _content(error: DomainError) -> dict[str, Any]:
    code = error.code if isinstance(error.code, str) else CODES.get(HTTPStatus(error.status), "UnknownError")
    content: dict[str, Any] = {"code": code, "message": error.message}
    details = error.facts.get("details")
    if details:
        content["details"] = [{"code": each.code, "message": each.message, "target": each.target} for each in details]
    if error.facts.get("target"):
        content["target"] = error.facts["target"]
    return content


def _now(world: World) -> datetime:
    """The world's instant; the machine's where the clock never moves, which needs no read."""
    if not world.clock.can_move:
        return system_now()
    with world.begin.read(SYSTEM) as uow:
        return uow.now


def _headers(world: World, request: Request[Any, Any, Any], error: DomainError) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Gone) and error.facts.get("location"):
        return {"Location": error.facts["location"]}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": _challenge(base_of(world, request), error)}
    return {}


def _challenge(base: str, error: Unauthenticated) -> str:
    """Where to sign in and, for ended sessions, which claims the new token must have."""
    login = "https://login.microsoftonline.com" if base == f"https://{VENDOR_HOST}" else base
    text = f'Bearer realm="", authorization_uri="{login}/common/oauth2/authorize", client_id="{CLIENT}"'
    if not isinstance(error, SessionsEnded):
        return text
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(int(error.valid_from.timestamp()))}}}
    claims = base64.b64encode(msgspec.json.encode(wanted)).decode()
    return f'{text}, error="insufficient_claims", claims="{claims}"'
