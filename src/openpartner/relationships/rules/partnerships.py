"""When an indirect provider and an indirect reseller may work together, and what becomes of an invitation.

Source: gdap §14.5; account-and-security §3; portal-workspaces §2.8; partner-center-resources §3, PartnerRelationship.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.customers.rules import is_email
from openpartner.partner.rules import PartnerKind, Region
from openpartner.platform.errors import Conflict, Forbidden, Invalid, InvalidFields
from openpartner.platform.http.filters import Fields, Operator

MOST_RECIPIENTS = 25
LONGEST_SUBJECT = 200
LONGEST_TEXT = 4_000
LONGEST_REASON = 400


class PartnershipState(StrEnum):
    """Whether the two may act together now."""

    ACTIVE = "active"
    ENDED = "ended"


class PartnershipAction(StrEnum):
    ACCEPT = "accept"
    END = "end"


PARTNERSHIP_TRANSITIONS: Mapping[tuple[PartnershipState | None, PartnershipAction], PartnershipState] = (
    MappingProxyType(
        {
            (None, PartnershipAction.ACCEPT): PartnershipState.ACTIVE,
            (PartnershipState.ENDED, PartnershipAction.ACCEPT): PartnershipState.ACTIVE,
            (PartnershipState.ACTIVE, PartnershipAction.END): PartnershipState.ENDED,
        }
    )
)
"""None: the two never were partners."""


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


class PartnershipUnreachable(Conflict):
    """The partnership's state does not take this."""

    def __init__(self, state: PartnershipState | None, action: PartnershipAction) -> None:
        words = "You are partners already." if action is PartnershipAction.ACCEPT else "This partnership has ended."
        super().__init__(words, state=str(state), action=str(action))


class NotAProvider(Forbidden):
    """Only an indirect provider has indirect resellers. Source: portal-workspaces §2.8."""

    def __init__(self) -> None:
        super().__init__(
            "Only an active indirect provider works with indirect resellers. Enrol as one under Account settings."
        )


class NotAReseller(Forbidden):
    """Only an indirect reseller has indirect providers. Source: portal-workspaces §2.8."""

    def __init__(self) -> None:
        super().__init__("Only an active indirect reseller accepts. Enrol as one under Account settings, then open it.")


class ResellerUnsigned(Forbidden):
    """Source: partner-center-conventions §19, 900123."""

    code = 900123

    def __init__(self) -> None:
        super().__init__(
            "The indirect reseller has not signed the partner agreement. Its Global admin signs it under Agreements."
        )


class RegionsDiffer(Forbidden):
    """A provider sells in its own region. Source: account-and-security §1."""

    def __init__(self, provider: Region, reseller: Region) -> None:
        super().__init__(
            f"The provider sells in the region {provider}, the reseller in {reseller}. Work with one of your region.",
            provider=provider.value,
            reseller=reseller.value,
        )


@dataclass(frozen=True)
class Side:
    """One of the two. kind: how it takes part in the reseller programme at present; None when it does not."""

    kind: PartnerKind | None
    region: Region
    is_signed: bool


def moved_partnership(state: PartnershipState | None, action: PartnershipAction) -> PartnershipState:
    """The state after ``action``; raises PartnershipUnreachable."""
    after = PARTNERSHIP_TRANSITIONS.get((state, action))
    if after is None:
        raise PartnershipUnreachable(state, action)
    return after


def moved_invitation(state: InvitationState, action: InvitationAction) -> InvitationState:
    """The state after ``action``; raises InvitationClosed."""
    after = INVITATION_TRANSITIONS.get((state, action))
    if after is None:
        raise InvitationClosed(state)
    return after


def check_partners(provider: Side, reseller: Side) -> None:
    """Whether the two may become partners. Raises NotAProvider, NotAReseller, ResellerUnsigned, RegionsDiffer.

    A reseller whose programme waits only for its agreement is told so: that is what it can mend.
    """
    if provider.kind is not PartnerKind.INDIRECT_PROVIDER:
        raise NotAProvider
    if not reseller.is_signed and reseller.kind in {None, PartnerKind.INDIRECT_RESELLER}:
        raise ResellerUnsigned
    if reseller.kind is not PartnerKind.INDIRECT_RESELLER:
        raise NotAReseller
    if provider.region is not reseller.region:
        raise RegionsDiffer(provider.region, reseller.region)


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
        problems["recipients"] = "Name at least one mail address."
    elif bad:
        problems["recipients"] = f"{bad[0]} is not a mail address: write name@domain."
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


FILTER_FIELDS: Fields = MappingProxyType({"Name": frozenset({Operator.STARTS_WITH, Operator.SUBSTRING})})
"""By what a list of partners may be filtered. Source: partner-center-conventions §10."""
