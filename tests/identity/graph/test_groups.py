"""Groups, members, owners, memberships and their feed on the Graph surface, on both databases."""

from typing import Any
from uuid import UUID

from openpartner.identity.graph.wire.groups import security_identifier
from openpartner.identity.models import GroupMember
from openpartner.identity.resources import GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR, USER_ADMINISTRATOR
from openpartner.identity.rules import role_object_id
from tests.identity.graph.conftest import BASE, Directory, refused

EVENTUAL = {"headers": {"ConsistencyLevel": "eventual"}}


def test_a_group_as_it_is_created_and_read(directory: Directory) -> None:
    key = directory.new_group("Reviewers")

    assert directory.get(f"groups/{key}") == {
        "@odata.context": f"{BASE}/$metadata#groups/$entity",
        "id": key,
        "deletedDateTime": None,
        "classification": None,
        "createdDateTime": "2026-01-15T09:00:00Z",
        "description": None,
        "displayName": "Reviewers",
        "expirationDateTime": None,
        "groupTypes": [],
        "isAssignableToRole": None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": "Reviewers",
        "membershipRule": None,
        "membershipRuleProcessingState": None,
        "onPremisesSyncEnabled": None,
        "preferredLanguage": None,
        "proxyAddresses": [],
        "renewedDateTime": "2026-01-15T09:00:00Z",
        "resourceProvisioningOptions": [],
        "securityEnabled": True,
        "securityIdentifier": security_identifier(UUID(key)),
        "theme": None,
        "uniqueName": None,
        "visibility": None,
    }


def test_a_security_identifier_is_the_object_id_in_other_words() -> None:
    assert security_identifier(UUID("62e90394-69f5-4237-9190-012177145e10")) == (
        "S-1-12-1-1659437972-1110927861-553750673-274601079"
    )


def test_a_unified_group_has_an_address(directory: Directory) -> None:
    key = directory.new_group("All hands", groupTypes=["Unified"], mailEnabled=True, visibility="Private")

    shown = directory.get(f"groups/{key}?$select=mail,groupTypes,proxyAddresses,visibility")
    assert (shown["mail"], shown["groupTypes"], shown["proxyAddresses"], shown["visibility"]) == (
        f"Allhands@{directory.domain}",
        ["Unified"],
        [f"SMTP:Allhands@{directory.domain}"],
        "Private",
    )
    found = directory.get("groups?$filter=groupTypes/any(t:t eq 'Unified')&$select=displayName")["value"]
    assert [each["displayName"] for each in found] == ["All hands"]


def test_groups_as_tools_ask_for_them(directory: Directory) -> None:
    directory.new_group("M365 GDAP Reader")
    directory.new_group("M365 GDAP Writer")

    def names(path: str, **options: Any) -> list[str]:
        return [each["displayName"] for each in directory.get(path, **options)["value"]]

    agents = ["AdminAgents", "HelpdeskAgents", "SalesAgents"]
    gdap = ["M365 GDAP Reader", "M365 GDAP Writer"]
    assert names("groups?$filter=securityEnabled+eq+true&$top=999") == sorted(agents + gdap)
    assert names("groups?$filter=startsWith(displayName,'M365 GDAP')&$select=displayName") == gdap
    assert names("groups?$filter=mailEnabled eq false and displayName eq 'adminagents'") == ["AdminAgents"]
    assert names('groups?$search="displayName:writer"&$count=true', **EVENTUAL) == gdap[1:]
    counted = directory.client.get("/v1.0/groups/$count?$filter=startsWith(displayName,'M365')", **EVENTUAL)
    assert (counted.text, counted.headers["content-type"]) == ("2", "text/plain; charset=utf-8")


def test_a_group_changes_and_is_deleted(directory: Directory) -> None:
    key = directory.new_group("Reviewers")

    change = {
        "displayName": "Critics",
        "description": "They read",
        "members@odata.bind": [f"{BASE}/users/bo@{directory.domain}"],
    }
    assert directory.client.patch(f"/v1.0/groups/{key}", change).status_code == 204

    shown = directory.get(f"groups/{key}?$select=displayName,description")
    assert (shown["displayName"], shown["description"]) == ("Critics", "They read")
    assert directory.lab.kinds()[-2:] == ["GroupUpdated", "GroupMemberAdded"]
    for fixed in ({"isAssignableToRole": True}, {"groupTypes": ["Unified"]}, {"mailEnabled": True}):
        assert directory.client.patch(f"/v1.0/groups/{key}", fixed).status_code == 400
    assert directory.client.delete(f"/v1.0/groups/{key}").status_code == 204
    assert directory.client.get(f"/v1.0/groups/{key}").status_code == 404


