"""Reads of the directory. Which tenants an actor may ask about is decided by the slice that asks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from openpartner.identity import protocol, resources
from openpartner.identity.keys import Credential, PublicKey
from openpartner.identity.models import (
    Application,
    ApplicationCertificate,
    ApplicationIdentifierUri,
    ApplicationSecret,
    AppRoleAssignment,
    DirectoryRoleAssignment,
    Domain,
    FederatedCredential,
    Group,
    GroupMember,
    Oauth2PermissionGrant,
    Passkey,
    PrincipalKind,
    RedirectUri,
    ServicePrincipal,
    ServicePrincipalSecret,
    SessionClient,
    SigningKey,
    SignInLog,
    SignInSession,
    Tenant,
    User,
)
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork

# --- tenants and domains ------------------------------------------------------------------------------------------


def tenant_by_id(uow: UnitOfWork, tenant_id: UUID) -> Tenant:
    """Raises NotFound."""
    tenant = uow.db.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("Tenant", tenant_id)
    return tenant


def tenant_by_domain_or_id(uow: UnitOfWork, text: str) -> Tenant | None:
    """The tenant that a guid or a verified domain names; None when there is none.

    Raises OAuthError 900023 when ``text`` is neither.
    """
    key = protocol.tenant_key(text)
    if isinstance(key, UUID):
        return uow.db.get(Tenant, key)
    return uow.db.scalar(
        select(Tenant).join(Domain, Domain.tenant_id == Tenant.id).where(Domain.name == key, Domain.is_verified)
    )


def domains_of(uow: UnitOfWork, tenant_id: UUID) -> Sequence[Domain]:
    """A tenant's domains by name."""
    return uow.db.scalars(select(Domain).where(Domain.tenant_id == tenant_id).order_by(Domain.name)).all()


def domain(uow: UnitOfWork, tenant_id: UUID, name: str) -> Domain:
    """One domain of a tenant. Raises NotFound."""
    found = uow.db.get(Domain, name.lower())
    if found is None or found.tenant_id != tenant_id:
        raise NotFound("Domain", name)
    return found


# --- users --------------------------------------------------------------------------------------------------------


def user_by_id(uow: UnitOfWork, user_id: UUID, tenant_id: UUID | None = None, *, deleted: bool = False) -> User:
    """A user, of the given tenant if one is given. deleted: look in the bin instead. Raises NotFound."""
    user = uow.db.get(User, user_id)
    if user is None or (tenant_id is not None and user.tenant_id != tenant_id) or (user.deleted_at is None) == deleted:
        raise NotFound("User", user_id)
    return user


def user_by_upn(uow: UnitOfWork, upn: str) -> User | None:
    """The user with this name, in any case; None when there is none or it is in the bin."""
    return uow.db.scalar(select(User).where(User.upn_key == upn.strip().lower()))


def users_of(
    uow: UnitOfWork, tenant_id: UUID, *, after: tuple[str, UUID] | None = None, limit: int = 100, deleted: bool = False
) -> Sequence[User]:
    """Users of a tenant by display name, then id. after: the last one seen."""
    wanted = select(User).where(User.tenant_id == tenant_id, _in_bin(deleted=deleted))
    if after is not None:
        name, key = after
        wanted = wanted.where(or_(User.display_name > name, (User.display_name == name) & (User.id > key)))
    return uow.db.scalars(wanted.order_by(User.display_name, User.id).limit(limit)).all()


def _in_bin(*, deleted: bool) -> ColumnElement[bool]:
    return User.deleted_at.is_not(None) if deleted else User.deleted_at.is_(None)


def guest_of(uow: UnitOfWork, home_user_id: UUID, tenant_id: UUID) -> User | None:
    """The guest object of a home user in another tenant."""
    return uow.db.scalar(
        select(User).where(User.home_user_id == home_user_id, User.tenant_id == tenant_id, User.deleted_at.is_(None))
    )


# --- groups and roles ---------------------------------------------------------------------------------------------


def _transitive_groups(principal_id: UUID) -> Any:
    direct = (
        select(GroupMember.group_id.label("group_id"))
        .where(GroupMember.member_id == principal_id)
        .cte("containing", recursive=True)
    )
    above = select(GroupMember.group_id).join(direct, GroupMember.member_id == direct.c.group_id)
    return direct.union(above)


