"""What each of the account's profiles holds, what it needs, and which change of it is verified anew.

Source: partner-center-resources §15; account-and-security §2; commerce-rules §3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from babel.numbers import get_territory_currencies

from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import InvalidFields

LONGEST_NAME = 256
LONGEST_EMAIL = 320
LONGEST_PURCHASE_ORDER = 50

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]{2,29}")
_WEBSITE = re.compile(r"(https?://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+([/?#]\S*)?")


class ProfileKind(StrEnum):
    """Which profile; the legal one is also kept as it was last verified."""

    LEGAL_BUSINESS = "legal_business"
    LEGAL_BUSINESS_FINALIZED = "legal_business_finalized"
    BILLING = "billing"
    ORGANIZATION = "organization"
    SUPPORT = "support"


@dataclass(frozen=True)
class Contact:
    """A person at the company."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone_number: str = ""

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class LegalBusinessProfile:
    """The company as its register has it. The approver is whom verification may ask besides the primary contact."""

    company_name: str = ""
    address: Address = field(default_factory=Address)
    primary_contact: Contact = field(default_factory=Contact)
    company_approver_address: Address = field(default_factory=Address)
    company_approver_email: str = ""


@dataclass(frozen=True)
class BillingProfile:
    """To whom the operator's invoices go. Day and currency are fixed at enrolment and stand in the account."""

    company_name: str = ""
    address: Address = field(default_factory=Address)
    primary_contact: Contact = field(default_factory=Contact)
    purchase_order_number: str = ""
    tax_id: str = ""


@dataclass(frozen=True)
class OrganizationProfile:
    """The company as it is shown in the portal; ``default_address``'s country is the default market of clients."""

    company_name: str = ""
    default_address: Address = field(default_factory=Address)
    email: str = ""
    language: str = "en"
    culture: str = "en-US"


@dataclass(frozen=True)
class SupportProfile:
    """Where this partner's customers find help."""

    email: str = ""
    telephone: str = ""
    website: str = ""


AnyProfile = LegalBusinessProfile | BillingProfile | OrganizationProfile | SupportProfile

SHAPE_OF: Mapping[ProfileKind, type[AnyProfile]] = {
    ProfileKind.LEGAL_BUSINESS: LegalBusinessProfile,
    ProfileKind.LEGAL_BUSINESS_FINALIZED: LegalBusinessProfile,
    ProfileKind.BILLING: BillingProfile,
    ProfileKind.ORGANIZATION: OrganizationProfile,
    ProfileKind.SUPPORT: SupportProfile,
}


def is_email(text: str) -> bool:
    """Whether a mail could be sent there."""
    return len(text) <= LONGEST_EMAIL and bool(_EMAIL.fullmatch(text))


def _of_name(name: str, member: str = "companyName") -> dict[str, str]:
    if not name.strip():
        return {member: "The company's name is needed, as its register has it."}
    if len(name) > LONGEST_NAME:
        return {member: f"The company's name may have at most {LONGEST_NAME} characters."}
    return {}


