"""How a granular relationship ends, and how everything that was kept of it goes. Source: gdap §3, §7."""

from sqlalchemy import delete

from openpartner.identity import service as identity
from openpartner.platform.permissions import CUSTOMER_GDAP
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import AdminRelationshipRemoved, AdminRelationshipTerminationRequested
from openpartner.relationships.models.assignments import AccessAssignment, AccessAssignmentRole
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.queries import assignments, granular, operations, requests
from openpartner.relationships.rules.assignments import GONE, AssignmentStatus
from openpartner.relationships.rules.granular import Action, Side, Status
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.service.assignment_states import assignment_key, begin_deletion, finish_deletion
from openpartner.relationships.service.granular_access import cut_access
from openpartner.relationships.service.granular_states import PASS_TIME, move, scope, side_of, status_change, wind
from openpartner.relationships.service.operation_records import fail_operation, operation_key
from openpartner.relationships.service.own_administrators import check_own_administrator
from openpartner.relationships.service.request_records import keep_request, request_key

ENDED = "The relationship has ended."


def terminate_admin_relationship(uow: UnitOfWork, relationship_id: str) -> AdminRelationship:
    """The customer takes all roles of a relationship back; a partner orders it with ``request_transition``.

    Access is gone when this returns; the rest follows as it spreads. Raises RelationshipUnknown,
    OwnAdministratorNeeded, StatusForbids. Emits AdminRelationshipTerminationRequested.
    """
    uow.actor.require(CUSTOMER_GDAP.write)
    check_own_administrator(uow)
    relationship = granular.one_relationship(uow, relationship_id, lock=True)
    end_early(uow, relationship, side_of(uow, relationship))
    keep_request(uow, relationship, RequestAction.TERMINATE, Side.CUSTOMER)
    return relationship


def end_early(uow: UnitOfWork, relationship: AdminRelationship, side: Side) -> None:
    """One side ends it: the access is cut in this very transaction. Emits AdminRelationshipTerminationRequested."""
    was_active = relationship.status is Status.ACTIVE
    before = move(uow, relationship, Action.TERMINATE, side)
    if was_active:
        relationship.end_at = uow.now
    uow.db.flush()
    cut_access(uow, relationship)
    uow.emit(
        AdminRelationshipTerminationRequested(
            **scope(relationship), **status_change(before, relationship), requested_by=side.value.capitalize()
        )
    )
    wind(uow, relationship)


def remove_assignments(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """The relationship is over: every assignment is on its way out, and nothing else is under way any more."""
    for assignment in assignments.living_assignments(uow, relationship.id):
        uow.unschedule(assignment_key(assignment.id))
        if assignment.status not in GONE:
            begin_deletion(uow, relationship, assignment, reason=ENDED)
    for operation in operations.open_operations(uow, relationship.id):
        fail_operation(uow, relationship, operation, ENDED)


def finish_assignments(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """The relationship has ended: every assignment is deleted."""
    for assignment in assignments.living_assignments(uow, relationship.id):
        if assignment.status is AssignmentStatus.DELETING:
            finish_deletion(uow, assignment)


def remove_relationship(uow: UnitOfWork, relationship: AdminRelationship, reason: str) -> None:
    """Keep nothing of it: not its access, its records or its clockwork. Emits AdminRelationshipRemoved."""
    key, said = relationship.id, scope(relationship)
    before = {"displayName": relationship.display_name, "status": relationship.status.value}
    for operation in operations.operations_of(uow, relationship):
        uow.unschedule(operation_key(operation.id))
    for request in requests.requests_of(uow, relationship):
        uow.unschedule(request_key(request.id))
    for assignment in assignments.assignments_of(uow, relationship):
        uow.unschedule(assignment_key(assignment.id))
        identity.close_delegated_access(uow, assignment.id)
        uow.db.execute(delete(AccessAssignmentRole).where(AccessAssignmentRole.assignment_id == assignment.id))
    for model in (RelationshipOperation, RelationshipRequest, AccessAssignment, AdminRelationshipRole):
        uow.db.execute(delete(model).where(model.relationship_id == key))
    uow.unschedule(f"{PASS_TIME}/{key}")
    uow.db.flush()
    uow.db.execute(delete(AdminRelationship).where(AdminRelationship.id == key))
    uow.db.expunge(relationship)
    uow.emit(AdminRelationshipRemoved(**said, reason=reason, before=before))
