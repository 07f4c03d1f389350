"""A partner gives roles of a relationship to its security groups, changes them, takes them back. Source: gdap §4."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete

from openpartner.identity import queries as directory
from openpartner.identity.models import Group
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import GDAP_ASSIGNMENTS
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.assignments import AccessAssignmentCreated, AccessAssignmentUpdateRequested
from openpartner.relationships.models.assignments import AccessAssignment, AccessAssignmentRole
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.queries import assignments, granular
from openpartner.relationships.rules.assignments import (
    GONE,
    AlreadyDeleted,
    AssignmentAction,
    AssignmentStatus,
    GroupAssigned,
    GroupUnknown,
    NoSecurityGroup,
    RelationshipNotActive,
    after_assignment,
    assigned_roles,
)
from openpartner.relationships.rules.granular import Denied, Status
from openpartner.relationships.rules.granular_consent import check_constraint
from openpartner.relationships.rules.operations import OperationType
from openpartner.relationships.service.assignment_states import (
    assignment_scope,
    begin_deletion,
    finish_deletion,
    put_into_force,
    schedule_assignment,
)
from openpartner.relationships.service.granular_drafting import check_graph_etag
from openpartner.relationships.service.operation_records import start_operation

GROUP_DELETED = "The security group was deleted."


class AssignmentChange(NamedTuple):
    """An assignment as it is, and the operation that changes it; None when nothing was to be changed."""

    assignment: AccessAssignment
    operation: RelationshipOperation | None


class GroupsElsewhere(Denied):
    """Roles go to groups of the tenant that the relationship belongs to."""

    def __init__(self) -> None:
        super().__init__(
            "Groups are assigned by the indirect reseller that the relationship is for, not by its provider."
        )


def create_access_assignment(
    uow: UnitOfWork, relationship_id: str, group_id: UUID, roles: frozenset[UUID]
) -> AccessAssignment:
    """Give a security group of the partner some of an active relationship's roles; they come into force as it spreads.

    Raises RelationshipUnknown, GroupsElsewhere, RelationshipNotActive, RolesMissing, RoleOutside, RoleNotAllowed,
    GroupUnknown, NoSecurityGroup, GroupAssigned. Emits AccessAssignmentCreated.
    """
    uow.actor.require(GDAP_ASSIGNMENTS.write)
    relationship = _own_relationship(uow, relationship_id)
    customer_id = _customer_of(relationship)
    _check_roles(uow, relationship, roles)
    group = _security_group(uow, relationship.partner_id, group_id)
    if any(each.group_id == group.id for each in assignments.living_assignments(uow, relationship.id)):
        raise GroupAssigned(group.display_name)
    assignment = AccessAssignment(
        id=uow.ids.uuid(),
        relationship_id=relationship.id,
        partner_id=relationship.partner_id,
        customer_id=customer_id,
        group_id=group.id,
        status=AssignmentStatus.PENDING,
        created_at=uow.now,
        modified_at=uow.now,
    )
    uow.db.add(assignment)
    uow.db.flush()
    write_roles(uow, assignment, roles)
    uow.emit(
        AccessAssignmentCreated(
            **assignment_scope(assignment),
            after={"status": assignment.status.value, "group": group.display_name, "roles": role_texts(roles)},
        )
    )
    schedule_assignment(uow, assignment)
    return assignment


def update_access_assignment(
    uow: UnitOfWork, relationship_id: str, assignment_id: UUID, roles: frozenset[UUID], *, etag: str | None = None
) -> AssignmentChange:
    """Give a group other roles of the relationship. It takes a while; the same roles change nothing.

    Raises RelationshipUnknown, GroupsElsewhere, RelationshipNotActive, AssignmentUnknown, PreconditionFailed,
    AssignmentForbids, RolesMissing, RoleOutside, RoleNotAllowed.
    Emits RelationshipOperationStarted, AccessAssignmentUpdateRequested.
    """
    uow.actor.require(GDAP_ASSIGNMENTS.write)
    relationship = _own_relationship(uow, relationship_id)
    assignment = assignments.one_assignment(uow, relationship, assignment_id, lock=True)
    check_graph_etag(etag, assignment)
    _customer_of(relationship)
    after_assignment(assignment.status, AssignmentAction.UPDATE)
    _check_roles(uow, relationship, roles)
    before = assignments.roles_of_assignment(uow, assignment.id)
    if roles == before:
        return AssignmentChange(assignment, None)
    operation = start_operation(uow, relationship, OperationType.ASSIGNMENT_UPDATE, roles, assignment_id=assignment.id)
    uow.emit(
        AccessAssignmentUpdateRequested(
            **assignment_scope(assignment),
            operation_id=operation.id,
            before={"roles": role_texts(before)},
            after={"roles": role_texts(roles)},
        )
    )
    return AssignmentChange(assignment, operation)


def delete_access_assignment(
    uow: UnitOfWork, relationship_id: str, assignment_id: UUID, *, etag: str | None = None
) -> AccessAssignment:
    """Take a group's roles back; they are gone when this returns. The assignment stays listed as deleted.

    Raises RelationshipUnknown, GroupsElsewhere, AssignmentUnknown, AlreadyDeleted, PreconditionFailed.
    Emits AccessAssignmentDeletionRequested.
    """
    uow.actor.require(GDAP_ASSIGNMENTS.write)
    relationship = _own_relationship(uow, relationship_id)
    assignment = assignments.one_assignment(uow, relationship, assignment_id, lock=True)
    if assignment.status in GONE:
        raise AlreadyDeleted
    check_graph_etag(etag, assignment)
    begin_deletion(uow, relationship, assignment)
    schedule_assignment(uow, assignment)
    return assignment


def end_assignments_of_group(uow: UnitOfWork, group_id: UUID) -> None:
    """A group is gone: so is what it held, in every relationship. Emits AccessAssignmentDeletionRequested for each."""
    for found in assignments.living_assignments_of_group(uow, group_id):
        relationship = uow.db.get_one(AdminRelationship, found.relationship_id, with_for_update=True)
        begin_deletion(uow, relationship, found, reason=GROUP_DELETED)
        schedule_assignment(uow, found)


def pass_assignment(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: what was assigned comes into force; what was removed is gone."""
    known = uow.db.get(AccessAssignment, UUID(args["assignment_id"]))
    if known is None:
        return
    relationship = uow.db.get_one(AdminRelationship, known.relationship_id, with_for_update=True)
    assignment = uow.db.get_one(AccessAssignment, known.id, with_for_update=True, populate_existing=True)
    if assignment.status is AssignmentStatus.PENDING:
        put_into_force(uow, relationship, assignment)
    elif assignment.status is AssignmentStatus.DELETING:
        finish_deletion(uow, assignment)


