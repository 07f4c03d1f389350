"""Groups, as Graph changes them: by administrators, by partners with a covering role, and by their owners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from openpartner.identity import rules, service
from openpartner.identity.models import Group, GroupMember, GroupOwner
from openpartner.identity.service.administering.allowing import AS_USER, allow
from openpartner.identity.service.administering.finding import group_named, guid_of, principal_named
from openpartner.platform.directory_access import DirectoryAction, permissions_that_permit
from openpartner.platform.graph.errors import GraphInvalid, ResourceMissing
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import UnitOfWork

MOST_REFERENCES = 20
VISIBILITIES = ("Private", "Public", "HiddenMembership")
_ROLE_GROUP = DirectoryAction.ROLE_GROUPS_WRITE


@dataclass(frozen=True)
class GroupFacts:
    """What is asked of a group. details: by the columns' names, what is stored as given. None: not asked."""

    details: Mapping[str, Any]
    mail_enabled: bool | None = None
    security_enabled: bool | None = None
    group_types: Sequence[str] | None = None
    is_assignable_to_role: bool | None = None
    unique_name: str | None = None
    members: Sequence[str] = field(default_factory=tuple)
    owners: Sequence[str] = field(default_factory=tuple)


class GroupValueInvalid(GraphInvalid):
    """A property's value breaks a rule; the reason says which."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Invalid value specified for property '{name}' of resource 'Group'. {reason}", target=name)


class MemberThere(GraphInvalid):
    """The object is a member already. Source: graph-endpoints, groups; tools match the sentence."""

    def __init__(self, collection: str = "members") -> None:
        super().__init__(
            f"One or more added object references already exist for the following modified properties: '{collection}'."
        )


_LONGEST = {"display_name": 256, "description": 1024, "mail_nickname": 64}
_NAMES = {"display_name": "displayName", "mail_nickname": "mailNickname"}


def _check(details: Mapping[str, Any]) -> None:
    for name, value in details.items():
        shown = _NAMES.get(name, name)
        if len(value) > _LONGEST.get(name, 1024) or "\0" in value:
            raise GroupValueInvalid(shown, f"It has at most {_LONGEST.get(name, 1024)} characters.")
    if details.get("display_name") == "":
        raise GroupValueInvalid("displayName", "It must not be empty.")
    visibility = details.get("visibility")
    if visibility and visibility not in VISIBILITIES:
        raise GroupValueInvalid("visibility", f"It is one of {', '.join(VISIBILITIES)}.")


def create_directory_group(uow: UnitOfWork, wanted: GroupFacts) -> Group:
    """A security group, or a group with a mail address, with its first members and owners.

    Raises ScopeNeeded, DirectoryRoleNeeded, GroupValueInvalid, ResourceMissing. Emits GroupCreated, GroupMemberAdded.
    """
    tenant_id = allow(uow, DirectoryAction.GROUPS_WRITE)
    if wanted.is_assignable_to_role:
        allow(uow, _ROLE_GROUP)
    is_unified = _is_unified(wanted)
    needed = {
        "displayName": wanted.details.get("display_name") or None,
        "mailEnabled": wanted.mail_enabled,
        "mailNickname": wanted.details.get("mail_nickname") or None,
        "securityEnabled": wanted.security_enabled,
    }
    for name, value in needed.items():
        if value is None:
            raise GraphInvalid(f"A value is required for property '{name}' of resource 'Group'.", target=name)
    _check(wanted.details)
    if wanted.is_assignable_to_role and not wanted.security_enabled:
        raise GroupValueInvalid("securityEnabled", "A group that can hold roles is a security group.")
    group = service.create_group(
        uow,
        tenant_id,
        str(wanted.details["display_name"]),
        description=wanted.details.get("description", ""),
        is_assignable_to_role=bool(wanted.is_assignable_to_role),
        mail_nickname=str(wanted.details["mail_nickname"]),
        security_enabled=bool(wanted.security_enabled),
        is_unified=is_unified,
        visibility=wanted.details.get("visibility", ""),
        unique_name=wanted.unique_name or "",
    )
    _add_all(uow, tenant_id, group, wanted)
    return group


def _is_unified(wanted: GroupFacts) -> bool:
    """Whether a mail address comes with it. Raises GroupValueInvalid for kinds that cannot be made here."""
    types = {each.lower() for each in wanted.group_types or ()}
    if types - {"unified"}:
        raise GroupValueInvalid("groupTypes", "Groups are made with no type, or with Unified.")
    if bool(wanted.mail_enabled) != ("unified" in types):
        raise GroupValueInvalid("mailEnabled", "Only a Unified group has a mail address, and each has one.")
    return "unified" in types


def _add_all(uow: UnitOfWork, tenant_id: UUID, group: Group, wanted: GroupFacts) -> None:
    if len(wanted.members) + len(wanted.owners) > MOST_REFERENCES:
        raise GraphInvalid(f"One request names at most {MOST_REFERENCES} members and owners.")
    for key in wanted.owners:
        service.set_group_owner(uow, group.id, principal_named(uow, tenant_id, key)[0], is_owner=True)
    for key in wanted.members:
        _add(uow, tenant_id, group, key)


def _add(uow: UnitOfWork, tenant_id: UUID, group: Group, key: str) -> None:
    member_id, _ = principal_named(uow, tenant_id, key)
    if uow.db.get(GroupMember, (group.id, member_id)) is not None:
        raise MemberThere
    try:
        service.add_group_member(uow, group.id, member_id)
    except rules.MembershipLoop as error:
        raise GraphInvalid(error.message, target="members") from error


def _manageable(uow: UnitOfWork, key: str, action: DirectoryAction) -> tuple[UUID, Group]:
    """A group that the actor may change: by its role, or as its owner. Raises as ``allow``, and ResourceMissing."""
    tenant_id = allow(uow, DirectoryAction.GROUPS_READ, "Group.ReadWrite.All", "GroupMember.ReadWrite.All")
    group = group_named(uow, tenant_id, key)
    is_owner = (
        uow.actor.is_member
        and uow.actor.principal_id is not None
        and uow.db.get(GroupOwner, (group.id, uow.actor.principal_id)) is not None
    )
    if is_owner:
        require_scope(uow.actor, *permissions_that_permit(action), AS_USER)
    else:
        allow(uow, _ROLE_GROUP if group.is_assignable_to_role else action)
    return tenant_id, group


def update_directory_group(uow: UnitOfWork, key: str, wanted: GroupFacts) -> Group:
    """Change a group; ``members`` adds up to twenty. Raises as above. Emits GroupUpdated, GroupMemberAdded."""
    tenant_id, group = _manageable(uow, key, DirectoryAction.GROUPS_WRITE)
    _check(wanted.details)
    if wanted.is_assignable_to_role not in {None, group.is_assignable_to_role}:
        raise GroupValueInvalid("isAssignableToRole", "It is decided when the group is made.")
    if wanted.group_types is not None and sorted(wanted.group_types) != sorted(group.group_types):
        raise GroupValueInvalid("groupTypes", "It is decided when the group is made.")
    if wanted.mail_enabled not in {None, group.mail_enabled}:
        raise GroupValueInvalid("mailEnabled", "It is decided when the group is made.")
    changes = dict(wanted.details)
    if wanted.security_enabled is not None:
        changes["security_enabled"] = wanted.security_enabled
    try:
        service.update_group(uow, group.id, **changes)
    except rules.GroupProtected as error:
        raise GraphInvalid(error.message, target="displayName") from error
    _add_all(uow, tenant_id, group, wanted)
    return group


def delete_directory_group(uow: UnitOfWork, key: str) -> None:
    """Delete a group. Raises as above, GraphInvalid for a partner's agent groups. Emits GroupDeleted."""
    _, group = _manageable(uow, key, DirectoryAction.GROUPS_DELETE)
    try:
        service.delete_group(uow, group.id)
    except rules.GroupProtected as error:
        raise GraphInvalid(error.message) from error


