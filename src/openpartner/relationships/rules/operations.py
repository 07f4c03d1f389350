"""Long-running operations: a change of roles that spreads. Source: gdap §2.4, §6."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class OperationType(StrEnum):
    """The wire's ``operationType``. The second came later: see ``wire_word``."""

    ASSIGNMENT_UPDATE = "delegatedAdminAccessAssignmentUpdate"
    RELATIONSHIP_UPDATE = "delegatedAdminRelationshipUpdate"


class OperationStatus(StrEnum):
    """The wire's ``status`` of an operation."""

    NOT_STARTED = "notStarted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


#: How an operation passes. It fails when what it was to change is gone or no longer allows it.
OPERATION_TRANSITIONS: Final[Mapping[OperationStatus, tuple[OperationStatus, ...]]] = MappingProxyType(
    {
        OperationStatus.NOT_STARTED: (OperationStatus.RUNNING, OperationStatus.FAILED),
        OperationStatus.RUNNING: (OperationStatus.SUCCEEDED, OperationStatus.FAILED),
    }
)

DONE: Final = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED})

RETRY_AFTER: Final = 10
"""Seconds that a client is asked to wait before it looks again. Source: gdap §6."""
