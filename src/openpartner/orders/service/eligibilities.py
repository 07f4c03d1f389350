"""Which promotions a customer may use on which items, asked before anything is put into a cart."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import (
    BillingCycle,
    CatalogItemId,
    CatalogItemIdInvalid,
    Duration,
    Ineligible,
    IneligibleType,
    Promotion,
    PromotionBuyer,
    Segment,
    ineligibilities,
    may_buy_segment,
)
from openpartner.customers import queries as customers
from openpartner.customers.rules import qualified_for
from openpartner.platform.permissions import PROMOTIONS
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions


class PromotionAsked(msgspec.Struct, frozen=True):
    """An item as it would be bought. promotion_id: empty for every promotion of the item."""

    catalog_item_id: str
    quantity: int
    duration: Duration | None
    billing_cycle: BillingCycle
    promotion_id: str = ""


class PromotionVerdict(msgspec.Struct, frozen=True):
    """Whether one promotion applies, or else each reason against it. promotion_id: empty when there is none."""

    promotion_id: str
    reasons: tuple[Ineligible, ...] = ()

    @property
    def is_eligible(self) -> bool:
        """Nothing speaks against it."""
        return not self.reasons


def verify_promotion_eligibilities(
    uow: UnitOfWork, customer_id: UUID, asked: Sequence[PromotionAsked]
) -> list[list[PromotionVerdict]]:
    """Of each item asked for the verdicts on its promotions, at least one. Source: commerce-rules §15.

    Raises CustomerUnknown, RelationshipNeeded.
    """
    uow.actor.require(PROMOTIONS.read)
    customer = customers.one_customer(uow, customer_id)
    qualifications = qualified_for(
        {row.qualification: row.vetting for row in customers.qualifications_of(uow, customer)}
    )
    segments = frozenset(segment for segment in Segment if may_buy_segment(segment, qualifications))
    held = subscriptions.held_tallies(uow, customer.commerce_id)
    buyer = subscriptions.promotion_buyer_of(customer.country, segments, held)
    return [_verdicts(uow, buyer, item) for item in asked]


def _verdicts(uow: UnitOfWork, buyer: PromotionBuyer, asked: PromotionAsked) -> list[PromotionVerdict]:
    wanted = asked.promotion_id.upper()
    try:
        offered = catalogue.offered(uow, CatalogItemId.parse(asked.catalog_item_id))
    except CatalogItemIdInvalid:
        offered = None
    if offered is None or offered.item.country != buyer.market:
        text = "The catalogue has no such item in the customer's market."
        return [PromotionVerdict(wanted, (Ineligible(IneligibleType.INVALID_CATALOG_ITEM_ID, text),))]
    bound = [
        promotion
        for promotion in catalogue.promotions_of_skus(uow, [offered.sku.key])[offered.sku.key]
        if promotion.segment is offered.item.segment and (not wanted or promotion.id.upper() == wanted)
    ]
    if bound:
        return [_verdict(uow, buyer, asked, promotion) for promotion in bound]
    if wanted:
        text = "The promotion is not one of this item."
        return [PromotionVerdict(wanted, (Ineligible(IneligibleType.INVALID_PROMOTION, text),))]
    text = "The item has no promotions."
    return [PromotionVerdict("", (Ineligible(IneligibleType.NO_PROMOTIONS_AVAILABLE, text),))]


def _verdict(uow: UnitOfWork, buyer: PromotionBuyer, asked: PromotionAsked, promotion: Promotion) -> PromotionVerdict:
    reasons = ineligibilities(
        promotion,
        buyer,
        uow.now,
        quantity=asked.quantity,
        duration=asked.duration,
        billing_cycle=asked.billing_cycle,
    )
    return PromotionVerdict(promotion.id, tuple(reasons))
