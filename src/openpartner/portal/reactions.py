"""A browser's session here ends with what it came of: the provider's session, and the user's right to sign in."""

from openpartner.identity.events import (
    PasswordChanged,
    PasswordReset,
    SessionEnded,
    SessionsRevoked,
    UserDeleted,
    UserUpdated,
)
from openpartner.platform.events import Reactions
from openpartner.platform.work import UnitOfWork
from openpartner.portal import service


def on_end(uow: UnitOfWork, fact: SessionEnded) -> None:
    """One session of the embedded provider ended."""
    service.close_sessions_of(uow, subject_session=str(fact.session_id))


def on_loss(uow: UnitOfWork, fact: UserDeleted | PasswordReset | PasswordChanged | SessionsRevoked) -> None:
    """Everything of a user ended. Source: identity §11.8."""
    service.close_sessions_of(uow, user_id=fact.user_id)


def on_update(uow: UnitOfWork, fact: UserUpdated) -> None:
    """A blocked user is out, and stays out when unblocked."""
    if (fact.after or {}).get("accountEnabled") is False:
        service.close_sessions_of(uow, user_id=fact.user_id)


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    reactions.on(SessionEnded, on_end)
    reactions.on(UserDeleted, on_loss)
    reactions.on(PasswordReset, on_loss)
    reactions.on(PasswordChanged, on_loss)
    reactions.on(SessionsRevoked, on_loss)
    reactions.on(UserUpdated, on_update)
