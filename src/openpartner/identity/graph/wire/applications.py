"""Applications as Graph shows them. Source: graph-conventions §16, application; identity §10."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, outerjoin, select

from openpartner.identity.graph.wire.credentials import (
    KEY,
    PASSWORD,
    application_keys,
    application_passwords,
    credentials,
)
from openpartner.identity.graph.wire.users import USER
from openpartner.identity.models import (
    Application,
    ApplicationIdentifierUri,
    ApplicationOwner,
    RedirectUri,
    Tenant,
    User,
)
from openpartner.identity.protocol import Platform
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
    nested,
    text,
)
from openpartner.platform.graph.options import Selection
from openpartner.platform.graph.pages import Source, values_of
from openpartner.platform.graph.rendering import render
from openpartner.platform.graph.sql import texts
from openpartner.platform.work import UnitOfWork

INFO = ("logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")
NO_PUBLISHER = {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}


def kept(name: str, column: Any, default: Any = None, **more: Any) -> Property:
    """A member that is only kept and shown, in ``details``."""
    return Property(
        name=name, column=column, wire=lambda details: details.get(name, default), is_filterable=False, **more
    )


def _info(details: Mapping[str, Any]) -> dict[str, Any]:
    given = details.get("info") or {}
    return {name: given.get(name) for name in INFO}


def info(column: Any) -> Property:
    """Addresses for people, of applications and principals alike."""
    members = declare(*(text(name) for name in INFO))
    return Property(
        name="info",
        kind=Kind.COMPLEX,
        type_name="informationalUrl",
        column=column,
        wire=_info,
        members=members,
        is_filterable=False,
    )


SCOPE_MEMBERS = (
    "adminConsentDescription",
    "adminConsentDisplayName",
    "id",
    "isEnabled",
    "type",
    "userConsentDescription",
    "userConsentDisplayName",
    "value",
)
ROLE_MEMBERS = ("allowedMemberTypes", "description", "displayName", "id", "isEnabled", "origin", "value")


def shown_scopes(scopes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Delegated permissions that an application exposes."""
    return [{name: each.get(name) for name in SCOPE_MEMBERS} for each in scopes]


def shown_roles(roles: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """App roles that an application has."""
    return [{**{name: each.get(name) for name in ROLE_MEMBERS}, "origin": "Application"} for each in roles]


def permissions(name: str, column: Any, **more: Any) -> Property:
    """The delegated permissions of a registration."""
    members = declare(*(text(each) for each in SCOPE_MEMBERS))
    return Property(
        name=name,
        kind=Kind.COMPLEX,
        type_name="permissionScope",
        column=column,
        wire=shown_scopes,
        members=members,
        is_collection=True,
        is_filterable=False,
        **more,
    )


def app_roles(column: Any) -> Property:
    """The app roles of a registration."""
    return Property(
        name="appRoles",
        kind=Kind.COMPLEX,
        type_name="appRole",
        column=column,
        wire=shown_roles,
        members=declare(*(text(each) for each in ROLE_MEMBERS)),
        is_collection=True,
        is_filterable=False,
    )


# Redirect addresses and App ID URIs


def addresses_of(uow: UnitOfWork, keys: Sequence[Any], *platforms: Platform) -> dict[Any, list[str]]:
    """Redirect addresses by application, as they were registered."""
    rows = uow.db.execute(
        select(RedirectUri.application_id, RedirectUri.uri)
        .where(RedirectUri.application_id.in_(keys), RedirectUri.platform.in_([each.value for each in platforms]))
        .order_by(RedirectUri.id)
    )
    found: dict[Any, list[str]] = {}
    for row in rows:
        found.setdefault(row.application_id, []).append(row.uri)
    return found


def _redirecting(platform: Platform) -> Callable[[UnitOfWork, Sequence[Any]], dict[Any, Any]]:
    def load(uow: UnitOfWork, keys: Sequence[Any]) -> dict[Any, Any]:
        held = addresses_of(uow, keys, platform)
        return {key: {"redirectUris": held.get(key, [])} for key in keys}

    return load


def _web(uow: UnitOfWork, keys: Sequence[Any]) -> dict[Any, Any]:
    held = addresses_of(uow, keys, Platform.WEB)
    return {
        row.id: {
            "homePageUrl": row.details.get("homePageUrl"),
            "logoutUrl": row.front_channel_logout_uri or None,
            "redirectUris": held.get(row.id, []),
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": row.access_token_implicit,
                "enableIdTokenIssuance": row.id_token_implicit,
            },
            "redirectUriSettings": [{"uri": uri, "index": None} for uri in held.get(row.id, [])],
        }
        for row in uow.db.scalars(select(Application).where(Application.id.in_(keys)))
    }


def _registered(platform: Platform) -> Property:
    def held(part: ColumnElement[bool]) -> ColumnElement[bool]:
        same = (RedirectUri.application_id == Application.id, RedirectUri.platform == platform.value)
        return exists().where(*same, part)

    many = Many(elements={"": text("", RedirectUri.uri)}, exists=held)
    return Property(name="redirectUris", many=many, is_collection=True)


def identifier_uris_of(uow: UnitOfWork, keys: Sequence[Any]) -> dict[Any, list[str]]:
    """App ID URIs by application."""
    rows = uow.db.execute(
        select(ApplicationIdentifierUri.application_id, ApplicationIdentifierUri.uri)
        .where(ApplicationIdentifierUri.application_id.in_(keys))
        .order_by(ApplicationIdentifierUri.uri)
    )
    found: dict[Any, list[str]] = {}
    for row in rows:
        found.setdefault(row.application_id, []).append(row.uri)
    return found


