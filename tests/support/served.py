"""A world behind a real server: the processes that ``openpartner serve`` starts, on loopback, and a client of them."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

STARTS_WITHIN = 120.0
"""Seconds; the machine may be running other tests."""
PARTNER_CENTER = "https://api.partnercenter.microsoft.com"


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with settings of a world, by their names, and without proxies.

    Compiled modules are kept, whatever the environment says: compiling them anew takes twice as long as a start.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**kept, "OPENPARTNER_SEED": "small", **{f"OPENPARTNER_{k.upper()}": v for k, v in settings.items()}}


@dataclass
class Server:
    """A running server. ``kill`` ends all its processes at this very instant, as a power cut would."""

    data: Path
    url: str
    process: subprocess.Popen[bytes]

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """What a client must trust."""
        if self.url.startswith("http:"):
            return False
        return ssl.create_default_context(cafile=self.data / "authority" / "ca.pem")

    def kill(self) -> None:
        """SIGKILL to the server and its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def client(self, **headers: str) -> httpx.Client:
        """A client without a token."""
        return httpx.Client(base_url=self.url, verify=self.trust, headers=headers, timeout=60, trust_env=False)

    def signed_in(self, **headers: str) -> httpx.Client:
        """A client with the token of the world's first app."""
        client = self.client(**headers)
        client.headers["authorization"] = f"Bearer {app_token(client, world_of(client)['apps'][0])}"
        return client


def world_of(client: httpx.Client) -> dict[str, Any]:
    """Who is in the world and how to sign in."""
    return dict(client.get("/_sandbox/world").raise_for_status().json())


def app_token(client: httpx.Client, app: Mapping[str, str]) -> str:
    """An access token of an app for the Partner Center API."""
    form = {
        "grant_type": "client_credentials",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "scope": f"{PARTNER_CENTER}/.default",
    }
    answer = client.post(f"/{app['tenant']}/oauth2/v2.0/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


def copy_world(source: Path, target: Path) -> Path:
    """The same world in another folder, with its authority, while no server runs on it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("server.json", "*-shm"))
    return target


@contextmanager
def serving(
    data: Path, *, tls: bool = False, port: int = 0, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """``openpartner serve`` over a world, in a session of its own; ended when left."""
    command = [sys.executable, "-m", "openpartner", "serve", "--data", str(data), "--port", str(port)]
    described = data / "server.json"
    described.unlink(missing_ok=True)  # a killed server left it
    with (data / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--tls"] if tls else command,
            env=environment(**(settings or {})),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _until_it_answers(data, process)
    finally:
        _end(process)


def _until_it_answers(data: Path, process: subprocess.Popen[bytes]) -> Server:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            server = Server(data, json.loads((data / "server.json").read_text())["url"], process)
            with server.client() as client:
                if client.get("/healthz").status_code == 200:
                    return server
        except (FileNotFoundError, json.JSONDecodeError, httpx.TransportError):
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{(data / 'serve.log').read_text()[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
