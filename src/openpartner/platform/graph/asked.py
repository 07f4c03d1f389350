"""One request as the Graph surface sees it: version, address, options, preferences. Given to routes as ``asked``."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request
from litestar.datastructures import Headers

from openpartner.platform.graph.edm import Resource
from openpartner.platform.graph.errors import MatchFailed, MatchNeeded
from openpartner.platform.graph.options import Options, Preferences
from openpartner.platform.world import World

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_KEPT = "/$,:'()@=-._~"
VENDOR_HOST = "graph.microsoft.com"


class Asked:
    """base: scheme, host and port as the client addressed it, no slash at the end. version: ``v1.0`` or ``beta``.

    path: below the version, as the client wrote it. whole: the declared resources with what other slices add to them.
    No dataclass: the framework would take it apart to see whether it fits.
    """

    def __init__(
        self,
        *,
        base: str,
        version: str,
        path: str,
        query: str = "",
        headers: Headers | None = None,
        whole: Mapping[Resource, Resource] | None = None,
    ) -> None:
        self.base = base
        self.version = version
        self.path = path
        self._query = query
        self._headers = headers or Headers()
        self._whole = whole or {}

    def full(self, resource: Resource) -> Resource:
        """A declared resource with what other slices add to it."""
        return self._whole.get(resource, resource)

    @property
    def root(self) -> str:
        """``https://host/v1.0``."""
        return f"{self.base}/{self.version}"

    @cached_property
    def options(self) -> Options:
        """The query options. Raises GraphInvalid."""
        return Options.read(self._query, consistency=self._headers.get("consistencylevel", ""))

    @cached_property
    def preferences(self) -> Preferences:
        """``Prefer``."""
        return Preferences.read(self._headers.getall("prefer", []))

    def context(self, of: str, *, one: bool = False) -> str:
        """``@odata.context``: the set, what was selected of it, and whether it is one of its objects."""
        named = self.options.text("select")
        selected = f"({','.join(name.strip() for name in named.split(','))})" if named else ""
        return f"{self.root}/$metadata#{of}{selected}{'/$entity' if one else ''}"

    def context_of(self, resource: Resource, *, one: bool = False) -> str:
        """The same of a declared resource."""
        return self.context(resource.entity_set, one=one)

    def link(self, path: str) -> str:
        """An absolute address below the version."""
        return f"{self.root}/{quote(path.lstrip('/'), safe=_KEPT)}"

    @property
    def match(self) -> str | None:
        """``If-Match`` as it was sent; None without it."""
        return self._headers.get("if-match", "").strip() or None

    def check_match(self, etag: str, *, needed: bool = False) -> None:
        """Refuse a stale ``If-Match``, and a missing one where it is needed. Raises MatchFailed, MatchNeeded.

        Compared weakly, with or without ``W/`` and quotes; ``*`` always fits. Source: §8.
        """
        sent = self.match
        if sent is None:
            if needed:
                raise MatchNeeded
            return
        if sent != "*" and not any(bare(each) == bare(etag) for each in sent.split(",")):
            raise MatchFailed


def bare(etag: str) -> str:
    """An ETag without what clients strip."""
    text = etag.strip()
    if text[:2] in {"W/", "w/"}:
        text = text[2:]
    return text.strip('"')


def base_of(world: World, request: Request[Any, Any, Any]) -> str:
    """Scheme and host the client used: loopback and the vendor's name as asked, else the settings' own address.

    Source: §6: links go where the client's token may go, and never to a host that a header made up.
    """
    asked = request.base_url
    name = urlsplit(str(asked)).hostname or ""
    if world.settings.base_url and name not in LOOPBACK and name != VENDOR_HOST:
        return world.settings.base_url.rstrip("/")
    return f"{asked.scheme}://{asked.netloc}"


def _written(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("state", {}).get("written_path", request.scope["path"]))


def version_of(request: Request[Any, Any, Any]) -> str:
    """``v1.0`` or ``beta``, as the client wrote it: one route answers both."""
    return "beta" if _written(request).split("/")[1].lower() == "beta" else "v1.0"


def asked_of(world: World, request: Request[Any, Any, Any], whole: Mapping[Resource, Resource]) -> Asked:
    """What the routes of a request are given. whole: the declared resources with what other slices add to them."""
    _, _, *rest = _written(request).split("/")
    return Asked(
        base=base_of(world, request),
        version=version_of(request),
        path="/".join(rest),
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers,
        whole=whole,
    )
