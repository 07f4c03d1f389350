"""A destroyed sandbox customer takes its carts, orders and documents with it."""

from uuid import UUID

from sqlalchemy import delete, select

from openpartner.orders.models import Cart, Order, OrderAttachment, OrderLine
from openpartner.orders.service.documents import APPROVE
from openpartner.platform.work import UnitOfWork


def forget_orders(uow: UnitOfWork, commerce_id: UUID) -> None:
    """Remove them, and the review of documents that would have fallen due."""
    orders = select(Order.id).where(Order.commerce_id == commerce_id)
    for key in uow.db.scalars(orders).all():
        uow.unschedule(f"{APPROVE}/{key}")
    for model in (OrderAttachment, OrderLine):
        uow.db.execute(delete(model).where(model.order_id.in_(orders)))
    for owned in (Order, Cart):
        uow.db.execute(delete(owned).where(owned.commerce_id == commerce_id))
