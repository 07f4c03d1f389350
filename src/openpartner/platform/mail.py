"""The outgoing mail: written in the business transaction, sent after it by due work, kept as the sandbox's mail box."""

import smtplib
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.db import Base, TextEnum


class MailState(StrEnum):
    """Where a message is."""

    KEPT = "kept"  # the sandbox sends nothing
    WAITING = "waiting"
    SENT = "sent"


class MailMessage(Base):
    """One message to one person."""

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_recipient", "recipient", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str]
    text: Mapped[str]
    topic: Mapped[str] = mapped_column(String(80))
    tenant_id: Mapped[UUID | None]
    state: Mapped[MailState] = mapped_column(TextEnum(MailState))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def newest(db: Session, *, recipient: str | None = None, limit: int = 100) -> list[MailMessage]:
    """The latest messages, newest first."""
    statement = select(MailMessage).order_by(MailMessage.created_at.desc(), MailMessage.id).limit(limit)
    if recipient is not None:
        statement = statement.where(MailMessage.recipient == recipient.lower())
    return list(db.scalars(statement))


def send(message: MailMessage, *, server: str, sender: str) -> None:
    """Hand one message to the SMTP server ``host:port``. Raises OSError or SMTPException: due work tries again.

    The message's id is its Message-ID, so a receiver can tell a repeat.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.recipient, message.subject
    mail["Message-ID"] = f"<{message.id}@openpartner>"
    mail.set_content(message.text)
    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=30) as smtp:
        smtp.send_message(mail)
