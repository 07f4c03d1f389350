"""App roles and delegated grants through Graph: their shapes, who gives them, and what tokens say then."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import queries, service
from openpartner.identity.protocol import SignInAudience
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from tests.identity import provider
from tests.identity.graph.conftest import BASE, refused
from tests.identity.provider import GRAPH, PASSWORD, Scene, said
from tests.support.client import AppClient
from tests.support.graph import actor_of, graph_client
from tests.support.lab import Lab

ROLE = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
GROUP_READ_ALL = "5b567255-7703-4780-807c-7be8301ae99b"
OWN_ROLE = "1d6f4d1e-5f6b-4b8e-9d5e-0a4a1c9d7b11"
OWN_SCOPE = "ba7ffeff-96ea-4ac4-9822-1bcfee9adaa4"
NOBODYS_ROLE = "00000000-0000-0000-0000-000000000000"
USER_APP_ROLE = "6c1f2d3e-4b5a-4c6d-8e9f-0a1b2c3d4e5f"


@dataclass
class Consents:
    """A partner with its administrator's client, and an application of its own that nobody has consented to."""

    scene: Scene
    client: AppClient
    app_id: str
    secret: str
    principal: str
    graph: str

    @property
    def roles(self) -> str:
        return f"/v1.0/servicePrincipals/{self.principal}/appRoleAssignments"

    def role(self, app_role: str = GROUP_READ_ALL, **more: str) -> dict[str, str]:
        return {"principalId": self.principal, "resourceId": self.graph, "appRoleId": app_role, **more}

    def grant(self, scope: str = "User.Read Group.Read.All", **more: Any) -> dict[str, Any]:
        everybody = {"clientId": self.principal, "consentType": "AllPrincipals", "resourceId": self.graph}
        return {**everybody, "scope": scope, **more}

    def app_token(self) -> dict[str, Any]:
        """What the token of the application itself says."""
        answer = self.scene.app_token(self.scene.partner, client_id=self.app_id, client_secret=self.secret)
        assert answer.status_code == 200, answer.text
        return said(answer.json()["access_token"])

    def user_token(self, name: str = "bea", scope: str = f"{GRAPH}/.default") -> Any:
        """The answer to a user who signs in with the application."""
        return self.scene.token(
            self.scene.partner,
            grant_type="password",
            client_id=self.app_id,
            client_secret=self.secret,
            username=f"{name}@contoso.onmicrosoft.com",
            password=PASSWORD,
            scope=scope,
        )

    def client_with(self, *roles: str) -> AppClient:
        """Somebody's who holds these directory roles and nothing else."""
        lab = self.scene.lab
        with lab.begin() as uow:
            user = service.create_user(
                uow, self.scene.partner, upn="cy@contoso.onmicrosoft.com", display_name="Cy", password=PASSWORD
            ).user
            for name in roles:
                service.assign_directory_role(uow, self.scene.partner, ROLE[name], user.id)
        return graph_client(lab, actor_of(lab, user.id))


@pytest.fixture
def consents(lab: Lab) -> Consents:
    scene = provider.scene(lab)
    client = graph_client(lab, actor_of(lab, scene.ana))
    roles = [
        {"id": OWN_ROLE, "allowedMemberTypes": ["Application"], "displayName": "Run", "value": "Sync.Run"},
        {"id": USER_APP_ROLE, "allowedMemberTypes": ["User"], "displayName": "Reader", "value": "Reader"},
    ]
    body = {"displayName": "Sync", "appRoles": roles, "passwordCredentials": [{}], "signInAudience": "AzureADMyOrg"}
    made = client.post("/v1.0/applications", body).json()
    principal = client.post("/v1.0/servicePrincipals", {"appId": made["appId"]}).json()["id"]
    graph = client.get(f"/v1.0/servicePrincipals(appId='{GRAPH_APP}')").json()["id"]
    return Consents(scene, client, made["appId"], made["passwordCredentials"][0]["secretText"], principal, graph)


# Application permissions


