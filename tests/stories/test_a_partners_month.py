"""What a partner buys, changes, lets renew and cancels is told alike by orders, subscriptions and the activity log."""

from datetime import timedelta

import pytest

from openpartner.platform import events
from tests.support.lab import Lab
from tests.support.shop import BASIC, Shop, line, open_shop


@pytest.fixture
def shop(lab: Lab) -> Shop:
    return open_shop(lab)


def _subscription(shop: Shop, key: str) -> dict[str, object]:
    found: dict[str, object] = shop.client.get(f"{shop.url}/subscriptions/{key}").json()
    return found


def test_place_add_seats_renew_and_cancel(shop: Shop) -> None:
    placed = shop.order(line(BASIC, 5, "P1M"), billingCycle="monthly")
    key = placed["lineItems"][0]["subscriptionId"]
    url = f"{shop.url}/subscriptions/{key}"

    shop.lab.advance(timedelta(days=3))
    more = shop.client.patch(url, {**_subscription(shop, key), "quantity": 8})
    assert (more.status_code, more.json()["quantity"]) == (200, 8)

    ends = str(more.json()["commitmentEndDate"])
    shop.lab.advance(timedelta(days=29))
    renewed = _subscription(shop, key)
    assert (renewed["status"], renewed["quantity"]) == ("active", 8)
    assert str(renewed["commitmentEndDate"]) > ends

    gone = shop.client.patch(url, {**renewed, "status": "deleted"})
    assert (gone.status_code, gone.json()["status"]) == (200, "deleted")

    orders = shop.client.get(f"{shop.url}/orders").json()["items"]
    assert placed["id"] in {order["id"] for order in orders}
    assert {order["transactionType"] for order in orders} == {"UserPurchase", "SystemPurchase"}
    told = [kind for kind in shop.lab.kinds() if kind.startswith(("Order", "Subscription"))]
    assert told[0] == "SubscriptionOpened"
    assert told.count("SubscriptionRenewed") == 1
    with shop.lab.read() as uow:
        assert events.verify(uow.db).broken is None


def test_a_relationship_ends_once_nothing_runs(shop: Shop) -> None:
    key = shop.order(line(BASIC, 5, "P1M"), billingCycle="monthly")["lineItems"][0]["subscriptionId"]
    end = {"relationshipToPartner": "none"}

    refused = shop.lab.nothing_changed(lambda: shop.client.patch(shop.url, end))
    assert (refused.status_code, refused.json()["description"]) == (
        400,
        "The relationship cannot end yet: suspend or cancel 1 active subscriptions first.",
    )

    url = f"{shop.url}/subscriptions/{key}"
    shop.client.patch(url, {**_subscription(shop, key), "status": "suspended"})
    assert shop.client.patch(shop.url, end).status_code == 200
    assert shop.lab.kinds()[-1] == "ResellerRelationshipEnded"


def test_a_deleted_sandbox_customer_leaves_nothing_that_falls_due(shop: Shop) -> None:
    shop.order(line(BASIC, 5, "P1M"), billingCycle="monthly")

    assert shop.client.delete(shop.url).status_code == 204

    assert shop.client.get(f"{shop.url}/orders").status_code == 404
    before = shop.lab.kinds()
    shop.lab.advance(timedelta(days=40))
    assert [kind for kind in shop.lab.kinds()[len(before) :] if kind.startswith(("Order", "Subscription"))] == []
