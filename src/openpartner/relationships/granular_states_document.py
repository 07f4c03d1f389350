"""The states of a granular relationship and of what hangs on it, drawn from the tables that the code obeys.

python -m openpartner.relationships.granular_states_document > docs/states/granular-relationship.md
"""

import sys
from collections.abc import Iterator

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
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {Status.CREATED}: create"
    for (source, action), step in TRANSITIONS.items():
        yield f"    {source} --> {step.target or '[*]'}: {action}"
    yield "```"
    yield ""
    yield "| from | what happens | to | who, when |"
    yield "| --- | --- | --- | --- |"
    for (source, action), step in TRANSITIONS.items():
        yield f"| {source} | {action} | {step.target or 'gone'} | {_who(step.who, step.when)} |"
    yield ""
    yield f"Access exists only while it is {Status.ACTIVE}, and is cut at the instant it stops being so."
    yield f"Nothing revives one that is {' or '.join(sorted(FINAL))}."
    yield f"The partner's entry stays in the customer's tenant while any is {', '.join(sorted(LIVING))}."


def _assignment() -> Iterator[str]:
    yield ""
    yield "## Access assignment"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {AssignmentStatus.PENDING}: create"
    for (source, action), step in ASSIGNMENT_TRANSITIONS.items():
        yield f"    {source} --> {step.target}: {action}"
    yield f"    {AssignmentStatus.DELETED} --> [*]"
    yield "```"
    yield ""
    yield "| from | what happens | to | who, when |"
    yield "| --- | --- | --- | --- |"
    for (source, action), step in ASSIGNMENT_TRANSITIONS.items():
        what = f"{action} (an operation)" if action is AssignmentAction.UPDATE else action
        yield f"| {source} | {what} | {step.target} | {_who(step.who, step.when)} |"
    yield ""
    yield "A deleted assignment stays listed for as long as its relationship is kept."


def _request() -> Iterator[str]:
    yield ""
    yield "## Request"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {RequestStatus.CREATED}"
    for source, target in REQUEST_TRANSITIONS.items():
        yield f"    {source} --> {target}"
    yield f"    {RequestStatus.SUCCEEDED} --> [*]"
    yield "```"
    yield ""
    yield f"What cannot be done is refused at once and leaves no request, so none becomes {RequestStatus.FAILED} here."


def _operation() -> Iterator[str]:
    yield ""
    yield "## Operation"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {OperationStatus.NOT_STARTED}"
    for source, targets in OPERATION_TRANSITIONS.items():
        for target in targets:
            yield f"    {source} --> {target}"
    yield f"    {OperationStatus.SUCCEEDED} --> [*]"
    yield f"    {OperationStatus.FAILED} --> [*]"
    yield "```"
    yield ""
    yield "It fails when what it was to change is gone, or no longer allows it, by the time the change has spread."


if __name__ == "__main__":
    sys.stdout.write(render())
