"""A sandbox's provider makes an indirect reseller in good standing, and gives it back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship, initial_domain
from openpartner.identity import service as identity
from openpartner.identity.models import TenantState
from openpartner.partner import queries as partners
from openpartner.partner import service as partner
from openpartner.partner.models import AgreementAcceptance
from openpartner.partner.rules import Enrolment, PartnerKind
from openpartner.platform import permissions
from openpartner.platform.actor import SYSTEM
from openpartner.platform.addresses import Address
from openpartner.platform.errors import InvalidFields, NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries
from openpartner.relationships.models.partnerships import Partnership, SandboxReseller
from openpartner.relationships.queries.partnerships import has_providers
from openpartner.relationships.rules.partnerships import PartnershipState
from openpartner.relationships.rules.sandbox_resellers import (
    SANDBOX_RESELLERS,
    NotSandboxProvider,
    ResellerDomainTaken,
    SandboxResellerBusy,
    SandboxResellersFull,
    check_given,
)
from openpartner.relationships.service.customer_admins import acting_as, principal_of
from openpartner.relationships.service.partnerships import begin_partnership, close_partnership


@dataclass(frozen=True)
class WantedReseller:
    """What a provider says of the reseller to make."""

    mpn_id: str
    domain_prefix: str
    name: str
    admin_name: str
    admin_first_name: str
    admin_last_name: str
    admin_email: str
    country: str
    company_name: str
    address: Address


@dataclass(frozen=True)
class MadeReseller:
    """The reseller, its first administrator's password, known only now, and what it signed, if anything."""

    tenant_id: UUID
    account_id: UUID
    mpn_id: str
    name: str
    admin_id: UUID
    admin_upn: str
    password: str
    signature: AgreementAcceptance | None
    partnership: Partnership


def create_sandbox_reseller(uow: UnitOfWork, wanted: WantedReseller) -> MadeReseller:
    """Make a reseller that is verified, has signed and is the provider's partner at once.

    mpn_id: kept when nobody has it yet; else the reseller gets one of its own, for a Partner ID names one company here.
    Raises NotSandboxProvider, InvalidFields, SandboxResellersFull, ResellerDomainTaken and the errors of
    ``enrol_partner``. Emits what enrolment, verification, signing and PartnershipBegun emit.
    """
    uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
    uow.actor.require_user()
    check_given(
        {
            "mpnId": wanted.mpn_id,
            "domainPrefix": wanted.domain_prefix,
            "name": wanted.name,
            "adminUserName": wanted.admin_name,
            "adminFirstName": wanted.admin_first_name,
            "adminLastName": wanted.admin_last_name,
            "adminAlternateEmail": wanted.admin_email,
            "country": wanted.country,
            "companyName": wanted.company_name,
        }
    )
    domain = initial_domain(wanted.domain_prefix)
    if domain is None:
        raise InvalidFields({"domainPrefix": "The domainPrefix must be letters, digits and hyphens."})
    provider_id = _sandbox_provider(uow)
    if _held(uow, provider_id) >= SANDBOX_RESELLERS:
        raise SandboxResellersFull
    if identity.is_domain_taken(uow, domain):
        raise ResellerDomainTaken(domain)
    with acting_as(uow, SYSTEM):
        enrolled = partner.enrol_partner(
            uow,
            Enrolment(
                company_name=wanted.company_name,
                address=wanted.address,
                contact_name=f"{wanted.admin_first_name} {wanted.admin_last_name}",
                contact_email=wanted.admin_email,
                kind=PartnerKind.INDIRECT_RESELLER,
            ),
            domain=domain,
            admin=partner.FirstAdmin(wanted.admin_first_name, wanted.admin_last_name, wanted.admin_name),
            partner_id=None if partners.is_partner_id_taken(uow, wanted.mpn_id) else wanted.mpn_id,
        )
        tenant_id = enrolled.account.tenant_id
        partner.authorize_account(uow, tenant_id)
    signature = _sign(uow, tenant_id, enrolled.admin_id)
    partnership = begin_partnership(uow, provider_id, tenant_id)
    uow.db.add(SandboxReseller(tenant_id=tenant_id, provider_id=provider_id, made_at=uow.now))
    uow.db.flush()
    home = next(each for each in partners.locations(uow, tenant_id) if each.is_default)
    return MadeReseller(
        tenant_id=tenant_id,
        account_id=home.id,
        mpn_id=enrolled.account.global_partner_id,
        name=enrolled.account.name,
        admin_id=enrolled.admin_id,
        admin_upn=enrolled.admin_upn,
        password=enrolled.password,
        signature=signature,
        partnership=partnership,
    )


def delete_sandbox_reseller(uow: UnitOfWork, reseller_id: UUID) -> None:
    """Give a reseller back. One that works with other providers too loses this partnership only.

    Deleting again changes nothing. Raises NotSandboxProvider, NotFound, SandboxResellerBusy.
    Emits PartnershipEnded, and the directory's fact when its tenant goes.
    """
    uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
    uow.actor.require_user()
    made = uow.db.get(SandboxReseller, reseller_id, with_for_update=True)
    if made is None or made.provider_id != uow.actor.tenant:
        raise NotFound("Sandbox reseller", reseller_id)
    provider_id = _sandbox_provider(uow)
    if made.deleted_at is not None:
        return
    together = uow.db.scalar(
        select(func.count()).where(
            Customer.partner_id == provider_id,
            Customer.reseller_id == reseller_id,
            Customer.relationship != Relationship.NONE,
        )
    )
    if together:
        raise SandboxResellerBusy(together)
    found = queries.partnership(uow, provider_id, reseller_id)
    if found is not None and found.state is PartnershipState.ACTIVE:
        close_partnership(uow, found)
    made.deleted_at = uow.now
    uow.db.flush()
    if not has_providers(uow, reseller_id):
        identity.set_tenant_state(uow, reseller_id, TenantState.DELETED)


def _sandbox_provider(uow: UnitOfWork) -> UUID:
    provider_id = uow.actor.tenant
    is_provider = queries.csp_kind(uow, provider_id) is PartnerKind.INDIRECT_PROVIDER
    if not uow.world.settings.is_sandbox or not is_provider:
        raise NotSandboxProvider
    return provider_id


def _held(uow: UnitOfWork, provider_id: UUID) -> int:
    counted = select(func.count()).where(
        SandboxReseller.provider_id == provider_id, SandboxReseller.deleted_at.is_(None)
    )
    return uow.db.scalar(counted) or 0


def _sign(uow: UnitOfWork, tenant_id: UUID, admin_id: UUID) -> AgreementAcceptance | None:
    """The reseller's administrator signs the partner agreement in force, where one is published for it."""
    account = partners.account_of(uow, tenant_id)
    enrolment = partners.enrolments(uow, tenant_id)[0]
    standing = None if account is None else partner.agreement_standing(uow, account, enrolment)
    if standing is None or standing.current is None:
        return None
    admin = partners.resolve_actor(uow.db, uow.now, principal_of(tenant_id, admin_id))
    with acting_as(uow, admin):
        return partner.accept_partner_agreement(uow, standing.current.id)
