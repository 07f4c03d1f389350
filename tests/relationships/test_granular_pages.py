"""The partner's pages of granular administration, as a browser without scripts sees them."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from openpartner.platform.permissions import Role
from openpartner.relationships.rules.granular_terms import EXTENDS
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.granting import GLOBAL, HELPDESK, LICENSES, READERS, USERS, Grants
from tests.support.lab import Lab

ROOT = "/granular-administration"


@pytest.fixture
def grants(lab: Lab) -> Grants:
    return Grants(lab)


@pytest.fixture
def pages(lab: Lab, grants: Grants) -> AppClient:
    return browser(lab, grants.agent)


def said(page: httpx.Response) -> str:
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def opened(client: AppClient, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, page.text[:2000]
    return said(page)


def request_form(**changes: Any) -> dict[str, Any]:
    return {"name": "Support", "duration": "90", "roles": [str(HELPDESK), str(READERS)], **changes}


# The list


def test_an_empty_list_says_what_to_do(pages: AppClient) -> None:
    text = opened(pages, ROOT)

    assert "No granular relationships yet" in text
    assert "Request relationship" in text


def test_the_list_is_searched_filtered_and_exported(lab: Lab, grants: Grants, pages: AppClient) -> None:
    soon = grants.active("Soon over", duration="P5D")
    grants.active("Long", duration="P730D", auto_extend_duration=EXTENDS)
    grants.pending("Waiting")

    listed = [name for name in ("Soon over", "Long", "Waiting") if name in opened(pages, ROOT)]
    assert listed == ["Soon over", "Long", "Waiting"]
    assert "Expiring soon" in opened(pages, f"{ROOT}?q=soon")
    assert "Waiting" not in opened(pages, f"{ROOT}?ends=7")
    assert "Soon over" in opened(pages, f"{ROOT}?ends=7")
    assert "Soon over" not in opened(pages, f"{ROOT}?status=approvalPending")
    assert "Long" in opened(pages, f"{ROOT}?extend=yes&role={HELPDESK}")
    rows = list(csv.reader(io.StringIO(pages.get(f"{ROOT}?format=csv&q=soon").content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Relationship", "Customer", "Status", "Roles"]
    assert rows[1][0] == "Soon over"
    assert rows[1][-1] == soon
    lab.advance(timedelta(days=6))
    assert "Soon over" in opened(pages, f"{ROOT}?ends=expired")


def test_many_are_extended_at_once_and_a_refusal_keeps_no_other_back(grants: Grants, pages: AppClient) -> None:
    plain, strong = grants.active("Plain"), grants.active("Strong", roles=frozenset({GLOBAL}))

    answer = pages.post(f"{ROOT}/extend", data={"selected": [plain, strong]})

    assert answer.status_code == 303
    rows = [grants.row(key) for key in (plain, strong)]
    assert [row.auto_extend_duration for row in rows if row] == [EXTENDS, "PT0S"]


def test_more_than_25_at_once_change_nothing(grants: Grants, pages: AppClient) -> None:
    key = grants.active("Plain")

    pages.post(f"{ROOT}/extend", data={"selected": [key, *(str(n) for n in range(25))]})

    row = grants.row(key)
    assert row is not None
    assert row.auto_extend_duration == "PT0S"


# The request


def test_tasks_are_answered_with_the_smallest_roles(pages: AppClient) -> None:
    page = pages.get(f"{ROOT}/new?task=licences_assign&task=passwords_reset")

    assert f'name="roles" value="{LICENSES}" checked' in page.text
    assert "Password Administrator" in said(page)
    assert f'name="roles" value="{USERS}" checked' not in page.text


def test_a_request_is_finalized_or_kept_as_a_draft(grants: Grants, pages: AppClient) -> None:
    sent = pages.post(f"{ROOT}/new", data=request_form(customer=""))
    kept = pages.post(f"{ROOT}/new", data=request_form(name="Draft", then="draft", auto_extend="on"))

    sent_key, kept_key = (answer.headers["location"].rpartition("/")[2] for answer in (sent, kept))
    assert (grants.status(sent_key), grants.status(kept_key)) == ("approvalPending", "created")
    row = grants.row(kept_key)
    assert row is not None
    assert (row.duration, row.auto_extend_duration) == ("P90D", EXTENDS)
    shown = pages.get(sent.headers["location"])
    assert f"/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{sent_key}" in unescape(shown.text)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Name the relationship"),
        ({"name": "x" * 51}, "at most 50 characters"),
        ({"duration": "731"}, "from 1 to 730"),
        ({"duration": "soon"}, "from 1 to 730"),
        ({"roles": []}, "Choose at least one role"),
        ({"customer": "nobody.example"}, "no customer of yours fits"),
        ({"roles": [str(GLOBAL)], "auto_extend": "on"}, "Global Administrator cannot be extended"),
    ],
)
def test_a_refused_request_keeps_what_was_typed(
    lab: Lab, pages: AppClient, changes: dict[str, Any], sentence: str
) -> None:
    answer = lab.nothing_changed(lambda: pages.post(f"{ROOT}/new", data=request_form(**changes)))

    assert answer.status_code == 422
    assert sentence in said(answer)
    assert f'name="roles" value="{HELPDESK}" checked' in answer.text or "roles" in changes


def test_a_name_taken_is_said_beside_the_name(grants: Grants, pages: AppClient) -> None:
    grants.create("Support")

    answer = pages.post(f"{ROOT}/new", data=request_form())

    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


# One relationship


def test_groups_are_assigned_changed_and_removed(grants: Grants, pages: AppClient) -> None:
    key = grants.active()

    pages.post(f"{ROOT}/{key}/groups", data={"groups": [str(grants.group)], "roles": [str(HELPDESK)]})
    grants.settle()
    assert grants.access() == {HELPDESK}
    [edit] = set(re.findall(rf'href="({ROOT}/{key}/groups/[^"]+)"', pages.get(f"{ROOT}/{key}").text))
    pages.post(edit, data={"roles": [str(USERS), str(READERS)]})
    grants.settle()
    assert grants.access() == {USERS, READERS}
    pages.post(f"{edit}/remove")
    assert grants.access() == frozenset()


def test_an_assignment_without_a_group_or_role_is_refused_beside_the_field(grants: Grants, pages: AppClient) -> None:
    key = grants.active()

    answer = grants.lab.nothing_changed(lambda: pages.post(f"{ROOT}/{key}/groups", data={}))

    assert answer.status_code == 422
    assert "Choose at least one security group." in said(answer)
    assert "Choose at least one role." in said(answer)


def test_the_buttons_are_those_of_the_table_of_transitions(grants: Grants, pages: AppClient) -> None:
    draft, waiting, active = grants.create("A"), grants.pending("B"), grants.active("C")

    assert "Finalize request" in opened(pages, f"{ROOT}/{draft}")
    assert "Withdraw request" in opened(pages, f"{ROOT}/{waiting}")
    text = opened(pages, f"{ROOT}/{active}")
    assert "Terminate" in text
    assert "Finalize request" not in text
    pages.post(f"{ROOT}/{active}/requests", data={"action": "terminate"})
    assert grants.status(active) == "terminationRequested"
    pages.post(f"{ROOT}/{draft}/delete")
    assert grants.status(draft) == "gone"


def test_global_administrator_is_given_up_before_an_extension(grants: Grants, pages: AppClient) -> None:
    key = grants.active(roles=frozenset({GLOBAL, HELPDESK}))

    assert "it excludes automatic extension" in opened(pages, f"{ROOT}/{key}")
    pages.post(f"{ROOT}/{key}/drop-global-administrator")
    grants.settle()
    assert grants.roles_of(key) == {HELPDESK}
    pages.post(f"{ROOT}/{key}/extension", data={"on": "on"})
    row = grants.row(key)
    assert row is not None
    assert row.auto_extend_duration == EXTENDS


def test_another_partner_sees_none_of_it(lab: Lab, grants: Grants) -> None:
    key = grants.active()
    stranger = lab.user(lab.partner("Other"), Role.ADMIN_AGENT)

    assert browser(lab, stranger).get(f"{ROOT}/{key}").status_code == 404


# Matrix, calendar, analytics


def test_the_matrix_says_how_many_roles_a_group_has(grants: Grants, pages: AppClient) -> None:
    grants.assign(grants.active("With"), HELPDESK)
    grants.active("Without")
    grants.settle()

    text = opened(pages, f"{ROOT}/assignments")

    assert "1 of 3" in text
    assert "1 relationship on this page has no group" in text


def test_the_calendar_shows_what_ends_in_a_month(grants: Grants, pages: AppClient) -> None:
    grants.active("Ending", duration="P20D")

    assert "Ending" in opened(pages, f"{ROOT}/calendar?month=2026-02")
    assert "Nothing ends in this month" in opened(pages, f"{ROOT}/calendar?month=2026-05")
    assert "January 2026" in opened(pages, f"{ROOT}/calendar?month=nonsense")


def test_the_figures_count_what_there_is(lab: Lab, grants: Grants) -> None:
    grants.active("Strong", roles=frozenset({GLOBAL}), duration="P30D")
    grants.pending("Waiting")
    sales = browser(lab, lab.user(grants.partner, Role.SALES_AGENT))

    text = opened(sales, f"{ROOT}/analytics")

    assert "Active relationships 1 2 in all" in text
    assert "Approval pending 1" in text
    assert "End within 60 days 1" in text
    assert "With Global Administrator 1" in text
