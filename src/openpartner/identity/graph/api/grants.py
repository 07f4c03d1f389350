"""App roles and delegated permission grants. Source: graph-endpoints, area apps."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph.wire.grants import GRANT, ROLE_ASSIGNMENT, GrantChange, RoleAssignmentChange
from openpartner.identity.models import AppRoleAssignment, Oauth2PermissionGrant
from openpartner.identity.service.administering import grants as service
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import service_principal_named
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import Begin, UnitOfWork

GRANTS = "/oauth2permissiongrants"


def _grants(tenant_id: UUID, *where: Any) -> Source:
    return Source(GRANT, (Oauth2PermissionGrant.tenant_id == tenant_id, *where))


def _grant(uow: UnitOfWork, asked: Asked, grant_id: UUID) -> answers.Body:
    return pages.one_of(uow, asked, _grants(uow.actor.tenant, Oauth2PermissionGrant.id == grant_id), grant_id)


@get(GRANTS, sync_to_thread=True, opt={"operation": "GET /v1.0/oauth2PermissionGrants"})
def list_grants(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the delegated permissions that were given in the tenant."""
    with begin.read() as uow:
        tenant_id = service.allow_reading_grants(uow)
        return answers.listed(asked, pages.page_of(uow, asked, _grants(tenant_id)))


@post(GRANTS, sync_to_thread=True, opt={"operation": "POST /v1.0/oauth2PermissionGrants"})
def post_grant(
    data: JSONBody[GrantChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Give delegated permissions."""
    with begin() as uow:
        given = data.given()
        made = service.create_permission_grant(
            uow,
            given.get("client_id", ""),
            given.get("resource_id", ""),
            consent_type=given.get("consent_type") or "",
            principal=given.get("principal_id"),
            scope=given.get("scope") or "",
        )
        return answers.created(asked, _grant(uow, asked, made.id), f"oauth2PermissionGrants/{made.id}")


@get(f"{GRANTS}/{{key:str}}", sync_to_thread=True)
def get_grant(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One grant."""
    with begin.read() as uow:
        grant = service.grant_named(uow, service.allow_reading_grants(uow), key)
        return answers.shown(asked, _grant(uow, asked, grant.id))


@patch(f"{GRANTS}/{{key:str}}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/oauth2PermissionGrants/{id}"})
def patch_grant(
    key: FromPath[str], data: JSONBody[GrantChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Give other permissions."""
    with begin() as uow:
        given = data.given()
        scope = (given["scope"] or "") if "scope" in given else None
        changed = service.update_permission_grant(uow, key, scope)
        return answers.changed_silently(asked, _grant(uow, asked, changed.id))


@delete(f"{GRANTS}/{{key:str}}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/oauth2PermissionGrants/{id}"})
def delete_grant(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take a grant back."""
    with begin() as uow:
        service.delete_permission_grant(uow, key)


# App roles: what a principal holds, and what is held on it


def _assignment(uow: UnitOfWork, asked: Asked, assignment_id: UUID, context: str) -> answers.Body:
    source = Source(ROLE_ASSIGNMENT, (AppRoleAssignment.id == assignment_id,))
    return pages.one_of(uow, asked, source, assignment_id, context=context)


def role_routes(name: str, column: Any, operations: dict[str, str]) -> list[Any]:
    """The routes of one list of a principal's. name: as the wire has it."""
    path = f"/serviceprincipals/{{key:str}}/{name.lower()}"

    def opt(method: str) -> dict[str, str]:
        return {"operation": operations[method]} if method in operations else {}

    def context(principal_id: UUID) -> str:
        return f"servicePrincipals('{principal_id}')/{name}"

    @get(path, sync_to_thread=True, opt=opt("GET"))
    def list_roles(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
        """A page of the list."""
        with begin.read() as uow:
            principal = service_principal_named(uow, allow(uow, DirectoryAction.APPLICATIONS_READ), key)
            source = Source(ROLE_ASSIGNMENT, (column == principal.id,))
            return answers.listed(asked, pages.page_of(uow, asked, source, context=context(principal.id)))

    @post(path, sync_to_thread=True, opt=opt("POST"))
    def post_role(
        key: FromPath[str],
        data: JSONBody[RoleAssignmentChange],
        begin: NamedDependency[Begin],
        asked: NamedDependency[Asked],
    ) -> Response[Any]:
        """Give an app role. The body says whose and to whom; the address only names one of the two."""
        with begin() as uow:
            given = data.given()
            wanted = [str(given.get(each, "")) for each in ("principal_id", "resource_id", "app_role_id")]
            made = service.create_role_assignment(uow, key, *wanted)
            owner = service_principal_named(uow, uow.actor.tenant, key)
            shown = _assignment(uow, asked, made.id, context(owner.id))
            return answers.created(asked, shown, f"{context(owner.id)}/{made.id}")

    @get(f"{path}/{{assignment_key:str}}", sync_to_thread=True)
    def get_role(
        key: FromPath[str],
        assignment_key: FromPath[str],
        begin: NamedDependency[Begin],
        asked: NamedDependency[Asked],
    ) -> Response[Any]:
        """One of them."""
        with begin.read() as uow:
            principal = service_principal_named(uow, allow(uow, DirectoryAction.APPLICATIONS_READ), key)
            found = service.role_assignment_of(uow, principal, assignment_key)
            return answers.shown(asked, _assignment(uow, asked, found.id, context(principal.id)))

    @delete(f"{path}/{{assignment_key:str}}", sync_to_thread=True, opt=opt("DELETE"))
    def delete_role(key: FromPath[str], assignment_key: FromPath[str], begin: NamedDependency[Begin]) -> None:
        """Take an app role back."""
        with begin() as uow:
            service.delete_role_assignment(uow, key, assignment_key)

    return [list_roles, post_role, get_role, delete_role]


HELD = "/v1.0/servicePrincipals/{id}/appRoleAssignments"
ROUTES: list[Any] = [
    list_grants,
    post_grant,
    get_grant,
    patch_grant,
    delete_grant,
    *role_routes(
        "appRoleAssignments",
        AppRoleAssignment.principal_id,
        {"GET": f"GET {HELD}", "POST": f"POST {HELD}", "DELETE": f"DELETE {HELD}/{{aid}}"},
    ),
    *role_routes("appRoleAssignedTo", AppRoleAssignment.resource_principal_id, {}),
]
