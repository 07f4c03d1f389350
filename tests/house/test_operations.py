"""docs/operations.md says truly which operations are done, and each done one has a test that calls it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openpartner import spec
from openpartner.app import assemble, open_world
from openpartner.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[spec.Route]]:
    world = open_world(Settings(data=tmp_path_factory.mktemp("routes"), demo_data=False))
    yield spec.routes_of(assemble(world).litestar)
    world.close()


def test_the_document_is_current(routes: list[spec.Route]) -> None:
    """Written anew by `make docs`."""
    assert (ROOT / "docs" / "operations.md").read_text(encoding="utf-8") == spec.render(routes)


def test_every_named_operation_is_in_the_tables(routes: list[spec.Route]) -> None:
    """A handler that names an operation nobody asked for has a slip of the pen."""
    known = {row.key for row in spec.operations()}
    assert sorted({route.operation for route in routes} - known) == []


def _paths_called() -> str:
    """Every string of the tests, with what is filled in made a star."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    return re.sub(r"\{[^{}]*\}", "*", "\n".join(texts)).lower()


def test_every_operation_that_is_done_has_a_test_that_calls_it(routes: list[spec.Route]) -> None:
    """Looks for the path, its parameters aside, in the tests' own strings."""
    called = _paths_called()
    missing = []
    for route in routes:
        parts = [part for part in re.split(r"\{[^{}]*\}", route.path) if len(part) > 1]
        pattern = r"[^\s\"']*".join(re.escape(part) for part in parts)
        if not re.search(pattern, called):
            missing.append(route.path)
    assert sorted(set(missing)) == []
