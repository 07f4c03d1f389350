"""The pages: from the catalogue through the cart to an order, and what is shown of orders to whom."""

import csv
import html
import io
import re

import pytest

from openpartner.identity.models import Tenant
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.shop import ACCESS, BASIC, E3, VISIO, Shop, buyer, line, open_shop


@pytest.fixture
def pages(shop: Shop) -> AppClient:
    """The admin agent's browser."""
    return browser(shop.lab, shop.agent)


def base(shop: Shop) -> str:
    return f"/customers/{shop.customer_id}"


def text_of(page: str) -> str:
    """What a reader sees: without tags, blanks as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def put(shop: Shop, pages: AppClient, item: str, plan: str, quantity: int = 1) -> None:
    answer = pages.submit(f"{base(shop)}/cart/lines", item=item, plan=plan, quantity=str(quantity))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base(shop)}/cart")


def test_the_catalogue_shows_what_the_customer_may_buy_with_prices(shop: Shop, pages: AppClient) -> None:
    page = pages.get(f"{base(shop)}/orders/new")

    assert page.status_code == 200
    shown = text_of(page.text)
    assert "1 year, billed monthly: $6.00 a month" in shown
    assert "1 month, billed monthly: $7.20 a month" in shown
    assert "Microsoft 365 Business Basic trial" in shown
    assert "Microsoft 365 A3 for faculty" not in shown
    assert "Northwind Backup" not in shown
    market = text_of(pages.get(f"{base(shop)}/orders/new/marketplace").text)
    assert "Northwind Backup" in market


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=visio", "Visio Plan 2", "Microsoft 365 E3"),
        ("kind=trial", "Microsoft 365 Business Basic trial", "Visio Plan 2"),
        ("kind=addon", "Visio Plan 2", "Microsoft 365 E3"),
        ("term=1", "Calling Plan", "Visio Plan 2"),
        ("billing=annual", "Microsoft 365 E3", "Visio Plan 2"),
        ("segment=education", "Nothing matches", "Visio Plan 2"),
    ],
)
def test_the_catalogue_is_searched_and_filtered(
    shop: Shop, pages: AppClient, query: str, shown: str, hidden: str
) -> None:
    page = text_of(pages.get(f"{base(shop)}/orders/new?{query}").text)
    assert shown in page
    assert hidden not in page


def test_conditions_that_do_not_hold_stand_above_with_the_way_to_mend_them(lab: Lab) -> None:
    shop = open_shop(lab)
    with lab.begin() as uow:
        stranger = buyer(uow, shop.partner, "Not Agreed", agreed=False)
    pages = browser(lab, shop.agent)

    page = pages.get(f"/customers/{stranger.tenant_id}/orders/new").text

    assert "The customer has accepted the customer agreement: not yet." in text_of(page)
    assert f'href="/customers/{stranger.tenant_id}/agreement"' in page


def test_what_the_review_says_is_what_the_order_says(shop: Shop, pages: AppClient) -> None:
    put(shop, pages, BASIC, "P1Y:monthly", 5)
    put(shop, pages, E3, "P1Y:monthly", 2)

    review = text_of(pages.get(f"{base(shop)}/cart/review").text)
    # Basic: 5 at 6.00 a month; E3: 2 at 36.00 less 15 % = 30.60 a month. 30.00 + 61.20 now, twelve times that in all.
    assert "Due now $91.20" in review
    assert "Whole terms $1,094.40" in review
    assert "15%, Launch" in review

    cart_id = re.search(r'name="cart" value="([^"]+)"', pages.get(f"{base(shop)}/cart/review").text)
    assert cart_id is not None
    bought = pages.submit(f"{base(shop)}/cart/checkout", cart=cart_id.group(1))
    again = pages.submit(f"{base(shop)}/cart/checkout", cart=cart_id.group(1))
    assert (bought.status_code, again.status_code) == (303, 303)
    assert bought.headers["location"] == again.headers["location"]

    (order,) = shop.client.get(f"{shop.url}/orders?include_price=true").json()["items"]
    assert order["totalPrice"] == 1094.4
    placed = text_of(pages.get(bought.headers["location"]).text)
    assert f"Order {order['id']}" in placed
    assert "Charged at once, before tax $91.20" in placed
    assert "Whole term, before tax $1,094.40" in placed
    assert shop.lab.kinds().count("OrderPlaced") == 1


def test_the_cart_is_changed_line_by_line(shop: Shop, pages: AppClient) -> None:
    put(shop, pages, BASIC, "P1Y:monthly", 5)
    put(shop, pages, VISIO, "P1Y:monthly", 1)

    changed = pages.submit(
        f"{base(shop)}/cart",
        **{
            "plan-0": "P1M:monthly",
            "quantity-0": "3",
            "end-0": "2026-01-31",
            "name-0": "Sales",
            "plan-1": "P1Y:monthly",
            "quantity-1": "1",
        },
    )
    assert changed.headers["location"] == f"{base(shop)}/cart"
    page = text_of(pages.get(f"{base(shop)}/cart").text)
    # 17 of 31 days of 7.20: 3.948 a seat, cut to 3.94.
    assert "Due with the next invoice $11.82" in page

    pages.submit(f"{base(shop)}/cart", remove="1")
    assert "Visio Plan 2" not in text_of(pages.get(f"{base(shop)}/cart").text)
    gone = pages.submit(f"{base(shop)}/cart", remove="0")
    assert gone.headers["location"] == f"{base(shop)}/orders/new"
    assert "The cart is empty" in text_of(pages.get(f"{base(shop)}/cart").text)


def test_a_line_that_may_not_be_bought_says_why_and_holds_the_purchase(shop: Shop, pages: AppClient) -> None:
    put(shop, pages, VISIO, "P1Y:monthly", 1)

    cart = text_of(pages.get(f"{base(shop)}/cart").text)
    review = pages.get(f"{base(shop)}/cart/review").text

    assert "Visio Plan 2 needs one of CFQ7TTC0LH18:0001, owned or earlier in the cart." in cart
    assert "First resolve what is marked below." in review
    assert "/cart/checkout" not in review


def test_orders_are_listed_searched_and_exported(shop: Shop, pages: AppClient) -> None:
    first = shop.order(line(quantity=5), billingCycle="monthly")
    second = shop.order(line(E3, 2), billingCycle="annual")

    listed = text_of(pages.get("/orders").text)
    assert listed.index(second["id"]) < listed.index(first["id"]) or first["creationDate"] == second["creationDate"]
    assert "Relecloud" in listed
    found = text_of(pages.get("/orders?q=365+E3").text)
    assert (second["id"] in found, first["id"] in found) == (True, False)
    tab = text_of(pages.get(f"{base(shop)}/orders").text)
    assert (first["id"] in tab, second["id"] in tab) == (True, True)
    file = pages.get("/orders?format=csv&sort=date&billing=monthly")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [(row["Order"], row["Customer"], row["Quantity"], row["Amount"]) for row in rows] == [
        (first["id"], "Relecloud", "5", "30.00")
    ]
    workbook = pages.get(f"{base(shop)}/orders/export?format=xlsx")
    assert workbook.content[:2] == b"PK"


def test_an_order_shows_lines_prices_and_history_and_why_it_cannot_be_cancelled(shop: Shop, pages: AppClient) -> None:
    order = shop.order(line(quantity=5), billingCycle="monthly")

    page = text_of(pages.get(f"{base(shop)}/orders/{order['id']}").text)

    assert "Microsoft 365 Business Basic" in page
    assert "Charged at once $30.00" in page
    assert "Whole term $360.00" in page
    assert "Order placed" in page
    assert "Only software orders can be cancelled. Cancel the subscription instead." in page


def test_a_software_order_is_cancelled_with_its_refund(shop: Shop, pages: AppClient) -> None:
    order = shop.order(line("DG7GMGF0DVT9:0001:DG7GMGF0DS01", 2, None))
    path = f"{base(shop)}/orders/{order['id']}"
    assert "You get back $328.00." in text_of(pages.get(path).text)

    answer = pages.submit(f"{path}/cancel")

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert shop.client.get(f"{shop.url}/orders/{order['id']}").json()["status"] == "cancelled"


def test_a_purchase_order_is_handed_in_on_the_page_and_approved_by_the_operator(shop: Shop, pages: AppClient) -> None:
    order = shop.order(line(ACCESS, 1, None))
    path = f"{base(shop)}/orders/{order['id']}"
    assert "Purchase order needed." in text_of(pages.get(path).text)

    handed_in = pages.request(
        "POST",
        f"{path}/documents",
        data={"customer_price": "180", "currency": "usd"},
        files={"purchase_order": ("po.pdf", b"%PDF-1.7", "application/pdf")},
    )
    assert handed_in.status_code == 303
    operator = shop.lab.user(shop.lab.tenant(TenantKind.OPERATOR, "Programme"), Role.OPERATOR_ADMIN)
    desk = browser(shop.lab, operator)
    assert "po.pdf" in text_of(desk.get(path).text)
    assert desk.submit(f"{path}/review", decision="approve").status_code == 303

    done = shop.client.get(f"{shop.url}/orders/{order['id']}").json()
    assert done["status"] == "completed"
    assert "subscriptionId" in done["lineItems"][0]


def test_a_customers_admin_sees_its_orders_without_the_partners_prices(shop: Shop) -> None:
    order = shop.order(line(quantity=5), billingCycle="monthly")
    with shop.lab.begin() as uow:
        other = buyer(uow, shop.partner, "Another")
        tenant = uow.db.get_one(Tenant, shop.customer_id)
    admin = shop.lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN)
    pages = browser(shop.lab, admin)

    listed = text_of(pages.get("/orders").text)
    shown = text_of(pages.get(f"{base(shop)}/orders/{order['id']}").text)

    assert order["id"] in listed
    assert "$" not in listed
    assert "Microsoft 365 Business Basic" in shown
    assert "$" not in shown
    assert pages.get(f"/customers/{other.tenant_id}/orders/{order['id']}").status_code == 404


def test_an_order_is_found_by_its_number(shop: Shop, pages: AppClient) -> None:
    number = str(shop.order(line(BASIC))["id"])

    found = pages.get(f"/search?q={number.upper()}")

    assert (found.status_code, found.headers["location"]) == (303, f"{base(shop)}/orders/{number}")


def test_another_partner_finds_nothing(shop: Shop) -> None:
    order = shop.order(line(quantity=5), billingCycle="monthly")
    stranger = browser(shop.lab, shop.lab.user(shop.lab.partner("Other Partner"), Role.ADMIN_AGENT))

    assert stranger.get(f"{base(shop)}/orders/{order['id']}").status_code == 404
    assert order["id"] not in stranger.get("/orders").text
    assert stranger.get(f"{base(shop)}/orders/new").status_code == 403


def test_a_helpdesk_agent_may_look_and_not_order(shop: Shop) -> None:
    order = shop.order(line(quantity=5), billingCycle="monthly")
    helpdesk = browser(shop.lab, shop.lab.user(shop.partner, Role.HELPDESK_AGENT))

    assert order["id"] in helpdesk.get("/orders").text
    refused = helpdesk.get(f"{base(shop)}/orders/new")
    assert refused.status_code == 403
    assert "Sales agent" in refused.text
