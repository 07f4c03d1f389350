"""When a customer goes: what must be given up first, and what a destroyed sandbox customer leaves behind: nothing."""

from uuid import UUID

from sqlalchemy import delete, exists, select

from openpartner.catalogue.rules import ProductKind
from openpartner.customers.rules import CustomerStillHolds, HeldItem, HoldingKind, Holdings
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.models import AzureEntitlement, LicenseAssignment, Subscription, SubscriptionTransition
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service.clockwork import BEGIN_CYCLE, END_TERM, PROVISION

_RESERVED = frozenset({ProductKind.RESERVATION, ProductKind.SAVINGS_PLAN})
_RUNNING = frozenset({Status.PENDING, Status.ACTIVE})


def check_nothing_held(uow: UnitOfWork, commerce_id: UUID) -> None:
    """Raise CustomerStillHolds while something is to be suspended or cancelled. Software bought for ever may stay.

    Source: portal-workspaces §2.3, remove relationship.
    """
    held = uow.db.execute(
        select(Subscription.id, Subscription.friendly_name, Subscription.kind, Subscription.status)
        .where(Subscription.commerce_id == commerce_id, Subscription.status != Status.DELETED)
        .order_by(Subscription.created_at, Subscription.id)
    ).all()
    items = [
        HeldItem(kind, key, name)
        for key, name, product_kind, status in held
        if (kind := _holding(product_kind, status)) is not None
    ]
    if items:
        raise CustomerStillHolds(Holdings(tuple(sorted(items, key=lambda item: list(HoldingKind).index(item.kind)))))


def _holding(kind: ProductKind, status: Status) -> HoldingKind | None:
    """As what a subscription stands in the way; None when it does not."""
    if kind in _RESERVED:
        return HoldingKind.RESERVATION
    if status not in _RUNNING:
        return None
    if kind is ProductKind.SOFTWARE_SUBSCRIPTION:
        return HoldingKind.SOFTWARE
    if kind.is_software:
        return None
    return HoldingKind.AZURE_PLAN if kind is ProductKind.AZURE_PLAN else HoldingKind.SUBSCRIPTION


def forget_subscriptions(uow: UnitOfWork, customer_id: UUID, commerce_id: UUID) -> None:
    """Remove a destroyed customer's subscriptions, their due work, and its licences once nobody else sells to it."""
    for key in uow.db.scalars(select(Subscription.id).where(Subscription.commerce_id == commerce_id)).all():
        for job in (END_TERM, BEGIN_CYCLE, PROVISION):
            uow.unschedule(f"{job}/{key}")
    mine = select(Subscription.id).where(Subscription.commerce_id == commerce_id)
    uow.db.execute(delete(SubscriptionTransition).where(SubscriptionTransition.subscription_id.in_(mine)))
    uow.db.execute(delete(AzureEntitlement).where(AzureEntitlement.subscription_id.in_(mine)))
    uow.db.execute(delete(Subscription).where(Subscription.commerce_id == commerce_id))
    if not uow.db.scalar(select(exists().where(Subscription.customer_id == customer_id))):
        uow.db.execute(delete(LicenseAssignment).where(LicenseAssignment.customer_id == customer_id))
