"""Ending sign-ins of a customer's people, as its partner or its own administrators do it."""

from uuid import UUID

from openpartner.customers import queries
from openpartner.customers.service.users import directory_to, user_to
from openpartner.identity import service as identity
from openpartner.identity.models import SignInSession, User
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork


def sign_out_customer_user(uow: UnitOfWork, customer_id: UUID, user: UUID | str) -> User:
    """Sign a user out everywhere: sessions and refresh tokens die.

    Raises DirectoryRoleNeeded, UserUnknown, …. Emits SessionsRevoked.
    """
    found = user_to(uow, customer_id, user, DirectoryAction.SESSIONS_REVOKE)
    identity.revoke_sessions(uow, found.id)
    return found


def end_customer_session(uow: UnitOfWork, customer_id: UUID, session_id: UUID) -> User:
    """End one sign-in in one browser.

    Raises DirectoryRoleNeeded, NotFound (also another tenant's), …. Emits SessionEnded.
    """
    tenant_id = directory_to(uow, customer_id, DirectoryAction.SESSIONS_REVOKE)
    session = uow.db.get(SignInSession, session_id)
    user = None if session is None else uow.db.get(User, session.user_id)
    if user is None or user.tenant_id != tenant_id:
        raise NotFound("Session", session_id)
    queries.require_over_user(uow, user, DirectoryAction.SESSIONS_REVOKE)
    identity.end_session(uow, user.id, session_id)
    return user
