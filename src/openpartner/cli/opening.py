"""The world that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openpartner.app import open_world
from openpartner.platform.world import World
from openpartner.settings import read_settings


@contextmanager
def opened(data: Path) -> Iterator[World]:
    """The world in a folder, made when it is not there yet."""
    world = open_world(read_settings(data=data))
    try:
        yield world
    finally:
        world.close()
