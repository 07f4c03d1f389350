"""Price rows: which one holds at an instant, and what it comes to for one billing cycle."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

import msgspec

from openpartner.catalogue.rules.items import Segment
from openpartner.catalogue.rules.words import BillingCycle, Duration
from openpartner.platform.money import EXACT

#: How long a row still holds after the instant its ``valid_until`` names.
LAST_SECOND: Final = timedelta(seconds=1)
#: A cycle's price is kept with so many decimals when the term's price does not divide evenly.
CYCLE_DECIMALS: Final = Decimal("0.000001")


class PriceKey(msgspec.Struct, frozen=True):
    """What a price is for. At any instant at most one row holds for a key.

    duration, billing_cycle: the plan. market: ISO country. tier_from: first unit of the tier, 0 without tiers.
    """

    product_id: str
    sku_id: str
    duration: Duration | None
    billing_cycle: BillingCycle
    market: str
    currency: str
    segment: Segment
    tier_from: Decimal = Decimal(0)


class PriceRow(msgspec.Struct, frozen=True):
    """One row of a price list.

    unit_price: of one unit for the whole term, whatever the billing plan (billing §10.5); of the unit when there is no
    term. erp_price: the estimated retail price, on the same basis. tier_to: last unit, none when open.
    valid_from: the first instant. valid_until: the last second in which the row holds, all of it; none when open.
    """

    key: PriceKey
    product_title: str
    sku_title: str
    unit_price: Decimal
    valid_from: datetime
    valid_until: datetime | None = None
    erp_price: Decimal | None = None
    publisher: str = ""
    sku_description: str = ""
    unit_of_measure: str = ""
    tier_to: Decimal | None = None
    tags: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether the row is in force at ``at``."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until + LAST_SECOND)

    def overlaps(self, other: "PriceRow") -> bool:
        """Whether both are for the same key and some instant lies in both."""
        return (
            self.key == other.key
            and (self.valid_until is None or other.valid_from <= self.valid_until)
            and (other.valid_until is None or self.valid_from <= other.valid_until)
        )


def in_force(rows: Iterable[PriceRow], key: PriceKey, at: datetime) -> PriceRow | None:
    """The row of ``key`` that holds at ``at``; of several the one that began last."""
    holding = [row for row in rows if row.key == key and row.holds(at)]
    return max(holding, key=lambda row: row.valid_from, default=None)


def cycle_price(term_price: Decimal, duration: Duration | None, billing_cycle: BillingCycle) -> Decimal:
    """What one unit costs for one billing cycle, from its price for the whole term.

    The term's price by the number of cycles, rounded half up to six decimals when it does not divide evenly.
    Source: billing §10.5 (a one-year row carries the year's price for every billing plan).
    """
    if duration is None or billing_cycle.months is None:
        return term_price
    with localcontext(EXACT):
        price = term_price * billing_cycle.months / duration.months
        return price if price == price.quantize(CYCLE_DECIMALS) else price.quantize(CYCLE_DECIMALS, ROUND_HALF_UP)
