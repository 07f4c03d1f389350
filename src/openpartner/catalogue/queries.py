"""Reads of the catalogue. It is one for everybody: market, segments and instant decide what is shown."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, or_, select

from openpartner.catalogue.models import Availability, Price, PricePublication, Product, PublishedPromotion, Sku
from openpartner.catalogue.rules import (
    LAST_SECOND,
    OFFER_CATEGORIES,
    BillingCycle,
    CatalogItemId,
    Item,
    OfferCategory,
    Plan,
    ProductKind,
    Promotion,
    Segment,
    TargetView,
    cycle_price,
)
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import CUSTOMER_STOREFRONT, OPERATOR_CATALOGUE, PRICES
from openpartner.platform.work import UnitOfWork


class ProductUnknown(NotFound):
    """Source: partner-center-conventions §19, 400013."""

    code = 400013

    def __init__(self, product_id: str) -> None:
        super().__init__("The product", product_id, product_id=product_id)


class SkuUnknown(NotFound):
    """Source: partner-center-conventions §19, 400018."""

    code = 400018

    def __init__(self, product_id: str, sku_id: str) -> None:
        super().__init__("The SKU", f"{product_id}:{sku_id}", product_id=product_id, sku_id=sku_id)


class AvailabilityUnknown(NotFound):
    """Source: partner-center-conventions §19, 400019: ids rotate, read them again."""

    code = 400019

    def __init__(self, product_id: str, sku_id: str, availability_id: str) -> None:
        super().__init__("The availability", f"{product_id}:{sku_id}:{availability_id}")


class OfferUnknown(NotFound):
    """No legacy offer has this id in the market."""

    def __init__(self, offer_id: str) -> None:
        super().__init__("The offer", offer_id, offer_id=offer_id)


class Showcase(msgspec.Struct, frozen=True):
    """Whose catalogue is read: a market's, or of it what one customer may buy.

    segments: those to list; see ``rules.segments_listed``.
    """

    market: str
    segments: frozenset[Segment]


class Offered(msgspec.Struct, frozen=True):
    """An availability with its product and SKU, and the plans that have a price now."""

    product: Product
    sku: Sku
    availability: Availability
    plans: tuple[Plan, ...]

    @property
    def item(self) -> Item:
        """As the rules of buying take it."""
        return self.availability.item(self.product, self.sku, self.plans)


class Quote(msgspec.Struct, frozen=True):
    """The price of one unit for one billing cycle at an instant.

    price_id: the price row it comes from. term_price: what that row says, for the whole term.
    """

    price_id: UUID
    cycle_price: Decimal
    term_price: Decimal
    currency: str


READING = (PRICES.read, CUSTOMER_STOREFRONT.read, OPERATOR_CATALOGUE.read)
"""What lets one look at offers and prices: as a partner, as a customer, as the programme operator."""


def require_catalogue(actor: Actor) -> None:
    """Refuse who may not look at offers and prices: first line of every use case that reads the catalogue."""
    if actor.tenant_kind is TenantKind.OPERATOR:
        actor.require(OPERATOR_CATALOGUE.read)
    elif actor.tenant_kind is TenantKind.CUSTOMER:
        actor.require(CUSTOMER_STOREFRONT.read)
    else:
        actor.require(PRICES.read)


# --- products, SKUs, availabilities


def _sold(showcase: Showcase) -> ColumnElement[bool]:
    return and_(
        Availability.market == showcase.market,
        Availability.segment.in_(sorted(showcase.segments)),
        Availability.is_purchasable,
        Product.is_published,
    )


def products(uow: UnitOfWork, showcase: Showcase, view: TargetView) -> Sequence[Product]:
    """The products of a view that are sold there, by id."""
    sold = (
        select(Availability.product_id)
        .join(Product, Product.id == Availability.product_id)
        .where(_sold(showcase), Product.kind.in_(sorted(view.kinds)))
    )
    statement = select(Product).where(Product.id.in_(sold)).order_by(Product.id)
    if view.sub_type:
        statement = statement.where(Product.sub_type == view.sub_type)
    return uow.db.scalars(statement).all()


def one_product(uow: UnitOfWork, showcase: Showcase, product_id: str) -> Product:
    """A product sold there. Raises ProductUnknown."""
    statement = (
        select(Product)
        .join(Availability, Availability.product_id == Product.id)
        .where(_sold(showcase), Product.id == product_id.upper())
        .limit(1)
    )
    found = uow.db.scalar(statement)
    if found is None:
        raise ProductUnknown(product_id.upper())
    return found


def skus(uow: UnitOfWork, showcase: Showcase, product_id: str) -> Sequence[Sku]:
    """The SKUs of a product that are sold there, by id. Raises ProductUnknown."""
    product = one_product(uow, showcase, product_id)
    sold = (
        select(Availability.sku_id)
        .join(Product, Product.id == Availability.product_id)
        .where(_sold(showcase), Availability.product_id == product.id)
    )
    return uow.db.scalars(select(Sku).where(Sku.product_id == product.id, Sku.id.in_(sold)).order_by(Sku.id)).all()


def one_sku(uow: UnitOfWork, showcase: Showcase, product_id: str, sku_id: str) -> Sku:
    """One SKU sold there. Raises ProductUnknown, SkuUnknown."""
    for sku in skus(uow, showcase, product_id):
        if sku.id == sku_id.upper():
            return sku
    raise SkuUnknown(product_id.upper(), sku_id.upper())


def plans_sold(uow: UnitOfWork, showcase: Showcase, product_id: str) -> dict[str, list[Plan]]:
    """Of each SKU of a product the plans it is sold with there, whatever the segment."""
    statement = (
        select(Availability.sku_id, Availability.plans)
        .join(Product, Product.id == Availability.product_id)
        .where(_sold(showcase), Availability.product_id == product_id)
        .order_by(Availability.sku_id, Availability.segment)
    )
    found: dict[str, list[Plan]] = {}
    for sku_id, plans in uow.db.execute(statement):
        known = found.setdefault(sku_id, [])
        known += [plan for plan in plans if plan not in known]
    return found


def availabilities(uow: UnitOfWork, showcase: Showcase, product_id: str, sku_id: str) -> list[Offered]:
    """Where and how a SKU is sold there, by segment. Raises ProductUnknown, SkuUnknown."""
    sku = one_sku(uow, showcase, product_id, sku_id)
    return _offered(uow, _sold(showcase), Availability.product_id == sku.product_id, Availability.sku_id == sku.id)


def one_availability(
    uow: UnitOfWork, showcase: Showcase, product_id: str, sku_id: str, availability_id: str
) -> Offered:
    """One availability there. Raises ProductUnknown, SkuUnknown, AvailabilityUnknown."""
    for offered in availabilities(uow, showcase, product_id, sku_id):
        if offered.availability.id == availability_id.upper():
            return offered
    raise AvailabilityUnknown(product_id.upper(), sku_id.upper(), availability_id.upper())


def offered_in(
    uow: UnitOfWork, showcase: Showcase, kinds: Collection[ProductKind] = (), text: str = ""
) -> list[Offered]:
    """Everything sold there, for the storefront: of these kinds, with ``text`` in a title or id; by title."""
    conditions = [_sold(showcase)]
    if kinds:
        conditions.append(Product.kind.in_(sorted(kinds)))
    if text.strip():
        like = f"%{literal_text(text.strip())}%"
        conditions.append(or_(*(column.ilike(like, escape="\\") for column in (Product.title, Sku.title, Product.id))))
    found = _offered(uow, *conditions)
    return sorted(found, key=lambda offered: (offered.sku.title.lower(), offered.sku.key, offered.availability.id))


def literal_text(text: str) -> str:
    """A text whose ``%`` and ``_`` stand for themselves in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def offered(uow: UnitOfWork, item_id: CatalogItemId) -> Offered | None:
    """The item with this id in whatever market, withdrawn ones too; none when there never was one."""
    return offered_items(uow, [item_id]).get(item_id)


