"""Changing what is known of a customer: whom and where it is billed, and its registration number."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from openpartner.customers import queries, rules
from openpartner.customers.events import BillingProfileUpdated, CompanyProfileUpdated, differing
from openpartner.customers.models import BillingProfile, Customer
from openpartner.customers.service.finding import have_found
from openpartner.customers.service.reviews import review_again
from openpartner.platform import addresses, permissions
from openpartner.platform.addresses import Address
from openpartner.platform.errors import InvalidFields
from openpartner.platform.http.etags import check_etag, profile_etag
from openpartner.platform.registration import check_registration
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True)
class BillingDetails:
    """A billing profile as it shall be; it replaces the present one whole."""

    company_name: str
    email: str
    culture: str
    language: str
    address: Address
    first_name: str = ""
    last_name: str = ""


def replace_billing_profile(
    uow: UnitOfWork, customer_id: UUID, wanted: BillingDetails, *, etag: str | None = None
) -> tuple[Customer, BillingProfile]:
    """Put ``wanted`` in the place of the billing profile. A changed company name or address begins a new review.

    etag: what the caller read; None skips the check. The same profile again changes nothing.
    Raises CustomerUnknown, RelationshipNeeded, ProviderNeeded, PreconditionFailed, InvalidFields, RegistrationNumber…,
    PhoneNumberMissing. Emits BillingProfileUpdated, CustomerReviewChanged.
    """
    _require(uow)
    return _replace(uow, queries.customer_to_change(uow, customer_id), wanted, etag)


def replace_own_billing_profile(
    uow: UnitOfWork, commerce_id: UUID, wanted: BillingDetails, *, etag: str | None = None
) -> tuple[Customer, BillingProfile]:
    """The same by the customer itself, of what one of its partners bills it by.

    Raises CustomerUnknown (also when the relationship has ended), PreconditionFailed, InvalidFields and what
    ``check_registration`` raises. Emits BillingProfileUpdated in that partner's log, CustomerReviewChanged.
    """
    uow.actor.require(permissions.CUSTOMER_BILLING_PROFILE.write)
    uow.actor.require_user()
    return _replace(uow, queries.own_relationship(uow, commerce_id, lock=True), wanted, etag)


def _replace(
    uow: UnitOfWork, customer: Customer, wanted: BillingDetails, etag: str | None
) -> tuple[Customer, BillingProfile]:
    profile = queries.billing_profile(uow, customer)
    check_etag(etag, profile_etag(profile.id, profile.version))
    problems = rules.billing_problems(
        company_name=wanted.company_name,
        email=wanted.email,
        culture=wanted.culture,
        language=wanted.language,
        address=wanted.address,
    )
    address = addresses.normalised(wanted.address)
    if not problems and address.country != customer.country:
        problems["country"] = "The country of a customer cannot change: its prices and currency depend on it."
    if problems:
        raise InvalidFields(problems)
    check_registration(address.country, customer.registration_number, address.phone_number)

    before = _shown(profile)
    review = wanted.company_name.strip() != profile.company_name or address != profile.default_address
    profile.company_name = wanted.company_name.strip()
    profile.email = wanted.email.strip()
    profile.culture, profile.language = wanted.culture, wanted.language.lower()
    profile.first_name = wanted.first_name.strip() or address.first_name
    profile.last_name = wanted.last_name.strip() or address.last_name
    profile.default_address = address
    customer.company_name = profile.company_name
    customer.name_key = queries.name_key(profile.company_name)
    uow.db.flush()  # the new version is the ETag the caller gets back
    changed_from, changed_to = differing(before, _shown(profile))
    if changed_to:
        have_found(uow, customer)
        uow.emit(
            BillingProfileUpdated(
                partner_id=customer.partner_id,
                customer_id=customer.tenant_id,
                commerce_id=customer.commerce_id,
                before=changed_from,
                after=changed_to,
            )
        )
    if review:
        review_again(uow, customer, address)
    return customer, profile


def update_registration_number(uow: UnitOfWork, customer_id: UUID, number: str) -> Customer:
    """Change the organisation's registration number.

    Raises RegistrationNumberMissing and its like, CustomerUnknown, RelationshipNeeded. Emits CompanyProfileUpdated.
    """
    _require(uow)
    customer = queries.customer_to_change(uow, customer_id)
    profile = queries.billing_profile(uow, customer)
    wanted = number.strip()
    check_registration(customer.country, wanted, profile.default_address.phone_number)
    before = customer.registration_number
    if wanted != before:
        customer.registration_number = wanted
        uow.db.flush()
        uow.emit(
            CompanyProfileUpdated(
                partner_id=customer.partner_id,
                customer_id=customer.tenant_id,
                commerce_id=customer.commerce_id,
                before={"organizationRegistrationNumber": before},
                after={"organizationRegistrationNumber": wanted},
            )
        )
    return customer


def _require(uow: UnitOfWork) -> None:
    """Who manages customers edits their accounts as well: the matrix gives the admin agent the wider row."""
    if not uow.actor.may(permissions.CUSTOMERS.write):
        uow.actor.require(permissions.CUSTOMER_ACCOUNT.write)


def _shown(profile: BillingProfile) -> dict[str, Any]:
    address = profile.default_address
    return {
        "companyName": profile.company_name,
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "email": profile.email,
        "culture": profile.culture,
        "language": profile.language,
        "defaultAddress": {name: value for name, value in vars(address).items() if value},
    }
