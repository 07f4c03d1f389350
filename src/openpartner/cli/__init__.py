"""The command: ``openpartner``. Each group of commands is a module, imported when one of its commands is asked for."""

import sys
from importlib import import_module
from typing import Any

import msgspec
import typer
from rich.console import Console
from typer.core import TyperGroup

from openpartner.platform.errors import DomainError
from openpartner.platform.starting import nothing_to_collect

MODULES = {
    "serve": "serving",
    "work": "serving",
    "migrate": "serving",
    "seed": "seeding",
    "run": "programs",
    "hosts": "programs",
    "operations": "documents",
    "clock": "clock",
    "consent": "consent",
    "world": "world",
    "audit": "audit",
    "operator": "operator",
    "webhooks": "webhooks",
}
"""Where each command is. ``run`` and ``hosts`` need no app, and the app is nine tenths of what importing costs."""


class OnDemand(TyperGroup):
    """Finds a command in its module."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework's shape
        """In the order in which help shows them."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the framework's shape
        """The command, or None for a name that is none."""
        if cmd_name not in MODULES:
            return None
        with nothing_to_collect():
            module = import_module(f"openpartner.cli.{MODULES[cmd_name]}")
        holder = typer.Typer()
        if hasattr(module, "app"):
            holder.add_typer(module.app, name=cmd_name)
        else:
            module.add_to(holder)
        return typer.main.get_group(holder).commands[cmd_name]


app = typer.Typer(
    cls=OnDemand, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="OpenPartner."
)


@app.callback()
def _group() -> None:
    """An open, self-hosted partner center."""


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit code 1."""
    try:
        app()
    except (DomainError, msgspec.ValidationError) as refusal:
        Console(stderr=True).print(f"[red]openpartner:[/red] {refusal}", highlight=False, soft_wrap=True)
        sys.exit(1)
