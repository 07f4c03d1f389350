"""One ``cookie`` header a request, however many a browser sent.

Over HTTP/2 a browser may send each cookie as a header of its own, and Chromium does; what reads cookies below looks at
one header only. Source: RFC 9113 §8.2.3.
"""

from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

COOKIE = b"cookie"

Header = tuple[bytes, bytes]


def with_one_cookie_header(headers: Iterable[Header]) -> list[Header]:
    """The headers with all cookies in the first ``cookie`` header's place, in their order."""
    given = list(headers)
    cookies = b"; ".join(value for name, value in given if name == COOKIE)
    others = [header for header in given if header[0] != COOKIE]
    place = next((number for number, (name, _) in enumerate(given) if name == COOKIE), None)
    if place is None:
        return given
    return [*others[:place], (COOKIE, cookies), *others[place:]]


class OneCookieHeader:
    """ASGI middleware, the outermost: what reads headers keeps them in the scope as it first saw them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and sum(name == COOKIE for name, _ in scope["headers"]) > 1:
            scope["headers"] = with_one_cookie_header(scope["headers"])
        await self.app(scope, receive, send)
