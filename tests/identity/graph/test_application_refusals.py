"""What applications, invitations and organizations cannot be: the right code, a sentence, and nothing changed."""

from typing import Any

import pytest

from tests.identity.graph.conftest import Directory, refused

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
SCOPE = "ba7ffeff-96ea-4ac4-9822-1bcfee9adaa4"
APP_ROLE = "1d6f4d1e-5f6b-4b8e-9d5e-0a4a1c9d7b11"


@pytest.fixture(scope="module")
def application(still: Directory) -> dict[str, Any]:
    """One that stays as it is."""
    made: dict[str, Any] = still.client.post("/v1.0/applications", {"displayName": "Control panel"}).json()
    return made


def body(email: str = "cy@elsewhere.example", **more: Any) -> dict[str, Any]:
    return {"invitedUserEmailAddress": email, "inviteRedirectUrl": "https://myapps.microsoft.com", **more}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"displayName": ""}, "property 'displayName' of resource 'Application'. It must not be empty."),
        ({"displayName": "x" * 257}, "It has at most 256 characters."),
        ({"signInAudience": "Everybody"}, "It is one of AzureADMyOrg, AzureADMultipleOrgs, "),
        ({"web": {"redirectUris": ["http://sync.example"]}}, "it must begin with https://, or http:// for localhost."),
        ({"identifierUris": ["https://elsewhere.example/x"]}, "must use a verified domain of the organization"),
        ({"api": {"requestedAccessTokenVersion": 3}}, "It is 1, 2 or null."),
        ({"api": {"oauth2PermissionScopes": [{"id": SCOPE, "type": "Some", "value": "x"}]}}, "Admin or User."),
        ({"appRoles": [{"id": APP_ROLE, "allowedMemberTypes": [], "displayName": "x"}]}, "User, Application or both."),
        (
            {"requiredResourceAccess": [{"resourceAppId": SCOPE, "resourceAccess": [{"id": SCOPE, "type": "Any"}]}]},
            "The type of a required permission is Scope or Role.",
        ),
        ({"passwordCredentials": [{"displayName": "x"}]}, "Add a secret with the action addPassword."),
        ({"keyCredentials": [{"key": "no base64!"}]}, "The key is the certificate, as base64."),
        ({"keyCredentials": [{"key": "AAAA"}]}, "property 'keyCredentials' of resource 'Application'."),
        ({"nothing": 1}, "Invalid property 'nothing'."),
        ({"web": {"nothing": 1}}, "Invalid property 'web/nothing'."),
    ],
)
def test_what_an_application_cannot_be(
    still: Directory, application: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    path = f"/v1.0/applications/{application['id']}"

    answer = still.lab.nothing_changed(lambda: still.client.patch(path, change))

    status, code, said_so = refused(answer)
    assert (status, code) == (400, "Request_BadRequest")
    assert message in said_so
    assert still.client.get(path).json() == application


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"invitedUserEmailAddress": None}, "The property 'invitedUserEmailAddress' is needed."),
        ({"inviteRedirectUrl": ""}, "The property 'inviteRedirectUrl' is needed."),
        ({"invitedUserEmailAddress": "nobody"}, "'nobody' is not a mail address."),
        ({"invitedUserEmailAddress": "a@b@c.example"}, "is not a mail address."),
        ({"inviteRedirectUrl": "javascript:alert(1)"}, "it is an https address."),
        ({"invitedUserDisplayName": "x" * 257}, "at most 256 characters"),
        ({"invitedUserType": "Owner"}, "Guest or Member"),
        ({"invitedUserEmailAddress": "bo@contoso.onmicrosoft.com"}, "already exists in the directory as object ID: "),
        ({"invitedUserEmailAddress": "nobody@contoso.onmicrosoft.com"}, "is a verified domain of this directory."),
        (
            {
                "invitedUserMessageInfo": {
                    "ccRecipients": [{"emailAddress": {"address": f"{n}@x.example"}} for n in "ab"]
                }
            },
            "one recipient at most",
        ),
    ],
)
def test_what_is_no_invitation(still: Directory, change: dict[str, Any], words: str) -> None:
    sent = {**body(), **change}
    answer = still.lab.nothing_changed(lambda: still.client.post("/v1.0/invitations", sent))

    status, code, message = refused(answer)
    assert (status, code) == (400, "BadRequest")
    assert words in message
    assert still.lab.mails() == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "names at least one object"),
        ({"ids": []}, "names at least one object"),
        ({"ids": ["x"] * 1001}, "at most 1000 ids, not 1001"),
        ({"ids": ["x"], "types": ["rocket"]}, "'rocket' is no type"),
        ({"ids": ["x"], "colour": 1}, "Invalid property 'colour'."),
    ],
)
def test_what_cannot_be_asked(still: Directory, body: dict[str, Any], message: str) -> None:
    answer = still.client.post("/v1.0/directoryObjects/getByIds", body)
    assert refused(answer)[:2] == (400, "Request_BadRequest")
    assert message in refused(answer)[2]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"technicalNotificationMails": ["nobody"]}, "'technicalNotificationMails' of resource 'Organization'."),
        ({"marketingNotificationEmails": ["a@b.example"] * 251}, "There are at most 250."),
        ({"securityComplianceNotificationPhones": ["call me"]}, "Each is a telephone number."),
        ({"privacyProfile": {"contactEmail": "nobody"}}, "It is a mail address."),
        ({"privacyProfile": {"statementUrl": "nowhere"}}, "begins with https://"),
        ({"displayName": "Fabrikam"}, "Invalid property 'displayName'."),
    ],
)
def test_what_an_organization_cannot_be(still: Directory, body: dict[str, Any], message: str) -> None:
    path = f"/v1.0/organization/{still.tenant.id}"
    answer = still.lab.nothing_changed(lambda: still.client.patch(path, body))

    assert refused(answer)[:2] == (400, "Request_BadRequest")
    assert message in refused(answer)[2]


