"""``openpartner clock``: show, advance, set, freeze and tick. Only a sandbox's clock moves."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.platform import due, durations
from openpartner.platform.clock import ClockMode
from openpartner.platform.errors import Invalid
from openpartner.platform.world import World
from openpartner.sandbox.api import clock_view

app = typer.Typer(no_args_is_help=True, help="The world's clock: it can be moved, and what falls due is done.")


def _print(world: World, done: int | None = None) -> None:
    view = clock_view(world)
    console.print(f"{view.now.isoformat(timespec='seconds')} ({view.mode})")
    if done is not None:
        console.print(f"{done} pieces of work were due and are done.")
    if view.next_due_at is not None:
        console.print(f"Next due: {view.next_due_at.isoformat(timespec='seconds')}")


@app.command()
def show(data: Data = HERE) -> None:
    """Which instant it is in the world."""
    with opened(data) as world:
        _print(world)


def _move(world: World, to: datetime) -> None:
    with console.status(f"Moving to {to.isoformat(timespec='seconds')}, doing what falls due"):
        done = due.advance(world, to)
    _print(world, done)


@app.command()
def advance(
    duration: Annotated[str, typer.Argument(help="For example P35D, P1M, P1Y, PT12H.")], data: Data = HERE
) -> None:
    """Move forward, doing all that falls due on the way, each piece at its own instant."""
    with opened(data) as world:
        _move(world, durations.add(clock_view(world).now, duration))


@app.command("set")
def set_(instant: Annotated[str, typer.Argument(help="For example 2027-01-01T00:00:00Z.")], data: Data = HERE) -> None:
    """Move forward to an instant."""
    try:
        to = datetime.fromisoformat(instant)
    except ValueError:
        raise Invalid(f"{instant} is not an instant. Write for example 2027-01-01T00:00:00Z.") from None
    if to.tzinfo is None:
        raise Invalid(f"Say which time zone: {instant}Z is UTC.")
    with opened(data) as world:
        _move(world, to)


def _mode(data: Path, mode: ClockMode) -> None:
    with opened(data) as world:
        due.set_mode(world, mode)
        _print(world)


@app.command()
def freeze(data: Data = HERE) -> None:
    """Stand still until moved."""
    _mode(data, ClockMode.FROZEN)


@app.command()
def tick(data: Data = HERE) -> None:
    """Run on from the present instant."""
    _mode(data, ClockMode.TICKING)
