"""The pages of webhooks: who may open them, what they show, what they refuse, what they change."""

import html
import json
import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from openpartner.identity.models import Tenant
from openpartner.platform.outgoing.calling import Outgoing
from openpartner.platform.permissions import Role
from openpartner.settings import Profile
from openpartner.webhooks import service
from openpartner.webhooks.models import WebhookRegistration
from openpartner.webhooks.rules.deliveries import Origin, State
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.webhooks.conftest import APPROVED, MakeSubscriber, Subscriber, customer
from tests.webhooks.test_signatures import replaced

ROOT = "/account/webhooks"
FORM = f"{ROOT}/registration"
LIST = f"{ROOT}/deliveries"
URL = "https://93.184.216.34/hook"


def text_of(answer: httpx.Response) -> str:
    """The page without its mark-up."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def send(client: AppClient, path: str, *fields: tuple[str, str]) -> httpx.Response:
    """Post a form whose fields may come several times."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return client.request("POST", path, content=urlencode(fields), headers=headers)


def opened(subscriber: Subscriber) -> AppClient:
    """The subscriber's own browser."""
    return browser(subscriber.lab, subscriber.actor)


@pytest.fixture
def tenant(lab: Lab) -> Tenant:
    return lab.partner("Fabrikam")


@pytest.fixture
def client(lab: Lab, tenant: Tenant) -> AppClient:
    return browser(lab, lab.user(tenant, Role.ADMIN_AGENT))


# --- the registration ---------------------------------------------------------------------------------------------


def test_without_a_registration_the_page_says_what_to_do(client: AppClient) -> None:
    page = client.get(ROOT)
    assert page.status_code == 200
    assert "No address is registered" in page.text
    assert f'href="{FORM}"' in page.text
    assert "Nothing is delivered yet" in client.get(LIST).text


def test_an_address_is_registered_and_the_secret_shown_once(lab: Lab, client: AppClient) -> None:
    form = client.get(FORM)
    assert [event.name for event in VENDOR_EVENTS if f'value="{event.name}"' not in form.text] == []
    assert "Nothing here announces it yet" in form.text
    made = send(client, FORM, ("url", URL), ("events", APPROVED), ("events", "invoice-ready"), ("header", "own"))
    assert made.status_code == 200
    secret = re.search(r"whsec_[A-Za-z0-9+/]{43}=", made.text)
    assert secret is not None
    page = client.get(ROOT)
    assert secret.group() not in page.text
    assert URL in page.text
    assert "x-ms-signature" in page.text
    with lab.read() as uow:
        (registration,) = uow.db.query(WebhookRegistration)
        assert (registration.url, registration.events) == (URL, [APPROVED, "invoice-ready"])
        assert (registration.in_own_header, registration.origin) == (True, "https://localhost")


def test_a_change_keeps_what_the_form_does_not_show(subscriber: Subscriber) -> None:
    subscriber.client.put(
        "/webhooks/v1/registration",
        {"webhookUrl": URL, "webhookEvents": [APPROVED], "properties": {"owner": "ops"}},
    )
    page = opened(subscriber)
    form = page.get(FORM)
    assert URL in form.text
    assert form.text.count(" checked") == 2  # the event, and where the signature stands
    answer = send(page, FORM, ("url", f"{URL}/2"), ("header", "authorization"))
    assert (answer.status_code, answer.headers["location"]) == (303, ROOT)
    changed = subscriber.client.get("/webhooks/v1/registration").json()
    assert (changed["webhookUrl"], changed["webhookEvents"], changed["properties"]) == (
        f"{URL}/2",
        [],
        {"owner": "ops"},
    )
    assert "None is chosen, so nothing is sent" in page.get(ROOT).text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([("url", ""), ("header", "own")], "Enter address."),
        ([("url", "https://10.0.0.1/x"), ("header", "own")], "leads into a private"),
        ([("url", "http://93.184.216.34/x"), ("header", "own")], "must be called by https"),
        ([("url", URL), ("events", "nothing"), ("header", "own")], "These are no events: nothing."),
        ([("url", URL), ("header", "other")], "Choose header from the list."),
    ],
)
def test_what_cannot_be_registered_stands_in_the_form(
    lab: Lab, client: AppClient, fields: list[tuple[str, str]], says: str
) -> None:
    refused = lab.nothing_changed(lambda: send(client, FORM, *fields))
    assert refused.status_code == 422
    assert says in refused.text
    assert "No address is registered" in client.get(ROOT).text


