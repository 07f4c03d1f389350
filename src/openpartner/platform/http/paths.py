"""Paths and query names as clients write them: any case, doubled slashes, trailing slashes.

Routes are registered in lower case; values in a query keep their case. Source: partner-center-conventions §1.
"""

import re
from urllib.parse import parse_qsl, urlencode

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

KEPT_AS_WRITTEN = ("/static/",)  # content-hashed file names
_SLASHES = re.compile(r"/{2,}")


def normal_path(path: str) -> str:
    """The path that routes are matched by."""
    path = _SLASHES.sub("/", path)
    if path.startswith(KEPT_AS_WRITTEN):
        return path
    path = path.lower()
    return path.rstrip("/") or "/"


def normal_query(query: bytes) -> bytes:
    """The query with its names in lower case, order and values kept."""
    if not query or query.lower() == query:
        return query
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(name.lower(), value) for name, value in pairs]).encode("latin-1")


class NormalPaths:
    """ASGI middleware in front of the router. The path as written stays in ``scope["state"]["written_path"]``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            written = scope["path"]
            state = scope.setdefault("state", {})
            state["written_path"] = written
            scope["path"] = normal_path(written)
            scope["raw_path"] = scope["path"].encode()
            scope["query_string"] = normal_query(scope["query_string"])
        await self.app(scope, receive, send)
