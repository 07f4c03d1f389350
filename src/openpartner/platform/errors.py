"""The errors a rule or a use case raises. They know no JSON: each surface renders them in its own envelope."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any


class DomainError(Exception):
    """A refusal that the caller can act on.

    message: one or two sentences that say what to do next.
    status: the HTTP status of every surface that does not map it otherwise.
    code: the surface's published code (a number for Partner Center, text for Graph).
    facts: the values behind the message; some surfaces show them as ``data`` or ``parameters``.
    """

    status: int = HTTPStatus.BAD_REQUEST
    code: int | str = 800002
    name: str = ""

    def __init__(
        self,
        message: str,
        *,
        code: int | str | None = None,
        status: int | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, Any] = facts
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status

    @property
    def error_name(self) -> str:
        """The published name of the error, by default the class's."""
        return self.name or type(self).__name__


class Invalid(DomainError):
    """The input breaks a rule. Source: partner-center-conventions §19, 800002."""


class InvalidFields(Invalid):
    """Several members of the input break rules; ``problems`` maps each member to its sentence."""

    def __init__(self, problems: Mapping[str, str], *, code: int | str | None = None) -> None:
        super().__init__(" ".join(problems.values()), code=code, problems=dict(problems))
        self.problems = dict(problems)


class Unauthenticated(DomainError):
    """No token, or one that is not valid here."""

    status = HTTPStatus.UNAUTHORIZED
    code: int | str = 800001


class MfaRequired(Unauthenticated):
    """The token or the session was made without a second factor. Source: identity §9."""


class SessionsEnded(Unauthenticated):
    """The user's sessions were ended after the token was given out: one made from ``valid_from`` on would do.

    Source: graph-conventions §9; identity §11.8.
    """

    def __init__(self, message: str, valid_from: datetime) -> None:
        super().__init__(message)
        self.valid_from = valid_from


class Forbidden(DomainError):
    """The actor sees the thing and may not do this to it."""

    status = HTTPStatus.FORBIDDEN
    code: int | str = 900150


class NotFound(DomainError):
    """The thing does not exist for this actor; another's thing does not either."""

    status = HTTPStatus.NOT_FOUND
    code: int | str = 1000

    def __init__(self, what: str, key: object = "", *, code: int | str | None = None, **facts: Any) -> None:
        named = f"{what} {key}".strip()
        super().__init__(f"{named} was not found. Check the identifier, or list what exists.", code=code, **facts)


class Conflict(DomainError):
    """The thing is in a state, or has a twin, that does not allow this now."""

    status = HTTPStatus.CONFLICT
    code: int | str = 800064


class PreconditionFailed(DomainError):
    """The ETag given is not the present one. Source: partner-center-conventions §8 (2055; 400 for subscriptions)."""

    code: int | str = 2055

    def __init__(self, *, status: int = HTTPStatus.PRECONDITION_FAILED) -> None:
        message = "The resource has changed since it was read. Read it again and repeat the change."
        super().__init__(message, status=status)


class TooManyRequests(DomainError):
    """A limit was reached. ``retry_after`` is in whole seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code: int | str = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after
