"""What the catalogue's pages share: words for kinds, plans and segments, months, positions in lists."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, TypeVar

from babel.core import Locale
from babel.dates import format_date
from litestar.response import Stream
from markupsafe import Markup

from openpartner.catalogue.models import Sku
from openpartner.catalogue.page_queries import Part, Position, PriceLine, Window
from openpartner.catalogue.rules import (
    SEGMENT_WORDS,
    BillingCycle,
    Duration,
    Plan,
    ProductKind,
    add_months,
    cycle_price,
    plain_amount,
)
from openpartner.platform import countries
from openpartner.platform.errors import PreconditionFailed
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web import attempts
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import show_rate
from openpartner.platform.web.tables import Badge, Choice, Column, ListRequest, Noted, Tone
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")
PAGE_SIZE: Final = 50

KIND_WORDS: Final[Mapping[ProductKind, str]] = {
    ProductKind.LICENSE: "Licence",
    ProductKind.SOFTWARE_SUBSCRIPTION: "Software subscription",
    ProductKind.PERPETUAL_SOFTWARE: "Perpetual software",
    ProductKind.LINUX_SOFTWARE: "Linux software",
    ProductKind.RESERVATION: "Reservation",
    ProductKind.SAVINGS_PLAN: "Savings plan",
    ProductKind.AZURE_PLAN: "Azure plan",
    ProductKind.SAAS: "Marketplace SaaS",
}
KIND_HINTS: Final[Mapping[ProductKind, str]] = {
    ProductKind.LICENSE: "Seats for a term, billed by month, year or term.",
    ProductKind.SOFTWARE_SUBSCRIPTION: "Server software for one or three years.",
    ProductKind.PERPETUAL_SOFTWARE: "Bought once, kept for ever.",
    ProductKind.LINUX_SOFTWARE: "Linux support for a term.",
    ProductKind.RESERVATION: "Azure capacity, paid ahead.",
    ProductKind.SAVINGS_PLAN: "A committed hourly spend on Azure.",
    ProductKind.AZURE_PLAN: "Azure services, billed by use.",
    ProductKind.SAAS: "A publisher's service from the marketplace.",
}
CYCLE_WORDS: Final[Mapping[BillingCycle, str]] = {
    BillingCycle.MONTHLY: "Monthly",
    BillingCycle.ANNUAL: "Annual",
    BillingCycle.BIENNIAL: "Every 2\N{NO-BREAK SPACE}years",
    BillingCycle.TRIENNIAL: "Every 3\N{NO-BREAK SPACE}years",
    BillingCycle.ONE_TIME: "Once",
    BillingCycle.NONE: "By use",
}
KINDS: Final = tuple(Choice(kind.value, words, KIND_HINTS[kind]) for kind, words in KIND_WORDS.items())
SEGMENTS: Final = tuple(Choice(segment.value, words) for segment, words in SEGMENT_WORDS.items())


def term_words(duration: Duration | None) -> str:
    """``1 month``, ``3 years``, ``No term``; it does not break."""
    if duration is None:
        return "No\N{NO-BREAK SPACE}term"
    years, months = divmod(duration.months, 12)
    parts = [
        f"{n}\N{NO-BREAK SPACE}{word}{'' if n == 1 else 's'}" for n, word in ((years, "year"), (months, "month")) if n
    ]
    return " ".join(parts) or f"{duration.days} days"


def plan_words(plan: Plan) -> str:
    """``1 year, monthly``."""
    return f"{term_words(plan.duration)}, {CYCLE_WORDS[plan.billing_cycle].lower()}"


def market_words(market: str) -> str:
    """A market's country by name."""
    return countries.name_of(market)


NO_LIMIT = 10_000_000
"""The maximum of what has none."""


def quantity_words(sku: Sku) -> str:
    """How many one subscription may have: ``1 to 300``, ``25``, ``1 or more``."""
    least, most = sku.minimum_quantity, sku.maximum_quantity
    if most >= NO_LIMIT:
        return f"{least:,} or more"
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def published_badge(*, is_published: bool) -> Badge:
    """Whether a product is on sale."""
    return Badge("Published", "success") if is_published else Badge("Withdrawn", "neutral")


