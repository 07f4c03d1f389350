"""Mail that people and applications send in a person's name."""

from dataclasses import dataclass

from openpartner.identity.events import MailSent
from openpartner.identity.models import User
from openpartner.identity.service.administering.allowing import own_user
from openpartner.identity.service.administering.finding import user_named
from openpartner.identity.service.scope import scope_of
from openpartner.platform.actor import ActorKind
from openpartner.platform.graph.errors import RequestDenied
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.mail import Attachment
from openpartner.platform.work import UnitOfWork

MAIL_SEND = "Mail.Send"
TOPIC = "person"


@dataclass(frozen=True)
class Letter:
    """What is sent to whom. sender: who it says it is from, reply_to: who answers go to; empty for the author."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    sender: str = ""
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()


class SendAsDenied(RequestDenied):
    """A message says that it is from somebody else."""

    code = "ErrorSendAsDenied"

    def __init__(self, sender: str) -> None:
        super().__init__(f"The message is from {sender}, whose mail you cannot send. Leave 'from' out.")


def send_mail(uow: UnitOfWork, key: str | None, letter: Letter) -> None:
    """Send a message to each of its recipients in a user's name; None: the caller's own.

    Raises ScopeNeeded, GraphInvalid, ResourceMissing, SendAsDenied. Emits MailSent.
    """
    require_scope(uow.actor, MAIL_SEND)
    author = _author(uow, key)
    addresses = {each.lower() for each in (author.mail, author.upn) if each}
    if letter.sender and letter.sender.lower() not in addresses:
        raise SendAsDenied(letter.sender)
    sent = [
        uow.mail(
            recipient,
            letter.subject,
            letter.text,
            topic=TOPIC,
            tenant_id=author.tenant_id,
            html=letter.html,
            reply_to=letter.reply_to or author.mail or author.upn,
            attachments=letter.attachments,
        )
        for recipient in letter.recipients
    ]
    uow.emit(
        MailSent(
            **scope_of(uow, author.tenant_id),
            tenant_id=author.tenant_id,
            user_id=author.id,
            after={"subject": letter.subject, "messages": [str(each.id) for each in sent]},
        )
    )


def _author(uow: UnitOfWork, key: str | None) -> User:
    if key is None or uow.actor.kind is not ActorKind.APP:
        own = own_user(uow, MAIL_SEND)
        if key is not None and user_named(uow, uow.actor.tenant, key).id != own.id:
            raise RequestDenied("A user sends its own mail only.")
        return own
    return user_named(uow, uow.actor.tenant, key)
