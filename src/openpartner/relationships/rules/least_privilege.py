"""The smallest set of roles for some tasks: what a partner should ask a customer for, and no more.

Source: gdap §12, least privilege by task; the table of roles and actions is ``platform/directory_table.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from openpartner.platform.directory_access import DirectoryAction, actions_of, roles_that_permit
from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.relationships.rules.granular_defaults import roles_named
from openpartner.relationships.rules.granular_terms import ASSIGNABLE_ROLES

TASK_GROUPS: Final[Mapping[str, tuple[DirectoryAction, ...]]] = MappingProxyType(
    {
        "Users": (
            DirectoryAction.USERS_READ,
            DirectoryAction.USERS_CREATE,
            DirectoryAction.USERS_UPDATE,
            DirectoryAction.USERS_UPDATE_SENSITIVE,
            DirectoryAction.USERS_DELETE,
            DirectoryAction.GUESTS_INVITE,
            DirectoryAction.USAGE_LOCATION_SET,
        ),
        "Passwords and sign-in": (
            DirectoryAction.PASSWORDS_RESET,
            DirectoryAction.SESSIONS_REVOKE,
            DirectoryAction.AUTHENTICATION_METHODS_MANAGE,
            DirectoryAction.ADMIN_PASSWORDS_RESET,
            DirectoryAction.ADMINS_UPDATE_SENSITIVE,
        ),
        "Groups and roles": (
            DirectoryAction.GROUPS_READ,
            DirectoryAction.GROUPS_WRITE,
            DirectoryAction.GROUPS_DELETE,
            DirectoryAction.GROUP_MEMBERS_WRITE,
            DirectoryAction.ROLES_READ,
            DirectoryAction.ROLES_ASSIGN,
            DirectoryAction.ROLE_GROUPS_WRITE,
        ),
        "Licences, subscriptions and billing": (
            DirectoryAction.LICENCES_READ,
            DirectoryAction.LICENCES_ASSIGN,
            DirectoryAction.SUBSCRIPTIONS_READ,
            DirectoryAction.BILLING_READ,
            DirectoryAction.BILLING_MANAGE,
        ),
        "Organization and domains": (
            DirectoryAction.COMPANY_DETAILS_READ,
            DirectoryAction.ORGANIZATION_READ,
            DirectoryAction.ORGANIZATION_UPDATE,
            DirectoryAction.DOMAINS_READ,
            DirectoryAction.DOMAINS_WRITE,
        ),
        "Applications and consent": (
            DirectoryAction.APPLICATIONS_READ,
            DirectoryAction.APPLICATIONS_CREATE,
            DirectoryAction.APPLICATIONS_WRITE,
            DirectoryAction.APPLICATION_CREDENTIALS_WRITE,
            DirectoryAction.CONSENT_GRANT,
            DirectoryAction.CONSENT_GRANT_GRAPH_ROLES,
            DirectoryAction.APP_ROLES_ASSIGN,
        ),
        "Devices and security": (
            DirectoryAction.DEVICES_READ,
            DirectoryAction.DEVICES_WRITE,
            DirectoryAction.AUDIT_READ,
            DirectoryAction.CROSS_TENANT_POLICY_READ,
            DirectoryAction.CROSS_TENANT_POLICY_WRITE,
        ),
        "Support": (
            DirectoryAction.SUPPORT_REQUESTS_READ,
            DirectoryAction.SUPPORT_REQUESTS_WRITE,
            DirectoryAction.SERVICE_HEALTH_READ,
        ),
    }
)
"""The tasks a partner chooses from, by what they are about."""

_SIMPLE: Final = roles_named(
    "Directory Readers",
    "Global Reader",
    "Helpdesk Administrator",
    "License Administrator",
    "Service Support Administrator",
    "User Administrator",
)
_MEDIUM: Final = _SIMPLE | roles_named(
    "Cloud Application Administrator",
    "Dynamics 365 Administrator",
    "Exchange Administrator",
    "Intune Administrator",
    "Fabric Administrator",
    "Power Platform Administrator",
    "Security Administrator",
    "Security Reader",
    "Reports Reader",
    "SharePoint Administrator",
    "Teams Administrator",
    "Windows 365 Administrator",
)

ROLE_SETS: Final[Mapping[str, frozenset[UUID]]] = MappingProxyType({"Simple": _SIMPLE, "Medium": _MEDIUM})
"""Ready-made sets. Source: gdap §12, complexity packages."""


@dataclass(frozen=True)
class Advice:
    """A role to ask for, and which of the tasks it is for."""

    role: UUID
    tasks: tuple[DirectoryAction, ...]


def _power(role: UUID) -> tuple[bool, bool, int, str]:
    """What makes one role give more than another: everything, privilege, the number of actions; then the name."""
    known = DIRECTORY_ROLES[role]
    return (role == GLOBAL_ADMINISTRATOR, known.privileged, len(actions_of([role])), known.name)


def least_role(task: DirectoryAction) -> UUID:
    """The one role that permits a task and gives least besides."""
    return next(role for role in roles_that_permit(task) if role in ASSIGNABLE_ROLES)


def smallest_roles(tasks: Iterable[DirectoryAction]) -> tuple[Advice, ...]:
    """The least role of each task, without those whose tasks the others permit already; the weakest first.

    A stronger role never replaces a weaker one to make the list shorter: what the customer grants stays least.
    """
    wanted = list(dict.fromkeys(tasks))
    chosen = {least_role(task) for task in wanted}
    for role in sorted(chosen, key=_power, reverse=True):
        if actions_of([role]).intersection(wanted) <= actions_of(chosen - {role}):
            chosen.discard(role)
    return tuple(
        Advice(role, tuple(task for task in wanted if task in actions_of([role])))
        for role in sorted(chosen, key=_power)
    )


def beyond(roles: Iterable[UUID], tasks: Iterable[DirectoryAction]) -> frozenset[DirectoryAction]:
    """What the roles permit besides the tasks: what the customer would grant without need."""
    return actions_of(roles) - frozenset(tasks)
