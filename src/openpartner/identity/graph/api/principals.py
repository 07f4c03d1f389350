"""Service principals, and what they may do. Source: graph-endpoints, area apps."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph import reading
from openpartner.identity.graph.api.applications import asked_password
from openpartner.identity.graph.wire.credentials import PasswordAsked, PasswordNamed, secret_shown
from openpartner.identity.graph.wire.grants import GRANT
from openpartner.identity.graph.wire.principals import PrincipalChange
from openpartner.identity.models import Oauth2PermissionGrant, ServicePrincipal
from openpartner.identity.service.administering import principals as service
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import service_principal_named
from openpartner.identity.service.administering.principals import PrincipalFacts
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import Begin, UnitOfWork

APPLICATIONS_READ = DirectoryAction.APPLICATIONS_READ


def _facts(data: PrincipalChange) -> PrincipalFacts:
    return PrincipalFacts(members=data.members(), details=data.details())


def _shown(uow: UnitOfWork, asked: Asked, principal_id: UUID) -> answers.Body:
    source = reading.principals_in(uow.actor.tenant, ServicePrincipal.id == principal_id)
    return pages.one_of(uow, asked, source, principal_id)


@get("/serviceprincipals", sync_to_thread=True, opt={"operation": "GET /v1.0/servicePrincipals"})
def list_principals(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the applications that the tenant knows."""
    with begin.read() as uow:
        tenant_id = allow(uow, APPLICATIONS_READ)
        return answers.listed(asked, pages.page_of(uow, asked, reading.principals_in(tenant_id)))


@get("/serviceprincipals/$count", sync_to_thread=True)
def count_principals(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many they are."""
    with begin.read() as uow:
        tenant_id = allow(uow, APPLICATIONS_READ)
        return answers.counted(pages.count_of(uow, asked, reading.principals_in(tenant_id)))


@post("/serviceprincipals", sync_to_thread=True, opt={"operation": "POST /v1.0/servicePrincipals"})
def post_principal(
    data: JSONBody[PrincipalChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Make an application known in the tenant."""
    with begin() as uow:
        made = service.create_directory_principal(uow, str(data.given().get("app_id", "")), _facts(data))
        return answers.created(asked, _shown(uow, asked, made.id), f"servicePrincipals/{made.id}")


@get("/serviceprincipals/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/servicePrincipals/{id}"})
def get_principal(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One of them, by object id or client id."""
    with begin.read() as uow:
        principal = service_principal_named(uow, allow(uow, APPLICATIONS_READ), key)
        return answers.shown(asked, _shown(uow, asked, principal.id))


@patch("/serviceprincipals/{key:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/servicePrincipals/{id}"})
def patch_principal(
    key: FromPath[str], data: JSONBody[PrincipalChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Change it; with ``Prefer: create-if-missing`` make the one that ``appId=`` names."""
    with begin() as uow:
        if not asked.preferences.create_if_missing:
            changed = service.update_directory_principal(uow, key, _facts(data))
            return answers.changed_silently(asked, _shown(uow, asked, changed.id))
        principal, is_new = service.change_or_create_principal(uow, key, _facts(data))
        shown = _shown(uow, asked, principal.id)
        if is_new:
            return answers.created(asked, shown, f"servicePrincipals/{principal.id}")
        return answers.changed_silently(asked, shown)


@delete("/serviceprincipals/{key:str}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/servicePrincipals/{id}"})
def delete_principal(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take an application out of the tenant."""
    with begin() as uow:
        service.delete_directory_principal(uow, key)


@post(
    "/serviceprincipals/{key:str}/addpassword",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/servicePrincipals/{id}/addPassword"},
)
def add_password(
    key: FromPath[str], data: JSONBody[PasswordAsked], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A secret that counts in this tenant only, shown once."""
    with begin() as uow:
        wanted = asked_password(data)
        made = service.add_principal_password(uow, key, wanted)
        return answers.answer(secret_shown(asked, made, wanted.display_name))


@post("/serviceprincipals/{key:str}/removepassword", status_code=204, sync_to_thread=True)
def remove_password(key: FromPath[str], data: JSONBody[PasswordNamed], begin: NamedDependency[Begin]) -> None:
    """Take it away."""
    with begin() as uow:
        service.remove_principal_password(uow, key, data.given().get("key_id"))


@get(
    "/serviceprincipals/{key:str}/oauth2permissiongrants",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/servicePrincipals/{id}/oauth2PermissionGrants"},
)
def list_grants_of(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The delegated permissions that it was given."""
    with begin.read() as uow:
        principal = service_principal_named(uow, allow(uow, APPLICATIONS_READ), key)
        source = Source(GRANT, (Oauth2PermissionGrant.client_principal_id == principal.id,))
        return answers.listed(asked, pages.page_of(uow, asked, source))


ROUTES: list[Any] = [
    list_principals,
    count_principals,
    post_principal,
    get_principal,
    patch_principal,
    delete_principal,
    add_password,
    remove_password,
    list_grants_of,
]
