"""Words of the pages about reselling: what partners are, what they can do, how an invitation stands."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from openpartner.partner.rules import PartnerKind
from openpartner.platform import countries
from openpartner.platform.web.tables import Badge, Tone
from openpartner.relationships.rules.invitations import InvitationState
from openpartner.relationships.rules.partnerships import PartnershipState
from openpartner.relationships.service import Company

KIND_WORDS: Mapping[PartnerKind | None, str] = MappingProxyType(
    {
        PartnerKind.DIRECT_BILL: "Reseller that bills you itself",
        PartnerKind.INDIRECT_PROVIDER: "Indirect provider (distributor)",
        PartnerKind.INDIRECT_RESELLER: "Indirect reseller",
        None: "Not in the reseller programme at present",
    }
)

SELLER_MAY = (
    "Buy, renew, change and cancel subscriptions for you; it is billed for them and bills you.",
    "See your company's name, domain, address, contact and registration number, and change the address for billing.",
    "See the subscriptions it sold you, and how many of their licences are in use.",
)
RESELLER_MAY = (
    "Advise you, and have its provider buy, change and cancel subscriptions for you.",
    "See your company's name, domain, address and contact.",
    "See the subscriptions that you have through its provider.",
)
NOBODY_MAY = (
    "See or change your users, groups, mail, files or settings.",
    "Open your admin centers or reset anybody's password.",
    "See what other partners sell you.",
)
"""What no reseller relationship gives. Source: gdap §1: administration is asked for and consented to by itself."""

_INVITATION: Mapping[InvitationState, tuple[str, Tone]] = MappingProxyType(
    {
        InvitationState.SENT: ("Waiting", "info"),
        InvitationState.ACCEPTED: ("Accepted", "success"),
        InvitationState.REFUSED: ("Refused", "danger"),
        InvitationState.WITHDRAWN: ("Withdrawn", "neutral"),
    }
)
_PARTNERSHIP: Mapping[PartnershipState, tuple[str, Tone]] = MappingProxyType(
    {PartnershipState.ACTIVE: ("Active", "success"), PartnershipState.ENDED: ("Ended", "neutral")}
)


def invitation_badge(state: InvitationState) -> Badge:
    """How an invitation stands, as a chip."""
    return Badge(*_INVITATION[state])


def partnership_badge(state: PartnershipState) -> Badge:
    """How a partnership stands, as a chip."""
    return Badge(*_PARTNERSHIP[state])


def verified_badge(is_verified: bool) -> Badge:
    """Whether the operator has verified the company."""
    return Badge("Verified", "success") if is_verified else Badge("Not verified", "warning")


def place_of(company: Company) -> str:
    """City and country."""
    return ", ".join(part for part in (company.city, countries.name_of(company.country)) if part)


def company_rows(company: Company) -> list[tuple[str, Any]]:
    """What a customer is shown of a partner."""
    return [
        ("Location", place_of(company)),
        ("Partner ID", company.partner_id),
        ("Takes part as", KIND_WORDS[company.kind]),
        ("Verified by the programme", verified_badge(company.is_verified)),
        ("Contact", company.email),
    ]
