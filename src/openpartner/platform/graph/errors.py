"""Refusals with the codes of the Graph surface. Source: graph-conventions §4, §5, §6, §8, §13."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from openpartner.platform.errors import Conflict, DomainError, Forbidden, Invalid, NotFound


@dataclass(frozen=True)
class Detail:
    """One member of an error's ``details``. target: the property concerned."""

    code: str
    message: str
    target: str = ""


class GraphInvalid(Invalid):
    """The request breaks a rule. target: the property or option concerned."""

    code: int | str = "Request_BadRequest"

    def __init__(
        self, message: str, *, code: str | None = None, target: str = "", details: Sequence[Detail] = (), **facts: Any
    ) -> None:
        super().__init__(message, code=code, target=target, details=tuple(details), **facts)


class UnknownProperty(GraphInvalid):
    """A query option names a property that the type does not have."""

    def __init__(self, name: str, type_name: str) -> None:
        super().__init__(f"Could not find a property named '{name}' on type '{type_name}'.")


class InvalidProperty(GraphInvalid):
    """A body names a property that the type does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid property '{name}'.", target=name)


class InvalidFilter(GraphInvalid):
    """``$filter`` is not an expression of the language, or compares what cannot be compared."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid filter clause: {reason}", code="BadRequest", target="$filter")


class UnsupportedQuery(GraphInvalid):
    """The query is an expression of the language that this list does not take."""

    code = "Request_UnsupportedQuery"


class AdvancedQueryNeeded(UnsupportedQuery):
    """Directory objects take some queries only of clients that accept a stale answer. Source: §5, advanced queries."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs the header 'ConsistencyLevel: eventual' and the query option $count=true. Send both."
        )


class BadPageToken(GraphInvalid):
    """A ``$skiptoken`` that did not come from a nextLink of this list."""

    def __init__(self) -> None:
        super().__init__(
            "The specified page token value has expired and can no longer be included in your request.",
            code="Directory_ExpiredPageToken",
        )


class ResourceMissing(NotFound):
    """The resource, or something it refers to, does not exist for this actor."""

    code: int | str = "Request_ResourceNotFound"

    def __init__(self, key: object) -> None:
        super().__init__("Resource", key)
        self.message = (
            f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        )


class RequestDenied(Forbidden):
    """A scope or a directory role is missing; the reason says which."""

    code: int | str = "Authorization_RequestDenied"

    def __init__(self, reason: str = "", **facts: Any) -> None:
        super().__init__(f"Insufficient privileges to complete the operation. {reason}".strip(), **facts)


class AlreadyExists(Conflict):
    """Another object has the same value where values are unique."""

    code: int | str = "Request_MultipleObjectsWithSameKeyValue"


class MatchFailed(DomainError):
    """``If-Match`` is not the present ETag. The object is unchanged."""

    status = HTTPStatus.PRECONDITION_FAILED
    code: int | str = "preconditionFailed"

    def __init__(self) -> None:
        super().__init__("The ETag in If-Match is not the present one. Read the resource again and repeat the change.")


class MatchNeeded(DomainError):
    """``If-Match`` is missing where the original demands it."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code: int | str = "preconditionRequired"

    def __init__(self) -> None:
        super().__init__("Send the resource's '@odata.etag' in the If-Match header.")


class Gone(DomainError):
    """What was there has been removed for good: an expired export, an old delta token."""

    status = HTTPStatus.GONE
    code: int | str = "resourceGone"
