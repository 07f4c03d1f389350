"""The proxy on the wire: what it answers itself, what it relays, and how it ends."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from openpartner.edge.authority import Authority, open_authority
from openpartner.edge.proxy import Edge, Entrance, Origin, UpstreamProxy
from tests.edge.conftest import Echo

Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("edge") / "authority")


async def exchange(port: int, sent: bytes) -> bytes:
    """All that is answered to ``sent`` until the connection closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answered = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return answered


def answer_of_proxy(authority: Authority, world: Origin, sent: bytes) -> bytes:
    async def ask() -> bytes:
        async with Edge(world, authority.server_context()) as edge:
            return await exchange(edge.listen(Entrance.PROXY), sent)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        (
            b"GET / HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n",
            "400 Bad Request",
            "This is OpenPartner's HTTP proxy; the request is none for a proxy.\n",
        ),
        (
            b"\x16\x03\x01 TLS here?\r\n\r\n",
            "400 Bad Request",
            "This is OpenPartner's HTTP proxy; the request is none for a proxy.\n",
        ),
        (
            b"CONNECT graph.microsoft.com HTTP/1.1\r\n\r\n",
            "400 Bad Request",
            "This is OpenPartner's HTTP proxy; the request is none for a proxy.\n",
        ),
        (
            b"GET http://graph.microsoft.com/ HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
            "431 Request Header Fields Too Large",
            "The head of this request is too large.\n",
        ),
        (
            b"CONNECT graph.microsoft.com:8443 HTTP/1.1\r\n\r\n",
            "403 Port not served",
            "OpenPartner is graph.microsoft.com on ports 80 and 443, not 8443.\n",
        ),
        (
            b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n",
            "403 OpenPartner's sandbox reaches no other host; --allow-other-hosts allows other.example",
            (
                "other.example is not one of the vendor's hosts that this OpenPartner world answers for, and its "
                "sandbox reaches no other host. To allow it, run the program with "
                "`openpartner run --allow-other-hosts`.\n"
            ),
        ),
        (
            b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n",
            "502 World not reachable",
            "The OpenPartner world at 127.0.0.1:9 does not answer.\n",
        ),
    ],
)
def test_what_the_proxy_answers_itself(authority: Authority, sent: bytes, status: str, message: str) -> None:
    answered = answer_of_proxy(authority, Origin("127.0.0.1", 9), sent)

    assert answered.decode() == (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(message)}\r\nConnection: close\r\n\r\n{message}"
    )


def test_an_https_target_without_connect_is_served(authority: Authority, echo: Echo) -> None:
    """As older axios asks a proxy."""
    sent = b"GET https://graph.microsoft.com/v1.0/me?x=1 HTTP/1.1\r\nHost: graph.microsoft.com\r\nKeep-Alive: 5\r\n\r\n"

    answered = answer_of_proxy(authority, Origin("127.0.0.1", echo.port), sent)

    body = b'{"method": "GET", "path": "/v1.0/me?x=1", "host": "graph.microsoft.com", "body": ""}'
    assert answered.endswith(b"\r\n\r\n" + body)
    assert echo.heads == [{"host": "graph.microsoft.com", "connection": "close"}]


def test_a_request_without_a_host_header_gets_its_targets(authority: Authority, echo: Echo) -> None:
    answer_of_proxy(
        authority, Origin("127.0.0.1", echo.port), b"GET http://graph.microsoft.com:80/ HTTP/1.0\r\nA: b\r\n\r\n"
    )

    assert echo.heads == [{"a": "b", "host": "graph.microsoft.com:80", "connection": "close"}]


def test_loopback_is_never_refused(authority: Authority, echo: Echo) -> None:
    sent = b"GET " + echo.url.encode() + b"/own HTTP/1.1\r\nHost: x\r\n\r\n"

    assert b'"path": "/own"' in answer_of_proxy(authority, Origin("127.0.0.1", 9), sent)


