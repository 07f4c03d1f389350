"""The pages of customers in a real browser, under the real policy, answered by the app in this process.

Invariant: no axe violation, nothing refused by the policy, nothing wider than the window, on any page in any look.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from openpartner.identity.models import Tenant
from openpartner.partner.service import NewVersion, publish_agreement_version
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from openpartner.platform.web.assets import ASSETS
from tests.browser_support import accessibility_faults, open_browser
from tests.customers.conftest import ADDRESS, Partner, customer_body, many_customers
from tests.customers.test_portal import user_fields
from tests.support.browser import browser as signed_in
from tests.support.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]

ORIGIN = "https://localhost"
SHOTS = os.environ.get("OPENPARTNER_SHOTS")
"""A folder for pictures of every page, to look at."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert ASSETS.built, "Run python scripts/build_assets.py first."
    with open_browser() as opened:
        yield opened


class Desk:
    """A browser in which somebody is signed in. ``complaints``: what the pages said on the console."""

    def __init__(self, chromium: Browser, lab: Lab, actor: Actor) -> None:
        self.client = signed_in(lab, actor)
        self.page: Page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.route("**/*", self._answer)
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.theme = "light"

    def _answer(self, route: Route) -> None:
        asked = route.request
        assert urlsplit(asked.url).netloc == "localhost", asked.url
        cookie = f"{self.client._client.headers['cookie']}; theme={self.theme}"
        sent = {
            name: value for name, value in asked.all_headers().items() if name[0] != ":" and name != "content-length"
        }
        headers = {**sent, "cookie": cookie}
        answer = self.client.request(asked.method, asked.url, content=asked.post_data_buffer, headers=headers)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def open(self, path: str) -> Page:
        self.page.goto(f"{ORIGIN}{path}")
        return self.page

    def faults(self, paths: list[str], theme: str, width: int) -> list[tuple[str, str, str]]:
        """What axe finds on these pages, and which are wider than the window."""
        self.theme = theme
        self.page.set_viewport_size({"width": width, "height": 900})
        found = []
        for path in paths:
            page = self.open(path)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{path.strip('/').replace('/', '-')[:60]}-{theme}-{width}.png")
            found += [
                (path, fault["id"], node["html"]) for fault in accessibility_faults(page) for node in fault["nodes"]
            ]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((path, "too wide", str(page.evaluate("document.documentElement.scrollWidth"))))
        return found


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(
    chromium: Browser, lab: Lab, partner: Partner, theme: str, width: int
) -> None:
    operator = lab.user(lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)
    with lab.begin(operator) as uow:
        new = NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "The terms.")
        publish_agreement_version(uow, new)
    many_customers(lab, partner, 60)
    body = customer_body("Relecloud")
    body["billingProfile"]["defaultAddress"] = {**ADDRESS, "addressLine1": "Microsoft Way", "addressLine2": ""}
    key = partner.client.post("/v1/customers", body).json()["id"]
    lab.give_delegated_access(partner.id, UUID(key))
    partner.client.post(
        f"/v1/customers/{key}/qualifications", {"qualification": "Education", "educationSegment": "K12"}
    )
    admin = partner.client.get(f"/v1/customers/{key}/users").json()["items"][0]["id"]
    root = f"/customers/{key}"
    with lab.read() as uow:
        tenant = uow.db.get_one(Tenant, UUID(key))
    own = lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN)

    seen = {
        partner.actor: [
            "/customers",
            "/customers?q=nothing+like+it",
            "/customers/new",
            "/customers/new?country=US",
            "/customers/new?country=KZ",
            root,
            f"{root}/edit",
            f"{root}/agreement",
            f"{root}/qualification",
            f"{root}/users",
            f"{root}/users/new",
            f"{root}/users/{admin}",
        ],
        own: ["/organization", "/organization/agreement", "/organization/users", f"/organization/users/{admin}"],
        operator: ["/operator/customers"],
    }
    faults, complaints = [], []
    for actor, paths in seen.items():
        desk = Desk(chromium, lab, actor)
        faults += desk.faults(paths, theme, width)
        complaints += desk.complaints
        desk.page.context.close()

    assert faults == []
    assert complaints == []


def test_a_user_is_added_by_keyboard_and_the_password_can_be_copied(
    chromium: Browser, lab: Lab, partner: Partner
) -> None:
    key = partner.administered("Relecloud")["id"]
    desk = Desk(chromium, lab, partner.actor)
    page = desk.open(f"/customers/{key}/users/new")
    fields = user_fields()
    page.get_by_label("Display name").fill(fields["display_name"])
    page.get_by_label("User name").fill(fields["name"])
    page.get_by_label("Domain").select_option(fields["domain"])
    page.get_by_label("Usage location").select_option("US")
    page.get_by_role("button", name="Add user").press("Enter")

    expect(page.get_by_role("heading", name="User created")).to_be_visible()
    expect(page.get_by_label("Temporary password", exact=True)).not_to_have_value("")
    assert desk.complaints == []


def test_the_list_answers_while_one_types(chromium: Browser, lab: Lab, partner: Partner) -> None:
    many_customers(lab, partner, 60)
    desk = Desk(chromium, lab, partner.actor)
    page = desk.open("/customers")

    page.get_by_label("Search by company, domain or Microsoft ID").press_sequentially("customer 0059")

    expect(page.get_by_role("link", name="Customer 0059")).to_be_visible()
    expect(page.get_by_role("link", name="Customer 0000")).to_have_count(0)
    assert desk.complaints == []
