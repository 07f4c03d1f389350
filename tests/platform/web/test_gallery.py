"""The gallery in a real browser, under the real policy: looks, keyboard, scripts on and off.

Invariant: no axe violation, nothing refused by the policy, nothing wider than the window, on any page in any look.
"""

import gzip
import re
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from openpartner.platform.web.assets import ASSETS
from openpartner.platform.web.gallery import PATHS, gallery_server
from tests.browser_support import accessibility_faults, open_browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert ASSETS.built, "Run python scripts/build_assets.py first."
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with gallery_server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class Watched:
    """A page, with everything it complained of and every address it asked for."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.origin}{path}")
        return self.page


@pytest.fixture
def watched(browser: Browser, origin: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = Watched(context.new_page(), origin)
    yield found
    context.close()
    assert found.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_fits_and_stays_on_its_origin(watched: Watched, theme: str, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    faults = []
    for path in PATHS:
        page = watched.open(f"{path}?theme={theme}")
        found = accessibility_faults(page)
        faults += [(path, fault["id"], node["html"]) for fault in found for node in fault["nodes"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme

    assert faults == []
    assert {urlsplit(url)._replace(path="", query="", fragment="").geturl() for url in watched.asked} == {
        watched.origin
    }


def test_open_menus_and_dialogs_are_accessible_too(watched: Watched) -> None:
    page = watched.open("/detail")
    page.get_by_role("button", name="Suspend").click()
    assert accessibility_faults(page) == []

    page = watched.open("/list")
    for name in ("Columns", "Export", "Settings", "Account: ", "Actions for Adventure Works"):
        page.get_by_role("button", name=name).click()
        assert accessibility_faults(page) == [], name
        page.keyboard.press("Escape")


def test_a_dialog_is_judged_as_it_stands_not_as_it_comes_in(watched: Watched) -> None:
    page = watched.open("/detail")
    page.get_by_role("button", name="Suspend").click()
    dialog = page.locator("dialog[open]")
    dialog.evaluate("each => { each.animate({ opacity: [0.1, 1] }, 60_000); }")
    assert float(dialog.evaluate("each => getComputedStyle(each).opacity")) < 0.5

    assert accessibility_faults(page) == []


def test_a_list_answers_while_one_types(watched: Watched) -> None:
    page = watched.open("/list")
    page.get_by_role("searchbox", name="Search by company or domain").press_sequentially("lam")

    expect(page.locator("#customers tbody tr")).to_have_count(1)
    expect(page.get_by_role("searchbox", name="Search by company or domain")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/list\?sort=name&q=lam$"))
    assert page.locator("#customers-export a").first.get_attribute("href") == "/list?q=lam&sort=name&format=csv"


def test_a_list_sorts_filters_and_chooses_columns(watched: Watched) -> None:
    page = watched.open("/list")
    page.get_by_role("link", name="Company name").click()
    expect(page.get_by_role("columnheader", name="Company name")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#customers tbody th").first).to_contain_text("Lamna")

    page.get_by_role("combobox", name="Status").select_option("active")
    expect(page.get_by_role("link", name="Status: Active Remove filter")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/list\?sort=-name&status=active$"))

    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Primary domain").check()
    expect(page.get_by_role("columnheader", name="Primary domain")).to_be_visible()


def test_selecting_rows_offers_what_can_be_done_with_them(watched: Watched) -> None:
    page = watched.open("/list")
    button = page.get_by_role("button", name="Turn on auto-renew")
    expect(button).to_be_hidden()

    page.get_by_role("checkbox", name="Select all on this page").check()

    expect(button).to_be_visible()
    assert page.locator('#customers tbody input[name="selected"]:checked').count() == 12
    assert button.get_attribute("formaction") == "/bulk/renew"


def test_a_whole_row_is_its_link(watched: Watched) -> None:
    page = watched.open("/list")
    page.locator("#customers tbody tr").nth(2).locator("td").nth(2).click()
    expect(page).to_have_url(re.compile("/detail$"))


def test_a_dialog_takes_and_returns_the_focus(watched: Watched) -> None:
    page = watched.open("/detail")
    opener = page.get_by_role("button", name="Suspend")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Suspend Microsoft 365 E3?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()

    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_menus_are_walked_with_the_arrow_keys(watched: Watched) -> None:
    page = watched.open("/list")
    page.get_by_role("button", name="Account: ").press("Enter")
    expect(page.get_by_role("link", name="My profile and access")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Account: ")).to_be_focused()


def test_the_look_changes_at_once_and_is_remembered(watched: Watched) -> None:
    page = watched.open("/list?theme=light")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert [(cookie["name"], cookie["value"]) for cookie in page.context.cookies()] == [("theme", "dark")]


def test_the_system_decides_until_somebody_does(watched: Watched) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    watched.page.emulate_media(color_scheme="dark")
    dark = watched.open("/list?theme=system").evaluate(background)
    watched.page.emulate_media(color_scheme="light")
    assert (dark, watched.page.evaluate(background)) == ("rgb(31, 31, 31)", "rgb(250, 250, 250)")


def test_the_keyboard_reaches_the_content_first(watched: Watched) -> None:
    page = watched.open("/list")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("body").press("/")
    expect(page.get_by_role("searchbox", name="Search by company or domain")).to_be_focused()


def test_a_refused_form_is_heard_and_leads_to_its_fields(watched: Watched) -> None:
    page = watched.open("/form-refused")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Seats must be at least 1.").click()
    field = page.get_by_role("spinbutton", name="Seats")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Seats must be at least 1.")
    expect(page.get_by_role("textbox", name="Primary domain")).to_have_value("Alpine House")


def test_values_are_copied_and_passwords_revealed(watched: Watched) -> None:
    page = watched.open("/detail")
    page.get_by_role("button", name="Copy Temporary password").click()
    expect(page.locator("#toasts .toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "Tall-Harbor-4193"

    page = watched.open("/sign-in")
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_role("textbox", name="Password")).to_have_attribute("type", "text")


def test_a_chart_is_drawn_and_its_numbers_stand_in_a_table(watched: Watched) -> None:
    page = watched.open("/detail")
    expect(page.locator("[data-chart] canvas")).to_be_visible()
    page.locator("[data-chart]").hover()

    page.get_by_text("Charges by month as a table").click()
    row = page.get_by_role("table", name="Charges by month").get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(1)).to_have_text("$1,203.00")


def test_long_work_shows_its_progress_until_it_is_done(watched: Watched) -> None:
    page = watched.open("/progress")
    expect(page.get_by_role("progressbar", name="Writing the file")).to_have_attribute("value", "0")
    expect(page.get_by_role("progressbar", name="Writing the file")).to_have_attribute("value", "50")
    expect(page.get_by_text("The file is ready.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_the_chart_script_is_loaded_only_where_there_is_a_chart(watched: Watched) -> None:
    watched.open("/list")
    assert not any("chart" in url for url in watched.asked)


def test_on_a_phone_the_navigation_opens_over_the_page(watched: Watched) -> None:
    watched.page.set_viewport_size({"width": 360, "height": 740})
    page = watched.open("/list")
    expect(page.get_by_role("navigation", name="Workspaces")).to_be_hidden()
    page.get_by_role("button", name="Open navigation").click()
    expect(page.get_by_role("link", name="Renewals", exact=True)).to_be_visible()
    page.get_by_role("button", name="Close navigation").click()
    expect(page.get_by_role("navigation", name="Workspaces")).to_be_hidden()


def test_everything_works_without_scripts(browser: Browser, origin: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{origin}/list")

    page.get_by_role("searchbox", name="Search by company or domain").fill("lam")
    page.get_by_role("button", name="Apply").first.click()
    assert page.locator("#customers tbody tr").count() == 1

    page.goto(f"{origin}/list")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Primary domain").check()
    page.locator("#customers-columns").get_by_role("button", name="Apply").click()
    assert page.get_by_role("columnheader", name="Primary domain").is_visible()

    page.get_by_role("button", name="Account: ").click()
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.goto(f"{origin}/detail")
    page.get_by_role("button", name="Suspend").click()
    assert page.get_by_role("dialog").get_by_role("button", name="Suspend").is_visible()
    assert page.locator("[data-copy]").first.is_hidden()
    context.close()


def test_the_first_paint_is_small() -> None:
    needed = [ASSETS.files[ASSETS.names[name]].content for name in ("app.css", "portal.js", "icons.svg")]

    assert sum(len(gzip.compress(content)) for content in needed) < 60_000
