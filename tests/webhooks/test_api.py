"""``/webhooks/v1`` on the wire, whole bodies against the examples of the reference; refusals change nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from openpartner.edge.hosts import CERTIFICATE_HOST
from openpartner.identity.resources import AZURE_CLI
from openpartner.platform.actor import TenantKind
from openpartner.platform.outgoing.calling import Outgoing
from openpartner.platform.permissions import Role
from openpartner.webhooks.models import WebhookRegistration
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS
from tests.support import scene
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.receiver import Receiver
from tests.webhooks.conftest import APPROVED, MakeSubscriber, Subscriber

REGISTRATION = "/webhooks/v1/registration"
TESTS = f"{REGISTRATION}/validationEvents"
URL = "https://93.184.216.34/hook"
BODY = {"WebhookUrl": URL, "WebhookEvents": ["subscription-updated", "test-created"]}


@pytest.fixture
def client(lab: Lab) -> AppClient:
    return lab.client(lab.user(lab.partner(), Role.ADMIN_AGENT))


def test_a_registration_is_made_read_and_replaced(lab: Lab, client: AppClient) -> None:
    made = client.post(REGISTRATION, BODY)
    assert made.status_code == 200
    body = made.json()
    assert body == {
        "subscriberId": body["subscriberId"],
        "webhookUrl": URL,
        "webhookEvents": ["test-created", "subscription-updated"],
        "signatureTokenToMsSignatureHeader": False,
        "lastModifiedTimestamp": "2026-01-15T09:00:00Z",
    }
    assert client.get(REGISTRATION).json() == body

    lab.set_clock(lab.now + timedelta(days=1))
    changed = client.put(
        REGISTRATION,
        {
            "WebhookUrl": f"{URL}/2",
            "WebhookEvents": ["invoice-ready"],
            "SignatureTokenToMsSignatureHeader": True,
            "Properties": {"owner": "ops"},
        },
    )
    assert (changed.status_code, changed.json()) == (
        200,
        {
            "subscriberId": body["subscriberId"],
            "webhookUrl": f"{URL}/2",
            "webhookEvents": ["invoice-ready"],
            "signatureTokenToMsSignatureHeader": True,
            "properties": {"owner": "ops"},
            "lastModifiedTimestamp": "2026-01-16T09:00:00Z",
        },
    )
    assert client.get(REGISTRATION).json() == changed.json()
    (event,) = lab.events("WebhookRegistrationChanged")
    assert (event["before"]["webhookUrl"], event["after"]["webhookUrl"]) == (URL, f"{URL}/2")
    assert "secret" not in str(lab.events()).lower()


def test_putting_what_is_there_says_nothing(lab: Lab, client: AppClient) -> None:
    client.post(REGISTRATION, BODY)
    answer = lab.nothing_changed(lambda: client.put(REGISTRATION, BODY))
    assert answer.status_code == 200


def test_a_second_registration_is_a_conflict(lab: Lab, client: AppClient) -> None:
    client.post(REGISTRATION, BODY)
    refused = lab.nothing_changed(lambda: client.post(REGISTRATION, {**BODY, "WebhookUrl": f"{URL}/other"}))
    assert (refused.status_code, refused.json()["description"]) == (
        409,
        "This account has a webhook registration. Use PUT to change it.",
    )
    assert client.get(REGISTRATION).json()["webhookUrl"] == URL


def test_a_retry_with_its_request_id_is_no_second_one(client: AppClient) -> None:
    again = client.with_headers(MS_RequestId=str(uuid4()))
    first, second = (again.post(REGISTRATION, BODY) for _ in range(2))
    assert (first.status_code, second.content) == (200, first.content)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_without_a_registration_there_is_none(lab: Lab, client: AppClient, method: str) -> None:
    refused = lab.nothing_changed(lambda: client.request(method, REGISTRATION, None if method == "GET" else BODY))
    assert (refused.status_code, refused.json()["code"]) == (404, 1000)
    assert refused.json()["description"] == "This account has no webhook registration. Use POST to make one."


def test_each_tenant_has_its_own(lab: Lab, client: AppClient) -> None:
    client.post(REGISTRATION, BODY)
    other = lab.client(lab.user(lab.partner("Fabrikam"), Role.GLOBAL_ADMIN))
    assert other.get(REGISTRATION).status_code == 404
    assert other.post(REGISTRATION, BODY).status_code == 200


def test_the_events_are_a_bare_array_of_all_names(client: AppClient) -> None:
    answer = client.get("/webhooks/v1/registration/events")
    assert (answer.status_code, answer.json()) == (200, [event.name for event in VENDOR_EVENTS])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "webhookUrl is missing"),
        ({"webhookUrl": URL}, "webhookEvents is missing"),
        ({"webhookUrl": URL, "webhookEvents": ["nothing"]}, "These are no events: nothing."),
        ({"webhookUrl": "hook", "webhookEvents": []}, "hook is not an address"),
        ({"webhookUrl": "http://93.184.216.34/x", "webhookEvents": []}, "must be called by https"),
        ({"webhookUrl": "https://10.0.0.1/x", "webhookEvents": []}, "leads into a private"),
        ({"webhookUrl": "https://169.254.169.254/latest", "webhookEvents": []}, "leads into a private"),
        ({"webhookUrl": "https://u:p@93.184.216.34/x", "webhookEvents": []}, "must not hold a user name"),
    ],
)
def test_what_cannot_be_registered_is_refused(lab: Lab, client: AppClient, body: dict[str, Any], says: str) -> None:
    refused = lab.nothing_changed(lambda: client.post(REGISTRATION, body))
    assert (refused.status_code, refused.json()["code"]) == (400, 800002)
    assert says in refused.json()["description"]
    assert client.get(REGISTRATION).status_code == 404


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost:9/x", "https://[::1]/x"])
def test_only_a_sandbox_takes_its_own_machine(lab: Lab, client: AppClient, url: str) -> None:
    body = {"webhookUrl": url, "webhookEvents": []}
    sandbox, lab.world.outgoing = lab.world.outgoing, Outgoing()
    assert client.post(REGISTRATION, body).status_code == 400
    lab.world.outgoing = sandbox
    assert client.post(REGISTRATION, body).status_code == 200


def test_a_name_that_now_leads_elsewhere_is_refused_at_each_delivery(
    lab: Lab, make_subscriber: MakeSubscriber, receiver: Receiver
) -> None:
    """Registered while it was public; by the time of the delivery its owner points it at this machine."""
    port = receiver.url.rpartition(":")[2]
    subscriber = make_subscriber(url=f"https://hooks.example.com:{port}/x")
    lab.world.outgoing = replace(Outgoing(), resolve=lambda _host, _port: ["127.0.0.1"])
    subscriber.approve("a")
    subscriber.go()
    assert receiver.got == []
    (attempt,) = subscriber.tries(subscriber.deliveries()[0])
    assert (attempt.status, attempt.why) == (
        None,
        (
            "hooks.example.com leads into a private, loopback, link-local or otherwise special network. "
            "Give an address that everybody on the internet can reach."
        ),
    )


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.GLOBAL_ADMIN, 200),
        (Role.BILLING_ADMIN, 200),
        (Role.ADMIN_AGENT, 200),
        (Role.SALES_AGENT, 200),
        (Role.HELPDESK_AGENT, 200),
        (Role.USER_ADMIN, 403),
        (Role.REFERRALS_ADMIN, 403),
    ],
)
def test_the_roles_that_the_page_names(lab: Lab, role: Role, status: int) -> None:
    client = lab.client(lab.user(lab.partner(), role))
    assert client.post(REGISTRATION, BODY).status_code == status
    assert client.get("/webhooks/v1/registration/events").status_code == status


def test_an_application_alone_may_a_customer_may_not(lab: Lab) -> None:
    tenant = lab.partner()
    with lab.begin() as uow:
        app = scene.app(uow, tenant, AZURE_CLI)
    assert lab.client(app).post(REGISTRATION, BODY).status_code == 200
    admin = lab.user(lab.tenant(TenantKind.CUSTOMER, "Relecloud"), Role.CUSTOMER_GLOBAL_ADMIN)
    assert lab.client(admin).post(REGISTRATION, BODY).status_code == 403
    assert lab.client().get(REGISTRATION).status_code == 401


# --- test events --------------------------------------------------------------------------------------------------


def test_a_test_is_asked_for_delivered_and_read(subscriber: Subscriber) -> None:
    asked = subscriber.client.post(TESTS)
    assert asked.status_code == 200
    key = asked.json()["correlationId"]
    assert asked.json() == {"correlationId": key}
    waiting = {
        "correlationId": key,
        "partnerId": str(subscriber.tenant.id),
        "status": "pending",
        "callbackUrl": f"{subscriber.receiver.url}/hook",
        "results": [],
    }
    assert subscriber.client.get(f"{TESTS}/{key}").json() == waiting
    subscriber.go()
    (got,) = subscriber.receiver.got
    assert got.body.decode() == (
        f'{{"EventName":"test-created","ResourceUri":"https://localhost/webhooks/v1/registration/validationEvents/{key}",'
        '"ResourceName":"test","AuditUri":null,"ResourceChangeUtcDate":"2026-01-15T09:00:00.0000000+00:00"}'
    )
    assert subscriber.client.get(f"{TESTS}/{key}").json() == {
        **waiting,
        "status": "completed",
        "results": [
            {
                "responseCode": "OK",
                "responseMessage": "",
                "systemError": False,
                "dateTimeUtc": "2026-01-15T09:00:00.0000000",
            }
        ],
    }


def test_each_try_of_a_test_has_its_result(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500, "close", 204]
    key = subscriber.client.post(TESTS).json()["correlationId"]
    subscriber.go(timedelta(seconds=90))
    body = subscriber.client.get(f"{TESTS}/{key}").json()
    assert body["status"] == "completed"
    assert [(each["responseCode"], each["systemError"], each["responseMessage"][:24]) for each in body["results"]] == [
        ("InternalServerError", False, "thanks"),
        ("", True, "The answer was not HTTP:"),
        ("NoContent", False, ""),
    ]


def test_a_test_does_not_wait_behind_what_is_not_taken(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500, 200]
    subscriber.approve("a")
    subscriber.go()
    key = subscriber.client.post(TESTS).json()["correlationId"]
    subscriber.go()
    assert subscriber.client.get(f"{TESTS}/{key}").json()["status"] == "completed"


def test_a_test_that_nobody_takes_fails(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500]
    key = subscriber.client.post(TESTS).json()["correlationId"]
    subscriber.go(timedelta(days=1))
    body = subscriber.client.get(f"{TESTS}/{key}").json()
    assert (body["status"], len(body["results"])) == ("failed", 10)


def test_two_a_minute(subscriber: Subscriber) -> None:
    for _ in range(2):
        assert subscriber.client.post(TESTS).status_code == 200
    refused = subscriber.lab.nothing_changed(lambda: subscriber.client.post(TESTS))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    subscriber.go(timedelta(seconds=60))
    assert subscriber.client.post(TESTS).status_code == 200
    assert len(subscriber.receiver.got) == 2


def test_a_test_is_kept_for_seven_days(subscriber: Subscriber) -> None:
    subscriber.receiver.answers = [500]
    key = subscriber.client.post(TESTS).json()["correlationId"]
    subscriber.go(timedelta(days=7) - timedelta(seconds=1))
    assert subscriber.client.get(f"{TESTS}/{key}").status_code == 200
    subscriber.go(timedelta(seconds=1))
    assert subscriber.client.get(f"{TESTS}/{key}").status_code == 404
    assert subscriber.deliveries() == []


def test_a_test_needs_a_registration_that_asks_for_it(
    lab: Lab, client: AppClient, make_subscriber: MakeSubscriber
) -> None:
    assert lab.nothing_changed(lambda: client.post(TESTS)).status_code == 404
    subscriber = make_subscriber("Fabrikam", events=[APPROVED])
    refused = lab.nothing_changed(lambda: subscriber.client.post(TESTS))
    assert (refused.status_code, refused.json()["description"]) == (
        400,
        "The registration does not ask for test-created. Add it to webhookEvents first.",
    )


def test_anothers_test_does_not_exist(subscriber: Subscriber, lab: Lab) -> None:
    key = subscriber.client.post(TESTS).json()["correlationId"]
    other = lab.client(lab.user(lab.partner("Fabrikam"), Role.ADMIN_AGENT))
    assert other.get(f"{TESTS}/{key}").status_code == 404
    assert subscriber.client.get(f"{TESTS}/{uuid4()}").status_code == 404


# --- what we are called -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("api.partnercenter.microsoft.com", "https://api.partnercenter.microsoft.com"),
        ("localhost", "https://localhost"),
        ("evil.example.com", "https://localhost"),
    ],
)
def test_deliveries_call_us_as_the_registrant_did_or_by_our_own_name(lab: Lab, host: str, origin: str) -> None:
    tenant = lab.partner()
    client = lab.client(lab.user(tenant, Role.ADMIN_AGENT), host=host)
    assert client.post(REGISTRATION, BODY).status_code == 200
    with lab.read() as uow:
        assert uow.db.scalars(select(WebhookRegistration.origin)).all() == [origin]


def test_who_knows_us_by_the_vendors_name_gets_the_vendors_addresses(lab: Lab, make_subscriber: MakeSubscriber) -> None:
    subscriber = make_subscriber()
    vendor = lab.client(subscriber.actor, host="api.partnercenter.microsoft.com")
    body = {"webhookUrl": f"{subscriber.receiver.url}/hook", "webhookEvents": ["test-created", APPROVED]}
    assert vendor.put(REGISTRATION, body).status_code == 200
    subscriber.approve("a")
    vendor.post(TESTS)
    subscriber.go()
    first, second = sorted(subscriber.receiver.got, key=lambda got: got.body)
    assert b'"AuditUri":"https://api.partnercenter.microsoft.com/auditactivity/v1/auditrecords/' in first.body
    assert b'"ResourceUri":"http://api.partnercenter.microsoft.com/webhooks/v1/' in second.body
    assert first.headers["x-ms-certificate-url"].startswith(f"https://{CERTIFICATE_HOST}/cert/")
