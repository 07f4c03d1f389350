"""What a browser is shown or sent next at the authorize, admin consent and device pages. Source: identity §3, §11."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from openpartner.identity import claims, protocol, queries, rules
from openpartner.identity.claims import Holder, Issue
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, AuthorizationCode, SignInSession, Tenant, User
from openpartner.identity.protocol import AuthorizationRequest, Platform
from openpartner.identity.resources import (
    APPLICATION_PERMISSION_ADMINISTRATORS,
    CONSENT_ADMINISTRATORS,
    GRAPH,
    OIDC_SCOPES,
)
from openpartner.identity.rules import Consent, Situation, Step
from openpartner.identity.service import issuing, tenancy
from openpartner.identity.service.applications import (
    Access,
    admin_scopes,
    grant_admin_consent,
    grant_user_consent,
    required_permissions,
)
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import Asking, SignedIn, text_hash
from openpartner.identity.service.signing_in import has_second_factor, home_user, note_client
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a request wants the account proved. account: the session chosen among several."""

    prompt: str = ""
    login_hint: str = ""
    max_age: timedelta | None = None
    forces_mfa: bool = False
    account: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A signed-in account, proved as wished, and who it is in the tenant."""

    session: SignInSession
    user: User
    tenant: Tenant
    holder: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One permission of a consent page."""

    resource: str
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A page is needed. Its members are what that page names; those it does not need are empty."""

    step: Step
    application: Application | None = None
    redirect_uri: str = ""
    login_hint: str = ""
    sessions: Sequence[tuple[SignInSession, User]] = ()
    session: SignInSession | None = None
    user: User | None = None
    tenant: Tenant | None = None
    asked: Sequence[Asked] = ()
    may_consent_for_all: bool = False
    must_consent_for_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The browser goes back to the client. refusal: rendered into ``error`` fields by the route, which has the ids."""

    redirect_uri: str
    mode: str
    fields: Sequence[tuple[str, str]] = ()
    refusal: OAuthError | None = None
    state: str | None = None


# --- accounts -----------------------------------------------------------------------------------------------------


def _candidates(uow: UnitOfWork, browser: str | None, wish: Wish) -> list[tuple[SignInSession, User]]:
    if not browser:
        return []
    found = [(s, queries.user_by_id(uow, s.user_id)) for s in queries.live_sessions(uow, text_hash(browser))]
    if wish.account is not None:
        return [pair for pair in found if pair[0].id == wish.account]
    if wish.login_hint:
        hinted = home_user(uow, wish.login_hint)
        return [pair for pair in found if hinted is not None and pair[1].id == hinted.id]
    return found


def admit(
    uow: UnitOfWork, exchange: Exchange, application: Application, wish: Wish, browser: str | None
) -> Admitted | Show:
    """The account that fits the wish, or the page that is needed first.

    Raises OAuthError: no such tenant, application not usable there, or a user who cannot enter it (50020).
    """
    tenancy.check_audience(application, tenancy.named_tenant(uow, exchange.tenant))
    found = _candidates(uow, browser, wish)
    if len(found) != 1:
        step = rules.next_step(Situation(prompt=wish.prompt, accounts=len(found)))
        return Show(step=step, application=application, login_hint=wish.login_hint, sessions=found)
    session, user = found[0]
    tenant = tenancy.tenant_for(uow, exchange.tenant, application, user.tenant_id)
    holder = tenancy.holder_in(uow, user, tenant, application)
    needed = rules.mfa_needed(
        forced=wish.forces_mfa,
        security_defaults=tenant.security_defaults,
        roles=holder.roles,
        delegated=bool(holder.delegation),
    )
    step = rules.next_step(
        Situation(
            prompt="" if wish.prompt in {"consent", "admin_consent"} else wish.prompt,
            accounts=1,
            age=uow.now - session.auth_time,
            max_age=wish.max_age,
            must_change_password=user.force_change,
            mfa_needed=needed,
            mfa_done=rules.MFA in session.amr,
            mfa_registered=has_second_factor(uow, user),
            asked_to_stay=session.asked_to_stay,
        )
    )
    if step is Step.ANSWER:
        return Admitted(session=session, user=user, tenant=tenant, holder=holder)
    return Show(
        step=step,
        application=application,
        login_hint=wish.login_hint or (user.upn if step is Step.SIGN_IN else ""),
        sessions=found,
        session=session,
        user=user,
        tenant=tenant,
    )


