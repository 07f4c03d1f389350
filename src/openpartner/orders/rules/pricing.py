"""What a line costs: one calculation for the cart, the order and the portal, equal to the invoice to the cent."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Final

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration
from openpartner.platform.money import EXACT, Money
from openpartner.subscriptions.rules import Cycle, SeatPrice, Term, charge_cycles

#: The prorated price is shown with so many decimals, cut; the charge is computed from the exact value.
SHOWN_DECIMALS: Final = Decimal("0.000001")


class Pricing(msgspec.Struct, frozen=True):
    """The wire's ``pricing`` of a line, before tax, in major units, and the two sums behind it.

    list_price: one unit for one whole billing cycle.
    discounted_price: after the promotion, exact.
    prorated_price: after proration of the first cycle; equals the discounted price when nothing is shortened.
    price: one unit's first charge in billing currency, truncated to the minor unit (billing §4.1, ROUNDDOWN).
    extended_price: the whole term, every cycle of it: one seat at 30.40 a month for a year shows 364.80.
    first_charge: what the next invoice carries for the line. whole_term: ``extended_price`` as money.
    """

    list_price: Decimal
    discounted_price: Decimal
    prorated_price: Decimal
    price: Decimal
    extended_price: Decimal
    first_charge: Money
    whole_term: Money


def price_line(
    seat: SeatPrice, quantity: int, term: Term, duration: Duration | None, billing_cycle: BillingCycle
) -> Pricing:
    """Price a line whose first term is ``term``.

    Each cycle's charge is truncated per seat, then multiplied; the term is the sum of its cycles, so the preview equals
    the invoices. Source: billing §4.1; commerce-rules §11 (extendedPrice is the whole term).
    """
    cycles = charge_cycles(term, duration, billing_cycle)
    return price_cycles(seat, quantity, cycles, cycles[0].starts_on if cycles else term.starts_on)


def price_cycles(seat: SeatPrice, quantity: int, cycles: Sequence[Cycle], on: date) -> Pricing:
    """Price seats from a day on to the end of these cycles: what a line, added seats or seats taken back come to.

    quantity: negative for seats taken back. cycles: without any the price is for once.
    """
    running = [cycle for cycle in cycles if cycle.ends_on >= on]
    days, whole = (running[0].days_left(on), running[0].cycle_days) if running else (1, 1)
    first_charge = seat.charge(quantity, days, whole)
    whole_term = first_charge
    for cycle in running[1:]:
        whole_term += seat.charge(quantity, cycle.days, cycle.cycle_days)
    with localcontext(EXACT):
        discounted = seat.unit_price * (1 - seat.discount)
        prorated = discounted * days / whole
        if days != whole:
            prorated = prorated.quantize(SHOWN_DECIMALS, rounding=ROUND_DOWN)
    return Pricing(
        list_price=seat.unit_price,
        discounted_price=discounted,
        prorated_price=prorated,
        price=seat.charge(1, days, whole).amount,
        extended_price=whole_term.amount,
        first_charge=first_charge,
        whole_term=whole_term,
    )
