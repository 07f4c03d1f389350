"""``openpartner audit verify``: is the event log what was written?"""

import typer

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.platform import events

app = typer.Typer(no_args_is_help=True, help="The event log, a hash chain.")


@app.callback()
def _group() -> None:
    """Keeps ``verify`` a command of its own though it stands alone."""


@app.command()
def verify(data: Data = HERE) -> None:
    """Recompute the chain. Exit code 1 when an entry was changed, added or removed."""
    with opened(data) as world, world.begin.read() as uow, console.status("Verifying"):
        report = events.verify(uow.db)
    if report.broken is not None:
        console.print(f"[red]Broken at entry {report.broken.seq}[/red]: {report.broken.reason}.")
        raise typer.Exit(1)
    console.print(f"{report.entries} entries follow from each other. Head: {report.head}")
