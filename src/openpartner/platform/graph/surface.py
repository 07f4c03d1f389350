"""The surface as a whole: one list of handlers under both roots, with the surface's own bodies and ``asked``."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from litestar import Router
from litestar.di import Provide
from litestar.types import ASGIApp

from openpartner.platform.graph.asked import provide_asked
from openpartner.platform.graph.batch import batch_route
from openpartner.platform.graph.bodies import GraphRequest
from openpartner.platform.graph.edm import Resource
from openpartner.platform.graph.metadata import metadata_route

ROOTS = ("/v1.0", "/beta")


def graph_routers(
    handlers: Iterable[Any], beta_only: Iterable[Any], resources: Sequence[Resource], app: Callable[[], ASGIApp]
) -> list[Router]:
    """A router a root. handlers: registered without version, in lower case. app: for ``$batch``."""
    common = [*handlers, batch_route(app), metadata_route(resources)]
    more = {"/v1.0": [], "/beta": list(beta_only)}
    return [
        Router(
            path=root,
            route_handlers=[*common, *more[root]],
            request_class=GraphRequest,
            dependencies={"asked": Provide(provide_asked)},
        )
        for root in ROOTS
    ]


def fixed_segments(paths: Iterable[str]) -> frozenset[str]:
    """The words of the surface's routes, from their paths: what is matched whatever its letter case."""
    return frozenset(
        part
        for path in paths
        if path.startswith(tuple(f"{root}/" for root in ROOTS))
        for part in path.split("/")[2:]
        if part and not part.startswith("{")
    )
