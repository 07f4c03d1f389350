"""What an application may do for a user or a whole tenant: asked on a page, and given. Source: identity §7."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from openpartner.identity import protocol, queries, rules
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, Tenant
from openpartner.identity.resources import (
    APPLICATION_PERMISSION_ADMINISTRATORS,
    CONSENT_ADMINISTRATORS,
    GRAPH,
    OIDC_SCOPES,
)
from openpartner.identity.rules import Consent, Situation, Step
from openpartner.identity.service import tenancy
from openpartner.identity.service.admitting import Admitted, Asked, Send, Show, Wish, admit, check_client
from openpartner.identity.service.applications import (
    Access,
    admin_scopes,
    grant_admin_consent,
    grant_user_consent,
    required_permissions,
)
from openpartner.identity.service.exchange import Exchange
from openpartner.platform.work import UnitOfWork


def missing_consent(
    uow: UnitOfWork, exchange: Exchange, application: Application, admitted: Admitted, scope: str, *, prompt: str = ""
) -> Show | None:
    """The page on which the user, or only an administrator, gives what is asked; None where it was given.

    Raises OAuthError: the application is not assigned to this user (50105), or what is asked is not there.
    """
    tenancy.check_assignment(uow, application, admitted.holder)
    asked = protocol.parse_scope(scope)
    resource = tenancy.find_resource(uow, exchange, asked, admitted.tenant.name)
    permissions = tenancy.permissions_for(uow, application, resource.application, admitted.holder, asked)
    is_administrator = not CONSENT_ADMINISTRATORS.isdisjoint(admitted.holder.roles)
    consent = permissions.consent
    if consent is Consent.ADMINISTRATOR_MUST_GIVE and is_administrator:
        consent = Consent.USER_MAY_GIVE
    step = rules.next_step(Situation(prompt=prompt, accounts=1, consent=consent))
    if step not in {Step.CONSENT, Step.ASK_ADMINISTRATOR}:
        return None
    names = permissions.missing or permissions.given
    return Show(
        step=step,
        application=application,
        session=admitted.session,
        user=admitted.user,
        tenant=admitted.tenant,
        asked=_asked(resource.application, [*names, *sorted(asked.sign_in)]),
        may_consent_for_all=is_administrator,
        must_consent_for_all=bool(admitted.holder.delegation),
    )


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
    if not isinstance(admitted, Show):  # else the session ended meanwhile: the next page asks to sign in
        give_consent(uow, exchange, application, admitted, request.scope, for_all=for_all)


def give_consent(
    uow: UnitOfWork, exchange: Exchange, application: Application, admitted: Admitted, scope: str, *, for_all: bool
) -> None:
    """Give what ``scope`` asks for and was not given: to this user, or to all of the tenant.

    Raises OAuthError 90094 when an administrator would have to.
    """
    asked = protocol.parse_scope(scope)
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
