"""Indirect resellers of a sandbox's provider. Source: partner-center-endpoints, partner-relationships."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.platform import permissions
from openpartner.platform.http.answers import reply
from openpartner.platform.work import Begin
from openpartner.relationships.service import sandbox_resellers as service
from openpartner.relationships.wire import sandbox_resellers as wire


@post(
    "/v1/sandboxindirectreseller",
    sync_to_thread=True,
    opt={
        "operation": "POST /v1/sandboxIndirectReseller",
        "permission": permissions.INDIRECT_RESELLERS_ENROL.write,
    },
)
def create_sandbox_reseller(
    data: JSONBody[wire.SandboxResellerIn], begin: NamedDependency[Begin]
) -> Response[wire.SandboxResellerOut]:
    """A reseller in good standing that is the caller's partner at once."""
    with begin() as uow:
        wanted = data.read()
        made = service.create_sandbox_reseller(uow, wanted)
        return reply(uow, wire.SandboxResellerOut.of(made, wanted.admin_first_name), status=201)


@delete(
    "/v1/sandboxindirectreseller/{reseller_id:uuid}",
    sync_to_thread=True,
    status_code=204,
    opt={
        "operation": "DELETE /v1/sandboxIndirectReseller/{reseller-id}",
        "permission": permissions.INDIRECT_RESELLERS_ENROL.write,
    },
)
def delete_sandbox_reseller(reseller_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[None]:
    """Give it back; the number of resellers that may be made counts without it."""
    with begin() as uow:
        service.delete_sandbox_reseller(uow, reseller_id)
        return reply(uow, None, status=204)


ROUTES: list[Any] = [create_sandbox_reseller, delete_sandbox_reseller]
