"""Service principals: an application's part in one tenant, its own secrets there, and the end of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_

from openpartner.identity import queries
from openpartner.identity.events import (
    ApplicationCredentialRemoved,
    ServicePrincipalAdded,
    ServicePrincipalRemoved,
    ServicePrincipalUpdated,
)
from openpartner.identity.models import (
    AppRoleAssignment,
    DirectoryRoleAssignment,
    GroupMember,
    GroupOwner,
    Oauth2PermissionGrant,
    ServicePrincipal,
    ServicePrincipalSecret,
)
from openpartner.identity.service.applications import NewSecret, credential_added, new_secret, secret_hash
from openpartner.identity.service.scope import scope_of
from openpartner.platform.errors import Conflict, NotFound
from openpartner.platform.work import UnitOfWork


class PrincipalThere(Conflict):
    """A tenant has one principal of an application."""

    def __init__(self, app_id: UUID) -> None:
        super().__init__(f"The application '{app_id}' has a service principal in this tenant already.")


def add_service_principal(uow: UnitOfWork, tenant_id: UUID, app_id: UUID, **members: Any) -> ServicePrincipal:
    """Make an application known in a tenant: one of its own, or one of another that takes others' users.

    members: as ``update_service_principal`` takes them. Raises NotFound for an application that is not registered or
    is not for this tenant, PrincipalThere. Emits ServicePrincipalAdded.
    """
    application = queries.application_by_app_id(uow, app_id)
    if application is None or not queries.is_for_tenant(application, tenant_id):
        raise NotFound("Application", app_id)
    if queries.service_principal(uow, tenant_id, app_id) is not None:
        raise PrincipalThere(app_id)
    principal = ServicePrincipal(id=uow.ids.uuid(), tenant_id=tenant_id, app_id=app_id, created_at=uow.now, **members)
    uow.db.add(principal)
    uow.db.flush()
    uow.emit(
        ServicePrincipalAdded(
            **scope_of(uow, tenant_id),
            app_id=app_id,
            tenant_id=tenant_id,
            after={"id": str(principal.id), "accountEnabled": principal.account_enabled},
        )
    )
    return principal


def update_service_principal(uow: UnitOfWork, principal: ServicePrincipal, **members: Any) -> ServicePrincipal:
    """Change account_enabled, display_name, assignment_required, tags or details.

    Emits ServicePrincipalUpdated with what really changed.
    """
    changed = {name: value for name, value in members.items() if getattr(principal, name) != value}
    if not changed:
        return principal
    before = {name: getattr(principal, name) for name in changed}
    for name, value in changed.items():
        setattr(principal, name, value)
    uow.db.flush()
    uow.emit(
        ServicePrincipalUpdated(
            **scope_of(uow, principal.tenant_id),
            app_id=principal.app_id,
            tenant_id=principal.tenant_id,
            before=before,
            after=changed,
        )
    )
    return principal


def delete_service_principal(uow: UnitOfWork, principal: ServicePrincipal) -> None:
    """Take an application out of a tenant with all it was given there and all that was given on it.

    Emits ServicePrincipalRemoved.
    """
    key = principal.id
    before = _given(uow, principal)
    of_grant = (Oauth2PermissionGrant.client_principal_id, Oauth2PermissionGrant.resource_principal_id)
    of_role = (AppRoleAssignment.principal_id, AppRoleAssignment.resource_principal_id)
    for wanted in (
        delete(Oauth2PermissionGrant).where(or_(*(column == key for column in of_grant))),
        delete(AppRoleAssignment).where(or_(*(column == key for column in of_role))),
        delete(GroupMember).where(GroupMember.member_id == key),
        delete(GroupOwner).where(GroupOwner.owner_id == key),
        delete(DirectoryRoleAssignment).where(DirectoryRoleAssignment.principal_id == key),
        delete(ServicePrincipalSecret).where(ServicePrincipalSecret.principal_id == key),
    ):
        uow.db.execute(wanted)
    uow.db.delete(principal)
    uow.db.flush()
    uow.emit(
        ServicePrincipalRemoved(
            **scope_of(uow, principal.tenant_id),
            app_id=principal.app_id,
            tenant_id=principal.tenant_id,
            before=before,
        )
    )


def _given(uow: UnitOfWork, principal: ServicePrincipal) -> dict[str, Any]:
    grants = queries.grants_of(uow, principal.id)
    return {"id": str(principal.id), "scopes": sorted({scope for each in grants for scope in each.scope.split()})}


def add_principal_secret(
    uow: UnitOfWork,
    principal: ServicePrincipal,
    *,
    display_name: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> NewSecret:
    """A client secret that counts in the principal's tenant only. Raises Invalid. Emits ApplicationCredentialAdded."""
    new = new_secret(uow, starts_at, ends_at)
    uow.db.add(
        ServicePrincipalSecret(
            key_id=new.key_id,
            principal_id=principal.id,
            display_name=display_name,
            hint=new.hint,
            secret_hash=secret_hash(new.secret),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
        )
    )
    uow.db.flush()
    credential_added(
        uow,
        principal.tenant_id,
        principal.app_id,
        new.key_id,
        {"type": "secret", "hint": new.hint, "endDateTime": new.ends_at},
    )
    return new


def remove_principal_secret(uow: UnitOfWork, principal: ServicePrincipal, key_id: UUID) -> None:
    """Take it away. Raises NotFound. Emits ApplicationCredentialRemoved."""
    found = uow.db.get(ServicePrincipalSecret, key_id)
    if found is None or found.principal_id != principal.id:
        raise NotFound("Credential", key_id)
    uow.db.delete(found)
    uow.db.flush()
    uow.emit(ApplicationCredentialRemoved(**scope_of(uow, principal.tenant_id), app_id=principal.app_id, key_id=key_id))
