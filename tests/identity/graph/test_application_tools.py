"""What public tools do with applications (KelvinTegelaar/CIPP-API), call by call, and what nobody should send."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import service
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from tests.identity import provider
from tests.identity.graph.conftest import Directory, refused
from tests.identity.provider import GRAPH, PASSWORD, Scene, said
from tests.support.client import AppClient
from tests.support.graph import actor_of, delegated_client, graph_client
from tests.support.lab import Lab

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
PARTNER_CENTER = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
NOT_HERE = "fc780465-2017-40d4-a0c5-307022471b92"
MANIFEST: dict[str, Any] = {
    "isFallbackPublicClient": True,
    "signInAudience": "AzureADMultipleOrgs",
    "displayName": "Portal",
    "web": {
        "redirectUris": [
            "https://login.microsoftonline.com/common/oauth2/nativeclient",
            "https://localhost",
            "http://localhost:8400",
        ]
    },
    "requiredResourceAccess": [
        {
            "resourceAppId": NOT_HERE,
            "resourceAccess": [{"id": "fc946a4f-bc4d-413b-a090-b2c86113ec4f", "type": "Scope"}],
        },
        {
            "resourceAppId": GRAPH_APP,
            "resourceAccess": [
                {"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"},
                {"id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role"},
                {"id": "ed31732f-9495-47ed-ba3b-4ed0948c1c64", "type": "Role"},
            ],
        },
    ],
}


@pytest.fixture
def scene(lab: Lab) -> Scene:
    return provider.scene(lab)


def admin_of(scene: Scene) -> AppClient:
    return graph_client(scene.lab, actor_of(scene.lab, scene.ana))


def test_a_management_portal_sets_itself_up(scene: Scene) -> None:
    """Its manifest names permissions that this world does not know; it makes principals in a batch, and consents."""
    client = admin_of(scene)
    assert client.get("/v1.0/applications?$filter=displayName eq 'Portal'").json()["value"] == []
    made = client.post("/v1.0/applications", MANIFEST).json()
    assert made["requiredResourceAccess"] == MANIFEST["requiredResourceAccess"]
    batch = [
        {
            "id": str(number),
            "method": "POST",
            "url": "/servicePrincipals",
            "headers": {"Content-Type": "application/json"},
            "body": {"appId": app_id},
        }
        for number, app_id in enumerate((made["appId"], PARTNER_CENTER, NOT_HERE))
    ]
    answers = client.post("/v1.0/$batch", {"requests": batch}).json()["responses"]
    assert [each["status"] for each in answers] == [201, 409, 400]
    listed = client.get("/beta/servicePrincipals?$select=AppId,id,displayName&$top=999").json()["value"]
    principals = {each["appId"]: each["id"] for each in listed}
    own, graph = principals[made["appId"]], principals[GRAPH_APP]
    secret = client.post(
        f"/v1.0/applications/{made['id']}/addPassword", {"passwordCredential": {"displayName": "Install"}}
    ).json()["secretText"]

    roles = [item["id"] for item in MANIFEST["requiredResourceAccess"][1]["resourceAccess"] if item["type"] == "Role"]
    grants = [
        {
            "id": role,
            "method": "POST",
            "url": f"/servicePrincipals/{own}/appRoleAssignedTo",
            "headers": {"Content-Type": "application/json"},
            "body": {"principalId": own, "resourceId": graph, "appRoleId": role},
        }
        for role in roles
    ]
    answers = client.post("/beta/$batch", {"requests": grants}).json()["responses"]
    assert [each["status"] for each in answers] == [201, 400], "the second permission is not known here"
    body = {"clientId": own, "consentType": "AllPrincipals", "resourceId": graph}
    scope = "User.Read MailboxSettings.ReadWrite"
    assert client.post("/v1.0/oauth2PermissionGrants", {**body, "scope": scope}).status_code == 201

    [grant] = client.get(f"/beta/servicePrincipals/{own}/oauth2PermissionGrants").json()["value"]
    assert grant["scope"] == scope
    patched = client.patch(f"/v1.0/oauth2PermissionGrants/{grant['id']}", {"scope": "Directory.Read.All User.Read"})
    assert patched.status_code == 204
    form = {"client_id": made["appId"], "client_secret": secret}
    claims = said(scene.app_token(scene.partner, **form).json()["access_token"])
    assert claims["roles"] == ["User.Read.All"]
    user = scene.token(
        scene.partner,
        grant_type="password",
        username="bea@contoso.onmicrosoft.com",
        password=PASSWORD,
        scope=f"{GRAPH}/.default",
        **form,
    )
    assert said(user.json()["access_token"])["scp"] == "Directory.Read.All User.Read"


def test_a_template_is_copied_from_what_was_read(scene: Scene) -> None:
    client = admin_of(scene)
    read = client.get(f"/beta/applications(appId='{scene.client_id}')").json()
    for name in ("appId", "id", "createdDateTime", "deletedDateTime", "publisherDomain", "identifierUris"):
        del read[name]
    del read["servicePrincipalLockConfiguration"], read["keyCredentials"], read["passwordCredentials"]

    copy = client.post("/beta/applications", {**read, "displayName": "Copy"})

    assert copy.status_code == 201, copy.text
    for name in ("web", "spa", "publicClient", "requiredResourceAccess", "signInAudience", "api"):
        assert copy.json()[name] == read[name]
    listed = client.get("/beta/applications?$top=999&expand=owners").json()["value"]
    owners = {each["displayName"]: [owner["id"] for owner in each["owners"]] for each in listed}
    assert owners == {"Sync tool": [], "Copy": [str(scene.ana)]}


def test_lists_that_portals_keep(scene: Scene) -> None:
    client = admin_of(scene)
    eventual = {"consistencylevel": "eventual"}
    key = client.get(f"/v1.0/servicePrincipals(appId='{scene.client_id}')").json()["id"]

    expanded = client.get("/beta/servicePrincipals?$select=id,appId,displayName&$top=999&expand=appRoleAssignments")
    held = {each["id"]: each["appRoleAssignments"] for each in expanded.json()["value"]}
    assert [each["resourceDisplayName"] for each in held[key]] == ["Microsoft Graph"]
    ordered = client.get("/v1.0/servicePrincipals?$top=999&$orderby=displayName&$count=true", headers=eventual).json()
    names = [each["displayName"] for each in ordered["value"]]
    assert (ordered["@odata.count"], names) == (len(names), sorted(names, key=str.lower))
    own = client.get(
        f"/v1.0/servicePrincipals?$count=true&$select=id&$filter=appOwnerOrganizationId eq {scene.partner}",
        headers=eventual,
    ).json()
    assert own["value"] == [{"id": key}]
    recent = client.get("/beta/servicePrincipals?$select=id,publisher&$filter=createdDateTime ge 2026-01-15T00:00:00Z")
    assert key in {each["id"] for each in recent.json()["value"]}
    grants = client.get(f"/v1.0/oauth2PermissionGrants?$filter=clientId eq '{key}'&$top=999").json()["value"]
    assert {each["scope"] for each in grants} == {"User.Read", "user_impersonation"}


# A partner's user in a customer's tenant

# role | read | register | change others' | secret | consent | invite | organization
DELEGATED = """
Directory Readers               | x - - - - - -
Application Developer           | x x - - - - -
Cloud Application Administrator | x x x x x - -
Application Administrator       | x x x x x - -
Hybrid Identity Administrator   | x x x - - - -
Privileged Role Administrator   | x - - - x - -
Guest Inviter                   | - - - - - x -
User Administrator              | x - - - - x -
Billing Administrator           | x - - - - - x
Global Administrator            | x x x x x x x
Service Support Administrator   | x - - - - - -
"""


@pytest.mark.parametrize("line", DELEGATED.strip().splitlines())
def test_which_delegated_role_does_what(directory: Directory, line: str) -> None:
    name, cells = (part.strip() for part in line.split("|"))
    lab = directory.lab
    customer = lab.tenant(TenantKind.CUSTOMER, "Relecloud")
    with lab.begin() as uow:
        theirs = service.register_application(uow, customer.id, display_name="Theirs")
        resource = service.ensure_service_principal(uow, customer.id, UUID(GRAPH_APP))
        principal = service.ensure_service_principal(uow, customer.id, theirs.app_id)
    with lab.begin() as uow:
        agents = service.create_group(uow, directory.tenant.id, "Agents")
        service.add_group_member(uow, agents.id, directory.member.principal_id or UUID(int=0))
        service.open_delegated_access(
            uow,
            source_id=UUID(int=77),
            kind="gdap",
            customer_tenant_id=customer.id,
            group_id=agents.id,
            roles=[role.template_id for role in DIRECTORY_ROLES.values() if role.name == name],
            until_at=None,
        )
    client = delegated_client(lab, directory.member, customer.id)
    path = f"/v1.0/applications/{theirs.id}"
    grant = {"clientId": str(principal.id), "consentType": "AllPrincipals", "resourceId": str(resource.id)}
    guest = {"invitedUserEmailAddress": "cy@elsewhere.example", "inviteRedirectUrl": "https://portal.example"}

    answers = [
        client.get(path),
        client.post("/v1.0/applications", {"displayName": "Mine"}),
        client.patch(path, {"tags": ["x"]}),
        client.post(f"{path}/addPassword", {}),
        client.post("/v1.0/oauth2PermissionGrants", {**grant, "scope": "User.Read"}),
        client.post("/v1.0/invitations", guest),
        client.patch(f"/v1.0/organization/{customer.id}", {"technicalNotificationMails": ["it@relecloud.example"]}),
    ]

    assert [answer.status_code < 300 for answer in answers] == [cell == "x" for cell in cells.split()]
    assert {refused(answer)[:2] for answer in answers if answer.status_code > 300} <= {
        (403, "Authorization_RequestDenied")
    }


def test_odd_values_that_are_only_kept_come_back(directory: Directory) -> None:
    odd = {"displayName": "Odd", "notes": "a\0b", "tags": ["\0", "x" * 999], "optionalClaims": {"n": 10**30}}
    made = directory.client.post("/v1.0/applications", odd)
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in odd} == odd
    found = directory.client.get("/v1.0/applications?$filter=displayName eq 'a%00b' or tags/any(t:t eq '%00')")
    assert found.status_code == 200
