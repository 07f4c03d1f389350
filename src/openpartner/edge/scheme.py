"""Which scheme a request came by: the edge ends TLS before the world, and bytes that it relays do not tell."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from openpartner.edge.hosts import is_vendor_host


def https_for_vendor_hosts(app: ASGIApp) -> ASGIApp:
    """``app`` to which a request for a vendor's host is one by https, as its client believes; links then say so."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["scheme"] == "http":
            host = next((value for name, value in scope["headers"] if name == b"host"), b"")
            if is_vendor_host(host.decode("latin-1").removesuffix(":443")):
                scope["scheme"] = "https"
        await app(scope, receive, send)

    return served
