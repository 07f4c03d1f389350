"""Subscriptions over the wire: whole bodies, and each way a client sends one back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.catalogue.rules import MONTH, BillingCycle
from openpartner.identity.models import Tenant
from openpartner.partner import queries as partners
from openpartner.partner.rules import PartnerKind
from openpartner.platform.http.etags import versioned_etag
from openpartner.platform.permissions import Role
from tests.subscriptions.conftest import Held, Hold
from tests.support import scene
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BACKUP, BASIC, E3, SERVER, VISIO, Shop, buyer, line, open_shop, reseller


def test_a_subscription_is_shown_whole(hold: Hold, shop: Shop) -> None:
    held = hold()

    assert held.wire == {
        "id": str(held.id),
        "offerId": BASIC,
        "offerName": "Microsoft 365 Business Basic",
        "friendlyName": "Microsoft 365 Business Basic",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": 10,
        "unitType": "Licenses",
        "hasPurchasableAddons": True,
        "creationDate": "2026-01-15T09:00:00Z",
        "effectiveStartDate": "2026-01-15T09:00:00Z",
        "commitmentEndDate": "2027-01-14T00:00:00Z",
        "commitmentEndDateTime": "2027-01-14T23:59:59Z",
        "cancellationAllowedUntilDate": "2026-01-22T09:00:00Z",
        "billingCycleEndDate": "2026-02-14T00:00:00Z",
        "billingCycleEndDateTime": "2026-02-14T23:59:59Z",
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "actions": ["Edit", "Cancel"],
        "termDuration": "P1Y",
        "renewalTermDuration": "",
        "refundOptions": [
            {"type": "Full", "expiresAt": "2026-01-16T09:00:00Z"},
            {"type": "Partial", "expiresAt": "2026-01-22T09:00:00Z"},
        ],
        "isMicrosoftProduct": True,
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "publisherName": "Microsoft",
        "refundableQuantity": {
            "totalQuantity": 10,
            "details": [{"quantity": 10, "allowedUntilDateTime": "2026-01-22T09:00:00Z"}],
        },
        "orderId": "000000000001",
        "links": {
            "product": {"uri": "/products/CFQ7TTC0LH18?country=US", "method": "GET", "headers": []},
            "sku": {"uri": "/products/CFQ7TTC0LH18/skus/0001?country=US", "method": "GET", "headers": []},
            "availability": {
                "uri": "/products/CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0K971?country=US",
                "method": "GET",
                "headers": [],
            },
            "self": {
                "uri": f"/customers/{shop.customer_id}/subscriptions/{held.id}",
                "method": "GET",
                "headers": [],
            },
        },
        "attributes": {"etag": versioned_etag(held.id, 1), "objectType": "Subscription"},
    }


def test_the_windows_close_on_the_wire_too(hold: Hold, shop: Shop) -> None:
    held = hold()
    shop.lab.advance(timedelta(days=7, seconds=1))

    shown = held.wire

    assert shown["actions"] == ["Edit"]
    assert shown["refundableQuantity"] == {"totalQuantity": 0, "details": []}
    assert "refundOptions" not in shown
    assert shown["cancellationAllowedUntilDate"] == "2026-01-22T09:00:00Z"


@pytest.mark.parametrize(
    ("item", "duration", "cycle", "expected"),
    [
        (
            AZURE_PLAN,
            None,
            BillingCycle.MONTHLY,
            {
                "productType": {"id": "Azure", "displayName": "Azure"},
                "unitType": "Usage-based",
                "billingType": "usage",
                "commitmentEndDate": "9999-12-31T00:00:00Z",
                "commitmentEndDateTime": "9999-12-31T23:59:59Z",
                "termDuration": "",
                "autoRenewEnabled": False,
                "actions": ["Edit"],
            },
        ),
        (
            SERVER,
            None,
            BillingCycle.ONE_TIME,
            {
                "productType": {"id": "Software", "displayName": "Software"},
                "billingCycle": "one_time",
                "refundOptions": [{"type": "Full", "expiresAt": "2026-02-14T09:00:00Z"}],
                "cancellationAllowedUntilDate": "2026-02-14T09:00:00Z",
            },
        ),
        (
            BACKUP,
            MONTH,
            BillingCycle.MONTHLY,
            {
                "productType": {"id": "SaaS", "displayName": "SaaS"},
                "isMicrosoftProduct": False,
                "publisherName": "Northwind",
                "cancellationAllowedUntilDate": "2026-01-16T09:00:00Z",
            },
        ),
    ],
)
def test_each_kind_says_what_it_is(
    hold: Hold, item: str, duration: Any, cycle: BillingCycle, expected: dict[str, Any]
) -> None:
    shown = hold(item, 1, duration, cycle).wire

    assert {name: shown.get(name) for name in expected} == expected


def test_the_list_holds_every_state_and_its_own_customers_only(hold: Hold, shop: Shop, lab: Lab) -> None:
    first, second = hold(), hold(VISIO, 2)
    assert first.patch(status="deleted").status_code == 200

    body = shop.client.get(f"{shop.url}/subscriptions").json()

    assert {item["id"]: item["status"] for item in body["items"]} == {
        str(first.id): "deleted",
        str(second.id): "active",
    }
    assert body["totalCount"] == 2
    assert body["links"]["self"]["uri"] == f"/customers/{shop.customer_id}/subscriptions"
    assert body["attributes"] == {"objectType": "Collection"}


def test_the_list_by_order_holds_that_orders(hold: Hold, shop: Shop) -> None:
    hold()
    second = hold(VISIO, 2)

    body = shop.client.get(f"{shop.url}/subscriptions?order_id={second.row.order_id.upper()}").json()

    assert [item["id"] for item in body["items"]] == [str(second.id)]


def test_the_list_by_partner_on_record_comes_in_pages(hold: Hold, shop: Shop) -> None:
    mine = {str(hold(mpn_id="517285").id) for _ in range(3)}
    hold()

    first = shop.client.get(f"{shop.url}/subscriptions?mpn_id=517285&offset=0&size=2").json()
    second = shop.client.get("/v1" + first["links"]["next"]["uri"]).json()

    assert [first["totalCount"], second["totalCount"]] == [2, 1]
    assert {item["id"] for item in first["items"] + second["items"]} == mine
    assert "next" not in second["links"]
    assert second["links"]["previous"]["uri"] == (
        f"/customers/{shop.customer_id}/subscriptions?mpn_id=517285&size=2&offset=0"
    )


def test_another_customers_subscription_does_not_exist(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    with lab.begin() as uow:
        other = buyer(uow, shop.partner, "Other Company")

    answer = shop.client.get(f"/v1/customers/{other.tenant_id}/subscriptions/{held.id}")

    assert (answer.status_code, answer.json()["code"]) == (404, 20003)


def test_another_partner_has_no_relationship(hold: Hold, lab: Lab) -> None:
    held = hold()
    stranger = lab.user(lab.partner("Fabrikam"), Role.ADMIN_AGENT)

    assert lab.client(stranger).get(held.url).json()["code"] == 20002
    answer = lab.nothing_changed(lambda: lab.client(stranger).patch(held.url, {"quantity": 11}))
    assert (answer.status_code, answer.json()["code"]) == (403, 20002)


def test_a_helpdesk_agent_reads_and_does_not_change(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    client = lab.client(lab.user(shop.partner, Role.HELPDESK_AGENT))

    assert client.get(held.url).status_code == 200
    assert client.patch(held.url, {"quantity": 11, "autoRenewEnabled": True}).status_code == 403
    assert held.row.quantity == 10


def test_the_customers_admin_reads_its_own(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, shop.customer_id)
    client = lab.client(lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN))

    assert client.get(held.url).json()["quantity"] == 10
    assert client.patch(held.url, {"quantity": 11}).status_code == 403


@pytest.mark.parametrize(
    ("granted", "status"),
    [
        ("Organization.Read.All", 200),
        ("LicenseAssignment.ReadWrite.All", 200),
        ("Directory.Read.All", 200),
        ("User.ReadWrite.All", 403),
        ("Application.ReadWrite.All", 403),
        ("", 403),
    ],
)
def test_the_customers_application_reads_by_what_it_was_granted(
    hold: Hold, shop: Shop, lab: Lab, granted: str, status: int
) -> None:
    held = hold()
    with lab.begin() as uow:
        tenant = uow.db.get_one(Tenant, shop.customer_id)
        actor = scene.app(uow, tenant, UUID("00000003-0000-0000-c000-000000000000"))
    token = lab.token_for(actor)
    lab.change_token(token, roles=frozenset(granted.split()))
    client = lab.client(authorization=f"Bearer {token}")

    assert client.get(held.url).status_code == status
    refused = client.patch(held.url, {"quantity": 11, "autoRenewEnabled": True})
    assert refused.status_code == 403
    assert held.row.quantity == 10


# --- PATCH


def test_seats_are_added_by_sending_the_whole_resource_back(hold: Hold) -> None:
    held = hold()

    answer = held.patch(quantity=12)

    assert answer.status_code == 200
    assert answer.json()["quantity"] == 12
    assert answer.json()["attributes"]["etag"] == versioned_etag(held.id, 2)
    assert answer.json()["refundableQuantity"]["totalQuantity"] == 12
    assert held.wire == answer.json()


def pascal(value: Any) -> Any:
    """As the .NET client writes: PascalCase, with nulls for what is not set."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: pascal(inner) for name, inner in value.items()} | {"Unset": None}
    return [pascal(inner) for inner in value] if isinstance(value, list) else value


