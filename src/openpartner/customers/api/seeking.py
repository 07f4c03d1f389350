"""Lists that are read by continuation token: what a token holds, and what the next call asks.

Source: partner-center-conventions §9: the token carries the size and the filter, for clients repeat neither.
"""

from enum import StrEnum
from typing import Annotated, Any

from litestar import Request
from litestar.params import HeaderParameter, QueryParameter

from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Header, Link, link

DEFAULT_SIZE = 500
"""Also the largest page; 0 and nothing mean it."""

Size = Annotated[int, QueryParameter(name="size")]
FilterText = Annotated[str | None, QueryParameter(name="filter")]
SeekText = Annotated[str | None, QueryParameter(name="seekoperation")]
Token = Annotated[str | None, HeaderParameter(name="MS-ContinuationToken")]


class Seek(StrEnum):
    """Where to go from the page that the token stands for."""

    NEXT = "next"
    PREVIOUS = "previous"
    FIRST = "first"
    LAST = "last"
    PAGE_INDEX = "page_index"


def page_size(asked: int) -> int:
    """How many items a page has. Raises Invalid below zero."""
    if asked < 0:
        raise Invalid("The size must not be negative.")
    return min(asked or DEFAULT_SIZE, DEFAULT_SIZE)


def seek_of(text: str | None, token: str | None) -> Seek | None:
    """The movement that was asked for; None: from the beginning. Raises Invalid when there is nothing to move from."""
    if text is None:
        return None if token is None else Seek.NEXT
    plain = text.replace("_", "").lower()
    found = next((seek for seek in Seek if seek.replace("_", "") == plain), None)
    if found is None:
        raise Invalid(f"The seekOperation {text!r} is unknown; use Next, Previous, First or Last.")
    if found is Seek.PAGE_INDEX:
        raise Invalid("Pages have no numbers here; follow the links with Next, Previous, First or Last.")
    if token is None and found is not Seek.FIRST:
        raise Invalid(f"The seekOperation {text} needs the header MS-ContinuationToken of the page it starts from.")
    return found


def self_uri(request: Request[Any, Any, Any], path: str) -> str:
    """The path with the request's query, as it was sent."""
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def movement(path: str, seek: Seek, token: str) -> Link:
    """A link that moves from the token's page."""
    return link(
        f"{path}?seekOperation={seek.value.capitalize()}", headers=[Header(key="MS-ContinuationToken", value=token)]
    )
