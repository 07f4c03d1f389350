"""Routers that take many routes quickly: a start registers more than a thousand.

The framework (Litestar 2.25) looks through all routes for each one that it adds, copies a router deeply to register
it, makes and inspects a function for OPTIONS for each path, and imports Pydantic where it is installed. Here a route is
found by its path, a router belongs to the one app it is made for, one handler answers OPTIONS, only msgspec is asked.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self, cast

from litestar import Litestar, Response, Router
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import HTTPRoute
from litestar.types import Scope
from litestar.utils import join_paths

Handlers = dict[str, Any]
"""The handlers of a path by method."""


class OptionsHandler(HTTPRouteHandler):
    """Answers OPTIONS of every path of a router that has no handler of its own for it."""


class _ByPath(Mapping[str, Handlers]):
    """The handlers of a router by path and method, without those for OPTIONS. Routes are only added or put anew."""

    def __init__(self, routes: list[Any]) -> None:
        self._routes = routes
        self._places: dict[str, int] = {}
        self._seen = 0

    def _catch_up(self) -> dict[str, int]:
        for place in range(self._seen, len(self._routes)):
            self._places[self._routes[place].path] = place
        self._seen = len(self._routes)
        return self._places

    def __getitem__(self, path: str) -> Handlers:
        route = self._routes[self._catch_up()[path]]
        given = route.route_handlers if isinstance(route, HTTPRoute) else ()
        return {method: each for each in given if not isinstance(each, OptionsHandler) for method in each.http_methods}

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._catch_up()))

    def __len__(self) -> int:
        return len(self._catch_up())


class _Quickly(Router):
    """What both have in common."""

    @property
    def route_handler_method_map(self) -> _ByPath:  # type: ignore[override]  # a dict there: only read, and by path
        """As the framework asks for it."""
        known: _ByPath | None = self.__dict__.get("_by_path")
        if known is None:
            known = self.__dict__["_by_path"] = _ByPath(self.routes)
        return known

    @property
    def _options(self) -> OptionsHandler:
        known: OptionsHandler | None = self.__dict__.get("_options_handler")
        if known is None:
            known = self.__dict__["_options_handler"] = _options_of(self.routes)
            known.owner = self
        return known

    def get_route_handler_map(self, value: Any) -> dict[str, Handlers]:  # type: ignore[override]  # of the class there
        """The handlers that a value brings, and the one for OPTIONS."""
        whole: dict[str, Handlers] = {}
        brought = cast("dict[str, Handlers]", super().get_route_handler_map(value))
        for path, handlers in brought.items():
            present = self.route_handler_method_map.get(join_paths([self.path, path]), {})
            answered = "OPTIONS" in handlers or "OPTIONS" in present
            whole[path] = {**handlers, **({} if answered else {"OPTIONS": self._options})}
        return whole


def _options_of(routes: list[Any]) -> OptionsHandler:
    allowed: dict[str, str] = {}

    def answer_options(scope: Scope) -> Response[None]:
        """Which methods a path takes."""
        if not allowed:
            allowed.update({each.path_format: ", ".join(sorted(each.methods)) for each in routes})
        headers = {"Allow": allowed[scope["path_template"]]}
        return Response(None, status_code=204, headers=headers, media_type=MediaType.TEXT)

    made = OptionsHandler(http_method=["OPTIONS"], include_in_schema=False, sync_to_thread=False)
    return cast("OptionsHandler", made(answer_options))


class QuickRouter(_Quickly):
    """A router of one app, which takes it as it is."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class QuickLitestar(_Quickly, Litestar):
    """The app."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]
