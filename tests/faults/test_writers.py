"""Thirty-two writers at once on the embedded database: nothing is lost and nothing is refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from tests.faults.conftest import Shop
from tests.faults.ledger import check_whole
from tests.faults.test_kill import place
from tests.support.served import serving

WRITERS = 32
ORDERS_EACH = 4


def test_thirty_two_writers_at_once_lose_nothing_and_are_refused_nothing(shop: Shop) -> None:
    with serving(shop.data, tls=True) as server:

        def write(writer: int) -> list[tuple[int, str]]:
            with server.client(authorization=f"Bearer {shop.token}") as client:
                answers = [
                    place(client, shop, str(UUID(int=writer * 1_000 + n + 1, version=4))) for n in range(ORDERS_EACH)
                ]
                return [(answer.status_code, answer.json().get("id", answer.text)) for answer in answers]

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = [answer for each in pool.map(write, range(WRITERS)) for answer in each]

    assert Counter(status for status, _ in answers) == {201: WRITERS * ORDERS_EACH}
    assert len({order_id for _, order_id in answers}) == WRITERS * ORDERS_EACH
    assert check_whole(shop.data) == WRITERS * ORDERS_EACH
