"""A partner draws up a relationship, changes it, deletes the draft, or locks it for the customer's approval."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from openpartner.customers import queries as customers
from openpartner.identity.models import Tenant, TenantState
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import PreconditionFailed
from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.http.etags import check_etag
from openpartner.platform.permissions import GDAP
from openpartner.platform.search.text import fold
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import (
    AdminRelationshipCreated,
    AdminRelationshipDeleted,
    AdminRelationshipLocked,
    AdminRelationshipUpdated,
)
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.queries import granular
from openpartner.relationships.rules.granular import Action, Kind, Side, Status
from openpartner.relationships.rules.granular_consent import CustomerRefused, ResellerMissing
from openpartner.relationships.rules.granular_terms import (
    EXTENDS,
    NEVER,
    NameTaken,
    Terms,
    TermsChange,
    WantedTerms,
    changed,
    name_key,
)
from openpartner.relationships.rules.operations import OperationType
from openpartner.relationships.service.granular_access import give_access_again
from openpartner.relationships.service.granular_states import move, scope, side_of, status_change, touch, wind
from openpartner.relationships.service.operation_records import start_operation


class RelationshipChange(NamedTuple):
    """A relationship after a change, and the operation under way when part of it takes a while."""

    relationship: AdminRelationship
    operation: RelationshipOperation | None


def create_admin_relationship(uow: UnitOfWork, wanted: WantedTerms, *, for_reseller: bool = False) -> AdminRelationship:
    """Draw up a relationship. The customer learns of it once it is locked for approval.

    for_reseller: an indirect provider asks in the name of the reseller through which it sells to the customer; the
    reseller's groups get the access. Raises what ``WantedTerms.read`` raises, NameTaken, CustomerRefused,
    ResellerMissing. Emits AdminRelationshipCreated.
    """
    uow.actor.require(GDAP.write)
    terms = wanted.read()
    partner_id, provider_id = uow.actor.tenant, None
    if for_reseller:
        partner_id, provider_id = _reseller_of(uow, terms.customer_id), uow.actor.tenant
    return draw_up(uow, terms, partner_id, provider_id=provider_id)


def draw_up(
    uow: UnitOfWork, terms: Terms, partner_id: UUID, *, provider_id: UUID | None = None, is_default: bool = False
) -> AdminRelationship:
    """Store a draft and announce it. Raises NameTaken, CustomerRefused."""
    relationship = AdminRelationship(
        id=f"{uow.ids.uuid()}-{partner_id}",
        kind=Kind.GRANULAR if provider_id is None else Kind.RESELLER,
        partner_id=partner_id,
        indirect_provider_id=provider_id,
        is_partner_consent_pending=provider_id is not None,
        is_default=is_default,
        status=Status.CREATED,
        status_at=uow.now,
        created_at=uow.now,
        modified_at=uow.now,
    )
    _write_terms(uow, relationship, terms)
    uow.db.add(relationship)
    _flush_name(uow, relationship)
    uow.db.add_all(_role_rows(relationship.id, terms.roles))
    uow.db.flush()
    uow.emit(
        AdminRelationshipCreated(
            **scope(relationship), is_default=is_default, after={**told(terms), "status": Status.CREATED.value}
        )
    )
    return relationship


def update_admin_relationship(
    uow: UnitOfWork, relationship_id: str, change: TermsChange, *, etag: str | None = None
) -> RelationshipChange:
    """Change a draft, an active relationship's automatic extension, or take Global Administrator out of an active one.

    The last takes a while: the operation says when it is done. What comes as it is changes nothing.
    etag: what the caller read; None skips the check. Raises RelationshipUnknown, PreconditionFailed, StatusForbids,
    NotYours, UpdateRefused, NameTaken, CustomerRefused, and what ``WantedTerms.read`` raises.
    Emits AdminRelationshipUpdated, RelationshipOperationStarted.
    """
    uow.actor.require(GDAP.write)
    relationship = granular.one_relationship(uow, relationship_id, lock=True)
    check_graph_etag(etag, relationship)
    side = side_of(uow, relationship)
    present = granular.terms_of(uow, relationship)
    outcome = changed(relationship.status, present, change)
    if relationship.status is Status.CREATED:
        _change_draft(uow, relationship, present, outcome.terms, side)
        return RelationshipChange(relationship, None)
    move(uow, relationship, Action.UPDATE, side)
    if outcome.terms.auto_extend_duration != present.auto_extend_duration:
        _switch_extension(uow, relationship, outcome.terms.auto_extend_duration)
    operation = None
    if outcome.drops_global_administrator:
        operation = start_operation(uow, relationship, OperationType.RELATIONSHIP_UPDATE, outcome.terms.roles)
    uow.db.flush()
    return RelationshipChange(relationship, operation)


def set_auto_extend(uow: UnitOfWork, relationship_id: str, *, on: bool, etag: str | None = None) -> AdminRelationship:
    """Switch the automatic extension of a draft or an active relationship. Raises as ``update_admin_relationship``."""
    change = TermsChange(auto_extend_duration=EXTENDS if on else NEVER)
    return update_admin_relationship(uow, relationship_id, change, etag=etag).relationship


def drop_global_administrator(
    uow: UnitOfWork, relationship_id: str, *, etag: str | None = None
) -> RelationshipOperation | None:
    """Take Global Administrator out of an active relationship; None when it is not in it.

    Raises as ``update_admin_relationship``; RolesMissing when it is the only role.
    """
    uow.actor.require(GDAP.write)
    relationship = granular.one_relationship(uow, relationship_id)
    left = granular.roles_of(uow, relationship.id) - {GLOBAL_ADMINISTRATOR}
    return update_admin_relationship(uow, relationship_id, TermsChange(roles=left), etag=etag).operation


def delete_admin_relationship(uow: UnitOfWork, relationship_id: str, *, etag: str | None = None) -> None:
    """Delete a draft. Raises RelationshipUnknown, PreconditionFailed, StatusForbids. Emits AdminRelationshipDeleted."""
    uow.actor.require(GDAP.write)
    relationship = granular.one_relationship(uow, relationship_id, lock=True)
    check_graph_etag(etag, relationship)
    move(uow, relationship, Action.DELETE, side_of(uow, relationship))
    before = told(granular.terms_of(uow, relationship))
    said = scope(relationship)
    uow.db.execute(delete(AdminRelationshipRole).where(AdminRelationshipRole.relationship_id == relationship.id))
    uow.db.delete(relationship)
    uow.db.flush()
    uow.emit(AdminRelationshipDeleted(**said, before=before))


def lock_for_approval(uow: UnitOfWork, relationship: AdminRelationship, side: Side) -> None:
    """Freeze a draft: the approval link works from now on, for 90 days. Emits AdminRelationshipLocked."""
    before = move(uow, relationship, Action.LOCK_FOR_APPROVAL, side)
    relationship.locked_at = uow.now
    uow.db.flush()
    uow.emit(AdminRelationshipLocked(**scope(relationship), **status_change(before, relationship)))
    wind(uow, relationship)


def check_graph_etag(etag: str | None, row: Any) -> None:
    """Raise PreconditionFailed, with Graph's word for it, unless ``etag`` is None, ``*`` or the row's own."""
    try:
        check_etag(etag, weak_etag(row.id, row.version))
    except PreconditionFailed as stale:
        stale.code = "preconditionFailed"
        raise


def name_customer(uow: UnitOfWork, relationship: AdminRelationship, customer_id: UUID | None) -> None:
    """Say who the customer is. Raises CustomerRefused for anything but a customer's living tenant."""
    if customer_id is None:
        relationship.customer_id, relationship.customer_name, relationship.customer_key = None, "", ""
        return
    tenant = uow.db.get(Tenant, customer_id)
    if tenant is None or tenant.kind is not TenantKind.CUSTOMER or tenant.state is TenantState.DELETED:
        raise CustomerRefused(customer_id)
    relationship.customer_id = tenant.id
    relationship.customer_name, relationship.customer_key = tenant.name, fold(tenant.name)[:256]


