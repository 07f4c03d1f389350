"""Workers over a world that are made quickly and may be killed: ``python -m tests.support.worker_nursery LEASE``.

The first line of the input is the world's settings; each further line makes a worker, and the answer is its process's
id. What is imported once is there for each, so that a worker begins within a fraction of a second.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from openpartner.app import Worker, open_world
from openpartner.platform.errands import Errand
from openpartner.settings import Settings


def _written(value: Any) -> str:
    return str(value)


def _read(kind: type, value: Any) -> Any:
    return kind(value)


def _work(settings: Settings, lease: timedelta) -> None:
    world = open_world(settings)
    world.jobs = {
        name: replace(job, lease=lease) if isinstance(job, Errand) else job for name, job in world.jobs.items()
    }
    Worker(world).run()


@dataclass
class Nursery:
    """Where workers come from. lease: after so many seconds what a killed one had under way is done by another."""

    process: subprocess.Popen[bytes]

    def worker(self) -> int:
        """One more; gives its process's id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery(settings: Settings, lease: float) -> Iterator[Nursery]:
    """Workers over the world of these settings while the block runs; those that still live at its end are ended."""
    command = [sys.executable, "-m", "tests.support.worker_nursery", str(lease)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, start_new_session=True)
    assert process.stdin is not None
    try:
        process.stdin.write(msgspec.json.encode(settings, enc_hook=_written) + b"\n")
        process.stdin.flush()
        yield Nursery(process)
    finally:
        process.communicate()  # the end of its input is the end of it and of its workers
        process.wait(10)


def main() -> None:
    """Make a worker a line."""
    lease = timedelta(seconds=float(sys.argv[1]))
    lines = iter(sys.stdin.readline, "")
    settings = msgspec.json.decode(next(lines), type=Settings, dec_hook=_read)
    made = []
    for _ in lines:
        child = os.fork()
        if child == 0:
            os.close(0)
            _work(settings, lease)
        made.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in made:
        if os.waitpid(child, os.WNOHANG) == (0, 0):
            os.kill(child, 9)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
