"""How a partner account comes to be, is verified, agrees, and is run: states as tables, refusals with the next step.

Profiles are checked in ``profiles``. Source: account-and-security §1 to §5 and §11; identity §12.1;
docs/spec/partner-account.md.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform import addresses, countries, permissions
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Conflict, Forbidden, Invalid, InvalidFields
from openpartner.platform.permissions import ROLE_INFO, Function, Role
from openpartner.platform.registration import check_registration

# Enrolment


class PartnerKind(StrEnum):
    """How a partner takes part in a programme."""

    MEMBER = "member"
    DIRECT_BILL = "direct_bill"
    INDIRECT_PROVIDER = "indirect_provider"
    INDIRECT_RESELLER = "indirect_reseller"
    PUBLISHER = "publisher"
    CONTROL_PANEL_VENDOR = "control_panel_vendor"


class Program(StrEnum):
    """What a partner enrols in; each has its own legal information, verification and state."""

    MEMBERSHIP = "membership"
    CSP = "csp"
    MARKETPLACE = "marketplace"
    CONTROL_PANEL = "control_panel"


PROGRAM_OF_KIND: Mapping[PartnerKind, Program] = MappingProxyType(
    {
        PartnerKind.MEMBER: Program.MEMBERSHIP,
        PartnerKind.DIRECT_BILL: Program.CSP,
        PartnerKind.INDIRECT_PROVIDER: Program.CSP,
        PartnerKind.INDIRECT_RESELLER: Program.CSP,
        PartnerKind.PUBLISHER: Program.MARKETPLACE,
        PartnerKind.CONTROL_PANEL_VENDOR: Program.CONTROL_PANEL,
    }
)

BILLED_KINDS = frozenset({PartnerKind.DIRECT_BILL, PartnerKind.INDIRECT_PROVIDER})
"""Who buys from the operator and is invoiced; a reseller buys from its provider."""


class Region(StrEnum):
    """A CSP region: a partner agreement and an authorisation to sell are given for one."""

    AMERICAS = "AOC"
    EUROPE_MIDDLE_EAST_AFRICA = "EOC"
    ASIA_PACIFIC = "APOC"


_AMERICAS = """
AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF MQ MS MX NI PA
PE PM PR PY SR SV SX TC TT UM US UY VC VE VG VI
"""
_ASIA_PACIFIC = """
AQ AS AU BD BN BT CC CK CN CX FJ FM GU HK HM ID IN IO JP KH KI KR LA LK MH MM MN MO MP MV MY NC NF NP NR NU NZ PF PG
PH PN PW SB SG TF TH TK TL TO TV TW VN VU WF WS
"""
_REGIONS: Mapping[str, Region] = MappingProxyType(
    dict.fromkeys(_AMERICAS.split(), Region.AMERICAS) | dict.fromkeys(_ASIA_PACIFIC.split(), Region.ASIA_PACIFIC)
)

CONSUMER_MAIL = frozenset(
    {
        "aol.com",
        "gmail.com",
        "gmx.com",
        "gmx.net",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "yahoo.com",
        "yandex.com",
    }
)
"""Mail domains that belong to no company: the contact of an account or a location may not be there."""

LONGEST_PHONE = 10


@dataclass(frozen=True)
class Enrolment:
    """What a company says of itself when it enrols."""

    company_name: str
    address: Address
    contact_name: str
    contact_email: str
    kind: PartnerKind
    registration_number: str = ""


class AlreadyEnrolled(Conflict):
    """A tenant has at most one kind of each programme. Source: account-and-security §1."""

    def __init__(self, program: Program, kind: PartnerKind) -> None:
        super().__init__(
            f"This tenant is enrolled in {program} as {kind.replace('_', ' ')} already; use another tenant, or ask "
            "support to change it.",
            program=str(program),
        )


def region_of(country: str) -> Region:
    """The CSP region of a country; raises CountryNotSupported."""
    return _REGIONS.get(countries.rules_of(country).iso2_code, Region.EUROPE_MIDDLE_EAST_AFRICA)


def check_enrolment(enrolment: Enrolment, held: Mapping[Program, PartnerKind]) -> None:
    """Whether a company may enrol so; ``held`` is what its tenant is enrolled in.

    Raises InvalidFields, the errors of ``check_registration``, AlreadyEnrolled.
    """
    problems = dict(addresses.problems_of(enrolment.address))
    if not enrolment.company_name.strip():
        problems["company_name"] = "The company's legal name is needed, as its register has it."
    if not enrolment.contact_name.strip():
        problems["contact_name"] = "The name of the primary contact is needed."
    problems |= contact_mail_problem(enrolment.contact_email)
    if problems:
        raise InvalidFields(problems)
    address = addresses.normalised(enrolment.address)
    check_registration(address.country, enrolment.registration_number, address.phone_number)
    program = PROGRAM_OF_KIND[enrolment.kind]
    if program in held:
        raise AlreadyEnrolled(program, held[program])


def contact_mail_problem(email: str) -> dict[str, str]:
    """What is wrong with the address of a contact; empty when nothing is."""
    name, _, domain = email.strip().partition("@")
    if not name or "." not in domain:
        return {"contact_email": "The contact needs an e-mail address such as ana@contoso.com."}
    if domain.lower() in CONSUMER_MAIL:
        return {
            "contact_email": f"Mail at {domain.lower()} belongs to no company; give an address of the company's own."
        }
    return {}


def location_problems(
    *, name: str, taken_names: Collection[str], address: Address, contact_email: str, phone_number: str
) -> dict[str, str]:
    """What keeps a location from being added: each member with one sentence. Source: account-and-security §1."""
    problems = dict(addresses.problems_of(address)) | contact_mail_problem(contact_email)
    if not name.strip():
        problems["name"] = "The location needs the name of its company."
    elif name.strip().casefold() in {taken.casefold() for taken in taken_names}:
        problems["name"] = "Another location has this name; name the place too."
    if phone_number and not (phone_number.isdecimal() and len(phone_number) <= LONGEST_PHONE):
        problems["phone_number"] = f"The telephone number has up to {LONGEST_PHONE} digits, without the country code."
    return problems


# Verification


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


# Programmes


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


# The partner agreement


class AgreementState(StrEnum):
    """not_published: there is nothing to accept yet, so nothing waits for it."""

    NOT_PUBLISHED = "not_published"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    REACCEPT_DUE = "reaccept_due"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class PublishedVersion:
    """rank: the higher is the newer. accept_by: who has not accepted by then may not transact; None: no hurry."""

    rank: int
    effective_at: datetime
    accept_by: datetime | None = None


class NotTheCurrentVersion(Conflict):
    """Another version is in force."""

    def __init__(self) -> None:
        super().__init__("This version of the agreement is not in force; reload the page and read the one that is.")


class NotYetQualified(Conflict):
    """Source: account-and-security §3: verification, then qualified, then the agreement, then active."""

    def __init__(self) -> None:
        super().__init__("The partner agreement is accepted once the company is verified and the programme qualified.")


MAY_SIGN = permissions.PARTNER_AGREEMENT_SIGN.write
"""What the signer must be allowed: only Global admins are."""

_MAY_ACCEPT = frozenset({ProgramState.QUALIFIED, ProgramState.ACTIVE, ProgramState.SUSPENDED})


def current_version(versions: Iterable[PublishedVersion], at: datetime) -> PublishedVersion | None:
    """The newest version in force at ``at``."""
    in_force = [version for version in versions if version.effective_at <= at]
    return max(in_force, key=lambda version: version.rank, default=None)


def agreement_state(versions: Collection[PublishedVersion], accepted_rank: int | None, at: datetime) -> AgreementState:
    """Where the agreement of one region stands; ``accepted_rank`` is of the newest version accepted."""
    current = current_version(versions, at)
    if current is None:
        return AgreementState.NOT_PUBLISHED
    if accepted_rank is None:
        return AgreementState.NOT_ACCEPTED
    missing = [version for version in versions if version.rank > accepted_rank and version.effective_at <= at]
    if any(version.accept_by is not None and version.accept_by <= at for version in missing):
        return AgreementState.LAPSED
    return AgreementState.REACCEPT_DUE if missing else AgreementState.ACCEPTED


def check_acceptance(rank: int, versions: Iterable[PublishedVersion], program: ProgramState, at: datetime) -> None:
    """Whether the version of ``rank`` may be accepted now. Raises NotTheCurrentVersion, NotYetQualified."""
    current = current_version(versions, at)
    if current is None or current.rank != rank:
        raise NotTheCurrentVersion
    if program not in _MAY_ACCEPT:
        raise NotYetQualified


# What an account may not do before it is ready


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
            900149, f"Your company is not enrolled in {program}.", "Enrol under Account settings.", "programs"
        )
    message = f"The {program} program status is not active: it is {state.replace('_', ' ')}."
    page = "agreements" if state is ProgramState.QUALIFIED else "legal-info"
    return Reason(900149, message, _PROGRAM_STEPS[state], page)


# Users and their roles


class UserState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    BLOCKED = "blocked"
    DELETED = "deleted"


class UserAction(StrEnum):
    ACCEPT = "accept"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DELETE = "delete"
    RESTORE = "restore"


USER_TRANSITIONS: Mapping[tuple[UserState, UserAction], UserState] = MappingProxyType(
    {
        (UserState.INVITED, UserAction.ACCEPT): UserState.ACTIVE,
        (UserState.INVITED, UserAction.BLOCK): UserState.BLOCKED,
        (UserState.INVITED, UserAction.DELETE): UserState.DELETED,
        (UserState.ACTIVE, UserAction.BLOCK): UserState.BLOCKED,
        (UserState.ACTIVE, UserAction.DELETE): UserState.DELETED,
        (UserState.BLOCKED, UserAction.UNBLOCK): UserState.ACTIVE,
        (UserState.BLOCKED, UserAction.DELETE): UserState.DELETED,
        (UserState.DELETED, UserAction.RESTORE): UserState.ACTIVE,
    }
)

RESTORABLE_FOR = timedelta(days=30)
ENOUGH_ADMINISTRATORS = 2


class UserUnreachable(Conflict):
    """The user's state does not take this."""

    def __init__(self, state: UserState, action: UserAction) -> None:
        super().__init__(f"A user who is {state} takes no {action}; reload the page.")


