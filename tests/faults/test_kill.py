"""A server is killed while it takes orders: what it acknowledged is there whole, and nothing is there by halves."""

import random
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest

from tests.faults.conftest import Shop
from tests.faults.ledger import check_whole
from tests.support.buying import order_body
from tests.support.served import Server, serving

THREADS = 4


@dataclass
class Stream:
    """Threads that place orders until the server is gone. asked: every request id; answered: what came back."""

    server: Server
    shop: Shop
    chance: random.Random
    asked: list[str] = field(default_factory=list)
    answered: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    first: threading.Event = field(default_factory=threading.Event)

    def _place(self, ids: list[str]) -> None:
        with self.server.client(authorization=f"Bearer {self.shop.token}") as client:
            for request_id in ids:
                self.asked.append(request_id)
                try:
                    answer = place(client, self.shop, request_id)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.answered[request_id] = answer.content
                    self.first.set()
                else:
                    self.refused.append(answer.text)

    def run_until_killed(self) -> None:
        """Order, and at a random instant after the first acknowledgement kill."""
        ids = [[str(UUID(int=self.chance.getrandbits(128), version=4)) for _ in range(2_000)] for _ in range(THREADS)]
        threads = [threading.Thread(target=self._place, args=(each,)) for each in ids]
        for thread in threads:
            thread.start()
        assert self.first.wait(60)
        time.sleep(self.chance.uniform(0, 0.4))
        self.server.kill()
        for thread in threads:
            thread.join(60)


def place(client: httpx.Client, shop: Shop, request_id: str) -> httpx.Response:
    body = order_body(shop.customer, shop.item)
    return client.post(f"/v1/customers/{shop.customer}/orders", json=body, headers={"MS-RequestId": request_id})


def check_kept(client: httpx.Client, shop: Shop, stream: Stream) -> int:
    """Each acknowledged order is answered as it was; a retry, acknowledged or not, makes at most one order.

    Gives how many of the unacknowledged ones had not been placed.
    """
    for request_id, body in stream.answered.items():
        order_id = httpx.Response(200, content=body).json()["id"]
        assert client.get(f"/v1/customers/{shop.customer}/orders/{order_id}").content == body
        assert place(client, shop, request_id).content == body
    before = check_whole(shop.data)
    for request_id in stream.asked:
        if request_id not in stream.answered:
            assert place(client, shop, request_id).status_code == 201
    return check_whole(shop.data) - before


def kill_again_and_again(shop: Shop, times: int, seed: int) -> None:
    chance = random.Random(seed)
    expected, kept = 0, 0
    last: Stream | None = None
    for _ in range(times):
        with serving(shop.data, tls=True) as server:
            if last is not None:
                with server.client(authorization=f"Bearer {shop.token}") as client:
                    late = check_kept(client, shop, last)
                    assert 0 <= late <= THREADS
            last = Stream(server, shop, chance)
            last.run_until_killed()
            assert last.refused == []
        expected += len(last.asked)
        kept += len(last.answered)
        # An order that was asked for and not acknowledged may be there or not, and each round asks THREADS such
        assert expected - THREADS <= check_whole(shop.data) <= expected
    assert kept >= times


def test_five_kills_lose_no_acknowledged_order_and_leave_none_by_halves(shop: Shop) -> None:
    kill_again_and_again(shop, 5, seed=5)


@pytest.mark.long
def test_a_hundred_kills_lose_no_acknowledged_order_and_leave_none_by_halves(shop: Shop) -> None:
    kill_again_and_again(shop, 100, seed=100)
