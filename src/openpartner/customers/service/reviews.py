"""The review of a customer's account: it begins with new or changed data, and somebody or a clean address ends it."""

from datetime import timedelta
from uuid import UUID

from openpartner.customers import queries, rules
from openpartner.customers.events import CustomerReviewChanged
from openpartner.customers.models import Customer
from openpartner.customers.rules import Review, ReviewAction
from openpartner.platform import addresses, permissions
from openpartner.platform.addresses import Address, CheckStatus
from openpartner.platform.work import UnitOfWork

CLEAN = frozenset({CheckStatus.VERIFIED_SHIPPABLE, CheckStatus.VERIFIED})
"""What the check of the address must say for a review to end at once. Source: commerce-rules §3."""

SANDBOX_DECISION = timedelta(days=2)
"""After how long the sandbox decides what an operator has not: nobody may be there to do it."""

REVIEW_JOB = "customers.end_review"


def review_again(uow: UnitOfWork, customer: Customer, address: Address) -> None:
    """Begin the review that new data asks for; a clean address ends it at once. Emits CustomerReviewChanged."""
    after = rules.reviewed(None, ReviewAction.OPEN)
    if addresses.check(address).status in CLEAN:
        after = rules.reviewed(after, ReviewAction.ALLOW)
    elif uow.world.settings.is_sandbox:
        args = {"commerce_id": str(customer.commerce_id)}
        uow.schedule(uow.now + SANDBOX_DECISION, REVIEW_JOB, args, key=_key(customer))
    _set(uow, customer, after, "")


def decide_customer_review(uow: UnitOfWork, commerce_id: UUID, *, allow: bool, reason: str = "") -> Customer:
    """The operator's decision. Raises CustomerUnknown, ReviewUnreachable. Emits CustomerReviewChanged."""
    uow.actor.require(permissions.OPERATOR_CUSTOMERS.write)
    customer = queries.customer_of_commerce_id(uow, commerce_id, lock=True)
    after = rules.reviewed(customer.review, ReviewAction.ALLOW if allow else ReviewAction.REFUSE)
    uow.unschedule(_key(customer))
    _set(uow, customer, after, reason.strip())
    return customer


def end_review(uow: UnitOfWork, commerce_id: UUID) -> None:
    """What the sandbox does when the time for an operator's decision has passed: allow. Emits CustomerReviewChanged."""
    customer = queries.customer_of_commerce_id(uow, commerce_id, lock=True)
    if customer.review is Review.UNDER_REVIEW:
        _set(uow, customer, rules.reviewed(customer.review, ReviewAction.ALLOW), "")


def _set(uow: UnitOfWork, customer: Customer, after: Review, reason: str) -> None:
    before = customer.review
    customer.review, customer.review_reason, customer.reviewed_at = after, reason, uow.now
    uow.db.flush()
    if before is not after:
        uow.emit(
            CustomerReviewChanged(
                partner_id=customer.partner_id,
                customer_id=customer.tenant_id,
                commerce_id=customer.commerce_id,
                reason=reason,
                before={"validationStatus": before.value if before else None},
                after={"validationStatus": after.value},
            )
        )


def _key(customer: Customer) -> str:
    return f"{REVIEW_JOB}/{customer.commerce_id}"


def forget_review(uow: UnitOfWork, customer: Customer) -> None:
    """Take back the sandbox's own decision: there is nothing left to decide."""
    uow.unschedule(_key(customer))
