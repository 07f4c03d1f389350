"""docs/roles.md is what people read; the matrix is what is enforced. They must not part."""

from pathlib import Path

from openpartner.platform.roles_document import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"


def test_the_roles_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "Run: python -m openpartner.platform.roles_document > docs/roles.md"
    )


def test_the_document_shows_a_cell_where_the_matrix_gives_one() -> None:
    [line] = [line for line in render().splitlines() if "| `orders_place` |" in line]

    assert line == "| Place orders (licence-based, new commerce) | `orders_place` | M |  |  | M | M |  |  |"
