"""``openpartner serve``, ``work``, ``migrate`` and ``seed``: the processes of a world."""

import os
import signal
from types import FrameType
from typing import Annotated

import msgspec
import typer
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from rich.table import Column, Table

from openpartner.app import Worker
from openpartner.cli.common import HERE, Data, console
from openpartner.cli.listening import ServerOn, listen_on
from openpartner.cli.opening import opened
from openpartner.edge.authority import open_authority
from openpartner.edge.sharing import RunningServer, running_server, server_file
from openpartner.platform.actor import SYSTEM
from openpartner.platform.observe import start_logging, start_tracing
from openpartner.platform.world import World
from openpartner.sandbox.queries import show_world
from openpartner.settings import Profile, read_settings

KILL_AFTER = 10
"""Seconds a worker has to end after SIGTERM; now and then one outlives it (docs/decisions/0002)."""


def serve(
    data: Data = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS with a certificate of the world's own authority.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    profile: Annotated[Profile | None, typer.Option(help="sandbox or production.")] = None,
    welcome: Annotated[bool, typer.Option("--welcome", help="Say who can sign in; log warnings only.")] = False,
) -> None:
    """Open the world in a folder, making it on first start, and serve every surface of it."""
    if welcome:
        os.environ.setdefault("OPENPARTNER_LOG_LEVEL", "warning")
    settings = read_settings(data=data, profile=profile)
    start_logging(settings)
    start_tracing(settings)
    listening = listen_on(host, port)
    port = listening.getsockname()[1]
    shown_host = "localhost" if host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    url = f"{'https' if tls else 'http'}://{shown_host}:{port}"
    os.environ["OPENPARTNER_DATA"] = str(data.absolute())
    os.environ["OPENPARTNER_PROFILE"] = settings.profile.value
    if not settings.base_url:
        os.environ["OPENPARTNER_BASE_URL"] = url
    with (
        console.status("Opening the world; the first time it lives through a year of demo data"),
        opened(data) as world,
    ):
        people = who_can_sign_in(world, url) if welcome and settings.is_sandbox else None
    console.print(f"OpenPartner {settings.profile.value} world in {data.absolute()}", highlight=False)
    authority = open_authority(data / "authority") if tls else None
    server = ServerOn(
        listening,
        "openpartner.asgi:create",
        factory=True,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
        ssl_cert=authority.certificate if authority else None,
        ssl_key=authority.key if authority else None,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=KILL_AFTER,
        respawn_failed_workers=True,
    )
    ours = RunningServer(os.getpid(), url)
    server_file(data).write_bytes(msgspec.json.encode(ours))
    console.print(f"Listening on [bold]{url}[/bold]", highlight=False)
    if people is not None:
        console.print(people)
    try:
        server.serve()
    finally:
        if running_server(data) == ours:  # another may have been started over the same world
            server_file(data).unlink(missing_ok=True)


SHOWN_ROLES = 4


def who_can_sign_in(world: World, url: str) -> Table:
    """The seeded people, one line each, for the terminal."""
    with world.begin.read(SYSTEM) as uow:
        view = show_world(uow, url, None)
    names = {tenant.id: tenant.name for tenant in view.tenants}
    table = Table(
        Column("Account", overflow="fold"),
        Column("Sign in as", no_wrap=True),  # whole, so that it can be copied from a narrow terminal
        Column("Roles", overflow="fold"),
        title=f"Open {url} and sign in. The password of all is {view.users[0].password if view.users else '-'}\n"
        "The second step shows its code in a sandbox.",
        title_style="bold",
    )
    for user in view.users:
        roles = [role.replace("_", " ") for role in user.roles if role not in {"default_user", "customer_user"}]
        table.add_row(names[user.tenant], user.upn, ", ".join(roles[:SHOWN_ROLES]) or "no role")
    return table


def work(data: Data = HERE) -> None:
    """Do what falls due until stopped: in production beside ``serve``, as many processes as wanted."""
    settings = read_settings(data=data)
    start_logging(settings)
    start_tracing(settings)
    with opened(data, settings) as world:
        worker = Worker(world)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            worker.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        worker.run()


def migrate(data: Data = HERE) -> None:
    """Bring the database to this release's tables."""
    with opened(data):
        console.print("The database has this release's tables.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(work)
    app.command()(migrate)
