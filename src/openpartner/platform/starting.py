"""Starting quickly."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Import and wire without looking for garbage; what is there at the end stays.

    A start makes a million objects and drops next to none: looking through them again and again was a quarter of its
    time. They are left out of later collections too, and workers that are forked go on sharing their pages.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
