"""The tables of access assignments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, TextEnum, Versioned, key_text
from openpartner.relationships.models.granular import ID_LENGTH
from openpartner.relationships.rules.assignments import AssignmentStatus

_LIVES = text("status <> 'deleted'")


class AccessAssignment(Versioned, Base):
    """A security group of the partner that holds some of a relationship's roles. Deleted ones stay listed.

    partner_id, customer_id: copies of the relationship's. problem: why its status is ``error``.
    """

    __tablename__ = "access_assignment"
    __table_args__ = (
        Index(
            "uq_access_assignment_living",
            "relationship_id",
            "group_id",
            unique=True,
            sqlite_where=_LIVES,
            postgresql_where=_LIVES,
        ),
        Index("ix_access_assignment_relationship", "relationship_id", "created_at", "id"),
        Index("ix_access_assignment_group", "group_id", "status"),
        Index("ix_access_assignment_customer", "customer_id", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    relationship_id: Mapped[str] = mapped_column(key_text(ID_LENGTH), ForeignKey("admin_relationship.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    group_id: Mapped[UUID] = mapped_column(ForeignKey("directory_group.id"))
    status: Mapped[AssignmentStatus] = mapped_column(TextEnum(AssignmentStatus))
    problem: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]


class AccessAssignmentRole(Base):
    """A role that the group holds, by template id."""

    __tablename__ = "access_assignment_role"

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("access_assignment.id"), primary_key=True)
    role_template_id: Mapped[UUID] = mapped_column(primary_key=True)
