"""Licences on the Graph surface: the rows that ``/v1`` shows, read and changed with a token for the very tenant."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from openpartner.catalogue.models import Sku
from openpartner.identity.models import Tenant, User
from openpartner.identity.resources import GRAPH_COMMAND_LINE
from openpartner.platform.permissions import Role
from openpartner.subscriptions.rules.licences import plan_id
from tests.subscriptions.conftest import Hold
from tests.support import scene
from tests.support.client import AppClient
from tests.support.graph import delegated_client, graph_client
from tests.support.lab import Lab
from tests.support.own import person_of
from tests.support.shop import E3, Shop

BASE = "https://localhost/v1.0"
PLANS = ["Exchange Online", "Teams"]


@pytest.fixture
def own(shop: Shop, lab: Lab) -> AppClient:
    """A client of the customer's Global admin, and plans inside Business Basic."""
    with lab.begin() as uow:
        sku = uow.db.get_one(Sku, ("CFQ7TTC0LH18", "0001"))
        sku.service_plans = PLANS
        sku.provisioning_string = "O365_BUSINESS_ESSENTIALS"
    return graph_client(lab, person_of(lab, shop.customer_id, Role.CUSTOMER_GLOBAL_ADMIN))


def located(lab: Lab, shop: Shop, name: str, location: str = "US") -> UUID:
    actor = person_of(lab, shop.customer_id, name=name)
    assert actor.principal_id is not None
    with lab.begin() as uow:
        uow.db.get_one(User, actor.principal_id).usage_location = location
    return actor.principal_id


def assign(client: AppClient, user: object, *add: Any, remove: Any = ()) -> Any:
    body = {
        "addLicenses": [each if isinstance(each, dict) else {"skuId": str(each), "disabledPlans": []} for each in add],
        "removeLicenses": [str(each) for each in remove],
    }
    return client.post(f"/beta/users/{user}/assignLicense", body)


def said(answer: Any) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