def test_the_dotnet_spelling_means_the_same(hold: Hold) -> None:
    held = hold()
    body = pascal({**held.wire, "quantity": 12, "status": "none", "scheduledNextTermInstructions": None})

    answer = held.client.patch(held.url, body)

    assert (answer.status_code, answer.json()["quantity"]) == (200, 12)
    assert answer.json()["autoRenewEnabled"] is True


def test_a_resource_sent_back_unchanged_changes_nothing(trial: Held, lab: Lab) -> None:
    body = trial.wire

    answer = lab.nothing_changed(lambda: trial.client.patch(trial.url, body))

    assert (answer.status_code, answer.json()) == (200, body)


def test_leaving_auto_renew_out_turns_it_off(hold: Hold, lab: Lab) -> None:
    held = hold()

    answer = held.client.patch(held.url, {"friendlyName": "Head office"})

    assert answer.json()["autoRenewEnabled"] is False
    assert answer.json()["friendlyName"] == "Head office"
    assert [body["after"] for body in lab.events("SubscriptionUpdated")] == [
        {"friendlyName": "Head office"},
        {"autoRenewEnabled": False},
    ]


NEXT = {
    "product": {
        "productId": "CFQ7TTC0LH18",
        "skuId": "0001",
        "availabilityId": "CFQ7TTC0K971",
        "billingCycle": "Monthly",
        "termDuration": "P1M",
    },
    "quantity": 4,
}


