"""Catalogue items: their ids, their segments, and what a buyer needs to know of one."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.catalogue.rules.words import BillingCycle, Duration, ProductKind
from openpartner.platform.errors import Forbidden, Invalid

_ITEM_ID = re.compile(r"([0-9A-Z]{12}):([0-9A-Z]{4}):([0-9A-Z]{12})", re.IGNORECASE)
_LEGACY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|MS-AZR-\d{4}[A-Z]", re.IGNORECASE)


class CatalogItemId(msgspec.Struct, frozen=True, order=True):
    """``product:sku:availability``, 12:4:12 upper-case alphanumerics. Source: partner-center-conventions §16."""

    product_id: str
    sku_id: str
    availability_id: str

    @classmethod
    def parse(cls, text: str) -> "CatalogItemId":
        """Any letter case; raises CatalogItemIdInvalid."""
        found = _ITEM_ID.fullmatch(text.strip())
        if found is None:
            raise CatalogItemIdInvalid(text)
        return cls(*(part.upper() for part in found.groups()))

    def __str__(self) -> str:
        return f"{self.product_id}:{self.sku_id}:{self.availability_id}"

    @property
    def sku(self) -> str:
        """``product:sku``: what prerequisites and upgrade targets name."""
        return f"{self.product_id}:{self.sku_id}"


class CatalogItemIdInvalid(Invalid):
    """Source: partner-center-conventions §19, 800004."""

    code = 800004

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not a catalog item id. Use product:sku:availability as the catalogue lists it.", item=text
        )


def is_legacy_offer_id(text: str) -> bool:
    """Whether an id is of the legacy world: an offer GUID or an Azure offer number."""
    return _LEGACY_ID.fullmatch(text.strip()) is not None


# --- segments -------------------------------------------------------------------------------------------------------


class Segment(StrEnum):
    """Who an availability is for. Values are the wire's. Source: partner-center-resources §5."""

    COMMERCIAL = "commercial"
    EDUCATION = "education"
    GOVERNMENT = "government"
    NONPROFIT = "nonprofit"


SEGMENT_WORDS: Final[Mapping[Segment, str]] = {
    Segment.COMMERCIAL: "Commercial",
    Segment.EDUCATION: "Education",
    Segment.GOVERNMENT: "Government",
    Segment.NONPROFIT: "Nonprofit",
}


#: The customer qualification that opens a segment. Source: commerce-rules §3.
SEGMENT_QUALIFICATIONS: Final[Mapping[Segment, str]] = {
    Segment.EDUCATION: "Education",
    Segment.GOVERNMENT: "GovernmentCommunityCloud",
    Segment.NONPROFIT: "Nonprofit",
}


def may_buy_segment(segment: Segment, qualifications: Iterable[str]) -> bool:
    """Whether a customer with these approved qualifications may buy from the segment. Commercial is open to all."""
    needed = SEGMENT_QUALIFICATIONS.get(segment)
    return needed is None or needed.lower() in {held.lower() for held in qualifications}


# --- items ----------------------------------------------------------------------------------------------------------


class Plan(msgspec.Struct, frozen=True):
    """One entry of an availability's ``terms``: a duration with a billing cycle.

    duration: none for the Azure plan and perpetual software.
    """

    duration: Duration | None
    billing_cycle: BillingCycle

    @classmethod
    def of(cls, duration: str, billing_cycle: BillingCycle) -> "Plan":
        """From the duration's text, empty without a term."""
        return cls(Duration.parse(duration) if duration else None, billing_cycle)

    @property
    def duration_text(self) -> str:
        """ISO 8601, empty without a term."""
        return str(self.duration) if self.duration else ""


class Item(msgspec.Struct, frozen=True):
    """A catalogue item as a buyer meets it: product, SKU and availability, in one market and segment.

    prerequisite_skus: ``product:sku``; one of them must be there first (commerce-rules §12).
    base_seat_percent: an add-on's least share of the base seats; 5 for Multi-Geo (commerce-rules §5).
    ownership_limit: how many subscriptions of the SKU one customer may hold; lifetime counts ended ones too.
    provisioning_variables: keys that the line's provisioningContext must carry.
    """

    id: CatalogItemId
    title: str
    kind: ProductKind
    segment: Segment
    country: str
    currency: str
    plans: tuple[Plan, ...]
    minimum_quantity: int = 1
    maximum_quantity: int = 10_000_000
    is_trial: bool = False
    is_addon: bool = False
    is_purchasable: bool = True
    is_renewable: bool = True
    is_microsoft: bool = True
    prerequisite_skus: tuple[str, ...] = ()
    base_seat_percent: int = 0
    ownership_limit: int | None = None
    is_ownership_limit_lifetime: bool = False
    enforces_attestation: bool = False
    needs_registration: bool = False
    provisioning_variables: tuple[str, ...] = ()

    def sold(self) -> list[tuple[Duration, BillingCycle]]:
        """The plans with a term, as ``subscriptions.rules.check_plan`` wants them."""
        return [(plan.duration, plan.billing_cycle) for plan in self.plans if plan.duration is not None]

    @property
    def default_billing_cycle(self) -> BillingCycle:
        """What ``unknown`` or nothing means: one_time for what is sold once, else monthly, else the first sold."""
        cycles = [plan.billing_cycle for plan in self.plans]
        for usual in (BillingCycle.ONE_TIME, BillingCycle.MONTHLY):
            if usual in cycles:
                return usual
        return cycles[0] if cycles else BillingCycle.NONE


# --- who sees which segment -----------------------------------------------------------------------------------------


class SegmentNotAllowed(Forbidden):
    """Source: partner-center-conventions §19, 400030."""

    code = 400030

    def __init__(self, segment: str) -> None:
        super().__init__(
            f"The target segment {segment!r} is not allowed here. Known segments: {', '.join(Segment)}; all but "
            "commercial need the customer's qualification.",
            segment=segment,
        )


def segments_listed(asked: str | None, qualifications: Iterable[str] | None) -> frozenset[Segment]:
    """The segments a listing shows.

    asked: ``targetSegment`` in any case, or none. qualifications: the customer's approved ones, or none when a whole
    market is listed. Nonprofit availabilities show only when asked for (commerce-rules §3). Raises SegmentNotAllowed
    for a segment that does not exist or that the customer is not qualified for.
    """
    held = None if qualifications is None else list(qualifications)
    if asked is None:
        shown = frozenset(Segment) - {Segment.NONPROFIT}
        return shown if held is None else frozenset(segment for segment in shown if may_buy_segment(segment, held))
    if asked.lower() not in set(Segment):
        raise SegmentNotAllowed(asked)
    segment = Segment(asked.lower())
    if held is not None and not may_buy_segment(segment, held):
        raise SegmentNotAllowed(asked)
    return frozenset({segment})
