"""``$batch``: up to twenty requests in one, each dispatched through the app with a unit of work of its own. §10."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.types import ASGIApp

from openpartner.platform.graph.answers import answer
from openpartner.platform.graph.asked import version_of
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.http.authentication import bearer_token

MOST = 20
LARGEST = 4 * 1024 * 1024
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
_NO_CONTENT_TYPE = "A body needs its media type: send the header 'Content-Type: application/json' inside the item."


class BatchItem(msgspec.Struct, kw_only=True):
    """One request of a batch. ``depends_on`` is how one of the SDKs writes ``dependsOn``."""

    id: str | int
    method: str
    url: str
    headers: dict[str, str] | None = None
    body: Any = None
    depends_on_camel: list[str] | None = msgspec.field(default=None, name="dependsOn")
    depends_on: list[str] | None = None

    @property
    def key(self) -> str:
        """How the other items name it, letter case aside."""
        return str(self.id).lower()

    @property
    def needs(self) -> list[str]:
        """The ids of the items that must have gone well before."""
        return [*(self.depends_on_camel or ()), *(self.depends_on or ())]


class BatchBody(msgspec.Struct, kw_only=True):
    """What ``$batch`` takes."""

    requests: list[BatchItem]


def check(items: list[BatchItem]) -> None:
    """Refuse the whole batch for its shape. Raises GraphInvalid."""
    if not items:
        raise GraphInvalid("A batch has at least one request.", code="BadRequest", target="requests")
    if len(items) > MOST:
        raise GraphInvalid(f"A batch has at most {MOST} requests, not {len(items)}. Send the rest in another one.")
    known: set[str] = set()
    for item in items:
        if not item.key or item.key in known:
            raise GraphInvalid(f"Each request of a batch needs an id of its own; '{item.id}' is missing or repeated.")
        known.add(item.key)
    for item in items:
        unknown = [each for each in item.needs if each.lower() not in known]
        if unknown:
            raise GraphInvalid(f"The request '{item.id}' depends on '{unknown[0]}', which is not in the batch.")


def in_order(items: list[BatchItem]) -> list[BatchItem]:
    """Each behind what it depends on, else as given. Raises GraphInvalid for a circle."""
    done: set[str] = set()
    waiting, ordered = list(items), list[BatchItem]()
    while waiting:
        ready = [item for item in waiting if all(each.lower() in done for each in item.needs)]
        if not ready:
            raise GraphInvalid("The requests of the batch depend on each other in a circle.")
        ordered += ready
        done |= {item.key for item in ready}
        waiting = [item for item in waiting if item not in ready]
    return ordered


@dataclass
class _Caught:
    """What an inner request answered."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def refusal(item: BatchItem, status: int, code: str, message: str) -> dict[str, Any]:
    """The answer of an item that was not dispatched."""
    headers = {"Content-Type": "application/json"}
    return {"id": item.id, "status": status, "headers": headers, "body": {"error": {"code": code, "message": message}}}


def _path_of(url: str) -> tuple[str, str]:
    """Path below the version and query of an item's url; an absolute one is tolerated."""
    parts = urlsplit(url if url.startswith("http") else f"/{url.lstrip('/')}")
    path = unquote(parts.path).lstrip("/")
    head, _, rest = path.partition("/")
    if head.lower() in {"v1.0", "beta"}:
        path = rest
    return path, parts.query


def _content(item: BatchItem, headers: Mapping[str, str]) -> bytes | None:
    """The inner body as bytes; None when its media type is missing. Raises ValueError for what is not base64."""
    if item.body is None:
        return b""
    media_type = headers.get("content-type")
    if media_type is None:
        return None
    if isinstance(item.body, str) and "json" not in media_type:
        return base64.b64decode(item.body, validate=True)
    return msgspec.json.encode(item.body)


