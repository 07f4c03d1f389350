"""ISO 8601 durations as people and the vendor write them: ``P35D``, ``P1M``, ``P1Y2M``, ``PT12H``.

Months and years move by the calendar; a day that the month lacks becomes its last one.
"""

import calendar
import re
from datetime import datetime, timedelta

from openpartner.platform.errors import Invalid

_FORM = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?"
)


def add_months(at: datetime, months: int) -> datetime:
    """The same day and time ``months`` later, or the month's last day when it has no such day."""
    years, month = divmod(at.month - 1 + months, 12)
    year = at.year + years
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def add(at: datetime, duration: str) -> datetime:
    """``at`` plus a duration. Raises Invalid for anything that is not one."""
    found = _FORM.fullmatch(duration.strip().upper())
    if found is None or not any(found.groups()):
        raise Invalid(f"{duration} is not a duration. Write for example P35D, P1M, P1Y or PT12H.")
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    try:
        moved = add_months(at, 12 * part["years"] + part["months"])
        return moved + timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except (OverflowError, ValueError) as error:
        raise Invalid(f"{duration} leads past the end of the calendar.") from error
