"""``/v1/products``, offers, inventory and promotions, by market and by customer.

``reservationScope`` and ``IncludeLifeCycleState`` are taken and change nothing: all reservations are for Azure plans.
Source: partner-center-endpoints, catalog.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.catalogue import queries, rules, service, wire
from openpartner.catalogue.queries import Showcase
from openpartner.catalogue.wire import Scope
from openpartner.platform.http.answers import Collection, collection, index_page
from openpartner.platform.work import Begin, UnitOfWork

Country = Annotated[str | None, QueryParameter(name="country")]
TargetView = Annotated[str | None, QueryParameter(name="targetview")]
TargetSegment = Annotated[str | None, QueryParameter(name="targetsegment")]
Segment = Annotated[str | None, QueryParameter(name="segment")]
CategoryId = Annotated[str | None, QueryParameter(name="offer_category_id")]
Offset = Annotated[int, QueryParameter(name="offset")]
Size = Annotated[int, QueryParameter(name="size")]


def reads(operation: str) -> dict[str, Any]:
    """What a route says of itself: the operation it answers, and which permissions let one read the catalogue."""
    return {"operation": operation, "permission": queries.READING}


OFFERS_A_PAGE = 1000
"""What ``size=0`` means; the original answered its 274 offers in one page."""


# --- a market's catalogue


def _products(
    uow: UnitOfWork, showcase: Showcase, scope: Scope, view: str | None, segment: str | None
) -> Collection[wire.Product]:
    shown = rules.target_view(view)
    items = [wire.Product.of(product, scope) for product in queries.products(uow, showcase, shown)]
    return collection(items, scope.uri("/products", targetView=shown.name, targetSegment=segment))


def _skus(
    uow: UnitOfWork, showcase: Showcase, scope: Scope, product_id: str, segment: str | None
) -> Collection[wire.Sku]:
    product = queries.one_product(uow, showcase, product_id)
    plans = queries.plans_sold(uow, showcase, product.id)
    items = [wire.Sku.of(product, sku, plans[sku.id], scope) for sku in queries.skus(uow, showcase, product.id)]
    return collection(items, scope.uri(f"/products/{product.id}/skus", targetSegment=segment))


def _sku(uow: UnitOfWork, showcase: Showcase, scope: Scope, product_id: str, sku_id: str) -> wire.Sku:
    product = queries.one_product(uow, showcase, product_id)
    sku = queries.one_sku(uow, showcase, product.id, sku_id)
    return wire.Sku.of(product, sku, queries.plans_sold(uow, showcase, product.id)[sku.id], scope)


def _availabilities(
    uow: UnitOfWork, showcase: Showcase, scope: Scope, product_id: str, sku_id: str, *, segment: str | None
) -> Collection[wire.Availability]:
    found = queries.availabilities(uow, showcase, product_id, sku_id)
    uri = scope.uri(f"/products/{product_id.upper()}/skus/{sku_id.upper()}/availabilities", targetSegment=segment)
    return collection([wire.Availability.of(offered, scope) for offered in found], uri)


@get(
    "/v1/products",
    opt=reads("GET /v1/products"),
    sync_to_thread=True,
)
def get_products(
    begin: NamedDependency[Begin],
    country: Country = None,
    target_view: TargetView = None,
    target_segment: TargetSegment = None,
) -> Collection[wire.Product]:
    """The products of a view in a country."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country, target_segment)
        return _products(uow, showcase, Scope.of_market(showcase.market), target_view, target_segment)


@get(
    "/v1/products/{product_id:str}",
    opt=reads("GET /v1/products/{product-id}"),
    sync_to_thread=True,
)
def get_product(product_id: FromPath[str], begin: NamedDependency[Begin], country: Country = None) -> wire.Product:
    """One product."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        product = queries.one_product(uow, showcase, product_id)
        return wire.Product.of(product, Scope.of_market(showcase.market))


@get(
    "/v1/products/{product_id:str}/skus",
    opt=reads("GET /v1/products/{product-id}/skus"),
    sync_to_thread=True,
)
def get_skus(
    product_id: FromPath[str],
    begin: NamedDependency[Begin],
    country: Country = None,
    target_segment: TargetSegment = None,
) -> Collection[wire.Sku]:
    """A product's SKUs."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country, target_segment)
        return _skus(uow, showcase, Scope.of_market(showcase.market), product_id, target_segment)


