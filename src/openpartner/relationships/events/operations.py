"""What happens to long-running operations, besides what they change."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfOperation(Event, frozen=True, kw_only=True):
    """A fact about one operation on a relationship."""

    resource_type: ClassVar[str] = "granular_admin_relationship_operation"
    operation_type: ClassVar[str] = "granular_admin_relationship_operation_updated"

    operation_id: UUID
    relationship_id: str

    @property
    def resource_id(self) -> str:
        return str(self.operation_id)


class RelationshipOperationStarted(_OfOperation, frozen=True, kw_only=True):
    """Somebody asked for a change of roles that takes a while. kind_of: the wire's operationType."""

    operation_type: ClassVar[str] = "granular_admin_relationship_operation_created"
    kind_of: str


class RelationshipOperationFailed(_OfOperation, frozen=True, kw_only=True):
    """It changed nothing, and why."""

    problem: str
