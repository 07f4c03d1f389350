"""What a customer can be sold now, with the price of each plan: the catalogue as a shopper walks through it."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue import service as catalogue_service
from openpartner.catalogue.queries import Offered, PriceFilter
from openpartner.catalogue.rules import BillingCycle, Plan, ProductKind, Segment, cycle_price
from openpartner.platform.permissions import ORDERS_PLACE
from openpartner.platform.work import UnitOfWork


class PricedPlan(msgspec.Struct, frozen=True):
    """A plan and what one unit costs with it: for one billing cycle, and for the whole term."""

    plan: Plan
    cycle_price: Decimal
    term_price: Decimal
    currency: str


class ShelfItem(msgspec.Struct, frozen=True):
    """Something that can be put into the cart. plans: the shortest term first."""

    offered: Offered
    plans: tuple[PricedPlan, ...]


class Wanted(msgspec.Struct, frozen=True):
    """What the shopper looks for. Empty members ask nothing; months: of the term, 0 for what has none."""

    kinds: frozenset[ProductKind]
    text: str = ""
    months: int | None = None
    billing_cycle: BillingCycle | None = None
    segment: Segment | None = None
    is_trial: bool | None = None
    is_addon: bool | None = None


def shelf(uow: UnitOfWork, customer_id: UUID, wanted: Wanted) -> list[ShelfItem]:
    """All that this customer may buy of what is wanted, by title. Raises CustomerUnknown, RelationshipNeeded."""
    uow.actor.require(ORDERS_PLACE.write)
    showcase = catalogue_service.showcase_of_customer(uow, customer_id, every_segment=True)
    if wanted.segment is not None:
        showcase = msgspec.structs.replace(showcase, segments=showcase.segments & {wanted.segment})
    offered = catalogue.offered_in(uow, showcase, wanted.kinds, wanted.text)
    prices = _prices(uow, showcase.market, wanted.kinds, showcase.segments)
    items = [ShelfItem(each, _plans_of(each, prices, wanted)) for each in offered if _fits(each, wanted)]
    return [item for item in items if item.plans]


def _fits(offered: Offered, wanted: Wanted) -> bool:
    return (wanted.is_trial is None or offered.sku.is_trial is wanted.is_trial) and (
        wanted.is_addon is None or offered.sku.is_addon is wanted.is_addon
    )


_Key = tuple[str, Segment, str, Plan]


def _prices(
    uow: UnitOfWork, market: str, kinds: Collection[ProductKind], segments: Collection[Segment]
) -> dict[_Key, Decimal]:
    """The term prices that hold now, of the first tier; of several rows the one that began last counts."""
    asked = PriceFilter(market, frozenset(kinds), uow.now, uow.now, frozenset(segments))
    found: dict[_Key, Decimal] = {}
    for _, sku, price in catalogue.priced(uow, asked):  # by start: later rows replace earlier ones
        if not price.tier_from:
            found[sku.key, price.segment, price.currency, price.plan] = price.unit_price
    return found


def _plans_of(offered: Offered, prices: dict[_Key, Decimal], wanted: Wanted) -> tuple[PricedPlan, ...]:
    found = []
    currency = offered.availability.currency
    for plan in offered.plans:
        term_price = prices.get((offered.sku.key, offered.availability.segment, currency, plan))
        if term_price is None or not _plan_fits(plan, wanted):
            continue
        each = cycle_price(term_price, plan.duration, plan.billing_cycle)
        found.append(PricedPlan(plan, each, term_price, currency))
    return tuple(sorted(found, key=_shortest_first))


def _plan_fits(plan: Plan, wanted: Wanted) -> bool:
    months = plan.duration.months if plan.duration is not None else 0
    return (wanted.months is None or months == wanted.months) and (
        wanted.billing_cycle is None or plan.billing_cycle is wanted.billing_cycle
    )


def _shortest_first(each: PricedPlan) -> tuple[int, int]:
    duration = each.plan.duration
    return (duration.months if duration is not None else 0, each.plan.billing_cycle.months or 0)


def plans_of_items(uow: UnitOfWork, offered: Sequence[Offered]) -> dict[str, tuple[PricedPlan, ...]]:
    """Of each item, by its id, the plans it is sold with now: what a cart lets one choose from."""
    wanted = [catalogue.Priced(each.item, plan) for each in offered for plan in each.plans]
    found: dict[str, list[PricedPlan]] = {str(each.item.id): [] for each in offered}
    for priced, quote in zip(wanted, catalogue.prices_of(uow, wanted, uow.now), strict=True):
        if quote is not None:
            plan = PricedPlan(priced.plan, quote.cycle_price, quote.term_price, quote.currency)
            found[str(priced.item.id)].append(plan)
    return {item_id: tuple(sorted(plans, key=_shortest_first)) for item_id, plans in found.items()}