@get(
    "/v1/products/{product_id:str}/skus/{sku_id:str}",
    opt=reads("GET /v1/products/{product-id}/skus/{sku-id}"),
    sync_to_thread=True,
)
def get_sku(
    product_id: FromPath[str], sku_id: FromPath[str], begin: NamedDependency[Begin], country: Country = None
) -> wire.Sku:
    """One SKU."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        return _sku(uow, showcase, Scope.of_market(showcase.market), product_id, sku_id)


@get(
    "/v1/products/{product_id:str}/skus/{sku_id:str}/availabilities",
    opt=reads("GET /v1/products/{product-id}/skus/{sku-id}/availabilities"),
    sync_to_thread=True,
)
def get_availabilities(
    product_id: FromPath[str],
    sku_id: FromPath[str],
    begin: NamedDependency[Begin],
    country: Country = None,
    target_segment: TargetSegment = None,
) -> Collection[wire.Availability]:
    """How a SKU is sold in a country."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country, target_segment)
        scope = Scope.of_market(showcase.market)
        return _availabilities(uow, showcase, scope, product_id, sku_id, segment=target_segment)


@get(
    "/v1/products/{product_id:str}/skus/{sku_id:str}/availabilities/{availability_id:str}",
    opt=reads("GET /v1/products/{product-id}/skus/{sku-id}/availabilities/{availability-id}"),
    sync_to_thread=True,
)
def get_availability(
    product_id: FromPath[str],
    sku_id: FromPath[str],
    availability_id: FromPath[str],
    begin: NamedDependency[Begin],
    country: Country = None,
) -> wire.Availability:
    """One availability, of any segment."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        everyone = Showcase(showcase.market, frozenset(rules.Segment))
        offered = queries.one_availability(uow, everyone, product_id, sku_id, availability_id)
        return wire.Availability.of(offered, Scope.of_market(showcase.market))


# --- a customer's catalogue


@get(
    "/v1/customers/{customer_id:uuid}/products",
    opt=reads("GET /v1/customers/{customer-id}/products"),
    sync_to_thread=True,
)
def get_customer_products(
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    target_view: TargetView = None,
    target_segment: TargetSegment = None,
) -> Collection[wire.Product]:
    """The products that a customer may buy."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id, target_segment)
        return _products(uow, showcase, Scope.of_customer(customer_id), target_view, target_segment)


@get(
    "/v1/customers/{customer_id:uuid}/products/{product_id:str}",
    opt=reads("GET /v1/customers/{customer-id}/products/{product-id}"),
    sync_to_thread=True,
)
def get_customer_product(
    customer_id: FromPath[UUID], product_id: FromPath[str], begin: NamedDependency[Begin]
) -> wire.Product:
    """One product for a customer."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id)
        product = queries.one_product(uow, showcase, product_id)
        return wire.Product.of(product, Scope.of_customer(customer_id))


@get(
    "/v1/customers/{customer_id:uuid}/products/{product_id:str}/skus",
    opt=reads("GET /v1/customers/{customer-id}/products/{product-id}/skus"),
    sync_to_thread=True,
)
def get_customer_skus(
    customer_id: FromPath[UUID],
    product_id: FromPath[str],
    begin: NamedDependency[Begin],
    target_segment: TargetSegment = None,
) -> Collection[wire.Sku]:
    """A product's SKUs for a customer."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id, target_segment)
        return _skus(uow, showcase, Scope.of_customer(customer_id), product_id, target_segment)


