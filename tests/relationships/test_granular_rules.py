"""The rules of granular relationships, by table. Source: gdap §2.6, §3, §4, §5, §7, §8, §12, §15."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from openpartner.partner.rules import PartnerKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.relationships.rules import granular, granular_defaults, granular_terms
from openpartner.relationships.rules.assignments import (
    ASSIGNMENT_TRANSITIONS,
    AlreadyDeleted,
    AssignmentAction,
    AssignmentForbids,
    AssignmentStatus,
    RoleOutside,
    after_assignment,
    assigned_roles,
    effective_roles,
)
from openpartner.relationships.rules.granular import Action, NotYours, Side, Status, StatusForbids
from openpartner.relationships.rules.granular_clock import Due, Times, next_due
from openpartner.relationships.rules.granular_consent import RoleNotAllowed, approval_path, check_constraint
from openpartner.relationships.rules.granular_terms import (
    AutoExtendRefused,
    DurationRefused,
    GlobalAdministratorExtends,
    NameRefused,
    RolesMissing,
    RoleUnknown,
    Terms,
    TermsChange,
    UpdateRefused,
    WantedTerms,
)
from openpartner.relationships.rules.granular_words import wire_word
from openpartner.relationships.rules.operations import OPERATION_TRANSITIONS, OperationStatus, OperationType
from openpartner.relationships.rules.requests import (
    REQUEST_TRANSITIONS,
    RequestAction,
    RequestActionUnknown,
    RequestStatus,
    request_action,
)
from tests.support.granting import GLOBAL, HELPDESK, LICENSES, READERS, USERS, role

S, A = Status, Action
P, R, C, Y = Side.PARTNER, Side.RESELLER, Side.CUSTOMER, Side.SYSTEM

PUBLISHED: list[tuple[Status, Action, Side, Status | None]] = [
    (S.CREATED, A.UPDATE, P, S.CREATED),
    (S.CREATED, A.DELETE, P, None),
    (S.CREATED, A.LOCK_FOR_APPROVAL, P, S.APPROVAL_PENDING),
    (S.APPROVAL_PENDING, A.REVIEW, R, S.APPROVAL_PENDING),
    (S.APPROVAL_PENDING, A.APPROVE, C, S.APPROVED),
    (S.APPROVAL_PENDING, A.REJECT, C, S.TERMINATED),
    (S.APPROVAL_PENDING, A.REJECT, R, S.TERMINATED),
    (S.APPROVAL_PENDING, A.TERMINATE, P, S.TERMINATION_REQUESTED),
    (S.APPROVAL_PENDING, A.LAPSE, Y, None),
    (S.APPROVED, A.PROVISION, Y, S.ACTIVATING),
    (S.ACTIVATING, A.ACTIVATE, Y, S.ACTIVE),
    (S.ACTIVE, A.UPDATE, P, S.ACTIVE),
    (S.ACTIVE, A.UPDATE, R, S.ACTIVE),
    (S.ACTIVE, A.EXTEND, Y, S.ACTIVE),
    (S.ACTIVE, A.EXPIRE, Y, S.EXPIRING),
    (S.ACTIVE, A.TERMINATE, P, S.TERMINATION_REQUESTED),
    (S.ACTIVE, A.TERMINATE, R, S.TERMINATION_REQUESTED),
    (S.ACTIVE, A.TERMINATE, C, S.TERMINATION_REQUESTED),
    (S.EXPIRING, A.FINISH, Y, S.EXPIRED),
    (S.TERMINATION_REQUESTED, A.CLEAN_UP, Y, S.TERMINATING),
    (S.TERMINATING, A.FINISH, Y, S.TERMINATED),
    (S.EXPIRED, A.FORGET, Y, None),
    (S.TERMINATED, A.FORGET, Y, None),
]
"""Who may take which step, and where it leads: the whole of gdap §3, written down a second time."""


def test_every_step_that_is_published_and_no_other() -> None:
    steps = {(status, action, side): target for status, action, side, target in PUBLISHED}
    found = {}
    for status in Status:
        for action in Action:
            for side in Side:
                try:
                    found[status, action, side] = granular.after(status, action, side)
                except (StatusForbids, NotYours):
                    continue
    assert found == steps


@pytest.mark.parametrize(
    ("status", "action", "side", "refusal", "http", "code"),
    [
        (S.ACTIVE, A.LOCK_FOR_APPROVAL, P, StatusForbids, 400, "badRequest"),
        (S.TERMINATED, A.TERMINATE, P, StatusForbids, 400, "badRequest"),
        (S.APPROVED, A.TERMINATE, C, StatusForbids, 400, "badRequest"),
        (S.APPROVAL_PENDING, A.APPROVE, P, NotYours, 403, "accessDenied"),
        (S.APPROVAL_PENDING, A.REJECT, P, NotYours, 403, "accessDenied"),
        (S.CREATED, A.APPROVE, P, NotYours, 403, "accessDenied"),
        (S.CREATED, A.LOCK_FOR_APPROVAL, C, NotYours, 403, "accessDenied"),
        (S.CREATED, A.LOCK_FOR_APPROVAL, R, NotYours, 403, "accessDenied"),
        (S.APPROVAL_PENDING, A.TERMINATE, C, NotYours, 403, "accessDenied"),
        (S.APPROVAL_PENDING, A.UPDATE, P, StatusForbids, 400, "badRequest"),
        (S.APPROVAL_PENDING, A.DELETE, P, StatusForbids, 400, "badRequest"),
    ],
)
def test_a_step_that_is_not_there_is_refused(
    status: Status, action: Action, side: Side, refusal: type[granular.Refused], http: int, code: str
) -> None:
    with pytest.raises(refusal) as refused:
        granular.after(status, action, side)
    assert (refused.value.status, refused.value.code) == (http, code)


def test_a_refusal_says_what_state_would_do() -> None:
    with pytest.raises(StatusForbids) as refused:
        granular.after(S.EXPIRED, A.TERMINATE, P)
    assert refused.value.message == (
        "A relationship that is expired cannot be terminated; it must be active or approval pending."
    )
    with pytest.raises(NotYours) as not_yours:
        granular.after(S.APPROVAL_PENDING, A.APPROVE, P)
    assert not_yours.value.message == (
        "Only a Global Administrator of the customer, in its admin center, can take the action approve here."
    )


@pytest.mark.parametrize(
    ("status", "side", "actions"),
    [
        (S.CREATED, P, [A.UPDATE, A.DELETE, A.LOCK_FOR_APPROVAL]),
        (S.CREATED, C, []),
        (S.APPROVAL_PENDING, C, [A.APPROVE, A.REJECT]),
        (S.APPROVAL_PENDING, R, [A.REVIEW, A.REJECT]),
        (S.ACTIVE, C, [A.TERMINATE]),
        (S.ACTIVE, P, [A.UPDATE, A.TERMINATE]),
        (S.TERMINATED, P, []),
    ],
)
def test_what_a_side_may_do_next(status: Status, side: Side, actions: list[Action]) -> None:
    assert granular.allowed_actions(status, side) == actions


def test_every_state_has_a_name_for_people() -> None:
    assert set(granular.LABELS) == set(Status)
    assert {S.ACTIVATING, S.ACTIVE, S.APPROVED, S.EXPIRING, S.TERMINATING, S.TERMINATION_REQUESTED} == granular.LIVING


# --- durations, names, roles


@pytest.mark.parametrize(
    ("text", "days", "answered"),
    [
        ("P1D", 1, "P1D"),
        ("P2Y", 730, "P2Y"),
        ("P730D", 730, "P730D"),
        ("p30d", 30, "P30D"),
        ("P1M", 30, "P1M"),
        ("P1Y6M", 545, "P1Y6M"),
        ("P4W", 28, "P4W"),
        ("P90DT0H", 90, "P90DT0H"),
        ("PT48H", 2, "PT48H"),
        ("730 days, 0:00:00", 730, "P730D"),
        ("1 day, 0:00:00", 1, "P1D"),
        ("90 days, 0:00:00.000000", 90, "P90D"),
    ],
)
def test_durations(text: str, days: int, answered: str) -> None:
    assert granular_terms.duration(text) == granular_terms.Duration(answered, days)


@pytest.mark.parametrize(
    "text",
    [
        "P0D",
        "P731D",
        "P3Y",
        "abc",
        "",
        "P",
        "PT",
        "PT0S",
        "P-1D",
        "PT36H",
        "PT1S",
        "731 days, 0:00:00",
        "0:00:00",
        "730",
    ],
)
def test_durations_that_are_refused(text: str) -> None:
    with pytest.raises(DurationRefused) as refused:
        granular_terms.duration(text)
    assert (refused.value.status, refused.value.code) == (400, "badRequest")
    assert refused.value.message == (
        f"'{text}' is not a duration of 1 to 730 days. Write whole days, for example P730D."
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, "PT0S"),
        ("P0D", "PT0S"),
        ("PT0S", "PT0S"),
        ("0:00:00", "PT0S"),
        ("P180D", "P180D"),
        ("p180d", "P180D"),
        ("180 days, 0:00:00", "P180D"),
    ],
)
def test_automatic_extension(text: str | None, kept: str) -> None:
    assert granular_terms.auto_extension(text) == kept
    assert granular_terms.extends(kept) is (kept == "P180D")


@pytest.mark.parametrize("text", ["P179D", "P181D", "P1Y", "on", ""])
def test_automatic_extension_by_anything_else_is_refused(text: str) -> None:
    with pytest.raises(AutoExtendRefused):
        granular_terms.auto_extension(text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 51])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        granular_terms.display_name(name)


def test_names() -> None:
    assert granular_terms.display_name("  Contoso, support  ") == "Contoso, support"
    assert granular_terms.display_name("x" * 50) == "x" * 50
    assert granular_terms.name_key("STRASSE") == granular_terms.name_key("Straße")


def test_the_roles_that_can_be_asked_for() -> None:
    assert len(granular_terms.ASSIGNABLE_ROLES) == 120
    assert frozenset(DIRECTORY_ROLES) == granular_terms.ASSIGNABLE_ROLES
    assert granular_terms.roles([HELPDESK, HELPDESK]) == {HELPDESK}
    with pytest.raises(RolesMissing):
        granular_terms.roles([])


@pytest.mark.parametrize(
    "unknown",
    [
        UUID(int=7),
        UUID("4ba39ca4-527c-499a-b93d-d9b492c50246"),  # Partner Tier1 Support
        UUID("9c094953-4995-41c8-84c8-3ebb9b32c93f"),  # Device Join
        UUID("08372b87-7d02-482a-9e02-fb03ea5fe193"),  # a marker in tokens, no role
    ],
)
def test_roles_that_cannot_be_asked_for(unknown: UUID) -> None:
    with pytest.raises(RoleUnknown):
        granular_terms.roles([HELPDESK, unknown])


# --- changing

TERMS = Terms(
    display_name="Support",
    customer_id=UUID(int=1),
    duration=granular_terms.duration("P730D"),
    auto_extend_duration="PT0S",
    roles=frozenset({HELPDESK, GLOBAL}),
)


def test_a_draft_changes_freely() -> None:
    change = TermsChange(
        display_name="Other",
        customer_id=None,
        duration="P30D",
        auto_extend_duration="P180D",
        roles=frozenset({USERS}),
    )
    wanted = Terms(
        display_name="Other",
        customer_id=None,
        duration=granular_terms.duration("P30D"),
        auto_extend_duration="P180D",
        roles=frozenset({USERS}),
    )
    assert granular_terms.changed(S.CREATED, TERMS, change) == granular_terms.Changed(wanted)
    assert granular_terms.changed(S.CREATED, TERMS, TermsChange()) == granular_terms.Changed(TERMS)


def test_a_draft_with_global_administrator_does_not_extend() -> None:
    with pytest.raises(GlobalAdministratorExtends):
        granular_terms.changed(S.CREATED, TERMS, TermsChange(auto_extend_duration="P180D"))
    with pytest.raises(GlobalAdministratorExtends):
        WantedTerms(display_name="x", duration="P1D", roles=frozenset({GLOBAL}), auto_extend_duration="P180D").read()


def test_an_active_one_changes_its_extension() -> None:
    without = msgspec.structs.replace(TERMS, roles=frozenset({HELPDESK}))
    change = granular_terms.changed(S.ACTIVE, without, TermsChange(auto_extend_duration="P180D"))
    assert change == granular_terms.Changed(msgspec.structs.replace(without, auto_extend_duration="P180D"))


def test_an_active_one_loses_global_administrator_and_nothing_else() -> None:
    change = granular_terms.changed(S.ACTIVE, TERMS, TermsChange(roles=frozenset({HELPDESK})))
    assert change.drops_global_administrator
    assert change.terms.roles == {HELPDESK}


def test_what_is_sent_back_as_it_was_is_no_change() -> None:
    echo = TermsChange(
        display_name="Support",
        customer_id=UUID(int=1),
        duration="P730D",
        auto_extend_duration="P0D",
        roles=frozenset({HELPDESK, GLOBAL}),
    )
    assert granular_terms.changed(S.ACTIVE, TERMS, echo) == granular_terms.Changed(TERMS)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (TermsChange(display_name="Other"), "displayName"),
        (TermsChange(customer_id=UUID(int=2)), "customer"),
        (TermsChange(duration="P1D"), "duration"),
        (TermsChange(roles=frozenset({GLOBAL})), "accessDetails"),
        (TermsChange(roles=frozenset({HELPDESK, GLOBAL, USERS})), "accessDetails"),
        (TermsChange(roles=frozenset({HELPDESK, USERS})), "accessDetails"),
        (TermsChange(duration="P1D", display_name="Other"), "displayName, duration"),
    ],
)
def test_an_active_one_refuses_every_other_change(change: TermsChange, named: str) -> None:
    with pytest.raises(UpdateRefused) as refused:
        granular_terms.changed(S.ACTIVE, TERMS, change)
    assert refused.value.facts["members"] == named


def test_an_active_one_does_not_extend_while_global_administrator_is_in_it() -> None:
    with pytest.raises(GlobalAdministratorExtends):
        granular_terms.changed(S.ACTIVE, TERMS, TermsChange(auto_extend_duration="P180D"))
    both = TermsChange(auto_extend_duration="P180D", roles=frozenset({HELPDESK}))
    with pytest.raises(GlobalAdministratorExtends):
        granular_terms.changed(S.ACTIVE, TERMS, both)
    only = msgspec.structs.replace(TERMS, roles=frozenset({GLOBAL}))
    with pytest.raises(RolesMissing):
        granular_terms.changed(S.ACTIVE, only, TermsChange(roles=frozenset()))


@pytest.mark.parametrize("status", sorted(set(Status) - {S.CREATED, S.ACTIVE}))
def test_in_no_other_state_anything_changes(status: Status) -> None:
    with pytest.raises(StatusForbids):
        granular_terms.changed(status, TERMS, TermsChange(display_name="Support"))


# --- the clock

T0 = datetime(2026, 1, 31, 12, tzinfo=UTC)
END = T0 + timedelta(days=90)


def day(number: float) -> datetime:
    return T0 + timedelta(days=number)


@pytest.mark.parametrize(
    ("times", "at", "propagation", "due"),
    [
        (Times(S.CREATED, T0), T0, "PT0S", None),
        (Times(S.APPROVAL_PENDING, T0), T0, "PT0S", Due(day(90), A.LAPSE)),
        (Times(S.APPROVED, T0), T0, "PT5M", Due(T0, A.PROVISION)),
        (Times(S.ACTIVATING, T0), T0, "PT0S", Due(T0, A.ACTIVATE)),
        (Times(S.ACTIVATING, T0), T0, "PT5M", Due(T0 + timedelta(minutes=5), A.ACTIVATE)),
        (Times(S.ACTIVE, T0, END), T0, "PT0S", Due(day(60), None, timedelta(days=30))),
        (Times(S.ACTIVE, T0, END), day(60), "PT0S", Due(day(83), None, timedelta(days=7))),
        (Times(S.ACTIVE, T0, END), day(83), "PT0S", Due(day(89), None, timedelta(days=1))),
        (Times(S.ACTIVE, T0, END), day(89), "PT0S", Due(END, A.EXPIRE)),
        (Times(S.ACTIVE, T0, day(30)), T0, "PT0S", Due(day(23), None, timedelta(days=7))),
        (Times(S.ACTIVE, T0, day(1)), T0, "PT0S", Due(day(1), A.EXPIRE)),
        (Times(S.ACTIVE, T0, END, extends=True), T0, "PT0S", Due(day(89), A.EXTEND)),
        (Times(S.ACTIVE, T0, END, extends=True), day(89.5), "PT0S", Due(day(89), A.EXTEND)),
        (Times(S.EXPIRING, T0, T0), T0, "PT5M", Due(T0 + timedelta(minutes=5), A.FINISH)),
        (Times(S.TERMINATION_REQUESTED, T0), T0, "PT5M", Due(T0, A.CLEAN_UP)),
        (Times(S.TERMINATING, T0), T0, "PT5M", Due(T0 + timedelta(minutes=5), A.FINISH)),
        (Times(S.EXPIRED, T0), T0, "PT0S", Due(datetime(2027, 1, 31, 12, tzinfo=UTC), A.FORGET)),
        (Times(S.TERMINATED, T0), T0, "PT0S", Due(datetime(2027, 1, 31, 12, tzinfo=UTC), A.FORGET)),
    ],
)
def test_what_time_does_next(times: Times, at: datetime, propagation: str, due: Due | None) -> None:
    assert next_due(times, at, propagation) == due


# --- assignments, requests, operations

AS, AA = AssignmentStatus, AssignmentAction


def test_every_step_of_an_assignment_and_no_other() -> None:
    found = {}
    for status in AssignmentStatus:
        for action in AssignmentAction:
            try:
                found[status, action] = after_assignment(status, action)
            except (AlreadyDeleted, AssignmentForbids):
                continue
    assert found == {
        (AS.PENDING, AA.ACTIVATE): AS.ACTIVE,
        (AS.PENDING, AA.FAIL): AS.ERROR,
        (AS.PENDING, AA.DELETE): AS.DELETING,
        (AS.ACTIVE, AA.UPDATE): AS.ACTIVE,
        (AS.ACTIVE, AA.DELETE): AS.DELETING,
        (AS.ERROR, AA.DELETE): AS.DELETING,
        (AS.DELETING, AA.FINISH): AS.DELETED,
    }
    assert {action for _, action in ASSIGNMENT_TRANSITIONS} == set(AssignmentAction)


@pytest.mark.parametrize(
    ("status", "action", "refusal", "http"),
    [
        (AS.DELETED, AA.DELETE, AlreadyDeleted, 409),
        (AS.DELETING, AA.DELETE, AlreadyDeleted, 409),
        (AS.PENDING, AA.UPDATE, AssignmentForbids, 400),
        (AS.ERROR, AA.UPDATE, AssignmentForbids, 400),
        (AS.DELETED, AA.UPDATE, AssignmentForbids, 400),
    ],
)
def test_steps_of_an_assignment_that_are_refused(
    status: AssignmentStatus, action: AssignmentAction, refusal: type[granular.Refused], http: int
) -> None:
    with pytest.raises(refusal) as refused:
        after_assignment(status, action)
    assert refused.value.status == http


def test_a_group_gets_a_subset() -> None:
    approved = frozenset({HELPDESK, USERS})
    assert assigned_roles(approved, approved) == approved
    with pytest.raises(RolesMissing):
        assigned_roles(frozenset(), approved)
    with pytest.raises(RoleOutside) as refused:
        assigned_roles(frozenset({HELPDESK, READERS}), approved)
    assert refused.value.facts == {"role": str(READERS)}


@pytest.mark.parametrize(
    ("constraint", "given"),
    [
        (None, {HELPDESK, USERS}),
        (frozenset({HELPDESK}), {HELPDESK}),
        (frozenset({LICENSES}), set()),
    ],
)
def test_what_an_assignment_really_gives(constraint: frozenset[UUID] | None, given: set[UUID]) -> None:
    assigned, approved = frozenset({HELPDESK, USERS, GLOBAL}), frozenset({HELPDESK, USERS, READERS})
    assert effective_roles(assigned, approved, constraint) == given


def test_a_constraint_names_the_role_it_forbids() -> None:
    check_constraint(frozenset({HELPDESK}), None)
    check_constraint(frozenset({HELPDESK}), frozenset({HELPDESK, USERS}))
    with pytest.raises(RoleNotAllowed) as refused:
        check_constraint(frozenset({HELPDESK, USERS}), frozenset({HELPDESK}))
    assert (refused.value.status, refused.value.facts) == (403, {"role": str(USERS)})


def test_requests_and_operations_pass_in_order() -> None:
    assert REQUEST_TRANSITIONS == {
        RequestStatus.CREATED: RequestStatus.PENDING,
        RequestStatus.PENDING: RequestStatus.SUCCEEDED,
    }
    assert OPERATION_TRANSITIONS == {
        OperationStatus.NOT_STARTED: (OperationStatus.RUNNING, OperationStatus.FAILED),
        OperationStatus.RUNNING: (OperationStatus.SUCCEEDED, OperationStatus.FAILED),
    }
    assert request_action("terminate") is RequestAction.TERMINATE
    with pytest.raises(RequestActionUnknown):
        request_action("Terminate!")


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        (RequestAction.LOCK_FOR_APPROVAL, "lockForApproval", "lockForApproval"),
        (RequestAction.REJECT, "unknownFutureValue", "reject"),
        (
            OperationType.ASSIGNMENT_UPDATE,
            "delegatedAdminAccessAssignmentUpdate",
            "delegatedAdminAccessAssignmentUpdate",
        ),
        (OperationType.RELATIONSHIP_UPDATE, "unknownFutureValue", "delegatedAdminRelationshipUpdate"),
        (Status.TERMINATION_REQUESTED, "terminationRequested", "terminationRequested"),
    ],
)
def test_words_behind_the_sentinel(member: Status | RequestAction | OperationType, old: str, new: str) -> None:
    assert (wire_word(member, include_unknown=False), wire_word(member, include_unknown=True)) == (old, new)


def test_the_approval_link() -> None:
    assert approval_path("a-b") == "/AdminPortal/Home#/partners/invitation/granularAdminRelationships/a-b"


# --- defaults


@pytest.mark.parametrize(
    ("kind", "count"),
    [(PartnerKind.DIRECT_BILL, 11), (PartnerKind.INDIRECT_PROVIDER, 11), (PartnerKind.INDIRECT_RESELLER, 9)],
)
def test_the_default_relationship(kind: PartnerKind, count: int) -> None:
    terms = granular_defaults.default_terms(kind, UUID("aa6f5d11-0000-4000-8000-000000000001"), "Müller & Söhne")
    read = terms.read()
    assert len(read.roles) == count
    assert (role("Application Administrator") in read.roles) is (count == 11)
    assert GLOBAL not in read.roles
    assert (read.duration.days, read.auto_extend_duration) == (730, "PT0S")
    assert read.display_name == "Default_MullerSohne_aa6f5d11"
    long = granular_defaults.default_terms(kind, UUID(int=0), "Long company name " * 9)
    assert long.display_name == "Default_LongCompanyNameLongCompanyNameLon_00000000"
