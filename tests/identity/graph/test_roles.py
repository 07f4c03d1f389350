"""Directory roles, templates, definitions and assignments on the Graph surface, on both databases."""

from typing import Any
from uuid import UUID

from openpartner.identity.resources import (
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)
from openpartner.identity.rules import role_object_id
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from tests.identity.graph.conftest import BASE, Directory, refused

CONFLICT = "A conflicting object with one or more of the specified property values is present in the directory."
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"


def test_roles_are_on_when_they_are_held_or_activated(directory: Directory) -> None:
    roles = directory.client.get("/v1.0/directoryRoles").json()
    assert roles == {
        "@odata.context": f"{BASE}/$metadata#directoryRoles",
        "value": [
            {
                "id": str(role_object_id(directory.tenant.id, GLOBAL_ADMINISTRATOR)),
                "deletedDateTime": None,
                "description": roles["value"][0]["description"],
                "displayName": "Global Administrator",
                "roleTemplateId": str(GLOBAL_ADMINISTRATOR),
            }
        ],
    }
    by_template = f"directoryRoles(roleTemplateId='{HELPDESK_ADMINISTRATOR}')/members"
    assert refused(directory.client.get(f"/v1.0/{by_template}"))[:2] == (404, "Request_ResourceNotFound")

    body = {"roleTemplateId": str(HELPDESK_ADMINISTRATOR)}
    made = directory.client.post("/v1.0/directoryRoles", body)

    assert (made.status_code, made.json()["displayName"]) == (201, "Helpdesk Administrator")
    assert directory.lab.kinds()[-1] == "DirectoryRoleActivated"
    assert directory.get(by_template)["value"] == []
    again = directory.lab.nothing_changed(lambda: directory.client.post("/v1.0/directoryRoles", body))
    assert refused(again) == (400, "Request_BadRequest", CONFLICT)
    unknown = directory.client.post("/v1.0/directoryRoles", {"roleTemplateId": str(UUID(int=3))})
    assert refused(unknown)[:2] == (400, "Request_BadRequest")


def test_members_come_and_go(directory: Directory) -> None:
    member = str(directory.member.principal_id)
    directory.client.post("/v1.0/directoryRoles", {"roleTemplateId": str(USER_ADMINISTRATOR)})
    key = str(role_object_id(directory.tenant.id, USER_ADMINISTRATOR))
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{member}"}

    assert directory.client.post(f"/v1.0/directoryRoles/{key}/members/$ref", reference).status_code == 204
    for path in (
        f"directoryRoles/{key}/members",
        f"directoryRoles/roleTemplateId={USER_ADMINISTRATOR}/members",
        f"directoryRoles(roleTemplateId='{USER_ADMINISTRATOR}')/members/microsoft.graph.user",
    ):
        shown = directory.get(f"{path}?$select=displayName")["value"]
        assert shown == [{"@odata.type": "#microsoft.graph.user", "displayName": "Bo", "id": member}]
    assert directory.get(f"directoryRoles/{key}")["displayName"] == "User Administrator"
    counted = directory.client.get(
        f"/v1.0/directoryRoles/{key}/members/$count", headers={"ConsistencyLevel": "eventual"}
    )
    assert counted.text == "1"
    again = directory.client.post(f"/v1.0/directoryRoles/{key}/members/$ref", reference)
    assert refused(again)[2].startswith("One or more added object references already exist")
    assert directory.client.delete(f"/v1.0/directoryRoles/{key}/members/{member}/$ref").status_code == 204
    assert directory.client.delete(f"/v1.0/directoryRoles/{key}/members/{member}/$ref").status_code == 404


def test_the_last_administrator_stays(directory: Directory) -> None:
    key = role_object_id(directory.tenant.id, GLOBAL_ADMINISTRATOR)
    path = f"/v1.0/directoryRoles/{key}/members/{directory.admin.principal_id}/$ref"

    answer = directory.lab.nothing_changed(lambda: directory.client.delete(path))

    assert refused(answer) == (
        400,
        "Request_BadRequest",
        "This is the tenant's last global administrator. Give the role to someone else first.",
    )


