"""Where a customer reads who asks for what, and approves, refuses or takes back."""

import re
from html import unescape

import httpx
import pytest

from openpartner.platform.permissions import Role
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.granting import HELPDESK, Grants
from tests.support.lab import Lab

PATH = "/partners/invitation/granularadminrelationships"


@pytest.fixture
def pages(lab: Lab, grants: Grants) -> AppClient:
    """The browser of the customer's Global Administrator."""
    return browser(lab, grants.admin)


def said(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_it_shows_exactly_who_asks_for_what(grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    text = said(pages.get(f"{PATH}/{key}"))

    assert "Contoso Partner asks to administer" in text
    assert "Helpdesk Administrator" in text
    assert "730 days from your approval" in text
    assert "Approve all" in text


def test_the_customer_approves_and_takes_back(grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    assert pages.post(f"{PATH}/{key}", data={"answer": "approve"}).status_code == 303
    grants.settle()
    grants.assign(key, HELPDESK)
    grants.settle()
    assert (grants.status(key), grants.access()) == ("active", frozenset({HELPDESK}))
    assert "Remove roles" in said(pages.get(f"{PATH}/{key}"))
    assert "Support for Adventure Works" in said(pages.get(f"/partners/{grants.partner.id}"))
    pages.post(f"{PATH}/{key}", data={"answer": "end"})
    assert grants.access() == frozenset()


def test_the_customer_refuses(grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    pages.post(f"{PATH}/{key}", data={"answer": "refuse"})

    assert grants.status(key) == "terminated"


def test_an_answer_that_is_none_changes_nothing(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    answer = lab.nothing_changed(lambda: pages.post(f"{PATH}/{key}", data={"answer": "perhaps"}))

    assert answer.status_code == 400
    assert grants.status(key) == "approvalPending"


def test_another_customer_is_told_that_it_is_not_meant(lab: Lab, grants: Grants) -> None:
    key = grants.pending()
    _, stranger = grants.new_customer("Bellows College")

    answer = lab.nothing_changed(lambda: browser(lab, stranger).post(f"{PATH}/{key}", data={"answer": "approve"}))

    assert answer.status_code == 403
    assert "for another organization" in said(answer)


def test_a_plain_user_of_the_customer_may_not_answer(lab: Lab, grants: Grants) -> None:
    key = grants.pending()
    reader = browser(lab, lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN, name="reader"))

    assert "Only a Global admin" in said(reader.get(f"{PATH}/{key}"))
    assert lab.nothing_changed(lambda: reader.post(f"{PATH}/{key}", data={"answer": "approve"})).status_code == 403
    assert browser(lab, lab.user(grants.customer, name="plain")).get(f"{PATH}/{key}").status_code == 403


def test_an_approval_needs_a_second_factor(lab: Lab, grants: Grants) -> None:
    key = grants.pending()

    answer = browser(lab, grants.admin, mfa=False).post(f"{PATH}/{key}", data={"answer": "approve"})

    assert answer.status_code in {302, 303, 401}
    assert grants.status(key) == "approvalPending"


def test_the_partner_who_opens_its_own_link_is_refused(lab: Lab, grants: Grants) -> None:
    assert browser(lab, grants.agent).get(f"{PATH}/{grants.pending()}").status_code == 403
