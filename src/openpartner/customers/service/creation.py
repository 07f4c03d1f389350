"""Creating a customer: its tenant, first administrator, relationship, profiles and review, in one transaction."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from openpartner.customers import queries, rules
from openpartner.customers.events import CustomerCreated
from openpartner.customers.models import BillingProfile, Customer
from openpartner.customers.rules import NewCustomer, Relationship
from openpartner.customers.service.finding import have_found
from openpartner.customers.service.reviews import review_again
from openpartner.identity import service as identity
from openpartner.partner import queries as partners
from openpartner.partner.rules import PartnerKind, Program, ProgramState, region_of
from openpartner.partner.service import require_ready
from openpartner.platform import countries, permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import Conflict, Forbidden, Invalid
from openpartner.platform.work import UnitOfWork

ADMIN = "admin"
"""The first administrator's name at the customer's domain. Source: partner-center-resources §1, UserCredentials."""


class DomainNotFree(Conflict):
    """A tenant has this domain. Source: partner-center-conventions §19, 1003."""

    code = 1003

    def __init__(self, domain: str) -> None:
        super().__init__(f"The domain {domain} is taken. Choose another prefix.", domain=domain)


class ResellersCannotCreate(Forbidden):
    """Only who transacts has customers of its own. Source: portal-workspaces §2.8."""

    def __init__(self) -> None:
        super().__init__(
            "An indirect reseller cannot create customers. Ask your indirect provider to create it for you."
        )


class CountryOutsideRegion(Forbidden):
    """A partner sells in the region it is enrolled for. Source: partner-center-conventions §19, 2030."""

    code = 2030

    def __init__(self, country: str, region: str) -> None:
        super().__init__(
            f"You are enrolled to sell in the region {region}, and {countries.name_of(country)} is not in it. "
            "Enrol another tenant there.",
            country=country,
            region=region,
        )


class AssociatedPartnerUnknown(Invalid):
    """The tenant named as ``associatedPartnerId`` is no indirect reseller. Source: portal-workspaces §2.8, 900154."""

    code = 900154

    def __init__(self, reseller_id: UUID) -> None:
        super().__init__(
            f"{reseller_id} is not an indirect reseller of yours. List your resellers and use an id from there.",
            associated_partner_id=str(reseller_id),
        )


class CreatedCustomer(NamedTuple):
    """The customer and, for this once, its first administrator's password."""

    customer: Customer
    billing: BillingProfile
    user_name: str
    password: str


def create_customer(
    uow: UnitOfWork, wanted: NewCustomer, *, reseller_id: UUID | None = None, gdap_by_default: bool = False
) -> CreatedCustomer:
    """Make a customer tenant with its first administrator, and the reseller relationship to it.

    reseller_id: the tenant of the indirect reseller it is for; indirect providers only. gdap_by_default: that the
    caller wants default delegated administration with it; who keeps such relationships reacts to the fact.
    Raises NotReady, ResellersCannotCreate, AssociatedPartnerNotAllowed, AssociatedPartnerUnknown, InvalidFields and
    the other errors of ``rules.accepted``, CountryOutsideRegion, SandboxFull, DomainNotFree.
    Emits CustomerCreated, CustomerReviewChanged and the directory's facts.
    """
    uow.actor.require(permissions.CUSTOMERS_CREATE.write)
    partner_id = uow.actor.tenant
    _check_programme(uow, partner_id, reseller_id)
    customer = rules.accepted(wanted)
    _check_market(uow, partner_id, customer.address.country)
    if uow.world.settings.sandbox_limits and count_customers_of(uow, partner_id) >= rules.SANDBOX_CUSTOMERS:
        raise rules.SandboxFull
    if identity.is_domain_taken(uow, customer.domain):
        raise DomainNotFree(customer.domain)

    tenant = identity.create_tenant(
        uow,
        kind=TenantKind.CUSTOMER,
        name=customer.company_name,
        country=customer.address.country,
        domain=customer.domain,
    )
    admin = identity.create_user(
        uow,
        tenant.id,
        upn=f"{ADMIN}@{customer.domain}",
        display_name=f"{customer.address.first_name} {customer.address.last_name}",
        given_name=customer.address.first_name,
        surname=customer.address.last_name,
        mail=customer.email,
        usage_location=customer.address.country,
        preferred_language=customer.culture,
    )
    identity.assign_directory_role(uow, tenant.id, GLOBAL_ADMINISTRATOR, admin.user.id)
    row, billing = enter_relationship(uow, customer, tenant.id, partner_id, reseller_id)
    uow.emit(customer_created(row, made_tenant=True, gdap_by_default=gdap_by_default))
    review_again(uow, row, billing.default_address)
    return CreatedCustomer(row, billing, ADMIN, admin.password)