def test_the_agent_groups_stay(directory: Directory) -> None:
    [agents] = directory.get("groups?$filter=displayName eq 'AdminAgents'")["value"]

    deleted = directory.lab.nothing_changed(lambda: directory.client.delete(f"/v1.0/groups/{agents['id']}"))
    renamed = directory.client.patch(f"/v1.0/groups/{agents['id']}", {"displayName": "x"})

    sentence = "AdminAgents belongs to the partner account and stays. Take its members out instead."
    assert refused(deleted) == (400, "Request_BadRequest", sentence)
    assert refused(renamed) == (400, "Request_BadRequest", sentence)


# Members


def test_members_are_typed(directory: Directory) -> None:
    inner = directory.new_group("Inner", str(directory.member.principal_id))
    outer = directory.new_group("Outer", inner, str(directory.admin.principal_id))

    def members(path: str, **options: Any) -> list[tuple[str, str]]:
        body = directory.get(f"groups/{outer}/{path}", **options)
        assert body["@odata.context"].startswith(f"{BASE}/$metadata#directoryObjects")
        return sorted((each["@odata.type"].rpartition(".")[2], each["displayName"]) for each in body["value"])

    assert members("members") == [("group", "Inner"), ("user", "Ana")]
    assert members("transitiveMembers") == [("group", "Inner"), ("user", "Ana"), ("user", "Bo")]
    assert members("members/microsoft.graph.user") == [("user", "Ana")]
    assert members("members/graph.group") == [("group", "Inner")]
    assert members("members?$filter=startswith(displayName,'a')") == [("user", "Ana")]
    assert members("members?$orderby=displayName&$top=1") == [("user", "Ana")]
    page = directory.get(f"groups/{outer}/members?$top=1")
    assert len(directory.client.get(page["@odata.nextLink"]).json()["value"]) == 1
    counted = directory.client.get(f"/v1.0/groups/{outer}/transitiveMembers/$count", **EVENTUAL)
    assert counted.text == "3"
    assert directory.client.get(f"/v1.0/groups/{outer}/members/microsoft.graph.user/$count", **EVENTUAL).text == "1"


def test_members_come_and_go_by_reference(directory: Directory) -> None:
    key = directory.new_group("Reviewers")
    member = str(directory.member.principal_id)
    path = f"/v1.0/groups/{key}/members"
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{member}"}

    assert directory.client.post(f"{path}/$ref", reference).status_code == 204
    again = directory.lab.nothing_changed(lambda: directory.client.post(f"{path}/$ref", reference))
    assert refused(again) == (
        400,
        "Request_BadRequest",
        "One or more added object references already exist for the following modified properties: 'members'.",
    )
    assert directory.client.delete(f"{path}/{member}/$ref").status_code == 204
    gone = directory.lab.nothing_changed(lambda: directory.client.delete(f"{path}/{member}/$ref"))
    assert refused(gone)[:2] == (404, "Request_ResourceNotFound")
    nobody = {"@odata.id": f"{BASE}/directoryObjects/{UUID(int=7)}"}
    assert refused(directory.client.post(f"{path}/$ref", nobody))[:2] == (404, "Request_ResourceNotFound")
    circle = {"@odata.id": f"{BASE}/groups/{key}"}
    assert refused(directory.client.post(f"{path}/$ref", circle)) == (
        400,
        "Request_BadRequest",
        "The group would contain itself. Remove the other membership first.",
    )
    assert refused(directory.client.post(f"{path}/$ref", {}))[0] == 400


def test_an_owner_may_change_its_group(directory: Directory) -> None:
    key = directory.new_group("Reviewers")
    own = directory.client_of(directory.member, "Group.ReadWrite.All")
    path = f"/v1.0/groups/{key}"
    reference = {"@odata.id": f"{BASE}/users/{directory.member.principal_id}"}
    assert own.patch(path, {"description": "x"}).status_code == 403

    assert directory.client.post(f"{path}/owners/$ref", reference).status_code == 204

    assert [each["displayName"] for each in directory.get(f"groups/{key}/owners")["value"]] == ["Bo"]
    assert own.patch(path, {"description": "x"}).status_code == 204
    assert own.post(f"{path}/members/$ref", reference).status_code == 204
    assert directory.client_of(directory.member, "Group.Read.All").patch(path, {"description": "y"}).status_code == 403
    again = directory.client.post(f"{path}/owners/$ref", reference)
    assert refused(again)[2].endswith("'owners'.")
    assert directory.client.delete(f"{path}/owners/{directory.member.principal_id}/$ref").status_code == 204
    assert directory.client.delete(f"{path}/owners/{directory.member.principal_id}/$ref").status_code == 404
    assert own.patch(path, {"description": "z"}).status_code == 403


