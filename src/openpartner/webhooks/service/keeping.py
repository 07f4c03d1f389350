"""What is kept and for how long: tests seven days, other deliveries thirty after their end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from openpartner.platform.due import next_sweep, schedule_unless_there
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
    """Due work, on the days on which there is something: forget deliveries that ended long ago, with their tries."""
    uow.db.execute(delete(WebhookDelivery).where(WebhookDelivery.ended_at <= uow.now - KEPT_FOR))
    oldest = uow.db.scalar(select(func.min(WebhookDelivery.ended_at)))
    uow.schedule(next_sweep(uow.now, oldest, KEPT_FOR), TIDY, args, key=TIDY)


def forget_test(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: nothing is known of a test any more, whether or not it arrived."""
    found = uow.db.scalar(select(WebhookDelivery).where(WebhookDelivery.id == UUID(args["delivery_id"])))
    if found is not None:
        uow.db.delete(found)
