"""The activity log: on the wire, by period and filter, page by page, and as a page of the portal."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from openpartner.audit import rules
from openpartner.identity.models import Tenant
from openpartner.partner import service
from openpartner.partner.profiles import Contact
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.permissions import Role
from openpartner.platform.record_ids import audit_record_id, place_of
from tests.partner.browsing import browser
from tests.support.client import AppClient
from tests.support.lab import START, Lab


def act(lab: Lab, admin: Actor, email: str = "security@contoso.com") -> None:
    """One change that stands in the log."""
    with lab.begin(admin) as uow:
        service.set_security_contact(uow, Contact("Sec", "Ops", email))


def contoso(lab: Lab) -> tuple[Tenant, Actor, AppClient]:
    tenant = lab.partner()
    admin = lab.user(tenant, Role.GLOBAL_ADMIN, name="gail")
    return tenant, admin, lab.client(lab.user(tenant, Role.ADMIN_AGENT, name="aa"))


def test_a_record_in_the_vendors_shape(lab: Lab) -> None:
    tenant, admin, client = contoso(lab)
    with lab.begin(admin) as uow:
        new = service.NewPartnerUser("Sam", "Field", "sam", tenant.default_domain)
        user = service.create_partner_user(uow, new)

    answer = client.get("/v1/auditrecords?startDate=2026-01-15&endDate=01/15/2026 00:00:00")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["attributes"], body["links"]["self"]["uri"]) == (
        {"objectType": "Collection"},
        "/auditrecords?startDate=2026-01-15&endDate=01/15/2026%2000%3A00%3A00",
    )
    record = next(item for item in body["items"] if item["operationType"] == "create_partner_user")
    assert record == {
        "id": record["id"],
        "partnerId": str(tenant.id),
        "userPrincipalName": admin.name,
        "applicationId": str(admin.app_id),
        "resourceType": "partner_user",
        "resourceNewValue": json.dumps(
            {"Roles": [], "UserPrincipalName": f"sam@{tenant.default_domain}"}, separators=(",", ":")
        ),
        "operationType": "create_partner_user",
        "originalCorrelationId": record["originalCorrelationId"],
        "operationDate": "2026-01-15T09:00:00Z",
        "operationStatus": "succeeded",
        "customizedData": [
            {"key": "ResourceId", "value": str(user.id)},
            {"key": "TenantId", "value": str(tenant.id)},
            {"key": "UserId", "value": str(user.id)},
        ],
        "participants": [str(tenant.id)],
        "attributes": {"objectType": "AuditRecord"},
    }
    one = client.get(f"/auditactivity/v1/auditrecords/{record['id'].upper()}")
    assert (one.status_code, one.json()) == (200, record)


def test_words_that_clients_do_not_know_stand_aside(lab: Lab) -> None:
    _, admin, client = contoso(lab)
    act(lab, admin)
    (record,) = client.get("/v1/auditrecords").json()["items"]
    assert (record["resourceType"], record["operationType"]) == ("undefined", "undefined")
    assert record["customizedData"][:2] == [
        {"key": "ResourceType", "value": "partner_account"},
        {"key": "OperationType", "value": "security_contact_changed"},
    ]


def follow(client: AppClient, path: str) -> list[list[str]]:
    """The ids of each page, read by continuation token as the clients do."""
    pages: list[list[str]] = []
    headers: dict[str, str] = {}
    while True:
        body = client.get(path, headers=headers).json()
        pages.append([item["id"] for item in body["items"]])
        following = body["links"].get("next")
        if following is None:
            return pages
        assert following["uri"] == "/auditrecords?seekOperation=Next"
        headers = {header["key"]: header["value"] for header in following["headers"]}
        path = "/v1" + following["uri"]


def test_pages_are_read_by_token_newest_first(lab: Lab) -> None:
    _, admin, client = contoso(lab)
    for number in range(5):
        act(lab, admin, f"s{number}@contoso.com")

    pages = follow(client, "/v1/auditrecords?size=2")

    assert [len(page) for page in pages] == [2, 2, 1]
    places = [place_of(key) for page in pages for key in page]
    assert places == sorted(places, reverse=True)
    assert len(set(places)) == 5


def test_a_period_ends_with_its_last_day(lab: Lab) -> None:
    _, admin, client = contoso(lab)
    act(lab, admin)
    lab.set_clock(START + timedelta(days=10))
    act(lab, admin, "later@contoso.com")

    def count(query: str) -> int:
        return int(client.get(f"/v1/auditrecords?{query}").json()["totalCount"])

    assert count("startDate=2026-01-15&endDate=2026-01-15") == 1
    assert count("startDate=2026-01-16") == 1
    assert count("startDate=2026-01-01&endDate=2026-01-14") == 0
    assert count("") == 2


@pytest.mark.parametrize("query", ["startDate=soon", "startDate=2026-02-01&endDate=2026-01-01", "size=-1"])
def test_a_period_that_makes_no_sense_is_refused(lab: Lab, query: str) -> None:
    _, _, client = contoso(lab)
    assert client.get(f"/v1/auditrecords?{query}").status_code == 400


def test_more_than_ninety_days_are_refused() -> None:
    start, end = rules.period(START - timedelta(days=90), None, START)
    assert (start, end) == (START - timedelta(days=90), START)
    with pytest.raises(Invalid):
        rules.period(START - timedelta(days=92), None, START)


def test_filters_by_customer_company_and_resource(lab: Lab) -> None:
    tenant, admin, client = contoso(lab)
    act(lab, admin)
    with lab.begin(admin) as uow:
        service.create_partner_user(uow, service.NewPartnerUser("Sam", "Field", "sam", tenant.default_domain))

    def found(field: str, value: str, operator: str = "equals") -> list[str]:
        text = quote(json.dumps({"Field": field, "Value": value, "Operator": operator}))
        return [item["operationType"] for item in client.get(f"/v1/auditrecords?filter={text}").json()["items"]]

    assert found("ResourceType", "PartnerUser") == ["create_partner_user"]
    assert found("ResourceType", "partner_user") == ["create_partner_user"]
    assert found("CustomerId", str(tenant.id)) == []
    assert found("CompanyName", "wing", "substring") == []
    refused = client.get(
        f"/v1/auditrecords?filter={quote(json.dumps({'Field': 'X', 'Value': '1', 'Operator': 'equals'}))}"
    )
    assert (refused.status_code, refused.json()["code"]) == (400, 3000)


def test_another_partners_record_does_not_exist(lab: Lab) -> None:
    _, admin, client = contoso(lab)
    act(lab, admin)
    (record,) = client.get("/v1/auditrecords").json()["items"]
    stranger = lab.client(lab.user(lab.partner("Fabrikam"), Role.ADMIN_AGENT))
    assert stranger.get("/v1/auditrecords").json()["totalCount"] == 0
    assert stranger.get(f"/auditactivity/v1/auditrecords/{record['id']}").status_code == 404
    for wrong in ("x", "a_b_c_1_99999999999999999999", record["id"][:-1] + "9" * 3):
        assert client.get(f"/auditactivity/v1/auditrecords/{wrong}").status_code == 404


def test_the_operator_reads_the_log_of_the_installation(lab: Lab) -> None:
    tenant, admin, _ = contoso(lab)
    act(lab, admin)
    operator = lab.client(lab.user(lab.tenant(TenantKind.OPERATOR, "Programme"), Role.OPERATOR_SUPPORT))
    items = operator.get("/v1/auditrecords").json()["items"]
    assert [item["partnerId"] for item in items if "partnerId" in item] == [str(tenant.id)]


def test_an_id_names_its_partner_subject_operation_and_instant() -> None:
    key = audit_record_id(
        partner_id=None, customer_id=None, resource_id="ABC", operation="create_order", at=START, seq=7
    )
    assert key == "_abc_createorder_639040644000000000_7"
    assert place_of(key) == 7
    with pytest.raises(NotFound):
        place_of("7")


# --- the page -----------------------------------------------------------------------------------------------------


def page_of(lab: Lab, tenant: Tenant) -> AppClient:
    return browser(lab, lab.user(tenant, Role.ADMIN_AGENT, name="ann"))


def test_the_page_lists_filters_and_exports(lab: Lab) -> None:
    tenant, admin, _ = contoso(lab)
    act(lab, admin)
    client = page_of(lab, tenant)

    listed = client.get("/activity-log")
    assert listed.status_code == 200
    assert "Security contact changed" in listed.text
    entry = f'href="/activity-log/{tenant.id}_'
    assert entry in listed.text
    assert entry not in client.get("/activity-log?from=2026-01-01&to=2026-01-02").text
    assert entry in client.get("/activity-log?q=GAIL").text
    assert entry not in client.get("/activity-log?q=nobody").text
    file = client.get("/activity-log?format=csv")
    lines = file.text.removeprefix("\ufeff").strip().splitlines()
    assert lines[0] == "Date and time,Affected customer,Action,Partner user,Resource,Resource ID,Old value,New value"
    assert lines[1].startswith(f"2026-01-15T09:00:00Z,,security_contact_changed,{admin.name},")


def test_an_entry_shows_old_and_new_values(lab: Lab) -> None:
    tenant, admin, client = contoso(lab)
    act(lab, admin)
    act(lab, admin, "new@contoso.com")
    newest: dict[str, Any] = client.get("/v1/auditrecords").json()["items"][0]
    page = page_of(lab, tenant).get(f"/activity-log/{newest['id']}")
    assert page.status_code == 200
    assert "security@contoso.com" in page.text
    assert "new@contoso.com" in page.text


def test_who_may_not_read_it_is_told_who_may(lab: Lab) -> None:
    tenant, _, _ = contoso(lab)
    answer = browser(lab, lab.user(tenant, name="sam")).get("/activity-log")
    assert answer.status_code == 403
    assert "Admin agent" in answer.text
