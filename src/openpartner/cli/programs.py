"""``openpartner run`` and ``openpartner hosts``: other programs against a world."""

from typing import Annotated

import typer

from openpartner.cli.common import HERE, Data
from openpartner.edge.hosts import compose_file, hosts_file
from openpartner.edge.run import run_program


def run(
    context: typer.Context,
    data: Data = HERE,
    url: Annotated[str | None, typer.Option(help="Join this server instead of the folder's own.")] = None,
    isolate: Annotated[
        bool, typer.Option("--isolate", help="Linux: a network of its own, for programs that ignore proxies.")
    ] = False,
    allow_other_hosts: Annotated[
        bool, typer.Option("--allow-other-hosts", help="Let calls to other hosts pass instead of refusing them.")
    ] = False,
) -> None:
    """Run any program so that its calls to the vendor's hosts reach this world: openpartner run -- COMMAND."""
    if not context.args:
        raise typer.BadParameter("Give the program after --: openpartner run -- python script.py")
    code = run_program(context.args, world_url=url, data_dir=data, isolate=isolate, allow_other_hosts=allow_other_hosts)
    raise typer.Exit(code)


def hosts(
    compose: Annotated[bool, typer.Option("--compose", help="A compose network instead of a hosts file.")] = False,
    address: Annotated[str, typer.Option(help="Where OpenPartner listens on port 443.")] = "127.0.0.1",
) -> None:
    """What to put in a hosts file or a compose network for programs that ignore proxies."""
    typer.echo(compose_file() if compose else hosts_file(address), nl=False)


def add_to(app: typer.Typer) -> None:
    """Add the two commands."""
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(run)
    app.command()(hosts)
