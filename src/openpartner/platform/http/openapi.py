"""Our OpenAPI document: what the routes' types say, and the refusals that every operation of a surface can give.

Routes say what they answer when all goes well. Refusals are raised below them and rendered by surface
(``errors.py``), so they are described by surface too, here, once.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from openpartner.platform.http.surfaces import Surface, surface_of

_TEXT = {"type": "string"}

REFUSALS: Mapping[Surface, tuple[str, Mapping[str, Any]]] = {
    Surface.PARTNER_CENTER: (
        "PartnerCenterRefusal",
        {
            "type": "object",
            "required": ["message"],
            "properties": {
                "code": {"type": ["integer", "string"]},
                "description": _TEXT,
                "message": _TEXT,
                "errorName": _TEXT,
                "source": _TEXT,
                "isRetryable": {"type": "boolean"},
                "data": {"type": "array", "items": _TEXT},
                "parameters": {"type": "object"},
                "errorMessageExtended": _TEXT,
                "statusCode": {"type": "integer"},
            },
        },
    ),
    Surface.SANDBOX: (
        "Problem",
        {
            "type": "object",
            "required": ["title", "status", "detail"],
            "properties": {
                "type": _TEXT,
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "instance": _TEXT,
            },
        },
    ),
    Surface.GRAPH: (
        "GraphError",
        {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": _TEXT, "message": _TEXT, "innerError": {"type": "object"}},
                }
            },
        },
    ),
    Surface.IDENTITY: (
        "OAuthError",
        {
            "type": "object",
            "required": ["error", "error_description"],
            "properties": {
                "error": _TEXT,
                "error_description": _TEXT,
                "error_codes": {"type": "array", "items": {"type": "integer"}},
                "timestamp": _TEXT,
                "trace_id": _TEXT,
                "correlation_id": _TEXT,
                "error_uri": _TEXT,
                "suberror": _TEXT,
                "claims": _TEXT,
            },
        },
    ),
}
"""The name and the shape of a surface's refusals."""

_MEDIA_TYPES = {Surface.SANDBOX: "application/problem+json"}

_OF_AN_API = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.TOO_MANY_REQUESTS,
)
STATUSES: Mapping[Surface, tuple[HTTPStatus, ...]] = {
    Surface.PARTNER_CENTER: _OF_AN_API,
    Surface.GRAPH: (
        *_OF_AN_API,
        HTTPStatus.GONE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.PRECONDITION_REQUIRED,
    ),
    Surface.SANDBOX: (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    Surface.IDENTITY: (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
}


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """The framework's document with the refusals and the bearer token of each operation."""
    components = schema.setdefault("components", {})
    shapes = components.setdefault("schemas", {})
    for name, shape in REFUSALS.values():
        shapes[name] = shape
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, operations in schema.get("paths", {}).items():
        surface = surface_of(path.lower())
        operations.pop("options", None)  # a browser's question before a call from another origin, no operation
        if surface in REFUSALS:
            for operation in operations.values():
                _add_refusals(operation, surface)
                if surface is Surface.GRAPH:
                    _add_answers_of_graph(operation)
    return schema


def _add_answers_of_graph(operation: dict[str, Any]) -> None:
    """What an operation answers depends on the caller's preferences: the object, or nothing."""
    shape = {"type": "object", "properties": {"@odata.context": _TEXT}}
    for status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        answer = operation["responses"].setdefault(str(status.value), {"description": status.phrase})
        answer.setdefault("content", {"application/json": {"schema": shape}})
    operation["responses"].setdefault(str(HTTPStatus.NO_CONTENT.value), {"description": HTTPStatus.NO_CONTENT.phrase})


def _add_refusals(operation: dict[str, Any], surface: Surface) -> None:
    if surface in {Surface.PARTNER_CENTER, Surface.GRAPH}:
        operation["security"] = [{"bearer": []}]
    content = {
        _MEDIA_TYPES.get(surface, "application/json"): {
            "schema": {"$ref": f"#/components/schemas/{REFUSALS[surface][0]}"}
        }
    }
    for status in STATUSES[surface]:
        operation["responses"][str(status.value)] = {"description": status.phrase, "content": content}


class OurDocument(JsonRenderPlugin):
    """Serves the document at ``/openapi/openapi.json``, made when it is first asked for: most processes never are."""

    def __init__(self) -> None:
        super().__init__()
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the framework's shape
        if self._made is None:
            self._made = msgspec.json.encode(describe(openapi_schema), enc_hook=str)
        return self._made
