"""The invitations of customers into a reseller relationship, and what became of each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, TextEnum, Versioned
from openpartner.relationships.models.granular import ID_LENGTH
from openpartner.relationships.rules.invitations import InvitationState


class ResellerInvitation(Versioned, Base):
    """One mail to one customer, or the answer of a customer that came by the partner's plain link.

    inviter_id: the tenant that sent it. partner_id: the partner that asks, of a combined invitation the reseller;
    provider_id: then its provider. recipient: empty when the customer came by the plain link.
    granular_id: the admin relationship that was asked for with it. customer_id, customer_name: who answered.
    """

    __tablename__ = "reseller_invitation"
    __table_args__ = (
        Index("ix_reseller_invitation_inviter", "inviter_id", "sent_at", "id"),
        Index("ix_reseller_invitation_partner_recipient", "partner_id", "state", "recipient"),
        Index("ix_reseller_invitation_customer", "customer_id", "answered_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inviter_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    recipient: Mapped[str] = mapped_column(String(320), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(default="")
    granular_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    state: Mapped[InvitationState] = mapped_column(TextEnum(InvitationState))
    sent_by: Mapped[str] = mapped_column(String(320), default="")
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(320), default="")
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    customer_name: Mapped[str] = mapped_column(String(256), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
