"""What a person may have sent besides what happens by itself: a test, an event of one's own making, one more time."""

import json
from dataclasses import dataclass
from uuid import UUID

from openpartner.platform.errors import Conflict, InvalidFields
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks import queries
from openpartner.webhooks.events import WebhookDeliveryRepeated, WebhookEventFired, WebhookTestCreated
from openpartner.webhooks.models import WebhookDelivery
from openpartner.webhooks.rules import registrations as rules
from openpartner.webhooks.rules.deliveries import Origin, State
from openpartner.webhooks.rules.vendor_events import EVENT_OF_NAME, TEST_CREATED
from openpartner.webhooks.service.keys import ensure_webhook_key

DELIVER_ONE = "webhooks.deliver_one"
LONGEST_BODY = 65_536


def create_webhook_test(uow: UnitOfWork) -> UUID:
    """Ask for a test event; gives the id by which its result is asked for.

    Raises RegistrationAbsent, TestNotWanted, TooManyRequests. Emits WebhookTestCreated, of which the log's reader makes
    a delivery.
    """
    uow.actor.require(WEBHOOKS.write)
    registration = queries.registration(uow, lock=True)
    if TEST_CREATED not in registration.events:
        raise rules.TestNotWanted
    rules.check_test_rate(queries.latest_tests(uow, rules.TESTS_A_MINUTE), uow.now)
    test_id = uow.ids.uuid()
    uow.emit(WebhookTestCreated(partner_id=uow.actor.tenant, test_id=test_id))
    return test_id


@dataclass(frozen=True)
class Fired:
    """An event of a person's making. body: any JSON object. origin: what this server is called in its headers."""

    event_name: str
    url: str
    body: str
    origin: str


def fire_webhook_event(uow: UnitOfWork, fired: Fired) -> WebhookDelivery:
    """Send an event to an address, once. Raises InvalidFields. Emits WebhookEventFired.

    ``check_webhook_address`` has been asked.
    """
    uow.actor.require(WEBHOOKS.write)
    event = EVENT_OF_NAME.get(fired.event_name.lower())
    if event is None:
        raise InvalidFields({"event_name": "Choose an event of the list."})
    _check_body(fired.body)
    ensure_webhook_key(uow)
    delivery = _delivery(uow, Origin.FIRED, event.name, fired.body)
    delivery.url, delivery.origin = fired.url, fired.origin
    uow.db.add(delivery)
    _send_now(uow, delivery)
    uow.emit(
        WebhookEventFired(
            partner_id=uow.actor.tenant,
            delivery_id=delivery.id,
            event_name=event.name,
            after={"url": fired.url, "eventName": event.name},
        )
    )
    return delivery


def repeat_webhook_delivery(uow: UnitOfWork, delivery_id: UUID) -> WebhookDelivery:
    """Send again what was delivered or parked: the same message with the same id, as a delivery of its own.

    Raises NotFound; Conflict while it is still on its way, or when it was sent again already. Emits
    WebhookDeliveryRepeated.
    """
    uow.actor.require(WEBHOOKS.write)
    ended = queries.one_delivery(uow, delivery_id, lock=True)
    if ended.state is State.WAITING:
        raise Conflict("This delivery is still on its way. Wait for its next try.")
    if ended.repeated_as is not None:
        raise Conflict("This delivery was sent again already. Send that one again.", repeated_as=str(ended.repeated_as))
    if ended.why is not Origin.FIRED and queries.find_registration(uow) is None:
        raise rules.RegistrationAbsent
    delivery = _delivery(uow, Origin.REPEATED, ended.event_name, ended.body)
    delivery.message_id, delivery.customer_id, delivery.record_id = ended.message_id, ended.customer_id, ended.record_id
    delivery.url, delivery.origin, delivery.repeats = ended.url, ended.origin, ended.id
    ended.repeated_as = delivery.id
    uow.db.add(delivery)
    _send_now(uow, delivery)
    uow.emit(
        WebhookDeliveryRepeated(
            partner_id=uow.actor.tenant, delivery_id=delivery.id, event_name=delivery.event_name, repeats=ended.id
        )
    )
    return delivery


def _delivery(uow: UnitOfWork, why: Origin, event_name: str, body: str) -> WebhookDelivery:
    return WebhookDelivery(
        id=uow.ids.uuid(),
        message_id=uow.ids.uuid(),
        tenant_id=uow.actor.tenant,
        customer_id=None,
        why=why,
        is_in_line=False,
        event_name=event_name,
        body=body,
        url=None,
        origin=None,
        record_id=None,
        test_id=None,
        repeats=None,
        repeated_as=None,
        state=State.WAITING,
        tries=0,
        next_try_at=uow.now,
        created_by=uow.actor.name,
        created_at=uow.now,
        ended_at=None,
    )


def _send_now(uow: UnitOfWork, delivery: WebhookDelivery) -> None:
    uow.db.flush()
    uow.schedule(uow.now, DELIVER_ONE, {"delivery_id": str(delivery.id)})


def _check_body(body: str) -> None:
    if len(body.encode()) > LONGEST_BODY:
        raise InvalidFields({"body": f"The body can have at most {LONGEST_BODY} bytes."})
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidFields({"body": f"The body is not JSON: {error}."}) from error
    if not isinstance(content, dict):
        raise InvalidFields({"body": "The body must be a JSON object, as every event is."})
