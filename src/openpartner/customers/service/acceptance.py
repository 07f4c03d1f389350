"""A customer tenant that is there already becomes a partner's customer: its administrator has accepted the partner."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from openpartner.customers import queries, rules
from openpartner.customers.models import BillingProfile, Customer
from openpartner.customers.rules import NewCustomer
from openpartner.customers.service.creation import count_customers_of, customer_created, enter_relationship
from openpartner.customers.service.finding import have_found
from openpartner.customers.service.profiles import BillingDetails
from openpartner.customers.service.reviews import review_again
from openpartner.identity.models import Tenant, User
from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import InvalidFields
from openpartner.platform.registration import check_registration
from openpartner.platform.work import UnitOfWork


def known_details(uow: UnitOfWork, tenant: Tenant, admin: User | None) -> BillingDetails:
    """What is known of a customer tenant: from its newest relationship, else from its directory.

    Its own administrator sees it before it goes to a partner. admin: who decides; becomes the contact of a new profile.
    """
    newest = uow.db.scalar(
        select(BillingProfile)
        .join(Customer, Customer.commerce_id == BillingProfile.commerce_id)
        .where(Customer.tenant_id == tenant.id)
        .order_by(Customer.since_at.desc(), Customer.commerce_id)
        .limit(1)
    )
    if newest is not None:
        return BillingDetails(
            company_name=newest.company_name,
            email=newest.email,
            culture=newest.culture,
            language=newest.language,
            address=newest.default_address,
            first_name=newest.first_name,
            last_name=newest.last_name,
        )
    first, last = (admin.given_name, admin.surname) if admin else ("", "")
    return BillingDetails(
        company_name=tenant.name,
        email=(admin.mail or admin.upn) if admin else "",
        culture=countries.CULTURES[tenant.country][0],
        language=countries.CULTURES[tenant.country][0][:2],
        address=Address(tenant.country, first_name=first, last_name=last),
        first_name=first,
        last_name=last,
    )


def registration_number_of(uow: UnitOfWork, tenant_id: UUID) -> str:
    """The registration number that the tenant's newest relationship has; empty when none is known."""
    found = select(Customer.registration_number).where(Customer.tenant_id == tenant_id)
    return uow.db.scalar(found.order_by(Customer.since_at.desc(), Customer.commerce_id).limit(1)) or ""


def checked_details(wanted: BillingDetails, country: str, registration_number: str) -> BillingDetails:
    """The details as they are stored. Raises InvalidFields, the errors of ``check_registration``."""
    address = replace(wanted.address, country=country)
    problems = rules.billing_problems(
        company_name=wanted.company_name,
        email=wanted.email,
        culture=wanted.culture,
        language=wanted.language,
        address=address,
    )
    if problems:
        raise InvalidFields(problems)
    tidy = addresses.normalised(address)
    check_registration(country, registration_number, tidy.phone_number)
    return replace(
        wanted,
        company_name=wanted.company_name.strip(),
        email=wanted.email.strip(),
        language=wanted.language.lower(),
        address=tidy,
    )


def begin_reseller_relationship(
    uow: UnitOfWork,
    tenant: Tenant,
    partner_id: UUID,
    details: BillingDetails,
    *,
    reseller_id: UUID | None = None,
    registration_number: str = "",
) -> Customer:
    """Make or open again the relationship of a tenant whose administrator accepted; the caller has checked that.

    An active one gets the indirect reseller only. Its account is reviewed like a new one's. Raises SandboxFull.
    Emits CustomerCreated, CustomerReviewChanged.
    """
    row = uow.db.scalar(
        select(Customer).where(Customer.partner_id == partner_id, Customer.tenant_id == tenant.id).with_for_update()
    )
    if row is not None and row.is_active:
        set_reseller(uow, row, reseller_id)
        return row
    if uow.world.settings.sandbox_limits and count_customers_of(uow, partner_id) >= rules.SANDBOX_CUSTOMERS:
        raise rules.SandboxFull
    if row is None:
        row, _ = enter_relationship(
            uow, _as_new(tenant, details, registration_number), tenant.id, partner_id, reseller_id
        )
    else:
        _open_again(uow, row, details, reseller_id, registration_number)
    uow.emit(customer_created(row, made_tenant=False))
    review_again(uow, row, details.address)
    return row


def _as_new(tenant: Tenant, details: BillingDetails, registration_number: str) -> NewCustomer:
    return NewCustomer(
        domain=tenant.default_domain,
        company_name=details.company_name,
        email=details.email,
        culture=details.culture,
        language=details.language,
        address=details.address,
        registration_number=registration_number,
        first_name=details.first_name,
        last_name=details.last_name,
    )


def _open_again(
    uow: UnitOfWork, row: Customer, details: BillingDetails, reseller_id: UUID | None, registration_number: str
) -> None:
    row.relationship = rules.begun_relationship(row.relationship)
    row.since_at, row.ended_at, row.reseller_id = uow.now, None, reseller_id
    row.company_name, row.name_key = details.company_name, queries.name_key(details.company_name)
    row.registration_number = registration_number
    profile = queries.billing_profile(uow, row)
    profile.company_name, profile.email = details.company_name, details.email
    profile.culture, profile.language = details.culture, details.language
    profile.first_name = details.first_name or details.address.first_name
    profile.last_name = details.last_name or details.address.last_name
    profile.default_address = details.address
    uow.db.flush()
    have_found(uow, row)


def set_reseller(uow: UnitOfWork, customer: Customer, reseller_id: UUID | None) -> None:
    """Put another indirect reseller on a relationship, or none: from then on the former one does not see it."""
    customer.reseller_id = reseller_id
    uow.db.flush()
    have_found(uow, customer)
