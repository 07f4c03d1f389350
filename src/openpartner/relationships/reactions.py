"""What customers, groups and tenants that come and go ask of relationships, in the same transaction."""

from openpartner.customers.events import (
    CustomerCreated,
    CustomerDeleted,
    DelegatedAccessRemoved,
    ResellerRelationshipEnded,
)
from openpartner.identity import service as identity
from openpartner.identity.events import GroupDeleted
from openpartner.platform.events import Reactions
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import AdminRelationshipActivated
from openpartner.relationships.service.assignments import end_assignments_of_group
from openpartner.relationships.service.granular_defaults import create_default_relationship
from openpartner.relationships.service.granular_parting import forget_granular_relationships
from openpartner.relationships.service.partnerships import check_associated_partner
from openpartner.relationships.service.plans import on_planned_relationship_activated
from openpartner.relationships.service.reseller_ending import tell_of_end


def on_customer_of_reseller(uow: UnitOfWork, fact: CustomerCreated) -> None:
    """A provider has a customer for a reseller only while the two are partners."""
    if fact.reseller_id is not None and fact.partner_id is not None:
        check_associated_partner(uow, fact.partner_id, fact.reseller_id)


def on_customer_created(uow: UnitOfWork, fact: CustomerCreated) -> None:
    """The default relationship, where it was asked for."""
    create_default_relationship(uow, fact)


def on_customer_deleted(uow: UnitOfWork, fact: CustomerDeleted) -> None:
    """A sandbox customer takes its relationships with it."""
    if fact.customer_id is not None:
        forget_granular_relationships(uow, fact.customer_id, fact.partner_id)


def on_relationship_ended(uow: UnitOfWork, fact: ResellerRelationshipEnded) -> None:
    """The other side is told."""
    tell_of_end(uow, fact)


def on_older_access_removed(uow: UnitOfWork, fact: DelegatedAccessRemoved) -> None:
    """What it gave in the customer's directory is closed in the same instant."""
    identity.close_delegated_access(uow, fact.commerce_id)


def on_group_deleted(uow: UnitOfWork, fact: GroupDeleted) -> None:
    """What the group held is gone."""
    end_assignments_of_group(uow, fact.group_id)


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    reactions.on(CustomerCreated, on_customer_of_reseller, on_customer_created)
    reactions.on(CustomerDeleted, on_customer_deleted)
    reactions.on(ResellerRelationshipEnded, on_relationship_ended)
    reactions.on(DelegatedAccessRemoved, on_older_access_removed)
    reactions.on(GroupDeleted, on_group_deleted)
    reactions.on(AdminRelationshipActivated, on_planned_relationship_activated)
