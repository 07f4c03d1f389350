"""Requests: the immutable record of an order to move a relationship. Source: gdap §2.3, §3."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from openpartner.relationships.rules.granular import Action, Refused


class RequestAction(StrEnum):
    """The wire's ``action``. ``reject`` came later: see ``wire_word``."""

    LOCK_FOR_APPROVAL = "lockForApproval"
    APPROVE = "approve"
    TERMINATE = "terminate"
    REJECT = "reject"

    @property
    def action(self) -> Action:
        """What it does to the relationship, as its own side would do it."""
        return Action(self.value)


class RequestStatus(StrEnum):
    """The wire's ``status`` of a request."""

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


#: How a request passes. What cannot be done is refused at once and leaves no request, so here none fails.
REQUEST_TRANSITIONS: Final[Mapping[RequestStatus, RequestStatus]] = MappingProxyType(
    {
        RequestStatus.CREATED: RequestStatus.PENDING,
        RequestStatus.PENDING: RequestStatus.SUCCEEDED,
    }
)

SETTLED: Final = frozenset({RequestStatus.SUCCEEDED, RequestStatus.FAILED})


class RequestActionUnknown(Refused):
    """Source: gdap §2.6."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"'{text}' is not an action. Send {RequestAction.LOCK_FOR_APPROVAL} or {RequestAction.TERMINATE}.",
            action=text,
        )


def request_action(text: str) -> RequestAction:
    """The action a client names. Raises RequestActionUnknown."""
    try:
        return RequestAction(text)
    except ValueError:
        raise RequestActionUnknown(text) from None
