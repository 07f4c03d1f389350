"""Rules of the directory and of signing in: names, passwords, lockout, lifetimes, second factor, the next page."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from openpartner.identity.errors import OAuthError
from openpartner.identity.resources import ADMINISTRATORS
from openpartner.platform.errors import Conflict, Invalid

# --- names -------------------------------------------------------------------------------------------------------

_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_LOCAL_PART = re.compile(r"[A-Za-z0-9._%'+!$^~{}&*=?/|`#-]{1,128}")


class DomainNameInvalid(Invalid):
    """Not a DNS name that a tenant could own."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not a domain name. Give one like contoso.com.", domain=name)


def counts_by_word(name: str) -> bool:
    """Whether a sandbox, which asks nobody outside, believes that the owner of ``name`` has published a record.

    Not of names below ``.invalid``, which nobody can own: with them a refusal is rehearsed. Source: RFC 6761 §6.4
    """
    return not name.endswith(".invalid")


class UpnInvalid(Invalid):
    """A user principal name is a local part, an at sign and a verified domain of the tenant."""

    def __init__(self, upn: str, reason: str) -> None:
        super().__init__(f"'{upn}' cannot be a user principal name: {reason}", upn=upn)


class UpnTaken(Conflict):
    """Another object with the same user principal name exists. Source: account-and-security, users."""

    def __init__(self, upn: str) -> None:
        super().__init__(f"Another user has the user principal name '{upn}'. Choose another one.", upn=upn)


class DomainTaken(Conflict):
    """A domain belongs to one tenant only."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The domain '{name}' is already in use. Choose another one.", domain=name)


class LastGlobalAdministrator(Conflict):
    """A tenant keeps at least one enabled global administrator. Source: identity §12.5."""

    def __init__(self) -> None:
        super().__init__("This is the tenant's last global administrator. Give the role to someone else first.")


class MembershipLoop(Invalid):
    """A group cannot contain itself, however many groups lie between."""

    def __init__(self) -> None:
        super().__init__("The group would contain itself. Remove the other membership first.")


class GroupProtected(Invalid):
    """Every partner has its agent groups. Source: graph-conventions §16."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} belongs to the partner account and stays. Take its members out instead.", name=name)


def domain_name(text: str) -> str:
    """``text`` as a domain's name, lower case. Raises DomainNameInvalid."""
    name = text.strip().rstrip(".").lower()
    if not _DOMAIN.fullmatch(name):
        raise DomainNameInvalid(text)
    return name


def split_upn(upn: str) -> tuple[str, str]:
    """Local part as written, and domain in lower case. Raises UpnInvalid."""
    local, at, domain = upn.strip().rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        raise UpnInvalid(upn, "write it as name@domain, without blanks.")
    return local, domain_name(domain)


def role_object_id(tenant_id: UUID, template_id: UUID) -> UUID:
    """The object id of an activated role: it differs from its template's, and from tenant to tenant."""
    return uuid5(tenant_id, str(template_id))


def guest_upn(mail: str, domain: str) -> str:
    """The name a guest gets in the inviting tenant: ``ana_contoso.com#EXT#@fabrikam.com``."""
    return f"{mail.replace('@', '_')}#EXT#@{domain}"


# --- passwords ---------------------------------------------------------------------------------------------------

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
KINDS_NEEDED = 3

_BANNED = ("password", "passwort", "qwerty", "welcome", "letmein", "iloveyou", "contoso", "12345678", "abcdefgh")
_LOOKALIKES = str.maketrans("@$013!5", "asoieis")


class PasswordRefused(Invalid):
    """The password breaks the directory's policy; or, ``is_wrong``, the present one is not right."""

    def __init__(self, reason: str, *, is_wrong: bool = False) -> None:
        super().__init__(reason if is_wrong else f"Choose another password: {reason}")
        self.is_wrong = is_wrong


