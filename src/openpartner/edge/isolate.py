"""Programs that ignore proxies: a network of their own, in which the vendor's hosts are loopback.

Linux only. An unprivileged user, mount and network namespace is made by ``namespace.py``, which passes its
listening sockets back over a Unix socket; the edge accepts on them from outside.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpartner.edge.authority import Authority
from openpartner.edge.failures import IsolationRefused
from openpartner.edge.hosts import hosts_file, is_vendor_host

_SCRIPT = Path(__file__).with_name("namespace.py")
_REPLY_TIMEOUT = 30.0
_LARGEST_REPLY = 4096

# Where distributions keep the roots that programs read when no variable tells them otherwise
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True)
class Isolation:
    """What an isolated program gets: its loopback ports, and files laid over the machine's."""

    ports: tuple[int, ...]
    replaced: tuple[tuple[Path, Path], ...]  # the new file, and the one it covers

    async def start(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[asyncio.subprocess.Process, dict[int, socket.socket]]:
        """Starts ``command`` inside; the sockets listen within, by port. Raises IsolationRefused."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here:
            with there:
                process = await asyncio.create_subprocess_exec(
                    *self._command(there, command), env=dict(environment), pass_fds=[there.fileno()]
                )
            try:
                listeners = await asyncio.to_thread(self._receive, here)
            except IsolationRefused:
                await process.wait()
                raise
        return process, listeners

    def _command(self, channel: socket.socket, command: Sequence[str]) -> list[str]:
        replaced = [[str(new), str(old)] for new, old in self.replaced]
        wanted = json.dumps({"ports": self.ports, "replaced": replaced})
        return [sys.executable, "-I", "-S", str(_SCRIPT), str(channel.fileno()), wanted, *command]

    def _receive(self, channel: socket.socket) -> dict[int, socket.socket]:
        channel.settimeout(_REPLY_TIMEOUT)
        try:
            reply, descriptors, _, _ = socket.recv_fds(channel, _LARGEST_REPLY, len(self.ports))
        except TimeoutError:
            reply, descriptors = b"no answer from within", []
        if reply != b"ready":
            raise IsolationRefused(reply.decode() or "no answer from within")
        return {port: socket.socket(fileno=given) for port, given in zip(self.ports, descriptors, strict=True)}


async def check_isolation() -> None:
    """Raises IsolationRefused where a program could not be isolated; takes some 100 ms."""
    if not sys.platform.startswith("linux"):
        raise IsolationRefused("it is not Linux")
    process, _ = await Isolation((), ()).start([sys.executable, "-I", "-S", "-c", ""], os.environ)
    await process.wait()


def isolation_files(folder: Path, authority: Authority, command: Sequence[str]) -> tuple[tuple[Path, Path], ...]:
    """Writes into ``folder`` what an isolated program finds in place of the machine's files."""
    replaced = [(_written(folder / "hosts", _hosts()), Path("/etc/hosts"))]
    switch = Path("/etc/nsswitch.conf")
    if switch.exists():
        # A name service daemon answers over a Unix socket, which no network namespace keeps out; and
        # with files alone a name that is not there fails at once instead of asking servers in vain
        text = re.sub(r"(?m)^hosts:.*$", "hosts: files", switch.read_text(encoding="utf-8"))
        replaced.append((_written(folder / "nsswitch.conf", text), switch))
    cache = Path("/run/nscd")
    if cache.exists():
        empty = folder / "nscd"
        empty.mkdir()
        replaced.append((empty, cache))
    replaced += [(authority.bundle, bundle) for bundle in (*_system_bundles(), *_python_bundles(command))]
    return tuple(replaced)


def _hosts() -> str:
    """The vendor's names first, then the machine's own lines without them."""
    machine = Path("/etc/hosts")
    lines = machine.read_text(encoding="utf-8").splitlines() if machine.exists() else []
    kept = [line for line in lines if not any(is_vendor_host(name) for name in line.partition("#")[0].split()[1:])]
    return hosts_file() + "\n".join((*kept, ""))


def _system_bundles() -> set[Path]:
    standard = ssl.get_default_verify_paths().openssl_cafile
    return {Path(bundle).resolve() for bundle in (*_SYSTEM_BUNDLES, standard) if Path(bundle).is_file()}


def _python_bundles(command: Sequence[str]) -> set[Path]:
    """Certifi's roots in the Python environments that ``command`` may run in.

    Older Python clients that are generated from a description read these and no variable.
    """
    program = shutil.which(command[0])
    scripts = {Path(program).absolute(), Path(program).resolve()} if program else set()
    places = [script.parent.parent for script in scripts]
    places += [Path(os.environ["VIRTUAL_ENV"])] if "VIRTUAL_ENV" in os.environ else []
    places += [Path.cwd() / ".venv", Path.home() / ".local"]
    packages = ("certifi", "pip/_vendor/certifi")
    patterns = [f"lib/python3*/site-packages/{package}/cacert.pem" for package in packages]
    found = {bundle.resolve() for place in places for pattern in patterns for bundle in place.glob(pattern)}
    return found - _system_bundles()


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
