"""Long-running operations are carried out: roles of an assignment, or of the whole relationship, change."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete

from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.assignments import AccessAssignmentUpdated
from openpartner.relationships.events.granular import AdminRelationshipUpdated
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.queries import assignments, granular
from openpartner.relationships.rules.assignments import GONE, AssignmentStatus
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.rules.operations import DONE, OperationStatus, OperationType
from openpartner.relationships.service.assignment_states import (
    REMOVED_MEANWHILE,
    assignment_scope,
    begin_deletion,
    schedule_assignment,
)
from openpartner.relationships.service.assignments import role_texts, write_roles
from openpartner.relationships.service.granular_access import give_access, give_access_again
from openpartner.relationships.service.granular_ending import ENDED
from openpartner.relationships.service.granular_states import PASS_OPERATION, scope, spread_at, touch
from openpartner.relationships.service.operation_records import fail_operation, move_operation, operation_key

OUTSIDE = "The relationship no longer has all of the wanted roles."
NO_ROLE_LEFT = "Its only role was taken out of the relationship."


def pass_operation(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: not started, running, succeeded or failed; in one go where a change spreads at once."""
    known = uow.db.get(RelationshipOperation, UUID(args["operation_id"]))
    if known is None:
        return
    relationship = uow.db.get_one(AdminRelationship, known.relationship_id, with_for_update=True)
    operation = uow.db.get_one(RelationshipOperation, known.id, with_for_update=True, populate_existing=True)
    if operation.status in DONE:
        return
    if operation.status is OperationStatus.NOT_STARTED:
        move_operation(uow, operation, OperationStatus.RUNNING)
        done_at = spread_at(uow)
        if done_at > uow.now:
            uow.schedule(done_at, PASS_OPERATION, args, key=operation_key(operation.id))
            return
    _carry_out(uow, relationship, operation)


def _carry_out(uow: UnitOfWork, relationship: AdminRelationship, operation: RelationshipOperation) -> None:
    wanted = frozenset(operation.roles)
    if relationship.status is not Status.ACTIVE:
        fail_operation(uow, relationship, operation, ENDED)
    elif operation.operation_type is OperationType.RELATIONSHIP_UPDATE:
        _take_global_administrator(uow, relationship)
        move_operation(uow, operation, OperationStatus.SUCCEEDED)
    else:
        assignment = uow.db.get(AccessAssignment, operation.assignment_id, with_for_update=True)
        if assignment is None or assignment.status is not AssignmentStatus.ACTIVE:
            fail_operation(uow, relationship, operation, REMOVED_MEANWHILE)
        elif not wanted <= granular.roles_of(uow, relationship.id):
            fail_operation(uow, relationship, operation, OUTSIDE)
        else:
            _change_roles(uow, relationship, assignment, wanted)
            move_operation(uow, operation, OperationStatus.SUCCEEDED)
    uow.db.flush()


def _change_roles(
    uow: UnitOfWork, relationship: AdminRelationship, assignment: AccessAssignment, wanted: frozenset[UUID]
) -> None:
    before = assignments.roles_of_assignment(uow, assignment.id)
    write_roles(uow, assignment, wanted)
    touch(uow, assignment)
    uow.db.flush()
    if assignment.status is AssignmentStatus.ACTIVE:
        give_access(uow, relationship, assignment)
    uow.emit(
        AccessAssignmentUpdated(
            **assignment_scope(assignment),
            before={"roles": role_texts(before)},
            after={"roles": role_texts(wanted)},
        )
    )


def _take_global_administrator(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Out of the relationship, and so out of every assignment; one that had nothing else ends. Source: gdap §4, 4."""
    before = granular.roles_of(uow, relationship.id)
    uow.db.execute(
        delete(AdminRelationshipRole).where(
            AdminRelationshipRole.relationship_id == relationship.id,
            AdminRelationshipRole.role_template_id == GLOBAL_ADMINISTRATOR,
        )
    )
    touch(uow, relationship)
    uow.db.flush()
    uow.emit(
        AdminRelationshipUpdated(
            **scope(relationship),
            before={"roles": role_texts(before)},
            after={"roles": role_texts(before - {GLOBAL_ADMINISTRATOR})},
        )
    )
    for assignment in assignments.living_assignments(uow, relationship.id):
        held = assignments.roles_of_assignment(uow, assignment.id)
        if assignment.status in GONE or GLOBAL_ADMINISTRATOR not in held:
            continue
        if held == {GLOBAL_ADMINISTRATOR}:
            begin_deletion(uow, relationship, assignment, reason=NO_ROLE_LEFT)
            schedule_assignment(uow, assignment)
        else:
            _change_roles(uow, relationship, assignment, held - {GLOBAL_ADMINISTRATOR})
    give_access_again(uow, relationship)
