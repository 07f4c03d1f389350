"""What every request gets: ids, timing, a log line, metrics, and the response headers of its surface.

No query, body, token or personal datum is logged: method, route, status, duration and ids only.
"""

from uuid import UUID

import structlog
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import trace
from prometheus_client import Counter, Histogram

from openpartner.platform.clock import monotonic
from openpartner.platform.http.surfaces import Surface, surface_of
from openpartner.platform.identifiers import Identifiers, RandomIdentifiers

REQUESTS = Counter("openpartner_requests_total", "Requests answered.", ["surface", "method", "status"])
DURATION = Histogram("openpartner_request_seconds", "Time to answer.", ["surface"])

_tracer = trace.get_tracer("openpartner")

SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)


def _guid_or_new(given: str | None, ids: Identifiers) -> str:
    """The caller's id when it is a GUID, in the caller's spelling; else one of ours. Nothing else is echoed."""
    if given:
        try:
            UUID(given)
        except ValueError:
            return str(ids.uuid())
        return given
    return str(ids.uuid())


class RequestContext:
    """ASGI middleware: the outermost but for ``NormalPaths`` and ``OneCookieHeader``."""

    def __init__(self, app: ASGIApp, ids: Identifiers) -> None:
        self.app = app
        self._ids = ids
        self._unseeded = RandomIdentifiers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = monotonic()
        headers = Headers.from_scope(scope)
        surface = surface_of(scope["path"])
        # How often somebody looked whether the process lives must not move the sandbox's seeded stream of ids
        ids = self._unseeded if surface is Surface.OPERATIONS else self._ids
        given_request = headers.get("ms-requestid") or headers.get("client-request-id") or headers.get("x-ms-requestid")
        given_correlation = headers.get("ms-correlationid") or headers.get("x-ms-correlationid")
        request_id = _guid_or_new(given_request, ids)
        correlation_id = _guid_or_new(given_correlation, ids) if given_correlation else request_id
        state = scope.setdefault("state", {})
        state.update(
            surface=surface,
            request_id=request_id,
            correlation_id=correlation_id,
            asked_request_id=headers.get("ms-requestid") or headers.get("x-ms-requestid"),
        )
        status = 500
        cv = ids.token(12)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                outgoing = MutableScopeHeaders.from_message(message)
                for name, value in SECURITY_HEADERS:
                    outgoing.setdefault(name, value)
                if surface is Surface.PARTNER_CENTER:
                    outgoing["MS-RequestId"] = request_id
                    outgoing["MS-CorrelationId"] = correlation_id
                    outgoing["MS-CV"] = f"{cv}.0"
                    outgoing["MS-ServerId"] = "0000112E"
                elif surface is Surface.GRAPH:
                    outgoing["request-id"] = request_id
                    outgoing["client-request-id"] = headers.get("client-request-id", request_id)
                elif surface is Surface.IDENTITY:
                    outgoing["x-ms-request-id"] = request_id
                elif surface in {Surface.SAAS, Surface.INGESTION}:
                    outgoing["x-ms-requestid"] = request_id
                    outgoing["x-ms-correlationid"] = correlation_id
            await send(message)

        with (
            structlog.contextvars.bound_contextvars(request_id=request_id, correlation_id=correlation_id),
            _tracer.start_as_current_span(f"{scope['method']} {surface.value}") as span,
        ):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                seconds = monotonic() - began
                REQUESTS.labels(surface.value, scope["method"], str(status)).inc()
                DURATION.labels(surface.value).observe(seconds)
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("openpartner.correlation_id", correlation_id)
                handler = scope.get("path_template") or surface.value
                structlog.get_logger().info(
                    "request",
                    surface=surface.value,
                    method=scope["method"],
                    route=handler,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
