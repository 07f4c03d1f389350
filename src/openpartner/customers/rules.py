"""What a customer may be, and what may be done with one: creation, relationship, review, agreement, qualifications.

Source: commerce-rules §2 and §3; partner-center-resources §2 and §3; account-and-security §3; docs/spec/customers.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform import addresses, countries
from openpartner.platform.addresses import Address
from openpartner.platform.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound
from openpartner.platform.http.filters import Fields, Operator
from openpartner.platform.registration import check_registration

FILTER_FIELDS: Fields = MappingProxyType(
    dict.fromkeys(
        ("CompanyName", "Domain", "IndirectReseller", "IndirectCloudSolutionProvider"),
        frozenset({Operator.STARTS_WITH}),
    )
)
"""By what a list of customers may be filtered."""

SANDBOX_CUSTOMERS = 75
"""How many customers a partner may have in the sandbox. Source: partner-center-conventions §18."""


class SandboxFull(Invalid):
    """Source: partner-center-conventions §19, 800018."""

    code = 800018

    def __init__(self) -> None:
        super().__init__(f"The sandbox holds {SANDBOX_CUSTOMERS} customers at most; delete one first.")


# Creation

LONGEST_COMPANY_NAME = 256
LONGEST_EMAIL = 320
LONGEST_DOMAIN_PREFIX = 27

INITIAL_DOMAINS = ("onmicrosoft.com",)
"""Under which names a customer tenant gets its first domain."""

_EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")
_PREFIX = re.compile(rf"^[a-z0-9]([a-z0-9-]{{0,{LONGEST_DOMAIN_PREFIX - 2}}}[a-z0-9])?$", re.IGNORECASE)


@dataclass(frozen=True)
class NewCustomer:
    """What a partner says of a customer to be created; ``accepted`` gives it back as it is stored."""

    domain: str
    company_name: str
    email: str
    culture: str
    language: str
    address: Address
    registration_number: str = ""
    first_name: str = ""
    last_name: str = ""


class PasswordNotAllowed(Invalid):
    """The first administrator's password is made here. Source: partner-center-resources §2, Customer."""

    def __init__(self) -> None:
        super().__init__("Leave userCredentials out: the first administrator's password is in the answer.")


def initial_domain(text: str, suffixes: Iterable[str] = INITIAL_DOMAINS) -> str | None:
    """The first domain of a tenant, in small letters, from a prefix or a whole name; None when it cannot be one."""
    allowed = tuple(suffixes)
    prefix, dot, suffix = text.strip().lower().partition(".")
    if not _PREFIX.match(prefix) or (dot and suffix not in allowed):
        return None
    return f"{prefix}.{suffix or allowed[0]}"


def accepted(customer: NewCustomer, *, suffixes: Iterable[str] = INITIAL_DOMAINS) -> NewCustomer:
    """The customer as it is stored: domain in small letters, tidy address. Whether the domain is free is not asked.

    Raises InvalidFields with every member that is wrong, then the errors of ``check_registration``.
    """
    domain = initial_domain(customer.domain, suffixes)
    problems = billing_problems(
        company_name=customer.company_name,
        email=customer.email,
        culture=customer.culture,
        language=customer.language,
        address=customer.address,
    )
    if domain is None:
        problems["domain"] = (
            f"The domain must be a prefix of up to {LONGEST_DOMAIN_PREFIX} letters and digits, "
            f"then .{' or .'.join(suffixes)}."
        )
    if domain is None or problems:
        raise InvalidFields(problems)
    address = addresses.normalised(customer.address)
    check_registration(address.country, customer.registration_number, address.phone_number)
    return replace(
        customer,
        domain=domain,
        company_name=customer.company_name.strip(),
        email=customer.email.strip(),
        language=customer.language.lower(),
        address=address,
        registration_number=customer.registration_number.strip(),
    )


