"""The pages: what a partner sees and does, what a customer sees, and that a preview is the deed."""

import csv
import html
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest

from openpartner.catalogue.rules import MONTH, BillingCycle
from openpartner.identity.models import Tenant, User
from openpartner.platform.permissions import Role
from openpartner.subscriptions.rules import Status
from tests.subscriptions.conftest import Held, Hold
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BACKUP, BASIC, E3, VISIO, Shop


@pytest.fixture
def pages(shop: Shop) -> AppClient:
    """The admin agent's browser."""
    return browser(shop.lab, shop.agent)


def text_of(page: str) -> str:
    """What a reader sees: without tags, blanks as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def page_of(held: Held) -> str:
    return f"/customers/{held.shop.customer_id}/subscriptions/{held.id}"


def base(shop: Shop) -> str:
    return f"/customers/{shop.customer_id}"


def test_the_list_shows_seats_plan_and_renewal(shop: Shop, hold: Hold, pages: AppClient) -> None:
    hold()

    page = pages.get(f"{base(shop)}/subscriptions")

    assert page.status_code == 200
    shown = text_of(page.text)
    for part in ("Microsoft 365 Business Basic", "0 assigned, 10 available", "1 year", "Monthly", "Jan 14, 2027", "On"):
        assert part in shown


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=backup", "Northwind Backup", "Business Basic"),
        ("kind=saas", "Northwind Backup", "Business Basic"),
        ("publisher=partner", "Northwind Backup", "Business Basic"),
        ("within=30", "Northwind Backup", "Business Basic"),
        ("status=suspended", "Business Basic", "Northwind Backup"),
        ("trial=yes", "No subscriptions match", "Northwind Backup"),
    ],
)
def test_the_list_is_searched_and_filtered(
    shop: Shop, hold: Hold, pages: AppClient, query: str, shown: str, hidden: str
) -> None:
    hold(BACKUP, 2, MONTH)
    hold().patch(status="suspended")

    text = text_of(pages.get(f"{base(shop)}/subscriptions?{query}").text)

    assert hidden not in text
    if "match" not in shown:
        assert shown in text


def test_the_file_has_exactly_the_documented_columns(shop: Shop, hold: Hold, pages: AppClient) -> None:
    held = hold(mpn_id="517285")

    answer = pages.get(f"{base(shop)}/subscriptions/export?format=csv")

    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        ["Subscription ID", "Subscription", "Quantity", "Status", "Reseller"],
        [str(held.id), "Microsoft 365 Business Basic", "10", "Active", "517285"],
    ]


def test_a_subscription_shows_what_can_be_given_back_and_what_comes_next(
    shop: Shop, hold: Hold, pages: AppClient
) -> None:
    held = hold()

    shown = text_of(pages.get(page_of(held)).text)

    for part in (
        "10 seats until",
        "It renews after Jan 14, 2027 as it is, at the price then in force.",
        "1 year, billed monthly",
        "Price per seat and cycle $6.00",
        "Bought",
        "You get back $60.00.",
        "Suspend",
        "Turn off auto-renew",
    ):
        assert part in shown


def test_the_preview_of_seats_is_the_charge(shop: Shop, hold: Hold, pages: AppClient, lab: Lab) -> None:
    held = hold()
    lab.set_clock(lab.now + timedelta(days=10))
    url = f"{page_of(held)}/seats"

    preview = lab.nothing_changed(lambda: pages.submit(url, quantity="15"))

    assert preview.status_code == 200
    assert "Charged now $20.30" in text_of(preview.text)
    assert held.row.quantity == 10
    done = pages.submit(url, quantity="15", confirmed="yes")
    assert (done.status_code, done.headers["location"]) == (303, page_of(held))
    assert held.row.quantity == 15
    assert lab.events("SubscriptionQuantityChanged")[0]["data"]["net_minor"] == 20_30


def test_a_refused_change_stands_in_the_form(shop: Shop, hold: Hold, pages: AppClient, lab: Lab) -> None:
    held = hold()

    many = lab.nothing_changed(lambda: pages.submit(f"{page_of(held)}/seats", quantity="301"))
    none = pages.submit(f"{page_of(held)}/seats", quantity="0")

    assert (many.status_code, none.status_code) == (422, 422)
    assert "The quantity must be from 1 to 300" in text_of(many.text)


def test_a_longer_term_is_previewed_and_begun(shop: Shop, hold: Hold, pages: AppClient) -> None:
    held = hold(duration=MONTH, quantity=2)
    url = f"{page_of(held)}/term"

    form = text_of(pages.get(url).text)
    preview = text_of(pages.submit(url, plan="P1Y|annual").text)
    pages.submit(url, plan="P1Y|annual", confirmed="yes")

    assert "1 year, billed yearly" in form
    assert "Last day then Jan 14, 2027" in preview
    assert (held.row.duration, held.row.billing_cycle) == ("P1Y", BillingCycle.ANNUAL)


def test_the_next_term_is_planned_and_the_plan_dropped(shop: Shop, hold: Hold, pages: AppClient) -> None:
    held = hold()
    url = f"{page_of(held)}/next"

    preview = text_of(pages.submit(url, item=f"{BASIC}|P1M|monthly", quantity="4").text)
    pages.submit(url, item=f"{BASIC}|P1M|monthly", quantity="4", confirmed="yes")

    assert "4 seats for 1 month, billed monthly" in preview
    assert "A whole cycle at today's price $28.80" in preview
    assert "It renews after Jan 14, 2027: 4 seats for 1 month" in text_of(pages.get(page_of(held)).text)
    pages.submit(f"{url}/drop")
    assert held.row.scheduled is None


def test_it_is_renamed(shop: Shop, hold: Hold, pages: AppClient) -> None:
    held = hold()

    pages.submit(f"{page_of(held)}/edit", friendly_name="Head office")

    assert held.row.friendly_name == "Head office"


def test_suspend_reactivate_renewal_and_cancel(shop: Shop, hold: Hold, pages: AppClient) -> None:
    held = hold()

    pages.submit(f"{page_of(held)}/suspend")
    assert held.row.status is Status.SUSPENDED
    assert "It is disabled after Jan 14, 2027" in text_of(pages.get(page_of(held)).text)
    pages.submit(f"{page_of(held)}/reactivate")
    pages.submit(f"{page_of(held)}/auto-renew", enabled="")
    assert (held.row.status.value, held.row.auto_renew_enabled) == ("active", False)
    answer = pages.submit(f"{page_of(held)}/cancel")
    assert answer.status_code == 303
    assert "$60.00 given back" in text_of(pages.get(page_of(held)).text)


def test_after_the_window_cancel_says_why_not(shop: Shop, hold: Hold, pages: AppClient, lab: Lab) -> None:
    held = hold()
    lab.advance(timedelta(days=8))

    assert "The 7-day cancellation window has passed." in text_of(pages.get(page_of(held)).text)
    assert pages.submit(f"{page_of(held)}/cancel").status_code == 400
    assert held.row.status is Status.ACTIVE


def test_an_azure_plan_shows_its_subscriptions_and_addons_their_base(shop: Shop, hold: Hold, pages: AppClient) -> None:
    plan, seats = hold(AZURE_PLAN, 1, None, BillingCycle.MONTHLY), hold()
    hold(VISIO, 2)

    assert "Microsoft Azure" in text_of(pages.get(page_of(plan)).text)
    assert "Visio Plan 2" in text_of(pages.get(page_of(seats)).text)


def test_renewals_of_all_customers_by_day(shop: Shop, hold: Hold, pages: AppClient, lab: Lab) -> None:
    soon, later = hold(duration=MONTH), hold(E3, 3)

    shown = text_of(pages.get("/subscriptions?within=30").text)
    assert "Relecloud" in shown
    assert "Microsoft 365 E3" not in shown
    lab.advance(timedelta(days=300))
    assert "Microsoft 365 E3" in text_of(pages.get("/subscriptions").text)

    keys = {"selected": [f"{shop.customer_id}/{each.id}" for each in (soon, later)], "enabled": ""}
    answer = pages.request("POST", "/subscriptions/auto-renew", data=keys)

    assert answer.status_code == 303
    assert [each.row.auto_renew_enabled for each in (soon, later)] == [False, False]
    assert "Ends" in text_of(pages.get("/subscriptions?auto_renew=off").text)
    assert "Microsoft 365 E3" not in text_of(pages.get("/subscriptions?auto_renew=on").text)


@pytest.mark.parametrize(("button", "then"), [("Turn on auto-renew", True), ("Turn off auto-renew", False)])
def test_a_bulk_button_sends_what_it_says(shop: Shop, hold: Hold, pages: AppClient, *, button: str, then: bool) -> None:
    held = hold(duration=MONTH)
    found = re.search(
        rf'formaction="([^"]+)" name="([^"]+)" value="([^"]*)">{button}', pages.get("/subscriptions?within=60").text
    )
    assert found is not None
    path, name, value = found.groups()

    pages.request("POST", path, data={"selected": f"{shop.customer_id}/{held.id}", name: value})

    assert held.row.auto_renew_enabled is then


def tenant_of(lab: Lab, shop: Shop) -> Tenant:
    with lab.read() as uow:
        return uow.db.get_one(Tenant, shop.customer_id)


def test_the_customer_sees_what_it_holds_without_prices_or_buttons(shop: Shop, hold: Hold, lab: Lab) -> None:
    held = hold()
    own = browser(lab, lab.user(tenant_of(lab, shop), Role.CUSTOMER_GLOBAL_ADMIN))

    listed, shown = own.get("/subscriptions"), own.get(page_of(held))

    assert "Microsoft 365 Business Basic" in text_of(listed.text)
    text = text_of(shown.text)
    assert "It renews after Jan 14, 2027" in text
    assert "6.00" not in text
    assert "60.00" not in text
    assert "Suspend" not in text
    assert own.submit(f"{page_of(held)}/suspend").status_code == 403


def test_a_helpdesk_agent_sees_no_buttons(shop: Shop, hold: Hold, lab: Lab) -> None:
    held = hold()
    helpdesk = browser(lab, lab.user(shop.partner, Role.HELPDESK_AGENT))

    assert "Suspend" not in text_of(helpdesk.get(page_of(held)).text)
    assert helpdesk.get(f"{page_of(held)}/seats").status_code == 403
    assert helpdesk.submit(f"{page_of(held)}/seats", quantity="11").status_code == 403


def test_another_partners_page_is_closed(shop: Shop, hold: Hold, lab: Lab) -> None:
    held = hold()
    stranger = browser(lab, lab.user(lab.partner("Fabrikam"), Role.ADMIN_AGENT))

    assert stranger.get(page_of(held)).status_code == 403


# --- licences


def located(lab: Lab, shop: Shop, name: str, location: str = "US") -> UUID:
    with lab.begin() as uow:
        actor = scene.user(uow, uow.db.get_one(Tenant, shop.customer_id), name)
        assert actor.principal_id is not None
        uow.db.get_one(User, actor.principal_id).usage_location = location
        return actor.principal_id


def test_licences_are_given_by_ticking_them(shop: Shop, hold: Hold, pages: AppClient, lab: Lab) -> None:
    sku = str(hold(quantity=1).row.provisioning_id)
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    url = f"{base(shop)}/licenses"

    assert "1 of 1 available" in text_of(pages.get(f"{url}/{ann}").text)
    given = pages.submit(f"{url}/{ann}", licenses=sku)
    full = lab.nothing_changed(lambda: pages.submit(f"{url}/{ben}", licenses=sku))

    assert given.status_code == 303
    assert full.status_code == 422
    assert "No seat of Microsoft 365 Business Basic is left: all 1 are assigned." in text_of(full.text)
    listed = text_of(pages.get(url).text)
    assert "No seat is left of Microsoft 365 Business Basic" in listed
    assert pages.submit(f"{url}/{ann}").status_code == 303
    assert "1 of 1 available" in text_of(pages.get(f"{url}/{ann}").text)
