"""The rules of the partner account, one behaviour a test."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openpartner.partner import rules
from openpartner.partner.rules import (
    AccountState,
    AgreementState,
    Check,
    CheckAction,
    CheckState,
    Enrolment,
    PartnerKind,
    Program,
    ProgramAction,
    ProgramState,
    PublishedVersion,
    Region,
    Standing,
    UserAction,
    UserState,
    VettingStatus,
    VettingSubStatus,
)
from openpartner.platform import permissions
from openpartner.platform.addresses import Address
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.permissions import Function, Role

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)  # a Monday
ADDRESS = Address(country="US", address_line1="1 Main Street", city="Buffalo", state="NY", postal_code="14201")
LUCERNE = Enrolment(
    company_name="Lucerne Publishing",
    address=ADDRESS,
    contact_name="Gena Soto",
    contact_email="gena@lucernepublishing.com",
    kind=PartnerKind.DIRECT_BILL,
)


def refusal_of(act: Callable[[], object]) -> tuple[int, int | str, str]:
    """Status, code and message of what ``act`` raises."""
    with pytest.raises(DomainError) as refusal:
        act()
    return int(refusal.value.status), refusal.value.code, refusal.value.message


# Enrolment


@pytest.mark.parametrize("kind", PartnerKind)
def test_a_company_enrols(kind: PartnerKind) -> None:
    rules.check_enrolment(replace(LUCERNE, kind=kind), {})


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"company_name": " "}, {"company_name": "The company's legal name is needed, as its register has it."}),
        ({"contact_name": ""}, {"contact_name": "The name of the primary contact is needed."}),
        (
            {"contact_email": "gena"},
            {"contact_email": "The contact needs an email address such as ana@contoso.com."},
        ),
        (
            {"contact_email": "gena@Gmail.com"},
            {"contact_email": "Mail at gmail.com belongs to no company; give an address of the company's own."},
        ),
        ({"address": replace(ADDRESS, city="")}, {"city": "City is needed in United States."}),
    ],
)
def test_an_enrolment_with_wrong_members(changed: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(InvalidFields) as refusal:
        rules.check_enrolment(replace(LUCERNE, **changed), {})

    assert refusal.value.problems == problems


def test_a_partner_gives_its_registration_number_where_customers_do() -> None:
    kazakh = replace(
        LUCERNE, address=Address(country="KZ", address_line1="1 Abay", city="Astana", postal_code="010000")
    )

    assert refusal_of(lambda: rules.check_enrolment(kazakh, {}))[:2] == (400, 600049)


def test_a_tenant_holds_one_kind_of_each_programme() -> None:
    held = {Program.CSP: PartnerKind.INDIRECT_RESELLER, Program.MEMBERSHIP: PartnerKind.MEMBER}

    rules.check_enrolment(replace(LUCERNE, kind=PartnerKind.PUBLISHER), held)
    assert refusal_of(lambda: rules.check_enrolment(LUCERNE, held)) == (
        409,
        800064,
        (
            "This tenant is enrolled in the reseller programme (CSP) as indirect reseller already; "
            "use another tenant, or ask support to change it."
        ),
    )


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("US", Region.AMERICAS),
        ("br", Region.AMERICAS),
        ("DE", Region.EUROPE_MIDDLE_EAST_AFRICA),
        ("ZA", Region.EUROPE_MIDDLE_EAST_AFRICA),
        ("KZ", Region.EUROPE_MIDDLE_EAST_AFRICA),
        ("JP", Region.ASIA_PACIFIC),
    ],
)
def test_the_region_of_a_country(country: str, region: Region) -> None:
    assert rules.region_of(country) is region


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, {}),
        ({"name": "lucerne publishing"}, {"name": "Another location has this name; name the place too."}),
        ({"name": ""}, {"name": "The location needs the name of its company."}),
        (
            {"phone_number": "+14255550100"},
            {"phone_number": "The telephone number has up to 10 digits, without the country code."},
        ),
        (
            {"contact_email": "a@outlook.com"},
            {"contact_email": "Mail at outlook.com belongs to no company; give an address of the company's own."},
        ),
        (
            {"address": replace(ADDRESS, postal_code="1")},
            {"postal_code": r"The postal code does not match ^\d{5}(-\d{4})?$."},
        ),
    ],
)
def test_a_location(changed: dict[str, Any], problems: dict[str, str]) -> None:
    given: dict[str, Any] = {
        "name": "Lucerne Albany",
        "taken_names": ["Lucerne Publishing"],
        "address": ADDRESS,
        "contact_email": "gena@lucernepublishing.com",
        "phone_number": "4255550100",
    }

    assert rules.location_problems(**(given | changed)) == problems


# Verification

REVIEWED = {
    "not_started": "start",
    "in_progress": "ask authorize reject",
    "action_required": "answer reject",
    "authorized": "",
    "rejected": "appeal",
    "challenged": "ask authorize reject",
}
BY_CODE = {
    "not_started": "start",
    "in_progress": "ask authorize",
    "action_required": "answer reject",
    "authorized": "",
    "rejected": "answer",
    "challenged": "",
}


@pytest.mark.parametrize(
    ("check", "takes"),
    [(Check.EMAIL_OWNERSHIP, BY_CODE), (Check.EMPLOYMENT, REVIEWED), (Check.BUSINESS, REVIEWED)],
)
def test_what_a_check_takes_in_each_state(check: Check, takes: dict[str, str]) -> None:
    assert {state.value: " ".join(rules.check_actions(check, state)) for state in CheckState} == takes


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (CheckState.NOT_STARTED, CheckAction.START, CheckState.IN_PROGRESS),
        (CheckState.IN_PROGRESS, CheckAction.ASK, CheckState.ACTION_REQUIRED),
        (CheckState.ACTION_REQUIRED, CheckAction.ANSWER, CheckState.IN_PROGRESS),
        (CheckState.IN_PROGRESS, CheckAction.AUTHORIZE, CheckState.AUTHORIZED),
        (CheckState.IN_PROGRESS, CheckAction.REJECT, CheckState.REJECTED),
        (CheckState.REJECTED, CheckAction.APPEAL, CheckState.CHALLENGED),
        (CheckState.CHALLENGED, CheckAction.AUTHORIZE, CheckState.AUTHORIZED),
        (CheckState.CHALLENGED, CheckAction.REJECT, CheckState.REJECTED),
        (CheckState.CHALLENGED, CheckAction.ASK, CheckState.ACTION_REQUIRED),
    ],
)
def test_a_check_moves(state: CheckState, action: CheckAction, after: CheckState) -> None:
    assert rules.moved_check(Check.BUSINESS, state, action) is after


def test_a_check_that_cannot_move_says_what_it_takes() -> None:
    assert refusal_of(lambda: rules.moved_check(Check.EMPLOYMENT, CheckState.AUTHORIZED, CheckAction.REJECT)) == (
        409,
        800064,
        "The check of employment is authorized and takes no reject; it takes nothing.",
    )


def test_a_rejection_can_be_appealed_three_times() -> None:
    for appeals in range(3):
        moved = rules.moved_check(Check.BUSINESS, CheckState.REJECTED, CheckAction.APPEAL, appeals=appeals)
        assert moved is CheckState.CHALLENGED

    assert refusal_of(
        lambda: rules.moved_check(Check.BUSINESS, CheckState.REJECTED, CheckAction.APPEAL, appeals=3)
    ) == (409, 800064, "This check was appealed 3 times; create a support request.")


NOT, DOING, DONE, NO, AGAIN = (
    CheckState.NOT_STARTED,
    CheckState.IN_PROGRESS,
    CheckState.AUTHORIZED,
    CheckState.REJECTED,
    CheckState.CHALLENGED,
)


@pytest.mark.parametrize(
    ("states", "turn", "status", "sub_status"),
    [
        ((NOT, NOT, NOT), Check.EMAIL_OWNERSHIP, VettingStatus.PENDING, VettingSubStatus.ENTRY),
        ((DOING, NOT, NOT), None, VettingStatus.PENDING, VettingSubStatus.EMAIL_OWNERSHIP),
        ((DONE, NOT, NOT), Check.EMPLOYMENT, VettingStatus.PENDING, VettingSubStatus.EMPLOYMENT_VERIFICATION),
        ((DONE, NO, NOT), None, VettingStatus.REJECTED, VettingSubStatus.EMPLOYMENT_VERIFICATION),
        ((DONE, DONE, NOT), Check.BUSINESS, VettingStatus.PENDING, VettingSubStatus.BUSINESS_VERIFICATION),
        ((DONE, DONE, AGAIN), None, VettingStatus.PENDING, VettingSubStatus.BUSINESS_VERIFICATION),
        ((DONE, AGAIN, NO), None, VettingStatus.REJECTED, VettingSubStatus.BUSINESS_VERIFICATION),
        ((DONE, DONE, DONE), None, VettingStatus.AUTHORIZED, VettingSubStatus.NONE),
    ],
)
def test_what_the_checks_come_to(
    states: tuple[CheckState, CheckState, CheckState],
    turn: Check | None,
    status: VettingStatus,
    sub_status: VettingSubStatus,
) -> None:
    round_ = dict(zip(Check, states, strict=True))

    assert rules.next_check(round_) is turn
    assert rules.vetting(round_) == (status, sub_status)


def test_a_rejection_suspends_after_thirty_days() -> None:
    assert rules.suspended_at(datetime(2026, 1, 31, 8, tzinfo=UTC)) == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent_on", "again_on", "slow_on"),
    [(23, 24, 30), (26, 27, 33), (27, 30, 34), (28, 30, 34), (29, 30, 34)],
)
def test_working_days_leave_out_the_weekend(sent_on: int, again_on: int, slow_on: int) -> None:
    first = datetime(2026, 11, 1, 16, tzinfo=UTC)
    sent_at = first + timedelta(days=sent_on - 1)

    assert rules.resend_from(sent_at) == first + timedelta(days=again_on - 1)
    assert rules.slow_from(sent_at) == first + timedelta(days=slow_on - 1)


@pytest.mark.parametrize(
    ("email", "proven"),
    [
        ("gena@lucernepublishing.com", True),
        ("gena@LucernePublishing.com", True),
        ("gena@contoso.com", False),
        ("gena@gmail.com", False),
        ("gena", False),
    ],
)
def test_a_mail_at_the_companys_domain_proves_employment(email: str, proven: bool) -> None:
    assert rules.proves_employment(email, ["lucernepublishing.com", "gmail.com"]) is proven


def test_what_a_reviewer_would_reject_at_first_sight() -> None:
    boxed = replace(ADDRESS, address_line1="P.O. Box 7")

    assert rules.business_doubt("Lucerne", ADDRESS) == ""
    assert rules.business_doubt("Lucerne", boxed) == "The address is a post box; give the company's registered address."
    assert rules.business_doubt(" ", ADDRESS) == "The legal name is missing."


# Programmes

PROGRAMME_TAKES = {
    "pending_qualification": "qualify reject deactivate",
    "qualified": "activate reject deactivate",
    "active": "suspend deactivate",
    "rejected": "reapply suspend deactivate",
    "suspended": "reinstate reapply deactivate",
    "deactivated": "",
}


def test_what_a_programme_takes_in_each_state() -> None:
    assert {state.value: " ".join(rules.program_actions(state)) for state in ProgramState} == PROGRAMME_TAKES


def test_the_way_of_a_programme() -> None:
    state = ProgramState.PENDING_QUALIFICATION
    passed = []
    for action in (ProgramAction.QUALIFY, ProgramAction.ACTIVATE, ProgramAction.SUSPEND, ProgramAction.REINSTATE):
        state = rules.moved_program(state, action)
        passed.append(state.value)

    assert passed == ["qualified", "active", "suspended", "active"]
    assert refusal_of(lambda: rules.moved_program(ProgramState.DEACTIVATED, ProgramAction.ACTIVATE)) == (
        409,
        800064,
        "A programme that is deactivated takes no activate; it takes nothing.",
    )


@pytest.mark.parametrize(
    ("verified", "programs", "suspended", "closed", "state"),
    [
        (VettingStatus.NONE, [], False, False, AccountState.DRAFT),
        (VettingStatus.NONE, [ProgramState.PENDING_QUALIFICATION], False, False, AccountState.ENROLLED),
        (VettingStatus.PENDING, [ProgramState.PENDING_QUALIFICATION], False, False, AccountState.UNDER_VERIFICATION),
        (VettingStatus.REJECTED, [ProgramState.REJECTED], False, False, AccountState.UNDER_VERIFICATION),
        (VettingStatus.AUTHORIZED, [ProgramState.QUALIFIED], False, False, AccountState.AUTHORIZED),
        (VettingStatus.AUTHORIZED, [ProgramState.QUALIFIED, ProgramState.ACTIVE], False, False, AccountState.ACTIVE),
        (VettingStatus.AUTHORIZED, [ProgramState.ACTIVE], True, False, AccountState.SUSPENDED),
        (VettingStatus.AUTHORIZED, [ProgramState.ACTIVE], True, True, AccountState.DEACTIVATED),
    ],
)
def test_the_state_of_an_account_follows_from_its_parts(
    verified: VettingStatus, programs: list[ProgramState], suspended: bool, closed: bool, state: AccountState
) -> None:
    assert rules.account_state(suspended=suspended, verified=verified, programs=programs, closed=closed) is state


# The partner agreement

FIRST = PublishedVersion(1, NOW - timedelta(days=400))
SECOND = PublishedVersion(2, NOW - timedelta(days=10), accept_by=NOW + timedelta(days=20))
COMING = PublishedVersion(3, NOW + timedelta(days=60))


@pytest.mark.parametrize(
    ("versions", "accepted_rank", "days", "state"),
    [
        ([], None, 0, AgreementState.NOT_PUBLISHED),
        ([COMING], None, 0, AgreementState.NOT_PUBLISHED),
        ([FIRST], None, 0, AgreementState.NOT_ACCEPTED),
        ([FIRST], 1, 0, AgreementState.ACCEPTED),
        ([FIRST, COMING], 1, 0, AgreementState.ACCEPTED),
        ([FIRST, SECOND], 1, 0, AgreementState.REACCEPT_DUE),
        ([FIRST, SECOND], 1, 20, AgreementState.LAPSED),
        ([FIRST, SECOND], 2, 20, AgreementState.ACCEPTED),
        ([FIRST, SECOND, COMING], 2, 60, AgreementState.REACCEPT_DUE),
        ([FIRST, SECOND, COMING], 1, 60, AgreementState.LAPSED),
    ],
)
def test_where_the_agreement_stands(
    versions: list[PublishedVersion], accepted_rank: int | None, days: int, state: AgreementState
) -> None:
    assert rules.agreement_state(versions, accepted_rank, NOW + timedelta(days=days)) is state


@pytest.mark.parametrize("program", [ProgramState.QUALIFIED, ProgramState.ACTIVE, ProgramState.SUSPENDED])
def test_the_current_version_is_accepted(program: ProgramState) -> None:
    rules.check_acceptance(2, [FIRST, SECOND, COMING], program, NOW)


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_only_the_version_in_force_is_accepted(rank: int) -> None:
    refused = refusal_of(lambda: rules.check_acceptance(rank, [FIRST, SECOND, COMING], ProgramState.QUALIFIED, NOW))

    assert refused[2] == "This version of the agreement is not in force; reload the page and read the one that is."


@pytest.mark.parametrize(
    "program", [ProgramState.PENDING_QUALIFICATION, ProgramState.REJECTED, ProgramState.DEACTIVATED]
)
def test_the_agreement_comes_after_qualification(program: ProgramState) -> None:
    refused = refusal_of(lambda: rules.check_acceptance(1, [FIRST], program, NOW))

    assert refused[2] == "The partner agreement is accepted once the company is verified and the programme qualified."


def test_only_a_global_admin_signs() -> None:
    assert permissions.roles_that_allow(rules.MAY_SIGN) == (Role.GLOBAL_ADMIN,)


# Readiness

READY = Standing(
    account=AccountState.ACTIVE,
    verified=VettingStatus.AUTHORIZED,
    agreement=AgreementState.ACCEPTED,
    programs=dict.fromkeys(Program, ProgramState.ACTIVE),
)


@pytest.mark.parametrize("function", permissions.MATRIX, ids=lambda function: function.key)
def test_nothing_is_in_the_way_of_an_active_account(function: Function) -> None:
    assert rules.blocked(function, READY) is None


ORDERS, MEMBERSHIP, DRAFTS, PUBLISHING, CARE = (
    permissions.ORDERS_PLACE,
    permissions.MEMBERSHIP_OFFERS_BUY,
    permissions.OFFERS,
    permissions.OFFERS_PUBLISH,
    permissions.SUBSCRIPTIONS_MANAGE,
)


@pytest.mark.parametrize(
    ("changed", "blocked"),
    [
        ({"verified": VettingStatus.PENDING}, [ORDERS, MEMBERSHIP, PUBLISHING]),
        ({"verified": VettingStatus.REJECTED}, [ORDERS, MEMBERSHIP, PUBLISHING]),
        ({"agreement": AgreementState.NOT_ACCEPTED}, [ORDERS]),
        ({"agreement": AgreementState.LAPSED}, [ORDERS]),
        ({"agreement": AgreementState.REACCEPT_DUE}, []),
        ({"agreement": AgreementState.NOT_PUBLISHED}, []),
        ({"programs": {}}, [ORDERS, MEMBERSHIP, DRAFTS, PUBLISHING]),
        ({"programs": {Program.CSP: ProgramState.ACTIVE}}, [MEMBERSHIP, DRAFTS, PUBLISHING]),
        ({"account": AccountState.SUSPENDED}, [ORDERS, MEMBERSHIP, DRAFTS, PUBLISHING]),
        ({"account": AccountState.DEACTIVATED}, [ORDERS, MEMBERSHIP, DRAFTS, PUBLISHING]),
    ],
)
def test_what_waits_for_what(changed: dict[str, Any], blocked: list[Function]) -> None:
    standing = replace(READY, **changed)
    functions = [ORDERS, MEMBERSHIP, DRAFTS, PUBLISHING, CARE]

    assert [function for function in functions if rules.blocked(function, standing) is not None] == blocked


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (
            {"verified": VettingStatus.PENDING},
            900149,
            "The company is not verified yet. Follow the checks under Legal info.",
        ),
        (
            {"verified": VettingStatus.REJECTED},
            900149,
            "The verification of the company was rejected. Fix it under Legal info.",
        ),
        (
            {"agreement": AgreementState.NOT_ACCEPTED},
            900124,
            "Your company has not signed the partner agreement. A Global admin accepts it under Agreements.",
        ),
        (
            {"programs": {Program.CSP: ProgramState.QUALIFIED}},
            900149,
            (
                "Your part in the reseller programme (CSP) is not active: its status is qualified. "
                "A Global admin accepts the partner agreement."
            ),
        ),
        (
            {"programs": {}},
            900149,
            "Your company is not enrolled in the reseller programme (CSP). Enrol under Account settings.",
        ),
        (
            {"account": AccountState.SUSPENDED},
            900149,
            "The account is suspended. Read the reason under Legal info, or create a support request.",
        ),
    ],
)
def test_a_refusal_names_the_next_step(changed: dict[str, Any], code: int, message: str) -> None:
    standing = replace(READY, **changed)

    assert refusal_of(lambda: rules.check_ready(permissions.ORDERS_PLACE, standing)) == (403, code, message)


def test_every_need_names_a_function_of_the_matrix() -> None:
    assert set(rules.NEEDS) <= set(permissions.FUNCTION_OF_KEY)


# Users and their roles

USER_TAKES = {
    "invited": "accept block delete",
    "active": "block delete",
    "blocked": "unblock delete",
    "deleted": "restore",
}


def test_what_a_user_takes_in_each_state() -> None:
    takes = {
        state.value: " ".join(action for source, action in rules.USER_TRANSITIONS if source is state)
        for state in UserState
    }

    assert takes == USER_TAKES


def test_a_user_comes_and_goes() -> None:
    assert rules.moved_user(UserState.INVITED, UserAction.ACCEPT, at=NOW) is UserState.ACTIVE
    assert rules.moved_user(UserState.ACTIVE, UserAction.BLOCK, at=NOW) is UserState.BLOCKED
    assert rules.moved_user(UserState.BLOCKED, UserAction.DELETE, at=NOW) is UserState.DELETED
    assert refusal_of(lambda: rules.moved_user(UserState.ACTIVE, UserAction.ACCEPT, at=NOW))[0] == 409


def test_a_deleted_user_comes_back_for_thirty_days() -> None:
    def restored(at: datetime) -> UserState:
        return rules.moved_user(UserState.DELETED, UserAction.RESTORE, at=at, deleted_at=NOW)

    assert restored(NOW + timedelta(days=30)) is UserState.ACTIVE
    assert refusal_of(lambda: restored(NOW + timedelta(days=30, seconds=1))) == (
        409,
        800064,
        "The user was deleted more than 30 days ago; create the user anew.",
    )


def test_the_last_global_admin_stays() -> None:
    rules.check_admin_remains(is_global_admin=True, other_global_admins=1)
    rules.check_admin_remains(is_global_admin=False, other_global_admins=0)
    assert refusal_of(lambda: rules.check_admin_remains(is_global_admin=True, other_global_admins=0)) == (
        409,
        800064,
        "This is the last Global admin; make another user a Global admin first.",
    )


@pytest.mark.parametrize(("administrators", "warned"), [(0, True), (1, True), (2, False), (7, False)])
def test_two_administrators_are_enough(administrators: int, warned: bool) -> None:
    assert (rules.admin_warning(administrators) != "") is warned


@pytest.mark.parametrize(
    ("by_roles", "role", "guest", "locations"),
    [
        ({Role.GLOBAL_ADMIN}, Role.COMPLIANCE_ADMIN, False, set()),
        ({Role.USER_ADMIN}, Role.ADMIN_AGENT, False, set()),
        ({Role.ACCOUNT_ADMIN}, Role.REFERRALS_USER, False, {"1"}),
        ({Role.ACCOUNT_ADMIN}, Role.PROGRAM_ADMIN, True, {"1", "2"}),
        ({Role.MARKETPLACE_MANAGER, Role.DEFAULT_USER}, Role.MARKETPLACE_DEVELOPER, False, set()),
    ],
)
def test_a_role_is_given(by_roles: set[Role], role: Role, guest: bool, locations: set[str]) -> None:
    rules.check_assignment(by_roles, role, guest=guest, locations=locations, known_locations={"1", "2"})


@pytest.mark.parametrize(
    ("by_roles", "role", "guest", "locations", "status", "message"),
    [
        (
            {Role.USER_ADMIN, Role.ACCOUNT_ADMIN},
            Role.GLOBAL_ADMIN,
            False,
            set(),
            403,
            "The role Global admin is given and taken by: Global admin. Ask one of them.",
        ),
        (
            {Role.USER_ADMIN},
            Role.REFERRALS_ADMIN,
            False,
            set(),
            403,
            "The role Referrals admin is given and taken by: Global admin or Account admin. Ask one of them.",
        ),
        (
            {Role.GLOBAL_ADMIN},
            Role.DEFAULT_USER,
            False,
            set(),
            403,
            "The role Default user belongs to every user; nobody gives or takes it.",
        ),
        (
            {Role.GLOBAL_ADMIN},
            Role.ADMIN_AGENT,
            True,
            set(),
            400,
            (
                "A guest cannot hold Admin agent; guests may hold Partner program admin, Business profile admin, "
                "Referrals admin."
            ),
        ),
        (
            {Role.GLOBAL_ADMIN},
            Role.ADMIN_AGENT,
            False,
            {"1"},
            400,
            "Admin agent is held for the whole company, not for locations.",
        ),
        (
            {Role.GLOBAL_ADMIN},
            Role.REFERRALS_USER,
            False,
            {"1", "9", "8"},
            400,
            "These are not locations of your account: 8, 9.",
        ),
    ],
)
def test_a_role_that_is_not_given(
    by_roles: set[Role], role: Role, guest: bool, locations: set[str], status: int, message: str
) -> None:
    refused = refusal_of(
        lambda: rules.check_assignment(by_roles, role, guest=guest, locations=locations, known_locations={"1", "2"})
    )

    assert (refused[0], refused[2]) == (status, message)


@pytest.mark.parametrize(
    ("roles", "may"),
    [({Role.GLOBAL_ADMIN}, True), ({Role.USER_ADMIN}, True), ({Role.ACCOUNT_ADMIN}, False), (set(), False)],
)
def test_who_creates_users(roles: set[Role], may: bool) -> None:
    assert rules.may_create_users(roles) is may


def test_a_program_admin_sees_all_reports() -> None:
    assert rules.IMPLIED_ROLES[Role.PROGRAM_ADMIN] == {Role.EXECUTIVE_REPORT_VIEWER}
