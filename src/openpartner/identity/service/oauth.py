"""The token endpoint: Authlib carries the grants, our rules decide them. Source: identity §4.

A refusal becomes the answer (it is not raised out of the unit), because some refusals change something: a code redeemed
twice kills its tokens, a wrong password is counted. Every check of a grant therefore comes before its first write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request, grants
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from sqlalchemy import update

from openpartner.identity import keys, protocol, queries, rules
from openpartner.identity.errors import OAuthError
from openpartner.identity.events import TokenFamilyRevoked
from openpartner.identity.models import (
    Application,
    ApplicationSecret,
    AuthorizationCode,
    DeviceCode,
    RefreshToken,
    ServicePrincipalSecret,
    SignInSession,
    User,
)
from openpartner.identity.protocol import Platform
from openpartner.identity.service import issuing, tenancy
from openpartner.identity.service.applications import secret_hash
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import Asking, SignedIn, text_hash
from openpartner.identity.service.scope import scope_of
from openpartner.identity.service.signing_in import check_password
from openpartner.platform.work import UnitOfWork

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "client_credentials": (),
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
    DEVICE: ("device_code",),
    JWT_BEARER: ("assertion", "requested_token_use"),
    "password": ("username", "password"),
}
"""What each grant's body must contain (AADSTS900144 otherwise)."""


class TokenAnswer(NamedTuple):
    """A body to send, or the refusal to render. spa: the browser script of this origin may read the answer."""

    body: dict[str, Any] | None
    refusal: OAuthError | None
    spa: bool = False


def answer_token_request(
    uow: UnitOfWork, exchange: Exchange, form: Mapping[str, str], authorization: str = ""
) -> TokenAnswer:
    """Everything ``POST …/token`` does. authorization: the header, for clients that send their secret by HTTP Basic."""
    try:
        prepared = _prepare(form, is_v1=exchange.is_v1)
        answer: TokenAnswer = _Server(uow, exchange).create_token_response(_TokenRequest(prepared, authorization))
    except OAuthError as refusal:
        return TokenAnswer(None, refusal, spa=bool(exchange.origin))
    return answer


def _prepare(form: Mapping[str, str], *, is_v1: bool) -> dict[str, str]:
    """The body with one name a thing: grant aliases, MSAL's two names for the device code, v1's resource as a scope."""
    if not form.get("grant_type"):
        raise OAuthError(900144, parameter="grant_type")
    grant = protocol.grant_named(form["grant_type"])
    prepared = {**form, "grant_type": grant.name}
    if grant.name == DEVICE:
        prepared["device_code"] = form.get("device_code") or form.get("code", "")
    for parameter in REQUIRED[grant.name]:
        if not prepared.get(parameter):
            raise OAuthError(900144, parameter=parameter)
    if is_v1 and (resource := form.get("resource", "")):
        prepared["scope"] = (
            f"{resource}/.default" if grant.name == "client_credentials" else protocol.v1_scope(resource)
        )
    if grant.name == "client_credentials" and not prepared.get("scope", "").strip():
        raise OAuthError(900144, parameter="resource" if is_v1 else "scope")
    return prepared


class _TokenRequest(OAuth2Request):  # type: ignore[misc]
    """A form post. TLS ends in front of this process, so Authlib's own check of the address has nothing to look at."""

    def __init__(self, form: dict[str, str], authorization: str) -> None:
        self.method, self.uri = "POST", ""
        self.headers = {"Authorization": authorization} if authorization else {}
        self.payload = BasicOAuth2Payload(form)
        self._body = form
        self.client: _Client | None = None
        self.auth_method: str | None = None
        self.user: SignedIn | None = None
        self.authorization_code: _Code | None = None
        self.refresh_token: _Refresh | None = None
        self.credential: _Device | None = None
        self._scope: str | None = None


@dataclass(slots=True)
class _Client(ClientMixin):  # type: ignore[misc]
    """An authenticated application in Authlib's eyes. proof: 0 public, 1 secret, 2 certificate."""

    application: Application
    proof: str

    def get_client_id(self) -> str:
        return str(self.application.app_id)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in REQUIRED