def add_member(uow: UnitOfWork, key: str, member_key: str) -> None:
    """Put a user, group or service principal into a group. Raises as above, MemberThere. Emits GroupMemberAdded."""
    tenant_id, group = _manageable(uow, key, DirectoryAction.GROUP_MEMBERS_WRITE)
    _add(uow, tenant_id, group, member_key)


def remove_member(uow: UnitOfWork, key: str, member_key: str) -> None:
    """Take a member out. Raises as above, ResourceMissing for who is none. Emits GroupMemberRemoved."""
    _, group = _manageable(uow, key, DirectoryAction.GROUP_MEMBERS_WRITE)
    member_id = guid_of(member_key)
    if member_id is None or uow.db.get(GroupMember, (group.id, member_id)) is None:
        raise ResourceMissing(member_key)
    service.remove_group_member(uow, group.id, member_id)


def add_owner(uow: UnitOfWork, key: str, owner_key: str) -> None:
    """Make somebody an owner. Raises as above, MemberThere. Emits GroupUpdated."""
    tenant_id, group = _manageable(uow, key, DirectoryAction.GROUPS_WRITE)
    owner_id, _ = principal_named(uow, tenant_id, owner_key)
    if uow.db.get(GroupOwner, (group.id, owner_id)) is not None:
        raise MemberThere("owners")
    service.set_group_owner(uow, group.id, owner_id, is_owner=True)


def remove_owner(uow: UnitOfWork, key: str, owner_key: str) -> None:
    """Take ownership away. Raises as above, ResourceMissing for who is no owner. Emits GroupUpdated."""
    _, group = _manageable(uow, key, DirectoryAction.GROUPS_WRITE)
    owner_id = guid_of(owner_key)
    if owner_id is None or uow.db.get(GroupOwner, (group.id, owner_id)) is None:
        raise ResourceMissing(owner_key)
    service.set_group_owner(uow, group.id, owner_id, is_owner=False)
