"""The states of a programme, and the state of the account that follows from them.

Source: account-and-security §2 and §11.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from openpartner.partner.rules.verification import VettingStatus
from openpartner.platform.errors import Conflict


class ProgramState(StrEnum):
    PENDING_QUALIFICATION = "pending_qualification"
    QUALIFIED = "qualified"
    ACTIVE = "active"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


class ProgramAction(StrEnum):
    """activate: the partner agreement was accepted, or the programme needs none."""

    QUALIFY = "qualify"
    REJECT = "reject"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REAPPLY = "reapply"
    DEACTIVATE = "deactivate"


PROGRAM_TRANSITIONS: Mapping[tuple[ProgramState, ProgramAction], ProgramState] = MappingProxyType(
    {
        (ProgramState.PENDING_QUALIFICATION, ProgramAction.QUALIFY): ProgramState.QUALIFIED,
        (ProgramState.PENDING_QUALIFICATION, ProgramAction.REJECT): ProgramState.REJECTED,
        (ProgramState.PENDING_QUALIFICATION, ProgramAction.DEACTIVATE): ProgramState.DEACTIVATED,
        (ProgramState.QUALIFIED, ProgramAction.ACTIVATE): ProgramState.ACTIVE,
        (ProgramState.QUALIFIED, ProgramAction.REJECT): ProgramState.REJECTED,
        (ProgramState.QUALIFIED, ProgramAction.DEACTIVATE): ProgramState.DEACTIVATED,
        (ProgramState.ACTIVE, ProgramAction.SUSPEND): ProgramState.SUSPENDED,
        (ProgramState.ACTIVE, ProgramAction.DEACTIVATE): ProgramState.DEACTIVATED,
        (ProgramState.REJECTED, ProgramAction.REAPPLY): ProgramState.PENDING_QUALIFICATION,
        (ProgramState.REJECTED, ProgramAction.SUSPEND): ProgramState.SUSPENDED,
        (ProgramState.REJECTED, ProgramAction.DEACTIVATE): ProgramState.DEACTIVATED,
        (ProgramState.SUSPENDED, ProgramAction.REINSTATE): ProgramState.ACTIVE,
        (ProgramState.SUSPENDED, ProgramAction.REAPPLY): ProgramState.PENDING_QUALIFICATION,
        (ProgramState.SUSPENDED, ProgramAction.DEACTIVATE): ProgramState.DEACTIVATED,
    }
)


class ProgramUnreachable(Conflict):
    """The programme's state does not take this."""

    def __init__(self, state: ProgramState, action: ProgramAction) -> None:
        can = ", ".join(program_actions(state)) or "nothing"
        super().__init__(f"A programme that is {state.replace('_', ' ')} takes no {action}; it takes {can}.")


def program_actions(state: ProgramState) -> list[ProgramAction]:
    """What may be done with a programme next."""
    return [action for (source, action) in PROGRAM_TRANSITIONS if source is state]


def moved_program(state: ProgramState, action: ProgramAction) -> ProgramState:
    """The state after ``action``; raises ProgramUnreachable."""
    after = PROGRAM_TRANSITIONS.get((state, action))
    if after is None:
        raise ProgramUnreachable(state, action)
    return after


class AccountState(StrEnum):
    """The life of an account as a whole."""

    DRAFT = "draft"
    ENROLLED = "enrolled"
    UNDER_VERIFICATION = "under_verification"
    AUTHORIZED = "authorized"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


def account_state(
    *, suspended: bool, verified: VettingStatus, programs: Iterable[ProgramState], closed: bool = False
) -> AccountState:
    """The account's state, which follows from its parts.

    verified: of the last round that was decided, or of the first one. suspended: by the operator, or by a rejection.
    """
    states = set(programs)
    if closed:
        return AccountState.DEACTIVATED
    if suspended:
        return AccountState.SUSPENDED
    if not states:
        return AccountState.DRAFT
    if verified is VettingStatus.NONE:
        return AccountState.ENROLLED
    if verified is not VettingStatus.AUTHORIZED:
        return AccountState.UNDER_VERIFICATION
    return AccountState.ACTIVE if ProgramState.ACTIVE in states else AccountState.AUTHORIZED
