"""Structured logs and traces. Neither carries a secret or a personal datum: ids, routes, counts and durations only."""

import logging
import sys
from typing import Any

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger

from openpartner.settings import Settings

PRIVATE = frozenset(
    {"authorization", "password", "secret", "client_secret", "token", "access_token", "refresh_token", "code", "cookie"}
    | {"email", "mail", "upn", "name", "phone", "address", "otp", "totp"}
)


def leave_out_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank whatever is named like a secret or a personal datum: a guard behind the habit of not logging it."""
    for key in event:
        if key.lower() in PRIVATE:
            event[key] = "[left out]"
    return event


def start_logging(settings: Settings, *, level: int | None = None) -> None:
    """Logs to standard error: lines for people, or JSON when the settings say so. level: instead of the settings'."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback
        )  # no locals: they hold data
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            leave_out_private,
            *([structlog.processors.format_exc_info] if settings.log_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO) if level is None else level
        ),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def start_tracing(settings: Settings) -> None:
    """Send spans to the OTLP endpoint of the settings; without one nothing is collected."""
    if not settings.otlp_endpoint:
        return
    # Here, not above: the exporter brings its own HTTP client and protobuf, a twentieth of every start
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": "openpartner"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_endpoint)))
    trace.set_tracer_provider(provider)
