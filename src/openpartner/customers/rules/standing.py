"""The review of a customer account, and which transactions a review or a missing agreement holds up.

Source: commerce-rules §2; portal-workspaces §2.1; account-and-security §3.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from openpartner.platform.errors import Conflict, Forbidden, NotFound


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
