"""The provider's pages: signing in step by step, consent, the device code, signing out. Source: identity §3, §7, §11.

Every page posts to one address with ``next``, the address the browser asked for at first; a step done, the browser goes
back there and what is still missing is decided anew. So no step can be skipped, and nothing is kept between the pages
but the session itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import segno
from litestar import Request, Response, get, post, route
from litestar.concurrency import sync_to_thread
from litestar.enums import HttpMethod
from litestar.params import FromPath

from openpartner.identity import keys, protocol, queries, resources, rules, service, wire
from openpartner.identity.api import NO_STORE, begin_of, correlation_of, exchange_of, form_of
from openpartner.identity.errors import TABLE, OAuthError
from openpartner.identity.models import SignInSession, User
from openpartner.identity.rules import Step
from openpartner.identity.service import authorizing, devices, signing_in, tenancy
from openpartner.identity.service.authorizing import Admitted, Send, Show, Wish
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import text_hash
from openpartner.platform.errors import DomainError
from openpartner.platform.web import pages
from openpartner.platform.web.forms import CSRF_FIELD, Form, local_path, make_csrf, verify_csrf
from openpartner.platform.web.page import Portal, StaleForm
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]

BROWSER_COOKIE = "openpartner_identity"
FLOW_COOKIE = "openpartner_flow"
ACCOUNT = "x_account"
"""Our own parameter in ``next``: the account that was picked or has just signed in."""

_OWN_PAGES = re.compile(r"/[^/?]+/(oauth2/(v2\.0/)?authorize|(v2\.0/)?adminconsent|oauth2/deviceauth|oauth2/signins)")
_SCRIPT = (Path(__file__).parent / "static" / "page.js").read_bytes()


@dataclass(frozen=True, slots=True)
class At:
    """Where a page stands: where it posts to, where the browser then goes, which session it is about."""

    action: str
    next: str
    account: str = ""


def own_next(text: str) -> str:
    """``next`` when it is an address of this provider. Raises OAuthError 9002313: the form was tampered with."""
    path = local_path(text, "")
    if not _OWN_PAGES.fullmatch(urlsplit(path).path):
        raise OAuthError(9002313, reason="the page to return to is not one of this provider's.")
    return path


def onward(next_address: str, *, account: UUID | None = None, drop: Sequence[str] = ()) -> str:
    """``next`` once a step is done: the account named, the parameters that asked for the step taken out."""
    parts = urlsplit(next_address)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != ACCOUNT and name not in drop
    ]
    if account is not None:
        kept.append((ACCOUNT, str(account)))
    return parts._replace(query=urlencode(kept)).geturl()


def form_target(redirect_uri: str) -> str:
    """The source that a page's form may end at through redirects: the origin, or an own scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _params(request: AnyRequest, body: Mapping[str, str]) -> dict[str, str]:
    """Query and body; a parameter sent twice is refused. Source: RFC 6749 3.1."""
    found: dict[str, str] = {}
    for name, value in [*request.query_params.multi_items(), *body.items()]:
        if found.setdefault(name, value) != value:
            raise OAuthError(9002313, reason=f"the parameter '{name}' comes twice.")
    return found


