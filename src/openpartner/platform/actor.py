"""Who acts: a user, an app, the system itself or nobody, with the roles that count at this instant."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from openpartner.platform.directory_actions import ACTION_TITLES
from openpartner.platform.directory_functions import actions_needed
from openpartner.platform.errors import Forbidden, Unauthenticated
from openpartner.platform.permissions import ROLE_INFO, Permission, Role, permissions_of, roles_that_allow


class ActorKind(StrEnum):
    """What kind of principal acts."""

    USER = "user"
    APP = "app"
    SYSTEM = "system"
    NOBODY = "nobody"


class TenantKind(StrEnum):
    """Which of the three sides a tenant is on."""

    OPERATOR = "operator"
    PARTNER = "partner"
    CUSTOMER = "customer"


class RoleNeeded(Forbidden):
    """The actor lacks every role that allows this. Source: partner-center-conventions §19, 900150."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        self.roles = roles_that_allow(permission)
        titles = ", ".join(ROLE_INFO[role].title for role in self.roles) or "no role"
        super().__init__(
            f"This needs one of these roles: {titles}. Ask an administrator of your account for it.",
            permission=str(permission),
            roles=[role.value for role in self.roles],
        )


class GrantNeeded(Forbidden):
    """An application acts in a customer's tenant beyond what consent gave it. Source: identity §5.4, §12.3."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        needed = actions_needed(permission)
        titles = " and ".join(f"'{ACTION_TITLES[action]}'" for action in needed or ())
        wanted = f"application permissions for {titles}" if needed is not None else "a person: call with a user's token"
        super().__init__(
            f"This needs {wanted}. Applications have no roles in a customer's tenant.", permission=str(permission)
        )


class UserNeeded(Forbidden):
    """An app acts where a person must. Source: partner-center-conventions §12, 900329."""

    code = 900329

    def __init__(self) -> None:
        super().__init__(
            "This operation does not take application-only tokens. Call it with a user's token (app+user)."
        )


class OwnUserNeeded(Forbidden):
    """A delegated administrator does what only the tenant's own people may. Source: gdap §3, who approves."""

    def __init__(self) -> None:
        super().__init__(
            "Delegated administrators cannot do this for the tenant. One of its own administrators must sign in."
        )


@dataclass(frozen=True)
class Actor:
    """The principal of a unit of work.

    tenant_id: the tenant it acts in; a partner's data is that tenant's.
    principal_id: the user's or the service principal's object id.
    name: a user principal name, or an app's display name: what the activity log shows.
    app_id: the client id the token was issued to.
    mfa: the sign-in proved a second factor.
    directory_roles: template ids of the roles effective in that tenant, its own or delegated (``directory_access``).
    scopes: of the token: delegated ones of a user's, granted application permissions of an app's.
    granted: what an application may do in a customer's tenant by consent, where it has no roles.
    home_tenant_id: where a user lives. is_delegated: a partner's user in a customer's tenant. is_guest: by invitation.
    """

    kind: ActorKind
    tenant_id: UUID | None = None
    tenant_kind: TenantKind | None = None
    principal_id: UUID | None = None
    name: str = ""
    app_id: UUID | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    mfa: bool = False
    locale: str = "en-US"
    directory_roles: frozenset[UUID] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    granted: frozenset[Permission] = field(default_factory=frozenset)
    home_tenant_id: UUID | None = None
    is_delegated: bool = False
    is_guest: bool = False

    @property
    def is_member(self) -> bool:
        """Whether it is a user of the very tenant it acts in."""
        return self.kind is ActorKind.USER and not self.is_delegated and not self.is_guest

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything the actor's roles add up to, and what it was granted without one."""
        return permissions_of(self.roles) | self.granted

    def may(self, permission: Permission) -> bool:
        """Whether ``require`` would pass. The portal shows and hides by this."""
        if self.kind is ActorKind.SYSTEM:
            return True
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """The first line of a use case. Raises Unauthenticated, RoleNeeded, GrantNeeded (a customer's application)."""
        if self.kind is ActorKind.NOBODY:
            raise Unauthenticated("Sign in, or send a bearer token.")
        if self.may(permission):
            return
        if self.kind is ActorKind.APP and self.tenant_kind is TenantKind.CUSTOMER:
            raise GrantNeeded(permission)
        raise RoleNeeded(permission)

    def require_user(self) -> None:
        """Refuse application-only tokens. Source: column ``auth`` of partner-center-endpoints."""
        if self.kind is ActorKind.APP:
            raise UserNeeded

    def require_own_tenant(self) -> None:
        """Refuse a partner's user in a customer's tenant: consent to access cannot be given by who receives it."""
        if self.is_delegated:
            raise OwnUserNeeded

    @property
    def tenant(self) -> UUID:
        """The tenant, for who must have one. Raises Unauthenticated."""
        if self.tenant_id is None:
            raise Unauthenticated("Sign in, or send a bearer token.")
        return self.tenant_id

    @property
    def comes_from(self) -> UUID | None:
        """Whose person or application it is: for a delegated administrator its own tenant, not the one it acts in."""
        return self.home_tenant_id if self.is_delegated else self.tenant_id

    def stamp(self) -> dict[str, str | None]:
        """What the event log keeps of it. ``homeTenantId`` only of who acts in another's tenant."""
        home = {"homeTenantId": str(self.home_tenant_id)} if self.is_delegated else {}
        return {
            "kind": self.kind.value,
            "tenantId": str(self.tenant_id) if self.tenant_id else None,
            **home,
            "principalId": str(self.principal_id) if self.principal_id else None,
            "name": self.name,
            "appId": str(self.app_id) if self.app_id else None,
        }


SYSTEM = Actor(kind=ActorKind.SYSTEM, name="OpenPartner")
"""The software itself: due work, seeds, deliveries."""

NOBODY = Actor(kind=ActorKind.NOBODY)
"""A caller that has not said who it is."""
