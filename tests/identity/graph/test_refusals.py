"""What users and groups cannot be: the right code, a sentence, and nothing changed."""

from typing import Any

import pytest

from tests.identity.graph.conftest import BASE, PASSWORD, Directory, refused

NEEDED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_new_user_needs(still: Directory, name: str) -> None:
    body: dict[str, Any] = {
        "accountEnabled": True,
        "displayName": "Cy",
        "mailNickname": "cy",
        "userPrincipalName": f"cy@{still.domain}",
        "passwordProfile": {"password": PASSWORD},
    }
    del body[name]

    answer = still.lab.nothing_changed(lambda: still.client.post("/v1.0/users", body))

    assert refused(answer) == (
        400,
        "Request_BadRequest",
        f"A value is required for property '{name}' of resource 'User'.",
    )
    assert answer.json()["error"]["target"] == name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"userPrincipalName": "ana@contoso.onmicrosoft.com"},
            "Another object with the same value for property userPrincipalName already exists.",
        ),
        (
            {"userPrincipalName": "cy@elsewhere.example"},
            (
                "Invalid value specified for property 'userPrincipalName' of resource 'User'. 'cy@elsewhere.example' "
                "cannot be a user principal name: 'elsewhere.example' is not a verified domain of this tenant."
            ),
        ),
        (
            {"passwordProfile": {"password": "short"}},
            (
                "The specified password does not comply with password complexity requirements. "
                "Choose another password: it must have 8 to 256 characters."
            ),
        ),
        (
            {"usageLocation": "XX"},
            (
                "Invalid value specified for property 'usageLocation' of resource 'User'. "
                "Give the two letters of a country, such as US."
            ),
        ),
        (
            {"jobTitle": "x" * 129},
            "Invalid value specified for property 'jobTitle' of resource 'User'. It has at most 128 characters.",
        ),
        (
            {"businessPhones": ["\0"]},
            (
                "Invalid value specified for property 'businessPhones' of resource 'User'. "
                "It must not contain control characters."
            ),
        ),
        ({"nothing": 1}, "Invalid property 'nothing'."),
    ],
)
def test_what_a_new_user_cannot_be(still: Directory, change: dict[str, Any], message: str) -> None:
    body = {
        "accountEnabled": True,
        "displayName": "Cy",
        "mailNickname": "cy",
        "userPrincipalName": f"cy@{still.domain}",
        "passwordProfile": {"password": PASSWORD},
        **change,
    }

    answer = still.lab.nothing_changed(lambda: still.client.post("/v1.0/users", body))

    assert refused(answer) == (400, "Request_BadRequest", message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"displayName": None}, "A value is required for property 'displayName' of resource 'Group'."),
        ({"mailNickname": ""}, "A value is required for property 'mailNickname' of resource 'Group'."),
        (
            {"mailEnabled": True},
            (
                "Invalid value specified for property 'mailEnabled' of resource 'Group'. "
                "Only a Unified group has a mail address, and each has one."
            ),
        ),
        (
            {"groupTypes": ["DynamicMembership"]},
            (
                "Invalid value specified for property 'groupTypes' of resource 'Group'. "
                "Groups are made with no type, or with Unified."
            ),
        ),
        (
            {"isAssignableToRole": True, "securityEnabled": False},
            (
                "Invalid value specified for property 'securityEnabled' of resource 'Group'. "
                "A group that can hold roles is a security group."
            ),
        ),
        (
            {"visibility": "Secret"},
            (
                "Invalid value specified for property 'visibility' of resource 'Group'. "
                "It is one of Private, Public, HiddenMembership."
            ),
        ),
        (
            {"displayName": "x" * 257},
            "Invalid value specified for property 'displayName' of resource 'Group'. It has at most 256 characters.",
        ),
        ({"members@odata.bind": [f"{BASE}/users/x"] * 21}, "One request names at most 20 members and owners."),
    ],
)
def test_what_a_new_group_cannot_be(still: Directory, change: dict[str, Any], message: str) -> None:
    body = {
        "displayName": "Reviewers",
        "mailEnabled": False,
        "mailNickname": "reviewers",
        "securityEnabled": True,
        **change,
    }

    answer = still.lab.nothing_changed(lambda: still.client.post("/v1.0/groups", body))

    assert refused(answer) == (400, "Request_BadRequest", message)
