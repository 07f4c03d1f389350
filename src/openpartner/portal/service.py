"""Signing a browser in and out, as a relying party of whichever OpenID provider the settings name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, select

from openpartner.identity import queries as identity
from openpartner.identity import service as identity_service
from openpartner.identity.models import User
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.platform.errors import Forbidden, NotFound, Unauthenticated
from openpartner.platform.work import UnitOfWork
from openpartner.portal import rules
from openpartner.portal.models import PortalSession, SignInAttempt
from openpartner.portal.queries import cookie_hash

PORTAL_APP_ID = UUID("5b0f2c4e-6d7a-4f0e-9a41-0d6a3f1c8e27")
"""The portal's own client id at the embedded provider."""

CALLBACK = "/signin/callback"
SIGNED_OUT = "/signin/out"
SESSION_LENGTH = timedelta(hours=24)
ATTEMPT_LENGTH = timedelta(minutes=15)
LONGEST_PATH = 2000


class SignInFailed(Unauthenticated):
    """The provider's answer does not fit the sign-in that this browser began."""

    code = "sign_in_failed"


class NoSuchAccount(Forbidden):
    """The provider knows the person; no directory here does."""

    code = "no_such_account"


class SecondFactorMissing(Forbidden):
    """A page wants a second factor, and the provider, asked for one, reports none: to ask again would never end."""

    code = "second_factor_missing"

    def __init__(self) -> None:
        super().__init__(
            "This page needs a sign-in with a second factor, and the sign-in service reports none for you. "
            "Ask your administrator to require one there."
        )


class Begun(msgspec.Struct, frozen=True):
    """A sign-in attempt, for the redirect. ``cookie`` goes to the browser, the rest to the provider."""

    cookie: str
    state: str
    nonce: str
    code_verifier: str


def ensure_portal_application(uow: UnitOfWork, operator_tenant_id: UUID | None) -> None:
    """The portal's registration at the embedded provider, with a callback on this installation's origin.

    operator_tenant_id: whose registration a new one is; None changes only one that is there. Called at every start,
    since the origin may have changed. It is a public client: its proof is PKCE, and nothing has to be kept secret.
    """
    origins = ["http://localhost", "http://127.0.0.1"]
    if uow.world.settings.base_url:
        origins.append(uow.world.settings.base_url.rstrip("/"))
    paths = (CALLBACK, SIGNED_OUT)
    wanted = {(Platform.PUBLIC_CLIENT.value, f"{origin}{path}") for origin in origins for path in paths}
    present = identity.application_by_app_id(uow, PORTAL_APP_ID)
    if present is None and operator_tenant_id is not None:
        identity_service.register_application(
            uow,
            operator_tenant_id,
            display_name="OpenPartner portal",
            audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
            redirect_uris=[(Platform(platform), uri) for platform, uri in sorted(wanted)],
            allow_public_client=True,
            app_id=PORTAL_APP_ID,
        )
    elif present is not None:
        held = set(identity.redirect_uris(uow, present.id))
        if not wanted <= held:
            uris = [(Platform(platform), uri) for platform, uri in sorted(held | wanted)]
            identity_service.update_application(uow, present, redirect_uris=uris)


def begin_sign_in(uow: UnitOfWork, return_to: str, redirect_uri: str, *, second_factor: bool = False) -> Begun:
    """Remember what the callback must match. ``return_to`` is already a path of ours.

    second_factor: a session without one would not do.
    """
    uow.db.execute(delete(SignInAttempt).where(SignInAttempt.expires_at < uow.now))
    begun = Begun(uow.ids.token(32), uow.ids.token(24), uow.ids.token(24), uow.ids.token(48))
    uow.db.add(
        SignInAttempt(
            id=cookie_hash(begun.cookie),
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.code_verifier,
            return_to=return_to if len(return_to) <= LONGEST_PATH else "/",
            redirect_uri=redirect_uri,
            second_factor=second_factor,
            expires_at=uow.now + ATTEMPT_LENGTH,
        )
    )
    return begun


