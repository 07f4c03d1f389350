"""Reads of granular relationships, always from what the actor may see."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, exists, false, func, or_, select, true

from openpartner.identity.models import ServicePrincipal, Tenant
from openpartner.identity.queries import service_principal
from openpartner.identity.resources import GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import CUSTOMER_GDAP, GDAP, GDAP_ANALYTICS, GDAP_ASSIGNMENTS
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import (
    AdminRelationship,
    AdminRelationshipRole,
    CrossTenantPartner,
    ServiceProviderConstraint,
)
from openpartner.relationships.rules.granular import LIVING, Denied, Kind, Status
from openpartner.relationships.rules.granular_terms import Terms

READERS = (GDAP.read, GDAP_ASSIGNMENTS.read, GDAP_ANALYTICS.read)
"""Any of these lets a partner's user look. Source: gdap §10, who may."""


class RelationshipUnknown(NotFound):
    """Source: gdap §8, unknown relationship."""

    code = "itemNotFound"

    def __init__(self, relationship_id: object) -> None:
        super().__init__("The delegated admin relationship", relationship_id)


class NamedForAnother(Denied):
    """Source: gdap §10: if the relationship named a customer, any other tenant gets an error."""

    def __init__(self) -> None:
        super().__init__(
            "This request is for another organization. Sign in as a Global Administrator of the organization it was "
            "made for, or ask the partner for a new request."
        )


def require_reading(actor: Actor) -> None:
    """Refuse who may not look at delegated administration: first line of every use case that reads it."""
    if actor.tenant_kind is TenantKind.CUSTOMER:
        actor.require(CUSTOMER_GDAP.read)
    elif actor.tenant_kind is not TenantKind.OPERATOR and not any(actor.may(reader) for reader in READERS):
        actor.require(GDAP.read)


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which ``actor`` may see a relationship.

    A partner sees its own, an indirect provider those it made for resellers (a reseller only from the day it waits for
    approval), a customer those that name it and are no drafts, the operator and the system all.
    """
    if actor.kind is ActorKind.SYSTEM or actor.tenant_kind is TenantKind.OPERATOR:
        return true()
    if actor.tenant_id is None:
        return false()
    if actor.tenant_kind is TenantKind.CUSTOMER:
        return and_(AdminRelationship.customer_id == actor.tenant_id, AdminRelationship.status != Status.CREATED)
    return or_(own_to(actor.tenant_id), AdminRelationship.indirect_provider_id == actor.tenant_id)


def own_to(partner_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """Relationships in which a partner's own groups get the access, without drafts that its provider still edits."""
    drawn_up_elsewhere = and_(AdminRelationship.kind == Kind.RESELLER, AdminRelationship.status == Status.CREATED)
    return and_(AdminRelationship.partner_id == partner_id, ~drawn_up_elsewhere)


def visible_to(actor: Actor) -> Select[AdminRelationship]:
    """The relationships ``actor`` may see."""
    return select(AdminRelationship).where(is_visible(actor))


def one_relationship(uow: UnitOfWork, relationship_id: str, *, lock: bool = False) -> AdminRelationship:
    """A relationship the actor may see. lock: hold it until the unit ends. Raises RelationshipUnknown."""
    statement = visible_to(uow.actor).where(AdminRelationship.id == relationship_id.lower())
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = uow.db.scalar(statement)
    if found is None:
        raise RelationshipUnknown(relationship_id)
    return found


