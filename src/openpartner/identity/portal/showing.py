"""What was decided, as a page or as the way back to the client."""

from http import HTTPStatus
from typing import Any

import segno
from litestar import Response
from litestar.enums import HttpMethod

from openpartner.identity import protocol, queries, wire
from openpartner.identity.api import correlation_of
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import SignInSession, User
from openpartner.identity.portal.turns import At, Turn, form_target, onward
from openpartner.identity.rules import Step
from openpartner.identity.service import signing_in
from openpartner.identity.service.admitting import Send, Show
from openpartner.platform.web.forms import Form
from openpartner.platform.work import UnitOfWork


def refused(uow: UnitOfWork, turn: Turn, refusal: OAuthError) -> Response[Any]:
    """The page with the number that tools and administrators look for."""
    details = wire.description(refusal, str(turn.world.transient_ids.uuid()), correlation_of(turn.request), uow.now)
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


def place(turn: Turn, show: Show | None = None) -> At:
    """Where the page of this request stands, and whose sign-in it is about."""
    path = turn.request.scope["path"]
    query = turn.request.scope["query_string"].decode("latin-1")
    account = str(show.session.id) if show is not None and show.session is not None else ""
    address = f"{path}?{query}" if query else path
    return At(f"/{turn.exchange.tenant}/oauth2/login", address, account)


def show_step(
    uow: UnitOfWork,
    turn: Turn,
    show: Show,
    *,
    at: At | None = None,
    f: Form[Any] | None = None,
    status: int = 200,
) -> Response[Any]:
    """The page that asks for what is missing."""
    at = at or place(turn, show)
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
            name, extra = "register", _register_context(uow, turn, show)
        case Step.VERIFY_FACTOR:
            name, extra = "verify", _verify_context(uow, turn, show)
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


def _register_context(uow: UnitOfWork, turn: Turn, show: Show) -> dict[str, Any]:
    session, user = _needed(show)
    seed = signing_in.offer_authenticator(uow, session)
    picture = segno.make(signing_in.authenticator_uri(seed, user.upn), error="m")
    return {
        "seed": seed,
        "qr": picture.svg_data_uri(scale=5, light="white"),
        "passkey_options": signing_in.passkey_creation(uow, turn.exchange, user.id),
    }


def _verify_context(uow: UnitOfWork, turn: Turn, show: Show) -> dict[str, Any]:
    _, user = _needed(show)
    return {
        "code_now": signing_in.code_now(uow, user) if turn.world.settings.is_sandbox else "",
        "has_authenticator": user.totp_secret is not None,
        "has_passkey": bool(queries.passkeys_of(uow, user.id)),
        "passkey_options": signing_in.passkey_request(uow, turn.exchange),
    }


def send(uow: UnitOfWork, turn: Turn, send: Send) -> Response[Any]:
    """Back to the client, by redirect or by a form that posts itself."""
    fields = list(send.fields)
    if send.refusal is not None:
        text = wire.description(
            send.refusal, str(turn.world.transient_ids.uuid()), correlation_of(turn.request), uow.now
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


def said(uow: UnitOfWork, turn: Turn, heading: str, text: str) -> Response[Any]:
    """One sentence, with nothing more to do here."""
    return turn.page(uow, "said", heading=heading, text=text, onward="", again="", details="")


def _needed(show: Show) -> tuple[SignInSession, User]:
    if show.session is None or show.user is None:
        raise OAuthError(50058)
    return show.session, show.user
