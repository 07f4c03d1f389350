"""A vendor's host means https, whatever brought the request to the world."""

import asyncio
from typing import Any

import pytest
from litestar.types import Receive, Scope, Send

from openpartner.edge.scheme import https_for_vendor_hosts


@pytest.mark.parametrize(
    ("host", "arrived", "seen"),
    [
        (b"login.microsoftonline.com", "http", "https"),
        (b"Graph.Microsoft.com:443", "http", "https"),
        (b"graph.microsoft.com", "https", "https"),
        (b"localhost:8080", "http", "http"),
        (b"partner.example.com", "http", "http"),
        (b"", "http", "http"),
    ],
)
def test_the_scheme_that_the_app_sees(host: bytes, arrived: str, seen: str) -> None:
    schemes = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        schemes.append(scope["scheme"])

    scope: Any = {"type": "http", "scheme": arrived, "headers": [(b"accept", b"*/*"), (b"host", host)]}
    nothing: Any = None

    async def serve() -> None:
        await https_for_vendor_hosts(app)(scope, nothing, nothing)

    asyncio.run(serve())

    assert schemes == [seen]
