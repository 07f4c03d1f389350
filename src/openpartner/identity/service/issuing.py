"""Making tokens: access, refresh and id tokens and the body that carries them. Source: identity §4, §5."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from openpartner.identity import claims, keys, protocol, queries, rules
from openpartner.identity.claims import Client, Holder, Issue
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, RefreshToken, SignInLog, Tenant, User
from openpartner.identity.protocol import Grant, ScopeRequest
from openpartner.identity.resources import GRAPH, OIDC_SCOPES
from openpartner.identity.rules import MFA, Consent
from openpartner.identity.service import tenancy
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.signing import present_signer
from openpartner.platform.work import UnitOfWork

REDEEMING = frozenset({"authorization_code", "urn:ietf:params:oauth:grant-type:device_code"})
"""Grants that finish what was asked for before: the OpenID words of then count too."""


def text_hash(text: str) -> str:
    """What is stored of a code, token or cookie."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in that tokens are made from.

    user: at home. tenant_id: the tenant signed in for. platform: of the redirect address. family_id: of the refresh
    tokens that come of it, None for the first. amr: proved methods, inherited by every token.
    """

    user: User
    tenant_id: UUID
    amr: tuple[str, ...]
    auth_time: datetime
    session_id: UUID | None
    platform: str
    scope: str
    family_id: UUID | None = None
    code_hash: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A token request whose client is authenticated. proof: 0 none, 1 secret, 2 certificate."""

    application: Application
    proof: str
    grant: Grant
    continuous: bool = False
    client_info: bool = False

    @property
    def client(self) -> Client:
        """The client as tokens name it."""
        return Client(app_id=self.application.app_id, name=self.application.display_name, proof=self.proof)


def _issue(uow: UnitOfWork, exchange: Exchange, tenant_id: UUID, *, continuous: bool = False) -> Issue:
    lifetime = rules.access_token_lifetime(uow.ids.below, continuous=continuous)
    return Issue(
        host=exchange.host,
        tenant_id=tenant_id,
        issued_at=uow.now,
        expires_at=uow.now + lifetime,
        token_id=uow.ids.token(16),
        ip_address=exchange.ip_address,
        continuous=continuous,
    )


def app_only(uow: UnitOfWork, exchange: Exchange, asking: Asking, tenant: Tenant, scope: str) -> dict[str, Any]:
    """The answer to client credentials. Raises OAuthError 1002012, 500011, 700016."""
    asked = protocol.parse_scope(scope)
    if not asked.is_default or asked.names:
        raise OAuthError(1002012, scope=scope)
    principal = tenancy.check_principal(uow, asking.application, tenant)
    resource = tenancy.find_resource(uow, exchange, asked, tenant.name)
    target = queries.service_principal(uow, tenant.id, resource.application.app_id)
    if target is None:
        raise OAuthError(500011, resource=asked.resource, tenant=tenant.name)
    granted = queries.app_roles_of(uow, [principal.id], target.id)
    issue = _issue(uow, exchange, tenant.id, continuous=asking.continuous and resource.application.app_id == GRAPH)
    said = claims.app_access_token(
        issue,
        asking.client,
        principal.id,
        resource.audience,
        queries.role_values(resource.application, granted),
        is_v1=resource.is_v1,
    )
    token = keys.sign(present_signer(uow), said, is_v1=resource.is_v1)
    return _body(exchange, issue, token, resource.name, "")


def delegated(uow: UnitOfWork, exchange: Exchange, asking: Asking, signed_in: SignedIn, scope: str) -> dict[str, Any]:
    """The answer that carries tokens for a user. The sign-in's second factor is inherited by each of them.

    Raises OAuthError: 50020 and its like (no way in), 50076 (second factor due), 65001 (no consent), 50105, 70011.
    """
    application = asking.application
    asked = protocol.parse_scope(scope)
    if asking.grant.name in REDEEMING:  # clients redeem for one resource's scope and leave the OpenID words out
        asked = replace(asked, sign_in=asked.sign_in | protocol.parse_scope(signed_in.scope).sign_in)
    tenant = tenancy.tenant_for(uow, exchange.tenant, application, signed_in.tenant_id)
    holder = tenancy.holder_in(uow, signed_in.user, tenant, application)
    resource = tenancy.find_resource(uow, exchange, asked, tenant.name)
    tenancy.check_assignment(uow, application, holder)
    check_second_factor(tenant, holder, signed_in.amr, resource.name)
    permissions = tenancy.permissions_for(uow, application, resource.application, holder, asked)
    if permissions.consent is not Consent.GIVEN:
        raise OAuthError(65001, client_id=application.app_id, client_name=application.display_name)
    tenancy.check_principal(uow, application, tenant)
    scopes = _scopes_said(asked, resource.application.app_id, permissions.given)

    issue = replace(
        _issue(uow, exchange, tenant.id, continuous=asking.continuous and resource.application.app_id == GRAPH),
        amr=signed_in.amr,
        signed_in_at=signed_in.auth_time,
        session_id=signed_in.session_id,
        nonce=signed_in.nonce,
    )
    with_roles = replace(holder, app_roles=tenancy.app_roles_for(uow, resource.application, holder))
    said = claims.delegated_access_token(
        issue,
        asking.client,
        with_roles,
        resource.application.app_id,
        resource.audience,
        scopes=scopes,
        is_v1=resource.is_v1,
    )
    token = keys.sign(present_signer(uow), said, is_v1=resource.is_v1)
    body = _body(exchange, issue, token, resource.name, _scope_text(resource.name, scopes))
    if asking.grant.refresh and _wants_refresh(asking.grant, asked, exchange):
        body["refresh_token"] = new_refresh_token(uow, asking, signed_in, tenant.id, scope)
    if asking.grant.id and ("openid" in asked.sign_in or exchange.is_v1):
        body["id_token"] = make_id_token(uow, exchange, asking, holder, issue=issue, sign_in=asked.sign_in)
    if asking.client_info:
        body["client_info"] = claims.client_info(holder)
    return body


