"""What falls due in the directory: the next signing key's turn, and codes and tokens that nobody can use any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from openpartner.identity import rules
from openpartner.identity.models import (
    AuthorizationCode,
    DeviceCode,
    RefreshToken,
    SessionClient,
    SignInChallenge,
    SigningKey,
    SignInSession,
)
from openpartner.identity.service import rotate_signing_keys
from openpartner.identity.service.signing import ROTATE, SWEEP
from openpartner.platform.due import A_DAY, Job, next_sweep
from openpartner.platform.work import UnitOfWork

KEPT_AFTER_EXPIRY = timedelta(days=30)
"""An expired code or token still answers with its own error for so long, instead of as an unknown one."""


def _rotate(uow: UnitOfWork, args: dict[str, Any]) -> None:  # noqa: ARG001 - every job's shape
    rotate_signing_keys(uow)


def _sweep(uow: UnitOfWork, args: dict[str, Any]) -> None:
    long_ago = uow.now - KEPT_AFTER_EXPIRY
    for model in (AuthorizationCode, DeviceCode, RefreshToken):
        uow.db.execute(delete(model).where(model.expires_at < long_ago))
    uow.db.execute(delete(SignInChallenge).where(SignInChallenge.expires_at < uow.now - rules.CLIENT_ASSERTION))
    gone = SignInSession.expires_at < long_ago
    uow.db.execute(delete(SessionClient).where(SessionClient.session_id.in_(select(SignInSession.id).where(gone))))
    uow.db.execute(delete(SignInSession).where(gone))
    uow.db.execute(delete(SigningKey).where(SigningKey.removed_at < long_ago))
    uow.schedule(_next_sweep(uow), SWEEP, args, key=SWEEP)


def _next_sweep(uow: UnitOfWork) -> datetime:
    """Tomorrow while people sign in, else when the oldest of what is kept may go."""
    if uow.db.scalar(select(SignInChallenge.expires_at).limit(1)) is not None:
        return uow.now + A_DAY
    ends = (
        *(model.expires_at for model in (AuthorizationCode, DeviceCode, RefreshToken, SignInSession)),
        SigningKey.removed_at,
    )
    oldest = [uow.db.scalar(select(func.min(end))) for end in ends]
    return next_sweep(uow.now, min((each for each in oldest if each is not None), default=None), KEPT_AFTER_EXPIRY)


JOBS: Mapping[str, Job] = {ROTATE: _rotate, SWEEP: _sweep}
