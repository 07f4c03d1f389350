"""Permissions of applications as Graph shows and takes them: delegated grants, app roles. Source: §16; identity §7."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType
from sqlalchemy import Select, case, func, join, select

from openpartner.identity.models import (
    Application,
    AppRoleAssignment,
    Group,
    Oauth2PermissionGrant,
    PrincipalKind,
    ServicePrincipal,
    User,
)
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import Kind, Property, Resource, declare, fixed, guid, instant, text
from openpartner.platform.graph.options import Selection
from openpartner.platform.graph.pages import Source, values_of
from openpartner.platform.graph.rendering import render
from openpartner.platform.work import UnitOfWork

Related = Callable[[UnitOfWork, Sequence[Any], Selection], Mapping[Any, Any]]

ALL_PRINCIPALS, ONE_PRINCIPAL = "AllPrincipals", "Principal"

GRANT = Resource(
    name="oAuth2PermissionGrant",
    entity_set="oauth2PermissionGrants",
    key=Oauth2PermissionGrant.id,
    properties=declare(
        guid("clientId", Oauth2PermissionGrant.client_principal_id, is_nullable=False),
        text("consentType", case((Oauth2PermissionGrant.principal_id.is_(None), ALL_PRINCIPALS), else_=ONE_PRINCIPAL)),
        guid("id", Oauth2PermissionGrant.id, is_nullable=False),
        guid("principalId", Oauth2PermissionGrant.principal_id),
        guid("resourceId", Oauth2PermissionGrant.resource_principal_id, is_nullable=False),
        text("scope", Oauth2PermissionGrant.scope),
    ),
)


def _principal_type(kind: PrincipalKind) -> str:
    return {"user": "User", "group": "Group"}.get(kind.value, "ServicePrincipal")


def _principal_names(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Any]:
    """Names of who holds the app roles, by the assignments' keys."""
    rows = uow.db.execute(
        select(AppRoleAssignment.id, AppRoleAssignment.principal_id).where(AppRoleAssignment.id.in_(keys))
    )
    held = {row.id: row.principal_id for row in rows}
    ids = set(held.values())
    name = func.coalesce(func.nullif(ServicePrincipal.display_name, ""), Application.display_name)
    queries: Sequence[Select[Any, Any]] = (
        select(User.id, User.display_name).where(User.id.in_(ids)),
        select(Group.id, Group.display_name).where(Group.id.in_(ids)),
        select(ServicePrincipal.id, name)
        .join(Application, Application.app_id == ServicePrincipal.app_id)
        .where(ServicePrincipal.id.in_(ids)),
    )
    names = {row[0]: row[1] for query in queries for row in uow.db.execute(query)}
    return {key: names.get(principal_id) for key, principal_id in held.items()}


ROLE_ASSIGNMENT = Resource(
    name="appRoleAssignment",
    entity_set="appRoleAssignments",
    key=AppRoleAssignment.id,
    source=join(
        AppRoleAssignment, ServicePrincipal, ServicePrincipal.id == AppRoleAssignment.resource_principal_id
    ).join(Application, Application.app_id == ServicePrincipal.app_id),
    properties=declare(
        guid("id", AppRoleAssignment.id, is_nullable=False),
        fixed("deletedDateTime", None, Kind.INSTANT),
        guid("appRoleId", AppRoleAssignment.app_role_id, is_nullable=False),
        instant("createdDateTime", AppRoleAssignment.created_at),
        Property(name="principalDisplayName", load=_principal_names),
        guid("principalId", AppRoleAssignment.principal_id, is_nullable=False),
        text("principalType", AppRoleAssignment.principal_kind, wire=_principal_type, is_filterable=False),
        text(
            "resourceDisplayName",
            func.coalesce(func.nullif(ServicePrincipal.display_name, ""), Application.display_name),
        ),
        guid("resourceId", AppRoleAssignment.resource_principal_id, is_nullable=False),
    ),
)


def _by(resource: Resource, column: Any, member: str) -> Related:
    """Loads the objects of a resource whose column names the keys; ``member`` is that column's property."""

    def load(uow: UnitOfWork, keys: Sequence[Any], selection: Selection) -> Mapping[Any, Any]:
        rows = values_of(uow, Source(resource, (column.in_(keys),)))
        found: dict[Any, list[Any]] = {}
        for row, shown in zip(rows, render(resource, rows, selection, uow=uow), strict=True):
            found.setdefault(row[member], []).append(shown)
        return found

    return load


def grants_by(column: Any) -> Related:
    """Delegated grants of clients."""
    return _by(GRANT, column, "clientId")


def role_assignments_by(column: Any) -> Related:
    """App roles by who holds them or whose they are."""
    return _by(ROLE_ASSIGNMENT, column, "principalId" if column is AppRoleAssignment.principal_id else "resourceId")


class GrantChange(Change, kw_only=True):
    """What a delegated grant takes; its times are the beta version's and mean nothing any more."""

    client_id: str | UnsetType = UNSET
    consent_type: str | UnsetType | None = UNSET
    principal_id: str | UnsetType | None = UNSET
    resource_id: str | UnsetType = UNSET
    scope: str | UnsetType | None = UNSET
    start_time: Any = UNSET
    expiry_time: Any = UNSET


class RoleAssignmentChange(Change, kw_only=True):
    """Who gets which app role of which resource."""

    principal_id: str | UnsetType = UNSET
    resource_id: str | UnsetType = UNSET
    app_role_id: str | UnsetType = UNSET
    created_date_time: Any = UNSET
    deleted_date_time: Any = UNSET
    principal_display_name: Any = UNSET
    principal_type: Any = UNSET
    resource_display_name: Any = UNSET