class RestoreTooLate(Conflict):
    """Source: account-and-security §11: thirty days."""

    def __init__(self) -> None:
        super().__init__(f"The user was deleted more than {RESTORABLE_FOR.days} days ago; create the user anew.")


class LastGlobalAdmin(Conflict):
    """Source: account-and-security §5; identity §12.5."""

    def __init__(self) -> None:
        super().__init__("This is the last Global admin; make another user a Global admin first.")


class RoleNotYours(Forbidden):
    """The assigner may not give or take the role. Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        info = ROLE_INFO[role]
        who = " or ".join(ROLE_INFO[grantor].title for grantor in Role if grantor in info.assigned_by)
        super().__init__(
            f"The role {info.title} is given and taken by: {who}. Ask one of them."
            if who
            else f"The role {info.title} belongs to every user; nobody gives or takes it.",
            role=str(role),
        )


class NotForGuests(Invalid):
    """Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        titles = ", ".join(info.title for info in ROLE_INFO.values() if info.guests)
        super().__init__(f"A guest cannot hold {ROLE_INFO[role].title}; guests may hold {titles}.", role=str(role))


class NotByLocation(Invalid):
    """Source: identity §12.1."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"{ROLE_INFO[role].title} is held for the whole company, not for locations.", role=str(role))


class LocationUnknown(Invalid):
    """The scope of a role names a location of another account, or none."""

    def __init__(self, locations: Iterable[str]) -> None:
        super().__init__(f"These are not locations of your account: {', '.join(sorted(locations))}.")


IMPLIED_ROLES: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {Role.PROGRAM_ADMIN: frozenset({Role.EXECUTIVE_REPORT_VIEWER})}
)
"""What a role brings with it, for the whole organisation. Source: identity §12.1, PA."""


def moved_user(state: UserState, action: UserAction, *, at: datetime, deleted_at: datetime | None = None) -> UserState:
    """The user's state after ``action`` at ``at``. Raises UserUnreachable, RestoreTooLate."""
    after = USER_TRANSITIONS.get((state, action))
    if after is None:
        raise UserUnreachable(state, action)
    if action is UserAction.RESTORE and deleted_at is not None and at > restorable_until(deleted_at):
        raise RestoreTooLate
    return after


