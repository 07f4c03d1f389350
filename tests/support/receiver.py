"""A receiver of deliveries: a real HTTP server on loopback, in a thread, that answers as a test tells it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

ABANDONED = (BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True)
class Got:
    """A request as it came in. Header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    peer: int

    @classmethod
    def of(cls, path: str, headers: Message, body: bytes, peer: int) -> "Got":
        return cls(path, {name.lower(): value for name, value in headers.items()}, body, peer)


@dataclass
class Receiver:
    """What came in, and what is answered next.

    answers: in turn a status, or one of hang, drip, huge, endless, close, nonsense, redirect; the last one stays.
    """

    url: str
    got: list[Got] = field(default_factory=list)
    answers: list[Any] = field(default_factory=lambda: [200])
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: ClassVar[Receiver]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.receiver.got.append(Got.of(self.path, self.headers, body, self.client_address[1]))
        self.receiver.arrived.set()
        answer = self.receiver.next_answer()
        try:
            if isinstance(answer, int):
                self._send(answer, b"thanks")
            else:
                getattr(self, f"_{answer}")()
        except ABANDONED:
            self.close_connection = True

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def _hang(self) -> None:
        self.receiver.released.wait(30)
        self.close_connection = True

    def _drip(self) -> None:
        """A byte now and then: each read is answered in time, the whole never."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.receiver.released.wait(0.05):
            self.wfile.write(b".")
            self.wfile.flush()
        self.close_connection = True

    def _huge(self) -> None:
        self._send(500, b"x" * 5_000_000)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while not self.receiver.released.is_set():
            self.wfile.write(b"x" * 65_536)

    def _close(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _close_after(self) -> None:
        """Answer well, then close without saying so."""
        self._send(200, b"bye")
        self.wfile.flush()
        self.close_connection = True

    def _nonsense(self) -> None:
        self.wfile.write(b"220 mail.example.com ESMTP\r\n")
        self.close_connection = True

    def _redirect(self) -> None:
        self._send(307, b"", Location=f"{self.receiver.url}/elsewhere")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up is no fault."""


@contextmanager
def receiving(*answers: Any) -> Iterator[Receiver]:
    """A receiver while the block runs. answers: see ``Receiver``."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}", answers=list(answers) or [200])
        handler.receiver = receiver  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join(10)


def wait_for(condition: Any, within: float = 10.0) -> None:
    """Until it holds."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
