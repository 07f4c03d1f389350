"""Money and rates: integers of minor units, exact decimals, and every rounding with a name."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache

import msgspec
from babel.numbers import get_currency_precision

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@cache
def minor_digits(currency: str) -> int:
    """How many decimal digits the currency's minor unit has: USD 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met."""


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount as an integer of the currency's minor units.

    minor: may be negative (a credit).
    currency: ISO 4217, upper case.
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """Round an exact amount half up (away from zero) to the minor unit, once."""
        with localcontext(EXACT):
            scaled = Decimal(amount).scaleb(minor_digits(currency))
            return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in a currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact, with the currency's digits."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} cannot be combined with {other.currency}.")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def share(self, part: int, whole: int) -> "Money":
        """``part`` of ``whole``, rounded half away from zero, once, to the minor unit.

        part, whole: non-negative integers of the same unit, whole > 0.
        """
        if whole <= 0 or part < 0:
            raise ValueError(f"{part} of {whole} is not a share.")
        magnitude = (2 * abs(self.minor) * part + whole) // (2 * whole)
        return Money(magnitude if self.minor >= 0 else -magnitude, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Parts in proportion to ``weights`` that sum exactly; lost units go to the largest remainders, first first."""
        whole = sum(weights)
        if whole <= 0:
            raise ValueError("The weights of a split must sum to more than zero.")
        size = abs(self.minor)
        floors = [size * weight // whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
        for i in by_remainder[: size - sum(floors)]:
            floors[i] += 1
        sign = 1 if self.minor >= 0 else -1
        return [Money(sign * part, self.currency) for part in floors]


def quantity_times_rate(quantity: int, rate: Decimal, currency: str) -> Money:
    """``quantity`` units at a unit rate, rounded half up once to the minor unit."""
    with localcontext(EXACT):
        return Money.of(Decimal(quantity) * rate, currency)