def offered_items(uow: UnitOfWork, item_ids: Collection[CatalogItemId]) -> dict[CatalogItemId, Offered]:
    """``offered`` for several, in two statements; those that there never were are left out."""
    if not item_ids:
        return {}
    found = _offered(uow, Availability.id.in_(sorted({item_id.availability_id for item_id in item_ids})))
    by_id = {each.item.id: each for each in found}
    return {item_id: by_id[item_id] for item_id in item_ids if item_id in by_id}


def offered_by_sku(uow: UnitOfWork, product_id: str, sku_id: str, market: str, segment: Segment) -> Offered | None:
    """A SKU's present availability: what a renewal, an upgrade or a trial's conversion reads; none when not sold."""
    found = _offered(
        uow,
        _sold(Showcase(market, frozenset({segment}))),
        Availability.product_id == product_id,
        Availability.sku_id == sku_id,
    )
    return found[0] if found else None


def _offered(uow: UnitOfWork, *conditions: ColumnElement[bool]) -> list[Offered]:
    statement = (
        select(Product, Sku, Availability)
        .join(Sku, Sku.product_id == Product.id)
        .join(Availability, and_(Availability.product_id == Sku.product_id, Availability.sku_id == Sku.id))
        .where(*conditions)
        .order_by(Product.id, Sku.id, Availability.segment, Availability.id)
    )
    rows = uow.db.execute(statement).all()
    priced = _priced_plans(uow, [row.Availability for row in rows], uow.now)
    return [
        Offered(
            product, sku, availability, tuple(plan for plan in availability.plans if plan in priced[availability.id])
        )
        for product, sku, availability in rows
    ]


