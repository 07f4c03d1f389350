"""What a subscription has in the book of due work: the end of its term, and the next charge inside it."""

from datetime import date, datetime

from openpartner.platform.money import Money
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import BILLED, charge_cycles, cycle_of, due_at, midnight
from openpartner.subscriptions.rules.terms import Cycle

END_TERM = "subscriptions.end_term"
BEGIN_CYCLE = "subscriptions.begin_cycle"
PROVISION = "subscriptions.provision"


def wind(uow: UnitOfWork, subscription: Subscription, *, is_new: bool = False) -> None:
    """Put down when time next changes this subscription, instead of what was put down before.

    is_new: it was opened in this unit, so nothing was.
    """
    coming = next_cycle(subscription) if subscription.status in BILLED else None
    _put_down(uow, subscription, END_TERM, due_at(subscription.status, subscription.term), is_new=is_new)
    _put_down(uow, subscription, BEGIN_CYCLE, midnight(coming.starts_on) if coming else None, is_new=is_new)


def _put_down(uow: UnitOfWork, subscription: Subscription, job: str, at: datetime | None, *, is_new: bool) -> None:
    key, arguments = f"{job}/{subscription.id}", {"subscription_id": str(subscription.id)}
    if is_new and at is not None:
        uow.schedule_new(at, job, arguments, key=key)
    elif at is not None:
        uow.schedule(at, job, arguments, key=key)
    elif not is_new:
        uow.unschedule(key)


def cycles_of(subscription: Subscription) -> list[Cycle]:
    """The charge cycles of the present term."""
    return charge_cycles(subscription.term, subscription.term_duration, subscription.billing_cycle)


def next_cycle(subscription: Subscription) -> Cycle | None:
    """The cycle after the one that was charged last."""
    charged = subscription.cycle_starts_on
    if charged is None:
        return None
    return next((cycle for cycle in cycles_of(subscription) if cycle.starts_on > charged), None)


def charge_cycle(subscription: Subscription, since: date) -> Money:
    """Charge its seats from a day to the end of the cycle it lies in, kept as charged. Without a term it is for once.

    since: the first day of the cycle, or the day from which another billing cycle counts.
    """
    cycle = cycle_of(cycles_of(subscription), since)
    if cycle is None:
        amount = subscription.price.charge(subscription.quantity, 1, 1)
        subscription.cycle_starts_on = subscription.cycle_ends_on = None
    else:
        amount = subscription.price.charge(subscription.quantity, cycle.days_left(since), cycle.cycle_days)
        subscription.cycle_starts_on, subscription.cycle_ends_on = cycle.starts_on, cycle.ends_on
    subscription.charged_minor = amount.minor
    return amount
