"""What a person has sent: an event of one's own making, and one more time what had ended."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from openpartner.platform.actor import RoleNeeded
from openpartner.platform.errors import Conflict, InvalidFields, NotFound
from openpartner.platform.permissions import Role
from openpartner.settings import Profile
from openpartner.webhooks import service
from openpartner.webhooks.models import WebhookDelivery
from openpartner.webhooks.rules.deliveries import Origin, State
from tests.support.lab import Lab
from tests.support.receiver import Receiver, receiving
from tests.webhooks.conftest import MakeSubscriber, Subscriber, certificate_for, check_signature
from tests.webhooks.test_signatures import replaced

BODY = '{"EventName": "invoice-ready"}'


@pytest.fixture
def elsewhere() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def fire(subscriber: Subscriber, url: str, body: str = BODY, name: str = "invoice-ready") -> WebhookDelivery:
    with subscriber.lab.begin(subscriber.actor) as uow:
        return service.fire_webhook_event(uow, service.Fired(name, url, body, "https://localhost"))


def repeat(subscriber: Subscriber, delivery: WebhookDelivery) -> WebhookDelivery:
    with subscriber.lab.begin(subscriber.actor) as uow:
        return service.repeat_webhook_delivery(uow, delivery.id)


def test_a_fired_event_goes_to_its_address_as_it_was_written_signed_both_ways(
    subscriber: Subscriber, elsewhere: Receiver
) -> None:
    fire(subscriber, f"{elsewhere.url}/mine")
    subscriber.go()
    (got,) = elsewhere.got
    assert (got.path, got.body.decode(), subscriber.receiver.got) == ("/mine", BODY, [])
    check_signature(certificate_for(subscriber.lab, got), got)
    Webhook(subscriber.secret).verify(got.body, got.headers)
    (delivery,) = subscriber.deliveries()
    assert (delivery.why, delivery.state, delivery.tries) == (Origin.FIRED, State.DELIVERED, 1)


def test_in_production_nobody_is_vouched_for(subscriber: Subscriber, elsewhere: Receiver) -> None:
    """Else one partner could send another's receiver a message of its own that bears our name."""
    subscriber.lab.world.settings = replaced(subscriber.lab, profile=Profile.PRODUCTION)
    delivery = fire(subscriber, elsewhere.url)
    subscriber.go()
    repeat(subscriber, delivery)
    subscriber.go()
    assert len(elsewhere.got) == 2
    for got in elsewhere.got:
        assert {"authorization", "x-ms-signature", "x-ms-certificate-url"} & set(got.headers) == set()
        Webhook(subscriber.secret).verify(got.body, got.headers)


def test_a_fired_event_is_tried_once(subscriber: Subscriber, elsewhere: Receiver) -> None:
    elsewhere.answers = [500]
    fire(subscriber, elsewhere.url)
    subscriber.go(timedelta(days=1))
    (delivery,) = subscriber.deliveries()
    assert (delivery.state, len(elsewhere.got)) == (State.PARKED, 1)


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("nothing", BODY, "event_name"),
        ("invoice-ready", "{", "body"),
        ("invoice-ready", "[]", "body"),
        ("invoice-ready", '{"x": "' + "x" * 65_536 + '"}', "body"),
    ],
)
def test_what_cannot_be_fired_is_refused(subscriber: Subscriber, name: str, body: str, field: str) -> None:
    def refuse() -> None:
        with pytest.raises(InvalidFields) as refused:
            fire(subscriber, subscriber.receiver.url, body, name)
        assert list(refused.value.problems) == [field]

    subscriber.lab.nothing_changed(refuse)
    assert subscriber.deliveries() == []


def test_a_parked_delivery_is_sent_again_as_the_same_message_with_tries_of_its_own(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [*[500] * 11, 200]
    subscriber.approve("a")
    subscriber.go(timedelta(days=1))
    (parked,) = subscriber.deliveries()
    assert parked.state is State.PARKED
    again = repeat(subscriber, parked)
    subscriber.go(timedelta(minutes=1))
    first, second = subscriber.deliveries()
    assert (first.state, first.repeated_as) == (State.PARKED, again.id)
    assert (second.state, second.tries, second.why, second.repeats) == (
        State.DELIVERED,
        2,
        Origin.REPEATED,
        parked.id,
    )
    assert len({got.headers["webhook-id"] for got in subscriber.receiver.got}) == 1
    with pytest.raises(Conflict, match="sent again already"):
        repeat(subscriber, parked)


def test_what_is_on_its_way_is_not_sent_again(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500]
    subscriber.approve("a")
    subscriber.go()

    def refuse() -> None:
        with pytest.raises(Conflict, match="still on its way"):
            repeat(subscriber, subscriber.deliveries()[0])

    subscriber.lab.nothing_changed(refuse)


def test_only_ones_own_and_only_who_may(lab: Lab, make_subscriber: MakeSubscriber, subscriber: Subscriber) -> None:
    subscriber.approve("a")
    subscriber.go()
    (delivery,) = subscriber.deliveries()
    other = make_subscriber("Fabrikam")
    with pytest.raises(NotFound):
        repeat(other, delivery)
    reader = lab.user(subscriber.tenant, Role.REFERRALS_ADMIN)
    for use_case in (
        lambda uow: service.repeat_webhook_delivery(uow, delivery.id),
        lambda uow: service.repeat_webhook_delivery(uow, uuid4()),
        service.rotate_webhook_secret,
        service.create_webhook_test,
    ):
        with pytest.raises(RoleNeeded), lab.begin(reader) as uow:
            use_case(uow)
