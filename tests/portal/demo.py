"""The demo world behind a real server, and people of it who sign in with a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from openpartner.app import open_world
from openpartner.platform.actor import SYSTEM
from openpartner.sandbox.queries import UserLine, show_world
from openpartner.settings import Settings
from tests.support.served import Server, serving

TODAY = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
"""Where the demo world's clock stands."""

OPERATOR = "admin@programme.onmicrosoft.com"
GLOBAL_ADMIN = "admin@contosocloud.onmicrosoft.com"
SALES_AGENT = "sally@contosocloud.onmicrosoft.com"
HELPDESK_AGENT = "henry@contosocloud.onmicrosoft.com"
CUSTOMER_ADMIN = "admin@adventureworks.onmicrosoft.com"


def make_demo_world(data: Path) -> dict[str, UserLine]:
    """A year of demo data in ``data``; gives who can sign in."""
    world = open_world(Settings(data=data, first_instant=TODAY))
    with world.begin.read(SYSTEM) as uow:
        people = {line.upn: line for line in show_world(uow, "", None).users}
    world.close()
    return people


class Demo:
    """The served demo world."""

    def __init__(self, server: Server, people: dict[str, UserLine]) -> None:
        self.url = server.url
        self.people = people

    def sign_in(self, page: Page, name: str) -> None:
        """Through the provider's pages and both factors, as a person does; the sandbox shows the code."""
        page.goto(f"{self.url}/signin?mfa=true")
        page.locator("#username").fill(name)
        page.get_by_role("textbox", name="Password").fill(self.people[name].password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator("#code").fill(page.get_by_text("Sandbox: the code now is").inner_text().rpartition(" is ")[2])
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("button", name="No", exact=True).click()
        page.wait_for_url(f"{self.url}/")


@contextmanager
def demo(data: Path, people: dict[str, UserLine]) -> Iterator[Demo]:
    """The world of ``make_demo_world``, served until left; its clock stands still and nothing falls due."""
    with serving(data, settings={"seed": "openpartner", "work_in_server": "false"}) as server:
        yield Demo(server, people)


@contextmanager
def window(browser: Browser, *, scheme: str = "light") -> Iterator[tuple[BrowserContext, Page]]:
    """A browser's window of the size of the screenshots."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="UTC",
    )
    try:
        yield context, context.new_page()
    finally:
        context.close()