def camel(name: str) -> str:
    """``address_line1`` as the wire writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _of_address(address: Address, member: str = "address") -> dict[str, str]:
    found = addresses.problems_of(address)
    return {f"{member}.{camel(name)}": problem for name, problem in found.items()}


def _of_contact(contact: Contact, member: str = "primaryContact") -> dict[str, str]:
    problems: dict[str, str] = {}
    if not contact.first_name:
        problems[f"{member}.firstName"] = "The contact's first name is needed."
    if not contact.last_name:
        problems[f"{member}.lastName"] = "The contact's last name is needed."
    if not is_email(contact.email):
        problems[f"{member}.email"] = "The contact needs an email address such as ana@contoso.com."
    if contact.phone_number and not _PHONE.fullmatch(contact.phone_number):
        problems[f"{member}.phoneNumber"] = "A telephone number has digits, blanks and + ( ) - only."
    return problems


def _of_legal_business(profile: LegalBusinessProfile) -> dict[str, str]:
    problems = {
        **_of_name(profile.company_name),
        **_of_address(profile.address),
        **_of_contact(profile.primary_contact),
    }
    if profile.company_approver_email and not is_email(profile.company_approver_email):
        problems["companyApproverEmail"] = "This is not an email address."
    if profile.company_approver_address != Address():
        problems |= _of_address(profile.company_approver_address, "companyApproverAddress")
    return problems


def _of_billing(profile: BillingProfile) -> dict[str, str]:
    problems = {
        **_of_name(profile.company_name),
        **_of_address(profile.address),
        **_of_contact(profile.primary_contact),
    }
    if len(profile.purchase_order_number) > LONGEST_PURCHASE_ORDER:
        most = f"A purchase order number may have at most {LONGEST_PURCHASE_ORDER} characters."
        problems["purchaseOrderNumber"] = most
    country = profile.address.country.upper()
    if profile.tax_id and country in countries.CULTURES:
        problem = countries.tax_number_problem(country, profile.tax_id)
        if problem:
            problems["taxId"] = problem
    return problems


def _of_organization(profile: OrganizationProfile) -> dict[str, str]:
    problems = {**_of_name(profile.company_name), **_of_address(profile.default_address, "defaultAddress")}
    if profile.email and not is_email(profile.email):
        problems["email"] = "This is not an email address."
    if not countries.is_culture(profile.culture):
        problems["culture"] = "A culture is a language and a country, such as en-US."
    if not countries.is_language(profile.language):
        problems["language"] = "A language is two letters, such as en."
    return problems


def _of_support(profile: SupportProfile) -> dict[str, str]:
    problems = {}
    if not is_email(profile.email):
        problems["email"] = "Customers need an email address to write to."
    if not _PHONE.fullmatch(profile.telephone):
        problems["telephone"] = "Customers need a telephone number: digits, blanks and + ( ) - only."
    if profile.website and not _WEBSITE.fullmatch(profile.website):
        problems["website"] = "A website is an address such as www.contoso.com."
    return problems


def problems_of(profile: AnyProfile) -> dict[str, str]:
    """What keeps a profile from being stored: each member, by its name on the wire, with one sentence."""
    match profile:
        case LegalBusinessProfile():
            return _of_legal_business(profile)
        case BillingProfile():
            return _of_billing(profile)
        case OrganizationProfile():
            return _of_organization(profile)
        case SupportProfile():
            return _of_support(profile)


def accepted(profile: AnyProfile) -> AnyProfile:
    """The profile as it is stored, its addresses in their usual form. Raises InvalidFields (800002)."""
    problems = problems_of(profile)
    if problems:
        raise InvalidFields(problems)
    match profile:
        case LegalBusinessProfile():
            approver = profile.company_approver_address
            return replace(
                profile,
                company_name=profile.company_name.strip(),
                address=addresses.normalised(profile.address),
                company_approver_address=addresses.normalised(approver) if approver != Address() else approver,
            )
        case BillingProfile():
            return replace(profile, address=addresses.normalised(profile.address))
        case OrganizationProfile():
            return replace(profile, default_address=addresses.normalised(profile.default_address))
        case SupportProfile():
            return profile


def what_is_verified_anew(before: LegalBusinessProfile, after: LegalBusinessProfile) -> list[str]:
    """Which protected parts changed: any of them begins a new round of verification.

    Source: account-and-security §2: every change of legal name, address or primary contact.
    """
    parts = (
        ("legal name", before.company_name, after.company_name),
        ("address", before.address, after.address),
        ("primary contact", before.primary_contact, after.primary_contact),
    )
    return [name for name, old, new in parts if old != new]


BILLING_DAY = 8
"""The day of the month on which the operator's invoices appear; fixed at enrolment."""

_BILLED_IN_OWN_CURRENCY = frozenset(
    {"AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "INR", "JPY", "KRW", "NOK", "NZD", "SEK", "TWD", "USD"}
)


def billing_currency(country: str) -> str:
    """The currency of the operator's invoices to a partner of a country: its own where it is billed in, else dollars.

    Source: billing, Currency: that of the CSP tenant's country.
    """
    own = get_territory_currencies(country.upper())
    return next((code for code in own if code in _BILLED_IN_OWN_CURRENCY), "USD")


def organization_for(name: str, address: Address, email: str) -> OrganizationProfile:
    """The organization profile that a company begins with, in its country's first culture."""
    culture = countries.rules_of(address.country).default_culture
    return OrganizationProfile(name, address, email, culture.partition("-")[0], culture)
