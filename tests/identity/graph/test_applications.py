"""Applications on the Graph surface: registered, changed, signed in with, retired; on both databases."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import keys, queries, service
from openpartner.identity.models import Application
from openpartner.platform.actor import Actor
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from tests.identity.graph.conftest import BASE, Directory, refused
from tests.identity.provider import said
from tests.support.graph import actor_of

ROLE = {role.name: role.template_id for role in DIRECTORY_ROLES.values()}
GRAPH_APP = "00000003-0000-0000-c000-000000000000"


def register(directory: Directory, name: str = "Control panel", **more: Any) -> dict[str, Any]:
    answer = directory.client.post("/v1.0/applications", {"displayName": name, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def token(directory: Directory, client_id: str, secret: str, scope: str = "https://graph.microsoft.com") -> Any:
    """What the token endpoint answers to the application itself; the lab's tenants begin without the vendor's own."""
    directory.client.post("/v1.0/servicePrincipals", {"appId": GRAPH_APP})
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": f"{scope}/.default",
    }
    return directory.lab.client().request("POST", f"/{directory.tenant.id}/oauth2/v2.0/token", data=form)


def test_an_application_is_registered_as_it_is_shown(directory: Directory) -> None:
    answer = directory.client.post("/v1.0/applications", {"displayName": "Control panel"})

    made = answer.json()
    key, app_id = made["id"], made["appId"]
    assert (answer.status_code, answer.headers["location"]) == (201, f"{BASE}/applications/{key}")
    assert made == {
        "@odata.context": f"{BASE}/$metadata#applications/$entity",
        "id": key,
        "deletedDateTime": None,
        "appId": app_id,
        "applicationTemplateId": None,
        "certification": None,
        "createdDateTime": "2026-01-15T09:00:00Z",
        "defaultRedirectUri": None,
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": "Control panel",
        "groupMembershipClaims": None,
        "identifierUris": [],
        "isDeviceOnlyAuthSupported": None,
        "isFallbackPublicClient": False,
        "nativeAuthenticationApisEnabled": None,
        "notes": None,
        "publisherDomain": directory.domain,
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": None,
        "uniqueName": None,
        "addIns": [],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": None,
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": {
            "logoUrl": None,
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "keyCredentials": [],
        "optionalClaims": None,
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [],
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [],
        "servicePrincipalLockConfiguration": None,
        "spa": {"redirectUris": []},
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "web": {
            "homePageUrl": None,
            "logoutUrl": None,
            "redirectUris": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "redirectUriSettings": [],
        },
    }
    assert directory.lab.kinds()[-1] == "ApplicationRegistered"
    assert directory.get(f"applications/{key}") == made
    assert directory.get(f"applications(appId='{app_id}')") == made
    assert directory.get(f"applications(appid='{app_id.upper()}')") == made
    shown = directory.get("applications?$select=AppId,displayName&$filter=displayName eq 'control panel'")
    assert shown["value"] == [{"id": key, "appId": app_id, "displayName": "Control panel"}]


SCOPE = "ba7ffeff-96ea-4ac4-9822-1bcfee9adaa4"
APP_ROLE = "1d6f4d1e-5f6b-4b8e-9d5e-0a4a1c9d7b11"
WHOLE: dict[str, Any] = {
    "displayName": "Sync",
    "description": "Keeps two lists alike",
    "signInAudience": "azureadmultipleorgs",
    "isFallbackPublicClient": True,
    "groupMembershipClaims": "SecurityGroup",
    "tags": ["one", "two"],
    "notes": "Ours",
    "info": {"supportUrl": "https://sync.example/help"},
    "optionalClaims": {"idToken": [{"name": "sid", "essential": False}]},
    "api": {
        "requestedAccessTokenVersion": 2,
        "oauth2PermissionScopes": [
            {
                "adminConsentDescription": "Lets the client sync.",
                "adminConsentDisplayName": "Sync",
                "id": SCOPE,
                "isEnabled": True,
                "type": "User",
                "userConsentDescription": "Lets the client sync for you.",
                "userConsentDisplayName": "Sync for you",
                "value": "user_impersonation",
            }
        ],
    },
    "appRoles": [
        {
            "allowedMemberTypes": ["Application"],
            "description": "Runs by itself",
            "displayName": "Run",
            "id": APP_ROLE,
            "isEnabled": True,
            "value": "Sync.Run",
        }
    ],
    "requiredResourceAccess": [
        {
            "resourceAppId": GRAPH_APP,
            "resourceAccess": [{"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"}],
        },
        {
            "resourceAppId": "aeb86249-8ea3-49e2-900b-54cc8e308f85",
            "resourceAccess": [{"id": "fc946a4f-bc4d-413b-a090-b2c86113ec4f", "type": "Role"}],
        },
    ],
    "web": {
        "homePageUrl": "https://sync.example",
        "logoutUrl": "https://sync.example/out",
        "redirectUris": ["https://sync.example/cb", "http://localhost:8400"],
        "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": True},
    },
    "spa": {"redirectUris": ["https://spa.example/"]},
    "publicClient": {"redirectUris": ["http://localhost"]},
}


def test_all_that_it_takes_is_shown_and_a_part_is_changed_alone(directory: Directory) -> None:
    made = register(directory, **WHOLE)

    assert made["signInAudience"] == "AzureADMultipleOrgs"
    for name in ("description", "isFallbackPublicClient", "groupMembershipClaims", "tags", "notes", "optionalClaims"):
        assert made[name] == WHOLE[name]
    assert made["requiredResourceAccess"] == WHOLE["requiredResourceAccess"]
    assert made["api"]["oauth2PermissionScopes"] == WHOLE["api"]["oauth2PermissionScopes"]
    assert made["api"]["requestedAccessTokenVersion"] == 2
    assert made["appRoles"] == [{**WHOLE["appRoles"][0], "origin": "Application"}]
    assert made["web"] == {
        **WHOLE["web"],
        "redirectUriSettings": [
            {"uri": "https://sync.example/cb", "index": None},
            {"uri": "http://localhost:8400", "index": None},
        ],
    }
    assert (made["spa"], made["publicClient"]) == (WHOLE["spa"], WHOLE["publicClient"])
    path = f"/v1.0/applications/{made['id']}"

    answer = directory.client.patch(
        path,
        {
            "web": {"redirectUris": ["https://sync.example/new"]},
            "identifierUris": [f"api://{made['appId']}"],
            "notes": None,
        },
    )

    assert (answer.status_code, answer.content) == (204, b"")
    now = directory.get(f"applications/{made['id']}")
    assert now["web"]["redirectUris"] == ["https://sync.example/new"]
    assert now["web"]["implicitGrantSettings"] == made["web"]["implicitGrantSettings"]
    assert (now["spa"], now["publicClient"]) == (WHOLE["spa"], WHOLE["publicClient"])
    assert (now["identifierUris"], now["notes"]) == ([f"api://{made['appId']}"], None)
    assert now["info"] == made["info"]
    assert directory.client.patch(path, now).status_code == 204, "a client may send back what it read"
    assert directory.get(f"applications/{made['id']}") == now
    found = directory.get(
        "applications?$filter=web/redirectUris/any(x:x eq 'https://sync.example/new')"
        " and signInAudience eq 'AzureAdMultipleOrgs'&$select=id"
    )
    assert found["value"] == [{"id": made["id"]}]
    assert directory.get(f"applications?$filter=identifierUris/any(u:u eq 'api://{made['appId']}')&$select=id") == {
        "@odata.context": f"{BASE}/$metadata#applications(id)",
        "value": [{"id": made["id"]}],
    }


def test_the_list_pages_counts_and_searches(directory: Directory) -> None:
    made = [register(directory, name)["id"] for name in ("Beta", "Alpha", "Gamma")]
    eventual = {"consistencylevel": "eventual"}

    body = directory.get("applications?$orderby=displayName&$top=2&$select=displayName")
    assert [each["displayName"] for each in body["value"]] == ["Alpha", "Beta"]
    rest = directory.client.get(body["@odata.nextLink"].removeprefix("https://localhost")).json()
    assert [each["displayName"] for each in rest["value"]] == ["Gamma"]
    answer = directory.client.get("/beta/applications/$count", headers=eventual)
    assert (answer.status_code, answer.text) == (200, "3")
    found = directory.get('applications?$search="displayName:gam"&$count=true&$select=id', headers=eventual)
    assert (found["@odata.count"], [each["id"] for each in found["value"]]) == (1, [made[2]])


def test_who_registers_owns(directory: Directory) -> None:
    member = directory.client_of(directory.member)
    made = member.post("/v1.0/applications", {"displayName": "Own"}).json()
    other = register(directory)

    assert member.patch(f"/v1.0/applications/{made['id']}", {"tags": ["mine"]}).status_code == 204
    assert member.post(f"/v1.0/applications/{made['id']}/addPassword", {}).status_code == 200
    assert refused(member.patch(f"/v1.0/applications/{other['id']}", {"tags": ["mine"]}))[:2] == (
        403,
        "Authorization_RequestDenied",
    )
    reads = directory.client_of(directory.member, "Application.Read.All")
    assert refused(reads.patch(f"/v1.0/applications/{made['id']}", {"tags": []}))[0] == 403
    [shown] = directory.get(f"applications?$filter=appId eq '{made['appId']}'&$expand=owners&$select=id")["value"]
    assert [(owner["@odata.type"], owner["id"]) for owner in shown["owners"]] == [
        ("#microsoft.graph.user", str(directory.member.principal_id))
    ]


# Signing in with it


def test_a_secret_signs_in_until_it_is_removed(directory: Directory) -> None:
    made = register(directory)
    path = f"/v1.0/applications/{made['id']}"
    body = {"passwordCredential": {"displayName": "first", "endDateTime": "2026-06-01T00:00:00Z"}}
    answer = directory.client.post(f"{path}/addPassword", body)

    assert answer.status_code == 200, answer.text
    secret = answer.json()
    assert secret == {
        "@odata.context": f"{BASE}/$metadata#microsoft.graph.passwordCredential",
        "customKeyIdentifier": None,
        "displayName": "first",
        "endDateTime": "2026-06-01T00:00:00Z",
        "hint": secret["secretText"][:3],
        "keyId": secret["keyId"],
        "secretText": secret["secretText"],
        "startDateTime": "2026-01-15T09:00:00Z",
    }
    [kept] = directory.get(f"applications/{made['id']}")["passwordCredentials"]
    assert kept == {**{name: secret[name] for name in kept}, "secretText": None}
    assert secret["secretText"] not in str(directory.lab.events())
    unknown = token(directory, made["appId"], secret["secretText"])
    assert (unknown.status_code, unknown.json()["error_codes"]) == (400, [700016]), "it has no principal here yet"
    assert directory.client.post("/v1.0/servicePrincipals", {"appId": made["appId"]}).status_code == 201

    signed_in = token(directory, made["appId"], secret["secretText"])

    assert signed_in.status_code == 200, signed_in.text
    claims = said(signed_in.json()["access_token"])
    assert (claims["appid"], claims["idtyp"], "roles" in claims) == (made["appId"], "app", False)
    assert token(directory, made["appId"], "wrong").json()["error_codes"] == [7000215]
    named = {"keyId": secret["keyId"]}
    assert directory.client.post(f"{path}/removePassword", named).status_code == 204
    assert token(directory, made["appId"], secret["secretText"]).json()["error_codes"] == [7000215]
    answer = directory.lab.nothing_changed(lambda: directory.client.post(f"{path}/removePassword", named))
    assert refused(answer) == (
        400,
        "Request_BadRequest",
        f"No password credential found with keyId '{secret['keyId']}'.",
    )


def test_a_secret_lives_two_years_unless_it_says_less(directory: Directory) -> None:
    made = register(directory, passwordCredentials=[{"displayName": "at once"}])

    [secret] = made["passwordCredentials"]
    assert (secret["displayName"], secret["endDateTime"]) == ("at once", "2028-01-15T09:00:00Z")
    assert secret["secretText"][:3] == secret["hint"]
    directory.client.post("/v1.0/servicePrincipals", {"appId": made["appId"]})
    assert token(directory, made["appId"], secret["secretText"]).status_code == 200
    later = {"passwordCredential": {"startDateTime": "2026-02-01T00:00:00Z"}}
    path = f"/v1.0/applications(appId='{made['appId']}')/addPassword"
    assert refused(directory.client.post(path, later))[:2] == (400, "Request_BadRequest"), "two years from now at most"
    later["passwordCredential"]["endDateTime"] = "2026-03-01T00:00:00Z"
    not_yet = directory.client.post(path, later).json()["secretText"]
    assert token(directory, made["appId"], not_yet).json()["error_codes"] == [7000215]
    directory.lab.advance(timedelta(days=20))
    assert token(directory, made["appId"], not_yet).status_code == 200


def certificate(directory: Directory) -> bytes:
    with directory.lab.read() as uow:
        [first, *_] = queries.published_keys(uow.db, uow.now).values()
        return first.certificate


def test_certificates_come_stay_and_go_by_the_list(directory: Directory) -> None:
    made = register(directory)
    path = f"/v1.0/applications/{made['id']}"
    der = certificate(directory)
    body = {
        "keyCredentials": [
            {
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
                "key": base64.b64encode(der).decode(),
                "displayName": "CN=first",
            }
        ]
    }

    assert directory.client.patch(path, body).status_code == 204

    [shown] = directory.get(f"applications/{made['id']}?$select=keyCredentials")["keyCredentials"]
    _, starts_at, ends_at = keys.certificate_facts(der)
    assert shown == {
        "customKeyIdentifier": base64.urlsafe_b64decode(keys.thumbprint(der) + "=").hex().upper(),
        "displayName": "CN=first",
        "endDateTime": ends_at.isoformat().replace("+00:00", "Z"),
        "key": None,
        "keyId": shown["keyId"],
        "startDateTime": starts_at.isoformat().replace("+00:00", "Z"),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }
    assert directory.client.patch(path, {"keyCredentials": [shown]}).status_code == 204
    assert directory.get(f"applications/{made['id']}")["keyCredentials"] == [shown]
    assert directory.client.patch(path, {"keyCredentials": []}).status_code == 204
    assert directory.get(f"applications/{made['id']}")["keyCredentials"] == []


def test_a_deleted_application_signs_in_no_more(directory: Directory) -> None:
    made = register(directory, passwordCredentials=[{}])
    secret = made["passwordCredentials"][0]["secretText"]
    directory.client.post("/v1.0/servicePrincipals", {"appId": made["appId"]})
    assert token(directory, made["appId"], secret).status_code == 200

    assert directory.client.delete(f"/v1.0/applications/{made['id']}").status_code == 204

    assert directory.lab.kinds()[-2:] == ["ApplicationDeleted", "ServicePrincipalRemoved"]
    assert token(directory, made["appId"], secret).json()["error_codes"] == [700016]
    assert directory.get("applications")["value"] == []
    assert refused(directory.client.get(f"/v1.0/applications/{made['id']}")) == (
        404,
        "Request_ResourceNotFound",
        f"Resource '{made['id']}' does not exist or one of its queried reference-property objects are not present.",
    )
    with directory.lab.read() as uow:
        assert uow.db.get_one(Application, UUID(made["id"])).deleted_at == uow.now
        assert queries.service_principal(uow, directory.tenant.id, UUID(made["appId"])) is None


# Who may


def app_actor(directory: Directory) -> Actor:
    """An application of the tenant's own."""
    with directory.lab.begin() as uow:
        made = service.register_application(uow, directory.tenant.id, display_name="Worker")
        principal = queries.service_principal(uow, directory.tenant.id, made.app_id)
        assert principal is not None
    return actor_of(directory.lab, principal.id)


