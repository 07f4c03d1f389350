"""What must hold before a customer is sold anything: one list for the API's refusal and the portal's checklist."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from openpartner.catalogue.rules import SEGMENT_QUALIFICATIONS, Segment, may_buy_segment
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money


class Condition(StrEnum):
    """One thing that must hold, in the order in which it is asked. Source: commerce-rules §2."""

    PROGRAM_STATUS = "program_status"
    RESELLER_RELATIONSHIP = "reseller_relationship"
    PARTNER_AGREEMENT = "partner_agreement"
    INDIRECT_RESELLER_AGREEMENT = "indirect_reseller_agreement"
    ACCOUNT_VALIDATION = "account_validation"
    CUSTOMER_AGREEMENT = "customer_agreement"
    ADDRESS = "address"
    PHONE_NUMBER = "phone_number"
    REGISTRATION_NUMBER = "registration_number"
    QUALIFICATION = "qualification"
    CREDIT = "credit"


class ValidationStatus(StrEnum):
    """The customer's account review. A customer without one was never reviewed and may buy."""

    ALLOWED = "Allowed"
    UNDER_REVIEW = "UnderReview"
    NOT_ALLOWED = "NotAllowed"
    UNKNOWN = "Unknown"


#: Source: commerce-rules §2; partner-center-conventions §19.
VALIDATION_CODES: Final = {
    ValidationStatus.UNDER_REVIEW: 800073,
    ValidationStatus.UNKNOWN: 800074,
    ValidationStatus.NOT_ALLOWED: 800075,
}


class PurchaseFacts(msgspec.Struct, frozen=True):
    """What is known of partner and customer at the moment of buying.

    is_indirect_reseller_agreement_signed: of the reseller named on the order; none when none is named.
    validation: none when the customer was never reviewed.
    purchase, available_credit: in one currency; none skips the credit check.
    """

    partner_id: str
    customer_id: str
    is_program_active: bool = True
    has_reseller_relationship: bool = True
    is_partner_agreement_signed: bool = True
    is_indirect_reseller_agreement_signed: bool | None = None
    validation: ValidationStatus | None = None
    is_customer_agreement_accepted: bool = True
    has_address: bool = True
    needs_phone_number: bool = False
    has_phone_number: bool = True
    needs_registration_number: bool = False
    has_registration_number: bool = True
    segments: frozenset[Segment] = frozenset()
    qualifications: frozenset[str] = frozenset()
    purchase: Money | None = None
    available_credit: Money | None = None


class Unmet(msgspec.Struct, frozen=True):
    """Why a condition does not hold. ``message`` says what to do."""

    status: int
    code: int
    message: str


class Checked(msgspec.Struct, frozen=True):
    """One row of the checklist; ``unmet`` is none when the condition holds."""

    condition: Condition
    unmet: Unmet | None = None


class PurchaseRefused(DomainError):
    """A condition of section 2 of the commerce rules does not hold."""

    def __init__(self, condition: Condition, unmet: Unmet) -> None:
        super().__init__(unmet.message, code=unmet.code, status=unmet.status, condition=condition.value)


def checklist(facts: PurchaseFacts) -> list[Checked]:
    """Every condition that applies, in order, met or not."""
    return list(_checks(facts))


def check_purchase_allowed(facts: PurchaseFacts) -> None:
    """Raise PurchaseRefused for the first condition that does not hold."""
    for row in _checks(facts):
        if row.unmet is not None:
            raise PurchaseRefused(row.condition, row.unmet)


def _row(condition: Condition, holds: bool, status: int, code: int, message: str) -> Checked:
    return Checked(condition, None if holds else Unmet(status, code, message))


def _checks(facts: PurchaseFacts) -> Iterator[Checked]:
    yield _row(
        Condition.PROGRAM_STATUS,
        facts.is_program_active,
        403,
        800039,
        "The reseller programme status of your account is not active. Ask the programme operator.",
    )
    yield _row(
        Condition.RESELLER_RELATIONSHIP,
        facts.has_reseller_relationship,
        403,
        20002,
        f"Partner {facts.partner_id} has no reseller relationship with customer {facts.customer_id}. "
        "Send the customer a relationship request.",
    )
    yield _row(
        Condition.PARTNER_AGREEMENT,
        facts.is_partner_agreement_signed,
        403,
        900124,
        "Your company has not signed the partner agreement. A global administrator signs it in the account settings.",
    )
    if facts.is_indirect_reseller_agreement_signed is not None:
        yield _row(
            Condition.INDIRECT_RESELLER_AGREEMENT,
            facts.is_indirect_reseller_agreement_signed,
            403,
            900123,
            "The indirect reseller on the order has not signed the partner agreement.",
        )
    yield _validation(facts.validation)
    yield _row(
        Condition.CUSTOMER_AGREEMENT,
        facts.is_customer_agreement_accepted,
        403,
        13605,
        "The customer has not accepted the customer agreement. Record the acceptance first.",
    )
    yield _row(
        Condition.ADDRESS,
        facts.has_address,
        400,
        800002,
        "The customer's billing profile has no complete address. Complete it first.",
    )
    if facts.needs_phone_number:
        yield _row(
            Condition.PHONE_NUMBER,
            facts.has_phone_number,
            400,
            600051,
            "Customers of this country need a phone number in the billing profile.",
        )
    if facts.needs_registration_number:
        yield _row(
            Condition.REGISTRATION_NUMBER,
            facts.has_registration_number,
            400,
            600049,
            "Customers of this country need an organisation registration number in the company profile.",
        )
    yield from _qualifications(facts)
    if facts.purchase is not None and facts.available_credit is not None:
        yield _row(
            Condition.CREDIT,
            facts.purchase.minor < facts.available_credit.minor,
            403,
            900121,
            f"The credit left is {facts.available_credit.amount} {facts.available_credit.currency}; "
            f"this purchase needs {facts.purchase.amount}. Pay open invoices first.",
        )


def _validation(status: ValidationStatus | None) -> Checked:
    code = VALIDATION_CODES.get(status) if status else None
    if code is None:
        return Checked(Condition.ACCOUNT_VALIDATION)
    message = {
        800073: "The customer's account is under review. Buy when the review is done.",
        800074: "The customer's account review has no result yet. Buy when it has.",
        800075: "The customer's account was not approved. Ask support.",
    }[code]
    return Checked(Condition.ACCOUNT_VALIDATION, Unmet(403, code, message))


def _qualifications(facts: PurchaseFacts) -> Iterator[Checked]:
    for segment in sorted(facts.segments & SEGMENT_QUALIFICATIONS.keys()):
        yield _row(
            Condition.QUALIFICATION,
            may_buy_segment(segment, facts.qualifications),
            403,
            400030,
            f"The customer is not qualified for {segment} offers. Ask for the {SEGMENT_QUALIFICATIONS[segment]} "
            "qualification first.",
        )
