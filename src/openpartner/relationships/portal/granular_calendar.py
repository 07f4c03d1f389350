"""The calendar of expiries: what ends on which day of a month."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.partner.queries import resolve_actor
from openpartner.platform.actor import SYSTEM
from openpartner.platform.errors import NotFound
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Badge
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.relationships.portal.granular_shared import ROOT, status_badge
from openpartner.relationships.queries import calendars
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.service import calendars as service

HERE = f"{ROOT}/calendar"
FEED = "/calendars/granular"
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
            feed=calendars.own_feed(uow),
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Calendar")],
        )


@post(f"{HERE}/feed", include_in_schema=False, sync_to_thread=True)
def open_feed(page: NamedDependency[Page]) -> Response[str]:
    """A new address for the person's calendar program, shown once."""
    with page.begin() as uow:
        token = service.open_calendar_feed(uow)
        return page.render(
            uow,
            "relationships/granular_feed.html",
            address=f"{page.portal.origin_of(page.request)}{FEED}/{token}.ics",
            back=HERE,
            crumbs=[Crumb("Granular administration", ROOT), Crumb("Calendar", HERE), Crumb("Calendar feed")],
        )


@post(f"{HERE}/feed/close", include_in_schema=False, sync_to_thread=True)
def close_feed(page: NamedDependency[Page]) -> Response[bytes]:
    """The address stops working."""
    with page.begin() as uow:
        service.close_calendar_feed(uow)
    return page.redirect(HERE, note="The address of the feed no longer works.")


@get(f"{FEED}/{{name:str}}", include_in_schema=False, sync_to_thread=True)
def read_feed(name: FromPath[str], world: NamedDependency[World], request: Request[Any, Any, Any]) -> Response[bytes]:
    """What a calendar program fetches. Whoever has the address reads it, as long as the person may."""
    with world.begin.read(SYSTEM) as uow:
        feed = calendars.feed_of_token(uow, service.token_hash(name.removesuffix(".ics")))
        if feed is None:
            raise NotFound("Calendar feed", "of this address")
        actor = resolve_actor(uow.db, uow.now, calendars.reader_of(feed))
    with world.begin.read(actor) as uow:
        require_reading(uow.actor)
        origin = world.settings.base_url or str(request.base_url)
        content = calendars.calendar_of(uow, origin.rstrip("/"))
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [expiry_calendar, open_feed, close_feed, read_feed]