def _priced_plans(uow: UnitOfWork, rows: Sequence[Availability], at: datetime) -> dict[str, set[Plan]]:
    """Of each availability the plans that have a price at ``at``."""
    priced: dict[str, set[Plan]] = {row.id: set() for row in rows}
    by_place: dict[tuple[str, str, str, Segment, str], str] = {
        (row.product_id, row.sku_id, row.market, row.segment, row.currency): row.id for row in rows
    }
    for part in _batches(sorted({row.product_id for row in rows})):
        statement = select(
            Price.product_id,
            Price.sku_id,
            Price.market,
            Price.segment,
            Price.currency,
            Price.duration,
            Price.billing_cycle,
        ).where(
            Price.product_id.in_(part),
            Price.market.in_(sorted({row.market for row in rows})),
            *holds_at(at),
        )
        for product_id, sku_id, market, segment, currency, duration, cycle in uow.db.execute(statement.distinct()):
            availability_id = by_place.get((product_id, sku_id, market, segment, currency))
            if availability_id is not None:
                priced[availability_id].add(Plan.of(duration, cycle))
    return priced


def _batches(ids: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


# --- prices


def holds_at(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """That a price row is in force at ``at``."""
    return Price.valid_from <= at, or_(Price.valid_until.is_(None), Price.valid_until > at - LAST_SECOND)


class Priced(msgspec.Struct, frozen=True):
    """Of what a price is asked. quantity: decides the tier where there are tiers."""

    item: Item
    plan: Plan
    quantity: int = 1

    @property
    def key(self) -> tuple[str, str, str, Segment, str, str, BillingCycle]:
        """What its price rows have in common."""
        item, plan = self.item, self.plan
        place = (item.id.product_id, item.id.sku_id, item.country, item.segment, item.currency)
        return (*place, plan.duration_text, plan.billing_cycle)


_PLACE = (Price.product_id, Price.sku_id, Price.market, Price.segment, Price.currency)
_PRICE_KEY = (*_PLACE, Price.duration, Price.billing_cycle)


def prices_of(uow: UnitOfWork, wanted: Sequence[Priced], at: datetime) -> list[Quote | None]:
    """What one unit of each costs for one cycle of its plan at ``at``; none for what has no price then.

    Of several rows that hold the one of the highest tier, then the one that began last counts.
    """
    if not wanted:
        return []
    statement = (
        select(*_PRICE_KEY, Price.id, Price.tier_from, Price.unit_price)
        .where(
            Price.product_id.in_(sorted({each.item.id.product_id for each in wanted})),
            Price.sku_id.in_(sorted({each.item.id.sku_id for each in wanted})),
            Price.market.in_(sorted({each.item.country for each in wanted})),
            *holds_at(at),
        )
        .order_by(Price.tier_from.desc(), Price.valid_from.desc())
    )
    rows: dict[tuple[object, ...], list[Any]] = defaultdict(list)
    for row in uow.db.execute(statement):
        rows[tuple(row[: len(_PRICE_KEY)])].append(row)
    return [
        _quote(each, next((row for row in rows[each.key] if row.tier_from <= each.quantity), None)) for each in wanted
    ]


def _quote(priced: Priced, row: Row[Any] | None) -> Quote | None:
    if row is None:
        return None
    each = cycle_price(row.unit_price, priced.plan.duration, priced.plan.billing_cycle)
    return Quote(price_id=row.id, cycle_price=each, term_price=row.unit_price, currency=row.currency)


def price_of(uow: UnitOfWork, item: Item, plan: Plan, at: datetime, quantity: int = 1) -> Quote | None:
    """``prices_of`` for one."""
    return prices_of(uow, [Priced(item, plan, quantity)], at)[0]


class PriceFilter(msgspec.Struct, frozen=True):
    """Which rows of the price history: of one market and these kinds, holding at some instant from start to end."""

    market: str
    kinds: frozenset[ProductKind]
    starts_at: datetime
    ends_at: datetime
    segments: frozenset[Segment] = frozenset(Segment)
    text: str = ""


def priced(uow: UnitOfWork, wanted: PriceFilter) -> list[tuple[Product, Sku, Price]]:
    """The rows of a price list, by product, SKU, segment, plan and start: what the price sheet and its page show."""
    conditions = [
        Price.market == wanted.market,
        Product.kind.in_(sorted(wanted.kinds)),
        Price.segment.in_(sorted(wanted.segments)),
        Price.valid_from <= wanted.ends_at,
        or_(Price.valid_until.is_(None), Price.valid_until >= wanted.starts_at),
    ]
    if wanted.text.strip():
        like = f"%{literal_text(wanted.text.strip())}%"
        conditions.append(or_(*(column.ilike(like, escape="\\") for column in (Product.title, Sku.title, Product.id))))
    statement = (
        select(Product, Sku, Price)
        .join(Sku, Sku.product_id == Product.id)
        .join(Price, and_(Price.product_id == Sku.product_id, Price.sku_id == Sku.id))
        .where(*conditions)
        .order_by(
            Price.product_id,
            Price.sku_id,
            Price.segment,
            Price.duration,
            Price.billing_cycle,
            Price.tier_from,
            Price.valid_from,
            Price.id,
        )
    )
    return [(product, sku, price) for product, sku, price in uow.db.execute(statement)]


def publications(uow: UnitOfWork, limit: int = 100) -> Sequence[PricePublication]:
    """The price lists taken, newest first."""
    newest = (PricePublication.published_at.desc(), PricePublication.id)
    return uow.db.scalars(select(PricePublication).order_by(*newest).limit(limit)).all()


# --- the operator's catalogue


def every_product(uow: UnitOfWork, text: str = "") -> Sequence[Product]:
    """All products, withdrawn ones too, by id."""
    statement = select(Product).order_by(Product.id)
    if text.strip():
        like = f"%{literal_text(text.strip())}%"
        statement = statement.where(or_(*(column.ilike(like, escape="\\") for column in (Product.title, Product.id))))
    return uow.db.scalars(statement).all()


def product_to_change(uow: UnitOfWork, product_id: str, *, lock: bool = False) -> Product:
    """Any product. Raises ProductUnknown."""
    statement = select(Product).where(Product.id == product_id.upper())
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise ProductUnknown(product_id.upper())
    return found


def every_sku(uow: UnitOfWork, product_ids: Collection[str]) -> Sequence[Sku]:
    """All SKUs of these products, by product and id."""
    found: list[Sku] = []
    for part in _batches(sorted(product_ids)):
        found += uow.db.scalars(select(Sku).where(Sku.product_id.in_(part)).order_by(Sku.product_id, Sku.id))
    return found


def sku_of_legacy_offer(uow: UnitOfWork, offer_id: UUID) -> str | None:
    """The ``product:sku`` that a legacy offer became; none for one that is unknown."""
    found = uow.db.scalar(select(Sku).where(Sku.legacy_offer_id == offer_id))
    return None if found is None else found.key


def markets(uow: UnitOfWork) -> list[str]:
    """The markets in which anything is sold, in order."""
    return list(uow.db.scalars(select(Availability.market).distinct().order_by(Availability.market)))


# --- promotions


def promotions(uow: UnitOfWork, market: str, segments: Collection[Segment], at: datetime) -> list[Promotion]:
    """The promotions that run in a market for these segments at ``at``, by id."""
    statement = (
        select(PublishedPromotion.terms)
        .where(
            PublishedPromotion.segment.in_(sorted(segments)),
            PublishedPromotion.starts_at <= at,
            PublishedPromotion.ends_at >= at,
        )
        .order_by(PublishedPromotion.id)
    )
    return [terms for terms in uow.db.scalars(statement) if terms.is_sold_in(market)]


def one_promotion(uow: UnitOfWork, market: str, promotion_id: str) -> Promotion:
    """A promotion of a market, also one that is over. Raises PromotionUnknown."""
    found = uow.db.get(PublishedPromotion, promotion_id.upper())
    if found is None or not found.terms.is_sold_in(market):
        raise PromotionUnknown(promotion_id.upper())
    return found.terms


def any_promotion(uow: UnitOfWork, promotion_id: str) -> Promotion:
    """A promotion of whatever market, also one that is over. Raises PromotionUnknown."""
    found = uow.db.get(PublishedPromotion, promotion_id.upper())
    if found is None:
        raise PromotionUnknown(promotion_id.upper())
    return found.terms


def promotions_of_skus(uow: UnitOfWork, skus: Collection[str]) -> dict[str, list[Promotion]]:
    """Every promotion bound to each ``product:sku``, by id; ``rules.ineligibilities`` decides which apply."""
    found: dict[str, list[Promotion]] = {sku: [] for sku in skus}
    if found:
        statement = (
            select(PublishedPromotion.product_id, PublishedPromotion.sku_id, PublishedPromotion.terms)
            .where(PublishedPromotion.product_id.in_(sorted({sku.partition(":")[0] for sku in skus})))
            .order_by(PublishedPromotion.id)
        )
        for product_id, sku_id, terms in uow.db.execute(statement):
            if (sku := f"{product_id}:{sku_id}") in found:
                found[sku].append(terms)
    return found


class PromotionUnknown(NotFound):
    """No promotion of the market has this id."""

    def __init__(self, promotion_id: str) -> None:
        super().__init__("The promotion", promotion_id, promotion_id=promotion_id)


# --- legacy offers


class LegacyOffer(msgspec.Struct, frozen=True):
    """A legacy offer: a licence SKU with the plans it has in the market.

    prerequisites, upgrades, conversions: offers of the SKUs that the SKU names. has_addons: whether another needs it.
    """

    offered: Offered
    offer_id: UUID
    category: OfferCategory
    prerequisites: tuple[UUID, ...]
    upgrades: tuple[UUID, ...]
    conversions: tuple[UUID, ...]
    has_addons: bool


def legacy_offers(uow: UnitOfWork, showcase: Showcase) -> list[LegacyOffer]:
    """The legacy offers of a market, by category rank, title and id."""
    conditions = (_sold(showcase), Sku.legacy_offer_id.is_not(None))
    found = _offered(uow, *conditions)
    by_key: dict[str, UUID] = {
        offered.sku.key: offered.sku.legacy_offer_id for offered in found if offered.sku.legacy_offer_id
    }
    addons: dict[str, int] = defaultdict(int)
    for offered in found:
        for key in offered.sku.prerequisite_skus:
            addons[key] += 1
    offers = {}
    for offered in found:
        sku = offered.sku
        if sku.legacy_offer_id is None or sku.legacy_offer_id in offers:
            continue
        offers[sku.legacy_offer_id] = LegacyOffer(
            offered=offered,
            offer_id=sku.legacy_offer_id,
            category=sku.offer_category or OfferCategory.ENTERPRISE,
            prerequisites=_known(by_key, sku.prerequisite_skus),
            upgrades=_known(by_key, sku.upgrade_targets),
            conversions=_known(by_key, [sku.converts_to]),
            has_addons=bool(addons[sku.key]),
        )
    return sorted(offers.values(), key=lambda offer: (OFFER_CATEGORIES[offer.category].rank, offer.offered.sku.title))


def _known(by_key: dict[str, UUID], keys: Iterable[str]) -> tuple[UUID, ...]:
    return tuple(by_key[key] for key in keys if key in by_key)


def addon_bases(uow: UnitOfWork) -> frozenset[str]:
    """Each ``product:sku`` that some add-on sold today can be bought for."""
    statement = (
        select(Sku.prerequisite_skus)
        .join(Product, Product.id == Sku.product_id)
        .where(Sku.is_addon.is_(True), Product.is_published.is_(True))
        .distinct()
    )
    return frozenset(base for bases in uow.db.scalars(statement) for base in bases)


def upgrade_targets(uow: UnitOfWork, product_id: str, sku_id: str) -> list[str]:
    """The ``product:sku`` a SKU can be upgraded to; none for one that is unknown."""
    found = uow.db.get(Sku, (product_id, sku_id))
    return [] if found is None else list(found.upgrade_targets)


def prerequisites(uow: UnitOfWork, skus: Collection[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Of each SKU (product id, SKU id) the ``product:sku`` of which one must be there first."""
    found = (uow.db.get(Sku, key) for key in sorted(skus))
    return {sku.key: frozenset(sku.prerequisite_skus) for sku in found if sku is not None}


def service_plans(uow: UnitOfWork, product_id: str, sku_id: str) -> list[str]:
    """The names of the services that a SKU's licence contains; none for one that is unknown."""
    found = uow.db.get(Sku, (product_id, sku_id))
    return [] if found is None else list(found.service_plans)
