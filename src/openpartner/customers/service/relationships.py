"""Ending what a partner is to a customer: the relationship, its delegated administration, the customer altogether."""

from http import HTTPStatus
from uuid import UUID

from sqlalchemy import delete, exists, select

from openpartner.customers import queries, rules
from openpartner.customers.events import CustomerDeleted, DelegatedAccessRemoved, ResellerRelationshipEnded
from openpartner.customers.models import BillingProfile, Customer, CustomerAgreement, CustomerQualification
from openpartner.customers.rules import Holdings, Relationship
from openpartner.customers.service.finding import have_found
from openpartner.customers.service.qualifications import forget_vetting
from openpartner.customers.service.reviews import forget_review
from openpartner.identity import service as identity
from openpartner.identity.models import TenantState
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork


class OnlyInSandbox(Invalid):
    """Source: partner-center-conventions §18, §19, 900127."""

    code = 900127
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__("Customers can be deleted in the sandbox only. End the reseller relationship instead.")


def end_reseller_relationship(uow: UnitOfWork, customer_id: UUID) -> Customer:
    """End the partner's relationship: the customer leaves its lists, nothing can be bought for it any more.

    Granular administration goes on until it is ended by itself. Who keeps subscriptions refuses in its reaction
    (``rules.CustomerStillHolds``) while there are any; then nothing has happened.
    Raises CustomerUnknown, RelationshipNeeded, ProviderNeeded. Emits ResellerRelationshipEnded, DelegatedAccessRemoved.
    """
    uow.actor.require(permissions.RESELLER_RELATIONSHIP_REMOVE.write)
    uow.actor.require_user()
    customer = queries.customer_to_change(uow, customer_id)
    close_reseller_relationship(uow, customer)
    return customer


def close_reseller_relationship(uow: UnitOfWork, customer: Customer) -> None:
    """End a relationship, whoever wants it: the caller has asked. The older delegated access goes with it.

    Raises RelationshipUnreachable, CustomerStillHolds. Emits ResellerRelationshipEnded, DelegatedAccessRemoved.
    """
    before = customer.relationship
    customer.relationship = rules.changed_relationship(before, Relationship.NONE, Holdings())
    customer.ended_at = uow.now
    uow.db.flush()
    have_found(uow, customer)
    uow.emit(
        ResellerRelationshipEnded(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            before={"relationshipToPartner": before.value},
            after={"relationshipToPartner": customer.relationship.value},
        )
    )
    close_older_access(uow, customer)


def remove_delegated_access(uow: UnitOfWork, customer_id: UUID) -> Customer:
    """Give up the older, undivided delegated administration. Done already, it changes nothing.

    Who keeps such access closes it in its reaction. Raises CustomerUnknown, RelationshipNeeded.
    Emits DelegatedAccessRemoved.
    """
    uow.actor.require(permissions.DAP.write)
    uow.actor.require_user()
    customer = queries.customer_to_change(uow, customer_id)
    close_older_access(uow, customer)
    return customer


def close_older_access(uow: UnitOfWork, customer: Customer) -> None:
    """Take the older delegated administration away, whoever wants it: the caller has asked. Done, it changes nothing.

    Emits DelegatedAccessRemoved.
    """
    if customer.allow_delegated_access:
        customer.allow_delegated_access = rules.changed_delegated_access(present=True, wanted=False)
        uow.db.flush()
        uow.emit(
            DelegatedAccessRemoved(
                partner_id=customer.partner_id,
                customer_id=customer.tenant_id,
                commerce_id=customer.commerce_id,
                before={"allowDelegatedAccess": True},
                after={"allowDelegatedAccess": False},
            )
        )


def delete_customer(uow: UnitOfWork, customer_id: UUID) -> None:
    """Sandbox only: destroy the customer and, when no other partner has it, its tenant.

    Each slice removes in its reaction what it keeps of the customer, or refuses while something is to be cancelled.
    Raises OnlyInSandbox, CustomerUnknown, RelationshipNeeded, ProviderNeeded. Emits CustomerDeleted.
    """
    uow.actor.require(permissions.CUSTOMERS.write)
    if not uow.world.settings.is_sandbox:
        raise OnlyInSandbox
    customer = queries.customer_to_change(uow, customer_id)
    uow.emit(
        CustomerDeleted(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            before={"companyName": customer.company_name, "domain": customer.domain},
        )
    )
    customer.relationship = Relationship.NONE
    have_found(uow, customer)
    forget_review(uow, customer)
    for asked in queries.qualifications_of(uow, customer):
        forget_vetting(uow, asked)
    key = customer.commerce_id
    for model in (CustomerAgreement, CustomerQualification, BillingProfile):
        uow.db.execute(delete(model).where(model.commerce_id == key))
    uow.db.delete(customer)
    uow.db.flush()
    if not uow.db.scalar(select(exists().where(Customer.tenant_id == customer_id))):
        uow.db.execute(delete(CustomerAgreement).where(CustomerAgreement.tenant_id == customer_id))
        identity.set_tenant_state(uow, customer_id, TenantState.DELETED)
