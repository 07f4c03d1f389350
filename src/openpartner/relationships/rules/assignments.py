"""The states of an access assignment, and which roles it may give to a group. Source: gdap §2.6, §4, §8."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from uuid import UUID

from openpartner.relationships.rules.granular import LABELS, Refused, Side
from openpartner.relationships.rules.granular import Status as RelationshipStatus
from openpartner.relationships.rules.granular_terms import RolesMissing


class AssignmentStatus(StrEnum):
    """The wire's ``status`` of an access assignment."""

    PENDING = "pending"
    ACTIVE = "active"
    DELETING = "deleting"
    DELETED = "deleted"
    ERROR = "error"


class AssignmentAction(StrEnum):
    """What moves an access assignment."""

    ACTIVATE = "activate"
    FAIL = "fail"
    UPDATE = "update"
    DELETE = "delete"
    FINISH = "finish"


class ContainerType(StrEnum):
    """What roles are given to."""

    SECURITY_GROUP = "securityGroup"


@dataclass(frozen=True)
class Step:
    """Where an action leads and who may take it. when: what the system waits for."""

    target: AssignmentStatus
    who: frozenset[Side]
    when: str = ""


_PARTNER: Final = frozenset({Side.PARTNER})
_PARTNER_OR_SYSTEM: Final = frozenset({Side.PARTNER, Side.SYSTEM})
_SYSTEM: Final = frozenset({Side.SYSTEM})
_ENDS: Final = "when its group is deleted, or the relationship ends"

#: Every transition of an access assignment. The partner is the one whose group it is.
ASSIGNMENT_TRANSITIONS: Final[Mapping[tuple[AssignmentStatus, AssignmentAction], Step]] = MappingProxyType(
    {
        (AssignmentStatus.PENDING, AssignmentAction.ACTIVATE): Step(
            AssignmentStatus.ACTIVE, _SYSTEM, "when it has spread"
        ),
        (AssignmentStatus.PENDING, AssignmentAction.FAIL): Step(
            AssignmentStatus.ERROR, _SYSTEM, "when nothing of it is allowed any more"
        ),
        (AssignmentStatus.PENDING, AssignmentAction.DELETE): Step(AssignmentStatus.DELETING, _PARTNER_OR_SYSTEM, _ENDS),
        (AssignmentStatus.ACTIVE, AssignmentAction.UPDATE): Step(AssignmentStatus.ACTIVE, _PARTNER),
        (AssignmentStatus.ACTIVE, AssignmentAction.DELETE): Step(AssignmentStatus.DELETING, _PARTNER_OR_SYSTEM, _ENDS),
        (AssignmentStatus.ERROR, AssignmentAction.DELETE): Step(AssignmentStatus.DELETING, _PARTNER_OR_SYSTEM, _ENDS),
        (AssignmentStatus.DELETING, AssignmentAction.FINISH): Step(
            AssignmentStatus.DELETED, _SYSTEM, "when it has spread"
        ),
    }
)

GONE: Final = frozenset({AssignmentStatus.DELETING, AssignmentStatus.DELETED})


class RelationshipNotActive(Refused):
    """Source: gdap §4: an assignment needs an active relationship."""

    def __init__(self, status: RelationshipStatus) -> None:
        super().__init__(
            f"Groups can be assigned only while the relationship is active; this one is {LABELS[status].lower()}.",
            status_now=status.value,
        )


class GroupUnknown(Refused):
    """Source: gdap §8; the words in the middle are what a tool looks for."""

    def __init__(self, group_id: object) -> None:
        super().__init__(
            f"The access container does not exist: no security group of your tenant has the id {group_id}.",
            access_container_id=str(group_id),
        )


class NoSecurityGroup(Refused):
    """Source: gdap §8, group not security-enabled."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not a security group. Roles can be given to security groups only.", group=name)


class ContainerTypeUnknown(Refused):
    """Source: gdap §2.6, delegatedAdminAccessContainerType."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' is not a value of accessContainerType. Write {ContainerType.SECURITY_GROUP}.",
            access_container_type=text,
        )


class GroupAssigned(Refused):
    """Source: gdap §4, §8: one assignment of a group in a relationship."""

    status = HTTPStatus.CONFLICT
    code = "conflict"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is assigned in this relationship already. Change its roles, or remove it and wait until it is "
            "deleted.",
            group=name,
        )


class RoleOutside(Refused):
    """Source: gdap §8, role outside the relationship."""

    def __init__(self, role: UUID) -> None:
        super().__init__(
            f"The role {role} is not one the customer approved in this relationship. Assign a subset of its roles.",
            role=str(role),
        )


class AssignmentForbids(Refused):
    """An assignment that is not active cannot be changed. Source: gdap §4."""

    def __init__(self, status: AssignmentStatus) -> None:
        super().__init__(
            f"The access assignment is {status}; its roles can be changed while it is active. Read it again later.",
            status_now=status.value,
        )


class AlreadyDeleted(Refused):
    """Source: gdap §8, delete assignment."""

    status = HTTPStatus.CONFLICT
    code = "conflict"

    def __init__(self) -> None:
        super().__init__("The access assignment is deleted already; nothing is left to do.")


def assigned_roles(wanted: frozenset[UUID], approved: frozenset[UUID]) -> frozenset[UUID]:
    """Roles to give to a group: some, and a subset of the relationship's. Raises RolesMissing, RoleOutside."""
    if not wanted:
        raise RolesMissing
    outside = sorted(wanted - approved)
    if outside:
        raise RoleOutside(outside[0])
    return wanted


def after_assignment(status: AssignmentStatus, action: AssignmentAction) -> AssignmentStatus:
    """The state an action leads to. Raises AlreadyDeleted, AssignmentForbids."""
    step = ASSIGNMENT_TRANSITIONS.get((status, action))
    if step is not None:
        return step.target
    if action is AssignmentAction.DELETE:
        raise AlreadyDeleted
    raise AssignmentForbids(status)


def effective_roles(
    assigned: frozenset[UUID], approved: frozenset[UUID], constraint: frozenset[UUID] | None
) -> frozenset[UUID]:
    """What an assignment really gives: what was assigned, approved and, where the customer says so, allowed."""
    both = assigned & approved
    return both if constraint is None else both & constraint