def test_the_licences_of_the_tenant_are_those_of_v1(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    held = hold(quantity=3)
    sku = str(held.row.provisioning_id)
    ann = located(lab, shop, "ann")
    assert assign(own, ann, sku).status_code == 200
    key = f"{shop.customer_id}_{sku}"

    listed = own.get("/v1.0/subscribedSkus")

    services = [
        {
            "servicePlanId": plan_id(name),
            "servicePlanName": name.upper().replace(" ", "_"),
            "provisioningStatus": "Success",
            "appliesTo": "User",
        }
        for name in PLANS
    ]
    expected = {
        "accountId": str(shop.customer_id),
        "accountName": "Relecloud",
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": 1,
        "id": key,
        "skuId": sku,
        "skuPartNumber": "O365_BUSINESS_ESSENTIALS",
        "subscriptionIds": [str(held.id)],
        "prepaidUnits": {"enabled": 3, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": services,
    }
    assert listed.json() == {"@odata.context": f"{BASE}/$metadata#subscribedSkus", "value": [expected]}
    one = own.get(f"/v1.0/subscribedSkus/{key}?$select=skuId,consumedUnits").json()
    context = f"{BASE}/$metadata#subscribedSkus(skuId,consumedUnits)/$entity"
    assert one == {"@odata.context": context, "skuId": sku, "consumedUnits": 1, "id": key}
    [by_v1] = shop.client.get(f"{shop.url}/subscribedskus").json()["items"]
    assert (by_v1["activeUnits"], by_v1["consumedUnits"], by_v1["productSku"]["id"]) == (3, 1, sku)
    assert own.get(f"/v1.0/subscribedSkus/{uuid4()}_{sku}").status_code == 404
    assert said(own.get("/v1.0/subscribedSkus?$filter=skuPartNumber eq 'X'"))[0] == 400


def test_the_subscriptions_behind_them(shop: Shop, hold: Hold, own: AppClient) -> None:
    held = hold(quantity=3)
    row = held.row

    listed = own.get("/beta/directory/subscriptions?$top=999").json()["value"]

    assert [{name: value for name, value in each.items() if name != "serviceStatus"} for each in listed] == [
        {
            "id": str(held.id),
            "commerceSubscriptionId": str(held.id),
            "createdDateTime": "2026-01-15T09:00:00Z",
            "isTrial": False,
            "nextLifecycleDateTime": "2027-01-15T00:00:00Z",
            "ownerId": None,
            "ownerTenantId": str(shop.partner.id),
            "ownerType": "Partner",
            "skuId": str(row.provisioning_id),
            "skuPartNumber": "O365_BUSINESS_ESSENTIALS",
            "status": "Enabled",
            "totalLicenses": 3,
        }
    ]
    assert [each["servicePlanName"] for each in listed[0]["serviceStatus"]] == ["EXCHANGE_ONLINE", "TEAMS"]
    assert held.patch(status="suspended").status_code == 200
    found = own.get("/v1.0/directory/subscriptions?$filter=status eq 'Suspended'&$select=id").json()["value"]
    assert found == [{"id": str(held.id)}]
    one = own.get(f"/v1.0/directory/subscriptions(commerceSubscriptionId='{held.id}')?$select=status")
    assert one.json()["status"] == "Suspended"
    assert own.get(f"/v1.0/directory/subscriptions/{uuid4()}").status_code == 404


def test_a_user_shows_what_it_holds(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku = str(hold(quantity=2).row.provisioning_id)
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    teams = plan_id("Teams")

    given = assign(own, ann, {"skuId": sku, "disabledPlans": [teams]})

    assert (given.status_code, given.json()["id"]) == (200, str(ann))
    assert given.json()["@odata.context"] == f"{BASE.replace('v1.0', 'beta')}/$metadata#users/$entity"
    names = "assignedLicenses,assignedPlans,licenseAssignmentStates"
    shown = own.get(f"/v1.0/users/{ann}?$select={names}").json()
    assert shown["assignedLicenses"] == [{"disabledPlans": [teams], "skuId": sku}]
    assert [(each["service"], each["capabilityStatus"]) for each in shown["assignedPlans"]] == [
        ("EXCHANGE_ONLINE", "Enabled"),
        ("TEAMS", "Deleted"),
    ]
    assert shown["licenseAssignmentStates"] == [
        {
            "assignedByGroup": None,
            "disabledPlans": [teams],
            "error": "None",
            "lastUpdatedDateTime": "2026-01-15T09:00:00Z",
            "skuId": sku,
            "state": "Active",
        }
    ]
    [details] = own.get(f"/v1.0/users/{ann}/licenseDetails").json()["value"]
    assert (details["skuId"], details["skuPartNumber"]) == (sku, "O365_BUSINESS_ESSENTIALS")
    assert [each["provisioningStatus"] for each in details["servicePlans"]] == ["Success", "Disabled"]
    expanded = own.get(f"/v1.0/users/{ann}?$select=id&$expand=licenseDetails($select=skuId)").json()
    assert expanded["licenseDetails"] == [{"skuId": sku, "id": details["id"]}]
    assert own.get(f"/v1.0/users/{ben}/licenseDetails").json()["value"] == []


def test_users_are_found_by_what_they_hold(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku, other = hold(quantity=2).row.provisioning_id, hold(E3, 2).row.provisioning_id
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    assert assign(own, ann, sku, other).status_code == 200
    assert assign(own, ben, sku).status_code == 200
    eventual = own.with_headers(consistencylevel="eventual")

    def names(query: str, client: AppClient = own) -> list[str]:
        found = client.get(f"/v1.0/users?$select=userPrincipalName&{query}")
        assert found.status_code == 200, found.text
        return [each["userPrincipalName"].partition("@")[0] for each in found.json()["value"]]

    assert names(f"$filter=assignedLicenses/any(x:x/skuId eq {other})") == ["ann"]
    assert names("$filter=assignedLicenses/$count ne 0&$count=true", eventual) == ["ann", "ben"]
    assert names("$filter=assignedLicenses/$count eq 2&$count=true", eventual) == ["ann"]
    assert len(names("$filter=assignedLicenses/$count eq 0&$count=true", eventual)) == 1
    groups = eventual.get("/v1.0/groups?$select=assignedLicenses&$filter=assignedLicenses/$count ne 0&$count=true")
    assert (groups.status_code, groups.json()["value"]) == (200, [])


def test_licences_are_replaced_and_the_change_is_a_fact(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku, other = str(hold(quantity=2).row.provisioning_id), str(hold(E3, 2).row.provisioning_id)
    ann = located(lab, shop, "ann")
    teams = plan_id("Teams")
    assert assign(own, ann, sku).status_code == 200

    assert assign(own, ann, {"skuId": sku, "disabledPlans": [teams]}).status_code == 200
    assert assign(own, ann, other, remove=[sku]).status_code == 200
    assert assign(own, ann).status_code == 200

    facts = [(each["before"], each["after"]) for each in lab.events("LicensesChanged")]
    switched_off = {"skuIds": [sku], "disabledPlans": {sku: [teams]}}
    assert facts == [
        ({"skuIds": []}, {"skuIds": [sku]}),
        ({"skuIds": [sku]}, switched_off),
        (switched_off, {"skuIds": [other]}),
    ]
    again = own.post(f"/beta/users/{ann}/reprocessLicenseAssignment", {})
    assert (again.status_code, again.json()["id"]) == (200, str(ann))
    assert len(lab.events("LicensesChanged")) == 3


Case = Callable[[str, str], tuple[list[Any], list[Any]]]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (lambda sku, _: ([sku, str(UUID(int=7))], []), f"License {UUID(int=7)} does not correspond to a valid company"),
        (lambda sku, _: ([{"skuId": sku, "disabledPlans": ["x"]}], []), "x is no service plan of"),
        (lambda sku, _: ([], [sku]), "User does not have a corresponding license."),
        (lambda sku, _: ([sku], [sku]), "Either assign or remove"),
        (lambda sku, full: ([sku, full], []), "does not have any available licenses. No seat of Microsoft 365 E3"),
        (lambda _, __: (["no guid"], []), "Invalid GUID: 'no guid'."),
    ],
)
def test_what_is_refused_changes_nothing(
    lab: Lab, shop: Shop, hold: Hold, own: AppClient, case: Case, message: str
) -> None:
    sku, full = str(hold(quantity=2).row.provisioning_id), str(hold(E3, 1).row.provisioning_id)
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    assert assign(own, ben, full).status_code == 200
    add, remove = case(sku, full)

    refused = lab.nothing_changed(lambda: assign(own, ann, *add, remove=remove))

    status, code, words = said(refused)
    assert (status, code) == (400, "Request_BadRequest")
    assert message in words
    assert own.get(f"/v1.0/users/{ann}/licenseDetails").json()["value"] == []


def test_a_user_without_a_place_and_a_body_without_a_list(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku = str(hold().row.provisioning_id)
    eve = located(lab, shop, "eve", "")

    placeless = lab.nothing_changed(lambda: assign(own, eve, sku))
    short = lab.nothing_changed(lambda: own.post(f"/v1.0/users/{eve}/assignLicense", {"addLicenses": []}))
    odd = own.post(f"/v1.0/users/{eve}/assignLicense", {"addLicenses": [{"sku": sku}], "removeLicenses": []})

    status, code, message = said(placeless)
    assert (status, code) == (400, "Request_BadRequest")
    assert message.startswith("License assignment cannot be done for user with invalid usage location. Set the user's")
    assert said(short)[0] == 400
    assert "'removeLicenses'" in said(short)[2]
    assert said(odd)[0] == 400


def test_who_may(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku = str(hold(quantity=5).row.provisioning_id)
    ann = located(lab, shop, "ann")
    member = graph_client(lab, person_of(lab, shop.customer_id))
    tenant = shop.customer_id
    with lab.begin() as uow:
        tool = scene.app(uow, uow.db.get_one(Tenant, tenant), GRAPH_COMMAND_LINE)

    def app(*permissions: str) -> AppClient:
        return graph_client(lab, tool, *permissions)

    assert member.get("/v1.0/subscribedSkus").status_code == 200
    assert said(assign(member, ann, sku))[:2] == (403, "Authorization_RequestDenied")
    assert said(member.post(f"/v1.0/users/{ann}/reprocessLicenseAssignment", {}))[0] == 403
    assert assign(app("LicenseAssignment.ReadWrite.All"), ann, sku).status_code == 200
    assert said(assign(app("User.Read.All"), ann, sku))[0] == 403
    assert app("User.Read.All").get(f"/v1.0/users/{ann}/licenseDetails").status_code == 200
    assert said(app("Mail.Send").get("/v1.0/directory/subscriptions"))[0] == 403
    lab.give_delegated_access(shop.partner.id, tenant, "License Administrator")
    partner = delegated_client(lab, shop.agent, tenant)
    assert assign(partner, ann, remove=[sku]).status_code == 200
    assert said(partner.post("/v1.0/me/assignLicense", {"addLicenses": [], "removeLicenses": []}))[0] == 400


def test_one_reads_and_administers_ones_own(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    sku = str(hold().row.provisioning_id)
    admin = person_of(lab, shop.customer_id, Role.CUSTOMER_GLOBAL_ADMIN, name="ada")
    client = graph_client(lab, admin)
    assert client.patch(f"/v1.0/users/{admin.principal_id}", {"usageLocation": "US"}).status_code == 204

    given = client.post("/v1.0/me/assignLicense", {"addLicenses": [{"skuId": sku}], "removeLicenses": []})

    assert given.status_code == 200, given.text
    assert [each["skuId"] for each in client.get("/v1.0/me/licenseDetails").json()["value"]] == [sku]
    assert client.post("/v1.0/me/reprocessLicenseAssignment", {}).status_code == 200
