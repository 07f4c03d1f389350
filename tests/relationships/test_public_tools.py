"""The calls that two widely used public programs make of this area, in their shapes: a Node library, and a portal.

Neither program's code is here: what they send, in the order in which they send it.
"""

from typing import Any

import pytest

from openpartner.relationships.rules.requests import RequestAction
from tests.support.client import AppClient
from tests.support.granting import GLOBAL, HELPDESK, READERS, USERS, Grants
from tests.support.graph import EVERYTHING, graph_client

RELATIONSHIPS = "tenantRelationships/delegatedAdminRelationships"
BETA = f"/beta/{RELATIONSHIPS}"
STABLE = f"/v1.0/{RELATIONSHIPS}"


@pytest.fixture
def portal(grants: Grants) -> AppClient:
    return graph_client(grants.lab, grants.agent, EVERYTHING, "DelegatedAdminRelationship.ReadWrite.All")


def _batch(portal: AppClient, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of a bulk request by their ids."""
    answer = portal.post("/beta/$batch", {"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["responses"]}


def _roles(*wanted: Any) -> dict[str, Any]:
    return {"unifiedRoles": [{"roleDefinitionId": str(each)} for each in wanted]}


def test_the_portal_invites_and_locks_with_the_drafts_etag(grants: Grants, portal: AppClient) -> None:
    made = portal.post(
        BETA,
        {
            "displayName": "TOOL_5f6e0f3c-2f0d-4a4a-9f0e-0d8f3f7a1c11",
            "accessDetails": _roles(HELPDESK, READERS),
            "autoExtendDuration": "P180D",
            "duration": "P730D",
        },
    )
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    assert portal.get(f"{BETA}/{key}").json()["status"] == "created"

    locked = portal.post(
        f"{BETA}/{key}/requests", {"action": "lockForApproval"}, headers={"If-Match": made.json()["@odata.etag"]}
    )

    assert (locked.status_code, locked.json()["action"]) == (201, "lockForApproval")
    grants.settle()
    assert grants.status(key) == "approvalPending"


def test_the_portal_lists_what_is_active(grants: Grants, portal: AppClient) -> None:
    active = grants.active()
    grants.pending("Waits")
    other = f"customer/tenantId eq '{grants.customer.id}'"
    tail = "&$select=customer,autoExtendDuration,endDateTime"

    for query in (
        f"{BETA}?$filter=status eq 'active'{tail}",
        f"{STABLE}?$filter=status eq 'active' and {other}{tail}",
        f"{STABLE}?$filter=(status eq 'active') AND ({other})",
    ):
        found = portal.get(query, headers={"ConsistencyLevel": "eventual"})
        assert found.status_code == 200, found.text
        assert [each["customer"]["displayName"] for each in found.json()["value"]] == ["Adventure Works"]
    whole = portal.get(f"{BETA}?$top=300&$count=true", headers={"ConsistencyLevel": "eventual"}).json()
    assert (whole["@odata.count"], len(whole["value"])) == (2, 2)
    assert {each["status"] for each in whole["value"]} == {"active", "approvalPending"}
    assert active in {each["id"] for each in whole["value"]}


def test_the_portal_puts_assignments_right_in_bulk(grants: Grants, portal: AppClient) -> None:
    key = grants.active()
    second, _ = grants.new_group("Second line", "second")
    third, _ = grants.new_group("Third line", "third")
    kept, gone = grants.assign(key, HELPDESK), grants.assign(key, USERS, group=second)
    grants.settle()
    where = f"{RELATIONSHIPS}/{key}"
    read = _batch(
        portal,
        {"id": "getRelationship", "url": where, "method": "GET"},
        {"id": "getAccessAssignments", "url": f"{where}/accessAssignments", "method": "GET"},
    )
    assert read["getRelationship"]["body"]["accessDetails"] == _roles(*sorted([HELPDESK, USERS, READERS], key=str))
    etags = {each["id"]: each["@odata.etag"] for each in read["getAccessAssignments"]["body"]["value"]}
    groups = portal.get("/beta/groups?$top=999&$select=id,displayName&$filter=securityEnabled eq true").json()["value"]
    assert {"Helpdesk team", "Second line", "Third line"} <= {each["displayName"] for each in groups}
    assert all(set(each) == {"id", "displayName"} for each in groups)

    json = {"Content-Type": "application/json"}
    done = _batch(
        portal,
        {
            "id": f"delete-{gone}",
            "url": f"{where}/accessAssignments/{gone}",
            "method": "DELETE",
            "headers": {"If-Match": etags[str(gone)]},
        },
        {
            "id": f"patch-{kept}",
            "url": f"{where}/accessAssignments/{kept}",
            "method": "PATCH",
            "body": {"accessDetails": _roles(READERS)},
            "headers": {"If-Match": etags[str(kept)], **json},
        },
        {
            "id": f"create-{third}",
            "url": f"{where}/accessAssignments",
            "method": "POST",
            "body": {
                "accessDetails": _roles(HELPDESK),
                "accessContainer": {"accessContainerId": str(third), "accessContainerType": "securityGroup"},
            },
            "headers": json,
        },
    )

    assert {name.split("-")[0]: each["status"] for name, each in done.items()} == {
        "delete": 204,
        "patch": 202,
        "create": 201,
    }
    grants.settle()
    left = portal.get(f"{BETA}/{key}/accessAssignments").json()["value"]
    by_group = {each["accessContainer"]["accessContainerId"]: each for each in left}
    assert by_group[str(grants.group)]["accessDetails"] == _roles(READERS)
    assert {group: each["status"] for group, each in by_group.items()} == {
        str(grants.group): "active",
        str(second): "deleted",
        str(third): "active",
    }


def test_the_portal_takes_global_administrator_out(grants: Grants, portal: AppClient) -> None:
    key = grants.active(roles=frozenset({GLOBAL, HELPDESK}))
    read = portal.get(f"{BETA}/{key}").json()
    kept = [each for each in read["accessDetails"]["unifiedRoles"] if each["roleDefinitionId"] != str(GLOBAL)]
    match = {"If-Match": read["@odata.etag"]}

    answer = portal.patch(f"{BETA}/{key}", {"accessDetails": {"unifiedRoles": kept}}, headers=match)

    assert answer.status_code == 202, answer.text
    grants.settle()
    assert grants.roles_of(key) == {HELPDESK}
    match = {"If-Match": portal.get(f"{BETA}/{key}").json()["@odata.etag"]}
    assert portal.patch(f"{BETA}/{key}", {"autoExtendDuration": "P180D"}, headers=match).status_code == 200


def test_the_portal_traces_who_has_access(grants: Grants, portal: AppClient) -> None:
    key = grants.active()
    grants.assign(key, HELPDESK)
    grants.settle()
    upn = grants.worker.name

    user = portal.get(f"/beta/users/{upn}").json()
    member_of = portal.get(f"/beta/users/{user['id']}/transitiveMemberOf?$select=id,displayName").json()["value"]
    members = portal.get(f"/beta/groups/{grants.group}/members?$select=id,displayName,userPrincipalName").json()[
        "value"
    ]
    typed = portal.get(f"/beta/groups/{grants.group}/members?$select=id,displayName,@odata.type")
    assignments = portal.get(f"{BETA}/{key}/accessAssignments").json()["value"]

    unknown = portal.get(f"/beta/groups/{grants.group}/members?$select=id,colour")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "Request_BadRequest")

    assert user["userPrincipalName"] == upn
    assert [each["displayName"] for each in member_of] == ["Helpdesk team"]
    assert [each["userPrincipalName"] for each in members] == [upn]
    assert typed.status_code == 200, typed.text
    assert [each["@odata.type"] for each in typed.json()["value"]] == ["#microsoft.graph.user"]
    assert [each["accessContainer"]["accessContainerId"] for each in assignments] == [str(grants.group)]


def test_the_portal_ends_a_customers_relationships(grants: Grants, portal: AppClient) -> None:
    key = grants.active()

    answer = portal.post(f"{STABLE}/{key}/requests", {"action": "terminate"})

    assert (answer.status_code, answer.json()["action"]) == (201, "terminate")
    grants.settle()
    assert grants.status(key) == "terminated"


def test_the_library_reads_by_customer_and_every_request(grants: Grants, portal: AppClient) -> None:
    key = grants.pending()
    grants.order(grants.create("Another", customer_id=grants.new_customer("Blue Yonder")[0].id), LOCK)
    twice_encoded = f"customer%2FtenantId%20eq%20'{grants.customer.id}'"

    found = portal.get(f"{STABLE}?$filter={twice_encoded}")
    [request] = portal.get(f"{STABLE}/{key}/requests").json()["value"]

    assert [each["id"] for each in found.json()["value"]] == [key]
    assert portal.get(f"{STABLE}/{key}/requests/{request['id']}").json()["action"] == "lockForApproval"


LOCK = RequestAction.LOCK_FOR_APPROVAL
