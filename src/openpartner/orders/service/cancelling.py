"""An order is cancelled as a whole: each subscription it opened ends, with the credit that its own window gives."""

from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.orders import rules
from openpartner.orders.events import OrderStatusChanged
from openpartner.orders.models import Order
from openpartner.orders.queries import WholeOrder, one_order
from openpartner.orders.rules import OrderAction
from openpartner.orders.service.assessing import FUNCTION_OF_KIND
from openpartner.platform.errors import DomainError
from openpartner.platform.http.etags import check_etag, versioned_etag
from openpartner.platform.money import Money
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service import change_subscription_status
from openpartner.subscriptions.service.changes import cancellation_credit


def cancel_order(uow: UnitOfWork, customer_id: UUID, order_id: str, *, etag: str | None = None) -> WholeOrder:
    """Cancel every subscription of the order that is not gone yet, and with them the order.

    Raises OrderUnknown, ProviderNeeded, PreconditionFailed, OrderStatusUnreachable, OrderCancellationRefused,
    CancellationRefused (a window has passed). Emits SubscriptionStatusChanged a line, with the credit, and
    OrderStatusChanged.
    """
    whole = _cancellable(uow, customer_id, order_id, etag, lock=True)
    for subscription in subscriptions.of_order(uow, whole.order.id):
        if subscription.status is not Status.DELETED:
            change_subscription_status(uow, subscription, Status.DELETED)
    move_order(uow, whole.order, OrderAction.CANCEL)
    return whole


def preview_cancellation(uow: UnitOfWork, customer_id: UUID, order_id: str) -> Money:
    """What cancelling the order now gives back. Raises what ``cancel_order`` raises."""
    whole = _cancellable(uow, customer_id, order_id, None, lock=False)
    credit = Money.zero(whole.order.currency)
    is_sandbox = uow.world.settings.sandbox_limits
    for subscription in subscriptions.of_order(uow, whole.order.id):
        if subscription.status is not Status.DELETED:
            credit += cancellation_credit(uow, subscription, is_sandbox=is_sandbox)
    return credit


def why_not_cancellable(uow: UnitOfWork, customer_id: UUID, order_id: str) -> str:
    """Why the order cannot be cancelled by the actor now; empty when it can. The portal's button says it."""
    try:
        preview_cancellation(uow, customer_id, order_id)
    except DomainError as refusal:
        return refusal.message
    return ""


def _cancellable(uow: UnitOfWork, customer_id: UUID, order_id: str, etag: str | None, *, lock: bool) -> WholeOrder:
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    if lock:
        customers.customer_to_change(uow, customer_id)
    whole = one_order(uow, customer_id, order_id, lock=lock)
    check_etag(etag, versioned_etag(whole.order.id, whole.order.version), status=400)
    kinds = {line.kind for line in whole.lines}
    for kind in sorted(kinds):
        if kind.is_software:
            uow.actor.require(FUNCTION_OF_KIND[kind].write)
    rules.check_order_cancellation(
        whole.order.status, kinds, whole.order.created_at, uow.now, is_sandbox=uow.world.settings.sandbox_limits
    )
    return whole


def move_order(uow: UnitOfWork, order: Order, action: OrderAction) -> None:
    """Take an order one step on: the only place that changes its status later. Emits OrderStatusChanged.

    Raises OrderStatusUnreachable.
    """
    before = order.status
    order.status = rules.order_after(before, action)
    order.changed_at = uow.now
    uow.db.flush()
    uow.emit(
        OrderStatusChanged(
            partner_id=order.partner_id,
            customer_id=order.customer_id,
            order_id=order.id,
            status_before=before.value,
            status_after=order.status.value,
            before={"status": before.value},
            after={"status": order.status.value},
        )
    )
