"""A customer's pages about its partners in a real browser, in every state of a request: usable by everybody."""

import pytest
from playwright.sync_api import Browser, expect

from openpartner.relationships import service
from tests.customers.test_portal_looks import ORIGIN, Desk, chromium  # noqa: F401 - a fixture
from tests.support.granting import HELPDESK, READERS, USERS, Grants
from tests.support.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]

APPROVAL = "/partners/invitation/granularadminrelationships"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_state_of_a_request_is_accessible_and_fits(
    chromium: Browser,  # noqa: F811 - the fixture
    lab: Lab,
    grants: Grants,
    theme: str,
    width: int,
) -> None:
    active = grants.active("Support")
    grants.assign(active, HELPDESK, USERS)
    grants.settle()
    asks, refused, approved = grants.pending("Asks"), grants.pending("Refused"), grants.pending("Approved")
    grants.approve(approved)
    with lab.begin(grants.admin) as uow:
        service.reject_admin_relationship(uow, refused, "We have no need of this.")
        service.set_service_provider_constraints(uow, grants.partner.id, frozenset({HELPDESK, READERS}))
    desk = Desk(chromium, lab, grants.admin)
    root = f"/partners/{grants.partner.id}"

    requests = [f"{APPROVAL}/{key}" for key in (asks, refused, approved, active)]
    faults = desk.faults([*requests, f"{APPROVAL}/{active}/end", "/partners", root, f"{root}/limits"], theme, width)

    assert faults == []
    assert desk.complaints == []


def test_a_global_admin_refuses_by_keyboard_and_limits_the_partner(
    chromium: Browser,  # noqa: F811 - the fixture
    lab: Lab,
    grants: Grants,
) -> None:
    grants.active("Support")
    asks = grants.pending("Asks")
    desk = Desk(chromium, lab, grants.admin)

    page = desk.open(f"{APPROVAL}/{asks}")
    page.get_by_text("Refuse instead").press("Enter")
    page.get_by_label("Reason").fill("Ask for less.")
    page.get_by_role("button", name="Refuse", exact=True).press("Enter")
    expect(page.get_by_text("The reason given: Ask for less.")).to_be_visible()

    page.goto(f"{ORIGIN}/partners/{grants.partner.id}/limits")
    page.get_by_label("Only the roles below").check()
    page.get_by_text("Roles", exact=True).last.click()
    page.get_by_role("checkbox", name="Helpdesk Administrator").check()
    page.get_by_role("button", name="See what changes").click()
    page.get_by_role("button", name="Limit to 1 role").click()
    expect(page.get_by_label("Only the roles below")).to_be_checked()
    expect(page.get_by_role("row", name="Helpdesk Administrator")).to_be_visible()
    assert desk.complaints == []