# --- authorize ----------------------------------------------------------------------------------------------------


def check_client(uow: UnitOfWork, exchange: Exchange, params: Mapping[str, str]) -> tuple[Application, Platform]:
    """The client and its registered redirect address. What is wrong here is told on a page, never by a redirect.

    Raises OAuthError 900144, 700016, 50011.
    """
    application = tenancy.find_client(uow, params.get("client_id", ""), exchange.tenant)
    redirect_uri = params.get("redirect_uri", "")
    if not redirect_uri:
        raise OAuthError(900144, parameter="redirect_uri")
    platform = protocol.match_redirect_uri(redirect_uri, queries.redirect_uris(uow, application.id))
    if platform is None:
        raise OAuthError(50011, redirect_uri=redirect_uri, client_id=application.app_id)
    return application, platform


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
    tenancy.check_assignment(uow, application, admitted.holder)
    asked = protocol.parse_scope(request.scope)
    resource = tenancy.find_resource(uow, exchange, asked, admitted.tenant.name)
    permissions = tenancy.permissions_for(uow, application, resource.application, admitted.holder, asked)
    is_administrator = not CONSENT_ADMINISTRATORS.isdisjoint(admitted.holder.roles)
    consent = permissions.consent
    if consent is Consent.ADMINISTRATOR_MUST_GIVE and is_administrator:
        consent = Consent.USER_MAY_GIVE
    step = rules.next_step(Situation(prompt=request.prompt, accounts=1, consent=consent))
    if step in {Step.CONSENT, Step.ASK_ADMINISTRATOR}:
        if request.prompt == "none":
            raise _silent(step, application)
        names = permissions.missing or permissions.given
        return Show(
            step=step,
            application=application,
            redirect_uri=request.redirect_uri,
            session=admitted.session,
            user=admitted.user,
            tenant=admitted.tenant,
            asked=_asked(resource.application, [*names, *sorted(asked.sign_in)]),
            may_consent_for_all=is_administrator,
            must_consent_for_all=bool(admitted.holder.delegation),
        )
    return _answer(uow, exchange, application, request, admitted)


def _silent(step: Step, application: Application) -> OAuthError:
    return rules.silent_refusal(step, client_id=str(application.app_id), client_name=application.display_name)


_SIGN_IN_TEXTS = {
    "openid": "Sign you in",
    "profile": "See your basic profile",
    "email": "See your mail address",
    "offline_access": "Keep the access you gave it",
}


def _asked(resource: Application, names: Sequence[str]) -> list[Asked]:
    texts = {str(s["value"]): str(s.get("adminConsentDisplayName", "")) for s in resource.exposed_scopes}
    return [
        Asked(resource=resource.display_name, value=name, text=_SIGN_IN_TEXTS.get(name) or texts.get(name) or name)
        for name in dict.fromkeys(names)
    ]


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


def accept_consent(
    uow: UnitOfWork,
    exchange: Exchange,
    params: Mapping[str, str],
    *,
    browser: str | None,
    account: UUID | None,
    for_all: bool,
) -> None:
    """The user said yes on the consent page. Decided anew from the request, so that nothing else can be consented to.

    Raises OAuthError 90094 when an administrator would have to, and whatever authorize raises.
    """
    application, platform = check_client(uow, exchange, params)
    request = protocol.parse_authorization_request(params, application.app_id, platform, is_v1=exchange.is_v1)
    wish = Wish(login_hint=request.login_hint, forces_mfa=request.forces_mfa, account=account)
    admitted = admit(uow, exchange, application, wish, browser)
    if isinstance(admitted, Show):
        return  # the session ended meanwhile: the next page asks to sign in
    asked = protocol.parse_scope(request.scope)
    resource = tenancy.find_resource(uow, exchange, asked, admitted.tenant.name).application
    permissions = tenancy.permissions_for(uow, application, resource, admitted.holder, asked)
    names = [*permissions.missing]
    is_administrator = not CONSENT_ADMINISTRATORS.isdisjoint(admitted.holder.roles)
    must = not admin_scopes(resource).isdisjoint(names) or bool(admitted.holder.delegation)
    if (must or for_all) and not is_administrator:
        raise OAuthError(90094, client_name=application.display_name)
    signs = sorted(asked.sign_in & OIDC_SCOPES)
    if for_all or admitted.holder.object_id is None:
        access = [Access(resource=resource.app_id, scopes=names)] if names else []
        grant_admin_consent(
            uow, admitted.tenant.id, application.app_id, [*access, Access(resource=GRAPH, scopes=signs)]
        )
        return
    for app_id, scopes in ((resource.app_id, names), (GRAPH, signs)):
        if scopes:
            grant_user_consent(
                uow,
                admitted.tenant.id,
                application.app_id,
                admitted.holder.object_id,
                resource_app_id=app_id,
                scopes=scopes,
                by_administrator=is_administrator,
            )


