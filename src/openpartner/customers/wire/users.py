"""Users of a customer and their directory roles. Source: partner-center-resources §4."""

from uuid import UUID

import msgspec

from openpartner.customers.service import NewCustomerUser, UserChanges
from openpartner.customers.wire.common import instant, self_link
from openpartner.identity.models import User
from openpartner.platform import directory_roles
from openpartner.platform.http.answers import Attributes, Link, Wire


class PasswordProfile(Wire, kw_only=True):
    """The password in the answer that made or set it; never in a read."""

    force_change_password: bool
    password: str


class CustomerUser(Wire, kw_only=True):
    usage_location: str | None = None
    id: str
    user_principal_name: str
    first_name: str | None = None
    last_name: str | None = None
    display_name: str
    password_profile: PasswordProfile | None = None
    user_domain_type: str
    state: str
    soft_deletion_time: str | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, user: User, password: str | None = None) -> "CustomerUser":
        """A user as it is; ``password``: the one just made or set."""
        return cls(
            usage_location=user.usage_location or None,
            id=str(user.id),
            user_principal_name=user.upn,
            first_name=user.given_name or None,
            last_name=user.surname or None,
            display_name=user.display_name,
            password_profile=None
            if password is None
            else PasswordProfile(force_change_password=user.force_change, password=password),
            user_domain_type="managed",
            state="active" if user.deleted_at is None else "inactive",
            soft_deletion_time=instant(user.deleted_at) if user.deleted_at else None,
            links=self_link(f"/customers/{user.tenant_id}/users/{user.id}"),
            attributes=Attributes(object_type="CustomerUser"),
        )


class DirectoryRole(Wire, kw_only=True):
    name: str
    id: str
    attributes: Attributes

    @classmethod
    def of(cls, role: directory_roles.DirectoryRole) -> "DirectoryRole":
        return cls(
            name=role.partner_center_name,
            id=str(role.template_id),
            attributes=Attributes(object_type="DirectoryRole"),
        )


class UserMember(Wire, kw_only=True):
    display_name: str
    user_principal_name: str
    role_id: str | None = None
    id: str
    attributes: Attributes

    @classmethod
    def of(cls, user: User, role: directory_roles.DirectoryRole | None = None) -> "UserMember":
        """A member; ``role``: the one it was just put into."""
        return cls(
            display_name=user.display_name,
            user_principal_name=user.upn,
            role_id=str(role.template_id) if role else None,
            id=str(user.id),
            attributes=Attributes(object_type="UserMember"),
        )


class PasswordProfileIn(msgspec.Struct, rename="camel"):
    password: str = ""
    force_change_password: bool = False


class CustomerUserIn(msgspec.Struct, rename="camel"):
    """A user to create."""

    user_principal_name: str = ""
    display_name: str = ""
    first_name: str = ""
    last_name: str = ""
    usage_location: str = ""
    password_profile: PasswordProfileIn | None = None

    def read(self) -> NewCustomerUser:
        profile = self.password_profile
        return NewCustomerUser(
            upn=self.user_principal_name,
            display_name=self.display_name,
            first_name=self.first_name,
            last_name=self.last_name,
            usage_location=self.usage_location,
            password=profile.password if profile and profile.password else None,
            force_change=profile.force_change_password if profile else True,
        )


class CustomerUserPatch(msgspec.Struct, rename="camel"):
    """What shall change. ``state`` is text, or a number from who sends enums so: 0 is active."""

    user_principal_name: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    usage_location: str | None = None
    state: str | int | None = None
    password_profile: PasswordProfileIn | None = None

    @property
    def restores(self) -> bool:
        """Whether the user shall be active."""
        return str(self.state).lower() in {"active", "0"}

    def changes(self) -> UserChanges:
        return UserChanges(
            upn=self.user_principal_name,
            display_name=self.display_name,
            first_name=self.first_name,
            last_name=self.last_name,
            usage_location=self.usage_location,
        )


class PasswordReset(msgspec.Struct, rename="camel"):
    """A new password; without one a temporary one is made."""

    password_profile: PasswordProfileIn = msgspec.field(default_factory=PasswordProfileIn)


class UserMemberIn(msgspec.Struct, rename="camel"):
    """Whom to put into a role; name and user principal name are sent along and not needed."""

    id: UUID