def restorable_until(deleted_at: datetime) -> datetime:
    """The last instant at which a deleted user comes back."""
    return deleted_at + RESTORABLE_FOR


def check_admin_remains(*, is_global_admin: bool, other_global_admins: int) -> None:
    """Whether a user may lose the role, be blocked, be deleted or become a guest.

    other_global_admins: how many others can sign in and are Global admins. Raises LastGlobalAdmin.
    """
    if is_global_admin and other_global_admins < 1:
        raise LastGlobalAdmin


def admin_warning(administrators: int) -> str:
    """What to tell a company that has so many users who are Global or Account admins; empty when they are enough."""
    if administrators >= ENOUGH_ADMINISTRATORS:
        return ""
    return (
        "Fewer than two users administer this account. Make a second one Global admin or Account admin, "
        "or your company may lock itself out."
    )


def check_assignment(
    by_roles: Collection[Role],
    role: Role,
    *,
    guest: bool,
    locations: Collection[str] = (),
    known_locations: Collection[str] = (),
) -> None:
    """Whether the holder of ``by_roles`` may give ``role``, for the whole company or for ``locations``.

    Raises RoleNotYours, NotForGuests, NotByLocation, LocationUnknown. Taking it asks ``check_grantor`` only.
    """
    check_grantor(by_roles, role)
    info = ROLE_INFO[role]
    if guest and not info.guests:
        raise NotForGuests(role)
    if locations and not info.by_location:
        raise NotByLocation(role)
    unknown = set(locations) - set(known_locations)
    if unknown:
        raise LocationUnknown(unknown)


def check_grantor(by_roles: Collection[Role], role: Role) -> None:
    """Whether the holder of ``by_roles`` may give and take ``role``; raises RoleNotYours."""
    if not permissions.who_can_grant(role) & set(by_roles):
        raise RoleNotYours(role)


def may_create_users(roles: Collection[Role]) -> bool:
    """Partner Center asks for one of three roles, the directory for one of two of them: both must agree."""
    return bool({Role.GLOBAL_ADMIN, Role.USER_ADMIN} & set(roles))
