"""The pages of signing in, answered: one function a step."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Response

from openpartner.identity import protocol, queries, rules, service
from openpartner.identity.api import exchange_of
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import SignInSession, User
from openpartner.identity.portal.device import consent_to_device
from openpartner.identity.portal.showing import send, show_step
from openpartner.identity.portal.sign_ins import end_all, end_session
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, onward, own_next
from openpartner.identity.rules import Step
from openpartner.identity.service import admitting, consenting, signing_in
from openpartner.identity.service.admitting import Send, Show
from openpartner.identity.service.issuing import text_hash
from openpartner.platform.web.forms import Form
from openpartner.platform.work import UnitOfWork


def answer(uow: UnitOfWork, turn: Turn, form: dict[str, str]) -> Response[Any]:
    """A page was answered."""
    address = own_next(form.get("next", ""))
    step = form.get("step", "")
    if step == "password":
        return _password(uow, turn, form, address)
    if step == "passkey":
        return _passkey(uow, turn, form, address)
    if step == "choose":
        chosen = account_of(form.get("chosen", ""))
        if chosen is None:
            return turn.to(f"{onward(address, drop=['prompt', 'login_hint'])}&prompt=login")
        return turn.to(onward(address, account=chosen, drop=["prompt"]))
    session, user = _session(uow, turn, form)
    if session is None or user is None:
        return turn.to(onward(address))
    steps: dict[str, Callable[..., Response[Any]]] = {
        "change": _change,
        "register": _register,
        "register_passkey": _register_passkey,
        "verify": _verify,
        "verify_passkey": _verify_passkey,
        "stay": _stay,
        "consent": _consent,
        "end_session": end_session,
        "end_all": end_all,
    }
    if step not in steps:
        raise OAuthError(9002313, reason="the step is unknown.")
    return steps[step](uow, turn, form, address, session=session, user=user)


def _session(uow: UnitOfWork, turn: Turn, form: Mapping[str, str]) -> tuple[SignInSession | None, User | None]:
    """The session a page is about, if it is one of this browser."""
    wanted = account_of(form.get("account", ""))
    if turn.browser and wanted is not None:
        for session in queries.live_sessions(uow, text_hash(turn.browser)):
            if session.id == wanted:
                return session, queries.user_by_id(uow, session.user_id)
    return None, None


def _again(  # noqa: PLR0917 - what every step has at hand
    uow: UnitOfWork, turn: Turn, address: str, step: Step, refusal: OAuthError, f: Form[Any], **shown: Any
) -> Response[Any]:
    """The same page with what was wrong."""
    f.refuse("", _sentence(refusal))
    session = shown.get("session")
    at = At(f"/{turn.exchange.tenant}/oauth2/login", address, str(session.id) if session else "")
    target = dict(parse_qsl(urlsplit(address).query)).get("redirect_uri", "")
    show = Show(step=step, redirect_uri=target, **shown)
    status = refusal.status if refusal.retry_after else HTTPStatus.UNAUTHORIZED
    response = show_step(uow, turn, show, at=at, f=f, status=status)
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _password(uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str) -> Response[Any]:
    name = form.get("username", "").strip()
    user = signing_in.check_password(uow, turn.exchange, name, form.get("password", ""))
    if isinstance(user, OAuthError):
        return _again(uow, turn, address, Step.SIGN_IN, user, Form({"username": [name]}))
    return _signed_in(uow, turn, user, rules.with_method((), rules.PASSWORD), address)


def _passkey(uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str) -> Response[Any]:
    user = signing_in.check_passkey(uow, turn.exchange, form.get("credential", ""))
    if isinstance(user, OAuthError):
        return _again(uow, turn, address, Step.SIGN_IN, user, Form({}))
    return _signed_in(uow, turn, user, rules.with_method((), rules.PASSKEY), address)


def _signed_in(uow: UnitOfWork, turn: Turn, user: User, amr: Sequence[str], address: str) -> Response[Any]:
    opened = signing_in.open_session(uow, turn.exchange, user, amr, turn.browser)
    turn.fresh_browser = opened.browser
    return turn.to(onward(address, account=opened.session.id, drop=["prompt"] if _asks_login(address) else []))


def _change(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
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
        return show_step(uow, turn, show, at=at, f=f, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _signed_in(uow, turn, user, session.amr, address)


def _register(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    if signing_in.has_second_factor(uow, user):
        raise OAuthError(50076, resource="security information")
    if not signing_in.register_authenticator(uow, session, form.get("code", "")):
        wrong = OAuthError(500121)
        return _again(uow, turn, address, Step.REGISTER_FACTOR, wrong, Form({}), session=session, user=user)
    return _proved(uow, turn, address, session, rules.ONE_TIME_CODE)


def _register_passkey(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    if signing_in.has_second_factor(uow, user) and rules.MFA not in session.amr:
        raise OAuthError(50076, resource="security information")
    agent = turn.exchange.user_agent.partition("(")[0].strip()
    signing_in.register_passkey(uow, turn.exchange, user.id, form.get("credential", ""), agent)
    return _proved(uow, turn, address, session, rules.PASSKEY)


def _verify(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    refusal = signing_in.check_code(uow, turn.exchange, user, form.get("code", ""))
    if refusal is not None:
        return _again(uow, turn, address, Step.VERIFY_FACTOR, refusal, Form({}), session=session, user=user)
    return _proved(uow, turn, address, session, rules.ONE_TIME_CODE)


def _verify_passkey(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    proved = signing_in.check_passkey(uow, turn.exchange, form.get("credential", ""))
    if isinstance(proved, OAuthError) or proved.id != user.id:
        refusal = proved if isinstance(proved, OAuthError) else OAuthError(500121)
        return _again(uow, turn, address, Step.VERIFY_FACTOR, refusal, Form({}), session=session, user=user)
    return _proved(uow, turn, address, session, rules.PASSKEY)


def _proved(uow: UnitOfWork, turn: Turn, address: str, session: SignInSession, method: str) -> Response[Any]:
    turn.fresh_browser = signing_in.add_method(uow, session, method, turn.browser or "")
    turn.is_persistent = session.is_persistent
    return turn.to(onward(address, account=session.id))


def _stay(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    del user
    stay = form.get("stay") == "yes"
    signing_in.answer_to_stay(uow, session, stay=stay)
    if stay:
        turn.fresh_browser, turn.is_persistent = turn.browser, True
    return turn.to(onward(address, account=session.id))


def _consent(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    del user
    parts = urlsplit(address)
    if parts.path.endswith("/deviceauth"):
        return consent_to_device(uow, turn, form, address, session)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    params.pop(ACCOUNT, None)
    is_v1 = "v2.0" not in parts.path
    exchange = exchange_of(turn.world, turn.request, turn.exchange.tenant, is_v1=is_v1)
    accepted = form.get("answer") == "accept"
    if parts.path.endswith("/adminconsent"):
        decided = consenting.admin_consent(
            uow, exchange, params, browser=turn.browser, account=session.id, accepted=accepted
        )
        return send(uow, turn, decided) if isinstance(decided, Send) else turn.to(address)
    if accepted:
        consenting.accept_consent(
            uow,
            exchange,
            params,
            browser=turn.browser,
            account=session.id,
            for_all=form.get("for_all") == "on" or params.get("prompt") == "admin_consent",
        )
        return turn.to(onward(address, account=session.id, drop=["prompt"]))
    application, _ = admitting.check_client(uow, exchange, params)
    del application
    refusal = Send(
        redirect_uri=params["redirect_uri"],
        mode=protocol.response_mode_of(params),
        refusal=OAuthError(65004),
        state=params.get("state"),
    )
    return send(uow, turn, refusal)


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
