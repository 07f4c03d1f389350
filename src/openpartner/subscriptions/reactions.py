"""What the end of a customer asks of its subscriptions, in the same transaction."""

from openpartner.customers.events import CustomerDeleted, ResellerRelationshipEnded
from openpartner.platform.events import Reactions
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.service.parting import check_nothing_held, forget_subscriptions


def on_relationship_ended(uow: UnitOfWork, fact: ResellerRelationshipEnded) -> None:
    """Refuse while something runs."""
    check_nothing_held(uow, fact.commerce_id)


def on_customer_deleted(uow: UnitOfWork, fact: CustomerDeleted) -> None:
    """A sandbox customer takes its subscriptions with it."""
    if fact.customer_id is not None:
        forget_subscriptions(uow, fact.customer_id, fact.commerce_id)


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    reactions.on(ResellerRelationshipEnded, on_relationship_ended)
    reactions.on(CustomerDeleted, on_customer_deleted)
