"""The world that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openpartner.app import open_world
from openpartner.edge.locks import held
from openpartner.platform.world import World
from openpartner.settings import Settings, read_settings


@contextmanager
def opened(data: Path, settings: Settings | None = None) -> Iterator[World]:
    """The world in a folder, made when it is not there yet. settings: instead of those of the environment.

    Of several that open a new folder at once one makes the world and the others wait for it.
    """
    with held(data / "opening.lock"):
        world = open_world(settings or read_settings(data=data))
    try:
        yield world
    finally:
        world.close()