def groups_of(uow: UnitOfWork, principal_id: UUID) -> Sequence[Group]:
    """All groups that contain the principal, directly or through others, by name."""
    within = _transitive_groups(principal_id)
    return uow.db.scalars(
        select(Group)
        .where(Group.id.in_(select(within.c.group_id)), Group.deleted_at.is_(None))
        .order_by(Group.display_name, Group.id)
    ).all()


def group_by_id(uow: UnitOfWork, group_id: UUID, tenant_id: UUID | None = None) -> Group:
    """Raises NotFound."""
    group = uow.db.get(Group, group_id)
    if group is None or group.deleted_at is not None or (tenant_id is not None and group.tenant_id != tenant_id):
        raise NotFound("Group", group_id)
    return group


def group_by_name(uow: UnitOfWork, tenant_id: UUID, name: str) -> Group | None:
    """The oldest group of that name: how ``AdminAgents`` is found."""
    return uow.db.scalar(
        select(Group)
        .where(Group.tenant_id == tenant_id, Group.display_name == name, Group.deleted_at.is_(None))
        .order_by(Group.created_at, Group.id)
        .limit(1)
    )


def members_of_group(uow: UnitOfWork, group_id: UUID) -> Sequence[GroupMember]:
    """Direct members, by id."""
    return uow.db.scalars(
        select(GroupMember).where(GroupMember.group_id == group_id).order_by(GroupMember.member_id)
    ).all()


def users_in_group(uow: UnitOfWork, group_id: UUID) -> Sequence[User]:
    """Users in the group, directly or through nested groups, by name."""
    nested = select(GroupMember.member_id).where(GroupMember.group_id == group_id).cte("nested", recursive=True)
    below = select(GroupMember.member_id).join(nested, GroupMember.group_id == nested.c.member_id)
    everyone = nested.union(below)
    return uow.db.scalars(
        select(User)
        .where(User.id.in_(select(everyone.c.member_id)), User.deleted_at.is_(None))
        .order_by(User.display_name, User.id)
    ).all()


def directory_roles_of(uow: UnitOfWork, principal_id: UUID, tenant_id: UUID | None = None) -> frozenset[UUID]:
    """Template ids of the roles a principal holds, by itself or through groups; all tenants' when none is given."""
    within = _transitive_groups(principal_id)
    wanted = select(DirectoryRoleAssignment.role_template_id).where(
        or_(
            DirectoryRoleAssignment.principal_id == principal_id,
            DirectoryRoleAssignment.principal_id.in_(select(within.c.group_id)),
        )
    )
    if tenant_id is not None:
        wanted = wanted.where(DirectoryRoleAssignment.tenant_id == tenant_id)
    return frozenset(uow.db.scalars(wanted))


def roles_given_to(uow: UnitOfWork, principal_id: UUID, tenant_id: UUID) -> frozenset[UUID]:
    """Template ids of the roles that a principal holds by itself, not through groups."""
    wanted = select(DirectoryRoleAssignment.role_template_id).where(
        DirectoryRoleAssignment.principal_id == principal_id, DirectoryRoleAssignment.tenant_id == tenant_id
    )
    return frozenset(uow.db.scalars(wanted))


def roles_to_reach(uow: UnitOfWork, user: User) -> frozenset[UUID]:
    """What somebody's roles must reach to do to ``user`` what only few may do to administrators.

    A member of a group that can hold roles counts like an administrator whom only unlimited roles reach.
    Source: entra-docs, who can reset passwords.
    """
    roles = directory_roles_of(uow, user.id, user.tenant_id)
    in_role_group = any(group.is_assignable_to_role for group in groups_of(uow, user.id))
    return roles | {GLOBAL_ADMINISTRATOR} if in_role_group else roles


