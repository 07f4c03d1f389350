"""The table of events against the reference, names by themselves, pauses, rates: by table."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import openpartner.app
from openpartner.customers.events import DelegatedAccessRemoved
from openpartner.identity.events import UserCreated
from openpartner.platform.errors import Invalid, TooManyRequests
from openpartner.platform.events import Event
from openpartner.relationships.events import assignments, granular
from openpartner.relationships.events.reselling import ResellerRelationshipAcceptedByCustomer
from openpartner.subscriptions import events as subscriptions
from openpartner.webhooks.events import WebhookTestCreated
from openpartner.webhooks.rules import bodies
from openpartner.webhooks.rules.deliveries import PAUSES, TRIES, State, after_try, next_try_at
from openpartner.webhooks.rules.registrations import check_test_rate, chosen_events
from openpartner.webhooks.rules.vendor_events import EVENT_OF_NAME, VENDOR_EVENTS, events_of, is_announced
from tests.support.lab import START

assert openpartner.app.API  # every slice's facts are known once the composition root is

PARTNER, CUSTOMER, THING = UUID(int=1), UUID(int=2), UUID(int=3)
VENDOR = bodies.VENDOR_ORIGIN

# Source: partner-center-webhook-events of October 2023, the examples. Name, ResourceName, ResourceUri with our ids
REFERENCE = f"""
test-created | test | http://api.partnercenter.microsoft.com/webhooks/v1/registration/validationEvents/R
subscription-updated | subscription | http://api.partnercenter.microsoft.com/webhooks/v1/customers/{CUSTOMER}/subscriptions/R
usagerecords-thresholdExceeded | usagerecords | https://api.partnercenter.microsoft.com/v1/customers/usagerecords
referral-created | referral | https://api.partnercenter.microsoft.com/engagements/v1/referrals/R
referral-updated | referral | https://api.partnercenter.microsoft.com/engagements/v1/referrals/R
related-referral-updated | referral | https://api.partnercenter.microsoft.com/engagements/v1/referrals/R
related-referral-created | referral | https://api.partnercenter.microsoft.com/engagements/v1/referrals/R
granular-admin-relationship-approved | GranularAdminRelationship | https://partner.microsoft.com/granularAdminRelationships/R
granular-admin-relationship-activated | GranularAdminRelationship | https://partner.microsoft.com/granularAdminRelationships/R
granular-admin-relationship-terminated | GranularAdminRelationship | https://partner.microsoft.com/granularAdminRelationships/R
granular-admin-relationship-expired | GranularAdminRelationship | https://partner.microsoft.com/granularAdminRelationships/R
granular-admin-access-assignment-created | GranularAdminAccessAssignment | https://partner.microsoft.com/granularAdminRelationships/L/accessAssignments/R
granular-admin-access-assignment-activated | GranularAdminAccessAssignment | https://partner.microsoft.com/granularAdminRelationships/L/accessAssignments/R
granular-admin-access-assignment-updated | GranularAdminAccessAssignment | https://partner.microsoft.com/granularAdminRelationships/L/accessAssignments/R
granular-admin-access-assignment-deleted | GranularAdminAccessAssignment | https://partner.microsoft.com/granularAdminRelationships/L/accessAssignments/R
reseller-relationship-accepted-by-customer | Customer | https://api.partnercenter.microsoft.com/v1/customers/{CUSTOMER}
dap-admin-relationship-terminated-by-microsoft | PartnerCustomerDap |
dap-admin-relationship-approved | PartnerCustomerDap |
dap-admin-relationship-terminated | PartnerCustomerDap |
azure-fraud-event-detected | | https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId=R&EventStatus=Active
invoice-ready | invoice | https://api.partnercenter.microsoft.com/v1/invoices/R
"""
ONLY_NAMED = {
    "subscription-pending",
    "subscription-active",
    "subscription-renewed",
    "indirect-reseller-relationship-accepted-by-customer",
    "new-commerce-migration-created",
    "new-commerce-migration-completed",
    "new-commerce-migration-failed",
    "new-commerce-migration-schedule-failed",
}
"""In lists of names without an example."""


def reference_rows() -> list[tuple[str, str, str]]:
    rows = [line.split("|") for line in REFERENCE.strip().splitlines()]
    return [(name.strip(), resource.strip(), uri.strip()) for name, resource, uri in rows]


@pytest.mark.parametrize(("name", "resource_name", "uri"), reference_rows())
def test_each_event_says_what_its_example_says(name: str, resource_name: str, uri: str) -> None:
    event = EVENT_OF_NAME[name.lower()]
    values = {"customer": str(CUSTOMER), "resource": "R", "relationship": "L"}
    body = json.loads(bodies.body_of(event, bodies.resource_uri(event, VENDOR, values), None, START))
    assert body == {
        "EventName": name,
        "ResourceUri": uri or None,
        **({"ResourceName": resource_name} if resource_name else {}),
        "AuditUri": None,
        "ResourceChangeUtcDate": "2026-01-15T09:00:00.0000000+00:00",
    }


def test_the_list_is_the_references() -> None:
    assert {event.name for event in VENDOR_EVENTS} == {name for name, _, _ in reference_rows()} | ONLY_NAMED
    assert len(EVENT_OF_NAME) == len(VENDOR_EVENTS)


def test_an_origin_of_our_own_is_not_made_plain() -> None:
    assert bodies.plain_origin("https://partner.example.com") == "https://partner.example.com"
    assert bodies.plain_origin(VENDOR) == "http://api.partnercenter.microsoft.com"


OF_SUBSCRIPTION: dict[str, Any] = {
    "partner_id": PARTNER,
    "customer_id": CUSTOMER,
    "subscription_id": THING,
    "order_id": "o",
}
PRICED: dict[str, Any] = {"currency": "USD"}


def status(before: str, after: str) -> Event:
    return subscriptions.SubscriptionStatusChanged(
        **OF_SUBSCRIPTION, **PRICED, status_before=before, status_after=after, credit_minor=0
    )


def opened(state: str) -> Event:
    return subscriptions.SubscriptionOpened(
        **OF_SUBSCRIPTION, **PRICED, catalog_item_id="i", quantity=1, charged_minor=0, after={"status": state}
    )


def accepted(told: UUID, reseller_id: UUID | None = None) -> Event:
    return ResellerRelationshipAcceptedByCustomer(
        partner_id=told, customer_id=CUSTOMER, commerce_id=THING, seller_id=PARTNER, reseller_id=reseller_id
    )


OF_RELATIONSHIP: dict[str, Any] = {"partner_id": PARTNER, "customer_id": CUSTOMER, "relationship_id": "L"}
NAMED: dict[str, Any] = {**OF_RELATIONSHIP, "display_name": "d"}
OF_ASSIGNMENT: dict[str, Any] = {**OF_RELATIONSHIP, "assignment_id": THING, "group_id": THING}
UPDATED, ACTIVE = "subscription-updated", "subscription-active"
ACCEPTED = "reseller-relationship-accepted-by-customer"


@pytest.mark.parametrize(
    ("fact", "names"),
    [
        (WebhookTestCreated(partner_id=PARTNER, test_id=THING), ["test-created"]),
        (status("active", "suspended"), [UPDATED]),
        (status("pending", "active"), [UPDATED, ACTIVE]),
        (status("suspended", "active"), [UPDATED]),
        (opened("pending"), ["subscription-pending"]),
        (opened("active"), [ACTIVE]),
        (
            subscriptions.SubscriptionQuantityChanged(
                **OF_SUBSCRIPTION, **PRICED, quantity_before=1, quantity_after=2, net_minor=1
            ),
            [UPDATED],
        ),
        (subscriptions.SubscriptionUpdated(**OF_SUBSCRIPTION), [UPDATED]),
        (subscriptions.SubscriptionActivated(**OF_SUBSCRIPTION), [UPDATED]),
        (subscriptions.SupportContactChanged(**OF_SUBSCRIPTION), []),
        (subscriptions.AzureEntitlementChanged(**OF_SUBSCRIPTION, entitlement_id=THING, is_active=True), []),
        (accepted(PARTNER), [ACCEPTED]),
        (accepted(PARTNER, reseller_id=THING), [ACCEPTED, f"indirect-{ACCEPTED}"]),
        (accepted(THING, reseller_id=THING), [f"indirect-{ACCEPTED}"]),
        (
            DelegatedAccessRemoved(partner_id=PARTNER, customer_id=CUSTOMER, commerce_id=THING),
            ["dap-admin-relationship-terminated"],
        ),
        (granular.AdminRelationshipCreated(**NAMED), []),
        (granular.AdminRelationshipLocked(**NAMED), []),
        (
            granular.AdminRelationshipApproved(**NAMED, approved_by="Customer"),
            ["granular-admin-relationship-approved"],
        ),
        (granular.AdminRelationshipActivating(**NAMED), []),
        (granular.AdminRelationshipActivated(**NAMED), ["granular-admin-relationship-activated"]),
        (granular.AdminRelationshipExtended(**NAMED), []),
        (granular.AdminRelationshipTerminationRequested(**NAMED, requested_by="Partner"), []),
        (granular.AdminRelationshipTerminated(**NAMED), ["granular-admin-relationship-terminated"]),
        (granular.AdminRelationshipExpired(**NAMED), ["granular-admin-relationship-expired"]),
        (assignments.AccessAssignmentCreated(**OF_ASSIGNMENT), ["granular-admin-access-assignment-created"]),
        (assignments.AccessAssignmentActivated(**OF_ASSIGNMENT), ["granular-admin-access-assignment-activated"]),
        (assignments.AccessAssignmentFailed(**OF_ASSIGNMENT, problem="p"), []),
        (assignments.AccessAssignmentUpdated(**OF_ASSIGNMENT), ["granular-admin-access-assignment-updated"]),
        (assignments.AccessAssignmentDeleted(**OF_ASSIGNMENT), ["granular-admin-access-assignment-deleted"]),
        (UserCreated(partner_id=PARTNER, tenant_id=PARTNER, user_id=THING), []),
    ],
    ids=lambda value: value.kind() if isinstance(value, Event) else "",
)
def test_which_events_tell_a_fact(fact: Event, names: list[str]) -> None:
    assert [event.name for event in events_of(fact)] == names


NOT_YET = {
    "dap-admin-relationship-approved",
    "dap-admin-relationship-terminated-by-microsoft",
    "invoice-ready",
    "usagerecords-thresholdExceeded",
    "referral-created",
    "referral-updated",
    "related-referral-created",
    "related-referral-updated",
    "new-commerce-migration-created",
    "new-commerce-migration-completed",
    "new-commerce-migration-failed",
    "new-commerce-migration-schedule-failed",
    "azure-fraud-event-detected",
}


def test_what_nothing_here_announces_yet_is_known_to_be_so() -> None:
    """The page says so beside each. A slice that begins to announce one takes it off this list by itself."""
    assert {event.name for event in VENDOR_EVENTS if not is_announced(event)} <= NOT_YET
    assert is_announced(EVENT_OF_NAME["granular-admin-relationship-approved"])


def test_names_are_taken_in_any_case_and_given_back_in_the_lists_order() -> None:
    assert chosen_events(["INVOICE-READY", "test-created", "invoice-ready"]) == ["test-created", "invoice-ready"]
    assert chosen_events([]) == []
    with pytest.raises(Invalid, match=r"These are no events: nothing, else\."):
        chosen_events(["test-created", "nothing", "else"])


def test_ten_tries_and_nine_growing_pauses() -> None:
    assert (len(PAUSES), list(PAUSES)) == (TRIES - 1, sorted(PAUSES))
    assert [after_try(count, is_taken=False) for count in (1, 9, 10)] == [State.WAITING, State.WAITING, State.PARKED]
    assert after_try(10, is_taken=True) is State.DELIVERED
    assert after_try(1, is_taken=False, most=1) is State.PARKED
    assert next_try_at(1, START) == START + timedelta(seconds=30)
    assert next_try_at(9, START) == START + timedelta(hours=4)


@pytest.mark.parametrize(
    ("seconds_ago", "wait"),
    [([], None), ([1], None), ([1, 61], None), ([1, 60], None), ([1, 59], 1), ([0, 0], 60), ([0.5, 10.5], 50)],
)
def test_two_tests_a_minute(seconds_ago: list[float], wait: int | None) -> None:
    latest = [START - timedelta(seconds=seconds) for seconds in seconds_ago]
    if wait is None:
        check_test_rate(latest, START)
        return
    with pytest.raises(TooManyRequests) as refused:
        check_test_rate(latest, START)
    assert refused.value.retry_after == wait


@pytest.mark.parametrize(
    ("status", "word"),
    [(200, "OK"), (202, "Accepted"), (404, "NotFound"), (500, "InternalServerError"), (599, "599")],
)
def test_a_status_is_named_as_dotnet_names_it(status: int, word: str) -> None:
    assert bodies.status_word(status) == word


def test_instants_have_seven_decimals() -> None:
    at = START + timedelta(microseconds=52_027)
    assert bodies.instant(at) == "2026-01-15T09:00:00.0520270+00:00"
    assert bodies.bare_instant(at) == "2026-01-15T09:00:00.0520270"
