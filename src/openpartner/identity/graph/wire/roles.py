"""Directory roles: activated ones, templates, definitions and assignments. Source: graph-conventions §16.

The object id of an activated role differs from its template's and from tenant to tenant: it is made of both.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.graph.edm import Kind, Resource, declare, fixed, guid, text

ROLE = Resource(
    name="directoryRole",
    entity_set="directoryRoles",
    properties=declare(
        guid("id", is_nullable=False),
        fixed("deletedDateTime", None, Kind.INSTANT),
        text("description"),
        text("displayName"),
        guid("roleTemplateId"),
    ),
    most=999,
    is_directory=True,
)


def role_id(tenant_id: UUID, template_id: UUID) -> UUID:
    """The object id of a role in a tenant."""
    return uuid5(tenant_id, str(template_id))


def role_rows(tenant_id: UUID, templates: Iterable[UUID]) -> list[dict[str, Any]]:
    """Activated roles as rows, in the order of their names."""
    wanted = set(templates)
    return [
        {
            "id": role_id(tenant_id, role.template_id),
            "description": ALLOWS[role.template_id],
            "displayName": role.name,
            "roleTemplateId": role.template_id,
        }
        for role in DIRECTORY_ROLES.values()
        if role.template_id in wanted
    ]
