"""Proving who one is: password, authenticator code, passkey; lockout and rate; the session that comes of it.

A refusal is given back, not raised, where it must leave a trace (a counted failure, a log row): the unit then commits.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from openpartner.identity import passkeys, queries, rules
from openpartner.identity.errors import OAuthError
from openpartner.identity.events import SignInMethodRegistered, SignInMethodRemoved, UserLockedOut
from openpartner.identity.models import Passkey, SessionClient, SignInChallenge, SignInSession, User, UserType
from openpartner.identity.passwords import fits, hash_password, is_outdated
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import log_sign_in, text_hash
from openpartner.identity.service.scope import scope_of
from openpartner.platform import vault
from openpartner.platform.clock import system_now
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.work import UnitOfWork

# --- password -----------------------------------------------------------------------------------------------------


def home_user(uow: UnitOfWork, name: str) -> User | None:
    """The user a typed name means, at home: a guest's name leads to where it signs in."""
    user = queries.user_by_upn(uow, name)
    if user is not None and user.home_user_id is not None:
        return uow.db.get(User, user.home_user_id)
    return user


def check_password(
    uow: UnitOfWork, exchange: Exchange, name: str, password: str, *, app_id: UUID | None = None, is_page: bool = True
) -> User | OAuthError:
    """The home user when name and password fit; else why not, counted and logged.

    90033 too many attempts; 50034 no such user; 50056 no password; 50053 locked; 50126 wrong; 50057 disabled (told only
    to who knows the password). It takes as long for an unknown user as for a known one.
    """
    failures = queries.recent_failures(uow, name.strip().lower(), exchange.ip_address, uow.now - rules.RATE_WINDOW)
    try:
        rules.check_rate(*failures)
    except OAuthError as too_many:
        return too_many
    user = home_user(uow, name)
    right = fits(user.password_hash if user else None, password)
    refusal = _judge(uow, name, user, right=right)
    if refusal is not None:
        log_sign_in(
            uow,
            exchange,
            user=user,
            upn=name,
            error_code=refusal.number,
            failure_reason=refusal.message,
            tenant_id=user.tenant_id if user else None,
            app_id=app_id,
            is_interactive=is_page,
        )
        return refusal
    if user is None:
        raise AssertionError("judged right without a user")
    user.failed_attempts, user.locked_until = 0, None
    if user.password_hash is not None and is_outdated(user.password_hash):
        user.password_hash = hash_password(password, uow.ids.octets)
    return user


def _judge(uow: UnitOfWork, name: str, user: User | None, *, right: bool) -> OAuthError | None:
    if user is None:
        return OAuthError(50034, user=name, tenant=name.rpartition("@")[2])
    if user.password_hash is None:
        return OAuthError(50056)
    if user.locked_until is not None and uow.now < user.locked_until:
        return OAuthError(50053)
    if not right:
        count_failure(uow, user)
        return OAuthError(50126)
    if not user.account_enabled or user.user_type is UserType.GUEST:
        return OAuthError(50057)
    return None


def may_try(user: User, at: datetime) -> bool:
    """Whether the account is not locked."""
    return user.locked_until is None or at >= user.locked_until


def count_failure(uow: UnitOfWork, user: User) -> None:
    """One more failed proof; from the tenth in a row on the account is locked. Emits UserLockedOut."""
    user.failed_attempts += 1
    lock = rules.lock_after(user.failed_attempts)
    if lock is not None:
        user.locked_until = uow.now + lock
        uow.emit(
            UserLockedOut(
                **scope_of(uow, user.tenant_id),
                tenant_id=user.tenant_id,
                user_id=user.id,
                after={"failedAttempts": user.failed_attempts, "lockedUntil": user.locked_until},
            )
        )
    uow.db.flush()


# --- authenticator code -------------------------------------------------------------------------------------------

STEP = 30


def offer_authenticator(uow: UnitOfWork, session: SignInSession) -> str:
    """A new authenticator seed (base32), kept with the session until a code proves that the user has it."""
    key = _offer_key(session)
    uow.db.flush()
    present = uow.db.get(SignInChallenge, key)
    if present is not None and present.expires_at > uow.now:
        return vault.unseal(present.value, uow.world.settings.secret_key)
    if present is not None:
        uow.db.delete(present)
        uow.db.flush()
    seed = uow.ids.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32)
    uow.db.add(
        SignInChallenge(
            challenge_hash=key,
            purpose="authenticator",
            user_id=session.user_id,
            value=vault.seal(seed, uow.world.settings.secret_key),
            expires_at=uow.now + rules.SESSION,
        )
    )
    uow.db.flush()
    return seed


