"""The sandbox's catalogue: products, prices in sixteen markets and four currencies, promotions; always the same.

Product names are public facts; prices, publishers of SaaS and promotions are made up. Ids are the known ones where
public clients use them, else made from the part number, so that scripts can rely on them.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import insert

from openpartner.catalogue import seed_products as tables
from openpartner.catalogue.models import Availability, Product, PublishedPromotion, Sku
from openpartner.catalogue.rules import (
    MONTH,
    THREE_YEARS,
    YEAR,
    BillingCycle,
    OfferCategory,
    OwnedProduct,
    Plan,
    PriceKey,
    PriceRow,
    ProductKind,
    Promotion,
    Segment,
)
from openpartner.catalogue.service import add_prices, in_order
from openpartner.platform.identifiers import ALPHANUMERIC
from openpartner.platform.work import UnitOfWork

MICROSOFT: Final = "Microsoft Corporation"
FIRST_DAY: Final = datetime(2020, 1, 1, tzinfo=UTC)
RISE_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SPACE: Final = UUID("6f1c2c1e-6a52-5a3c-9a7e-0d7b1c6f4a10")

#: Where is sold, and in which currency.
MARKET_CURRENCIES: Final = {
    "US": "USD",
    "CA": "USD",
    "MX": "USD",
    "AU": "USD",
    "IN": "USD",
    "SG": "USD",
    "GB": "GBP",
    "JP": "JPY",
    "DE": "EUR",
    "FR": "EUR",
    "NL": "EUR",
    "IE": "EUR",
    "ES": "EUR",
    "IT": "EUR",
    "AT": "EUR",
    "BE": "EUR",
}
#: Minor units of the currency for a hundred US cents, and the step that prices are rounded to.
_RATES: Final = {"USD": (100, 1), "EUR": (96, 10), "GBP": (82, 10), "JPY": (150, 10)}
_DIGITS: Final = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}
_GOVERNMENT_MARKETS: Final = frozenset({"US"})
#: What a segment pays, in percent of the commercial price. Education products have their own price.
_SEGMENT_PERCENT: Final = {
    Segment.COMMERCIAL: 100,
    Segment.GOVERNMENT: 100,
    Segment.NONPROFIT: 25,
    Segment.EDUCATION: 100,
}
#: Known availability ids, by product, SKU, market and segment.
_KNOWN_AVAILABILITIES: Final = {("CFQ7TTC0LH18", "0001", "US", Segment.COMMERCIAL): "CFQ7TTC0K971"}
_PREFIX: Final = {
    ProductKind.LICENSE: "CFQ7TTC0",
    ProductKind.PERPETUAL_SOFTWARE: "DG7GMGF0",
    ProductKind.SOFTWARE_SUBSCRIPTION: "DG7GMGF0",
    ProductKind.LINUX_SOFTWARE: "DG7GMGF0",
}
_TABLES: Final = (
    (ProductKind.LICENSE, tables.LICENSES),
    (ProductKind.PERPETUAL_SOFTWARE, tables.PERPETUAL),
    (ProductKind.SOFTWARE_SUBSCRIPTION, tables.SOFTWARE_SUBSCRIPTIONS),
    (ProductKind.LINUX_SOFTWARE, tables.LINUX),
    (ProductKind.RESERVATION, tables.RESERVATIONS),
    (ProductKind.SAVINGS_PLAN, tables.SAVINGS_PLANS),
    (ProductKind.AZURE_PLAN, tables.AZURE_PLANS),
    (ProductKind.SAAS, tables.SAAS),
)


class Entry(msgspec.Struct, frozen=True):
    """One line of a table: a product with its main SKU. cents: US cents, on the table's basis."""

    kind: ProductKind
    part: str
    product_id: str
    title: str
    cents: int
    facts: dict[str, str]

    @property
    def sku_id(self) -> str:
        """The main SKU."""
        return self.facts.get("sku", "0001")

    @property
    def key(self) -> str:
        """``product:sku`` of the main SKU."""
        return f"{self.product_id}:{self.sku_id}"

    def many(self, fact: str) -> list[str]:
        """A fact's values."""
        return [value for value in self.facts.get(fact, "").split(",") if value]

    @property
    def segments(self) -> list[Segment]:
        """Whom it is for."""
        if "only" in self.facts:
            return [Segment(self.facts["only"])]
        return [Segment.COMMERCIAL, *(Segment(name) for name in self.many("seg"))]