@dataclass(slots=True)
class _Code:
    row: AuthorizationCode

    @property
    def code_challenge(self) -> str | None:
        return self.row.code_challenge or None

    @property
    def code_challenge_method(self) -> str:
        return self.row.code_challenge_method or "plain"

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope


@dataclass(slots=True)
class _Refresh:
    row: RefreshToken

    def check_client(self, client: _Client) -> bool:
        return self.row.app_id == client.application.app_id

    def get_scope(self) -> str:
        return self.row.scope


@dataclass(slots=True)
class _Device:
    row: DeviceCode
    uow: UnitOfWork

    def is_expired(self) -> bool:
        return self.uow.now >= self.row.expires_at

    def get_client_id(self) -> str:
        return str(self.row.app_id)

    def get_scope(self) -> str:
        return self.row.scope

    def get_user_code(self) -> str:
        return self.row.user_code


# --- grants -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Pkce:
    """Authlib's proof key check with our number for its refusals."""

    check: CodeChallenge = field(default_factory=lambda: CodeChallenge(required=False))

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_validate_token_request", self.verify)

    def verify(self, grant: Any, result: object) -> None:
        try:
            self.check.validate_code_verifier(grant, result)
        except OAuth2Error:
            raise OAuthError(501481) from None


def _signed_in(user: User, row: AuthorizationCode | RefreshToken, **more: Any) -> SignedIn:
    """The sign-in that a code or a refresh token goes back to."""
    return SignedIn(
        user=user,
        tenant_id=row.tenant_id,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        session_id=row.session_id,
        platform=row.platform,
        scope=row.scope,
        code_hash=row.code_hash,
        **more,
    )


class _AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code is redeemed once, by whom and for where it was issued."""

    def query_authorization_code(self, code: str, client: _Client) -> _Code:
        server: _Server = self.server
        uow = server.uow
        row = uow.db.get(AuthorizationCode, text_hash(code), with_for_update=True)
        if row is None:
            raise OAuthError(70000, reason="the authorization code is unknown or malformed.")
        if row.app_id != client.application.app_id:
            server.kill_family(row.code_hash, row.user_id, row.app_id, "redeemed by another client")
            raise OAuthError(700007, client_id=client.get_client_id())
        if row.redeemed_at is not None:
            server.kill_family(row.code_hash, row.user_id, row.app_id, "redeemed twice")
            raise OAuthError(54005)
        if uow.now >= row.expires_at:
            raise OAuthError(70008)
        if self.request.payload.redirect_uri != row.redirect_uri:
            raise OAuthError(70000, reason="the redirect_uri is not the one the code was sent to.")
        server.check_origin(row.platform)
        return _Code(row)

    def authenticate_user(self, authorization_code: _Code) -> SignedIn:
        row = authorization_code.row
        user = self.server.live_user(row.user_id, row.auth_time)
        return _signed_in(user, row, nonce=row.nonce)

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """Kept as redeemed, so that a second use is known for what it is."""
        authorization_code.row.redeemed_at = self.server.uow.now


class _RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """A new pair for an old refresh token, which stays valid; for any resource, in any tenant the user may enter."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> _Refresh:
        server: _Server = self.server
        row = server.uow.db.get(RefreshToken, text_hash(refresh_token))
        if row is None:
            raise OAuthError(70000, reason="the refresh token is unknown or malformed.")
        client: _Client = self.request.client
        if row.app_id != client.application.app_id:
            server.kill_family(row.code_hash, row.user_id, row.app_id, "presented by another client", row.family_id)
            raise OAuthError(700007, client_id=client.get_client_id())
        if row.revoked_at is not None:
            raise OAuthError(
                50173,
                issued_at=f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
                valid_from=f"{row.revoked_at:%Y-%m-%dT%H:%M:%SZ}",
            )
        rules.check_refresh_token(row.platform, row.created_at, row.expires_at, server.uow.now)
        server.check_origin(row.platform)
        return _Refresh(row)

    def _validate_token_scope(self, token: _Refresh) -> None:
        """Nothing: a refresh token is for whatever the client was given, not only for what came first. Source: §4."""

    def authenticate_user(self, refresh_token: _Refresh) -> SignedIn:
        row = refresh_token.row
        user = self.server.live_user(row.user_id, row.auth_time)
        if row.session_id is not None:
            session = self.server.uow.db.get(SignInSession, row.session_id)
            if session is not None and session.ended_at is not None:
                raise OAuthError(50173, issued_at=str(row.created_at), valid_from=str(session.ended_at))
        return _signed_in(user, row, family_id=row.family_id)

    def revoke_old_credential(self, refresh_token: _Refresh) -> None:
        """The old one stays valid and its 90 days begin anew. Source: identity §4."""
        row, now = refresh_token.row, self.server.uow.now
        row.used_at = now
        row.expires_at = rules.refresh_token_expiry(row.platform, row.auth_time, now)


