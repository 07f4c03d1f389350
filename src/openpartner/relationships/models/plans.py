"""The tables of bulk plans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, Json, TextEnum, Versioned, key_text
from openpartner.relationships.models.granular import ID_LENGTH
from openpartner.relationships.rules.plans import PlanState, RowState, Template


class BulkPlan(Versioned, Base):
    """One template for many customers. created_by: in whose name every relationship is requested.

    rehearsed_at: when a rehearsal last went through to the end. problem: why the worker stopped, if it did.
    """

    __tablename__ = "bulk_plan"
    __table_args__ = (Index("ix_bulk_plan_partner", "partner_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"))
    created_by_name: Mapped[str] = mapped_column(String(320))
    mfa: Mapped[bool]
    template: Mapped[Template] = mapped_column(Json(Template))
    state: Mapped[PlanState] = mapped_column(TextEnum(PlanState))
    problem: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]
    rehearsed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class BulkPlanRow(Base):
    """One customer of a plan, or an entry that names none. position: counts from 1.

    rehearsal: None before a rehearsal, empty when it would work, else the reason why not. reason: why it was refused,
    or why a group could not be assigned.
    """

    __tablename__ = "bulk_plan_row"
    __table_args__ = (
        Index("ix_bulk_plan_row_state", "plan_id", "state", "position"),
        Index("ix_bulk_plan_row_relationship", "relationship_id"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_plan.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[str] = mapped_column(String(256))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    customer_name: Mapped[str] = mapped_column(String(256), default="")
    state: Mapped[RowState] = mapped_column(TextEnum(RowState))
    rehearsal: Mapped[str | None] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(String(400), default="")
    relationship_id: Mapped[str | None] = mapped_column(key_text(ID_LENGTH))
    done_at: Mapped[datetime | None]
