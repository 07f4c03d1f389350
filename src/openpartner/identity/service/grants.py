"""Permissions one by one: delegated grants, and app roles of people, groups and applications. Source: identity §7.

What these rows say is what consent is: the authorize page asks for what they lack, and tokens carry what they give.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from openpartner.identity import queries
from openpartner.identity.events import AppRoleAssigned, AppRoleRemoved, ConsentGranted, ConsentRevoked
from openpartner.identity.models import AppRoleAssignment, Oauth2PermissionGrant, PrincipalKind, ServicePrincipal
from openpartner.identity.service.scope import scope_of
from openpartner.platform.errors import Conflict
from openpartner.platform.work import UnitOfWork


class GrantThere(Conflict):
    """A client has one grant on a resource for everybody, and one for each user."""

    def __init__(self) -> None:
        super().__init__("Permission entry already exists. Change the scope of the one that is there.")


class RoleThere(Conflict):
    """The principal has the app role already."""

    def __init__(self) -> None:
        super().__init__("Permission being assigned already exists on the object")


def _scopes(words: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(words))


def add_permission_grant(
    uow: UnitOfWork,
    client: ServicePrincipal,
    resource: ServicePrincipal,
    user_id: UUID | None,
    scopes: Iterable[str],
) -> Oauth2PermissionGrant:
    """Delegated permissions for everybody in the tenant, or for one user. Raises GrantThere. Emits ConsentGranted."""
    same_user = (
        Oauth2PermissionGrant.principal_id.is_(None)
        if user_id is None
        else Oauth2PermissionGrant.principal_id == user_id
    )
    present = select(Oauth2PermissionGrant.id).where(
        Oauth2PermissionGrant.client_principal_id == client.id,
        Oauth2PermissionGrant.resource_principal_id == resource.id,
        same_user,
    )
    if uow.db.scalar(present) is not None:
        raise GrantThere
    grant = Oauth2PermissionGrant(
        id=uow.ids.uuid(),
        tenant_id=client.tenant_id,
        client_principal_id=client.id,
        resource_principal_id=resource.id,
        principal_id=user_id,
        scope=_scopes(scopes),
        created_at=uow.now,
    )
    uow.db.add(grant)
    uow.db.flush()
    uow.emit(
        ConsentGranted(
            **scope_of(uow, client.tenant_id),
            app_id=client.app_id,
            tenant_id=client.tenant_id,
            user_id=user_id,
            after={str(resource.app_id): grant.scope.split()},
        )
    )
    return grant


def change_permission_grant(
    uow: UnitOfWork, grant: Oauth2PermissionGrant, scopes: Iterable[str]
) -> Oauth2PermissionGrant:
    """Give these permissions instead. Emits ConsentGranted if they differ."""
    wanted, before = _scopes(scopes), grant.scope
    if wanted.split() == before.split():
        return grant
    client, resource = _both(uow, grant)
    grant.scope = wanted
    uow.db.flush()
    uow.emit(
        ConsentGranted(
            **scope_of(uow, grant.tenant_id),
            app_id=client.app_id,
            tenant_id=grant.tenant_id,
            user_id=grant.principal_id,
            before={str(resource.app_id): before.split()},
            after={str(resource.app_id): wanted.split()},
        )
    )
    return grant


def remove_permission_grant(uow: UnitOfWork, grant: Oauth2PermissionGrant) -> None:
    """Take a grant back. Emits ConsentRevoked."""
    client, resource = _both(uow, grant)
    fact = ConsentRevoked(
        **scope_of(uow, grant.tenant_id),
        app_id=client.app_id,
        tenant_id=grant.tenant_id,
        before={str(resource.app_id): grant.scope.split()},
    )
    uow.db.delete(grant)
    uow.db.flush()
    uow.emit(fact)


def _both(uow: UnitOfWork, grant: Oauth2PermissionGrant) -> tuple[ServicePrincipal, ServicePrincipal]:
    return (
        uow.db.get_one(ServicePrincipal, grant.client_principal_id),
        uow.db.get_one(ServicePrincipal, grant.resource_principal_id),
    )


def assign_app_role(
    uow: UnitOfWork, resource: ServicePrincipal, principal_id: UUID, kind: PrincipalKind, role_id: UUID
) -> AppRoleAssignment:
    """Give an app role of a resource, as an application permission or to people. Raises RoleThere.

    Emits AppRoleAssigned.
    """
    if role_id in queries.app_roles_of(uow, [principal_id], resource.id):
        raise RoleThere
    assignment = AppRoleAssignment(
        id=uow.ids.uuid(),
        tenant_id=resource.tenant_id,
        resource_principal_id=resource.id,
        principal_id=principal_id,
        principal_kind=kind,
        app_role_id=role_id,
        created_at=uow.now,
    )
    uow.db.add(assignment)
    uow.db.flush()
    uow.emit(
        AppRoleAssigned(
            **scope_of(uow, resource.tenant_id),
            app_id=resource.app_id,
            tenant_id=resource.tenant_id,
            principal_id=principal_id,
            after={"appRoleId": str(role_id), "principalType": kind.value},
        )
    )
    return assignment


def remove_app_role(uow: UnitOfWork, assignment: AppRoleAssignment) -> None:
    """Take an app role back. Emits AppRoleRemoved."""
    resource = uow.db.get_one(ServicePrincipal, assignment.resource_principal_id)
    fact = AppRoleRemoved(
        **scope_of(uow, assignment.tenant_id),
        app_id=resource.app_id,
        tenant_id=assignment.tenant_id,
        principal_id=assignment.principal_id,
        before={"appRoleId": str(assignment.app_role_id), "principalType": assignment.principal_kind.value},
    )
    uow.db.delete(assignment)
    uow.db.flush()
    uow.emit(fact)