def check_second_factor(tenant: Tenant, holder: Holder, amr: tuple[str, ...], resource: str) -> None:
    """Refuse tokens made without the second factor that is due. Raises OAuthError 50076 with the claims to ask for."""
    due = rules.mfa_needed(
        forced=False,
        security_defaults=tenant.security_defaults,
        roles=holder.roles,
        delegated=bool(holder.delegation),
    )
    if due and MFA not in amr:
        challenge = '{"id_token":{"amr":{"essential":true,"values":["mfa"]}}}'
        raise OAuthError(50076, resource=resource, claims=challenge)


def _scopes_said(asked: ScopeRequest, resource: UUID, given: tuple[str, ...]) -> tuple[str, ...]:
    """What was granted, and with it on Graph the OpenID words."""
    return (*given, *sorted(asked.sign_in - {"offline_access"})) if resource == GRAPH else given


def _scope_text(resource: str, scopes: tuple[str, ...]) -> str:
    """The answer's ``scope``: qualified with the resource but for the OpenID words."""
    return " ".join(scope if scope in OIDC_SCOPES else f"{resource.rstrip('/')}/{scope}" for scope in scopes)


def _wants_refresh(grant: Grant, asked: ScopeRequest, exchange: Exchange) -> bool:
    return exchange.is_v1 or grant.name == "refresh_token" or "offline_access" in asked.sign_in


def new_refresh_token(uow: UnitOfWork, asking: Asking, signed_in: SignedIn, tenant_id: UUID, scope: str) -> str:
    """A refresh token of the sign-in's family; only its hash stays."""
    token = f"0.{uow.ids.token(64)}"
    uow.db.add(
        RefreshToken(
            token_hash=text_hash(token),
            family_id=signed_in.family_id or uow.ids.uuid(),
            code_hash=signed_in.code_hash,
            app_id=asking.application.app_id,
            user_id=signed_in.user.id,
            tenant_id=tenant_id,
            session_id=signed_in.session_id,
            scope=scope,
            platform=signed_in.platform,
            auth_time=signed_in.auth_time,
            amr=list(signed_in.amr),
            created_at=uow.now,
            used_at=uow.now,
            expires_at=rules.refresh_token_expiry(signed_in.platform, signed_in.auth_time, uow.now),
        )
    )
    uow.db.flush()
    return token


def make_id_token(
    uow: UnitOfWork,
    exchange: Exchange,
    asking: Asking,
    holder: Holder,
    *,
    issue: Issue,
    sign_in: frozenset[str],
    hashes: dict[str, str] | None = None,
) -> str:
    """A signed id token for the client, an hour long."""
    own = replace(holder, app_roles=tenancy.app_roles_for(uow, asking.application, holder))
    short = replace(issue, expires_at=issue.issued_at + rules.ID_TOKEN)
    said = claims.id_token(short, asking.client, own, sign_in, hashes or {}, is_v1=exchange.is_v1)
    return keys.sign(present_signer(uow), said, is_v1=exchange.is_v1)


def _body(exchange: Exchange, issue: Issue, token: str, resource: str, scope: str) -> dict[str, Any]:
    """Numbers are numbers at v2 and text at v1. Source: identity §4."""
    seconds = int((issue.expires_at - issue.issued_at).total_seconds()) - 1
    if exchange.is_v1:
        body: dict[str, Any] = {"token_type": "Bearer"}
        if scope:
            body["scope"] = " ".join(part.rpartition("/")[2] for part in scope.split())
        return body | {
            "expires_in": str(seconds),
            "ext_expires_in": str(seconds),
            "expires_on": str(int(issue.expires_at.timestamp())),
            "not_before": str(int(issue.issued_at.timestamp())),
            "resource": resource,
            "access_token": token,
        }
    body = {"token_type": "Bearer"}
    if scope:
        body["scope"] = scope
    body |= {"expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
    if seconds >= 2 * 60 * 60:
        body["refresh_in"] = seconds // 2
    return body


def log_sign_in(
    uow: UnitOfWork,
    exchange: Exchange,
    *,
    user: User | None,
    upn: str,
    error_code: int = 0,
    failure_reason: str = "",
    tenant_id: UUID | None = None,
    app_id: UUID | None = None,
    resource: str = "",
    amr: tuple[str, ...] = (),
    cross_tenant: str = "none",
    is_interactive: bool = True,
) -> None:
    """One row of the sign-in log. Source: identity §11.10."""
    uow.db.add(
        SignInLog(
            id=uow.ids.uuid(),
            at=uow.now,
            user_id=user.id if user else None,
            upn_key=upn.strip().lower()[:360],
            home_tenant_id=user.home_tenant_id if user else None,
            tenant_id=tenant_id,
            app_id=app_id,
            resource=resource[:255],
            ip_address=exchange.ip_address[:45],
            user_agent=exchange.user_agent[:400],
            error_code=error_code,
            failure_reason=failure_reason[:400],
            amr=list(amr),
            cross_tenant=cross_tenant,
            is_interactive=is_interactive,
            correlation_id=exchange.correlation_id[:64],
        )
    )
    uow.db.flush()
