"""What an application takes through Graph. Source: graph-conventions §13, §16, application."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from openpartner.identity.graph.wire.credentials import KeyChange, PasswordChange
from openpartner.identity.protocol import Platform
from openpartner.platform.graph.bodies import Change

KEPT = {
    "notes": "notes",
    "default_redirect_uri": "defaultRedirectUri",
    "is_device_only_auth_supported": "isDeviceOnlyAuthSupported",
    "native_authentication_apis_enabled": "nativeAuthenticationApisEnabled",
    "saml_metadata_url": "samlMetadataUrl",
    "service_management_reference": "serviceManagementReference",
    "token_encryption_key_id": "tokenEncryptionKeyId",
    "add_ins": "addIns",
    "info": "info",
    "optional_claims": "optionalClaims",
    "parental_control_settings": "parentalControlSettings",
    "service_principal_lock_configuration": "servicePrincipalLockConfiguration",
}
KEPT_OF_API = {
    "accept_mapped_claims": "acceptMappedClaims",
    "known_client_applications": "knownClientApplications",
    "pre_authorized_applications": "preAuthorizedApplications",
}
"""What is only kept and shown: Python's name, the wire's."""

Maybe = dict[str, Any] | UnsetType | None


class ScopeChange(Change, kw_only=True):
    """A delegated permission that the application exposes."""

    id: UUID
    value: str | None = None
    type: str = "User"
    is_enabled: bool = True
    admin_consent_description: str | None = None
    admin_consent_display_name: str | None = None
    user_consent_description: str | None = None
    user_consent_display_name: str | None = None
    origin: Any = UNSET

    def stored(self) -> dict[str, Any]:
        """As ``resources`` shapes it."""
        return {
            "id": str(self.id),
            "value": self.value or "",
            "type": self.type,
            "isEnabled": self.is_enabled,
            "adminConsentDescription": self.admin_consent_description or "",
            "adminConsentDisplayName": self.admin_consent_display_name or "",
            "userConsentDescription": self.user_consent_description or "",
            "userConsentDisplayName": self.user_consent_display_name or "",
        }


class AppRoleChange(Change, kw_only=True):
    """An app role: an application permission, or a role for people."""

    id: UUID
    value: str | None = None
    allowed_member_types: list[str]
    description: str | None = None
    display_name: str | None = None
    is_enabled: bool = True
    origin: Any = UNSET

    def stored(self) -> dict[str, Any]:
        """As ``resources`` shapes it."""
        return {
            "id": str(self.id),
            "value": self.value or "",
            "allowedMemberTypes": self.allowed_member_types,
            "description": self.description or "",
            "displayName": self.display_name or "",
            "isEnabled": self.is_enabled,
        }


class AccessChange(Change, kw_only=True):
    """One permission that the application needs."""

    id: UUID
    type: str


class ResourceChange(Change, kw_only=True):
    """The permissions on one resource that it needs."""

    resource_app_id: UUID
    resource_access: list[AccessChange]

    def stored(self) -> dict[str, Any]:
        """As ``resources`` shapes it."""
        return {
            "resourceAppId": str(self.resource_app_id),
            "resourceAccess": [{"id": str(each.id), "type": each.type} for each in self.resource_access],
        }


class PreAuthorizedChange(Change, kw_only=True):
    """A client that needs nobody's consent to some of the permissions; the beta version names them otherwise."""

    app_id: UUID
    delegated_permission_ids: list[UUID] | UnsetType | None = UNSET
    permission_ids: list[UUID] | UnsetType | None = UNSET

    def stored(self) -> dict[str, Any]:
        """By the wire's names."""
        given = self.given()
        ids = given.get("delegated_permission_ids") or given.get("permission_ids") or ()
        return {"appId": str(self.app_id), "delegatedPermissionIds": [str(each) for each in ids]}


class ApiChange(Change, kw_only=True):
    """What it is as a resource."""

    oauth2_permission_scopes: list[ScopeChange] | UnsetType | None = UNSET
    requested_access_token_version: int | UnsetType | None = UNSET
    accept_mapped_claims: bool | UnsetType | None = UNSET
    known_client_applications: list[UUID] | UnsetType | None = UNSET
    pre_authorized_applications: list[PreAuthorizedChange] | UnsetType | None = UNSET


class ImplicitChange(Change, kw_only=True):
    """Which tokens the authorize endpoint itself gives out."""

    enable_access_token_issuance: bool | UnsetType | None = UNSET
    enable_id_token_issuance: bool | UnsetType | None = UNSET


class RedirectsChange(Change, kw_only=True):
    """Where one kind of client is sent back to."""

    redirect_uris: list[str] | UnsetType | None = UNSET


class WebChange(RedirectsChange, kw_only=True):
    """The same of a web application, and what else it has."""

    home_page_url: str | UnsetType | None = UNSET
    logout_url: str | UnsetType | None = UNSET
    implicit_grant_settings: ImplicitChange | UnsetType | None = UNSET
    redirect_uri_settings: Any = UNSET


