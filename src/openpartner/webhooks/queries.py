"""Reads, always of the actor's own tenant: its registration, its deliveries and their tries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, String, Uuid, cast, column, func, or_, select, table

from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookQueue, WebhookRegistration
from openpartner.webhooks.rules.deliveries import Origin, State
from openpartner.webhooks.rules.registrations import RegistrationAbsent

# Only ids are in a delivery. A company's name is its directory's; this slice imports no other, so the table is named.
_tenant = table("tenant", column("id", Uuid()), column("name"))


def find_registration(uow: UnitOfWork, *, lock: bool = False) -> WebhookRegistration | None:
    """The tenant's registration, if it has one."""
    uow.actor.require(WEBHOOKS.read)
    statement = select(WebhookRegistration).where(WebhookRegistration.tenant_id == uow.actor.tenant)
    return uow.db.scalar(statement.with_for_update() if lock else statement)


def registration(uow: UnitOfWork, *, lock: bool = False) -> WebhookRegistration:
    """The tenant's registration. Raises RegistrationAbsent."""
    found = find_registration(uow, lock=lock)
    if found is None:
        raise RegistrationAbsent
    return found


def queue(uow: UnitOfWork) -> WebhookQueue | None:
    """How the receiver does."""
    uow.actor.require(WEBHOOKS.read)
    return uow.db.get(WebhookQueue, uow.actor.tenant)


def latest_tests(uow: UnitOfWork, limit: int) -> list[datetime]:
    """When the tenant's latest tests were asked for, newest first."""
    uow.actor.require(WEBHOOKS.read)
    return list(
        uow.db.scalars(
            select(WebhookDelivery.created_at)
            .where(WebhookDelivery.tenant_id == uow.actor.tenant, WebhookDelivery.why == Origin.TEST)
            .order_by(WebhookDelivery.number.desc())
            .limit(limit)
        )
    )


def _own(uow: UnitOfWork) -> Select[WebhookDelivery]:
    uow.actor.require(WEBHOOKS.read)
    return select(WebhookDelivery).where(WebhookDelivery.tenant_id == uow.actor.tenant)


def one_delivery(uow: UnitOfWork, delivery_id: UUID, *, lock: bool = False) -> WebhookDelivery:
    """A delivery. Raises NotFound, also for another tenant's."""
    statement = _own(uow).where(WebhookDelivery.id == delivery_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("Webhook delivery", delivery_id)
    return found


def test_delivery(uow: UnitOfWork, test_id: UUID) -> WebhookDelivery:
    """The delivery of a test. Raises NotFound, also seven days after it was asked for."""
    found = uow.db.scalar(_own(uow).where(WebhookDelivery.test_id == test_id))
    if found is None:
        raise NotFound("Validation event", test_id)
    return found


test_delivery.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test


def tries_of(uow: UnitOfWork, delivery: WebhookDelivery) -> list[WebhookAttempt]:
    """Its tries, the first one first."""
    return list(
        uow.db.scalars(
            select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery.id).order_by(WebhookAttempt.number)
        )
    )


def attempted_url(uow: UnitOfWork, delivery: WebhookDelivery) -> str:
    """Where it went last, or will go."""
    last = uow.db.scalar(
        select(WebhookAttempt.url)
        .where(WebhookAttempt.delivery_id == delivery.id)
        .order_by(WebhookAttempt.number.desc())
        .limit(1)
    )
    if last is not None or delivery.url is not None:
        return last or delivery.url or ""
    found = find_registration(uow)
    return "" if found is None else found.url


def name_of_tenant(uow: UnitOfWork, tenant_id: UUID) -> str | None:
    """What a company that a delivery of one's own names is called."""
    uow.actor.require(WEBHOOKS.read)
    name: str | None = uow.db.scalar(select(_tenant.c.name).where(_tenant.c.id == tenant_id))
    return name


@dataclass(frozen=True)
class Wanted:
    """Which deliveries, in which order.

    words: a part of the event's or customer's name or of the body, or an id. start_at, end_at: made in this time.
    after, before: only those behind or ahead of this number in the order.
    """

    state: str = ""
    event_name: str = ""
    why: str = ""
    words: str = ""
    start_at: datetime | None = None
    end_at: datetime | None = None
    is_oldest_first: bool = False
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """A delivery as a list shows it. last: what came back from the last try."""

    number: int
    id: UUID
    message_id: UUID
    event_name: str
    why: Origin
    state: State
    tries: int
    next_try_at: datetime | None
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    repeated_as: UUID | None
    customer_name: str | None
    url: str | None
    last_status: int | None
    last_why: str | None