def seed_catalogue(uow: UnitOfWork, markets: Collection[str] = MARKET_CURRENCIES.keys()) -> None:
    """Fill an empty catalogue: 117 products, 145 SKUs and, in all markets, some 11,000 price rows."""
    entries = list(read_entries())
    keys = {entry.part: entry.key for entry in entries}
    uow.db.execute(insert(Product), [_product(entry) for entry in entries])
    uow.db.execute(insert(Sku), [sku for entry in entries for sku in _skus(entry, keys)])
    availabilities: list[dict[str, object]] = []
    prices: list[PriceRow] = []
    for entry in entries:
        for sku_id, is_trial in _sku_ids(entry):
            for segment, market, currency in _places(entry, markets, is_trial=is_trial):
                rows = list(_prices(entry, sku_id, segment, market, currency, is_trial=is_trial))
                prices += rows
                availabilities.append(
                    {
                        "id": availability_id(entry.product_id, sku_id, market, segment),
                        "product_id": entry.product_id,
                        "sku_id": sku_id,
                        "market": market,
                        "segment": segment,
                        "currency": currency,
                        "is_purchasable": True,
                        "plans": in_order({Plan(row.key.duration, row.key.billing_cycle) for row in rows}),
                    }
                )
    uow.db.execute(insert(Availability), availabilities)
    add_prices(uow, prices, None)
    uow.db.execute(insert(PublishedPromotion), [_promotion_row(promotion) for promotion in promotions(entries)])


def read_entries() -> Iterator[Entry]:
    """The tables' lines."""
    for kind, table in _TABLES:
        for line in table.strip().splitlines():
            part, product_id, title, cents, facts = (field.strip() for field in line.split("|"))
            pairs = dict(fact.split("=", 1) for fact in facts.split())
            made = product_id or _PREFIX.get(kind, "DZH318Z0") + _code(part, 4)
            yield Entry(kind, part, made, title, int(cents), pairs)