def write_roles(uow: UnitOfWork, assignment: AccessAssignment, roles: frozenset[UUID]) -> None:
    """Store the roles of an assignment instead of those it had."""
    uow.db.execute(delete(AccessAssignmentRole).where(AccessAssignmentRole.assignment_id == assignment.id))
    uow.db.add_all(AccessAssignmentRole(assignment_id=assignment.id, role_template_id=role) for role in sorted(roles))
    uow.db.flush()


def role_texts(roles: frozenset[UUID]) -> list[str]:
    """Roles as facts tell them."""
    return [str(role) for role in sorted(roles)]


def _own_relationship(uow: UnitOfWork, relationship_id: str) -> AdminRelationship:
    relationship = granular.one_relationship(uow, relationship_id, lock=True)
    if relationship.partner_id != uow.actor.tenant_id:
        raise GroupsElsewhere
    return relationship


def _customer_of(relationship: AdminRelationship) -> UUID:
    if relationship.status is not Status.ACTIVE or relationship.customer_id is None:
        raise RelationshipNotActive(relationship.status)
    return relationship.customer_id


def _check_roles(uow: UnitOfWork, relationship: AdminRelationship, roles: frozenset[UUID]) -> None:
    assigned_roles(roles, granular.roles_of(uow, relationship.id))
    if relationship.customer_id is not None:
        allowed = granular.service_provider_constraint(uow, relationship.customer_id, relationship.partner_id)
        check_constraint(roles, allowed)


def _security_group(uow: UnitOfWork, partner_id: UUID, group_id: UUID) -> Group:
    try:
        group = directory.group_by_id(uow, group_id, partner_id)
    except NotFound:
        raise GroupUnknown(group_id) from None
    if not group.security_enabled:
        raise NoSecurityGroup(group.display_name)
    return group
