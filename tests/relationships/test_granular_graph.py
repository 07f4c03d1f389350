"""Delegated admin relationships over Graph: whole bodies, both roots. Source: gdap §2 to §9, §16; graph-conventions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from openpartner.identity import service as identity
from openpartner.identity.resources import GDAP_FIRST_PARTY, GRAPH_COMMAND_LINE
from openpartner.platform.actor import Actor
from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.permissions import Role
from openpartner.relationships import service
from tests.relationships.test_granular_customers import Chain
from tests.support import scene
from tests.support.client import AppClient
from tests.support.granting import GLOBAL, HELPDESK, LICENSES, READERS, USERS, Grants
from tests.support.lab import Lab

ROOT = "/v1.0/tenantRelationships/delegatedAdminRelationships"
HOST = "https://localhost"
NOW = "2026-01-15T09:00:00.0000000Z"


@pytest.fixture
def client(grants: Grants) -> AppClient:
    return grants.lab.client(grants.agent)


def roles(*wanted: UUID) -> dict[str, Any]:
    return {"unifiedRoles": [{"roleDefinitionId": str(role)} for role in sorted(wanted)]}


def body(grants: Grants, name: str = "Support", **members: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
        "displayName": name,
        "duration": "P730D",
        "customer": {"tenantId": str(grants.customer.id), "displayName": "whatever the client thinks"},
        "accessDetails": roles(HELPDESK, READERS),
        "autoExtendDuration": "P180D",
        **members,
    }


def shown(grants: Grants, key: str, **members: Any) -> dict[str, Any]:
    row = grants.row(key)
    assert row is not None
    return {
        "@odata.etag": weak_etag(key, row.version),
        "id": key,
        "displayName": "Support",
        "duration": "P730D",
        "autoExtendDuration": "P180D",
        "customer": {"tenantId": str(grants.customer.id), "displayName": "Adventure Works"},
        "accessDetails": roles(HELPDESK, READERS),
        "status": "created",
        "createdDateTime": NOW,
        "activatedDateTime": None,
        "endDateTime": None,
        "lastModifiedDateTime": NOW,
        **members,
    }


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def match(client: AppClient, url: str) -> dict[str, str]:
    return {"If-Match": client.get(url).json()["@odata.etag"]}


@pytest.mark.parametrize("root", ["v1.0", "beta"])
def test_create_and_read(grants: Grants, client: AppClient, root: str) -> None:
    address = f"/{root}/tenantRelationships/delegatedAdminRelationships"
    made = client.post(address, body(grants))
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    context = f"{HOST}/{root}/tenantRelationships/$metadata#delegatedAdminRelationships"
    assert made.json() == {"@odata.context": context, **shown(grants, key)}
    assert made.headers["location"] == f"{HOST}{address}/{key}"
    assert made.headers["etag"] == made.json()["@odata.etag"]
    read = client.get(f"{address}/{key}")
    assert (read.status_code, read.json()) == (
        200,
        {"@odata.context": f"{context}/$entity", **shown(grants, key)},
    )
    assert client.get(f"{address}('{key}')").json() == read.json()
    some = client.get(f"{address}/{key}?$select=id,status").json()
    assert some == {
        "@odata.context": f"{HOST}/{root}/tenantRelationships/$metadata#delegatedAdminRelationships(id,status)/$entity",
        "@odata.etag": read.json()["@odata.etag"],
        "id": key,
        "status": "created",
    }


def test_durations_as_the_python_sdk_writes_them(grants: Grants, client: AppClient) -> None:
    wanted = body(grants, duration="730 days, 0:00:00", autoExtendDuration="0:00:00")
    made = client.post(ROOT, wanted).json()
    assert (made["duration"], made["autoExtendDuration"]) == ("P730D", "PT0S")
    open_to_all = client.post(ROOT, {"displayName": "Open", "duration": "P2Y", "accessDetails": roles(USERS)}).json()
    assert (open_to_all["customer"], open_to_all["duration"], open_to_all["autoExtendDuration"]) == (
        None,
        "P2Y",
        "PT0S",
    )


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"displayName": ""}, 400, "badRequest"),
        ({"displayName": None}, 400, "badRequest"),
        ({"displayName": "x" * 51}, 400, "badRequest"),
        ({"displayName": "TAKEN"}, 409, "conflict"),
        ({"duration": "P731D"}, 400, "badRequest"),
        ({"duration": None}, 400, "badRequest"),
        ({"autoExtendDuration": "P90D"}, 400, "badRequest"),
        ({"accessDetails": {"unifiedRoles": []}}, 400, "badRequest"),
        ({"accessDetails": None}, 400, "badRequest"),
        ({"accessDetails": {"unifiedRoles": [{"roleDefinitionId": "no guid"}]}}, 400, "badRequest"),
        ({"accessDetails": roles(UUID(int=5))}, 400, "badRequest"),
        ({"accessDetails": roles(GLOBAL)}, 400, "badRequest"),
        ({"customer": {"tenantId": "no guid"}}, 400, "badRequest"),
        ({"customer": {"tenantId": str(UUID(int=5))}}, 400, "badRequest"),
        ({"colour": "blue"}, 400, "Request_BadRequest"),
    ],
)
def test_what_cannot_be_created(
    grants: Grants, client: AppClient, members: dict[str, Any], status: int, code: str
) -> None:
    assert client.post(ROOT, body(grants, "Taken")).status_code == 201
    answer = grants.lab.nothing_changed(lambda: client.post(ROOT, body(grants, **members)))
    assert refusal(answer) == (status, code)
    assert client.get("/v1.0/tenantRelationships/delegatedAdminRelationships/$count").text == "1"


def test_a_draft_by_its_etag(grants: Grants, client: AppClient) -> None:
    key = client.post(ROOT, body(grants)).json()["id"]
    url = f"{ROOT}/{key}"
    first = match(client, url)
    assert refusal(client.patch(url, {"displayName": "Other"})) == (400, "badRequest")
    assert refusal(client.delete(url)) == (400, "badRequest")
    changed = client.patch(url, {"displayName": "Other"}, headers=first)
    assert (changed.status_code, changed.json()) == (
        200,
        {
            "@odata.context": f"{HOST}/v1.0/tenantRelationships/$metadata#delegatedAdminRelationships/$entity",
            **shown(grants, key, displayName="Other"),
        },
    )
    assert refusal(client.patch(url, {"displayName": "Late"}, headers=first)) == (412, "preconditionFailed")
    assert refusal(client.delete(url, headers=first)) == (412, "preconditionFailed")
    stripped = {"If-Match": changed.json()["@odata.etag"].removeprefix('W/"').removesuffix('"')}
    whole = client.patch(url, {**changed.json(), "duration": "P30D"}, headers=stripped)
    assert (whole.status_code, whole.json()["duration"]) == (200, "P30D")
    gone = client.delete(url, headers={"If-Match": "*"})
    assert (gone.status_code, gone.content) == (204, b"")
    assert refusal(client.delete(url, headers={"If-Match": "*"})) == (404, "itemNotFound")
    assert refusal(client.get(url)) == (404, "itemNotFound")


def test_clients_that_never_send_if_match_can_be_let_be(grants: Grants, client: AppClient) -> None:
    world = grants.lab.world
    object.__setattr__(world, "settings", msgspec.structs.replace(world.settings, gdap_if_match=False))
    url = f"{ROOT}/{client.post(ROOT, body(grants)).json()['id']}"
    assert client.patch(url, {"displayName": "Other"}).status_code == 200
    assert refusal(client.patch(url, {"displayName": "x"}, headers={"If-Match": "stale"}))[0] == 412
    assert client.delete(url).status_code == 204


def test_identifiers_that_are_none(grants: Grants, client: AppClient) -> None:
    answer = client.get(f"{ROOT}/nonsense")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == (
        "badRequest",
        "The passed in delegatedAdminRelationshipId is invalid.",
    )
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    unknown = f"{ROOT}/{UUID(int=1)}-{UUID(int=2)}"
    assert refusal(client.get(unknown)) == (404, "itemNotFound")
    key = grants.active()
    for name in ("accessAssignments", "requests", "operations"):
        assert refusal(client.get(f"{ROOT}/{key}/{name}/nonsense")) == (400, "badRequest")
        assert refusal(client.get(f"{ROOT}/{key}/{name}/{UUID(int=1)}")) == (404, "itemNotFound")
        assert refusal(client.get(f"{unknown}/{name}")) == (404, "itemNotFound")


# --- lists


def test_a_list_with_every_option_that_clients_use(grants: Grants, client: AppClient) -> None:
    keys = {}
    for name in ("MLT_alpha", "MLT_beta", "Gamma"):
        grants.lab.advance(timedelta(minutes=1))
        keys[name] = grants.create(name)
    grants.lock(keys["Gamma"])
    listed = client.get(f"{ROOT}?$top=300", headers={"ConsistencyLevel": "eventual"})
    assert listed.json()["@odata.context"] == (f"{HOST}/v1.0/tenantRelationships/$metadata#delegatedAdminRelationships")
    assert [each["displayName"] for each in listed.json()["value"]] == ["MLT_alpha", "MLT_beta", "Gamma"]
    assert "@odata.type" not in listed.json()["value"][0]

    def names(query: str) -> list[str]:
        answer = client.get(f"{ROOT}?{query}")
        assert answer.status_code == 200, answer.text
        return [each["displayName"] for each in answer.json()["value"]]

    customer = grants.customer.id
    assert names("$filter=status eq 'approvalPending'") == ["Gamma"]
    assert names(f"$filter=(status eq 'created') AND (customer/tenantId eq '{customer}')") == ["MLT_alpha", "MLT_beta"]
    assert names(f"$filter=customer/tenantId eq '{UUID(int=1)}'") == []
    assert names("$filter=startswith(displayName,'mlt_')") == ["MLT_alpha", "MLT_beta"]
    assert names("$filter=status in ('created','active')&$orderby=displayName desc") == ["MLT_beta", "MLT_alpha"]
    assert names(f"$filter=accessDetails/unifiedRoles/any(r:r/roleDefinitionId eq '{GLOBAL}')") == []
    assert len(names(f"$filter=accessDetails/unifiedRoles/any(r:r/roleDefinitionId eq '{HELPDESK}')")) == 3
    counted = client.get(f"{ROOT}?$count=true&$top=2").json()
    assert (counted["@odata.count"], len(counted["value"])) == (3, 2)
    following = client.get(counted["@odata.nextLink"].removeprefix(HOST)).json()
    assert [each["displayName"] for each in following["value"]] == ["Gamma"]
    assert "@odata.nextLink" not in following
    few = client.get(f"{ROOT}?$select=displayName&$top=1").json()["value"]
    assert set(few[0]) == {"@odata.etag", "id", "displayName"}
    plain = client.get(f"{ROOT}/$count?$filter=status eq 'created'", headers={"Accept": "text/plain;q=0.9"})
    assert (plain.text, plain.headers["content-type"].partition(";")[0]) == ("2", "text/plain")
    assert refusal(client.get(f"{ROOT}?$top=301"))[0] == 400
    assert refusal(client.get(f"{ROOT}?$filter=colour eq 'blue'")) == (400, "Request_BadRequest")


# --- a relationship's life over the wire


def test_ask_assign_change_and_end(grants: Grants, client: AppClient) -> None:
    key = client.post(ROOT, body(grants, autoExtendDuration="PT0S")).json()["id"]
    url = f"{ROOT}/{key}"
    ordered = client.post(f"{url}/requests", {"action": "lockForApproval"}, headers={"If-Match": "anything"})
    assert ordered.status_code == 201
    request = ordered.json()
    context = f"{HOST}/v1.0/$metadata#tenantRelationships/delegatedAdminRelationships('{key}')"
    assert request == {
        "@odata.context": f"{context}/requests/$entity",
        "id": request["id"],
        "action": "lockForApproval",
        "status": "created",
        "createdDateTime": NOW,
        "lastModifiedDateTime": NOW,
    }
    assert ordered.headers["location"] == f"{HOST}{url}/requests/{request['id']}"
    assert refusal(client.patch(url, {"displayName": "x"}, headers={"If-Match": "*"})) == (400, "badRequest")
    assert refusal(client.delete(url, headers={"If-Match": "*"})) == (400, "badRequest")
    grants.settle()
    assert client.get(f"{url}/requests/{request['id']}").json() == {**request, "status": "succeeded"}
    assert refusal(client.post(f"{url}/requests", {"action": "approve"})) == (403, "accessDenied")
    assert refusal(client.post(f"{url}/requests", {"action": "reject"})) == (403, "accessDenied")
    assert refusal(client.post(f"{url}/requests", {"action": "lockForApproval"})) == (400, "badRequest")
    assert refusal(client.post(f"{url}/requests", {"action": "explode"})) == (400, "badRequest")
    assert refusal(client.post(f"{url}/requests", {})) == (400, "badRequest")

    grants.approve(key)
    grants.settle()
    active = client.get(url).json()
    assert (active["status"], active["activatedDateTime"], active["endDateTime"]) == (
        "active",
        NOW,
        "2028-01-15T09:00:00.0000000Z",
    )

    container = {"accessContainerId": str(grants.group), "accessContainerType": "securityGroup"}
    wanted = {"accessContainer": container, "accessDetails": roles(HELPDESK)}
    assigned = client.post(f"{url}/accessAssignments", wanted)
    assert assigned.status_code == 201, assigned.text
    assignment = assigned.json()
    place = f"{url}/accessAssignments/{assignment['id']}"
    assert assignment == {
        "@odata.context": f"{context}/accessAssignments/$entity",
        "@odata.etag": weak_etag(assignment["id"], 1),
        "id": assignment["id"],
        "status": "pending",
        "createdDateTime": NOW,
        "lastModifiedDateTime": NOW,
        "accessContainer": container,
        "accessDetails": roles(HELPDESK),
    }
    assert assigned.headers["location"] == f"{HOST}{place}"
    assert refusal(client.post(f"{url}/accessAssignments", wanted)) == (409, "conflict")
    grants.settle()
    assert client.get(place).json()["status"] == "active"
    assert grants.access() == {HELPDESK}

    assert refusal(client.patch(place, {"accessDetails": roles(READERS)})) == (400, "badRequest")
    etag = match(client, place)
    same = client.patch(place, {"accessDetails": roles(HELPDESK)}, headers=etag)
    assert (same.status_code, same.json()["accessDetails"]) == (200, roles(HELPDESK))
    accepted = client.patch(place, {"accessDetails": roles(READERS)}, headers=etag)
    assert (accepted.status_code, accepted.json(), accepted.headers["retry-after"]) == (202, {}, "10")
    polled = accepted.headers["location"].removeprefix(HOST)
    waiting = client.get(polled)
    operation = waiting.json()
    assert operation == {
        "@odata.context": f"{context}/operations/$entity",
        "@odata.etag": operation["@odata.etag"],
        "id": polled.rpartition("/")[2],
        "operationType": "delegatedAdminAccessAssignmentUpdate",
        "status": "notStarted",
        "createdDateTime": NOW,
        "lastModifiedDateTime": NOW,
        "data": operation["data"],
    }
    assert msgspec.json.decode(operation["data"]) == {"id": assignment["id"], "accessDetails": roles(READERS)}
    assert waiting.headers["retry-after"] == "10"
    grants.settle()
    done = client.get(polled)
    assert (done.json()["status"], "retry-after" in done.headers) == ("succeeded", False)
    assert grants.access() == {READERS}
    assert refusal(client.patch(place, {"accessDetails": roles(HELPDESK)}, headers=etag)) == (412, "preconditionFailed")
    [listed] = client.get(f"{url}/operations?$select=status").json()["value"]
    assert (listed["status"], set(listed)) == ("succeeded", {"@odata.etag", "id", "status"})

    assert client.delete(place, headers=match(client, place)).status_code == 204
    grants.settle()
    assert refusal(client.delete(place, headers={"If-Match": "*"})) == (409, "conflict")
    everything = client.get(f"{url}/accessAssignments").json()
    assert everything["@odata.context"] == f"{context}/accessAssignments"
    assert [each["status"] for each in everything["value"]] == ["deleted"]
    assert client.get(f"{url}/accessAssignments?$filter=status eq 'active'").json()["value"] == []
    assert client.get(f"{url}/accessAssignments/$count").text == "1"

    assert client.post(f"{url}/requests", {"action": "terminate"}).status_code == 201
    grants.settle()
    assert client.get(url).json()["status"] == "terminated"
    actions = sorted(each["action"] for each in client.get(f"{url}/requests").json()["value"])
    assert actions == ["approve", "lockForApproval", "terminate"]
    assert refusal(client.post(f"{url}/requests", {"action": "terminate"})) == (400, "badRequest")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"accessDetails": roles(LICENSES)}, 400),
        ({"accessDetails": roles()}, 400),
        ({"accessDetails": None}, 400),
        ({"accessContainer": {"accessContainerId": str(UUID(int=3)), "accessContainerType": "securityGroup"}}, 400),
        ({"accessContainer": {"accessContainerId": "none"}}, 400),
        ({"accessContainer": {"accessContainerType": "mailbox"}}, 400),
        ({"accessContainer": None}, 400),
    ],
)
def test_what_cannot_be_assigned(grants: Grants, client: AppClient, wanted: dict[str, Any], status: int) -> None:
    key = grants.active()
    container = {"accessContainerId": str(grants.group), "accessContainerType": "securityGroup"}
    full = {"accessContainer": container, "accessDetails": roles(HELPDESK), **wanted}
    answer = grants.lab.nothing_changed(lambda: client.post(f"{ROOT}/{key}/accessAssignments", full))
    assert refusal(answer) == (status, "badRequest")
    assert client.get(f"{ROOT}/{key}/accessAssignments/$count").text == "0"


def test_global_administrator_out_then_extend(grants: Grants, client: AppClient) -> None:
    key = grants.active(roles=frozenset({GLOBAL, HELPDESK}))
    url = f"{ROOT}/{key}"
    on = {"autoExtendDuration": "P180D"}
    assert refusal(client.patch(url, on, headers=match(client, url))) == (400, "badRequest")
    accepted = client.patch(url, {"accessDetails": roles(HELPDESK)}, headers=match(client, url))
    assert (accepted.status_code, accepted.json()) == (202, {})
    polled = accepted.headers["location"].removeprefix(HOST)
    assert client.get(polled).json()["operationType"] == "unknownFutureValue"
    knowing = client.get(polled, headers={"Prefer": "include-unknown-enum-members"})
    assert knowing.json()["operationType"] == "delegatedAdminRelationshipUpdate"
    assert knowing.headers["preference-applied"] == "include-unknown-enum-members"
    grants.settle()
    assert client.get(polled).json()["status"] == "succeeded"
    extended = client.patch(url, on, headers=match(client, url))
    assert (extended.status_code, extended.json()["autoExtendDuration"]) == (200, "P180D")


def test_a_refusal_is_told_in_the_old_words(grants: Grants, client: AppClient) -> None:
    key = grants.pending()
    with grants.lab.begin(grants.admin) as uow:
        service.reject_admin_relationship(uow, key)
    url = f"{ROOT}/{key}/requests"
    assert {each["action"] for each in client.get(url).json()["value"]} == {"lockForApproval", "unknownFutureValue"}
    prefer = {"Prefer": "include-unknown-enum-members"}
    assert {each["action"] for each in client.get(url, headers=prefer).json()["value"]} == {"lockForApproval", "reject"}


def test_twenty_at_once(grants: Grants, client: AppClient) -> None:
    key = grants.active()
    groups = [grants.new_group(f"Team {number:02}", f"worker{number}")[0] for number in range(20)]
    requests = [
        {
            "id": str(number),
            "method": "POST",
            "url": f"/tenantRelationships/delegatedAdminRelationships/{key}/accessAssignments",
            "headers": {"Content-Type": "application/json"},
            "body": {
                "accessContainer": {"accessContainerId": str(group), "accessContainerType": "securityGroup"},
                "accessDetails": roles(HELPDESK if number else LICENSES),
            },
        }
        for number, group in enumerate(groups)
    ]
    answer = client.post("/beta/$batch", {"requests": requests})
    assert answer.status_code == 200
    statuses = {each["id"]: each["status"] for each in answer.json()["responses"]}
    assert statuses == {"0": 400, **{str(number): 201 for number in range(1, 20)}}
    assert client.get(f"{ROOT}/{key}/accessAssignments/$count").text == "19"


# --- the derived type


def test_a_resellers_relationship_shows_its_type(lab: Lab) -> None:
    chain = Chain(lab)
    grants = chain.grants
    provider, reseller = lab.client(chain.provider), lab.client(grants.agent)
    wanted = {**body(grants), "@odata.type": "#microsoft.graph.resellerDelegatedAdminRelationship"}
    made = provider.post(ROOT, wanted)
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    special = {
        "@odata.type": "#microsoft.graph.resellerDelegatedAdminRelationship",
        "indirectProviderTenantId": str(chain.provider.tenant_id),
        "isPartnerConsentPending": True,
    }
    expected = {**shown(grants, key), **special}
    read = provider.get(f"{ROOT}/{key}").json()
    assert read == {
        "@odata.context": f"{HOST}/v1.0/tenantRelationships/$metadata#delegatedAdminRelationships/$entity",
        **expected,
    }
    assert refusal(reseller.get(f"{ROOT}/{key}")) == (404, "itemNotFound")
    assert provider.post(f"{ROOT}/{key}/requests", {"action": "lockForApproval"}).status_code == 201
    own = provider.post(ROOT, body(grants, "Own")).json()["id"]
    listed = {each["id"]: each for each in provider.get(ROOT).json()["value"]}
    assert set(listed) == {key, own}
    assert listed[key]["isPartnerConsentPending"] is True
    assert "isPartnerConsentPending" not in listed[own]
    assert refusal(provider.post(f"{ROOT}/{key}/requests", {"action": "approve"})) == (403, "accessDenied")
    assert reseller.post(f"{ROOT}/{key}/requests", {"action": "approve"}).status_code == 201
    assert reseller.get(f"{ROOT}/{key}").json()["isPartnerConsentPending"] is False


# --- who is let in


def test_the_token_decides_first(grants: Grants) -> None:
    lab = grants.lab
    key = grants.create()
    url = f"{ROOT}/{key}"

    def ask(actor: Actor | None, method: str = "GET", **token: Any) -> tuple[int, str]:
        if actor is None:
            return refusal(lab.client().request(method, url))
        name = lab.token_for(actor)
        lab.change_token(name, **token)
        client = lab.client(authorization=f"Bearer {name}")
        answer = client.request(method, url, {} if method == "PATCH" else None)
        return (answer.status_code, "") if answer.status_code == 200 else refusal(answer)

    assert ask(None) == (401, "InvalidAuthenticationToken")
    assert ask(grants.agent) == (200, "")
    read, write = "DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"
    assert ask(grants.agent, scopes=frozenset({read})) == (200, "")
    assert ask(grants.agent, scopes=frozenset({write})) == (200, "")
    assert ask(grants.agent, scopes=frozenset({"User.Read"})) == (403, "Authorization_RequestDenied")
    assert ask(grants.agent, "PATCH", scopes=frozenset({read})) == (403, "Authorization_RequestDenied")
    assert ask(grants.agent, mfa=False) == (403, "accessDenied")
    assert ask(grants.admin) == (403, "Authorization_RequestDenied")
    assert ask(lab.user(grants.partner, Role.SALES_AGENT)) == (200, "")
    assert ask(lab.user(grants.partner, Role.SALES_AGENT), "PATCH") == (403, "Authorization_RequestDenied")
    assert ask(lab.user(grants.partner, Role.HELPDESK_AGENT)) == (403, "Authorization_RequestDenied")

    with lab.begin() as uow:
        app = scene.app(uow, grants.partner, GRAPH_COMMAND_LINE)
    assert ask(app, roles=frozenset({read})) == (403, "Authorization_RequestDenied")
    with lab.begin() as uow:
        scene.app(uow, grants.partner, GDAP_FIRST_PARTY)
    assert ask(app, roles=frozenset({read})) == (200, "")
    assert ask(app, roles=frozenset()) == (403, "Authorization_RequestDenied")


# --- customers and tenants

CUSTOMERS = "/v1.0/tenantRelationships/delegatedAdminCustomers"


def test_delegated_customers(grants: Grants, client: AppClient) -> None:
    coffee, coffee_admin = grants.new_customer("Fourth Coffee")
    key = grants.active()
    other = grants.pending("Other", customer_id=coffee.id)
    grants.approve(other, by=coffee_admin)
    grants.settle()
    mine = {
        "id": str(grants.customer.id),
        "tenantId": str(grants.customer.id),
        "displayName": "Adventure Works",
    }
    theirs = {"id": str(coffee.id), "tenantId": str(coffee.id), "displayName": "Fourth Coffee"}
    context = f"{HOST}/v1.0/$metadata#tenantRelationships/delegatedAdminCustomers"
    assert client.get(CUSTOMERS).json() == {"@odata.context": context, "value": [mine, theirs]}
    assert client.get(f"{CUSTOMERS}?$filter=startswith(displayName,'four')").json()["value"] == [theirs]
    assert client.get(f"{CUSTOMERS}/{coffee.id}").json() == {"@odata.context": f"{context}/$entity", **theirs}
    assert refusal(client.get(f"{CUSTOMERS}/{UUID(int=1)}")) == (404, "itemNotFound")

    details = f"{CUSTOMERS}/{grants.customer.id}/serviceManagementDetails"
    assert client.get(details).json()["value"] == []
    grants.assign(key, USERS, READERS)
    grants.settle()
    colleague = grants.lab.client(grants.lab.user(grants.partner, Role.ADMIN_AGENT))
    assert colleague.get(details).json()["value"] == []
    assert grants.agent.principal_id is not None
    with grants.lab.begin() as uow:
        identity.add_group_member(uow, grants.group, grants.agent.principal_id)
    assert client.get(details).json() == {
        "@odata.context": f"{context}('{grants.customer.id}')/serviceManagementDetails",
        "value": [
            {
                "id": "account",
                "serviceName": "Customer account",
                "serviceManagementUrl": f"{HOST}/customers/{grants.customer.id}",
            },
            {
                "id": "users",
                "serviceName": "Users",
                "serviceManagementUrl": f"{HOST}/customers/{grants.customer.id}/users",
            },
            {
                "id": "licenses",
                "serviceName": "Licenses",
                "serviceManagementUrl": f"{HOST}/customers/{grants.customer.id}?tab=licenses",
            },
        ],
    }
    grants.terminate(key)
    grants.settle()
    assert client.get(CUSTOMERS).json()["value"] == [theirs]
    assert refusal(client.get(details)) == (404, "itemNotFound")


def test_what_anybody_may_know_of_a_tenant(grants: Grants, client: AppClient) -> None:
    by_id = "/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{}')"
    by_domain = "/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='{}')"
    known = {
        "@odata.context": f"{HOST}/v1.0/$metadata#microsoft.graph.tenantInformation",
        "tenantId": str(grants.customer.id),
        "federationBrandName": None,
        "displayName": "Adventure Works",
        "defaultDomainName": "adventureworks.onmicrosoft.com",
    }
    assert client.get(by_id.format(grants.customer.id)).json() == known
    assert client.get(by_domain.format("AdventureWorks.onmicrosoft.com")).json() == known
    assert refusal(client.get(by_id.format(UUID(int=9)))) == (404, "Request_ResourceNotFound")
    assert refusal(client.get(by_domain.format("nobody.example"))) == (404, "Request_ResourceNotFound")
    assert refusal(client.get(by_id.format("x"))) == (400, "badRequest")
    token = grants.lab.token_for(grants.admin)
    grants.lab.change_token(token, scopes=frozenset({"User.Read"}))
    stranger = grants.lab.client(authorization=f"Bearer {token}")
    assert refusal(stranger.get(by_id.format(grants.customer.id))) == (403, "Authorization_RequestDenied")


# --- the customer's policy

POLICY = "/v1.0/policies/crossTenantAccessPolicy"


def test_the_customers_side(grants: Grants, client: AppClient) -> None:
    customer = grants.lab.client(grants.admin)
    context = f"{HOST}/v1.0/$metadata#policies/crossTenantAccessPolicy"
    assert customer.get("/v1.0/policies/crossTenantAccessPolicy/partners").json() == {
        "@odata.context": f"{context}/partners",
        "value": [],
    }
    constraints = f"{POLICY}/partners/{grants.partner.id}/serviceProviderConstraints"
    assert refusal(customer.get(constraints)) == (404, "Request_ResourceNotFound")
    key = grants.active()
    grants.assign(key, HELPDESK, USERS)
    grants.settle()
    entry = {
        "tenantId": str(grants.partner.id),
        "isServiceProvider": True,
        "isInMultiTenantOrganization": False,
        "inboundTrust": None,
        "b2bCollaborationOutbound": None,
        "b2bCollaborationInbound": None,
        "b2bDirectConnectOutbound": None,
        "b2bDirectConnectInbound": None,
        "tenantRestrictions": None,
        "automaticUserConsentSettings": {"inboundAllowed": None, "outboundAllowed": None},
    }
    assert customer.get(f"{POLICY}/partners").json()["value"] == [entry]
    assert customer.get(f"{POLICY}/partners/{grants.partner.id}").json() == {
        "@odata.context": f"{context}/partners/$entity",
        **entry,
    }
    unsaid: dict[str, Any] = {
        "@odata.context": f"{context}/partners('{grants.partner.id}')/serviceProviderConstraints/$entity",
        "allowedRoleTemplateIds": [],
        "createdDateTime": None,
        "lastModifiedDateTime": None,
    }
    assert customer.get(constraints).json() == unsaid
    changed = customer.patch(constraints, {"allowedRoleTemplateIds": [str(HELPDESK)]})
    assert changed.json() == {
        **unsaid,
        "allowedRoleTemplateIds": [str(HELPDESK)],
        "createdDateTime": NOW,
        "lastModifiedDateTime": NOW,
    }
    assert grants.access() == {HELPDESK}
    assert refusal(customer.patch(constraints, {"allowedRoleTemplateIds": ["x"]})) == (400, "badRequest")
    clerk = grants.lab.client(grants.lab.user(grants.customer, Role.CUSTOMER_USER_ADMIN))
    assert refusal(clerk.patch(constraints, {"allowedRoleTemplateIds": []})) == (403, "Authorization_RequestDenied")
    assert customer.patch(constraints, {"allowedRoleTemplateIds": []}).json() == unsaid
    default = customer.get("/v1.0/policies/crossTenantAccessPolicy/default").json()
    assert default["@odata.context"] == f"{context}/default/$entity"
    assert default["isServiceDefault"] is True
    assert default["b2bDirectConnectInbound"]["usersAndGroups"] == {
        "accessType": "blocked",
        "targets": [{"target": "AllUsers", "targetType": "user"}],
    }
    some = customer.get(f"{POLICY}/default?$select=isServiceDefault").json()
    assert set(some) == {"@odata.context", "isServiceDefault"}
    # A partner's own directory names nobody
    token = grants.lab.client(grants.lab.user(grants.partner, Role.GLOBAL_ADMIN))
    assert token.get(f"{POLICY}/partners").json()["value"] == []


def test_the_metadata_names_the_types(client: AppClient) -> None:
    document = client.get("/v1.0/$metadata").text
    for name in (
        "delegatedAdminRelationship",
        "resellerDelegatedAdminRelationship",
        "delegatedAdminAccessAssignment",
        "delegatedAdminRelationshipRequest",
        "delegatedAdminRelationshipOperation",
        "delegatedAdminCustomer",
    ):
        assert f'<EntityType Name="{name}"' in document
    later = document.partition('EnumType Name="delegatedAdminRelationshipRequestAction"')[2].partition("</EnumType>")[0]
    assert later.index("unknownFutureValue") < later.index("reject")
