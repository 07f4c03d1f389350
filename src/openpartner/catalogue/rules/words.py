"""The words everything sold is described with: kinds, billing cycles, durations."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.platform.errors import Invalid


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


# How people read them.

CYCLE_WORDS: Final[Mapping[BillingCycle, str]] = {
    BillingCycle.MONTHLY: "Monthly",
    BillingCycle.ANNUAL: "Yearly",
    BillingCycle.BIENNIAL: "Every two years",
    BillingCycle.TRIENNIAL: "Every three years",
    BillingCycle.ONE_TIME: "Once",
    BillingCycle.NONE: "Not charged",
}