def billing_problems(*, company_name: str, email: str, culture: str, language: str, address: Address) -> dict[str, str]:
    """What is wrong with a billing profile: each member with one sentence. Also for replacing one."""
    problems = {
        "company_name": ""
        if 0 < len(company_name.strip()) <= LONGEST_COMPANY_NAME
        else (f"The company name must have 1 to {LONGEST_COMPANY_NAME} characters."),
        "email": "" if is_email(email) else "The e-mail address must have the form name@domain.",
        "culture": "" if countries.is_culture(culture) else "The culture must be a supported one, such as en-US.",
        "language": "" if countries.is_language(language) else "The language must be two letters, such as en.",
    }
    found = {member: sentence for member, sentence in problems.items() if sentence}
    return found | addresses.problems_of(address, person=True)


def is_email(text: str) -> bool:
    return len(text) <= LONGEST_EMAIL and _EMAIL.match(text.strip()) is not None


class AssociatedPartnerNotAllowed(Invalid):
    """Only an indirect provider creates customers for a reseller. Source: partner-center-resources §2, Customer."""

    def __init__(self) -> None:
        super().__init__("Only an indirect provider may name an associatedPartnerId; leave it out.")


# Relationship


class Relationship(StrEnum):
    """What the partner is to the customer; the words of the wire."""

    UNKNOWN = "unknown"
    RESELLER = "reseller"
    ADVISOR = "advisor"
    SYNDICATION = "syndication"
    MICROSOFT_SUPPORT = "microsoft_support"
    NONE = "none"


@dataclass(frozen=True)
class Holdings:
    """What the customer still has from the partner, counted."""

    active_subscriptions: int = 0
    reservations: int = 0
    software_orders: int = 0


class RelationshipUnreachable(Invalid):
    """A partner can only end a relationship; a customer begins it. Source: partner-center-resources §2, Customer."""

    def __init__(self, relationship: Relationship, wanted: Relationship) -> None:
        super().__init__(
            f"A relationship that is {relationship} cannot become {wanted}; send the customer a relationship request.",
            relationship=str(relationship),
            wanted=str(wanted),
        )


class CustomerStillHolds(Invalid):
    """Source: portal-workspaces §2, remove relationship."""

    def __init__(self, holdings: Holdings) -> None:
        steps = (
            (holdings.active_subscriptions, "suspend or cancel {} active subscriptions"),
            (holdings.reservations, "cancel {} reservations"),
            (holdings.software_orders, "cancel {} software orders"),
        )
        to_do = ", ".join(step.format(count) for count, step in steps if count)
        super().__init__(f"The relationship cannot end yet: {to_do} first.")


def changed_relationship(relationship: Relationship, wanted: Relationship, holdings: Holdings) -> Relationship:
    """The relationship after a partner asked for ``wanted``; the same one changes nothing.

    Raises RelationshipUnreachable, CustomerStillHolds.
    """
    if wanted == relationship:
        return relationship
    if (relationship, wanted) != (Relationship.RESELLER, Relationship.NONE):
        raise RelationshipUnreachable(relationship, wanted)
    if holdings != Holdings():
        raise CustomerStillHolds(holdings)
    return Relationship.NONE


class DelegatedAccessNotGiven(Invalid):
    """Only the customer gives access. Source: partner-center-resources §2, Customer, allowDelegatedAccess."""

    def __init__(self) -> None:
        super().__init__("Delegated access can only be removed here; request it from the customer instead.")


def changed_delegated_access(present: bool, wanted: bool) -> bool:
    """Whether delegated access remains; raises DelegatedAccessNotGiven when it is asked for anew."""
    if wanted and not present:
        raise DelegatedAccessNotGiven
    return wanted


# Review of the account, and what may be transacted


class Review(StrEnum):
    """Where the review of a customer account stands; the words of the wire. A customer may have none."""

    UNKNOWN = "Unknown"
    UNDER_REVIEW = "UnderReview"
    ALLOWED = "Allowed"
    NOT_ALLOWED = "NotAllowed"
    NOT_READY = "Not Ready"


class ReviewAction(StrEnum):
    OPEN = "open"
    ALLOW = "allow"
    REFUSE = "refuse"


