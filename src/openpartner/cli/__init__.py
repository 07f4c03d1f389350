"""The command: ``openpartner``. Each group of commands is a module; this one puts them together."""

import sys

import msgspec
import typer
from rich.console import Console

from openpartner.cli import audit, clock, documents, operator, programs, serving, world
from openpartner.platform.errors import DomainError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
serving.add_to(app)
programs.add_to(app)
documents.add_to(app)
app.add_typer(clock.app, name="clock")
app.add_typer(world.app, name="world")
app.add_typer(audit.app, name="audit")
app.add_typer(operator.app, name="operator")


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit code 1."""
    try:
        app()
    except (DomainError, msgspec.ValidationError) as refusal:
        Console(stderr=True).print(f"[red]openpartner:[/red] {refusal}", highlight=False, soft_wrap=True)
        sys.exit(1)
