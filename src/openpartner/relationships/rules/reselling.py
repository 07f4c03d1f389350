"""The link by which a partner asks a customer for a reseller relationship, and whether the customer may accept.

Source: gdap §14; portal-workspaces §2.3; partner-center-endpoints, relationshiprequests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from openpartner.partner.rules import PartnerKind, Region, region_of
from openpartner.platform import countries
from openpartner.platform.errors import Conflict, Forbidden, Invalid, NotFound

CONSENT_PATH = "/Adminportal/Home"
CONSENT_FRAGMENT = "/BillingAccounts/partner-invitation"
LEGACY_PATH = "/partner/partnersignup.aspx"
NO_MSPP = "0"
"""Where a link names no indirect reseller's Partner ID."""


class LinkKind(StrEnum):
    """``invType`` of a link: who asks."""

    DIRECT = "ResellerRelationship"
    INDIRECT = "IndirectResellerRelationship"


@dataclass(frozen=True)
class ResellerLink:
    """What a link says.

    partner_id: the tenant that asks. partner_mpn: its Partner ID; empty for who sells itself.
    provider_id: the indirect provider that transacts for an indirect reseller. invitation_id: of a mail of ours.
    """

    kind: LinkKind
    partner_id: UUID
    partner_mpn: str = ""
    provider_id: UUID | None = None
    invitation_id: UUID | None = None

    def of_invitation(self, invitation_id: UUID) -> "ResellerLink":
        """The same link as one mail carries it."""
        return replace(self, invitation_id=invitation_id)

    def query(self) -> str:
        """The query of the consent page, members in the original's order."""
        pairs = [
            ("invType", self.kind.value),
            ("partnerId", str(self.partner_id)),
            ("msppId", self.partner_mpn or NO_MSPP),
            *([("indirectCSPId", str(self.provider_id))] if self.provider_id else []),
            ("DAP", "false"),
            *([("invitationId", str(self.invitation_id))] if self.invitation_id else []),
        ]
        return urlencode(pairs)

    def url(self, origin: str) -> str:
        """The link as it is sent. Source: gdap §14.1 and §14.4."""
        return f"{origin}{CONSENT_PATH}?{self.query()}#{CONSENT_FRAGMENT}"

    def legacy_url(self, origin: str) -> str:
        """The older form, for markets without the page above. Source: gdap §14.4."""
        pairs = [
            ("type", self.kind.value),
            ("id", str(self.partner_id)),
            ("csp", "1"),
            ("msppid", self.partner_mpn or NO_MSPP),
            *([("indirectCSP", str(self.provider_id))] if self.provider_id else []),
        ]
        return f"{origin}{LEGACY_PATH}?{urlencode(pairs)}"


class LinkUnreadable(Invalid):
    """The link lacks a part, or somebody has changed it."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation link is not complete. Open it from the mail again, or ask the partner for it."
        )


def read_link(query: Mapping[str, str]) -> ResellerLink:
    """What the query of either form of the link says; names in small letters. Raises LinkUnreadable."""
    kind = query.get("invtype") or query.get("type") or ""
    try:
        found = next(each for each in LinkKind if each.value.lower() == kind.lower())
        mpn = (query.get("msppid") or "").strip()
        return ResellerLink(
            kind=found,
            partner_id=UUID(query.get("partnerid") or query.get("id") or ""),
            partner_mpn="" if mpn == NO_MSPP else mpn,
            provider_id=_optional(query.get("indirectcspid") or query.get("indirectcsp")),
            invitation_id=_optional(query.get("invitationid")),
        )
    except (StopIteration, ValueError):
        raise LinkUnreadable from None


def _optional(text: str | None) -> UUID | None:
    return UUID(text) if text else None


# --- asking


class NotAskable(Invalid):
    """The caller takes part in the programme in another way. Source: gdap §14.4; Swagger, relationshiprequests."""


def link_of(
    partner_id: UUID,
    kind: PartnerKind | None,
    partner_mpn: str,
    *,
    provider_id: UUID | None = None,
    indirect: bool | None = None,
) -> ResellerLink:
    """The link by which a partner of ``kind`` asks. Raises NotAskable.

    provider_id: whom an indirect reseller sells with; without one the link is for inserting it later.
    indirect: the caller says which way it means; False is also what clients send always, so it asks nothing.
    """
    if kind is PartnerKind.INDIRECT_RESELLER:
        return ResellerLink(LinkKind.INDIRECT, partner_id, partner_mpn, provider_id)
    if indirect:
        raise NotAskable("Your company is no indirect reseller. Leave dualRoleIndirectRelationship out.")
    if provider_id is not None:
        raise NotAskable("Only an indirect reseller names an indirect provider. Leave it out.")
    return ResellerLink(LinkKind.DIRECT, partner_id)


# --- consenting


class AskerUnknown(NotFound):
    """No partner is behind the link, or another Partner ID than the link says."""

    def __init__(self, partner_id: object) -> None:
        super().__init__("The partner", partner_id, partner_id=str(partner_id))


class NotInGoodStanding(Forbidden):
    """Source: account-and-security §4: a partner that is not active sells nothing new."""

    code = 900149

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} cannot take customers at present: its account is not in good standing. Ask the partner."
        )


class KindUnfit(Invalid):
    """The link is of another kind than the partner. Source: gdap §14.4."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has sent a link of the wrong kind. Ask it for a new one.")


