"""Service principals on the Graph surface: made known, changed, signed in with, taken out; on both databases."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import queries, service
from openpartner.identity.protocol import SignInAudience
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from tests.identity import provider
from tests.identity.graph.conftest import BASE, Directory, refused
from tests.identity.provider import Scene, said
from tests.support.client import AppClient
from tests.support.graph import actor_of, graph_client
from tests.support.lab import Lab

ROLE = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
PARTNER_CENTER = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
CREATE = {"prefer": "create-if-missing"}


def own_application(directory: Directory, **more: Any) -> str:
    answer = directory.client.post("/v1.0/applications", {"displayName": "Sync", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["appId"])


def foreign_application(directory: Directory, audience: SignInAudience = SignInAudience.MULTIPLE_ORGANIZATIONS) -> str:
    """An application of another partner."""
    other = directory.lab.partner("Fabrikam")
    with directory.lab.begin() as uow:
        made = service.register_application(uow, other.id, display_name="Theirs", audience=audience)
        return str(made.app_id)


def test_an_application_becomes_known_in_the_tenant(directory: Directory) -> None:
    app_id = own_application(directory, tags=["registered"], web={"redirectUris": ["https://sync.example/cb"]})

    answer = directory.client.post(
        "/v1.0/serviceprincipals", {"appId": app_id, "tags": ["WindowsAzureActiveDirectoryIntegratedApp"]}
    )

    made = answer.json()
    key = made["id"]
    assert (answer.status_code, answer.headers["location"]) == (201, f"{BASE}/servicePrincipals/{key}")
    assert made == {
        "@odata.context": f"{BASE}/$metadata#servicePrincipals/$entity",
        "id": key,
        "deletedDateTime": None,
        "accountEnabled": True,
        "alternativeNames": [],
        "appDisplayName": "Sync",
        "appDescription": None,
        "appId": app_id,
        "applicationTemplateId": None,
        "appOwnerOrganizationId": str(directory.tenant.id),
        "appRoleAssignmentRequired": False,
        "createdDateTime": "2026-01-15T09:00:00Z",
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": "Sync",
        "homepage": None,
        "loginUrl": None,
        "logoutUrl": None,
        "notes": None,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "replyUrls": ["https://sync.example/cb"],
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "tokenEncryptionKeyId": None,
        "appRoles": [],
        "info": {
            "logoUrl": None,
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "samlSingleSignOnSettings": None,
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
    }
    [fact] = directory.lab.events("ServicePrincipalAdded")
    assert fact["after"] == {"id": key, "accountEnabled": True}
    assert directory.get(f"servicePrincipals/{key}") == made
    assert directory.get(f"servicePrincipals(appId='{app_id}')") == made
    again = directory.lab.nothing_changed(lambda: directory.client.post("/v1.0/servicePrincipals", {"appId": app_id}))
    assert refused(again)[:2] == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_others_and_the_vendors_applications(directory: Directory) -> None:
    theirs, single = foreign_application(directory), foreign_application_of_one(directory)
    vendors = directory.client.post("/beta/servicePrincipals", {"appId": PARTNER_CENTER}).json()
    multi = directory.client.post("/beta/servicePrincipals", {"appId": theirs}).json()

    assert (vendors["displayName"], vendors["appOwnerOrganizationId"]) == (
        "Microsoft Partner Center",
        "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    )
    assert [scope["value"] for scope in vendors["oauth2PermissionScopes"]] == ["user_impersonation"]
    assert multi["displayName"] == "Theirs"
    before = directory.lab.events()
    for app_id in (single, str(UUID(int=9)), "nonsense"):
        answer = directory.client.post("/v1.0/servicePrincipals", {"appId": app_id})
        assert refused(answer)[:2] == (400, "Request_BadRequest")
        assert answer.json()["error"]["details"][0]["code"] == "NoBackingApplicationObject"
    assert directory.lab.events() == before
    path = "servicePrincipals?$select=id&$filter="
    owner = multi["appOwnerOrganizationId"]
    eventual = {"consistencylevel": "eventual"}
    found = {
        f"appId eq '{PARTNER_CENTER}'": vendors,
        f"appId in ('{theirs}')": multi,
        "displayName eq 'theirs'": multi,
        "startswith(displayName,'Microsoft P')": vendors,
        "servicePrincipalNames/any(n:n eq 'https://api.partnercenter.microsoft.com')": vendors,
        f"servicePrincipalNames/any(n:n eq '{theirs}')": multi,
        f"appOwnerOrganizationId eq {owner}": multi,
    }
    for text, wanted in found.items():
        assert directory.get(f"{path}{text}", headers=eventual)["value"] == [{"id": wanted["id"]}], text
    shown = directory.get(
        f"servicePrincipals/{vendors['id']}?$select=publishedPermissionScopes,publisherName", headers=eventual
    )
    assert [scope["value"] for scope in shown["publishedPermissionScopes"]] == ["user_impersonation"]


def foreign_application_of_one(directory: Directory) -> str:
    """An application of another partner, for that partner only."""
    other = directory.lab.partner("Relecloud")
    with directory.lab.begin() as uow:
        return str(service.register_application(uow, other.id, display_name="Closed").app_id)


def test_it_is_changed_and_made_by_the_way(directory: Directory) -> None:
    app_id = own_application(directory)
    path = f"/v1.0/servicePrincipals(appId='{app_id}')"

    assert refused(directory.client.patch(path, {"accountEnabled": False}))[0] == 404
    made = directory.client.patch(path, {"accountEnabled": False, "notes": "Off"}, headers=CREATE)
    assert (made.status_code, made.json()["accountEnabled"], made.json()["notes"]) == (201, False, "Off")
    again = directory.client.patch(path, {"accountEnabled": True, "tags": ["on"]}, headers=CREATE)
    assert (again.status_code, again.content) == (204, b"")
    [fact] = directory.lab.events("ServicePrincipalUpdated")
    assert (fact["before"], fact["after"]) == (
        {"account_enabled": False, "tags": []},
        {"account_enabled": True, "tags": ["on"]},
    )
    now = directory.get(f"servicePrincipals(appId='{app_id}')")
    assert (now["accountEnabled"], now["tags"], now["notes"]) == (True, ["on"], "Off")
    assert directory.client.patch(path, now).status_code == 204, "a client may send back what it read"
    assert len(directory.lab.events("ServicePrincipalUpdated")) == 1
    key = now["id"]
    assert directory.client.delete(f"/v1.0/servicePrincipals/{key}").status_code == 204
    assert refused(directory.client.get(f"/v1.0/servicePrincipals/{key}"))[:2] == (404, "Request_ResourceNotFound")
    assert refused(directory.client.delete(f"/v1.0/servicePrincipals/{key}"))[0] == 404
    assert refused(directory.client.patch(f"/v1.0/servicePrincipals/{UUID(int=3)}", {}, headers=CREATE))[0] == 404


def test_the_vendors_resources_stay(directory: Directory) -> None:
    key = directory.client.post("/v1.0/servicePrincipals", {"appId": GRAPH_APP}).json()["id"]

    answer = directory.lab.nothing_changed(lambda: directory.client.delete(f"/v1.0/servicePrincipals/{key}"))

    assert refused(answer)[:2] == (400, "Request_BadRequest")
    assert "is critical and cannot be deleted" in refused(answer)[2]
    assert directory.client.get(f"/v1.0/servicePrincipals/{key}").status_code == 200


# role | others' application | own application | change | secret
CELLS = """
Application Administrator         | x x x x
Cloud Application Administrator   | x x x x
Hybrid Identity Administrator     | x x x -
Application Developer             | - x - -
Global Reader                     | - x - -
"""


@pytest.mark.parametrize("line", CELLS.strip().splitlines())
def test_which_role_does_what(directory: Directory, line: str) -> None:
    name, cells = (part.strip() for part in line.split("|"))
    holder = directory.lab.user(directory.tenant, name="holder")
    directory.give(str(holder.principal_id), ROLE[name])
    client = directory.client_of(holder)
    theirs, own = foreign_application(directory), own_application(directory)
    key = directory.client.post("/v1.0/servicePrincipals", {"appId": PARTNER_CENTER}).json()["id"]

    answers = [
        client.post("/v1.0/servicePrincipals", {"appId": theirs}),
        client.post("/v1.0/servicePrincipals", {"appId": own}),
        client.patch(f"/v1.0/servicePrincipals/{key}", {"notes": "x"}),
        client.post(f"/v1.0/servicePrincipals/{key}/addPassword", {}),
    ]

    assert [answer.status_code < 300 for answer in answers] == [cell == "x" for cell in cells.split()]
    assert {refused(answer)[:2] for answer in answers if answer.status_code > 300} <= {
        (403, "Authorization_RequestDenied")
    }


# With real tokens


@pytest.fixture
def scene(lab: Lab) -> Scene:
    return provider.scene(lab)


def admin_of(scene: Scene) -> AppClient:
    return graph_client(scene.lab, actor_of(scene.lab, scene.ana))


def test_a_principals_secret_counts_in_its_tenant_only(scene: Scene) -> None:
    with scene.lab.begin() as uow:
        service.grant_admin_consent(uow, scene.customer, UUID(scene.client_id))
    path = f"/v1.0/servicePrincipals(appId='{scene.client_id}')"
    answer = admin_of(scene).post(f"{path}/addPassword", {"passwordCredential": {"displayName": "here"}})

    secret = answer.json()
    assert answer.status_code == 200, answer.text
    assert (secret["displayName"], secret["hint"]) == ("here", secret["secretText"][:3])
    claims = said(scene.app_token(scene.partner, client_secret=secret["secretText"]).json()["access_token"])
    assert (claims["tid"], claims["roles"]) == (str(scene.partner), ["User.Read.All"])
    elsewhere = scene.app_token(scene.customer, client_secret=secret["secretText"])
    assert elsewhere.json()["error_codes"] == [7000215]
    assert scene.app_token(scene.customer).status_code == 200, "the registration's own counts everywhere"
    [shown] = admin_of(scene).get(path).json()["passwordCredentials"]
    assert (shown["keyId"], shown["secretText"]) == (secret["keyId"], None)
    named = {"keyId": secret["keyId"]}
    assert admin_of(scene).post(f"{path}/removePassword", named).status_code == 204
    assert admin_of(scene).post(f"{path}/removePassword", named).status_code == 400
    assert scene.app_token(scene.partner, client_secret=secret["secretText"]).json()["error_codes"] == [7000215]


def test_a_principal_that_is_off_or_gone_signs_in_no_more(scene: Scene) -> None:
    path = f"/v1.0/servicePrincipals(appId='{scene.client_id}')"
    client = admin_of(scene)

    client.patch(path, {"accountEnabled": False})
    assert scene.app_token(scene.partner).json()["error_codes"] == [70001]
    client.patch(path, {"accountEnabled": True})
    assert scene.app_token(scene.partner).status_code == 200
    assert client.delete(path).status_code == 204
    assert scene.app_token(scene.partner).json()["error_codes"] == [700016]
    assert client.post("/v1.0/servicePrincipals", {"appId": scene.client_id}).status_code == 201
    claims = said(scene.app_token(scene.partner).json()["access_token"])
    assert "roles" not in claims, "what it was given went with it"
    with scene.lab.read() as uow:
        principal = queries.service_principal(uow, scene.partner, UUID(scene.client_id))
        assert principal is not None
        assert queries.grants_of(uow, principal.id) == []
