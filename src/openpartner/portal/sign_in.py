"""The routes by which a browser gets a session: authorization code with PKCE at the provider, then our own cookie.

The portal is an ordinary OpenID client, of the embedded provider as of any other: discovery, code, keys, id token.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery, QueryParameter
from litestar.types import ASGIApp

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import system_now
from openpartner.platform.errors import DomainError
from openpartner.platform.http.authentication import Principal, ResolveActor
from openpartner.platform.web import pages
from openpartner.platform.web.forms import CSRF_FIELD, CSRF_HEADER, local_path, make_csrf, verify_csrf
from openpartner.platform.web.page import (
    SESSION_COOKIE,
    Page,
    Portal,
    Posted,
    SessionView,
    SignInNeeded,
    StaleForm,
    html,
)
from openpartner.platform.work import Begin
from openpartner.portal import queries, service
from openpartner.portal.models import PortalSession
from openpartner.portal.service import CALLBACK, PORTAL_APP_ID, SESSION_LENGTH, SignInFailed

ATTEMPT_COOKIE = "openpartner_signin"
EMBEDDED_TENANT = "organizations"
LEEWAY = 120
"""Seconds by which another provider's clock may differ from ours."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
READING = frozenset({"GET", "HEAD"})
AnyRequest = Request[Any, Any, Any]


class ProviderMetadata(msgspec.Struct):
    """What we need of a discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""


class TokenAnswer(msgspec.Struct):
    """What we need of a token answer."""

    id_token: str


@dataclass
class Provider:
    """The provider that the settings name, reached from this process.

    embedded: our own surfaces, called in process and never over the network.
    """

    portal: Portal
    app: Callable[[], ASGIApp]

    @property
    def embedded(self) -> bool:
        """Whether the portal's provider is this world's own."""
        return not self.portal.world.settings.oidc_issuer

    @property
    def client_id(self) -> str:
        """Our client id there."""
        return str(PORTAL_APP_ID) if self.embedded else self.portal.world.settings.oidc_client_id

    def _client(self) -> httpx.AsyncClient:
        if self.embedded:
            return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app()), timeout=30)  # type: ignore[arg-type]
        return httpx.AsyncClient(timeout=30)

    async def _get(self, url: str) -> bytes:
        try:
            async with self._client() as client:
                return (await client.get(url)).raise_for_status().content
        except httpx.HTTPError as error:
            raise ProviderUnreachable from error

    async def metadata(self, origin: str) -> ProviderMetadata:
        """The discovery document. Raises ProviderUnreachable."""
        issuer = f"{origin}/{EMBEDDED_TENANT}/v2.0" if self.embedded else self.portal.world.settings.oidc_issuer
        content = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        return msgspec.json.decode(content, type=ProviderMetadata)

    async def redeem(self, metadata: ProviderMetadata, code: str, redirect_uri: str, code_verifier: str) -> str:
        """The id token for a code. Raises SignInFailed."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "code_verifier": code_verifier,
            "scope": "openid profile email",
        }
        secret = self.portal.world.settings.oidc_client_secret
        if not self.embedded and secret:
            form["client_secret"] = secret
        try:
            async with self._client() as client:
                answer = await client.post(metadata.token_endpoint, data=form)
        except httpx.HTTPError as error:
            raise ProviderUnreachable from error
        if answer.status_code != HTTPStatus.OK:
            raise SignInFailed("The provider did not take its own code back. Sign in again.")
        return msgspec.json.decode(answer.content, type=TokenAnswer).id_token

    async def claims(self, metadata: ProviderMetadata, id_token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """The claims of an id token: of the provider, for us, for this sign-in, alive. Raises SignInFailed."""
        keys = KeySet.import_key_set(msgspec.json.decode(await self._get(metadata.jwks_uri)))
        try:
            claims = jwt.decode(id_token, keys, algorithms=["RS256", "RS384", "RS512", "PS256", "ES256"]).claims
        except (JoseError, ValueError) as error:
            raise SignInFailed("The provider's id token does not verify. Sign in again.") from error
        issuer = metadata.issuer.replace("{tenantid}", str(claims.get("tid", "")))
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        at = now.timestamp()
        if (
            claims.get("iss") != issuer
            or self.client_id not in audiences
            or (len(audiences) > 1 and claims.get("azp") != self.client_id)
            or claims.get("nonce") != nonce
            or float(claims.get("exp", 0)) < at - LEEWAY
            or float(claims.get("iat", 0)) > at + LEEWAY
        ):
            raise SignInFailed("The provider's id token is not for this sign-in. Sign in again.")
        return claims


class ProviderUnreachable(DomainError):
    """The OpenID provider does not answer, or not with what it should."""

    status = HTTPStatus.BAD_GATEWAY
    code = "provider_unreachable"

    def __init__(self) -> None:
        super().__init__("The sign-in service does not answer. Try again in a moment.")


def origin_of(portal: Portal, request: AnyRequest) -> str:
    """The origin as this browser sees it: a loopback one as asked, else the one of the settings."""
    asked = request.base_url
    if portal.world.settings.base_url and urlsplit(str(asked)).hostname not in LOOPBACK:
        return portal.world.settings.base_url.rstrip("/")
    return f"{asked.scheme}://{asked.netloc}"


def is_secure(request: AnyRequest) -> bool:
    """Whether cookies may say Secure: browsers drop such cookies on plain HTTP."""
    return request.url.scheme == "https"


def _redirect(location: str) -> Response[bytes]:
    return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers={"Location": location, "Cache-Control": "no-store"})


