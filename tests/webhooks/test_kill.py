"""Workers are killed while they deliver: every event arrives, none is skipped, and a repeat is known by its id.

Invariant: whatever arrives is the next event of the line or one that arrived before; all of them arrive; one event has
one ``webhook-id`` and one body however often it comes; and the world knows each as delivered.
"""

import json
import os
import random
import signal
import time

import pytest
from standardwebhooks import Webhook

from openpartner.webhooks import queries
from openpartner.webhooks.rules.deliveries import State
from tests.support.receiver import wait_for
from tests.support.worker_nursery import Nursery, nursery
from tests.webhooks.conftest import MakeSubscriber, Subscriber

LEASE = 0.6
"""Seconds; the product's is two minutes. It must only be longer than a round of twenty."""


def _kill_one(workers: Nursery, subscriber: Subscriber, chance: random.Random) -> None:
    """Start a worker, and end it at a random instant after something new has arrived."""
    before = len(subscriber.receiver.got)
    worker = workers.worker()
    wait_for(lambda: len(subscriber.receiver.got) > before, within=60)
    time.sleep(chance.uniform(0, 0.05))
    os.kill(worker, signal.SIGKILL)


def kill_again_and_again(subscriber: Subscriber, times: int, seed: int) -> int:
    """Gives how many messages came more than once."""
    chance, expected = random.Random(seed), [f"r{number:05}" for number in range(30 * times)]
    for start in range(0, len(expected), 15):
        subscriber.approve(*expected[start : start + 15])
    with nursery(subscriber.lab.world.settings, LEASE) as workers:
        for _ in range(times):
            _kill_one(workers, subscriber, chance)
        workers.worker()
        wait_for(
            lambda: len({got.headers["webhook-id"] for got in subscriber.receiver.got}) == len(expected), within=120
        )
        wait_for(lambda: _waiting(subscriber) == 0, within=60)
    arrived = [json.loads(got.body)["ResourceUri"].rpartition("/")[2] for got in subscriber.receiver.got]
    reached = 0
    for name in arrived:
        assert name in expected[: reached + 1], f"{name} came before {expected[reached]}"
        reached = max(reached, expected.index(name) + 1)
    assert list(dict.fromkeys(arrived)) == expected
    ids = {
        (name, got.headers["webhook-id"], got.body) for name, got in zip(arrived, subscriber.receiver.got, strict=True)
    }
    assert len(ids) == len({message_id for _, message_id, _ in ids}) == len(expected)
    for got in subscriber.receiver.got[:: len(expected) // 20]:
        Webhook(subscriber.secret).verify(got.body, got.headers)
    assert {each.state for each in subscriber.deliveries()} == {State.DELIVERED}
    return len(arrived) - len(expected)


def _waiting(subscriber: Subscriber) -> int:
    with subscriber.lab.read(subscriber.actor) as uow:
        return queries.count_waiting(uow)


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_three_kills_lose_no_event_and_keep_their_order(make_subscriber: MakeSubscriber) -> None:
    kill_again_and_again(make_subscriber(), 3, seed=3)


@pytest.mark.long
def test_a_hundred_kills_lose_no_event_and_keep_their_order(make_subscriber: MakeSubscriber) -> None:
    assert kill_again_and_again(make_subscriber(), 100, seed=100) > 0
