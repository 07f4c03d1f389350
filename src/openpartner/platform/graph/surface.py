"""The surface as a whole: one list of handlers, with the surface's own bodies and ``asked``.

Both versions are answered by the routes of the first (``http/paths.py``), but for what only the later one has.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from litestar import Request, Router
from litestar.di import NamedDependency, Provide
from litestar.types import ASGIApp

from openpartner.platform.graph.asked import Asked, asked_of
from openpartner.platform.graph.batch import batch_route
from openpartner.platform.graph.bodies import GraphRequest
from openpartner.platform.graph.edm import Navigation, Property, Resource
from openpartner.platform.graph.metadata import metadata_route
from openpartner.platform.http.registering import QuickRouter
from openpartner.platform.world import World

ROOTS = ("/v1.0", "/beta")


@dataclass(frozen=True)
class Extension:
    """What a slice adds to a resource that a slice to its right declares: a user's licences. Same names replace."""

    of: Resource
    properties: Mapping[str, Property] = field(default_factory=dict)
    navigations: Mapping[str, Navigation] = field(default_factory=dict)


def extended(resources: Sequence[Resource], extensions: Iterable[Extension]) -> dict[Resource, Resource]:
    """Each declared resource, and what it is with everything that was added to it."""
    whole = {resource: resource for resource in resources}
    for each in extensions:
        known = whole[each.of]
        whole[each.of] = replace(
            known,
            properties={**known.properties, **each.properties},
            navigations={**known.navigations, **each.navigations},
        )
    return whole


@dataclass(frozen=True)
class Surface:
    """What the slices bring. handlers: registered without version, in lower case."""

    handlers: Sequence[Any] = ()
    beta_only: Sequence[Any] = ()
    resources: Sequence[Resource] = ()
    extensions: Sequence[Extension] = ()


def graph_routers(surface: Surface, app: Callable[[], ASGIApp]) -> list[Router]:
    """A router a root. app: for ``$batch``, which dispatches through the whole app."""
    whole = extended(surface.resources, surface.extensions)

    async def provide_asked(request: Request[Any, Any, Any], world: NamedDependency[World]) -> Asked:
        return asked_of(world, request, whole)

    common = [*surface.handlers, batch_route(app), metadata_route(list(whole.values()))]
    return [
        QuickRouter(
            path=root,
            route_handlers=handlers,
            request_class=GraphRequest,
            dependencies={"asked": Provide(provide_asked)},
        )
        for root, handlers in (("/v1.0", common), ("/beta", surface.beta_only))
        if handlers
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


def later_words(paths: Iterable[str]) -> frozenset[str]:
    """The first words below the later root, from the paths of the routes that only it has."""
    return frozenset(path.split("/")[2] for path in paths if path.startswith("/beta/"))
