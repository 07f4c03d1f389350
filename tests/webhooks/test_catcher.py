"""The sandbox's own receiver: what it keeps and says of a message, how it is told to answer, and its pages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from openpartner.app import make_app
from openpartner.platform.permissions import Role
from openpartner.sandbox.catcher.rules import TAKES, Answer, after_one
from openpartner.settings import Profile
from openpartner.webhooks.rules.deliveries import State
from tests.support.bridged import bridged
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.webhooks.conftest import MakeSubscriber, Subscriber
from tests.webhooks.test_signatures import replaced

PATH = "/_sandbox/catcher/mine"
PAGE = "/sandbox/catcher/mine"


@pytest.fixture
def origin(lab: Lab) -> Iterator[str]:
    with bridged(lab) as found:
        yield found


@pytest.fixture
def caught(lab: Lab, origin: str, make_subscriber: MakeSubscriber) -> Subscriber:
    """A partner whose webhooks go to the catcher of the world itself."""
    return make_subscriber(url=f"{origin}{PATH}")


@pytest.fixture
def anyone(lab: Lab) -> AppClient:
    return lab.client()


@pytest.fixture
def person(lab: Lab) -> AppClient:
    """Somebody who is signed in; a sandbox asks for no more."""
    return browser(lab, lab.user(lab.partner("Fabrikam"), Role.REFERRALS_ADMIN))


def messages(client: AppClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(PATH).json()["caught"]
    return found


def test_a_delivery_to_the_world_itself_is_caught_and_both_signatures_hold(
    caught: Subscriber, anyone: AppClient
) -> None:
    caught.approve("abc")
    caught.go()
    (delivery,) = caught.deliveries()
    assert delivery.state is State.DELIVERED
    (message,) = messages(anyone)
    headers, body = message.pop("headers"), message.pop("body")
    assert message == {
        "number": message["number"],
        "at": "2026-01-15T09:00:00Z",
        "eventName": "granular-admin-relationship-approved",
        "messageId": f"msg_{delivery.message_id.hex}",
        "isRepeat": False,
        "signedBySecret": "holds",
        "signedByCertificate": "holds",
        "tenant": str(caught.tenant.id),
        "answered": 200,
        "delay": 0,
    }
    assert body == delivery.body
    assert headers["webhook-id"] == f"msg_{delivery.message_id.hex}"
    assert anyone.get(f"{PATH}/latest/body").text == delivery.body
    assert f"webhook-id: msg_{delivery.message_id.hex}\n" in anyone.get(f"{PATH}/{message['number']}/headers").text


@pytest.mark.parametrize(
    ("change", "by_secret", "by_certificate"),
    [
        (lambda headers, body: (headers, body + b" "), "broken", "broken"),
        (lambda headers, body: ({**headers, "webhook-timestamp": "1"}, body), "broken", "holds"),
        (lambda headers, body: ({**headers, "webhook-signature": ""}, body), "absent", "holds"),
        (lambda headers, body: ({**headers, "webhook-signature": "v1,AAAA"}, body), "broken", "holds"),
        (lambda headers, body: ({**headers, "authorization": "Bearer x"}, body), "holds", "absent"),
        (lambda headers, body: ({**headers, "authorization": "Signature !"}, body), "holds", "broken"),
        (lambda headers, body: ({**headers, "x-ms-certificate-url": "https://x/cert/y.cer"}, body), "holds", "broken"),
        (lambda _headers, _body: ({}, b"\xff\x00 no JSON"), "absent", "absent"),
        (lambda headers, _body: (headers, b"[1]"), "broken", "broken"),
    ],
)
def test_what_was_changed_on_the_way_is_told_from_what_is_true(
    caught: Subscriber, anyone: AppClient, change: Any, by_secret: str, by_certificate: str
) -> None:
    caught.approve("abc")
    caught.go()
    (true,) = messages(anyone)
    headers, body = change(true["headers"], true["body"].encode())
    headers = {name: value for name, value in headers.items() if name != "content-length"}
    assert anyone.request("POST", PATH, content=body, headers=headers).status_code == 200
    newest, _ = messages(anyone)
    assert (newest["signedBySecret"], newest["signedByCertificate"]) == (by_secret, by_certificate)
    assert newest["isRepeat"] is ("webhook-id" in headers)


def test_failures_are_rehearsed_as_often_as_is_told(caught: Subscriber, anyone: AppClient) -> None:
    told = anyone.put(f"{PATH}/answer", {"status": 429, "times": 2, "retryAfter": 60})
    assert (told.status_code, told.json()) == (200, {"status": 429, "times": 2, "delay": 0, "retryAfter": 60})
    caught.approve("abc")
    caught.go(timedelta(minutes=10))
    (delivery,) = caught.deliveries()
    assert [(each.status, each.answer_headers.get("retry-after")) for each in caught.tries(delivery)] == [
        (429, "60"),
        (429, "60"),
        (200, None),
    ]
    assert [(each["answered"], each["isRepeat"]) for each in messages(anyone)] == [
        (200, True),
        (429, True),
        (429, False),
    ]
    assert anyone.get(PATH).json()["answer"] == {"status": 200, "times": None, "delay": 0, "retryAfter": None}


def test_a_slow_answer_comes_late(anyone: AppClient) -> None:
    anyone.put(f"{PATH}/answer", {"status": 200, "delay": 250})
    answer = anyone.post(PATH, {"EventName": "x"})
    assert answer.elapsed >= timedelta(milliseconds=250)
    assert messages(anyone)[0]["delay"] == 250


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"status": 199}, "status is a number from 200 to 599."),
        ({"status": 600}, "status is a number from 200 to 599."),
        ({"delay": 60_001}, "delay is a number of milliseconds from 0 to 60000."),
        ({"times": 0}, "times is a number from 1 to 1000"),
        ({"retryAfter": -1}, "retryAfter is a number of seconds."),
    ],
)
def test_what_a_catcher_cannot_answer_is_refused(anyone: AppClient, body: dict[str, int], says: str) -> None:
    refused = anyone.put(f"{PATH}/answer", body)
    assert (refused.status_code, says in refused.text) == (400, True)
    assert anyone.get("/_sandbox/catcher").json() == []


def test_names_are_plain_and_what_is_too_large_is_not_kept(anyone: AppClient) -> None:
    assert anyone.post("/_sandbox/catcher/a%20b", {}).status_code == 400
    assert anyone.post(f"/_sandbox/catcher/{'a' * 65}", {}).status_code == 400
    assert anyone.post(PATH, b"x" * 262_145).status_code == 413
    assert anyone.get("/_sandbox/catcher").json() == []


def test_the_newest_are_kept_and_a_catcher_is_forgotten(
    lab: Lab, anyone: AppClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openpartner.sandbox.catcher.service.KEPT", 3)
    for number in range(5):
        anyone.post(PATH, {"EventName": f"e{number}"})
        anyone.post("/_sandbox/catcher/other", {"EventName": "o"})
    assert [each["eventName"] for each in messages(anyone)] == ["e4", "e3", "e2"]
    plain = {"status": 200, "times": None, "delay": 0, "retryAfter": None}
    assert anyone.get("/_sandbox/catcher").json() == [
        {"name": "mine", "answer": plain, "caught": 3},
        {"name": "other", "answer": plain, "caught": 3},
    ]
    assert lab.events() == []
    assert anyone.delete(PATH).status_code == 204
    assert messages(anyone) == []
    assert anyone.delete(PATH).status_code == 404
    assert anyone.get(f"{PATH}/latest/body").status_code == 404
    assert anyone.get("/_sandbox/catcher/other/x/headers").status_code == 404


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TAKES, TAKES),
        (Answer(500), Answer(500)),
        (Answer(500, 2, 10, 60), Answer(500, 1, 10, 60)),
        (Answer(500, 1, 10, 60), TAKES),
    ],
)
def test_how_it_answers_next(before: Answer, after: Answer) -> None:
    assert after_one(before) == after


def test_production_has_no_catcher(lab: Lab) -> None:
    lab.world.settings = replaced(lab, profile=Profile.PRODUCTION)
    client = AppClient(make_app(lab.world, authenticate=lab.authenticate), lab._loop.portal)
    assert client.post(PATH, {}).status_code == 404
    assert client.get("/_sandbox/catcher").status_code == 404


# --- pages --------------------------------------------------------------------------------------------------------


def test_a_person_opens_a_catcher_sees_what_comes_and_tells_it_how_to_answer(
    caught: Subscriber, person: AppClient, anyone: AppClient
) -> None:
    assert "Nothing was caught yet" in person.get("/sandbox/catcher").text
    assert person.submit("/sandbox/catcher", name="mine").headers["location"] == PAGE
    assert person.submit("/sandbox/catcher", name="mine").headers["location"] == PAGE
    empty = person.get(PAGE)
    assert f"https://localhost{PATH}" in empty.text
    assert "Takes everything" in empty.text
    told = person.submit(f"{PAGE}/answer", status="500", times="1")
    assert (told.status_code, told.headers["location"]) == (303, PAGE)
    caught.approve("abc")
    caught.go(timedelta(minutes=1))
    page = person.get(PAGE)
    links = re.findall(rf'class="table__link" href="({PAGE}/\d+)"', page.text)
    assert len(links) == 2
    assert "The same message again" in page.text
    message = person.get(links[0])
    assert message.status_code == 200
    assert "&#34;EventName&#34;:&#34;granular-admin-relationship-approved&#34;" in message.text
    assert message.text.count("Holds") == 2
    lines = person.get(f"{PAGE}?format=csv").text.splitlines()
    assert [line.split(",")[4] for line in lines] == ["Answered", "200", "500"]
    found = {
        "q=approved": 2,
        "q=nothing+like+it": 0,
        "signed=yes": 2,
        "signed=no": 0,
        "taken=yes": 1,
        "taken=no": 1,
    }
    for query, count in found.items():
        assert len(re.findall(r'class="table__link"', person.get(f"{PAGE}?{query}").text)) == count, query
    assert person.post(f"{PAGE}/forget").headers["location"] == "/sandbox/catcher"
    assert person.get(PAGE).status_code == 404
    assert anyone.get("/_sandbox/catcher").json() == []


def test_what_the_form_cannot_take_stands_in_it(person: AppClient, anyone: AppClient) -> None:
    refused = person.submit("/sandbox/catcher", name="no name")
    assert (refused.status_code, "Name a catcher with up to 64 letters" in refused.text) == (422, True)
    person.submit("/sandbox/catcher", name="mine")
    wrong = person.submit(f"{PAGE}/answer", status="99", delay="x")
    assert (wrong.status_code, "Status must be at least 200." in wrong.text) == (422, True)
    assert person.submit("/sandbox/catcher/other/answer", status="500").status_code == 404
    assert [each["name"] for each in anyone.get("/_sandbox/catcher").json()] == ["mine"]


def test_the_pages_of_webhooks_offer_it(person: AppClient, lab: Lab) -> None:
    client = browser(lab, lab.user(lab.partner("Contoso"), Role.ADMIN_AGENT))
    assert 'value="https://localhost/_sandbox/catcher/hooks"' in client.get("/account/webhooks/fire").text
    assert "https://localhost/_sandbox/catcher/hooks" in client.get("/account/webhooks/registration").text
    assert person.get("/sandbox/catcher").status_code == 200