def test_an_application_permission_is_in_the_token_until_it_is_taken(consents: Consents) -> None:
    assert "roles" not in consents.app_token()

    answer = consents.client.post(consents.roles, consents.role())

    made = answer.json()
    context = f"servicePrincipals('{consents.principal}')/appRoleAssignments"
    assert (answer.status_code, answer.headers["location"]) == (201, f"{BASE}/{context}/{made['id']}")
    shown = {
        "id": made["id"],
        "deletedDateTime": None,
        "appRoleId": GROUP_READ_ALL,
        "createdDateTime": "2026-01-15T09:00:00Z",
        "principalDisplayName": "Sync",
        "principalId": consents.principal,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": consents.graph,
    }
    assert made == {"@odata.context": f"{BASE}/$metadata#{context}/$entity", **shown}
    assert consents.app_token()["roles"] == ["Group.Read.All"]
    assert consents.client.get(consents.roles).json() == {
        "@odata.context": f"{BASE}/$metadata#{context}",
        "value": [shown],
    }
    expanded = consents.client.get(f"/v1.0/servicePrincipals/{consents.principal}?$select=id&expand=appRoleAssignments")
    assert expanded.json()["appRoleAssignments"] == [shown]
    filtered = consents.client.get(f"{consents.roles}?$filter=resourceId eq {consents.graph}&$select=appRoleId")
    assert filtered.json()["value"] == [{"id": made["id"], "appRoleId": GROUP_READ_ALL}]
    [fact] = consents.scene.lab.events("AppRoleAssigned")
    assert fact["after"] == {"appRoleId": GROUP_READ_ALL, "principalType": "servicePrincipal"}
    again = consents.scene.lab.nothing_changed(lambda: consents.client.post(consents.roles, consents.role()))
    assert refused(again) == (400, "Request_BadRequest", "Permission being assigned already exists on the object")

    assert consents.client.delete(f"{consents.roles}/{made['id']}").status_code == 204

    assert "roles" not in consents.app_token()
    assert consents.client.get(consents.roles).json()["value"] == []
    assert refused(consents.client.delete(f"{consents.roles}/{made['id']}"))[:2] == (404, "Request_ResourceNotFound")
    assert len(consents.scene.lab.events("AppRoleRemoved")) == 1


def test_the_other_list_takes_the_same_body_by_either_address(consents: Consents) -> None:
    """CIPP posts to the client's ``appRoleAssignedTo``, whoever the resource is."""
    by_client = f"/v1.0/servicePrincipals/{consents.principal}/appRoleAssignedTo"
    by_resource = f"/v1.0/servicePrincipals/{consents.graph}/appRoleAssignedTo"

    assert consents.client.post(by_client, consents.role()).status_code == 201

    assert consents.app_token()["roles"] == ["Group.Read.All"]
    assert consents.client.get(by_client).json()["value"] == []
    held = consents.client.get(by_resource).json()["value"]
    [made] = [each for each in held if each["principalId"] == consents.principal]
    assert consents.client.get(f"{by_resource}/{made['id']}").json()["appRoleId"] == GROUP_READ_ALL
    assert consents.client.delete(f"{by_resource}/{made['id']}").status_code == 204
    assert "roles" not in consents.app_token()


def test_who_must_be_assigned_signs_in_once_assigned_and_carries_the_role(consents: Consents) -> None:
    principal = f"/v1.0/servicePrincipals/{consents.principal}"
    consents.client.post("/v1.0/oauth2PermissionGrants", consents.grant())
    consents.client.patch(principal, {"appRoleAssignmentRequired": True})
    assert consents.user_token().json()["error_codes"] == [50105]
    bea = str(consents.scene.bea)

    def wanted(app_role: str) -> dict[str, str]:
        return consents.role(app_role, principalId=bea, resourceId=consents.principal)

    assert refused(consents.client.post(consents.roles, wanted(OWN_ROLE)))[:2] == (400, "Request_BadRequest")
    assert refused(consents.client.post(consents.roles, wanted(NOBODYS_ROLE)))[0] == 400
    answer = consents.client.post(f"{principal}/appRoleAssignedTo", wanted(USER_APP_ROLE))

    assert (answer.status_code, answer.json()["principalType"], answer.json()["principalDisplayName"]) == (
        201,
        "User",
        "Bea",
    )
    assert consents.user_token().status_code == 200
    own = consents.user_token(scope=f"api://{consents.app_id}/.default")
    assert said(own.json()["access_token"])["roles"] == ["Reader"]
    assert consents.client.delete(f"{principal}/appRoleAssignedTo/{answer.json()['id']}").status_code == 204
    assert consents.user_token().json()["error_codes"] == [50105]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"appRoleId": OWN_ROLE}, 400, "Request_BadRequest"),
        ({"appRoleId": ""}, 400, "Request_BadRequest"),
        ({"appRoleId": NOBODYS_ROLE}, 400, "Request_BadRequest"),
        ({"principalId": str(UUID(int=4))}, 404, "Request_ResourceNotFound"),
        ({"resourceId": str(UUID(int=4))}, 404, "Request_ResourceNotFound"),
        ({"resourceId": ""}, 400, "Request_BadRequest"),
    ],
)
def test_what_cannot_be_assigned(consents: Consents, change: dict[str, str], status: int, code: str) -> None:
    body = {**consents.role(), **change}
    answer = consents.scene.lab.nothing_changed(lambda: consents.client.post(consents.roles, body))
    assert refused(answer)[:2] == (status, code)


# Delegated permissions


