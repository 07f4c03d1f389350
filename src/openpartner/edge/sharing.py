"""Runs that share a server none of them found: the first starts it, the others join it, the last stops it.

Two files decide. ``run.lock`` is held while a run comes or goes, so of runs that come at one instant one starts the
server, and none joins a server that is being stopped. Each run holds a file of its own in ``runs``; whose file nobody
holds has ended, however it ended. A server that was not started for runs is joined and left alone.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from openpartner.edge.locks import try_hold

_POLL = 0.05
_QUIET_WAIT = 2.0
_STOP_TIMEOUT = 15.0
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class RunningServer(msgspec.Struct):
    """``server.json`` in a world's folder: written by ``serve`` when it listens, removed when it ends."""

    pid: int
    url: str


def server_file(data_dir: Path) -> Path:
    """Where a server says that it runs."""
    return data_dir / "server.json"


def running_server(data_dir: Path) -> RunningServer | None:
    """What the folder's server says of itself; it may have ended since."""
    try:
        return msgspec.json.decode(server_file(data_dir).read_bytes(), type=RunningServer)
    except (FileNotFoundError, msgspec.DecodeError):  # not there, or being written
        return None


class Runs:
    """The runs that use one world's folder at this moment."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / "runs"
        self._own: IO[bytes] | None = None

    @contextlib.asynccontextmanager
    async def alone(self, tell: Callable[[str], None]) -> AsyncIterator[None]:
        """For coming and going: no other run of this folder comes or goes meanwhile."""
        waited, told = 0.0, False
        while (gate := try_hold(self._data_dir / "run.lock")) is None:
            if waited > _QUIET_WAIT and not told:
                told = True
                tell(f"another run starts or stops the world in {self._data_dir}; waiting for it ...")
            await asyncio.sleep(_POLL)
            waited += _POLL
        with gate:
            yield

    def come(self) -> None:
        """Be counted. Only ``alone``."""
        self._own = try_hold(self._folder / f"{os.getpid()}-{id(self)}")

    def go(self) -> bool:
        """Be counted no more; whether nobody is left. Only ``alone``."""
        if self._own is not None:
            self._own.close()
            self._own = None
        return not any(self._others())

    def _others(self) -> Iterator[Path]:
        for path in list(self._folder.glob("*-*")):
            file = try_hold(path)
            if file is None:
                yield path
            else:
                with file:
                    path.unlink(missing_ok=True)

    @property
    def _started(self) -> Path:
        return self._folder / "server"

    def note_started(self, pid: int) -> None:
        """This server is ours: the last run stops it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._started.write_text(str(pid), encoding="ascii")

    def own_server(self) -> int | None:
        """The process id of the server that runs and was started for runs. A server started by hand is none."""
        running = running_server(self._data_dir)
        try:
            started = int(self._started.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return started if running is not None and running.pid == started else None


async def stop_server(pid: int, data_dir: Path) -> None:
    """End a server that another run started, and wait for it: taking its file away is the last thing it does."""
    for number in (signal.SIGTERM, _KILL):
        try:
            os.kill(pid, number)
        except OSError:
            return  # it has ended by itself
        for _ in range(round(_STOP_TIMEOUT / _POLL)):
            if not server_file(data_dir).exists() or not _lives(pid):
                return
            await asyncio.sleep(_POLL)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