def role_assignments(
    uow: UnitOfWork, tenant_id: UUID, role_template_id: UUID | None = None
) -> Sequence[DirectoryRoleAssignment]:
    """Assignments in a tenant, of one role if it is given, oldest first."""
    wanted = select(DirectoryRoleAssignment).where(DirectoryRoleAssignment.tenant_id == tenant_id)
    if role_template_id is not None:
        wanted = wanted.where(DirectoryRoleAssignment.role_template_id == role_template_id)
    return uow.db.scalars(wanted.order_by(DirectoryRoleAssignment.created_at, DirectoryRoleAssignment.id)).all()


def holders_of_role(uow: UnitOfWork, tenant_id: UUID, role_template_id: UUID) -> Sequence[User]:
    """Enabled users who hold a role in a tenant, by themselves or through groups."""
    found: dict[UUID, User] = {}
    for assignment in role_assignments(uow, tenant_id, role_template_id):
        if assignment.principal_kind is PrincipalKind.GROUP:
            users: Iterable[User | None] = users_in_group(uow, assignment.principal_id)
        else:
            users = [uow.db.get(User, assignment.principal_id)]
        found |= {u.id: u for u in users if u is not None and u.deleted_at is None and u.account_enabled}
    return sorted(found.values(), key=lambda user: (user.display_name, user.id))


# --- applications -------------------------------------------------------------------------------------------------


def application_by_app_id(uow: UnitOfWork, app_id: UUID) -> Application | None:
    """The registration with this client id, unless it was deleted."""
    found = uow.db.scalar(select(Application).where(Application.app_id == app_id))
    return None if found is None or found.deleted_at is not None else found


def application_by_id(uow: UnitOfWork, application_id: UUID, tenant_id: UUID) -> Application:
    """A tenant's registration by object id. Raises NotFound."""
    found = uow.db.get(Application, application_id)
    if found is None or found.tenant_id != tenant_id or found.deleted_at is not None:
        raise NotFound("Application", application_id)
    return found


def is_for_tenant(application: Application, tenant_id: UUID) -> bool:
    """Whether a tenant's users and consents are possible: its own, the vendor's, and those for several tenants."""
    return application.tenant_id in {None, tenant_id} or protocol.SignInAudience(application.audience).is_multi_tenant


def applications_of(uow: UnitOfWork, tenant_id: UUID) -> Sequence[Application]:
    """A tenant's own registrations by name."""
    return uow.db.scalars(
        select(Application)
        .where(Application.tenant_id == tenant_id, Application.deleted_at.is_(None))
        .order_by(Application.display_name, Application.id)
    ).all()


def resource_named(uow: UnitOfWork, name: str) -> Application | None:
    """The application that a scope's resource part names: App ID URI or client id."""
    try:
        return application_by_app_id(uow, UUID(name))
    except ValueError:
        pass
    bare = name.rstrip("/").lower()
    prefix, _, key = bare.partition("api://")
    if not prefix and key:
        try:
            return application_by_app_id(uow, UUID(key))
        except ValueError:
            pass
    found = uow.db.scalar(
        select(Application)
        .join(ApplicationIdentifierUri, ApplicationIdentifierUri.application_id == Application.id)
        .where(ApplicationIdentifierUri.uri == bare)
    )
    return None if found is None or found.deleted_at is not None else found


def identifier_uris(uow: UnitOfWork, application_id: UUID) -> Sequence[str]:
    """App ID URIs of an application."""
    return uow.db.scalars(
        select(ApplicationIdentifierUri.uri)
        .where(ApplicationIdentifierUri.application_id == application_id)
        .order_by(ApplicationIdentifierUri.uri)
    ).all()


def redirect_uris(uow: UnitOfWork, application_id: UUID) -> list[tuple[str, str]]:
    """(platform, address) pairs."""
    rows = uow.db.execute(
        select(RedirectUri.platform, RedirectUri.uri)
        .where(RedirectUri.application_id == application_id)
        .order_by(RedirectUri.id)
    )
    return [(row.platform, row.uri) for row in rows]


def secrets_of(uow: UnitOfWork, application_id: UUID) -> Sequence[ApplicationSecret]:
    """Secrets, oldest first; only their hashes are known."""
    return uow.db.scalars(
        select(ApplicationSecret)
        .where(ApplicationSecret.application_id == application_id)
        .order_by(ApplicationSecret.starts_at, ApplicationSecret.key_id)
    ).all()


