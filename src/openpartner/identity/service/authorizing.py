"""What a browser is shown or sent next at the authorize endpoint. Source: identity §3, §11."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from openpartner.identity import claims, protocol, rules
from openpartner.identity.claims import Holder, Issue
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, AuthorizationCode
from openpartner.identity.protocol import AuthorizationRequest
from openpartner.identity.rules import Step
from openpartner.identity.service import issuing
from openpartner.identity.service.admitting import Admitted, Send, Show, Wish, admit, check_client
from openpartner.identity.service.consenting import missing_consent
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import Asking, SignedIn, text_hash
from openpartner.identity.service.signing_in import note_client
from openpartner.platform.work import UnitOfWork

TOLD_ON_A_PAGE = frozenset({90002, 900023, 90019, 50194, 5000224, 700016, 50020, 50034, 50057, 50105})
"""Refusals that the user should read; a silent request gets them too, as an answer."""


def authorize(
    uow: UnitOfWork, exchange: Exchange, params: Mapping[str, str], browser: str | None, account: UUID | None
) -> Show | Send:
    """Everything the authorize endpoint decides. Raises OAuthError for a page that says what is wrong."""
    application, platform = check_client(uow, exchange, params)
    silent = params.get("prompt", "").strip().lower() == "none"
    try:
        request = protocol.parse_authorization_request(params, application.app_id, platform, is_v1=exchange.is_v1)
        _check_front_tokens(application, request)
        return _decide(uow, exchange, application, request, browser=browser, account=account)
    except OAuthError as refusal:
        if refusal.number in TOLD_ON_A_PAGE and not silent:
            raise
        if silent and refusal.number in {50020, 50034, 50057}:
            refusal.error = "interaction_required"
        return Send(
            redirect_uri=params["redirect_uri"],
            mode=protocol.response_mode_of(params),
            refusal=refusal,
            state=params.get("state"),
        )


def _check_front_tokens(application: Application, request: AuthorizationRequest) -> None:
    if "id_token" in request.response_type and not application.id_token_implicit:
        raise OAuthError(700054, response_type="id_token")
    if "token" in request.response_type and not application.access_token_implicit:
        raise OAuthError(700054, response_type="token")


def _decide(
    uow: UnitOfWork,
    exchange: Exchange,
    application: Application,
    request: AuthorizationRequest,
    *,
    browser: str | None,
    account: UUID | None,
) -> Show | Send:
    wish = Wish(
        prompt=request.prompt,
        login_hint=request.login_hint,
        max_age=request.max_age,
        forces_mfa=request.forces_mfa,
        account=account,
    )
    admitted = admit(uow, exchange, application, wish, browser)
    if isinstance(admitted, Show):
        if request.prompt == "none":
            raise _silent(admitted.step, application)
        return replace(admitted, redirect_uri=request.redirect_uri)
    consent = missing_consent(uow, exchange, application, admitted, request.scope, prompt=request.prompt)
    if consent is not None:
        if request.prompt == "none":
            raise _silent(consent.step, application)
        return replace(consent, redirect_uri=request.redirect_uri)
    return _answer(uow, exchange, application, request, admitted)


def _silent(step: Step, application: Application) -> OAuthError:
    return rules.silent_refusal(step, client_id=str(application.app_id), client_name=application.display_name)


def _answer(
    uow: UnitOfWork,
    exchange: Exchange,
    application: Application,
    request: AuthorizationRequest,
    admitted: Admitted,
) -> Send:
    session, user = admitted.session, admitted.user
    fields: list[tuple[str, str]] = []
    code = ""
    if "code" in request.response_type:
        code = _new_code(uow, application, request, admitted)
        fields.append(("code", code))
    signed_in = SignedIn(
        user=user,
        tenant_id=admitted.tenant.id,
        amr=tuple(session.amr),
        auth_time=session.auth_time,
        session_id=session.id,
        platform=request.platform.value,
        scope=request.scope,
        nonce=request.nonce,
    )
    asking = Asking(application=application, proof="0", grant=_IMPLICIT)
    hashes: dict[str, str] = {"c_hash": claims.token_hash(code)} if code else {}
    if "token" in request.response_type:
        body = issuing.delegated(uow, exchange, asking, signed_in, request.scope)
        fields += [(name, str(body[name])) for name in ("access_token", "token_type", "expires_in", "scope")]
        hashes["at_hash"] = claims.token_hash(body["access_token"])
    if "id_token" in request.response_type:
        issue = Issue(
            host=exchange.host,
            tenant_id=admitted.tenant.id,
            issued_at=uow.now,
            expires_at=uow.now + rules.ID_TOKEN,
            token_id=uow.ids.token(16),
            ip_address=exchange.ip_address,
            amr=tuple(session.amr),
            signed_in_at=session.auth_time,
            session_id=session.id,
            nonce=request.nonce,
        )
        sign_in = protocol.parse_scope(request.scope).sign_in
        token = issuing.make_id_token(
            uow, exchange, asking, admitted.holder, issue=issue, sign_in=sign_in, hashes=hashes
        )
        fields.append(("id_token", token))
    if request.client_info:
        fields.append(("client_info", claims.client_info(admitted.holder)))
    if request.state is not None:
        fields.append(("state", request.state))
    fields.append(("session_state", str(session.id)))
    note_client(uow, session, application.app_id)
    issuing.log_sign_in(
        uow,
        exchange,
        user=user,
        upn=user.upn,
        tenant_id=admitted.tenant.id,
        app_id=application.app_id,
        resource=protocol.parse_scope(request.scope).resource,
        amr=tuple(session.amr),
        cross_tenant=_cross_tenant(admitted.holder),
    )
    return Send(redirect_uri=request.redirect_uri, mode=request.response_mode, fields=fields)


_IMPLICIT = protocol.Grant("implicit", refresh=False, id=False, public=True)


def _cross_tenant(holder: Holder) -> str:
    if holder.delegation:
        return "serviceProvider"
    return "b2bCollaboration" if holder.is_guest else "none"


def _new_code(uow: UnitOfWork, application: Application, request: AuthorizationRequest, admitted: Admitted) -> str:
    code = f"1.{uow.ids.token(64)}"
    uow.db.add(
        AuthorizationCode(
            code_hash=text_hash(code),
            app_id=application.app_id,
            tenant_id=admitted.tenant.id,
            user_id=admitted.user.id,
            session_id=admitted.session.id,
            redirect_uri=request.redirect_uri,
            platform=request.platform.value,
            scope=request.scope,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            auth_time=admitted.session.auth_time,
            amr=list(admitted.session.amr),
            created_at=uow.now,
            expires_at=uow.now + rules.AUTHORIZATION_CODE,
        )
    )
    uow.db.flush()
    return code
