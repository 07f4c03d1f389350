"""Of which moment of a granular relationship a partner is told in its action center, and for how long.

Source: portal-workspaces §1, Customers: pending, approved, expiring in 30, 7 and 1 days, expired, terminated; the days
are gdap §11's, as of the mails. How long a past moment stays no source says: a week.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from openpartner.relationships.rules.granular import EXTENSION, LAST_DAY, PENDING_FOR, REMINDERS, Status

TOLD_FOR: Final = timedelta(days=7)


class Moment(StrEnum):
    """REVIEW_WANTED: an indirect reseller is asked by its provider. WAITING: for the customer."""

    REVIEW_WANTED = "review wanted"
    WAITING = "waiting"
    APPROVED = "approved"
    ENDS_IN_1_DAY = "ends in 1 day"
    ENDS_IN_7_DAYS = "ends in 7 days"
    ENDS_IN_30_DAYS = "ends in 30 days"
    EXTENDED = "extended"
    EXPIRED = "expired"
    TERMINATED = "terminated"


_ENDING: Final = {
    timedelta(days=1): Moment.ENDS_IN_1_DAY,
    timedelta(days=7): Moment.ENDS_IN_7_DAYS,
    timedelta(days=30): Moment.ENDS_IN_30_DAYS,
}
_SET_UP: Final = frozenset({Status.APPROVED, Status.ACTIVATING, Status.ACTIVE})


@dataclass(frozen=True)
class Standing:
    """Where a relationship stands. status_at: since when. days: how long it was asked for. extends: by itself."""

    status: Status
    status_at: datetime
    end_at: datetime | None
    days: int
    extends: bool
    is_review_pending: bool = False

    @property
    def is_longer_than_asked(self) -> bool:
        """Whether an active one was extended, as its state does not change then."""
        return self.end_at is not None and self.end_at > self.status_at + timedelta(days=self.days)


def extended_at(end_at: datetime) -> datetime:
    """When an end that came about by an extension was put there: as its last day then began."""
    return end_at - EXTENSION - LAST_DAY


def moment_of(standing: Standing, now: datetime) -> Moment | None:
    """The moment to tell of at ``now``; None while there is nothing new."""
    if standing.status is Status.APPROVAL_PENDING:
        return Moment.REVIEW_WANTED if standing.is_review_pending else Moment.WAITING
    is_new = now < standing.status_at + TOLD_FOR
    if standing.status in _SET_UP:
        return _ending(standing, now) or _extended(standing, now) or (Moment.APPROVED if is_new else None)
    if not is_new:
        return None
    return {Status.EXPIRED: Moment.EXPIRED, Status.TERMINATED: Moment.TERMINATED}.get(standing.status)


def _ending(standing: Standing, now: datetime) -> Moment | None:
    if standing.extends or standing.end_at is None or standing.status is not Status.ACTIVE:
        return None
    left = standing.end_at - now
    return next((_ENDING[days] for days in sorted(REMINDERS) if left <= days), None)


def _extended(standing: Standing, now: datetime) -> Moment | None:
    if standing.status is not Status.ACTIVE or standing.end_at is None or not standing.is_longer_than_asked:
        return None
    at = extended_at(standing.end_at)
    return Moment.EXTENDED if at <= now < at + TOLD_FOR else None


def lapses_at(asked_at: datetime) -> datetime:
    """When an unanswered request is forgotten."""
    return asked_at + PENDING_FOR
