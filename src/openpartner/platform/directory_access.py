"""Who may do what in a directory: questions to the table, and refusals that name the smallest roles that would do."""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from openpartner.platform.actor import Actor, ActorKind
from openpartner.platform.directory_actions import ACTION_TITLES, DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.directory_table import (
    ACTIONS_BY_PERMISSION,
    ACTIONS_BY_ROLE,
    MEMBER_ACTIONS,
    OVER_SOMEBODY,
    REACH,
    ROLES_BY_ACTION,
)
from openpartner.platform.errors import Forbidden, Unauthenticated

__all__ = [
    "ACTION_TITLES",
    "ApplicationPermissionNeeded",
    "DirectoryAction",
    "DirectoryRoleNeeded",
    "actions_of",
    "covers",
    "may_directory",
    "permissions_that_permit",
    "require_directory",
    "roles_that_permit",
]


def _reaches(role: UUID, action: DirectoryAction, over: frozenset[UUID]) -> bool:
    reach = REACH.get(role) if action in OVER_SOMEBODY else None
    return reach is None or over <= reach


def roles_that_permit(action: DirectoryAction, over: Iterable[UUID] = ()) -> tuple[UUID, ...]:
    """Template ids of the roles that permit ``action``, the least privileged first.

    over: the roles of the user it is done to.
    """
    held = frozenset(over)
    return tuple(role for role in ROLES_BY_ACTION[action] if _reaches(role, action, held))


def actions_of(roles: Iterable[UUID]) -> frozenset[DirectoryAction]:
    """All that the roles add up to."""
    return frozenset().union(*(ACTIONS_BY_ROLE.get(role, frozenset()) for role in roles))


def covers(roles: Iterable[UUID], action: DirectoryAction, over: Iterable[UUID] = ()) -> bool:
    """Whether one of ``roles`` permits ``action``; ``over``: the roles of the user it is done to."""
    held = frozenset(over)
    return any(action in ACTIONS_BY_ROLE.get(role, ()) and _reaches(role, action, held) for role in roles)


@cache
def permissions_that_permit(action: DirectoryAction) -> tuple[str, ...]:
    """Names of the permissions of Graph for ``action``, the least privileged first."""
    found = [name for name, actions in ACTIONS_BY_PERMISSION.items() if action in actions]
    return tuple(sorted(found, key=lambda name: (len(ACTIONS_BY_PERMISSION[name]), name)))


# Asking

_NAMED = 3
"""How many roles a refusal names: the smallest that would do."""


class DirectoryRoleNeeded(Forbidden):
    """The actor's roles in the tenant do not cover the action. Source: partner-center-conventions §19, 900150.

    reason: why there is no better role; ``role`` when there are roles, but none that covers it.
    """

    def __init__(
        self, action: DirectoryAction, *, over: Iterable[UUID] = (), reason: str = "role", why: str = ""
    ) -> None:
        self.action = action
        self.why = why
        self.roles = roles_that_permit(action, over)
        names = [DIRECTORY_ROLES[role].name for role in self.roles[:_NAMED]]
        title = ACTION_TITLES[action]
        needs = f"'{title}' needs one of these roles in the tenant: {', '.join(names)}."
        super().__init__(
            " ".join(part for part in ("Insufficient privileges to complete the operation.", why, needs) if part),
            action=action.value,
            reason=reason,
            roles=[str(role) for role in self.roles[:_NAMED]],
        )


class ApplicationPermissionNeeded(Forbidden):
    """An application acts without a granted permission that covers it. Source: identity §5.4, §12.3."""

    def __init__(self, action: DirectoryAction) -> None:
        self.action = action
        names = permissions_that_permit(action)
        wanted = f"one of these application permissions: {', '.join(names)}" if names else "a user"
        super().__init__(
            f"Insufficient privileges to complete the operation. '{ACTION_TITLES[action]}' needs {wanted}.",
            action=action.value,
            permissions=list(names),
        )


def may_directory(actor: Actor, action: DirectoryAction, over: Iterable[UUID] = ()) -> bool:
    """Whether ``require_directory`` would pass. Pages show and hide by this."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is ActorKind.APP:
        return any(action in ACTIONS_BY_PERMISSION.get(name, ()) for name in actor.scopes)
    if actor.kind is ActorKind.NOBODY:
        return False
    if actor.is_member and action in MEMBER_ACTIONS:
        return True
    return covers(actor.directory_roles, action, over)


def require_directory(actor: Actor, action: DirectoryAction, over: Iterable[UUID] = ()) -> None:
    """Refuse who may not do ``action`` in the tenant it acts in.

    A user, at home or delegated, acts by its directory roles there, an application by its granted permissions.
    over: the roles of the user it is done to. Whether a user's token was given the scope is asked by the surface.
    Raises Unauthenticated, DirectoryRoleNeeded, ApplicationPermissionNeeded.
    """
    if actor.kind is ActorKind.NOBODY:
        raise Unauthenticated("Sign in, or send a bearer token.")
    if may_directory(actor, action, over):
        return
    if actor.kind is ActorKind.APP:
        raise ApplicationPermissionNeeded(action)
    raise DirectoryRoleNeeded(action, over=over)