def test_a_grant_is_what_the_users_token_carries(consents: Consents) -> None:
    assert consents.user_token(scope=f"{GRAPH}/Group.Read.All").json()["error_codes"] == [65001]

    answer = consents.client.post("/v1.0/oauth2PermissionGrants", consents.grant(" Group.Read.All User.Read"))

    made = answer.json()
    path = f"/v1.0/oauth2PermissionGrants/{made['id']}"
    assert (answer.status_code, answer.headers["location"]) == (
        201,
        f"{BASE}/oauth2PermissionGrants/{made['id']}",
    )
    shown = {
        "clientId": consents.principal,
        "consentType": "AllPrincipals",
        "id": made["id"],
        "principalId": None,
        "resourceId": consents.graph,
        "scope": "Group.Read.All User.Read",
    }
    assert made == {"@odata.context": f"{BASE}/$metadata#oauth2PermissionGrants/$entity", **shown}
    token = consents.user_token()
    assert token.status_code == 200, token.text
    assert said(token.json()["access_token"])["scp"] == "Group.Read.All User.Read"
    of_client = f"/v1.0/servicePrincipals(appId='{consents.app_id}')/oauth2PermissionGrants"
    assert consents.client.get(of_client).json()["value"] == [shown]
    text = f"clientId eq '{consents.principal}' and consentType eq 'AllPrincipals'"
    listed = consents.client.get(f"/v1.0/oauth2PermissionGrants?$filter={text}&$top=1").json()
    assert listed["value"] == [shown]
    assert consents.client.get(path).json() == made
    again = consents.scene.lab.nothing_changed(
        lambda: consents.client.post("/v1.0/oauth2PermissionGrants", consents.grant("Mail.Send"))
    )
    assert refused(again)[:2] == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert "Permission entry already exists" in refused(again)[2]

    assert consents.client.patch(path, {"scope": "User.Read"}).status_code == 204

    assert said(consents.user_token().json()["access_token"])["scp"] == "User.Read"
    assert consents.user_token(scope=f"{GRAPH}/Group.Read.All").json()["error_codes"] == [65001]
    fact = consents.scene.lab.events("ConsentGranted")[-1]
    assert (fact["before"], fact["after"]) == (
        {GRAPH_APP: ["Group.Read.All", "User.Read"]},
        {GRAPH_APP: ["User.Read"]},
    )

    assert consents.client.delete(path).status_code == 204

    assert consents.user_token(scope=f"{GRAPH}/User.Read").json()["error_codes"] == [65001]
    assert refused(consents.client.delete(path))[:2] == (404, "Request_ResourceNotFound")
    assert consents.scene.lab.events("ConsentRevoked")[-1]["before"] == {GRAPH_APP: ["User.Read"]}


def test_a_grant_for_one_user_is_for_that_one(consents: Consents) -> None:
    body = consents.grant("Group.Read.All", consentType="Principal", principalId=str(consents.scene.bea))

    made = consents.client.post("/beta/oauth2PermissionGrants", {**body, "expiryTime": "2030-01-01T00:00:00Z"})

    assert (made.status_code, made.json()["consentType"]) == (201, "Principal")
    assert said(consents.user_token().json()["access_token"])["scp"] == "Group.Read.All"
    with consents.scene.lab.begin() as uow:
        service.create_user(
            uow,
            consents.scene.partner,
            upn="dan@contoso.onmicrosoft.com",
            display_name="Dan",
            password=PASSWORD,
            force_change=False,
        )
    assert consents.user_token("dan", f"{GRAPH}/Group.Read.All").json()["error_codes"] == [65001]


def test_a_client_that_the_resource_trusts_needs_no_consent(consents: Consents) -> None:
    scope = {"id": OWN_SCOPE, "type": "Admin", "value": "sync", "adminConsentDisplayName": "Sync"}
    made = consents.client.post(
        "/v1.0/applications", {"displayName": "Lists", "api": {"oauth2PermissionScopes": [scope]}}
    ).json()
    consents.client.post("/v1.0/servicePrincipals", {"appId": made["appId"]})
    wanted = f"api://{made['appId']}/sync"
    assert consents.user_token(scope=wanted).json()["error_codes"] == [65001]
    trusted = [{"appId": consents.app_id, "delegatedPermissionIds": [OWN_SCOPE]}]
    path = f"/v1.0/applications/{made['id']}"

    assert consents.client.patch(path, {"api": {"preAuthorizedApplications": trusted}}).status_code == 204

    assert consents.client.get(path).json()["api"]["preAuthorizedApplications"] == trusted
    assert said(consents.user_token(scope=wanted).json()["access_token"])["scp"] == "sync"
    assert consents.client.patch(path, {"api": {"preAuthorizedApplications": []}}).status_code == 204
    assert consents.user_token(scope=wanted).json()["error_codes"] == [65001]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"consentType": "Everybody"}, 400, "Request_BadRequest"),
        ({"consentType": None}, 400, "Request_BadRequest"),
        ({"consentType": "Principal"}, 400, "Request_BadRequest"),
        ({"principalId": str(UUID(int=4))}, 400, "Request_BadRequest"),
        ({"clientId": str(UUID(int=4))}, 404, "Request_ResourceNotFound"),
        ({"clientId": ""}, 400, "Request_BadRequest"),
        ({"resourceId": "nonsense"}, 404, "Request_ResourceNotFound"),
        ({"scope": "x" * 4001}, 400, "Request_BadRequest"),
        ({"colour": "red"}, 400, "Request_BadRequest"),
    ],
)
def test_what_cannot_be_granted(consents: Consents, change: dict[str, Any], status: int, code: str) -> None:
    body = {**consents.grant(), **change}
    answer = consents.scene.lab.nothing_changed(lambda: consents.client.post("/v1.0/oauth2PermissionGrants", body))
    assert refused(answer)[:2] == (status, code)


