"""From a fact to the receiver: queued in the fact's unit, sent after its commit, in order, until taken or parked."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from openpartner.platform.errands import Errand
from openpartner.platform.errors import Invalid
from openpartner.platform.outgoing.calling import Outgoing
from openpartner.subscriptions.events import SubscriptionStatusChanged
from openpartner.webhooks.rules.deliveries import PAUSES, Origin, State
from tests.support.lab import START, Lab
from tests.support.receiver import Receiver
from tests.webhooks.conftest import APPROVED, MakeSubscriber, RelationshipApproved, Subscriber

WHOLE = sum(PAUSES, timedelta())
HOUR = timedelta(hours=1)


def test_a_fact_reaches_the_receiver_in_the_originals_words(subscriber: Subscriber) -> None:
    subscriber.approve("abc")
    subscriber.go()
    (got,) = subscriber.receiver.got
    (record,) = subscriber.lab.events("RelationshipApproved")
    audit = (
        f"https://localhost/auditactivity/v1/auditrecords/{subscriber.tenant.id}_{UUID(int=7)}"
        f"_granularadminrelationshipapproved_639040644000000000_{record['seq']}"
    )
    assert got.path == "/hook"
    assert got.body.decode() == (
        f'{{"EventName":"{APPROVED}","ResourceUri":"https://partner.microsoft.com/granularAdminRelationships/abc",'
        f'"ResourceName":"GranularAdminRelationship","AuditUri":"{audit}",'
        '"ResourceChangeUtcDate":"2026-01-15T09:00:00.0000000+00:00"}'
    )
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    (delivery,) = subscriber.deliveries()
    assert (delivery.state, delivery.tries, delivery.ended_at, delivery.why) == (
        State.DELIVERED,
        1,
        START,
        Origin.FACT,
    )
    (attempt,) = subscriber.tries(delivery)
    assert (attempt.status, attempt.why, attempt.answer_body, attempt.at) == (200, "OK", "thanks", START)
    assert attempt.headers["Authorization"] == got.headers["authorization"]


def test_a_unit_that_fails_queues_nothing(subscriber: Subscriber) -> None:
    def fail() -> None:
        with subscriber.lab.begin() as uow:
            uow.emit(RelationshipApproved(partner_id=subscriber.tenant.id, relationship_id="x"))
            raise Invalid("no")

    with pytest.raises(Invalid):
        fail()
    subscriber.go(HOUR)
    assert (subscriber.deliveries(), subscriber.receiver.got) == ([], [])


def test_only_what_is_asked_for_is_told_and_only_to_whom_it_concerns(
    lab: Lab, make_subscriber: MakeSubscriber, receiver: Receiver
) -> None:
    one = make_subscriber("Contoso", events=[APPROVED])
    other = make_subscriber("Fabrikam", events=["invoice-ready"])
    one.approve("a")
    other.approve("b")
    with lab.begin() as uow:
        uow.emit(RelationshipApproved(partner_id=None, relationship_id="c"))
        uow.emit(RelationshipApproved(partner_id=UUID(int=9), relationship_id="d"))
    one.go()
    assert one.approved() == ["a"]
    assert [delivery.tenant_id for delivery in one.deliveries()] == [one.tenant.id]


def test_order_is_the_logs_and_one_connection_carries_many(subscriber: Subscriber) -> None:
    names = [f"r{number:02}" for number in range(45)]
    subscriber.approve(*names[:3])
    for name in names[3:]:
        subscriber.approve(name)
    subscriber.go()
    assert subscriber.approved() == names
    assert len({got.peer for got in subscriber.receiver.got}) == 3  # rounds of twenty
    assert {delivery.state for delivery in subscriber.deliveries()} == {State.DELIVERED}


def test_what_is_not_taken_is_tried_ten_times_with_growing_pauses_then_parked(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500]
    subscriber.approve("a")
    subscriber.go(WHOLE + HOUR)
    (delivery,) = subscriber.deliveries()
    tries = subscriber.tries(delivery)
    assert (delivery.state, delivery.tries, delivery.next_try_at) == (State.PARKED, 10, None)
    assert [later.at - earlier.at for earlier, later in pairwise(tries)] == list(PAUSES)
    assert delivery.ended_at == START + WHOLE
    assert len({got.headers["webhook-id"] for got in subscriber.receiver.got}) == 1
    assert len({got.body for got in subscriber.receiver.got}) == 1
    subscriber.go(timedelta(days=3))
    assert len(subscriber.receiver.got) == 10


def test_the_line_waits_for_its_first_and_goes_on_in_order(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500, 500, 200]
    subscriber.approve("a", "b", "c")
    subscriber.go(timedelta(seconds=29))
    assert subscriber.approved() == ["a"]
    subscriber.go(timedelta(seconds=1))
    assert subscriber.approved() == ["a", "a"]
    subscriber.approve("d")
    subscriber.go(timedelta(seconds=59))
    assert subscriber.approved() == ["a", "a"]
    subscriber.go(timedelta(seconds=1))
    assert subscriber.approved() == ["a", "a", "a", "b", "c", "d"]


def test_a_parked_one_lets_the_line_go_on(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [*[503] * 10, 200]
    subscriber.approve("a", "b")
    subscriber.go(WHOLE)
    assert subscriber.approved() == [*["a"] * 10, "b"]
    assert [each.state for each in subscriber.deliveries()] == [State.PARKED, State.DELIVERED]


def test_one_that_does_not_answer_holds_up_nobody_else(
    lab: Lab, make_subscriber: MakeSubscriber, receiver: Receiver
) -> None:
    lab.world.outgoing = impatient(lab)
    slow = make_subscriber("Slow")
    receiver.answers = ["hang", 200]
    other = make_subscriber("Other", events=[APPROVED])
    slow.approve("a")
    other.approve("b")
    slow.go()
    assert slow.approved() == ["a", "b"]
    first, second = slow.deliveries()
    assert (first.state, second.state) == (State.WAITING, State.DELIVERED)
    (attempt,) = slow.tries(first)
    assert (attempt.status, attempt.why) == (None, "There was no answer within 0.3 seconds.")


def impatient(lab: Lab) -> Outgoing:
    """The world's calls, with less patience."""
    return replace(lab.world.outgoing, within=0.3)


