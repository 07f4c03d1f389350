"""The consent simulator's scene."""

import pytest

from tests.sandbox.acting import World
from tests.support.lab import Lab


@pytest.fixture
def scene(lab: Lab) -> World:
    return World(lab)
