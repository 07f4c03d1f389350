"""The routes by which a browser gets a session: authorization code with PKCE at the provider, then our own cookie.

The portal is an ordinary OpenID client, of the embedded provider as of any other: discovery, code, keys, id token.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs, quote

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromQuery, QueryParameter

from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import system_now
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
from openpartner.portal.models import PortalSession, SignInAttempt
from openpartner.portal.provider import Provider, ProviderUnreachable, issuer_of
from openpartner.portal.service import CALLBACK, PORTAL_APP_ID, SESSION_LENGTH, SIGNED_OUT, SignInFailed

ATTEMPT_COOKIE = "openpartner_signin"
"""Followed by the beginning of the attempt's ``state``: several tabs may be signing in at once."""
BEHIND_A_SECOND_FACTOR = (
    "/customers",
    "/indirect-",
    "/orders",
    "/subscriptions",
    "/billing",
    "/operator",
    "/partners",
)
"""Where customers' data and money are, and where a customer decides about its partners.

Source: portal-workspaces §0; the operator's pages likewise.
"""
READING = frozenset({"GET", "HEAD"})
AnyRequest = Request[Any, Any, Any]


def _redirect(location: str) -> Response[bytes]:
    headers = {"Location": _ascii(location), "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers=headers)


def _ascii(location: str) -> str:
    """A header holds no other letters; browsers percent-encode them the same way."""
    return quote(location, safe="/?#[]@!$&'()*+,;=:%-._~")


def _attempt_cookie(state: str) -> str:
    return f"{ATTEMPT_COOKIE}_{hashlib.sha256(state.encode()).hexdigest()[:12]}"


class SignIn:
    """The routes, over one portal and its provider."""

    def __init__(self, portal: Portal, provider: Provider, resolve: ResolveActor) -> None:
        self.portal = portal
        self.provider = provider
        self.resolve = resolve

    def _begin(self, return_to: str, redirect_uri: str, second_factor: bool) -> service.Begun:
        with self.portal.world.begin(SYSTEM) as uow:
            return service.begin_sign_in(uow, return_to, redirect_uri, second_factor=second_factor)

    async def to_provider(
        self, request: AnyRequest, return_to: str, *, second_factor: bool, other_account: bool
    ) -> Response[bytes]:
        """Send the browser to the provider's authorization endpoint. Raises ProviderUnreachable."""
        origin = self.portal.origin_of(request)
        metadata = await self.provider.metadata(origin)
        redirect_uri = f"{origin}{CALLBACK}"
        begun = await sync_to_thread(self._begin, local_path(return_to), redirect_uri, second_factor)
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
        if other_account:
            parameters.append(("prompt", "login"))
        response = _redirect(add_params_to_uri(metadata.authorization_endpoint, parameters))
        response.set_cookie(
            key=_attempt_cookie(begun.state),
            value=begun.cookie,
            httponly=True,
            secure=self.portal.is_secure(request),
            samesite="lax",
            path="/signin",
            max_age=int(service.ATTEMPT_LENGTH.total_seconds()),
        )
        return response

    def _take(self, cookie: str, state: str) -> tuple[SignInAttempt, datetime]:
        with self.portal.world.begin(SYSTEM) as uow:
            attempt = service.take_attempt(uow, cookie, state)
            return attempt, uow.now if self.provider.embedded else system_now()

    def _open(
        self, attempt: SignInAttempt, claims: Mapping[str, Any], id_token: str, issuer: str, request: AnyRequest
    ) -> str:
        with self.portal.world.begin(SYSTEM) as uow:
            old = request.cookies.get(SESSION_COOKIE)
            if old:
                service.close_session(uow, old)
            return service.open_session(
                uow,
                claims,
                id_token,
                issuer,
                request.headers.get("user-agent", ""),
                embedded=self.provider.embedded,
                second_factor=attempt.second_factor,
            )

    async def back(self, request: AnyRequest, code: str, state: str, issuer: str) -> Response[bytes]:
        """Take the provider's answer and open a session.

        Raises SignInFailed, NoSuchAccount, SecondFactorMissing, ProviderUnreachable.
        """
        cookie = request.cookies.get(_attempt_cookie(state), "")
        attempt, now = await sync_to_thread(self._take, cookie, state)
        metadata = await self.provider.metadata(self.portal.origin_of(request))
        if issuer and "{" not in metadata.issuer and issuer != metadata.issuer:
            raise SignInFailed("Another provider answered than was asked. Sign in again.")  # RFC 9207
        id_token = await self.provider.redeem(metadata, code, attempt.redirect_uri, attempt.code_verifier)
        claims = await self.provider.claims(metadata, id_token, attempt.nonce, now)
        session = await sync_to_thread(self._open, attempt, claims, id_token, issuer_of(metadata, claims), request)
        response = _redirect(local_path(attempt.return_to))
        response.set_cookie(
            key=SESSION_COOKIE,
            value=session,
            httponly=True,
            secure=self.portal.is_secure(request),
            samesite="lax",
            path="/",
            max_age=int(SESSION_LENGTH.total_seconds()),
        )
        response.delete_cookie(_attempt_cookie(state), path="/signin")
        return response

    # What a page is given

    def _session(self, cookie: str) -> PortalSession | None:
        with self.portal.world.begin.read(SYSTEM) as uow:
            return queries.live_session(uow.db, cookie, uow.now)

    async def page(self, request: AnyRequest) -> Page:
        """The provider of ``page``. Raises SignInNeeded, StaleForm, SecondFactorNeeded."""
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
        if request.scope["path"].startswith(BEHIND_A_SECOND_FACTOR):
            page.require_second_factor()
        request.scope.setdefault("state", {})["page"] = page  # a refusal is shown in the same frame
        return page

    def routes(self) -> list[Any]:
        """The handlers, bound."""

        @get("/signin", include_in_schema=False, opt={"public": True})
        async def sign_in(
            request: AnyRequest,
            return_to: FromQuery[str] = "/",
            mfa: FromQuery[bool] = False,
            other: FromQuery[bool] = False,
        ) -> Response[bytes]:
            """Begin: to the provider and back to ``return_to``. other: with another account than the browser's."""
            return await self.to_provider(request, return_to, second_factor=mfa, other_account=other)

        @get(CALLBACK, include_in_schema=False, opt={"public": True})
        async def callback(
            request: AnyRequest,
            code: FromQuery[str] = "",
            given_state: Annotated[str, QueryParameter(name="state")] = "",  # ``state`` is the framework's word
            error: FromQuery[str] = "",
            iss: FromQuery[str] = "",
        ) -> Response[bytes]:
            """The provider's answer."""
            if error or not code:
                raise SignInFailed("The sign-in was not completed. Try again, or ask your administrator.")
            return await self.back(request, code, given_state, iss)

        @get("/signin/ended", include_in_schema=False, opt={"public": True}, sync_to_thread=True)
        def ended(sid: FromQuery[str] = "", iss: FromQuery[str] = "") -> Response[bytes]:
            """Front-channel logout: the provider's session ended. Source: OpenID Connect Front-Channel Logout 1.0."""
            with self.portal.world.begin(SYSTEM) as uow:
                service.close_sessions_of(uow, subject_session=sid, issuer=iss)
            return Response(b"", media_type="text/html", headers={"Cache-Control": "no-store"})

        @get(SIGNED_OUT, include_in_schema=False, opt={"public": True}, sync_to_thread=True)
        def out(request: AnyRequest) -> Response[str]:
            """Signed out."""
            with self.portal.world.begin.read(SYSTEM) as uow:
                shell = pages.Shell(now=uow.now, path="/", theme=request.cookies.get("theme", "system"))
            return html(self.portal.templates.render("portal/out.html", shell))

        @post("/sign-out", include_in_schema=False, status_code=200)
        async def sign_out(request: AnyRequest) -> Response[str]:
            """End the session here, then at the provider.

            A page leads on, not a redirect: the policy's ``form-action`` would stop a form that ends at another origin.
            """
            await self.page(request)  # proves the form's token
            row = await sync_to_thread(self._close, request.cookies.get(SESSION_COOKIE, ""))
            response = await sync_to_thread(self._leaving, request, await self._end_at_provider(request, row))
            response.delete_cookie(SESSION_COOKIE)
            return response

        return [sign_in, callback, ended, out, sign_out]

    async def _end_at_provider(self, request: AnyRequest, row: PortalSession | None) -> str:
        """Where the browser ends the provider's session; a provider that does not answer keeps nobody from leaving."""
        origin = self.portal.origin_of(request)
        target = f"{origin}{SIGNED_OUT}"
        try:
            metadata = await self.provider.metadata(origin)
        except ProviderUnreachable:
            return target
        if not metadata.end_session_endpoint or row is None:
            return target
        hint = [
            ("id_token_hint", row.id_token),
            ("client_id", self.provider.client_id),
            ("post_logout_redirect_uri", target),
        ]
        return str(add_params_to_uri(metadata.end_session_endpoint, hint))

    def _leaving(self, request: AnyRequest, target: str) -> Response[str]:
        with self.portal.world.begin.read(SYSTEM) as uow:
            shell = pages.Shell(now=uow.now, path="/", theme=request.cookies.get("theme", "system"))
        return html(self.portal.templates.render("portal/leaving.html", shell, target=target))

    def _close(self, cookie: str) -> PortalSession | None:
        with self.portal.world.begin(SYSTEM) as uow:
            return service.close_session(uow, cookie)


async def _form_of(request: AnyRequest) -> dict[str, list[str]]:
    """Posted text fields; files are read by the route that wants them."""
    if request.content_type[0] == "multipart/form-data":
        form = await request.form()
        return {name: [str(value) for value in form.getall(name) if isinstance(value, str)] for name in form}
    return parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True)


PageProvider = Callable[[AnyRequest], Awaitable[Page]]