# role | register | change | secret
CELLS = """
Application Administrator         | x x x
Cloud Application Administrator   | x x x
Global Administrator              | x x x
Hybrid Identity Administrator     | x x -
Application Developer             | x - -
User Administrator                | x - -
Global Reader                     | x - -
"""


@pytest.mark.parametrize("line", CELLS.strip().splitlines())
def test_which_role_does_what(directory: Directory, line: str) -> None:
    """Every member may register; the role decides about others' applications."""
    name, cells = (part.strip() for part in line.split("|"))
    made = register(directory)
    holder = directory.lab.user(directory.tenant, name="holder")
    directory.give(str(holder.principal_id), ROLE[name])
    client = directory.client_of(holder)
    path = f"/v1.0/applications/{made['id']}"

    answers = [
        client.post("/v1.0/applications", {"displayName": "Mine"}),
        client.patch(path, {"tags": ["x"]}),
        client.post(f"{path}/addPassword", {"passwordCredential": {"displayName": "x"}}),
    ]

    assert [answer.status_code < 300 for answer in answers] == [cell == "x" for cell in cells.split()]
    assert {refused(answer)[1] for answer in answers if answer.status_code > 300} <= {"Authorization_RequestDenied"}


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("Application.Read.All", [200, 403, 403, 403, 403]),
        ("Directory.Read.All", [200, 403, 403, 403, 403]),
        ("Application.ReadWrite.All", [200, 201, 204, 200, 204]),
        ("Directory.ReadWrite.All", [200, 403, 403, 403, 403]),
        ("User.ReadWrite.All", [403, 403, 403, 403, 403]),
    ],
)
def test_which_permission_of_an_application_does_what(
    directory: Directory, permission: str, expected: list[int]
) -> None:
    made = register(directory)
    client = directory.client_of(app_actor(directory), permission)
    path = f"/v1.0/applications/{made['id']}"

    answers = [
        client.get(path),
        client.post("/v1.0/applications", {"displayName": "Mine"}),
        client.patch(path, {"tags": ["x"]}),
        client.post(f"{path}/addPassword", {}),
        client.delete(path),
    ]

    assert [answer.status_code for answer in answers] == expected


