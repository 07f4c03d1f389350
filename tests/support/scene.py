"""Actors and accounts that stand ready: what a test needs before it begins, put into the tables directly."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from openpartner.identity import service as identity
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
from openpartner.partner.models import (
    PartnerAccount,
    PartnerLocation,
    PartnerProfile,
    ProgramEnrolment,
    RoleAssignment,
    VerificationCheck,
)
from openpartner.partner.profiles import (
    BillingProfile,
    Contact,
    LegalBusinessProfile,
    ProfileKind,
    SupportProfile,
    organization_for,
)
from openpartner.partner.queries import ROLES_OF_TENANT
from openpartner.partner.rules import (
    PROGRAM_OF_KIND,
    AccountState,
    Check,
    CheckState,
    PartnerKind,
    ProgramState,
    VettingStatus,
    VettingSubStatus,
    region_of,
)
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.addresses import Address
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.permissions import ROLE_INFO, Role, RoleStore
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.partnerships import Partnership
from openpartner.relationships.rules.partnerships import PartnershipState

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
        directory_roles=frozenset(UUID(ROLE_INFO[role].kept_as) for role in roles if _is_in_directory(role)),
        home_tenant_id=of.id,
    )


def _is_in_directory(role: Role) -> bool:
    return ROLE_INFO[role].store is RoleStore.DIRECTORY_ROLE


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


DEFAULT_GRANULAR_ROLES = frozenset(
    role.template_id
    for role in DIRECTORY_ROLES.values()
    if role.name
    in {
        "Application Administrator",
        "Cloud Application Administrator",
        "Directory Readers",
        "Directory Writers",
        "Global Reader",
        "Helpdesk Administrator",
        "License Administrator",
        "Privileged Authentication Administrator",
        "Privileged Role Administrator",
        "Service Support Administrator",
        "User Administrator",
    }
)
"""What a new customer's default granular relationship offers a direct-bill partner. Source: gdap §12, §15."""


def give_delegated_access(
    uow: UnitOfWork,
    partner_id: UUID,
    customer_id: UUID,
    roles: Iterable[UUID] = DEFAULT_GRANULAR_ROLES,
    *,
    group: str = "AdminAgents",
    kind: str = "gdap",
    until_at: datetime | None = None,
) -> UUID:
    """As if the customer had approved these roles and the partner had assigned them to its group. Gives the source."""
    source_id = uow.ids.uuid()
    holder = uow.db.query(Group).filter_by(tenant_id=partner_id, display_name=group).one()
    identity.open_delegated_access(
        uow,
        source_id=source_id,
        kind=kind,
        customer_tenant_id=customer_id,
        group_id=holder.id,
        roles=roles,
        until_at=until_at,
    )
    return source_id


def account(
    uow: UnitOfWork, of: Tenant, *, kind: PartnerKind = PartnerKind.DIRECT_BILL, currency: str = "USD"
) -> PartnerAccount:
    """A partner account in good standing: verified, its programme active, with profiles and a location."""
    street, city, state, postal_code = _ADDRESSES.get(of.country, _ADDRESSES["US"])
    address = Address(of.country, street, city=city, state=state, postal_code=postal_code, phone_number="4255550100")
    contact = Contact("Pat", "Doe", f"pat@{of.default_domain}", "4255550100")
    row = PartnerAccount(
        tenant_id=of.id,
        name=of.name,
        global_partner_id=uow.ids.digits(7),
        country=of.country,
        region=region_of(of.country),
        currency=currency,
        state=AccountState.ACTIVE,
        vetting_status=VettingStatus.AUTHORIZED,
        vetting_sub_status=VettingSubStatus.NONE,
        vetting_round=1,
        verified=VettingStatus.AUTHORIZED,
        primary_contact_name=contact.name,
        primary_contact_email=contact.email,
        enrolled_at=uow.now,
        authorized_at=uow.now,
    )
    uow.db.add(row)
    uow.db.flush()
    location = PartnerLocation(
        id=uow.ids.uuid(),
        tenant_id=of.id,
        partner_id=uow.ids.digits(7),
        name=of.name,
        country=of.country,
        address=msgspec.to_builtins(address),
        contact=msgspec.to_builtins(contact),
        is_default=True,
        created_at=uow.now,
    )
    uow.db.add(location)
    uow.db.add(
        ProgramEnrolment(
            id=uow.ids.uuid(),
            tenant_id=of.id,
            program=PROGRAM_OF_KIND[kind],
            kind=kind,
            state=ProgramState.ACTIVE,
            location_id=location.id,
            enrolled_at=uow.now,
            qualified_at=uow.now,
            activated_at=uow.now,
        )
    )
    profiles = {
        ProfileKind.LEGAL_BUSINESS: LegalBusinessProfile(of.name, address, contact),
        ProfileKind.LEGAL_BUSINESS_FINALIZED: LegalBusinessProfile(of.name, address, contact),
        ProfileKind.BILLING: BillingProfile(of.name, address, contact),
        ProfileKind.ORGANIZATION: organization_for(of.name, address, contact.email),
        ProfileKind.SUPPORT: SupportProfile(contact.email, contact.phone_number, ""),
    }
    for profile, body in profiles.items():
        uow.db.add(
            PartnerProfile(tenant_id=of.id, kind=profile.value, body=msgspec.to_builtins(body), updated_at=uow.now)
        )
    for check in Check:
        uow.db.add(
            VerificationCheck(
                id=uow.ids.uuid(),
                tenant_id=of.id,
                round=1,
                check=check,
                state=CheckState.AUTHORIZED,
                submitted_at=uow.now,
                decided_at=uow.now,
            )
        )
    uow.db.flush()
    return row


def location_of(uow: UnitOfWork, tenant_id: UUID) -> PartnerLocation:
    """The location that ``account`` made."""
    return uow.db.query(PartnerLocation).filter_by(tenant_id=tenant_id, is_default=True).one()


def partnership(uow: UnitOfWork, provider_id: UUID, reseller_id: UUID) -> Partnership:
    """An indirect provider and an indirect reseller that act together."""
    row = Partnership(
        id=uow.ids.uuid(),
        provider_id=provider_id,
        reseller_id=reseller_id,
        state=PartnershipState.ACTIVE,
        since_at=uow.now,
    )
    uow.db.add(row)
    uow.db.flush()
    return row


_ADDRESSES = {
    "US": ("One Microsoft Way", "Redmond", "WA", "98052"),
    "DE": ("Walter-Gropius-Straße 5", "München", "", "80807"),
    "GB": ("2 Kingdom Street", "London", "", "W2 6BD"),
    "FR": ("37 Quai du Président Roosevelt", "Issy-les-Moulineaux", "", "92130"),
    "CA": ("81 Bay Street", "Toronto", "ON", "M5J 0E7"),
}


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
