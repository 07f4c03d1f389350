"""How the pages of orders word plans, states and kinds."""

from collections.abc import Mapping, Sequence
from typing import Final

from openpartner.catalogue.rules import CYCLE_WORDS, BillingCycle, Duration, Plan, ProductKind
from openpartner.orders.models import OrderLine
from openpartner.orders.rules import Condition, LineTransactionType, OrderStatus, TransactionType
from openpartner.platform.web.tables import Badge, Tone

STATUS_WORDS: Final[Mapping[OrderStatus, tuple[str, Tone]]] = {
    OrderStatus.UNKNOWN: ("Unknown", "neutral"),
    OrderStatus.COMPLETED: ("Completed", "success"),
    OrderStatus.PENDING: ("Being set up", "info"),
    OrderStatus.CANCELLED: ("Cancelled", "neutral"),
    OrderStatus.SUSPENDED: ("Suspended", "warning"),
    OrderStatus.PENDING_REVIEW: ("Under review", "info"),
    OrderStatus.PENDING_PO_UPLOAD: ("Purchase order needed", "warning"),
    OrderStatus.PO_UPLOAD_COMPLETE: ("Purchase order under review", "info"),
    OrderStatus.PO_REVIEW_REJECTED: ("Purchase order rejected", "danger"),
    OrderStatus.PARTIAL_SUCCESS: ("Partly completed", "warning"),
    OrderStatus.ERROR: ("Failed", "danger"),
}

LINE_WORDS: Final[Mapping[LineTransactionType, str]] = {
    LineTransactionType.NEW: "Purchase",
    LineTransactionType.RENEW: "Renewal",
    LineTransactionType.ADD_QUANTITY: "Seats added",
    LineTransactionType.REMOVE_QUANTITY: "Seats removed",
    LineTransactionType.CANCEL: "Cancellation",
    LineTransactionType.CONVERT: "Change of term or product",
    LineTransactionType.CUSTOMER_CREDIT: "Credit",
}

PLACED_WORDS: Final[Mapping[TransactionType, str]] = {
    TransactionType.USER_PURCHASE: "By a person or app",
    TransactionType.SYSTEM_PURCHASE: "By renewal",
    TransactionType.SYSTEM_BILLING: "By billing",
}

_PER_CYCLE: Final[Mapping[BillingCycle, str]] = {
    BillingCycle.MONTHLY: "a month",
    BillingCycle.ANNUAL: "a year",
    BillingCycle.BIENNIAL: "for two years",
    BillingCycle.TRIENNIAL: "for three years",
    BillingCycle.ONE_TIME: "once",
    BillingCycle.NONE: "",
}

CONDITION_WORDS: Final[Mapping[Condition, str]] = {
    Condition.PROGRAM_STATUS: "Your company takes part in the reseller programme",
    Condition.RESELLER_RELATIONSHIP: "The customer has accepted you as its reseller",
    Condition.PARTNER_AGREEMENT: "Your company has signed the partner agreement",
    Condition.INDIRECT_RESELLER_AGREEMENT: "The indirect reseller has signed the partner agreement",
    Condition.ACCOUNT_VALIDATION: "The customer's account is cleared",
    Condition.CUSTOMER_AGREEMENT: "The customer has accepted the customer agreement",
    Condition.ADDRESS: "The billing address is complete",
    Condition.PHONE_NUMBER: "The billing profile has a phone number",
    Condition.REGISTRATION_NUMBER: "The company profile has a registration number",
    Condition.QUALIFICATION: "The customer is qualified for what is in the cart",
    Condition.CREDIT: "Your credit covers the purchase",
}

#: Where each condition is mended; ``{customer}`` is the customer's page.
CONDITION_PAGES: Final[Mapping[Condition, tuple[str, str]]] = {
    Condition.PROGRAM_STATUS: ("Open legal info", "/account/legal-info"),
    Condition.RESELLER_RELATIONSHIP: ("Open the customer", "{customer}"),
    Condition.PARTNER_AGREEMENT: ("Open agreements", "/account/agreements"),
    Condition.ACCOUNT_VALIDATION: ("Open the customer", "{customer}"),
    Condition.CUSTOMER_AGREEMENT: ("Record the acceptance", "{customer}/agreement"),
    Condition.ADDRESS: ("Edit the billing profile", "{customer}/edit"),
    Condition.PHONE_NUMBER: ("Edit the billing profile", "{customer}/edit"),
    Condition.REGISTRATION_NUMBER: ("Edit the company profile", "{customer}/edit"),
    Condition.QUALIFICATION: ("Ask for the qualification", "{customer}/qualification"),
    Condition.CREDIT: ("Open billing", "/billing"),
}


class Family:
    """A tab of the catalogue browser."""

    def __init__(self, key: str, title: str, unit: str, *kinds: ProductKind) -> None:
        self.key, self.title, self.unit, self.kinds = key, title, unit, frozenset(kinds)


FAMILIES: Final = (
    Family("online", "Online services", "licence", ProductKind.LICENSE),
    Family(
        "software",
        "Software",
        "unit",
        ProductKind.PERPETUAL_SOFTWARE,
        ProductKind.SOFTWARE_SUBSCRIPTION,
        ProductKind.LINUX_SOFTWARE,
    ),
    Family("azure", "Azure plan", "plan", ProductKind.AZURE_PLAN),
    Family("reservations", "Reservations", "unit", ProductKind.RESERVATION, ProductKind.SAVINGS_PLAN),
    Family("marketplace", "Marketplace", "licence", ProductKind.SAAS),
)
FAMILY_OF_KIND: Final = {kind: family for family in FAMILIES for kind in family.kinds}


def family(key: str) -> Family:
    """The tab of that key; the first for one nobody knows."""
    return next((each for each in FAMILIES if each.key == key), FAMILIES[0])


def status_badge(status: OrderStatus) -> Badge:
    """A state as a chip."""
    return Badge(*STATUS_WORDS[status])


def term_words(duration: Duration | None) -> str:
    """``1 month``, ``3 years``, or that there is no term."""
    if duration is None:
        return "No term"
    years, months = divmod(duration.months, 12)
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((years, "year"), (months, "month")) if count
    ]
    return " ".join(parts) or f"{duration.days} days"


def plan_words(plan: Plan) -> str:
    """``1 year, billed monthly``."""
    if plan.duration is None:
        return "One-time purchase" if plan.billing_cycle is BillingCycle.ONE_TIME else "Pay as you go, billed monthly"
    months = plan.billing_cycle.months
    if plan.billing_cycle is BillingCycle.ONE_TIME or months is None or months >= plan.duration.months:
        return f"{term_words(plan.duration)}, {'billed monthly' if months == 1 else 'paid at once'}"
    return f"{term_words(plan.duration)}, billed {CYCLE_WORDS[plan.billing_cycle].lower()}"


def per_cycle(cycle: BillingCycle) -> str:
    """``a month``: what a price is for."""
    return _PER_CYCLE[cycle]


def plan_key(plan: Plan) -> str:
    """A plan as a form sends it."""
    return f"{plan.duration_text}:{plan.billing_cycle}"


def plan_of(key: str) -> tuple[Duration | None, BillingCycle | None]:
    """What a form's key asks for; the defaults for a key that was not made here."""
    duration, _, cycle = key.partition(":")
    try:
        return (Duration.parse(duration) if duration else None), BillingCycle(cycle)
    except ValueError:
        return None, None


def line_type(lines: Sequence[OrderLine]) -> str:
    """What an order does, from its first line."""
    return LINE_WORDS[lines[0].transaction_type] if lines else ""