def test_a_next_term_is_scheduled_and_leaving_it_out_drops_it(hold: Hold) -> None:
    held = hold()

    planned = held.patch(scheduledNextTermInstructions=NEXT).json()

    assert planned["scheduledNextTermInstructions"] == {
        "product": {**NEXT["product"], "billingCycle": "monthly"},  # type: ignore[dict-item]
        "quantity": 4,
    }
    assert planned["renewalTermDuration"] == "P1M"
    body = {name: value for name, value in planned.items() if name != "scheduledNextTermInstructions"}
    assert "scheduledNextTermInstructions" not in held.client.patch(held.url, body).json()


def test_a_seat_change_drops_the_schedule_though_it_is_sent_back(hold: Hold) -> None:
    held = hold()
    held.patch(scheduledNextTermInstructions=NEXT)

    answer = held.patch(quantity=11)

    assert answer.status_code == 200
    assert "scheduledNextTermInstructions" not in answer.json()


def test_turning_auto_renew_off_drops_the_schedule_though_it_is_sent_back(trial: Held) -> None:
    assert trial.wire["scheduledNextTermInstructions"]["quantity"] == 25

    answer = trial.patch(autoRenewEnabled=False)

    assert (answer.status_code, answer.json()["autoRenewEnabled"]) == (200, False)
    assert "scheduledNextTermInstructions" not in answer.json()
    assert trial.patch(autoRenewEnabled=True).json()["scheduledNextTermInstructions"] == {
        "product": {
            "productId": "CFQ7TTC0LH18",
            "skuId": "0001",
            "availabilityId": "CFQ7TTC0K971",
            "billingCycle": "monthly",
            "termDuration": "P1Y",
        },
        "quantity": 25,
    }


def test_a_next_term_is_refused_without_renewal(hold: Hold, lab: Lab) -> None:
    held = hold()
    held.patch(autoRenewEnabled=False)

    answer = lab.nothing_changed(lambda: held.patch(scheduledNextTermInstructions=NEXT))

    assert (answer.status_code, answer.json()["code"]) == (400, 900280)


def test_a_next_term_for_an_unrelated_product_is_refused(hold: Hold, lab: Lab) -> None:
    held = hold()
    product, sku, availability = E3.split(":")
    other = {"productId": product, "skuId": sku, "availabilityId": availability}
    other |= {"billingCycle": "annual", "termDuration": "P1Y"}

    answer = lab.nothing_changed(lambda: held.patch(scheduledNextTermInstructions={"product": other, "quantity": 1}))

    assert (answer.status_code, answer.json()["code"]) == (400, 800024)