def relationship_of_link(uow: UnitOfWork, relationship_id: str, *, lock: bool = False) -> AdminRelationship:
    """What a customer that follows an approval link may see: what is its own, and what waits and names nobody.

    Raises RelationshipUnknown, NamedForAnother.
    """
    statement = select(AdminRelationship).where(
        AdminRelationship.id == relationship_id.lower(), AdminRelationship.status != Status.CREATED
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = uow.db.scalar(statement)
    if found is None or (found.customer_id is None and found.status is not Status.APPROVAL_PENDING):
        raise RelationshipUnknown(relationship_id)
    if found.customer_id not in {None, uow.actor.tenant_id}:
        raise NamedForAnother
    return found


def roles_of(uow: UnitOfWork, relationship_id: str) -> frozenset[UUID]:
    """The roles of one relationship. The caller has seen it."""
    statement = select(AdminRelationshipRole.role_template_id)
    return frozenset(uow.db.scalars(statement.where(AdminRelationshipRole.relationship_id == relationship_id)))


def roles_of_many(uow: UnitOfWork, relationship_ids: Iterable[str]) -> dict[str, list[UUID]]:
    """The roles of each of these relationships, by template id in order. The caller has seen them."""
    found: dict[str, list[UUID]] = {}
    statement = (
        select(AdminRelationshipRole.relationship_id, AdminRelationshipRole.role_template_id)
        .where(AdminRelationshipRole.relationship_id.in_(list(relationship_ids)))
        .order_by(AdminRelationshipRole.relationship_id, AdminRelationshipRole.role_template_id)
    )
    for relationship_id, role in uow.db.execute(statement):
        found.setdefault(relationship_id, []).append(role)
    return found


def terms_of(uow: UnitOfWork, relationship: AdminRelationship) -> Terms:
    """What a relationship says, as the rules take it."""
    return Terms(
        display_name=relationship.display_name,
        customer_id=relationship.customer_id,
        duration=relationship.length,
        auto_extend_duration=relationship.auto_extend_duration,
        roles=roles_of(uow, relationship.id),
    )


def has_name(uow: UnitOfWork, partner_id: UUID, name_key: str, *, but: str = "") -> bool:
    """Whether a partner keeps a relationship of that name, besides the one with the id ``but``."""
    same = and_(AdminRelationship.partner_id == partner_id, AdminRelationship.name_key == name_key)
    return bool(uow.db.scalar(select(exists().where(same, AdminRelationship.id != but))))


def relationships_with(uow: UnitOfWork, customer_id: UUID) -> Sequence[AdminRelationship]:
    """Every relationship with a customer that the actor sees, the newest first."""
    statement = visible_to(uow.actor).where(AdminRelationship.customer_id == customer_id)
    return uow.db.scalars(statement.order_by(AdminRelationship.created_at.desc(), AdminRelationship.id)).all()


def count_living(uow: UnitOfWork, customer_id: UUID, partner_id: UUID | None = None) -> int:
    """How many relationships with a customer it has consented to and that have not wholly ended; one partner's, or all.

    What keeps the service's own entries in the customer's tenant.
    """
    statement = (
        select(func.count())
        .select_from(AdminRelationship)
        .where(AdminRelationship.customer_id == customer_id, AdminRelationship.status.in_(sorted(LIVING)))
    )
    if partner_id is not None:
        statement = statement.where(AdminRelationship.partner_id == partner_id)
    return uow.db.scalar(statement) or 0


# --- the customer's tenant


def service_provider_constraint(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> frozenset[UUID] | None:
    """The roles that a customer lets a partner hold; None when it has not said."""
    found = constraint_of(uow, customer_id, partner_id)
    return None if found is None else frozenset(found.allowed_roles)


def constraint_of(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> ServiceProviderConstraint | None:
    """What a customer has said of the roles a partner may hold."""
    return uow.db.get(ServiceProviderConstraint, (customer_id, partner_id))


def cross_tenant_partners(uow: UnitOfWork, customer_id: UUID) -> Sequence[CrossTenantPartner]:
    """The entries of a customer tenant's cross-tenant access policy, by partner."""
    return uow.db.scalars(
        select(CrossTenantPartner)
        .where(CrossTenantPartner.tenant_id == customer_id)
        .order_by(CrossTenantPartner.partner_id)
    ).all()


def cross_tenant_partner(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> CrossTenantPartner | None:
    """A customer tenant's entry for a partner."""
    return uow.db.get(CrossTenantPartner, (customer_id, partner_id))


def delegation_principals(uow: UnitOfWork, customer_id: UUID) -> Mapping[UUID, ServicePrincipal]:
    """The service's own principals that delegated administration has put into a customer's tenant, by client id."""
    found = {app: service_principal(uow, customer_id, app) for app in (GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR)}
    return {app: principal for app, principal in found.items() if principal is not None}


def tenant_names(uow: UnitOfWork, tenant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of tenants by id, for pages that say who asks."""
    wanted = set(tenant_ids)
    if not wanted:
        return {}
    rows = uow.db.execute(select(Tenant.id, Tenant.name).where(Tenant.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def seen_by(uow: UnitOfWork) -> ColumnElement[bool]:
    """``is_visible`` for a long list: to a partner that has made none for resellers it is a plain range of an index."""
    actor = uow.actor
    if actor.tenant_kind is not TenantKind.PARTNER or actor.tenant_id is None:
        return is_visible(actor)
    made = exists().where(AdminRelationship.indirect_provider_id == actor.tenant_id)
    return is_visible(actor) if uow.db.scalar(select(made)) else own_to(actor.tenant_id)


def resellers_among(uow: UnitOfWork, relationship_ids: Iterable[str]) -> dict[str, AdminRelationship]:
    """Those of these relationships that were asked for in a reseller's name. The caller has seen them."""
    statement = select(AdminRelationship).where(
        AdminRelationship.id.in_(list(relationship_ids)), AdminRelationship.kind == Kind.RESELLER
    )
    return {row.id: row for row in uow.db.scalars(statement)}
