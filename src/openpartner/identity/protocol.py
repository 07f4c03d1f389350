"""Rules of the protocol: what the requests to authorize and token must contain, scopes, redirect addresses."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from openpartner.identity.errors import OAuthError
from openpartner.identity.resources import GRAPH_URI, OIDC_SCOPES
from openpartner.platform.errors import Invalid

# --- tenants ------------------------------------------------------------------------------------------------------

COMMON, ORGANIZATIONS, CONSUMERS = "common", "organizations", "consumers"
SHARED_TENANTS = frozenset({COMMON, ORGANIZATIONS, CONSUMERS})

_TENANT_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,253}")


def tenant_key(text: str) -> UUID | str:
    """A tenant path segment as a guid, or as a lower-case domain or shared word. Raises OAuthError 900023."""
    try:
        return UUID(text)
    except ValueError:
        pass
    if not _TENANT_TEXT.fullmatch(text) or ("." not in text and text.lower() not in SHARED_TENANTS):
        raise OAuthError(900023, tenant=text)
    return text.lower()


# --- applications -------------------------------------------------------------------------------------------------


class SignInAudience(StrEnum):
    """Whose accounts an application takes. Source: identity §10."""

    MY_ORGANIZATION = "AzureADMyOrg"
    MULTIPLE_ORGANIZATIONS = "AzureADMultipleOrgs"
    ORGANIZATIONS_AND_PERSONAL = "AzureADandPersonalMicrosoftAccount"
    PERSONAL = "PersonalMicrosoftAccount"

    @property
    def is_multi_tenant(self) -> bool:
        """Whether other tenants' users and consents are possible."""
        return self in {self.MULTIPLE_ORGANIZATIONS, self.ORGANIZATIONS_AND_PERSONAL}


class Platform(StrEnum):
    """What kind of client a redirect address belongs to."""

    WEB = "web"
    SPA = "spa"
    PUBLIC_CLIENT = "publicClient"


LONGEST_REDIRECT_URI = 256
MOST_REDIRECT_URIS = 256


class RedirectUriRefused(Invalid):
    """The address may not be registered. Source: identity §10."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"The redirect URI '{uri}' cannot be registered: {reason}", uri=uri)


def check_redirect_uri(uri: str, platform: Platform) -> None:
    """Refuse an address that may not be registered: https or http://localhost; own schemes for public clients only."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise RedirectUriRefused(uri, "it is no address.") from error
    if len(uri) > LONGEST_REDIRECT_URI:
        raise RedirectUriRefused(uri, f"it is longer than {LONGEST_REDIRECT_URI} characters.")
    if "#" in uri or "*" in uri:
        raise RedirectUriRefused(uri, "it must have no fragment and no wildcard.")
    if parts.username is not None or any(char.isspace() or ord(char) < 33 for char in uri) or "\\" in uri:
        raise RedirectUriRefused(uri, "it must have no user part, blank or backslash.")
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        return
    if platform is Platform.PUBLIC_CLIENT and parts.scheme not in {"", "http", "https", "javascript", "data", "file"}:
        return
    raise RedirectUriRefused(uri, "it must begin with https://, or http:// for localhost.")


def match_redirect_uri(uri: str, registered: Iterable[tuple[str, str]]) -> Platform | None:
    """The platform under which ``uri`` is registered, compared exactly; None when it is not.

    A public client's ``http://localhost`` fits with any port, since it learns its port late. Source: identity §3.
    """
    pairs = [(Platform(platform), address) for platform, address in registered]
    for platform, address in pairs:
        if address == uri:
            return platform
    given = urlsplit(uri)
    if given.scheme != "http" or given.hostname not in {"localhost", "127.0.0.1", "::1"} or given.username is not None:
        return None
    for platform, address in pairs:
        own = urlsplit(address)
        same = (own.scheme, own.hostname, own.path.rstrip("/"), own.query) == (
            given.scheme,
            given.hostname,
            given.path.rstrip("/"),
            given.query,
        )
        if platform is Platform.PUBLIC_CLIENT and same and own.port is None and not given.fragment:
            return platform
    return None


