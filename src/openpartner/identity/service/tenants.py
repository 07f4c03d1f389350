"""Tenants and their domains."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openpartner.identity import queries, rules
from openpartner.identity.events import DomainAdded, DomainRemoved, DomainVerified, TenantCreated, TenantUpdated
from openpartner.identity.models import Domain, ServicePrincipal, Tenant, TenantState, User
from openpartner.identity.resources import GRAPH, PREAUTHORIZED_CLIENTS, WELL_KNOWN
from openpartner.identity.service.applications import install_well_known_applications
from openpartner.identity.service.scope import scope_of
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Conflict
from openpartner.platform.work import UnitOfWork


def create_tenant(
    uow: UnitOfWork,
    *,
    kind: TenantKind,
    name: str,
    country: str,
    domain: str,
    tenant_id: UUID | None = None,
    security_defaults: bool = True,
) -> Tenant:
    """A directory with its initial domain, which counts as proved, and the vendor's applications in it.

    domain: such as ``contoso.onmicrosoft.com``. tenant_id: where the caller has promised one (seeds, imports).
    Raises DomainTaken, DomainNameInvalid. Emits TenantCreated, DomainAdded.
    """
    initial = rules.domain_name(domain)
    if is_domain_taken(uow, initial):
        raise rules.DomainTaken(initial)
    tenant = Tenant(
        id=tenant_id or uow.ids.uuid(),
        kind=kind,
        name=name,
        country=country.upper(),
        default_domain=initial,
        state=TenantState.ACTIVE,
        security_defaults=security_defaults,
        created_at=uow.now,
    )
    uow.db.add(tenant)
    uow.db.flush()
    uow.db.add(
        Domain(
            name=initial,
            tenant_id=tenant.id,
            is_verified=True,
            is_default=True,
            is_initial=True,
            verification_text=f"MS=ms{uow.ids.digits(8)}",
            created_at=uow.now,
        )
    )
    if queries.application_by_app_id(uow, GRAPH) is None:
        install_well_known_applications(uow)
    for known in WELL_KNOWN:
        if known.scopes or known.roles or known.app_id in PREAUTHORIZED_CLIENTS:
            uow.db.add(
                ServicePrincipal(id=uow.ids.uuid(), tenant_id=tenant.id, app_id=known.app_id, created_at=uow.now)
            )
    uow.db.flush()
    scope = scope_of(uow, tenant.id)
    uow.emit(
        TenantCreated(
            **scope,
            tenant_id=tenant.id,
            after={"displayName": name, "kind": kind.value, "country": tenant.country, "domain": initial},
        )
    )
    uow.emit(DomainAdded(**scope, tenant_id=tenant.id, name=initial, after={"isInitial": True, "isVerified": True}))
    return tenant


def is_domain_taken(uow: UnitOfWork, name: str) -> bool:
    """Whether any tenant has the domain, proved or not. Raises DomainNameInvalid."""
    return uow.db.get(Domain, rules.domain_name(name)) is not None


def add_domain(uow: UnitOfWork, tenant_id: UUID, name: str, *, verified: bool = False) -> Domain:
    """Add a name to a tenant. It can be used in user names once it is verified.

    Raises NotFound, DomainTaken, DomainNameInvalid. Emits DomainAdded, and DomainVerified when ``verified``.
    """
    tenant = queries.tenant_by_id(uow, tenant_id)
    wanted = rules.domain_name(name)
    if is_domain_taken(uow, wanted):
        raise rules.DomainTaken(wanted)
    added = Domain(
        name=wanted,
        tenant_id=tenant.id,
        is_verified=False,
        is_default=False,
        is_initial=False,
        verification_text=f"MS=ms{uow.ids.digits(8)}",
        created_at=uow.now,
    )
    uow.db.add(added)
    uow.db.flush()
    uow.emit(DomainAdded(**scope_of(uow, tenant.id), tenant_id=tenant.id, name=wanted, after={"isVerified": False}))
    return verify_domain(uow, tenant.id, wanted) if verified else added


def verify_domain(uow: UnitOfWork, tenant_id: UUID, name: str) -> Domain:
    """Count the name as proved; how it was proved (a DNS record, the sandbox's word) is the caller's.

    Raises NotFound. Emits DomainVerified unless it was verified already.
    """
    domain = queries.domain(uow, tenant_id, name)
    if not domain.is_verified:
        domain.is_verified = True
        change = {"before": {"isVerified": False}, "after": {"isVerified": True}}
        uow.emit(DomainVerified(**scope_of(uow, tenant_id), tenant_id=tenant_id, name=domain.name, **change))
    return domain


def set_default_domain(uow: UnitOfWork, tenant_id: UUID, name: str) -> Tenant:
    """Make a verified domain the one new users get. Raises NotFound, Conflict. Emits TenantUpdated."""
    tenant = queries.tenant_by_id(uow, tenant_id)
    chosen = queries.domain(uow, tenant_id, name)
    if not chosen.is_verified:
        raise Conflict(f"The domain '{chosen.name}' is not verified. Verify it first.", domain=chosen.name)
    before = tenant.default_domain
    for domain in queries.domains_of(uow, tenant_id):
        domain.is_default = domain.name == chosen.name
    tenant.default_domain = chosen.name
    _updated(uow, tenant, {"defaultDomain": before}, {"defaultDomain": chosen.name})
    return tenant


def remove_domain(uow: UnitOfWork, tenant_id: UUID, name: str) -> None:
    """Give a name up. Raises NotFound, Conflict for the initial or default one and while user names end in it.

    Emits DomainRemoved.
    """
    domain = queries.domain(uow, tenant_id, name)
    if domain.is_initial or domain.is_default:
        raise Conflict(f"The initial and the default domain stay. '{domain.name}' is one of them.", domain=domain.name)
    if uow.db.scalar(
        select(User.id).where(User.tenant_id == tenant_id, User.upn_key.endswith(f"@{domain.name}")).limit(1)
    ):
        raise Conflict(f"User names end in '{domain.name}'. Rename those users first.", domain=domain.name)
    before = {"isVerified": domain.is_verified}
    uow.db.delete(domain)
    uow.db.flush()
    uow.emit(DomainRemoved(**scope_of(uow, tenant_id), tenant_id=tenant_id, name=domain.name, before=before))


def set_tenant_state(uow: UnitOfWork, tenant_id: UUID, state: TenantState) -> Tenant:
    """Block, delete or reopen a directory: while it is not active nobody gets a token for it. Emits TenantUpdated."""
    tenant = queries.tenant_by_id(uow, tenant_id)
    before, tenant.state = tenant.state, state
    _updated(uow, tenant, {"state": before.value}, {"state": state.value})
    return tenant


def set_tenant_details(uow: UnitOfWork, tenant: Tenant, details: Mapping[str, Any]) -> Tenant:
    """Change what is kept of the organization by the wire's names; None clears. Emits TenantUpdated."""
    merged = {name: value for name, value in {**tenant.details, **details}.items() if value is not None}
    before = {name: tenant.details.get(name) for name in details if tenant.details.get(name) != merged.get(name)}
    after = {name: merged.get(name) for name in before}
    tenant.details = merged
    _updated(uow, tenant, before, after)
    return tenant


def _updated(uow: UnitOfWork, tenant: Tenant, before: dict[str, Any], after: dict[str, Any]) -> None:
    uow.db.flush()
    if before != after:
        uow.emit(TenantUpdated(**scope_of(uow, tenant.id), tenant_id=tenant.id, before=before, after=after))