class _ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """The client acts as itself."""


class _PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]
    """User name and password in the body; not for who needs a second factor."""

    def authenticate_user(self, username: str, password: str) -> SignedIn:
        server: _Server = self.server
        client = server.present_client
        user = check_password(
            server.uow, server.exchange, username, password, app_id=client.application.app_id, is_page=False
        )
        if isinstance(user, OAuthError):
            raise user
        if user.force_change:
            raise OAuthError(50055)
        return SignedIn(
            user=user,
            tenant_id=user.tenant_id,
            amr=(rules.PASSWORD,),
            auth_time=server.uow.now,
            session_id=None,
            platform=Platform.PUBLIC_CLIENT.value if client.proof == "0" else Platform.WEB.value,
            scope=self.request.payload.scope or "",
        )


class _DeviceCodeGrant(DeviceCodeGrant):  # type: ignore[misc]
    """What a device polls with until its user has finished in a browser."""

    def query_device_credential(self, device_code: str) -> _Device:
        uow = self.server.uow
        row = uow.db.get(DeviceCode, text_hash(device_code), with_for_update=True)
        if row is None or row.redeemed_at is not None:
            raise OAuthError(70018)
        return _Device(row, uow)

    def query_user_grant(self, user_code: str) -> tuple[SignedIn | None, bool] | None:  # noqa: ARG002 - Authlib's shape
        row = self.row
        if row.declined:
            return None, False
        if row.user_id is None or row.tenant_id is None or row.auth_time is None:
            return None
        user = self.server.live_user(row.user_id, row.auth_time)
        return SignedIn(
            user=user,
            tenant_id=row.tenant_id,
            amr=tuple(row.amr),
            auth_time=row.auth_time,
            session_id=row.session_id,
            platform=Platform.PUBLIC_CLIENT.value,
            scope=row.scope,
        ), True

    @property
    def row(self) -> DeviceCode:
        """The flow being polled for."""
        found: DeviceCode | None = self.server.uow.db.get(
            DeviceCode, text_hash(self.request.payload.data["device_code"])
        )
        if found is None:
            raise OAuthError(70018)
        return found

    def should_slow_down(self, credential: _Device) -> bool:
        """Whether the last poll was less than four of the five seconds ago; a clock that stands still tells nothing."""
        now, before = self.server.uow.now, credential.row.polled_at
        credential.row.polled_at = now
        return before is not None and timedelta() < now - before < rules.FASTEST_POLL

    def create_token_response(self) -> Any:
        answer = super().create_token_response()
        self.row.redeemed_at = self.server.uow.now
        return answer


