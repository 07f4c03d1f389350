"""What a person does in a browser when a page of sign-in asks: each field filled in by its name, until no page asks."""

from collections.abc import Mapping

from playwright.sync_api import Browser, Page

PAGES = 10
"""More than any sign-in has."""
BUTTONS = ("Sign in", "Verify", "Change password", "No", "Continue", "Next", "Accept")
"""Each page's way on. No: not to stay signed in."""


def open_page(browser: Browser, url: str) -> Page:
    """A page of a browser of its own, which trusts the world's authority."""
    page = browser.new_context(ignore_https_errors=True).new_page()
    page.set_default_timeout(15_000)
    page.goto(url)
    return page


def go_through(page: Page, answers: Mapping[str, str]) -> Page:
    """Answer pages until one asks nothing that is known. answers: by the names of fields."""
    for _ in range(PAGES):
        page.wait_for_load_state()
        asked = [str(each.get_attribute("name")) for each in page.locator("input:visible:not([readonly])").all()]
        known = [name for name in asked if name in answers]
        button = next((each for each in BUTTONS if page.get_by_role("button", name=each, exact=True).count()), None)
        if button is None or len(known) != len(asked):
            return page
        for name in known:
            page.fill(f"input[name={name}]:visible", answers[name])
        page.get_by_role("button", name=button, exact=True).click()
    raise AssertionError(f"No end of pages: {page.url}")
