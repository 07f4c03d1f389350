"""The tables of the indirect model: which provider works with which reseller, and the invitations that lead there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, TextEnum, Versioned
from openpartner.relationships.rules.invitations import InvitationState
from openpartner.relationships.rules.partnerships import PartnershipState


class Partnership(Versioned, Base):
    """An indirect provider and an indirect reseller that act together. One row for the two, whatever became of it.

    since_at: of the present or last time together. ended_by: the tenant that ended it.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        UniqueConstraint("provider_id", "reseller_id"),
        Index("ix_partnership_reseller", "reseller_id", "provider_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    reseller_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    state: Mapped[PartnershipState] = mapped_column(TextEnum(PartnershipState))
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class PartnershipInvitation(Versioned, Base):
    """One mail of a provider to one reseller-to-be. Its id is what the link carries: it is not to be guessed.

    reseller_id: who answered. answered_by: that user's name.
    """

    __tablename__ = "partnership_invitation"
    __table_args__ = (Index("ix_partnership_invitation_provider", "provider_id", "sent_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    state: Mapped[InvitationState] = mapped_column(TextEnum(InvitationState))
    sent_by: Mapped[str] = mapped_column(String(320))
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(320), default="")
    reseller_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    reason: Mapped[str] = mapped_column(String(400), default="")


class SandboxReseller(Base):
    """An indirect reseller that a provider made for trying things out: those count towards its number.

    deleted_at: when the provider gave it back; the row stays, so that deleting again finds it.
    """

    __tablename__ = "sandbox_reseller"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    made_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
