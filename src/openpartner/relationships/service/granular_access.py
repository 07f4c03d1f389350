"""What a relationship gives in the customer's tenant: the groups' roles there, and the service's own entries."""

from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.resources import GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import CrossTenantPartnerAdded, CrossTenantPartnerRemoved
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship, CrossTenantPartner
from openpartner.relationships.queries import assignments, granular
from openpartner.relationships.rules.assignments import AssignmentStatus, effective_roles
from openpartner.relationships.rules.granular import Status

GRANULAR = "gdap"


def give_access(uow: UnitOfWork, relationship: AdminRelationship, assignment: AccessAssignment) -> bool:
    """Give the assignment's group what the assignment, the approval and the customer's constraints together allow.

    It ends by itself at the relationship's end, unless that is extended automatically. Whether it gives anything.
    """
    roles = effective_roles(
        assignments.roles_of_assignment(uow, assignment.id),
        granular.roles_of(uow, relationship.id),
        granular.service_provider_constraint(uow, assignment.customer_id, relationship.partner_id),
    )
    if not roles or relationship.status is not Status.ACTIVE:
        identity.close_delegated_access(uow, assignment.id)
        return False
    identity.open_delegated_access(
        uow,
        source_id=assignment.id,
        kind=GRANULAR,
        customer_tenant_id=assignment.customer_id,
        group_id=assignment.group_id,
        roles=roles,
        until_at=None if relationship.extends else relationship.end_at,
    )
    return True


def give_access_again(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """After a change of the end, of the roles or of the constraints: every active assignment anew."""
    for assignment in assignments.living_assignments(uow, relationship.id):
        if assignment.status is AssignmentStatus.ACTIVE:
            give_access(uow, relationship, assignment)


def cut_access(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Take all of it away, now."""
    for assignment in assignments.living_assignments(uow, relationship.id):
        identity.close_delegated_access(uow, assignment.id)


def enter_customer_tenant(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Put the service's principals, and the partner's entry as a service provider, into the customer's tenant.

    Source: gdap §2.7. Emits CrossTenantPartnerAdded where there was none.
    """
    if relationship.customer_id is None:
        return
    for app_id in (GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR):
        identity.ensure_service_principal(uow, relationship.customer_id, app_id)
    if granular.cross_tenant_partner(uow, relationship.customer_id, relationship.partner_id) is not None:
        return
    uow.db.add(
        CrossTenantPartner(
            tenant_id=relationship.customer_id,
            partner_id=relationship.partner_id,
            is_service_provider=True,
            created_at=uow.now,
        )
    )
    uow.db.flush()
    uow.emit(
        CrossTenantPartnerAdded(
            partner_id=relationship.partner_id,
            customer_id=relationship.customer_id,
            after={"isServiceProvider": True},
        )
    )


def leave_customer_tenant(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """After the partner's last relationship its entry goes, after everybody's last the offline processor.

    Source: gdap §2.7. Emits CrossTenantPartnerRemoved.
    """
    customer_id, partner_id = relationship.customer_id, relationship.partner_id
    if customer_id is None:
        return
    entry = granular.cross_tenant_partner(uow, customer_id, partner_id)
    if entry is not None and granular.count_living(uow, customer_id, partner_id) == 0:
        uow.db.delete(entry)
        uow.db.flush()
        uow.emit(
            CrossTenantPartnerRemoved(
                partner_id=partner_id, customer_id=customer_id, before={"isServiceProvider": True}
            )
        )
    if granular.count_living(uow, customer_id) == 0 and directory.service_principal(
        uow, customer_id, GDAP_OFFLINE_PROCESSOR
    ):
        identity.remove_service_principal(uow, customer_id, GDAP_OFFLINE_PROCESSOR)
