"""Promotions: when one runs, and whether a customer may use it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from openpartner.catalogue.rules.items import Segment
from openpartner.catalogue.rules.words import BillingCycle, Duration


class OwnedProduct(msgspec.Struct, frozen=True):
    """A product the customer must hold: this many seats of it."""

    product_id: str
    minimum_seats: int = 1
    maximum_seats: int = 10_000_000


class Promotion(msgspec.Struct, frozen=True):
    """A discount on one SKU with one plan. Source: commerce-rules §15.

    discount: the fraction taken off, 0.15 for 15 %. starts_at, ends_at: both included.
    is_auto_applicable: applied without being asked for.
    minimum_seats, maximum_seats: of one purchase. redemption_limit: subscriptions of one customer that may use it.
    is_for_new_buyers: refused to who ever bought the SKU.
    owned: alternatives, each a list of products that must all be held; empty asks for none.
    """

    id: str
    name: str
    description: str
    product_id: str
    sku_id: str
    duration: Duration
    billing_cycle: BillingCycle
    discount: Decimal
    starts_at: datetime
    ends_at: datetime
    segment: Segment = Segment.COMMERCIAL
    markets: frozenset[str] = frozenset()
    is_auto_applicable: bool = True
    minimum_seats: int | None = None
    maximum_seats: int | None = None
    redemption_limit: int | None = None
    is_for_new_buyers: bool = False
    owned: tuple[tuple[OwnedProduct, ...], ...] = ()

    def runs(self, at: datetime) -> bool:
        """Whether it is active at ``at``."""
        return self.starts_at <= at <= self.ends_at

    def is_sold_in(self, market: str) -> bool:
        """Whether it counts in a market; without a list it does everywhere."""
        return not self.markets or market.upper() in self.markets

    def is_for(self, product_id: str, sku_id: str) -> bool:
        """Whether it is bound to this SKU."""
        return (self.product_id, self.sku_id) == (product_id, sku_id)


class IneligibleType(StrEnum):
    """Why a promotion does not apply: ``errors[].type``. Source: partner-center-resources §6."""

    INVALID_CATALOG_ITEM_ID = "InvalidCatalogItemId"
    INVALID_PROMOTION = "InvalidPromotion"
    PREREQUISITE_PRODUCT_OWNERSHIP = "PrerequisiteProductOwnership"
    REDEMPTION_LIMIT = "RedemptionLimit"
    SEAT_COUNT = "SeatCount"
    OFFER_PURCHASED_PREVIOUSLY = "OfferPurchasedPreviously"
    TERM = "Term"
    NO_PROMOTIONS_AVAILABLE = "NoPromotionsAvailable"


class Ineligible(msgspec.Struct, frozen=True):
    """One reason, with the numbers its type carries."""

    type: IneligibleType
    description: str
    maximum_redemptions: int | None = None
    remaining_redemptions: int | None = None
    minimum_seats: int | None = None
    maximum_seats: int | None = None
    available_seats: int | None = None
    eligible_terms: tuple[tuple[Duration, BillingCycle], ...] = ()


class PromotionBuyer(msgspec.Struct, frozen=True):
    """What is known of the customer who would use a promotion.

    seats: of active subscriptions, by product id. bought_before: ``product:sku`` ever bought.
    redemptions: subscriptions that used it, by promotion id.
    """

    market: str
    segments: frozenset[Segment]
    seats: Mapping[str, int] = {}
    bought_before: frozenset[str] = frozenset()
    redemptions: Mapping[str, int] = {}


def ineligibilities(
    promotion: Promotion,
    buyer: PromotionBuyer,
    at: datetime,
    *,
    quantity: int,
    duration: Duration | None,
    billing_cycle: BillingCycle,
) -> list[Ineligible]:
    """Every reason against; an empty list means that the customer may use the promotion."""
    found = []
    if not promotion.runs(at) or not promotion.is_sold_in(buyer.market) or promotion.segment not in buyer.segments:
        found.append(Ineligible(IneligibleType.INVALID_PROMOTION, "The promotion does not run for this customer now."))
    if (promotion.duration, promotion.billing_cycle) != (duration, billing_cycle):
        term = (promotion.duration, promotion.billing_cycle)
        found.append(
            Ineligible(
                IneligibleType.TERM,
                f"The promotion is for {promotion.duration} billed {promotion.billing_cycle}.",
                eligible_terms=(term,),
            )
        )
    lowest, highest = promotion.minimum_seats, promotion.maximum_seats
    if (lowest is not None and quantity < lowest) or (highest is not None and quantity > highest):
        found.append(
            Ineligible(
                IneligibleType.SEAT_COUNT,
                f"The promotion is for {lowest or 1} to {highest or 'any number of'} seats.",
                minimum_seats=lowest,
                maximum_seats=highest,
                available_seats=quantity,
            )
        )
    used = buyer.redemptions.get(promotion.id, 0)
    if promotion.redemption_limit is not None and used >= promotion.redemption_limit:
        found.append(
            Ineligible(
                IneligibleType.REDEMPTION_LIMIT,
                f"The customer has used the promotion {used} times.",
                maximum_redemptions=promotion.redemption_limit,
                remaining_redemptions=0,
            )
        )
    if promotion.is_for_new_buyers and f"{promotion.product_id}:{promotion.sku_id}" in buyer.bought_before:
        found.append(
            Ineligible(IneligibleType.OFFER_PURCHASED_PREVIOUSLY, "The customer has bought this product before.")
        )
    if promotion.owned and not any(_holds_all(products, buyer.seats) for products in promotion.owned):
        wanted = " or ".join(" and ".join(product.product_id for product in products) for products in promotion.owned)
        found.append(Ineligible(IneligibleType.PREREQUISITE_PRODUCT_OWNERSHIP, f"The customer must own {wanted}."))
    return found


def _holds_all(products: Iterable[OwnedProduct], seats: Mapping[str, int]) -> bool:
    return all(
        product.minimum_seats <= seats.get(product.product_id, 0) <= product.maximum_seats for product in products
    )


def best_promotion(eligible: Iterable[Promotion]) -> Promotion | None:
    """The one that is applied: the largest discount, of equals the one that began first, then the lower id.

    Source: billing §11 (best percentage wins).
    """
    return min(eligible, key=lambda promotion: (-promotion.discount, promotion.starts_at, promotion.id), default=None)
