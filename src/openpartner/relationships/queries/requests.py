"""Reads of requests. A relationship the actor sees shows its requests."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.requests import RelationshipRequest


class RequestUnknown(NotFound):
    """Source: gdap §8."""

    code = "itemNotFound"

    def __init__(self, request_id: object) -> None:
        super().__init__("The request", request_id)


def requests_of(uow: UnitOfWork, relationship: AdminRelationship) -> Sequence[RelationshipRequest]:
    """Every request of a relationship the actor has seen, the oldest first."""
    return uow.db.scalars(
        select(RelationshipRequest)
        .where(RelationshipRequest.relationship_id == relationship.id)
        .order_by(RelationshipRequest.number)
    ).all()


def one_request(uow: UnitOfWork, relationship: AdminRelationship, request_id: UUID) -> RelationshipRequest:
    """One of them. Raises RequestUnknown."""
    found = uow.db.get(RelationshipRequest, request_id)
    if found is None or found.relationship_id != relationship.id:
        raise RequestUnknown(request_id)
    return found


def next_request_number(uow: UnitOfWork, relationship_id: str) -> int:
    """The number of a relationship's next request; its row is held."""
    statement = select(func.coalesce(func.max(RelationshipRequest.number), 0))
    return 1 + (uow.db.scalar(statement.where(RelationshipRequest.relationship_id == relationship_id)) or 0)
