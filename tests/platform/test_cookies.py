"""Cookies that come in several headers, as browsers send them over HTTP/2."""

import pytest

from openpartner.platform.http.cookies import with_one_cookie_header

HOST = (b"host", b"localhost")
KIND = (b"accept", b"text/html")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([HOST, KIND], [HOST, KIND]),
        ([HOST, (b"cookie", b"a=1; b=2"), KIND], [HOST, (b"cookie", b"a=1; b=2"), KIND]),
        ([HOST, (b"cookie", b"a=1"), KIND, (b"cookie", b"b=2")], [HOST, (b"cookie", b"a=1; b=2"), KIND]),
        ([(b"cookie", b"b=2"), (b"cookie", b"a=1"), (b"cookie", b"c=3")], [(b"cookie", b"b=2; a=1; c=3")]),
    ],
)
def test_all_cookies_stand_in_one_header(sent: list[tuple[bytes, bytes]], read: list[tuple[bytes, bytes]]) -> None:
    assert with_one_cookie_header(sent) == read
