"""The rules of customers, one behaviour a test."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers import rules
from openpartner.customers.rules import (
    Acceptance,
    AgreementContact,
    AgreementType,
    HeldItem,
    HoldingKind,
    Holdings,
    NewCustomer,
    Qualification,
    QualificationRequest,
    Relationship,
    Review,
    ReviewAction,
    Transaction,
    Vetting,
)
from openpartner.platform.addresses import Address
from openpartner.platform.errors import DomainError, InvalidFields
from openpartner.platform.http.filters import Comparison, Operator, parse

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)

ADDRESS = Address(
    country="US",
    address_line1="1 Microsoft Way",
    city="Redmond",
    state="WA",
    postal_code="98052",
    first_name="Gena",
    last_name="Soto",
)
CONTOSO = NewCustomer(
    domain="contoso.onmicrosoft.com",
    company_name="Contoso",
    email="gena@contoso.com",
    culture="en-US",
    language="en",
    address=ADDRESS,
)
KAZAKH = replace(ADDRESS, country="KZ", city="Astana", state="", postal_code="010000", phone_number="7172123456")


def refusal_of(act: Callable[[], object]) -> tuple[int, int | str, str]:
    """Status, code and message of what ``act`` raises."""
    with pytest.raises(DomainError) as refusal:
        act()
    return int(refusal.value.status), refusal.value.code, refusal.value.message


def test_a_customer_is_stored_tidily() -> None:
    given = replace(
        CONTOSO,
        domain=" Contoso.OnMicrosoft.com",
        company_name=" Contoso ",
        language="EN",
        address=replace(ADDRESS, country="us", state="Washington"),
    )

    assert rules.accepted(given) == CONTOSO


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("contoso", "contoso.onmicrosoft.com"),
        ("Contoso.onmicrosoft.com", "contoso.onmicrosoft.com"),
        ("c", "c.onmicrosoft.com"),
        ("a" * 27, f"{'a' * 27}.onmicrosoft.com"),
        ("a" * 28, None),
        ("con-toso", "con-toso.onmicrosoft.com"),
        ("-contoso", None),
        ("contoso-", None),
        ("con toso", None),
        ("contoso.com", None),
        ("contoso.", None),
        ("", None),
    ],
)
def test_the_first_domain(text: str, domain: str | None) -> None:
    assert rules.initial_domain(text) == domain


def test_a_world_may_have_other_first_domains() -> None:
    suffixes = ("example.test", "onmicrosoft.com")

    assert rules.initial_domain("contoso", suffixes) == "contoso.example.test"
    assert rules.initial_domain("contoso.onmicrosoft.com", suffixes) == "contoso.onmicrosoft.com"


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        (
            {"domain": "contoso.com", "email": "gena"},
            {
                "email": "The email address must have the form name@domain.",
                "domain": "The domain must be a prefix of up to 27 letters and digits, then .onmicrosoft.com.",
            },
        ),
        ({"company_name": " "}, {"company_name": "The company name must have 1 to 256 characters."}),
        ({"culture": "english"}, {"culture": "The culture must be a supported one, such as en-US."}),
        ({"language": "en-US"}, {"language": "The language must be two letters, such as en."}),
        (
            {"address": replace(ADDRESS, first_name="", postal_code="1")},
            {
                "first_name": "First name is needed in United States.",
                "postal_code": r"The postal code does not match ^\d{5}(-\d{4})?$.",
            },
        ),
    ],
)
def test_every_wrong_member_is_named_at_once(changed: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(InvalidFields) as refusal:
        rules.accepted(replace(CONTOSO, **changed))

    assert (refusal.value.problems, refusal.value.code) == (problems, 800002)


def test_creation_asks_for_the_registration_number_of_the_country() -> None:
    given = replace(CONTOSO, address=KAZAKH)

    assert refusal_of(lambda: rules.accepted(given))[1] == 600049
    assert rules.accepted(replace(given, registration_number=" 030640005418 ")).registration_number == "030640005418"


def test_lists_are_filtered_by_the_start_of_a_name() -> None:
    tree = parse('{"Field":"CompanyName","Value":"cont","Operator":"starts_with"}', rules.FILTER_FIELDS)

    assert tree == Comparison("CompanyName", Operator.STARTS_WITH, "cont")
    assert refusal_of(lambda: parse('{"Field":"Domain","Value":"cont","Operator":"equals"}', rules.FILTER_FIELDS)) == (
        400,
        800002,
        "The field Domain cannot be compared with equals; use starts_with.",
    )


def held(*kinds: HoldingKind) -> Holdings:
    """One thing of each of these kinds."""
    return Holdings(tuple(HeldItem(kind, UUID(int=number), kind.value) for number, kind in enumerate(kinds)))


def test_a_relationship_ends_when_nothing_is_held() -> None:
    ended = rules.changed_relationship(Relationship.RESELLER, Relationship.NONE, Holdings())

    assert ended is Relationship.NONE


def test_asking_for_what_is_changes_nothing() -> None:
    holdings = held(HoldingKind.SUBSCRIPTION)

    assert rules.changed_relationship(Relationship.RESELLER, Relationship.RESELLER, holdings) is Relationship.RESELLER


@pytest.mark.parametrize(
    ("relationship", "wanted", "holdings", "message"),
    [
        (
            Relationship.RESELLER,
            Relationship.NONE,
            held(
                HoldingKind.SUBSCRIPTION,
                HoldingKind.SUBSCRIPTION,
                HoldingKind.AZURE_PLAN,
                HoldingKind.RESERVATION,
                HoldingKind.SOFTWARE,
            ),
            (
                "The relationship cannot end yet: suspend or cancel 2 active subscriptions, suspend 1 Azure plans once "
                "their Azure subscriptions are cancelled, cancel 1 reservations, cancel 1 software subscriptions first."
            ),
        ),
        (
            Relationship.NONE,
            Relationship.RESELLER,
            Holdings(),
            "A relationship that is none cannot become reseller; send the customer a relationship request.",
        ),
        (
            Relationship.ADVISOR,
            Relationship.NONE,
            Holdings(),
            "A relationship that is advisor cannot become none; send the customer a relationship request.",
        ),
    ],
)
def test_a_relationship_that_cannot_change(
    relationship: Relationship, wanted: Relationship, holdings: Holdings, message: str
) -> None:
    assert refusal_of(lambda: rules.changed_relationship(relationship, wanted, holdings)) == (400, 800002, message)


@pytest.mark.parametrize(
    ("present", "wanted", "after"), [(True, False, False), (True, True, True), (False, False, False)]
)
def test_delegated_access_can_be_given_up(present: bool, wanted: bool, after: bool) -> None:
    assert rules.changed_delegated_access(present, wanted) is after


def test_delegated_access_cannot_be_taken() -> None:
    assert refusal_of(lambda: rules.changed_delegated_access(False, True)) == (
        400,
        800002,
        "Delegated access can only be removed here; request it from the customer instead.",
    )


@pytest.mark.parametrize("review", [None, *Review])
@pytest.mark.parametrize("action", ReviewAction)
def test_a_review_moves_only_along_its_table(review: Review | None, action: ReviewAction) -> None:
    after = {
        ReviewAction.OPEN: None if review is Review.UNDER_REVIEW else Review.UNDER_REVIEW,
        ReviewAction.ALLOW: Review.ALLOWED if review is Review.UNDER_REVIEW else None,
        ReviewAction.REFUSE: Review.NOT_ALLOWED if review is Review.UNDER_REVIEW else None,
    }[action]

    if after is None:
        assert refusal_of(lambda: rules.reviewed(review, action))[0] == 409
    else:
        assert rules.reviewed(review, action) is after


@pytest.mark.parametrize(
    ("review", "has_agreement", "code", "held_up"),
    [
        (None, True, 0, ""),
        (Review.ALLOWED, True, 0, ""),
        (Review.UNDER_REVIEW, True, 800073, "purchase, increase quantity, change term or plan, upgrade"),
        (Review.UNKNOWN, True, 800074, "purchase, increase quantity, change term or plan, upgrade"),
        (Review.NOT_READY, True, 800074, "purchase, increase quantity, change term or plan, upgrade"),
        (Review.NOT_ALLOWED, True, 800075, "purchase, increase quantity, change term or plan, upgrade"),
        (None, False, 13605, "purchase, increase quantity, decrease quantity, change term or plan, upgrade"),
        (Review.ALLOWED, False, 13605, "purchase, increase quantity, decrease quantity, change term or plan, upgrade"),
    ],
)
def test_what_a_review_and_a_missing_agreement_hold_up(
    review: Review | None, has_agreement: bool, code: int, held_up: str
) -> None:
    refused = []
    for transaction in Transaction:
        try:
            rules.check_transaction(transaction, review=review, has_agreement=has_agreement)
        except DomainError as refusal:
            assert (refusal.status, refusal.code) == (403, code)  # noqa: PT017  # gathered over all transactions
            refused.append(transaction.value)

    assert ", ".join(refused) == held_up


def test_the_review_is_named_before_the_agreement() -> None:
    assert refusal_of(
        lambda: rules.check_transaction(Transaction.PURCHASE, review=Review.NOT_ALLOWED, has_agreement=False)
    ) == (403, 800075, "The customer account was not approved; correct its data and contact support.")


TEMPLATE = "117a77b0-9360-443b-8795-c6dedc750cf9"
TEMPLATES = {TEMPLATE: AgreementType.CUSTOMER}
TANIA = AgreementContact("Tania", "Carr", "someone@example.com", "1234567890")
ACCEPTANCE = Acceptance(AgreementType.CUSTOMER, TEMPLATE, TANIA, NOW - timedelta(days=1))


def attest(acceptance: Acceptance, *, by_reseller: bool = False, earlier: tuple[Acceptance, ...] = ()) -> None:
    rules.check_attestation(acceptance, at=NOW, by_reseller=by_reseller, templates=TEMPLATES, earlier=earlier)


def test_a_partner_attests() -> None:
    attest(ACCEPTANCE)
    attest(replace(ACCEPTANCE, agreed_at=NOW))


@pytest.mark.parametrize(
    ("acceptance", "by_reseller", "status", "code", "message"),
    [
        (
            ACCEPTANCE,
            True,
            403,
            900150,
            (
                "An indirect reseller cannot confirm the customer agreement; ask the indirect provider, or let the "
                "customer sign it."
            ),
        ),
        (
            replace(ACCEPTANCE, contact=AgreementContact("", "Carr", "nobody")),
            False,
            400,
            800002,
            (
                "The first name of the contact is needed. The email address of the contact must have the form "
                "name@domain."
            ),
        ),
        (
            replace(ACCEPTANCE, template_id="other"),
            False,
            400,
            800002,
            (
                "'other' is not a template of MicrosoftCustomerAgreement; read the agreement's metadata for its "
                "templateId."
            ),
        ),
        (
            replace(ACCEPTANCE, agreement_type=AgreementType.CLOUD),
            False,
            400,
            800002,
            (
                f"'{TEMPLATE}' is not a template of MicrosoftCloudAgreement; read the agreement's metadata for its "
                "templateId."
            ),
        ),
        (
            replace(ACCEPTANCE, agreed_at=NOW + timedelta(seconds=1)),
            False,
            400,
            800002,
            "dateAgreed lies in the future; give the day on which the customer accepted.",
        ),
    ],
)
def test_an_attestation_that_is_refused(
    acceptance: Acceptance, by_reseller: bool, status: int, code: int, message: str
) -> None:
    assert refusal_of(lambda: attest(acceptance, by_reseller=by_reseller)) == (status, code, message)


@pytest.mark.parametrize(
    "changed", [{}, {"first_name": " TANIA "}, {"email": "Someone@Example.com"}, {"phone_number": "123 456 7890"}]
)
def test_the_same_details_are_not_recorded_twice(changed: dict[str, str]) -> None:
    again = replace(ACCEPTANCE, contact=replace(TANIA, **changed), agreed_at=NOW)

    assert refusal_of(lambda: attest(again, earlier=(ACCEPTANCE,)))[:2] == (400, 600061)


def test_another_contact_confirms_anew() -> None:
    attest(replace(ACCEPTANCE, contact=replace(TANIA, first_name="Bo")), earlier=(ACCEPTANCE,))


OLD = replace(ACCEPTANCE, agreed_at=datetime(2023, 3, 31, 23, 59, 59, tzinfo=UTC))


def test_an_old_acceptance_may_be_repeated_with_the_same_details() -> None:
    attest(ACCEPTANCE, earlier=(OLD,))


@pytest.mark.parametrize(
    ("agreed_at", "at", "good"),
    [
        (datetime(2023, 3, 31, tzinfo=UTC), datetime(2025, 10, 6, 23, 59, tzinfo=UTC), True),
        (datetime(2023, 3, 31, tzinfo=UTC), datetime(2025, 10, 7, tzinfo=UTC), False),
        (datetime(2023, 4, 1, tzinfo=UTC), datetime(2025, 10, 7, tzinfo=UTC), True),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), False),
    ],
)
def test_how_long_an_acceptance_is_good(agreed_at: datetime, at: datetime, good: bool) -> None:
    acceptances = [replace(ACCEPTANCE, agreed_at=agreed_at)]

    assert rules.has_accepted(acceptances, AgreementType.CUSTOMER, at) is good
    assert rules.has_accepted(acceptances, AgreementType.CLOUD, at) is False


EDU, GCC, SOE = (
    Qualification.EDUCATION,
    Qualification.GOVERNMENT_COMMUNITY_CLOUD,
    Qualification.STATE_OWNED_ENTITY,
)


@pytest.mark.parametrize(
    ("request_", "held", "vetting"),
    [
        (QualificationRequest(EDU, segment="k12"), {}, Vetting.IN_REVIEW),
        (QualificationRequest(EDU, segment="HigherEducation"), {SOE: None}, Vetting.IN_REVIEW),
        (QualificationRequest(EDU, segment="K12"), {EDU: Vetting.DENIED}, Vetting.IN_REVIEW),
        (QualificationRequest(EDU, segment="K12"), {Qualification.NONE: None}, Vetting.IN_REVIEW),
        (QualificationRequest(GCC, code="123456"), {SOE: None}, Vetting.IN_REVIEW),
        (QualificationRequest(SOE), {EDU: Vetting.APPROVED}, None),
        (QualificationRequest(SOE), {GCC: Vetting.IN_REVIEW}, None),
    ],
)
def test_where_the_vetting_of_a_qualification_begins(
    request_: QualificationRequest, held: rules.Held, vetting: Vetting | None
) -> None:
    assert rules.requested_vetting(request_, held, creations_left=1) is vetting


@pytest.mark.parametrize(
    ("request_", "held", "creations_left", "status", "message"),
    [
        (
            QualificationRequest(Qualification.NONPROFIT),
            {},
            0,
            400,
            "The qualification Nonprofit cannot be set; use Education, GovernmentCommunityCloud, StateOwnedEntity.",
        ),
        (
            QualificationRequest(Qualification.NONE),
            {},
            0,
            400,
            "The qualification None cannot be set; use Education, GovernmentCommunityCloud, StateOwnedEntity.",
        ),
        (
            QualificationRequest(EDU),
            {},
            0,
            400,
            "The qualification Education needs an educationSegment: K12 or HigherEducation.",
        ),
        (
            QualificationRequest(GCC),
            {},
            1,
            400,
            "The qualification GovernmentCommunityCloud needs a validation code.",
        ),
        (
            QualificationRequest(GCC, code="1"),
            {},
            0,
            400,
            "The validation code '1' is not yours or is used up; list your validation codes.",
        ),
        (
            QualificationRequest(EDU, segment="K12"),
            {EDU: Vetting.IN_REVIEW},
            0,
            409,
            "The customer's qualification Education is InReview already.",
        ),
        (
            QualificationRequest(SOE),
            {SOE: None},
            0,
            409,
            "The customer's qualification StateOwnedEntity is set already.",
        ),
        (
            QualificationRequest(EDU, segment="K12"),
            {GCC: Vetting.APPROVED},
            0,
            409,
            "A customer cannot be qualified for Education and GovernmentCommunityCloud at once.",
        ),
        (
            QualificationRequest(SOE),
            {Qualification.NONPROFIT: None},
            0,
            409,
            "A customer cannot be qualified for StateOwnedEntity and Nonprofit at once.",
        ),
    ],
)
def test_a_qualification_that_is_refused(
    request_: QualificationRequest, held: rules.Held, creations_left: int, status: int, message: str
) -> None:
    refused = refusal_of(lambda: rules.requested_vetting(request_, held, creations_left=creations_left))

    assert (refused[0], refused[2]) == (status, message)


def test_the_older_call_names_no_segment() -> None:
    request = QualificationRequest(EDU)

    assert rules.requested_vetting(request, {}, creations_left=0, needs_segment=False) is Vetting.IN_REVIEW


@pytest.mark.parametrize(
    ("text", "qualification"),
    [
        ("Education", EDU),
        ("government_community_cloud", GCC),
        ("GovernmentCommunityCloud", GCC),
        ("state_owned_entity", SOE),
        ("none", Qualification.NONE),
        ("charity", None),
    ],
)
def test_qualifications_are_read_in_both_spellings(text: str, qualification: Qualification | None) -> None:
    assert rules.qualification_named(text) is qualification


def test_a_vetting_is_decided_once() -> None:
    assert rules.decided(Vetting.IN_REVIEW, approve=True) is Vetting.APPROVED
    assert rules.decided(Vetting.IN_REVIEW, approve=False, reason="No school.") is Vetting.DENIED
    assert refusal_of(lambda: rules.decided(Vetting.IN_REVIEW, approve=False, reason=" "))[0] == 400


@pytest.mark.parametrize("vetting", [None, Vetting.APPROVED, Vetting.DENIED])
def test_what_is_not_in_review_cannot_be_decided(vetting: Vetting | None) -> None:
    assert refusal_of(lambda: rules.decided(vetting, approve=True))[0] == 409


@pytest.mark.parametrize(
    ("held", "counting", "single"),
    [
        ({}, set(), Qualification.NONE),
        ({EDU: Vetting.IN_REVIEW}, set(), Qualification.NONE),
        ({EDU: Vetting.DENIED, SOE: None}, {SOE}, SOE),
        ({SOE: None, EDU: Vetting.APPROVED}, {SOE, EDU}, EDU),
        ({GCC: Vetting.APPROVED}, {GCC}, GCC),
    ],
)
def test_what_counts(held: rules.Held, counting: set[Qualification], single: Qualification) -> None:
    assert rules.qualified_for(held) == counting
    assert rules.single_qualification(held) is single


@pytest.mark.parametrize("segment", ["commercial", "Education", "anything"])
def test_segments_that_are_open(segment: str) -> None:
    rules.check_segment(segment, {EDU: Vetting.APPROVED})


@pytest.mark.parametrize("segment", ["Education", "government", "nonprofit"])
def test_segments_that_need_a_qualification(segment: str) -> None:
    assert refusal_of(lambda: rules.check_segment(segment, {EDU: Vetting.IN_REVIEW})) == (
        403,
        400030,
        f"The customer is not qualified for the segment {segment}; request the qualification first.",
    )
