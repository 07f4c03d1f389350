"""Access traced: who can do what for a customer and by which path, and why a person cannot.

The verdict comes from the very check that every call makes (``identity.queries``); the paths explain it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select

from openpartner.identity import queries as directory
from openpartner.identity.models import DelegatedRole, Group, GroupMember, User
from openpartner.identity.queries import delegated_access
from openpartner.identity.queries.delegation import AccessGap, access_gap
from openpartner.platform.directory_access import DirectoryAction, covers, roles_that_permit
from openpartner.platform.permissions import GDAP_ASSIGNMENTS
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries import assignments, granular
from openpartner.relationships.queries.assignments import AssignmentRow
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.rules.assignments import AssignmentStatus, effective_roles
from openpartner.relationships.rules.granular import Status


class Hindrance(StrEnum):
    """What is in the way on one path, the first thing that is."""

    RELATIONSHIP = "relationship"
    ASSIGNMENT = "assignment"
    MEMBERSHIP = "membership"
    CONSTRAINT = "constraint"
    ROLE = "role"


@dataclass(frozen=True)
class Path:
    """From a person through groups, an assignment and a relationship to roles.

    chain: the names of the groups from the person's own to the assigned one; empty without membership.
    roles: what the path gives, or would give. hindrance: None when the path carries.
    """

    relationship: AdminRelationship
    assignment: AssignmentRow
    chain: tuple[str, ...]
    roles: frozenset[UUID]
    hindrance: Hindrance | None


@dataclass(frozen=True)
class Trace:
    """The answer for one person and one task. action: None asks for access at all.

    gap: why a call would be refused; None when it is allowed. would_do: the least roles that permit the task.
    """

    user: User
    action: DirectoryAction | None
    allowed: bool
    kind: str
    roles: frozenset[UUID]
    paths: tuple[Path, ...]
    gap: AccessGap | None
    would_do: tuple[UUID, ...]


@dataclass
class Reach:
    """A person who has access to a customer at this instant, and through which groups and relationships."""

    user: User
    roles: frozenset[UUID]
    groups: set[str] = field(default_factory=set)
    relationships: set[str] = field(default_factory=set)


def group_chains(uow: UnitOfWork, user_id: UUID) -> Mapping[UUID, tuple[str, ...]]:
    """Every living group that holds the user, with the names of the groups on the shortest way to it."""
    chains: dict[UUID, tuple[str, ...]] = {}
    waiting: deque[tuple[UUID, tuple[str, ...]]] = deque([(user_id, ())])
    while waiting:
        member, way = waiting.popleft()
        rows = uow.db.execute(
            select(Group.id, Group.display_name)
            .join(GroupMember, GroupMember.group_id == Group.id)
            .where(GroupMember.member_id == member, Group.deleted_at.is_(None))
            .order_by(Group.display_name, Group.id)
        )
        for key, name in rows.all():
            if key not in chains:
                chains[key] = (*way, name)
                waiting.append((key, chains[key]))
    return chains


def _paths(
    uow: UnitOfWork, customer_id: UUID, chains: Mapping[UUID, tuple[str, ...]], action: DirectoryAction | None
) -> tuple[Path, ...]:
    found: list[Path] = []
    for relationship in granular.relationships_with(uow, customer_id):
        if relationship.partner_id != uow.actor.tenant_id:
            continue
        approved = granular.roles_of(uow, relationship.id)
        constraint = granular.service_provider_constraint(uow, customer_id, relationship.partner_id)
        for row in assignments.assignments_of(uow, relationship):
            roles = effective_roles(frozenset(row.roles), approved, constraint)
            chain = chains.get(row.group_id, ())
            found.append(Path(relationship, row, chain, roles, _hindrance(relationship, row, chain, roles, action)))
    return tuple(sorted(found, key=lambda path: 0 if path.hindrance is None else _ORDER.index(path.hindrance) + 1))


_ORDER = (
    Hindrance.ROLE,
    Hindrance.MEMBERSHIP,
    Hindrance.CONSTRAINT,
    Hindrance.ASSIGNMENT,
    Hindrance.RELATIONSHIP,
)
"""What is nearest to carrying stands first."""


def _hindrance(
    relationship: AdminRelationship,
    row: AssignmentRow,
    chain: Sequence[str],
    roles: frozenset[UUID],
    action: DirectoryAction | None,
) -> Hindrance | None:
    if relationship.status is not Status.ACTIVE:
        return Hindrance.RELATIONSHIP
    if row.status is not AssignmentStatus.ACTIVE:
        return Hindrance.ASSIGNMENT
    if not chain:
        return Hindrance.MEMBERSHIP
    if not roles:
        return Hindrance.CONSTRAINT
    if action is not None and not covers(roles, action):
        return Hindrance.ROLE
    return None


def trace_access(uow: UnitOfWork, user_id: UUID, customer_id: UUID, action: DirectoryAction | None = None) -> Trace:
    """What one of the partner's people may do for a customer at this instant, and by which paths or why not.

    Raises NotFound for a user of another tenant.
    """
    uow.actor.require(GDAP_ASSIGNMENTS.read)
    user = directory.user_by_id(uow, user_id, uow.actor.tenant)
    access = delegated_access(uow.db, uow.now, user.id, user.tenant_id, customer_id)
    roles = frozenset() if access is None else access.roles
    allowed = bool(roles) if action is None else covers(roles, action)
    gap = None if allowed else access_gap(uow, user.id, user.tenant_id, customer_id)[0]
    return Trace(
        user=user,
        action=action,
        allowed=allowed,
        kind="" if access is None else access.kind,
        roles=roles,
        paths=_paths(uow, customer_id, group_chains(uow, user.id), action),
        gap=gap,
        would_do=() if allowed or action is None else roles_that_permit(action)[:3],
    )


def people_with_access(uow: UnitOfWork, customer_id: UUID) -> list[Reach]:
    """Everybody of the partner who has access to a customer at this instant, granular or not, by name."""
    uow.actor.require(GDAP_ASSIGNMENTS.read)
    return _people(uow, customer_id, uow.actor.tenant)


def partners_people(uow: UnitOfWork, partner_id: UUID) -> list[Reach]:
    """The same as the customer sees it: who of a partner can act in the actor's own tenant at this instant."""
    require_reading(uow.actor)
    return _people(uow, uow.actor.tenant, partner_id)


