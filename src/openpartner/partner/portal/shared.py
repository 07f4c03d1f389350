"""What the pages of this slice share: posted forms, choices, words and tones for states."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from openpartner.partner import profiles
from openpartner.partner.rules import (
    AccountState,
    AgreementState,
    CheckState,
    PartnerKind,
    Program,
    ProgramState,
    Region,
    VettingStatus,
)
from openpartner.platform import countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import ROLE_INFO, Role
from openpartner.platform.web.page import Posted
from openpartner.platform.web.tables import Badge, Choice, Tone

T = TypeVar("T")


_TONES: Mapping[str, Tone] = {
    "active": "success",
    "authorized": "success",
    "accepted": "success",
    "granted": "success",
    "qualified": "info",
    "in_progress": "info",
    "pending": "info",
    "pending_qualification": "info",
    "under_verification": "info",
    "challenged": "info",
    "open": "info",
    "action_required": "warning",
    "reaccept_due": "warning",
    "not_accepted": "warning",
    "blocked": "warning",
    "rejected": "danger",
    "refused": "danger",
    "suspended": "danger",
    "lapsed": "danger",
    "deactivated": "danger",
    "deleted": "danger",
}

State = AccountState | AgreementState | CheckState | ProgramState | VettingStatus


def words(value: str) -> str:
    """``pending_qualification`` as it is shown."""
    return str(value).replace("_", " ").capitalize()


def state_badge(state: State | str) -> Badge:
    """A state as a chip."""
    return Badge(words(str(state)), _TONES.get(str(state), "neutral"))


KIND_TITLES: Mapping[PartnerKind, str] = {
    PartnerKind.MEMBER: "Member of the partner programme",
    PartnerKind.DIRECT_BILL: "Direct-bill partner",
    PartnerKind.INDIRECT_PROVIDER: "Indirect provider",
    PartnerKind.INDIRECT_RESELLER: "Indirect reseller",
    PartnerKind.PUBLISHER: "Publisher",
    PartnerKind.CONTROL_PANEL_VENDOR: "Control panel vendor",
}
KIND_HINTS: Mapping[PartnerKind, str] = {
    PartnerKind.MEMBER: "Membership and its benefits, without selling.",
    PartnerKind.DIRECT_BILL: "Buys from the operator, bills and supports its own customers.",
    PartnerKind.INDIRECT_PROVIDER: "A distributor: sells through resellers.",
    PartnerKind.INDIRECT_RESELLER: "Sells together with an indirect provider.",
    PartnerKind.PUBLISHER: "Publishes software in the marketplace.",
    PartnerKind.CONTROL_PANEL_VENDOR: "Builds tools that work for several partners.",
}
REGION_TITLES: Mapping[Region, str] = {
    Region.AMERICAS: "Americas",
    Region.EUROPE_MIDDLE_EAST_AFRICA: "Europe, Middle East and Africa",
    Region.ASIA_PACIFIC: "Asia Pacific",
}
ROLE_HINTS: Mapping[Role, str] = {
    Role.GLOBAL_ADMIN: "Runs the whole company account and signs its agreements.",
    Role.USER_ADMIN: "Adds users and assigns their roles.",
    Role.BILLING_ADMIN: "Sees invoices and looks after payments.",
    Role.ADMIN_AGENT: "Works for customers: orders, subscriptions, delegated administration.",
    Role.SALES_AGENT: "Adds customers, places orders and manages subscriptions.",
    Role.HELPDESK_AGENT: "Supports customers and their users; buys nothing.",
    Role.ACCOUNT_ADMIN: "Keeps the company's profile and locations, and Partner Center's own roles.",
    Role.PROGRAM_ADMIN: "Looks after membership, benefits and designations.",
    Role.BUSINESS_PROFILE_ADMIN: "Keeps the profiles that customers find you by.",
    Role.REFERRALS_ADMIN: "Manages all leads and deals.",
    Role.REFERRALS_USER: "Works on the deals of their own team.",
    Role.CO_SELL_ADMIN: "Publishes solutions for co-selling.",
    Role.INCENTIVES_ADMIN: "Enrols in incentives and manages claims and payouts.",
    Role.INCENTIVES_USER: "Files claims and sees earnings.",
    Role.EXECUTIVE_REPORT_VIEWER: "Sees every report, revenue included.",
    Role.REPORT_VIEWER: "Sees reports without revenue and personal data.",
    Role.COMPLIANCE_ADMIN: "Keeps legal information and verification documents.",
    Role.SECURITY_CONTACT: "Is told about security events.",
    Role.DEFAULT_USER: "Opens the home page and their own profile.",
    Role.MARKETPLACE_OWNER: "Owns the publisher account.",
    Role.MARKETPLACE_MANAGER: "Manages the publisher account, its users and offers.",
    Role.MARKETPLACE_DEVELOPER: "Edits and publishes offers.",
    Role.MARKETPLACE_BUSINESS_CONTRIBUTOR: "Sees earnings.",
    Role.MARKETPLACE_FINANCIAL_CONTRIBUTOR: "Sees earnings and keeps payout and tax profiles.",
    Role.MARKETPLACE_MARKETER: "Sees usage and answers reviews.",
    Role.OPERATOR_ADMIN: "Runs the programme and its users.",
    Role.OPERATOR_VERIFIER: "Reviews partners and customers.",
    Role.OPERATOR_CATALOGUE: "Publishes products, prices and promotions.",
    Role.OPERATOR_SUPPORT: "Answers support requests.",
    Role.OPERATOR_BILLING: "Runs billing and pays incentives.",
    Role.CUSTOMER_GLOBAL_ADMIN: "Runs the organization: partners, agreement, users, subscriptions.",
    Role.CUSTOMER_BILLING_ADMIN: "Looks after subscriptions, purchases and invoices.",
    Role.CUSTOMER_USER_ADMIN: "Adds users and assigns their licences.",
    Role.CUSTOMER_USER: "Opens the home page and their own profile.",
}
"""What a role is for, where people choose one. The matrix says exactly what it allows."""
PROGRAM_TITLES: Mapping[Program, str] = {
    Program.MEMBERSHIP: "Partner programme",
    Program.CSP: "Reseller (CSP)",
    Program.MARKETPLACE: "Marketplace",
    Program.CONTROL_PANEL: "Control panel",
}


def country_choices() -> list[Choice]:
    """Every country in which a partner may be, by name."""
    named = sorted((countries.name_of(code), code) for code in countries.MARKETS)
    return [Choice(code, name) for name, code in named]


def locale_choices(country: str) -> dict[str, Any]:
    """The cultures and languages a form offers, those of the country first."""
    own = countries.CULTURES.get(country, ())
    cultures = dict.fromkeys((*own, *sorted({each for known in countries.CULTURES.values() for each in known})))
    languages = dict.fromkeys(culture[:2] for culture in cultures)
    return {
        "cultures": [Choice(culture, countries.language_name(culture)) for culture in cultures],
        "languages": sorted(
            (Choice(code, countries.language_name(code)) for code in languages), key=lambda choice: choice.label
        ),
    }


def role_choices(roles: list[Role]) -> list[Choice]:
    """Roles to tick."""
    return [Choice(role.value, ROLE_INFO[role].title, ROLE_HINTS[role]) for role in roles]


def read_role(text: str) -> Role:
    """The role that a form names. Raises Invalid."""
    try:
        return Role(text)
    except ValueError as error:
        raise Invalid("Choose a role.") from error


def read_id(text: str) -> UUID:
    """The id that a form names. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("This identifier is not one.") from error