class ProviderMissing(Invalid):
    """An indirect reseller sells with a provider. Source: gdap §14.4."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} sells through an indirect provider, and the link names none. Ask it for a new link.")


class NotPartners(Forbidden):
    """The two that ask together do not act together. Source: gdap §14.5."""

    def __init__(self, name: str, provider: str) -> None:
        super().__init__(f"{name} and {provider} do not work together at present. Ask {name} for a new link.")


class MarketNotServed(Forbidden):
    """A partner sells in the region it is enrolled for. Source: partner-center-conventions §19, 2030."""

    code = 2030

    def __init__(self, name: str, region: Region, country: str) -> None:
        super().__init__(
            f"{name} sells in the region {region}, and {countries.name_of(country)} is not in it. "
            "Look for a partner of your region.",
            region=region.value,
            country=country,
        )


class AlreadyRelated(Conflict):
    """Nothing is left to accept."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is your reseller already. You find it under Partner relationships.")


class ProviderHasOtherReseller(Conflict):
    """A provider sells to a customer with one reseller of record."""

    def __init__(self, provider: str, other: str) -> None:
        super().__init__(
            f"{provider} sells to you together with {other}. Remove {other} under Partner relationships first, "
            "then open the link again."
        )


class CustomerNeeded(Forbidden):
    """Only somebody of the customer's own directory can accept. Source: gdap §14.3."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation is for a customer. Sign in as a Global admin of the company that was invited."
        )


@dataclass(frozen=True)
class Seller:
    """A partner as the check of a link sees it.

    kind: None when it takes no part in the reseller programme at present. mpns: its Partner IDs.
    """

    name: str
    kind: PartnerKind | None
    region: Region
    mpns: frozenset[str]


def check_sellers(link: ResellerLink, asker: Seller, provider: Seller | None, *, are_partners: bool) -> Seller:
    """Who would transact with the customer, once it is clear that they may ask.

    provider: behind ``link.provider_id``; None when there is none. Raises AskerUnknown, NotInGoodStanding, KindUnfit,
    ProviderMissing, NotPartners.
    """
    if link.partner_mpn and link.partner_mpn not in asker.mpns:
        raise AskerUnknown(link.partner_mpn)
    if asker.kind is None:
        raise NotInGoodStanding(asker.name)
    if (asker.kind is PartnerKind.INDIRECT_RESELLER) is not (link.kind is LinkKind.INDIRECT):
        raise KindUnfit(asker.name)
    if link.kind is LinkKind.DIRECT:
        return asker
    if provider is None:
        raise ProviderMissing(asker.name)
    if provider.kind is not PartnerKind.INDIRECT_PROVIDER:
        raise NotInGoodStanding(provider.name)
    if not are_partners:
        raise NotPartners(asker.name, provider.name)
    return provider


@dataclass(frozen=True)
class Present:
    """The transacting partner's active relationship with the customer. reseller: its name; empty for none."""

    is_this_reseller: bool
    reseller: str


def check_customer(link: ResellerLink, asker: Seller, seller: Seller, country: str, present: Present | None) -> None:
    """Whether a customer of ``country`` may accept.

    Raises MarketNotServed, AlreadyRelated, ProviderHasOtherReseller.
    """
    if region_of(country) is not seller.region:
        raise MarketNotServed(seller.name, seller.region, country)
    if present is None:
        return
    if link.kind is LinkKind.DIRECT or present.is_this_reseller:
        raise AlreadyRelated(asker.name)
    if present.reseller:
        raise ProviderHasOtherReseller(seller.name, present.reseller)
