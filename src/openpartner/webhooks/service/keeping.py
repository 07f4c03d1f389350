"""What is kept and for how long: tests seven days, other deliveries thirty after their end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from openpartner.platform.due import schedule_unless_there
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks.models import WebhookDelivery
from openpartner.webhooks.rules.deliveries import KEPT_FOR

TIDY = "webhooks.tidy"
FORGET_TEST = "webhooks.forget_test"
EVERY = timedelta(days=1)


def keep_tidy(uow: UnitOfWork) -> None:
    """See to it that old deliveries go. Called at each start."""
    schedule_unless_there(uow.db, uow.now + EVERY, TIDY, {}, TIDY)


def tidy_up(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work, daily: forget deliveries that ended long ago, with their tries."""
    uow.db.execute(delete(WebhookDelivery).where(WebhookDelivery.ended_at <= uow.now - KEPT_FOR))
    uow.schedule(uow.now + EVERY, TIDY, args, key=TIDY)


def forget_test(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: nothing is known of a test any more, whether or not it arrived."""
    found = uow.db.scalar(select(WebhookDelivery).where(WebhookDelivery.id == UUID(args["delivery_id"])))
    if found is not None:
        uow.db.delete(found)