def test_suspend_and_reactivate_with_whole_resources(hold: Hold) -> None:
    held = hold()

    suspended = held.patch(status="suspended").json()
    again = held.patch(status="active").json()

    assert (suspended["status"], suspended.get("actions")) == ("suspended", ["Cancel"])
    assert (again["status"], again["autoRenewEnabled"]) == ("active", True)


def test_a_lazy_suspension_turns_renewal_off_as_any_patch_does(hold: Hold) -> None:
    held = hold()

    assert held.client.patch(held.url, {"status": "suspended"}).json()["autoRenewEnabled"] is False


def test_cancelling_inside_the_window_deletes(hold: Hold, lab: Lab) -> None:
    held = hold()

    answer = held.patch(status="Deleted")

    assert (answer.status_code, answer.json()["status"]) == (200, "deleted")
    assert "actions" not in answer.json()
    assert lab.events("SubscriptionStatusChanged")[-1]["data"]["credit_minor"] == 60_00
    refused = held.patch(quantity=11)
    assert (refused.status_code, refused.json()["code"]) == (400, 2011)


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"quantity": 0}, 400, 2002),
        ({"quantity": 301}, 400, 2002),
        ({"status": "expired"}, 400, 800096),
        ({"status": "asleep"}, 400, 900126),
        ({"status": "suspended", "quantity": 11}, 400, 800002),
        ({"termDuration": "P1M"}, 400, 800122),
        ({"termDuration": "soon"}, 400, 800121),
        ({"billingCycle": "annual"}, 400, 800097),
        ({"partnerId": "9999999"}, 400, 800098),
        ({"friendlyName": "x" * 257}, 400, 800002),
        ({"attributes": {"etag": "eyJpZCI6IngifQ=="}}, 400, 2055),
        ({"scheduledNextTermInstructions": {**NEXT, "quantity": 301}}, 400, 2002),
        ({"scheduledNextTermInstructions": {**NEXT, "customTermEndDate": "2027-01-20T00:00:00Z"}}, 400, 900246),
        ({"scheduledNextTermInstructions": {**NEXT, "customTermEndDate": "tomorrow"}}, 400, 800002),
    ],
)
def test_what_cannot_be_is_refused_whole(hold: Hold, lab: Lab, members: dict[str, Any], status: int, code: int) -> None:
    held = hold()
    before = held.wire

    answer = lab.nothing_changed(lambda: held.patch(**members))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert held.wire == before


def test_a_stale_etag_is_2055_with_400(hold: Hold) -> None:
    held = hold()
    stale = held.wire
    held.patch(quantity=11)

    in_body = held.client.patch(held.url, {**stale, "quantity": 12})
    in_header = held.client.with_headers(If_Match=f'"{stale["attributes"]["etag"]}"').patch(
        held.url, {"quantity": 12, "autoRenewEnabled": True}
    )

    for answer in (in_body, in_header):
        assert (answer.status_code, answer.json()["code"]) == (400, 2055)
    assert held.row.quantity == 11


def test_a_retry_with_the_same_request_id_adds_seats_once(hold: Hold, lab: Lab) -> None:
    held = hold()
    client = held.client.with_headers(MS_RequestId="7c4a3c2e-0f43-4a35-9f0e-b2d70a7d9f6c")
    body = {**held.wire, "quantity": 12}

    first, second = client.patch(held.url, body), client.patch(held.url, body)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert len(lab.events("SubscriptionQuantityChanged")) == 1


def test_an_indirect_provider_names_a_reseller(lab: Lab) -> None:

    shop = open_shop(lab, kind=PartnerKind.INDIRECT_PROVIDER)
    named, stranger = reseller(lab, shop), reseller(lab, name="A stranger")
    shop.order(line(BASIC, 3))
    shown = shop.client.get(f"{shop.url}/subscriptions").json()["items"][0]
    held = Held(shop, shown["id"])

    assert held.patch(partnerId="0000001").json()["code"] == 800015
    assert held.patch(partnerId=shop_own(lab, shop)).json()["code"] == 800016
    assert held.patch(partnerId=stranger.global_partner_id).json()["code"] == 800016
    assert held.patch(partnerId=named.global_partner_id).json()["partnerId"] == named.global_partner_id


def shop_own(lab: Lab, shop: Shop) -> str:
    """The provider's own MPN id, which is no reseller's."""
    with lab.read() as uow:
        return partners.account(uow, shop.partner.id).global_partner_id
