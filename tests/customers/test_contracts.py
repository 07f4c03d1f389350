"""Contracts on the Graph surface: a partner's customers, and what an organization is to the programme."""

from uuid import UUID

import pytest

from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.customers.conftest import MakePartner, Partner, many_customers
from tests.support.graph import graph_client
from tests.support.lab import Lab

BASE = "https://localhost/v1.0"


def test_a_contract_is_a_customer_of_the_partner(partner: Partner, make_partner: MakePartner) -> None:
    made = partner.customer()
    graph = graph_client(partner.lab, partner.actor)

    body = graph.get("/v1.0/contracts").json()

    [shown] = body["value"]
    assert body["@odata.context"] == f"{BASE}/$metadata#contracts"
    assert shown == {
        "id": made["commerceId"],
        "contractType": "ResellerPartner",
        "customerId": made["id"],
        "defaultDomainName": "relecloud.onmicrosoft.com",
        "displayName": "Relecloud",
    }
    one = graph.get(f"/v1.0/contracts/{shown['id']}").json()
    assert one == {"@odata.context": f"{BASE}/$metadata#contracts/$entity", **shown}
    stranger = make_partner("Stranger")
    other = graph_client(partner.lab, stranger.actor)
    assert other.get("/v1.0/contracts").json()["value"] == []
    for key in (shown["id"], str(UUID(int=1)), "nonsense"):
        answer = other.get(f"/v1.0/contracts/{key}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_contracts_are_filtered_paged_and_counted(partner: Partner) -> None:
    many_customers(partner.lab, partner, 5)
    graph = graph_client(partner.lab, partner.actor, "Directory.Read.All")

    first = graph.get("/beta/contracts?$top=3&$select=displayName").json()
    rest = graph.get(first["@odata.nextLink"].removeprefix("https://localhost")).json()

    names = [each["displayName"] for each in (*first["value"], *rest["value"])]
    assert sorted(names) == [f"Customer {number:04}" for number in range(5)]
    assert "@odata.nextLink" not in rest
    found = graph.get("/v1.0/contracts?$filter=displayName eq 'customer 0002'&$select=displayName").json()
    assert [each["displayName"] for each in found["value"]] == ["Customer 0002"]
    key = graph.get("/v1.0/contracts?$top=1").json()["value"][0]["customerId"]
    found = graph.get(f"/v1.0/contracts?$filter=customerId eq {key}").json()
    assert [each["customerId"] for each in found["value"]] == [key]
    counted = graph.get("/v1.0/contracts/$count", headers={"consistencylevel": "eventual"})
    assert (counted.status_code, counted.text) == (200, "5")
    kinds = graph.get("/v1.0/contracts?$filter=contractType eq 'BreadthPartner'").json()
    assert kinds["value"] == []


def test_a_relationship_that_ended_is_no_contract(partner: Partner) -> None:
    made = partner.customer()
    answer = partner.client.patch(f"/v1/customers/{made['id']}", {"relationshipToPartner": "none"})
    assert answer.status_code == 200, answer.text

    assert graph_client(partner.lab, partner.actor).get("/v1.0/contracts").json()["value"] == []


@pytest.mark.parametrize(
    ("roles", "scope", "status"),
    [
        ([Role.ADMIN_AGENT], "Directory.Read.All", 200),
        ([Role.SALES_AGENT], "Directory.Read.All", 200),
        ([Role.GLOBAL_ADMIN], "Directory.Read.All", 200),
        ([], "Directory.Read.All", 403),
        ([Role.ADMIN_AGENT], "User.Read.All", 403),
    ],
)
def test_who_reads_contracts(partner: Partner, roles: list[Role], scope: str, status: int) -> None:
    user = partner.lab.user(partner.tenant, *roles, name="reader")
    answer = graph_client(partner.lab, user, scope).get("/v1.0/contracts")
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "Authorization_RequestDenied"


def test_who_is_no_partner_has_no_contracts(partner: Partner) -> None:
    made = partner.customer()
    lab = partner.lab
    lonely = lab.user(lab.tenant(TenantKind.CUSTOMER, "Lonely"), Role.CUSTOMER_GLOBAL_ADMIN)
    assert graph_client(lab, lonely).get("/v1.0/contracts").json()["value"] == []
    assert graph_client(lab, lonely).get(f"/v1.0/contracts/{made['commerceId']}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (PartnerKind.DIRECT_BILL, "resellerPartnerDelegatedAdmin"),
        (PartnerKind.INDIRECT_PROVIDER, "resellerPartnerDelegatedAdmin"),
        (PartnerKind.INDIRECT_RESELLER, "valueAddedResellerPartnerDelegatedAdmin"),
        (PartnerKind.MEMBER, None),
    ],
)
def test_tools_tell_resellers_by_the_organization(make_partner: MakePartner, kind: PartnerKind, shown: str) -> None:
    partner = make_partner("Contoso", kind)
    answer = graph_client(partner.lab, partner.actor).get("/v1.0/organization?$select=displayName,partnerTenantType")
    assert answer.json()["value"] == [{"id": str(partner.id), "displayName": "Contoso", "partnerTenantType": shown}]


def test_a_customer_has_no_partner_type(lab: Lab) -> None:
    admin = lab.user(lab.tenant(TenantKind.CUSTOMER, "Lonely"), Role.CUSTOMER_GLOBAL_ADMIN)
    [shown] = graph_client(lab, admin).get("/v1.0/organization").json()["value"]
    assert shown["partnerTenantType"] is None
