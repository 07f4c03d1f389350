"""Upgrades and trial conversions, over the wire. Basic costs 6.00 a seat and month in a year, E3 36.00."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.catalogue.models import Sku
from openpartner.identity.models import Tenant, User
from tests.subscriptions.conftest import Held, Hold
from tests.support import scene
from tests.support.lab import Lab
from tests.support.shop import BASIC, E3, VISIO, Shop

CHARGES = {"charged_minor", "net_minor", "credit_minor"}


@pytest.fixture(autouse=True)
def _basic_can_become_e3(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        uow.db.get_one(Sku, ("CFQ7TTC0LH18", "0001")).upgrade_targets = ["CFQ7TTC0LFLX:0001"]


def move(held: Held, quantity: int, to: str = E3, **members: Any) -> Any:
    body = {"toCatalogItemId": to, "quantity": quantity, "transitionType": "transition_only", **members}
    return held.client.post(f"{held.url}/transitions", body)


def amounts(lab: Lab) -> list[tuple[str, int]]:
    return [
        (body["kind"], body["data"][name])
        for body in lab.events()
        if body["kind"].startswith("Subscription")
        for name in sorted(CHARGES & body["data"].keys())
        if body["data"][name]
    ]


def test_every_seat_moves_under_the_same_id(hold: Hold, lab: Lab) -> None:
    held = hold()
    lab.advance(timedelta(days=10))

    answer = move(held, 12)

    assert answer.status_code == 200
    operation = answer.json()["operationId"]
    assert answer.json() == {
        "operationId": operation,
        "fromCatalogItemId": BASIC,
        "fromSubscriptionId": str(held.id),
        "toCatalogItemId": E3,
        "toSubscriptionId": str(held.id),
        "quantity": 12,
        "termDuration": "P1Y",
        "billingCycle": "Monthly",
        "transitionType": "transition_only",
        "events": [{"name": "Conversion", "status": "Completed", "timestamp": "2026-01-25T09:00:00Z"}],
        "attributes": {"objectType": "Transition"},
    }
    shown = held.wire
    assert (shown["offerId"], shown["quantity"], shown["commitmentEndDate"]) == (E3, 12, "2027-01-14T00:00:00Z")
    # 21 of 31 days: 24.38 for each of 12 seats of E3, less 4.06 for each of 10 seats of Basic.
    assert amounts(lab)[-1] == ("SubscriptionTermChanged", 12 * 24_38 - 10 * 4_06)
    assert shown["refundableQuantity"]["totalQuantity"] == 2
    assert held.client.get(f"{held.url}/transitions?operationId={operation}").json()["items"] == [answer.json()]


def test_some_seats_move_to_a_new_one_that_ends_with_it(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    lab.advance(timedelta(days=10))

    made = move(held, 4).json()["toSubscriptionId"]

    assert made != str(held.id)
    new = shop.client.get(f"{shop.url}/subscriptions/{made}").json()
    assert (new["offerId"], new["quantity"], new["commitmentEndDate"]) == (E3, 4, "2027-01-14T00:00:00Z")
    assert new["refundableQuantity" if "refundableQuantity" in new else "orderId"] == held.row.order_id
    assert held.row.quantity == 6
    assert ("SubscriptionQuantityChanged", -4 * 4_06) in amounts(lab)


def test_seats_move_into_one_that_is_there(hold: Hold, lab: Lab) -> None:
    held, target = hold(), hold(E3, 3)
    lab.advance(timedelta(days=10))

    answer = move(held, 10, toSubscriptionId=str(target.id))

    assert answer.json()["toSubscriptionId"] == str(target.id)
    assert (held.row.status.value, target.row.quantity) == ("deleted", 13)
    assert amounts(lab)[-2:] == [
        ("SubscriptionQuantityChanged", 10 * 24_38),
        ("SubscriptionStatusChanged", 10 * 4_06),
    ]


def test_a_fresh_target_is_not_ready(hold: Hold, lab: Lab) -> None:
    held, target = hold(), hold(E3, 3)

    answer = lab.nothing_changed(lambda: move(held, 10, toSubscriptionId=str(target.id)))

    assert (answer.status_code, answer.json()["code"]) == (400, 900261)


@pytest.mark.parametrize(
    ("prepare", "members", "code"),
    [
        (lambda held: None, {"to": VISIO, "quantity": 1}, 8),
        (lambda held: held.patch(status="suspended"), {"quantity": 1}, 2),
        (lambda held: None, {"quantity": 0}, 2002),
        (lambda held: None, {"quantity": 1, "termDuration": "P1M"}, 800122),
        (lambda held: None, {"quantity": 1, "termDuration": "P3Y"}, 800121),
        (lambda held: None, {"quantity": 1, "transitionType": "sideways"}, 900126),
    ],
)
def test_what_cannot_move_is_refused_whole(
    hold: Hold, lab: Lab, prepare: Callable[[Held], Any], members: dict[str, Any], code: int
) -> None:
    held = hold()
    prepare(held)

    answer = lab.nothing_changed(lambda: move(held, **members))

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_eligibilities_say_what_it_can_become(hold: Hold) -> None:
    held, target = hold(), hold(E3, 3)
    url = f"{held.url}/transitionEligibilities"

    now = held.client.get(f"{url}?eligibilityType=immediate").json()["items"]
    later = held.client.get(f"{url}?eligibilityType=Scheduled").json()["items"]

    assert now == [
        {
            "catalogItemId": E3,
            "title": "Microsoft 365 E3",
            "description": "",
            "quantity": 10,
            "eligibilities": [
                {"isEligible": True, "transitionType": "transition_only"},
                {"isEligible": True, "transitionType": "transition_with_license_transfer"},
            ],
            "subscriptionEligibilities": [
                {
                    "isEligible": False,
                    "subscriptionId": str(target.id),
                    "subscriptionFriendlyName": "Microsoft 365 E3",
                    "subscriptionTermDuration": "P1Y",
                    "subscriptionBillingCycle": "monthly",
                    "errors": [
                        {
                            "code": 0,
                            "description": "The target subscription is not ready; its cancellation window is open.",
                        }
                    ],
                }
            ],
            "attributes": {"objectType": "TransitionEligibility"},
        }
    ]
    assert later[0]["subscriptionEligibilities"] == []
    assert held.client.get(f"{url}?eligibilityType=never").status_code == 400


def test_licences_move_with_the_seats_when_asked(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    with lab.begin() as uow:
        user = scene.user(uow, uow.db.get_one(Tenant, shop.customer_id), "ann")
        assert user.principal_id is not None
        uow.db.get_one(User, user.principal_id).usage_location = "US"
    before = str(held.row.provisioning_id)
    shop.client.post(f"{shop.url}/users/{user.principal_id}/licenseupdates", {"licensesToAssign": [{"skuId": before}]})

    move(held, 10, transitionType="transition_with_license_transfer")

    items = shop.client.get(f"{shop.url}/users/{user.principal_id}/licenses").json()["items"]
    assert [item["productSku"]["name"] for item in items] == ["Microsoft 365 E3"]
    assert UUID(items[0]["productSku"]["id"]) == held.row.provisioning_id != UUID(before)


def test_a_trial_is_converted_at_once_by_a_transition(trial: Held, lab: Lab) -> None:
    lab.advance(timedelta(days=10))

    few = move(trial, 24, BASIC)
    answer = move(trial, 30, BASIC)

    assert few.json()["code"] == 2002
    assert answer.status_code == 200
    shown = trial.wire
    assert (shown["offerId"], shown["isTrial"], shown["quantity"], shown["termDuration"]) == (BASIC, False, 30, "P1Y")
    assert shown["commitmentEndDate"] == "2027-01-24T00:00:00Z"
    assert shown["cancellationAllowedUntilDate"] == "2026-02-01T09:00:00Z"
    assert amounts(lab) == [("SubscriptionTermChanged", 30 * 6_00)]


def test_a_trial_is_converted_by_the_older_call(trial: Held, hold: Hold) -> None:
    offered = trial.client.get(f"{trial.url}/conversions").json()["items"]
    paid = hold()

    answer = trial.client.post(f"{trial.url}/conversions", {**offered[0], "quantity": 25})
    refused = trial.client.post(f"{paid.url}/conversions", {"targetOfferId": E3, "quantity": 25})

    assert [(item["targetOfferId"], item["quantity"], item["billingCycle"]) for item in offered] == [
        (BASIC, 25, "monthly")
    ]
    assert answer.json() == {
        "subscriptionId": str(trial.id),
        "offerId": offered[0]["offerId"],
        "targetOfferId": BASIC,
        "attributes": {"objectType": "ConversionResult"},
    }
    assert trial.wire["isTrial"] is False
    assert paid.client.get(f"{paid.url}/conversions").json()["items"] == []
    assert (refused.status_code, refused.json()["error"]["code"]) == (200, 1)
