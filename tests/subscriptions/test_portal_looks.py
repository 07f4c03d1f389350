"""The pages of subscriptions in a real browser: no axe violation, nothing refused by the policy, nothing too wide."""

import pytest
from playwright.sync_api import Browser, expect

from openpartner.catalogue.rules import MONTH, BillingCycle
from openpartner.identity.models import Tenant
from openpartner.platform.permissions import Role
from tests.customers.test_portal_looks import Desk, chromium  # noqa: F401 - a fixture
from tests.subscriptions.conftest import Hold
from tests.subscriptions.test_portal import located, page_of
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BACKUP, E3, VISIO, Shop

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(
    chromium: Browser,  # noqa: F811 - the fixture
    lab: Lab,
    shop: Shop,
    hold: Hold,
    theme: str,
    width: int,
) -> None:
    held, suspended, plan = hold(), hold(E3, 4), hold(AZURE_PLAN, 1, None, BillingCycle.MONTHLY)
    hold(BACKUP, 2, MONTH)
    hold(VISIO, 3)
    suspended.patch(status="suspended")
    held.patch(quantity=12)
    ann = located(lab, shop, "ann")
    root = f"/customers/{shop.customer_id}"
    paths = [
        f"{root}/subscriptions",
        f"{root}/subscriptions?q=nothing+like+it",
        page_of(held),
        page_of(suspended),
        page_of(plan),
        *(f"{page_of(held)}/{change}" for change in ("seats", "term", "next", "edit")),
        f"{root}/licenses",
        f"{root}/licenses/{ann}",
        "/subscriptions",
        "/subscriptions?within=30",
    ]
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, shop.customer_id)
    own = lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN)

    for actor, seen in ((shop.agent, paths), (own, ["/subscriptions", page_of(held)])):
        desk = Desk(chromium, lab, actor)
        assert desk.faults(seen, theme, width) == []
        assert desk.complaints == []


def test_seats_are_changed_with_the_charge_in_sight(
    chromium: Browser,  # noqa: F811 - the fixture
    lab: Lab,
    shop: Shop,
    hold: Hold,
) -> None:
    held = hold()
    desk = Desk(chromium, lab, shop.agent)
    page = desk.open(page_of(held))

    page.get_by_role("link", name="Change seats").click()
    page.get_by_label("Seats").fill("12")
    page.get_by_role("button", name="Show what it costs").click()
    expect(page.get_by_text("$12.00")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("from 10 to 12 seats")).to_be_visible()
    assert held.row.quantity == 12
    assert desk.complaints == []
