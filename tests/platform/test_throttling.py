"""How many requests an application may send: the rule, the setting, and what the Graph surface answers beyond it."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.platform.errors import Invalid, TooManyRequests
from openpartner.platform.permissions import Role
from openpartner.platform.throttling import Bucket, Limit, Throttle, drawn, read_limit
from tests.support.graph import graph_client
from tests.support.lab import Lab

ONE, OTHER = (UUID(int=1), UUID(int=9)), (UUID(int=2), UUID(int=9))
LIMIT = Limit(6, 60)


@pytest.mark.parametrize(
    ("_case", "bucket", "at", "left", "wait"),
    [
        ("the first finds it full", None, 100.0, 5.0, 0),
        ("the last that passes", Bucket(1.0, 100.0), 100.0, 0.0, 0),
        ("an empty one fills in ten seconds", Bucket(0.0, 100.0), 100.0, 0.0, 10),
        ("a half full one in five", Bucket(0.0, 100.0), 105.0, 0.5, 5),
        ("after the wait it passes", Bucket(0.0, 100.0), 110.0, 0.0, 0),
        ("it never holds more than the limit", Bucket(5.0, 100.0), 9_000.0, 5.0, 0),
        ("less than a second is a second", Bucket(0.99, 100.0), 100.0, 0.99, 1),
    ],
)
def test_a_request_draws_from_its_bucket(_case: str, bucket: Bucket | None, at: float, left: float, wait: int) -> None:
    assert drawn(bucket, LIMIT, at) == (Bucket(left, at), wait)


@pytest.mark.parametrize(("text", "limit"), [("", None), (" ", None), ("600/60", Limit(600, 60)), ("1/1", Limit(1, 1))])
def test_a_limit_is_read_from_the_settings(text: str, limit: Limit | None) -> None:
    assert read_limit(text) == limit


@pytest.mark.parametrize("text", ["600", "600/", "/60", "0/60", "1/0", "-1/5", "many/60", "2000000/1"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_limit(text)


def test_applications_and_tenants_have_buckets_of_their_own() -> None:
    at = [0.0]
    throttle = Throttle(Limit(2, 20), is_sandbox=False, now=lambda: at[0])

    def passes(holder: tuple[UUID, UUID]) -> int:
        try:
            throttle.pass_one(holder)
        except TooManyRequests as refused:
            return refused.retry_after
        return 0

    assert [passes(ONE), passes(ONE), passes(ONE), passes(OTHER)] == [0, 0, 10, 0]
    at[0] = 10.0
    assert [passes(ONE), passes(ONE)] == [0, 10]
    assert throttle.is_stale is False


def test_a_sandbox_rehearses_being_refused(lab: Lab) -> None:
    partner = lab.partner()
    admin = lab.user(partner, Role.GLOBAL_ADMIN)
    client, other = graph_client(lab, admin), graph_client(lab, lab.user(lab.partner("Fabrikam"), Role.GLOBAL_ADMIN))
    free = {"requests": None, "seconds": None, "rehearsed": False}
    assert client.get("/_sandbox/throttle").json() == free
    assert client.get("/v1.0/me").status_code == 200

    set_to = client.put("/_sandbox/throttle", {"requests": 2, "seconds": 120})

    assert (set_to.status_code, set_to.json()) == (200, {"requests": 2, "seconds": 120, "rehearsed": True})
    assert [client.get("/v1.0/me").status_code, client.get("/beta/users").status_code] == [200, 200]
    refused = client.get("/v1.0/me")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (429, "TooManyRequests")
    assert int(refused.headers["retry-after"]) == pytest.approx(60, abs=2)
    assert error["message"].startswith("The application sends too many requests in this tenant. Wait ")
    assert other.get("/v1.0/me").status_code == 200
    assert client.get("/_sandbox/world").status_code == 200
    changed = lab.nothing_changed(lambda: client.post("/v1.0/domains", {"id": "contoso.com"}))
    assert changed.status_code == 429

    assert client.delete("/_sandbox/throttle").json() == free
    assert client.get("/v1.0/me").status_code == 200


def test_in_a_batch_each_item_is_counted(lab: Lab) -> None:
    client = graph_client(lab, lab.user(lab.partner(), Role.GLOBAL_ADMIN))
    client.put("/_sandbox/throttle", {"requests": 2, "seconds": 600})
    items = [{"id": str(number), "method": "GET", "url": "/me"} for number in range(3)]

    answer = client.post("/v1.0/$batch", {"requests": items})

    given: list[dict[str, Any]] = answer.json()["responses"]
    assert (answer.status_code, [each["status"] for each in given]) == (200, [200, 200, 429])
    assert int(given[2]["headers"]["Retry-After"]) == pytest.approx(300, abs=5)
    assert given[2]["body"]["error"]["code"] == "TooManyRequests"


@pytest.mark.parametrize("body", [{"requests": 0, "seconds": 1}, {"requests": 5}, {"requests": 1, "seconds": 90_000}])
def test_what_cannot_be_rehearsed(lab: Lab, body: dict[str, int]) -> None:
    client = lab.client()

    assert client.put("/_sandbox/throttle", body).status_code == 400
    assert client.get("/_sandbox/throttle").json()["rehearsed"] is False
