"""Actors and accounts that stand ready: what a test needs before it begins, put into the tables directly."""

from datetime import datetime
from uuid import UUID

from openpartner.identity.models import (
    DirectoryRoleAssignment,
    Domain,
    Group,
    GroupMember,
    PrincipalKind,
    ServicePrincipal,
    Tenant,
    User,
)
from openpartner.partner.models import PartnerAccount, RoleAssignment
from openpartner.partner.queries import ROLES_OF_TENANT
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.permissions import ROLE_INFO, Role, RoleStore
from openpartner.platform.work import UnitOfWork

AGENT_GROUPS = ("AdminAgents", "SalesAgents", "HelpdeskAgents")


def tenant(uow: UnitOfWork, kind: TenantKind, name: str, country: str = "US") -> Tenant:
    """A directory with one verified domain; a partner's has the three agent groups."""
    slug = name.lower().replace(" ", "")
    row = Tenant(
        id=uow.ids.uuid(),
        kind=kind,
        name=name,
        country=country,
        default_domain=f"{slug}.onmicrosoft.com",
        created_at=uow.now,
    )
    uow.db.add(row)
    uow.db.flush()
    uow.db.add(
        Domain(
            name=row.default_domain,
            tenant_id=row.id,
            is_verified=True,
            is_default=True,
            is_initial=True,
            verification_text="MS=ms1",
            created_at=uow.now,
        )
    )
    if kind is TenantKind.PARTNER:
        for group in AGENT_GROUPS:
            uow.db.add(Group(id=uow.ids.uuid(), tenant_id=row.id, display_name=group, created_at=uow.now))
    uow.db.flush()
    return row


def user(uow: UnitOfWork, of: Tenant, name: str, *roles: Role) -> Actor:
    """A user with these roles, and the actor it is."""
    row = User(
        id=uow.ids.uuid(),
        tenant_id=of.id,
        upn=f"{name}@{of.default_domain}",
        upn_key=f"{name}@{of.default_domain}".lower(),
        display_name=name.title(),
        home_tenant_id=of.id,
        puid=uow.ids.hex(16).upper(),
        created_at=uow.now,
        sessions_valid_from=uow.now,
    )
    uow.db.add(row)
    uow.db.flush()
    for role in roles:
        _give(uow, of, row.id, role, uow.now)
    uow.db.flush()
    everyone = {TenantKind.PARTNER: Role.DEFAULT_USER, TenantKind.CUSTOMER: Role.CUSTOMER_USER}.get(of.kind)
    return Actor(
        kind=ActorKind.USER,
        tenant_id=of.id,
        tenant_kind=of.kind,
        principal_id=row.id,
        name=row.upn,
        app_id=UUID(int=1),
        roles=frozenset(roles) | ({everyone} if everyone else set()),
        mfa=True,
    )


def _give(uow: UnitOfWork, of: Tenant, user_id: UUID, role: Role, at: datetime) -> None:
    info = ROLE_INFO[role]
    if info.store is RoleStore.DIRECTORY_ROLE:
        uow.db.add(
            DirectoryRoleAssignment(
                id=uow.ids.uuid(),
                tenant_id=of.id,
                role_template_id=UUID(info.kept_as),
                principal_id=user_id,
                principal_kind=PrincipalKind.USER,
                created_at=at,
            )
        )
    elif info.store is RoleStore.SECURITY_GROUP:
        group = uow.db.query(Group).filter_by(tenant_id=of.id, display_name=info.kept_as).one()
        uow.db.add(GroupMember(group_id=group.id, member_id=user_id, member_kind=PrincipalKind.USER, added_at=at))
    elif info.store is not RoleStore.EVERY_USER:
        uow.db.add(
            RoleAssignment(
                id=uow.ids.uuid(), tenant_id=of.id, user_id=user_id, role=role, assigned_by="scene", assigned_at=at
            )
        )


def account(uow: UnitOfWork, of: Tenant, *, state: str = "active", currency: str = "USD") -> PartnerAccount:
    """A partner account in good standing."""
    row = PartnerAccount(
        tenant_id=of.id,
        name=of.name,
        global_partner_id=uow.ids.digits(7),
        country=of.country,
        region="Americas",
        currency=currency,
        state=state,
        vetting_status="authorized",
        vetting_sub_status="none",
        primary_contact_name="Pat Doe",
        primary_contact_email=f"pat@{of.default_domain}",
        enrolled_at=uow.now,
        authorized_at=uow.now,
    )
    uow.db.add(row)
    uow.db.flush()
    return row


def app(uow: UnitOfWork, of: Tenant, app_id: UUID) -> Actor:
    """The actor of an app-only token; ``app_id`` must be a registered application."""
    principal = ServicePrincipal(id=uow.ids.uuid(), tenant_id=of.id, app_id=app_id, created_at=uow.now)
    uow.db.add(principal)
    uow.db.flush()
    return Actor(
        kind=ActorKind.APP,
        tenant_id=of.id,
        tenant_kind=of.kind,
        principal_id=principal.id,
        name="An app",
        app_id=app_id,
        roles=ROLES_OF_TENANT[of.kind],
        mfa=False,
    )
