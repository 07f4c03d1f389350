"""``openpartner operations``: which operations are done, as the document ``docs/operations.md``."""

import tempfile
from pathlib import Path

import typer

from openpartner import spec
from openpartner.app import assemble, open_world
from openpartner.settings import Settings


def operations() -> None:
    """Print each operation of the vendor's APIs with its route, or that it is missing."""
    with tempfile.TemporaryDirectory() as folder:
        world = open_world(Settings(data=Path(folder), demo_data=False))
        try:
            routes = spec.routes_of(assemble(world).litestar)
        finally:
            world.close()
    typer.echo(spec.render(routes), nl=False)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(operations)