REVIEW_TRANSITIONS: Mapping[tuple[Review | None, ReviewAction], Review] = MappingProxyType(
    {
        (None, ReviewAction.OPEN): Review.UNDER_REVIEW,
        (Review.UNKNOWN, ReviewAction.OPEN): Review.UNDER_REVIEW,
        (Review.NOT_READY, ReviewAction.OPEN): Review.UNDER_REVIEW,
        (Review.ALLOWED, ReviewAction.OPEN): Review.UNDER_REVIEW,
        (Review.NOT_ALLOWED, ReviewAction.OPEN): Review.UNDER_REVIEW,
        (Review.UNDER_REVIEW, ReviewAction.ALLOW): Review.ALLOWED,
        (Review.UNDER_REVIEW, ReviewAction.REFUSE): Review.NOT_ALLOWED,
    }
)


class ReviewUnreachable(Conflict):
    """The operator's decision does not fit where the review stands."""

    def __init__(self, review: Review | None, action: ReviewAction) -> None:
        super().__init__(f"A customer whose review is {review or 'not begun'} takes no {action}; reload the page.")


class ReviewAbsent(NotFound):
    """Source: partner-center-conventions §19, 600074. Such a customer may buy."""

    code = 600074

    def __init__(self, customer_id: object) -> None:
        super().__init__("An account validation status of customer", customer_id)


def reviewed(review: Review | None, action: ReviewAction) -> Review:
    """Where the review stands after ``action``; raises ReviewUnreachable."""
    after = REVIEW_TRANSITIONS.get((review, action))
    if after is None:
        raise ReviewUnreachable(review, action)
    return after


class Transaction(StrEnum):
    """What is done for a customer, as far as its account's state decides whether it may be."""

    PURCHASE = "purchase"
    INCREASE_QUANTITY = "increase quantity"
    DECREASE_QUANTITY = "decrease quantity"
    CHANGE_TERM = "change term or plan"
    UPGRADE = "upgrade"
    RENEW = "renew"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    CANCEL = "cancel"


HELD_UP_BY_REVIEW = frozenset(
    {Transaction.PURCHASE, Transaction.INCREASE_QUANTITY, Transaction.CHANGE_TERM, Transaction.UPGRADE}
)
"""Renewals, reductions and cancellations go on during a review. Source: portal-workspaces §2.1."""

HELD_UP_WITHOUT_AGREEMENT = HELD_UP_BY_REVIEW | {Transaction.DECREASE_QUANTITY}
"""Every change of quantity waits for the agreement; renewals go on. Source: account-and-security §3."""

_REVIEW_REFUSALS: Mapping[Review, tuple[int, str]] = MappingProxyType(
    {
        Review.UNDER_REVIEW: (800073, "The customer account is under review; try again once the review is over."),
        Review.UNKNOWN: (800074, "The review of the customer account has no result yet; try again later."),
        Review.NOT_READY: (800074, "The review of the customer account has not begun yet; try again later."),
        Review.NOT_ALLOWED: (800075, "The customer account was not approved; correct its data and contact support."),
    }
)


class AccountNotCleared(Forbidden):
    """Source: partner-center-conventions §19, 800073 to 800075."""

    def __init__(self, review: Review) -> None:
        code, message = _REVIEW_REFUSALS[review]
        super().__init__(message, code=code, review=str(review))


class RelationshipNeeded(Forbidden):
    """Source: partner-center-conventions §19, 20002."""

    code = 20002

    def __init__(self, partner_id: object, customer_id: object) -> None:
        super().__init__(
            f"Partner {partner_id} has no commerce relationship with customer {customer_id}; "
            "send the customer a relationship request.",
            partner_id=str(partner_id),
            customer_id=str(customer_id),
        )


class AgreementNeeded(Forbidden):
    """Source: partner-center-conventions §19, 13605."""

    code = 13605

    def __init__(self) -> None:
        super().__init__(
            "No acceptance of the customer agreement is recorded; confirm it, or let the customer sign it, first."
        )


