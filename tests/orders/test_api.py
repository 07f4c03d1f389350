"""Carts and orders over the wire, whole bodies compared with partner-center-resources §8 and §9."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity.protocol import SignInAudience
from openpartner.identity.service import register_application
from openpartner.platform.permissions import Role
from tests.support import scene
from tests.support.shop import ACCESS, BACKUP, BASIC, E3, SERVER, VISIO, Shop, agree, buyer, cart_line, line, order_body

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


# --- carts


def test_what_is_wrong_with_a_line_stands_in_the_cart_and_refuses_the_checkout(shop: Shop) -> None:
    cart = shop.client.post(
        f"{shop.url}/carts",
        {"lineItems": [cart_line(quantity=2, billingCycle="monthly"), cart_line(VISIO), cart_line("nonsense")]},
    ).json()
    wrong = shop.client.post(f"{shop.url}/carts", {"lineItems": [cart_line(VISIO)]}).json()
    before = shop.lab.events()

    refused = shop.client.post(f"{shop.url}/carts/{wrong['id']}/checkout")

    assert [each.get("error") for each in cart["lineItems"]] == [
        None,
        None,
        {
            "errorCode": "catalog_item_id_is_not_valid",
            "errorDescription": "The catalogue has no such item in the customer's market. Read a fresh catalogItemId.",
        },
    ]
    assert wrong["lineItems"][0]["error"] == {
        "errorCode": "400041",
        "errorDescription": "Visio Plan 2 needs one of CFQ7TTC0LH18:0001, owned or earlier in the cart.",
    }
    assert (refused.status_code, refused.json()["code"]) == (400, 800009)
    assert shop.lab.events() == before
    assert shop.client.get(f"{shop.url}/carts/{wrong['id']}").json()["status"] == "Active"


def test_a_limit_names_what_is_left(shop: Shop) -> None:
    shop.order(line(E3, 1), billingCycle="annual")
    cart = shop.client.post(f"{shop.url}/carts", {"lineItems": [cart_line(E3, 1, billingCycle="annual")]}).json()
    assert cart["lineItems"][0]["error"] == {
        "errorCode": "quota_not_available",
        "errorDescription": "A customer may have 1 subscriptions of Microsoft 365 E3 and has 1.",
        "additionalInformation": {"availableQuantity": "0", "purchasedQuantity": "1"},
    }


def test_add_ons_are_nested_under_their_base_and_numbered_across(shop: Shop) -> None:
    base = cart_line(quantity=2, billingCycle="monthly", addonItems=[cart_line(VISIO, billingCycle="monthly")])
    cart = shop.client.post(
        f"{shop.url}/carts", {"lineItems": [base, cart_line(quantity=1, billingCycle="monthly")]}
    ).json()

    assert [(each["id"], each["orderGroup"]) for each in cart["lineItems"]] == [(0, "0"), (2, "0")]
    (addon,) = cart["lineItems"][0]["addonItems"]
    assert (addon["id"], addon["catalogItemId"], "error" in addon) == (1, VISIO, False)
    done = shop.client.post(f"{shop.url}/carts/{cart['id']}/checkout").json()
    assert [each["offerId"] for each in done["orders"][0]["lineItems"]] == [BASIC, VISIO, BASIC]


def test_a_cart_is_bound_whatever_the_letter_case_and_keeps_what_it_was_given(shop: Shop) -> None:
    cart = shop.client.post(
        f"{shop.url}/carts",
        {
            "Id": None,
            "LineItems": [
                {
                    "CatalogItemId": BACKUP.lower(),
                    "Quantity": 3,
                    "BillingCycle": "Monthly",
                    "TermDuration": "P1M",
                    "PromotionId": None,
                    "RenewsTo": {"TermDuration": "P1Y"},
                    "ProvisioningContext": {"Scope": "shared"},
                    "CustomTermEndDate": None,
                }
            ],
            "PartnerOnRecordAttestationAccepted": True,
            "Attributes": {"ObjectType": "Cart"},
        },
    ).json()
    assert cart["partnerOnRecordAttestationAccepted"] is True
    assert cart["lineItems"] == [
        {
            "id": 0,
            "catalogItemId": BACKUP.lower(),
            "quantity": 3,
            "currencyCode": "USD",
            "billingCycle": "monthly",
            "termDuration": "P1M",
            "provisioningContext": {"scope": "shared"},
            "orderGroup": "0",
            "renewsTo": {"termDuration": "P1Y"},
            "pricing": {
                "listPrice": 3.5,
                "discountedPrice": 3.5,
                "proratedPrice": 3.5,
                "price": 3.5,
                "extendedPrice": 10.5,
            },
        }
    ]


def test_a_cart_is_replaced_under_its_etag(shop: Shop) -> None:
    cart = shop.client.post(f"{shop.url}/carts", {"lineItems": [cart_line()]}).json()
    url = f"{shop.url}/carts/{cart['id']}"

    changed = shop.client.put(
        f"{url}/", {"lineItems": [cart_line(quantity=4)]}, headers={"If-Match": f'"{cart["attributes"]["etag"]}"'}
    )
    stale = shop.client.put(
        url, {"lineItems": [cart_line(quantity=9)]}, headers={"If-Match": cart["attributes"]["etag"]}
    )

    assert (changed.status_code, changed.json()["lineItems"][0]["quantity"]) == (200, 4)
    assert (stale.status_code, stale.json()["code"]) == (412, 2055)
    assert shop.client.get(url).json()["lineItems"][0]["quantity"] == 4


@pytest.mark.parametrize(
    ("days", "method", "code"), [(7, "checkout", (404, 800008)), (7, "put", (404, 800008)), (0, "put", (400, 800065))]
)
def test_a_cart_that_expired_or_was_ordered_takes_nothing_more(
    shop: Shop, days: int, method: str, code: tuple[int, int]
) -> None:
    cart = shop.client.post(f"{shop.url}/carts", {"lineItems": [cart_line()]}).json()
    url = f"{shop.url}/carts/{cart['id']}"
    if not days:
        shop.client.post(f"{url}/checkout")
    shop.lab.advance(timedelta(days=days))

    if method == "put":
        answer = shop.client.put(url, {"lineItems": [cart_line(quantity=2)]})
    else:
        answer = shop.client.post(f"{url}/checkout")

    assert (answer.status_code, answer.json()["code"]) == code


def test_carts_without_lines_and_of_others_are_refused(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        other = buyer(uow, shop.partner, "Another")
    cart = shop.client.post(f"{shop.url}/carts", {"lineItems": [cart_line()]}).json()
    stranger = shop.lab.client(shop.lab.user(shop.lab.partner("Other Partner"), Role.ADMIN_AGENT))

    empty = shop.client.post(f"{shop.url}/carts", {"lineItems": []})
    elsewhere = shop.client.get(f"/v1/customers/{other.tenant_id}/carts/{cart['id']}")
    theirs = stranger.get(f"{shop.url}/carts/{cart['id']}")
    unknown = shop.client.get(f"/v1/customers/{UUID(int=7)}/carts/{cart['id']}")

    codes = [(each.status_code, each.json()["code"]) for each in (empty, elsewhere, theirs, unknown)]
    assert codes == [(400, 800002), (404, 800008), (403, 20002), (404, 60003)]


# --- orders


def test_orders_are_listed_by_billing_cycle(shop: Shop) -> None:
    monthly = shop.order(line(quantity=1), billingCycle="monthly")
    annual = shop.order(line(quantity=1), billingCycle="annual")
    once = shop.order(line(SERVER, 1, None))

    listed = shop.client.get(f"{shop.url}/orders").json()
    assert [each["id"] for each in listed["items"]] == sorted([monthly["id"], annual["id"], once["id"]])
    for asked, order in (("Monthly", monthly), ("annual", annual), ("OneTime", once)):
        found = shop.client.get(f"{shop.url}/orders?billingType={asked}").json()
        assert found == {
            "totalCount": 1,
            "items": [order],
            "links": {"self": {"uri": f"/customers/{shop.customer_id}/orders?billingType={asked}", **GET}},
            "attributes": {"objectType": "Collection"},
        }
    assert shop.client.get(f"{shop.url}/orders?billingType=none").json()["totalCount"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (order_body(), (400, 800002)),
        ({"lineItems": [{"lineItemNumber": 1, **line()}]}, (400, 800071)),
        (order_body(line(), billingCycle="weekly"), (400, 900269)),
        (order_body(line(term="a year")), (400, 800121)),
        (order_body(line(customTermEndDate="soon")), (400, 800002)),
        (order_body(line(quantity=301)), (400, 900275)),
        (order_body(line(partnerIdOnRecord="1234567")), (400, 800016)),
    ],
)
def test_an_order_that_is_not_right_is_refused_and_nothing_is_left(
    shop: Shop, body: dict[str, Any], code: tuple[int, int]
) -> None:
    answer = shop.lab.nothing_changed(lambda: shop.client.post(f"{shop.url}/orders", body))
    assert (answer.status_code, answer.json()["code"]) == code
    assert shop.client.get(f"{shop.url}/orders").json()["totalCount"] == 0


def test_a_refused_order_is_decided_anew_with_the_same_request_id(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        shop.customer = buyer(uow, shop.partner, "Not Agreed", agreed=False)
    client = shop.client.with_headers(MS_RequestId="2ff9ba2e-5a3b-4b27-9d6e-2b8b6a0c1d12")

    refused = client.post(f"{shop.url}/orders", order_body(line()))
    with shop.lab.begin() as uow:
        agree(uow, shop.customer)
    placed = client.post(f"{shop.url}/orders", order_body(line()))

    assert (refused.status_code, refused.json()["code"], placed.status_code) == (403, 13605, 201)


def test_an_app_orders_and_only_a_user_reads_the_provisioning_status(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        made = register_application(
            uow, shop.customer_id, display_name="Scripts", audience=SignInAudience.MULTIPLE_ORGANIZATIONS
        )
        app = scene.app(uow, shop.partner, made.app_id)
    client = shop.lab.client(app)

    order = client.post(f"{shop.url}/orders", order_body(line(quantity=2))).json()
    refused = client.get(f"{shop.url}/orders/{order['id']}/provisioningstatus")

    assert (refused.status_code, refused.json()["code"]) == (403, 900329)
    assert shop.client.get(f"{shop.url}/orders/{order['id']}/provisioningstatus").json() == {
        "totalCount": 1,
        "items": [
            {
                "lineItemNumber": 0,
                "status": "Fulfilled",
                "quantityProvisioningInformation": [{"quantity": 2, "status": "Fulfilled"}],
                "attributes": {"objectType": "OrderLineItemProvisioningStatus"},
            }
        ],
        "attributes": {"objectType": "Collection"},
    }


def test_activation_links_are_those_of_marketplace_lines(shop: Shop) -> None:
    order = shop.order(line(BACKUP, 1, "P1M"), line(quantity=1), billingCycle="monthly")
    saas = order["lineItems"][0]
    uri = f"/customers/{shop.customer_id}/subscriptions/{saas['subscriptionId']}/activate"
    expected = [{"lineItemNumber": 0, "link": {"uri": uri, "method": "POST", "headers": []}}]

    assert saas["links"]["activationLinks"]["uri"].endswith("/lineitems/0/activationlinks")
    for path in ("activationlinks", "lineitems/0/activationlinks"):
        assert shop.client.get(f"{shop.url}/orders/{order['id']}/{path}").json()["items"] == expected
    assert shop.client.get(f"{shop.url}/orders/{order['id']}/lineitems/1/activationlinks").json()["items"] == []
    assert shop.client.get(f"{shop.url}/orders/{order['id']}/lineitems/9/activationlinks").status_code == 404


def test_an_add_on_is_bought_on_the_order_of_its_base(shop: Shop) -> None:
    order = shop.order(line(quantity=2), billingCycle="monthly")
    base = order["lineItems"][0]
    addon = {"lineItemNumber": 1, **line(VISIO, 1), "parentSubscriptionId": base["subscriptionId"]}

    answer = shop.client.patch(
        f"{shop.url}/orders/{order['id']}",
        {"id": order["id"], "lineItems": [{"lineItemNumber": 0, "offerId": BASIC, "quantity": 2}, addon]},
        headers={"If-Match": order["attributes"]["etag"]},
    )

    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert changed["lineItems"][0] == base
    added = changed["lineItems"][1]
    assert (added["offerId"], added["parentSubscriptionId"]) == (VISIO, base["subscriptionId"])
    priced = shop.client.get(f"{shop.url}/orders/{order['id']}?include_price=true").json()
    assert priced["totalPrice"] == 324
    stale = shop.client.patch(
        f"{shop.url}/orders/{order['id']}",
        {"lineItems": [{**addon, "lineItemNumber": 2}]},
        headers={"If-Match": order["attributes"]["etag"]},
    )
    assert (stale.status_code, stale.json()["code"]) == (400, 2055)


def test_an_add_on_of_another_parent_is_refused(shop: Shop) -> None:
    order = shop.order(line(E3, 1), line(quantity=1), billingCycle="annual")
    wrong = {"lineItemNumber": 2, **line(VISIO, 1), "billingCycle": "monthly"}

    unfit = shop.client.patch(
        f"{shop.url}/orders/{order['id']}",
        {"lineItems": [{**wrong, "parentSubscriptionId": order["lineItems"][0]["subscriptionId"]}]},
    )
    unknown = shop.client.patch(
        f"{shop.url}/orders/{order['id']}", {"lineItems": [{**wrong, "parentSubscriptionId": str(UUID(int=9))}]}
    )

    assert (unfit.status_code, unfit.json()["code"]) == (400, 800029)
    assert (unknown.status_code, unknown.json()["code"]) == (400, 800021)


def test_a_patch_that_means_nothing_says_what_it_may_mean(shop: Shop) -> None:
    order = shop.order(line(quantity=1), billingCycle="monthly")
    url = f"{shop.url}/orders/{order['id']}"
    cycle = shop.client.patch(url, {"billingCycle": "annual"})
    nothing = shop.client.patch(url, {"referenceCustomerId": str(shop.customer_id)})
    assert (cycle.status_code, cycle.json()["code"]) == (400, 800097)
    assert (nothing.status_code, nothing.json()["code"]) == (400, 800002)


def test_an_order_is_cancelled_once(shop: Shop) -> None:
    order = shop.order(line(SERVER, 1, None))
    url = f"{shop.url}/orders/{order['id']}"

    cancelled = shop.client.patch(url, {"id": order["id"], "status": "Cancelled"})
    again = shop.client.patch(url, {"status": "cancelled"})

    assert cancelled.status_code == 200
    assert cancelled.json() == {
        **order,
        "status": "cancelled",
        "attributes": {"etag": cancelled.json()["attributes"]["etag"], "objectType": "Order"},
    }
    assert (again.status_code, again.json()["code"]) == (400, 800061)


# --- documents


def test_a_purchase_order_is_uploaded_listed_and_read_back(shop: Shop) -> None:
    order = shop.order(line(ACCESS, 1, None))
    assert (order["status"], "subscriptionId" in order["lineItems"][0]) == ("pending_po_upload", False)
    url = f"{shop.url}/orders/{order['id']}"
    metadata = {"CustomerPrice": "180.00", "Currency": "USD", "IsPartOfTender": False}

    uploaded = shop.client.request(
        "POST",
        f"{url}/attachment",
        data={"metadata": json.dumps(metadata)},
        files={"POFiles": ("po.pdf", b"%PDF-1.7" * 200, "application/pdf")},
    )

    assert uploaded.status_code == 201, uploaded.text
    (item,) = uploaded.json()["items"]
    assert item == {
        "attachmentId": item["attachmentId"],
        "fileName": "po.pdf",
        "sizeInKB": 2,
        "attachmentType": "POAttachment",
        "attributes": {"objectType": "OrderAttachment"},
    }
    assert shop.client.get(f"{url}/attachments").json()["items"] == [item]
    download = shop.client.get(f"{url}/attachment/{item['attachmentId']}")
    assert download.content == b"%PDF-1.7" * 200
    assert download.headers["content-disposition"] == 'attachment; filename="po.pdf"'
    assert shop.client.get(url).json()["status"] == "po_upload_complete"


@pytest.mark.parametrize(
    ("metadata", "files", "code"),
    [
        ({"currency": "USD"}, {"POFiles": ("po.pdf", b"x", "application/pdf")}, 900254),
        ({"customerPrice": "1", "currency": "USD"}, {}, 900252),
        (
            {"customerPrice": "1", "currency": "USD", "isPartOfTender": True},
            {"POFiles": ("po.pdf", b"x", "application/pdf")},
            900253,
        ),
    ],
)
def test_documents_that_are_not_complete_are_refused(
    shop: Shop, metadata: dict[str, Any], files: dict[str, Any], code: int
) -> None:
    order = shop.order(line(ACCESS, 1, None))
    sent = files or {"note": ("note.txt", b"x", "text/plain")}

    answer = shop.lab.nothing_changed(
        lambda: shop.client.request(
            "POST",
            f"{shop.url}/orders/{order['id']}/attachment",
            data={"metadata": json.dumps(metadata)},
            files=sent,
        )
    )

    assert (answer.status_code, answer.json()["code"]) == (400, code)
