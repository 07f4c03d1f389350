"""What every command shares: how its world is named, and where to print. Light: ``run`` imports it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

Data = Annotated[Path, typer.Option("--data", envvar="OPENPARTNER_DATA", help="The world's folder.", file_okay=False)]
HERE = Path("data")
console = Console()