@pytest.mark.parametrize(
    ("behaviour", "status", "why"),
    [
        ("huge", 500, "Internal Server Error"),
        ("redirect", 307, "Temporary Redirect"),
        ("close", None, "The answer was not HTTP"),
        (404, 404, "Not Found"),
        (410, 410, "Gone"),
    ],
)
def test_what_came_back_is_kept(subscriber: Subscriber, behaviour: object, status: int | None, why: str) -> None:
    subscriber.receiver.answers = [behaviour, 200]
    subscriber.approve("a")
    subscriber.go()
    (delivery,) = subscriber.deliveries()
    (attempt,) = subscriber.tries(delivery)
    assert (delivery.state, attempt.status) == (State.WAITING, status)
    assert attempt.why.startswith(why)
    assert len(attempt.answer_body) <= 4_096
    subscriber.go(HOUR)
    assert subscriber.deliveries()[0].state is State.DELIVERED


def test_what_waits_goes_to_the_new_address(subscriber: Subscriber, lab: Lab) -> None:
    subscriber.receiver.answers = [500, 200]
    subscriber.approve("a")
    subscriber.go()
    body = {"webhookUrl": f"{subscriber.receiver.url}/new", "webhookEvents": []}
    assert subscriber.client.put("/webhooks/v1/registration", body).status_code == 200
    subscriber.approve("no longer asked for")
    subscriber.go(HOUR)
    assert [got.path for got in subscriber.receiver.got] == ["/hook", "/new"]


def test_a_year_in_one_jump_and_day_by_day_make_the_same_tries(
    lab: Lab, make_subscriber: MakeSubscriber, receiver: Receiver
) -> None:
    """Two partners with the same fortune; one clock moves at once, the other's moves were made before."""
    jumped = make_subscriber("Jumped")
    receiver.answers = [500]
    jumped.approve("a", "b")
    jumped.go(timedelta(days=2))
    seen = [(each.state, each.ended_at) for each in jumped.deliveries()]
    at = [[attempt.at - START for attempt in jumped.tries(each)] for each in jumped.deliveries()]
    assert [state for state, _ in seen] == [State.PARKED, State.PARKED]
    first = [sum(PAUSES[:count], timedelta()) for count in range(10)]
    assert at == [first, [WHOLE + pause for pause in first]]


def test_a_delivery_that_was_sent_and_not_recorded_is_sent_again_with_its_id(subscriber: Subscriber) -> None:
    """A worker that dies between the call and the record: the row's lease runs out, and the errand is done again."""
    subscriber.approve("a")
    lab = subscriber.lab
    job = lab.world.jobs["webhooks.deliver"]
    assert isinstance(job, Errand)
    with lab.begin() as uow:
        plan = job.prepare(uow, {"tenant_id": str(subscriber.tenant.id)})
    job.perform(lab.world, plan)  # and here the power goes
    subscriber.go()
    ids = [got.headers["webhook-id"] for got in subscriber.receiver.got]
    assert (len(ids), len(set(ids))) == (2, 1)
    (delivery,) = subscriber.deliveries()
    assert (delivery.state, delivery.tries) == (State.DELIVERED, 1)


def test_old_deliveries_are_forgotten(subscriber: Subscriber) -> None:
    subscriber.approve("a")
    subscriber.go()
    subscriber.go(timedelta(days=29))
    assert len(subscriber.deliveries()) == 1
    subscriber.go(timedelta(days=2))
    assert subscriber.deliveries() == []


def test_the_bodies_of_one_fact_and_several_events(subscriber: Subscriber) -> None:
    with subscriber.lab.begin() as uow:
        uow.emit(
            SubscriptionStatusChanged(
                partner_id=subscriber.tenant.id,
                customer_id=UUID(int=7),
                subscription_id=UUID(int=8),
                order_id="o",
                status_before="pending",
                status_after="active",
                credit_minor=0,
                currency="USD",
            )
        )
    subscriber.go()
    said = [json.loads(got.body) for got in subscriber.receiver.got]
    assert [each["EventName"] for each in said] == ["subscription-updated", "subscription-active"]
    assert {each["ResourceUri"] for each in said} == {
        f"https://localhost/webhooks/v1/customers/{UUID(int=7)}/subscriptions/{UUID(int=8)}"
    }
    assert len({got.headers["webhook-id"] for got in subscriber.receiver.got}) == 2
