"""The words of the catalogue (kinds, cycles, durations, ids) and what of it a customer may buy, at what price."""

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.platform.errors import Invalid

# --- kinds, cycles, durations ---------------------------------------------------------------------------------------


class ProductKind(StrEnum):
    """How a product is bought, billed and cancelled. Finer than the wire's ``productType``, see ``PRODUCT_TYPES``."""

    LICENSE = "license"
    SOFTWARE_SUBSCRIPTION = "software_subscription"
    PERPETUAL_SOFTWARE = "perpetual_software"
    LINUX_SOFTWARE = "linux_software"
    RESERVATION = "reservation"
    SAVINGS_PLAN = "savings_plan"
    AZURE_PLAN = "azure_plan"
    SAAS = "saas"

    @property
    def is_software(self) -> bool:
        """Bought for a term or for ever, cancelled by order, never changed in quantity."""
        return self in {
            ProductKind.SOFTWARE_SUBSCRIPTION,
            ProductKind.PERPETUAL_SOFTWARE,
            ProductKind.LINUX_SOFTWARE,
        }


class ItemType(msgspec.Struct, frozen=True):
    """The wire's ``productType``: id, display name and, for reservations, a subtype id."""

    id: str
    display_name: str
    sub_type: str = ""


#: Source: commerce-rules §1 (OnlineServicesNCE, Azure, Software), partner-center-resources §5 (AzureReservationsVM).
PRODUCT_TYPES: Final[Mapping[ProductKind, ItemType]] = {
    ProductKind.LICENSE: ItemType("OnlineServicesNCE", "OnlineServicesNCE"),
    ProductKind.SOFTWARE_SUBSCRIPTION: ItemType("Software", "Software"),
    ProductKind.PERPETUAL_SOFTWARE: ItemType("Software", "Software"),
    ProductKind.LINUX_SOFTWARE: ItemType("Software", "Software"),
    ProductKind.RESERVATION: ItemType("Azure", "Azure", "AzureReservationsVM"),
    ProductKind.SAVINGS_PLAN: ItemType("Azure", "Azure", "AzureSavingsPlan"),
    ProductKind.AZURE_PLAN: ItemType("Azure", "Azure"),
    ProductKind.SAAS: ItemType("SaaS", "SaaS"),
}


class BillingCycle(StrEnum):
    """How often a term is charged. Values are the wire's snake texts. Source: partner-center-resources §7."""

    MONTHLY = "monthly"
    ANNUAL = "annual"
    BIENNIAL = "biennial"
    TRIENNIAL = "triennial"
    ONE_TIME = "one_time"
    NONE = "none"

    @property
    def months(self) -> int | None:
        """Months between two charges; none when there is at most one charge."""
        return {
            BillingCycle.MONTHLY: 1,
            BillingCycle.ANNUAL: 12,
            BillingCycle.BIENNIAL: 24,
            BillingCycle.TRIENNIAL: 36,
        }.get(self)

    @property
    def pascal(self) -> str:
        """The text of availability terms and promotions: ``Monthly``, ``OneTime``."""
        return "".join(word.capitalize() for word in self.value.split("_"))


_DURATION = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?", re.IGNORECASE)


class Duration(msgspec.Struct, frozen=True, order=True):
    """An ISO 8601 duration of whole months and days. Years are twelve months."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """``P1M``, ``P1Y``, ``P3Y``, ``P30D``; raises DurationInvalid."""
        found = _DURATION.fullmatch(text.strip())
        if found is None or not any(found.groups()):
            raise DurationInvalid(text)
        years, months, days = (int(part or 0) for part in found.groups())
        return cls(years * 12 + months, days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = (f"{years}Y" if years else "", f"{months}M" if months else "", f"{self.days}D" if self.days else "")
        return "P" + ("".join(parts) or "0D")


class DurationInvalid(Invalid):
    """Source: partner-center-conventions §19, 800121."""

    code = 800121

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not a term duration. Use an ISO 8601 duration such as P1M, P1Y or P3Y.", term=text
        )


MONTH: Final = Duration(months=1)
YEAR: Final = Duration(months=12)
THREE_YEARS: Final = Duration(months=36)
FIVE_YEARS: Final = Duration(months=60)


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later, clamped to that month's last day. Source: billing §3."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_duration(day: date, duration: Duration) -> date:
    """Months first, clamped, then days."""
    return add_months(day, duration.months) + timedelta(days=duration.days)


# --- identifiers ----------------------------------------------------------------------------------------------------

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
