"""The table of long-running operations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, Json, TextEnum, Versioned, key_text
from openpartner.relationships.models.granular import ID_LENGTH
from openpartner.relationships.rules.operations import OperationStatus, OperationType


class RelationshipOperation(Versioned, Base):
    """A change of roles on its way. number: counts them in their relationship.

    assignment_id: None when it changes the relationship itself. roles: the wanted ones. problem: why it failed.
    """

    __tablename__ = "relationship_operation"
    __table_args__ = (Index("ix_relationship_operation_relationship", "relationship_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    relationship_id: Mapped[str] = mapped_column(key_text(ID_LENGTH), ForeignKey("admin_relationship.id"))
    number: Mapped[int]
    assignment_id: Mapped[UUID | None] = mapped_column(ForeignKey("access_assignment.id"), index=True)
    operation_type: Mapped[OperationType] = mapped_column(TextEnum(OperationType))
    status: Mapped[OperationStatus] = mapped_column(TextEnum(OperationStatus))
    roles: Mapped[list[UUID]] = mapped_column(Json(list[UUID]))
    problem: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
