"""The tables of the directory and of the OpenID provider.

Passwords are stored as argon2 hashes; secrets, codes, tokens and cookies (all of high entropy) as SHA-256.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from openpartner.platform.actor import TenantKind
from openpartner.platform.db import Base, BigId, Json, TextEnum, Versioned, key_text


def _detail(length: int) -> MappedColumn[str]:
    """A text of the directory that nobody must give."""
    return mapped_column(String(length), default="", server_default="")


def _details() -> MappedColumn[list[str]]:
    """Several such texts."""
    return mapped_column(Json(list[str]), default=list, server_default="[]")


def _as_given() -> MappedColumn[dict[str, Any]]:
    """Members that are only kept and shown, by their names on the wire."""
    return mapped_column(Json(dict[str, Any]), default=dict, server_default="{}")


class TenantState(StrEnum):
    """A blocked or deleted tenant gives out no token (AADSTS5000224)."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    DELETED = "deleted"


class UserType(StrEnum):
    """How a user belongs to the tenant; the wire writes it with a capital letter."""

    MEMBER = "member"
    GUEST = "guest"


class PrincipalKind(StrEnum):
    """What a directory role, a group membership or an app role is given to."""

    USER = "user"
    GROUP = "group"
    SERVICE_PRINCIPAL = "servicePrincipal"


class Tenant(Versioned, Base):
    """A directory.

    security_defaults: administrators always need a second factor here. Source: identity §11.4.
    details: whom the organization has written to, and its privacy statement, by the wire's names.
    """

    __tablename__ = "tenant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[TenantKind] = mapped_column(TextEnum(TenantKind))
    name: Mapped[str] = mapped_column(String(256))
    country: Mapped[str] = mapped_column(String(2))
    default_domain: Mapped[str] = mapped_column(String(255))
    state: Mapped[TenantState] = mapped_column(TextEnum(TenantState), default=TenantState.ACTIVE)
    security_defaults: Mapped[bool] = mapped_column(default=True)
    details: Mapped[dict[str, Any]] = _as_given()
    created_at: Mapped[datetime]


