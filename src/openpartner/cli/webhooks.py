"""``openpartner webhooks rotate-key``: sign deliveries with a new key."""

import typer

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.platform.actor import SYSTEM
from openpartner.webhooks import service

app = typer.Typer(no_args_is_help=True, help="What partners hear at their addresses.")


@app.callback()
def _group() -> None:
    """Keeps ``rotate-key`` a command of its own though it stands alone."""


@app.command("rotate-key")
def rotate_key(data: Data = HERE) -> None:
    """Sign from now on with a new key. Receivers find its certificate by themselves; the ones before stay."""
    with opened(data) as world, world.begin(SYSTEM) as uow:
        key_id = service.rotate_webhook_key(uow)
    console.print(f"Webhooks are signed with the key {key_id} from now on.", highlight=False)
