"""Service principals as Graph shows and takes them. Source: graph-conventions §16, servicePrincipal."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Uuid, exists, func, join, literal, or_, select

from openpartner.identity.graph.wire.applications import (
    NO_PUBLISHER,
    addresses_of,
    app_roles,
    identifier_uris_of,
    info,
    kept,
    permissions,
)
from openpartner.identity.graph.wire.credentials import (
    KEY,
    PASSWORD,
    application_keys,
    credentials,
    principal_passwords,
)
from openpartner.identity.graph.wire.grants import GRANT, ROLE_ASSIGNMENT, grants_by, role_assignments_by
from openpartner.identity.models import (
    Application,
    ApplicationIdentifierUri,
    AppRoleAssignment,
    Oauth2PermissionGrant,
    ServicePrincipal,
    Tenant,
)
from openpartner.identity.protocol import Platform
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.edm import (
    Kind,
    Many,
    Navigation,
    Property,
    Resource,
    boolean,
    declare,
    fixed,
    guid,
    instant,
    on_request,
    text,
)
from openpartner.platform.graph.errors import UnsupportedQuery
from openpartner.platform.graph.sql import texts
from openpartner.platform.work import UnitOfWork

VENDOR_TENANT = UUID("f8cdef31-a31e-4b4a-93e4-5f571e91255a")
"""Who owns the vendor's own applications: tools tell them by it. Source: entra-docs, first-party applications."""

DISPLAY_NAME = func.coalesce(func.nullif(ServicePrincipal.display_name, ""), Application.display_name)


def _applications(uow: UnitOfWork, keys: Sequence[Any]) -> dict[Any, Any]:
    """Ids of the registrations, by the principals' keys."""
    rows = uow.db.execute(
        select(ServicePrincipal.id, Application.id.label("application_id"))
        .join(Application, Application.app_id == ServicePrincipal.app_id)
        .where(ServicePrincipal.id.in_(keys))
    )
    return {row.id: row.application_id for row in rows}


def _certificates(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Any]:
    """A principal's certificates are those of its registration."""
    owners = _applications(uow, keys)
    held = application_keys(uow, list(owners.values()))
    return {key: held.get(application_id, []) for key, application_id in owners.items()}


def _reply_urls(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Any]:
    owners = _applications(uow, keys)
    found = addresses_of(uow, list(owners.values()), *Platform)
    return {key: found.get(application_id, []) for key, application_id in owners.items()}


def _names(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Any]:
    owners = _applications(uow, keys)
    uris = identifier_uris_of(uow, list(owners.values()))
    app_ids = uow.db.execute(select(ServicePrincipal.id, ServicePrincipal.app_id).where(ServicePrincipal.id.in_(keys)))
    return {row.id: [str(row.app_id), *uris.get(owners[row.id], ())] for row in app_ids}


def _is_named(operator: str, value: Any) -> ColumnElement[bool]:
    """By its client id, or by an App ID URI."""
    wanted = str(value or "").lower()
    uri = ApplicationIdentifierUri.uri
    if operator not in {"eq", "startswith"}:
        raise UnsupportedQuery(f"The elements of servicePrincipalNames cannot be compared with '{operator}'.")
    fits = uri == wanted if operator == "eq" else uri.startswith(wanted, autoescape=True)
    by_uri = exists().where(ApplicationIdentifierUri.application_id == Application.id, fits)
    key = guid_of(wanted)
    return by_uri if key is None else or_(by_uri, ServicePrincipal.app_id == key)


def _publisher(uow: UnitOfWork, keys: Sequence[Any]) -> Mapping[Any, Any]:
    rows = uow.db.execute(
        select(ServicePrincipal.id, Tenant.name)
        .join(Application, Application.app_id == ServicePrincipal.app_id)
        .join(Tenant, Tenant.id == Application.tenant_id)
        .where(ServicePrincipal.id.in_(keys))
    )
    return {row.id: row.name for row in rows}


def _details(name: str, default: Any = None, **more: Any) -> Property:
    return kept(name, ServicePrincipal.details, default, **more)


