"""Whether a line may be bought: every problem of every line, with the cart's code and the order's."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Final

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration, Item, Plan, ProductKind, may_buy_segment
from openpartner.platform.errors import DomainError, Invalid
from openpartner.subscriptions.rules import (
    SANDBOX_SEATS,
    CotermTarget,
    CustomTermEndDateRefused,
    EndDatePlace,
    EndDateProblem,
    check_custom_term_end_date,
)


class Problem(Enum):
    """What can be wrong with a line: the code of a cart line's ``error``, the code and status an order is refused with.

    Source: partner-center-resources §8 (CartErrorCode); partner-center-conventions §19.
    """

    CURRENCY = (10000, 900169, 400)
    ITEM_UNKNOWN = (10001, 800004, 400)
    ITEM_NOT_FOR_SALE = (10001, 800020, 403)
    SEGMENT = (10001, 400030, 403)
    LEGACY_OFFER = (500600, 2091, 403)
    OWNERSHIP_LIMIT = (10002, 800089, 403)
    INVENTORY = (10003, 800010, 400)
    RESELLER_UNKNOWN = (10004, 800015, 404)
    RESELLER_UNFIT = (10004, 800016, 400)
    SUBSCRIPTION_INVALID = (10007, 800011, 400)
    SUBSCRIPTION_INACTIVE = (10008, 800013, 400)
    SANDBOX_LIMIT = (10009, 800018, 400)
    QUANTITY = (10010, 900275, 400)
    CONTEXT_MISSING = (10010, 800002, 400)
    NOT_REGISTERED = (10011, 800030, 400)
    ATTESTATION = (10012, 900203, 400)
    TERM = (10013, 800121, 400)
    BILLING_CYCLE = (10013, 900269, 400)
    BILLING_CYCLE_TOO_LONG = (10013, 900270, 400)
    PROMOTION = (10014, 27007, 400)
    TOO_MANY_SEATS = (10015, 900275, 400)
    END_DATE_PRODUCT = (10016, 900244, 400)
    END_DATE_TERM = (10017, 900245, 400)
    END_DATE_MATCH = (10017, 900242, 400)
    BASE_SEATS = (10018, 400041, 400)
    ADDON_MINIMUM = (10019, 900275, 400)
    PREREQUISITE = (400041, 400041, 400)
    PARENT_INVALID = (10007, 800021, 400)
    PARENT_UNFIT = (10007, 800029, 400)

    @property
    def cart_code(self) -> int:
        """``error.errorCode`` of a cart line."""
        return self.value[0]

    @property
    def order_code(self) -> int:
        """The code that the whole order is refused with."""
        return self.value[1]

    @property
    def order_status(self) -> int:
        """The HTTP status that goes with ``order_code``."""
        return self.value[2]


#: ``error.errorCode`` as the wire writes it; a code outside the list travels as its number. Source: as above.
CART_ERROR_CODES: Final[Mapping[int, str]] = {
    10000: "currency_is_not_supported",
    10001: "catalog_item_id_is_not_valid",
    10002: "quota_not_available",
    10003: "inventory_not_available",
    10004: "participants_is_not_supported_for_partner",
    10006: "unable_to_process_cart_line_item",
    10007: "subscription_is_not_valid",
    10008: "subscription_is_not_enabled_for_r_i",
    10009: "sandbox_limit_exceeded",
    10010: "invalid_input",
    10011: "subscription_not_registered",
    10012: "attestation_not_accepted",
    10013: "billing_plan_not_supported",
    10014: "invalid_promotion_id",
    10015: "max_allowed_seats_per_subscription_exceeded",
    10016: "invalid_custom_term_end_date_product",
    10017: "invalid_custom_term_end_date",
    10018: "base_offer_seat_quantity_not_met",
    10019: "minimum_add_on_seats_not_met",
    500600: "legacy_offer_not_eligible_for_purchase",
}


class LineProblem(msgspec.Struct, frozen=True):
    """One thing wrong with one line. ``message`` says what to do; ``facts`` go to ``additionalInformation``."""

    line: int
    problem: Problem
    message: str
    facts: Mapping[str, str] = {}


class LineRefused(DomainError):
    """An order with a line that may not be bought."""

    def __init__(self, found: LineProblem) -> None:
        super().__init__(
            f"Line {found.line}: {found.message}",
            code=found.problem.order_code,
            status=found.problem.order_status,
            line=found.line,
            **found.facts,
        )


class Participant(msgspec.Struct, frozen=True):
    """Who else takes part in a line: ``transaction_reseller`` and the like, by MPN id."""

    role: str
    mpn_id: str


RESELLER: Final = "transaction_reseller"
ADDITIONAL_RESELLER: Final = "additional_transaction_reseller"
ADDITIONAL_RESELLERS: Final = 5

#: Where additional resellers may be named: the European Union and the EFTA states. Source: commerce-rules §11.
EU_EFTA: Final = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


class LineWanted(msgspec.Struct, frozen=True):
    """A line as the buyer asked for it.

    item: none when the catalogue has nothing for the id in this customer's market.
    billing_cycle: none for the item's default. duration: none where the item has no term, or when left out.
    is_legacy: the id is of a legacy offer.
    """

    number: int
    item: Item | None
    quantity: int
    billing_cycle: BillingCycle | None = None
    duration: Duration | None = None
    currency: str = ""
    promotion_id: str = ""
    participants: tuple[Participant, ...] = ()
    provisioning_context: Mapping[str, str] = {}
    custom_term_end_on: date | None = None
    attestation_accepted: bool = False
    is_legacy: bool = False


class AzureSubscription(msgspec.Struct, frozen=True):
    """An Azure subscription a reservation may be bought for."""

    is_active: bool = True
    is_registered: bool = True


class Buyer(msgspec.Struct, frozen=True):
    """What the rules need to know of the customer and of the partner who buys for it.

    currencies: the partner's and the market's.
    owned_skus: seats of active subscriptions by ``product:sku``.
    held_skus, ever_held_skus: subscriptions by ``product:sku``, now and at any time.
    resellers: MPN ids the provider may name; known_mpn_ids: those that exist at all. own_mpn_id is never allowed.
    promotions: of each ``product:sku:duration:cycle`` the ids this customer is eligible for.
    azure_subscriptions: by id, lower case. restricted_skus: what the inventory check refuses this customer.
    """

    country: str
    currencies: frozenset[str]
    qualifications: frozenset[str] = frozenset()
    owned_skus: Mapping[str, int] = {}
    held_skus: Mapping[str, int] = {}
    ever_held_skus: Mapping[str, int] = {}
    is_indirect_provider: bool = False
    own_mpn_id: str = ""
    resellers: frozenset[str] = frozenset()
    known_mpn_ids: frozenset[str] = frozenset()
    promotions: Mapping[str, frozenset[str]] = {}
    coterm_targets: tuple[CotermTarget, ...] = ()
    azure_subscriptions: Mapping[str, AzureSubscription] = {}
    restricted_skus: frozenset[str] = frozenset()
    is_sandbox: bool = False


class LineNumbersInvalid(Invalid):
    """Source: partner-center-conventions §19, 800071."""

    code = 800071


def check_line_numbers(numbers: Sequence[int]) -> None:
    """Line item numbers run 0, 1, … without a gap, in any order."""
    if sorted(numbers) != list(range(len(numbers))):
        raise LineNumbersInvalid(
            f"Number the line items 0 to {max(len(numbers) - 1, 0)}, each once.", numbers=list(numbers)
        )


def chosen_plan(line: LineWanted) -> Plan | None:
    """The plan a line asks for, with the item's defaults filled in; none when the item does not sell it.

    A line without a term takes the item's only term, if it has just one.
    """
    if line.item is None:
        return None
    cycle = line.billing_cycle or line.item.default_billing_cycle
    durations = {plan.duration for plan in line.item.plans}
    duration = line.duration if line.duration is not None else durations.pop() if len(durations) == 1 else None
    wanted = Plan(duration, cycle)
    return wanted if wanted in line.item.plans else None


def promotion_key(item: Item, plan: Plan) -> str:
    """The key of ``Buyer.promotions``."""
    return f"{item.id.sku}:{plan.duration or ''}:{plan.billing_cycle}"


def line_problems(lines: Sequence[LineWanted], buyer: Buyer, at: datetime) -> list[LineProblem]:
    """Everything wrong with the lines, in line order; an empty list means that they may be bought.

    Lines count for each other: an earlier base satisfies a later add-on, and limits are shared. Source: commerce-rules
    §5, §8, §11, §12.
    """
    seats = dict(buyer.owned_skus)
    held = dict(buyer.held_skus)
    ever = dict(buyer.ever_held_skus)
    found: list[LineProblem] = []
    for line in lines:
        found += _problems(
            line, msgspec.structs.replace(buyer, owned_skus=seats, held_skus=held, ever_held_skus=ever), at
        )
        if line.item is not None:
            sku = line.item.id.sku
            seats[sku] = seats.get(sku, 0) + line.quantity
            held[sku] = held.get(sku, 0) + 1
            ever[sku] = ever.get(sku, 0) + 1
    return found


def check_lines(lines: Sequence[LineWanted], buyer: Buyer, at: datetime) -> None:
    """Raise LineRefused for the first problem: what an order does where a cart keeps them all."""
    check_line_numbers([line.number for line in lines])
    for found in line_problems(lines, buyer, at):
        raise LineRefused(found)


def _problems(line: LineWanted, buyer: Buyer, at: datetime) -> Iterator[LineProblem]:
    item = line.item
    if item is None:
        problem = Problem.LEGACY_OFFER if line.is_legacy else Problem.ITEM_UNKNOWN
        message = (
            "This legacy offer is no longer sold. Buy its new-commerce successor."
            if line.is_legacy
            else "The catalogue has no such item in the customer's market. Read a fresh catalogItemId."
        )
        yield LineProblem(line.number, problem, message)
        return
    yield from _may_be_sold(line, item, buyer)
    yield from _quantity(line, item, buyer)
    yield from _plan(line, item, buyer, at)
    yield from _prerequisites(line, item, buyer)
    yield from _participants(line, buyer)
    yield from _azure(line, item, buyer)


def _may_be_sold(line: LineWanted, item: Item, buyer: Buyer) -> Iterator[LineProblem]:
    if not item.is_purchasable or item.country != buyer.country:
        yield LineProblem(line.number, Problem.ITEM_NOT_FOR_SALE, f"{item.title} is not sold to this customer.")
    if not may_buy_segment(item.segment, buyer.qualifications):
        yield LineProblem(
            line.number, Problem.SEGMENT, f"{item.title} is for {item.segment} customers; this one is not qualified."
        )
    if item.id.sku in buyer.restricted_skus:
        yield LineProblem(line.number, Problem.INVENTORY, f"{item.title} is not available to this customer now.")
    if (line.currency and line.currency not in buyer.currencies) or item.currency not in buyer.currencies:
        yield LineProblem(
            line.number,
            Problem.CURRENCY,
            f"The currency {line.currency or item.currency} is neither the partner's nor the customer's. "
            f"Use {' or '.join(sorted(buyer.currencies))}.",
        )
    if item.enforces_attestation and not line.attestation_accepted:
        yield LineProblem(
            line.number,
            Problem.ATTESTATION,
            f"{item.title} needs attestation: confirm its conditions (attestationAccepted).",
        )


def _quantity(line: LineWanted, item: Item, buyer: Buyer) -> Iterator[LineProblem]:
    lowest, highest = item.minimum_quantity, item.maximum_quantity
    if line.quantity < lowest:
        yield LineProblem(line.number, Problem.QUANTITY, f"The quantity must be from {lowest} to {highest}.")
    elif line.quantity > highest:
        yield LineProblem(line.number, Problem.TOO_MANY_SEATS, f"The quantity must be from {lowest} to {highest}.")
    elif buyer.is_sandbox and item.kind is ProductKind.LICENSE and line.quantity > SANDBOX_SEATS:
        yield LineProblem(
            line.number, Problem.SANDBOX_LIMIT, f"A sandbox subscription has at most {SANDBOX_SEATS} licences."
        )
    counts = buyer.ever_held_skus if item.is_ownership_limit_lifetime else buyer.held_skus
    owned = counts.get(item.id.sku, 0)
    if item.ownership_limit is not None and owned >= item.ownership_limit:
        yield LineProblem(
            line.number,
            Problem.OWNERSHIP_LIMIT,
            f"A customer may have {item.ownership_limit} subscriptions of {item.title} and has {owned}.",
            {"availableQuantity": str(max(item.ownership_limit - owned, 0)), "purchasedQuantity": str(owned)},
        )


def _plan(line: LineWanted, item: Item, buyer: Buyer, at: datetime) -> Iterator[LineProblem]:
    plan = chosen_plan(line)
    if plan is None:
        yield _plan_problem(line, item)
        return
    if line.promotion_id and line.promotion_id not in buyer.promotions.get(promotion_key(item, plan), frozenset()):
        yield LineProblem(
            line.number, Problem.PROMOTION, f"The promotion {line.promotion_id} does not apply here. Leave it out."
        )
    if line.custom_term_end_on is None:
        return
    try:
        check_custom_term_end_date(
            line.custom_term_end_on,
            EndDatePlace.ORDER,
            item.kind,
            at.astimezone(UTC).date(),
            plan.duration,
            targets=buyer.coterm_targets,
            is_trial=item.is_trial,
        )
    except CustomTermEndDateRefused as refusal:
        problem = {
            EndDateProblem.PRODUCT: Problem.END_DATE_PRODUCT,
            EndDateProblem.TERM: Problem.END_DATE_TERM,
            EndDateProblem.MATCH: Problem.END_DATE_MATCH,
        }[refusal.problem]
        yield LineProblem(line.number, problem, refusal.message)


def _plan_problem(line: LineWanted, item: Item) -> LineProblem:
    cycle = line.billing_cycle or item.default_billing_cycle
    durations = sorted({str(plan.duration) for plan in item.plans if plan.duration is not None})
    if line.duration not in {plan.duration for plan in item.plans}:
        message = f"Choose a term of {', '.join(durations)}." if durations else "This item has no term: leave it out."
        return LineProblem(line.number, Problem.TERM, message)
    if cycle.months and line.duration and cycle.months > line.duration.months:
        return LineProblem(
            line.number, Problem.BILLING_CYCLE_TOO_LONG, f"The billing cycle {cycle} is longer than {line.duration}."
        )
    offered = ", ".join(sorted(plan.billing_cycle for plan in item.plans if plan.duration == line.duration))
    return LineProblem(line.number, Problem.BILLING_CYCLE, f"Choose a billing cycle of {offered}.")


def _prerequisites(line: LineWanted, item: Item, buyer: Buyer) -> Iterator[LineProblem]:
    if not item.prerequisite_skus:
        return
    base_seats = sum(buyer.owned_skus.get(sku, 0) for sku in item.prerequisite_skus)
    if not base_seats:
        yield LineProblem(
            line.number,
            Problem.BASE_SEATS if item.base_seat_percent else Problem.PREREQUISITE,
            f"{item.title} needs one of {', '.join(item.prerequisite_skus)}, owned or earlier in the cart.",
        )
    elif item.base_seat_percent and 100 * line.quantity < item.base_seat_percent * base_seats:
        least = -(-item.base_seat_percent * base_seats // 100)
        yield LineProblem(
            line.number,
            Problem.ADDON_MINIMUM,
            f"{item.title} needs at least {item.base_seat_percent}% of the {base_seats} base seats: {least}.",
        )


def _participants(line: LineWanted, buyer: Buyer) -> Iterator[LineProblem]:
    named = [person for person in line.participants if person.role in {RESELLER, ADDITIONAL_RESELLER}]
    if named and not buyer.is_indirect_provider:
        yield LineProblem(
            line.number, Problem.RESELLER_UNFIT, "Only an indirect provider names a reseller. Leave it out."
        )
        return
    for person in named:
        if person.mpn_id not in buyer.known_mpn_ids | buyer.resellers | {buyer.own_mpn_id}:
            yield LineProblem(line.number, Problem.RESELLER_UNKNOWN, f"The MPN id {person.mpn_id} was not found.")
        elif person.mpn_id not in buyer.resellers or person.mpn_id == buyer.own_mpn_id:
            yield LineProblem(
                line.number, Problem.RESELLER_UNFIT, f"{person.mpn_id} is not one of your active indirect resellers."
            )
    if sum(person.role == RESELLER for person in named) > 1:
        yield LineProblem(line.number, Problem.RESELLER_UNFIT, "A line has one transaction reseller.")
    additional = sum(person.role == ADDITIONAL_RESELLER for person in named)
    if additional > (ADDITIONAL_RESELLERS if buyer.country in EU_EFTA else 0):
        yield LineProblem(
            line.number,
            Problem.RESELLER_UNFIT,
            f"Up to {ADDITIONAL_RESELLERS} additional resellers may be named, in the EU and EFTA only.",
        )


def _azure(line: LineWanted, item: Item, buyer: Buyer) -> Iterator[LineProblem]:
    context = {key.lower(): value for key, value in line.provisioning_context.items()}
    missing = [key for key in item.provisioning_variables if not context.get(key.lower())]
    if missing:
        yield LineProblem(
            line.number, Problem.CONTEXT_MISSING, f"Give {', '.join(missing)} in the provisioningContext."
        )
        return
    if item.kind is not ProductKind.RESERVATION:
        return
    azure = buyer.azure_subscriptions.get(context.get("subscriptionid", "").lower())
    if azure is None:
        yield LineProblem(
            line.number, Problem.SUBSCRIPTION_INVALID, "The subscriptionId names no Azure subscription of the customer."
        )
    elif not azure.is_active:
        yield LineProblem(line.number, Problem.SUBSCRIPTION_INACTIVE, "The Azure subscription is not active.")
    elif item.needs_registration and not azure.is_registered:
        yield LineProblem(
            line.number, Problem.NOT_REGISTERED, "Register the Azure subscription for reservations first."
        )
