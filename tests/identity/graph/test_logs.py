"""The sign-in log and the changes of a directory on the Graph surface."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from openpartner.identity import events
from openpartner.identity import service as identity
from openpartner.identity.graph.wire.audits import ACTIVITIES, CATEGORIES
from openpartner.identity.models import User
from openpartner.identity.resources import AZURE_CLI, GRAPH_COMMAND_LINE
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import log_sign_in
from openpartner.identity.service.signing_in import check_password
from openpartner.platform.actor import TenantKind
from openpartner.platform.events import Event
from openpartner.platform.permissions import Role
from openpartner.subscriptions.events import LicensesChanged
from tests.identity.graph.conftest import BASE, PASSWORD, Directory, refused
from tests.support import scene
from tests.support.graph import delegated_client

HERE = Exchange(
    host="https://localhost",
    tenant="common",
    is_v1=False,
    ip_address="192.0.2.7",
    user_agent="Py/1",
    correlation_id="c1",
)


def attempt(directory: Directory, user_id: object, **facts: Any) -> None:
    with directory.lab.begin() as uow:
        user = uow.db.get_one(User, UUID(str(user_id)))
        given = {"tenant_id": directory.tenant.id, "app_id": AZURE_CLI, **facts}
        log_sign_in(uow, HERE, user=user, upn=user.upn, **given)


def found(directory: Directory, query: str, of: str = "v1.0/auditLogs/signIns") -> list[dict[str, Any]]:
    answer = directory.client.get(f"/{of}?{query}")
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["value"]
    return listed


def test_a_sign_in_is_shown_as_it_was(directory: Directory) -> None:
    cy = directory.new_user("cy")
    with directory.lab.begin() as uow:
        assert check_password(uow, HERE, f"cy@{directory.domain}", "wrong", app_id=AZURE_CLI) is not None

    [shown] = found(directory, "")

    assert shown == {
        "id": shown["id"],
        "createdDateTime": "2026-01-15T09:00:00Z",
        "userDisplayName": "Cy",
        "userPrincipalName": f"cy@{directory.domain}",
        "userId": cy,
        "appId": str(AZURE_CLI),
        "appDisplayName": "Azure CLI",
        "ipAddress": "192.0.2.7",
        "clientAppUsed": "Browser",
        "correlationId": "c1",
        "conditionalAccessStatus": "notApplied",
        "isInteractive": True,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes": [],
        "riskEventTypes_v2": [],
        "resourceDisplayName": None,
        "resourceId": None,
        "status": {
            "errorCode": 50126,
            "failureReason": "The user name or password is wrong, so the credentials could not be validated.",
            "additionalDetails": None,
        },
        "deviceDetail": {
            "deviceId": None,
            "displayName": None,
            "operatingSystem": None,
            "browser": None,
            "isCompliant": False,
            "isManaged": False,
            "trustType": None,
        },
        "location": {"city": None, "state": None, "countryOrRegion": None, "geoCoordinates": None},
        "appliedConditionalAccessPolicies": [],
    }
    one = directory.get(f"auditLogs/signIns/{shown['id']}")
    assert one == {"@odata.context": f"{BASE}/$metadata#auditLogs/signIns/$entity", **shown}
    assert directory.client.get(f"/v1.0/auditLogs/signIns/{uuid4()}").status_code == 404


def test_sign_ins_are_asked_as_tools_ask(directory: Directory) -> None:
    cy, di = directory.new_user("cy"), directory.new_user("di")
    attempt(directory, cy, resource="https://graph.microsoft.com/.default offline_access", amr=("pwd", "mfa"))
    directory.lab.set_clock(directory.lab.now + timedelta(days=2))
    attempt(directory, di, app_id=GRAPH_COMMAND_LINE, error_code=50126, failure_reason="No.")
    attempt(directory, di, is_interactive=False, cross_tenant="serviceProvider")
    first = "2026-01-16T00:00:00Z"

    def names(query: str, of: str = "beta/auditLogs/signIns") -> list[str]:
        return [each["userPrincipalName"].partition("@")[0] for each in found(directory, query, of)]

    assert names("") == ["di", "cy"]
    assert names(f"$filter=createdDateTime ge {first}") == ["di"]
    assert names(f"$filter=createdDateTime lt {first} and userDisplayName ne 'Sync'") == ["cy"]
    assert names(f"$filter=(userId eq '{cy}')&$top=1&$orderby=createdDateTime desc") == ["cy"]
    assert names(f"api-version=beta&$filter=userPrincipalName eq 'DI@{directory.domain}'") == ["di"]
    assert names(f"$filter=appId eq '{AZURE_CLI}' or appId eq '{uuid4()}'") == ["cy"]
    assert names("filter=status/errorCode eq 50126") == ["di"]
    assert names("$filter=signInEventTypes/any(t: t eq 'nonInteractiveUser')") == ["di"]
    assert names("$filter=isInteractive eq false and crossTenantAccessType eq 'serviceProvider'") == ["di"]
    assert names("$orderby=createdDateTime asc", "v1.0/auditLogs/signIns") == ["cy", "di"]
    [later] = found(directory, f"$filter=userId eq {cy}", "beta/auditLogs/signIns")
    assert (later["resourceDisplayName"], later["authenticationRequirement"], later["homeTenantId"]) == (
        "Microsoft Graph",
        "multiFactorAuthentication",
        str(directory.tenant.id),
    )
    assert (later["userAgent"], later["signInEventTypes"], later["userType"]) == ("Py/1", ["interactiveUser"], "member")
    items = [{"id": "1", "method": "GET", "url": "/auditLogs/signIns?$top=1"}]
    for version, says_more in (("beta", True), ("v1.0", False)):
        [item] = directory.client.post(f"/{version}/$batch", {"requests": items}).json()["responses"]
        assert item["body"]["@odata.context"].startswith(f"https://localhost/{version}/$metadata")
        assert ("userAgent" in item["body"]["value"][0]) is says_more
    top = directory.client.get("/v1.0/auditLogs/signIns?$top=1").json()
    assert [each["userId"] for each in top["value"]] == [di]
    rest = directory.client.get(top["@odata.nextLink"].removeprefix("https://localhost")).json()
    assert ([each["userId"] for each in rest["value"]], "@odata.nextLink" in rest) == ([cy], False)
    assert refused(directory.client.get("/v1.0/auditLogs/signIns?$top=1001"))[0] == 400
    assert refused(directory.client.get("/v1.0/auditLogs/signIns?$filter=riskState eq 'atRisk'"))[0] == 400


def test_a_change_is_shown_with_who_whom_and_what(directory: Directory) -> None:
    cy = directory.new_user("cy")
    assert directory.client.patch(f"/v1.0/users/{cy}", {"jobTitle": "Chef"}).status_code == 204

    shown = found(directory, f"$filter=targetResources/any(t:t/id eq '{cy}')", "v1.0/auditLogs/directoryAudits")[0]

    assert shown == {
        "id": shown["id"],
        "category": "UserManagement",
        "correlationId": shown["correlationId"],
        "result": "success",
        "resultReason": None,
        "activityDisplayName": "Update user",
        "activityDateTime": "2026-01-15T09:00:00Z",
        "loggedByService": "Core Directory",
        "operationType": "Update",
        "initiatedBy": {
            "user": {
                "id": str(directory.admin.principal_id),
                "displayName": "Ana",
                "userPrincipalName": f"ana@{directory.domain}",
                "ipAddress": None,
            },
            "app": None,
        },
        "targetResources": [
            {
                "id": cy,
                "type": "User",
                "groupType": None,
                "displayName": "Cy",
                "userPrincipalName": f"cy@{directory.domain}",
                "modifiedProperties": [{"displayName": "JobTitle", "oldValue": '""', "newValue": '"Chef"'}],
            }
        ],
        "additionalDetails": [],
    }
    one = directory.get(f"auditLogs/directoryAudits/{shown['id']}")
    assert one == {"@odata.context": f"{BASE}/$metadata#auditLogs/directoryAudits/$entity", **shown}
    for key in ("Directory_000000000001", "Directory_999999999999", "nothing"):
        assert directory.client.get(f"/v1.0/auditLogs/directoryAudits/{key}").status_code == 404


def test_who_joins_stands_first_and_the_group_second(directory: Directory) -> None:
    cy = directory.new_user("cy")
    group = directory.new_group("Night shift", cy)
    directory.client.delete(f"/v1.0/groups/{group}/members/{cy}/$ref")
    of = "v1.0/auditLogs/directoryAudits"
    query = "(activityDisplayName eq 'Add member to group' or activityDisplayName eq 'Remove member from group')"

    left, joined = found(directory, f"$filter=activityDateTime ge 2026-01-15T08:00:00Z and {query}", of)

    def properties(of: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
        listed = of["targetResources"][0]["modifiedProperties"]
        return [(each["displayName"], each["oldValue"], each["newValue"]) for each in listed]

    assert (joined["operationType"], left["operationType"]) == ("Assign", "Unassign")
    assert [(each["type"], each["displayName"]) for each in joined["targetResources"]] == [
        ("User", "Cy"),
        ("Group", "Night shift"),
    ]
    assert properties(joined) == [
        ("Group.ObjectID", None, f'"{group}"'),
        ("Group.DisplayName", None, '"Night shift"'),
    ]
    assert properties(left)[1] == ("Group.DisplayName", '"Night shift"', None)
    by_member = found(directory, f"$filter=targetResources/any(t:t/id eq '{cy}')&$select=activityDisplayName", of)
    assert [each["activityDisplayName"] for each in by_member] == [
        "Remove member from group",
        "Add member to group",
        "Add user",
    ]
    by_ana = f"$filter=initiatedBy/user/userPrincipalName eq 'ana@{directory.domain}'&$top=2&$orderby=activityDateTime"
    page = directory.client.get(f"/v1.0/auditLogs/directoryAudits?{by_ana}").json()
    rest = directory.client.get(page["@odata.nextLink"].removeprefix("https://localhost")).json()["value"]
    shown = [each["activityDisplayName"] for each in [*page["value"], *rest]]
    assert shown[0] == "Add user"
    assert shown[-2:] == ["Add member to group", "Remove member from group"]


def test_an_account_that_is_switched_on_again_is_found_by_its_name(directory: Directory) -> None:
    cy = directory.new_user("cy")
    for enabled in (False, True):
        directory.client.patch(f"/v1.0/users/{cy}", {"accountEnabled": enabled})
    query = "$filter=activityDisplayName eq '{}' and activityDateTime ge 2026-01-15T08:00:00Z&$select=targetResources"

    for name in ("Enable account", "Disable account"):
        [shown] = found(directory, query.format(name), "beta/auditLogs/directoryAudits")
        assert shown["targetResources"][0]["id"] == cy


def test_each_tenant_sees_its_own(directory: Directory) -> None:
    lab, of = directory.lab, "/v1.0/auditLogs/directoryAudits"
    with lab.begin() as uow:
        customer = scene.tenant(uow, TenantKind.CUSTOMER, "Relecloud", "US")
        identity.create_user(
            uow, customer.id, upn=f"zoe@{customer.default_domain}", display_name="Zoe", password=PASSWORD
        )
    lab.give_delegated_access(directory.tenant.id, customer.id, "Reports Reader")
    partner = delegated_client(lab, lab.user(directory.tenant, Role.ADMIN_AGENT), customer.id)

    listed = partner.get(f"{of}?$filter=activityDisplayName eq 'Add user'").json()["value"]

    assert [each["targetResources"][0]["displayName"] for each in listed] == ["Zoe"]
    assert (listed[0]["initiatedBy"]["user"], listed[0]["initiatedBy"]["app"]["displayName"]) == (None, "OpenPartner")
    assert partner.get("/v1.0/auditLogs/signIns").json()["value"] == []
    own = directory.client.get(f"{of}?$filter=activityDisplayName eq 'Add user'&$select=targetResources").json()[
        "value"
    ]
    assert "Zoe" not in {each["targetResources"][0]["displayName"] for each in own}


def test_who_may_read_the_logs(directory: Directory) -> None:
    member = directory.client_of(directory.member)
    with directory.lab.begin() as uow:
        tool = scene.app(uow, directory.tenant, AZURE_CLI)

    for path in ("/v1.0/auditLogs/signIns", "/v1.0/auditLogs/directoryAudits"):
        assert refused(member.get(path))[:2] == (403, "Authorization_RequestDenied")
        assert refused(directory.client_of(directory.admin, "User.Read").get(path))[0] == 403
        assert directory.client_of(directory.admin, "AuditLog.Read.All").get(path).status_code == 200
        assert directory.client_of(tool, "AuditLog.Read.All").get(path).status_code == 200
        assert refused(directory.client_of(tool, "User.Read.All").get(path))[0] == 403


def _kinds(of: type[Event]) -> set[type[Event]]:
    return {of, *(each for child in of.__subclasses__() for each in _kinds(child))}


@pytest.mark.parametrize("module", [events.__name__, LicensesChanged.__module__])
def test_each_fact_of_the_directory_has_a_category(module: str) -> None:
    """A kind without a line in the table is shown under its own name; a line without a kind is a slip of the pen."""
    kinds = {each.kind(): each for each in _kinds(Event)}
    assert sorted(set(ACTIVITIES) - set(kinds)) == []
    assert {kinds[name].resource_type for name in ACTIVITIES} <= set(CATEGORIES)
    assert module in {each.__module__ for each in kinds.values()}
