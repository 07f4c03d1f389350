"""A long-running operation: begun by a change of roles, carried on by time. Source: gdap §2.4, §6."""

from uuid import UUID

from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.operations import RelationshipOperationFailed, RelationshipOperationStarted
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.queries.operations import next_operation_number
from openpartner.relationships.rules.operations import OPERATION_TRANSITIONS, OperationStatus, OperationType
from openpartner.relationships.service.granular_states import PASS_OPERATION, touch


def start_operation(
    uow: UnitOfWork,
    relationship: AdminRelationship,
    kind: OperationType,
    roles: frozenset[UUID],
    *,
    assignment_id: UUID | None = None,
) -> RelationshipOperation:
    """Begin to change the roles of a relationship, or of one of its assignments. Emits RelationshipOperationStarted."""
    operation = RelationshipOperation(
        id=uow.ids.uuid(),
        relationship_id=relationship.id,
        number=next_operation_number(uow, relationship.id),
        assignment_id=assignment_id,
        operation_type=kind,
        status=OperationStatus.NOT_STARTED,
        roles=sorted(roles),
        created_at=uow.now,
        modified_at=uow.now,
    )
    uow.db.add(operation)
    uow.db.flush()
    uow.schedule(uow.now, PASS_OPERATION, {"operation_id": str(operation.id)}, key=operation_key(operation.id))
    uow.emit(
        RelationshipOperationStarted(
            partner_id=relationship.partner_id,
            customer_id=relationship.customer_id,
            operation_id=operation.id,
            relationship_id=relationship.id,
            kind_of=kind.value,
            after={"status": operation.status.value, "roles": [str(role) for role in operation.roles]},
        )
    )
    return operation


def operation_key(operation_id: UUID) -> str:
    """Under which its next step is scheduled."""
    return f"{PASS_OPERATION}/{operation_id}"


def move_operation(uow: UnitOfWork, operation: RelationshipOperation, target: OperationStatus) -> None:
    """The only place that assigns an operation's status."""
    if target not in OPERATION_TRANSITIONS[operation.status]:
        raise ValueError(f"An operation that is {operation.status} does not become {target}.")
    operation.status = target
    touch(uow, operation)


def fail_operation(
    uow: UnitOfWork, relationship: AdminRelationship, operation: RelationshipOperation, problem: str
) -> None:
    """It changes nothing, because of ``problem``. Emits RelationshipOperationFailed."""
    before = operation.status
    move_operation(uow, operation, OperationStatus.FAILED)
    operation.problem = problem
    uow.unschedule(operation_key(operation.id))
    uow.db.flush()
    uow.emit(
        RelationshipOperationFailed(
            partner_id=relationship.partner_id,
            customer_id=relationship.customer_id,
            operation_id=operation.id,
            relationship_id=relationship.id,
            problem=problem,
            before={"status": before.value},
            after={"status": operation.status.value},
        )
    )
