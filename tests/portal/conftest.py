"""The portal's scene."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser_support import open_browser
from tests.portal.acting import Contoso, OtherProvider, contoso, other_provider
from tests.portal.demo import Demo, demo, make_demo_world
from tests.support.lab import Lab


@pytest.fixture
def scene(lab: Lab) -> Contoso:
    return contoso(lab)


@pytest.fixture
def other() -> Iterator[OtherProvider]:
    with other_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def demo_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo world for all tests that only look at it."""
    data = tmp_path_factory.mktemp("demo")
    people = make_demo_world(data)
    with demo(data, people) as served:
        yield served


@pytest.fixture(scope="module")  # while Playwright runs, its worker can run no event loop for another module
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser
