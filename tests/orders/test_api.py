"""Carts and orders over the wire, whole bodies compared with partner-center-resources §8 and §9."""

import base64
import json
from typing import Any

from tests.support.shop import BASIC, E3, Shop, cart_line, line, order_body

NOW = "2026-01-15T09:00:00Z"
GET = {"method": "GET", "headers": []}


def etag(key: str, version: int) -> str:
    return base64.b64encode(json.dumps({"id": key, "version": version}, separators=(",", ":")).encode()).decode()


def test_a_cart_is_answered_with_prices_groups_and_expiry(shop: Shop) -> None:
    answer = shop.client.post(
        f"{shop.url}/carts",
        {
            "lineItems": [
                cart_line(quantity=5, billingCycle="monthly", friendlyName="Office for sales"),
                cart_line(E3, 2, billingCycle="Annual"),
            ]
        },
    )

    assert answer.status_code == 201
    made = answer.json()
    key = made["id"]
    assert made == {
        "id": key,
        "creationTimestamp": NOW,
        "lastModifiedTimestamp": NOW,
        "expirationTimestamp": "2026-01-22T09:00:00Z",
        "lastModifiedUser": str(shop.agent.principal_id),
        "lineItems": [
            {
                "id": 0,
                "catalogItemId": BASIC,
                "friendlyName": "Office for sales",
                "quantity": 5,
                "currencyCode": "USD",
                "billingCycle": "monthly",
                "termDuration": "P1Y",
                "orderGroup": "0",
                "pricing": {
                    "listPrice": 6,
                    "discountedPrice": 6,
                    "proratedPrice": 6,
                    "price": 6,
                    "extendedPrice": 360,
                },
            },
            {
                "id": 1,
                "catalogItemId": E3,
                "quantity": 2,
                "currencyCode": "USD",
                "billingCycle": "annual",
                "termDuration": "P1Y",
                "orderGroup": "1",
                "pricing": {
                    "listPrice": 432,
                    "discountedPrice": 432,
                    "proratedPrice": 432,
                    "price": 432,
                    "extendedPrice": 864,
                },
            },
        ],
        "status": "Active",
        "links": {"self": {"uri": f"/customers/{shop.customer_id}/carts/{key}", **GET}},
        "attributes": {"etag": etag(key, 1), "objectType": "Cart"},
    }
    assert shop.client.get(f"{shop.url}/carts/{key}").json() == made


def order_of(shop: Shop, made: dict[str, Any]) -> dict[str, Any]:
    """What a single-line order of Basic must look like, with the ids it was given."""
    key, subscription = made["id"], made["lineItems"][0]["subscriptionId"]
    path = f"/customers/{shop.customer_id}/orders/{key}"
    product = "/products/CFQ7TTC0LH18"
    return {
        "id": key,
        "alternateId": key,
        "referenceCustomerId": str(shop.customer_id),
        "billingCycle": "monthly",
        "currencyCode": "USD",
        "currencySymbol": "$",
        "lineItems": [
            {
                "lineItemNumber": 0,
                "offerId": BASIC,
                "subscriptionId": subscription,
                "termDuration": "P1Y",
                "transactionType": "New",
                "friendlyName": "Microsoft 365 Business Basic",
                "quantity": 5,
                "links": {
                    "subscription": {"uri": f"/customers/{shop.customer_id}/subscriptions/{subscription}", **GET},
                    "product": {"uri": f"{product}?country=US", **GET},
                    "sku": {"uri": f"{product}/skus/0001?country=US", **GET},
                    "availability": {"uri": f"{product}/skus/0001/availabilities/CFQ7TTC0K971?country=US", **GET},
                },
            }
        ],
        "creationDate": NOW,
        "status": "completed",
        "transactionType": "UserPurchase",
        "links": {
            "self": {"uri": path, **GET},
            "provisioningStatus": {"uri": f"{path}/provisioningstatus", **GET},
            "patchOperation": {"uri": path, "method": "PATCH", "headers": []},
        },
        "attributes": {"etag": made["attributes"]["etag"], "objectType": "Order"},
    }


def test_a_checkout_makes_an_order_a_group_and_answers_the_same_again(shop: Shop) -> None:
    cart = shop.client.post(
        f"{shop.url}/carts",
        {"lineItems": [cart_line(quantity=5, billingCycle="monthly"), cart_line(E3, 2, billingCycle="annual")]},
    ).json()

    answer = shop.client.post(f"{shop.url}/carts/{cart['id']}/checkout", "success")

    assert answer.status_code == 201
    done = answer.json()
    assert done["attributes"] == {"objectType": "CartCheckoutResult"}
    assert [order["lineItems"][0]["offerId"] for order in done["orders"]] == [BASIC, E3]
    assert done["orders"][0] == order_of(shop, done["orders"][0])
    assert shop.client.post(f"{shop.url}/carts/{cart['id']}/checkout").json() == done
    ordered = shop.client.get(f"{shop.url}/carts/{cart['id']}").json()
    assert (ordered["status"], [each["orderGroup"] for each in ordered["lineItems"]]) == ("Ordered", ["0", "1"])
    assert shop.lab.kinds().count("OrderPlaced") == 2
    assert shop.lab.kinds().count("SubscriptionOpened") == 2


def test_an_order_is_answered_whole_and_read_again_with_prices(shop: Shop) -> None:
    made = shop.order(line(quantity=5), billingCycle="monthly", referenceCustomerId=str(shop.customer_id))

    assert made == order_of(shop, made)
    read = shop.client.get(f"{shop.url}/orders/{made['id']}").json()
    assert read == made
    priced = shop.client.get(f"{shop.url}/orders/{made['id'].upper()}?include_price=True").json()
    assert priced["totalPrice"] == 360
    assert priced["lineItems"][0]["pricing"] == {
        "listPrice": 6,
        "discountedPrice": 6,
        "proratedPrice": 6,
        "price": 6,
        "extendedPrice": 360,
    }


def test_a_repeated_request_id_gives_the_same_bytes_and_one_order(shop: Shop) -> None:
    client = shop.client.with_headers(MS_RequestId="2ff9ba2e-5a3b-4b27-9d6e-2b8b6a0c1d11")
    body = order_body(line(quantity=3))

    first = client.post(f"{shop.url}/orders", body)
    second = client.post(f"{shop.url}/orders", body)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert shop.client.get(f"{shop.url}/orders").json()["totalCount"] == 1
    assert shop.lab.kinds().count("OrderPlaced") == 1
