"""When seats may be added or given back."""

from datetime import datetime, timedelta

import msgspec

from openpartner.catalogue.rules import ProductKind, cancellation_window
from openpartner.platform.errors import DomainError
from openpartner.subscriptions.rules.holding import (
    SANDBOX_SEATS,
    SEAT_WINDOW,
    Holding,
    SeatBlock,
    check_updatable,
    refundable_blocks,
)
from openpartner.subscriptions.rules.terms import TRIAL_SEATS


class QuantityRefused(DomainError):
    """Source: partner-center-conventions §19: 2002, 800027, 800067, 800090, 800095, 900214."""


class QuantityChange(msgspec.Struct, frozen=True):
    """A seat change that is allowed. ``blocks`` is what the subscription holds afterwards."""

    before: int
    after: int
    blocks: tuple[SeatBlock, ...]

    @property
    def delta(self) -> int:
        """Seats added, or removed when negative."""
        return self.after - self.before


def change_quantity(held: Holding, wanted: int, at: datetime, *, is_sandbox: bool = False) -> QuantityChange:
    """Check a seat change and say what it does; raises NotUpdatable or QuantityRefused.

    Increases are allowed at any time and open their own reduction window. Decreases take seats of open windows only,
    those that close first. A trial has 25 seats; software, reservations and the Azure plan have no seats to change.
    Source: commerce-rules §5.
    """
    check_updatable(held, at)
    if held.is_trial:
        raise QuantityRefused(f"A trial always has {TRIAL_SEATS} seats. Convert it to change them.", code=800095)
    if held.kind not in {ProductKind.LICENSE, ProductKind.SAAS}:
        raise QuantityRefused(
            "Seats of this product can be neither added nor removed. Cancel it inside its window and buy again.",
            code=800027,
            status=403,
        )
    lowest, highest = held.minimum_quantity, held.maximum_quantity
    if not lowest <= wanted <= highest:
        raise QuantityRefused(
            f"The quantity must be from {lowest} to {highest}; {wanted} was asked for.",
            code=2002,
            minimum=lowest,
            maximum=highest,
        )
    if is_sandbox and wanted > max(SANDBOX_SEATS, held.quantity):
        raise QuantityRefused(f"A sandbox subscription has at most {SANDBOX_SEATS} licences.", code=800067, status=403)
    if wanted >= held.quantity:
        bought = SeatBlock(wanted - held.quantity, at, _seat_window(held))
        return QuantityChange(held.quantity, wanted, (*held.blocks, bought) if bought.quantity else held.blocks)
    return QuantityChange(held.quantity, wanted, _given_back(held, held.quantity - wanted, at))


def _seat_window(held: Holding) -> timedelta:
    window = cancellation_window(held.kind, held.duration)
    return SEAT_WINDOW if window is None else window.length


def _given_back(held: Holding, quantity: int, at: datetime) -> tuple[SeatBlock, ...]:
    """The blocks left after ``quantity`` seats of open windows went back."""
    open_blocks = refundable_blocks(held.blocks, at)
    available = sum(block.quantity for block in open_blocks)
    if available < quantity:
        hours = int(_seat_window(held).total_seconds()) // 3600
        raise QuantityRefused(
            f"The {hours}-hour seat reduction window has passed for {quantity - available} of the {quantity} seats. "
            f"Remove at most {available} now, or schedule the decrease for renewal.",
            code=900214,
            window=hours,
            refundable=available,
        )
    left = []
    for block in open_blocks:
        taken = min(block.quantity, quantity)
        quantity -= taken
        if block.quantity > taken:
            left.append(msgspec.structs.replace(block, quantity=block.quantity - taken))
    return tuple(left)
