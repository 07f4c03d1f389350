"""A shop to buy from."""

import pytest

from tests.support.lab import Lab
from tests.support.shop import Shop, open_shop


@pytest.fixture
def shop(lab: Lab) -> Shop:
    return open_shop(lab)