def check_transaction(transaction: Transaction, *, review: Review | None, has_agreement: bool) -> None:
    """Whether the customer's account allows ``transaction``. Raises AccountNotCleared, AgreementNeeded."""
    if transaction in HELD_UP_BY_REVIEW and review is not None and review in _REVIEW_REFUSALS:
        raise AccountNotCleared(review)
    if transaction in HELD_UP_WITHOUT_AGREEMENT and not has_agreement:
        raise AgreementNeeded


# The customer agreement


class AgreementType(StrEnum):
    CUSTOMER = "MicrosoftCustomerAgreement"
    CLOUD = "MicrosoftCloudAgreement"


class AcceptanceMethod(StrEnum):
    """Who said that the customer accepted."""

    ATTESTED = "attested"
    DIRECT = "direct"


@dataclass(frozen=True)
class AgreementContact:
    """The person at the customer who accepted."""

    first_name: str
    last_name: str
    email: str
    phone_number: str = ""


@dataclass(frozen=True)
class Acceptance:
    """That someone at the customer accepted a version of an agreement at ``agreed_at``."""

    agreement_type: AgreementType
    template_id: str
    contact: AgreementContact
    agreed_at: datetime
    method: AcceptanceMethod = AcceptanceMethod.ATTESTED


TOO_OLD_BEFORE = datetime(2023, 4, 1, tzinfo=UTC)
TOO_OLD_FROM = datetime(2025, 10, 7, tzinfo=UTC)
"""From here on an acceptance older than TOO_OLD_BEFORE does not count. Source: account-and-security §3."""


class MayNotAttest(Forbidden):
    """Source: account-and-security §3: direct-bill partners and indirect providers attest, resellers do not."""

    def __init__(self) -> None:
        super().__init__(
            "An indirect reseller cannot confirm the customer agreement; ask the indirect provider, or let the "
            "customer sign it."
        )


class TemplateUnknown(Invalid):
    """The template is none of the agreement's. Source: partner-center-resources §3, AgreementMetaData."""

    def __init__(self, template_id: str, agreement_type: AgreementType) -> None:
        super().__init__(
            f"{template_id!r} is not a template of {agreement_type}; read the agreement's metadata for its templateId.",
            template_id=template_id,
        )


class AgreedInFuture(Invalid):
    """Source: account-and-security §3."""

    def __init__(self, agreed_at: datetime) -> None:
        super().__init__(
            "dateAgreed lies in the future; give the day on which the customer accepted.", agreed_at=agreed_at
        )


class AlreadyConfirmed(Invalid):
    """Source: partner-center-conventions §19, 600061."""

    code = 600061

    def __init__(self) -> None:
        super().__init__("An agreement with the same details is recorded already; another contact may confirm it anew.")


def check_attestation(
    acceptance: Acceptance,
    *,
    at: datetime,
    by_reseller: bool,
    templates: Mapping[str, AgreementType],
    earlier: Iterable[Acceptance],
) -> None:
    """Whether a partner may record ``acceptance`` at ``at``.

    templates: the type of each published template. earlier: what is recorded of the customer.
    Raises MayNotAttest, InvalidFields, TemplateUnknown, AgreedInFuture, AlreadyConfirmed.
    """
    if by_reseller:
        raise MayNotAttest
    problems = _contact_problems(acceptance.contact)
    if problems:
        raise InvalidFields(problems)
    if templates.get(acceptance.template_id) != acceptance.agreement_type:
        raise TemplateUnknown(acceptance.template_id, acceptance.agreement_type)
    if acceptance.agreed_at > at:
        raise AgreedInFuture(acceptance.agreed_at)
    details = _details(acceptance)
    if any(details == _details(before) for before in earlier if counts(before, at)):
        raise AlreadyConfirmed


def counts(acceptance: Acceptance, at: datetime) -> bool:
    """Whether an acceptance is still good at ``at``: old ones have to be given anew."""
    return at < TOO_OLD_FROM or acceptance.agreed_at >= TOO_OLD_BEFORE


