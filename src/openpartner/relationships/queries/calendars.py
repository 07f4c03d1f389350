"""What a calendar feed shows: the ends that lie ahead and the answers that are awaited, as an iCalendar file."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from openpartner.platform.http.authentication import Principal
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.calendars import CalendarFeed
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow, page_of_relationships
from openpartner.relationships.rules.granular import PENDING_FOR, REMINDERS, Status

if TYPE_CHECKING:
    from icalendar import Event

MOST = 2_000
"""Events of a feed, the nearest first."""


def feed_of_token(uow: UnitOfWork, token_hash: str) -> CalendarFeed | None:
    """Whose feed an address is."""
    return uow.db.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == token_hash))


def own_feed(uow: UnitOfWork) -> CalendarFeed | None:
    """The actor's own."""
    return None if uow.actor.principal_id is None else uow.db.get(CalendarFeed, uow.actor.principal_id)


def reader_of(feed: CalendarFeed) -> Principal:
    """The person a feed belongs to; what roles count is asked at each reading."""
    return Principal(
        tenant_id=feed.tenant_id,
        object_id=feed.user_id,
        home_tenant_id=feed.tenant_id,
        home_object_id=feed.user_id,
        app_id=UUID(int=0),
        is_app=False,
        name=feed.name,
        scopes=frozenset(),
        roles=frozenset(),
        wids=frozenset(),
        mfa=False,
        expires_at=datetime.max,  # noqa: DTZ901 - never compared: no token is verified here
    )


def calendar_of(uow: UnitOfWork, origin: str) -> bytes:
    """The actor's relationships as iCalendar (RFC 5545): one event an end, one an answer that is awaited."""
    from icalendar import Calendar  # noqa: PLC0415 - a twentieth of every start, for the few who read a feed

    ahead = Criteria(statuses=(Status.ACTIVE,), ends_from=uow.now, order=Order.END)
    waiting = Criteria(statuses=(Status.APPROVAL_PENDING,), order=Order.CREATED)
    calendar = Calendar()
    calendar.add("prodid", "-//OpenPartner//Granular administration//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Granular administration")
    for row in _rows(uow, ahead):
        if row.end_at is not None:
            calendar.add_component(_ending(row, row.end_at, origin))
    for row in _rows(uow, waiting):
        if row.locked_at is not None:
            calendar.add_component(_awaited(row, row.locked_at + PENDING_FOR, origin))
    return bytes(calendar.to_ical())


def _rows(uow: UnitOfWork, criteria: Criteria) -> Sequence[RelationshipRow]:
    return page_of_relationships(uow, criteria, MOST).rows


def _event(row: RelationshipRow, at: datetime, summary: str, text: str, origin: str) -> "Event":
    from icalendar import Event  # noqa: PLC0415 - see above

    event = Event()
    event.add("uid", f"{row.id}/{row.status.value}@openpartner")
    event.add("dtstamp", row.modified_at)
    event.add("dtstart", at)
    event.add("duration", timedelta(0))
    event.add("summary", summary)
    event.add("description", text)
    event.add("url", f"{origin}/granular-administration/{row.id}")
    event.add("transp", "TRANSPARENT")
    return event


def _ending(row: RelationshipRow, at: datetime, origin: str) -> "Event":
    from icalendar import Alarm  # noqa: PLC0415 - see above

    who = row.customer_name or row.display_name
    if row.extends:
        return _event(row, at, f"{who}: access is extended", f"{row.display_name} goes on by 180 days.", origin)
    event = _event(row, at, f"{who}: access ends", f"{row.display_name} ends and nothing extends it.", origin)
    for before in REMINDERS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{row.display_name} ends")
        alarm.add("trigger", -before)
        event.add_component(alarm)
    return event


def _awaited(row: RelationshipRow, at: datetime, origin: str) -> "Event":
    who = row.customer_name or row.display_name
    return _event(row, at, f"{who}: answer awaited", f"The request {row.display_name} lapses then.", origin)
