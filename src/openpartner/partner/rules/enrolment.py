"""Enrolment: what a company says of itself, the programmes it takes part in, its region and its locations.

Source: account-and-security §1.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Conflict, InvalidFields
from openpartner.platform.registration import check_registration


class PartnerKind(StrEnum):
    """How a partner takes part in a programme."""

    MEMBER = "member"
    DIRECT_BILL = "direct_bill"
    INDIRECT_PROVIDER = "indirect_provider"
    INDIRECT_RESELLER = "indirect_reseller"
    PUBLISHER = "publisher"
    CONTROL_PANEL_VENDOR = "control_panel_vendor"


class Program(StrEnum):
    """What a partner enrols in; each has its own legal information, verification and state."""

    MEMBERSHIP = "membership"
    CSP = "csp"
    MARKETPLACE = "marketplace"
    CONTROL_PANEL = "control_panel"


PROGRAM_WORDS: Mapping[Program, str] = MappingProxyType(
    {
        Program.MEMBERSHIP: "the partner programme",
        Program.CSP: "the reseller programme (CSP)",
        Program.MARKETPLACE: "the marketplace",
        Program.CONTROL_PANEL: "the control panel programme",
    }
)

PROGRAM_OF_KIND: Mapping[PartnerKind, Program] = MappingProxyType(
    {
        PartnerKind.MEMBER: Program.MEMBERSHIP,
        PartnerKind.DIRECT_BILL: Program.CSP,
        PartnerKind.INDIRECT_PROVIDER: Program.CSP,
        PartnerKind.INDIRECT_RESELLER: Program.CSP,
        PartnerKind.PUBLISHER: Program.MARKETPLACE,
        PartnerKind.CONTROL_PANEL_VENDOR: Program.CONTROL_PANEL,
    }
)

BILLED_KINDS = frozenset({PartnerKind.DIRECT_BILL, PartnerKind.INDIRECT_PROVIDER})
"""Who buys from the operator and is invoiced; a reseller buys from its provider."""


class Region(StrEnum):
    """A CSP region: a partner agreement and an authorisation to sell are given for one."""

    AMERICAS = "AOC"
    EUROPE_MIDDLE_EAST_AFRICA = "EOC"
    ASIA_PACIFIC = "APOC"


_AMERICAS = """
AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF MQ MS MX NI PA
PE PM PR PY SR SV SX TC TT UM US UY VC VE VG VI
"""
_ASIA_PACIFIC = """
AQ AS AU BD BN BT CC CK CN CX FJ FM GU HK HM ID IN IO JP KH KI KR LA LK MH MM MN MO MP MV MY NC NF NP NR NU NZ PF PG
PH PN PW SB SG TF TH TK TL TO TV TW VN VU WF WS
"""
_REGIONS: Mapping[str, Region] = MappingProxyType(
    dict.fromkeys(_AMERICAS.split(), Region.AMERICAS) | dict.fromkeys(_ASIA_PACIFIC.split(), Region.ASIA_PACIFIC)
)

CONSUMER_MAIL = frozenset(
    {
        "aol.com",
        "gmail.com",
        "gmx.com",
        "gmx.net",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "yahoo.com",
        "yandex.com",
    }
)
"""Mail domains that belong to no company: the contact of an account or a location may not be there."""

LONGEST_PHONE = 10


@dataclass(frozen=True)
class Enrolment:
    """What a company says of itself when it enrols."""

    company_name: str
    address: Address
    contact_name: str
    contact_email: str
    kind: PartnerKind
    registration_number: str = ""


class AlreadyEnrolled(Conflict):
    """A tenant has at most one kind of each programme. Source: account-and-security §1."""

    def __init__(self, program: Program, kind: PartnerKind) -> None:
        super().__init__(
            f"This tenant is enrolled in {PROGRAM_WORDS[program]} as {kind.replace('_', ' ')} already; "
            "use another tenant, or ask support to change it.",
            program=str(program),
        )


def region_of(country: str) -> Region:
    """The CSP region of a country; raises CountryNotSupported."""
    return _REGIONS.get(countries.rules_of(country).iso2_code, Region.EUROPE_MIDDLE_EAST_AFRICA)


def check_enrolment(enrolment: Enrolment, held: Mapping[Program, PartnerKind]) -> None:
    """Whether a company may enrol so; ``held`` is what its tenant is enrolled in.

    Raises InvalidFields, the errors of ``check_registration``, AlreadyEnrolled.
    """
    problems = dict(addresses.problems_of(enrolment.address))
    if not enrolment.company_name.strip():
        problems["company_name"] = "The company's legal name is needed, as its register has it."
    if not enrolment.contact_name.strip():
        problems["contact_name"] = "The name of the primary contact is needed."
    problems |= contact_mail_problem(enrolment.contact_email)
    if problems:
        raise InvalidFields(problems)
    address = addresses.normalised(enrolment.address)
    check_registration(address.country, enrolment.registration_number, address.phone_number)
    program = PROGRAM_OF_KIND[enrolment.kind]
    if program in held:
        raise AlreadyEnrolled(program, held[program])


def contact_mail_problem(email: str) -> dict[str, str]:
    """What is wrong with the address of a contact; empty when nothing is."""
    name, _, domain = email.strip().partition("@")
    if not name or "." not in domain:
        return {"contact_email": "The contact needs an email address such as ana@contoso.com."}
    if domain.lower() in CONSUMER_MAIL:
        return {
            "contact_email": f"Mail at {domain.lower()} belongs to no company; give an address of the company's own."
        }
    return {}


def location_problems(
    *, name: str, taken_names: Collection[str], address: Address, contact_email: str, phone_number: str
) -> dict[str, str]:
    """What keeps a location from being added: each member with one sentence. Source: account-and-security §1."""
    problems = dict(addresses.problems_of(address)) | contact_mail_problem(contact_email)
    if not name.strip():
        problems["name"] = "The location needs the name of its company."
    elif name.strip().casefold() in {taken.casefold() for taken in taken_names}:
        problems["name"] = "Another location has this name; name the place too."
    if phone_number and not (phone_number.isdecimal() and len(phone_number) <= LONGEST_PHONE):
        problems["phone_number"] = f"The telephone number has up to {LONGEST_PHONE} digits, without the country code."
    return problems
