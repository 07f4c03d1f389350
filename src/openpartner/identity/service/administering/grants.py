"""Permissions of applications, as Graph gives and takes them one by one. Source: identity §7; gdap §12."""

from uuid import UUID

from openpartner.identity import queries, service
from openpartner.identity.models import (
    AppRoleAssignment,
    Oauth2PermissionGrant,
    PrincipalKind,
    ServicePrincipal,
)
from openpartner.identity.resources import GRAPH, LEGACY_GRAPH
from openpartner.identity.service.administering.allowing import AS_USER, allow
from openpartner.identity.service.administering.finding import (
    guid_of,
    principal_named,
    service_principal_named,
    user_named,
)
from openpartner.identity.service.grants import GrantThere, RoleThere
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph.errors import AlreadyExists, GraphInvalid, ResourceMissing
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import UnitOfWork

GRANTS_WRITE = "DelegatedPermissionGrant.ReadWrite.All"
READS_GRANTS = (GRANTS_WRITE, "Directory.Read.All", "Directory.ReadWrite.All")
NO_ROLE = UUID(int=0)
"""What is given on a resource that has no role for people: access to it."""
LONGEST_SCOPE = 4000
_MEMBER_TYPE = {PrincipalKind.SERVICE_PRINCIPAL: "Application"}
_DIRECTORY_GRAPHS = frozenset({GRAPH, LEGACY_GRAPH})


# Delegated grants


def allow_reading_grants(uow: UnitOfWork) -> UUID:
    """Refuse who may not list the delegated grants of the tenant; gives the tenant. Raises as ``allow``."""
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_READ, *READS_GRANTS)
    require_scope(uow.actor, *READS_GRANTS, AS_USER)
    return tenant_id


def _allow_granting(uow: UnitOfWork) -> UUID:
    require_scope(uow.actor, GRANTS_WRITE, AS_USER)
    return allow(uow, DirectoryAction.CONSENT_GRANT)


def grant_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> Oauth2PermissionGrant:
    """A delegated grant in the tenant. Raises ResourceMissing."""
    found_id = guid_of(key)
    found = uow.db.get(Oauth2PermissionGrant, found_id) if found_id is not None else None
    if found is None or found.tenant_id != tenant_id:
        raise ResourceMissing(key)
    return found


def create_permission_grant(
    uow: UnitOfWork, client: str, resource: str, *, consent_type: str, principal: str | None, scope: str
) -> Oauth2PermissionGrant:
    """Delegated permissions for everybody in the tenant, or for one user. Any word is taken: resources grow.

    Raises ScopeNeeded, DirectoryRoleNeeded, GraphInvalid, ResourceMissing, AlreadyExists. Emits ConsentGranted.
    """
    tenant_id = _allow_granting(uow)
    user_id = _whose(uow, tenant_id, consent_type, principal)
    _needed(clientId=client, resourceId=resource)
    words = _words(scope)
    of_client = service_principal_named(uow, tenant_id, client)
    of_resource = service_principal_named(uow, tenant_id, resource)
    try:
        return service.add_permission_grant(uow, of_client, of_resource, user_id, words)
    except GrantThere as error:
        raise AlreadyExists(error.message) from error


def _needed(**given: str) -> None:
    for name, value in given.items():
        if not value:
            raise GraphInvalid(f"A value is required for property '{name}'.", target=name)


def _whose(uow: UnitOfWork, tenant_id: UUID, consent_type: str, principal: str | None) -> UUID | None:
    kind = consent_type.lower()
    if kind not in {"allprincipals", "principal"}:
        raise GraphInvalid(
            "Invalid value specified for property 'consentType'. It is AllPrincipals or Principal.",
            target="consentType",
        )
    if kind == "principal" and not principal:
        raise GraphInvalid("With the consentType Principal, principalId names the user.", target="principalId")
    if kind == "allprincipals" and principal:
        raise GraphInvalid("With the consentType AllPrincipals, leave principalId out.", target="principalId")
    return user_named(uow, tenant_id, principal).id if principal else None