def test_other_refusals(directory: Directory) -> None:
    made = register(directory, **WHOLE)
    path = f"/v1.0/applications/{made['id']}"
    other = directory.lab.partner("Fabrikam")
    with directory.lab.begin() as uow:
        theirs = service.register_application(uow, other.id, display_name="Theirs", identifier_uris=["api://taken"])
    with directory.lab.begin() as uow:
        service.update_application(
            uow, uow.db.get_one(Application, theirs.id), identifier_uris=[f"api://{made['appId']}"]
        )
    before = directory.lab.events()
    client = directory.client

    assert refused(client.post("/v1.0/applications", {"tags": []})) == (
        400,
        "Request_BadRequest",
        "A value is required for property 'displayName' of resource 'Application'.",
    )
    assert refused(client.patch(path, {"identifierUris": [f"api://{made['appId']}"]})) == (
        400,
        "Request_BadRequest",
        "Another object with the same value for property identifierUris already exists.",
    )
    assert refused(client.patch(path, {"appRoles": []}))[:2] == (400, "CannotDeleteOrUpdateEnabledEntitlement")
    for key in (str(theirs.id), f"appId={theirs.app_id}", f"appId={GRAPH_APP}", "nonsense", str(UUID(int=5))):
        assert refused(client.get(f"/v1.0/applications/{key}"))[:2] == (404, "Request_ResourceNotFound")
        assert client.patch(f"/v1.0/applications/{key}", {"tags": []}).status_code == 404
        assert client.delete(f"/v1.0/applications/{key}").status_code == 404
    far = {"passwordCredential": {"endDateTime": "2036-01-01T00:00:00Z"}}
    assert refused(client.post(f"{path}/addPassword", far))[:2] == (400, "Request_BadRequest")
    assert directory.lab.events() == before


def test_an_app_role_that_is_off_can_be_taken_away(directory: Directory) -> None:
    made = register(directory, **WHOLE)
    path = f"/v1.0/applications/{made['id']}"
    off = {**made["appRoles"][0], "isEnabled": False}

    assert directory.client.patch(path, {"appRoles": [off]}).status_code == 204
    assert directory.client.patch(path, {"appRoles": []}).status_code == 204
    assert directory.get(f"applications/{made['id']}")["appRoles"] == []


def test_a_secret_that_ran_out_is_told_so(directory: Directory) -> None:
    made = register(directory, passwordCredentials=[{"endDateTime": "2026-01-16T09:00:00Z"}])
    directory.client.post("/v1.0/servicePrincipals", {"appId": made["appId"]})
    secret = made["passwordCredentials"][0]["secretText"]

    directory.lab.advance(timedelta(days=2))

    assert token(directory, made["appId"], secret).json()["error_codes"] == [7000222]