def _offer_key(session: SignInSession) -> str:
    return text_hash(f"authenticator/{session.id}")


def authenticator_uri(seed: str, name: str) -> str:
    """What an authenticator app scans."""
    return f"otpauth://totp/{quote('OpenPartner:' + name)}?secret={seed}&issuer=OpenPartner"


def register_authenticator(uow: UnitOfWork, session: SignInSession, code: str) -> bool:
    """Keep the offered seed when ``code`` comes from it. Emits SignInMethodRegistered."""
    user = queries.user_by_id(uow, session.user_id)
    offer = uow.db.get(SignInChallenge, _offer_key(session))
    if offer is None or offer.expires_at <= uow.now or user.totp_secret is not None:
        return False
    seed = vault.unseal(offer.value, uow.world.settings.secret_key)
    if not _accept_code(uow, user, seed, code):
        return False
    user.totp_secret = offer.value
    uow.db.delete(offer)
    uow.db.flush()
    _method(uow, user, "totp")
    return True


def set_authenticator(uow: UnitOfWork, user_id: UUID, seed: str) -> None:
    """Give a user a known authenticator seed (base32): for seeds of demo worlds and imports. Raises NotFound."""
    user = queries.user_by_id(uow, user_id)
    user.totp_secret = vault.seal(seed, uow.world.settings.secret_key)
    uow.db.flush()
    _method(uow, user, "totp")


def remove_authenticator(uow: UnitOfWork, user_id: UUID) -> None:
    """Make a user register again at the next sign-in that needs a second factor. Raises NotFound."""
    user = queries.user_by_id(uow, user_id)
    if user.totp_secret is None:
        raise NotFound("Authenticator of user", user_id)
    user.totp_secret = None
    uow.db.flush()
    uow.emit(
        SignInMethodRemoved(**scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, method="totp")
    )


def code_now(uow: UnitOfWork, user: User) -> str:
    """A code that ``check_code`` takes now: for a sandbox, whose clock no authenticator follows; else nothing.

    Where the clock stands still the present one may be used up already; then it is a neighbour's.
    """
    if user.totp_secret is None or not uow.world.settings.is_sandbox:
        return ""
    generator = pyotp.TOTP(vault.unseal(user.totp_secret, uow.world.settings.secret_key))
    for step in _steps_now(uow):
        code = generator.generate_otp(step)
        if uow.db.get(SignInChallenge, _used_code(user, code, step)) is None:
            return code
    return ""


def check_code(uow: UnitOfWork, exchange: Exchange, user: User, code: str) -> OAuthError | None:
    """None when the authenticator's code is right and new; else why not, counted and logged (500121, 50053)."""
    refusal = None
    if user.locked_until is not None and uow.now < user.locked_until:
        refusal = OAuthError(50053)
    elif user.totp_secret is None or not _accept_code(
        uow, user, vault.unseal(user.totp_secret, uow.world.settings.secret_key), code
    ):
        count_failure(uow, user)
        refusal = OAuthError(500121)
    if refusal is None:
        user.failed_attempts, user.locked_until = 0, None
        return None
    log_sign_in(
        uow,
        exchange,
        user=user,
        upn=user.upn,
        error_code=refusal.number,
        failure_reason=refusal.message,
        tenant_id=user.tenant_id,
    )
    return refusal