def test_a_new_secret_is_shown_once_and_signs(subscriber: Subscriber) -> None:
    made = opened(subscriber).post(f"{ROOT}/secret")
    found = re.search(r"whsec_[A-Za-z0-9+/]{43}=", made.text)
    assert (made.status_code, found is not None) == (200, True)
    assert "The secret before signs as well until" in made.text
    subscriber.approve("a")
    subscriber.go()
    (got,) = subscriber.receiver.got
    assert found is not None
    for secret in (found.group(), subscriber.secret):
        Webhook(secret).verify(got.body, got.headers)
    assert "The secret before signs until" in opened(subscriber).get(ROOT).text


def test_a_test_leads_to_its_result(subscriber: Subscriber) -> None:
    page = opened(subscriber)
    asked = page.post(f"{ROOT}/tests")
    assert asked.status_code == 303
    here = asked.headers["location"]
    waiting = page.get(here)
    assert f'hx-get="{here}"' in waiting.text  # it renews itself
    assert "Its turn comes in a moment" in waiting.text
    subscriber.go()
    done = page.get(here)
    assert "hx-trigger" not in done.text.partition('id="delivery"')[2].partition("</main>")[0]
    assert "200" in text_of(done)
    assert "Delivered" in done.text
    page.post(f"{ROOT}/tests")
    refused = subscriber.lab.nothing_changed(lambda: page.post(f"{ROOT}/tests"))
    assert (refused.status_code, refused.headers["location"]) == (303, ROOT)


def test_a_test_that_is_not_asked_for_cannot_be_sent(make_subscriber: MakeSubscriber) -> None:
    subscriber = make_subscriber(events=[APPROVED])
    page = opened(subscriber)
    assert "The registration does not ask for test-created" in page.get(ROOT).text
    assert subscriber.lab.nothing_changed(lambda: page.post(f"{ROOT}/tests")).status_code == 400


def test_a_receiver_that_takes_nothing_is_told_of_and_waits_on_the_home_page(subscriber: Subscriber) -> None:
    page = opened(subscriber)
    subscriber.receiver.answers = [500]
    subscriber.approve("a")
    subscriber.go()
    assert "Your receiver has taken nothing since 15 January 2026, 09:00 UTC." in page.get(ROOT).text
    assert "did not arrive" not in page.get("/home/notifications").text
    subscriber.go(timedelta(days=1))
    home = page.get("/home/notifications")
    assert "1 webhook delivery did not arrive" in home.text
    assert f"{LIST}?state=parked" in home.text
    page.post(f"{LIST}/{subscriber.deliveries()[0].id}/repeat")
    assert "did not arrive" not in page.get("/home/notifications").text


# --- deliveries ---------------------------------------------------------------------------------------------------


def shown(answer: httpx.Response) -> list[str]:
    """The events of the list's rows, by their links."""
    return re.findall(rf'class="table__link" href="{LIST}/([^"]+)"', answer.text)


def test_the_list_is_filtered_searched_sorted_paged_and_exported(subscriber: Subscriber) -> None:
    subscriber.approve(*[f"r{number:02}" for number in range(60)])
    subscriber.go()
    subscriber.receiver.answers = [500]
    subscriber.go(timedelta(days=2))
    subscriber.client.post("/webhooks/v1/registration/validationEvents")
    subscriber.go()
    page, all_of = opened(subscriber), [str(each.id) for each in subscriber.deliveries()]
    newest = all_of[::-1]

    first = page.get(LIST)
    assert shown(first) == newest[:50]
    after = re.search(rf'href="({LIST}\?[^"]*after=[^"]+)"', first.text)
    assert after is not None
    second = page.get(after.group(1).replace("&amp;", "&"))
    assert shown(second) == newest[50:]
    before = re.search(rf'href="({LIST}\?[^"]*before=[^"]+)"', second.text)
    assert before is not None
    assert shown(page.get(before.group(1).replace("&amp;", "&"))) == newest[:50]

    assert shown(page.get(f"{LIST}?sort=at"))[:2] == all_of[:2]
    assert shown(page.get(f"{LIST}?event=test-created")) == newest[:1]
    assert shown(page.get(f"{LIST}?why=test")) == newest[:1]
    assert shown(page.get(f"{LIST}?state=waiting")) == newest[:1]
    assert shown(page.get(f"{LIST}?q=r07")) == [all_of[7]]
    assert shown(page.get(f"{LIST}?q={all_of[3]}")) == [all_of[3]]
    assert shown(page.get(f"{LIST}?from=2026-01-17")) == newest[:1]
    assert shown(page.get(f"{LIST}?from=2026-01-15&to=2026-01-15&sort=at"))[0] == all_of[0]
    assert shown(page.get(f"{LIST}?to=2026-01-14")) == []
    assert "Nothing matches" in page.get(f"{LIST}?to=2026-01-14").text
    assert page.get(f"{LIST}?from=soon").status_code == 400

    lines = page.get(f"{LIST}?format=csv&state=waiting").text.lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("test-created,2026-01-17T09:00:00Z,,Waiting,1,500 Internal Server Error,")
    assert page.get(f"{LIST}?format=xlsx").content[:2] == b"PK"


