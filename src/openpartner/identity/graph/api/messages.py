"""Mail that is sent through Graph. Source: graph-endpoints, area me."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph.wire.messages import FileAttachment, MailWanted, Message, Recipient
from openpartner.identity.service.administering import mailing as service
from openpartner.identity.service.administering.mailing import Letter
from openpartner.platform.graph.answers import VERSION
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.mail import Attachment, text_of
from openpartner.platform.work import Begin

MOST_RECIPIENTS = 500
LARGEST = 3 * 1024 * 1024
_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


def letter_of(wanted: MailWanted) -> Letter:
    """Raises GraphInvalid with the codes of the original's mail."""
    message = wanted.message
    if not isinstance(message, Message):
        raise GraphInvalid("The required property 'message' is missing.", code="ErrorInvalidRequest", target="message")
    named = [*(message.to_recipients or ()), *(message.cc_recipients or ()), *(message.bcc_recipients or ())]
    recipients = tuple(dict.fromkeys(_address(each) for each in named))
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise GraphInvalid(
            f"A message has 1 to {MOST_RECIPIENTS} recipients, not {len(recipients)}.",
            code="ErrorInvalidRecipients",
            target="toRecipients",
        )
    content = (message.body.content if message.body else None) or ""
    is_html = message.body is not None and message.body.content_type.lower() == "html"
    answering = message.reply_to or ()
    return Letter(
        recipients=recipients,
        subject=" ".join((message.subject or "").split()),
        text=text_of(content) if is_html else content,
        html=content if is_html else "",
        sender=_address(message.sender) if message.sender else "",
        reply_to=_address(answering[0]) if answering else "",
        attachments=_files(message.attachments or ()),
    )


def _address(recipient: Recipient) -> str:
    given = (recipient.email_address.address or "").strip()
    if not _ADDRESS.fullmatch(given):
        raise GraphInvalid(
            f"At least one recipient isn't valid: '{given}' is no mail address.", code="ErrorInvalidRecipients"
        )
    return given


def _files(given: Sequence[FileAttachment]) -> tuple[Attachment, ...]:
    files = tuple(_file(each) for each in given)
    if sum(len(each.content) for each in files) * 3 // 4 > LARGEST:
        raise GraphInvalid("The attachments are larger than 3 MB in all.", code="ErrorMessageSizeExceeded")
    return files


def _file(given: FileAttachment) -> Attachment:
    if given.kind.lower().rpartition(".")[2] != "fileattachment":
        raise GraphInvalid(f"Attach files: '{given.kind}' cannot be sent.", code="ErrorInvalidRequest")
    media_type = given.content_type or "application/octet-stream"
    try:
        base64.b64decode(given.content_bytes or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise GraphInvalid(f"The content of '{given.name}' is not base64.", code="ErrorInvalidRequest") from error
    known = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    return Attachment(" ".join(given.name.split()) or "attachment", known, given.content_bytes or "")


def _send(begin: Begin, key: str | None, data: MailWanted) -> Response[Any]:
    with begin() as uow:
        service.send_mail(uow, key, letter_of(data))
    return Response(b"", status_code=202, headers=dict(VERSION), media_type="text/plain")


@post("/me/sendmail", status_code=202, sync_to_thread=True, opt={"operation": "POST /v1.0/me/sendMail"})
def send_my_mail(data: JSONBody[MailWanted], begin: NamedDependency[Begin]) -> Response[Any]:
    """Send a message in the caller's name."""
    return _send(begin, None, data)


@post("/users/{key:str}/sendmail", status_code=202, sync_to_thread=True)
def send_mail_of_user(key: FromPath[str], data: JSONBody[MailWanted], begin: NamedDependency[Begin]) -> Response[Any]:
    """Send a message in a user's name: an application, or the user itself."""
    return _send(begin, key, data)


ROUTES: list[Any] = [send_my_mail, send_mail_of_user]
