"""The portal's scene."""

from collections.abc import Iterator

import pytest

from tests.portal.acting import Contoso, OtherProvider, contoso, other_provider
from tests.support.lab import Lab


@pytest.fixture
def scene(lab: Lab) -> Contoso:
    return contoso(lab)


@pytest.fixture
def other() -> Iterator[OtherProvider]:
    with other_provider() as provider:
        yield provider
