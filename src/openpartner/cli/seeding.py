"""``openpartner seed``: the demo data, for a world that began without."""

import msgspec
import typer
from sqlalchemy import func, select

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.cli.world import begin_anew
from openpartner.platform.errors import Conflict, Invalid
from openpartner.sandbox.models import SeededUser
from openpartner.sandbox.queries import is_anybody_there
from openpartner.settings import read_settings


def seed(data: Data = HERE) -> None:
    """Fill a sandbox world with a year of demo data; a world that somebody lives in is left alone."""
    settings = read_settings(data=data)
    if not settings.is_sandbox:
        raise Invalid("Demo data is for sandbox worlds. Make the first operator with: openpartner operator create")
    without = msgspec.structs.replace(settings, demo_data=False)
    with opened(data, without) as world, world.begin.read() as uow:
        if is_anybody_there(uow):
            raise Conflict("This world has people in it. To begin anew with demo data: openpartner world reset")
    with console.status("Living through a year of demo data"):
        begin_anew(data, msgspec.structs.replace(settings, demo_data=True))
    with opened(data) as world, world.begin.read() as uow:
        people = uow.db.scalar(select(func.count()).select_from(SeededUser))
    console.print(f"The world has its demo data; {people} people can sign in: openpartner world show")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(seed)
