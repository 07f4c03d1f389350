"""One rendering of a refusal for each surface.

Partner Center: the union of its classic and newer bodies, clients ignore what they do not know
(partner-center-conventions §12). SaaS fulfilment and publishing: ``{"error": {"code", "message", ...}}``.
Graph's is in ``platform/graph/refusals.py``, identity's OAuth errors in its slice. The sandbox's own controls:
RFC 9457 problem details.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException

from openpartner.platform.errors import DomainError, Invalid, MfaRequired, TooManyRequests, Unauthenticated
from openpartner.platform.http.answers import JSON_TYPE, as_response
from openpartner.platform.http.surfaces import Surface, surface_of
from openpartner.platform.replay import AnsweredBefore

AnyRequest = Request[Any, Any, Any]
Renderer = Callable[[AnyRequest, DomainError], Response[Any]]


def _headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, MfaRequired):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _partner_center(request: AnyRequest, error: DomainError) -> Response[Any]:  # noqa: ARG001 - every renderer's shape
    if isinstance(error, MfaRequired):
        return Response(b"", status_code=error.status, headers=_headers(error), media_type="text/plain")
    if isinstance(error, TooManyRequests):
        content: dict[str, Any] = {"statusCode": error.status, "message": error.message}
    else:
        content = {
            "code": error.code,
            "description": error.message[:1024],
            "data": [str(value) for value in error.facts.values() if isinstance(value, str | int)],
            "source": "openpartner",
            "message": error.message,
            "errorName": error.error_name,
            "isRetryable": error.status in {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS},
            "parameters": dict(error.facts),
            "errorMessageExtended": f"InternalErrorCode={error.code}",
        }
    return Response(
        msgspec.json.encode(content, enc_hook=str),
        status_code=error.status,
        headers=_headers(error),
        media_type=JSON_TYPE,
    )


def _simple(request: AnyRequest, error: DomainError) -> Response[Any]:  # noqa: ARG001 - every renderer's shape
    code = error.code if isinstance(error.code, str) else error.error_name
    content = {"error": {"code": code, "message": error.message, "details": []}}
    return Response(
        msgspec.json.encode(content), status_code=error.status, headers=_headers(error), media_type=JSON_TYPE
    )


def _problem(request: AnyRequest, error: DomainError) -> Response[Any]:
    content = {
        "type": "about:blank",
        "title": error.error_name,
        "status": int(error.status),
        "detail": error.message,
        "instance": request.url.path,
    }
    return Response(
        msgspec.json.encode(content),
        status_code=error.status,
        headers=_headers(error),
        media_type="application/problem+json",
    )


RENDERERS: dict[Surface, Renderer] = {
    Surface.PARTNER_CENTER: _partner_center,
    Surface.SAAS: _simple,
    Surface.INGESTION: _simple,
    Surface.SANDBOX: _problem,
    Surface.OPERATIONS: _problem,
}
"""The portal's, the identity provider's and Graph's renderers are added in ``app.py``."""


def on_answered_before(request: AnyRequest, before: AnsweredBefore) -> Response[Any]:  # noqa: ARG001 - Litestar's shape
    """The kept answer of a retried request."""
    return as_response(before.answer)


class _NoSuchPath(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = 1000
    name = "NotFound"


class NoSuchSegment(DomainError):
    """A path of the Graph surface that leads nowhere. Source: graph-conventions §4."""

    code = "BadRequest"

    def __init__(self, segment: str) -> None:
        super().__init__(f"Resource not found for the segment '{segment}'.")


def _last_segment(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


class _NoSuchMethod(DomainError):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = 405
    name = "MethodNotAllowed"


class _Broken(DomainError):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = 800003
    name = "InternalError"


def _nothing_at(request: AnyRequest) -> str:
    if surface_of(request.scope["path"]) is Surface.PORTAL:
        return f"There is no page at {request.url.path}. Check the address, or begin at Home."
    return f"Nothing is at {request.method} {request.url.path}. See docs/operations.md for what is."


def _sentence(error: ValidationException) -> str:
    extra = error.extra if isinstance(error.extra, list) else []
    parts = [f"{item.get('key', 'body')}: {item.get('message', '')}" for item in extra if isinstance(item, dict)]
    return " ".join(["The request does not fit this operation.", *parts])


class ErrorAnswers:
    """The exception handlers of an app: every refusal in the envelope of the surface that was called."""

    def __init__(self, renderers: Mapping[Surface, Renderer]) -> None:
        self._renderers = renderers

    def _render(self, request: AnyRequest, error: DomainError) -> Response[Any]:
        return self._renderers.get(surface_of(request.scope["path"]), _problem)(request, error)

    def on_domain_error(self, request: AnyRequest, error: DomainError) -> Response[Any]:
        """A refusal of a rule or a use case."""
        return self._render(request, error)

    def on_http_exception(self, request: AnyRequest, error: HTTPException) -> Response[Any]:
        """What the framework refuses before a route is reached, as a refusal of the surface."""
        if isinstance(error, ValidationException):
            refusal: DomainError = Invalid(_sentence(error))
        elif isinstance(error, NotFoundException) and surface_of(request.scope["path"]) is Surface.GRAPH:
            refusal = NoSuchSegment(_last_segment(request.scope["path"]))
        elif isinstance(error, NotFoundException):
            refusal = _NoSuchPath(_nothing_at(request))
        elif isinstance(error, MethodNotAllowedException):
            refusal = _NoSuchMethod(f"{request.method} is not an operation of {request.url.path}.")
        else:
            refusal = DomainError(error.detail or HTTPStatus(error.status_code).phrase, status=error.status_code)
        return self._render(request, refusal)

    def on_unexpected(self, request: AnyRequest, error: Exception) -> Response[Any]:
        """A fault of ours: logged with its trace, answered without one."""
        structlog.get_logger().error("unexpected_error", path=request.url.path, exc_info=error)
        return self._render(
            request, _Broken("Something failed on our side. Try again; if it stays, report the request id.")
        )
