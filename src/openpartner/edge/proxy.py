"""The proxy between a program and a world: what is sent to a vendor's host arrives at OpenPartner.

Bytes are relayed, not read: TLS is ended here with the local authority's certificate, and the requests inside,
their ``Host`` header included, reach the world as the program wrote them.
"""

import asyncio
import base64
import contextlib
import enum
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from openpartner.edge.hosts import is_loopback, is_vendor_host

_CHUNK = 64 * 1024
_LARGEST_HEAD = 64 * 1024
_HEAD_TIMEOUT = 60.0
_CONNECT_TIMEOUT = 30.0
_TLS_TIMEOUT = 30.0
_FAREWELL_TIMEOUT = 1.0  # for a peer that was told goodbye and does not go

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_NOT_FORWARDED = frozenset({"connection", "keep-alive", "proxy-connection", "proxy-authorization"})

OTHER_HOSTS_OPTION = "--allow-other-hosts"


class Entrance(enum.Enum):
    """What a listening socket expects of those who connect."""

    PROXY = "proxy"  # an HTTP proxy: CONNECT, or requests with an absolute target
    TLS = "tls"  # port 443 of a vendor's host
    PLAIN = "plain"  # port 80 of a vendor's host
    WORLD = "world"  # the world's own port, untouched


@dataclass(frozen=True)
class Origin:
    """Where a server listens; ``tls`` when it speaks TLS."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str, tls: ssl.SSLContext) -> Self:
        """The origin of an http or https URL."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of a server. Give one such as http://127.0.0.1:8080.")
        secure = parts.scheme == "https"
        return cls(parts.hostname, parts.port or (443 if secure else 80), tls if secure else None)

    async def connect(self) -> "Stream":
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            return Stream(*await asyncio.open_connection(self.host, self.port, ssl=self.tls))


@dataclass(frozen=True)
class UpstreamProxy:
    """The proxy that this machine itself must use to reach other hosts."""

    origin: Origin
    credentials: str | None  # as in the URL, "user:password"

    @classmethod
    def of(cls, url: str, tls: ssl.SSLContext) -> Self:
        parts = urlsplit(url)
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
        return cls(Origin.of(url, tls), user)


@dataclass(frozen=True)
class Stream:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def end_tls(self, context: ssl.SSLContext) -> "Stream":
        """This connection after a TLS handshake in which we are the server. Raises ssl.SSLError, OSError."""
        # Not StreamWriter.start_tls: it takes a stream that open_connection did not make for a client's
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = await loop.start_tls(
            self.writer.transport,
            protocol,
            context,
            server_side=True,
            ssl_handshake_timeout=_TLS_TIMEOUT,
            ssl_shutdown_timeout=_FAREWELL_TIMEOUT,
        )
        if transport is None:
            raise ConnectionAbortedError("The connection closed during the TLS handshake.")
        protocol.connection_made(transport)
        return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            async with asyncio.timeout(_FAREWELL_TIMEOUT):
                await self.writer.wait_closed()
        self.writer.transport.abort()


