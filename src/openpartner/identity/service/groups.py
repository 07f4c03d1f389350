"""Security groups, their members, and directory roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from openpartner.identity import queries, rules
from openpartner.identity.events import (
    DirectoryRoleAssigned,
    DirectoryRoleRemoved,
    GroupCreated,
    GroupDeleted,
    GroupMemberAdded,
    GroupMemberRemoved,
    GroupUpdated,
)
from openpartner.identity.models import (
    DirectoryRoleAssignment,
    Group,
    GroupMember,
    GroupOwner,
    PrincipalKind,
    ServicePrincipal,
    User,
)
from openpartner.identity.resources import GLOBAL_ADMINISTRATOR
from openpartner.identity.service.scope import scope_of
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import ROLE_INFO, RoleStore
from openpartner.platform.work import UnitOfWork

AGENT_GROUPS = frozenset(info.kept_as for info in ROLE_INFO.values() if info.store is RoleStore.SECURITY_GROUP)
"""The groups every partner has; what they stand for hangs on their names."""


def create_group(
    uow: UnitOfWork,
    tenant_id: UUID,
    display_name: str,
    *,
    description: str = "",
    is_assignable_to_role: bool = False,
    group_id: UUID | None = None,
    mail_nickname: str = "",
    security_enabled: bool = True,
    is_unified: bool = False,
    visibility: str = "",
    unique_name: str = "",
) -> Group:
    """A group: a plain security group, or with ``is_unified`` one that has a mail address too.

    Raises NotFound. Emits GroupCreated.
    """
    tenant = queries.tenant_by_id(uow, tenant_id)
    nickname = mail_nickname or "".join(char for char in display_name if char.isalnum())[:64]
    group = Group(
        id=group_id or uow.ids.uuid(),
        tenant_id=tenant_id,
        display_name=display_name,
        description=description,
        mail_nickname=nickname,
        security_enabled=security_enabled,
        is_assignable_to_role=is_assignable_to_role,
        mail_enabled=is_unified,
        mail=f"{nickname}@{tenant.default_domain}" if is_unified else "",
        group_types=["Unified"] if is_unified else [],
        visibility=visibility,
        unique_name=unique_name,
        renewed_at=uow.now,
        created_at=uow.now,
    )
    uow.db.add(group)
    uow.db.flush()
    uow.emit(
        GroupCreated(
            **scope_of(uow, tenant_id), tenant_id=tenant_id, group_id=group.id, after={"displayName": display_name}
        )
    )
    return group


def update_group(uow: UnitOfWork, group_id: UUID, **changes: Any) -> Group:
    """Change display_name, description, mail_nickname, visibility, security_enabled. Raises NotFound, GroupProtected.

    Emits GroupUpdated with what really changed.
    """
    group = queries.group_by_id(uow, group_id)
    changed = {name: value for name, value in changes.items() if getattr(group, name) != value}
    if "display_name" in changed:
        _check_protection(uow, group)
    if not changed:
        return group
    before = {_WIRE_NAMES[name]: getattr(group, name) for name in changed}
    for name, value in changed.items():
        setattr(group, name, value)
    uow.db.flush()
    uow.emit(
        GroupUpdated(
            **scope_of(uow, group.tenant_id),
            tenant_id=group.tenant_id,
            group_id=group.id,
            before=before,
            after={_WIRE_NAMES[name]: value for name, value in changed.items()},
        )
    )
    return group


_WIRE_NAMES = {
    "display_name": "displayName",
    "description": "description",
    "mail_nickname": "mailNickname",
    "visibility": "visibility",
    "security_enabled": "securityEnabled",
}


def _check_protection(uow: UnitOfWork, group: Group) -> None:
    tenant = queries.tenant_by_id(uow, group.tenant_id)
    if tenant.kind is TenantKind.PARTNER and group.display_name in AGENT_GROUPS:
        raise rules.GroupProtected(group.display_name)


def delete_group(uow: UnitOfWork, group_id: UUID) -> None:
    """Delete a group: its members lose at once what they held through it.

    Raises NotFound, GroupProtected for a partner's agent groups, LastGlobalAdministrator. Emits GroupDeleted.
    """
    group = queries.group_by_id(uow, group_id)
    _check_protection(uow, group)
    with keeping_a_global_administrator(uow, group.tenant_id):
        group.deleted_at = uow.now
        _forget_holdings(uow, group.id)
    uow.emit(
        GroupDeleted(
            **scope_of(uow, group.tenant_id),
            tenant_id=group.tenant_id,
            group_id=group.id,
            before={"displayName": group.display_name},
        )
    )


def set_group_owner(uow: UnitOfWork, group_id: UUID, owner_id: UUID, *, is_owner: bool) -> None:
    """Make a user or a service principal an owner, or take that away. Raises NotFound. Emits GroupUpdated."""
    group = queries.group_by_id(uow, group_id)
    kind = principal_in(uow, group.tenant_id, owner_id)
    present = uow.db.get(GroupOwner, (group.id, owner_id))
    if (present is not None) == is_owner:
        return
    if present is None:
        uow.db.add(GroupOwner(group_id=group.id, owner_id=owner_id, owner_kind=kind, added_at=uow.now))
    else:
        uow.db.delete(present)
    uow.db.flush()
    uow.emit(
        GroupUpdated(
            **scope_of(uow, group.tenant_id),
            tenant_id=group.tenant_id,
            group_id=group.id,
            before=None if is_owner else {"owner": str(owner_id)},
            after={"owner": str(owner_id)} if is_owner else None,
        )
    )


def _forget_holdings(uow: UnitOfWork, group_id: UUID) -> None:
    """Its members, what it was a member of, its roles: a security group that was deleted does not come back."""
    is_part = or_(GroupMember.group_id == group_id, GroupMember.member_id == group_id)
    for row in (
        *uow.db.scalars(select(GroupMember).where(is_part)),
        *uow.db.scalars(select(DirectoryRoleAssignment).where(DirectoryRoleAssignment.principal_id == group_id)),
    ):
        uow.db.delete(row)


def principal_in(uow: UnitOfWork, tenant_id: UUID, principal_id: UUID) -> PrincipalKind:
    """What kind of principal of this tenant an id names. Raises NotFound."""
    for kind, model in (
        (PrincipalKind.USER, User),
        (PrincipalKind.GROUP, Group),
        (PrincipalKind.SERVICE_PRINCIPAL, ServicePrincipal),
    ):
        found: Any = uow.db.get(model, principal_id)
        if found is not None and found.tenant_id == tenant_id and getattr(found, "deleted_at", None) is None:
            return kind
    raise NotFound("Principal", principal_id)


def add_group_member(uow: UnitOfWork, group_id: UUID, member_id: UUID) -> None:
    """Put a user, a group or a service principal of the same tenant into a group; once more changes nothing.

    Raises NotFound, MembershipLoop. Emits GroupMemberAdded.
    """
    group = queries.group_by_id(uow, group_id)
    kind = principal_in(uow, group.tenant_id, member_id)
    if uow.db.get(GroupMember, (group.id, member_id)) is not None:
        return
    if kind is PrincipalKind.GROUP:
        above = {containing.id for containing in queries.groups_of(uow, group.id)}
        if member_id == group.id or member_id in above:
            raise rules.MembershipLoop
    uow.db.add(GroupMember(group_id=group.id, member_id=member_id, member_kind=kind, added_at=uow.now))
    uow.db.flush()
    uow.emit(
        GroupMemberAdded(
            **scope_of(uow, group.tenant_id),
            tenant_id=group.tenant_id,
            group_id=group.id,
            member_id=member_id,
            after={"group": group.display_name, "member": str(member_id)},
        )
    )


def remove_group_member(uow: UnitOfWork, group_id: UUID, member_id: UUID) -> None:
    """Take a member out. Raises NotFound, LastGlobalAdministrator. Emits GroupMemberRemoved."""
    group = queries.group_by_id(uow, group_id)
    membership = uow.db.get(GroupMember, (group.id, member_id))
    if membership is None:
        raise NotFound("Member", member_id)
    with keeping_a_global_administrator(uow, group.tenant_id):
        uow.db.delete(membership)
    uow.emit(
        GroupMemberRemoved(
            **scope_of(uow, group.tenant_id),
            tenant_id=group.tenant_id,
            group_id=group.id,
            member_id=member_id,
            before={"group": group.display_name, "member": str(member_id)},
        )
    )


@contextmanager
def keeping_a_global_administrator(uow: UnitOfWork, tenant_id: UUID) -> Iterator[None]:
    """Around what may take away a tenant's last usable global administrator. Raises LastGlobalAdministrator.

    A tenant that has none to begin with (an imported customer) is left in peace.
    """
    had_one = bool(queries.holders_of_role(uow, tenant_id, GLOBAL_ADMINISTRATOR))
    yield
    uow.db.flush()
    if had_one and not queries.holders_of_role(uow, tenant_id, GLOBAL_ADMINISTRATOR):
        raise rules.LastGlobalAdministrator


def assign_directory_role(
    uow: UnitOfWork, tenant_id: UUID, role_template_id: UUID, principal_id: UUID
) -> DirectoryRoleAssignment:
    """Give a principal a role by template id; again changes nothing. Raises NotFound. Emits DirectoryRoleAssigned."""
    kind = principal_in(uow, tenant_id, principal_id)
    present = _assignment(uow, tenant_id, role_template_id, principal_id)
    if present is not None:
        return present
    assignment = DirectoryRoleAssignment(
        id=uow.ids.uuid(),
        tenant_id=tenant_id,
        role_template_id=role_template_id,
        principal_id=principal_id,
        principal_kind=kind,
        created_at=uow.now,
    )
    uow.db.add(assignment)
    uow.db.flush()
    uow.emit(
        DirectoryRoleAssigned(
            **scope_of(uow, tenant_id),
            tenant_id=tenant_id,
            principal_id=principal_id,
            role_template_id=role_template_id,
            after={"role": str(role_template_id), "principal": str(principal_id)},
        )
    )
    return assignment


def remove_directory_role(uow: UnitOfWork, tenant_id: UUID, role_template_id: UUID, principal_id: UUID) -> None:
    """Take a role away. Raises NotFound, LastGlobalAdministrator. Emits DirectoryRoleRemoved."""
    assignment = _assignment(uow, tenant_id, role_template_id, principal_id)
    if assignment is None:
        raise NotFound("Role assignment", principal_id)
    with keeping_a_global_administrator(uow, tenant_id):
        uow.db.delete(assignment)
    uow.emit(
        DirectoryRoleRemoved(
            **scope_of(uow, tenant_id),
            tenant_id=tenant_id,
            principal_id=principal_id,
            role_template_id=role_template_id,
            before={"role": str(role_template_id), "principal": str(principal_id)},
        )
    )


def _assignment(
    uow: UnitOfWork, tenant_id: UUID, role_template_id: UUID, principal_id: UUID
) -> DirectoryRoleAssignment | None:
    return uow.db.scalar(
        select(DirectoryRoleAssignment).where(
            DirectoryRoleAssignment.tenant_id == tenant_id,
            DirectoryRoleAssignment.role_template_id == role_template_id,
            DirectoryRoleAssignment.principal_id == principal_id,
        )
    )