PRINCIPAL = Resource(
    name="servicePrincipal",
    entity_set="servicePrincipals",
    key=ServicePrincipal.id,
    source=join(ServicePrincipal, Application, Application.app_id == ServicePrincipal.app_id),
    properties=declare(
        guid("id", ServicePrincipal.id, is_nullable=False),
        fixed("deletedDateTime", None, Kind.INSTANT),
        boolean("accountEnabled", ServicePrincipal.account_enabled),
        _details("alternativeNames", [], is_collection=True),
        text("appDisplayName", Application.display_name),
        text("appDescription", Application.description),
        guid("appId", ServicePrincipal.app_id, is_nullable=False),
        fixed("applicationTemplateId", None),
        guid("appOwnerOrganizationId", func.coalesce(Application.tenant_id, literal(VENDOR_TENANT, Uuid()))),
        boolean(
            "appRoleAssignmentRequired",
            or_(ServicePrincipal.assignment_required, Application.assignment_required),
        ),
        instant("createdDateTime", ServicePrincipal.created_at, is_nullable=False),
        _details("description"),
        fixed("disabledByMicrosoftStatus", None),
        text("displayName", DISPLAY_NAME, is_nullable=False),
        _details("homepage"),
        _details("loginUrl"),
        text("logoutUrl", Application.front_channel_logout_uri),
        _details("notes"),
        _details("notificationEmailAddresses", [], is_collection=True),
        _details("preferredSingleSignOnMode"),
        fixed("preferredTokenSigningKeyThumbprint", None),
        Property(name="replyUrls", load=_reply_urls, is_collection=True),
        Property(
            name="servicePrincipalNames",
            load=_names,
            many=Many(elements={"": Property(name="", test=_is_named)}, exists=lambda part: part),
            is_collection=True,
        ),
        fixed("servicePrincipalType", "Application"),
        text("signInAudience", Application.audience),
        texts("tags", ServicePrincipal.tags),
        fixed("tokenEncryptionKeyId", None),
        app_roles(Application.app_roles),
        info(Application.details),
        credentials("keyCredentials", "keyCredential", KEY, load=_certificates),
        permissions("oauth2PermissionScopes", Application.exposed_scopes),
        credentials("passwordCredentials", "passwordCredential", PASSWORD, load=principal_passwords),
        _details("samlSingleSignOnSettings", kind=Kind.COMPLEX, type_name="samlSingleSignOnSettings"),
        fixed("verifiedPublisher", NO_PUBLISHER, Kind.COMPLEX, type_name="verifiedPublisher"),
        *on_request(
            permissions("publishedPermissionScopes", Application.exposed_scopes),
            Property(name="publisherName", load=_publisher),
            Property(name="publisher", load=_publisher),
        ),
    ),
    navigations={
        "appRoleAssignments": Navigation(
            name="appRoleAssignments",
            load=role_assignments_by(AppRoleAssignment.principal_id),
            target=ROLE_ASSIGNMENT,
        ),
        "appRoleAssignedTo": Navigation(
            name="appRoleAssignedTo",
            load=role_assignments_by(AppRoleAssignment.resource_principal_id),
            target=ROLE_ASSIGNMENT,
        ),
        "oauth2PermissionGrants": Navigation(
            name="oauth2PermissionGrants",
            load=grants_by(Oauth2PermissionGrant.client_principal_id),
            target=GRANT,
        ),
    },
    search=("displayName",),
    is_directory=True,
)

KEPT = {
    "alternative_names": "alternativeNames",
    "description": "description",
    "homepage": "homepage",
    "login_url": "loginUrl",
    "notes": "notes",
    "notification_email_addresses": "notificationEmailAddresses",
    "preferred_single_sign_on_mode": "preferredSingleSignOnMode",
    "saml_single_sign_on_settings": "samlSingleSignOnSettings",
}


class PrincipalChange(Change, kw_only=True):
    """What a service principal takes. What is its registration's is taken and left aside."""

    app_id: str | UnsetType = UNSET
    account_enabled: bool | UnsetType | None = UNSET
    app_role_assignment_required: bool | UnsetType = UNSET
    display_name: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    alternative_names: list[str] | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    homepage: str | UnsetType | None = UNSET
    login_url: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    notification_email_addresses: list[str] | UnsetType | None = UNSET
    preferred_single_sign_on_mode: str | UnsetType | None = UNSET
    saml_single_sign_on_settings: dict[str, Any] | UnsetType | None = UNSET

    app_display_name: Any = UNSET
    app_description: Any = UNSET
    app_owner_organization_id: Any = UNSET
    app_roles: Any = UNSET
    application_template_id: Any = UNSET
    created_date_time: Any = UNSET
    deleted_date_time: Any = UNSET
    disabled_by_microsoft_status: Any = UNSET
    info: Any = UNSET
    key_credentials: Any = UNSET
    logout_url: Any = UNSET
    oauth2_permission_scopes: Any = UNSET
    password_credentials: Any = UNSET
    preferred_token_signing_key_thumbprint: Any = UNSET
    published_permission_scopes: Any = UNSET
    reply_urls: Any = UNSET
    service_principal_names: Any = UNSET
    service_principal_type: Any = UNSET
    sign_in_audience: Any = UNSET
    token_encryption_key_id: Any = UNSET
    verified_publisher: Any = UNSET

    def members(self) -> dict[str, Any]:
        """What the directory itself keeps, by the columns' names; null is the default."""
        given = self.given()
        found: dict[str, Any] = {}
        if "account_enabled" in given:
            found["account_enabled"] = given["account_enabled"] is not False
        if "app_role_assignment_required" in given:
            found["assignment_required"] = given["app_role_assignment_required"]
        if "display_name" in given:
            found["display_name"] = given["display_name"] or ""
        if "tags" in given:
            found["tags"] = given["tags"] or []
        return found

    def details(self) -> dict[str, Any]:
        """What is only kept and shown, by the wire's names; None clears."""
        given = self.given()
        return {KEPT[name]: given[name] for name in KEPT if name in given}