class _OnBehalfOfGrant(grants.BaseGrant, grants.TokenEndpointMixin):  # type: ignore[misc]
    """A service that was called with a user's token asks for one to call on with. Source: identity §4."""

    GRANT_TYPE = JWT_BEARER

    def validate_token_request(self) -> None:
        server: _Server = self.server
        form = self.request.payload.data
        if form["requested_token_use"] != "on_behalf_of":  # noqa: S105 - a word of the protocol
            raise OAuthError(9002313, reason="requested_token_use must be on_behalf_of.")
        self.request.client = self.authenticate_token_endpoint_client()
        self.request.user = server.user_of_assertion(form["assertion"], self.request.client.application)

    def create_token_response(self) -> tuple[int, dict[str, Any], object]:
        token = self.generate_token(user=self.request.user, scope=self.request.payload.scope)
        return 200, token, self.TOKEN_RESPONSE_HEADER


_AUTHLIB = {
    "authorization_pending": 70016,
    "slow_down": 700031,
    "expired_token": 70020,
    "access_denied": 700030,
    "invalid_client": 70002,
    "unsupported_grant_type": 70003,
}
"""Authlib's own refusals that can still come up, by our number; the rest is 9002313."""


class _Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server over one unit of work and one request."""

    def __init__(self, uow: UnitOfWork, exchange: Exchange) -> None:
        super().__init__()
        self.uow = uow
        self.exchange = exchange
        self._request: _TokenRequest | None = None
        self._client: _Client | None = None
        self.register_grant(_AuthorizationCodeGrant, [_Pkce()])
        for grant in (
            _RefreshTokenGrant,
            _ClientCredentialsGrant,
            _PasswordGrant,
            _DeviceCodeGrant,
            _OnBehalfOfGrant,
        ):
            self.register_grant(grant)

    # what Authlib asks of an integration

    def create_oauth2_request(self, request: _TokenRequest) -> _TokenRequest:
        self._request = request
        return request

    def query_client(self, client_id: str) -> Application:
        return tenancy.find_client(self.uow, client_id, self.exchange.tenant)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def save_token(self, token: dict[str, Any], request: _TokenRequest) -> None:
        """Tokens are stored as they are made."""

    def handle_response(self, status: int, body: Any, headers: object) -> TokenAnswer:  # noqa: ARG002 - Authlib's shape
        signed_in = self._request.user if self._request else None
        spa = isinstance(signed_in, SignedIn) and signed_in.platform == Platform.SPA
        return TokenAnswer(body, None, spa=spa)

    def handle_error_response(self, request: _TokenRequest, error: OAuth2Error) -> TokenAnswer:  # noqa: ARG002 - same
        number = _AUTHLIB.get(error.error, 9002313)
        names = {"access_denied": "authorization_declined"}
        refusal = OAuthError(number, error=names.get(error.error), reason=error.description or "")
        return TokenAnswer(None, refusal, spa=bool(self.exchange.origin))

    def generate_token(  # noqa: PLR0917 - Authlib's shape
        self,
        grant_type: str,
        client: _Client,
        user: SignedIn | None = None,
        scope: str | None = None,
        expires_in: int | None = None,  # noqa: ARG002 - lifetimes are a rule of ours
        include_refresh_token: bool = True,  # noqa: ARG002 - so is this
    ) -> dict[str, Any]:
        data = self.form
        asking = Asking(
            application=client.application,
            proof=client.proof,
            grant=protocol.grant_named(grant_type),
            continuous=protocol.is_continuous(protocol.parse_claims(data.get("claims", ""))),
            client_info=data.get("client_info") == "1",
        )
        if user is None:
            tenant = tenancy.named_tenant(self.uow, self.exchange.tenant)
            if tenant is None:
                raise OAuthError(50059)
            tenancy.tenant_for(self.uow, self.exchange.tenant, client.application, tenant.id)
            return issuing.app_only(self.uow, self.exchange, asking, tenant, scope or "")
        wanted = data.get("scope", "").strip() or scope or user.scope
        try:
            body = issuing.delegated(self.uow, self.exchange, asking, user, wanted)
        except OAuthError as refusal:
            self._log(user, client, refusal)
            raise
        self._log(user, client)
        return body

    def _log(self, user: SignedIn, client: _Client, refusal: OAuthError | None = None) -> None:
        issuing.log_sign_in(
            self.uow,
            self.exchange,
            user=user.user,
            upn=user.user.upn,
            tenant_id=user.tenant_id,
            app_id=client.application.app_id,
            resource=self.form.get("scope", ""),
            amr=user.amr,
            error_code=refusal.number if refusal else 0,
            failure_reason=refusal.message if refusal else "",
            is_interactive=False,
        )

    @property
    def form(self) -> dict[str, str]:
        """The body."""
        if self._request is None:
            return {}
        data: dict[str, str] = self._request.payload.data
        return data

    @property
    def present_client(self) -> _Client:
        """The client authenticated in this request."""
        if self._client is None:
            raise OAuthError(70002)
        return self._client

    # client authentication

    def authenticate_client(self, request: _TokenRequest, methods: object, endpoint: str = "token") -> _Client:  # noqa: ARG002
        """By secret (body or Basic), by assertion, or not at all where the client is public.

        Raises OAuthError 700016, 7000215, 7000222, 700027, 700025, 7000218.
        """
        form = self.form
        basic_id, basic_secret = extract_basic_authorization(request.headers) if request.headers else (None, None)
        assertion = form.get("client_assertion", "")
        client_id = form.get("client_id") or basic_id or (keys.assertion_subject(assertion) if assertion else "")
        application = self.query_client(client_id)
        secret = form.get("client_secret") or basic_secret or ""
        is_public = self._is_public(application)
        if is_public and (secret or assertion):
            raise OAuthError(700025)
        if assertion:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise OAuthError(9002313, reason=f"client_assertion_type must be {ASSERTION_TYPE}.")
            self._check_assertion(application, assertion)
            proof = "2"
        elif secret:
            self._check_secret(application, secret)
            proof = "1"
        elif is_public:
            proof = "0"
        else:
            raise OAuthError(7000218, client_id=application.app_id)
        client = _Client(application, proof)
        self._client = client
        request.client = client
        return client

    def _is_public(self, application: Application) -> bool:
        """Whether this request may and must come without a secret: by the redirect address, else the registration.

        Client credentials and on-behalf-of never may.
        """
        grant_type = self.form["grant_type"]
        if not protocol.grant_named(grant_type).public:
            return False
        platform: str | None = None
        if grant_type == "authorization_code":
            code = self.uow.db.get(AuthorizationCode, text_hash(self.form["code"]))
            platform = code.platform if code is not None and code.app_id == application.app_id else None
        elif grant_type == "refresh_token":
            token = self.uow.db.get(RefreshToken, text_hash(self.form["refresh_token"]))
            platform = token.platform if token is not None and token.app_id == application.app_id else None
        if platform is not None:
            return platform != Platform.WEB
        shows = "client_secret" in self.form or "client_assertion" in self.form or self._sends_basic
        return application.allow_public_client and not shows

    @property
    def _sends_basic(self) -> bool:
        return bool(self._request and self._request.headers)

    def _check_secret(self, application: Application, secret: str) -> None:
        hashed, now = secret_hash(secret), self.uow.now
        stored: list[ApplicationSecret | ServicePrincipalSecret] = [
            *queries.secrets_of(self.uow, application.id),
            *self._secrets_there(application),
        ]
        fitting = [row for row in stored if row.secret_hash == hashed and row.starts_at <= now]
        if not fitting:
            raise OAuthError(7000215, client_id=application.app_id)
        if all(row.ends_at <= now for row in fitting):
            raise OAuthError(7000222, client_id=application.app_id)

    def _secrets_there(self, application: Application) -> Sequence[ServicePrincipalSecret]:
        """Those of the application's principal in the tenant that the request names."""
        tenant = tenancy.named_tenant(self.uow, self.exchange.tenant)
        principal = queries.service_principal(self.uow, tenant.id, application.app_id) if tenant is not None else None
        return queries.principal_secrets_of(self.uow, principal.id) if principal is not None else ()

    def _check_assertion(self, application: Application, assertion: str) -> None:
        issuer, subject = keys.assertion_issuer(assertion), keys.assertion_subject(assertion)
        if issuer.lower() == str(application.app_id):
            tenant = tenancy.named_tenant(self.uow, self.exchange.tenant)
            known = (str(tenant.id), tenant.default_domain) if tenant is not None else ()
            keys.verify_client_assertion(
                assertion,
                application.app_id,
                queries.credentials_of(self.uow, application.id),
                self.exchange.token_audiences(known),
                self.uow.now,
            )
            return
        outside = queries.federated_credential(self.uow, application.id, issuer, subject)
        if outside is None:
            if not issuer:
                raise OAuthError(700027, reason="it is not a signed JWT.")
            raise OAuthError(70021, issuer=issuer, subject=subject)
        keys.verify_federated_assertion(assertion, outside.jwks, outside.audience, self.uow.now)

    # people

    def live_user(self, user_id: UUID, signed_in_at: Any) -> User:
        """The home user of a code or token. Raises OAuthError 50034, 50057, 50173."""
        user = self.uow.db.get(User, user_id)
        if user is None:
            raise OAuthError(70000, reason="its user is gone.")
        tenancy.check_usable(user)
        rules.check_not_revoked(signed_in_at, user.sessions_valid_from)
        return user

    def check_origin(self, platform: str) -> None:
        """Only what a single-page app was given is redeemed by one. Raises OAuthError 9002326, 9002327."""
        if platform == Platform.SPA and not self.exchange.origin:
            raise OAuthError(9002327)
        if platform != Platform.SPA and self.exchange.origin:
            raise OAuthError(9002326)

    def user_of_assertion(self, assertion: str, application: Application) -> SignedIn:
        """The user of an access token that this client was called with. Raises OAuthError 50013, 500133."""
        uow = self.uow
        said = keys.verified_claims(assertion, queries.published_keys(uow.db, uow.now))
        if said is None:
            raise OAuthError(50013, reason="its signature does not verify.")
        own = {str(application.app_id), *queries.identifier_uris(uow, application.id)}
        if str(said.get("aud", "")).rstrip("/").lower() not in own:
            raise OAuthError(50013, reason="its audience is not this application.")
        if int(said.get("exp", 0)) <= uow.now.timestamp():
            raise OAuthError(500133)
        if said.get("idtyp") == "app" or "scp" not in said:
            raise OAuthError(50013, reason="it is an application's own token, not a user's.")
        user = uow.db.get(User, UUID(str(said.get("home_oid") or said.get("oid"))))
        if user is None:
            raise OAuthError(50013, reason="its user is gone.")
        if user.home_user_id is not None:
            user = queries.user_by_id(uow, user.home_user_id)
        session = uow.db.get(SignInSession, UUID(said["sid"])) if "sid" in said else None
        issued_at = rules.instant(int(said["iat"]))
        rules.check_not_revoked(issued_at, user.sessions_valid_from.replace(microsecond=0))
        return SignedIn(
            user=user,
            tenant_id=UUID(str(said["tid"])),
            amr=tuple(said.get("amr") or (session.amr if session is not None else ())),
            auth_time=session.auth_time if session is not None else uow.now,
            session_id=session.id if session is not None else None,
            platform=Platform.WEB.value,
            scope="",
        )

    def kill_family(
        self, code_hash: str, user_id: UUID, app_id: UUID, reason: str, family_id: UUID | None = None
    ) -> None:
        """End every refresh token that came of a code or belongs to a family: one of them is in wrong hands."""
        same = RefreshToken.code_hash == code_hash if code_hash else RefreshToken.family_id == family_id
        killed = self.uow.db.execute(
            update(RefreshToken).where(same, RefreshToken.revoked_at.is_(None)).values(revoked_at=self.uow.now)
        )
        if killed.rowcount:  # type: ignore[attr-defined]
            user = self.uow.db.get_one(User, user_id)
            self.uow.emit(
                TokenFamilyRevoked(
                    **scope_of(self.uow, user.tenant_id),
                    tenant_id=user.tenant_id,
                    user_id=user.id,
                    app_id=app_id,
                    reason=reason,
                )
            )
