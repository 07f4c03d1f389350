"""Our own routes beside the original's: a secret that can be had, what was delivered, firing, one more time."""

import json

from standardwebhooks import Webhook

from openpartner.platform.permissions import Role
from tests.webhooks.conftest import Subscriber


def test_a_secret_is_had_a_delivery_listed_fired_and_sent_again(subscriber: Subscriber) -> None:
    client, receiver = subscriber.client, subscriber.receiver
    secret = client.post("/webhooks/v1/registration/secret").json()["secret"]
    fired = client.post(
        "/webhooks/v1/deliveries", {"eventName": "invoice-ready", "url": receiver.url, "body": json.dumps({"a": 1})}
    )
    assert fired.status_code == 202
    subscriber.go()
    Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    (line,) = client.get("/webhooks/v1/deliveries?state=delivered&eventName=invoice-ready").json()["items"]
    assert (line["id"], line["why"], line["tries"], line["lastStatus"]) == (fired.json()["id"], "fired", 1, 200)
    assert client.get("/webhooks/v1/deliveries?state=parked").json()["items"] == []
    again = client.post(f"/webhooks/v1/deliveries/{line['id']}/repeat")
    assert again.status_code == 202
    subscriber.go()
    assert [got.body for got in receiver.got] == [b'{"a": 1}', b'{"a": 1}']


def test_addresses_and_roles_are_asked_for_first(subscriber: Subscriber) -> None:
    body = {"eventName": "invoice-ready", "url": "https://169.254.169.254/x", "body": "{}"}
    refused = subscriber.lab.nothing_changed(lambda: subscriber.client.post("/webhooks/v1/deliveries", body))
    assert (refused.status_code, refused.json()["code"]) == (400, 800002)
    other = subscriber.lab.client(subscriber.lab.user(subscriber.tenant, Role.REFERRALS_ADMIN))
    assert other.post("/webhooks/v1/deliveries", body).status_code == 403
    assert other.get("/webhooks/v1/deliveries").status_code == 403
    assert other.post("/webhooks/v1/registration/secret").status_code == 403
