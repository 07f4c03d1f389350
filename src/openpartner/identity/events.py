"""Facts the directory announces. ``operation_type`` is the vendor's word where it has one (account-and-security §9)."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class TenantCreated(Event, frozen=True, kw_only=True):
    """A directory exists."""

    resource_type: ClassVar[str] = "tenant"
    operation_type: ClassVar[str] = "create_tenant"
    tenant_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.tenant_id)


class TenantUpdated(Event, frozen=True, kw_only=True):
    """Its name, default domain, security defaults or state changed."""

    resource_type: ClassVar[str] = "tenant"
    operation_type: ClassVar[str] = "update_tenant"
    tenant_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.tenant_id)


class DomainAdded(Event, frozen=True, kw_only=True):
    """A name was added to a tenant; not yet proved unless it is the initial one."""

    resource_type: ClassVar[str] = "domain"
    operation_type: ClassVar[str] = "add_domain"
    tenant_id: UUID
    name: str

    @property
    def resource_id(self) -> str:
        return self.name


class DomainVerified(Event, frozen=True, kw_only=True):
    """The tenant proved that the name is its own."""

    resource_type: ClassVar[str] = "domain"
    operation_type: ClassVar[str] = "verify_domain"
    tenant_id: UUID
    name: str

    @property
    def resource_id(self) -> str:
        return self.name


class DomainRemoved(Event, frozen=True, kw_only=True):
    """A name belongs to the tenant no longer and is free for others."""

    resource_type: ClassVar[str] = "domain"
    operation_type: ClassVar[str] = "remove_domain"
    tenant_id: UUID
    name: str

    @property
    def resource_id(self) -> str:
        return self.name


class _OfUser(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "user"
    tenant_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)


class UserCreated(_OfUser, frozen=True, kw_only=True):
    """A member or guest was added to a directory."""

    operation_type: ClassVar[str] = "create_user"


class UserUpdated(_OfUser, frozen=True, kw_only=True):
    """Members of a user changed; blocking and unblocking are ``accountEnabled``."""

    operation_type: ClassVar[str] = "update_user"


class UserDeleted(_OfUser, frozen=True, kw_only=True):
    """A user went to the bin, from which it can come back for 30 days."""

    operation_type: ClassVar[str] = "delete_user"


class UserRestored(_OfUser, frozen=True, kw_only=True):
    """A user came back from the bin."""

    operation_type: ClassVar[str] = "restore_user"


class PasswordReset(_OfUser, frozen=True, kw_only=True):
    """Somebody else set the user's password."""

    operation_type: ClassVar[str] = "reset_user_password"


class PasswordChanged(_OfUser, frozen=True, kw_only=True):
    """The user set an own password."""

    operation_type: ClassVar[str] = "change_user_password"


class GuestInvited(_OfUser, frozen=True, kw_only=True):
    """Somebody was asked by mail to become a guest; the mail and the status are in ``after``."""

    operation_type: ClassVar[str] = "invite_guest"
    invitation_id: UUID


class InvitationRedeemed(_OfUser, frozen=True, kw_only=True):
    """The guest accepted, with an account of its own."""

    operation_type: ClassVar[str] = "redeem_invitation"
    invitation_id: UUID
    home_user_id: UUID


class UserLockedOut(_OfUser, frozen=True, kw_only=True):
    """Too many wrong passwords."""

    operation_type: ClassVar[str] = "lock_user"


class SignInMethodRegistered(_OfUser, frozen=True, kw_only=True):
    """An authenticator (``totp``) or a passkey was added."""

    operation_type: ClassVar[str] = "mfa_changed"
    method: str


class SignInMethodRemoved(_OfUser, frozen=True, kw_only=True):
    """An authenticator or a passkey was taken away."""

    operation_type: ClassVar[str] = "mfa_changed"
    method: str


class SessionsRevoked(_OfUser, frozen=True, kw_only=True):
    """All sessions and refresh tokens of the user ended."""

    operation_type: ClassVar[str] = "revoke_sessions"


class SessionEnded(_OfUser, frozen=True, kw_only=True):
    """One session ended: by its user, or from outside."""

    operation_type: ClassVar[str] = "end_session"
    session_id: UUID


class MailSent(_OfUser, frozen=True, kw_only=True):
    """Mail was sent in the user's name; ``after`` has its subject and the messages' ids."""

    resource_type: ClassVar[str] = "mail"
    operation_type: ClassVar[str] = "send_mail"


class TokenFamilyRevoked(_OfUser, frozen=True, kw_only=True):
    """A code was redeemed twice, or a refresh token was presented by another client: all that came of it died."""

    operation_type: ClassVar[str] = "revoke_token_family"
    app_id: UUID
    reason: str


class DirectoryRoleActivated(Event, frozen=True, kw_only=True):
    """A tenant switched a role on that nobody holds yet."""

    resource_type: ClassVar[str] = "customer_directory_role"
    operation_type: ClassVar[str] = "activate_directory_role"
    tenant_id: UUID
    role_template_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.role_template_id)


