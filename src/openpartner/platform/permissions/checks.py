"""Whether roles give a permission, and which do."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from openpartner.platform.permissions.functions import Permission
from openpartner.platform.permissions.matrix import MATRIX
from openpartner.platform.permissions.roles import Role


def _granted(role: Role) -> frozenset[Permission]:
    return frozenset(
        permission
        for row in MATRIX
        for permission in (row.read, row.write)
        if row.access_of(role).covers(permission.access)
    )


_GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType({role: _granted(role) for role in Role})


def allowed(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of ``roles`` gives ``permission``; several roles add up."""
    return any(permission in _GRANTS[role] for role in roles)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that ``roles`` give together; to manage includes to view."""
    return frozenset[Permission]().union(*(_GRANTS[role] for role in roles))


def roles_that_allow(permission: Permission) -> tuple[Role, ...]:
    """Who could do it, in the order of ``Role``: what a page that refuses shows to the user."""
    return tuple(role for role in Role if permission in _GRANTS[role])
