"""Verification: three checks in turn, each a table of states, and what they come to together.

Source: account-and-security §2; partner-center-resources §15.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from openpartner.partner.rules.enrolment import CONSUMER_MAIL
from openpartner.platform import addresses
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Conflict


class Check(StrEnum):
    """What is verified of an account, in this order."""

    EMAIL_OWNERSHIP = "email_ownership"
    EMPLOYMENT = "employment"
    BUSINESS = "business"


class CheckState(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    ACTION_REQUIRED = "action_required"
    AUTHORIZED = "authorized"
    REJECTED = "rejected"
    CHALLENGED = "challenged"


class CheckAction(StrEnum):
    """start: the check's turn has come. ask: the partner must do something. answer: it has done it.

    authorize, reject: the decision. appeal: the partner challenges a rejection.
    """

    START = "start"
    ASK = "ask"
    ANSWER = "answer"
    AUTHORIZE = "authorize"
    REJECT = "reject"
    APPEAL = "appeal"


_Transitions = Mapping[tuple[CheckState, CheckAction], CheckState]

_REVIEWED: _Transitions = MappingProxyType(
    {
        (CheckState.NOT_STARTED, CheckAction.START): CheckState.IN_PROGRESS,
        (CheckState.IN_PROGRESS, CheckAction.ASK): CheckState.ACTION_REQUIRED,
        (CheckState.IN_PROGRESS, CheckAction.AUTHORIZE): CheckState.AUTHORIZED,
        (CheckState.IN_PROGRESS, CheckAction.REJECT): CheckState.REJECTED,
        (CheckState.ACTION_REQUIRED, CheckAction.ANSWER): CheckState.IN_PROGRESS,
        (CheckState.ACTION_REQUIRED, CheckAction.REJECT): CheckState.REJECTED,
        (CheckState.REJECTED, CheckAction.APPEAL): CheckState.CHALLENGED,
        (CheckState.CHALLENGED, CheckAction.ASK): CheckState.ACTION_REQUIRED,
        (CheckState.CHALLENGED, CheckAction.AUTHORIZE): CheckState.AUTHORIZED,
        (CheckState.CHALLENGED, CheckAction.REJECT): CheckState.REJECTED,
    }
)

CHECK_TRANSITIONS: Mapping[Check, _Transitions] = MappingProxyType(
    {
        # A mailbox is proven by the code sent to it: nobody reviews, so there is nothing to appeal to
        Check.EMAIL_OWNERSHIP: MappingProxyType(
            {
                (CheckState.NOT_STARTED, CheckAction.START): CheckState.IN_PROGRESS,
                (CheckState.IN_PROGRESS, CheckAction.ASK): CheckState.ACTION_REQUIRED,
                (CheckState.IN_PROGRESS, CheckAction.AUTHORIZE): CheckState.AUTHORIZED,
                (CheckState.ACTION_REQUIRED, CheckAction.ANSWER): CheckState.IN_PROGRESS,
                (CheckState.ACTION_REQUIRED, CheckAction.REJECT): CheckState.REJECTED,
                (CheckState.REJECTED, CheckAction.ANSWER): CheckState.IN_PROGRESS,
            }
        ),
        Check.EMPLOYMENT: _REVIEWED,
        Check.BUSINESS: _REVIEWED,
    }
)

MOST_APPEALS = 3
SUSPENDED_AFTER = timedelta(days=30)
"""A rejection that stands so long suspends the membership."""

RESEND_AFTER_WORKING_DAYS = 1
SLOW_AFTER_WORKING_DAYS = 5
_SATURDAY = 5


class VettingStatus(StrEnum):
    """The whole verification, in the words of the wire."""

    NONE = "none"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    REJECTED = "rejected"


class VettingSubStatus(StrEnum):
    """Where the verification stands, in the words of the wire."""

    NONE = "none"
    ENTRY = "entry"
    EMAIL_OWNERSHIP = "email_ownership"
    EMAIL_DOMAIN = "email_domain"
    EMPLOYMENT_VERIFICATION = "employment_verification"
    DECISION = "decision"
    OTHER = "other"
    BUSINESS_VERIFICATION = "business_verification"


_SUB_STATUS: Mapping[Check, VettingSubStatus] = MappingProxyType(
    {
        Check.EMAIL_OWNERSHIP: VettingSubStatus.EMAIL_OWNERSHIP,
        Check.EMPLOYMENT: VettingSubStatus.EMPLOYMENT_VERIFICATION,
        Check.BUSINESS: VettingSubStatus.BUSINESS_VERIFICATION,
    }
)


class CheckUnreachable(Conflict):
    """The check does not take this now."""

    def __init__(self, check: Check, state: CheckState, action: CheckAction) -> None:
        words = check.replace("_", " ")
        can = ", ".join(check_actions(check, state)) or "nothing"
        super().__init__(
            f"The check of {words} is {state.replace('_', ' ')} and takes no {action}; it takes {can}.",
            check=str(check),
            state=str(state),
        )


class AppealsUsedUp(Conflict):
    """Source: account-and-security §2: up to three appeals."""

    def __init__(self) -> None:
        super().__init__(f"This check was appealed {MOST_APPEALS} times; create a support request.")


def check_actions(check: Check, state: CheckState) -> list[CheckAction]:
    """What may be done with a check next. The portal's buttons read this."""
    return [action for (source, action) in CHECK_TRANSITIONS[check] if source is state]