# --- scopes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """What a scope text asks for.

    resource: as the request names it (an App ID URI, a guid, a host); Graph's when only bare names were given.
    names: the permissions on it, without ``.default``. is_default: ``.default`` was asked for.
    sign_in: the OpenID words among them. named: the request itself named a resource.
    """

    resource: str
    names: tuple[str, ...] = ()
    is_default: bool = False
    sign_in: frozenset[str] = frozenset()
    is_named: bool = False


def parse_scope(scope: str) -> ScopeRequest:
    """Read a v2 scope list. Source: identity §4.

    The part before the last slash names the resource; a bare name is Graph's. ``https://x//.default`` names the URI
    with its trailing slash. Raises OAuthError 28000 for two resources, 70011 for what cannot be combined or read.
    """
    sign_in: set[str] = set()
    resources: dict[str, str] = {}
    names: list[str] = []
    is_default = False
    for word in scope.split():
        resource, slash, name = word.rpartition("/")
        if not slash and word in OIDC_SCOPES:
            sign_in.add(word)
            continue
        if not name or not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", word):
            raise OAuthError(70011, scope=scope, reason=f"'{word}' names no permission.")
        resource = resource if slash else GRAPH_URI
        if name in OIDC_SCOPES and resource.rstrip("/").lower() == GRAPH_URI:
            sign_in.add(name)
            continue
        resources.setdefault(resource.rstrip("/").lower(), resource)
        if name == ".default":
            is_default = True
        elif name not in names:
            names.append(name)
    if len(resources) > 1:
        raise OAuthError(28000, scope=scope)
    if is_default and names:
        raise OAuthError(70011, scope=scope, reason=".default cannot be combined with single permissions.")
    resource = next(iter(resources.values()), GRAPH_URI)
    return ScopeRequest(resource, tuple(names), is_default, frozenset(sign_in), bool(resources))


def own_host_resource(resource: str, own_hosts: Iterable[str]) -> bool:
    """Whether ``resource`` is this server by its host name, with or without port and slash: then Graph is meant.

    msgraph-sdk derives ``https://{hostname}/.default`` when it is given no scope. Source: identity §4.
    """
    parts = urlsplit(resource)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path.strip("/"):
        return False
    names = {host.partition(":")[0].lower() for host in own_hosts} | {"localhost", "127.0.0.1"}
    return parts.hostname.lower() in names


# --- grants -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grant:
    """What a grant type gives. Source: identity §4.

    refresh, id: whether those tokens can come with it. public: whether a client without credentials may use it.
    """

    name: str
    refresh: bool
    id: bool
    public: bool
    aliases: tuple[str, ...] = ()


GRANTS: tuple[Grant, ...] = (
    Grant("client_credentials", refresh=False, id=False, public=False),
    Grant("authorization_code", refresh=True, id=True, public=True),
    Grant("refresh_token", refresh=True, id=True, public=True),
    Grant("urn:ietf:params:oauth:grant-type:device_code", refresh=True, id=True, public=True, aliases=("device_code",)),
    Grant("urn:ietf:params:oauth:grant-type:jwt-bearer", refresh=True, id=True, public=False),
    Grant("password", refresh=True, id=True, public=True),
)

_GRANT_OF: Mapping[str, Grant] = {name: grant for grant in GRANTS for name in (grant.name, *grant.aliases)}


def grant_named(grant_type: str) -> Grant:
    """The grant of a request. Raises OAuthError 70003."""
    if grant_type not in _GRANT_OF:
        raise OAuthError(70003, grant_type=grant_type)
    return _GRANT_OF[grant_type]


# --- the authorize endpoint ---------------------------------------------------------------------------------------

RESPONSE_TYPES = frozenset(
    {frozenset({"code"}), frozenset({"id_token"}), frozenset({"code", "id_token"}), frozenset({"id_token", "token"})}
)
RESPONSE_MODES = frozenset({"query", "fragment", "form_post"})
PROMPTS = frozenset({"", "none", "login", "consent", "select_account", "admin_consent"})
_MFA_WORDS = frozenset({"urn:microsoft:policies:mfa", "mfa", "c1", "possessionorinherence"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request to the authorize endpoint whose client and redirect address are already known to be right.

    scope: v2's list; a v1 request's ``resource`` has become one. is_v1: which token shapes to answer with.
    """

    client_id: UUID
    redirect_uri: str
    platform: Platform
    is_v1: bool
    response_type: frozenset[str]
    response_mode: str
    scope: str
    state: str | None = None
    nonce: str = ""
    prompt: str = ""
    login_hint: str = ""
    domain_hint: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    forces_mfa: bool = False
    client_info: bool = False
    max_age: timedelta | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


def response_mode_of(params: Mapping[str, str]) -> str:
    """How the answer travels, also when the rest of the request is wrong."""
    asked = params.get("response_mode", "").lower()
    types = frozenset(params.get("response_type", "").split())
    front = bool(types & {"id_token", "token"})
    if asked in RESPONSE_MODES and not (asked == "query" and front):
        return asked
    return "fragment" if front else "query"


def parse_claims(text: str) -> Mapping[str, Any]:
    """The ``claims`` parameter's JSON. Raises OAuthError 9002313."""
    if not text:
        return {}
    try:
        claims = json.loads(text)
    except ValueError:
        raise OAuthError(9002313, reason="the claims parameter is not JSON.") from None
    if not isinstance(claims, dict):
        raise OAuthError(9002313, reason="the claims parameter is not a JSON object.")
    return claims


def is_continuous(claims: Mapping[str, Any]) -> bool:
    """Whether the client says it can answer a claims challenge (``xms_cc`` with ``cp1``)."""
    asked = claims.get("access_token")
    capability = asked.get("xms_cc") if isinstance(asked, dict) else None
    values = capability.get("values", []) if isinstance(capability, dict) else []
    return any(isinstance(value, str) and value.lower() == "cp1" for value in values)