class SignIn:
    """The routes, over one portal and its provider."""

    def __init__(self, portal: Portal, provider: Provider, resolve: ResolveActor) -> None:
        self.portal = portal
        self.provider = provider
        self.resolve = resolve

    def _begin(self, return_to: str, redirect_uri: str) -> service.Begun:
        with self.portal.world.begin(SYSTEM) as uow:
            return service.begin_sign_in(uow, return_to, redirect_uri)

    async def to_provider(self, request: AnyRequest, return_to: str, *, second_factor: bool) -> Response[bytes]:
        """Send the browser to the provider's authorization endpoint."""
        origin = origin_of(self.portal, request)
        metadata = await self.provider.metadata(origin)
        redirect_uri = f"{origin}{CALLBACK}"
        begun = await sync_to_thread(self._begin, local_path(return_to), redirect_uri)
        parameters = [
            ("client_id", self.provider.client_id),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("redirect_uri", redirect_uri),
            ("scope", "openid profile email"),
            ("state", begun.state),
            ("nonce", begun.nonce),
            ("code_challenge", create_s256_code_challenge(begun.code_verifier)),
            ("code_challenge_method", "S256"),
        ]
        if second_factor:
            parameters.append(("acr_values", "urn:microsoft:policies:mfa"))
        response = _redirect(add_params_to_uri(metadata.authorization_endpoint, parameters))
        response.set_cookie(
            key=ATTEMPT_COOKIE,
            value=begun.cookie,
            httponly=True,
            secure=is_secure(request),
            samesite="lax",
            path="/signin",
            max_age=int(service.ATTEMPT_LENGTH.total_seconds()),
        )
        return response

    def _take(self, cookie: str, state: str) -> tuple[str, str, str, str, datetime]:
        with self.portal.world.begin(SYSTEM) as uow:
            attempt = service.take_attempt(uow, cookie, state)
            now = uow.now if self.provider.embedded else system_now()
            return attempt.nonce, attempt.code_verifier, attempt.redirect_uri, attempt.return_to, now

    def _open(self, claims: Mapping[str, Any], id_token: str, issuer: str, request: AnyRequest) -> str:
        with self.portal.world.begin(SYSTEM) as uow:
            old = request.cookies.get(SESSION_COOKIE)
            if old:
                service.close_session(uow, old)
            agent = request.headers.get("user-agent", "")
            return service.open_session(uow, claims, id_token, issuer, agent, embedded=self.provider.embedded)

    async def back(self, request: AnyRequest, code: str, state: str) -> Response[bytes]:
        """Take the provider's answer and open a session. Raises SignInFailed, NoSuchAccount."""
        cookie = request.cookies.get(ATTEMPT_COOKIE, "")
        nonce, verifier, redirect_uri, return_to, now = await sync_to_thread(self._take, cookie, state)
        metadata = await self.provider.metadata(origin_of(self.portal, request))
        id_token = await self.provider.redeem(metadata, code, redirect_uri, verifier)
        claims = await self.provider.claims(metadata, id_token, nonce, now)
        session = await sync_to_thread(self._open, claims, id_token, metadata.issuer, request)
        response = _redirect(local_path(return_to))
        response.set_cookie(
            key=SESSION_COOKIE,
            value=session,
            httponly=True,
            secure=is_secure(request),
            samesite="lax",
            path="/",
            max_age=int(SESSION_LENGTH.total_seconds()),
        )
        response.delete_cookie(ATTEMPT_COOKIE, path="/signin")
        return response

    # What a page is given

    def _session(self, cookie: str) -> PortalSession | None:
        with self.portal.world.begin.read(SYSTEM) as uow:
            return queries.live_session(uow.db, cookie, uow.now)

    async def page(self, request: AnyRequest) -> Page:
        """The provider of ``page``. Raises SignInNeeded, StaleForm."""
        cookie = request.cookies.get(SESSION_COOKIE, "")
        row = await sync_to_thread(self._session, cookie) if cookie else None
        if row is None:
            raise SignInNeeded
        secret = self.portal.secret
        view = SessionView(
            id=row.id,
            tenant_id=row.tenant_id,
            user_id=row.user_id,
            mfa=row.mfa,
            csrf=make_csrf(secret, row.id, bytes.fromhex(row.id[:32])),
        )
        posted = Posted({})
        if request.method not in READING:
            posted = Posted(await _form_of(request))
            token = request.headers.get(CSRF_HEADER) or posted.get(CSRF_FIELD)
            if not verify_csrf(secret, row.id, token):
                raise StaleForm
        principal = Principal(
            tenant_id=row.tenant_id,
            object_id=row.user_id,
            home_tenant_id=row.tenant_id,
            home_object_id=row.user_id,
            app_id=PORTAL_APP_ID,
            is_app=False,
            name="",
            scopes=frozenset(),
            roles=frozenset(),
            wids=frozenset(),
            mfa=row.mfa,
            expires_at=row.expires_at,
        )
        correlation_id = request.scope.get("state", {}).get("correlation_id")
        begin = Begin(self.portal.world, lambda db, now: self.resolve(db, now, principal), None, correlation_id)
        page = Page(self.portal, request, view, begin, posted)
        request.scope.setdefault("state", {})["page"] = page  # a refusal is shown in the same frame
        return page

    def routes(self) -> list[Any]:
        """The handlers, bound."""

        @get("/signin", include_in_schema=False, opt={"public": True})
        async def sign_in(
            request: AnyRequest,
            return_to: FromQuery[str] = "/",
            mfa: FromQuery[bool] = False,
        ) -> Response[bytes]:
            """Begin: to the provider and back to ``return_to``."""
            return await self.to_provider(request, return_to, second_factor=mfa)

        @get(CALLBACK, include_in_schema=False, opt={"public": True})
        async def callback(
            request: AnyRequest,
            code: FromQuery[str] = "",
            given_state: Annotated[str, QueryParameter(name="state")] = "",  # ``state`` is the framework's word
            error: FromQuery[str] = "",
        ) -> Response[bytes]:
            """The provider's answer."""
            if error or not code:
                raise SignInFailed("The sign-in was not completed. Try again, or ask your administrator.")
            return await self.back(request, code, given_state)

        @get("/signin/ended", include_in_schema=False, opt={"public": True}, sync_to_thread=True)
        def ended(sid: FromQuery[str] = "", iss: FromQuery[str] = "") -> Response[bytes]:  # noqa: ARG001 - OpenID's parameter
            """Front-channel logout: the provider's session ended. Source: OpenID Connect Front-Channel Logout 1.0."""
            with self.portal.world.begin(SYSTEM) as uow:
                service.close_sessions_of(uow, subject_session=sid)
            return Response(b"", media_type="text/html", headers={"Cache-Control": "no-store"})

        @get("/signin/out", include_in_schema=False, opt={"public": True}, sync_to_thread=True)
        def out(request: AnyRequest) -> Response[str]:
            """Signed out."""
            with self.portal.world.begin.read(SYSTEM) as uow:
                shell = pages.Shell(now=uow.now, path="/", theme=request.cookies.get("theme", "system"))
            return html(self.portal.templates.render("portal/out.html", shell))

        @post("/sign-out", include_in_schema=False, status_code=303)
        async def sign_out(request: AnyRequest) -> Response[bytes]:
            """End the session here and at the provider."""
            await self.page(request)  # proves the form's token
            row = await sync_to_thread(self._close, request.cookies.get(SESSION_COOKIE, ""))
            origin = origin_of(self.portal, request)
            metadata = await self.provider.metadata(origin)
            target = f"{origin}/signin/out"
            if metadata.end_session_endpoint and row is not None:
                query = urlencode({"id_token_hint": row.id_token, "post_logout_redirect_uri": target})
                target = f"{metadata.end_session_endpoint}?{query}"
            response = _redirect(target)
            response.delete_cookie(SESSION_COOKIE)
            return response

        return [sign_in, callback, ended, out, sign_out]

    def _close(self, cookie: str) -> PortalSession | None:
        with self.portal.world.begin(SYSTEM) as uow:
            return service.close_session(uow, cookie)


async def _form_of(request: AnyRequest) -> dict[str, list[str]]:
    """Posted text fields; files are read by the route that wants them."""
    if request.content_type[0] == "multipart/form-data":
        form = await request.form()
        return {name: [str(value) for value in form.getall(name) if isinstance(value, str)] for name in form}
    return parse_qs((await request.body()).decode(), keep_blank_values=True)


PageProvider = Callable[[AnyRequest], Awaitable[Page]]