# Who may

# role | delegated grant | app role of an own application | application permission of Graph
CELLS = """
Global Administrator            | x x x
Privileged Role Administrator   | x x x
Application Administrator       | x x -
Cloud Application Administrator | x x -
Hybrid Identity Administrator   | - - -
User Administrator              | - - -
Global Reader                   | - - -
"""


@pytest.mark.parametrize("line", CELLS.strip().splitlines())
def test_which_role_gives_what(consents: Consents, line: str) -> None:
    name, cells = (part.strip() for part in line.split("|"))
    client = consents.client_with(name)

    answers = [
        client.post("/v1.0/oauth2PermissionGrants", consents.grant()),
        client.post(consents.roles, consents.role(OWN_ROLE, resourceId=consents.principal)),
        client.post(consents.roles, consents.role()),
    ]

    assert [answer.status_code for answer in answers] == [201 if cell == "x" else 403 for cell in cells.split()]


# permission | read grants | give a grant | own app role | Graph's
APPS = """
DelegatedPermissionGrant.ReadWrite.All | x x - -
AppRoleAssignment.ReadWrite.All        | - - x x
Application.ReadWrite.All              | - - - -
Directory.Read.All                     | x - - -
"""


@pytest.mark.parametrize("line", APPS.strip().splitlines())
def test_which_permission_of_an_application_gives_what(consents: Consents, line: str) -> None:
    name, cells = (part.strip() for part in line.split("|"))
    with consents.scene.lab.read() as uow:
        own = queries.service_principal(uow, consents.scene.partner, UUID(consents.app_id))
        assert own is not None
    actor = actor_of(consents.scene.lab, own.id)
    client = graph_client(consents.scene.lab, actor, name)

    answers = [
        client.get("/v1.0/oauth2PermissionGrants"),
        client.post("/v1.0/oauth2PermissionGrants", consents.grant()),
        client.post(consents.roles, consents.role(OWN_ROLE, resourceId=consents.principal)),
        client.post(consents.roles, consents.role()),
    ]

    assert [answer.status_code < 300 for answer in answers] == [cell == "x" for cell in cells.split()]
    assert {answer.status_code for answer in answers if answer.status_code > 300} <= {403}


def test_other_tenants_grants_are_not_there(consents: Consents) -> None:
    made = consents.client.post("/v1.0/oauth2PermissionGrants", consents.grant()).json()
    role = consents.client.post(consents.roles, consents.role()).json()
    lab = consents.scene.lab
    with lab.begin() as uow:
        admin = service.create_user(
            uow, consents.scene.customer, upn="eve@fabrikam.onmicrosoft.com", display_name="Eve", password=PASSWORD
        ).user
        service.assign_directory_role(uow, consents.scene.customer, ROLE["Global Administrator"], admin.id)
        theirs = service.register_application(
            uow, consents.scene.customer, display_name="Theirs", audience=SignInAudience.MULTIPLE_ORGANIZATIONS
        )
    stranger = graph_client(lab, actor_of(lab, admin.id))

    assert stranger.get("/v1.0/oauth2PermissionGrants").json()["value"] == []
    for answer in (
        stranger.get(f"/v1.0/oauth2PermissionGrants/{made['id']}"),
        stranger.delete(f"/v1.0/oauth2PermissionGrants/{made['id']}"),
        stranger.get(consents.roles),
        stranger.delete(f"{consents.roles}/{role['id']}"),
        stranger.delete(f"/v1.0/servicePrincipals(appId='{theirs.app_id}')/appRoleAssignments/{role['id']}"),
    ):
        assert refused(answer)[:2] == (404, "Request_ResourceNotFound")
