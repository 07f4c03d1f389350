"""What an account may not do before it is ready, why, and the next step. Source: account-and-security §2 to §4."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.partner.rules.agreement import AgreementState
from openpartner.partner.rules.enrolment import PROGRAM_WORDS, Program
from openpartner.partner.rules.programs import AccountState, ProgramState
from openpartner.partner.rules.verification import VettingStatus
from openpartner.platform import permissions
from openpartner.platform.errors import Forbidden
from openpartner.platform.permissions import Function


@dataclass(frozen=True)
class Standing:
    """What of an account decides which functions are open.

    verified: of the last round that was decided: a change of the legal profile takes nothing away until it is refused.
    """

    account: AccountState
    verified: VettingStatus
    agreement: AgreementState
    programs: Mapping[Program, ProgramState]


@dataclass(frozen=True)
class Reason:
    """Why a function is closed: the published code, what is so, what to do, and the portal page where it is done."""

    code: int
    message: str
    next_step: str
    page: str


class NotReady(Forbidden):
    """The account is not far enough for this. Source: partner-center-conventions §19, 900124 and 900149."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.message} {reason.next_step}", code=reason.code, page=reason.page)
        self.reason = reason


class _Need(StrEnum):
    VERIFIED = "verified"
    CSP = "csp"
    AGREEMENT = "agreement"
    MEMBERSHIP = "membership"
    MARKETPLACE = "marketplace"


_SELLING = (_Need.VERIFIED, _Need.CSP, _Need.AGREEMENT)
_SELLING_FUNCTIONS = (
    permissions.CUSTOMERS_CREATE,
    permissions.RESELLER_RELATIONSHIP_REQUEST,
    permissions.INDIRECT_RESELLERS_ENROL,
    permissions.ORDERS_PLACE,
    permissions.ORDERS_PLACE_LEGACY,
    permissions.AZURE_PLAN_BUY,
    permissions.RESERVATIONS_BUY,
    permissions.SAVINGS_PLANS,
    permissions.NEW_COMMERCE_MIGRATION,
    permissions.TRIALS,
    permissions.SOFTWARE,
    permissions.SPECIAL_PRICING,
    permissions.MARKETPLACE_PRODUCTS_SELL,
)

NEEDS: Mapping[str, tuple[_Need, ...]] = MappingProxyType(
    {function.key: _SELLING for function in _SELLING_FUNCTIONS}
    | {
        permissions.MEMBERSHIP_OFFERS_BUY.key: (_Need.VERIFIED, _Need.MEMBERSHIP),
        permissions.MEMBERSHIP_OFFERS_RENEW.key: (_Need.VERIFIED, _Need.MEMBERSHIP),
        permissions.BENEFITS.key: (_Need.VERIFIED, _Need.MEMBERSHIP),
        permissions.INCENTIVES_ENROL.key: (_Need.VERIFIED,),
        permissions.CO_SELL_SOLUTIONS.key: (_Need.VERIFIED,),
        permissions.OFFERS.key: (_Need.MARKETPLACE,),
        permissions.OFFERS_PUBLISH.key: (_Need.VERIFIED, _Need.MARKETPLACE),
    }
)
"""What each function waits for, in the order in which a partner gets there. Functions not named wait for nothing:
existing customers and subscriptions are looked after in every state."""

_PROGRAM_OF_NEED: Mapping[_Need, Program] = MappingProxyType(
    {
        _Need.CSP: Program.CSP,
        _Need.MEMBERSHIP: Program.MEMBERSHIP,
        _Need.MARKETPLACE: Program.MARKETPLACE,
    }
)

_PROGRAM_STEPS: Mapping[ProgramState, str] = MappingProxyType(
    {
        ProgramState.PENDING_QUALIFICATION: "Wait for the decision; it takes three to five business days.",
        ProgramState.QUALIFIED: "A Global admin accepts the partner agreement.",
        ProgramState.REJECTED: "Read the reason under Legal info, correct it and apply again.",
        ProgramState.SUSPENDED: "Read the reason under Legal info and answer it, or create a support request.",
        ProgramState.DEACTIVATED: "Enrol again.",
    }
)


def blocked(function: Function, standing: Standing) -> Reason | None:
    """Why the account may not use ``function`` yet, and what to do next; None when nothing is in the way."""
    for need in NEEDS.get(function.key, ()):
        reason = _reason(need, standing)
        if reason is not None:
            return reason
    return None


def check_ready(function: Function, standing: Standing) -> None:
    """Raises NotReady when ``function`` is blocked."""
    reason = blocked(function, standing)
    if reason is not None:
        raise NotReady(reason)


def _reason(need: _Need, standing: Standing) -> Reason | None:
    if standing.account in {AccountState.SUSPENDED, AccountState.DEACTIVATED}:
        message = f"The account is {standing.account}."
        return Reason(900149, message, "Read the reason under Legal info, or create a support request.", "legal-info")
    if need is _Need.VERIFIED:
        return _verification_reason(standing.verified)
    if need is _Need.AGREEMENT:
        return _agreement_reason(standing.agreement)
    return _program_reason(_PROGRAM_OF_NEED[need], standing.programs)


def _verification_reason(verified: VettingStatus) -> Reason | None:
    if verified is VettingStatus.AUTHORIZED:
        return None
    if verified is VettingStatus.REJECTED:
        return Reason(900149, "The verification of the company was rejected.", "Fix it under Legal info.", "legal-info")
    return Reason(900149, "The company is not verified yet.", "Follow the checks under Legal info.", "legal-info")


def _agreement_reason(agreement: AgreementState) -> Reason | None:
    if agreement is AgreementState.NOT_ACCEPTED:
        message = "Your company has not signed the partner agreement."
    elif agreement is AgreementState.LAPSED:
        message = "Your company has not signed the new version of the partner agreement in time."
    else:
        return None
    return Reason(900124, message, "A Global admin accepts it under Agreements.", "agreements")


def _program_reason(program: Program, programs: Mapping[Program, ProgramState]) -> Reason | None:
    state = programs.get(program)
    if state is ProgramState.ACTIVE:
        return None
    if state is None:
        return Reason(
            900149,
            f"Your company is not enrolled in {PROGRAM_WORDS[program]}.",
            "Enrol under Account settings.",
            "programs",
        )
    message = f"Your part in {PROGRAM_WORDS[program]} is not active: its status is {state.replace('_', ' ')}."
    page = "agreements" if state is ProgramState.QUALIFIED else "legal-info"
    return Reason(900149, message, _PROGRAM_STEPS[state], page)