def has_accepted(acceptances: Iterable[Acceptance], agreement_type: AgreementType, at: datetime) -> bool:
    """Whether the customer has accepted an agreement of ``agreement_type``, as far as that counts at ``at``."""
    return any(
        acceptance.agreement_type == agreement_type and acceptance.agreed_at <= at and counts(acceptance, at)
        for acceptance in acceptances
    )


def _contact_problems(contact: AgreementContact) -> dict[str, str]:
    problems = {
        "first_name": "" if contact.first_name.strip() else "The first name of the contact is needed.",
        "last_name": "" if contact.last_name.strip() else "The last name of the contact is needed.",
        "email": "" if is_email(contact.email) else "The e-mail address of the contact must have the form name@domain.",
    }
    return {member: sentence for member, sentence in problems.items() if sentence}


def _details(acceptance: Acceptance) -> tuple[str, ...]:
    """What must differ in a repeated confirmation: without case, blanks and the day."""
    contact = acceptance.contact
    members = (contact.first_name, contact.last_name, contact.email, contact.phone_number)
    return (
        acceptance.agreement_type,
        acceptance.template_id.lower(),
        *("".join(member.split()).casefold() for member in members),
    )


# Qualifications


class Qualification(StrEnum):
    """The special qualifications of a customer; the words of the wire."""

    NONE = "None"
    EDUCATION = "Education"
    NONPROFIT = "Nonprofit"
    GOVERNMENT_COMMUNITY_CLOUD = "GovernmentCommunityCloud"
    STATE_OWNED_ENTITY = "StateOwnedEntity"


class EducationSegment(StrEnum):
    K12 = "K12"
    HIGHER_EDUCATION = "HigherEducation"


class Vetting(StrEnum):
    """Where the vetting of a qualification stands; kinds that are not vetted have none."""

    IN_REVIEW = "InReview"
    APPROVED = "Approved"
    DENIED = "Denied"


VETTED = frozenset({Qualification.EDUCATION, Qualification.GOVERNMENT_COMMUNITY_CLOUD})
SETTABLE = VETTED | {Qualification.STATE_OWNED_ENTITY}

TOGETHER = frozenset(
    {
        frozenset({Qualification.EDUCATION, Qualification.STATE_OWNED_ENTITY}),
        frozenset({Qualification.GOVERNMENT_COMMUNITY_CLOUD, Qualification.STATE_OWNED_ENTITY}),
    }
)
"""Which two a customer may hold at once."""

QUALIFICATION_OF_SEGMENT: Mapping[str, Qualification] = MappingProxyType(
    {
        "education": Qualification.EDUCATION,
        "government": Qualification.GOVERNMENT_COMMUNITY_CLOUD,
        "nonprofit": Qualification.NONPROFIT,
    }
)
"""What a customer must hold to buy in a segment; every other segment is open."""

Held = Mapping[Qualification, Vetting | None]
"""The qualifications of a customer, each with its vetting."""


@dataclass(frozen=True)
class QualificationRequest:
    """segment, code: empty when not given."""

    qualification: Qualification
    segment: str = ""
    code: str = ""
    website: str = ""


class QualificationNotSettable(Invalid):
    """Source: commerce-rules §3."""

    def __init__(self, qualification: Qualification) -> None:
        super().__init__(
            f"The qualification {qualification} cannot be set; use {', '.join(sorted(SETTABLE))}.",
            qualification=str(qualification),
        )


class SegmentNeeded(Invalid):
    """Source: partner-center-resources §2, CustomerQualificationRequest."""

    def __init__(self) -> None:
        super().__init__(f"The qualification Education needs an educationSegment: {' or '.join(EducationSegment)}.")


