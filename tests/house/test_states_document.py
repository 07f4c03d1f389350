"""docs/states is what people read; the table of transitions is what is obeyed. They must not part."""

from pathlib import Path

from openpartner.subscriptions.rules import TRANSITIONS
from openpartner.subscriptions.states_document import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "states" / "subscription.md"


def test_the_states_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "Run: python -m openpartner.subscriptions.states_document > docs/states/subscription.md"
    )


def test_every_transition_is_drawn_and_told() -> None:
    lines = render().splitlines()

    assert sum(" --> " in line for line in lines) == len(TRANSITIONS) + 2
    assert "| expired | disable | disabled | 30 days after the term |" in lines