@get(
    "/v1/customers/{customer_id:uuid}/products/{product_id:str}/skus/{sku_id:str}",
    opt=reads("GET /v1/customers/{customer-id}/products/{product-id}/skus/{sku-id}"),
    sync_to_thread=True,
)
def get_customer_sku(
    customer_id: FromPath[UUID], product_id: FromPath[str], sku_id: FromPath[str], begin: NamedDependency[Begin]
) -> wire.Sku:
    """One SKU for a customer."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id)
        return _sku(uow, showcase, Scope.of_customer(customer_id), product_id, sku_id)


@get(
    "/v1/customers/{customer_id:uuid}/products/{product_id:str}/skus/{sku_id:str}/availabilities",
    opt=reads("GET /v1/customers/{customer-id}/products/{product-id}/skus/{sku-id}/availabilities"),
    sync_to_thread=True,
)
def get_customer_availabilities(
    customer_id: FromPath[UUID],
    product_id: FromPath[str],
    sku_id: FromPath[str],
    begin: NamedDependency[Begin],
    target_segment: TargetSegment = None,
) -> Collection[wire.Availability]:
    """How a SKU is sold to a customer."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id, target_segment)
        scope = Scope.of_customer(customer_id)
        return _availabilities(uow, showcase, scope, product_id, sku_id, segment=target_segment)


@get(
    "/v1/customers/{customer_id:uuid}/products/{product_id:str}/skus/{sku_id:str}/availabilities/{availability_id:str}",
    opt=reads("GET /v1/customers/{customer-id}/products/{product-id}/skus/{sku-id}/availabilities/{availability-id}"),
    sync_to_thread=True,
)
def get_customer_availability(
    customer_id: FromPath[UUID],
    product_id: FromPath[str],
    sku_id: FromPath[str],
    availability_id: FromPath[str],
    begin: NamedDependency[Begin],
) -> wire.Availability:
    """One availability for a customer, of any segment it is qualified for."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id, every_segment=True)
        offered = queries.one_availability(uow, showcase, product_id, sku_id, availability_id)
        return wire.Availability.of(offered, Scope.of_customer(customer_id))


# --- inventory and promotions


@post(
    "/v1/extensions/product/checkinventory",
    opt=reads("POST /v1/extensions/product/checkinventory"),
    status_code=200,
    sync_to_thread=True,
)
def check_inventory(
    data: JSONBody[wire.InventoryCheckRequest], begin: NamedDependency[Begin], country: Country = None
) -> list[wire.InventoryItem]:
    """Which items can be bought in this context; a bare array."""
    with begin.read() as uow:
        found = service.check_inventory(uow, country, data.items(), data.inventory_context or {})
        return [wire.InventoryItem.of(inventory) for inventory in found]


@get(
    "/v1/productpromotions",
    opt=reads("GET /v1/productpromotions"),
    sync_to_thread=True,
)
def get_promotions(
    begin: NamedDependency[Begin], country: Country = None, segment: Segment = None
) -> Collection[wire.ProductPromotion]:
    """The promotions that run now in a country, for the commercial segment unless another is asked for."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country, segment or rules.Segment.COMMERCIAL)
        found = queries.promotions(uow, showcase.market, showcase.segments, uow.now)
        uri = Scope.of_market(showcase.market).uri("/productpromotions", segment=segment)
        return collection([wire.ProductPromotion.of(promotion) for promotion in found], uri)


@get(
    "/v1/productpromotions/{promotion_id:str}",
    opt=reads("GET /v1/productpromotions/{promotion-id}"),
    sync_to_thread=True,
)
def get_promotion(
    promotion_id: FromPath[str], begin: NamedDependency[Begin], country: Country = None
) -> wire.ProductPromotion:
    """One promotion with its constraints, also when it is over."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        promotion = queries.one_promotion(uow, showcase.market, promotion_id)
        return wire.ProductPromotion.of(promotion, constraints=True)


# --- legacy offers


def _offer_page(offers: Sequence[wire.Offer], path: str, query: str, offset: int, size: int) -> Collection[wire.Offer]:
    start, length = max(offset, 0), size if size > 0 else OFFERS_A_PAGE
    shown = offers[start : start + length]
    return index_page(shown, path, query, start, length, more=start + length < len(offers))


def _offers(uow: UnitOfWork, showcase: Showcase) -> list[wire.Offer]:
    found = queries.legacy_offers(uow, showcase)
    return [wire.Offer.of(offer, showcase.market, rank) for rank, offer in enumerate(found, 1)]


def _one_offer(uow: UnitOfWork, showcase: Showcase, offer_id: str) -> wire.Offer:
    for offer in _offers(uow, showcase):
        if offer.id == offer_id.upper():
            return offer
    raise queries.OfferUnknown(offer_id.upper())


@get(
    "/v1/offers",
    opt=reads("GET /v1/offers"),
    sync_to_thread=True,
)
def get_offers(
    begin: NamedDependency[Begin],
    country: Country = None,
    category_id: CategoryId = None,
    offset: Offset = 0,
    size: Size = 0,
) -> Collection[wire.Offer]:
    """The legacy offers of a country, of one category or all."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        offers = _offers(uow, showcase)
        query = f"country={showcase.market}"
        if category_id:
            offers = [offer for offer in offers if offer.category.id.lower() == category_id.lower()]
            query += f"&offer_category_id={category_id}"
        return _offer_page(offers, "/offers", query, offset, size)


