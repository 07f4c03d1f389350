"""Who an authenticated caller is at this instant, and the roles that count for it.

It runs on every request, so it joins the directory's tables itself instead of asking ``identity`` three times.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, String, Uuid, bindparam, cast, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from openpartner.identity.models import (
    DirectoryRoleAssignment,
    Group,
    ServicePrincipal,
    Tenant,
    TenantState,
    User,
    UserType,
)
from openpartner.identity.queries import delegated_access, groups_of_user
from openpartner.partner.models import RoleAssignment
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.directory_functions import functions_granted
from openpartner.platform.errors import SessionsEnded, Unauthenticated
from openpartner.platform.http.authentication import Principal
from openpartner.platform.permissions import (
    GLOBAL_ADMIN_TEMPLATE,
    ROLE_INFO,
    Role,
    RoleStore,
)

_CUSTOMER_ROLES = frozenset(role for role in Role if role.value.startswith("customer_"))
_OPERATOR_ROLES = frozenset(role for role in Role if ROLE_INFO[role].store is RoleStore.OPERATOR)
_PARTNER_ROLES = frozenset(Role) - _CUSTOMER_ROLES - _OPERATOR_ROLES
_GUEST_ROLES = frozenset(role for role in Role if ROLE_INFO[role].guests)

ROLES_OF_TENANT = {
    TenantKind.PARTNER: _PARTNER_ROLES,
    TenantKind.CUSTOMER: _CUSTOMER_ROLES,
    TenantKind.OPERATOR: _OPERATOR_ROLES,
}
"""Which roles can count in a tenant of each kind."""

_EVERY_USER = {
    TenantKind.PARTNER: frozenset({Role.DEFAULT_USER}),
    TenantKind.CUSTOMER: frozenset({Role.CUSTOMER_USER}),
    TenantKind.OPERATOR: frozenset[Role](),
}


def _roles_kept_as(kind: TenantKind, store: RoleStore) -> dict[str, Role]:
    return {ROLE_INFO[role].kept_as: role for role in ROLES_OF_TENANT[kind] if ROLE_INFO[role].store is store}


ROLE_OF_TEMPLATE = {kind: _roles_kept_as(kind, RoleStore.DIRECTORY_ROLE) for kind in TenantKind}
# Who administers the operator's directory can give himself any role there: no operator can lock itself out.
ROLE_OF_TEMPLATE[TenantKind.OPERATOR] = {GLOBAL_ADMIN_TEMPLATE: Role.OPERATOR_ADMIN}
ROLE_OF_GROUP = {kind: _roles_kept_as(kind, RoleStore.SECURITY_GROUP) for kind in TenantKind}
AGENT_GROUP_NAMES = tuple(info.kept_as for info in ROLE_INFO.values() if info.store is RoleStore.SECURITY_GROUP)


# The statements below are built once: building and keying them anew costs more than running them.

_USER, _TENANT, _HOME_TENANT, _APP = (
    bindparam("user_id", type_=Uuid()),
    bindparam("tenant_id", type_=Uuid()),
    bindparam("home_tenant_id", type_=Uuid()),
    bindparam("app_id", type_=Uuid()),
)


def _role_facts() -> CompoundSelect[Any]:
    groups = groups_of_user()
    no_text, no_id = cast(null(), String), cast(null(), Uuid)
    names = {name for by_name in ROLE_OF_GROUP.values() for name in by_name}
    return union_all(
        select(
            DirectoryRoleAssignment.role_template_id.label("template"),
            no_text.label("group_name"),
            no_text.label("role"),
        ).where(
            DirectoryRoleAssignment.tenant_id == _TENANT,
            or_(
                DirectoryRoleAssignment.principal_id == _USER,
                DirectoryRoleAssignment.principal_id.in_(select(groups.c.group_id)),
            ),
        ),
        select(no_id, Group.display_name, no_text)
        .join(groups, Group.id == groups.c.group_id)
        .where(Group.tenant_id == _TENANT, Group.deleted_at.is_(None), Group.display_name.in_(sorted(names))),
        select(no_id, no_text, cast(RoleAssignment.role, String)).where(
            RoleAssignment.user_id == _USER, RoleAssignment.tenant_id == _TENANT
        ),
    )


_home = aliased(User)
_home_tenant = aliased(Tenant)

_ROLE_FACTS = _role_facts()
_USER_FACTS = (
    select(
        User.upn,
        User.user_type,
        User.account_enabled,
        User.deleted_at,
        User.preferred_language,
        User.sessions_valid_from,
        _home.id.label("home_id"),
        _home.account_enabled.label("home_enabled"),
        _home.sessions_valid_from.label("home_valid_from"),
        _home.deleted_at.label("home_deleted_at"),
        Tenant.kind,
        Tenant.state,
    )
    .join(Tenant, Tenant.id == User.tenant_id)
    .outerjoin(_home, _home.id == User.home_user_id)
    .where(User.id == _USER, User.tenant_id == _TENANT)
)
_DELEGATED_USER_FACTS = (
    select(User.upn, User.preferred_language, User.sessions_valid_from, Tenant.kind)
    .join(_home_tenant, _home_tenant.id == User.tenant_id)
    .join(Tenant, Tenant.id == _TENANT)
    .where(
        User.id == _USER,
        User.tenant_id == _HOME_TENANT,
        User.account_enabled.is_(True),
        User.deleted_at.is_(None),
        _home_tenant.state == TenantState.ACTIVE,
        Tenant.state == TenantState.ACTIVE,
    )
)
_APP_FACTS = (
    select(ServicePrincipal.id, ServicePrincipal.account_enabled, Tenant.kind, Tenant.state)
    .join(Tenant, Tenant.id == ServicePrincipal.tenant_id)
    .where(ServicePrincipal.tenant_id == _TENANT, ServicePrincipal.app_id == _APP)
)


def roles_of_user(
    db: Session, user_id: UUID, tenant_id: UUID, kind: TenantKind, *, guest: bool = False
) -> frozenset[Role]:
    """What the user's directory roles, security groups and Partner Center roles add up to in its tenant.

    A guest has only the roles that guests may hold, and without one of them nothing at all.
    Source: identity §12.1.
    """
    return _held(db, user_id, tenant_id, kind, guest=guest)[0]


def _held(
    db: Session, user_id: UUID, tenant_id: UUID, kind: TenantKind, *, guest: bool
) -> tuple[frozenset[Role], frozenset[UUID]]:
    """The roles as ``roles_of_user`` gives them, and the template ids of all directory roles, known here or not."""
    held: set[Role] = set()
    templates: set[UUID] = set()
    for template, group_name, role in db.execute(_ROLE_FACTS, {"user_id": user_id, "tenant_id": tenant_id}):
        if template is not None:
            templates.add(template)
        found = (
            ROLE_OF_TEMPLATE[kind].get(str(template))
            if template is not None
            else ROLE_OF_GROUP[kind].get(group_name)
            if group_name is not None
            else Role(role)
        )
        if found is not None:
            held.add(found)
    roles = ROLES_OF_TENANT[kind] & held
    if guest and kind is TenantKind.PARTNER:
        roles &= _GUEST_ROLES
        return (roles | _EVERY_USER[kind] if roles else frozenset()), frozenset(templates)
    return roles | _EVERY_USER[kind], frozenset(templates)


def resolve_actor(db: Session, now: datetime, principal: Principal) -> Actor:
    """Who a verified token stands for now, with the roles that count at this instant.

    Raises Unauthenticated when the user, the app or the tenant is blocked or gone since the token was given out.
    """
    if principal.is_app:
        return _app(db, principal)
    if principal.object_id is None:
        return _delegated_admin(db, now, principal)
    row = db.execute(_USER_FACTS, {"user_id": principal.object_id, "tenant_id": principal.tenant_id}).one_or_none()
    if row is None or row.deleted_at is not None or not row.account_enabled or row.state is not TenantState.ACTIVE:
        raise Unauthenticated("This account is blocked or deleted. Sign in with another one.")
    if row.home_id is not None and (row.home_deleted_at is not None or not row.home_enabled):
        raise Unauthenticated("This guest's own account is blocked or deleted. Sign in with another one.")
    _check_sessions(principal, row.sessions_valid_from, row.home_valid_from)
    guest = row.user_type is UserType.GUEST
    roles, templates = _held(db, principal.object_id, principal.tenant_id, row.kind, guest=guest)
    return Actor(
        kind=ActorKind.USER,
        tenant_id=principal.tenant_id,
        tenant_kind=row.kind,
        principal_id=principal.object_id,
        name=row.upn,
        app_id=principal.app_id,
        roles=roles,
        mfa=principal.mfa,
        locale=row.preferred_language or "en-US",
        directory_roles=templates,
        scopes=principal.scopes,
        home_tenant_id=principal.home_tenant_id,
        is_guest=guest,
    )


def _check_sessions(principal: Principal, *valid_from: datetime | None) -> None:
    """Refuse a token older than a change of password or an end of all sessions. Tokens count whole seconds.

    Raises SessionsEnded.
    """
    since = max((at for at in valid_from if at is not None), default=None)
    if principal.issued_at is None or since is None or principal.issued_at >= since.replace(microsecond=0):
        return
    raise SessionsEnded("The account's sessions were ended since this token was given out. Sign in again.", since)


def _delegated_admin(db: Session, now: datetime, principal: Principal) -> Actor:
    """A partner's user in a customer's tenant: what its groups' relationships give at this instant, nothing kept."""
    if principal.home_object_id is None:
        raise Unauthenticated("This token names nobody. Sign in again.")
    keys = {
        "user_id": principal.home_object_id,
        "home_tenant_id": principal.home_tenant_id,
        "tenant_id": principal.tenant_id,
    }
    user = db.execute(_DELEGATED_USER_FACTS, keys).one_or_none()
    if user is None:
        raise Unauthenticated("This account is blocked or deleted. Sign in with another one.")
    _check_sessions(principal, user.sessions_valid_from)
    given = delegated_access(db, now, principal.home_object_id, principal.home_tenant_id, principal.tenant_id)
    templates = frozenset[UUID]() if given is None else given.roles
    return Actor(
        kind=ActorKind.USER,
        tenant_id=principal.tenant_id,
        tenant_kind=user.kind,
        principal_id=principal.home_object_id,
        name=user.upn,
        app_id=principal.app_id,
        roles=roles_of_templates(user.kind, templates),
        mfa=principal.mfa,
        locale=user.preferred_language or "en-US",
        directory_roles=templates,
        scopes=principal.scopes,
        home_tenant_id=principal.home_tenant_id,
        is_delegated=True,
    )


