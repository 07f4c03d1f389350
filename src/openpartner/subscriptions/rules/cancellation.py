"""Whether a subscription may still be cancelled, and what that gives back."""

from datetime import UTC, datetime, timedelta

import msgspec

from openpartner.catalogue.rules import FULL, FULL_REFUND, Duration, ProductKind, cancellation_window
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.subscriptions.rules.charges import SeatPrice
from openpartner.subscriptions.rules.terms import Cycle


def cancellation_allowed_until(
    kind: ProductKind, duration: Duration | None, window_opened_at: datetime
) -> datetime | None:
    """``cancellationAllowedUntilDate``.

    window_opened_at: the purchase, renewal, migration or trial conversion instant. An end date alignment does not move
    it; an upgrade opens no window of its own.
    """
    window = cancellation_window(kind, duration)
    return None if window is None else window_opened_at + window.length


class CancellationRefused(DomainError):
    """Source: partner-center-conventions §19: 900117, 900213, 900321, 800096, 800061."""


def check_cancellation(
    kind: ProductKind, duration: Duration | None, window_opened_at: datetime, at: datetime, *, is_sandbox: bool = False
) -> None:
    """Raise CancellationRefused unless a cancellation is allowed at ``at``. The last instant of the window still is.

    is_sandbox: a sandbox may cancel reservations up to 60 days after the order (partner-center-conventions §18).
    """
    window = cancellation_window(kind, duration)
    if window is None:
        if is_sandbox and kind is ProductKind.RESERVATION and at <= window_opened_at + timedelta(days=60):
            return
        if kind is ProductKind.SAVINGS_PLAN:
            raise CancellationRefused(
                "A savings plan is not cancelled here. Use the Azure portal.", code=900321, status=403
            )
        raise CancellationRefused(
            "This product has no cancellation window. Ask support for an exchange or a refund.", code=800096
        )
    if at > window_opened_at + window.length:
        length = window.hours if window.in_hours else window.hours // 24
        unit = "hour" if window.in_hours else "day"
        raise CancellationRefused(
            f"The {length}-{unit} cancellation window has passed. Turn off automatic renewal to end the subscription "
            "with its term.",
            code=900213 if window.in_hours else 900117,
            window=length,
            unit=unit,
        )


class Charged(msgspec.Struct, frozen=True):
    """What a cancellation gives back from.

    quantity, price, cycle: of the running cycle, at today's seats.
    charged: what this cycle's lines sum to so far; no credit exceeds it.
    """

    price: SeatPrice
    quantity: int
    cycle: Cycle
    charged: Money


def cancellation_credit(
    kind: ProductKind, duration: Duration | None, paid: Charged, window_opened_at: datetime, at: datetime
) -> Money:
    """The positive credit owed for cancelling at ``at``; the caller has checked the window.

    Full products give everything back, and so does anything cancelled within 24 hours. A licence gives back the days
    from the day of cancellation on (vector L5: cancelled on day three, 29 of 31 days); of a software subscription the
    day of cancellation counts as used (vector L17). Truncated per seat, as the charge was. Never more than charged.
    Source: billing §5, §12; commerce-rules §4, §19.
    """
    window = cancellation_window(kind, duration)
    if window is None or window.refund == FULL or at - window_opened_at <= FULL_REFUND.length:
        return paid.charged
    on = at.astimezone(UTC).date()
    if kind is ProductKind.SOFTWARE_SUBSCRIPTION:
        on += timedelta(days=1)
    credit = paid.price.charge(paid.quantity, paid.cycle.days_left(on), paid.cycle.cycle_days)
    return min(credit, paid.charged, key=lambda money: money.minor)
