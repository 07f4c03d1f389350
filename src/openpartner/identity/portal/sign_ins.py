"""The user's own sign-ins, and signing out."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response

from openpartner.identity import keys, protocol, queries, resources, service
from openpartner.identity.models import SignInSession, User
from openpartner.identity.portal.showing import show_step
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, onward, params_of
from openpartner.identity.service import admitting, signing_in, tenancy
from openpartner.identity.service.admitting import Show, Wish
from openpartner.identity.service.issuing import text_hash
from openpartner.platform.work import UnitOfWork


def own_sign_ins(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """The user's sessions and passkeys."""
    params = params_of(turn.request, body)
    wish = Wish(account=account_of(params.get(ACCOUNT, "")), prompt=params.get("prompt", ""))
    application = tenancy.find_client(uow, str(resources.GRAPH), turn.exchange.tenant)
    admitted = admitting.admit(uow, turn.exchange, application, wish, turn.browser)
    if isinstance(admitted, Show):
        return show_step(uow, turn, admitted)
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


def end_session(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    """Ends one of the user's sessions."""
    del session
    ended = account_of(form.get("session", ""))
    if ended is not None:
        service.end_session(uow, user.id, ended)
    return turn.to(onward(address))


def end_all(
    uow: UnitOfWork, turn: Turn, form: dict[str, str], address: str, *, session: SignInSession, user: User
) -> Response[Any]:
    """Ends all of the user's sessions, this one too."""
    del form, session
    service.revoke_sessions(uow, user.id)
    return turn.to(onward(address))


def sign_out(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Ends the session that the hint names, or all of this browser, and goes where the client wants."""
    params = params_of(turn.request, body)
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
                query = urlencode({"sid": str(session.id), "iss": f"{turn.exchange.host}/{hint.get('tid', '')}/v2.0"})
                address = application.front_channel_logout_uri
                frames.append(f"{address}{'&' if '?' in address else '?'}{query}")
        service.end_session(uow, session.user_id, session.id)
    if account_of(str(hint.get("aud", ""))) is not None:
        clients.append(UUID(str(hint["aud"])))
    target = _after_logout(uow, params, clients)
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


def _after_logout(uow: UnitOfWork, params: Mapping[str, str], clients: Sequence[UUID]) -> str:
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
