"""How the pages word states, terms, plans and what happened."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from openpartner.catalogue.rules import CYCLE_WORDS, BillingCycle, Duration, Plan, ProductKind
from openpartner.platform.money import Money
from openpartner.platform.web.formats import date_words, money_words, plural_form
from openpartner.platform.web.tables import Badge, Tone
from openpartner.subscriptions.queries import HistoryEntry
from openpartner.subscriptions.rules import NextTerm, Status

STATUS_WORDS: Final[Mapping[Status, tuple[str, Tone]]] = {
    Status.PENDING: ("Being set up", "info"),
    Status.ACTIVE: ("Active", "success"),
    Status.SUSPENDED: ("Suspended", "warning"),
    Status.EXPIRED: ("Expired", "warning"),
    Status.DISABLED: ("Disabled", "danger"),
    Status.DELETED: ("Deleted", "neutral"),
}

KIND_WORDS: Final[Mapping[ProductKind, str]] = {
    ProductKind.LICENSE: "Online service",
    ProductKind.SOFTWARE_SUBSCRIPTION: "Software subscription",
    ProductKind.PERPETUAL_SOFTWARE: "Perpetual software",
    ProductKind.LINUX_SOFTWARE: "Linux software",
    ProductKind.RESERVATION: "Reservation",
    ProductKind.SAVINGS_PLAN: "Savings plan",
    ProductKind.AZURE_PLAN: "Azure plan",
    ProductKind.SAAS: "Marketplace",
}


def status_badge(status: Status) -> Badge:
    """The state as a chip."""
    return Badge(*STATUS_WORDS[status])


def term_words(text: str) -> str:
    """``1 year`` of ``P1Y``; ``No end`` without a term."""
    if not text:
        return "No end"
    duration = Duration.parse(text)
    years, months = divmod(duration.months, 12)
    parts = [(years, "year"), (months, "month"), (duration.days, "day")]
    return " ".join(f"{count} {plural_form(count, noun)}" for count, noun in parts if count)


def plan_words(plan: Plan) -> str:
    """``1 year, billed monthly``."""
    return f"{term_words(plan.duration_text)}, billed {CYCLE_WORDS[plan.billing_cycle].lower()}"


def next_words(planned: NextTerm) -> str:
    """What was planned for the next term."""
    seats = f"{planned.quantity} {plural_form(planned.quantity, 'seat')}"
    return f"{seats} for {plan_words(Plan(planned.duration, planned.billing_cycle))}"


_EVENTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "SubscriptionOpened": ("Bought", "cart", "brand"),
    "SubscriptionStatusChanged": ("Status changed", "arrow_sync", "brand"),
    "SubscriptionQuantityChanged": ("Seats changed", "people", "brand"),
    "SubscriptionTermChanged": ("Term or billing changed", "calendar", "brand"),
    "SubscriptionRenewed": ("Renewed", "calendar_sync", "success"),
    "SubscriptionCycleBegan": ("Charged", "receipt", ""),
    "SubscriptionUpdated": ("Edited", "edit", ""),
    "SupportContactChanged": ("Support contact changed", "person_support", ""),
    "SubscriptionRegistered": ("Registered for reservations", "checkmark_circle", ""),
    "SubscriptionActivated": ("Set up by the customer", "checkmark_circle", "success"),
    "AzureEntitlementChanged": ("Azure subscription changed", "cloud", ""),
}


def happened(entry: HistoryEntry, locale: str, *, shows_prices: bool) -> dict[str, Any]:
    """An entry of the timeline. locale: the language tag of who reads it."""
    title, icon, tone = _EVENTS.get(entry.kind, (entry.kind, "circle", ""))
    data = entry.body.get("data", {})
    parts = [_what(entry, locale)]
    if shows_prices and data.get("currency"):
        minor = next((data[key] for key in ("charged_minor", "net_minor") if key in data), 0)
        minor -= data.get("credit_minor", 0)
        if minor:
            amount = money_words(Money(abs(minor), data["currency"]), locale)
            parts.append(f"{amount} charged" if minor > 0 else f"{amount} given back")
    text = ", ".join(part for part in parts if part)
    return {"title": title, "at": entry.at, "by": entry.actor_name, "icon": icon, "tone": tone, "text": text}


def _what(entry: HistoryEntry, locale: str) -> str:  # noqa: PLR0911 - one return a kind of event
    data, after = entry.body.get("data", {}), entry.body.get("after") or {}
    match entry.kind:
        case "SubscriptionStatusChanged":
            return STATUS_WORDS[Status(data["status_after"])][0]
        case "SubscriptionQuantityChanged":
            return f"from {data['quantity_before']} to {data['quantity_after']} seats"
        case "SubscriptionOpened" | "SubscriptionRenewed":
            return f"{data['quantity']} {plural_form(data['quantity'], 'seat')}"
        case "SubscriptionTermChanged":
            plan = Plan(Duration.parse(data["duration"]), BillingCycle(data["billing_cycle"]))
            return plan_words(plan) + ("" if data["is_immediate"] else ", from the next charge on")
        case "SubscriptionCycleBegan":
            first, last = (date.fromisoformat(data[name]) for name in ("cycle_starts_on", "cycle_ends_on"))
            return f"{date_words(first, locale)} to {date_words(last, locale)}"
        case "SubscriptionUpdated":
            return "; ".join(_edited(name, value) for name, value in after.items())
    return ""


def _edited(name: str, value: Any) -> str:  # noqa: PLR0911 - one return a member
    match name, value:
        case "friendlyName", _:
            return f"now called {value}"
        case "autoRenewEnabled", _:
            return f"automatic renewal {'on' if value else 'off'}"
        case "partnerId", _:
            return f"reseller {value}" if value else "no reseller"
        case "scheduledNextTermInstructions", None:
            return "nothing planned for renewal any more"
        case "scheduledNextTermInstructions", _:
            return f"{value['quantity']} seats planned for renewal"
        case "nextChargeInstructions", None:
            return "billing stays as it is"
        case "billingCycle", _:
            return f"billed {CYCLE_WORDS[BillingCycle(value)].lower()}"
    return name