def test_a_delivery_shows_what_was_sent_and_every_try(subscriber: Subscriber, lab: Lab) -> None:
    tenant = customer(lab, "Relecloud")
    subscriber.receiver.answers = [500, "close", 200]
    subscriber.approve("abc", of=tenant.id)
    subscriber.go(timedelta(seconds=30))
    (delivery,) = subscriber.deliveries()
    page = opened(subscriber)
    trying = page.get(f"{LIST}/{delivery.id}")
    assert "Trying again" in trying.text
    assert "Send again" not in text_of(trying)
    subscriber.go(timedelta(minutes=5))
    done = page.get(f"{LIST}/{delivery.id}")
    words = text_of(done)
    for said in (
        "Internal Server Error",
        "The answer was not HTTP",
        "after 30 s",
        "after 1 min",
        "3 of 10",
        "Relecloud",
        f"webhook-id: msg_{delivery.message_id.hex}",
        "Authorization: Signature ",
        "webhook-signature: v1,",
        "thanks",
        "&#34;EventName&#34;: &#34;granular-admin-relationship-approved&#34;",
        "Send it again?",
    ):
        assert said in words, said
    assert f'href="/customers/{tenant.id}"' in done.text
    link = re.search(r'href="(/activity-log/[^"]+)"', done.text)
    assert link is not None
    assert page.get(link.group(1)).status_code == 200


def test_a_delivery_is_sent_again_from_its_page_and_only_once(subscriber: Subscriber) -> None:
    subscriber.approve("a")
    subscriber.go()
    (first,) = subscriber.deliveries()
    page = opened(subscriber)
    answer = page.post(f"{LIST}/{first.id}/repeat")
    again = subscriber.deliveries()[1]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{again.id}")
    subscriber.go()
    assert subscriber.approved() == ["a", "a"]
    assert f'href="{LIST}/{again.id}"' in page.get(f"{LIST}/{first.id}").text
    assert f'href="{LIST}/{first.id}"' in page.get(f"{LIST}/{again.id}").text
    refused = subscriber.lab.nothing_changed(lambda: page.post(f"{LIST}/{first.id}/repeat"))
    assert refused.status_code == 409


def test_several_are_sent_again_at_once_and_each_refusal_is_told(subscriber: Subscriber) -> None:
    subscriber.approve("a", "b")
    subscriber.go()
    subscriber.receiver.answers = [500]
    subscriber.approve("c")
    subscriber.go()
    page = opened(subscriber)
    chosen = [("selected", str(each.id)) for each in subscriber.deliveries()]
    answer = send(page, f"{LIST}/repeat", *chosen, ("selected", "x"))
    assert answer.headers["location"] == LIST
    said = AppClient.get(
        page.with_headers(cookie=f"{page._client.headers['cookie']}; {answer.headers['set-cookie']}"), LIST
    )
    assert "2 deliveries are sent again. This delivery is still on its way." in said.text
    assert [each.repeats is not None for each in subscriber.deliveries()] == [False, False, False, True, True]
    none = subscriber.lab.nothing_changed(lambda: page.post(f"{LIST}/repeat"))
    many = subscriber.lab.nothing_changed(lambda: send(page, f"{LIST}/repeat", *[("selected", str(uuid4()))] * 26))
    assert (none.status_code, many.status_code) == (303, 303)


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ROOT, FORM, LIST])
def test_who_may_not_read_is_told_which_role_would_open_it(lab: Lab, tenant: Tenant, path: str) -> None:
    client = browser(lab, lab.user(tenant, Role.REFERRALS_ADMIN))
    page = client.get(path)
    assert (page.status_code, "You need permission" in page.text) == (403, True)


@pytest.mark.parametrize("path", [FORM, f"{ROOT}/secret", f"{ROOT}/tests", f"{LIST}/repeat"])
def test_who_may_not_write_changes_nothing(subscriber: Subscriber, path: str) -> None:
    lab = subscriber.lab
    client = browser(lab, lab.user(subscriber.tenant, Role.REFERRALS_ADMIN))
    fields = [("url", URL), ("header", "own"), ("selected", str(uuid4()))]
    assert lab.nothing_changed(lambda: send(client, path, *fields)).status_code == 403


def test_anothers_delivery_does_not_exist(subscriber: Subscriber, client: AppClient) -> None:
    subscriber.approve("a")
    subscriber.go()
    (delivery,) = subscriber.deliveries()
    assert client.get(f"{LIST}/{delivery.id}").status_code == 404
    assert subscriber.lab.nothing_changed(lambda: client.post(f"{LIST}/{delivery.id}/repeat")).status_code == 404
    assert shown(client.get(LIST)) == []


