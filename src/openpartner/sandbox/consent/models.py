"""The tables of the consent simulator: standing policies in their order, and every decision, planned or taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, TextEnum
from openpartner.sandbox.consent.rules import Answer, DecisionState, Matter, Policy

_PLANNED = text("state = 'planned'")


class ConsentPolicy(Base):
    """A standing policy. position: the order in which they are asked."""

    __tablename__ = "sandbox_consent_policy"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    answer: Mapped[Answer] = mapped_column(TextEnum(Answer))
    matter: Mapped[Matter | None] = mapped_column(TextEnum(Matter))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    after: Mapped[str] = mapped_column(String(40))
    one_in: Mapped[int]
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]

    def policy(self) -> Policy:
        """The values that the rules take."""
        return Policy(self.answer, self.matter, self.partner_id, self.customer_id, self.after, self.one_in, self.reason)


class ConsentDecision(Base):
    """A decision about one request: by whom, when, why, and what came of it.

    subject_id: of the relationship or invitation. title, asker_name, customer_name: as they were then.
    policy_id: None for a call of somebody's. due_at: when a planned one is taken. admin: the user in whose name.
    problem: why it could not be taken.
    """

    __tablename__ = "sandbox_consent_decision"
    __table_args__ = (
        Index(
            "uq_sandbox_consent_decision_planned",
            "matter",
            "subject_id",
            unique=True,
            sqlite_where=_PLANNED,
            postgresql_where=_PLANNED,
        ),
        Index("ix_sandbox_consent_decision_subject", "subject_id", "made_at"),
        Index("ix_sandbox_consent_decision_made", "made_at", "id"),
        Index("ix_sandbox_consent_decision_state", "state", "made_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter: Mapped[Matter] = mapped_column(TextEnum(Matter))
    subject_id: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(256))
    asker_name: Mapped[str] = mapped_column(String(256))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    customer_name: Mapped[str] = mapped_column(String(256), default="")
    answer: Mapped[Answer] = mapped_column(TextEnum(Answer))
    reason: Mapped[str] = mapped_column(String(400), default="")
    policy_id: Mapped[UUID | None]
    state: Mapped[DecisionState] = mapped_column(TextEnum(DecisionState))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    admin: Mapped[str] = mapped_column(String(320), default="")
    problem: Mapped[str] = mapped_column(String(600), default="")
