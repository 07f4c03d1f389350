"""Users of a customer and their roles over the wire, whole bodies compared with partner-center-resources §4."""

from datetime import timedelta
from typing import Any

import pytest

from openpartner.platform.permissions import Role
from tests.customers.conftest import MakePartner, Partner
from tests.customers.test_api import follow
from tests.support.lab import Lab

HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
COMPANY_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


@pytest.fixture
def customer(partner: Partner) -> str:
    """The id of a customer."""
    return str(partner.administered("Relecloud")["id"])


def user_body(name: str = "daniel", **members: Any) -> dict[str, Any]:
    """As the public Node client sends it."""
    return {
        "usageLocation": "US",
        "userPrincipalName": f"{name}@relecloud.onmicrosoft.com",
        "firstName": "Daniel",
        "lastName": "Tsai",
        "displayName": f"Daniel {name}",
        "passwordProfile": {"password": "Str0ng-enough!", "forceChangePassword": True},
        **members,
    }


def create(partner: Partner, customer: str, name: str = "daniel", **members: Any) -> dict[str, Any]:
    answer = partner.client.post(f"/v1/customers/{customer}/users", user_body(name, **members))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_created_user_is_answered_with_its_password_once(lab: Lab, partner: Partner, customer: str) -> None:
    made = create(partner, customer)

    key = made["id"]
    plain = {
        "usageLocation": "US",
        "id": key,
        "userPrincipalName": "daniel@relecloud.onmicrosoft.com",
        "firstName": "Daniel",
        "lastName": "Tsai",
        "displayName": "Daniel daniel",
        "userDomainType": "managed",
        "state": "active",
        "links": {"self": {"uri": f"/customers/{customer}/users/{key}", "method": "GET", "headers": []}},
        "attributes": {"objectType": "CustomerUser"},
    }
    profile = {"forceChangePassword": True, "password": "Str0ng-enough!"}
    assert made == {**plain, "passwordProfile": profile}
    assert partner.client.get(f"/v1/customers/{customer}/users/{key}").json() == plain
    assert partner.client.get(f"/v1/customers/{customer}/users/DANIEL@relecloud.onmicrosoft.com").json() == plain
    assert "Str0ng-enough!" not in str(lab.events())


def test_without_a_password_one_is_made(partner: Partner, customer: str) -> None:
    made = create(partner, customer, passwordProfile=None)

    assert made["passwordProfile"]["forceChangePassword"] is True
    assert len(made["passwordProfile"]["password"]) >= 8