def _words(scope: str) -> list[str]:
    if len(scope) > LONGEST_SCOPE or "\0" in scope:
        raise GraphInvalid(f"The scope has at most {LONGEST_SCOPE} characters.", target="scope")
    return scope.split()


def update_permission_grant(uow: UnitOfWork, key: str, scope: str | None) -> Oauth2PermissionGrant:
    """Give other permissions. scope: None leaves them. Raises as above. Emits ConsentGranted."""
    grant = grant_named(uow, _allow_granting(uow), key)
    return grant if scope is None else service.change_permission_grant(uow, grant, _words(scope))


def delete_permission_grant(uow: UnitOfWork, key: str) -> None:
    """Take a grant back. Raises as above. Emits ConsentRevoked."""
    service.remove_permission_grant(uow, grant_named(uow, _allow_granting(uow), key))


# App roles


def _allow_roles_of(uow: UnitOfWork, resource: ServicePrincipal) -> None:
    """Graph's own permissions reach everything, so fewer may give them. Source: identity §7."""
    of_graph = resource.app_id in _DIRECTORY_GRAPHS
    allow(uow, DirectoryAction.CONSENT_GRANT_GRAPH_ROLES if of_graph else DirectoryAction.APP_ROLES_ASSIGN)


def create_role_assignment(
    uow: UnitOfWork, key: str, principal: str, resource: str, app_role: str
) -> AppRoleAssignment:
    """Give an app role of a resource. key: of the list that was posted to, either of the two.

    Raises ScopeNeeded, DirectoryRoleNeeded, ResourceMissing, GraphInvalid. Emits AppRoleAssigned.
    """
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_READ, "AppRoleAssignment.ReadWrite.All")
    service_principal_named(uow, tenant_id, key)
    _needed(principalId=principal, resourceId=resource, appRoleId=app_role)
    target = service_principal_named(uow, tenant_id, resource)
    _allow_roles_of(uow, target)
    holder_id, kind = principal_named(uow, tenant_id, principal)
    role_id = _role_of(uow, target, kind, app_role)
    try:
        return service.assign_app_role(uow, target, holder_id, kind, role_id)
    except RoleThere as error:
        raise GraphInvalid(error.message, target="appRoleId") from error


def _role_of(uow: UnitOfWork, resource: ServicePrincipal, kind: PrincipalKind, text: str) -> UUID:
    """The app role, if the resource has it for holders of this kind. Raises GraphInvalid."""
    application = queries.application_by_app_id(uow, resource.app_id)
    role_id, wanted = guid_of(text), _MEMBER_TYPE.get(kind, "User")
    roles = application.app_roles if application is not None else []
    fitting = [each for each in roles if wanted in each["allowedMemberTypes"] and each.get("isEnabled", True)]
    if role_id is not None and any(str(each["id"]) == str(role_id) for each in fitting):
        return role_id
    if role_id == NO_ROLE and not fitting:
        return NO_ROLE
    raise GraphInvalid(
        f"Permission being assigned was not found on application '{resource.app_id}'. It is the id of an enabled app"
        f" role of it that {'applications' if wanted == 'Application' else 'people'} can have.",
        target="appRoleId",
    )


def role_assignment_of(uow: UnitOfWork, principal: ServicePrincipal, key: str) -> AppRoleAssignment:
    """One that the principal holds, or that is held on it. Raises ResourceMissing."""
    found_id = guid_of(key)
    found = uow.db.get(AppRoleAssignment, found_id) if found_id is not None else None
    if found is None or principal.id not in {found.principal_id, found.resource_principal_id}:
        raise ResourceMissing(key)
    return found


def delete_role_assignment(uow: UnitOfWork, key: str, assignment_key: str) -> None:
    """Take an app role back. Raises as above. Emits AppRoleRemoved."""
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_READ, "AppRoleAssignment.ReadWrite.All")
    principal = service_principal_named(uow, tenant_id, key)
    assignment = role_assignment_of(uow, principal, assignment_key)
    _allow_roles_of(uow, uow.db.get_one(ServicePrincipal, assignment.resource_principal_id))
    service.remove_app_role(uow, assignment)
