"""What every command shares: which world, and where to print."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from openpartner.app import open_world
from openpartner.platform.world import World
from openpartner.settings import read_settings

Data = Annotated[Path, typer.Option("--data", envvar="OPENPARTNER_DATA", help="The world's folder.", file_okay=False)]
HERE = Path("data")
console = Console()


@contextmanager
def opened(data: Path) -> Iterator[World]:
    """The world in a folder, made when it is not there yet."""
    world = open_world(read_settings(data=data))
    try:
        yield world
    finally:
        world.close()