def take_attempt(uow: UnitOfWork, cookie: str, state: str) -> SignInAttempt:
    """The attempt this browser began, used up: a second answer to it finds nothing. Raises SignInFailed."""
    attempt = uow.db.scalar(select(SignInAttempt).where(SignInAttempt.id == cookie_hash(cookie)).with_for_update())
    if attempt is None or attempt.state != state or attempt.expires_at < uow.now:
        raise SignInFailed("This sign-in was not begun in this browser, or it took too long. Sign in again.")
    uow.db.delete(attempt)
    return attempt


def _user_of(uow: UnitOfWork, claims: Mapping[str, Any], *, embedded: bool) -> User | None:
    """The directory's user that verified claims name.

    The embedded provider's object id is the user's own. Another provider's people are known by the one claim that the
    settings trust; a mail address counts only when that provider verified it.
    """
    if embedded:
        try:
            return identity.user_by_id(uow, UUID(claims["oid"]), UUID(claims["tid"]))
        except (KeyError, ValueError, NotFound):
            return None
    claim = uow.world.settings.oidc_user_claim
    if claim == "email" and claims.get("email_verified") is not True:
        return None
    name = str(claims.get(claim, ""))
    return identity.user_by_upn(uow, name) if name else None


def open_session(
    uow: UnitOfWork,
    claims: Mapping[str, Any],
    id_token: str,
    issuer: str,
    user_agent: str,
    *,
    embedded: bool,
    second_factor: bool = False,
) -> str:
    """A new session for the user of verified id token claims; gives the cookie. Raises NoSuchAccount.

    second_factor: refuse what proves none. Raises SecondFactorMissing.

    A browser's earlier session is not reused: its cookie opens nothing more.
    """
    user = _user_of(uow, claims, embedded=embedded)
    if user is None or not user.account_enabled or user.deleted_at is not None:
        raise NoSuchAccount("No account here belongs to this sign-in. Ask your administrator to add you.")
    mfa = rules.proves_second_factor(_methods(claims), str(claims.get("acr", "")))
    if second_factor and not mfa:
        raise SecondFactorMissing
    cookie = uow.ids.token(32)
    uow.db.add(
        PortalSession(
            id=cookie_hash(cookie),
            user_id=user.id,
            tenant_id=user.tenant_id,
            issuer=issuer,
            subject_session=str(claims.get("sid", "")),
            id_token=id_token,
            mfa=mfa,
            user_agent=user_agent[:200],
            created_at=uow.now,
            expires_at=uow.now + SESSION_LENGTH,
        )
    )
    return cookie


def _methods(claims: Mapping[str, Any]) -> list[str]:
    named = claims.get("amr")
    return [str(each) for each in named] if isinstance(named, list) else []


def prolong_session(uow: UnitOfWork, session_id: str, by: timedelta) -> None:
    """Let a session last ``by`` longer: who moves the sandbox's clock would sign himself out with every move."""
    found = uow.db.get(PortalSession, session_id)
    if found is not None:
        found.expires_at += by


def close_session(uow: UnitOfWork, cookie: str) -> PortalSession | None:
    """End the session of this browser; gives it, for the provider's logout."""
    found = uow.db.scalar(select(PortalSession).where(PortalSession.id == cookie_hash(cookie)))
    if found is not None:
        uow.db.delete(found)
    return found


def close_sessions_of(
    uow: UnitOfWork, *, subject_session: str = "", issuer: str = "", user_id: UUID | None = None
) -> int:
    """End every session that came of a provider's session, or every one of a user. Returns how many.

    issuer: whose session it was; empty where the caller did not say, the ``sid`` being hard to guess.
    """
    statement = delete(PortalSession)
    if user_id is not None:
        statement = statement.where(PortalSession.user_id == user_id)
    elif subject_session:
        statement = statement.where(PortalSession.subject_session == subject_session)
    else:
        return 0
    if issuer:
        statement = statement.where(PortalSession.issuer == issuer)
    return int(uow.db.execute(statement).rowcount)  # type: ignore[attr-defined]
