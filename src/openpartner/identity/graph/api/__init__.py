"""The directory's routes under both roots of Graph."""

from typing import Any

from openpartner.identity.graph.api import groups, memberships, users
from openpartner.identity.graph.wire.groups import GROUP
from openpartner.identity.graph.wire.roles import ROLE
from openpartner.identity.graph.wire.users import USER

ROUTES: tuple[Any, ...] = (*users.ROUTES, *groups.ROUTES, *memberships.ROUTES)
RESOURCES = (USER, GROUP, ROLE)