def _account(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(slots=True)
class Turn:
    """One request to a page: who asks, and what the answer must carry."""

    portal: Portal
    request: AnyRequest
    exchange: Exchange
    flow: str
    is_new_flow: bool
    browser: str | None
    fresh_browser: str | None = None
    is_persistent: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether cookies may be ``Secure``."""
        return self.exchange.host.startswith("https://")

    def shell(self, uow: UnitOfWork) -> pages.Shell:
        """The frame, without anybody's navigation."""
        world = self.portal.world
        return pages.Shell(
            now=uow.now,
            path=self.request.scope["path"],
            theme=self.request.cookies.get("theme", "system"),
            csrf_token=make_csrf(self.portal.secret, self.flow, bytes.fromhex(text_hash(self.flow)[:32])),
            sandbox=pages.Sandbox(clock=uow.now) if world.clock.can_move else None,
        )

    def page(
        self,
        uow: UnitOfWork,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        targets: Sequence[str] = (),
        frames: Sequence[str] = (),
        **context: Any,
    ) -> Response[Any]:
        """A page with the headers that keep it from being framed and from posting elsewhere."""
        text = self.portal.templates.render(f"identity/{template}.html", self.shell(uow), frames=frames, **context)
        headers = {**pages.security_headers(form_targets=targets), "X-Frame-Options": "DENY"}
        if frames:
            origins = " ".join(sorted({form_target(frame) for frame in frames}))
            headers["Content-Security-Policy"] += f"; frame-src {origins}"
        return self.finish(
            Response(text, status_code=status, media_type="text/html; charset=utf-8", headers={**NO_STORE, **headers})
        )

    def to(self, address: str, status: int = HTTPStatus.SEE_OTHER) -> Response[Any]:
        """A redirect."""
        return self.finish(Response(b"", status_code=status, headers={**NO_STORE, "Location": address}))

    def finish(self, response: Response[Any]) -> Response[Any]:
        """Set the cookies that changed."""
        if self.is_new_flow:
            response.set_cookie(
                key=FLOW_COOKIE, value=self.flow, httponly=True, secure=self.is_secure, samesite="lax", path="/"
            )
        if self.fresh_browser is not None:
            response.set_cookie(
                key=BROWSER_COOKIE,
                value=self.fresh_browser,
                httponly=True,
                secure=self.is_secure,
                samesite="none" if self.is_secure else "lax",  # silent renewal comes from a frame in the client's page
                path="/",
                max_age=int(rules.PERSISTENT_SESSION.total_seconds()) if self.is_persistent else None,
            )
        return response


class Pages:
    """The provider's routes, over the portal's templates and secret."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.world = portal.world

    # turns

    def _turn(self, request: AnyRequest, tenant: str, *, is_v1: bool) -> Turn:
        flow = request.cookies.get(FLOW_COOKIE, "")
        is_new = not re.fullmatch(r"[A-Za-z0-9_-]{20,100}", flow)
        return Turn(
            portal=self.portal,
            request=request,
            exchange=exchange_of(self.world, request, tenant, is_v1=is_v1),
            flow=self.world.transient_ids.token(24) if is_new else flow,
            is_new_flow=is_new,
            browser=request.cookies.get(BROWSER_COOKIE),
        )

    async def _run(
        self,
        request: AnyRequest,
        tenant: str,
        work: Callable[[UnitOfWork, Turn, dict[str, str]], Response[Any]],
        *,
        is_v1: bool = False,
        is_form: bool = False,
    ) -> Response[Any]:
        """Do ``work`` in a unit on a worker thread; a refusal becomes a page, and undoes the unit."""

        def run(body: dict[str, str]) -> Response[Any]:
            turn = self._turn(request, tenant, is_v1=is_v1)
            begin = begin_of(self.world, request)
            try:
                if is_form and (
                    turn.is_new_flow or not verify_csrf(self.portal.secret, turn.flow, body.get(CSRF_FIELD, ""))
                ):
                    raise StaleForm
                with begin() as uow:
                    return work(uow, turn, body)
            except OAuthError as refusal:
                with begin.read() as uow:
                    return self._refused(uow, turn, refusal)
            except DomainError as refusal:
                with begin.read() as uow:
                    return turn.page(
                        uow,
                        "said",
                        status=refusal.status,
                        heading="That did not work",
                        text=refusal.message,
                        onward="",
                        again="",
                        details="",
                    )

        body = await form_of(request) if request.method == HttpMethod.POST else {}
        return await sync_to_thread(run, body)

    def _refused(self, uow: UnitOfWork, turn: Turn, refusal: OAuthError) -> Response[Any]:
        """The page with the number that tools and administrators look for."""
        details = wire.description(refusal, str(self.world.transient_ids.uuid()), correlation_of(turn.request), uow.now)
        path = turn.request.scope["path"]
        query = turn.request.scope["query_string"].decode("latin-1")
        again = ""
        if refusal.number in {50020, 50034, 50057, 50105, 90094} and turn.request.method == HttpMethod.GET:
            again = f"{onward(f'{path}?{query}', drop=['login_hint', 'prompt'])}&prompt=login"
        return turn.page(
            uow,
            "said",
            status=refusal.status,
            heading="Sorry, but we're having trouble signing you in.",
            text=f"AADSTS{refusal.number}: {refusal.message}",
            onward="",
            again=again,
            details=details,
        )

    # rendering what was decided

    def _at(self, turn: Turn, show: Show | None = None) -> At:
        path = turn.request.scope["path"]
        query = turn.request.scope["query_string"].decode("latin-1")
        account = str(show.session.id) if show is not None and show.session is not None else ""
        address = f"{path}?{query}" if query else path
        return At(f"/{turn.exchange.tenant}/oauth2/login", address, account)

    def _show(
        self,
        uow: UnitOfWork,
        turn: Turn,
        show: Show,
        *,
        at: At | None = None,
        f: Form[Any] | None = None,
        status: int = 200,
    ) -> Response[Any]:
        at = at or self._at(turn, show)
        common: dict[str, Any] = {
            "at": at,
            "f": f or Form({"username": [show.login_hint]} if show.login_hint else {}),
            "application": show.application.display_name if show.application else "",
            "upn": show.user.upn if show.user else "",
            "tenant_name": show.tenant.name if show.tenant else "",
        }
        targets = [form_target(show.redirect_uri)] if show.redirect_uri else []
        name = "sign_in"
        extra: dict[str, Any] = {}
        match show.step:
            case Step.CHOOSE_ACCOUNT:
                accounts = [{"id": s.id, "name": u.display_name, "upn": u.upn} for s, u in show.sessions]
                name, extra = "accounts", {"accounts": accounts}
            case Step.CHANGE_PASSWORD:
                name, extra = "change_password", {}
            case Step.REGISTER_FACTOR:
                name, extra = "register", self._register_context(uow, turn, show)
            case Step.VERIFY_FACTOR:
                name, extra = "verify", self._verify_context(uow, turn, show)
            case Step.STAY_SIGNED_IN:
                name, extra = "stay", {}
            case Step.CONSENT | Step.ASK_ADMINISTRATOR:
                name = "consent_page" if show.step is Step.CONSENT else "ask_administrator"
                extra = {
                    "asker": common["application"],
                    "asker_detail": str(show.application.app_id) if show.application else "",
                    "asked": show.asked,
                    "may_consent_for_all": show.may_consent_for_all,
                    "for_everyone": show.must_consent_for_all,
                }
            case _:
                name, extra = "sign_in", {"passkey_options": signing_in.passkey_request(uow, turn.exchange)}
        return turn.page(uow, name, status=status, targets=targets, **common, **extra)

    def _register_context(self, uow: UnitOfWork, turn: Turn, show: Show) -> dict[str, Any]:
        session, user = _needed(show)
        seed = signing_in.offer_authenticator(uow, session)
        picture = segno.make(signing_in.authenticator_uri(seed, user.upn), error="m")
        return {
            "seed": seed,
            "qr": picture.svg_data_uri(scale=5, light="white"),
            "passkey_options": signing_in.passkey_creation(uow, turn.exchange, user.id),
        }

    def _verify_context(self, uow: UnitOfWork, turn: Turn, show: Show) -> dict[str, Any]:
        _, user = _needed(show)
        return {
            "code_now": signing_in.code_now(uow, user) if self.world.settings.is_sandbox else "",
            "has_authenticator": user.totp_secret is not None,
            "has_passkey": bool(queries.passkeys_of(uow, user.id)),
            "passkey_options": signing_in.passkey_request(uow, turn.exchange),
        }

    def _send(self, uow: UnitOfWork, turn: Turn, send: Send) -> Response[Any]:
        """Back to the client, by redirect or by a form that posts itself."""
        fields = list(send.fields)
        if send.refusal is not None:
            text = wire.description(
                send.refusal, str(self.world.transient_ids.uuid()), correlation_of(turn.request), uow.now
            )
            fields = [
                ("error", send.refusal.error),
                ("error_description", text),
                ("error_uri", f"{turn.exchange.host}/error?code={send.refusal.number}"),
            ]
            if send.refusal.number == 65004:
                fields.append(("error_subcode", "cancel"))
            if send.state is not None:
                fields.append(("state", send.state))
        if send.mode == "form_post":
            return turn.page(
                uow, "form_post", targets=[form_target(send.redirect_uri)], action=send.redirect_uri, fields=fields
            )
        return turn.to(protocol.answer_address(send.redirect_uri, send.mode, fields), HTTPStatus.FOUND)

    # authorize and its steps

    def _authorize(self, uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
        params = _params(turn.request, body)
        account = _account(params.pop(ACCOUNT, ""))
        decided = authorizing.authorize(uow, turn.exchange, params, turn.browser, account)
        if isinstance(decided, Send):
            return self._send(uow, turn, decided)
        at = self._at(turn, decided)
        if body:  # a request that came as a form goes on as an address
            at = At(at.action, f"{turn.request.scope['path']}?{urlencode(params)}", at.account)
        return self._show(uow, turn, decided, at=at)

    def _admin_consent(self, uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
        params = _params(turn.request, body)
        account = _account(params.pop(ACCOUNT, ""))
        decided = authorizing.admin_consent(
            uow, turn.exchange, params, browser=turn.browser, account=account, accepted=None
        )
        return self._send(uow, turn, decided) if isinstance(decided, Send) else self._show(uow, turn, decided)

    def _step(self, uow: UnitOfWork, turn: Turn, form: dict[str, str]) -> Response[Any]:
        """A page was answered."""
        address = own_next(form.get("next", ""))
        step = form.get("step", "")
        if step == "password":
            return self._password(uow, turn, form, address)
        if step == "passkey":
            return self._passkey(uow, turn, form, address)
        if step == "choose":
            chosen = _account(form.get("chosen", ""))
            if chosen is None:
                return turn.to(f"{onward(address, drop=['prompt', 'login_hint'])}&prompt=login")
            return turn.to(onward(address, account=chosen, drop=["prompt"]))
        session, user = self._session(uow, turn, form)
        if session is None or user is None:
            return turn.to(onward(address))
        steps: dict[str, Callable[..., Response[Any]]] = {
            "change": self._change,
            "register": self._register,
            "register_passkey": self._register_passkey,
            "verify": self._verify,
            "verify_passkey": self._verify_passkey,
            "stay": self._stay,
            "consent": self._consent,
            "end_session": self._end_session,
            "end_all": self._end_all,
        }
        if step not in steps:
            raise OAuthError(9002313, reason="the step is unknown.")
        return steps[step](uow, turn, form, address, session=session, user=user)

    def _session(
        self, uow: UnitOfWork, turn: Turn, form: Mapping[str, str]
    ) -> tuple[SignInSession | None, User | None]:
        """The session a page is about, if it is one of this browser."""
        wanted = _account(form.get("account", ""))
        if turn.browser and wanted is not None:
            for session in queries.live_sessions(uow, text_hash(turn.browser)):
                if session.id == wanted:
                    return session, queries.user_by_id(uow, session.user_id)
        return None, None

    def _again(  # noqa: PLR0917 - what every step has at hand
        self, uow: UnitOfWork, turn: Turn, address: str, step: Step, refusal: OAuthError, f: Form[Any], **shown: Any
    ) -> Response[Any]:
        """The same page with what was wrong."""
        f.refuse("", _sentence(refusal))
        session = shown.get("session")
        at = At(f"/{turn.exchange.tenant}/oauth2/login", address, str(session.id) if session else "")
        target = dict(parse_qsl(urlsplit(address).query)).get("redirect_uri", "")
        show = Show(step=step, redirect_uri=target, **shown)
        status = refusal.status if refusal.retry_after else HTTPStatus.UNAUTHORIZED
        response = self._show(uow, turn, show, at=at, f=f, status=status)
        if refusal.retry_after:
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def _password(self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str) -> Response[Any]:
        name = form.get("username", "").strip()
        user = signing_in.check_password(uow, turn.exchange, name, form.get("password", ""))
        if isinstance(user, OAuthError):
            return self._again(uow, turn, address, Step.SIGN_IN, user, Form({"username": [name]}))
        return self._signed_in(uow, turn, user, rules.with_method((), rules.PASSWORD), address)

    def _passkey(self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str) -> Response[Any]:
        user = signing_in.check_passkey(uow, turn.exchange, form.get("credential", ""))
        if isinstance(user, OAuthError):
            return self._again(uow, turn, address, Step.SIGN_IN, user, Form({}))
        return self._signed_in(uow, turn, user, rules.with_method((), rules.PASSKEY), address)

    def _signed_in(self, uow: UnitOfWork, turn: Turn, user: User, amr: Sequence[str], address: str) -> Response[Any]:
        opened = signing_in.open_session(uow, turn.exchange, user, amr, turn.browser)
        turn.fresh_browser = opened.browser
        return turn.to(onward(address, account=opened.session.id, drop=["prompt"] if _asks_login(address) else []))

    def _change(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        f: Form[Any] = Form({})
        wanted = form.get("wanted_password", "")
        if wanted != form.get("repeated_password", ""):
            f.refuse("repeated_password", "The two new passwords differ.")
        elif not signing_in.may_try(user, uow.now):
            f.refuse("", _sentence(OAuthError(50053)))
        else:
            try:
                service.change_own_password(uow, user.id, form.get("present_password", ""), wanted)
            except rules.PasswordRefused as refusal:
                if refusal.is_wrong:
                    signing_in.count_failure(uow, user)
                f.refuse("present_password" if refusal.is_wrong else "wanted_password", refusal.message)
        if f.errors:
            at = At(f"/{turn.exchange.tenant}/oauth2/login", address, str(session.id))
            show = Show(step=Step.CHANGE_PASSWORD, session=session, user=user)
            return self._show(uow, turn, show, at=at, f=f, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._signed_in(uow, turn, user, session.amr, address)

    def _register(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        if signing_in.has_second_factor(uow, user):
            raise OAuthError(50076, resource="security information")
        if not signing_in.register_authenticator(uow, session, form.get("code", "")):
            wrong = OAuthError(500121)
            return self._again(uow, turn, address, Step.REGISTER_FACTOR, wrong, Form({}), session=session, user=user)
        return self._proved(uow, turn, address, session, rules.ONE_TIME_CODE)

    def _register_passkey(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        if signing_in.has_second_factor(uow, user) and rules.MFA not in session.amr:
            raise OAuthError(50076, resource="security information")
        agent = turn.exchange.user_agent.partition("(")[0].strip()
        signing_in.register_passkey(uow, turn.exchange, user.id, form.get("credential", ""), agent)
        return self._proved(uow, turn, address, session, rules.PASSKEY)

    def _verify(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        refusal = signing_in.check_code(uow, turn.exchange, user, form.get("code", ""))
        if refusal is not None:
            return self._again(uow, turn, address, Step.VERIFY_FACTOR, refusal, Form({}), session=session, user=user)
        return self._proved(uow, turn, address, session, rules.ONE_TIME_CODE)

    def _verify_passkey(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        proved = signing_in.check_passkey(uow, turn.exchange, form.get("credential", ""))
        if isinstance(proved, OAuthError) or proved.id != user.id:
            refusal = proved if isinstance(proved, OAuthError) else OAuthError(500121)
            return self._again(uow, turn, address, Step.VERIFY_FACTOR, refusal, Form({}), session=session, user=user)
        return self._proved(uow, turn, address, session, rules.PASSKEY)

    def _proved(self, uow: UnitOfWork, turn: Turn, address: str, session: SignInSession, method: str) -> Response[Any]:
        turn.fresh_browser = signing_in.add_method(uow, session, method, turn.browser or "")
        turn.is_persistent = session.is_persistent
        return turn.to(onward(address, account=session.id))

    def _stay(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        del user
        stay = form.get("stay") == "yes"
        signing_in.answer_to_stay(uow, session, stay=stay)
        if stay:
            turn.fresh_browser, turn.is_persistent = turn.browser, True
        return turn.to(onward(address, account=session.id))

    def _consent(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        del user
        parts = urlsplit(address)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        params.pop(ACCOUNT, None)
        is_v1 = "v2.0" not in parts.path
        exchange = exchange_of(self.world, turn.request, turn.exchange.tenant, is_v1=is_v1)
        accepted = form.get("answer") == "accept"
        if parts.path.endswith("/adminconsent"):
            decided = authorizing.admin_consent(
                uow, exchange, params, browser=turn.browser, account=session.id, accepted=accepted
            )
            return self._send(uow, turn, decided) if isinstance(decided, Send) else turn.to(address)
        if accepted:
            authorizing.accept_consent(
                uow,
                exchange,
                params,
                browser=turn.browser,
                account=session.id,
                for_all=form.get("for_all") == "on" or params.get("prompt") == "admin_consent",
            )
            return turn.to(onward(address, account=session.id, drop=["prompt"]))
        application, _ = authorizing.check_client(uow, exchange, params)
        del application
        refusal = Send(
            redirect_uri=params["redirect_uri"],
            mode=protocol.response_mode_of(params),
            refusal=OAuthError(65004),
            state=params.get("state"),
        )
        return self._send(uow, turn, refusal)

    # the user's own sign-ins

    def _signins(self, uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
        params = _params(turn.request, body)
        wish = Wish(account=_account(params.get(ACCOUNT, "")), prompt=params.get("prompt", ""))
        application = tenancy.find_client(uow, str(resources.GRAPH), turn.exchange.tenant)
        admitted = authorizing.admit(uow, turn.exchange, application, wish, turn.browser)
        if isinstance(admitted, Show):
            return self._show(uow, turn, admitted)
        found = service.list_sessions(uow, admitted.user.id)
        sessions = [
            {
                "id": s.id,
                "user_agent": s.user_agent,
                "ip_address": s.ip_address,
                "auth_time": s.auth_time,
                "amr": s.amr,
                "current": s.id == admitted.session.id,
            }
            for s in found
        ]
        at = At(f"/{turn.exchange.tenant}/oauth2/login", turn.request.scope["path"], str(admitted.session.id))
        return turn.page(
            uow,
            "security",
            at=at,
            upn=admitted.user.upn,
            sessions=sessions,
            passkeys=queries.passkeys_of(uow, admitted.user.id),
            passkey_options=signing_in.passkey_creation(uow, turn.exchange, admitted.user.id),
        )

    def _end_session(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        del session
        ended = _account(form.get("session", ""))
        if ended is not None:
            service.end_session(uow, user.id, ended)
        return turn.to(onward(address))

    def _end_all(
        self, uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
    ) -> Response[Any]:
        del form, session
        service.revoke_sessions(uow, user.id)
        return turn.to(onward(address))

    # the device page

    def _device(self, uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
        params = _params(turn.request, {})
        typed = body.get("user_code") or params.get("user_code") or params.get("otc") or ""
        action = f"/{turn.exchange.tenant}/oauth2/deviceauth"
        f: Form[Any] = Form({"user_code": [typed]} if typed else {})
        row = devices.waiting_device(uow, typed) if typed else None
        application = queries.application_by_app_id(uow, row.app_id) if row is not None else None
        if row is None or application is None:
            if typed:
                f.refuse(
                    "user_code", "That code is not known, or it has expired. Check it, or start again on the device."
                )
            status = HTTPStatus.NOT_FOUND if typed else HTTPStatus.OK
            return turn.page(uow, "device", status=status, at=At(action, ""), f=f)
        if body and "answer" not in body:
            return turn.to(f"{action}?{urlencode({'user_code': row.user_code})}")
        target = exchange_of(self.world, turn.request, row.tenant, is_v1=False)
        wish = Wish(account=_account(body.get("account") or params.get(ACCOUNT, "")), prompt=params.get("prompt", ""))
        admitted = authorizing.admit(uow, target, application, wish, turn.browser)
        if isinstance(admitted, Show):
            return self._show(uow, turn, admitted)
        if body.get("answer") == "cancel":
            devices.decline_device(uow, row)
            return self._said(
                uow, turn, "Sign-in cancelled", "The device was not signed in. You can close this window."
            )
        if body.get("answer") == "continue":
            return self._approve(uow, turn, row, application, admitted)
        at = At(action, "", str(admitted.session.id))
        return turn.page(
            uow,
            "device_confirm",
            at=at,
            application=application.display_name,
            upn=admitted.user.upn,
            user_code=row.user_code,
        )

    def _approve(self, uow: UnitOfWork, turn: Turn, row: Any, application: Any, admitted: Admitted) -> Response[Any]:
        asked = protocol.parse_scope(row.scope)
        resource = tenancy.find_resource(uow, turn.exchange, asked, admitted.tenant.name)
        permissions = tenancy.permissions_for(uow, application, resource.application, admitted.holder, asked)
        if permissions.consent is not rules.Consent.GIVEN:
            raise OAuthError(65001, client_id=application.app_id, client_name=application.display_name)
        devices.approve_device(uow, row, application, admitted.tenant, admitted.session)
        signing_in.note_client(uow, admitted.session, application.app_id)
        text = f"You have signed in to {application.display_name} on your device. You can close this window."
        return self._said(uow, turn, application.display_name, text)

    def _said(self, uow: UnitOfWork, turn: Turn, heading: str, text: str) -> Response[Any]:
        return turn.page(uow, "said", heading=heading, text=text, onward="", again="", details="")

    # signing out

    def _logout(self, uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
        params = _params(turn.request, body)
        hint = keys.verified_claims(params.get("id_token_hint", ""), queries.published_keys(uow.db, uow.now)) or {}
        live = list(queries.live_sessions(uow, text_hash(turn.browser))) if turn.browser else []
        named = [s for s in live if str(s.id) == hint.get("sid")]
        ending = named or live
        frames: list[str] = []
        clients: list[UUID] = []
        for session in ending:
            for app_id in queries.clients_of_session(uow, session.id):
                clients.append(app_id)
                application = queries.application_by_app_id(uow, app_id)
                if application is not None and application.front_channel_logout_uri:
                    query = urlencode(
                        {"sid": str(session.id), "iss": f"{turn.exchange.host}/{hint.get('tid', '')}/v2.0"}
                    )
                    address = application.front_channel_logout_uri
                    frames.append(f"{address}{'&' if '?' in address else '?'}{query}")
            service.end_session(uow, session.user_id, session.id)
        if _account(str(hint.get("aud", ""))) is not None:
            clients.append(UUID(str(hint["aud"])))
        target = self._after_logout(uow, params, clients)
        if target and not frames:
            return turn.to(target, HTTPStatus.FOUND)
        return turn.page(
            uow,
            "said",
            frames=frames,
            heading="You signed out of your account",
            text="It is a good idea to close all browser windows.",
            onward=target,
            again="",
            details="",
        )

    def _after_logout(self, uow: UnitOfWork, params: Mapping[str, str], clients: Sequence[UUID]) -> str:
        """Where to go then: only to an address registered by an application that was signed in to."""
        wanted = params.get("post_logout_redirect_uri", "")
        for app_id in clients if wanted else ():
            application = queries.application_by_app_id(uow, app_id)
            if application is None:
                continue
            if protocol.match_redirect_uri(wanted, queries.redirect_uris(uow, application.id)) is not None:
                state = [("state", params["state"])] if "state" in params else []
                return protocol.answer_address(wanted, "query", state)
        return ""

    # routes

    def routes(self) -> list[Any]:  # noqa: C901 - a list of them
        """The handlers, bound."""
        get_post = [HttpMethod.GET, HttpMethod.POST]

        @route("/{tenant:str}/oauth2/v2.0/authorize", http_method=get_post, status_code=HTTPStatus.OK)
        async def authorize_v2(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The interactive endpoint, v2."""
            return await self._run(request, tenant, self._authorize)

        @route("/{tenant:str}/oauth2/authorize", http_method=get_post, status_code=HTTPStatus.OK)
        async def authorize_v1(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The interactive endpoint, v1."""
            return await self._run(request, tenant, self._authorize, is_v1=True)

        @get("/{tenant:str}/v2.0/adminconsent")
        async def admin_consent_v2(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Tenant-wide consent, v2."""
            return await self._run(request, tenant, self._admin_consent)

        @get("/{tenant:str}/adminconsent")
        async def admin_consent_v1(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Tenant-wide consent to what the registration asks for."""
            return await self._run(request, tenant, self._admin_consent, is_v1=True)

        @post("/{tenant:str}/oauth2/login", status_code=HTTPStatus.SEE_OTHER, include_in_schema=False)
        async def login(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """A page was answered."""
            return await self._run(request, tenant, self._step, is_form=True)

        @get("/{tenant:str}/oauth2/signins", include_in_schema=False)
        async def signins(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The user's sessions and passkeys."""
            return await self._run(request, tenant, self._signins)

        @get("/{tenant:str}/oauth2/deviceauth")
        async def device_page(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Where a user code is entered."""
            return await self._run(request, tenant, self._device)

        @post("/{tenant:str}/oauth2/deviceauth", status_code=HTTPStatus.OK)
        async def device_answer(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The code, and then the answer."""
            return await self._run(request, tenant, self._device, is_form=True)

        @get("/devicelogin", sync_to_thread=False)
        def device_login() -> Response[bytes]:
            """The short address that people type."""
            return Response(b"", status_code=HTTPStatus.FOUND, headers={"Location": "/common/oauth2/deviceauth"})

        @route(
            ["/{tenant:str}/oauth2/v2.0/logout", "/{tenant:str}/oauth2/logout"],
            http_method=get_post,
            status_code=HTTPStatus.OK,
        )
        async def logout(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """End the session."""
            return await self._run(request, tenant, self._logout)

        @get("/{tenant:str}/oauth2/nativeclient", include_in_schema=False)
        async def native_client(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Where a native client without an address of its own reads its answer from."""
            text = "You can close this window and go back to the application."
            return await self._run(request, tenant, lambda uow, turn, _: self._said(uow, turn, "Signed in", text))

        @get("/error", include_in_schema=False)
        async def explain(request: AnyRequest) -> Response[Any]:
            """What a number means: the ``error_uri`` of every refusal."""
            code = request.query_params.get("code", "")
            row = TABLE.get(int(code)) if code.isdecimal() else None
            text = row.text if row is not None else "There is no such number here."
            return await self._run(
                request, protocol.COMMON, lambda uow, turn, _: self._said(uow, turn, f"AADSTS{code[:12]}", text)
            )

        @get("/{tenant:str}/oauth2/page.js", include_in_schema=False, sync_to_thread=False)
        def script(tenant: FromPath[str]) -> Response[bytes]:  # noqa: ARG001 - part of the path
            """The pages' script."""
            headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
            return Response(_SCRIPT, media_type="text/javascript; charset=utf-8", headers=headers)

        return [
            authorize_v2,
            authorize_v1,
            admin_consent_v2,
            admin_consent_v1,
            login,
            signins,
            device_page,
            device_answer,
            device_login,
            logout,
            native_client,
            explain,
            script,
        ]


def _needed(show: Show) -> tuple[SignInSession, User]:
    if show.session is None or show.user is None:
        raise OAuthError(50058)
    return show.session, show.user


def _asks_login(address: str) -> bool:
    return dict(parse_qsl(urlsplit(address).query)).get("prompt") in {"login", "select_account"}


_SENTENCES = {
    50034: "Your account or password is incorrect. If you do not remember your password, ask your administrator.",
    50056: "Your account or password is incorrect. If you do not remember your password, ask your administrator.",
    50126: "Your account or password is incorrect. If you do not remember your password, ask your administrator.",
    50053: "Your account is temporarily locked to prevent unauthorized use. Try again later.",
    50057: "Your account has been locked. Contact your administrator to unlock it, then try again.",
    500121: "That did not verify. Check the code, or wait for the next one.",
    90033: "You have tried too often. Wait a minute, then try again.",
}


def _sentence(refusal: OAuthError) -> str:
    """What the page says: never whether it was the name or the password."""
    return _SENTENCES.get(refusal.number, refusal.message)
