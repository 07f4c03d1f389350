"""What time does next to a granular relationship. Source: gdap §3, §7, §11."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from openpartner.platform.durations import add, add_months
from openpartner.relationships.rules.granular import (
    FINAL,
    KEPT_MONTHS,
    LAST_DAY,
    PENDING_FOR,
    REMINDERS,
    Action,
    Status,
)


@dataclass(frozen=True)
class Times:
    """What a relationship's clockwork depends on. entered_at: when the present state began."""

    status: Status
    entered_at: datetime
    end_at: datetime | None = None
    extends: bool = False


@dataclass(frozen=True)
class Due:
    """The next thing time does, and when. action None: both sides are reminded, ``before`` the end."""

    at: datetime
    action: Action | None
    before: timedelta = timedelta()


_AT_ONCE: Final = {Status.APPROVED: Action.PROVISION, Status.TERMINATION_REQUESTED: Action.CLEAN_UP}
_WHEN_SPREAD: Final = {
    Status.ACTIVATING: Action.ACTIVATE,
    Status.TERMINATING: Action.FINISH,
    Status.EXPIRING: Action.FINISH,
}


def next_due(times: Times, at: datetime, propagation: str) -> Due | None:
    """What comes next after everything up to ``at`` was done; None for a draft, which waits for its partner.

    propagation: how long a change takes to spread, an ISO 8601 duration.
    """
    status, since = times.status, times.entered_at
    if status is Status.ACTIVE:
        return _while_active(times, at)
    if status in _AT_ONCE:
        return Due(since, _AT_ONCE[status])
    if status in _WHEN_SPREAD:
        return Due(add(since, propagation), _WHEN_SPREAD[status])
    if status in FINAL:
        return Due(add_months(since, KEPT_MONTHS), Action.FORGET)
    return Due(since + PENDING_FOR, Action.LAPSE) if status is Status.APPROVAL_PENDING else None


def _while_active(times: Times, at: datetime) -> Due | None:
    if times.end_at is None:
        return None
    if times.extends:
        return Due(times.end_at - LAST_DAY, Action.EXTEND)
    for before in REMINDERS:
        if times.end_at - before > at:
            return Due(times.end_at - before, None, before)
    return Due(times.end_at, Action.EXPIRE)
