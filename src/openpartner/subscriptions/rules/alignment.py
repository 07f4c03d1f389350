"""Custom term end dates: which there are, and whether one is allowed."""

import calendar
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.catalogue.rules import MONTH, Duration, ProductKind, add_duration, add_months
from openpartner.platform.errors import Invalid
from openpartner.subscriptions.rules.states import Status
from openpartner.subscriptions.rules.terms import term_end


class AlignmentType(StrEnum):
    """``allowedCustomTermEndDateType``."""

    CALENDAR_MONTH = "calendarMonthAligned"
    SUBSCRIPTION = "subscriptionAligned"


class Aligned(msgspec.Struct, frozen=True):
    """One allowed end date. ``subscription_ids`` is empty for calendar months."""

    type: AlignmentType
    on: date
    subscription_ids: tuple[str, ...] = ()


class CotermTarget(msgspec.Struct, frozen=True):
    """A subscription a new term may be aligned with: the same customer's, bought through the same partner."""

    subscription_id: str
    ends_on: date
    duration: Duration
    kind: ProductKind = ProductKind.LICENSE
    status: Status = Status.ACTIVE
    is_trial: bool = False


def _latest_end(starts_on: date, duration: Duration) -> date:
    # One day beyond the plain end: the published example aligns a month bought on 2022-03-02 with 2022-04-02.
    return add_duration(starts_on, duration)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _allowed_day(on: date, duration: Duration) -> bool:
    """A monthly term ends on the 28th, 29th or 30th only where that is the month's last day."""
    return duration != MONTH or on.day not in {28, 29, 30} or on == _month_end(on)


def month_ends(starts_on: date, duration: Duration) -> list[date]:
    """The ends of calendar months inside the first term, earliest first; the last is the usual choice."""
    latest = _latest_end(starts_on, duration)
    ends = (_month_end(add_months(starts_on.replace(day=1), n)) for n in range(duration.months + 1))
    return [on for on in ends if starts_on <= on <= latest]


def recurrences(target: CotermTarget, starts_on: date, duration: Duration) -> list[date]:
    """The days inside the first term on which the target ends or will end again, earliest first.

    A monthly term recurs with the target's day each month, a longer one with its day each year: a three-year term
    bought on 2022-07-01 aligns with a year ending 2022-10-01 on 2024-10-01. Source: commerce-rules §8.
    """
    if duration != MONTH and target.duration == MONTH:
        return []
    step = 1 if duration == MONTH else 12
    latest = _latest_end(starts_on, duration)
    anchor = target.ends_on
    behind = (starts_on.year - anchor.year) * 12 + starts_on.month - anchor.month
    first = behind // step * step
    days = (add_months(anchor, n) for n in range(first, behind + duration.months + step + 1, step))
    return [on for on in days if starts_on <= on <= latest and _allowed_day(on, duration)]


def allowed_custom_term_end_dates(
    starts_on: date, duration: Duration, targets: Iterable[CotermTarget]
) -> list[Aligned]:
    """Every end date a term starting that day may be shortened to: months first, then subscriptions, each by date."""
    by_day: dict[date, list[str]] = {}
    for target in targets:
        if _may_be_target(target):
            for on in recurrences(target, starts_on, duration):
                by_day.setdefault(on, []).append(target.subscription_id)
    rows = [Aligned(AlignmentType.CALENDAR_MONTH, on) for on in month_ends(starts_on, duration)]
    rows += [Aligned(AlignmentType.SUBSCRIPTION, on, tuple(sorted(by_day[on]))) for on in sorted(by_day)]
    return rows


def _may_be_target(target: CotermTarget) -> bool:
    return target.kind is ProductKind.LICENSE and target.status is Status.ACTIVE and not target.is_trial


class EndDatePlace(StrEnum):
    """Where a custom end date was given; each surface has its own codes for the same rule."""

    CART = "cart"
    ORDER = "order"
    SCHEDULED = "scheduled"
    MIGRATION = "migration"


class EndDateProblem(StrEnum):
    """Which part of the rule a custom end date breaks."""

    PRODUCT = "product"
    TERM = "term"
    MATCH = "match"


#: Source: commerce-rules §8; partner-center-conventions §19; partner-center-resources §8 (CartErrorCode).
END_DATE_CODES: Final = {
    (EndDatePlace.CART, EndDateProblem.PRODUCT): 10016,
    (EndDatePlace.CART, EndDateProblem.TERM): 10017,
    (EndDatePlace.CART, EndDateProblem.MATCH): 10017,
    (EndDatePlace.ORDER, EndDateProblem.PRODUCT): 900244,
    (EndDatePlace.ORDER, EndDateProblem.TERM): 900245,
    (EndDatePlace.ORDER, EndDateProblem.MATCH): 900242,
    (EndDatePlace.SCHEDULED, EndDateProblem.PRODUCT): 900244,
    (EndDatePlace.SCHEDULED, EndDateProblem.TERM): 900245,
    (EndDatePlace.SCHEDULED, EndDateProblem.MATCH): 900246,
    (EndDatePlace.MIGRATION, EndDateProblem.PRODUCT): 900244,
    (EndDatePlace.MIGRATION, EndDateProblem.TERM): 900291,
    (EndDatePlace.MIGRATION, EndDateProblem.MATCH): 900292,
}


class CustomTermEndDateRefused(Invalid):
    """A custom end date that breaks the alignment rule; ``problem`` says which part."""

    def __init__(self, message: str, problem: EndDateProblem, place: EndDatePlace) -> None:
        super().__init__(message, code=END_DATE_CODES[place, problem], problem=problem.value)
        self.problem = problem


def check_custom_term_end_date(
    on: date,
    place: EndDatePlace,
    kind: ProductKind,
    starts_on: date,
    duration: Duration | None,
    *,
    targets: Iterable[CotermTarget],
    is_trial: bool = False,
) -> None:
    """Raise CustomTermEndDateRefused unless a term starting that day may end ``on``. Source: commerce-rules §8."""
    if kind is not ProductKind.LICENSE or is_trial or duration is None:
        raise CustomTermEndDateRefused(
            "Only a paid licence-based subscription can have a custom term end date.", EndDateProblem.PRODUCT, place
        )
    if not starts_on <= on <= _latest_end(starts_on, duration):
        raise CustomTermEndDateRefused(
            f"The custom term end date {on} lies outside the first term, "
            f"{starts_on} to {term_end(starts_on, duration)}.",
            EndDateProblem.TERM,
            place,
        )
    if not _allowed_day(on, duration):
        raise CustomTermEndDateRefused(
            f"A monthly term cannot end on {on}: the 28th, 29th and 30th count only as the last day of a month.",
            EndDateProblem.TERM,
            place,
        )
    if on != _month_end(on) and not any(
        on in recurrences(target, starts_on, duration) for target in targets if _may_be_target(target)
    ):
        raise CustomTermEndDateRefused(
            f"The custom term end date {on} matches neither the end of a month nor an active subscription. "
            "Ask for customTermEndDates to see the allowed ones.",
            EndDateProblem.MATCH,
            place,
        )
