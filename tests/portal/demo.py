"""The demo world behind a real server, and people of it who sign in with a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from openpartner.app import open_world
from openpartner.partner import service
from openpartner.partner.rules import Enrolment, PartnerKind
from openpartner.platform import mail
from openpartner.platform.actor import NOBODY, SYSTEM
from openpartner.platform.addresses import Address
from openpartner.platform.world import World
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


NEWCOMERS = (
    ("Northlight Consulting", "DE", "Rosenheimer Straße 10", "München", "", "81669", PartnerKind.DIRECT_BILL),
    ("Quarrylane Managed IT", "US", "1100 Congress Avenue", "Austin", "TX", "78701", PartnerKind.INDIRECT_RESELLER),
    ("Harbourside Cloud", "GB", "3 Kingdom Street", "London", "", "W2 6BD", PartnerKind.INDIRECT_PROVIDER),
)
"""Companies that enrolled of late and proved their mailbox: they wait for the operator."""


def _enrol_newcomers(world: World) -> None:
    for name, country, street, city, state, postal_code, kind in NEWCOMERS:
        slug = name.split()[0].lower()
        address = Address(country, street, city=city, state=state, postal_code=postal_code, phone_number="4255550100")
        wanted = Enrolment(name, address, "Kim Abercrombie", f"kim@{slug}.onmicrosoft.com", kind, "HRB 123456")
        with world.begin(NOBODY) as uow:
            admin = service.FirstAdmin("Kim", "Abercrombie")
            service.enrol_partner(uow, wanted, domain=f"{slug}.onmicrosoft.com", admin=admin)
        with world.begin(SYSTEM) as uow:
            [letter, *_] = mail.newest(uow.db, recipient=wanted.contact_email)
            link = re.search(r"token=(\S+)", letter.text)
            assert link is not None
            service.confirm_email_link(uow, link.group(1))


def make_demo_world(data: Path) -> dict[str, UserLine]:
    """A year of demo data in ``data`` and three companies that have just enrolled; gives who can sign in."""
    world = open_world(Settings(data=data, first_instant=TODAY))
    _enrol_newcomers(world)
    with world.begin.read(SYSTEM) as uow:
        people = {line.upn: line for line in show_world(uow, "", None).users}
    world.close()
    return people


class Demo:
    """The served demo world."""

    def __init__(self, server: Server, people: dict[str, UserLine]) -> None:
        self.url = server.url
        self.people = people
        self._cookies: dict[str, Any] = {}

    def sign_in(self, page: Page, name: str) -> None:
        """Through the provider's pages and both factors, once a person: a code works once, and this clock stands."""
        if name in self._cookies:
            page.context.add_cookies(self._cookies[name])
            page.goto(f"{self.url}/")
            return
        self._sign_in_anew(page, name)
        self._cookies[name] = page.context.cookies()

    def _sign_in_anew(self, page: Page, name: str) -> None:
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
