"""The JSON of promotion eligibilities. Source: partner-center-resources §6."""

from openpartner.catalogue.rules import BillingCycle, Duration, Ineligible
from openpartner.orders.service.eligibilities import PromotionAsked, PromotionVerdict
from openpartner.orders.wire import billing_cycle_of
from openpartner.platform.http.answers import Attributes, Wire


class PromotionEligibilitiesRequestItem(Wire, kw_only=True):
    """An item asked for; its id is a number, or a number as text."""

    id: int | str = 0
    catalog_item_id: str
    quantity: int
    billing_cycle: str | None = None
    term_duration: str | None = None
    promotion_id: str | None = None

    def asked(self) -> PromotionAsked:
        """What the service is asked. Raises DurationInvalid, BillingCycleInvalid."""
        return PromotionAsked(
            catalog_item_id=self.catalog_item_id,
            quantity=self.quantity,
            duration=Duration.parse(self.term_duration) if self.term_duration else None,
            billing_cycle=billing_cycle_of(self.billing_cycle) or BillingCycle.MONTHLY,
            promotion_id=self.promotion_id or "",
        )


class PromotionEligibilitiesRequest(Wire, kw_only=True):
    """The items."""

    items: list[PromotionEligibilitiesRequestItem]


class PromotionTerm(Wire, kw_only=True):
    """A plan that would do."""

    billing_cycle: BillingCycle
    duration: str


class PromotionEligibilityError(Wire, kw_only=True):
    """One reason against; the further members belong to its type."""

    type: str
    description: str
    max_promotion_redemption_count: int | None = None
    remaining_promotion_redemption_count: int | None = None
    minimum_required_seats: int | None = None
    maximum_required_seats: int | None = None
    available_seats: int | None = None
    eligible_terms: list[PromotionTerm] | None = None

    @classmethod
    def of(cls, reason: Ineligible) -> "PromotionEligibilityError":
        """The reason with its numbers."""
        terms = [PromotionTerm(billing_cycle=cycle, duration=str(span)) for span, cycle in reason.eligible_terms]
        return cls(
            type=reason.type,
            description=reason.description,
            max_promotion_redemption_count=reason.maximum_redemptions,
            remaining_promotion_redemption_count=reason.remaining_redemptions,
            minimum_required_seats=reason.minimum_seats,
            maximum_required_seats=reason.maximum_seats,
            available_seats=reason.available_seats,
            eligible_terms=terms or None,
        )


class PromotionEligibility(Wire, kw_only=True):
    """Whether one promotion applies; ``errors`` is missing when it does."""

    promotion_id: str
    is_eligible: bool
    errors: list[PromotionEligibilityError] | None = None

    @classmethod
    def of(cls, verdict: PromotionVerdict) -> "PromotionEligibility":
        """The verdict."""
        return cls(
            promotion_id=verdict.promotion_id,
            is_eligible=verdict.is_eligible,
            errors=[PromotionEligibilityError.of(reason) for reason in verdict.reasons] or None,
        )


class PromotionEligibilities(Wire, kw_only=True):
    """The item asked for, and what was found of its promotions."""

    id: int
    catalog_item_id: str
    quantity: int
    billing_cycle: BillingCycle
    term_duration: str | None = None
    eligibilities: list[PromotionEligibility]
    attributes: Attributes

    @classmethod
    def of(
        cls, item: PromotionEligibilitiesRequestItem, asked: PromotionAsked, verdicts: list[PromotionVerdict]
    ) -> "PromotionEligibilities":
        """The answer to one item, under its own id."""
        return cls(
            id=int(item.id) if str(item.id).isdecimal() else 0,
            catalog_item_id=item.catalog_item_id,
            quantity=item.quantity,
            billing_cycle=asked.billing_cycle,
            term_duration=item.term_duration,
            eligibilities=[PromotionEligibility.of(verdict) for verdict in verdicts],
            attributes=Attributes(object_type="PromotionEligibilities"),
        )
