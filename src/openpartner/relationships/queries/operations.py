"""Reads of long-running operations. A relationship the actor sees shows its operations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.rules.operations import DONE


class OperationUnknown(NotFound):
    """Source: gdap §8."""

    code = "itemNotFound"

    def __init__(self, operation_id: object) -> None:
        super().__init__("The operation", operation_id)


def operations_of(uow: UnitOfWork, relationship: AdminRelationship) -> Sequence[RelationshipOperation]:
    """Every operation on a relationship the actor has seen, the oldest first."""
    return uow.db.scalars(
        select(RelationshipOperation)
        .where(RelationshipOperation.relationship_id == relationship.id)
        .order_by(RelationshipOperation.number)
    ).all()


def one_operation(uow: UnitOfWork, relationship: AdminRelationship, operation_id: UUID) -> RelationshipOperation:
    """One of them. Raises OperationUnknown."""
    found = uow.db.get(RelationshipOperation, operation_id)
    if found is None or found.relationship_id != relationship.id:
        raise OperationUnknown(operation_id)
    return found


def open_operations(
    uow: UnitOfWork, relationship_id: str, assignment_id: UUID | None = None
) -> Sequence[RelationshipOperation]:
    """The operations that are still on their way: on one assignment, or on everything of a relationship."""
    statement = select(RelationshipOperation).where(
        RelationshipOperation.relationship_id == relationship_id, RelationshipOperation.status.not_in(sorted(DONE))
    )
    if assignment_id is not None:
        statement = statement.where(RelationshipOperation.assignment_id == assignment_id)
    return uow.db.scalars(statement.order_by(RelationshipOperation.number)).all()


def next_operation_number(uow: UnitOfWork, relationship_id: str) -> int:
    """The number of a relationship's next operation; its row is held."""
    statement = select(func.coalesce(func.max(RelationshipOperation.number), 0))
    return 1 + (uow.db.scalar(statement.where(RelationshipOperation.relationship_id == relationship_id)) or 0)
