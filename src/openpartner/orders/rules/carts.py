"""How long a cart lives, when it may be changed or checked out, and how its lines become orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.catalogue.rules import BillingCycle
from openpartner.platform.errors import DomainError


class CartStatus(StrEnum):
    """The wire's ``status``. Source: partner-center-resources §8."""

    ACTIVE = "Active"
    ORDERED = "Ordered"


#: The 2023 pages' lifetime; the 2021 examples show a quarter of an hour. Source: commerce-rules §11.
CART_LIFETIME: Final = timedelta(days=7)


class CartRefused(DomainError):
    """Source: partner-center-conventions §19: 800002, 800008, 800009, 800065."""


def check_cart_open(cart_id: str, status: CartStatus, expires_at: datetime, at: datetime) -> None:
    """Raise CartRefused unless the cart may be changed or checked out at ``at``.

    A cart that was ordered answers its first result again at checkout: the service looks for that before asking.
    """
    if status is CartStatus.ORDERED:
        raise CartRefused(f"Cart {cart_id} was already submitted. Make a new cart.", code=800065)
    if at >= expires_at:
        raise CartRefused(
            f"Cart {cart_id} expired on {expires_at:%Y-%m-%d %H:%M} UTC. Make a new cart.", code=800008, status=404
        )


def check_cart_has_lines(line_count: int) -> None:
    """A cart has at least one line. Source: partner-center-resources §8."""
    if line_count < 1:
        raise CartRefused("A cart needs at least one line item.", code=800002)


class GroupedLine(msgspec.Struct, frozen=True):
    """What decides which order a line goes to."""

    billing_cycle: BillingCycle
    currency: str
    is_legacy: bool = False


def order_groups(lines: Sequence[GroupedLine]) -> list[str]:
    """Each line's ``orderGroup``: ``0``, ``1``, … in order of appearance; ``OMS-0``, … for legacy lines.

    Lines of one group become one order: same purchase system, billing cycle and currency. Source: commerce-rules §11.
    """
    known: dict[GroupedLine, str] = {}
    counts = {False: 0, True: 0}
    for line in lines:
        if line not in known:
            known[line] = f"{'OMS-' if line.is_legacy else ''}{counts[line.is_legacy]}"
            counts[line.is_legacy] += 1
    return [known[line] for line in lines]
