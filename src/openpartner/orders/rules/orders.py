"""The states of an order, what moves it between them, and whether it may be cancelled."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from openpartner.catalogue.rules import ProductKind
from openpartner.platform.errors import DomainError, Invalid


class OrderStatus(StrEnum):
    """The wire's ``status``. Source: commerce-rules §11."""

    UNKNOWN = "unknown"
    COMPLETED = "completed"
    PENDING = "pending"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    PENDING_REVIEW = "pending_review"
    PENDING_PO_UPLOAD = "pending_po_upload"
    PO_UPLOAD_COMPLETE = "po_upload_complete"
    PO_REVIEW_REJECTED = "po_review_rejected"
    PARTIAL_SUCCESS = "partial_success"
    ERROR = "error"


class OrderAction(StrEnum):
    """What moves an order."""

    COMPLETE = "complete"
    COMPLETE_PARTLY = "complete_partly"
    FAIL = "fail"
    REVIEW = "review"
    ASK_FOR_PURCHASE_ORDER = "ask_for_purchase_order"
    UPLOAD_PURCHASE_ORDER = "upload_purchase_order"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"


#: Source: commerce-rules §11. A refused review ends in error: the sources name no better state for it.
ORDER_TRANSITIONS: Final = {
    (OrderStatus.PENDING, OrderAction.COMPLETE): OrderStatus.COMPLETED,
    (OrderStatus.PENDING, OrderAction.COMPLETE_PARTLY): OrderStatus.PARTIAL_SUCCESS,
    (OrderStatus.PENDING, OrderAction.FAIL): OrderStatus.ERROR,
    (OrderStatus.PENDING, OrderAction.REVIEW): OrderStatus.PENDING_REVIEW,
    (OrderStatus.PENDING, OrderAction.ASK_FOR_PURCHASE_ORDER): OrderStatus.PENDING_PO_UPLOAD,
    (OrderStatus.PENDING_REVIEW, OrderAction.APPROVE): OrderStatus.COMPLETED,
    (OrderStatus.PENDING_REVIEW, OrderAction.REJECT): OrderStatus.ERROR,
    (OrderStatus.PENDING_PO_UPLOAD, OrderAction.UPLOAD_PURCHASE_ORDER): OrderStatus.PO_UPLOAD_COMPLETE,
    (OrderStatus.PO_UPLOAD_COMPLETE, OrderAction.APPROVE): OrderStatus.COMPLETED,
    (OrderStatus.PO_UPLOAD_COMPLETE, OrderAction.REJECT): OrderStatus.PO_REVIEW_REJECTED,
    (OrderStatus.COMPLETED, OrderAction.CANCEL): OrderStatus.CANCELLED,
}


class OrderStatusUnreachable(Invalid):
    """Source: partner-center-conventions §19, 800061 for a cancellation, else 4018."""

    def __init__(self, status: OrderStatus, action: OrderAction) -> None:
        super().__init__(
            f"An order that is {status} cannot be asked to {action.replace('_', ' ')}.",
            code=800061 if action is OrderAction.CANCEL else 4018,
            status_now=status.value,
        )


def allowed_order_actions(status: OrderStatus) -> list[OrderAction]:
    """What may be done next with an order in this state."""
    return [action for (source, action) in ORDER_TRANSITIONS if source is status]


def order_after(status: OrderStatus, action: OrderAction) -> OrderStatus:
    """The state ``action`` leads to; raises OrderStatusUnreachable."""
    target = ORDER_TRANSITIONS.get((status, action))
    if target is None:
        raise OrderStatusUnreachable(status, action)
    return target


class TransactionType(StrEnum):
    """Who caused an order. Source: commerce-rules §11."""

    USER_PURCHASE = "UserPurchase"
    SYSTEM_PURCHASE = "SystemPurchase"
    SYSTEM_BILLING = "SystemBilling"


class LineTransactionType(StrEnum):
    """What a line of an order does. Source: commerce-rules §11."""

    NEW = "New"
    RENEW = "Renew"
    ADD_QUANTITY = "AddQuantity"
    REMOVE_QUANTITY = "RemoveQuantity"
    CANCEL = "Cancel"
    CONVERT = "Convert"
    CUSTOMER_CREDIT = "CustomerCredit"


#: A sandbox order may be cancelled this long. Source: partner-center-conventions §18.
SANDBOX_CANCELLATION: Final = timedelta(days=60)


class OrderCancellationRefused(DomainError):
    """Source: partner-center-conventions §19: 800019, 800061, 800077."""


def check_order_cancellation(
    status: OrderStatus, kinds: Iterable[ProductKind], ordered_at: datetime, at: datetime, *, is_sandbox: bool
) -> None:
    """Raise unless an order may be cancelled as a whole; each line's own window is asked separately.

    Outside the sandbox only software is cancelled by order; the rest by subscription. Source: commerce-rules §4.
    """
    order_after(status, OrderAction.CANCEL)
    others = {kind for kind in kinds if not kind.is_software}
    if ProductKind.SAAS in others and not is_sandbox:
        raise OrderCancellationRefused(
            "A software-as-a-service line is cancelled on its subscription, not on the order.", code=800077, status=403
        )
    if others and not is_sandbox:
        raise OrderCancellationRefused(
            "Only software orders can be cancelled. Cancel the subscription instead.", code=800019, status=403
        )
    if is_sandbox and at > ordered_at + SANDBOX_CANCELLATION:
        raise OrderCancellationRefused("A sandbox order can be cancelled for 60 days.", code=800061)


def order_status_named(text: str) -> OrderStatus | None:
    """The status of that name in any case, with or without underscores; none when there is none."""
    plain = text.replace("_", "").strip().lower()
    return next((status for status in OrderStatus if status.replace("_", "") == plain), None)
