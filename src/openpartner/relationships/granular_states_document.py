"""The states of a granular relationship and of what hangs on it, drawn from the tables that the code obeys.

python -m openpartner.relationships.granular_states_document > docs/states/granular-relationship.md
"""

import sys
from collections.abc import Iterator

from openpartner.platform.markdown import state_diagram, table
from openpartner.relationships.rules.assignments import (
    ASSIGNMENT_TRANSITIONS,
    AssignmentAction,
    AssignmentStatus,
)
from openpartner.relationships.rules.granular import FINAL, LIVING, TRANSITIONS, Side, Status
from openpartner.relationships.rules.operations import OPERATION_TRANSITIONS, OperationStatus
from openpartner.relationships.rules.requests import REQUEST_TRANSITIONS, RequestStatus

_WHO = {
    Side.PARTNER: "the partner",
    Side.RESELLER: "the indirect reseller",
    Side.CUSTOMER: "the customer",
    Side.SYSTEM: "the system",
}


_HEAD = ("from", "what happens", "to", "who, when")


def render() -> str:
    """The document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The states of a granular relationship"
    yield ""
    yield "Generated from `relationships/rules/`; do not edit. Source: gdap §3, §4, §6."
    yield from _relationship()
    yield from _assignment()
    yield from _request()
    yield from _operation()


def _who(sides: frozenset[Side], when: str) -> str:
    named = " or ".join(_WHO[side] for side in Side if side in sides)
    return f"{named}, {when}" if when else named


def _relationship() -> Iterator[str]:
    yield ""
    yield "## Relationship"
    yield ""
    yield "For a reseller's relationship *the partner* is the indirect provider that made the request."
    yield ""
    steps = [(source, step.target or "[*]", action) for (source, action), step in TRANSITIONS.items()]
    yield from state_diagram([("[*]", Status.CREATED, "create"), *steps])
    yield ""
    yield from table(
        _HEAD,
        (
            [source, action, step.target or "gone", _who(step.who, step.when)]
            for (source, action), step in TRANSITIONS.items()
        ),
    )
    yield ""
    yield f"Access exists only while it is {Status.ACTIVE}, and is cut at the instant it stops being so."
    yield f"Nothing revives one that is {' or '.join(sorted(FINAL))}."
    yield f"The partner's entry stays in the customer's tenant while any is {', '.join(sorted(LIVING))}."


def _assignment() -> Iterator[str]:
    yield ""
    yield "## Access assignment"
    yield ""
    steps = [(source, step.target, action) for (source, action), step in ASSIGNMENT_TRANSITIONS.items()]
    yield from state_diagram(
        [("[*]", AssignmentStatus.PENDING, "create"), *steps, (AssignmentStatus.DELETED, "[*]", "")]
    )
    yield ""
    yield from table(
        _HEAD,
        (
            [
                source,
                f"{action} (an operation)" if action is AssignmentAction.UPDATE else action,
                step.target,
                _who(step.who, step.when),
            ]
            for (source, action), step in ASSIGNMENT_TRANSITIONS.items()
        ),
    )
    yield ""
    yield "A deleted assignment stays listed for as long as its relationship is kept."


def _request() -> Iterator[str]:
    yield ""
    yield "## Request"
    yield ""
    steps = [(source, target, "") for source, target in REQUEST_TRANSITIONS.items()]
    yield from state_diagram([("[*]", RequestStatus.CREATED, ""), *steps, (RequestStatus.SUCCEEDED, "[*]", "")])
    yield ""
    yield f"What cannot be done is refused at once and leaves no request, so none becomes {RequestStatus.FAILED} here."


def _operation() -> Iterator[str]:
    yield ""
    yield "## Operation"
    yield ""
    steps = [(source, target, "") for source, targets in OPERATION_TRANSITIONS.items() for target in targets]
    ends = [(status, "[*]", "") for status in (OperationStatus.SUCCEEDED, OperationStatus.FAILED)]
    yield from state_diagram([("[*]", OperationStatus.NOT_STARTED, ""), *steps, *ends])
    yield ""
    yield "It fails when what it was to change is gone, or no longer allows it, by the time the change has spread."


if __name__ == "__main__":
    sys.stdout.write(render())
