"""Where a server listens: one at a time, from before its world is opened, and a sentence where it cannot."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from openpartner.cli.listening import AddressUnavailable, listen_on
from tests.support.ports import held_port
from tests.support.served import environment, serving
from tests.support.small_world import make_small_world


def test_a_free_port_is_listened_on_at_once_and_taken() -> None:
    with listen_on("127.0.0.1", 0) as first, socket.create_connection(first.getsockname()):
        port = first.getsockname()[1]
        with pytest.raises(AddressUnavailable) as refused:
            listen_on("127.0.0.1", port)

    assert str(refused.value) == (
        f"Port {port} of 127.0.0.1 is in use by another program. "
        "End that program, or choose another port with --port; 0 takes a free one."
    )


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("no-such-host.invalid", "There is no host no-such-host.invalid: "),
        ("192.0.2.1", "Nobody can listen on port 0 of 192.0.2.1: Cannot assign requested address. Choose others with"),
    ],
)
def test_an_address_that_is_not_ours_is_refused(host: str, sentence: str) -> None:
    with pytest.raises(AddressUnavailable) as refused:
        listen_on(host, 0)

    assert str(refused.value).startswith(sentence)


def test_a_held_port_can_be_listened_on_by_name_and_is_given_to_nobody() -> None:
    with held_port() as port:
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", port))
        with listen_on("127.0.0.1", port):
            pass


def test_a_second_world_on_the_same_port_is_refused_before_it_is_made(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_small_world(first)
    with serving(first) as server:
        port = server.url.rpartition(":")[2]
        refused = subprocess.run(
            [sys.executable, "-m", "openpartner", "serve", "--data", str(second), "--port", port],
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"openpartner: Port {port} of 127.0.0.1 is in use by another program.")
        assert not second.exists()
        assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
