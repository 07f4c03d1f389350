"""A file that one process at a time holds; the system lets go of it when the process ends, however it ends."""

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_POLL = 0.05

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_hold(path: Path) -> IO[bytes] | None:
    """The file, held until it is closed; None while another process, or another opening of it, holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        _take(file)
    except OSError:
        file.close()
        return None
    return file


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the file, and hold it for the length of the block."""
    while (file := try_hold(path)) is None:
        time.sleep(_POLL)
    with file:
        yield
