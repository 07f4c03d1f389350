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


def test_aliases_lead_from_rows_that_nobody_answers_to_other_rows(routes: list[spec.Route]) -> None:
    """An alias of an alias, of itself or of a row that is not there would count what nobody answers."""
    known, named = {row.key for row in spec.operations()}, {route.operation for route in routes}
    aliases = spec.aliases()

    assert sorted(set(aliases) - known) == []
    assert sorted(set(aliases) & named) == []
    assert sorted({each for others in aliases.values() for each in others} - (known - set(aliases))) == []


def _strings_of_tests() -> str:
    """Every string of the tests in lower case, with what is filled in made a star."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    return re.sub(r"\{[^{}]*\}", "*", "\n".join(texts)).lower()


def test_every_operation_that_is_done_has_a_test_that_calls_it(routes: list[spec.Route]) -> None:
    """Looks for the end of its path in the tests' own strings: tests put the beginning together from what they made.

    The matrix of roles calls each route too; this finds one that nobody calls on purpose.
    """
    called = _strings_of_tests()
    missing = set()
    for route in routes:
        tail = [part for part in re.split(r"\{[^{}]*\}", route.path) if len(part) > 1][-1].rstrip("/")
        if not re.search(re.escape(tail) + r"(?![a-z0-9])", called):
            missing.add(route.path)
    assert sorted(missing) == []
