"""How long after purchase or renewal a product may be cancelled, and how much that gives back."""

from datetime import timedelta
from typing import Final

import msgspec

from openpartner.catalogue.rules.words import MONTH, Duration, ProductKind

FULL: Final = "Full"
PARTIAL: Final = "Partial"


class Window(msgspec.Struct, frozen=True):
    """A cancellation window, counted from the instant of purchase or renewal.

    refund: the wire's word, Full or Partial (by day). in_hours: the refusal speaks of hours (900213), not of days.
    """

    hours: int
    refund: str
    in_hours: bool = False

    @property
    def length(self) -> timedelta:
        """As a span."""
        return timedelta(hours=self.hours)

    @property
    def iso(self) -> str:
        """As the catalogue writes it: ``P7D``."""
        return f"P{self.hours // 24}D"


SEVEN_DAYS: Final = Window(168, PARTIAL)
#: Inside the seven days, everything comes back that is cancelled this soon. Source: billing §5.
FULL_REFUND: Final = Window(24, FULL)


def cancellation_window(kind: ProductKind, duration: Duration | None) -> Window | None:
    """The window of a product; none when it cannot be cancelled at all. Source: commerce-rules §4.

    Licences and software subscriptions 168 hours; perpetual software 30 days; marketplace SaaS 24 hours for a monthly
    term and 14 days for a longer one; reservations, savings plans, the Azure plan and Linux plans none.
    """
    if kind in {ProductKind.LICENSE, ProductKind.SOFTWARE_SUBSCRIPTION}:
        return SEVEN_DAYS
    if kind is ProductKind.PERPETUAL_SOFTWARE:
        return Window(30 * 24, FULL)
    if kind is ProductKind.SAAS:
        return Window(24, FULL, in_hours=True) if duration == MONTH else Window(14 * 24, FULL)
    return None


def refund_steps(kind: ProductKind, duration: Duration | None) -> tuple[Window, ...]:
    """What the catalogue lists under ``refundOptions``, the soonest to end first; empty when nothing is refunded."""
    window = cancellation_window(kind, duration)
    if window is None:
        return ()
    return (FULL_REFUND, window) if window.refund == PARTIAL else (window,)
