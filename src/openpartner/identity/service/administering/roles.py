"""Directory roles, as Graph gives and takes them."""

from uuid import UUID

from sqlalchemy import select

from openpartner.identity import rules, service
from openpartner.identity.events import DirectoryRoleActivated
from openpartner.identity.models import ActivatedRole, DirectoryRoleAssignment, Group, PrincipalKind
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of, principal_named
from openpartner.identity.service.scope import scope_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.graph.errors import GraphInvalid, ResourceMissing
from openpartner.platform.graph.paths import key_of
from openpartner.platform.work import UnitOfWork

CONFLICT = "A conflicting object with one or more of the specified property values is present in the directory."


def activated_roles(uow: UnitOfWork, tenant_id: UUID) -> frozenset[UUID]:
    """Template ids of the roles that are on in a tenant: those that are held, and those that were activated."""
    held = select(DirectoryRoleAssignment.role_template_id).where(DirectoryRoleAssignment.tenant_id == tenant_id)
    on = select(ActivatedRole.role_template_id).where(ActivatedRole.tenant_id == tenant_id)
    return frozenset(uow.db.scalars(held.union(on)))


def role_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> UUID:
    """The template of an activated role, by its object id or ``roleTemplateId=``. Raises ResourceMissing."""
    name, value = key_of(key)
    wanted = guid_of(value)
    for template in activated_roles(uow, tenant_id) if wanted is not None else ():
        if wanted == (template if name == "roletemplateid" else rules.role_object_id(tenant_id, template)):
            return template
    raise ResourceMissing(value)


def activate_role(uow: UnitOfWork, template: str) -> UUID:
    """Switch a role on. Raises ScopeNeeded, DirectoryRoleNeeded, GraphInvalid when it is on or does not exist.

    Emits DirectoryRoleActivated.
    """
    tenant_id = allow(uow, DirectoryAction.ROLES_ASSIGN)
    found = _template(template, "roleTemplateId")
    if found in activated_roles(uow, tenant_id):
        raise GraphInvalid(CONFLICT, target="roleTemplateId")
    uow.db.add(ActivatedRole(tenant_id=tenant_id, role_template_id=found, activated_at=uow.now))
    uow.db.flush()
    uow.emit(
        DirectoryRoleActivated(
            **scope_of(uow, tenant_id),
            tenant_id=tenant_id,
            role_template_id=found,
            after={"role": str(found)},
        )
    )
    return found


def _template(text: str, name: str) -> UUID:
    found = guid_of(text)
    if found is None or found not in DIRECTORY_ROLES:
        raise GraphInvalid(f"'{text}' is not the id of a directory role.", target=name)
    return found


def _assign(uow: UnitOfWork, tenant_id: UUID, template: UUID, key: str) -> DirectoryRoleAssignment | None:
    """None when the principal holds it already. Raises ResourceMissing, GraphInvalid."""
    principal_id, kind = principal_named(uow, tenant_id, key)
    if kind is PrincipalKind.GROUP and not uow.db.get_one(Group, principal_id).is_assignable_to_role:
        raise GraphInvalid("Only a group that was made with isAssignableToRole can hold a directory role.")
    present = select(DirectoryRoleAssignment.id).where(
        DirectoryRoleAssignment.tenant_id == tenant_id,
        DirectoryRoleAssignment.role_template_id == template,
        DirectoryRoleAssignment.principal_id == principal_id,
    )
    if uow.db.scalar(present) is not None:
        return None
    return service.assign_directory_role(uow, tenant_id, template, principal_id)


def add_role_member(uow: UnitOfWork, key: str, member_key: str) -> None:
    """Give a role. Raises as above, GraphInvalid when the principal holds it. Emits DirectoryRoleAssigned."""
    tenant_id = allow(uow, DirectoryAction.ROLES_ASSIGN)
    if _assign(uow, tenant_id, role_named(uow, tenant_id, key), member_key) is None:
        raise GraphInvalid(
            "One or more added object references already exist for the following modified properties: 'members'."
        )


def remove_role_member(uow: UnitOfWork, key: str, member_key: str) -> None:
    """Take a role. Raises ResourceMissing, GraphInvalid for the last administrator. Emits DirectoryRoleRemoved."""
    tenant_id = allow(uow, DirectoryAction.ROLES_ASSIGN)
    template = role_named(uow, tenant_id, key)
    member_id = guid_of(member_key)
    held = select(DirectoryRoleAssignment.id).where(
        DirectoryRoleAssignment.tenant_id == tenant_id,
        DirectoryRoleAssignment.role_template_id == template,
        DirectoryRoleAssignment.principal_id == member_id,
    )
    if member_id is None or uow.db.scalar(held) is None:
        raise ResourceMissing(member_key)
    _take(uow, tenant_id, template, member_id)


def _take(uow: UnitOfWork, tenant_id: UUID, template: UUID, principal_id: UUID) -> None:
    try:
        service.remove_directory_role(uow, tenant_id, template, principal_id)
    except rules.LastGlobalAdministrator as error:
        raise GraphInvalid(error.message) from error


def assign_role(uow: UnitOfWork, definition: str, principal: str, scope: str | None) -> DirectoryRoleAssignment:
    """Give a role by its definition. Raises as above. Emits DirectoryRoleAssigned."""
    tenant_id = allow(uow, DirectoryAction.ROLES_ASSIGN)
    if scope != "/":
        raise GraphInvalid("Roles are given for the whole tenant: directoryScopeId is '/'.", target="directoryScopeId")
    made = _assign(uow, tenant_id, _template(definition, "roleDefinitionId"), principal)
    if made is None:
        raise GraphInvalid(CONFLICT)
    return made


def unassign_role(uow: UnitOfWork, key: str) -> None:
    """Take a role by its assignment. Raises ResourceMissing, GraphInvalid. Emits DirectoryRoleRemoved."""
    tenant_id = allow(uow, DirectoryAction.ROLES_ASSIGN)
    found_id = guid_of(key)
    found = uow.db.get(DirectoryRoleAssignment, found_id) if found_id is not None else None
    if found is None or found.tenant_id != tenant_id:
        raise ResourceMissing(key)
    _take(uow, tenant_id, found.role_template_id, found.principal_id)
