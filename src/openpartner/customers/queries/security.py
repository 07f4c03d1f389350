"""Reads of how the people of a directory sign in: second factors, live sessions, the log of sign-ins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from openpartner.customers.queries.users import roles_by_user
from openpartner.identity.models import Passkey, SignInLog, SignInSession, User
from openpartner.platform.directory_roles import DirectoryRole
from openpartner.platform.work import UnitOfWork

DELEGATED = "serviceProvider"
"""How the log of sign-ins marks a partner's user with delegated administration. Source: identity §11.10."""


@dataclass(frozen=True)
class SecondFactors:
    """What a user can prove a second factor with."""

    has_authenticator: bool = False
    passkeys: int = 0

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return self.has_authenticator or self.passkeys > 0


NO_FACTORS = SecondFactors()


def second_factors(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, SecondFactors]:
    """The second factors of these users, by id; none of those who have none."""
    counted = (
        select(Passkey.user_id, func.count().label("passkeys"))
        .where(Passkey.user_id.in_(user_ids))
        .group_by(Passkey.user_id)
        .subquery()
    )
    rows = uow.db.execute(
        select(User.id, User.totp_secret.is_not(None), func.coalesce(counted.c.passkeys, 0))
        .outerjoin(counted, counted.c.user_id == User.id)
        .where(User.id.in_(user_ids))
    )
    found = {key: SecondFactors(bool(has_authenticator), passkeys) for key, has_authenticator, passkeys in rows}
    return {key: factors for key, factors in found.items() if factors.any}


@dataclass(frozen=True)
class Administrator:
    """Who holds directory roles, and how well that sign-in is kept."""

    user: User
    roles: Sequence[DirectoryRole]
    factors: SecondFactors
    sessions: int


def administrators(uow: UnitOfWork, tenant_id: UUID) -> list[Administrator]:
    """Everybody of a directory who holds a role, by name; blocked ones too, deleted ones not."""
    held = roles_by_user(uow, tenant_id)
    users = uow.db.scalars(
        select(User)
        .where(User.id.in_(list(held)), User.tenant_id == tenant_id, User.deleted_at.is_(None))
        .order_by(User.display_name, User.id)
    ).all()
    factors, sessions = second_factors(uow, list(held)), _count_sessions(uow, list(held))
    return [
        Administrator(user, held[user.id], factors.get(user.id, NO_FACTORS), sessions.get(user.id, 0)) for user in users
    ]


# Sessions


def _lives(uow: UnitOfWork) -> ColumnElement[bool]:
    return and_(
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > uow.now,
        SignInSession.auth_time >= User.sessions_valid_from,
    )


def _count_sessions(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = uow.db.execute(
        select(SignInSession.user_id, func.count())
        .join(User, User.id == SignInSession.user_id)
        .where(SignInSession.user_id.in_(user_ids), _lives(uow))
        .group_by(SignInSession.user_id)
    )
    return {key: count for key, count in rows}  # noqa: C416 - dict() knows no rows


@dataclass(frozen=True)
class LiveSession:
    """One account signed in in one browser."""

    session: SignInSession
    user: User


class SessionPosition(msgspec.Struct, frozen=True, array_like=True):
    """The key of a session, or of an entry of the log, in its list: the latest first."""

    at: datetime
    id: UUID


def live_sessions(
    uow: UnitOfWork, tenant_id: UUID, size: int, *, text: str = "", after: SessionPosition | None = None
) -> list[LiveSession]:
    """Who of a directory's users is signed in at this instant, the latest sign-in first. text: a part of the name."""
    wanted = (
        select(SignInSession, User)
        .join(User, User.id == SignInSession.user_id)
        .where(User.tenant_id == tenant_id, User.deleted_at.is_(None), _lives(uow))
    )
    if text:
        wanted = wanted.where(or_(*(each.icontains(text, autoescape=True) for each in (User.display_name, User.upn))))
    if after is not None:
        wanted = wanted.where(tuple_(SignInSession.auth_time, SignInSession.id) < tuple_(after.at, after.id))
    rows = uow.db.execute(wanted.order_by(SignInSession.auth_time.desc(), SignInSession.id.desc()).limit(size))
    return [LiveSession(session, user) for session, user in rows]


# The log


class SignInResult(StrEnum):
    """How an attempt ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class SignInCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """Which sign-ins a list shows. text: a part of the user name. is_delegated: a partner's people only, or not."""

    text: str = ""
    result: SignInResult | None = None
    is_delegated: bool | None = None


def page_of_sign_ins(
    uow: UnitOfWork, tenant_id: UUID, criteria: SignInCriteria, size: int, *, after: SessionPosition | None = None
) -> Sequence[SignInLog]:
    """Who signed in to a directory, or tried to, the latest first."""
    wanted = select(SignInLog).where(SignInLog.tenant_id == tenant_id)
    if criteria.text:
        wanted = wanted.where(SignInLog.upn_key.contains(criteria.text.lower(), autoescape=True))
    if criteria.result is not None:
        succeeded = SignInLog.error_code == 0
        wanted = wanted.where(succeeded if criteria.result is SignInResult.SUCCESS else ~succeeded)
    if criteria.is_delegated is not None:
        delegated = SignInLog.cross_tenant == DELEGATED
        wanted = wanted.where(delegated if criteria.is_delegated else ~delegated)
    if after is not None:
        wanted = wanted.where(tuple_(SignInLog.at, SignInLog.id) < tuple_(after.at, after.id))
    return uow.db.scalars(wanted.order_by(SignInLog.at.desc(), SignInLog.id.desc()).limit(size)).all()


def count_failed_sign_ins(uow: UnitOfWork, tenant_id: UUID, since: datetime) -> int:
    """How many attempts to sign in to a directory have failed since an instant."""
    failed = select(func.count()).where(
        SignInLog.tenant_id == tenant_id, SignInLog.at > since, SignInLog.error_code != 0
    )
    return uow.db.scalar(failed) or 0