# --- consent of an administrator ----------------------------------------------------------------------------------


def admin_consent(
    uow: UnitOfWork,
    exchange: Exchange,
    params: Mapping[str, str],
    *,
    browser: str | None,
    account: UUID | None,
    accepted: bool | None,
) -> Show | Send:
    """The admin consent page: sign in, show what is asked, and, once answered, grant or decline. Source: identity §7.

    accepted: None while the page has not been answered. Raises OAuthError for a page that says what is wrong.
    """
    application, _ = check_client(uow, exchange, params)
    back = Send(redirect_uri=params["redirect_uri"], mode="query", state=params.get("state"))
    wish = Wish(account=account, login_hint=params.get("login_hint", ""))
    admitted = admit(uow, exchange, application, wish, browser)
    if isinstance(admitted, Show):
        return replace(admitted, redirect_uri=back.redirect_uri)
    wanted = _wanted(uow, exchange, application, params.get("scope", ""), admitted.tenant)
    allowed = APPLICATION_PERMISSION_ADMINISTRATORS if any(a.roles for a in wanted) else CONSENT_ADMINISTRATORS
    if allowed.isdisjoint(admitted.holder.roles):
        raise OAuthError(90094, client_name=application.display_name)
    if accepted is None:
        return Show(
            step=Step.CONSENT,
            application=application,
            redirect_uri=back.redirect_uri,
            session=admitted.session,
            user=admitted.user,
            tenant=admitted.tenant,
            asked=[item for access in wanted for item in _asked_access(uow, access)],
            may_consent_for_all=True,
            must_consent_for_all=True,
        )
    if not accepted:
        return replace(back, refusal=OAuthError(65004))
    grant_admin_consent(uow, admitted.tenant.id, application.app_id, wanted)
    fields = [("admin_consent", "True"), ("tenant", str(admitted.tenant.id))]
    if not exchange.is_v1:
        fields.append(("scope", params.get("scope", "")))
    if back.state is not None:
        fields.append(("state", back.state))
    return replace(back, fields=fields)


def _wanted(uow: UnitOfWork, exchange: Exchange, application: Application, scope: str, tenant: Tenant) -> list[Access]:
    asked = protocol.parse_scope(scope)
    if not scope.strip() or asked.is_default:
        return required_permissions(uow, application)
    resource = tenancy.find_resource(uow, exchange, asked, tenant.name)
    known = {str(s["value"]).lower(): str(s["value"]) for s in resource.application.exposed_scopes}
    unknown = [name for name in asked.names if name.lower() not in known]
    if unknown:
        raise OAuthError(70011, scope=scope, reason=f"there is no permission '{unknown[0]}'.")
    wanted = [Access(resource=resource.application.app_id, scopes=[known[name.lower()] for name in asked.names])]
    return [*wanted, Access(resource=GRAPH, scopes=sorted(asked.sign_in))] if asked.sign_in else wanted


def _asked_access(uow: UnitOfWork, access: Access) -> list[Asked]:
    resource = queries.application_by_app_id(uow, access.resource)
    if resource is None:
        return []
    roles = {str(role["value"]): str(role.get("displayName", "")) for role in resource.app_roles}
    return [
        *_asked(resource, access.scopes),
        *(
            Asked(resource=resource.display_name, value=value, text=f"{roles.get(value) or value} (as the application)")
            for value in access.roles
        ),
    ]
