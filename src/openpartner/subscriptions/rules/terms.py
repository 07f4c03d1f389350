"""When a term ends, how it is cut into charge cycles, and what falls due as time passes."""

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration, add_duration, add_months
from openpartner.subscriptions.rules.states import Action, Status

TRIAL_LENGTH: Final = timedelta(days=30)
TRIAL_SEATS: Final = 25


def midnight(day: date) -> datetime:
    """00:00 UTC of a day."""
    return datetime.combine(day, time.min, UTC)


class Term(msgspec.Struct, frozen=True):
    """One commitment: from an instant to the end of an inclusive UTC day.

    starts_at: the purchase or renewal instant (``effectiveStartDate``).
    ends_on: the last day (``commitmentEndDate``); none for what never ends (Azure plan, perpetual software).
    """

    starts_at: datetime
    ends_on: date | None

    @property
    def starts_on(self) -> date:
        """The UTC day of the first instant."""
        return self.starts_at.astimezone(UTC).date()

    @property
    def over_at(self) -> datetime | None:
        """The first instant after the term: renewal, expiry or disabling falls due."""
        return None if self.ends_on is None else midnight(self.ends_on + timedelta(days=1))

    @property
    def last_second(self) -> datetime | None:
        """``commitmentEndDateTime``: 23:59:59 of the last day."""
        return None if self.ends_on is None else midnight(self.ends_on) + timedelta(hours=23, minutes=59, seconds=59)

    @property
    def days(self) -> int | None:
        """Length in days, first and last included."""
        return None if self.ends_on is None else (self.ends_on - self.starts_on).days + 1


def term_end(starts_on: date, duration: Duration) -> date:
    """Start plus the duration minus one day, inclusive; a missing day number is clamped to the month's last day.

    2021-01-14 + P1Y ends 2022-01-13; 2021-01-31 + P1M ends 2021-02-27. Source: commerce-rules §8, billing §3.
    """
    return add_duration(starts_on, duration) - timedelta(days=1)


def first_term(
    starts_at: datetime,
    duration: Duration | None,
    *,
    is_trial: bool = False,
    custom_term_end_on: date | None = None,
) -> Term:
    """The term that a purchase at ``starts_at`` opens.

    duration: none for what never ends. A trial lasts 30 days whatever its availability says (commerce-rules §13).
    custom_term_end_on: already checked by ``check_custom_term_end_date``.
    """
    starts_on = starts_at.astimezone(UTC).date()
    if duration is None:
        return Term(starts_at, None)
    if is_trial:
        return Term(starts_at, starts_on + TRIAL_LENGTH - timedelta(days=1))
    return Term(starts_at, custom_term_end_on or term_end(starts_on, duration))


def next_term(term: Term, duration: Duration, custom_term_end_on: date | None = None) -> Term:
    """The term that follows: from 00:00 UTC of the next day, of full length unless a custom end was asked for."""
    if term.over_at is None:
        raise ValueError("A term without an end is never followed by another.")
    starts_on = term.over_at.date()
    return Term(term.over_at, custom_term_end_on or term_end(starts_on, duration))


# --- charge cycles ---


class Cycle(msgspec.Struct, frozen=True):
    """One stretch that is charged at once.

    starts_on, ends_on: inclusive days.
    cycle_days: the days of a whole cycle beginning that day; ``days`` is smaller in a shortened first cycle.
    """

    starts_on: date
    ends_on: date
    cycle_days: int

    @property
    def days(self) -> int:
        """Billed days, both ends included."""
        return (self.ends_on - self.starts_on).days + 1

    def days_left(self, on: date) -> int:
        """``billing_days`` of an event on that day: the day itself to the end. Source: billing §3."""
        return min(max((self.ends_on - max(on, self.starts_on)).days + 1, 0), self.cycle_days)


def _anchored(first_of_month: date, anchor: date) -> date:
    """The cycle start in a month: the anchor's day number, but a month's last or last but one day stays that.

    Source: billing §3, the two published annual tables and the rule derived from them.
    """
    last = calendar.monthrange(first_of_month.year, first_of_month.month)[1]
    offset = calendar.monthrange(anchor.year, anchor.month)[1] - anchor.day
    return first_of_month.replace(day=last - offset if offset in {0, 1} else min(anchor.day, last))


def charge_cycles(term: Term, duration: Duration | None, billing_cycle: BillingCycle) -> list[Cycle]:
    """The cycles of a term, in order, without a gap or an overlap.

    An upfront term (cycle as long as the term, ``one_time``, ``none``) is one cycle. A term that a custom end date
    shortened counts its cycles back from the end, so only the first is short. Source: billing §3, vector L14.
    """
    if term.ends_on is None or duration is None:
        return []
    starts_on, after_term = term.starts_on, term.ends_on + timedelta(days=1)
    whole_end = term_end(starts_on, duration)
    whole_days = (whole_end - starts_on).days + 1
    step = billing_cycle.months
    if step is None or step >= duration.months:
        return [Cycle(starts_on, term.ends_on, max(whole_days, 1))]
    shortened = term.ends_on != whole_end
    anchor = after_term if shortened else starts_on
    months = (after_term.year - starts_on.year) * 12 + after_term.month - starts_on.month
    steps = range(months % step, months, step) if shortened else range(step, months, step)
    first = starts_on.replace(day=1)
    starts = [starts_on]
    starts += [day for n in steps if starts_on < (day := _anchored(add_months(first, n), anchor)) < after_term]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), term.ends_on]
    cycles = []
    for start, end in zip(starts, ends, strict=True):
        is_short = shortened and start == starts_on
        nominal = (add_months(start, step) - start).days
        cycles.append(Cycle(start, end, max(nominal, (end - start).days + 1) if is_short else (end - start).days + 1))
    return cycles


def cycle_of(cycles: Sequence[Cycle], on: date) -> Cycle | None:
    """The cycle a day lies in; none before, after, or when nothing is ever charged again."""
    return next((cycle for cycle in cycles if cycle.starts_on <= on <= cycle.ends_on), None)


# --- what falls due ---

#: Users keep access this long after the term. Source: commerce-rules §10.
EXPIRED_FOR: Final = timedelta(days=30)
#: Then admins only, this long; a subscription disabled from suspension has the first 30 days here too.
DISABLED_FOR: Final = timedelta(days=90)


def due_at(status: Status, term: Term) -> datetime | None:
    """The next instant at which time alone changes the state; none when nothing will.

    Term end for active and suspended; 30 days later for expired; 120 days after the term for disabled, whichever way
    it became so (30 expired + 90 disabled, or 30 + 90 disabled). Source: commerce-rules §10.
    """
    if term.over_at is None:
        return None
    if status in {Status.ACTIVE, Status.SUSPENDED}:
        return term.over_at
    if status is Status.EXPIRED:
        return term.over_at + EXPIRED_FOR
    if status is Status.DISABLED:
        return term.over_at + EXPIRED_FOR + DISABLED_FOR
    return None


def due_action(status: Status) -> Action | None:
    """What falls due for a subscription past its term; active ones ask ``term_end_outcome``."""
    return {
        Status.SUSPENDED: Action.DISABLE,
        Status.EXPIRED: Action.DISABLE,
        Status.DISABLED: Action.DELETE,
    }.get(status)
