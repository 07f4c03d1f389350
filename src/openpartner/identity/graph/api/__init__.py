"""The directory's routes under both roots of Graph."""

from typing import Any

from openpartner.identity.graph.api import (
    applications,
    domains,
    grants,
    groups,
    invitations,
    logs,
    memberships,
    messages,
    objects,
    principals,
    roles,
    users,
)
from openpartner.identity.graph.wire.applications import APPLICATION
from openpartner.identity.graph.wire.domains import DOMAIN, ORGANIZATION
from openpartner.identity.graph.wire.grants import GRANT, ROLE_ASSIGNMENT
from openpartner.identity.graph.wire.groups import GROUP
from openpartner.identity.graph.wire.invitations import INVITATION
from openpartner.identity.graph.wire.principals import PRINCIPAL
from openpartner.identity.graph.wire.roles import ASSIGNMENT, DEFINITION, ROLE, TEMPLATE
from openpartner.identity.graph.wire.users import USER

ROUTES: tuple[Any, ...] = (
    *users.ROUTES,
    *groups.ROUTES,
    *memberships.ROUTES,
    *roles.ROUTES,
    *domains.ROUTES,
    *logs.ROUTES,
    *messages.ROUTES,
    *applications.ROUTES,
    *principals.ROUTES,
    *grants.ROUTES,
    *invitations.ROUTES,
    *objects.ROUTES,
)
RESOURCES = (
    USER,
    GROUP,
    ROLE,
    TEMPLATE,
    DEFINITION,
    ASSIGNMENT,
    DOMAIN,
    ORGANIZATION,
    APPLICATION,
    PRINCIPAL,
    GRANT,
    ROLE_ASSIGNMENT,
    INVITATION,
    *logs.RESOURCES,
)
