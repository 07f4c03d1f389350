"""Where a customer reads who asks for what, and approves, refuses or takes back."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from openpartner.platform.permissions import Role
from openpartner.relationships import service
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.granting import HELPDESK, READERS, Grants
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


def test_the_customer_approves_and_takes_back(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    assert pages.post(f"{PATH}/{key}", data={"answer": "approve"}).status_code == 303
    grants.settle()
    grants.assign(key, HELPDESK)
    grants.settle()
    assert (grants.status(key), grants.access()) == ("active", frozenset({HELPDESK}))
    assert "Remove roles" in said(pages.get(f"{PATH}/{key}"))
    assert "Support for Adventure Works" in said(pages.get(f"/partners/{grants.partner.id}"))
    effect = said(lab.nothing_changed(lambda: pages.get(f"{PATH}/{key}/end")))
    assert f"Worker ({grants.worker.name}) Loses Helpdesk Administrator Nothing" in effect
    assert grants.access() == frozenset({HELPDESK})
    answer = pages.post(f"{PATH}/{key}/end")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}/{key}")
    assert grants.access() == frozenset()
    assert "Your organization ended it on" in said(pages.get(f"{PATH}/{key}"))


def test_the_customer_refuses_with_a_reason_that_the_partner_reads(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    pages.post(f"{PATH}/{key}", data={"answer": "refuse", "reason": "Ask for  less, please."})

    assert grants.status(key) == "terminated"
    own = said(pages.get(f"{PATH}/{key}"))
    assert "Your organization refused this request on" in own
    assert "The reason given: Ask for less, please." in own
    assert "Approve all" not in own
    partners = said(browser(lab, grants.agent).get(f"/granular-administration/{key}"))
    assert "The customer refused this request" in partners
    assert "Its reason: Ask for less, please." in partners
    [fact] = lab.events("AdminRelationshipRejected")
    assert fact["data"]["reason"] == "Ask for less, please."


def test_a_reason_that_is_too_long_stands_on_the_page(lab: Lab, grants: Grants, pages: AppClient) -> None:
    key = grants.pending()

    answer = lab.nothing_changed(
        lambda: pages.post(f"{PATH}/{key}", data={"answer": "refuse", "reason": "long " * 100})
    )

    assert answer.status_code == 422
    assert "Give the reason in 400 characters at most." in said(answer)
    assert grants.status(key) == "approvalPending"


def test_roles_outside_the_customers_limits_cannot_be_approved(lab: Lab, grants: Grants, pages: AppClient) -> None:
    with lab.begin(grants.admin) as uow:
        service.set_service_provider_constraints(uow, grants.partner.id, frozenset({HELPDESK, READERS}))
    key = grants.pending()

    text = said(pages.get(f"{PATH}/{key}"))
    answer = lab.nothing_changed(lambda: pages.post(f"{PATH}/{key}", data={"answer": "approve"}))

    assert "Your limits for this partner leave out User Administrator." in text
    assert answer.status_code == 422
    assert grants.status(key) == "approvalPending"


def test_each_state_says_what_became_of_the_request(lab: Lab, grants: Grants, pages: AppClient) -> None:
    def shown(key: str, status: int = 200) -> str:
        answer = pages.get(f"{PATH}/{key}")
        assert answer.status_code == status
        return said(answer)

    approved, withdrawn, lapses = grants.pending("Approved"), grants.pending("Withdrawn"), grants.pending("Lapses")
    short = grants.active("Short", duration="P10D")
    grants.terminate(withdrawn)
    grants.approve(approved)

    assert "Your organization has approved this" in shown(approved)
    assert "The partner withdrew this request on" in shown(withdrawn)
    assert "Remove roles" in shown(short)
    grants.settle()
    grants.terminate(approved)
    assert "The partner ended it on" in shown(approved)
    lab.advance(timedelta(days=10))
    assert "It reached its end on" in shown(short)
    lab.advance(timedelta(days=81))
    assert "Nothing waits under this link." in shown(lapses, 404)


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
    assert "Sign in with another account" in said(answer)


def test_a_plain_user_of_the_customer_may_not_answer(lab: Lab, grants: Grants) -> None:
    key = grants.pending()
    reader = browser(lab, lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN, name="reader"))

    assert "Only a Global admin" in said(reader.get(f"{PATH}/{key}"))
    assert lab.nothing_changed(lambda: reader.post(f"{PATH}/{key}", data={"answer": "approve"})).status_code == 403
    assert browser(lab, lab.user(grants.customer, name="plain")).get(f"{PATH}/{key}").status_code == 403


def test_an_approval_needs_a_second_factor(lab: Lab, grants: Grants) -> None:
    key = grants.pending()

    weak = browser(lab, grants.admin, mfa=False)
    opened = weak.get(f"{PATH}/{key}")
    answer = weak.post(f"{PATH}/{key}", data={"answer": "approve"})

    assert (opened.status_code, answer.status_code) == (303, 401)
    assert "mfa=true" in opened.headers["location"]
    assert grants.status(key) == "approvalPending"


def test_the_partner_who_opens_its_own_link_is_refused(lab: Lab, grants: Grants) -> None:
    assert browser(lab, grants.agent).get(f"{PATH}/{grants.pending()}").status_code == 403
