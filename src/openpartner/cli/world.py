"""``openpartner world``: show who is in it, keep it, put it back, fork it, begin it anew."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from openpartner.app import open_world
from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.edge.sharing import running_server
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import Invalid
from openpartner.sandbox import queries, snapshots
from openpartner.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, help="The sandbox's world as a whole.")


def _base_url(data: Path) -> str:
    running = running_server(data)
    return running.url if running else read_settings().base_url or "http://localhost:8080"


@app.command()
def show(data: Data = HERE, as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """The tenants, and how to sign in as each user and app."""
    settings = read_settings(data=data)
    if not settings.is_sandbox:
        raise Invalid("A production world shows no secrets.")
    with opened(data) as world, world.begin.read(SYSTEM) as uow:
        ca_file = data.absolute() / "authority" / "ca.pem"
        view = queries.show_world(uow, _base_url(data), ca_file if ca_file.exists() else None)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(view), indent=2))
        return
    names = {tenant.id: tenant.name for tenant in view.tenants}
    console.print(f"[bold]{view.base_url}[/bold]", highlight=False)
    users = Table("Account", "Sign in as", "Password", "Roles", title="Users")
    for user in view.users:
        users.add_row(names[user.tenant], user.upn, user.password, ", ".join(user.roles))
    apps = Table("Account", "Name", "Client id", "Secret", title="Apps")
    for entry in view.apps:
        apps.add_row(names[entry.tenant], entry.name, str(entry.client_id), entry.client_secret)
    console.print(users, apps)


@app.command()
def snapshot(name: str, data: Data = HERE) -> None:
    """Keep the world as it is under a name."""
    with opened(data) as world:
        kept = snapshots.take(world, name)
    console.print(f"Kept as {kept.name}: {kept.size / 1e6:.1f} MB, {kept.shown_at.isoformat(timespec='seconds')}")


@app.command("list")
def list_(data: Data = HERE) -> None:
    """The snapshots."""
    with opened(data) as world:
        for kept in snapshots.present(world):
            console.print(f"{kept.name}  {kept.size / 1e6:.1f} MB  {kept.shown_at.isoformat(timespec='seconds')}")


@app.command()
def restore(name: str, data: Data = HERE) -> None:
    """Put the world back as it was kept; what came after is gone."""
    with opened(data) as world:
        kept = snapshots.restore(world, name)
    console.print(f"The world is as it was at {kept.shown_at.isoformat(timespec='seconds')}.")


@app.command()
def fork(target: Path, data: Data = HERE) -> None:
    """A second world in another folder, the same at this instant."""
    with opened(data) as world:
        snapshots.fork(world, target)
    console.print(f"Forked. Serve it with: openpartner serve --data {target} --port 0")


@app.command()
def reset(data: Data = HERE, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Begin the world anew from its seed; everything in it is gone, snapshots stay."""
    if not yes:
        typer.confirm(f"Everything in {data} will be gone. Go on?", abort=True)
    begin_anew(data, read_settings(data=data))
    console.print("The world is new.")


def begin_anew(data: Path, settings: Settings) -> None:
    """Put a newly made world in the place of the one in a folder, also while a server runs on it."""
    fresh_data = Path(tempfile.mkdtemp(prefix="openpartner-new-"))
    try:
        fresh = open_world(msgspec.structs.replace(settings, data=fresh_data))
        with opened(data) as world:
            snapshots.replace(world, fresh)
    finally:
        shutil.rmtree(fresh_data, ignore_errors=True)