@pytest.mark.parametrize(
    ("members", "status", "name"),
    [
        ({"usageLocation": ""}, 400, "InvalidFields"),
        ({"usageLocation": "USA"}, 400, "InvalidFields"),
        ({"displayName": " "}, 400, "InvalidFields"),
        ({"firstName": "x" * 51}, 400, "InvalidFields"),
        ({"userPrincipalName": "daniel@elsewhere.example"}, 400, "UpnInvalid"),
        ({"userPrincipalName": "admin@relecloud.onmicrosoft.com"}, 409, "UpnTaken"),
        ({"passwordProfile": {"password": "weak"}}, 400, "PasswordRefused"),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    lab: Lab, partner: Partner, customer: str, members: dict[str, Any], status: int, name: str
) -> None:
    answer = lab.nothing_changed(lambda: partner.client.post(f"/v1/customers/{customer}/users", user_body(**members)))

    assert (answer.status_code, answer.json()["errorName"]) == (status, name)
    assert partner.client.get(f"/v1/customers/{customer}/users").json()["totalCount"] == 1


def test_members_change_and_the_rest_stays(partner: Partner, customer: str) -> None:
    made = create(partner, customer)
    path = f"/v1/customers/{customer}/users/{made['id']}"

    answer = partner.client.patch(
        path, {"DisplayName": "Dan", "UserPrincipalName": "dan@relecloud.onmicrosoft.com", "UsageLocation": "de"}
    )

    assert answer.status_code == 200
    del made["passwordProfile"]
    changed = {"displayName": "Dan", "userPrincipalName": "dan@relecloud.onmicrosoft.com", "usageLocation": "DE"}
    assert answer.json() == {**made, **changed}


def test_a_password_is_reset_by_either_call(lab: Lab, partner: Partner, customer: str) -> None:
    key = create(partner, customer)["id"]
    body = {
        "passwordProfile": {"password": "An0ther-one!", "forceChangePassword": False},
        "attributes": {"objectType": "CustomerUser"},
    }

    newer = partner.client.patch(f"/v1/customers/{customer}/users/{key}/resetpassword", body)
    older = partner.client.patch(f"/v1/customers/{customer}/users/{key}", body)

    for answer in (newer, older):
        assert answer.status_code == 200
        assert answer.json()["passwordProfile"] == {"forceChangePassword": False, "password": "An0ther-one!"}
    assert lab.kinds().count("PasswordReset") == 2


def test_a_deleted_user_is_found_among_the_inactive_and_comes_back(lab: Lab, partner: Partner, customer: str) -> None:
    key = create(partner, customer)["id"]
    inactive = {"filter": '{"Field":"UserState","Value":"Inactive","Operator":"equals"}'}

    deleted = partner.client.delete(f"/v1/customers/{customer}/users/{key}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    gone = partner.client.get(f"/v1/customers/{customer}/users/{key}")
    assert (gone.status_code, gone.json()["code"]) == (404, 60002)
    [listed] = partner.client.get(f"/v1/customers/{customer}/users", params=inactive).json()["items"]
    assert (listed["id"], listed["state"], listed["softDeletionTime"]) == (key, "inactive", "2026-01-15T09:00:00Z")
    lab.advance(timedelta(days=30))
    restored = partner.client.patch(f"/v1/customers/{customer}/users/{key}", {"state": "active"})
    assert (restored.status_code, restored.json()["state"]) == (200, "active")
    assert partner.client.get(f"/v1/customers/{customer}/users", params=inactive).json()["items"] == []


def test_after_30_days_a_deleted_user_is_gone(lab: Lab, partner: Partner, customer: str) -> None:
    key = create(partner, customer)["id"]
    partner.client.delete(f"/v1/customers/{customer}/users/{key}")
    lab.advance(timedelta(days=30, seconds=1))

    answer = lab.nothing_changed(
        lambda: partner.client.patch(f"/v1/customers/{customer}/users/{key}", {"state": "active"})
    )

    assert answer.status_code == 404
    inactive = {"filter": '{"Field":"UserState","Value":"Inactive","Operator":"equals"}'}
    assert partner.client.get(f"/v1/customers/{customer}/users", params=inactive).json()["items"] == []


def test_users_are_paged_and_sorted(partner: Partner, customer: str) -> None:
    for name in ("bert", "anna", "carl"):
        create(partner, customer, name, displayName=name.title(), passwordProfile=None)

    first = partner.client.get(
        f"/v1/customers/{customer}/users?size=3&sortField=DisplayName&sortDirection=Descending"
    ).json()
    second = follow(partner.client, first, "next")

    assert [user["displayName"] for user in first["items"]] == ["Gena Soto", "Carl", "Bert"]
    assert [user["displayName"] for user in second["items"]] == ["Anna"]
    assert "next" not in second["links"]
    by_name = {"filter": '{"Field":"DisplayName","Value":"a","Operator":"starts_with"}'}
    assert [
        user["displayName"]
        for user in partner.client.get(f"/v1/customers/{customer}/users", params=by_name).json()["items"]
    ] == ["Anna"]


@pytest.mark.parametrize("query", ["sortField=Age", "sortDirection=Up", "seekOperation=Last", "size=-1"])
def test_what_a_list_of_users_does_not_understand_is_refused(partner: Partner, customer: str, query: str) -> None:
    answer = partner.client.get(f"/v1/customers/{customer}/users?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_the_first_administrator_is_company_administrator(partner: Partner, customer: str) -> None:
    admin = partner.client.get(f"/v1/customers/{customer}/users/admin@relecloud.onmicrosoft.com").json()

    role = {
        "name": "Company Administrator",
        "id": COMPANY_ADMINISTRATOR,
        "attributes": {"objectType": "DirectoryRole"},
    }
    assert partner.client.get(f"/v1/customers/{customer}/users/{admin['id']}/directoryroles").json() == {
        "totalCount": 1,
        "items": [role],
        "attributes": {"objectType": "Collection"},
    }
    roles = partner.client.get(f"/v1/customers/{customer}/directoryroles").json()
    assert roles["totalCount"] == 120
    assert role in roles["items"]


def test_a_user_enters_and_leaves_a_role(lab: Lab, partner: Partner, customer: str) -> None:
    made = create(partner, customer)
    members = f"/v1/customers/{customer}/directoryroles/{HELPDESK}/usermembers"
    body = {"Id": made["id"], "DisplayName": made["displayName"], "UserPrincipalName": made["userPrincipalName"]}

    added = partner.client.post(members, body)

    member = {
        "displayName": "Daniel daniel",
        "userPrincipalName": "daniel@relecloud.onmicrosoft.com",
        "id": made["id"],
        "attributes": {"objectType": "UserMember"},
    }
    assert (added.status_code, added.json()) == (201, {**member, "roleId": HELPDESK})
    assert partner.client.get(members).json()["items"] == [member]
    removed = partner.client.delete(f"{members}/{made['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert partner.client.get(members).json()["items"] == []
    again = lab.nothing_changed(lambda: partner.client.delete(f"{members}/{made['id']}"))
    assert (again.status_code, again.json()["code"]) == (404, 60002)


def test_the_last_company_administrator_stays(lab: Lab, partner: Partner, customer: str) -> None:
    admin = partner.client.get(f"/v1/customers/{customer}/users/admin@relecloud.onmicrosoft.com").json()["id"]

    answers = [
        lab.nothing_changed(lambda: partner.client.delete(f"/v1/customers/{customer}/users/{admin}")),
        lab.nothing_changed(
            lambda: partner.client.delete(
                f"/v1/customers/{customer}/directoryroles/{COMPANY_ADMINISTRATOR}/usermembers/{admin}"
            )
        ),
    ]

    assert [(answer.status_code, answer.json()["errorName"]) for answer in answers] == [
        (409, "LastGlobalAdministrator"),
        (409, "LastGlobalAdministrator"),
    ]


def test_roles_and_users_that_are_not_there_are_404(lab: Lab, partner: Partner, customer: str) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"

    role = lab.nothing_changed(
        lambda: partner.client.post(f"/v1/customers/{customer}/directoryroles/{nobody}/usermembers", {"Id": nobody})
    )
    user = lab.nothing_changed(
        lambda: partner.client.post(f"/v1/customers/{customer}/directoryroles/{HELPDESK}/usermembers", {"Id": nobody})
    )

    assert (role.status_code, role.json()["errorName"]) == (404, "RoleUnknown")
    assert (user.status_code, user.json()["code"]) == (404, 60002)


def test_users_of_another_partners_customer_are_403(
    lab: Lab, partner: Partner, customer: str, make_partner: MakePartner
) -> None:
    other = make_partner("Other")
    key = create(partner, customer)["id"]

    for call in (
        lambda: other.client.get(f"/v1/customers/{customer}/users"),
        lambda: other.client.patch(f"/v1/customers/{customer}/users/{key}", {"displayName": "Mine"}),
        lambda: other.client.delete(f"/v1/customers/{customer}/users/{key}"),
    ):
        answer = lab.nothing_changed(call)
        assert (answer.status_code, answer.json()["code"]) == (403, 20002)


def test_a_user_of_one_customer_is_not_found_in_another(partner: Partner, customer: str) -> None:
    other = partner.administered("Fabrikam")["id"]
    key = create(partner, customer)["id"]

    answer = partner.client.get(f"/v1/customers/{other}/users/{key}")

    assert (answer.status_code, answer.json()["code"]) == (404, 60002)


def test_a_role_without_customer_users_is_refused(lab: Lab, partner: Partner, customer: str) -> None:
    client = lab.client(lab.user(partner.tenant, Role.BILLING_ADMIN))

    answer = lab.nothing_changed(lambda: client.post(f"/v1/customers/{customer}/users", user_body()))

    assert (answer.status_code, answer.json()["code"]) == (403, 900150)
