"""docs/states is what people read; the tables of transitions are what is obeyed. They must not part."""

from pathlib import Path

from openpartner.relationships.granular_states_document import render
from openpartner.relationships.rules.assignments import ASSIGNMENT_TRANSITIONS
from openpartner.relationships.rules.granular import TRANSITIONS
from openpartner.relationships.rules.operations import OPERATION_TRANSITIONS
from openpartner.relationships.rules.requests import REQUEST_TRANSITIONS

DOCUMENT = Path(__file__).parents[2] / "docs" / "states" / "granular-relationship.md"


def test_the_states_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "Run: python -m openpartner.relationships.granular_states_document > docs/states/granular-relationship.md"
    )


def test_every_transition_is_drawn_and_told() -> None:
    lines = render().splitlines()

    steps = len(TRANSITIONS) + len(ASSIGNMENT_TRANSITIONS) + len(REQUEST_TRANSITIONS)
    steps += sum(len(targets) for targets in OPERATION_TRANSITIONS.values())
    beginnings_and_ends = 1 + 2 + 2 + 3
    assert sum(" --> " in line for line in lines) == steps + beginnings_and_ends
    assert "| approvalPending | reject | terminated | the indirect reseller or the customer |" in lines
    assert "| expired | forget | gone | the system, after 12 months |" in lines