def test_the_state_and_the_origin_of_each_delivery_have_words(subscriber: Subscriber) -> None:
    with subscriber.lab.begin(subscriber.actor) as uow:
        service.fire_webhook_event(
            uow, service.Fired("invoice-ready", f"{subscriber.receiver.url}/x", "{}", "https://localhost")
        )
    subscriber.receiver.answers = [500]
    subscriber.go()
    (delivery,) = subscriber.deliveries()
    assert (delivery.why, delivery.state) == (Origin.FIRED, State.PARKED)
    words = text_of(opened(subscriber).get(f"{LIST}/{delivery.id}"))
    assert "Not delivered" in words
    assert "Fired by hand" in words
    assert "1 of 1" in words


# --- firing -------------------------------------------------------------------------------------------------------

FIRE = f"{ROOT}/fire"


def test_every_event_of_the_list_has_an_example_that_is_its_own(client: AppClient) -> None:
    for event in VENDOR_EVENTS:
        page = client.get(f"{FIRE}?event_name={event.name}")
        body = json.loads(html.unescape(re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page.text)[0]))
        assert (body["EventName"], body.get("ResourceName")) == (event.name, event.resource_name)
        assert f'<option value="{event.name}" selected>' in page.text


def test_an_event_is_fired_and_begun_from_again(client: AppClient, subscriber: Subscriber) -> None:
    fields = {"event_name": "invoice-ready", "url": f"{subscriber.receiver.url}/mine", "body": '{"Any": "thing"}'}
    answer = send(client, FIRE, *fields.items())
    assert answer.status_code == 303
    subscriber.go()
    (got,) = subscriber.receiver.got
    assert (got.path, got.body) == ("/mine", b'{"Any": "thing"}')
    here = answer.headers["location"]
    assert "Delivered" in client.get(here).text
    page = client.get(FIRE)
    key = here.rpartition("/")[2]
    assert f'href="{LIST}/{key}"' in page.text
    assert f'href="{FIRE}?from={key}"' in page.text
    begun = client.get(f"{FIRE}?from={key}")
    assert f'value="{subscriber.receiver.url}/mine"' in begun.text
    assert "&#34;Any&#34;: &#34;thing&#34;" in begun.text
    assert opened(subscriber).get(f"{FIRE}?from={key}").status_code == 404
    assert client.get(f"{FIRE}?from=x").status_code == 404


def test_the_example_can_be_loaded_without_a_script(client: AppClient) -> None:
    page = send(client, FIRE, ("event_name", "referral-created"), ("url", URL), ("body", "{"), ("step", "example"))
    assert page.status_code == 200
    assert f'value="{URL}"' in page.text
    assert "&#34;EventName&#34;: &#34;referral-created&#34;" in page.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "https://10.0.0.1/x"}, "leads into a private"),
        ({"url": "https://169.254.169.254/latest"}, "leads into a private"),
        ({"url": ""}, "Enter address."),
        ({"body": "{"}, "The body is not JSON"),
        ({"body": "[]"}, "The body must be a JSON object"),
        ({"event_name": "nothing"}, "Choose an event of the list."),
    ],
)
def test_what_cannot_be_fired_stands_in_the_form(
    lab: Lab, client: AppClient, fields: dict[str, str], says: str
) -> None:
    sent = {"event_name": "invoice-ready", "url": URL, "body": "{}", **fields}
    refused = lab.nothing_changed(lambda: send(client, FIRE, *sent.items()))
    assert (refused.status_code, says in text_of(refused)) == (422, True)
    assert shown(client.get(LIST)) == []


def test_in_production_this_machine_is_private_too(lab: Lab, client: AppClient) -> None:
    lab.world.outgoing = Outgoing.of(replaced(lab, profile=Profile.PRODUCTION))
    sent = {"event_name": "invoice-ready", "url": "http://127.0.0.1:9/x", "body": "{}"}
    refused = lab.nothing_changed(lambda: send(client, FIRE, *sent.items()))
    assert (refused.status_code, "leads into a private, loopback" in refused.text) == (422, True)
    lab.world.outgoing = Outgoing.of(replaced(lab, profile=Profile.SANDBOX))
    assert send(client, FIRE, *sent.items()).status_code == 303


def test_who_may_not_fire_is_told_so(lab: Lab, tenant: Tenant) -> None:
    client = browser(lab, lab.user(tenant, Role.REFERRALS_ADMIN))
    assert client.get(FIRE).status_code == 403
    sent = [("event_name", "invoice-ready"), ("url", URL), ("body", "{}")]
    refused = lab.nothing_changed(lambda: send(client, FIRE, *sent))
    assert refused.status_code == 403