class ApplicationChange(Change, kw_only=True):
    """What an application takes. What it only shows is taken and left aside: clients send back what they read."""

    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    sign_in_audience: str | UnsetType | None = UNSET
    identifier_uris: list[str] | UnsetType | None = UNSET
    group_membership_claims: str | UnsetType | None = UNSET
    is_fallback_public_client: bool | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    api: ApiChange | UnsetType | None = UNSET
    app_roles: list[AppRoleChange] | UnsetType | None = UNSET
    required_resource_access: list[ResourceChange] | UnsetType | None = UNSET
    web: WebChange | UnsetType | None = UNSET
    spa: RedirectsChange | UnsetType | None = UNSET
    public_client: RedirectsChange | UnsetType | None = UNSET
    password_credentials: list[PasswordChange] | UnsetType | None = UNSET
    key_credentials: list[KeyChange] | UnsetType | None = UNSET

    notes: str | UnsetType | None = UNSET
    default_redirect_uri: str | UnsetType | None = UNSET
    is_device_only_auth_supported: bool | UnsetType | None = UNSET
    native_authentication_apis_enabled: str | UnsetType | None = UNSET
    saml_metadata_url: str | UnsetType | None = UNSET
    service_management_reference: str | UnsetType | None = UNSET
    token_encryption_key_id: str | UnsetType | None = UNSET
    add_ins: list[dict[str, Any]] | UnsetType | None = UNSET
    info: Maybe = UNSET
    optional_claims: Maybe = UNSET
    parental_control_settings: Maybe = UNSET
    service_principal_lock_configuration: Maybe = UNSET

    app_id: Any = UNSET
    application_template_id: Any = UNSET
    certification: Any = UNSET
    created_date_time: Any = UNSET
    deleted_date_time: Any = UNSET
    disabled_by_microsoft_status: Any = UNSET
    publisher_domain: Any = UNSET
    unique_name: UnsetType | None = UNSET
    verified_publisher: Any = UNSET

    def details(self) -> dict[str, Any]:
        """What is only kept and shown, by the wire's names; None clears."""
        given = self.given()
        found = {KEPT[name]: given[name] for name in KEPT if name in given}
        if isinstance(self.api, ApiChange):
            said = self.api.given()
            found |= {KEPT_OF_API[name]: said[name] for name in KEPT_OF_API if name in said}
            if said.get("known_client_applications"):
                found["knownClientApplications"] = [str(each) for each in said["known_client_applications"]]
            if said.get("pre_authorized_applications"):
                found["preAuthorizedApplications"] = [each.stored() for each in said["pre_authorized_applications"]]
        if isinstance(self.web, WebChange) and self.web.home_page_url is not UNSET:
            found["homePageUrl"] = self.web.home_page_url
        return found

    def redirects(self) -> dict[Platform, list[str]]:
        """The redirect addresses of each kind that is named."""
        parts = {Platform.WEB: self.web, Platform.SPA: self.spa, Platform.PUBLIC_CLIENT: self.public_client}
        return {
            platform: list(part.redirect_uris or ())
            for platform, part in parts.items()
            if isinstance(part, RedirectsChange) and part.redirect_uris is not UNSET
        }

    def members(self) -> dict[str, Any]:
        """What the directory itself keeps, by the names that ``update_application`` has; null clears."""
        given = self.given()
        found: dict[str, Any] = {name: given[name] or "" for name in _TEXTS if name in given}
        if str(found.get("group_membership_claims", "")).lower() == "none":
            found["group_membership_claims"] = ""
        if "is_fallback_public_client" in given:
            found["allow_public_client"] = bool(given["is_fallback_public_client"])
        for name in ("tags", "identifier_uris"):
            if name in given:
                found[name] = given[name] or []
        if "app_roles" in given:
            found["app_roles"] = [each.stored() for each in given["app_roles"] or ()]
        if "required_resource_access" in given:
            found["required_resources"] = [each.stored() for each in given["required_resource_access"] or ()]
        return found | self._of_api() | self._of_web()

    def _of_api(self) -> dict[str, Any]:
        said = self.api.given() if isinstance(self.api, ApiChange) else {}
        found: dict[str, Any] = {}
        if "oauth2_permission_scopes" in said:
            found["exposed_scopes"] = [each.stored() for each in said["oauth2_permission_scopes"] or ()]
        if "requested_access_token_version" in said:
            found["access_token_version"] = said["requested_access_token_version"] or 1
        return found

    def _of_web(self) -> dict[str, Any]:
        said = self.web.given() if isinstance(self.web, WebChange) else {}
        found: dict[str, Any] = {}
        if "logout_url" in said:
            found["front_channel_logout_uri"] = said["logout_url"] or ""
        implicit = said.get("implicit_grant_settings")
        if isinstance(implicit, ImplicitChange):
            said_of = implicit.given()
            found |= {_IMPLICIT[name]: bool(said_of[name]) for name in _IMPLICIT if name in said_of}
        return found


_IMPLICIT = {
    "enable_access_token_issuance": "access_token_implicit",
    "enable_id_token_issuance": "id_token_implicit",
}
_TEXTS = ("display_name", "description", "group_membership_claims")