def moved_check(check: Check, state: CheckState, action: CheckAction, *, appeals: int = 0) -> CheckState:
    """The state after ``action``; ``appeals`` were made before. Raises CheckUnreachable, AppealsUsedUp."""
    after = CHECK_TRANSITIONS[check].get((state, action))
    if after is None:
        raise CheckUnreachable(check, state, action)
    if action is CheckAction.APPEAL and appeals >= MOST_APPEALS:
        raise AppealsUsedUp
    return after


def next_check(states: Mapping[Check, CheckState]) -> Check | None:
    """The check whose turn has come: the first not started, once every one before it is authorized."""
    for check in Check:
        if states[check] is CheckState.NOT_STARTED:
            return check
        if states[check] is not CheckState.AUTHORIZED:
            return None
    return None


def vetting(states: Mapping[Check, CheckState]) -> tuple[VettingStatus, VettingSubStatus]:
    """What the checks of a round come to together."""
    if all(state is CheckState.NOT_STARTED for state in states.values()):
        return VettingStatus.PENDING, VettingSubStatus.ENTRY
    for check in Check:
        if states[check] is CheckState.REJECTED:
            return VettingStatus.REJECTED, _SUB_STATUS[check]
    for check in Check:
        if states[check] is not CheckState.AUTHORIZED:
            return VettingStatus.PENDING, _SUB_STATUS[check]
    return VettingStatus.AUTHORIZED, VettingSubStatus.NONE


def suspended_at(rejected_at: datetime) -> datetime:
    """From when on a rejection suspends the membership."""
    return rejected_at + SUSPENDED_AFTER


def resend_from(sent_at: datetime) -> datetime:
    """From when on the mail of the e-mail check may be sent again."""
    return after_working_days(sent_at, RESEND_AFTER_WORKING_DAYS)


def slow_from(submitted_at: datetime) -> datetime:
    """From when on a check takes longer than it should, and support may be asked."""
    return after_working_days(submitted_at, SLOW_AFTER_WORKING_DAYS)


def after_working_days(at: datetime, days: int) -> datetime:
    """The same time of day, so many days later that are neither Saturday nor Sunday (UTC)."""
    later = at
    while days:
        later += timedelta(days=1)
        days -= later.weekday() < _SATURDAY
    return later


def proves_employment(contact_email: str, owned_domains: Collection[str]) -> bool:
    """Whether the contact's mail is at a domain that the company owns: then the check passes without documents."""
    domain = contact_email.strip().rpartition("@")[2].casefold()
    return domain in {owned.casefold() for owned in owned_domains} and domain not in CONSUMER_MAIL


def business_doubt(company_name: str, address: Address) -> str:
    """What a reviewer would reject at first sight; empty when nothing is. Source: account-and-security §2."""
    if addresses.is_post_box(address):
        return "The address is a post box; give the company's registered address."
    if not company_name.strip():
        return "The legal name is missing."
    return ""