def _steps_now(uow: UnitOfWork) -> list[int]:
    return [int(at.timestamp()) // STEP + drift for at in _clocks(uow) for drift in (0, -1, 1)]


def _used_code(user: User, code: str, step: int) -> str:
    return text_hash(f"otp/{user.id}/{code}/{step}")


def _accept_code(uow: UnitOfWork, user: User, seed: str, code: str) -> bool:
    """Whether ``code`` is of this time, one step earlier or one later, and was not used before.

    An authenticator knows only the real time, so in a sandbox the machine's clock counts besides the world's.
    """
    digits = "".join(char for char in code if char.isdecimal())
    generator = pyotp.TOTP(seed)
    fitting = [step for step in _steps_now(uow) if hmac.compare_digest(generator.generate_otp(step), digits)]
    if not fitting:
        return False
    used = _used_code(user, digits, fitting[0])
    if uow.db.get(SignInChallenge, used) is not None:
        return False
    uow.db.add(
        SignInChallenge(
            challenge_hash=used, purpose="otp", user_id=user.id, value="", expires_at=uow.now + rules.CHALLENGE
        )
    )
    uow.db.flush()
    return True


def _clocks(uow: UnitOfWork) -> Sequence[datetime]:
    return (uow.now, system_now()) if uow.world.clock.can_move else (uow.now,)


def _method(uow: UnitOfWork, user: User, method: str) -> None:
    uow.emit(
        SignInMethodRegistered(
            **scope_of(uow, user.tenant_id), tenant_id=user.tenant_id, user_id=user.id, method=method
        )
    )


def has_second_factor(uow: UnitOfWork, user: User) -> bool:
    """Whether the user has anything to show besides the password."""
    return user.totp_secret is not None or bool(queries.passkeys_of(uow, user.id))


# --- passkeys -----------------------------------------------------------------------------------------------------


def _keep_challenge(uow: UnitOfWork, challenge: bytes, purpose: str, user_id: UUID | None) -> None:
    uow.db.add(
        SignInChallenge(
            challenge_hash=text_hash(passkeys.encoded(challenge)),
            purpose=purpose,
            user_id=user_id,
            value=passkeys.encoded(challenge),
            expires_at=uow.now + rules.CHALLENGE,
        )
    )
    uow.db.flush()


def _take_challenge(uow: UnitOfWork, credential: Mapping[str, Any], purpose: str) -> tuple[bytes, UUID | None]:
    """The challenge an answer is to, once. Raises Invalid for one that we did not set or that was answered before."""
    try:
        client_data = passkeys.decoded(credential["response"]["clientDataJSON"])
        named = str(json.loads(client_data)["challenge"])
    except (KeyError, TypeError, ValueError):
        raise Invalid("The browser's answer cannot be read. Try again.") from None
    row = uow.db.get(SignInChallenge, text_hash(named.rstrip("=")))
    if row is None or row.purpose != purpose or row.expires_at <= uow.now:
        raise Invalid("The question to your passkey is out of date. Try again.")
    challenge, user_id = passkeys.decoded(row.value), row.user_id
    uow.db.delete(row)
    uow.db.flush()
    return challenge, user_id


def _place(exchange: Exchange) -> passkeys.Place:
    return passkeys.Place(urlsplit(exchange.host).hostname or "localhost", exchange.host)


def passkey_creation(uow: UnitOfWork, exchange: Exchange, user_id: UUID) -> str:
    """Options (JSON) for the browser to make a passkey for a signed-in user."""
    user = queries.user_by_id(uow, user_id)
    challenge = uow.ids.octets(32)
    _keep_challenge(uow, challenge, "create", user.id)
    return passkeys.creation_options(
        _place(exchange),
        challenge,
        user_id=user.id.bytes,
        user_name=user.upn,
        display_name=user.display_name,
        known=[key.credential_id for key in queries.passkeys_of(uow, user.id)],
    )


def register_passkey(uow: UnitOfWork, exchange: Exchange, user_id: UUID, credential: str, name: str) -> Passkey:
    """Keep the passkey that the browser made. Raises Invalid, Conflict. Emits SignInMethodRegistered."""
    user = queries.user_by_id(uow, user_id)
    answer = _read_credential(credential)
    challenge, asked = _take_challenge(uow, answer, "create")
    if asked != user.id:
        raise Invalid("The question to your passkey was for another account. Try again.")
    try:
        made = passkeys.made(_place(exchange), challenge, answer)
    except ValueError:
        raise Invalid("The passkey could not be verified. Try again.") from None
    if uow.db.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise Conflict("This passkey is registered already.")
    passkey = Passkey(
        id=uow.ids.uuid(),
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name[:120] or "Passkey",
        created_at=uow.now,
    )
    uow.db.add(passkey)
    uow.db.flush()
    _method(uow, user, "passkey")
    return passkey


def passkey_request(uow: UnitOfWork, exchange: Exchange) -> str:
    """Options (JSON) for the browser to sign in with any passkey it has for us."""
    challenge = uow.ids.octets(32)
    _keep_challenge(uow, challenge, "get", None)
    return passkeys.request_options(_place(exchange), challenge)


def check_passkey(uow: UnitOfWork, exchange: Exchange, credential: str) -> User | OAuthError:
    """The user whose passkey answered; else 500121, logged. A signature counter that goes back is a copied key."""
    user: User | None = None
    try:
        answer = _read_credential(credential)
        challenge, _ = _take_challenge(uow, answer, "get")
        passkey = uow.db.scalar(select(Passkey).where(Passkey.credential_id == str(answer.get("id", "")).rstrip("=")))
        if passkey is None:
            raise Invalid("No account here has this passkey.")  # noqa: TRY301 - refused below like every other failure
        user = queries.user_by_id(uow, passkey.user_id)
        count = passkeys.signed_by(_place(exchange), challenge, answer, passkey.public_key, passkey.sign_count)
    except (Invalid, NotFound, ValueError) as error:
        refusal = OAuthError(500121)
        log_sign_in(
            uow,
            exchange,
            user=user,
            upn=user.upn if user else "",
            error_code=refusal.number,
            failure_reason=str(error),
        )
        return refusal
    if not user.account_enabled:
        return OAuthError(50057)
    passkey.sign_count, passkey.used_at = count, uow.now
    uow.db.flush()
    return user


def _read_credential(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Invalid("The browser's answer cannot be read. Try again.")
    return answer


# --- sessions -----------------------------------------------------------------------------------------------------


class Opened(NamedTuple):
    """A session and the browser's new cookie; ``previous`` cookies open nothing any more."""

    session: SignInSession
    browser: str


def open_session(uow: UnitOfWork, exchange: Exchange, user: User, amr: Sequence[str], browser: str | None) -> Opened:
    """Sign a user in in a browser, under a new cookie, beside the accounts that are signed in there already.

    A session of the same user in this browser ends; the cookie always changes, so that one planted before the sign-in
    is worth nothing after it.
    """
    if browser:
        uow.db.execute(
            update(SignInSession)
            .where(
                SignInSession.browser_hash == text_hash(browser),
                SignInSession.user_id == user.id,
                SignInSession.ended_at.is_(None),
            )
            .values(ended_at=uow.now)
        )
    fresh = renew_browser(uow, browser)
    session = SignInSession(
        id=uow.ids.uuid(),
        browser_hash=text_hash(fresh),
        user_id=user.id,
        amr=list(amr),
        auth_time=uow.now,
        mfa_at=uow.now if rules.MFA in amr else None,
        is_persistent=False,
        asked_to_stay=False,
        ip_address=exchange.ip_address[:45],
        user_agent=exchange.user_agent[:400],
        created_at=uow.now,
        seen_at=uow.now,
        expires_at=uow.now + rules.SESSION,
    )
    uow.db.add(session)
    user.last_sign_in_at = uow.now
    uow.db.flush()
    return Opened(session, fresh)


def renew_browser(uow: UnitOfWork, browser: str | None) -> str:
    """A new cookie for a browser; its live sessions move to it."""
    fresh = uow.ids.token(32)
    if browser:
        uow.db.execute(
            update(SignInSession)
            .where(SignInSession.browser_hash == text_hash(browser), SignInSession.ended_at.is_(None))
            .values(browser_hash=text_hash(fresh))
        )
        uow.db.flush()
    return fresh


def add_method(uow: UnitOfWork, session: SignInSession, method: str, browser: str) -> str:
    """Note one more proof of this session's user; gives the browser's new cookie."""
    session.amr = rules.with_method(session.amr, method)
    if rules.MFA in session.amr:
        session.mfa_at = uow.now
    uow.db.flush()
    return renew_browser(uow, browser)


def answer_to_stay(uow: UnitOfWork, session: SignInSession, *, stay: bool) -> None:
    """*Stay signed in?* Yes: 90 days and a cookie that outlives the browser; no: a day."""
    session.asked_to_stay, session.is_persistent = True, stay
    if stay:
        session.expires_at = uow.now + rules.PERSISTENT_SESSION
    uow.db.flush()


def note_client(uow: UnitOfWork, session: SignInSession, app_id: UUID) -> None:
    """Remember that the session signed in to an application, for front-channel logout."""
    session.seen_at = uow.now
    if uow.db.get(SessionClient, (session.id, app_id)) is None:
        uow.db.add(SessionClient(session_id=session.id, app_id=app_id))
    uow.db.flush()