class ValidationCodeRefused(Invalid):
    """Source: commerce-rules §3: the code must be the partner's and have creations left."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The validation code {code!r} is not yours or is used up; list your validation codes."
            if code
            else "The qualification GovernmentCommunityCloud needs a validation code.",
            validation_code=code,
        )


class QualificationHeld(Conflict):
    """The customer has it already, or it is in review."""

    def __init__(self, qualification: Qualification, vetting: Vetting | None) -> None:
        super().__init__(f"The customer's qualification {qualification} is {vetting or 'set'} already.")


class QualificationsExclusive(Conflict):
    """Source: commerce-rules §3: only Education or GovernmentCommunityCloud with StateOwnedEntity."""

    def __init__(self, qualification: Qualification, other: Qualification) -> None:
        super().__init__(f"A customer cannot be qualified for {qualification} and {other} at once.")


class DenialNeedsReason(Invalid):
    """A partner must be told why. Source: partner-center-resources §2, vettingReason."""

    def __init__(self) -> None:
        super().__init__("Say why the qualification is denied; the partner reads it.")


class NotInReview(Conflict):
    """The vetting was decided already, or never began."""

    def __init__(self, vetting: Vetting | None) -> None:
        super().__init__(f"A qualification whose vetting is {vetting or 'not needed'} cannot be decided.")


class SegmentNotAllowed(Forbidden):
    """Source: partner-center-conventions §19, 400030."""

    code = 400030

    def __init__(self, segment: str) -> None:
        super().__init__(f"The customer is not qualified for the segment {segment}; request the qualification first.")


def qualification_named(text: str) -> Qualification | None:
    """``GovernmentCommunityCloud`` and ``government_community_cloud`` alike; None when there is none of that name."""
    plain = text.replace("_", "").casefold()
    return next((known for known in Qualification if known.casefold() == plain), None)


def requested_vetting(
    request: QualificationRequest, held: Held, *, creations_left: int, needs_segment: bool = True
) -> Vetting | None:
    """Where the vetting of a requested qualification begins; None when it counts at once.

    creations_left: of the partner's code that the request names; 0 when it has no such code.
    needs_segment: the older call, with one value, has none.
    Raises QualificationNotSettable, SegmentNeeded, ValidationCodeRefused, QualificationHeld, QualificationsExclusive.
    """
    wanted = request.qualification
    if wanted not in SETTABLE:
        raise QualificationNotSettable(wanted)
    segments = {segment.casefold() for segment in EducationSegment} | (set() if needs_segment else {""})
    if wanted is Qualification.EDUCATION and request.segment.casefold() not in segments:
        raise SegmentNeeded
    if wanted is Qualification.GOVERNMENT_COMMUNITY_CLOUD and (not request.code or creations_left < 1):
        raise ValidationCodeRefused(request.code)
    present = {kind: vetting for kind, vetting in held.items() if vetting is not Vetting.DENIED}
    if wanted in present:
        raise QualificationHeld(wanted, present[wanted])
    for other in present:
        if other is not Qualification.NONE and frozenset({wanted, other}) not in TOGETHER:
            raise QualificationsExclusive(wanted, other)
    return Vetting.IN_REVIEW if wanted in VETTED else None


def decided(vetting: Vetting | None, *, approve: bool, reason: str = "") -> Vetting:
    """The operator's decision; raises NotInReview, DenialNeedsReason."""
    if vetting is not Vetting.IN_REVIEW:
        raise NotInReview(vetting)
    if not approve and not reason.strip():
        raise DenialNeedsReason
    return Vetting.APPROVED if approve else Vetting.DENIED


def qualified_for(held: Held) -> frozenset[Qualification]:
    """What counts at present: approved, or of a kind that is not vetted."""
    return frozenset(kind for kind, vetting in held.items() if vetting in {None, Vetting.APPROVED})


def single_qualification(held: Held) -> Qualification:
    """The one value of the older call: the first that counts, a vetted one before others."""
    counting = qualified_for(held)
    order = (
        Qualification.EDUCATION,
        Qualification.GOVERNMENT_COMMUNITY_CLOUD,
        Qualification.NONPROFIT,
        Qualification.STATE_OWNED_ENTITY,
    )
    return next((kind for kind in order if kind in counting), Qualification.NONE)


def check_segment(segment: str, held: Held) -> None:
    """Whether the customer may buy in ``segment``; raises SegmentNotAllowed."""
    needed = QUALIFICATION_OF_SEGMENT.get(segment.casefold())
    if needed is not None and needed not in qualified_for(held):
        raise SegmentNotAllowed(segment)
