"""A world behind a server, and ``openpartner run`` to send whole programs at it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.served import Server, environment, serving, world_of
from tests.support.signing_in import user_tokens
from tests.support.small_world import BEGINS, make_small_world

LONGEST = 120
"""Seconds a program may take on a machine that does other things too."""


@dataclass(frozen=True)
class Bench:
    """A running server, an app with its tenant's domain, and a refresh token of the partner's administrator."""

    server: Server
    app: dict[str, str]
    domain: str
    refresh_token: str

    def run(self, *command: str, isolate: bool = False) -> str:
        """The output of a program that knows nothing of us. It must end well."""
        how = ["--isolate"] if isolate else []
        data = ["--data", str(self.server.data)]
        done = subprocess.run(
            [sys.executable, "-m", "openpartner", "run", *data, *how, "--", *command],
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, script: Path, *arguments: str, isolate: bool = False) -> Any:
        """What a Python program printed, as JSON."""
        return json.loads(self.run(sys.executable, str(script), *arguments, isolate=isolate))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    data = tmp_path_factory.mktemp("programs") / "world"
    make_small_world(data)
    with serving(data, tls=True) as server:
        with server.client() as client:
            world = world_of(client)
            app = world["apps"][0]
            user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
            tokens = user_tokens(client, app, user, BEGINS.timestamp())
        domain = next(each["domain"] for each in world["tenants"] if each["id"] == app["tenant"])
        yield Bench(server, app, domain, tokens["refresh_token"])
