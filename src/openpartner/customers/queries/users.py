"""Reads of a customer's directory: its users, live or in the bin, and who holds which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from openpartner.identity import queries as directory
from openpartner.identity.models import PrincipalKind, User
from openpartner.identity.rules import RESTORABLE
from openpartner.platform.directory_roles import DIRECTORY_ROLES, DirectoryRole
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork


class UserUnknown(NotFound):
    """The customer's directory has no such user. Source: partner-center-conventions §19, 60002."""

    code = 60002

    def __init__(self, user: object) -> None:
        super().__init__("The user", user, user_id=str(user))


class RoleUnknown(NotFound):
    """No built-in directory role has this id."""

    def __init__(self, role_id: object) -> None:
        super().__init__("The directory role", role_id, role_id=str(role_id))


def user_in(uow: UnitOfWork, tenant_id: UUID, user: UUID | str, *, deleted: bool = False) -> User:
    """A user of the tenant by object id or name. deleted: one in the bin will do too. Raises UserUnknown."""
    found = uow.db.get(User, user) if isinstance(user, UUID) else directory.user_by_upn(uow, user)
    if found is None or found.tenant_id != tenant_id or (found.deleted_at is not None and not deleted):
        raise UserUnknown(user)
    return found


class UserOrder(StrEnum):
    """What a list of users is sorted by."""

    DISPLAY_NAME = "displayName"
    USER_PRINCIPAL_NAME = "userPrincipalName"


class UserCriteria(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a list of users shows, and in which order. A continuation token carries it.

    deleted: those in the bin that can still be restored. name_prefix: of the display name; upn_prefix: without case.
    text: a part of the display name, the user name or the mail address. is_enabled: only who may sign in, or may not.
    role: only who holds it, directly or through a group. is_admin: only who holds any role, or none.
    """

    deleted: bool = False
    name_prefix: str = ""
    upn_prefix: str = ""
    text: str = ""
    is_enabled: bool | None = None
    role: UUID | None = None
    is_admin: bool | None = None
    order: UserOrder = UserOrder.DISPLAY_NAME
    descending: bool = False


class UserPosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of a user in its list."""

    key: str
    id: UUID


@dataclass(frozen=True)
class UserPage:
    """Some consecutive users, and where the next page begins, if there is one."""

    users: Sequence[User]
    after: UserPosition | None


def _conditions(uow: UnitOfWork, tenant_id: UUID, criteria: UserCriteria) -> list[ColumnElement[bool]]:
    live = User.deleted_at.is_(None)
    in_bin = User.deleted_at > uow.now - RESTORABLE - timedelta(microseconds=1)
    found = [User.tenant_id == tenant_id, in_bin if criteria.deleted else live]
    if criteria.name_prefix:
        found.append(User.display_name.istartswith(criteria.name_prefix, autoescape=True))
    if criteria.upn_prefix:
        found.append(User.upn.istartswith(criteria.upn_prefix, autoescape=True))
    if criteria.text:
        found.append(
            or_(*(part.icontains(criteria.text, autoescape=True) for part in (User.display_name, User.upn, User.mail)))
        )
    if criteria.is_enabled is not None:
        found.append(User.account_enabled.is_(criteria.is_enabled))
    if criteria.role is not None or criteria.is_admin is not None:
        holders = roles_by_user(uow, tenant_id)
        with_it = [key for key, roles in holders.items() if criteria.role in {None, *(r.template_id for r in roles)}]
        found.append(User.id.not_in(with_it) if criteria.is_admin is False else User.id.in_(with_it))
    return found


def page_of_users(
    uow: UnitOfWork,
    tenant_id: UUID,
    criteria: UserCriteria,
    size: int,
    *,
    after: UserPosition | None = None,
    within: Select[UUID] | None = None,
) -> UserPage:
    """``size`` members of the directory behind ``after``. within: only users with these ids."""
    column = User.display_name if criteria.order is UserOrder.DISPLAY_NAME else User.upn_key
    wanted = select(User).where(*_conditions(uow, tenant_id, criteria))
    if within is not None:
        wanted = wanted.where(User.id.in_(within))
    if after is not None:
        here, there = tuple_(column, User.id), tuple_(after.key, after.id)
        wanted = wanted.where(here < there if criteria.descending else here > there)
    order = [column.desc(), User.id.desc()] if criteria.descending else [column, User.id]
    found = uow.db.scalars(wanted.order_by(*order).limit(size + 1)).all()
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    key = None if last is None else last.display_name if criteria.order is UserOrder.DISPLAY_NAME else last.upn_key
    return UserPage(shown, None if last is None or key is None else UserPosition(key, last.id))


def count_users(uow: UnitOfWork, tenant_id: UUID) -> int:
    """How many users a directory has, without those in the bin."""
    counted = select(func.count()).where(User.tenant_id == tenant_id, User.deleted_at.is_(None))
    return uow.db.scalar(counted) or 0


def roles_by_user(uow: UnitOfWork, tenant_id: UUID) -> dict[UUID, list[DirectoryRole]]:
    """The administrators of a directory: the roles of each user that holds any, itself or through groups."""
    held: dict[UUID, set[UUID]] = {}
    in_group: dict[UUID, list[UUID]] = {}
    for given in directory.role_assignments(uow, tenant_id):
        holders = [given.principal_id]
        if given.principal_kind is PrincipalKind.GROUP:
            group = given.principal_id
            if group not in in_group:
                in_group[group] = [user.id for user in directory.users_in_group(uow, group)]
            holders = in_group[group]
        elif given.principal_kind is not PrincipalKind.USER:
            continue
        for holder in holders:
            held.setdefault(holder, set()).add(given.role_template_id)
    return {
        user: [role for key, role in DIRECTORY_ROLES.items() if key in templates] for user, templates in held.items()
    }


def directory_role(role_id: UUID) -> DirectoryRole:
    """The built-in role with this id. Raises RoleUnknown."""
    found = DIRECTORY_ROLES.get(role_id)
    if found is None:
        raise RoleUnknown(role_id)
    return found


def roles_of_user(uow: UnitOfWork, user: User) -> list[DirectoryRole]:
    """The roles the user holds, itself or through groups, in order of names."""
    held = directory.directory_roles_of(uow, user.id, user.tenant_id)
    return [role for key, role in DIRECTORY_ROLES.items() if key in held]


def members_of_role(
    uow: UnitOfWork, tenant_id: UUID, role: DirectoryRole, size: int, *, after: UserPosition | None = None
) -> UserPage:
    """Users whom the role was given directly, by display name."""
    holders = [
        held.principal_id
        for held in directory.role_assignments(uow, tenant_id, role.template_id)
        if held.principal_kind is PrincipalKind.USER
    ]
    wanted = select(User).where(User.id.in_(holders), User.deleted_at.is_(None))
    if after is not None:
        wanted = wanted.where(tuple_(User.display_name, User.id) > tuple_(after.key, after.id))
    found = uow.db.scalars(wanted.order_by(User.display_name, User.id).limit(size + 1)).all()
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return UserPage(shown, None if last is None else UserPosition(last.display_name, last.id))


def holds_role(uow: UnitOfWork, tenant_id: UUID, role: DirectoryRole, user: User) -> bool:
    """Whether the role was given to the user directly."""
    return any(held.principal_id == user.id for held in directory.role_assignments(uow, tenant_id, role.template_id))