def _code(text: str, count: int) -> str:
    """Characters that the text alone decides."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    return "".join(ALPHANUMERIC[number // 30**place % 30] for place in range(count))


def availability_id(product_id: str, sku_id: str, market: str, segment: Segment) -> str:
    """The id of a seeded availability."""
    known = _KNOWN_AVAILABILITIES.get((product_id, sku_id, market, segment))
    return known or product_id[:6] + _code(f"{product_id}:{sku_id}:{market}:{segment}", 6)


# --- products and SKUs


def _product(entry: Entry) -> dict[str, object]:
    publisher = entry.facts.get("pub", "").replace("_", " ")
    return {
        "id": entry.product_id,
        "version": 1,
        "kind": entry.kind,
        "sub_type": entry.facts.get("type", "AzureReservationsVM") if entry.kind is ProductKind.RESERVATION else "",
        "title": entry.title,
        "description": _DESCRIPTIONS[entry.kind].format(title=entry.title),
        "publisher_name": publisher or MICROSOFT,
        "publisher_id": publisher.lower().replace(" ", ""),
        "is_microsoft": not publisher,
        "is_published": True,
        "created_at": FIRST_DAY,
    }


_DESCRIPTIONS: Final = {
    ProductKind.LICENSE: "{title}, licensed for each user.",
    ProductKind.PERPETUAL_SOFTWARE: "{title}, a licence that does not end.",
    ProductKind.SOFTWARE_SUBSCRIPTION: "{title}, for one or three years.",
    ProductKind.LINUX_SOFTWARE: "{title}, for one or three years; it cannot be cancelled or exchanged.",
    ProductKind.RESERVATION: "{title}: reserved for one or three years at a reduced price.",
    ProductKind.SAVINGS_PLAN: "{title}: an hourly commitment for one or three years.",
    ProductKind.AZURE_PLAN: "{title}: pay for Azure services as they are used.",
    ProductKind.SAAS: "{title}, a marketplace service.",
}


def _sku_ids(entry: Entry) -> list[tuple[str, bool]]:
    """The SKUs of a product, each with whether it is the trial."""
    return [(entry.sku_id, False), *([("0002", True)] if "trial" in entry.facts else [])]


def _skus(entry: Entry, keys: dict[str, str]) -> Iterator[dict[str, object]]:
    for sku_id, is_trial in _sku_ids(entry):
        is_licence = entry.kind is ProductKind.LICENSE
        base = [keys[part] for part in entry.many("base")]
        part = entry.part + ("_TRIAL" if is_trial else "")
        legacy = uuid5(_SPACE, f"offer/{part}")
        yield {
            "product_id": entry.product_id,
            "id": sku_id,
            "title": entry.title + (" Trial" if is_trial else ""),
            "description": _DESCRIPTIONS[entry.kind].format(title=entry.title)
            + (" Free for 30 days, 25 seats." if is_trial else ""),
            "unit_of_measure": entry.facts.get("unit", "1_License").replace("_", " "),
            "minimum_quantity": 25 if is_trial else int(entry.facts.get("min", 1)),
            "maximum_quantity": 25 if is_trial else _maximum(entry),
            "is_trial": is_trial,
            "is_addon": bool(base),
            "prerequisite_skus": base,
            "base_seat_percent": int(entry.facts.get("percent", 0)),
            "upgrade_targets": [keys[name] for name in entry.many("up")],
            "converts_to": entry.key if is_trial else "",
            "ownership_limit": 1 if is_trial or entry.kind is ProductKind.AZURE_PLAN else None,
            "is_ownership_limit_lifetime": is_trial,
            "enforces_attestation": "attest" in entry.facts,
            "attestation_type": "Calling plan emergency address" if "attest" in entry.facts else "",
            "needs_registration": entry.kind is ProductKind.RESERVATION,
            "has_inventory": entry.kind is ProductKind.RESERVATION,
            "inventory_variables": ["CustomerId", "AzureSubscriptionId"] if "arm" in entry.facts else [],
            "provisioning_variables": ["Scope", "SubscriptionId"] if entry.kind is ProductKind.RESERVATION else [],
            "restricted_regions": entry.many("out"),
            "provisioning_id": _licence_part(entry) if is_licence else None,
            "provisioning_string": entry.part if is_licence else "",
            "service_plans": [],
            "attributes": _attributes(entry),
            "is_renewable": entry.kind not in {ProductKind.PERPETUAL_SOFTWARE, ProductKind.AZURE_PLAN},
            "legacy_offer_id": _legacy_offer(entry, legacy, is_trial=is_trial),
            "offer_category": _category(entry, is_trial=is_trial),
        }


def _maximum(entry: Entry) -> int:
    usual = {ProductKind.AZURE_PLAN: 1, ProductKind.RESERVATION: 1_000, ProductKind.SAVINGS_PLAN: 100_000}
    return int(entry.facts.get("max", usual.get(entry.kind, 10_000_000)))


def _licence_part(entry: Entry) -> UUID:
    """The directory's part number; a trial gives the same licence."""
    return UUID(entry.facts["guid"]) if "guid" in entry.facts else uuid5(_SPACE, f"part/{entry.part}")


def _legacy_offer(entry: Entry, made: UUID, *, is_trial: bool) -> UUID | None:
    if "cat" not in entry.facts:
        return None
    return UUID(entry.facts["offer"]) if "offer" in entry.facts and not is_trial else made


def _category(entry: Entry, *, is_trial: bool) -> OfferCategory | None:
    if "cat" not in entry.facts:
        return None
    return OfferCategory.TRIAL if is_trial else OfferCategory(f"{entry.facts['cat']}_Key")