def principal_secrets_of(uow: UnitOfWork, principal_id: UUID) -> Sequence[ServicePrincipalSecret]:
    """Secrets that count in one tenant only, oldest first."""
    return uow.db.scalars(
        select(ServicePrincipalSecret)
        .where(ServicePrincipalSecret.principal_id == principal_id)
        .order_by(ServicePrincipalSecret.starts_at, ServicePrincipalSecret.key_id)
    ).all()


def certificates_of(uow: UnitOfWork, application_id: UUID) -> Sequence[ApplicationCertificate]:
    """Key credentials, oldest first."""
    return uow.db.scalars(
        select(ApplicationCertificate)
        .where(ApplicationCertificate.application_id == application_id)
        .order_by(ApplicationCertificate.starts_at, ApplicationCertificate.key_id)
    ).all()


def credentials_of(uow: UnitOfWork, application_id: UUID) -> list[Credential]:
    """The certificates as the assertion rule takes them."""
    return [Credential(c.key_id, c.certificate, c.starts_at, c.ends_at) for c in certificates_of(uow, application_id)]


def federated_credential(
    uow: UnitOfWork, application_id: UUID, issuer: str, subject: str
) -> FederatedCredential | None:
    """The record that lets an outside issuer's subject act as the application."""
    return uow.db.scalar(
        select(FederatedCredential).where(
            FederatedCredential.application_id == application_id,
            FederatedCredential.issuer == issuer,
            FederatedCredential.subject == subject,
        )
    )


def service_principal(uow: UnitOfWork, tenant_id: UUID, app_id: UUID) -> ServicePrincipal | None:
    """The application's principal in a tenant, if consent or registration made one."""
    return uow.db.scalar(
        select(ServicePrincipal).where(ServicePrincipal.tenant_id == tenant_id, ServicePrincipal.app_id == app_id)
    )


def service_principals_of(uow: UnitOfWork, tenant_id: UUID) -> Sequence[ServicePrincipal]:
    """Every application's principal in a tenant, oldest first."""
    return uow.db.scalars(
        select(ServicePrincipal)
        .where(ServicePrincipal.tenant_id == tenant_id)
        .order_by(ServicePrincipal.created_at, ServicePrincipal.id)
    ).all()


def granted_scopes(
    uow: UnitOfWork, client_principal_id: UUID, resource_principal_id: UUID, user_id: UUID | None
) -> frozenset[str]:
    """Delegated permissions that the tenant, or this user, gave a client on a resource."""
    wanted = select(Oauth2PermissionGrant.scope).where(
        Oauth2PermissionGrant.client_principal_id == client_principal_id,
        Oauth2PermissionGrant.resource_principal_id == resource_principal_id,
        or_(Oauth2PermissionGrant.principal_id.is_(None), Oauth2PermissionGrant.principal_id == user_id),
    )
    return frozenset(scope for text in uow.db.scalars(wanted) for scope in text.split())


def grants_of(uow: UnitOfWork, client_principal_id: UUID) -> Sequence[Oauth2PermissionGrant]:
    """Every delegated grant a client has in its tenant, oldest first."""
    return uow.db.scalars(
        select(Oauth2PermissionGrant)
        .where(Oauth2PermissionGrant.client_principal_id == client_principal_id)
        .order_by(Oauth2PermissionGrant.created_at, Oauth2PermissionGrant.id)
    ).all()


def holds_permissions(uow: UnitOfWork, principal_id: UUID) -> bool:
    """Whether an application was given anything in its principal's tenant: a delegated grant or an app role."""
    roles = select(AppRoleAssignment.id).where(AppRoleAssignment.principal_id == principal_id).limit(1)
    return bool(grants_of(uow, principal_id)) or uow.db.scalar(roles) is not None


def app_roles_of(uow: UnitOfWork, principal_ids: Iterable[UUID], resource_principal_id: UUID) -> frozenset[UUID]:
    """App roles given to any of these principals on a resource."""
    return frozenset(
        uow.db.scalars(
            select(AppRoleAssignment.app_role_id).where(
                AppRoleAssignment.principal_id.in_(list(principal_ids)),
                AppRoleAssignment.resource_principal_id == resource_principal_id,
            )
        )
    )


