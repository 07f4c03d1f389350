"""docs/states is what people read; the tables of transitions are what is obeyed. They must not part."""

from pathlib import Path

from openpartner.relationships.reseller_states_document import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "states" / "reseller-relationship.md"


def test_the_states_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "Run: python -m openpartner.relationships.reseller_states_document > docs/states/reseller-relationship.md"
    )


def test_each_row_tells_who() -> None:
    lines = render().splitlines()

    assert "| sent | accept | accepted | who is invited |" in lines
    assert "| nothing | accept | active | the reseller that is invited |" in lines
    assert "| draft | delete | gone | the partner |" in lines
