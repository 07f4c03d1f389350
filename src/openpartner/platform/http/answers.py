"""Answers of the Partner Center surface: compact JSON, exact numbers, the byte order mark switch, kept for retries.

In a wire struct of an answer only members that may be missing have a default, and it is None: ``omit_defaults`` then
leaves out exactly what is not set. Source: partner-center-conventions §4, §8, §9.
"""

import base64
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.serialization import default_serializer
from litestar.types import Serializer

from openpartner.platform.errors import Invalid
from openpartner.platform.http.binding import BOM
from openpartner.platform.replay import Answer
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")

_encoder = msgspec.json.Encoder(decimal_format="number")
JSON_TYPE = "application/json; charset=utf-8"


class Wire(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """A JSON object of the Partner Center surface; members in lowerCamelCase, missing ones left out.

    Each subclass says ``kw_only=True`` again: it holds for a class's own members only.
    """


class Header(Wire, kw_only=True):
    """A header that a followed link must carry."""

    key: str
    value: str


class Link(Wire, kw_only=True):
    """Where to go next. ``uri`` is relative and without the version."""

    uri: str
    method: str
    headers: list[Header]


class Attributes(Wire, kw_only=True):
    """The name of the type, and the ETag where concurrency applies."""

    etag: str | None = None
    object_type: str


class Collection(Wire, Generic[T], kw_only=True):
    """The envelope of a list; ``totalCount`` is the number of items in this page."""

    total_count: int
    items: list[T]
    continuation_token: str | None = None
    links: dict[str, Link] | None = None
    attributes: Attributes


def link(uri: str, method: str = "GET", headers: Sequence[Header] = ()) -> Link:
    """A link to ``uri``, relative to the version root."""
    return Link(uri=uri, method=method, headers=list(headers))


def collection(items: Sequence[T], self_uri: str | None = None) -> Collection[T]:
    """A whole list in the envelope."""
    return Collection(
        total_count=len(items),
        items=list(items),
        links=None if self_uri is None else {"self": link(self_uri)},
        attributes=Attributes(object_type="Collection"),
    )


def seek_page(items: Sequence[T], self_uri: str, next_token: str | None) -> Collection[T]:
    """One page of a list that is read by continuation token.

    self_uri: with the request's query. The link to the next page carries the token as a header, as the original does.
    """
    links = {"self": link(self_uri)}
    if next_token is not None:
        path = self_uri.partition("?")[0]
        token = Header(key="MS-ContinuationToken", value=next_token)
        links["next"] = link(f"{path}?seekOperation=Next", headers=[token])
    return Collection(
        total_count=len(items),
        items=list(items),
        continuation_token=next_token,
        links=links,
        attributes=Attributes(object_type="Collection"),
    )


def index_page(items: Sequence[T], path: str, query: str, offset: int, size: int, *, more: bool) -> Collection[T]:
    """One page of a list that is read by ``size`` and ``offset``; ``query`` is the rest of the request's query."""

    def uri(start: int) -> str:
        return f"{path}?{query}{'&' if query else ''}size={size}&offset={start}"

    links = {"self": link(uri(offset))}
    if more:
        links["next"] = link(uri(offset + size))
    if offset > 0:
        links["previous"] = link(uri(max(offset - size, 0)))
    return Collection(
        total_count=len(items), items=list(items), links=links, attributes=Attributes(object_type="Collection")
    )


def make_token(position: Any) -> str:
    """A continuation token: opaque to clients, the page's last key and the query to us."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def read_token(token: str, shape: type[T]) -> T:
    """What ``make_token`` put in. Raises Invalid for anything else."""
    try:
        return msgspec.json.decode(base64.b64decode(token.encode(), altchars=b"-_", validate=True), type=shape)
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid("This continuation token is not one of ours. Start again without it.") from error


def encode(body: Any) -> bytes:
    """Compact JSON; a Decimal is a number."""
    return _encoder.encode(body)


class PartnerCenterResponse(Response[T]):
    """Encodes as the surface does. ``bom``: begin with a UTF-8 byte order mark."""

    bom = False

    def render(self, content: Any, media_type: str, enc_hook: Serializer = default_serializer) -> bytes:
        if isinstance(content, bytes):
            return content
        if media_type.startswith(MediaType.JSON):
            body = encode(content)
            return BOM + body if self.bom else body
        return super().render(content, media_type, enc_hook)


class PartnerCenterResponseWithMark(PartnerCenterResponse[T]):
    """The same with the byte order mark."""

    bom = True


def reply(uow: UnitOfWork, body: T, *, status: int = 200, headers: dict[str, str] | None = None) -> Response[T]:
    """The answer of a mutating operation, kept in the unit's transaction for a retry with the same MS-RequestId.

    Call it last inside the unit: whatever the body shows must be decided.
    """
    content = b"" if body is None else encode(body)
    if content and uow.world.settings.json_bom:
        content = BOM + content
    answer = Answer(status, content, headers or {})
    uow.keep_answer(answer)
    return cast("Response[T]", as_response(answer))


def as_response(answer: Answer) -> Response[bytes]:
    """An answer's bytes as a response."""
    media_type = JSON_TYPE if answer.body else "text/plain"
    return PartnerCenterResponse(answer.body, status_code=answer.status, headers=answer.headers, media_type=media_type)