def role_values(application: Application, role_ids: Iterable[UUID]) -> tuple[str, ...]:
    """The values of an application's app roles by id, in alphabetical order."""
    wanted = {str(key) for key in role_ids}
    return tuple(sorted(str(role["value"]) for role in application.app_roles if str(role["id"]) in wanted))


def sign_in_scopes() -> frozenset[str]:
    """The OpenID words, which every client may ask for."""
    return resources.OIDC_SCOPES


# --- keys ---------------------------------------------------------------------------------------------------------


def published_keys(db: Session, at: datetime) -> dict[str, PublicKey]:
    """Keys by id whose tokens may be alive, and the next one, oldest first."""
    rows = db.execute(
        select(SigningKey.kid, SigningKey.certificate).where(SigningKey.removed_at > at).order_by(SigningKey.serial)
    )
    return {row.kid: PublicKey(row.kid, row.certificate) for row in rows}


def signing_key(db: Session, at: datetime) -> SigningKey:
    """The youngest key whose turn has come, or the first of all where a sandbox's clock was set to before it.

    Raises NotFound in a world that was never opened for service.
    """
    in_turn = select(SigningKey).where(SigningKey.active_from <= at).order_by(SigningKey.serial.desc()).limit(1)
    found = db.scalar(in_turn) or db.scalar(select(SigningKey).order_by(SigningKey.serial).limit(1))
    if found is None:
        raise NotFound("Signing key")
    return found


# --- sessions and the sign-in log ---------------------------------------------------------------------------------


def live_sessions(uow: UnitOfWork, browser_hash: str) -> Sequence[SignInSession]:
    """The accounts signed in in one browser, latest first."""
    return uow.db.scalars(
        select(SignInSession)
        .join(User, User.id == SignInSession.user_id)
        .where(
            SignInSession.browser_hash == browser_hash,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > uow.now,
            SignInSession.auth_time >= User.sessions_valid_from,
            User.account_enabled,
            User.deleted_at.is_(None),
        )
        .order_by(SignInSession.auth_time.desc(), SignInSession.id)
    ).all()


def sessions_of(uow: UnitOfWork, user_id: UUID) -> Sequence[SignInSession]:
    """A user's live sessions in all browsers, latest first."""
    return uow.db.scalars(
        select(SignInSession)
        .where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None), SignInSession.expires_at > uow.now)
        .order_by(SignInSession.auth_time.desc(), SignInSession.id)
    ).all()


def clients_of_session(uow: UnitOfWork, session_id: UUID) -> Sequence[UUID]:
    """The client ids a session signed in to."""
    return uow.db.scalars(
        select(SessionClient.app_id).where(SessionClient.session_id == session_id).order_by(SessionClient.app_id)
    ).all()


def passkeys_of(uow: UnitOfWork, user_id: UUID) -> Sequence[Passkey]:
    """A user's passkeys, oldest first."""
    return uow.db.scalars(
        select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)
    ).all()


PROOF_FAILED = (50034, 50053, 50056, 50126, 500121)
"""Numbers that say that somebody could not prove who it is."""


def recent_failures(uow: UnitOfWork, upn_key: str, ip_address: str, since: datetime) -> tuple[int, int]:
    """Failed proofs since an instant: of this account from this address, and of all from this address."""
    failed = (
        select(func.count())
        .select_from(SignInLog)
        .where(SignInLog.ip_address == ip_address, SignInLog.at > since, SignInLog.error_code.in_(PROOF_FAILED))
    )
    of_address = uow.db.scalar(failed) or 0
    of_account = uow.db.scalar(failed.where(SignInLog.upn_key == upn_key)) or 0
    return of_account, of_address


def sign_ins(uow: UnitOfWork, tenant_id: UUID, *, limit: int = 100) -> Sequence[SignInLog]:
    """A tenant's latest sign-ins, of its users anywhere and of anybody in it."""
    return uow.db.scalars(
        select(SignInLog)
        .where(or_(SignInLog.tenant_id == tenant_id, SignInLog.home_tenant_id == tenant_id))
        .order_by(SignInLog.at.desc(), SignInLog.id)
        .limit(limit)
    ).all()
