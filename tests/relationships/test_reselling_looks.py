"""The pages of reselling in a real browser: no axe violation, nothing wider than the window, in any look."""

import html
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from openpartner.customers.rules import AgreementType
from openpartner.partner import service as partner
from openpartner.partner.rules import PartnerKind
from openpartner.partner.service import NewVersion
from openpartner.platform.web.assets import ASSETS
from openpartner.relationships import service
from openpartner.relationships.rules.granular_consent import approval_path
from openpartner.relationships.rules.invitations import written
from tests.browser_support import open_browser
from tests.customers.test_portal_looks import Desk
from tests.relationships.customers import make_customer
from tests.relationships.partners import make_partner, provider_and_reseller
from tests.relationships.test_customer_pages import page_of, shop_and_customer
from tests.relationships.test_reselling import accept, combined, direct
from tests.support.browser import browser
from tests.support.lab import Lab
from tests.support.shop import AZURE_PLAN, BASIC, line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert ASSETS.built, "Run python scripts/build_assets.py first."
    with open_browser() as opened:
        yield opened


class Walker(Desk):
    """A desk that goes where it is sent: intercepted requests end at a redirect, so a page leads on instead."""

    def _answer(self, route: Route) -> None:
        asked = route.request
        cookie = {"cookie": self.client._client.headers["cookie"]}
        sent = {name: value for name, value in asked.all_headers().items() if name[0] != ":"}
        sent.pop("content-length", None)
        body = asked.post_data_buffer
        answer = self.client.request(asked.method, asked.url, content=body, headers={**sent, **cookie})
        if answer.status_code == 303:
            leads = f'<meta http-equiv="refresh" content="0;url={html.escape(answer.headers["location"])}">'
            route.fulfill(status=200, content_type="text/html", body=leads)
            return
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_of_the_customer_is_accessible_and_fits(chromium: Browser, lab: Lab, theme: str, width: int) -> None:
    shop, customer = shop_and_customer(lab)
    shop.order(line(BASIC, 2))
    shop.order(line(AZURE_PLAN, 1, term=None))
    provider, reseller = provider_and_reseller(lab)
    second, new = make_partner(lab, "Second Partner"), make_customer(lab, "Newcomer")
    commerce_id = accept(lab, customer, combined(provider, reseller))
    with lab.begin() as uow:
        agreement = NewVersion(AgreementType.CUSTOMER.value, "2025-11", "Customer agreement", "First.\n\nSecond.")
        partner.publish_agreement_version(uow, agreement)
    browser(lab, customer.admin).submit(page_of(direct(second)), answer="refuse", reason="Not now.")
    seen = {
        customer.admin: [
            "/partners",
            f"/partners/{shop.partner.id}",
            f"/partners/{reseller.id}",
            f"/partners/{shop.partner.id}/relationships/{shop.customer.commerce_id}/end",
            f"/partners/{reseller.id}/relationships/{commerce_id}/end",
            page_of(direct(second)),
            page_of(direct(shop_partner := make_partner(lab, "Third"))),
            "/billingaccounts/partner-invitation",
        ],
        new.admin: ["/partners", page_of(combined(provider, reseller))],
        shop.agent: [f"/customers/{shop.customer_id}/end", page_of(direct(shop_partner))],
    }
    faults, complaints = [], []
    for actor, paths in seen.items():
        desk = Desk(chromium, lab, actor)
        faults += desk.faults(paths, theme, width)
        complaints += [each for each in desk.complaints if "40" not in each]
        desk.page.context.close()

    assert faults == []
    assert complaints == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_of_the_partner_is_accessible_and_fits(chromium: Browser, lab: Lab, theme: str, width: int) -> None:
    provider, reseller = provider_and_reseller(lab)
    newcomer = make_partner(lab, "New Shop", PartnerKind.INDIRECT_RESELLER)
    over = make_customer(lab, "Beta")
    accept(lab, make_customer(lab, "Alpha"), combined(provider, reseller))
    accept(lab, over, direct(provider))
    provider.client.patch(f"/v1/customers/{over.id}", {"relationshipToPartner": "none"})
    with lab.begin(provider.admin) as uow:
        letter = written(["boss@new.example"], "Work with us", "Please accept.")
        key = service.invite_indirect_resellers(uow, letter, "https://localhost")[0].id
        mail = service.invite_customers(uow, direct(provider), letter, "https://localhost")[0].id
    seen = {
        provider.admin: [
            "/customers/relationships",
            "/customers/invitations",
            f"/customers/invitations/{mail}",
            "/customers/invitations/new",
            "/indirect-resellers",
            f"/indirect-resellers/{reseller.id}",
            "/indirect-resellers/invite",
            "/indirect-resellers/invitations",
        ],
        reseller.admin: [
            f"/customers/invitations/new?provider={provider.id}",
            "/indirect-providers",
            f"/indirect-providers/{provider.id}",
        ],
        newcomer.admin: [
            "/customers/relationships",
            "/customers/invitations/new",
            "/indirect-providers",
            f"/indirect-providers/invitation/{key}",
        ],
    }
    faults, complaints = [], []
    for actor, paths in seen.items():
        desk = Desk(chromium, lab, actor)
        faults += desk.faults(paths, theme, width)
        complaints += desk.complaints
        desk.page.context.close()

    assert faults == []
    assert complaints == []


def test_a_link_with_a_fragment_is_followed_by_the_script(chromium: Browser, lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    desk = Walker(chromium, lab, customer.admin)

    page = desk.open(approval_path("x-y"))
    expect(page).to_have_url("https://localhost/partners/invitation/granularAdminRelationships/x-y")
    page = desk.open(direct(seller).url(""))
    expect(page.get_by_role("heading", level=1)).to_have_text("Contoso Partner asks to be your reseller")
    page.goto("https://localhost/AdminPortal/Home#//elsewhere.example/partners")
    expect(page.get_by_role("heading", level=1)).to_have_text("Admin center")


def test_a_customer_accepts_in_a_browser(chromium: Browser, lab: Lab) -> None:
    seller, customer = make_partner(lab), make_customer(lab)
    desk = Walker(chromium, lab, customer.admin)
    page = desk.open(direct(seller).url(""))

    page.get_by_label("Address line 1").fill("1 Microsoft Way")
    page.get_by_label("City").fill("Redmond")
    page.get_by_label("State", exact=True).select_option("WA")
    page.get_by_label("Postal code").fill("98052")
    page.get_by_label("First name").fill("Gena")
    page.get_by_label("Last name").fill("Soto")
    page.get_by_role("button", name="Accept and continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Contoso Partner")
    assert len(seller.client.get("/v1/customers").json()["items"]) == 1
