"""Registrations, what is to be delivered, each try of it, and the keys that sign."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.platform.db import Base, BigId, Json, TextEnum
from openpartner.webhooks.rules.deliveries import Origin, State


class WebhookRegistration(Base):
    """Where a tenant wants to hear of which events. One a tenant.

    origin: what this server is called in deliveries: as the tenant called it. secret, previous_secret: sealed; the
    earlier one signs as well until ``previous_until``.
    """

    __tablename__ = "webhook_registration"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    subscriber_id: Mapped[UUID] = mapped_column(unique=True)
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(Json(list[str]))
    in_own_header: Mapped[bool]
    properties: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    origin: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str]
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]


class WebhookQueue(Base):
    """The line of a tenant's deliveries: who holds its row adds to it or takes from it.

    Only the log's reader, which holds the log already, and the errand lock it; neither announces anything after.
    failing_since: since when no try was taken; None while the receiver answers.
    """

    __tablename__ = "webhook_queue"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    taken_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One message on its way. ``number`` is its place in the line.

    message_id: of the event; the same whenever it is sent, so that a receiver can tell a repeat. url, origin: of one
    that a person fired; other deliveries go where the registration says at the time. record_id: the audit record.
    test_id: what the result of a test is asked for by. repeats, repeated_as: the delivery sent again, and as which.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_tenant", "tenant_id", "number"),
        Index("ix_webhook_delivery_line", "tenant_id", "is_in_line", "state", "number"),
        Index("ix_webhook_delivery_ended", "ended_at"),
    )

    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    message_id: Mapped[UUID]
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    customer_id: Mapped[UUID | None]
    why: Mapped[Origin] = mapped_column(TextEnum(Origin))
    is_in_line: Mapped[bool]
    event_name: Mapped[str] = mapped_column(String(100))
    body: Mapped[str]
    url: Mapped[str | None] = mapped_column(String(2000))
    origin: Mapped[str | None] = mapped_column(String(300))
    record_id: Mapped[str | None] = mapped_column(String(500))
    test_id: Mapped[UUID | None] = mapped_column(unique=True)
    repeats: Mapped[UUID | None]
    repeated_as: Mapped[UUID | None]
    state: Mapped[State] = mapped_column(TextEnum(State))
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One try. at: the world's instant. sent_at: the machine's, which the receiver's clock is held against.

    status: None where nothing came back. why: what happened then, else the receiver's own word beside the status.
    """

    __tablename__ = "webhook_attempt"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    sent_at: Mapped[datetime]
    url: Mapped[str] = mapped_column(String(2000))
    headers: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    status: Mapped[int | None]
    why: Mapped[str]
    answer_headers: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    answer_body: Mapped[str]
    milliseconds: Mapped[int]


class WebhookKey(Base):
    """A key of the world's own that signs deliveries, sealed. The one with the highest serial signs."""

    __tablename__ = "webhook_key"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    serial: Mapped[int] = mapped_column(unique=True)
    private_pem: Mapped[str]
    created_at: Mapped[datetime]
