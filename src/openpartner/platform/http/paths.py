"""Paths and query names as clients write them: any case, doubled slashes, trailing slashes.

Routes are registered in lower case; values in a query keep their case. Source: partner-center-conventions §1.
The Graph surface has more forms of one path: ``platform/graph/paths.py``.
"""

import re
from collections.abc import Container
from urllib.parse import parse_qsl, urlencode

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from openpartner.platform.graph.paths import graph_path
from openpartner.platform.http.surfaces import Surface, surface_of

GRAPH_ROOT, LATER_ROOT = "/v1.0/", "/beta/"
GRAPH_ROOTS = (GRAPH_ROOT, LATER_ROOT)
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
    """ASGI middleware in front of the router. The path as written stays in ``scope["state"]["written_path"]``.

    graph_words: the fixed segments of the Graph surface's routes. later_words: the first segments of those that only
    its later version has; whatever else is asked of that version, the routes of the first answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        graph_words: Container[str] = frozenset(),
        later_words: Container[str] = frozenset(),
    ) -> None:
        self.app = app
        self._graph_words = graph_words
        self._later_words = later_words

    def _graph_route(self, written: str) -> str:
        path = graph_path(written, self._graph_words)
        if path.startswith(LATER_ROOT):
            rest = path.removeprefix(LATER_ROOT)
            first = f"{GRAPH_ROOT}{rest}"
            if rest.partition("/")[0] not in self._later_words and surface_of(first) is Surface.GRAPH:
                return first
        return path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            written = scope["path"]
            state = scope.setdefault("state", {})
            state["written_path"] = written
            path = normal_path(written)
            if path.startswith(GRAPH_ROOTS) and surface_of(path) is Surface.GRAPH:
                path = self._graph_route(written)
            scope["path"] = path
            scope["raw_path"] = scope["path"].encode()
            scope["query_string"] = normal_query(scope["query_string"])
        await self.app(scope, receive, send)