class Domain(Base):
    """A DNS name of a tenant, lower case. ``is_initial``: the one the tenant was made with; it can never be removed."""

    __tablename__ = "domain"

    name: Mapped[str] = mapped_column(key_text(255), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    is_verified: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_initial: Mapped[bool] = mapped_column(default=False)
    verification_text: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class User(Versioned, Base):
    """A person in a directory.

    upn_key: the UPN in lower case, unique in the world; a deleted user's starts with its id, which frees the name.
    home_tenant_id, home_user_id: where a guest signs in; for a member its own tenant and None.
    sessions_valid_from: tokens and sessions made before it are dead. Source: identity §11.8.
    totp_secret: sealed (``vault.py``). invitation_state: of a guest, as ``externalUserState``. Lists are JSON text.
    """

    __tablename__ = "directory_user"
    __table_args__ = (Index("ix_directory_user_tenant_name", "tenant_id", "display_name", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    upn: Mapped[str] = mapped_column(String(320))
    upn_key: Mapped[str] = mapped_column(key_text(360), unique=True)
    display_name: Mapped[str] = mapped_column(key_text(256))
    given_name: Mapped[str] = mapped_column(String(64), default="")
    surname: Mapped[str] = mapped_column(String(64), default="")
    mail: Mapped[str] = mapped_column(String(320), default="")
    usage_location: Mapped[str] = mapped_column(String(2), default="")
    preferred_language: Mapped[str] = mapped_column(String(35), default="")
    user_type: Mapped[UserType] = mapped_column(TextEnum(UserType), default=UserType.MEMBER)
    home_tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    home_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("directory_user.id"), index=True)
    account_enabled: Mapped[bool] = mapped_column(default=True)
    puid: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    job_title: Mapped[str] = _detail(128)
    department: Mapped[str] = _detail(64)
    company_name: Mapped[str] = _detail(64)
    office_location: Mapped[str] = _detail(128)
    mobile_phone: Mapped[str] = _detail(64)
    fax_number: Mapped[str] = _detail(64)
    street_address: Mapped[str] = _detail(1024)
    city: Mapped[str] = _detail(128)
    state: Mapped[str] = _detail(128)
    postal_code: Mapped[str] = _detail(40)
    country: Mapped[str] = _detail(128)
    employee_id: Mapped[str] = _detail(16)
    mail_nickname: Mapped[str] = _detail(64)
    password_policies: Mapped[str] = _detail(128)
    on_premises_immutable_id: Mapped[str] = _detail(256)
    business_phones: Mapped[list[str]] = _details()
    other_mails: Mapped[list[str]] = _details()
    proxy_addresses: Mapped[list[str]] = _details()
    show_in_address_list: Mapped[bool | None]
    manager_id: Mapped[UUID | None] = mapped_column(index=True)
    invitation_state: Mapped[str] = _detail(24)
    invitation_state_at: Mapped[datetime | None]

    password_hash: Mapped[str | None] = mapped_column(String(255))
    password_changed_at: Mapped[datetime | None]
    force_change: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(String(400))
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    sessions_valid_from: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    @property
    def is_external(self) -> bool:
        """Whether it signs in elsewhere, or will once its invitation is accepted; also where it counts as a member."""
        return self.user_type is UserType.GUEST or self.home_user_id is not None or bool(self.invitation_state)


class InvitationStatus(StrEnum):
    """Where an invitation stands; the values are the wire's."""

    PENDING = "PendingAcceptance"
    COMPLETED = "Completed"


class Invitation(Base):
    """A guest was asked in by mail. ticket_hash: of the secret in the redeem address.

    redeemed_by: the account at home that accepted it.
    """

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    email: Mapped[str] = mapped_column(String(320))
    redirect_url: Mapped[str] = mapped_column(String(2048))
    ticket_hash: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[InvitationStatus] = mapped_column(TextEnum(InvitationStatus))
    invited_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    redeemed_by: Mapped[UUID | None] = mapped_column(ForeignKey("directory_user.id"))


class Group(Versioned, Base):
    """A group. Names are not unique in the original; ``AdminAgents`` and its like are found by name.

    group_types: ``Unified`` for a group with a mailbox and a site; a plain security group has none.
    """

    __tablename__ = "directory_group"
    __table_args__ = (Index("ix_directory_group_tenant_name", "tenant_id", "display_name", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    display_name: Mapped[str] = mapped_column(key_text(256))
    description: Mapped[str] = mapped_column(String(1024), default="")
    mail_nickname: Mapped[str] = mapped_column(String(64), default="")
    security_enabled: Mapped[bool] = mapped_column(default=True)
    is_assignable_to_role: Mapped[bool] = mapped_column(default=False)
    mail_enabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    mail: Mapped[str] = _detail(320)
    group_types: Mapped[list[str]] = _details()
    visibility: Mapped[str] = _detail(24)
    unique_name: Mapped[str] = _detail(128)
    renewed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class GroupOwner(Base):
    """Who may manage a group beside the administrators."""

    __tablename__ = "group_owner"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("directory_group.id"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    owner_kind: Mapped[PrincipalKind] = mapped_column(TextEnum(PrincipalKind))
    added_at: Mapped[datetime]


class GroupMember(Base):
    """A user, a nested group or a service principal in a group."""

    __tablename__ = "group_member"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("directory_group.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    member_kind: Mapped[PrincipalKind] = mapped_column(TextEnum(PrincipalKind))
    added_at: Mapped[datetime]


class DirectoryRoleAssignment(Base):
    """A built-in role, named by its template id, given to a principal in a tenant."""

    __tablename__ = "directory_role_assignment"
    __table_args__ = (UniqueConstraint("tenant_id", "role_template_id", "principal_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    role_template_id: Mapped[UUID]
    principal_id: Mapped[UUID] = mapped_column(index=True)
    principal_kind: Mapped[PrincipalKind] = mapped_column(TextEnum(PrincipalKind))
    created_at: Mapped[datetime]


class ActivatedRole(Base):
    """A role that a tenant has switched on though nobody holds it; one that is held is on by itself."""

    __tablename__ = "activated_role"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    role_template_id: Mapped[UUID] = mapped_column(primary_key=True)
    activated_at: Mapped[datetime]


class DelegatedRole(Base):
    """A role in a customer's tenant that members of a partner's group hold until an instant.

    Written by the slice that owns the relationship (through ``service.open_delegated_access``); read at token time.
    kind: ``gdap`` or ``dap``. source_id: the access assignment it comes from.
    """

    __tablename__ = "delegated_role"
    __table_args__ = (
        UniqueConstraint("source_id", "group_id", "role_template_id"),
        Index("ix_delegated_role_tenant_group", "tenant_id", "group_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    partner_tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    group_id: Mapped[UUID] = mapped_column(ForeignKey("directory_group.id"))
    role_template_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(8))
    source_id: Mapped[UUID] = mapped_column(index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class RedirectUri(Base):
    """Where an application may be sent back to. ``platform``: ``web``, ``spa`` or ``publicClient``."""

    __tablename__ = "redirect_uri"
    __table_args__ = (UniqueConstraint("application_id", "platform", "uri"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    platform: Mapped[str] = mapped_column(String(12))
    uri: Mapped[str] = mapped_column(String(256))


class Application(Versioned, Base):
    """A registration, in its owner's tenant.

    tenant_id: None for the vendor's own applications, which every world has (``resources.py``).
    app_id: the client id. audience: who may sign in (``rules.SignInAudience``).
    exposed_scopes, app_roles, required_access: as ``resources`` shapes them. details: what is only kept and shown.
    access_token_version: 1 or 2. Source: identity §10.
    """

    __tablename__ = "application"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"), index=True)
    app_id: Mapped[UUID] = mapped_column(unique=True)
    display_name: Mapped[str] = mapped_column(String(256))
    audience: Mapped[str] = mapped_column(String(40))
    allow_public_client: Mapped[bool] = mapped_column(default=False)
    exposed_scopes: Mapped[list[dict[str, Any]]] = mapped_column(Json(list[dict[str, Any]]), default=list)
    app_roles: Mapped[list[dict[str, Any]]] = mapped_column(Json(list[dict[str, Any]]), default=list)
    required_access: Mapped[list[dict[str, Any]]] = mapped_column(Json(list[dict[str, Any]]), default=list)
    access_token_version: Mapped[int] = mapped_column(default=2)
    group_membership_claims: Mapped[str] = mapped_column(String(40), default="")
    front_channel_logout_uri: Mapped[str] = mapped_column(String(256), default="")
    id_token_implicit: Mapped[bool] = mapped_column(default=False)
    access_token_implicit: Mapped[bool] = mapped_column(default=False)
    assignment_required: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = _detail(1024)
    tags: Mapped[list[str]] = _details()
    details: Mapped[dict[str, Any]] = _as_given()
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ApplicationOwner(Base):
    """Who may manage a registration beside the administrators."""

    __tablename__ = "application_owner"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    owner_kind: Mapped[PrincipalKind] = mapped_column(TextEnum(PrincipalKind))
    added_at: Mapped[datetime]


class ApplicationIdentifierUri(Base):
    """An App ID URI, unique in the world, so that a scope finds its resource."""

    __tablename__ = "application_identifier_uri"

    uri: Mapped[str] = mapped_column(key_text(255), primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)


class ApplicationSecret(Base):
    """A client secret: its hash, and the first three characters as a hint. Source: identity §10."""

    __tablename__ = "application_secret"

    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    display_name: Mapped[str] = mapped_column(String(90), default="")
    hint: Mapped[str] = mapped_column(String(3))
    secret_hash: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class ApplicationCertificate(Base):
    """A key credential: the certificate (DER) and its two thumbprints as the assertion's header names them."""

    __tablename__ = "application_certificate"

    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    display_name: Mapped[str] = mapped_column(String(90), default="")
    x5t: Mapped[str] = mapped_column(String(32), index=True)
    x5t_s256: Mapped[str] = mapped_column(String(48), index=True)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class FederatedCredential(Base):
    """An outside issuer's subject that may stand in for a secret. Source: identity §4, token exchange."""

    __tablename__ = "federated_credential"
    __table_args__ = (UniqueConstraint("application_id", "issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(String(600))
    subject: Mapped[str] = mapped_column(String(600))
    audience: Mapped[str] = mapped_column(String(600))
    jwks: Mapped[dict[str, Any]] = mapped_column(Json(dict[str, Any]))


class ServicePrincipal(Versioned, Base):
    """An application in a tenant: what consent creates, and what app-only tokens name as ``oid``.

    display_name: empty while it is the registration's. assignment_required: here only; the registration may demand it
    everywhere.
    """

    __tablename__ = "service_principal"
    __table_args__ = (UniqueConstraint("tenant_id", "app_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    app_id: Mapped[UUID] = mapped_column(ForeignKey("application.app_id"), index=True)
    account_enabled: Mapped[bool] = mapped_column(default=True)
    display_name: Mapped[str] = _detail(256)
    assignment_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    tags: Mapped[list[str]] = _details()
    details: Mapped[dict[str, Any]] = _as_given()
    created_at: Mapped[datetime]


class ServicePrincipalSecret(Base):
    """A client secret that counts in one tenant: its application signs in with it there only."""

    __tablename__ = "service_principal_secret"

    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("service_principal.id"), index=True)
    display_name: Mapped[str] = mapped_column(String(90), default="")
    hint: Mapped[str] = mapped_column(String(3))
    secret_hash: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Oauth2PermissionGrant(Base):
    """Delegated permissions a tenant (``principal_id`` None: AllPrincipals) or one user gave a client on a resource."""

    __tablename__ = "oauth2_permission_grant"
    __table_args__ = (UniqueConstraint("client_principal_id", "resource_principal_id", "principal_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    client_principal_id: Mapped[UUID] = mapped_column(ForeignKey("service_principal.id"), index=True)
    resource_principal_id: Mapped[UUID] = mapped_column(ForeignKey("service_principal.id"))
    principal_id: Mapped[UUID | None] = mapped_column(ForeignKey("directory_user.id"))
    scope: Mapped[str]
    created_at: Mapped[datetime]


class AppRoleAssignment(Base):
    """An application permission, or a user's or group's app role, on a resource."""

    __tablename__ = "app_role_assignment"
    __table_args__ = (UniqueConstraint("resource_principal_id", "principal_id", "app_role_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    resource_principal_id: Mapped[UUID] = mapped_column(ForeignKey("service_principal.id"))
    principal_id: Mapped[UUID] = mapped_column(index=True)
    principal_kind: Mapped[PrincipalKind] = mapped_column(TextEnum(PrincipalKind))
    app_role_id: Mapped[UUID]
    created_at: Mapped[datetime]


class SigningKey(Base):
    """A key that signs tokens from ``active_from`` to ``retires_at`` and is published until ``removed_at``."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(32), primary_key=True)
    serial: Mapped[int] = mapped_column(unique=True)
    private_pem: Mapped[str]
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retires_at: Mapped[datetime]
    removed_at: Mapped[datetime]


class AuthorizationCode(Base):
    """A code of the authorize endpoint. ``redeemed_at`` set and asked for again: theft, AADSTS54005."""

    __tablename__ = "authorization_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    app_id: Mapped[UUID]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    session_id: Mapped[UUID]
    redirect_uri: Mapped[str] = mapped_column(String(256))
    platform: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str]
    nonce: Mapped[str]
    code_challenge: Mapped[str] = mapped_column(String(128))
    code_challenge_method: Mapped[str] = mapped_column(String(8))
    auth_time: Mapped[datetime]
    amr: Mapped[list[str]] = mapped_column(Json(list[str]))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    redeemed_at: Mapped[datetime | None]


class DeviceCode(Base):
    """A device flow. ``user_id`` set: approved; ``declined``: refused; neither: pending."""

    __tablename__ = "device_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_code: Mapped[str] = mapped_column(String(12), unique=True)
    app_id: Mapped[UUID]
    tenant: Mapped[str] = mapped_column(String(255))
    scope: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    polled_at: Mapped[datetime | None]
    declined: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("directory_user.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    session_id: Mapped[UUID | None]
    auth_time: Mapped[datetime | None]
    amr: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    redeemed_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token. ``family_id``: all that descend from one sign-in; they die together.

    user_id, tenant_id: the user at home, and the tenant the sign-in was for.
    """

    __tablename__ = "refresh_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    app_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    scope: Mapped[str]
    platform: Mapped[str] = mapped_column(String(12))
    auth_time: Mapped[datetime]
    amr: Mapped[list[str]] = mapped_column(Json(list[str]))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class SignInSession(Base):
    """One account signed in in one browser. ``browser_hash``: of the cookie, renewed with each sign-in."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_user", "user_id", "ended_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"))
    amr: Mapped[list[str]] = mapped_column(Json(list[str]))
    auth_time: Mapped[datetime]
    mfa_at: Mapped[datetime | None]
    is_persistent: Mapped[bool] = mapped_column(default=False)
    asked_to_stay: Mapped[bool] = mapped_column(default=False)
    ip_address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class SessionClient(Base):
    """An application that a session signed in to: whom front-channel logout tells."""

    __tablename__ = "session_client"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in_session.id"), primary_key=True)
    app_id: Mapped[UUID] = mapped_column(primary_key=True)


class Passkey(Base):
    """A WebAuthn credential of a user."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInChallenge(Base):
    """A WebAuthn challenge, or a code already used: known once, until it expires."""

    __tablename__ = "sign_in_challenge"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("directory_user.id"))
    value: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInLog(Base):
    """An attempt to sign in or to get a token for a user. Source: identity §11.10.

    error_code: 0 for success, else the AADSTS number.
    cross_tenant: ``none``, ``b2bCollaboration`` or ``serviceProvider``.
    """

    __tablename__ = "sign_in_log"
    __table_args__ = (
        Index("ix_sign_in_log_tenant_at", "tenant_id", "at", "id"),
        Index("ix_sign_in_log_home_at", "home_tenant_id", "at", "id"),
        Index("ix_sign_in_log_account_ip", "upn_key", "ip_address", "at"),
        Index("ix_sign_in_log_ip", "ip_address", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    upn_key: Mapped[str] = mapped_column(key_text(360))
    home_tenant_id: Mapped[UUID | None]
    tenant_id: Mapped[UUID | None]
    app_id: Mapped[UUID | None]
    resource: Mapped[str] = mapped_column(String(255), default="")
    ip_address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(400), default="")
    error_code: Mapped[int]
    failure_reason: Mapped[str] = mapped_column(String(400), default="")
    amr: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    cross_tenant: Mapped[str] = mapped_column(String(24), default="none")
    is_interactive: Mapped[bool] = mapped_column(default=True)
    correlation_id: Mapped[str] = mapped_column(String(64), default="")
