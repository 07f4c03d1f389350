"""How an access assignment comes into force and ends. Source: gdap §4."""

from typing import TypedDict
from uuid import UUID

from openpartner.identity import service as identity
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.assignments import (
    AccessAssignmentActivated,
    AccessAssignmentDeleted,
    AccessAssignmentDeletionRequested,
    AccessAssignmentFailed,
)
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries.operations import open_operations
from openpartner.relationships.rules.assignments import AssignmentAction, AssignmentStatus, after_assignment
from openpartner.relationships.service.granular_access import give_access
from openpartner.relationships.service.granular_states import PASS_ASSIGNMENT, spread_at, touch
from openpartner.relationships.service.operation_records import fail_operation

REMOVED_MEANWHILE = "The access assignment was removed meanwhile."
NOTHING_ALLOWED = "The customer's service provider constraints allow none of its roles any more."


class AssignmentScope(TypedDict):
    """The members of every fact about an assignment."""

    partner_id: UUID
    customer_id: UUID
    assignment_id: UUID
    relationship_id: str
    group_id: UUID


def assignment_scope(assignment: AccessAssignment) -> AssignmentScope:
    """What a fact says about which assignment it is."""
    return AssignmentScope(
        partner_id=assignment.partner_id,
        customer_id=assignment.customer_id,
        assignment_id=assignment.id,
        relationship_id=assignment.relationship_id,
        group_id=assignment.group_id,
    )


def move_assignment(uow: UnitOfWork, assignment: AccessAssignment, action: AssignmentAction) -> AssignmentStatus:
    """Take an action; gives the state before. The only place that assigns the status."""
    before = assignment.status
    assignment.status = after_assignment(before, action)
    touch(uow, assignment)
    uow.db.flush()
    return before


def assignment_key(assignment_id: UUID) -> str:
    """Under which its next step is scheduled."""
    return f"{PASS_ASSIGNMENT}/{assignment_id}"


def schedule_assignment(uow: UnitOfWork, assignment: AccessAssignment) -> None:
    """Have it go on once its change has spread."""
    arguments = {"assignment_id": str(assignment.id)}
    uow.schedule(spread_at(uow), PASS_ASSIGNMENT, arguments, key=assignment_key(assignment.id))


def put_into_force(uow: UnitOfWork, relationship: AdminRelationship, assignment: AccessAssignment) -> None:
    """Let the group in. Emits AccessAssignmentActivated, or AccessAssignmentFailed when nothing of it is allowed."""
    if give_access(uow, relationship, assignment):
        before = move_assignment(uow, assignment, AssignmentAction.ACTIVATE)
        uow.emit(
            AccessAssignmentActivated(
                **assignment_scope(assignment),
                before={"status": before.value},
                after={"status": assignment.status.value},
            )
        )
        return
    before = move_assignment(uow, assignment, AssignmentAction.FAIL)
    assignment.problem = NOTHING_ALLOWED
    uow.emit(
        AccessAssignmentFailed(
            **assignment_scope(assignment),
            problem=assignment.problem,
            before={"status": before.value},
            after={"status": assignment.status.value},
        )
    )


def begin_deletion(
    uow: UnitOfWork, relationship: AdminRelationship, assignment: AccessAssignment, *, reason: str = ""
) -> None:
    """Cut its access now; what was under way on it fails. Emits AccessAssignmentDeletionRequested."""
    before = move_assignment(uow, assignment, AssignmentAction.DELETE)
    identity.close_delegated_access(uow, assignment.id)
    for operation in open_operations(uow, relationship.id, assignment.id):
        fail_operation(uow, relationship, operation, REMOVED_MEANWHILE)
    uow.emit(
        AccessAssignmentDeletionRequested(
            **assignment_scope(assignment),
            reason=reason,
            before={"status": before.value},
            after={"status": assignment.status.value},
        )
    )


def finish_deletion(uow: UnitOfWork, assignment: AccessAssignment) -> None:
    """It stays listed as deleted. Emits AccessAssignmentDeleted."""
    before = move_assignment(uow, assignment, AssignmentAction.FINISH)
    uow.unschedule(assignment_key(assignment.id))
    uow.emit(
        AccessAssignmentDeleted(
            **assignment_scope(assignment),
            before={"status": before.value},
            after={"status": assignment.status.value},
        )
    )
