"""Documents of an order: the customer's purchase order is handed in, and the operator's review lets the order go on."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from openpartner.customers import queries as customers
from openpartner.orders import queries, rules
from openpartner.orders.events import OrderAttachmentAdded
from openpartner.orders.models import Order, OrderAttachment
from openpartner.orders.queries import WholeOrder
from openpartner.orders.rules import AttachmentType, OrderAction, OrderStatus, PurchaseOrder
from openpartner.orders.service.cancelling import move_order
from openpartner.orders.service.placing import open_waiting_lines
from openpartner.platform.permissions import OPERATOR_CUSTOMERS, ORDERS_PLACE
from openpartner.platform.work import UnitOfWork

APPROVE = "orders.approve_purchase_order"
SANDBOX_REVIEW = timedelta(days=1)
"""How long the sandbox takes to approve a purchase order when no operator does."""


class UploadedFile(msgspec.Struct, frozen=True):
    """A file as it came."""

    attachment_type: AttachmentType
    file_name: str
    media_type: str
    content: bytes


def attach_documents(
    uow: UnitOfWork, customer_id: UUID, order_id: str, purchase_order: PurchaseOrder, files: Sequence[UploadedFile]
) -> Sequence[OrderAttachment]:
    """Hand in the documents that an order waits for; gives all documents of the order.

    Raises OrderUnknown, ProviderNeeded, DocumentsRefused, OrderStatusUnreachable (it waits for none).
    Emits OrderAttachmentAdded a file, OrderStatusChanged.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customers.customer_to_change(uow, customer_id)
    order = queries.one_order(uow, customer_id, order_id, lock=True).order
    rules.order_after(order.status, OrderAction.UPLOAD_PURCHASE_ORDER)
    kinds = [file.attachment_type for file in files]
    rules.check_documents(
        purchase_order,
        kinds.count(AttachmentType.PURCHASE_ORDER),
        kinds.count(AttachmentType.TENDER),
        max((len(file.content) for file in files), default=0),
    )
    for file in files:
        _keep(uow, order, file)
    order.purchase_order = purchase_order
    move_order(uow, order, OrderAction.UPLOAD_PURCHASE_ORDER)
    if uow.world.settings.is_sandbox:
        uow.schedule(uow.now + SANDBOX_REVIEW, APPROVE, {"order_id": order.id}, key=f"{APPROVE}/{order.id}")
    return queries.attachments_of(uow, order)


def _keep(uow: UnitOfWork, order: Order, file: UploadedFile) -> None:
    attachment = OrderAttachment(
        id=uow.ids.uuid(),
        order_id=order.id,
        attachment_type=file.attachment_type,
        file_name=file.file_name[:255] or "document",
        media_type=file.media_type[:100] or "application/octet-stream",
        size=len(file.content),
        content=file.content,
        uploaded_by=uow.actor.name,
        uploaded_at=uow.now,
    )
    uow.db.add(attachment)
    uow.emit(
        OrderAttachmentAdded(
            partner_id=order.partner_id,
            customer_id=order.customer_id,
            order_id=order.id,
            attachment_id=attachment.id,
            attachment_type=attachment.attachment_type.value,
            file_name=attachment.file_name,
        )
    )


def review_purchase_order(uow: UnitOfWork, order_id: str, *, approve: bool) -> WholeOrder:
    """The operator's decision on an order's documents: it is completed, or ends rejected.

    Raises OrderUnknown, OrderStatusUnreachable. Emits OrderStatusChanged, and SubscriptionOpened a line.
    """
    uow.actor.require(OPERATOR_CUSTOMERS.write)
    return _decide(uow, order_id, approve=approve)


def _decide(uow: UnitOfWork, order_id: str, *, approve: bool) -> WholeOrder:
    whole = queries.visible_order(uow, order_id, lock=True)
    move_order(uow, whole.order, OrderAction.APPROVE if approve else OrderAction.REJECT)
    if approve:
        customer = customers.customer_of_commerce_id(uow, whole.order.commerce_id, lock=True)
        open_waiting_lines(uow, customer, whole)
        uow.db.flush()
    uow.unschedule(f"{APPROVE}/{whole.order.id}")
    return whole


def approve_purchase_order(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work of the sandbox: nobody looked at the documents, so they are taken as good."""
    order = uow.db.get(Order, args["order_id"])
    if order is not None and order.status is OrderStatus.PO_UPLOAD_COMPLETE:
        _decide(uow, order.id, approve=True)