def enter_relationship(
    uow: UnitOfWork, customer: NewCustomer, tenant_id: UUID, partner_id: UUID, reseller_id: UUID | None
) -> tuple[Customer, BillingProfile]:
    """Store the relationship with its billing profile, and let it be found. Announces nothing."""
    row = Customer(
        commerce_id=uow.ids.uuid(),
        partner_id=partner_id,
        tenant_id=tenant_id,
        reseller_id=reseller_id,
        relationship=Relationship.RESELLER,
        since_at=uow.now,
        company_name=customer.company_name,
        name_key=queries.name_key(customer.company_name),
        domain=customer.domain,
        country=customer.address.country,
        registration_number=customer.registration_number,
    )
    uow.db.add(row)
    uow.db.flush()
    billing = BillingProfile(
        commerce_id=row.commerce_id,
        id=uow.ids.uuid(),
        first_name=customer.first_name or customer.address.first_name,
        last_name=customer.last_name or customer.address.last_name,
        email=customer.email,
        culture=customer.culture,
        language=customer.language,
        company_name=customer.company_name,
        default_address=customer.address,
    )
    uow.db.add(billing)
    uow.db.flush()
    have_found(uow, row)
    return row, billing


def customer_created(row: Customer, *, made_tenant: bool, gdap_by_default: bool = False) -> CustomerCreated:
    """The fact that a relationship began."""
    return CustomerCreated(
        partner_id=row.partner_id,
        customer_id=row.tenant_id,
        commerce_id=row.commerce_id,
        company_name=row.company_name,
        country=row.country,
        reseller_id=row.reseller_id,
        made_tenant=made_tenant,
        gdap_by_default=gdap_by_default,
        after={
            "companyName": row.company_name,
            "domain": row.domain,
            "country": row.country,
            "relationshipToPartner": row.relationship.value,
        },
    )


def _check_programme(uow: UnitOfWork, partner_id: UUID, reseller_id: UUID | None) -> None:
    require_ready(uow, permissions.CUSTOMERS_CREATE)
    kind = _csp_kind(uow, partner_id)
    if kind is PartnerKind.INDIRECT_RESELLER:
        raise ResellersCannotCreate
    if reseller_id is None:
        return
    if kind is not PartnerKind.INDIRECT_PROVIDER:
        raise rules.AssociatedPartnerNotAllowed
    if _csp_kind(uow, reseller_id) is not PartnerKind.INDIRECT_RESELLER:
        raise AssociatedPartnerUnknown(reseller_id)


def _csp_kind(uow: UnitOfWork, partner_id: UUID) -> PartnerKind | None:
    """How the partner takes part in the reseller programme; None when it does not at present."""
    enrolment = partners.enrolment(uow, partner_id, Program.CSP)
    return enrolment.kind if enrolment is not None and enrolment.state is ProgramState.ACTIVE else None


def _check_market(uow: UnitOfWork, partner_id: UUID, country: str) -> None:
    account = partners.account_of(uow, partner_id)
    if account is not None and region_of(country) is not account.region:
        raise CountryOutsideRegion(country, account.region.value)


def count_customers_of(uow: UnitOfWork, partner_id: UUID) -> int:
    """How many customers a partner has now: the sandbox can be held to a number."""
    counted = select(func.count()).where(Customer.partner_id == partner_id, Customer.relationship != Relationship.NONE)
    return uow.db.scalar(counted) or 0
