"""The client of deliveries: it connects to the very address that was checked, follows nothing, and gives up in time.

A name is looked up once a connection and never again, so nobody can answer first with a public address and then with
another (DNS rebinding). Names in the certificate are checked against the name in the address all the same.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookupTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpcore

from openpartner.platform.clock import monotonic
from openpartner.platform.outgoing.rules import (
    LOOPBACK,
    AddressRefused,
    Network,
    Target,
    check_addresses,
    read_networks,
    read_target,
)
from openpartner.settings import Settings

MOST_READ = 16_384
"""Bytes of an answer's body that are read; the rest is left."""

Resolve = Callable[[str, int], list[str]]
"""The addresses of a host. Raises OSError."""

_LOOKUPS = ThreadPoolExecutor(4, thread_name_prefix="lookup")


class NameUnknown(OSError):
    """The name leads nowhere at the moment."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the machine's resolver gives, each once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Answer:
    """What came back. ``reason``: the server's own words beside the status. ``body``: its first bytes."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def is_taken(self) -> bool:
        """Whether the receiver says that it has it."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class NoAnswer:
    """Why nothing came back, in a sentence."""

    why: str
    seconds: float


class _Allowance:
    """How much time is left for the call under way; every step of it asks."""

    def __init__(self) -> None:
        self._until = 0.0

    def grant(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left(self, error: type[Exception]) -> float:
        """Seconds. Raises ``error`` when there are none."""
        seconds = self._until - monotonic()
        if seconds <= 0:
            raise error("the time is up")
        return seconds


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step must fit into what is left: one byte a minute does not keep it open."""

    def __init__(self, stream: httpcore.NetworkStream, allowance: _Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the base class's shape
        return self._stream.read(max_bytes, self._allowance.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the base class's shape
        self._stream.write(buffer, self._allowance.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the base class's shape
    ) -> httpcore.NetworkStream:
        left = self._allowance.left(httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._allowance)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Looks the name up, checks what it leads to, and connects there and nowhere else."""

    def __init__(self, outgoing: "Outgoing", target: Target, allowance: _Allowance) -> None:
        self._outgoing = outgoing
        self._target = target
        self._allowance = allowance
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the base class's shape: it is the target's
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception | None = None
        for address in self._outgoing.checked(self._target, self._allowance.left(httpcore.ConnectTimeout)):
            left = self._allowance.left(httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, left, socket_options=socket_options)
            except httpcore.ConnectError as error:
                last = error
            else:
                return _TimedStream(stream, self._allowance)
        raise last or httpcore.ConnectError("no address")


class Connection:
    """One connection to one checked address, kept between calls where the receiver keeps it."""

    def __init__(self, target: Target, pool: httpcore.ConnectionPool, allowance: _Allowance) -> None:
        self._target = target
        self._pool = pool
        self._allowance = allowance
        self._is_used = False

    def post(self, headers: Mapping[str, str], body: bytes, *, within: float) -> Answer | NoAnswer:
        """Send ``body``; what comes back within so many seconds, redirects included as they are."""
        began = monotonic()
        self._allowance.grant(within)
        try:
            status, reason, answered, content = self._exchange_again_if_closed(headers, body)
        except AddressRefused as refused:
            return NoAnswer(refused.message, monotonic() - began)
        except NameUnknown:
            return NoAnswer(f"The name {self._target.host} was not found.", monotonic() - began)
        except httpcore.TimeoutException:
            return NoAnswer(f"There was no answer within {within:g} seconds.", monotonic() - began)
        except (httpcore.NetworkError, OSError) as error:
            return NoAnswer(f"The connection failed: {str(error) or type(error).__name__}.", monotonic() - began)
        except httpcore.ProtocolError as error:
            return NoAnswer(f"The answer was not HTTP: {error}.", monotonic() - began)
        return Answer(status, reason, answered, content, monotonic() - began)

    def _exchange_again_if_closed(
        self, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str, dict[str, str], bytes]:
        """A receiver may close a kept connection at the very moment it is used again; then a fresh one is taken."""
        was_used, self._is_used = self._is_used, True
        try:
            return self._exchange(headers, body)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            if not was_used:
                raise
            return self._exchange(headers, body)

    def _exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str, dict[str, str], bytes]:
        target = self._target
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        default = 443 if target.is_secure else 80
        host = f"[{target.host}]" if ":" in target.host else target.host
        sent = {
            "Host": host if target.port == default else f"{host}:{target.port}",
            "Content-Length": str(len(body)),
            **headers,
        }
        with self._pool.stream("POST", url, headers=list(sent.items()), content=body) as response:
            content = b""
            for part in response.iter_stream():
                content += part
                if len(content) >= MOST_READ:
                    break
            answered = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
            reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
            return response.status, reason, answered, content[:MOST_READ]


@lru_cache(maxsize=8)
def _trust(bundle: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if bundle is None else str(bundle))


@dataclass(frozen=True)
class Outgoing:
    """Where this world may call, and how it gets there. A field of ``World``; tests put their own resolver in.

    networks: may be called besides public addresses, also by http. bundle: roots to trust besides the machine's, where
    the file exists: the sandbox's own authority.
    """

    networks: tuple[Network, ...] = ()
    resolve: Resolve = resolve
    bundle: Path | None = None
    within: float = 10.0
    lookup_within: float = 5.0

    @classmethod
    def of(cls, settings: Settings) -> "Outgoing":
        """As the settings have it; a sandbox may call this machine."""
        networks = read_networks(settings.outgoing_networks)
        if settings.is_sandbox:
            networks = (*networks, *LOOPBACK)
        return cls(networks, bundle=settings.data / "authority" / "bundle.pem" if settings.is_sandbox else None)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a receiver's certificate is checked against."""
        return _trust(self.bundle if self.bundle is not None and self.bundle.exists() else None)

    def checked(self, target: Target, within: float) -> list[str]:
        """The addresses the target leads to now. Raises AddressRefused, NameUnknown, httpcore.ConnectTimeout."""
        try:
            found = _LOOKUPS.submit(self.resolve, target.host, target.port).result(min(within, self.lookup_within))
        except LookupTimeout as error:
            raise httpcore.ConnectTimeout("the name server did not answer") from error
        except (OSError, UnicodeError) as error:
            raise NameUnknown(str(error)) from error
        return check_addresses(target, found, self.networks)

    def check(self, text: str) -> Target:
        """An address that may be named for later calls. Raises AddressRefused.

        A name that leads nowhere yet is taken: each call asks again.
        """
        target = read_target(text)
        try:
            self.checked(target, self.lookup_within)
        except (NameUnknown, httpcore.ConnectTimeout):
            if not target.is_secure:
                raise AddressRefused(
                    f"{target.host} is not known here and would be called without https. Give an https address."
                ) from None
        return target

    @contextmanager
    def connect(self, text: str) -> Iterator[Connection]:
        """A connection to an address; nothing is looked up or sent before the first call. Raises AddressRefused."""
        target, allowance = read_target(text), _Allowance()
        pool = httpcore.ConnectionPool(
            ssl_context=self.trust if target.is_secure else None,
            max_connections=1,
            network_backend=_Checked(self, target, allowance),
        )
        with pool:
            yield Connection(target, pool, allowance)