@dataclass(frozen=True)
class Found:
    """One page of deliveries, and whether there are more on either side."""

    rows: list[Line]
    has_after: bool
    has_before: bool


def deliveries(uow: UnitOfWork, wanted: Wanted, limit: int) -> Found:
    """One page in the order that is wanted."""
    backwards = wanted.before is not None
    ascending = wanted.is_oldest_first is not backwards
    edge = wanted.before if backwards else wanted.after
    statement = _ordered(_lines(uow, wanted), ascending=ascending)
    if edge is not None:
        statement = statement.where(WebhookDelivery.number > edge if ascending else WebhookDelivery.number < edge)
    rows = [_line(row) for row in uow.db.execute(statement.limit(limit + 1))]
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    return Found(rows, backwards or more, more if backwards else edge is not None)


def every_delivery(uow: UnitOfWork, wanted: Wanted) -> Iterator[Line]:
    """All of them in the order that is wanted, a thousand in memory at a time: for exports."""
    statement = _ordered(_lines(uow, wanted), ascending=wanted.is_oldest_first)
    return (_line(row) for row in uow.db.execute(statement.execution_options(yield_per=1_000)))


def _ordered(statement: Select[*tuple[Any, ...]], *, ascending: bool) -> Select[*tuple[Any, ...]]:
    return statement.order_by(WebhookDelivery.number.asc() if ascending else WebhookDelivery.number.desc())


def _line(row: Row[Any]) -> Line:
    return Line(**row._asdict())


def _lines(uow: UnitOfWork, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    uow.actor.require(WEBHOOKS.read)
    last = WebhookAttempt.number == WebhookDelivery.tries
    statement = (
        select(
            WebhookDelivery.number,
            WebhookDelivery.id,
            WebhookDelivery.message_id,
            WebhookDelivery.event_name,
            WebhookDelivery.why,
            WebhookDelivery.state,
            WebhookDelivery.tries,
            WebhookDelivery.next_try_at,
            WebhookDelivery.created_at,
            WebhookDelivery.created_by,
            WebhookDelivery.ended_at,
            WebhookDelivery.repeated_as,
            _tenant.c.name.label("customer_name"),
            func.coalesce(WebhookAttempt.url, WebhookDelivery.url).label("url"),
            WebhookAttempt.status.label("last_status"),
            WebhookAttempt.why.label("last_why"),
        )
        .outerjoin(WebhookAttempt, (WebhookAttempt.delivery_id == WebhookDelivery.id) & last)
        .outerjoin(_tenant, _tenant.c.id == WebhookDelivery.customer_id)
        .where(WebhookDelivery.tenant_id == uow.actor.tenant)
    )
    for chosen, held in (
        (wanted.state, WebhookDelivery.state),
        (wanted.event_name, WebhookDelivery.event_name),
        (wanted.why, WebhookDelivery.why),
    ):
        if chosen:
            statement = statement.where(cast(held, String) == chosen)
    if wanted.start_at is not None:
        statement = statement.where(WebhookDelivery.created_at >= wanted.start_at)
    if wanted.end_at is not None:
        statement = statement.where(WebhookDelivery.created_at <= wanted.end_at)
    return statement.where(or_(*_matches(wanted.words))) if wanted.words else statement


def _matches(words: str) -> Sequence[Any]:
    named = [
        func.lower(held).contains(words.lower(), autoescape=True)
        for held in (WebhookDelivery.event_name, _tenant.c.name, WebhookDelivery.body)
    ]
    try:
        key = UUID(words.removeprefix("msg_"))
    except ValueError:
        return named
    return [*named, WebhookDelivery.id == key, WebhookDelivery.message_id == key]


def count_parked(uow: UnitOfWork) -> int:
    """How many deliveries have had their last try and were not sent again."""
    uow.actor.require(WEBHOOKS.read)
    return (
        uow.db.scalar(
            select(func.count())
            .select_from(WebhookDelivery)
            .where(
                WebhookDelivery.tenant_id == uow.actor.tenant,
                WebhookDelivery.state == State.PARKED,
                WebhookDelivery.why != Origin.FIRED,
                WebhookDelivery.repeated_as.is_(None),
            )
        )
        or 0
    )


def count_waiting(uow: UnitOfWork) -> int:
    """How many deliveries wait in the line."""
    uow.actor.require(WEBHOOKS.read)
    return (
        uow.db.scalar(
            select(func.count())
            .select_from(WebhookDelivery)
            .where(
                WebhookDelivery.tenant_id == uow.actor.tenant,
                WebhookDelivery.is_in_line.is_(True),
                WebhookDelivery.state == State.WAITING,
            )
        )
        or 0
    )
