"""The outgoing mail: written in the business transaction, sent after it by due work, kept as the sandbox's mail box."""

import base64
import smtplib
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from html.parser import HTMLParser
from uuid import UUID

import msgspec
from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from openpartner.platform.db import Base, Json, TextEnum


class MailState(StrEnum):
    """Where a message is."""

    KEPT = "kept"  # the sandbox sends nothing
    WAITING = "waiting"
    SENT = "sent"


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes with a message. content: base64."""

    name: str
    media_type: str
    content: str


class MailMessage(Base):
    """One message to one person.

    html: the same as ``text`` for programs that show it, as its author wrote it; empty for plain ones.
    reply_to: whose message it is, where a person had us send it.
    """

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_recipient", "recipient", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str] = mapped_column(String(320), default="")
    attachments: Mapped[list[Attachment]] = mapped_column(Json(list[Attachment]), default=list)
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
    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=30) as smtp:
        smtp.send_message(written(message, sender))


def written(message: MailMessage, sender: str) -> EmailMessage:
    """A message as it goes over the wire."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.recipient, message.subject
    mail["Message-ID"] = f"<{message.id}@openpartner>"
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for each in message.attachments:
        kind, _, subtype = each.media_type.partition("/")
        mail.add_attachment(base64.b64decode(each.content), maintype=kind, subtype=subtype, filename=each.name)
    return mail


_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


class _Words(HTMLParser):
    """Collects what a reader of a page would see."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's shape
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.lines[-1] += data


def text_of(html: str) -> str:
    """What an HTML message says, a paragraph a line."""
    words = _Words()
    words.feed(html)
    words.close()
    return "\n".join(line for line in (" ".join(each.split()) for each in words.lines) if line)