def partners_with_people(uow: UnitOfWork) -> list[UUID]:
    """The partners that have access to the actor's own tenant at this instant, by whatever right."""
    require_reading(uow.actor)
    rows = select(DelegatedRole.partner_tenant_id).where(
        DelegatedRole.tenant_id == uow.actor.tenant,
        DelegatedRole.from_at <= uow.now,
        or_(DelegatedRole.until_at.is_(None), DelegatedRole.until_at > uow.now),
    )
    return sorted(set(uow.db.scalars(rows)))


def _people(uow: UnitOfWork, customer_id: UUID, partner_id: UUID) -> list[Reach]:
    role = DelegatedRole
    rows = uow.db.execute(
        select(Group, AdminRelationship.display_name)
        .join(role, role.group_id == Group.id)
        .outerjoin(AccessAssignment, AccessAssignment.id == role.source_id)
        .outerjoin(AdminRelationship, AdminRelationship.id == AccessAssignment.relationship_id)
        .where(
            role.tenant_id == customer_id,
            role.partner_tenant_id == partner_id,
            role.from_at <= uow.now,
            or_(role.until_at.is_(None), role.until_at > uow.now),
        )
        .distinct()
    )
    found: dict[UUID, Reach] = {}
    for group, relationship in rows.all():
        _add(uow, customer_id, group, relationship or DAP_NAME, found)
    return sorted(found.values(), key=lambda reach: (reach.user.display_name.casefold(), reach.user.id))


DAP_NAME = "Delegated administration (DAP)"


def _add(uow: UnitOfWork, customer_id: UUID, group: Group, relationship: str, found: dict[UUID, Reach]) -> None:
    for user in directory.users_in_group(uow, group.id):
        reach = found.get(user.id)
        if reach is None:
            access = delegated_access(uow.db, uow.now, user.id, user.tenant_id, customer_id)
            if access is None:
                continue
            reach = found[user.id] = Reach(user, access.roles)
        reach.groups.add(group.display_name)
        reach.relationships.add(relationship)


def users_named(uow: UnitOfWork, text: str, *, limit: int = 2) -> Sequence[User]:
    """Users of the actor's tenant whose sign-in name is ``text``, or whose name begins with it."""
    uow.actor.require(GDAP_ASSIGNMENTS.read)
    mine = select(User).where(User.tenant_id == uow.actor.tenant, User.deleted_at.is_(None))
    exact = uow.db.scalars(mine.where(User.upn_key == text.strip().lower())).all()
    if exact:
        return exact
    like = User.display_name.istartswith(text.strip(), autoescape=True)
    return uow.db.scalars(mine.where(like).order_by(User.display_name, User.id).limit(limit)).all()