# Names of fields are the members' names on the wire, so that a refusal finds its field.

_ADDRESS_MEMBERS = ("country", "addressLine1", "addressLine2", "city", "state", "postalCode", "phoneNumber")


def address_fields(address: Address, prefix: str) -> dict[str, str]:
    """An address as a form's texts."""
    return {
        f"{prefix}.country": address.country,
        f"{prefix}.addressLine1": address.address_line1,
        f"{prefix}.addressLine2": address.address_line2,
        f"{prefix}.city": address.city,
        f"{prefix}.state": address.state,
        f"{prefix}.postalCode": address.postal_code,
        f"{prefix}.phoneNumber": address.phone_number,
    }


def read_address(form: Posted, prefix: str, before: Address | None = None) -> Address:
    """The address of a form; what the form does not show stays as it was."""
    kept = before or Address()
    country, line1, line2, city, state, postal_code, phone = (form.get(f"{prefix}.{name}") for name in _ADDRESS_MEMBERS)
    return Address(
        country=country,
        address_line1=line1,
        address_line2=line2,
        address_line3=kept.address_line3,
        city=city,
        region=kept.region,
        state=state,
        postal_code=postal_code,
        first_name=kept.first_name,
        middle_name=kept.middle_name,
        last_name=kept.last_name,
        phone_number=phone,
    )


def contact_fields(contact: profiles.Contact, prefix: str = "primaryContact") -> dict[str, str]:
    """A contact as a form's texts."""
    return {
        f"{prefix}.firstName": contact.first_name,
        f"{prefix}.lastName": contact.last_name,
        f"{prefix}.email": contact.email,
        f"{prefix}.phoneNumber": contact.phone_number,
    }


def read_contact(form: Posted, prefix: str = "primaryContact") -> profiles.Contact:
    """The contact of a form."""
    names = ("firstName", "lastName", "email", "phoneNumber")
    first, last, email, phone = (form.get(f"{prefix}.{name}") for name in names)
    return profiles.Contact(first, last, email, phone)
