"""The calendar of expiries: what ends on which day of a month."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Badge
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal.granular_shared import ROOT, status_badge
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow
from openpartner.relationships.rules.granular import Status

HERE = f"{ROOT}/calendar"
SHOWN = 3
"""How many relationships a day of the grid names; the agenda beneath names them all."""
MOST = 500


class Ending(NamedTuple):
    """A relationship in the agenda."""

    row: RelationshipRow
    badge: Badge

    @property
    def href(self) -> str:
        """Its page."""
        return f"{ROOT}/{self.row.id}"


class Day(NamedTuple):
    """A day of the grid. more: how many are not named."""

    on: date
    in_month: bool
    is_today: bool
    endings: list[Ending]
    more: int


def month_of(text: str, today: date) -> date:
    """The first day of the month an address names, ``2026-03``; the present month for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return today.replace(day=1)


def moved(month: date, by: int) -> date:
    """The first day of the month ``by`` months away, within what dates can say."""
    months = month.year * 12 + month.month - 1 + by
    year = min(max(months // 12, 1), 9999)
    return date(year, months % 12 + 1, 1)


def weeks_of(month: date, by_day: dict[date, list[Ending]], today: date) -> list[list[Day]]:
    """The grid of a month, Monday first."""
    grid = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return [
        [
            Day(on, on.month == month.month, on == today, by_day.get(on, [])[:SHOWN], len(by_day.get(on, [])[SHOWN:]))
            for on in week
        ]
        for week in grid
    ]


def _endings(uow: UnitOfWork, month: date) -> dict[date, list[Ending]]:
    """What ends in the month and a week around it, by day."""
    first = datetime(month.year, month.month, 1, tzinfo=UTC) - timedelta(days=7)
    criteria = Criteria(
        statuses=(Status.ACTIVE, Status.EXPIRING, Status.EXPIRED),
        ends_from=first,
        ends_until=first + timedelta(days=46),
        order=Order.END,
    )
    found: dict[date, list[Ending]] = {}
    for row in lists.page_of_relationships(uow, criteria, MOST).rows:
        if row.end_at is not None:
            badge = status_badge(row.status, end_at=row.end_at, now=uow.now, extends=row.extends)
            shown = Badge("Extended automatically", "info") if row.extends and row.status is Status.ACTIVE else badge
            found.setdefault(row.end_at.date(), []).append(Ending(row, shown))
    return found


@get(HERE, include_in_schema=False, sync_to_thread=True)
def expiry_calendar(page: NamedDependency[Page]) -> Response[str]:
    """A month of expiries, as a grid and as an agenda."""
    with page.begin.read() as uow:
        require_reading(uow.actor)
        today = uow.now.date()
        month = month_of(page.request.query_params.get("month", ""), today)
        by_day = _endings(uow, month)
        agenda = [(on, endings) for on, endings in sorted(by_day.items()) if on.month == month.month]
        return page.render(
            uow,
            "relationships/granular_calendar.html",
            month=month,
            weeks=weeks_of(month, by_day, today),
            weekdays=list(calendar.day_name),
            agenda=agenda,
            before=f"{HERE}?month={moved(month, -1):%Y-%m}",
            after=f"{HERE}?month={moved(month, 1):%Y-%m}",
            here=HERE,
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Calendar")],
        )


ROUTES: list[Any] = [expiry_calendar]
