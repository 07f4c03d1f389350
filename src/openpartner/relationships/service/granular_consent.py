"""The customer, and before it an indirect reseller, decides about a relationship. Source: gdap §2.7, §3, §10."""

from datetime import datetime
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import CUSTOMER_GDAP
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import (
    AdminRelationshipApproved,
    AdminRelationshipRejected,
    AdminRelationshipReviewed,
    AdminRelationshipTerminated,
    ServiceProviderConstraintsChanged,
)
from openpartner.relationships.models.granular import AdminRelationship, ServiceProviderConstraint
from openpartner.relationships.queries import assignments, granular
from openpartner.relationships.rules.granular import Action, Side, after
from openpartner.relationships.rules.granular_consent import (
    AlreadyReviewed,
    PartnerUnknown,
    ReviewPending,
    check_constraint,
)
from openpartner.relationships.rules.granular_terms import roles
from openpartner.relationships.rules.invitations import reason_given
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.service.granular_access import give_access
from openpartner.relationships.service.granular_drafting import name_customer
from openpartner.relationships.service.granular_notices import tell_approved, tell_terminated
from openpartner.relationships.service.granular_states import move, scope, status_change, touch, wind
from openpartner.relationships.service.own_administrators import check_own_administrator
from openpartner.relationships.service.request_records import keep_request

BY_CUSTOMER = "Customer"
BY_PARTNER = "Partner"


def approve_admin_relationship(uow: UnitOfWork, relationship_id: str) -> AdminRelationship:
    """The customer consents to all of it. Who opens a link that names nobody becomes the customer.

    Raises RelationshipUnknown, NamedForAnother, OwnAdministratorNeeded, StatusForbids, ReviewPending, RoleNotAllowed.
    Emits AdminRelationshipApproved; mails both sides.
    """
    uow.actor.require(CUSTOMER_GDAP.write)
    check_own_administrator(uow)
    relationship = granular.relationship_of_link(uow, relationship_id, lock=True)
    after(relationship.status, Action.APPROVE, Side.CUSTOMER)
    if relationship.is_partner_consent_pending:
        raise ReviewPending
    allowed = granular.service_provider_constraint(uow, uow.actor.tenant, relationship.partner_id)
    check_constraint(granular.roles_of(uow, relationship.id), allowed)
    if relationship.customer_id is None:
        name_customer(uow, relationship, uow.actor.tenant)
    confirm(uow, relationship, BY_CUSTOMER)
    keep_request(uow, relationship, RequestAction.APPROVE, Side.CUSTOMER)
    tell_approved(uow, relationship)
    return relationship


def confirm(uow: UnitOfWork, relationship: AdminRelationship, approved_by: str) -> None:
    """The consent itself. Emits AdminRelationshipApproved; provisioning follows by the clock."""
    before = move(uow, relationship, Action.APPROVE, Side.CUSTOMER)
    relationship.approved_at, relationship.approved_by = uow.now, approved_by
    uow.db.flush()
    uow.emit(
        AdminRelationshipApproved(**scope(relationship), **status_change(before, relationship), approved_by=approved_by)
    )
    wind(uow, relationship)


def reject_admin_relationship(uow: UnitOfWork, relationship_id: str, reason: str = "") -> AdminRelationship:
    """The customer refuses all of it; the partner is told why. Raises as ``approve_admin_relationship``, InvalidFields.

    Emits AdminRelationshipRejected, AdminRelationshipTerminated; mails both sides.
    """
    uow.actor.require(CUSTOMER_GDAP.write)
    check_own_administrator(uow)
    said = reason_given(reason)
    relationship = granular.relationship_of_link(uow, relationship_id, lock=True)
    after(relationship.status, Action.REJECT, Side.CUSTOMER)
    if relationship.customer_id is None:
        name_customer(uow, relationship, uow.actor.tenant)
    refuse(uow, relationship, Side.CUSTOMER, said)
    keep_request(uow, relationship, RequestAction.REJECT, Side.CUSTOMER, said)
    return relationship


def refuse(uow: UnitOfWork, relationship: AdminRelationship, side: Side, reason: str = "") -> None:
    """The customer's or the indirect reseller's no: nothing was given, so it has ended at once."""
    before = move(uow, relationship, Action.REJECT, side)
    if side is Side.RESELLER:
        relationship.is_partner_consent_pending = False
    uow.db.flush()
    change = status_change(before, relationship)
    who = side.value.capitalize()
    uow.emit(AdminRelationshipRejected(**scope(relationship), **change, rejected_by=who, reason=reason))
    uow.emit(AdminRelationshipTerminated(**scope(relationship), **change))
    tell_terminated(uow, relationship, refused_by=side, reason=reason)
    wind(uow, relationship)


def review(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """The indirect reseller agrees. Raises AlreadyReviewed. Emits AdminRelationshipReviewed."""
    move(uow, relationship, Action.REVIEW, Side.RESELLER)
    if not relationship.is_partner_consent_pending:
        raise AlreadyReviewed
    relationship.is_partner_consent_pending = False
    touch(uow, relationship)
    uow.db.flush()
    uow.emit(
        AdminRelationshipReviewed(
            **scope(relationship),
            before={"isPartnerConsentPending": True},
            after={"isPartnerConsentPending": False},
        )
    )


def set_service_provider_constraints(uow: UnitOfWork, partner_id: UUID, allowed: frozenset[UUID]) -> None:
    """The customer says which roles a partner may ever hold in it; an empty set takes back what it said.

    Access that is given already is narrowed to them, or widened again, in the same transaction.
    Raises OwnAdministratorNeeded, PartnerUnknown, RoleUnknown. Emits ServiceProviderConstraintsChanged.
    """
    uow.actor.require(CUSTOMER_GDAP.write)
    check_own_administrator(uow)
    _check_partner(uow, partner_id)
    customer_id = uow.actor.tenant
    wanted = sorted(roles(allowed)) if allowed else []
    present = uow.db.get(ServiceProviderConstraint, (customer_id, partner_id), with_for_update=True)
    before = [] if present is None else present.allowed_roles
    if wanted == before:
        return
    _keep_constraint(uow, present, partner_id, wanted)
    uow.emit(
        ServiceProviderConstraintsChanged(
            partner_id=partner_id,
            customer_id=customer_id,
            before={"allowedRoleTemplateIds": [str(role) for role in before]},
            after={"allowedRoleTemplateIds": [str(role) for role in wanted]},
        )
    )
    for assignment in assignments.active_assignments_between(uow, customer_id, partner_id):
        relationship = uow.db.get_one(AdminRelationship, assignment.relationship_id)
        give_access(uow, relationship, assignment)


def _check_partner(uow: UnitOfWork, partner_id: UUID) -> None:
    try:
        tenant = directory.tenant_by_id(uow, partner_id)
    except NotFound:
        raise PartnerUnknown(partner_id) from None
    if tenant.kind is not TenantKind.PARTNER:
        raise PartnerUnknown(partner_id)


def _keep_constraint(
    uow: UnitOfWork, present: ServiceProviderConstraint | None, partner_id: UUID, wanted: list[UUID]
) -> None:
    now: datetime = uow.now
    if present is None:
        uow.db.add(
            ServiceProviderConstraint(
                tenant_id=uow.actor.tenant,
                partner_id=partner_id,
                allowed_roles=wanted,
                created_at=now,
                modified_at=now,
            )
        )
    elif wanted:
        present.allowed_roles, present.modified_at = wanted, now
    else:
        uow.db.delete(present)
    uow.db.flush()
