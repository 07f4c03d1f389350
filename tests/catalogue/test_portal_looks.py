"""The catalogue's pages in a real browser, under the real policy, answered by the app in this process.

Invariant: no axe violation, nothing refused by the policy, nothing wider than the window, on any page in any look.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from openpartner.catalogue import service
from openpartner.platform.actor import Actor
from openpartner.platform.web.assets import ASSETS
from tests.browser_support import accessibility_faults, open_browser
from tests.catalogue.conftest import Shop
from tests.catalogue.test_service import draft, row, sheet
from tests.support.browser import browser as signed_in

pytestmark = pytest.mark.browser

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

    def __init__(self, chromium: Browser, shop: Shop, actor: Actor) -> None:
        self.client = signed_in(shop.lab, actor)
        self.context: BrowserContext = chromium.new_context(viewport={"width": 1280, "height": 900})
        self.context.route("**/*", self._answer)
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.theme = "light"

    def _answer(self, route: Route) -> None:
        asked = route.request
        assert urlsplit(asked.url).netloc == "localhost", asked.url
        sent = asked.all_headers()
        cookies = [self.client.with_headers()._client.headers["cookie"], f"theme={self.theme}"]
        cookies += [part for part in [sent.get("cookie", "")] if part]
        headers = {name: value for name, value in sent.items() if not name.startswith(":") and name != "content-length"}
        answer = self.client.request(
            asked.method, asked.url, content=asked.post_data_buffer, headers={**headers, "cookie": "; ".join(cookies)}
        )
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def open(self, path: str) -> Page:
        self.page.goto(f"{ORIGIN}{path}")
        return self.page


def upload(desk: Desk, *rows: str) -> str:
    """Send a price list through the form's route; gives the path of its preview."""
    files = {"file": ("february.csv", sheet(*rows).encode(), "text/csv")}
    answer = desk.client.request("POST", "/operator/price-lists/upload", files=files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def notes(shop: Shop) -> Shop:
    with shop.lab.begin(shop.editor) as uow:
        service.publish_product(uow, draft())
    return shop


BAD = (
    row("eleven"),
    row(ProductId="CFQ7TTC0GONE"),
    row(Market="XX", Currency="DOLLAR"),
    row(TermDuration="P1M", BillingPlan="Triennial"),
    row(start="2026-03-01", end="2026-02-01", TermDuration="P3Y"),
)
GOOD = (row(), row("11.00", TermDuration="P1M"), row("330.00", TermDuration="P3Y", BillingPlan="Annual"))


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)])
def test_every_page_is_accessible_and_fits(chromium: Browser, notes: Shop, theme: str, width: int) -> None:
    faults: list[object] = []

    def look(desk: Desk, name: str) -> None:
        page = desk.page
        faults.extend((name, f["id"], n["html"]) for f in accessibility_faults(page) for n in f["nodes"])
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append((name, "wider than the window", page.evaluate("document.documentElement.scrollWidth")))
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{theme}-{width}.png"), full_page=True)

    operator, agent = Desk(chromium, notes, notes.editor), Desk(chromium, notes, notes.agent)
    product = "/operator/products/CFQ7TTC0LH18"
    for desk, paths in (
        (
            operator,
            {
                "history-empty": "/operator/price-lists",
                "preview": upload(operator, *GOOD),
                "problems": upload(operator, *BAD),
                "upload": "/operator/price-lists/upload",
                "products": "/operator/products",
                "nothing-matches": "/operator/products?q=zzz",
                "product": product,
                "places": f"{product}/places",
                "places-empty": "/operator/products/CFQ7TTC0NEW1/places",
                "prices": f"{product}/prices",
                "product-new": "/operator/products/new",
                "product-edit": f"{product}/edit",
                "sku": f"{product}/skus/0001/edit",
                "promotions": "/operator/promotions",
                "promotion-new": "/operator/promotions/new",
                "promotion": "/operator/promotions/39nfjqt1pjqb:0001:39nfjqt1q5kn",
                "missing": "/operator/products/CFQ7TTC0GONE",
            },
        ),
        (
            agent,
            {
                "pricing": "/pricing",
                "pricing-preview": "/pricing?month=2026-02&family=online",
                "pricing-promotions": "/pricing/promotions",
                "pricing-product": "/pricing/products/CFQ7TTC0LH18?customer=nobody",
                "refused": "/operator/products",
            },
        ),
    ):
        desk.theme = theme
        desk.page.set_viewport_size({"width": width, "height": 900})
        for name, path in paths.items():
            desk.open(path)
            look(desk, name)
    operator.open("/operator/products/new").get_by_role("button", name="Add product").click()
    expect(operator.page.get_by_role("alert")).to_contain_text("there are")
    look(operator, "form-refused")
    operator.open("/operator/price-lists/upload").get_by_role("button", name="Upload and look").click()
    expect(operator.page.get_by_role("alert")).to_contain_text("Choose a CSV file")
    look(operator, "upload-refused")

    assert faults == []
    said = [text for desk in (operator, agent) for text in desk.complaints if "status of 4" not in text]
    assert said == []
    for desk in (operator, agent):
        desk.context.close()