def test_a_group_that_can_hold_roles_needs_who_may_give_roles(directory: Directory) -> None:
    manager = directory.lab.user(directory.tenant, name="manager")
    directory.give(str(manager.principal_id), USER_ADMINISTRATOR)
    privileged = directory.lab.user(directory.tenant, name="privileged")
    directory.give(str(privileged.principal_id), PRIVILEGED_ROLE_ADMINISTRATOR)
    key = directory.new_group("Role holders", isAssignableToRole=True)
    member = {"@odata.id": f"{BASE}/users/{directory.member.principal_id}"}

    refusal = directory.client_of(manager).post(f"/v1.0/groups/{key}/members/$ref", member)
    assert refused(refusal)[:2] == (403, "Authorization_RequestDenied")
    assert "Privileged Role Administrator" in refused(refusal)[2]
    assert directory.client_of(privileged).post(f"/v1.0/groups/{key}/members/$ref", member).status_code == 204
    assert directory.client_of(manager).delete(f"/v1.0/groups/{key}").status_code == 403


# Memberships


def test_what_somebody_is_a_member_of(directory: Directory) -> None:
    inner = directory.new_group("Inner", str(directory.member.principal_id))
    outer = directory.new_group("Outer", inner, isAssignableToRole=True)
    directory.give(outer, USER_ADMINISTRATOR)
    directory.give(str(directory.member.principal_id), PRIVILEGED_ROLE_ADMINISTRATOR)
    mine = directory.client_of(directory.member, "User.Read")

    def names(path: str, **options: Any) -> list[str]:
        answer = mine.get(f"/v1.0/{path}", **options)
        assert answer.status_code == 200, answer.text
        return sorted(each["displayName"] for each in answer.json()["value"])

    direct = ["Inner", "Privileged Role Administrator"]
    assert names("me/memberOf") == direct
    assert names("me/transitiveMemberOf") == sorted([*direct, "Outer", "User Administrator"])
    assert names("me/transitiveMemberOf/microsoft.graph.group?$select=id,displayName") == ["Inner", "Outer"]
    assert names("me/memberOf/microsoft.graph.directoryRole") == ["Privileged Role Administrator"]
    assert names(f"me/transitiveMemberOf?$filter=id eq '{outer}'") == ["Outer"]
    counted = mine.get("/v1.0/me/transitiveMemberOf/$count", **EVENTUAL)
    assert (counted.status_code, counted.text) == (200, "4")
    user = f"users/{directory.member.principal_id}"
    body = directory.get(f"{user}/memberOf/microsoft.graph.directoryRole")
    assert body["value"] == [
        {
            "@odata.type": "#microsoft.graph.directoryRole",
            "id": str(role_object_id(directory.tenant.id, PRIVILEGED_ROLE_ADMINISTRATOR)),
            "deletedDateTime": None,
            "description": body["value"][0]["description"],
            "displayName": "Privileged Role Administrator",
            "roleTemplateId": str(PRIVILEGED_ROLE_ADMINISTRATOR),
        }
    ]
    assert {each["displayName"] for each in directory.get(f"{user}/transitiveMemberOf")["value"]} == {
        *direct,
        "Outer",
        "User Administrator",
    }
    assert [each["displayName"] for each in directory.get(f"groups/{inner}/memberOf")["value"]] == ["Outer"]
    assert directory.client.get(f"/v1.0/groups/{inner}/transitiveMemberOf/$count", **EVENTUAL).text == "2"
    admin = directory.get(f"users/{directory.admin.principal_id}/memberOf")["value"]
    assert [each["roleTemplateId"] for each in admin] == [str(GLOBAL_ADMINISTRATOR)]


# Changes


def test_the_feed_tells_who_came_and_went(directory: Directory) -> None:
    member, admin = str(directory.member.principal_id), str(directory.admin.principal_id)
    key = directory.new_group("Reviewers", member)
    first = directory.client.get("/v1.0/groups/delta?$select=displayName").json()
    [shown] = [each for each in first["value"] if each["id"] == key]
    user = {"@odata.type": "#microsoft.graph.user"}
    assert shown == {"id": key, "displayName": "Reviewers", "members@delta": [{**user, "id": member}]}

    other = directory.new_group("Gone soon")
    directory.client.delete(f"/v1.0/groups/{other}")
    directory.client.post(f"/v1.0/groups/{key}/members/$ref", {"@odata.id": f"{BASE}/users/{admin}"})
    directory.client.delete(f"/v1.0/groups/{key}/members/{member}/$ref")
    second = directory.client.get(first["@odata.deltaLink"]).json()

    assert second["value"] == [
        {"id": other, "@removed": {"reason": "deleted"}},
        {
            "id": key,
            "displayName": "Reviewers",
            "members@delta": [
                {**user, "id": admin},
                {**user, "id": member, "@removed": {"reason": "deleted"}},
            ],
        },
    ]
    with directory.lab.read() as uow:
        assert uow.db.query(GroupMember).filter_by(group_id=UUID(key)).count() == 1
