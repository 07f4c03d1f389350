"""Mail that people send through Graph. Source: graph-endpoints, area me; the message type, as far as it is sent."""

import msgspec
from msgspec import UNSET, UnsetType

from openpartner.platform.graph.bodies import Change


class EmailAddress(msgspec.Struct, rename="camel"):
    """A mail address."""

    address: str | None = None
    name: str | None = None


class Recipient(msgspec.Struct, rename="camel"):
    """Somebody who gets a message."""

    email_address: EmailAddress = msgspec.field(default_factory=EmailAddress)


class ItemBody(msgspec.Struct, rename="camel"):
    """What a message says."""

    content_type: str = "text"
    content: str | None = None


class FileAttachment(msgspec.Struct, rename="camel"):
    """A file; other kinds of attachments have no content of their own."""

    kind: str = msgspec.field(default="#microsoft.graph.fileAttachment", name="@odata.type")
    name: str = "attachment"
    content_type: str | None = None
    content_bytes: str | None = None


class Message(msgspec.Struct, rename="camel"):
    """A message. Members that change nothing of what is sent are left aside."""

    subject: str | None = None
    body: ItemBody | None = None
    to_recipients: list[Recipient] | None = None
    cc_recipients: list[Recipient] | None = None
    bcc_recipients: list[Recipient] | None = None
    sender: Recipient | None = msgspec.field(default=None, name="from")
    reply_to: list[Recipient] | None = None
    attachments: list[FileAttachment] | None = None


class MailWanted(Change, kw_only=True):
    """What ``sendMail`` takes. ``saveToSentItems`` comes as true and as ``"true"``; the mail box has one list."""

    message: Message | UnsetType | None = UNSET
    save_to_sent_items: bool | str | UnsetType | None = UNSET
