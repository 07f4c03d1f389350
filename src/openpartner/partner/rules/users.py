"""The states of a user, the last Global admin, and who may give which role.

Source: account-and-security §5 and §11; identity §12.1.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform import permissions
from openpartner.platform.errors import Conflict, Forbidden, Invalid
from openpartner.platform.permissions import ROLE_INFO, Role


class UserState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    BLOCKED = "blocked"
    DELETED = "deleted"


class UserAction(StrEnum):
    ACCEPT = "accept"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DELETE = "delete"
    RESTORE = "restore"


USER_TRANSITIONS: Mapping[tuple[UserState, UserAction], UserState] = MappingProxyType(
    {
        (UserState.INVITED, UserAction.ACCEPT): UserState.ACTIVE,
        (UserState.INVITED, UserAction.BLOCK): UserState.BLOCKED,
        (UserState.INVITED, UserAction.DELETE): UserState.DELETED,
        (UserState.ACTIVE, UserAction.BLOCK): UserState.BLOCKED,
        (UserState.ACTIVE, UserAction.DELETE): UserState.DELETED,
        (UserState.BLOCKED, UserAction.UNBLOCK): UserState.ACTIVE,
        (UserState.BLOCKED, UserAction.DELETE): UserState.DELETED,
        (UserState.DELETED, UserAction.RESTORE): UserState.ACTIVE,
    }
)

RESTORABLE_FOR = timedelta(days=30)
ENOUGH_ADMINISTRATORS = 2


class UserUnreachable(Conflict):
    """The user's state does not take this."""

    def __init__(self, state: UserState, action: UserAction) -> None:
        super().__init__(f"A user who is {state} takes no {action}; reload the page.")


class RestoreTooLate(Conflict):
    """Source: account-and-security §11: thirty days."""

    def __init__(self) -> None:
        super().__init__(f"The user was deleted more than {RESTORABLE_FOR.days} days ago; create the user anew.")


class LastGlobalAdmin(Conflict):
    """Source: account-and-security §5; identity §12.5."""

    def __init__(self) -> None:
        super().__init__("This is the last Global admin; make another user a Global admin first.")


class RoleNotYours(Forbidden):
    """The assigner may not give or take the role. Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        info = ROLE_INFO[role]
        who = " or ".join(ROLE_INFO[grantor].title for grantor in Role if grantor in info.assigned_by)
        super().__init__(
            f"The role {info.title} is given and taken by: {who}. Ask one of them."
            if who
            else f"The role {info.title} belongs to every user; nobody gives or takes it.",
            role=str(role),
        )


class NotForGuests(Invalid):
    """Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        titles = ", ".join(info.title for info in ROLE_INFO.values() if info.guests)
        super().__init__(f"A guest cannot hold {ROLE_INFO[role].title}; guests may hold {titles}.", role=str(role))


class NotByLocation(Invalid):
    """Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"{ROLE_INFO[role].title} is held for the whole company, not for locations.", role=str(role))


class LocationUnknown(Invalid):
    """The scope of a role names a location of another account, or none."""

    def __init__(self, locations: Iterable[str]) -> None:
        super().__init__(f"These are not locations of your account: {', '.join(sorted(locations))}.")


IMPLIED_ROLES: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {Role.PROGRAM_ADMIN: frozenset({Role.EXECUTIVE_REPORT_VIEWER})}
)
"""What a role brings with it, for the whole organisation. Source: identity §12.1, PA."""


def moved_user(state: UserState, action: UserAction, *, at: datetime, deleted_at: datetime | None = None) -> UserState:
    """The user's state after ``action`` at ``at``. Raises UserUnreachable, RestoreTooLate."""
    after = USER_TRANSITIONS.get((state, action))
    if after is None:
        raise UserUnreachable(state, action)
    if action is UserAction.RESTORE and deleted_at is not None and at > restorable_until(deleted_at):
        raise RestoreTooLate
    return after


def restorable_until(deleted_at: datetime) -> datetime:
    """The last instant at which a deleted user comes back."""
    return deleted_at + RESTORABLE_FOR


def check_admin_remains(*, is_global_admin: bool, other_global_admins: int) -> None:
    """Whether a user may lose the role, be blocked, be deleted or become a guest.

    other_global_admins: how many others can sign in and are Global admins. Raises LastGlobalAdmin.
    """
    if is_global_admin and other_global_admins < 1:
        raise LastGlobalAdmin


def admin_warning(administrators: int) -> str:
    """What to tell a company that has so many users who are Global or Account admins; empty when they are enough."""
    if administrators >= ENOUGH_ADMINISTRATORS:
        return ""
    return (
        "Fewer than two users administer this account. Make a second one Global admin or Account admin, "
        "or your company may lock itself out."
    )


def check_assignment(
    by_roles: Collection[Role],
    role: Role,
    *,
    guest: bool,
    locations: Collection[str] = (),
    known_locations: Collection[str] = (),
) -> None:
    """Whether the holder of ``by_roles`` may give ``role``, for the whole company or for ``locations``.

    Raises RoleNotYours, NotForGuests, NotByLocation, LocationUnknown. Taking it asks ``check_grantor`` only.
    """
    check_grantor(by_roles, role)
    info = ROLE_INFO[role]
    if guest and not info.guests:
        raise NotForGuests(role)
    if locations and not info.by_location:
        raise NotByLocation(role)
    unknown = set(locations) - set(known_locations)
    if unknown:
        raise LocationUnknown(unknown)


def check_grantor(by_roles: Collection[Role], role: Role) -> None:
    """Whether the holder of ``by_roles`` may give and take ``role``; raises RoleNotYours."""
    if not permissions.who_can_grant(role) & set(by_roles):
        raise RoleNotYours(role)


def may_create_users(roles: Collection[Role]) -> bool:
    """Partner Center asks for one of three roles, the directory for one of two of them: both must agree."""
    return bool({Role.GLOBAL_ADMIN, Role.USER_ADMIN} & set(roles))
