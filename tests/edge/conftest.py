"""A world's stand-in at the edge: an HTTP server on loopback that answers with what it was asked."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from openpartner.edge.run import run_program

PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass
class Echo:
    url: str
    port: int
    heads: list[dict[str, str]] = field(default_factory=list)  # the header fields of each request, in order


class _EchoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_EchoServer"

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(b"ok")
        elif self.path == "/_sandbox/world":
            self._answer(b'{"name":"echo"}')
        else:
            length = int(self.headers.get("Content-Length") or 0)
            self.server.echo.heads.append({name.lower(): value for name, value in self.headers.items()})
            asked = {
                "method": self.command,
                "path": self.path,
                "host": self.headers.get("Host"),
                "body": self.rfile.read(length).decode(),
            }
            self._answer(json.dumps(asked).encode())

    do_POST = do_GET  # noqa: N815 - the base class's name

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


class _EchoServer(ThreadingHTTPServer):
    daemon_threads = True
    echo: Echo


@pytest.fixture
def echo() -> Iterator[Echo]:
    with _EchoServer(("127.0.0.1", 0), _EchoHandler) as server:
        port = server.server_address[1]
        server.echo = Echo(f"http://127.0.0.1:{port}", port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.echo
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that needs a proxy itself runs these tests like one that needs none."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder, hence one authority, for all runs of a session."""
    return tmp_path_factory.mktemp("world")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(echo: Echo, data_dir: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a program against the echo; gives its exit code, output and error output."""

    def run_it(*command: str, isolate: bool = False, allow_other_hosts: bool = False) -> tuple[int, str, str]:
        code = run_program(
            command, world_url=echo.url, data_dir=data_dir, isolate=isolate, allow_other_hosts=allow_other_hosts
        )
        return code, *capfd.readouterr()

    return run_it


@pytest.fixture(scope="session")
def namespaces_allowed() -> bool:
    """What the machine says when another program asks it for the same namespaces."""
    asked = subprocess.run(["unshare", "-Urmn", "true"], check=False, capture_output=True)
    return sys.platform == "linux" and asked.returncode == 0
