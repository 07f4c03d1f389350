"""Users and the signed-in one on the Graph surface, whole bodies, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from openpartner.identity.passwords import fits
from openpartner.identity.resources import AZURE_CLI, HELPDESK_ADMINISTRATOR, USER_ADMINISTRATOR
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.identity.graph.conftest import BASE, PASSWORD, Directory, refused
from tests.support import scene
from tests.support.graph import delegated_client
from tests.support.lab import Lab

CONTEXT = "https://localhost/v1.0/$metadata#users"


def test_the_signed_in_user(directory: Directory) -> None:
    expected: dict[str, Any] = {
        "@odata.context": f"{CONTEXT}/$entity",
        "businessPhones": [],
        "displayName": "Ana",
        "givenName": None,
        "jobTitle": None,
        "mail": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userPrincipalName": f"ana@{directory.domain}",
        "id": str(directory.admin.principal_id),
    }

    assert directory.get("me") == expected
    assert directory.get("users/me-token-to-replace") == expected
    assert directory.get(f"users('ana@{directory.domain}')") == expected
    assert directory.get(f"Users/{str(directory.admin.principal_id).upper()}") == expected
    only = directory.client_of(directory.member, "User.Read")
    assert only.get("/v1.0/me").json()["displayName"] == "Bo"
    assert refused(only.get("/v1.0/users"))[:2] == (403, "Authorization_RequestDenied")


def test_an_application_is_nobody(directory: Directory) -> None:
    with directory.lab.begin() as uow:
        app = scene.app(uow, directory.tenant, AZURE_CLI)
    client = directory.client_of(app, "User.Read.All")

    assert refused(client.get("/v1.0/me")) == (
        400,
        "BadRequest",
        "/me request is only valid with delegated authentication flow.",
    )
    assert [each["displayName"] for each in client.get("/v1.0/users").json()["value"]] == ["Ana", "Bo"]
    assert refused(client.delete(f"/v1.0/users/{directory.member.principal_id}"))[:2] == (
        403,
        "Authorization_RequestDenied",
    )


def test_a_user_is_created_with_everything_that_was_said(directory: Directory) -> None:
    body = {
        "@odata.type": "#microsoft.graph.user",
        "accountEnabled": False,
        "displayName": "Cy Young",
        "mailNickname": "cy",
        "userPrincipalName": f"cy@{directory.domain}",
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": True},
        "givenName": "Cy",
        "surname": "Young",
        "jobTitle": "Pitcher",
        "department": "Field",
        "usageLocation": "us",
        "businessPhones": ["+1 425 555 0100"],
        "otherMails": ["cy@home.example"],
        "city": "Cleveland",
    }

    answer = directory.client.post("/v1.0/users", body)

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"{BASE}/users/{made['id']}"
    selected = "accountEnabled,city,department,otherMails,usageLocation,userType,identities,externalUserState,state"
    assert directory.get(f"users/{made['id']}?$select={selected},createdDateTime,passwordProfile,signInActivity") == {
        "@odata.context": f"{CONTEXT}({selected},createdDateTime,passwordProfile,signInActivity)/$entity",
        "id": made["id"],
        "accountEnabled": False,
        "city": "Cleveland",
        "createdDateTime": "2026-01-15T09:00:00Z",
        "department": "Field",
        "externalUserState": None,
        "identities": [
            {
                "signInType": "userPrincipalName",
                "issuer": directory.domain,
                "issuerAssignedId": f"cy@{directory.domain}",
            }
        ],
        "otherMails": ["cy@home.example"],
        "passwordProfile": None,
        "signInActivity": None,
        "state": None,
        "usageLocation": "US",
        "userType": "Member",
    }
    row = directory.user_row(made["id"])
    assert (row.force_change, row.account_enabled, fits(row.password_hash, PASSWORD)) == (True, False, True)


def test_a_change_touches_only_what_it_names(directory: Directory) -> None:
    key = directory.new_user("cy", jobTitle="Pitcher", city="Cleveland")

    change = {
        "jobTitle": "Coach",
        "city": None,
        "businessPhones": ["1"],
        "accountEnabled": False,
        "mail": "cy@x.example",
    }
    answer = directory.client.patch(f"/v1.0/users/{key}", change)

    assert (answer.status_code, answer.content) == (204, b"")
    shown = directory.get(f"users/{key}?$select=jobTitle,city,businessPhones,accountEnabled,mail,displayName")
    assert {name: shown[name] for name in ("jobTitle", "city", "businessPhones", "accountEnabled", "mail")} == {
        "jobTitle": "Coach",
        "city": None,
        "businessPhones": ["1"],
        "accountEnabled": False,
        "mail": "cy@x.example",
    }
    assert shown["displayName"] == "Cy"
    changes = directory.lab.events("UserUpdated")
    assert changes[-2]["before"] == {"jobTitle": "Pitcher", "city": "Cleveland", "businessPhones": [], "mail": ""}
    assert changes[-1]["after"] == {"accountEnabled": False}


def test_a_password_is_set_by_a_patch_and_ends_the_sessions(directory: Directory) -> None:
    key = directory.new_user("cy")
    directory.lab.advance(timedelta(hours=1))
    profile = {"password": "Another-Horse-8", "forceChangePasswordNextSignIn": True}

    assert directory.client.patch(f"/v1.0/users/{key}", {"passwordProfile": profile}).status_code == 204

    row = directory.user_row(key)
    assert (fits(row.password_hash, "Another-Horse-8"), row.force_change) == (True, True)
    assert row.sessions_valid_from == directory.lab.now
    shown = directory.get(f"users/{key}?$select=signInSessionsValidFromDateTime,lastPasswordChangeDateTime")
    assert shown["signInSessionsValidFromDateTime"] == "2026-01-15T10:00:00Z"
    assert shown["lastPasswordChangeDateTime"] == "2026-01-15T10:00:00Z"


def test_a_user_goes_to_the_bin_and_comes_back(directory: Directory) -> None:
    key = directory.new_user("cy")

    assert directory.client.delete(f"/v1.0/users/cy@{directory.domain}").status_code == 204

    assert refused(directory.client.get(f"/v1.0/users/{key}")) == (
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )
    deleted = directory.get("directory/deletedItems/microsoft.graph.user?$select=displayName,deletedDateTime")
    assert deleted["value"] == [
        {
            "@odata.type": "#microsoft.graph.user",
            "displayName": "Cy",
            "id": key,
            "deletedDateTime": "2026-01-15T09:00:00Z",
        }
    ]
    restored = directory.client.post(f"/v1.0/directory/deletedItems/{key}/restore")
    assert (restored.status_code, restored.json()["@odata.type"]) == (200, "#microsoft.graph.user")
    assert directory.get(f"users/{key}")["displayName"] == "Cy"


def test_sessions_are_revoked(directory: Directory) -> None:
    key = directory.new_user("cy")
    directory.lab.advance(timedelta(hours=1))

    answer = directory.client.post(f"/v1.0/users/{key}/revokeSignInSessions")

    assert answer.json() == {"@odata.context": f"{BASE}/$metadata#Edm.Boolean", "value": True}
    assert directory.user_row(key).sessions_valid_from == directory.lab.now
    assert directory.client.post("/beta/me/invalidateAllRefreshTokens").json()["value"] is True
    assert directory.lab.kinds()[-2:] == ["SessionsRevoked", "SessionsRevoked"]


def test_a_manager_is_set_read_and_cleared(directory: Directory) -> None:
    key = directory.new_user("cy")
    path = f"/v1.0/users/{key}/manager"
    assert refused(directory.client.get(path))[:2] == (404, "Request_ResourceNotFound")

    manager = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{directory.admin.principal_id}"}
    assert directory.client.put(f"/v1.0/users/{key}/manager/$ref", manager).status_code == 204

    shown = directory.client.get(f"{path}?$select=displayName").json()
    assert shown == {
        "@odata.context": f"{BASE}/$metadata#directoryObjects(displayName)/$entity",
        "@odata.type": "#microsoft.graph.user",
        "displayName": "Ana",
        "id": str(directory.admin.principal_id),
    }
    itself = {"@odata.id": f"{BASE}/users/{key}"}
    assert refused(directory.client.put(f"{path}/$ref", itself)) == (
        400,
        "Request_BadRequest",
        "A manager is another user of the tenant.",
    )
    assert directory.client.delete(f"{path}/$ref").status_code == 204
    assert directory.client.delete(f"{path}/$ref").status_code == 404
    assert directory.client_of(directory.member).get("/v1.0/me/manager").status_code == 404


def test_users_are_found_by_what_is_in_a_list(directory: Directory) -> None:
    directory.new_user("cy", otherMails=["cy@home.example"])

    def found(condition: str) -> list[str]:
        return [
            each["displayName"] for each in directory.get(f"users?$select=displayName&$filter={condition}")["value"]
        ]

    assert found("otherMails/any(m:m eq 'CY@home.example')") == ["Cy"]
    assert found("otherMails/any(m:startswith(m,'cy@'))") == ["Cy"]
    assert found("otherMails/any(m:m eq 'home.example')") == []
    assert found("userType eq 'Member' and accountEnabled eq true and startswith(displayName,'C')") == ["Cy"]


# Who may


def test_scopes_and_roles_decide_together(directory: Directory) -> None:
    key = directory.new_user("cy")
    helper = directory.lab.user(directory.tenant, name="helper")
    directory.give(str(helper.principal_id), HELPDESK_ADMINISTRATOR)
    manager = directory.lab.user(directory.tenant, name="manager")
    directory.give(str(manager.principal_id), USER_ADMINISTRATOR)
    writes = directory.client_of(manager, "User.ReadWrite.All")
    cases = [
        (directory.client_of(manager, "User.Read.All"), {"jobTitle": "x"}, 403),
        (directory.client_of(directory.member, "User.ReadWrite.All"), {"jobTitle": "x"}, 403),
        (directory.client_of(helper, "User.ReadWrite.All"), {"jobTitle": "x"}, 403),
        (directory.client_of(helper), {"passwordProfile": {"password": "Another-Horse-8"}}, 204),
        (writes, {"jobTitle": "x"}, 204),
        (writes, {"accountEnabled": False}, 204),
    ]

    for client, change, status in cases:
        assert client.patch(f"/v1.0/users/{key}", change).status_code == status, change
    admin = f"/v1.0/users/{directory.admin.principal_id}"
    assert refused(writes.delete(admin))[:2] == (403, "Authorization_RequestDenied")
    assert refused(directory.client_of(helper).patch(admin, {"passwordProfile": {"password": PASSWORD}}))[0] == 403


def test_a_partner_acts_in_a_customers_tenant_while_its_relationship_allows_it(lab: Lab) -> None:
    partner = lab.partner("Fabrikam")
    agent = lab.user(partner, Role.ADMIN_AGENT, name="agent")
    customer = lab.tenant(TenantKind.CUSTOMER, "Adatum")
    target = lab.user(customer, name="cy")
    client = delegated_client(lab, agent, customer.id)
    path = f"/v1.0/users/{target.principal_id}"
    denied = refused(client.get(path))
    assert denied[:2] == (403, "Authorization_RequestDenied")
    assert "Nothing gives your company access to this customer" in denied[2]

    source = lab.give_delegated_access(partner.id, customer.id, "Directory Readers")
    assert client.get(path).json()["displayName"] == "Cy"
    assert refused(client.patch(path, {"jobTitle": "x"}))[0] == 403
    assert refused(client.get("/v1.0/me"))[0] == 400
    lab.take_delegated_access(source)
    assert refused(client.get(path))[0] == 403

    lab.give_delegated_access(partner.id, customer.id, "User Administrator")
    assert client.patch(path, {"jobTitle": "x"}).status_code == 204
    other = lab.tenant(TenantKind.CUSTOMER, "Tailspin")
    stranger = lab.user(other, name="dee")
    assert client.get(f"/v1.0/users/{stranger.principal_id}").status_code == 404


def test_another_tenants_users_do_not_exist(directory: Directory) -> None:
    other = directory.lab.partner("Fabrikam")
    stranger = directory.lab.user(other, name="stranger")

    for method in ("GET", "DELETE"):
        assert directory.client.request(method, f"/v1.0/users/{stranger.principal_id}").status_code == 404
    assert directory.client.get(f"/v1.0/users/{stranger.name}").status_code == 404
    assert directory.client.patch(f"/v1.0/users/{uuid4()}", {"jobTitle": "x"}).status_code == 404


# Changes


def _round(directory: Directory, url: str, **options: Any) -> tuple[list[dict[str, Any]], str]:
    """All pages of a round, and the link of the next one."""
    found: list[dict[str, Any]] = []
    while True:
        body = directory.client.get(url, **options).json()
        found += body["value"]
        if "@odata.deltaLink" in body:
            return found, str(body["@odata.deltaLink"])
        url = body["@odata.nextLink"]


def test_the_feed_tells_what_changed(directory: Directory) -> None:
    small = {"headers": {"Prefer": "odata.maxpagesize=1"}}
    first, link = _round(directory, "/v1.0/users/delta()?$select=displayName,jobTitle", **small)
    assert sorted(each["displayName"] for each in first) == ["Ana", "Bo"]
    assert _round(directory, link)[0] == []

    cy, dee = directory.new_user("cy"), directory.new_user("dee")
    directory.client.patch(f"/v1.0/users/{cy}", {"jobTitle": "x"})
    directory.client.delete(f"/v1.0/users/{directory.member.principal_id}")
    changed, link = _round(directory, link, **small)
    assert changed == [
        {"displayName": "Dee", "id": dee, "jobTitle": None},
        {"displayName": "Cy", "id": cy, "jobTitle": "x"},
        {"id": str(directory.member.principal_id), "@removed": {"reason": "changed"}},
    ]
    assert _round(directory, link)[0] == []

    latest = directory.get("users/delta?$deltatoken=latest")
    assert latest["value"] == []
    directory.client.patch(f"/v1.0/users/{cy}", {"jobTitle": None})
    assert [each["id"] for each in _round(directory, latest["@odata.deltaLink"])[0]] == [cy]
    only, _ = _round(directory, f"/v1.0/users/delta?$filter=id eq '{cy}' or id eq '{UUID(int=1)}'")
    assert [each["id"] for each in only] == [cy]


def test_a_feed_that_was_left_too_long_starts_again(directory: Directory) -> None:
    _, link = _round(directory, "/v1.0/users/delta")
    directory.lab.advance(timedelta(days=8))

    answer = directory.client.get(link)

    assert refused(answer)[:2] == (410, "syncStateNotFound")
    assert answer.headers["location"] == f"{BASE}/users/delta"
    assert refused(directory.client.get("/v1.0/users/delta?$deltatoken=x"))[:2] == (400, "BadRequest")
    assert refused(directory.client.get("/v1.0/users/delta?$orderby=displayName"))[:2] == (
        400,
        "Request_UnsupportedQuery",
    )
    assert refused(directory.client.get("/v1.0/users/delta?$filter=displayName eq 'x'"))[0] == 400
