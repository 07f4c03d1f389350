"""Rules of registrations by table: App ID URIs, exposed and required permissions."""

from typing import Any
from uuid import UUID

import pytest

from openpartner.identity import registrations
from openpartner.identity.registrations import PermissionInUse, RegistrationRefused

APP, TENANT = UUID(int=1), UUID(int=2)
DOMAINS = ("contoso.com", "contoso.onmicrosoft.com")


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        (f"api://{APP}", True),
        (f"api://{APP}/more", True),
        (f"api://{TENANT}/{APP}", True),
        (f"api://sync/{APP}", True),
        ("api://contoso.com/sync", True),
        ("https://contoso.com/sync", True),
        ("https://sync.CONTOSO.com", True),
        ("https://notcontoso.com", False),
        ("https://fabrikam.com/sync", False),
        ("api://sync", False),
        (f"api://{UUID(int=3)}", False),
        (f"http://{APP}", False),
        ("http://contoso.com", False),
        (f"api://{APP}?x=1", False),
        (f"api://{APP}#x", False),
        (f"api://{APP}/a b", False),
        (f"api://{APP}/{'x' * 255}", False),
        ("", False),
        (f"api://{APP}/\0", False),
        ("api://[", False),
    ],
)
def test_what_an_app_id_uri_may_be(uri: str, fits: bool) -> None:
    if fits:
        registrations.check_identifier_uri(uri, APP, TENANT, DOMAINS)
        return
    with pytest.raises(RegistrationRefused) as caught:
        registrations.check_identifier_uri(uri, APP, TENANT, DOMAINS)
    assert caught.value.member == "identifierUris"


def scope(**more: Any) -> dict[str, Any]:
    return {"id": "1", "value": "read", "type": "User", "isEnabled": True, **more}


def role(**more: Any) -> dict[str, Any]:
    return {"id": "1", "value": "Run", "allowedMemberTypes": ["Application"], "displayName": "Run", **more}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([scope(), scope(id="2", value="write", type="Admin")], ""),
        ([scope(), scope(value="write")], "The id '1' is given twice."),
        ([scope(), scope(id="2")], "The value 'read' is given twice."),
        ([scope(value="")], "A scope needs a value"),
        ([scope(value="a b")], "no blanks"),
        ([scope(value="x" * 121)], "120 characters"),
        ([scope(type="Both")], "Admin or User"),
    ],
)
def test_which_scopes_an_application_may_expose(wanted: list[dict[str, Any]], words: str) -> None:
    if not words:
        registrations.check_scopes("scopes", wanted)
        return
    with pytest.raises(RegistrationRefused, match=words):
        registrations.check_scopes("scopes", wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([role(), role(id="2", value="", allowedMemberTypes=["User", "Application"])], ""),
        ([role(value=""), role(id="2", value="")], ""),
        ([role(allowedMemberTypes=[])], "User, Application or both"),
        ([role(allowedMemberTypes=["Group"])], "User, Application or both"),
        ([role(displayName="")], "needs a displayName"),
        ([role(), role(id="2")], "given twice"),
    ],
)
def test_which_app_roles_an_application_may_have(wanted: list[dict[str, Any]], words: str) -> None:
    if not words:
        registrations.check_app_roles("appRoles", wanted)
        return
    with pytest.raises(RegistrationRefused, match=words):
        registrations.check_app_roles("appRoles", wanted)


@pytest.mark.parametrize(
    ("present", "wanted", "may"),
    [
        ([scope()], [scope()], True),
        ([scope()], [scope(isEnabled=False)], True),
        ([scope()], [], False),
        ([scope(isEnabled=False)], [], True),
        ([scope()], [scope(id="2")], False),
        ([{"id": "1", "value": "read"}], [], False),
    ],
)
def test_an_enabled_permission_is_switched_off_before_it_goes(
    present: list[dict[str, Any]], wanted: list[dict[str, Any]], may: bool
) -> None:
    if may:
        registrations.check_removed("scopes", present, wanted)
        return
    with pytest.raises(PermissionInUse, match="unless disabled first"):
        registrations.check_removed("scopes", present, wanted)


def test_required_permissions_name_each_resource_once() -> None:
    one = {"resourceAppId": "1", "resourceAccess": [{"id": "2", "type": "Scope"}, {"id": "3", "type": "Role"}]}
    registrations.check_required("required", [one])
    with pytest.raises(RegistrationRefused, match="given twice"):
        registrations.check_required("required", [one, one])
    with pytest.raises(RegistrationRefused, match="Scope or Role"):
        registrations.check_required("required", [{**one, "resourceAccess": [{"id": "2", "type": "Any"}]}])


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("SecurityGroup", True),
        ("SecurityGroup, DirectoryRole", True),
        ("All", True),
        ("Everything", False),
        ("x" * 60, False),
    ],
)
def test_which_groups_tokens_carry(text: str, fits: bool) -> None:
    if fits:
        registrations.check_group_claims("groupMembershipClaims", text)
        return
    with pytest.raises(RegistrationRefused, match="It is None or one of SecurityGroup"):
        registrations.check_group_claims("groupMembershipClaims", text)