@pytest.mark.parametrize(
    ("sent", "forwarded"),
    [
        (
            b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\nProxy-Connection: keep-alive\r\n\r\n",
            (
                b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n"
                b"Proxy-Authorization: Basic dXM6cCBX\r\n\r\n"
            ),
        ),
        (
            b"GET http://other.example/a HTTP/1.1\r\nHost: other.example\r\nProxy-Authorization: mine\r\n\r\n",
            (
                b"GET http://other.example/a HTTP/1.1\r\nHost: other.example\r\n"
                b"Proxy-Authorization: Basic dXM6cCBX\r\nConnection: close\r\n\r\n"
            ),
        ),
    ],
    ids=["CONNECT", "GET"],
)
def test_allowed_hosts_go_through_the_machines_own_proxy(authority: Authority, sent: bytes, forwarded: bytes) -> None:
    received = []

    async def outer_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 418 Teapot\r\n\r\n")
        writer.close()

    async def ask() -> bytes:
        outer = await asyncio.start_server(outer_proxy, "127.0.0.1", 0)
        async with outer:
            url = f"http://us:p%20W@127.0.0.1:{outer.sockets[0].getsockname()[1]}"
            upstream = UpstreamProxy.of(url, authority.client_context())
            nowhere = Origin("127.0.0.1", 9)
            edge = Edge(nowhere, authority.server_context(), allow_other_hosts=True, upstream=upstream)
            async with edge:
                return await exchange(edge.listen(Entrance.PROXY), sent)

    assert asyncio.run(ask()) == b"HTTP/1.1 418 Teapot\r\n\r\n"
    assert received == [forwarded]


async def through_connect(port: int, trusting: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to graph.microsoft.com through the proxy, after its TLS handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
    await writer.start_tls(trusting, server_hostname="graph.microsoft.com")
    return reader, writer


async def with_world(serve: Server, authority: Authority, use: Callable[[int], Awaitable[None]]) -> None:
    """Runs ``use`` with the port of a proxy to a world that ``serve`` answers."""
    world = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with world:
        port = world.sockets[0].getsockname()[1]
        async with Edge(Origin("127.0.0.1", port), authority.server_context()) as edge:
            await use(edge.listen(Entrance.PROXY))


def test_many_large_conversations_at_once_arrive_whole(authority: Authority) -> None:
    async def double(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(8192):
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def converse(port: int, number: int) -> None:
        reader, writer = await through_connect(port, authority.client_context())
        message = bytes([number]) * 1_000_000
        writer.write(message)
        assert await reader.readexactly(len(message)) == message
        writer.close()
        await writer.wait_closed()

    async def all_at_once(port: int) -> None:
        await asyncio.gather(*(converse(port, number) for number in range(20)))

    asyncio.run(with_world(double, authority, all_at_once))


def test_a_reader_that_stops_stops_the_world(authority: Authority) -> None:
    """So that a large answer is never held in memory: what waits is a few socket buffers."""
    written = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        try:
            while written < 256 * 2**20:
                writer.write(bytes(2**16))
                await writer.drain()
                written += 2**16
        except ConnectionError:
            writer.close()

    async def read_little(port: int) -> None:
        reader, writer = await through_connect(port, authority.client_context())
        assert len(await reader.readexactly(1000)) == 1000
        before = -1
        while written != before:
            before = written
            await asyncio.sleep(0.2)
        writer.transport.abort()

    asyncio.run(with_world(flood, authority, read_little))
    assert written < 32 * 2**20


def test_leaving_ends_every_connection_and_task(authority: Authority) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def leave() -> tuple[bytes, int]:
        world = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with world:
            port = world.sockets[0].getsockname()[1]
            async with Edge(Origin("127.0.0.1", port), authority.server_context()) as edge:
                proxy = edge.listen(Entrance.PROXY)
                talking, talker = await through_connect(proxy, authority.client_context())
                _idle, idler = await asyncio.open_connection("127.0.0.1", proxy)
            rest = await talking.read()
            talker.close()
            idler.close()
            await asyncio.sleep(0.05)  # the world's own side of the connection ends
            return rest, len(asyncio.all_tasks())

    assert asyncio.run(leave()) == (b"", 1)


def test_leaving_at_once_leaves_nothing_open(authority: Authority) -> None:
    """As after a program that has ended before anything could connect; an open socket would warn."""

    async def come_and_go() -> int:
        async with Edge(Origin("127.0.0.1", 9), authority.server_context()) as edge:
            return edge.listen(Entrance.PROXY)

    port = asyncio.run(come_and_go())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_world_that_speaks_tls_is_reached(authority: Authority) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async def ask() -> bytes:
        world = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=authority.server_context())
        async with world:
            url = f"https://localhost:{world.sockets[0].getsockname()[1]}"
            async with Edge(Origin.of(url, authority.client_context()), authority.server_context()) as edge:
                proxy = edge.listen(Entrance.PROXY)
                return await exchange(proxy, b"GET http://graph.microsoft.com/ HTTP/1.1\r\nHost: h\r\n\r\n")

    assert asyncio.run(ask()) == b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:8080", ""])
def test_an_address_that_is_no_server_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no URL of a server"):
        Origin.of(url, ssl.create_default_context())