@dataclass(frozen=True)
class Head:
    """The head of a request to a proxy."""

    method: str
    target: str
    version: str
    fields: tuple[str, ...]  # as they stood, without line ends

    @classmethod
    def parse(cls, head: bytes) -> Self:
        """Raises ValueError when it is not the head of an HTTP/1 request."""
        first, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, version = first.split(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError(f"{version} is not HTTP/1.")
        return cls(method, target, version, tuple(fields))

    def authority(self) -> tuple[str, str, int]:
        """Scheme, host and port that a proxy is asked for; CONNECT has no scheme. Raises ValueError."""
        parts = urlsplit(f"//{self.target}" if self.method == "CONNECT" else self.target)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        if not parts.hostname or port is None:
            raise ValueError(f"{self.target} names no host to reach.")
        return parts.scheme, parts.hostname, port

    def to_origin(self) -> bytes:
        """The one request of a connection, as its origin wants it: its own ``Host`` kept, ours to close."""
        parts = urlsplit(self.target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = [] if self._has("host") else [f"Host: {parts.netloc.rpartition('@')[2]}"]
        return self._bytes(f"{self.method} {path} {self.version}", [*host, "Connection: close"])

    def to_proxy(self, credentials: str | None) -> bytes:
        """The same request for the next proxy."""
        fields = [f"Proxy-Authorization: Basic {_base64(credentials)}"] if credentials else []
        closing = [] if self.method == "CONNECT" else ["Connection: close"]
        return self._bytes(f"{self.method} {self.target} {self.version}", [*fields, *closing])

    def _has(self, name: str) -> bool:
        return any(_field_name(field) == name for field in self.fields)

    def _bytes(self, first: str, added: list[str]) -> bytes:
        kept = [field for field in self.fields if _field_name(field) not in _NOT_FORWARDED]
        return "\r\n".join([first, *kept, *added, "", ""]).encode("latin-1")


class Edge:
    """The listening sockets between programs and one world. Use as ``async with``; leaving ends all connections.

    tell: given one line for the person at the terminal when a program asks for what it cannot have.
    """

    def __init__(
        self,
        world: Origin,
        tls: ssl.SSLContext,
        *,
        allow_other_hosts: bool = False,
        upstream: UpstreamProxy | None = None,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._world = world
        self._tls = tls
        self._allow_other_hosts = allow_other_hosts
        self._upstream = upstream
        self._tell = tell
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        while tasks := list(self._tasks):  # a connection accepted meanwhile is ended in the next turn
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def listen(self, entrance: Entrance, listener: socket.socket | None = None) -> int:
        """Serves ``listener``, or a new socket on 127.0.0.1, from now on; gives its port."""
        listener = listener or socket.create_server(("127.0.0.1", 0), backlog=128)
        listener.setblocking(False)
        port: int = listener.getsockname()[1]
        self._start(listener, self._accept(entrance, listener))
        return port

    def _start(self, own: socket.socket, work: Coroutine[None, None, None]) -> None:
        """Begins ``work``, and closes its ``own`` socket at its end: one that is cancelled before it runs too."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _task: own.close())

    async def _accept(self, entrance: Entrance, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError:  # the peer is gone already, or no file descriptor is free
                await asyncio.sleep(0.05)
                continue
            self._start(connection, self._serve(entrance, connection))

    async def _serve(self, entrance: Entrance, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            client = await self._admit(entrance, connection)
            try:
                if entrance is Entrance.PROXY:
                    await self._serve_proxy(client)
                elif entrance is Entrance.WORLD:
                    await self._relay_to(Origin(self._world.host, self._world.port), client)
                else:
                    await self._relay_to(self._world, client)
            finally:
                await client.close()

    async def _admit(self, entrance: Entrance, connection: socket.socket) -> Stream:
        loop = asyncio.get_running_loop()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = asyncio.StreamReader(limit=_LARGEST_HEAD)
        protocol = asyncio.StreamReaderProtocol(reader)
        secure = entrance is Entrance.TLS
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._tls if secure else None,
                ssl_handshake_timeout=_TLS_TIMEOUT if secure else None,
                ssl_shutdown_timeout=_FAREWELL_TIMEOUT if secure else None,
            )
        except ssl.SSLError as refusal:
            self._tell_distrust(refusal)
            raise
        return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _serve_proxy(self, client: Stream) -> None:
        try:
            async with asyncio.timeout(_HEAD_TIMEOUT):
                head = Head.parse(await client.reader.readuntil(b"\r\n\r\n"))
            scheme, host, port = head.authority()
        except asyncio.LimitOverrunError:
            await _answer(client, "431 Request Header Fields Too Large", "The head of this request is too large.")
            return
        except ValueError:
            await _answer(
                client, "400 Bad Request", "This is OpenPartner's HTTP proxy; the request is none for a proxy."
            )
            return
        if is_vendor_host(host):
            await self._serve_vendor(client, head, host, port)
        elif is_loopback(host) or self._allow_other_hosts:
            await self._serve_other(client, head, scheme, Origin(host, port))
        else:
            self._tell_once(f"refused {host}:{port}. {OTHER_HOSTS_OPTION} lets the program reach it.")
            # Most clients show the reason of a refused CONNECT and hide its body
            reason = f"OpenPartner's sandbox reaches no other host; {OTHER_HOSTS_OPTION} allows {host}"
            await _answer(
                client,
                f"403 {reason}",
                f"{host} is not one of the vendor's hosts that this OpenPartner world answers for, and its sandbox "
                f"reaches no other host. To allow it, run the program with `openpartner run {OTHER_HOSTS_OPTION}`.",
            )

    async def _serve_vendor(self, client: Stream, head: Head, host: str, port: int) -> None:
        if port not in {80, 443}:
            await _answer(client, "403 Port not served", f"OpenPartner is {host} on ports 80 and 443, not {port}.")
            return
        try:
            world = await self._world.connect()
        except OSError as failure:
            at = f"{self._world.host}:{self._world.port}"
            self._tell_once(f"the world at {at} does not answer ({failure}).")
            await _answer(client, "502 World not reachable", f"The OpenPartner world at {at} does not answer.")
            return
        try:
            if head.method != "CONNECT":
                world.writer.write(head.to_origin())
                await _relay(client, world)
                return
            client.writer.write(_ESTABLISHED)
            await client.writer.drain()
            if port == 80:
                await _relay(client, world)
                return
            try:
                inner = await client.end_tls(self._tls)
            except ssl.SSLError as refusal:
                self._tell_distrust(refusal)
                return
            try:
                await _relay(inner, world)
            finally:
                await inner.close()
        finally:
            await world.close()

    async def _serve_other(self, client: Stream, head: Head, scheme: str, origin: Origin) -> None:
        proxied = self._upstream if not is_loopback(origin.host) else None
        try:
            if proxied:
                other = await proxied.origin.connect()
            else:
                tls = ssl.create_default_context() if scheme == "https" else None
                other = await Origin(origin.host, origin.port, tls).connect()
        except OSError as failure:
            await _answer(client, "502 Host not reachable", f"{origin.host}:{origin.port} does not answer: {failure}")
            return
        try:
            if proxied:
                other.writer.write(head.to_proxy(proxied.credentials))
            elif head.method == "CONNECT":
                client.writer.write(_ESTABLISHED)
            else:
                other.writer.write(head.to_origin())
            await _relay(client, other)
        finally:
            await other.close()

    async def _relay_to(self, origin: Origin, client: Stream) -> None:
        world = await origin.connect()
        try:
            await _relay(client, world)
        finally:
            await world.close()

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._tell(line)

    def _tell_distrust(self, refusal: ssl.SSLError) -> None:
        if "ALERT" in (refusal.reason or ""):
            self._tell_once(
                "the program does not trust OpenPartner's certificate "
                f"({refusal.reason}): it reads none of the settings that name the authority."
            )


async def _relay(client: Stream, server: Stream) -> None:
    """Carries bytes both ways until the server has said all. At most one chunk and a buffer wait in each direction."""
    asking = asyncio.get_running_loop().create_task(_pump(client.reader, server.writer))
    try:
        await _pump(server.reader, client.writer)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # either side broke off: the other is told below
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()
    with contextlib.suppress(OSError):
        if sink.can_write_eof():
            sink.write_eof()
        else:
            sink.close()


async def _answer(client: Stream, status: str, message: str) -> None:
    body = f"{message}\n".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    client.writer.write(head.encode("latin-1", "replace") + body)
    client.writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL_TIMEOUT):  # closing on unread bytes would reset the answer away
            while await client.reader.read(_CHUNK):
                pass


def _field_name(field: str) -> str:
    return field.partition(":")[0].strip().lower()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
