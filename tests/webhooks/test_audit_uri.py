"""What AuditUri leads to, read as a public consumer reads it: the steps of CIPP's webhook for granular delegation."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from openpartner.platform.events import Event
from openpartner.platform.permissions import Role
from openpartner.relationships.events.assignments import AccessAssignmentCreated
from openpartner.relationships.events.granular import AdminRelationshipApproved
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.webhooks.conftest import MakeSubscriber, Subscriber, customer


def consume(client: AppClient, body: dict[str, Any]) -> dict[str, Any]:
    """Check the address, follow it, parse ``resourceNewValue``; names are read in any case, as PowerShell does."""
    uri = urlsplit(body["AuditUri"])
    assert (uri.scheme, uri.hostname) == ("https", "api.partnercenter.microsoft.com")
    answer = client.get(uri.path)
    assert answer.status_code == 200
    return dict(json.loads(answer.json()["resourceNewValue"]))


@pytest.fixture
def subscriber(make_subscriber: MakeSubscriber) -> Subscriber:
    """Registered as CIPP does: under the vendor's host name, for the events it needs."""
    made = make_subscriber()
    body = {"WebhookUrl": f"{made.receiver.url}/api/PublicWebhooks?CIPPID=1&Type=PartnerCenter", "WebhookEvents": []}
    events = ["test-created", "granular-admin-relationship-approved", "granular-admin-access-assignment-created"]
    vendor = made.lab.client(made.actor, host="api.partnercenter.microsoft.com")
    assert vendor.put("/webhooks/v1/registration", {**body, "WebhookEvents": events}).status_code == 200
    return made


def told(subscriber: Subscriber, fact: Event) -> dict[str, Any]:
    with subscriber.lab.begin() as uow:
        uow.emit(fact)
    subscriber.go()
    return dict(json.loads(subscriber.receiver.got[-1].body))


def test_an_approved_relationship_says_its_id_and_its_customer(subscriber: Subscriber) -> None:
    relecloud = customer(subscriber.lab)
    body = told(
        subscriber,
        AdminRelationshipApproved(
            partner_id=subscriber.tenant.id,
            customer_id=relecloud.id,
            relationship_id="r-1",
            display_name="Relecloud support",
            approved_by="Customer",
            after={"status": "approved"},
        ),
    )
    assert body["EventName"] == "granular-admin-relationship-approved"
    assert consume(subscriber.client, body) == {
        "Id": "r-1",
        "DisplayName": "Relecloud support",
        "RelationshipId": "r-1",
        "Customer": {
            "TenantId": str(relecloud.id),
            "DisplayName": "Relecloud",
            "OrganizationDisplayName": "Relecloud",
        },
        "Status": "approved",
    }
    assert subscriber.receiver.got[-1].path == "/api/PublicWebhooks?CIPPID=1&Type=PartnerCenter"


def test_an_assignment_says_its_relationship_too(subscriber: Subscriber) -> None:
    relecloud = customer(subscriber.lab)
    body = told(
        subscriber,
        AccessAssignmentCreated(
            partner_id=subscriber.tenant.id,
            customer_id=relecloud.id,
            assignment_id=relecloud.id,
            relationship_id="r-1",
            group_id=relecloud.id,
        ),
    )
    assert body["ResourceUri"] == (
        f"https://partner.microsoft.com/granularAdminRelationships/r-1/accessAssignments/{relecloud.id}"
    )
    shown = consume(subscriber.client, body)
    assert (shown["Id"], shown["RelationshipId"]) == (str(relecloud.id), "r-1")
    assert shown["Customer"]["TenantId"] == str(relecloud.id)


def test_anothers_record_does_not_exist(lab: Lab, subscriber: Subscriber) -> None:
    body = told(
        subscriber,
        AdminRelationshipApproved(
            partner_id=subscriber.tenant.id,
            customer_id=customer(lab).id,
            relationship_id="r-1",
            display_name="d",
            approved_by="Customer",
        ),
    )
    other = lab.client(lab.user(lab.partner("Fabrikam"), Role.ADMIN_AGENT))
    assert other.get(urlsplit(body["AuditUri"]).path).status_code == 404
