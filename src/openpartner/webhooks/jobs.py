"""The errands that deliver: a tenant's line in order, and single messages beside it; and what is forgotten in time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openpartner.platform import vault
from openpartner.platform.due import Job
from openpartner.platform.errands import Errand
from openpartner.platform.outgoing.calling import Answer
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks.letters import Letter, Round, Try, send, shown_body, words_of
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookQueue, WebhookRegistration
from openpartner.webhooks.reader import DELIVER
from openpartner.webhooks.rules.deliveries import TRIES, State, after_try, next_try_at
from openpartner.webhooks.service.keeping import FORGET_TEST, TIDY, forget_test, tidy_up
from openpartner.webhooks.service.keys import present_signer
from openpartner.webhooks.service.sending import DELIVER_ONE

IN_A_ROUND = 20
MOST_KEPT = 4_096
"""Characters of an answer's body that are kept."""


def _prepare_line(uow: UnitOfWork, args: dict[str, Any]) -> Round | None:
    """The next messages of a tenant's line."""
    tenant_id = UUID(args["tenant_id"])
    _hold_line(uow, tenant_id)
    waiting = _waiting(uow, tenant_id, IN_A_ROUND)
    registration = uow.db.get(WebhookRegistration, tenant_id)
    if registration is None or not waiting:
        return None
    return _round(uow, registration, registration.url, waiting)


def _record_line(uow: UnitOfWork, going: Round, tries: list[Try]) -> datetime | None:
    """Write down what came of a round. The line goes on at once, or when its first message is to be tried again."""
    queue = _hold_line(uow, going.tenant_id)
    _record(uow, going, tries)
    for each in tries:
        if queue is not None and each.is_taken:
            queue.taken_at, queue.failing_since = uow.now, None
        elif queue is not None:
            queue.failing_since = queue.failing_since or uow.now
    uow.db.flush()
    following = _waiting(uow, going.tenant_id, 1)
    if not following:
        return None
    return max(following[0].next_try_at or uow.now, uow.now)


def _hold_line(uow: UnitOfWork, tenant_id: UUID) -> WebhookQueue | None:
    return uow.db.scalar(select(WebhookQueue).where(WebhookQueue.tenant_id == tenant_id).with_for_update())


def _waiting(uow: UnitOfWork, tenant_id: UUID, limit: int) -> Sequence[WebhookDelivery]:
    return uow.db.scalars(
        select(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == tenant_id,
            WebhookDelivery.is_in_line.is_(True),
            WebhookDelivery.state == State.WAITING,
        )
        .order_by(WebhookDelivery.number)
        .limit(limit)
    ).all()


def _prepare_one(uow: UnitOfWork, args: dict[str, Any]) -> Round | None:
    """A message that stands in no line: a test, one fired, one sent again."""
    delivery = uow.db.scalar(select(WebhookDelivery).where(WebhookDelivery.id == UUID(args["delivery_id"])))
    if delivery is None or delivery.state is not State.WAITING:
        return None
    registration = uow.db.get(WebhookRegistration, delivery.tenant_id)
    url = delivery.url or (registration.url if registration is not None else "")
    return _round(uow, registration, url, [delivery]) if url else None


def _record_one(uow: UnitOfWork, going: Round, tries: list[Try]) -> datetime | None:
    for delivery in _record(uow, going, tries):
        return delivery.next_try_at
    return None


def _round(
    uow: UnitOfWork, registration: WebhookRegistration | None, url: str, waiting: Sequence[WebhookDelivery]
) -> Round:
    """Who names another address than its own would have us vouch there for words of its own: not in production."""
    settings = uow.world.settings
    first = waiting[0]
    by_hand = first.url is not None
    return Round(
        tenant_id=first.tenant_id,
        url=url,
        origin=first.origin or (registration.origin if registration is not None else settings.base_url),
        in_own_header=registration is not None and registration.in_own_header,
        signer=present_signer(uow) if settings.is_sandbox or not by_hand else None,
        secrets=() if registration is None else _secrets(uow, registration),
        letters=tuple(Letter(each.id, each.message_id, each.body, each.tries + 1) for each in waiting),
    )


def _secrets(uow: UnitOfWork, registration: WebhookRegistration) -> tuple[str, ...]:
    held = [registration.secret]
    if registration.previous_secret is not None and (registration.previous_until or uow.now) > uow.now:
        held.append(registration.previous_secret)
    return tuple(vault.unseal(secret, uow.world.settings.secret_key) for secret in held)


def _record(uow: UnitOfWork, going: Round, tries: list[Try]) -> list[WebhookDelivery]:
    """The tries' rows, and each delivery's state. Gives the deliveries that were not forgotten meanwhile.

    All are read at once and written at once: one by one a round of twenty took half as long again.
    """
    keys = [each.letter.delivery_id for each in tries]
    held = select(WebhookDelivery).where(WebhookDelivery.id.in_(keys)).order_by(WebhookDelivery.number)
    deliveries = {row.id: row for row in uow.db.scalars(held.with_for_update())}
    for each in tries:
        delivery = deliveries.get(each.letter.delivery_id)
        if delivery is not None and delivery.tries < each.letter.number:
            uow.db.add(_attempt(going, each, uow.now))
            _advance(delivery, each, uow.now)
    return list(deliveries.values())


def _attempt(going: Round, each: Try, at: datetime) -> WebhookAttempt:
    result = each.result
    return WebhookAttempt(
        delivery_id=each.letter.delivery_id,
        number=each.letter.number,
        at=at,
        sent_at=each.sent_at,
        url=going.url,
        headers=each.headers,
        status=result.status if isinstance(result, Answer) else None,
        why=words_of(result),
        answer_headers=dict(result.headers) if isinstance(result, Answer) else {},
        answer_body=shown_body(result, MOST_KEPT),
        milliseconds=round(result.seconds * 1_000),
    )


def _advance(delivery: WebhookDelivery, each: Try, at: datetime) -> None:
    """A message that a person fired is tried once."""
    most = TRIES if delivery.url is None else 1
    delivery.tries = each.letter.number
    delivery.state = after_try(delivery.tries, is_taken=each.is_taken, most=most)
    if delivery.state is State.WAITING:
        delivery.next_try_at = next_try_at(delivery.tries, at)
    else:
        delivery.next_try_at, delivery.ended_at = None, at


JOBS: dict[str, Job] = {
    DELIVER: Errand(_prepare_line, send, _record_line),
    DELIVER_ONE: Errand(_prepare_one, send, _record_one),
    TIDY: tidy_up,
    FORGET_TEST: forget_test,
}
