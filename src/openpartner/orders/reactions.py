"""What subscriptions announce becomes a further order in the same transaction; a deleted customer's orders go."""

from openpartner.customers.events import CustomerDeleted
from openpartner.orders import service
from openpartner.orders.service.parting import forget_orders
from openpartner.platform.events import Reactions
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.events import (
    SubscriptionQuantityChanged,
    SubscriptionRenewed,
    SubscriptionStatusChanged,
    SubscriptionTermChanged,
)
from openpartner.subscriptions.rules import Status


def on_quantity(uow: UnitOfWork, fact: SubscriptionQuantityChanged) -> None:
    """Seats came or went."""
    service.follow_quantity_change(uow, fact.subscription_id, fact.quantity_before, fact.quantity_after, fact.net_minor)


def on_renewal(uow: UnitOfWork, fact: SubscriptionRenewed) -> None:
    """A new term began; with another product where a trial became the paid one or an upgrade was planned."""
    former = str((fact.before or {}).get("offerId", ""))
    service.follow_new_term(uow, fact.subscription_id, fact.charged_minor, former_item=former or None)


def on_term(uow: UnitOfWork, fact: SubscriptionTermChanged) -> None:
    """A longer term began at once; another billing cycle alone orders nothing."""
    if fact.is_immediate:
        service.follow_new_term(uow, fact.subscription_id, fact.charged_minor)


def on_status(uow: UnitOfWork, fact: SubscriptionStatusChanged) -> None:
    """A product is set up: its order may be complete."""
    if fact.status_before == Status.PENDING:
        service.complete_provisioned_order(uow, fact.order_id)


def on_customer_deleted(uow: UnitOfWork, fact: CustomerDeleted) -> None:
    """Orders go before the subscriptions that their lines name."""
    forget_orders(uow, fact.commerce_id)


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    reactions.on(SubscriptionQuantityChanged, on_quantity)
    reactions.on(SubscriptionRenewed, on_renewal)
    reactions.on(SubscriptionTermChanged, on_term)
    reactions.on(SubscriptionStatusChanged, on_status)
    reactions.on(CustomerDeleted, on_customer_deleted)