@get(
    "/v1/offers/{offer_id:str}",
    opt=reads("GET /v1/offers/{offer-id}"),
    sync_to_thread=True,
)
def get_offer(offer_id: FromPath[str], begin: NamedDependency[Begin], country: Country = None) -> wire.Offer:
    """One legacy offer."""
    with begin.read() as uow:
        return _one_offer(uow, service.showcase_of_market(uow, country), offer_id)


@get(
    "/v1/offers/{offer_id:str}/addons",
    opt=reads("GET /v1/offers/{offer-id}/addons"),
    sync_to_thread=True,
)
def get_offer_addons(
    offer_id: FromPath[str],
    begin: NamedDependency[Begin],
    country: Country = None,
    offset: Offset = 0,
    size: Size = 0,
) -> Collection[wire.Offer]:
    """The add-on offers that a legacy offer may be the base of."""
    with begin.read() as uow:
        showcase = service.showcase_of_market(uow, country)
        base = _one_offer(uow, showcase, offer_id)
        addons = [offer for offer in _offers(uow, showcase) if base.id in offer.prerequisite_offers]
        return _offer_page(addons, f"/offers/{base.id}/addons", f"country={showcase.market}", offset, size)


@get(
    "/v1/offercategories",
    opt=reads("GET /v1/offercategories"),
    sync_to_thread=True,
)
def get_offer_categories(begin: NamedDependency[Begin], country: Country = None) -> Collection[wire.OfferCategory]:
    """The legacy categories; this list has no links."""
    with begin.read() as uow:
        market = service.showcase_of_market(uow, country).market
        return collection([wire.OfferCategory.of(category, market) for category in rules.OfferCategory])


@get(
    "/v1/customers/{customer_id:uuid}/offers",
    opt=reads("GET /v1/customers/{customer-id}/offers"),
    sync_to_thread=True,
)
def get_customer_offers(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin], offset: Offset = 0, size: Size = 0
) -> Collection[wire.Offer]:
    """The legacy offers of a customer's country and segments."""
    with begin.read() as uow:
        showcase = service.showcase_of_customer(uow, customer_id)
        return _offer_page(_offers(uow, showcase), f"/customers/{customer_id}/offers", "", offset, size)


@get(
    "/v1/customers/{customer_id:uuid}/offercategories",
    opt=reads("GET /v1/customers/{customer-id}/offercategories"),
    sync_to_thread=True,
)
def get_customer_offer_categories(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.OfferCategory]:
    """The legacy categories for a customer."""
    with begin.read() as uow:
        market = service.showcase_of_customer(uow, customer_id).market
        return collection([wire.OfferCategory.of(category, market) for category in rules.OfferCategory])


ROUTES = (
    get_products,
    get_product,
    get_skus,
    get_sku,
    get_availabilities,
    get_availability,
    get_customer_products,
    get_customer_product,
    get_customer_skus,
    get_customer_sku,
    get_customer_availabilities,
    get_customer_availability,
    check_inventory,
    get_promotions,
    get_promotion,
    get_offers,
    get_offer,
    get_offer_addons,
    get_offer_categories,
    get_customer_offers,
    get_customer_offer_categories,
)
