"""Every page that five different people can reach by links, in a real browser: it opens, and everybody can use it.

Invariant: no axe violation in light and dark, nothing wider than a 360 px window, no complaint of the browser (so
nothing that the policy refused), one title and one heading; and what the navigation offers may be opened.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.browser_support import accessibility_faults
from tests.portal.demo import CUSTOMER_ADMIN, GLOBAL_ADMIN, HELPDESK_AGENT, OPERATOR, SALES_AGENT, Demo, window

pytestmark = pytest.mark.browser

MOST_PAGES = 90
LEFT_ALONE = re.compile(
    r"/(static|openapi|signin|agreements/[^/]+/document)\b|[?&]format=|/documents?/|\.(csv|xlsx|pdf|docx)\b"
)
_IDENTIFIER = re.compile(r"(?<=/)(?=[^/]*\d)[0-9a-z:_-]{6,}(?=/|$)", re.IGNORECASE)
_CHECKED: set[tuple[str, str]] = set()
"""Pages looked at closely already, by route and title: what five people see alike is not measured five times."""


def route_of(path: str) -> str:
    """The path with every identifier made the same."""
    return _IDENTIFIER.sub("{}", path)


def links_of(page: Page) -> list[str]:
    """The addresses of this origin that the page links to, the navigation's first."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    return [link for link in found if link.startswith("/") and not LEFT_ALONE.search(link)]


class Visitor:
    """One person walking through the portal, with everything that was wrong."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.at = ""
        self.status = 200
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{self.at}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "403 (Forbidden)" not in message.text:  # a closed page is one
            self.faults.append(f"{self.at}: {message.text}")

    def walk(self, limit: int = MOST_PAGES) -> list[str]:
        """Every route once, from home on; gives the routes."""
        waiting, seen = ["/"], {"/"}
        offered = self._offered()
        while waiting and len(seen) <= limit:
            for link in self.look(waiting.pop(0), offered):
                route = route_of(urlsplit(link).path)
                if route not in seen:
                    seen.add(route)
                    waiting.append(link)
        return sorted(seen)

    def _offered(self) -> set[str]:
        self.page.goto(self.url)
        return set(self.page.eval_on_selector_all("nav a[href]", "all => all.map(a => a.getAttribute('href'))"))

    def look(self, link: str, offered: Iterable[str]) -> list[str]:
        """Open one page and note what is wrong with it; gives its links."""
        self.at = link
        try:
            response = self.page.goto(self.url + link)
        except Error as error:
            if "Download is starting" in error.message:  # a file under an address without an ending
                return []
            raise
        self.status = response.status if response is not None else 0
        heading = [text.strip() for text in self.page.locator("h1").all_inner_texts()]
        closed = self.status == 403 and bool(heading) and heading[0].startswith("You need permission")
        if self.status != 200 and not (closed and link not in offered):
            self.faults.append(f"{link}: status {self.status} {heading}")
            return []
        if len(heading) != 1 or not heading[0]:
            self.faults.append(f"{link}: headings {heading}")
        title = self.page.title()
        if not re.fullmatch(r".+ \N{EN DASH} OpenPartner", title):
            self.faults.append(f"{link}: title {title!r}")
        key = (route_of(urlsplit(link).path), title.partition(" ")[0])
        if key not in _CHECKED:
            _CHECKED.add(key)
            self._measure(link)
        return links_of(self.page)

    def _measure(self, link: str) -> None:
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.reload()  # the look of a page that is open changes later, and by transitions
            for fault in accessibility_faults(self.page):
                where = [node["target"] for node in fault["nodes"][:3]]
                self.faults.append(f"{link} {scheme}: {fault['id']} {where}")
        self._measure_width(link, 1280)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 360, "height": 780})
        self.page.reload()  # as a telephone opens it
        self._measure_width(link, 360)
        self.page.set_viewport_size({"width": 1280, "height": 860})

    def _measure_width(self, link: str, window: int) -> None:
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > window:
            self.faults.append(f"{link}: {width} px wide in a window of {window}")


REACHED = {
    OPERATOR: {
        "/",
        "/operator/verification",
        "/operator/partners",
        "/operator/agreements",
        "/account/users",
        "/sandbox",
    },
    GLOBAL_ADMIN: {
        "/",
        "/customers",
        "/customers/{}",
        "/orders",
        "/account",
        "/account/users",
        "/account/users/{}",
        "/account/webhooks",
        "/sandbox/catcher",
    },
    SALES_AGENT: {"/", "/customers", "/customers/{}", "/customers/{}/orders/new", "/orders", "/account/access"},
    HELPDESK_AGENT: {"/", "/customers", "/customers/{}", "/account/access"},
    CUSTOMER_ADMIN: {
        "/",
        "/organization",
        "/organization/agreement",
        "/organization/billing",
        "/organization/licenses",
        "/organization/licenses/products/{}",
        "/organization/security",
        "/organization/users",
        "/partners",
        "/partners/{}",
        "/partners/{}/people",
        "/partners/{}/activity",
        "/partners/{}/limits",
        "/partners/invitation/granularadminrelationships/{}",
        "/subscriptions",
        "/activity-log",
        "/account/access",
        "/sandbox",
    },
}


@pytest.mark.parametrize("name", REACHED)
def test_every_page_opens_and_can_be_used_by_everybody(demo_world: Demo, chromium: Browser, name: str) -> None:
    with window(chromium) as (_, page):
        demo_world.sign_in(page, name)
        visitor = Visitor(page, demo_world.url)

        routes = visitor.walk()

        assert visitor.faults == []
        assert REACHED[name] - set(routes) == set()


def test_the_pages_of_who_is_not_signed_in_can_be_used_by_everybody(demo_world: Demo, chromium: Browser) -> None:
    with window(chromium) as (_, page):
        visitor = Visitor(page, demo_world.url)

        for link in ("/enrol", "/signin", "/signin/out", "/verify-email"):
            visitor.look(link, ())

        assert visitor.faults == []
