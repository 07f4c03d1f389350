"""Reads what a unit has written in the log, and queues what is to be told of it: in the same transaction, in its order.

The one place that adds to a tenant's line. It holds the log already, and then the row of the line; the errand holds the
row of its work and then the row of the line; nobody holds the line and then wants the log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from openpartner.platform.due import schedule_unless_there
from openpartner.platform.events import Event, Noted, Written
from openpartner.platform.record_ids import audit_record_id
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks.events import WebhookTestCreated
from openpartner.webhooks.models import WebhookDelivery, WebhookQueue, WebhookRegistration
from openpartner.webhooks.rules import bodies
from openpartner.webhooks.rules.deliveries import TESTS_KEPT_FOR, Origin, State
from openpartner.webhooks.rules.vendor_events import VendorEvent, events_of
from openpartner.webhooks.service.keeping import FORGET_TEST
from openpartner.webhooks.service.sending import DELIVER_ONE

DELIVER = "webhooks.deliver"


@dataclass(frozen=True)
class _ToTell:
    """A fact that one of the vendor's events tells, and the tenant that may want to hear it."""

    tenant_id: UUID
    event: VendorEvent
    seq: int
    noted: Noted

    @property
    def is_test(self) -> bool:
        """Tests do not wait behind what the receiver does not take."""
        return isinstance(self.noted.fact, WebhookTestCreated)


def tell(uow: UnitOfWork, written: Sequence[Written]) -> None:
    """Queue a delivery for each event that a registration asks for: a reader of ``Reactions.on_written``."""
    found = list(_events_in(written))
    if not found:
        return
    registrations = _registrations(uow, {each.tenant_id for each in found})
    wanted = [
        (each, registrations[each.tenant_id])
        for each in found
        if each.tenant_id in registrations and each.event.name in registrations[each.tenant_id].events
    ]
    lines = dict.fromkeys(each.tenant_id for each, _ in wanted if not each.is_test)
    for tenant_id in lines:
        uow.db.execute(select(WebhookQueue.tenant_id).where(WebhookQueue.tenant_id == tenant_id).with_for_update())
    for each, registration in wanted:
        _queue(uow, each, registration)
    for tenant_id in lines:
        key = f"{DELIVER}/{tenant_id}"
        schedule_unless_there(uow.db, uow.now, DELIVER, {"tenant_id": str(tenant_id)}, key)


def _events_in(written: Sequence[Written]) -> Iterator[_ToTell]:
    for entry in written:
        fact = entry.noted.fact
        if fact.partner_id is not None:
            for event in events_of(fact):
                yield _ToTell(fact.partner_id, event, entry.seq, entry.noted)


def _registrations(uow: UnitOfWork, tenants: set[UUID]) -> dict[UUID, WebhookRegistration]:
    found = uow.db.scalars(select(WebhookRegistration).where(WebhookRegistration.tenant_id.in_(tenants)))
    return {row.tenant_id: row for row in found}


def _queue(uow: UnitOfWork, each: _ToTell, registration: WebhookRegistration) -> None:
    fact, at = each.noted.fact, each.noted.at
    record_id = _record_id(each) if each.event.is_audited else None
    audit = None if record_id is None else bodies.audit_uri(registration.origin, record_id)
    uri = bodies.resource_uri(each.event, registration.origin, _values(fact))
    delivery = WebhookDelivery(
        id=uow.ids.uuid(),
        message_id=uow.ids.uuid(),
        tenant_id=each.tenant_id,
        customer_id=fact.customer_id,
        why=Origin.TEST if each.is_test else Origin.FACT,
        is_in_line=not each.is_test,
        event_name=each.event.name,
        body=bodies.body_of(each.event, uri, audit, at),
        url=None,
        origin=None,
        record_id=record_id,
        test_id=UUID(fact.resource_id) if each.is_test else None,
        repeats=None,
        repeated_as=None,
        state=State.WAITING,
        tries=0,
        next_try_at=at,
        created_by=each.noted.actor.name,
        created_at=at,
        ended_at=None,
    )
    uow.db.add(delivery)
    uow.db.flush()  # one by one: their numbers are their order
    if each.is_test:
        arguments = {"delivery_id": str(delivery.id)}
        uow.schedule(at, DELIVER_ONE, arguments)
        uow.schedule(at + TESTS_KEPT_FOR, FORGET_TEST, arguments)


def _record_id(each: _ToTell) -> str:
    fact = each.noted.fact
    return audit_record_id(
        partner_id=fact.partner_id,
        customer_id=fact.customer_id,
        resource_id=fact.resource_id,
        operation=fact.operation_type,
        at=each.noted.at,
        seq=each.seq,
    )


def _values(fact: Event) -> dict[str, str]:
    """What a fact puts into the address of its resource."""
    return {
        "customer": str(fact.customer_id or ""),
        "resource": fact.resource_id,
        "relationship": str(getattr(fact, "relationship_id", "")),
    }
