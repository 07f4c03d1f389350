"""``openpartner operator create``: the first administrator of a new production world."""

from typing import Annotated

import typer

from openpartner.cli.common import HERE, Data, console
from openpartner.cli.opening import opened
from openpartner.identity import queries, service
from openpartner.partner import service as partner
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.errors import Conflict
from openpartner.platform.permissions import Role
from openpartner.portal.service import PORTAL_APP_ID, ensure_portal_application

app = typer.Typer(no_args_is_help=True, help="Who runs the programme.")


@app.callback()
def _group() -> None:
    """Keeps ``create`` a command of its own though it stands alone."""


@app.command()
def create(
    name: Annotated[str, typer.Option(help="The programme owner's name.")],
    domain: Annotated[str, typer.Option(help="Its first domain, such as programme.example.com.")],
    admin: Annotated[str, typer.Option(help="The administrator's name to sign in with, without the domain.")] = "admin",
    country: Annotated[str, typer.Option(help="Two letters.")] = "US",
    data: Data = HERE,
) -> None:
    """Make the operator's directory and its first administrator; prints the one-time password."""
    with opened(data) as world, world.begin(SYSTEM) as uow:
        if queries.application_by_app_id(uow, PORTAL_APP_ID) is not None:
            raise Conflict("This world has an operator. Its administrators add others in the portal.")
        tenant = service.create_tenant(uow, kind=TenantKind.OPERATOR, name=name, country=country, domain=domain)
        ensure_portal_application(uow, tenant.id)
        created = service.create_user(uow, tenant.id, upn=f"{admin}@{tenant.default_domain}", display_name=admin)
        partner.assign_role(uow, created.user.id, Role.OPERATOR_ADMIN, tenant_id=tenant.id)
        upn = created.user.upn
    console.print(f"Sign in as {upn} with the password {created.password} and choose another.", highlight=False)
