"""The pages of webhooks in a real browser: no axe violation, nothing wider than the window, in any look."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from openpartner.platform.permissions import Role
from openpartner.platform.web.assets import ASSETS
from tests.browser_support import accessibility_faults, open_browser
from tests.customers.test_portal_looks import SHOTS, Desk
from tests.support.lab import Lab
from tests.webhooks.conftest import MakeSubscriber, customer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]

ROOT = "/account/webhooks"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert ASSETS.built, "Run python scripts/build_assets.py first."
    with open_browser() as opened:
        yield opened


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(
    chromium: Browser, lab: Lab, make_subscriber: MakeSubscriber, theme: str, width: int
) -> None:
    subscriber = make_subscriber()
    relecloud = customer(lab)
    subscriber.approve("a", "b", of=relecloud.id)
    subscriber.go()
    subscriber.receiver.answers = [500, "close", 503]
    subscriber.approve("c", of=relecloud.id)
    subscriber.go(timedelta(minutes=2))
    delivered, *_, trying = subscriber.deliveries()
    anyone = lab.client()
    anyone.put("/_sandbox/catcher/hooks/answer", {"status": 429, "times": 3, "retryAfter": 60})
    for got in subscriber.receiver.got[:2]:
        anyone.request("POST", "/_sandbox/catcher/hooks", content=got.body, headers=got.headers)
    number = anyone.get("/_sandbox/catcher/hooks").json()["caught"][0]["number"]
    desk = Desk(chromium, lab, subscriber.actor)
    faults = desk.faults(
        [
            ROOT,
            f"{ROOT}/registration",
            f"{ROOT}/deliveries",
            f"{ROOT}/deliveries?state=parked",
            f"{ROOT}/deliveries/{delivered.id}",
            f"{ROOT}/deliveries/{trying.id}",
            f"{ROOT}/fire",
            f"{ROOT}/fire?from={delivered.id}",
            f"{ROOT}/verify",
            f"{ROOT}/verify?language=curl",
            "/sandbox/catcher",
            "/sandbox/catcher/hooks",
            "/sandbox/catcher/hooks?q=nothing",
            f"/sandbox/catcher/hooks/{number}",
        ],
        theme,
        width,
    )
    assert faults == []
    assert desk.complaints == []
    desk.page.context.close()


def test_what_is_empty_and_what_is_refused_is_accessible_too(chromium: Browser, lab: Lab) -> None:
    desk = Desk(chromium, lab, lab.user(lab.partner("Newcomer"), Role.ADMIN_AGENT))
    paths = [ROOT, f"{ROOT}/deliveries", f"{ROOT}/registration", "/sandbox/catcher"]
    assert desk.faults(paths, "dark", 360) == []
    for path, field, wrong, button in (
        (f"{ROOT}/registration", "Address", "https://10.0.0.1/x", "Register"),
        (f"{ROOT}/fire", "Body", "{", "Fire"),
    ):
        page = desk.open(path)
        page.get_by_label(field).fill(wrong)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"refused-{button}.png", full_page=True)
    desk.page.context.close()