# --- prices


def unit_price(line: PriceLine) -> Noted | Markup:
    """The price of the term; under it what that is for one billing cycle, where it differs."""
    price = line.price
    shown = show_rate(price.unit_price, price.currency)
    each = cycle_price(price.unit_price, price.plan.duration, price.billing_cycle)
    if each == price.unit_price:
        return shown
    cents = each.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()
    words = {BillingCycle.MONTHLY: "a month", BillingCycle.ANNUAL: "a year"}.get(price.billing_cycle, "a cycle")
    return Noted(shown, f"{show_rate(cents, price.currency).striptags()} {words}")


def amount(value: Decimal | None) -> Decimal | None:
    """An amount for a file."""
    return None if value is None else plain_amount(value)


def change_share(line: PriceLine) -> Decimal | None:
    """The change against the month before, as a share of the price then; none without such a price."""
    if line.before is None or not line.before:
        return None
    return (line.price.unit_price - line.before) / line.before


def change_badge(line: PriceLine) -> Badge | None:
    """New, up, down, or nothing where the price is the same."""
    if line.before is None:
        return Badge("New", "info")
    if line.before == line.price.unit_price:
        return None
    share = change_share(line)
    if share is None:
        return Badge("Now charged", "warning")
    tone: Tone = "warning" if share > 0 else "success"
    sign = "+" if share > 0 else "\N{MINUS SIGN}"
    return Badge(f"{sign}{abs(share * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%", tone)


def valid_until(line: PriceLine) -> object:
    """The last day, or that it is open."""
    return line.price.valid_until.date() if line.price.valid_until else "Open"


# --- months


def month_of(at: datetime) -> str:
    """``2026-03``: the key of a month."""
    return f"{at:%Y-%m}"


def months_around(now: datetime, before: int = 12, after: int = 1) -> tuple[Choice, ...]:
    """The months a price list can be read for, the coming one first."""
    first = now.date().replace(day=1)
    choices = []
    for n in range(after, -before - 1, -1):
        day = add_months(first, n)
        name = format_date(day, "LLL yyyy", locale=Locale("en"))
        suffix = {1: " (preview)", 0: " (now)"}.get(n, "")
        choices.append(Choice(f"{day:%Y-%m}", f"{name}{suffix}"))
    return tuple(choices)


def instants_of(month: str, now: datetime) -> tuple[datetime, datetime]:
    """The instant a month's list is read at, and the one it is compared with: the end of the month before.

    The present month is read now, a past one at its last second, a coming one at its first.
    """
    begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    ends = datetime.combine(add_months(begins.date(), 1), begins.timetz()) - timedelta(seconds=1)
    at = min(max(begins, now), ends)
    return at, begins - timedelta(seconds=1)


# --- lists and forms


def window_of(asked: ListRequest, size: int = PAGE_SIZE) -> Window:
    """The page that an address asks for. Raises Invalid."""
    return Window(
        size,
        after=read_token(asked.after, Position) if asked.after else None,
        before=read_token(asked.before, Position) if asked.before else None,
        descending=asked.descending,
    )


def paging_keys(part: Part[Any]) -> tuple[str, str]:
    """The keys to the next and the previous page."""
    return make_token(part.next) if part.next else "", make_token(part.previous) if part.previous else ""


def file_of(uow: UnitOfWork, asked: ListRequest, columns: Sequence[Column[T]], rows: Iterator[T], title: str) -> Stream:
    """A list as a file. Made whole inside the unit: rows are not loaded later."""
    kind = asked.export or "csv"
    chunks = list(export_chunks(kind, columns, rows, title=title, created_at=uow.now))
    return Stream(chunks, headers=export_headers(kind, title, uow.now))


def attempt(page: Page, form: Form[Any], action: Callable[[UnitOfWork], T]) -> T | None:
    """As everywhere; PreconditionFailed is raised too, for the caller to explain."""
    return attempts.attempt(page, form, action, passes=(PreconditionFailed,))


def lines_of(text: str) -> list[str]:
    """The non-empty lines of a text field, trimmed, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
