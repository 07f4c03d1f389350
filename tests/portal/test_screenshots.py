"""The pictures in docs/screenshots: drawn from the demo world, whose clock stands still, so that they come out alike.

``make screenshots`` writes them; without it each page is drawn and its picture must be there.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.portal.demo import CUSTOMER_ADMIN, GLOBAL_ADMIN, OPERATOR, SALES_AGENT, Demo, window

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WRITES = os.environ.get("OPENPARTNER_WRITE_SCREENSHOTS") == "1"
MOST_BYTES = 200_000


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, from the picture's first chunk."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _home(page: Page, url: str) -> None:
    page.goto(url)


def _customers(page: Page, url: str) -> None:
    page.goto(f"{url}/customers")


def _customer(page: Page, url: str) -> None:
    page.goto(f"{url}/customers")
    page.get_by_role("link", name=re.compile("^Adventure Works")).click()


def _new_order(page: Page, url: str) -> None:
    _customer(page, url)
    page.goto(f"{page.url}/orders/new")


def _users(page: Page, url: str) -> None:
    page.goto(f"{url}/account/users")


def _verification(page: Page, url: str) -> None:
    page.goto(f"{url}/operator/verification")


def _sign_in(page: Page, url: str) -> None:
    page.goto(url)


def _granular(path: str) -> Callable[[Page, str], None]:
    def go(page: Page, url: str) -> None:
        page.goto(f"{url}/granular-administration{path}")

    return go


def _approval(page: Page, url: str) -> None:
    page.goto(f"{url}/partners")
    page.get_by_role("link", name=re.compile("asks to administer")).click()


def _trace(page: Page, url: str) -> None:
    _customer(page, url)
    page.goto(f"{page.url}/access-trace")
    page.get_by_role("textbox", name="Person", exact=True).fill("henry")
    page.get_by_role("button", name="Trace").click()


PICTURES: dict[str, tuple[str | None, Callable[[Page, str], None], str]] = {
    "home": (GLOBAL_ADMIN, _home, "Home"),
    "customers": (GLOBAL_ADMIN, _customers, "Customers"),
    "customer": (GLOBAL_ADMIN, _customer, "Adventure Works"),
    "new-order": (SALES_AGENT, _new_order, "New order"),
    "users-and-roles": (GLOBAL_ADMIN, _users, "User management"),
    "sign-in": (None, _sign_in, "Sign in"),
    "verification-queue": (OPERATOR, _verification, "Verification"),
    "approval": (CUSTOMER_ADMIN, _approval, "Contoso Cloud Services asks to administer your organization"),
    "granular-administration": (GLOBAL_ADMIN, _granular(""), "Granular administration"),
    "assignments": (GLOBAL_ADMIN, _granular("/assignments"), "Groups and assignments"),
    "expiry-calendar": (GLOBAL_ADMIN, _granular("/calendar"), "Expiry calendar"),
    "access-trace": (GLOBAL_ADMIN, _trace, "Adventure Works"),
}
"""Who looks, how to get there, and the heading that is then seen."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_page_is_drawn_as_its_picture_shows_it(demo_world: Demo, chromium: Browser, name: str, scheme: str) -> None:
    who, go, heading = PICTURES[name]
    with window(chromium, scheme=scheme) as (_, page):
        if who is not None:
            demo_world.sign_in(page, who)
        go(page, demo_world.url)
        assert page.locator("h1").inner_text() == heading
        page.evaluate("document.fonts.ready")
        drawn = page.screenshot(animations="disabled", caret="hide")
    picture = FOLDER / f"{name}-{scheme}.png"
    if WRITES:
        FOLDER.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(drawn)
    kept = picture.read_bytes()
    assert size_of(kept) == size_of(drawn) == (1280, 860)
    assert len(kept) < MOST_BYTES