HOSTILE: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "applications", {"displayName": "a\0b"}),
    ("POST", "applications", {"displayName": "x", "description": "\0"}),
    ("POST", "applications", {"displayName": "x", "groupMembershipClaims": "y" * 60}),
    ("POST", "applications", {"displayName": "x", "identifierUris": ["api://["]}),
    ("POST", "applications", {"displayName": "x", "web": {"redirectUris": ["https://["]}}),
    ("POST", "applications", {"displayName": "x", "web": {"logoutUrl": "https://a.example/" + "x" * 300}}),
    ("POST", "applications", {"displayName": "x", "passwordCredentials": [{"displayName": "\0"}]}),
    ("POST", "applications", {"displayName": "x", "passwordCredentials": [{"startDateTime": "9999-01-01T00:00:00Z"}]}),
    ("POST", "applications", {"displayName": "x", "passwordCredentials": [{"endDateTime": "0001-01-01T00:00:00Z"}]}),
    ("POST", "applications", {"displayName": "x", "passwordCredentials": [{"endDateTime": "2026-06-01T00:00:00"}]}),
    (
        "POST",
        "applications",
        {"displayName": "x", "passwordCredentials": [{"startDateTime": "0001-01-01T00:00:00+14:00"}]},
    ),
    ("POST", "applications", {"displayName": "x", "keyCredentials": [{"displayName": "\0", "key": "AAAA"}]}),
    ("POST", "applications", {"displayName": "x", "appRoles": [{"id": "nonsense", "allowedMemberTypes": []}]}),
    ("POST", "applications", {"displayName": 7}),
    ("POST", "servicePrincipals", {"appId": "\0"}),
    ("POST", "servicePrincipals", {"appId": GRAPH_APP, "displayName": "\0"}),
    ("POST", "oauth2PermissionGrants", {"clientId": "\0", "resourceId": "\0", "consentType": "AllPrincipals"}),
    (
        "POST",
        "oauth2PermissionGrants",
        {"clientId": "x", "resourceId": "y", "consentType": "Principal", "principalId": "\0"},
    ),
    ("POST", "invitations", {"invitedUserEmailAddress": "a\0@b.example", "inviteRedirectUrl": "https://x.example"}),
    (
        "POST",
        "invitations",
        {"invitedUserEmailAddress": f"a@{'b' * 260}.example", "inviteRedirectUrl": "https://x.example"},
    ),
    ("POST", "invitations", {"invitedUserEmailAddress": "a@b.example", "inviteRedirectUrl": "https://["}),
    ("POST", "directoryObjects/getByIds", {"ids": ["\0"], "types": ["\0"]}),
]


@pytest.mark.parametrize(("method", "path", "body"), HOSTILE)
def test_what_nobody_should_send_is_refused(still: Directory, method: str, path: str, body: dict[str, Any]) -> None:
    answer = still.lab.nothing_changed(lambda: still.client.request(method, f"/v1.0/{path}", json=body))
    assert answer.status_code in {400, 404}, answer.text
    assert answer.json()["error"]["message"]
