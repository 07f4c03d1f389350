"""Directory roles: activated ones, templates, definitions and assignments. Source: graph-conventions §16.

The object id of an activated role differs from its template's and from tenant to tenant: it is made of both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import Select, select

from openpartner.identity.models import (
    Application,
    DirectoryRoleAssignment,
    Group,
    PrincipalKind,
    ServicePrincipal,
    User,
)
from openpartner.identity.rules import role_object_id
from openpartner.platform.directory_access import actions_of
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import (
    Kind,
    Navigation,
    Property,
    Resource,
    boolean,
    declare,
    fixed,
    guid,
    text,
)
from openpartner.platform.graph.options import Selection
from openpartner.platform.graph.rendering import render
from openpartner.platform.work import UnitOfWork

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


def role_rows(tenant_id: UUID, templates: Iterable[UUID]) -> list[dict[str, Any]]:
    """Activated roles as rows, in the order of their names."""
    wanted = set(templates)
    return [
        {
            "id": role_object_id(tenant_id, role.template_id),
            "description": ALLOWS[role.template_id],
            "displayName": role.name,
            "roleTemplateId": role.template_id,
        }
        for role in DIRECTORY_ROLES.values()
        if role.template_id in wanted
    ]


TEMPLATE = Resource(
    name="directoryRoleTemplate",
    entity_set="directoryRoleTemplates",
    properties=declare(
        guid("id", is_nullable=False),
        fixed("deletedDateTime", None, Kind.INSTANT),
        text("description"),
        text("displayName"),
    ),
    top=999,
)


def template_rows() -> list[dict[str, Any]]:
    """All templates."""
    return [
        {"id": role.template_id, "description": ALLOWS[role.template_id], "displayName": role.name}
        for role in DIRECTORY_ROLES.values()
    ]


DEFINITION = Resource(
    name="unifiedRoleDefinition",
    entity_set="roleManagement/directory/roleDefinitions",
    properties=declare(
        guid("id", is_nullable=False),
        text("description"),
        text("displayName"),
        boolean("isBuiltIn"),
        boolean("isEnabled"),
        Property(name="resourceScopes", is_collection=True),
        guid("templateId"),
        text("version"),
        Property(
            name="rolePermissions",
            kind=Kind.COMPLEX,
            type_name="unifiedRolePermission",
            members=declare(Property(name="allowedResourceActions", is_collection=True), text("condition")),
            is_collection=True,
        ),
    ),
    top=999,
)


def definition_rows(templates: Iterable[UUID] = DIRECTORY_ROLES) -> list[dict[str, Any]]:
    """Built-in definitions. Their actions are the ones this product knows, by its own names."""
    return [
        {
            "id": key,
            "templateId": key,
            "displayName": DIRECTORY_ROLES[key].name,
            "description": ALLOWS[key],
            "isBuiltIn": True,
            "isEnabled": True,
            "resourceScopes": ["/"],
            "version": "1",
            "rolePermissions": [
                {
                    "allowedResourceActions": [f"openpartner.directory/{each}" for each in sorted(actions_of([key]))],
                    "condition": None,
                }
            ],
        }
        for key in templates
        if key in DIRECTORY_ROLES
    ]


def _definitions(uow: UnitOfWork, keys: Sequence[Any], selection: Selection) -> Mapping[Any, Any]:
    assigned = _assigned(uow, keys)
    rows = definition_rows({each.role_template_id for each in assigned})
    shown = {row["id"]: each for row, each in zip(rows, render(DEFINITION, rows, selection), strict=True)}
    return {each.id: shown.get(each.role_template_id) for each in assigned}


def _assigned(uow: UnitOfWork, keys: Sequence[Any]) -> Sequence[DirectoryRoleAssignment]:
    return uow.db.scalars(select(DirectoryRoleAssignment).where(DirectoryRoleAssignment.id.in_(keys))).all()


def _principals(uow: UnitOfWork, keys: Sequence[Any], selection: Selection) -> Mapping[Any, Any]:  # noqa: ARG001 - a loader's shape
    assigned = _assigned(uow, keys)
    ids = {each.principal_id for each in assigned}
    named: dict[PrincipalKind, Select[Any, Any]] = {
        PrincipalKind.USER: select(User.id, User.display_name).where(User.id.in_(ids)),
        PrincipalKind.GROUP: select(Group.id, Group.display_name).where(Group.id.in_(ids)),
        PrincipalKind.SERVICE_PRINCIPAL: select(ServicePrincipal.id, Application.display_name)
        .join(Application, Application.app_id == ServicePrincipal.app_id)
        .where(ServicePrincipal.id.in_(ids)),
    }
    names = {kind: {row[0]: row[1] for row in uow.db.execute(query)} for kind, query in named.items()}
    return {
        each.id: {
            "@odata.type": f"#microsoft.graph.{each.principal_kind.value}",
            "id": str(each.principal_id),
            "displayName": names[each.principal_kind].get(each.principal_id),
        }
        for each in assigned
    }


ASSIGNMENT = Resource(
    name="unifiedRoleAssignment",
    entity_set="roleManagement/directory/roleAssignments",
    key=DirectoryRoleAssignment.id,
    properties=declare(
        guid("id", DirectoryRoleAssignment.id, is_nullable=False),
        guid("principalId", DirectoryRoleAssignment.principal_id, is_nullable=False),
        guid("principalOrganizationId", DirectoryRoleAssignment.tenant_id, is_nullable=False),
        guid("roleDefinitionId", DirectoryRoleAssignment.role_template_id, is_nullable=False),
        fixed("directoryScopeId", "/"),
        fixed("appScopeId", None),
        fixed("condition", None),
    ),
    navigations={
        "principal": Navigation(name="principal", load=_principals, is_many=False),
        "roleDefinition": Navigation(name="roleDefinition", load=_definitions, target=DEFINITION, is_many=False),
    },
)


class RoleActivation(Change, kw_only=True):
    """Which template to activate."""

    role_template_id: str | UnsetType = UNSET


class RoleAssignmentChange(Change, kw_only=True):
    """Who gets which role where."""

    role_definition_id: str | UnsetType = UNSET
    principal_id: str | UnsetType = UNSET
    directory_scope_id: str | UnsetType | None = UNSET
    app_scope_id: str | UnsetType | None = UNSET
    condition: str | UnsetType | None = UNSET
