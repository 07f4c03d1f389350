"""Looking at the catalogue: whose it is, what is in it, and what the inventory says."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from openpartner.catalogue import queries
from openpartner.catalogue.models import Sku
from openpartner.catalogue.queries import Showcase
from openpartner.catalogue.rules import Segment, may_buy_segment, segments_listed
from openpartner.customers import queries as customers
from openpartner.customers.rules import qualified_for
from openpartner.platform.countries import MARKETS
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork


class MarketNeeded(Invalid):
    """The country is missing or is none. Source: partner-center-endpoints, catalog: country is required."""

    def __init__(self, country: str) -> None:
        super().__init__(
            f"{country!r} is not a country. Give country as two letters, such as US."
            if country
            else "Give the country whose catalogue you want, as two letters, such as US.",
            country=country,
        )


def showcase_of_market(uow: UnitOfWork, country: str | None, target_segment: str | None = None) -> Showcase:
    """The catalogue of a country. Raises MarketNeeded, SegmentNotAllowed."""
    queries.require_catalogue(uow.actor)
    market = (country or "").strip().upper()
    if market not in MARKETS:
        raise MarketNeeded(market)
    return Showcase(market, segments_listed(target_segment, None))


def showcase_of_customer(
    uow: UnitOfWork, customer_id: UUID, target_segment: str | None = None, *, every_segment: bool = False
) -> Showcase:
    """The catalogue as this customer may buy from it: its country, the segments it is qualified for.

    every_segment: nonprofit too, which lists show only when asked for.
    Raises CustomerUnknown, RelationshipNeeded, SegmentNotAllowed.
    """
    queries.require_catalogue(uow.actor)
    customer = customers.one_customer(uow, customer_id)
    held = {row.qualification: row.vetting for row in customers.qualifications_of(uow, customer)}
    qualified = qualified_for(held)
    if every_segment:
        return Showcase(customer.country, frozenset(s for s in Segment if may_buy_segment(s, qualified)))
    return Showcase(customer.country, segments_listed(target_segment, qualified))


class InventoryAsked(msgspec.Struct, frozen=True):
    """An item whose inventory is asked for; ``sku_id`` empty means any SKU of the product."""

    product_id: str
    sku_id: str = ""


class Inventory(msgspec.Struct, frozen=True):
    """Whether an item can be bought in the given context; region: the one it is sold out in."""

    asked: InventoryAsked
    is_restricted: bool
    region: str = ""


class InventoryContextMissing(Invalid):
    """Source: partner-center-resources §5, inventoryVariables."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"Give {', '.join(missing)} in the inventoryContext.", missing=list(missing))


def check_inventory(
    uow: UnitOfWork, country: str | None, items: Sequence[InventoryAsked], context: Mapping[str, str]
) -> list[Inventory]:
    """Which of the items can be bought in this context; unknown ones are left out of the answer.

    context: keys in any case, as the SKU's ``inventoryVariables`` name them. A product asked for without a SKU is
    restricted when each of its SKUs is. Raises MarketNeeded, InventoryContextMissing.
    """
    showcase = showcase_of_market(uow, country)
    given = {key.lower(): value for key, value in context.items()}
    answers = []
    for asked in items:
        try:
            skus = queries.skus(uow, showcase, asked.product_id)
        except queries.ProductUnknown:
            continue
        meant = [sku for sku in skus if not asked.sku_id or sku.id == asked.sku_id.upper()]
        if not meant:
            continue
        _check_context(meant, given)
        region = given.get("armregionname", "").lower()
        sold_out = all(region in sku.restricted_regions for sku in meant)
        answers.append(Inventory(asked, is_restricted=sold_out, region=region if sold_out else ""))
    return answers


def _check_context(skus: Sequence[Sku], given: Mapping[str, str]) -> None:
    needed = {name for sku in skus if sku.has_inventory for name in sku.inventory_variables}
    missing = sorted(name for name in needed if not given.get(name.lower()))
    if missing:
        raise InventoryContextMissing(missing)
