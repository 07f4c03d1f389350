"""A line as the buyer writes it, and as a cart shows it back: what carts and orders keep of what was asked."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration
from openpartner.orders.rules.lines import CART_ERROR_CODES, LineProblem, Participant
from openpartner.orders.rules.pricing import Pricing


class LineRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line as it was asked for, before anything is known of its item.

    billing_cycle, duration: none for the item's default. base: the number of the line it is nested under, in a cart.
    parent_subscription_id: the base that an add-on is bought for. renews_to: the term that follows the first one.
    """

    catalog_item_id: str
    quantity: int
    friendly_name: str = ""
    billing_cycle: BillingCycle | None = None
    duration: Duration | None = None
    currency: str = ""
    promotion_id: str = ""
    participants: tuple[Participant, ...] = ()
    provisioning_context: Mapping[str, str] = {}
    custom_term_end_on: date | None = None
    attestation_accepted: bool = False
    renews_to: Duration | None = None
    parent_subscription_id: UUID | None = None
    base: int | None = None


class Prices(msgspec.Struct, frozen=True):
    """The wire's ``pricing`` of a line: exact, in major units, before tax. See ``Pricing``."""

    list_price: Decimal
    discounted_price: Decimal
    prorated_price: Decimal
    price: Decimal
    extended_price: Decimal

    @classmethod
    def of(cls, pricing: Pricing) -> "Prices":
        """What is shown of a line's pricing."""
        return cls(
            pricing.list_price,
            pricing.discounted_price,
            pricing.prorated_price,
            pricing.price,
            pricing.extended_price,
        )


class LineError(msgspec.Struct, frozen=True):
    """The wire's ``error`` of a cart line: the first problem's code, the sentences of all."""

    code: str
    description: str
    facts: Mapping[str, str] = {}

    @classmethod
    def of(cls, problems: tuple[LineProblem, ...]) -> "LineError | None":
        """None for a line that may be bought. A code outside the published list travels as its number."""
        if not problems:
            return None
        code = problems[0].problem.cart_code
        facts = {name: value for problem in problems for name, value in problem.facts.items()}
        return cls(CART_ERROR_CODES.get(code, str(code)), " ".join(problem.message for problem in problems), facts)


class LineAnswer(msgspec.Struct, frozen=True):
    """What a cart adds to a line that was asked for: the plan it comes to, its order group, its price or its error."""

    billing_cycle: BillingCycle
    group: str
    currency: str = ""
    duration: Duration | None = None
    promotion_id: str = ""
    prices: Prices | None = None
    error: LineError | None = None