def _attributes(entry: Entry) -> dict[str, str]:
    named = {"armSkuName": entry.facts.get("arm", ""), "armRegionName": entry.facts.get("region", "")}
    if entry.kind is ProductKind.RESERVATION:
        kinds = {"AzureReservationsSQL": "SqlDatabases", "AzureReservationsCosmosDb": "CosmosDb"}
        named["reservationType"] = kinds.get(entry.facts.get("type", ""), "VirtualMachines")
    if "po" in entry.facts:
        named["requiresPurchaseOrder"] = "true"
    return {name: value for name, value in named.items() if value}


# --- prices


def _places(entry: Entry, markets: Collection[str], *, is_trial: bool) -> Iterator[tuple[Segment, str, str]]:
    """Where it is sold. There are no trials for government and education (commerce-rules §13)."""
    for segment in entry.segments:
        if is_trial and segment is not Segment.COMMERCIAL:
            continue
        for market, currency in MARKET_CURRENCIES.items():
            is_sold = segment is not Segment.GOVERNMENT or market in _GOVERNMENT_MARKETS
            if is_sold and market in markets:
                yield segment, market, currency


def _prices(
    entry: Entry, sku_id: str, segment: Segment, market: str, currency: str, *, is_trial: bool
) -> Iterator[PriceRow]:
    rise = int(entry.facts.get("rise", 0))
    before_rise = RISE_DAY - timedelta(seconds=1)
    spans = [(0, FIRST_DAY, before_rise if rise else None), *([(rise, RISE_DAY, None)] if rise else [])]
    for percent, valid_from, valid_until in spans:
        cents = entry.cents * _SEGMENT_PERCENT[segment] * (100 + percent) // 10_000
        for plan, minor in _plan_prices(entry, cents, currency, is_trial=is_trial):
            yield PriceRow(
                key=PriceKey(entry.product_id, sku_id, plan.duration, plan.billing_cycle, market, currency, segment),
                product_title=entry.title,
                sku_title=entry.title,
                unit_price=_amount(minor, currency),
                erp_price=_amount(minor * 5 // 4, currency),
                valid_from=valid_from,
                valid_until=valid_until,
                publisher=MICROSOFT,
                tags=_TAGS.get(entry.kind, ""),
            )


_TAGS: Final = {ProductKind.RESERVATION: "Azure;Reservation", ProductKind.SAAS: "Third Party"}


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-_DIGITS[currency])


def _local(cents: int, currency: str) -> int:
    """US cents in the currency's minor units, rounded half up to its step."""
    rate, step = _RATES[currency]
    return (2 * cents * rate + 100 * step) // (200 * step) * step


def _percent(minor: int, percent: int) -> int:
    return (2 * minor * percent + 100) // 200


def _plan_prices(entry: Entry, cents: int, currency: str, *, is_trial: bool) -> Iterator[tuple[Plan, int]]:
    """Each plan with its price for the whole term, in minor units.

    Month by month costs 20 % more than a year paid upfront; a year paid by the month 5 % more. Source: billing §5.
    """
    if is_trial:
        yield Plan(MONTH, BillingCycle.MONTHLY), 0
    elif entry.kind in {ProductKind.LICENSE, ProductKind.SAAS}:
        yield from _seat_prices(entry, _local(cents, currency))
    elif entry.kind is ProductKind.PERPETUAL_SOFTWARE:
        yield Plan(None, BillingCycle.ONE_TIME), _local(cents, currency)
    elif entry.kind is ProductKind.AZURE_PLAN:
        yield Plan(None, BillingCycle.MONTHLY), 0
    elif entry.kind is ProductKind.RESERVATION:
        year = _local(cents, currency) // 12 * 12
        yield Plan(YEAR, BillingCycle.ONE_TIME), year
        yield Plan(YEAR, BillingCycle.MONTHLY), year
        yield Plan(THREE_YEARS, BillingCycle.ONE_TIME), year * 2
        yield Plan(THREE_YEARS, BillingCycle.MONTHLY), year // 12 * 24 // 36 * 36
    else:
        year = _local(cents, currency)
        yield Plan(YEAR, BillingCycle.ONE_TIME), year
        yield Plan(THREE_YEARS, BillingCycle.ONE_TIME), _percent(year * 3, 90)
        yield Plan(THREE_YEARS, BillingCycle.ANNUAL), year * 3