def test_templates_and_definitions(directory: Directory) -> None:
    templates = directory.client.get("/v1.0/directoryRoleTemplates").json()["value"]
    assert len(templates) == len(DIRECTORY_ROLES)
    assert {each["id"] for each in templates} == {str(key) for key in DIRECTORY_ROLES}

    path = "roleManagement/directory/roleDefinitions"
    query = "/v1.0/roleManagement/directory/roleDefinitions?$filter=displayName eq 'user administrator'"
    found = directory.client.get(query).json()["value"]
    [shown] = found
    assert (shown["id"], shown["templateId"]) == (str(USER_ADMINISTRATOR), str(USER_ADMINISTRATOR))
    assert "openpartner.directory/users_create" in shown["rolePermissions"][0]["allowedResourceActions"]
    assert len(directory.get(f"{path}?$filter=isBuiltIn eq true")["value"]) == len(DIRECTORY_ROLES)
    assert directory.get(f"{path}/{USER_ADMINISTRATOR}?$select=displayName")["displayName"] == "User Administrator"
    assert refused(directory.client.get(f"/v1.0/{path}/x"))[0] == 404


def _body(principal: object, role: UUID = USER_ADMINISTRATOR, **more: Any) -> dict[str, Any]:
    return {"roleDefinitionId": str(role), "principalId": str(principal), "directoryScopeId": "/", **more}


def test_roles_are_assigned_and_unassigned(directory: Directory) -> None:
    member = directory.member.principal_id

    answer = directory.client.post(ASSIGNMENTS, _body(member))

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made == {
        "@odata.context": f"{BASE}/$metadata#roleManagement/directory/roleAssignments/$entity",
        "id": made["id"],
        "principalId": str(member),
        "principalOrganizationId": str(directory.tenant.id),
        "roleDefinitionId": str(USER_ADMINISTRATOR),
        "directoryScopeId": "/",
        "appScopeId": None,
        "condition": None,
    }
    query = f"{ASSIGNMENTS}?$filter=principalId eq '{member}'&$expand=principal,roleDefinition($select=displayName)"
    listed = directory.client.get(query)
    assert listed.status_code == 200, listed.text
    [shown] = listed.json()["value"]
    assert shown["principal"] == {"@odata.type": "#microsoft.graph.user", "id": str(member), "displayName": "Bo"}
    assert shown["roleDefinition"] == {"displayName": "User Administrator", "id": str(USER_ADMINISTRATOR)}
    again = directory.lab.nothing_changed(lambda: directory.client.post(ASSIGNMENTS, _body(member)))
    assert refused(again) == (400, "Request_BadRequest", CONFLICT)
    one = f"/v1.0/roleManagement/directory/roleAssignments/{made['id']}"
    assert directory.client.get(one).json()["id"] == made["id"]
    assert directory.client.delete(one).status_code == 204
    assert directory.client.get(one).status_code == 404
    assert directory.client.delete(one).status_code == 404
    assert directory.lab.kinds()[-2:] == ["DirectoryRoleAssigned", "DirectoryRoleRemoved"]


def test_what_cannot_be_assigned(directory: Directory) -> None:
    plain = directory.new_group("Plain")
    member = directory.member.principal_id
    cases = [
        (_body(member, directoryScopeId="/administrativeUnits/1"), 400),
        (_body(member, UUID(int=4)), 400),
        (_body(plain), 400),
        (_body(UUID(int=5)), 404),
    ]

    for body, status in cases:
        before = directory.lab.events()
        assert directory.client.post(ASSIGNMENTS, body).status_code == status, body
        assert directory.lab.events() == before


def test_only_who_may_give_roles_gives_them(directory: Directory) -> None:
    manager = directory.lab.user(directory.tenant, name="manager")
    directory.give(str(manager.principal_id), USER_ADMINISTRATOR)
    privileged = directory.lab.user(directory.tenant, name="privileged")
    directory.give(str(privileged.principal_id), PRIVILEGED_ROLE_ADMINISTRATOR)
    body = _body(directory.member.principal_id, HELPDESK_ADMINISTRATOR)

    denied = directory.lab.nothing_changed(lambda: directory.client_of(manager).post(ASSIGNMENTS, body))
    assert refused(denied)[:2] == (403, "Authorization_RequestDenied")
    reads = directory.client_of(privileged, "RoleManagement.Read.Directory")
    assert refused(reads.post(ASSIGNMENTS, body))[:2] == (403, "Authorization_RequestDenied")
    writes = directory.client_of(privileged, "RoleManagement.ReadWrite.Directory")
    assert writes.post(ASSIGNMENTS, body).status_code == 201
