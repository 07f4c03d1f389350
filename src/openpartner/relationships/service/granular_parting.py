"""What is left of delegated administration when a customer is destroyed."""

from uuid import UUID

from sqlalchemy import delete, or_, select

from openpartner.customers import queries as customers
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship, ServiceProviderConstraint
from openpartner.relationships.service.granular_access import leave_customer_tenant
from openpartner.relationships.service.granular_ending import remove_relationship

CUSTOMER_DELETED = "customer deleted"


def forget_granular_relationships(uow: UnitOfWork, customer_id: UUID, partner_id: UUID | None) -> None:
    """A sandbox customer is destroyed: what the partner has in it goes; with its last partner, what anybody has.

    Emits AdminRelationshipRemoved for each relationship.
    """
    mine = or_(AdminRelationship.partner_id == partner_id, AdminRelationship.indirect_provider_id == partner_id)
    wanted = select(AdminRelationship).where(AdminRelationship.customer_id == customer_id)
    is_last = all(each.partner_id == partner_id for each in customers.relationships_of(uow, customer_id))
    if not is_last:
        wanted = wanted.where(mine)
    for relationship in uow.db.scalars(wanted.order_by(AdminRelationship.id).with_for_update()).all():
        remove_relationship(uow, relationship, CUSTOMER_DELETED)
        leave_customer_tenant(uow, relationship)
    if is_last:
        uow.db.execute(delete(ServiceProviderConstraint).where(ServiceProviderConstraint.tenant_id == customer_id))
