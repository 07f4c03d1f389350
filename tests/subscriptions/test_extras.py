"""What hangs on a subscription, over the wire: Azure subscriptions, registration, activation, contact, end dates."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from openpartner.catalogue.rules import MONTH, YEAR, BillingCycle
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant, User
from openpartner.partner import queries as partners
from openpartner.platform.permissions import Role
from tests.subscriptions.conftest import Held, Hold
from tests.support import scene
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BACKUP, E3, RESERVATION, SERVER, VISIO, Shop, reseller


def plan_of(hold: Hold) -> Held:
    return hold(AZURE_PLAN, 1, None, BillingCycle.MONTHLY)


def test_an_azure_plan_opens_with_one_azure_subscription(hold: Hold, shop: Shop) -> None:
    plan = plan_of(hold)

    body = shop.client.get(f"{plan.url}/azureEntitlements").json()

    assert body["totalCount"] == 1
    entitlement = body["items"][0]
    assert entitlement == {
        "id": entitlement["id"],
        "status": "active",
        "friendlyName": "Microsoft Azure",
        "subscriptionId": str(plan.id),
        "links": {
            "self": {
                "uri": f"/customers/{shop.customer_id}/subscriptions/{plan.id}/azureEntitlements/{entitlement['id']}",
                "method": "GET",
                "headers": [],
            }
        },
    }
    assert shop.client.get(f"{plan.url}/azureentitlements/{entitlement['id']}").json() == entitlement


def test_an_azure_subscription_is_cancelled_and_comes_back(hold: Hold, shop: Shop, lab: Lab) -> None:
    plan = plan_of(hold)
    one = f"{plan.url}/azureEntitlements/{shop.client.get(f'{plan.url}/azureentitlements').json()['items'][0]['id']}"

    blocked = plan.patch(status="suspended")
    unknown = shop.client.post(f"{one}/cancel", {"cancellationReason": "boredom"})
    cancelled = shop.client.post(f"{one}/cancel", {"CancellationReason": "Compromise"})
    suspended = plan.patch(status="suspended")
    too_early = shop.client.post(f"{one}/reactivate")
    plan.patch(status="active")
    back = shop.client.post(f"{one}/reactivate")
    again = shop.client.post(f"{one}/reactivate")

    assert (blocked.status_code, blocked.json()["code"]) == (403, 900115)
    assert (unknown.status_code, unknown.json()["code"]) == (400, 900307)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "inactive")
    assert suspended.json()["status"] == "suspended"
    assert too_early.json()["code"] == 900337
    assert back.json()["status"] == "active"
    assert again.json()["code"] == 900337
    assert [body["data"]["is_active"] for body in lab.events("AzureEntitlementChanged")] == [True, False, True]
    assert shop.client.get(f"{plan.url}/azureentitlements/{UUID(int=7)}").json()["code"] == 800111


def test_an_azure_plan_is_registered_for_reservations(hold: Hold, shop: Shop, lab: Lab) -> None:
    plan, seats = plan_of(hold), hold()
    before = shop.client.get(f"{plan.url}/registrationstatus").json()

    answer = shop.client.post(f"{plan.url}/registrations", b"null")
    repeated = shop.client.post(f"{plan.url}/registrations")

    assert before["status"] == "notregistered"
    assert (answer.status_code, answer.content, repeated.status_code) == (202, b"", 202)
    location = f"/customers/{shop.customer_id}/subscriptions/{plan.id}/registrationstatus"
    assert answer.headers["location"] == location
    assert shop.client.get("/v1" + location).json() == {
        "subscriptionId": str(plan.id),
        "status": "registered",
        "attributes": {"objectType": "SubscriptionRegistrationStatus"},
    }
    assert len(lab.events("SubscriptionRegistered")) == 1
    assert shop.client.post(f"{seats.url}/registrations").json()["code"] == 800011


def test_a_marketplace_product_is_activated_once(hold: Hold, shop: Shop) -> None:
    backup = hold(BACKUP, 2, MONTH)
    links = shop.client.get(f"{backup.url}/activationlinks").json()

    first, second = shop.client.post(f"{backup.url}/activate"), shop.client.post(f"{backup.url}/activate")

    assert links["items"] == [
        {
            "lineItemNumber": 0,
            "link": {
                "uri": f"/customers/{shop.customer_id}/subscriptions/{backup.id}/activate",
                "method": "POST",
                "headers": [],
            },
        }
    ]
    assert first.json() == {"subscriptionId": str(backup.id), "status": "Success"}
    assert (second.status_code, second.json()["code"]) == (400, 800041)
    assert shop.client.get(f"{backup.url}/activationlinks").json()["items"] == []
    assert shop.client.post(f"{hold().url}/activate").json()["code"] == 800042


def test_provisioning_says_how_far_it_is(hold: Hold, shop: Shop) -> None:
    held = hold()

    assert shop.client.get(f"{held.url}/provisioningstatus").json() == {
        "skuId": str(held.row.provisioning_id),
        "status": "success",
        "quantity": 10,
        "endDate": "2027-01-14T23:59:59Z",
        "attributes": {"objectType": "SubscriptionProvisioningStatus"},
    }


def test_an_app_alone_may_not_ask_for_provisioning(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    with lab.begin() as uow:
        identity.install_well_known_applications(uow)
        app = scene.app(uow, shop.partner, UUID("00000003-0000-0000-c000-000000000000"))

    answer = lab.client(app).get(f"{held.url}/provisioningstatus")

    assert (answer.status_code, answer.json()["code"]) == (403, 900329)


def test_the_partner_itself_gives_support_until_another_is_named(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    url = f"{held.url}/supportcontact"
    with lab.read() as uow:
        own = partners.account(uow, shop.partner.id)
    other = reseller(lab)

    before = shop.client.get(url).json()
    wrong = shop.client.put(url, {"supportTenantId": str(shop.partner.id), "supportMpnId": other.global_partner_id})
    body = {"SupportTenantId": str(other.tenant_id), "SupportMpnId": other.global_partner_id, "Name": "Fabrikam desk"}
    answer = shop.client.put(url, body)

    assert before == {
        "supportTenantId": str(shop.partner.id),
        "supportMpnId": own.global_partner_id,
        "name": "Contoso Partner",
        "links": {
            "self": {
                "uri": f"/customers/{shop.customer_id}/subscriptions/{held.id}/supportcontact",
                "method": "GET",
                "headers": [],
            }
        },
        "attributes": {"objectType": "SupportContact"},
    }
    assert (wrong.status_code, wrong.json()["code"]) == (404, 800015)
    assert answer.json()["name"] == "Fabrikam desk"
    assert shop.client.get(url).json() == answer.json()
    assert len(lab.events("SupportContactChanged")) == 1


def test_addons_are_found_by_what_they_need(hold: Hold, shop: Shop) -> None:
    base, addon, other = hold(), hold(VISIO, 2), hold(E3, 1)

    items = shop.client.get(f"{base.url}/addons").json()["items"]

    assert [item["id"] for item in items] == [str(addon.id)]
    assert shop.client.get(f"{other.url}/addons").json()["items"] == []


def test_end_dates_are_month_ends_and_those_of_what_is_held(hold: Hold, shop: Shop) -> None:
    held = hold()
    url = f"{shop.url}/subscriptions/customTermEndDates"

    monthly = shop.client.get(f"{url}?term_duration=P1M&term_start_date=2026-01-20").json()
    named = shop.client.get(
        f"{url}?TermDuration=P1Y&TermStartDate=2026-02-20T00:00:00&TargetCotermSubscriptionId={str(held.id).upper()}"
    ).json()
    missing = shop.client.get(url)

    assert monthly["items"] == [
        {
            "allowedCustomTermEndDateType": "calendarMonthAligned",
            "allowedCustomTermEndDate": "2026-01-31T00:00:00",
        },
        {
            "allowedCustomTermEndDateType": "subscriptionAligned",
            "allowedCustomTermEndDate": "2026-02-14T00:00:00",
            "cotermSubscriptionIds": [str(held.id)],
        },
    ]
    assert [item["allowedCustomTermEndDate"] for item in named["items"]] == ["2027-01-14T00:00:00"]
    assert (missing.status_code, missing.json()["code"]) == (400, 800121)


def test_entitlements_are_software_and_reservations(hold: Hold, shop: Shop) -> None:
    server = hold(SERVER, 3, None, BillingCycle.ONE_TIME)
    machine = hold(RESERVATION, 2, YEAR, BillingCycle.ONE_TIME)
    hold()
    url = f"{shop.url}/entitlements"

    everything = shop.client.get(url).json()["items"]
    reserved = shop.client.get(f"{url}?entitlementType=VirtualMachineReservedInstance&showExpiry=True").json()["items"]

    assert [item["entitlementType"] for item in everything] == ["software", "reservedinstance"]
    assert everything[0] == {
        "includedEntitlements": [],
        "referenceOrder": {"id": server.row.order_id, "lineItemId": "0", "alternateId": server.row.order_id},
        "productId": "DG7GMGF0DVT9",
        "quantity": 3,
        "quantityDetails": [{"quantity": 3, "status": "active"}],
        "entitledArtifacts": [],
        "skuId": "0001",
        "entitlementType": "software",
        "fulfillmentState": "Fulfilled",
    }
    assert reserved[0]["expiryDate"] == "2027-01-14T23:59:59Z"
    assert reserved[0]["entitledArtifacts"][0]["artifactType"] == "reservedinstance"
    assert reserved[0]["entitledArtifacts"][0]["resourceId"] == str(machine.id)


# --- licences


def user_of(lab: Lab, shop: Shop, name: str, location: str = "US") -> UUID:
    with lab.begin() as uow:
        actor = scene.user(uow, uow.db.get_one(Tenant, shop.customer_id), name)
        assert actor.principal_id is not None
        uow.db.get_one(User, actor.principal_id).usage_location = location
        return actor.principal_id


def give(shop: Shop, user: UUID, *skus: Any, **members: Any) -> Any:
    body = {"licensesToAssign": [{"skuId": str(sku), "excludedPlans": None} for sku in skus], **members}
    return shop.client.post(f"{shop.url}/users/{user}/licenseupdates", body)


def test_a_user_is_given_a_licence(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold(quantity=3)
    sku = str(held.row.provisioning_id)
    ann = user_of(lab, shop, "ann")

    answer = give(shop, ann, sku)

    assert answer.status_code == 201
    assert answer.json() == {
        "licensesToAssign": [{"skuId": sku}],
        "licenseWarnings": [],
        "attributes": {"objectType": "LicenseUpdate"},
    }
    product = {
        "id": sku,
        "name": "Microsoft 365 Business Basic",
        "skuPartNumber": "",
        "targetType": "User",
        "licenseGroupId": "group1",
    }
    assert shop.client.get(f"{shop.url}/users/{ann}/licenses").json()["items"] == [
        {"servicePlans": [], "productSku": product, "attributes": {"objectType": "License"}}
    ]
    assert shop.client.get(f"{shop.url}/subscribedskus").json()["items"] == [
        {
            "availableUnits": 2,
            "activeUnits": 3,
            "consumedUnits": 1,
            "suspendedUnits": 0,
            "totalUnits": 3,
            "warningUnits": 0,
            "productSku": product,
            "servicePlans": [],
            "capabilityStatus": "Enabled",
            "attributes": {"objectType": "SubscribedSku"},
        }
    ]
    assert shop.client.get(f"{shop.url}/subscribedskus?licenseGroupIds=Group2").json()["items"] == []
    assert lab.events("LicensesChanged")[0]["after"] == {"skuIds": [sku]}


def test_seats_of_every_subscription_of_a_product_count(hold: Hold, shop: Shop) -> None:
    first = hold(quantity=3)
    hold(quantity=4)
    first.patch(status="suspended")

    units = shop.client.get(f"{shop.url}/subscribedskus").json()["items"][0]

    assert {name: units[name] for name in ("activeUnits", "suspendedUnits", "totalUnits", "availableUnits")} == {
        "activeUnits": 4,
        "suspendedUnits": 3,
        "totalUnits": 4,
        "availableUnits": 4,
    }


def test_a_licence_is_refused_without_seat_place_or_product(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold(quantity=1)
    sku = held.row.provisioning_id
    ann, ben, nowhere = (user_of(lab, shop, name, place) for name, place in (("ann", "US"), ("ben", "US"), ("cy", "")))
    assert give(shop, ann, sku).status_code == 201

    for answer in (
        lab.nothing_changed(lambda: give(shop, ben, sku)),
        lab.nothing_changed(lambda: give(shop, nowhere, sku)),
        lab.nothing_changed(lambda: give(shop, ann, UUID(int=5))),
        lab.nothing_changed(lambda: give(shop, ben, licensesToRemove=[str(sku)])),
        lab.nothing_changed(lambda: give(shop, ben)),
        lab.nothing_changed(lambda: give(shop, ben, "E3")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert give(shop, UUID(int=9), sku).json()["code"] == 60002


def test_licences_go_with_the_last_subscription_of_their_product(hold: Hold, shop: Shop, lab: Lab) -> None:
    first, second = hold(quantity=3), hold(quantity=3)
    ann = user_of(lab, shop, "ann")
    give(shop, ann, first.row.provisioning_id)
    url = f"{shop.url}/users/{ann}/licenses"

    first.patch(status="deleted")
    assert len(shop.client.get(url).json()["items"]) == 1
    second.patch(status="deleted")

    assert shop.client.get(url).json()["items"] == []
    assert lab.events("LicensesChanged")[-1]["after"] == {"skuIds": []}


def test_a_licence_is_taken_back(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold(quantity=1)
    ann = user_of(lab, shop, "ann")
    give(shop, ann, held.row.provisioning_id)

    answer = give(shop, ann, licensesToRemove=[str(held.row.provisioning_id)])

    assert answer.status_code == 201
    assert shop.client.get(f"{shop.url}/users/{ann}/licenses").json()["items"] == []


def test_a_billing_admin_does_not_give_licences(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    ann = user_of(lab, shop, "ann")
    client = lab.client(lab.user(shop.partner, Role.BILLING_ADMIN))

    answer = client.post(f"{shop.url}/users/{ann}/licenseupdates", {"licensesToRemove": [str(held.id)]})

    assert answer.status_code == 403


def test_an_expired_one_still_gives_its_seats_as_a_warning(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold(quantity=3)
    held.patch(autoRenewEnabled=False)
    lab.advance(timedelta(days=366))

    units = shop.client.get(f"{shop.url}/subscribedskus").json()["items"][0]

    assert (units["warningUnits"], units["totalUnits"], units["capabilityStatus"]) == (3, 3, "Warning")
    assert held.wire["suspensionReasons"] == ["Expiration"]
