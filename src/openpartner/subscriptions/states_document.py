"""The states of a subscription as a diagram and a table, drawn from the table that the code obeys.

python -m openpartner.subscriptions.states_document > docs/states/subscription.md
"""

import sys
from collections.abc import Iterator
from typing import Final

from openpartner.platform.markdown import state_diagram, table
from openpartner.subscriptions.rules import (
    BILLED,
    DISABLED_FOR,
    EXPIRED_FOR,
    PARTNER_ACTIONS,
    TRANSITIONS,
    Action,
    Status,
)

#: When an action happens that nobody presses a button for.
BY_TIME: Final = {
    (Status.PENDING, Action.PROVISION): "when the product is set up",
    (Status.ACTIVE, Action.RENEW): "when the term is over, with automatic renewal",
    (Status.ACTIVE, Action.EXPIRE): "when the term is over, without automatic renewal",
    (Status.SUSPENDED, Action.DISABLE): "when the term is over",
    (Status.EXPIRED, Action.DISABLE): f"{EXPIRED_FOR.days} days after the term",
    (Status.DISABLED, Action.DELETE): f"{(EXPIRED_FOR + DISABLED_FOR).days} days after the term",
}


def render() -> str:
    """The document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The states of a subscription"
    yield ""
    yield "Generated from `subscriptions/rules/states.py`; do not edit. Source: commerce-rules §10."
    yield ""
    steps = [(source, target, action) for (source, action), target in TRANSITIONS.items()]
    yield from state_diagram([("[*]", Status.PENDING, "order"), *steps, (Status.DELETED, "[*]", "")])
    yield ""
    yield from table(["from", "what happens", "to", "who or when"], map(_row, steps))
    yield ""
    yield f"Charged while {' or '.join(status for status in Status if status in BILLED)}; nothing else is."


def _row(step: tuple[Status, Status, Action]) -> tuple[str, str, str, str]:
    source, target, action = step
    return source, action, target, "the partner" if action in PARTNER_ACTIONS else BY_TIME[source, action]


if __name__ == "__main__":
    sys.stdout.write(render())
