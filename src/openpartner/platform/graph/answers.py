"""Answers of the surface: objects, lists, counts, what was created, changed, removed or begun. Source: §3, §8."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

from openpartner.platform.graph.asked import Asked

JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
VERSION = {"OData-Version": "4.0"}
_encoder = msgspec.json.Encoder(decimal_format="number")

Body = dict[str, Any]
"""An object or a list with its annotations."""


def weak_etag(key: object, version: int) -> str:
    """``W/"<base64>"`` of a key and its version: what a body shows as ``@odata.etag``. Source: §8."""
    return f'W/"{base64.b64encode(f"{key}/{version}".encode()).decode()}"'


def answer(body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Any]:
    """An object or a list. One that shows its ``@odata.etag`` also carries it as a header."""
    sent = {**VERSION, **(headers or {})}
    if isinstance(body.get("@odata.etag"), str):
        sent["ETag"] = body["@odata.etag"]
    return Response(_encoder.encode(body), status_code=status, headers=sent, media_type=JSON_TYPE)


def listed(asked: Asked, body: Mapping[str, Any]) -> Response[Any]:
    """A page of a list."""
    applied = asked.preferences.max_page_size is not None and asked.options.text("top") is None
    size = f"odata.maxpagesize={asked.preferences.max_page_size}"
    return answer(body, headers=_applied(asked, *([size] if applied else ())))


def shown(asked: Asked, body: Mapping[str, Any]) -> Response[Any]:
    """One object."""
    return answer(body, headers=_applied(asked))


def counted(total: int) -> Response[Any]:
    """``…/$count``: a number as plain text."""
    return Response(str(total).encode(), status_code=200, headers=dict(VERSION), media_type="text/plain")


def created(asked: Asked, body: Mapping[str, Any], path: str) -> Response[Any]:
    """201 with the object and where it is; 204 for who asked for as little as possible."""
    location = {"Location": asked.link(path)}
    if asked.preferences.returned == "minimal":
        entity = {"OData-EntityId": location["Location"], "Preference-Applied": "return=minimal"}
        return Response(b"", status_code=204, headers={**VERSION, **location, **entity}, media_type="text/plain")
    applied = ["return=representation"] if asked.preferences.returned == "representation" else []
    return answer(body, status=201, headers={**location, **_applied(asked, *applied)})


def changed(asked: Asked, body: Mapping[str, Any]) -> Response[Any]:
    """200 with the object, where a change answers with it; 204 for who asked for as little as possible."""
    if asked.preferences.returned == "minimal":
        headers = {"Preference-Applied": "return=minimal"}
        return Response(b"", status_code=204, headers={**VERSION, **headers}, media_type="text/plain")
    return answer(body, headers=_applied(asked))


def changed_silently(asked: Asked, body: Mapping[str, Any]) -> Response[Any]:
    """204, where a change answers with nothing; 200 with the object for who asked for it."""
    if asked.preferences.returned == "representation":
        return answer(body, headers=_applied(asked, "return=representation"))
    return nothing()


def nothing() -> Response[Any]:
    """204."""
    return Response(b"", status_code=204, headers=dict(VERSION), media_type="text/plain")


def accepted(location: str, *, retry_after: int) -> Response[Any]:
    """202 ``{}``: the work goes on; where to look, and after how many seconds."""
    return answer({}, status=202, headers={"Location": location, "Retry-After": str(retry_after)})


def value(asked: Asked, type_name: str, of: Any) -> Response[Any]:
    """What an action returns that is no object: ``{"value": true}``. type_name: ``Edm.Boolean``."""
    return answer({"@odata.context": f"{asked.root}/$metadata#{type_name}", "value": of})


def _applied(asked: Asked, *more: str) -> dict[str, str]:
    applied = list(more)
    if asked.preferences.unknown_enum_members:
        applied.append("include-unknown-enum-members")
    return {"Preference-Applied": ", ".join(applied)} if applied else {}
