"""Reads of access assignments. A relationship the actor sees shows its assignments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from openpartner.identity.models import Group
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.assignments import AccessAssignment, AccessAssignmentRole
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries.granular import is_visible, require_reading
from openpartner.relationships.rules.assignments import GONE, AssignmentStatus


class AssignmentUnknown(NotFound):
    """Source: gdap §8, unknown assignment."""

    code = "itemNotFound"

    def __init__(self, assignment_id: object) -> None:
        super().__init__("The access assignment", assignment_id)


@dataclass(frozen=True)
class AssignmentRow:
    """One line of a list of assignments. group_name: as it is, or was when the group was deleted."""

    id: UUID
    relationship_id: str
    partner_id: UUID
    customer_id: UUID
    group_id: UUID
    status: AssignmentStatus
    problem: str
    created_at: datetime
    modified_at: datetime
    version: int
    group_name: str
    roles: tuple[UUID, ...] = ()


_NAMES = tuple(name for name in AssignmentRow.__dataclass_fields__ if name not in {"roles", "group_name"})
COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    *(getattr(AccessAssignment, name) for name in _NAMES),
    Group.display_name,
)
"""What a list reads of each assignment, in the order of ``AssignmentRow``."""


def roles_of_assignment(uow: UnitOfWork, assignment_id: UUID) -> frozenset[UUID]:
    """The roles of one assignment. The caller has seen it."""
    statement = select(AccessAssignmentRole.role_template_id)
    return frozenset(uow.db.scalars(statement.where(AccessAssignmentRole.assignment_id == assignment_id)))


def roles_of_assignments(uow: UnitOfWork, assignment_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The roles of each of these assignments, by template id in order. The caller has seen them."""
    found: dict[UUID, list[UUID]] = {}
    statement = (
        select(AccessAssignmentRole.assignment_id, AccessAssignmentRole.role_template_id)
        .where(AccessAssignmentRole.assignment_id.in_(list(assignment_ids)))
        .order_by(AccessAssignmentRole.assignment_id, AccessAssignmentRole.role_template_id)
    )
    for assignment_id, role in uow.db.execute(statement):
        found.setdefault(assignment_id, []).append(role)
    return found


def with_roles(uow: UnitOfWork, rows: list[AssignmentRow]) -> list[AssignmentRow]:
    """The rows, each with its roles."""
    roles = roles_of_assignments(uow, [row.id for row in rows])
    return [replace(row, roles=tuple(roles.get(row.id, ()))) for row in rows]


def assignments_of(uow: UnitOfWork, relationship: AdminRelationship) -> list[AssignmentRow]:
    """Every assignment of a relationship the actor has seen, deleted ones too, the oldest first."""
    statement = (
        select(*COLUMNS)
        .join(Group, Group.id == AccessAssignment.group_id)
        .where(AccessAssignment.relationship_id == relationship.id)
        .order_by(AccessAssignment.created_at, AccessAssignment.id)
    )
    return with_roles(uow, [AssignmentRow(*row) for row in uow.db.execute(statement)])


def assignments_of_many(uow: UnitOfWork, relationship_ids: Iterable[str]) -> list[AssignmentRow]:
    """The assignments of these relationships that are not gone, as far as the actor sees them: for matrices."""
    require_reading(uow.actor)
    statement = (
        select(*COLUMNS)
        .join(Group, Group.id == AccessAssignment.group_id)
        .join(AdminRelationship, AdminRelationship.id == AccessAssignment.relationship_id)
        .where(
            is_visible(uow.actor),
            AccessAssignment.relationship_id.in_(list(relationship_ids)),
            AccessAssignment.status.not_in(sorted(GONE)),
        )
        .order_by(AccessAssignment.relationship_id, AccessAssignment.created_at, AccessAssignment.id)
    )
    return with_roles(uow, [AssignmentRow(*row) for row in uow.db.execute(statement)])


def one_assignment(
    uow: UnitOfWork, relationship: AdminRelationship, assignment_id: UUID, *, lock: bool = False
) -> AccessAssignment:
    """An assignment of a relationship the actor has seen. Raises AssignmentUnknown."""
    found = uow.db.get(AccessAssignment, assignment_id, with_for_update=lock, populate_existing=lock)
    if found is None or found.relationship_id != relationship.id:
        raise AssignmentUnknown(assignment_id)
    return found


def living_assignments(uow: UnitOfWork, relationship_id: str) -> Sequence[AccessAssignment]:
    """The assignments of a relationship that are not deleted, the oldest first."""
    return uow.db.scalars(
        select(AccessAssignment)
        .where(AccessAssignment.relationship_id == relationship_id, AccessAssignment.status != AssignmentStatus.DELETED)
        .order_by(AccessAssignment.created_at, AccessAssignment.id)
    ).all()


def living_assignments_of_group(uow: UnitOfWork, group_id: UUID) -> Sequence[AccessAssignment]:
    """The assignments that a group still has, by relationship."""
    return uow.db.scalars(
        select(AccessAssignment)
        .where(AccessAssignment.group_id == group_id, AccessAssignment.status.not_in(sorted(GONE)))
        .order_by(AccessAssignment.relationship_id, AccessAssignment.id)
    ).all()


def active_assignments_between(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> Sequence[AccessAssignment]:
    """The assignments that give a partner access to a customer, by id."""
    return uow.db.scalars(
        select(AccessAssignment)
        .where(
            AccessAssignment.customer_id == customer_id,
            AccessAssignment.partner_id == partner_id,
            AccessAssignment.status == AssignmentStatus.ACTIVE,
        )
        .order_by(AccessAssignment.id)
    ).all()