def _seat_prices(entry: Entry, month: int) -> Iterator[tuple[Plan, int]]:
    plans = entry.facts.get("plans", "my3" if entry.facts.get("cat") == "Enterprise" else "my")
    by_month = _percent(month, 105) * 12
    if "m" in plans:
        yield Plan(MONTH, BillingCycle.MONTHLY), _percent(month, 120)
    if "y" in plans:
        yield Plan(YEAR, BillingCycle.MONTHLY), by_month
        yield Plan(YEAR, BillingCycle.ANNUAL), month * 12
    if "3" in plans:
        yield Plan(THREE_YEARS, BillingCycle.MONTHLY), by_month * 3
        yield Plan(THREE_YEARS, BillingCycle.ANNUAL), month * 36
        yield Plan(THREE_YEARS, BillingCycle.TRIENNIAL), month * 36


# --- promotions


def promotions(entries: Iterable[Entry]) -> list[Promotion]:
    """Five promotions that show each kind of condition, and one that is over."""
    products = {entry.part: entry.product_id for entry in entries}

    def promotion(promotion_id: str, part: str, discount: str, name: str, **more: object) -> Promotion:
        return msgspec.structs.replace(
            Promotion(
                id=promotion_id,
                name=name,
                description=f"{Decimal(discount):.0%} off for the first term.",
                product_id=products[part],
                sku_id="0001",
                duration=YEAR,
                billing_cycle=BillingCycle.MONTHLY,
                discount=Decimal(discount),
                starts_at=FIRST_DAY,
                ends_at=datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC),
            ),
            **more,
        )

    return [
        promotion("39NFJQT1PJQB:0001:39NFJQT1Q5KN", "SPB", "0.15", "Business Premium for a year", redemption_limit=2),
        promotion(
            "39NFJQT1PJQC:0001:39NFJQT1Q5KP",
            "SPE_E5",
            "0.10",
            "Step up to E5",
            owned=((OwnedProduct(products["SPE_E3"], 10),), (OwnedProduct(products["ENTERPRISEPACK"], 10),)),
            billing_cycle=BillingCycle.ANNUAL,
        ),
        promotion(
            "39NFJQT1PJQD:0001:39NFJQT1Q5KQ",
            "POWER_BI_PRO",
            "0.05",
            "First Power BI",
            is_for_new_buyers=True,
            is_auto_applicable=False,
        ),
        promotion(
            "39NFJQT1PJQF:0001:39NFJQT1Q5KR",
            "MICROSOFT_365_COPILOT",
            "0.20",
            "Copilot for teams",
            minimum_seats=10,
            maximum_seats=300,
            billing_cycle=BillingCycle.ANNUAL,
        ),
        promotion(
            "39NFJQT1PJQG:0001:39NFJQT1Q5KS",
            "O365_BUSINESS_PREMIUM",
            "0.10",
            "Business Standard in Europe",
            markets=frozenset(market for market, currency in MARKET_CURRENCIES.items() if currency == "EUR"),
        ),
        promotion(
            "39NFJQT1PJQH:0001:39NFJQT1Q5KT",
            "TEAMS_ENTERPRISE",
            "0.25",
            "Teams launch",
            ends_at=datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC),
        ),
    ]


def _promotion_row(promotion: Promotion) -> dict[str, object]:
    return {
        "id": promotion.id,
        "product_id": promotion.product_id,
        "sku_id": promotion.sku_id,
        "segment": promotion.segment,
        "starts_at": promotion.starts_at,
        "ends_at": promotion.ends_at,
        "terms": promotion,
    }
