"""A person's calendar feed: the address is a secret, shown once; the roles that count are those of each reading."""

import hashlib
from uuid import UUID

from openpartner.platform.actor import ActorKind
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.calendars import CalendarFeedClosed, CalendarFeedOpened
from openpartner.relationships.models.calendars import CalendarFeed
from openpartner.relationships.queries.granular import require_reading

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
"""Paths are read without letter case, so a secret in one has none: 48 letters are 240 bits."""


def token_hash(token: str) -> str:
    """What is kept of an address."""
    return hashlib.sha256(token.encode()).hexdigest()


def _own_id(uow: UnitOfWork) -> UUID:
    require_reading(uow.actor)
    uow.actor.require_user()
    if uow.actor.kind is not ActorKind.USER or uow.actor.principal_id is None:
        raise NotFound("Calendar feed", "yours")
    return uow.actor.principal_id


def open_calendar_feed(uow: UnitOfWork) -> str:
    """A new secret for the actor's feed; the one before stops working. Emits CalendarFeedOpened."""
    user_id = _own_id(uow)
    token = uow.ids.pick(LETTERS, 48)
    feed = uow.db.get(CalendarFeed, user_id, with_for_update=True)
    if feed is None:
        feed = CalendarFeed(user_id=user_id, tenant_id=uow.actor.tenant, name=uow.actor.name, token_hash="")
        uow.db.add(feed)
    feed.token_hash, feed.created_at = token_hash(token), uow.now
    uow.db.flush()
    uow.emit(CalendarFeedOpened(partner_id=uow.actor.tenant, user_id=user_id))
    return token


def close_calendar_feed(uow: UnitOfWork) -> None:
    """The actor's address stops working. Raises NotFound. Emits CalendarFeedClosed."""
    user_id = _own_id(uow)
    feed = uow.db.get(CalendarFeed, user_id, with_for_update=True)
    if feed is None:
        raise NotFound("Calendar feed", "yours")
    uow.db.delete(feed)
    uow.emit(CalendarFeedClosed(partner_id=uow.actor.tenant, user_id=user_id))