def _asks_for_mfa(params: Mapping[str, str], claims: Mapping[str, Any]) -> bool:
    words = {*params.get("acr_values", "").lower().split(), *params.get("amr_values", "").lower().split()}
    for part in ("access_token", "id_token"):
        asked = claims.get(part)
        for name in ("acrs", "acr", "amr"):
            wanted = asked.get(name) if isinstance(asked, dict) else None
            if isinstance(wanted, dict):
                words |= {str(value).lower() for value in (wanted.get("value"), *wanted.get("values", [])) if value}
    return not words.isdisjoint(_MFA_WORDS)


def v1_scope(resource: str) -> str:
    """A v1 ``resource`` as a v2 scope: everything the client was given on it, and the OpenID words."""
    default = f"{resource}/.default " if resource else ""
    return f"{default}openid profile email offline_access"


def parse_authorization_request(
    params: Mapping[str, str], client_id: UUID, platform: Platform, *, is_v1: bool
) -> AuthorizationRequest:
    """Read and check the parameters. Source: identity §3. Raises OAuthError, to be told to the client."""
    types = frozenset(params.get("response_type", "").split())
    if not types:
        raise OAuthError(900144, parameter="response_type")
    if types not in RESPONSE_TYPES:
        raise OAuthError(70005, response_type=params["response_type"])
    asked_mode = params.get("response_mode", "").lower()
    if asked_mode and asked_mode not in RESPONSE_MODES:
        raise OAuthError(9002313, reason=f"the response mode '{asked_mode}' is unknown.")
    if asked_mode == "query" and types & {"id_token", "token"}:
        raise OAuthError(70007, response_mode=asked_mode)
    scope = params.get("scope", "")
    if is_v1:
        scope = v1_scope(params.get("resource", ""))
    elif not scope.strip():
        raise OAuthError(900144, parameter="scope")
    sign_in = parse_scope(scope).sign_in
    if "id_token" in types and "openid" not in sign_in:
        raise OAuthError(70011, scope=scope, reason="an id_token needs the scope openid.")
    if "id_token" in types and not params.get("nonce"):
        raise OAuthError(900144, parameter="nonce")
    prompt = params.get("prompt", "").strip().lower()
    if prompt not in PROMPTS:
        raise OAuthError(9002313, reason=f"the prompt '{prompt}' is unknown.")
    challenge, method = _code_challenge(params, platform)
    claims = parse_claims(params.get("claims", ""))
    return AuthorizationRequest(
        client_id=client_id,
        redirect_uri=params["redirect_uri"],
        platform=platform,
        is_v1=is_v1,
        response_type=types,
        response_mode=response_mode_of(params),
        scope=scope,
        state=params.get("state"),
        nonce=params.get("nonce", ""),
        prompt=prompt,
        login_hint=params.get("login_hint", ""),
        domain_hint=params.get("domain_hint", ""),
        code_challenge=challenge,
        code_challenge_method=method,
        forces_mfa=_asks_for_mfa(params, claims),
        client_info=params.get("client_info") == "1",
        max_age=_max_age(params.get("max_age", "")),
        claims=claims,
    )


def _max_age(text: str) -> timedelta | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise OAuthError(9002313, reason="max_age is not a number of seconds.")
    return timedelta(seconds=int(text))


def _code_challenge(params: Mapping[str, str], platform: Platform) -> tuple[str, str]:
    challenge = params.get("code_challenge", "")
    method = params.get("code_challenge_method", "") or ("plain" if challenge else "")
    if platform is Platform.SPA and "code" in params.get("response_type", "").split() and not challenge:
        raise OAuthError(9002325)
    if method not in {"", "plain", "S256"}:
        raise OAuthError(9002313, reason=f"the code_challenge_method '{method}' is unknown.")
    if (method or challenge) and not re.fullmatch(r"[A-Za-z0-9\-._~]{43,128}", challenge):
        raise OAuthError(9002313, reason="the code_challenge must have 43 to 128 unreserved characters.")
    return challenge, method


def answer_address(redirect_uri: str, response_mode: str, fields: Iterable[tuple[str, str]]) -> str:
    """The redirect address with the answer in its query or fragment; what it had in its query stays."""
    parts = urlsplit(redirect_uri)
    if response_mode == "fragment":
        return urlunsplit(parts._replace(fragment=urlencode(list(fields))))
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *fields])
    return urlunsplit(parts._replace(query=query))


# --- the device flow ----------------------------------------------------------------------------------------------

USER_CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
USER_CODE_LENGTH = 9


def user_code(pick: Callable[[str, int], str]) -> str:
    """Nine characters that are read aloud and typed in; no 0, O, 1 or I among them."""
    return pick(USER_CODE_ALPHABET.replace("I", "").replace("O", ""), USER_CODE_LENGTH)


def typed_user_code(text: str) -> str:
    """A user code as it was typed: any case, blanks and hyphens do not count."""
    return re.sub(r"[\s-]", "", text).upper()