def check_password(password: str, upn: str) -> None:
    """Refuse a password that the policy does not allow. Raises PasswordRefused.

    8 to 256 characters, three of the four kinds (lower, upper, digit, symbol), not the user's own name, nothing that
    is guessed first; letters written as look-alikes count as letters.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordRefused(f"it must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    kinds = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    if sum(any(kind(char) for char in password) for kind in kinds) < KINDS_NEEDED:
        raise PasswordRefused("it must mix three of lower case, upper case, digits and symbols.")
    plain = password.lower()
    local = upn.partition("@")[0].lower()
    if len(local) > 3 and local in plain:
        raise PasswordRefused("it must not contain your user name.")
    if any(word in plain or word in plain.translate(_LOOKALIKES) for word in _BANNED):
        raise PasswordRefused("it contains a word that is guessed first.")


def temporary_password(pick: Callable[[str, int], str]) -> str:
    """A password to hand out once: three letters and five digits twice over, always accepted by ``check_password``.

    pick: gives so many characters of an alphabet.
    """
    consonants, vowels, digits = "bcdfghjkmnpqrstvwxz", "aeu", "23456789"
    parts = (pick(consonants.upper(), 1), pick(vowels, 1), pick(consonants, 1), pick(digits, 5))
    return "".join(parts) + "-" + pick(consonants, 1) + pick(vowels, 1) + pick(consonants, 1) + pick(digits, 3)


# --- lockout and rate ---------------------------------------------------------------------------------------------

FAILURES_BEFORE_LOCK = 10
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=4)

RATE_WINDOW = timedelta(minutes=1)
FAILURES_PER_ACCOUNT_AND_ADDRESS = 20
FAILURES_PER_ADDRESS = 100


def lock_after(failures: int) -> timedelta | None:
    """How long an account is locked after this many failures in a row: from the tenth 1 min, then twice as long each.

    Source: identity §11.1.
    """
    if failures < FAILURES_BEFORE_LOCK:
        return None
    doublings: int = 1 << min(failures - FAILURES_BEFORE_LOCK, 16)
    return min(FIRST_LOCK * doublings, LONGEST_LOCK)


def check_rate(account_failures: int, address_failures: int) -> None:
    """Refuse another attempt when the last minute saw too many. Raises OAuthError 90033 (429).

    account_failures: of this account from this address; address_failures: of all accounts from this address.
    """
    if account_failures >= FAILURES_PER_ACCOUNT_AND_ADDRESS or address_failures >= FAILURES_PER_ADDRESS:
        raise OAuthError(90033, retry_after=int(RATE_WINDOW.total_seconds()))


# --- lifetimes ----------------------------------------------------------------------------------------------------

ACCESS_TOKEN = timedelta(minutes=60)
ACCESS_TOKEN_SPREAD_SECONDS = 30 * 60
CONTINUOUS_ACCESS_TOKEN = timedelta(hours=24)
CONTINUOUS_SPREAD_SECONDS = 4 * 60 * 60
ID_TOKEN = timedelta(hours=1)
AUTHORIZATION_CODE = timedelta(minutes=10)
DEVICE_CODE = timedelta(minutes=15)
DEVICE_INTERVAL = timedelta(seconds=5)
FASTEST_POLL = timedelta(seconds=4)
REFRESH_TOKEN = timedelta(days=90)
SPA_REFRESH_TOKEN = timedelta(hours=24)
SESSION = timedelta(hours=24)
PERSISTENT_SESSION = timedelta(days=90)
LONGEST_SECRET = timedelta(days=2 * 365 + 1)
CLIENT_ASSERTION = timedelta(hours=24)
CLOCK_SKEW = timedelta(minutes=5)
CHALLENGE = timedelta(minutes=5)
RESTORABLE = timedelta(days=30)

KEY_ACTIVE = timedelta(days=42)
KEY_OVERLAP = timedelta(days=2)
"""How long a retired key stays published; every token lives shorter. The next key is published one turn ahead."""


def access_token_lifetime(below: Callable[[int], int], *, continuous: bool = False) -> timedelta:
    """60 to 90 minutes at random; 24 to 28 hours when both sides check access continuously. Source: identity §4.

    below: gives an integer from 0 up to, not including, its argument.
    """
    if continuous:
        return CONTINUOUS_ACCESS_TOKEN + timedelta(seconds=below(CONTINUOUS_SPREAD_SECONDS + 1))
    return ACCESS_TOKEN + timedelta(seconds=below(ACCESS_TOKEN_SPREAD_SECONDS + 1))


def instant(seconds: int) -> datetime:
    """A token's time (seconds since 1970) as an aware UTC instant."""
    return datetime.fromtimestamp(seconds, UTC)


def refresh_token_expiry(platform: str, signed_in_at: datetime, at: datetime) -> datetime:
    """90 days from the last use; a single page app's 24 hours from the sign-in, whatever happens in between."""
    return signed_in_at + SPA_REFRESH_TOKEN if platform == "spa" else at + REFRESH_TOKEN


def check_refresh_token(platform: str, issued_at: datetime, expires_at: datetime, at: datetime) -> None:
    """Raises OAuthError 700084 (single page app) or 700082 (not used for 90 days)."""
    if at < expires_at:
        return
    if platform == "spa":
        raise OAuthError(700084)
    raise OAuthError(700082, issued_at=f"{issued_at:%Y-%m-%dT%H:%M:%SZ}")


