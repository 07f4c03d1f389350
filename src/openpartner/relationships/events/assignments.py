"""What happens to access assignments. The words are the vendor's audit words (partner-center-resources §19)."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfAssignment(Event, frozen=True, kw_only=True):
    """A fact about one access assignment."""

    resource_type: ClassVar[str] = "granular_admin_access_assignment"
    operation_type: ClassVar[str] = "granular_admin_access_assignment_updated"

    assignment_id: UUID
    relationship_id: str
    group_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.assignment_id)


class AccessAssignmentCreated(_OfAssignment, frozen=True, kw_only=True):
    """A group is to hold roles in the customer's tenant."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_created"


class AccessAssignmentActivated(_OfAssignment, frozen=True, kw_only=True):
    """It holds them."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_activated"


class AccessAssignmentFailed(_OfAssignment, frozen=True, kw_only=True):
    """It does not come to hold them, and why."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_failed"
    problem: str


class AccessAssignmentUpdateRequested(_OfAssignment, frozen=True, kw_only=True):
    """It is to hold others; an operation is under way."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_update_requested"
    operation_id: UUID


class AccessAssignmentUpdated(_OfAssignment, frozen=True, kw_only=True):
    """It holds others."""


class AccessAssignmentDeletionRequested(_OfAssignment, frozen=True, kw_only=True):
    """It holds none any more, and is being removed. reason: empty when the partner asked for it."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_deletion_requested"
    reason: str = ""


class AccessAssignmentDeleted(_OfAssignment, frozen=True, kw_only=True):
    """It is removed."""

    operation_type: ClassVar[str] = "granular_admin_access_assignment_deleted"
