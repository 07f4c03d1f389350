"""``openpartner serve``, ``work``, ``migrate`` and ``seed``: the processes of a world."""

import os
import signal
import socket
from types import FrameType
from typing import Annotated

import msgspec
import typer
from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from openpartner.app import Worker, open_world
from openpartner.cli.common import HERE, Data, console, opened
from openpartner.edge.authority import open_authority
from openpartner.edge.run import RunningServer
from openpartner.platform.observe import start_logging, start_tracing
from openpartner.settings import Profile, read_settings

KILL_AFTER = 10
"""Seconds a worker has to end after SIGTERM; now and then one outlives it (docs/decisions/0002)."""


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def serve(
    data: Data = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS with a certificate of the world's own authority.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    profile: Annotated[Profile | None, typer.Option(help="sandbox or production.")] = None,
) -> None:
    """Open the world in a folder, making it on first start, and serve every surface of it."""
    settings = read_settings(data=data, profile=profile)
    start_logging(settings)
    start_tracing(settings)
    port = port or _free_port(host)
    shown_host = "localhost" if host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    url = f"{'https' if tls else 'http'}://{shown_host}:{port}"
    os.environ["OPENPARTNER_DATA"] = str(data.absolute())
    os.environ["OPENPARTNER_PROFILE"] = settings.profile.value
    if not settings.base_url:
        os.environ["OPENPARTNER_BASE_URL"] = url
    with opened(data):
        console.print(f"OpenPartner {settings.profile.value} world in {data.absolute()}", highlight=False)
    authority = open_authority(data / "authority") if tls else None
    server = Granian(
        "openpartner.asgi:create",
        factory=True,
        address=host,
        port=port,
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
    running = data / "server.json"
    running.write_bytes(msgspec.json.encode(RunningServer(os.getpid(), url)))
    console.print(f"Listening on [bold]{url}[/bold]", highlight=False)
    try:
        server.serve()
    finally:
        running.unlink(missing_ok=True)


def work(data: Data = HERE) -> None:
    """Do what falls due until stopped: in production beside ``serve``, as many processes as wanted."""
    settings = read_settings(data=data)
    start_logging(settings)
    start_tracing(settings)
    worker = Worker(open_world(settings))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()
    worker.world.close()


def migrate(data: Data = HERE) -> None:
    """Bring the database to this release's tables."""
    with opened(data):
        console.print("The database has this release's tables.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(work)
    app.command()(migrate)
