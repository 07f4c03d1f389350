"""The two sides of a granular relationship."""

import pytest

from tests.support.granting import Grants
from tests.support.lab import Lab


@pytest.fixture
def grants(lab: Lab) -> Grants:
    """A partner with a group, a customer with an administrator."""
    return Grants(lab)
