"""Programs that ignore proxies and settings. Where namespaces are refused, each test holds us to saying so."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from openpartner.edge.authority import open_authority
from openpartner.edge.isolate import isolation_files
from tests.edge.conftest import Echo, Run

REFUSAL = (
    r"openpartner: --isolate needs unprivileged user, mount and network namespaces, which this machine refuses "
    r"\((.+)\): run without --isolate if the program honours HTTPS_PROXY, else use what `openpartner hosts` prints\.\n"
)
RUN_TRUE_ISOLATED = """
import sys
from pathlib import Path
from openpartner.edge.run import run_program
sys.exit(run_program(["true"], world_url="http://127.0.0.1:9", data_dir=Path(sys.argv[1]), isolate=True))
"""

Says = Callable[..., None]


@pytest.fixture
def says(run: Run, namespaces_allowed: bool) -> Says:
    """Checks what an isolated program says, or that isolation is refused where the machine refuses it."""

    def check(*command: str, out: str, code: int = 0, err: str = "") -> None:
        given = run(*command, isolate=True)
        if namespaces_allowed:
            assert given == (code, out, err)
        else:
            assert given[:2] == (78, "")
            assert re.fullmatch(REFUSAL, given[2])

    return check


def test_a_python_program_that_ignores_proxies_reaches_the_world(says: Says) -> None:
    script = """
from http.client import HTTPSConnection
connection = HTTPSConnection("graph.microsoft.com", 443)
connection.request("GET", "/v1.0/me")
print(connection.getresponse().read().decode())
"""
    says(
        sys.executable,
        "-c",
        script,
        out='{"method": "GET", "path": "/v1.0/me", "host": "graph.microsoft.com", "body": ""}\n',
    )


def test_port_80_reaches_the_world_too(says: Says) -> None:
    script = """
from http.client import HTTPConnection
connection = HTTPConnection("login.windows.net")
connection.request("POST", "/t", "b")
print(connection.getresponse().read().decode())
"""
    says(
        sys.executable,
        "-c",
        script,
        out='{"method": "POST", "path": "/t", "host": "login.windows.net", "body": "b"}\n',
    )


def test_a_client_that_reads_only_certifis_roots_trusts_us(says: Says) -> None:
    script = """
import certifi, ssl
from http.client import HTTPSConnection
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(certifi.where())
connection = HTTPSConnection("api.partner.microsoft.com", context=context)
connection.request("GET", "/v1.0/ingestion/products")
print(connection.getresponse().status)
"""
    says(sys.executable, "-c", script, out="200\n")


def test_any_other_name_fails_at_once(says: Says) -> None:
    """Asked of a server that cannot be reached it would take a resolver's five seconds."""
    script = """
import socket, time
began = time.monotonic()
try:
    socket.getaddrinfo("other.example", 443)
except socket.gaierror as failure:
    print(failure.strerror, time.monotonic() - began < 5)
"""
    says(sys.executable, "-c", script, out="Name or service not known True\n")


def test_a_program_that_uses_the_proxy_still_finds_it(says: Says) -> None:
    says("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}\n", "https://graph.microsoft.com/", out="200\n")


def test_the_worlds_own_address_works(says: Says, echo: Echo) -> None:
    says("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}\n", f"{echo.url}/direct", out="200\n")


def test_the_program_runs_as_the_user_without_privileges(says: Says) -> None:
    script = """
import os, re
from pathlib import Path
print(os.getuid(), os.getgid(), os.getcwd())
Path("mine").touch()
print(os.stat("mine").st_uid)
print(Path("/proc/self/uid_map").read_text().split()[::2])
"""
    ids = f"{os.getuid()} {os.getgid()} {Path.cwd()}\n{os.getuid()}\n['{os.getuid()}', '1']\n"
    try:
        says(sys.executable, "-c", script, out=ids)
    finally:
        Path("mine").unlink(missing_ok=True)


def test_its_exit_code_is_handed_on(says: Says) -> None:
    says("sh", "-c", "exit 7", code=7, out="")


def test_a_command_that_is_not_there(says: Says) -> None:
    says("no-such-command", code=127, out="", err="openpartner: no-such-command: command not found\n")


def test_a_refusal_is_one_clear_sentence(tmp_path: Path, namespaces_allowed: bool) -> None:
    """In a namespace that may hold no further one, as on a machine that forbids them."""
    forbid = ["unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh"]
    command = [sys.executable, "-c", RUN_TRUE_ISOLATED, str(tmp_path)]

    refused = subprocess.run(
        [*forbid, *command] if namespaces_allowed else command, check=False, capture_output=True, text=True
    )

    assert (refused.returncode, refused.stdout) == (78, "")
    why = re.fullmatch(REFUSAL, refused.stderr)
    assert why
    assert namespaces_allowed is False or why[1] == "unshare: No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_the_hosts_file_names_the_vendor_first_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    replaced = isolation_files(tmp_path / "files", open_authority(tmp_path / "authority"), [sys.executable])

    source = {str(covered): new for new, covered in replaced}["/etc/hosts"]
    lines = source.read_text(encoding="utf-8").splitlines()
    assert lines[1].split()[:2] == ["127.0.0.1", "api.partnercenter.microsoft.com"]
    assert lines[-1] == Path("/etc/hosts").read_text(encoding="utf-8").splitlines()[-1]