def check_not_revoked(issued_at: datetime, valid_from: datetime) -> None:
    """Refuse what was issued before the sessions were revoked or the password changed. Raises OAuthError 50173."""
    if issued_at < valid_from:
        raise OAuthError(
            50173, issued_at=f"{issued_at:%Y-%m-%dT%H:%M:%SZ}", valid_from=f"{valid_from:%Y-%m-%dT%H:%M:%SZ}"
        )


# --- second factor and the next page ------------------------------------------------------------------------------

MFA = "mfa"
PASSWORD = "pwd"  # noqa: S105 - the authentication method's name
ONE_TIME_CODE = "otp"
PASSKEY = "fido"


def with_method(amr: Collection[str], method: str) -> list[str]:
    """``amr`` after one more method; two kinds, or a passkey alone, make it ``mfa``. Source: identity §5.1."""
    methods = [*(m for m in amr if m not in {method, MFA}), method]
    factors = {m for m in methods if m in {PASSWORD, ONE_TIME_CODE}}
    if PASSKEY in methods or len(factors) > 1:
        methods.append(MFA)
    return methods


def mfa_needed(*, forced: bool, security_defaults: bool, roles: Collection[UUID], delegated: bool) -> bool:
    """Whether the sign-in must show a second factor. Source: identity §9, §11.3, §11.4.

    forced: the request, the application or a claims challenge asks for it. delegated: the target is a customer's tenant
    entered by GDAP or DAP, which has no exception. Otherwise security defaults ask every administrator.
    """
    return forced or delegated or (security_defaults and not ADMINISTRATORS.isdisjoint(roles))


class Consent(StrEnum):
    """How the permissions asked for stand."""

    GIVEN = "given"
    USER_MAY_GIVE = "user may give"
    ADMINISTRATOR_MUST_GIVE = "administrator must give"


class Step(StrEnum):
    """What a browser at the authorize endpoint is shown next."""

    SIGN_IN = "sign in"
    CHOOSE_ACCOUNT = "choose account"
    CHANGE_PASSWORD = "change password"  # noqa: S105 - a page
    REGISTER_FACTOR = "register factor"
    VERIFY_FACTOR = "verify factor"
    STAY_SIGNED_IN = "stay signed in"
    CONSENT = "consent"
    ASK_ADMINISTRATOR = "ask administrator"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the next page depends on.

    accounts: how many signed-in accounts fit the request. age: since the chosen one last proved itself.
    """

    prompt: str = ""
    accounts: int = 0
    age: timedelta = timedelta()
    max_age: timedelta | None = None
    must_change_password: bool = False
    mfa_needed: bool = False
    mfa_done: bool = False
    mfa_registered: bool = False
    asked_to_stay: bool = True
    consent: Consent = Consent.GIVEN


def next_step(now: Situation) -> Step:
    """The first thing still missing, in the order of identity §11."""
    stale = now.max_age is not None and now.age > now.max_age
    missing = (
        (now.prompt == "select_account", Step.CHOOSE_ACCOUNT if now.accounts else Step.SIGN_IN),
        (now.accounts == 0 or now.prompt == "login" or stale, Step.SIGN_IN),
        (now.accounts > 1, Step.CHOOSE_ACCOUNT),
        (now.must_change_password, Step.CHANGE_PASSWORD),
        (now.mfa_needed and not now.mfa_done and not now.mfa_registered, Step.REGISTER_FACTOR),
        (now.mfa_needed and not now.mfa_done, Step.VERIFY_FACTOR),
        (not now.asked_to_stay and now.prompt != "none", Step.STAY_SIGNED_IN),
        (now.consent is Consent.ADMINISTRATOR_MUST_GIVE, Step.ASK_ADMINISTRATOR),
        (now.consent is Consent.USER_MAY_GIVE or now.prompt in {"consent", "admin_consent"}, Step.CONSENT),
    )
    return next((step for applies, step in missing if applies), Step.ANSWER)


_SILENT = {
    Step.SIGN_IN: (50058, "login_required"),
    Step.CHOOSE_ACCOUNT: (16000, "account_selection_required"),
    Step.CHANGE_PASSWORD: (50055, "interaction_required"),
    Step.REGISTER_FACTOR: (50079, "interaction_required"),
    Step.VERIFY_FACTOR: (50076, "interaction_required"),
    Step.CONSENT: (65001, "consent_required"),
    Step.ASK_ADMINISTRATOR: (65001, "consent_required"),
}


def silent_refusal(step: Step, client_id: str = "", client_name: str = "", resource: str = "") -> OAuthError:
    """What ``prompt=none`` answers where a page would be shown. Source: identity §3."""
    number, error = _SILENT[step]
    return OAuthError(number, error=error, client_id=client_id, client_name=client_name, resource=resource)