def told(terms: Terms) -> dict[str, Any]:
    """The terms as facts tell them: names and values of the wire."""
    return {
        "displayName": terms.display_name,
        "customer": None if terms.customer_id is None else str(terms.customer_id),
        "duration": terms.duration.text,
        "autoExtendDuration": terms.auto_extend_duration,
        "roles": [str(role) for role in sorted(terms.roles)],
    }


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    names = [name for name in before if before[name] != after[name]]
    return {"before": {name: before[name] for name in names}, "after": {name: after[name] for name in names}}


def _write_terms(uow: UnitOfWork, relationship: AdminRelationship, terms: Terms) -> None:
    if relationship.customer_id != terms.customer_id:
        name_customer(uow, relationship, terms.customer_id)
    relationship.display_name, relationship.name_key = terms.display_name, name_key(terms.display_name)
    relationship.duration, relationship.duration_days = terms.duration.text, terms.duration.days
    relationship.auto_extend_duration = terms.auto_extend_duration


def _flush_name(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Write the row. Raises NameTaken, also when another unit takes the name in this very moment."""
    with uow.db.no_autoflush:
        if granular.has_name(uow, relationship.partner_id, relationship.name_key, but=relationship.id):
            raise NameTaken(relationship.display_name)
    try:
        uow.db.flush()
    except IntegrityError as error:
        raise NameTaken(relationship.display_name) from error


def _role_rows(relationship_id: str, roles: frozenset[UUID]) -> list[AdminRelationshipRole]:
    return [AdminRelationshipRole(relationship_id=relationship_id, role_template_id=role) for role in sorted(roles)]


def _change_draft(uow: UnitOfWork, relationship: AdminRelationship, present: Terms, wanted: Terms, side: Side) -> None:
    move(uow, relationship, Action.UPDATE, side)
    # Whose groups get the access follows from the customer, and it is part of the id.
    moves = relationship.kind is Kind.RESELLER and wanted.customer_id != present.customer_id
    if moves and _reseller_of(uow, wanted.customer_id) != relationship.partner_id:
        raise ResellerMissing
    _write_terms(uow, relationship, wanted)
    _flush_name(uow, relationship)
    if wanted.roles != present.roles:
        uow.db.execute(delete(AdminRelationshipRole).where(AdminRelationshipRole.relationship_id == relationship.id))
        uow.db.add_all(_role_rows(relationship.id, wanted.roles))
        uow.db.flush()
    if wanted != present:
        uow.emit(AdminRelationshipUpdated(**scope(relationship), **_differing(told(present), told(wanted))))


def _switch_extension(uow: UnitOfWork, relationship: AdminRelationship, wanted: str) -> None:
    before, relationship.auto_extend_duration = relationship.auto_extend_duration, wanted
    touch(uow, relationship)
    uow.db.flush()
    uow.emit(
        AdminRelationshipUpdated(
            **scope(relationship),
            before={"autoExtendDuration": before},
            after={"autoExtendDuration": wanted},
        )
    )
    give_access_again(uow, relationship)
    wind(uow, relationship)


def _reseller_of(uow: UnitOfWork, customer_id: UUID | None) -> UUID:
    if customer_id is None:
        raise ResellerMissing
    reseller_id = customers.one_customer(uow, customer_id).reseller_id
    if reseller_id is None or reseller_id == uow.actor.tenant_id:
        raise ResellerMissing
    return reseller_id
