"""What the rules need to know of a subscription, and whether it takes changes at all."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration, ProductKind
from openpartner.platform.errors import DomainError, Forbidden
from openpartner.subscriptions.rules.states import Status, StatusUnreachable
from openpartner.subscriptions.rules.terms import Term

#: Seats bought, renewed or added can be given back for this long. Source: commerce-rules §5.
SEAT_WINDOW: Final = timedelta(hours=168)
SANDBOX_SEATS: Final = 25  # partner-center-conventions §18


class SeatBlock(msgspec.Struct, frozen=True):
    """Seats that came together: by the purchase, a renewal, or one increase."""

    quantity: int
    bought_at: datetime
    window: timedelta = SEAT_WINDOW

    @property
    def allowed_until(self) -> datetime:
        """``allowedUntilDateTime``."""
        return self.bought_at + self.window


def refundable_blocks(blocks: Iterable[SeatBlock], at: datetime) -> list[SeatBlock]:
    """The blocks that can still be given back, the one that closes first first: ``refundableQuantity.details``."""
    return sorted(
        (block for block in blocks if block.quantity > 0 and at <= block.allowed_until),
        key=lambda block: block.allowed_until,
    )


def refundable_quantity(blocks: Iterable[SeatBlock], at: datetime) -> int:
    """``refundableQuantity.totalQuantity``."""
    return sum(block.quantity for block in refundable_blocks(blocks, at))


class Holding(msgspec.Struct, frozen=True):
    """What the rules need to know of a subscription.

    blocks: seats by the instant they were bought, for the reduction window.
    is_being_suspended, pending_until: operations that run; the second locks for up to 24 hours.
    minimum_quantity, maximum_quantity: of the SKU.
    """

    kind: ProductKind
    status: Status
    quantity: int
    term: Term
    duration: Duration | None
    billing_cycle: BillingCycle
    window_opened_at: datetime
    blocks: tuple[SeatBlock, ...] = ()
    is_trial: bool = False
    auto_renew_enabled: bool = True
    minimum_quantity: int = 1
    maximum_quantity: int = 10_000_000
    is_being_suspended: bool = False
    pending_until: datetime | None = None


class NotUpdatable(DomainError):
    """The subscription's state allows no change. Source: partner-center-conventions §19."""


def check_updatable(held: Holding, at: datetime) -> None:
    """Raise NotUpdatable unless seats, term, cycle or renewal may be changed at ``at``."""
    if held.status is Status.DELETED:
        raise NotUpdatable("A cancelled subscription cannot be updated. Place a new order.", code=2011)
    if held.status is Status.PENDING:
        raise NotUpdatable(
            "The subscription is still being provisioned. Try again in some minutes.", code=800082, status=409
        )
    if held.is_being_suspended:
        raise NotUpdatable("The subscription is being suspended. Try again when that is done.", code=2001)
    if held.status is Status.SUSPENDED:
        raise NotUpdatable("A suspended subscription cannot be updated. Reactivate it first.", code=800091)
    if held.status is Status.EXPIRED:
        raise NotUpdatable("The subscription has expired and takes no more updates. Place a new order.", code=900277)
    if held.status is Status.DISABLED:
        raise NotUpdatable("The subscription is disabled and takes no more updates. Place a new order.", code=900279)
    if held.term.over_at is not None and at >= held.term.over_at:
        raise NotUpdatable("The term has ended; the renewal is under way. Try again later.", code=900277)
    if held.pending_until is not None and at < held.pending_until:
        raise NotUpdatable(
            "An operation on the subscription is pending. Retry after 24 hours.", code=900278, status=409
        )


def check_suspension(kind: ProductKind, active_azure_subscriptions: int) -> None:
    """An Azure plan is suspended only when none of its Azure subscriptions is active. Source: commerce-rules §9."""
    if kind is ProductKind.AZURE_PLAN and active_azure_subscriptions:
        raise Forbidden(
            f"The Azure plan has {active_azure_subscriptions} active Azure subscriptions. Cancel them first.",
            code=900115,
        )


def check_reactivation(term: Term, at: datetime) -> None:
    """Reactivation is allowed only before the end of the term. Source: commerce-rules §9."""
    if term.over_at is not None and at >= term.over_at:
        raise StatusUnreachable(Status.SUSPENDED, Status.ACTIVE)
