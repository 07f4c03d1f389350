"""What happens to calendar feeds."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfFeed(Event, frozen=True, kw_only=True):
    resource_type: ClassVar[str] = "calendar_feed"

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)


class CalendarFeedOpened(_OfFeed, frozen=True, kw_only=True):
    """A person has a new address for its calendar; an older one stops working."""

    operation_type: ClassVar[str] = "calendar_feed_created"


class CalendarFeedClosed(_OfFeed, frozen=True, kw_only=True):
    """A person's address stops working."""

    operation_type: ClassVar[str] = "calendar_feed_deleted"