class Batch:
    """Dispatches the items of a batch. app: gives the whole app, since it is made after its routes."""

    def __init__(self, app: Callable[[], ASGIApp]) -> None:
        self._app = app

    async def run(self, request: Request[Any, Any, Any], items: list[BatchItem]) -> list[dict[str, Any]]:
        """One answer an item. Raises GraphInvalid for the shape of the whole."""
        check(items)
        failed: set[str] = set()
        answers = []
        for item in in_order(items):
            if any(each.lower() in failed for each in item.needs):
                given = refusal(item, 424, "FailedDependency", "A request that this one depends on has failed.")
            else:
                given = await self._one(request, item)
            if given["status"] >= 400:
                failed.add(item.key)
            answers.append(given)
        return answers

    async def _one(self, request: Request[Any, Any, Any], item: BatchItem) -> dict[str, Any]:
        method = item.method.upper()
        headers = {name.lower(): value for name, value in (item.headers or {}).items()}
        path, query = _path_of(item.url)
        if method not in METHODS:
            return refusal(item, 400, "BadRequest", f"'{item.method}' is no method of this surface.")
        if path.lower().startswith("$batch"):
            return refusal(item, 400, "BadRequest", "A batch cannot be sent inside a batch.")
        try:
            content = _content(item, headers)
        except (binascii.Error, ValueError):
            return refusal(item, 400, "BadRequest", "The body is not base64 text.")
        if content is None:
            return refusal(item, 400, "BadRequest", _NO_CONTENT_TYPE)
        version = version_of(request)
        scope = _scope(request, method, f"/{version}/{path}", query, _headers(request, headers, content))
        return _shown(item, await self._call(scope, content))

    async def _call(self, scope: Any, content: bytes) -> _Caught:
        caught, waiting = _Caught(), [content]

        async def receive() -> Any:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                caught.status = int(message["status"])
                caught.headers = {
                    name.decode("latin-1").lower(): text.decode("latin-1") for name, text in message["headers"]
                }
            elif message["type"] == "http.response.body":
                caught.body += message.get("body", b"")

        await self._app()(scope, receive, send)
        return caught


def _headers(request: Request[Any, Any, Any], inner: Mapping[str, str], content: bytes) -> dict[str, str]:
    """The outer token and host; the item's own headers but for those two."""
    outer = {"authorization", "host", "client-request-id"}
    kept = {name: text for name, text in request.headers.items() if name.lower() in outer}
    own = {name: text for name, text in inner.items() if name not in {"authorization", "host"}}
    return {**kept, **own, "content-length": str(len(content))}


def _scope(
    request: Request[Any, Any, Any], method: str, path: str, query: str, headers: Mapping[str, str]
) -> dict[str, Any]:
    """The request as a server would hand it over."""
    pairs = [
        (name.lower().encode("latin-1", "replace"), text.encode("latin-1", "replace")) for name, text in headers.items()
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": request.scope["scheme"],
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode("latin-1", "replace"),
        "headers": pairs,
        "client": request.scope.get("client"),
        "server": request.scope.get("server"),
        "state": {},
        "extensions": {},
    }


_PASSED_ON = {
    "location": "Location",
    "retry-after": "Retry-After",
    "etag": "ETag",
    "cache-control": "Cache-Control",
    "www-authenticate": "WWW-Authenticate",
    "preference-applied": "Preference-Applied",
    "request-id": "request-id",
    "odata-entityid": "OData-EntityId",
}


def _shown(item: BatchItem, caught: _Caught) -> dict[str, Any]:
    headers = {name: caught.headers[key] for key, name in _PASSED_ON.items() if key in caught.headers}
    media_type = caught.headers.get("content-type", "")
    shown: dict[str, Any] = {"id": item.id, "status": caught.status, "headers": headers}
    if caught.body:
        headers["Content-Type"] = "application/json" if "json" in media_type else media_type.partition(";")[0]
        is_json = "json" in media_type
        shown["body"] = msgspec.Raw(caught.body) if is_json else _text(caught.body, media_type)
    return shown


def _text(body: bytes, media_type: str) -> str:
    return body.decode() if media_type.startswith("text/") else base64.b64encode(body).decode()


def batch_route(app: Callable[[], ASGIApp]) -> HTTPRouteHandler:
    """``POST /$batch``."""
    batch = Batch(app)

    @post("/$batch", status_code=200, opt={"operation": "POST /v1.0/$batch"})
    async def send_batch(request: Request[Any, Any, Any], data: JSONBody[BatchBody]) -> Response[Any]:
        """Each item as if it had come alone, with the outer token."""
        bearer_token(request)
        if len(await request.body()) > LARGEST:
            raise GraphInvalid("The batch is larger than 4 MB. Send less at once.", code="BadRequest")
        return answer({"responses": await batch.run(request, data.requests)})

    return send_batch