def roles_of_templates(kind: TenantKind, templates: Iterable[UUID]) -> frozenset[Role]:
    """The roles that directory roles, named by template id, stand for in a tenant of this kind."""
    known = ROLE_OF_TEMPLATE[kind]
    return frozenset(known[str(template)] for template in templates if str(template) in known)


def _app(db: Session, principal: Principal) -> Actor:
    """An app on its own. In its partner's or operator's tenant its registration is its admission: every role counts.

    In a customer's tenant it has no role: each function asks for the actions that its granted permissions give.
    """
    row = db.execute(_APP_FACTS, {"tenant_id": principal.tenant_id, "app_id": principal.app_id}).one_or_none()
    if row is None or not row.account_enabled or row.state is not TenantState.ACTIVE:
        raise Unauthenticated("This app is blocked or was removed from the tenant. Register it again.")
    is_customers = row.kind is TenantKind.CUSTOMER
    return Actor(
        kind=ActorKind.APP,
        tenant_id=principal.tenant_id,
        tenant_kind=row.kind,
        principal_id=principal.object_id or row.id,
        name=principal.name,
        app_id=principal.app_id,
        roles=frozenset() if is_customers else ROLES_OF_TENANT[row.kind],
        granted=functions_granted(principal.roles) if is_customers else frozenset(),
        mfa=principal.mfa,
        scopes=principal.roles,
        home_tenant_id=principal.home_tenant_id,
    )
