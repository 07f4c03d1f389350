"""Directory objects of any type by their ids."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.identity.rules import role_object_id
from tests.identity.graph.conftest import BASE, Directory, refused

GLOBAL_ADMINISTRATOR = UUID("62e90394-69f5-4237-9190-012177145e10")


class Objects:
    """One of each type."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.user = str(directory.admin.principal_id)
        self.group = directory.new_group("Team")
        self.application = directory.client.post("/v1.0/applications", {"displayName": "Sync"}).json()
        body = {"appId": self.application["appId"]}
        self.principal = directory.client.post("/v1.0/servicePrincipals", body).json()["id"]
        self.role = str(role_object_id(directory.tenant.id, GLOBAL_ADMINISTRATOR))

    def ask(self, *ids: str, query: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self.directory.client.post(f"/v1.0/directoryObjects/getByIds{query}", {"ids": ids, **more})
        assert answer.status_code == 200, answer.text
        assert answer.json()["@odata.context"].startswith(f"{BASE}/$metadata#directoryObjects")
        found: list[dict[str, Any]] = answer.json()["value"]
        return found


@pytest.fixture
def objects(directory: Directory) -> Objects:
    return Objects(directory)


def test_ids_are_resolved_with_their_types_in_the_order_asked(objects: Objects) -> None:
    other = str(objects.directory.lab.partner("Fabrikam").id)
    tenant = str(objects.directory.tenant.id)
    ids = [objects.role, objects.principal, objects.user, objects.application["id"], objects.group, tenant]

    found = objects.ask(*ids, ids[0], other, str(UUID(int=3)), "nonsense")

    assert [(each["@odata.type"].removeprefix("#microsoft.graph."), each["id"]) for each in found] == list(
        zip(
            ["directoryRole", "servicePrincipal", "user", "application", "group", "organization"],
            ids,
            strict=True,
        )
    )
    assert [each["displayName"] for each in found] == [
        "Global Administrator",
        "Sync",
        objects.directory.get(f"users/{objects.user}")["displayName"],
        "Sync",
        "Team",
        "Contoso",
    ]


def test_only_the_types_and_members_that_were_asked_for(objects: Objects) -> None:
    ids = [objects.user, objects.group, objects.principal]

    found = objects.ask(*ids, query="?$select=id,displayName,userPrincipalName", types=["user", "servicePrincipal"])

    assert [set(each) for each in found] == [
        {"@odata.type", "id", "displayName", "userPrincipalName"},
        {"@odata.type", "id", "displayName"},
    ]
    assert [each["id"] for each in found] == [objects.user, objects.principal]


def test_one_object_of_any_type(objects: Objects) -> None:
    for key, kind in ((objects.user, "user"), (objects.group, "group"), (objects.principal, "servicePrincipal")):
        shown = objects.directory.get(f"directoryObjects/{key}?$select=displayName")
        assert shown["@odata.context"] == f"{BASE}/$metadata#directoryObjects(displayName)/$entity"
        assert (shown["@odata.type"], shown["id"]) == (f"#microsoft.graph.{kind}", key)
        assert set(shown) == {"@odata.context", "@odata.type", "id", "displayName"}
    for key in (str(UUID(int=3)), "nonsense"):
        assert refused(objects.directory.client.get(f"/v1.0/directoryObjects/{key}"))[:2] == (
            404,
            "Request_ResourceNotFound",
        )


def test_members_of_several_types_are_selected_by_what_each_has(objects: Objects) -> None:
    inner = objects.directory.new_group("Inner")
    outer = objects.directory.new_group("Outer", objects.user, inner)

    found = objects.directory.get(f"groups/{outer}/members?$select=id,userPrincipalName,securityEnabled")["value"]

    assert {frozenset(each) - {"@odata.type"} for each in found} == {
        frozenset({"id", "userPrincipalName"}),
        frozenset({"id", "securityEnabled"}),
    }
    answer = objects.directory.client.get(f"/v1.0/groups/{outer}/members?$select=nothing")
    assert refused(answer) == (
        400,
        "Request_BadRequest",
        "Could not find a property named 'nothing' on type 'microsoft.graph.user'.",
    )


@pytest.mark.parametrize(
    ("scope", "status"),
    [("Directory.Read.All", 200), ("Directory.ReadWrite.All", 200), ("User.Read.All", 403), ("Group.Read.All", 403)],
)
def test_which_permission_reads_any_object(directory: Directory, scope: str, status: int) -> None:
    client = directory.client_of(directory.admin, scope)
    body = {"ids": [str(directory.admin.principal_id)]}
    assert client.post("/v1.0/directoryObjects/getByIds", body).status_code == status
    assert client.get(f"/v1.0/directoryObjects/{directory.admin.principal_id}").status_code == status
