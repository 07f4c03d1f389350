"""What seats cost for part of a cycle: exact, truncated once per seat."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec

from openpartner.platform.money import Money, minor_digits
from openpartner.subscriptions.rules.terms import Cycle


def rounded_down(amount: Fraction, currency: str) -> Money:
    """Truncate towards zero to the minor unit, credits too: -7.728 gives -7.72. Source: billing §4.1, ROUNDDOWN."""
    scaled = amount * 10 ** minor_digits(currency)
    size = abs(scaled.numerator) // scaled.denominator
    return Money(size if scaled >= 0 else -size, currency)


class SeatPrice(msgspec.Struct, frozen=True):
    """What one seat costs for one whole cycle, locked for the term.

    unit_price: in the pricing currency, per cycle.
    discount: the promotion's fraction, 0 up to 1.
    exchange_rate: pricing currency to billing currency.
    """

    unit_price: Decimal
    currency: str
    discount: Decimal = Decimal(0)
    exchange_rate: Decimal = Decimal(1)

    def effective(self, billing_days: int, cycle_days: int) -> Fraction:
        """The effective unit price, exact: unit price times one minus the discount times the share of days."""
        return Fraction(self.unit_price) * (1 - Fraction(self.discount)) * Fraction(billing_days, cycle_days)

    def charge(self, quantity: int, billing_days: int, cycle_days: int) -> Money:
        """Effective price in billing currency, truncated per seat, times the seats ("mode A").

        quantity: negative for the reversing half of a pair. Source: billing §4.1; vectors L1-L15.
        """
        seat = rounded_down(self.effective(billing_days, cycle_days) * Fraction(self.exchange_rate), self.currency)
        return seat * quantity


class QuantityCharge(msgspec.Struct, frozen=True):
    """The pair of lines of a seat change: the old seats taken back, the new ones charged, to the cycle's end."""

    reversed: Money
    charged: Money

    @property
    def net(self) -> Money:
        """What the change costs (or gives back)."""
        return self.charged + self.reversed


def quantity_charge(price: SeatPrice, before: int, wanted: int, cycle: Cycle, on: date) -> QuantityCharge:
    """What a seat change on that day costs. Source: billing §2.3, vectors L3, L4, L8, L15."""
    days = cycle.days_left(on)
    return QuantityCharge(
        reversed=price.charge(-before, days, cycle.cycle_days),
        charged=price.charge(wanted, days, cycle.cycle_days),
    )