def _named_by(part: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ApplicationIdentifierUri.application_id == Application.id, part)


def _owners(uow: UnitOfWork, keys: Sequence[Any], selection: Selection) -> dict[Any, list[Any]]:
    pairs = uow.db.execute(
        select(ApplicationOwner.application_id, ApplicationOwner.owner_id)
        .where(ApplicationOwner.application_id.in_(keys))
        .order_by(ApplicationOwner.added_at, ApplicationOwner.owner_id)
    ).all()
    living = (User.id.in_({pair.owner_id for pair in pairs}), User.deleted_at.is_(None))
    rows = values_of(uow, Source(USER, living))
    people = {row["id"]: each for row, each in zip(rows, render(USER, rows, selection, typed=True), strict=True)}
    found: dict[Any, list[Any]] = {}
    for pair in pairs:
        if pair.owner_id in people:
            found.setdefault(pair.application_id, []).append(people[pair.owner_id])
    return found


def _version(value: int) -> int | None:
    """Version 1 is what an application gets that says nothing."""
    return None if value == 1 else value


def _api(name: str, default: Any = None, **more: Any) -> Property:
    return kept(name, Application.details, default, **more)


APPLICATION = Resource(
    name="application",
    entity_set="applications",
    key=Application.id,
    source=outerjoin(Application, Tenant, Tenant.id == Application.tenant_id),
    properties=declare(
        guid("id", Application.id, is_nullable=False),
        instant("deletedDateTime", Application.deleted_at),
        guid("appId", Application.app_id, is_nullable=False),
        fixed("applicationTemplateId", None),
        fixed("certification", None, Kind.COMPLEX, type_name="certification"),
        instant("createdDateTime", Application.created_at, is_nullable=False),
        kept("defaultRedirectUri", Application.details),
        text("description", Application.description),
        fixed("disabledByMicrosoftStatus", None),
        text("displayName", Application.display_name, is_nullable=False),
        text("groupMembershipClaims", Application.group_membership_claims),
        Property(
            name="identifierUris",
            load=identifier_uris_of,
            many=Many(elements={"": text("", ApplicationIdentifierUri.uri)}, exists=_named_by),
            is_collection=True,
        ),
        kept("isDeviceOnlyAuthSupported", Application.details, kind=Kind.BOOLEAN),
        boolean("isFallbackPublicClient", Application.allow_public_client),
        kept("nativeAuthenticationApisEnabled", Application.details),
        kept("notes", Application.details),
        text("publisherDomain", Tenant.default_domain),
        kept("samlMetadataUrl", Application.details),
        kept("serviceManagementReference", Application.details),
        text("signInAudience", Application.audience),
        texts("tags", Application.tags),
        kept("tokenEncryptionKeyId", Application.details),
        fixed("uniqueName", None),
        kept("addIns", Application.details, [], kind=Kind.COMPLEX, type_name="addIn", is_collection=True),
        nested(
            "api",
            "apiApplication",
            _api("acceptMappedClaims", kind=Kind.BOOLEAN),
            _api("knownClientApplications", [], kind=Kind.GUID, is_collection=True),
            Property(
                name="requestedAccessTokenVersion",
                kind=Kind.INTEGER,
                column=Application.access_token_version,
                wire=_version,
                is_filterable=False,
            ),
            permissions("oauth2PermissionScopes", Application.exposed_scopes),
            _api(
                "preAuthorizedApplications",
                [],
                kind=Kind.COMPLEX,
                type_name="preAuthorizedApplication",
                is_collection=True,
            ),
        ),
        app_roles(Application.app_roles),
        info(Application.details),
        credentials("keyCredentials", "keyCredential", KEY, load=application_keys),
        kept("optionalClaims", Application.details, kind=Kind.COMPLEX, type_name="optionalClaims"),
        kept(
            "parentalControlSettings",
            Application.details,
            {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
            kind=Kind.COMPLEX,
            type_name="parentalControlSettings",
        ),
        credentials("passwordCredentials", "passwordCredential", PASSWORD, load=application_passwords),
        Property(
            name="publicClient",
            kind=Kind.COMPLEX,
            type_name="publicClientApplication",
            members=declare(_registered(Platform.PUBLIC_CLIENT)),
            load=_redirecting(Platform.PUBLIC_CLIENT),
        ),
        Property(
            name="requiredResourceAccess",
            kind=Kind.COMPLEX,
            type_name="requiredResourceAccess",
            column=Application.required_access,
            is_collection=True,
            is_filterable=False,
        ),
        kept(
            "servicePrincipalLockConfiguration",
            Application.details,
            kind=Kind.COMPLEX,
            type_name="servicePrincipalLockConfiguration",
        ),
        Property(
            name="spa",
            kind=Kind.COMPLEX,
            type_name="spaApplication",
            members=declare(_registered(Platform.SPA)),
            load=_redirecting(Platform.SPA),
        ),
        fixed("verifiedPublisher", NO_PUBLISHER, Kind.COMPLEX, type_name="verifiedPublisher"),
        Property(
            name="web",
            kind=Kind.COMPLEX,
            type_name="webApplication",
            members=declare(
                text("homePageUrl"),
                text("logoutUrl"),
                _registered(Platform.WEB),
                Property(name="implicitGrantSettings", kind=Kind.COMPLEX, type_name="implicitGrantSettings"),
                Property(
                    name="redirectUriSettings", kind=Kind.COMPLEX, type_name="redirectUriSettings", is_collection=True
                ),
            ),
            load=_web,
        ),
    ),
    navigations={"owners": Navigation(name="owners", load=_owners)},
    search=("displayName",),
    is_directory=True,
)
