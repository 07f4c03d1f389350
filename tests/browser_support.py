"""Finds a Chromium for the browser tests, opens it, and judges its pages. Used by every slice's page tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str | None:
    """Debian's Chromium, else one on the path; None means Playwright's own."""
    debian = Path("/usr/bin/chromium")
    if debian.is_file():
        return str(debian)
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


_running: list[Playwright] = []


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """Playwright's driver: one in a process, shared by whoever opens a browser while it runs."""
    if _running:
        yield _running[0]
        return
    with sync_playwright() as playwright:
        _running.append(playwright)
        try:
            yield playwright
        finally:
            _running.clear()


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser for the length of the block."""
    with _playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


END_MOTION = """
for (const motion of document.getAnimations()) {
  if (motion.effect.getComputedTiming().endTime !== Infinity) motion.finish();
}
"""
"""What fades in has half its contrast half-way: how far it has come when it is looked at depends on the machine."""


def accessibility_faults(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it stands when all that fades or slides has arrived."""
    page.evaluate(END_MOTION)
    return list(Axe().run(page).response["violations"])
