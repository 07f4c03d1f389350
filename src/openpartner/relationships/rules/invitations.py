"""An invitation, to a reseller or to a customer: its letter, and what becomes of it.

Source: gdap §10, §14; portal-workspaces §2.3, §2.8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.customers.rules import is_email
from openpartner.platform.errors import Conflict, Invalid, InvalidFields

MOST_RECIPIENTS = 25
LONGEST_SUBJECT = 200
LONGEST_TEXT = 4_000
LONGEST_REASON = 400


class InvitationState(StrEnum):
    """Where an invitation stands, to a reseller or to a customer."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class InvitationAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


INVITATION_TRANSITIONS: Mapping[tuple[InvitationState, InvitationAction], InvitationState] = MappingProxyType(
    {
        (InvitationState.SENT, InvitationAction.ACCEPT): InvitationState.ACCEPTED,
        (InvitationState.SENT, InvitationAction.REFUSE): InvitationState.REFUSED,
        (InvitationState.SENT, InvitationAction.WITHDRAW): InvitationState.WITHDRAWN,
    }
)


class InvitationClosed(Conflict):
    """The invitation was answered or withdrawn before."""

    def __init__(self, state: InvitationState) -> None:
        super().__init__(f"This invitation was {state} before. Ask for a new one.", state=str(state))


def moved_invitation(state: InvitationState, action: InvitationAction) -> InvitationState:
    """The state after ``action``; raises InvitationClosed."""
    after = INVITATION_TRANSITIONS.get((state, action))
    if after is None:
        raise InvitationClosed(state)
    return after


# --- the mail of an invitation


@dataclass(frozen=True)
class Letter:
    """What is written to whom. The link is not part of the text: it is added below it, unchanged."""

    recipients: tuple[str, ...]
    subject: str
    text: str


class LinkInText(Invalid):
    """The text may be edited, the link may not. Source: portal-workspaces §2.3."""

    def __init__(self) -> None:
        super().__init__("Leave addresses out of the text: the link is added below it.")


def addresses_in(text: str) -> tuple[str, ...]:
    """The mail addresses of a field: parted by commas, semicolons, blanks or lines; each once, in small letters."""
    parts = text.replace(",", " ").replace(";", " ").split()
    return tuple(dict.fromkeys(part.lower() for part in parts))


def written(recipients: Iterable[str], subject: str, text: str) -> Letter:
    """The letter as it goes out. Raises InvalidFields, LinkInText."""
    wanted = tuple(recipients)
    bad = [address for address in wanted if not is_email(address)]
    problems: dict[str, str] = {}
    if not wanted:
        problems["recipients"] = "Name at least one email address."
    elif bad:
        problems["recipients"] = f"{bad[0]} is not an email address: write name@domain."
    elif len(wanted) > MOST_RECIPIENTS:
        problems["recipients"] = f"Write to {MOST_RECIPIENTS} addresses at once at most."
    if not 1 <= len(subject.strip()) <= LONGEST_SUBJECT:
        problems["subject"] = f"The subject must have 1 to {LONGEST_SUBJECT} characters."
    if not 1 <= len(text.strip()) <= LONGEST_TEXT:
        problems["text"] = f"The text must have 1 to {LONGEST_TEXT} characters."
    if problems:
        raise InvalidFields(problems)
    if "://" in text:
        raise LinkInText
    return Letter(wanted, " ".join(subject.split()), text.strip())


def reason_given(text: str) -> str:
    """Why somebody refused, in one line. Raises InvalidFields when it is too long."""
    reason = " ".join(text.split())
    if len(reason) > LONGEST_REASON:
        raise InvalidFields({"reason": f"Give the reason in {LONGEST_REASON} characters at most."})
    return reason