class DirectoryRoleAssigned(Event, frozen=True, kw_only=True):
    """A principal holds a directory role."""

    resource_type: ClassVar[str] = "customer_directory_role"
    operation_type: ClassVar[str] = "add_user_member"
    tenant_id: UUID
    principal_id: UUID
    role_template_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.role_template_id)


class DirectoryRoleRemoved(Event, frozen=True, kw_only=True):
    """A principal holds a directory role no longer."""

    resource_type: ClassVar[str] = "customer_directory_role"
    operation_type: ClassVar[str] = "remove_user_member"
    tenant_id: UUID
    principal_id: UUID
    role_template_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.role_template_id)


class _OfGroup(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "group"
    tenant_id: UUID
    group_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.group_id)


class GroupCreated(_OfGroup, frozen=True, kw_only=True):
    """A security group exists."""

    operation_type: ClassVar[str] = "create_group"


class GroupUpdated(_OfGroup, frozen=True, kw_only=True):
    """Members or owners of a group's record changed; its members are told of on their own."""

    operation_type: ClassVar[str] = "update_group"


class GroupDeleted(_OfGroup, frozen=True, kw_only=True):
    """A security group is gone, and with it what its members held through it."""

    operation_type: ClassVar[str] = "delete_group"


class GroupMemberAdded(_OfGroup, frozen=True, kw_only=True):
    """A user, a group or a service principal became a member."""

    operation_type: ClassVar[str] = "add_group_member"
    member_id: UUID


class GroupMemberRemoved(_OfGroup, frozen=True, kw_only=True):
    """A member left."""

    operation_type: ClassVar[str] = "remove_group_member"
    member_id: UUID


class _OfApplication(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "application"
    app_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.app_id)


class ApplicationRegistered(_OfApplication, frozen=True, kw_only=True):
    """A client id exists."""

    operation_type: ClassVar[str] = "register_application"


class ApplicationUpdated(_OfApplication, frozen=True, kw_only=True):
    """Members of a registration changed."""

    operation_type: ClassVar[str] = "update_application"


class ApplicationDeleted(_OfApplication, frozen=True, kw_only=True):
    """The registration is gone; nobody gets a token for it any more."""

    operation_type: ClassVar[str] = "unregister_application"


class ApplicationCredentialAdded(_OfApplication, frozen=True, kw_only=True):
    """A secret (its hint is in ``after``, never more) or a certificate was added."""

    resource_type: ClassVar[str] = "application_credential"
    operation_type: ClassVar[str] = "add_application_credential"
    key_id: UUID


class ApplicationCredentialRemoved(_OfApplication, frozen=True, kw_only=True):
    """A secret or a certificate was taken away."""

    resource_type: ClassVar[str] = "application_credential"
    operation_type: ClassVar[str] = "remove_application_credential"
    key_id: UUID


class ConsentGranted(_OfApplication, frozen=True, kw_only=True):
    """A tenant (user_id None) or one user lets an application use permissions."""

    operation_type: ClassVar[str] = "consent_to_application"
    tenant_id: UUID
    user_id: UUID | None


class ConsentRevoked(_OfApplication, frozen=True, kw_only=True):
    """Permissions of an application in a tenant were taken back."""

    operation_type: ClassVar[str] = "remove_application_consent"
    tenant_id: UUID


class AppRoleAssigned(_OfApplication, frozen=True, kw_only=True):
    """A principal has an app role of an application (``app_id``): an application permission, or a role for people."""

    operation_type: ClassVar[str] = "assign_app_role"
    tenant_id: UUID
    principal_id: UUID


class AppRoleRemoved(_OfApplication, frozen=True, kw_only=True):
    """A principal has an app role no longer."""

    operation_type: ClassVar[str] = "remove_app_role"
    tenant_id: UUID
    principal_id: UUID


class ServicePrincipalAdded(_OfApplication, frozen=True, kw_only=True):
    """An application is known in a tenant."""

    operation_type: ClassVar[str] = "add_service_principal"
    tenant_id: UUID


class ServicePrincipalUpdated(_OfApplication, frozen=True, kw_only=True):
    """It was enabled, disabled or renamed in a tenant, or what is kept of it there changed."""

    operation_type: ClassVar[str] = "update_service_principal"
    tenant_id: UUID


class ServicePrincipalRemoved(_OfApplication, frozen=True, kw_only=True):
    """An application is in a tenant no longer."""

    operation_type: ClassVar[str] = "remove_service_principal"
    tenant_id: UUID


class DelegatedAccessOpened(Event, frozen=True, kw_only=True):
    """Members of a partner's group hold roles in a customer's tenant from now on."""

    resource_type: ClassVar[str] = "delegated_access"
    operation_type: ClassVar[str] = "open_delegated_access"
    source_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.source_id)


class DelegatedAccessClosed(Event, frozen=True, kw_only=True):
    """They hold them no longer."""

    resource_type: ClassVar[str] = "delegated_access"
    operation_type: ClassVar[str] = "close_delegated_access"
    source_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.source_id)


class SigningKeyCreated(Event, frozen=True, kw_only=True):
    """A key is published that will sign tokens in its turn."""

    resource_type: ClassVar[str] = "signing_key"
    operation_type: ClassVar[str] = "create_signing_key"
    kid: str

    @property
    def resource_id(self) -> str:
        return self.kid
