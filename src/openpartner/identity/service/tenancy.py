"""Into which tenant a token goes, who its holder is there, and what the client was given there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from openpartner.identity import protocol, queries, resources
from openpartner.identity.claims import Holder, v1_issuer
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import Application, ServicePrincipal, Tenant, TenantState, User, UserType
from openpartner.identity.protocol import ScopeRequest, SignInAudience
from openpartner.identity.resources import PREAUTHORIZED_CLIENTS
from openpartner.identity.rules import Consent
from openpartner.identity.service.applications import admin_scopes, ensure_service_principal, required_permissions
from openpartner.identity.service.exchange import Exchange
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import UnitOfWork


def find_client(uow: UnitOfWork, client_id: str, tenant: str) -> Application:
    """The application a request names. Raises OAuthError 900144, 700016."""
    if not client_id:
        raise OAuthError(900144, parameter="client_id")
    try:
        application = queries.application_by_app_id(uow, UUID(client_id))
    except ValueError:
        application = None
    if application is None:
        raise OAuthError(700016, client_id=client_id, tenant=tenant)
    return application


def named_tenant(uow: UnitOfWork, text: str) -> Tenant | None:
    """The tenant of the path; None for a shared word. Raises OAuthError 900023, 90002, 5000224, 90019."""
    key = protocol.tenant_key(text)
    if key == protocol.CONSUMERS:
        raise OAuthError(90019)
    if key in protocol.SHARED_TENANTS:
        return None
    tenant = queries.tenant_by_domain_or_id(uow, text)
    if tenant is None:
        raise OAuthError(90002, tenant=text)
    if tenant.state is not TenantState.ACTIVE:
        raise OAuthError(5000224, tenant=text)
    return tenant


def check_audience(application: Application, tenant: Tenant | None) -> None:
    """A single-tenant application is usable in its own tenant, named, only. Raises OAuthError 50194, 700016."""
    if application.tenant_id is None or SignInAudience(application.audience).is_multi_tenant:
        return
    if tenant is None:
        raise OAuthError(50194, client_id=application.app_id)
    if application.tenant_id != tenant.id:
        raise OAuthError(700016, client_id=application.app_id, tenant=tenant.name)


def tenant_for(uow: UnitOfWork, text: str, application: Application, default: UUID) -> Tenant:
    """The tenant a token is for: the path's, or ``default`` at a shared word. Raises OAuthError as the two above."""
    tenant = named_tenant(uow, text)
    check_audience(application, tenant)
    if tenant is None:
        tenant = queries.tenant_by_id(uow, default)
        if tenant.state is not TenantState.ACTIVE:
            raise OAuthError(5000224, tenant=str(tenant.id))
    return tenant


def check_usable(user: User) -> None:
    """Refuse a deleted or disabled user. Raises OAuthError 50034, 50057."""
    if user.deleted_at is not None:
        raise OAuthError(50034, user=user.upn, tenant=str(user.tenant_id))
    if not user.account_enabled:
        raise OAuthError(50057)


def holder_in(uow: UnitOfWork, home: User, tenant: Tenant, application: Application) -> Holder:
    """Who a home user is in a tenant: member, guest, delegated administrator, or nobody.

    Raises OAuthError 50020 when the user has no way in, 50034 and 50057 when its object is gone or disabled.
    """
    check_usable(home)
    person = {
        "tenant_id": tenant.id,
        "home_tenant_id": home.tenant_id,
        "home_object_id": home.id,
        "name": home.display_name,
        "given_name": home.given_name,
        "family_name": home.surname,
        "mail": home.mail,
        "puid": home.puid,
    }
    local = home if home.tenant_id == tenant.id else queries.guest_of(uow, home.id, tenant.id)
    if local is not None:
        check_usable(local)
        groups: tuple[UUID, ...] = ()
        if application.group_membership_claims:
            groups = tuple(group.id for group in queries.groups_of(uow, local.id))
        return Holder(
            object_id=local.id,
            upn=local.upn,
            is_guest=local.user_type is UserType.GUEST,
            roles=tuple(queries.directory_roles_of(uow, local.id, tenant.id)),
            groups=groups,
            **person,  # type: ignore[arg-type]
        )
    access = queries.effective_roles(uow, home.id, tenant.id)
    if access is None:
        raise OAuthError(
            50020,
            user=home.upn,
            idp=v1_issuer(home.tenant_id),
            tenant=tenant.name,
            client_id=application.app_id,
        )
    return Holder(
        object_id=None,
        upn=home.upn,
        roles=tuple(access.roles),
        delegation=access.kind,
        delegation_id=access.source_id,
        **person,  # type: ignore[arg-type]
    )


# --- resources ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resource:
    """What an access token is for. audience: its ``aud``. name: as the request named it, for the answer's ``scope``."""

    application: Application
    audience: str
    name: str

    @property
    def is_v1(self) -> bool:
        """Whether it takes v1 tokens; Graph and Partner Center do."""
        return self.application.access_token_version == 1


def find_resource(uow: UnitOfWork, exchange: Exchange, asked: ScopeRequest, tenant: str) -> Resource:
    """The resource a scope names. Raises OAuthError 500011."""
    if asked.resource.rstrip("/") != resources.GRAPH_URI and protocol.own_host_resource(
        asked.resource, exchange.own_hosts
    ):
        application = queries.application_by_app_id(uow, resources.GRAPH)
        name = resources.GRAPH_URI
    else:
        application = queries.resource_named(uow, asked.resource)
        name = asked.resource
    if application is None:
        raise OAuthError(500011, resource=asked.resource, tenant=tenant)
    audience = name if application.access_token_version == 1 else str(application.app_id)
    return Resource(application, audience, name)


# --- what the client was given ------------------------------------------------------------------------------------


def is_trusted(uow: UnitOfWork, application: Application) -> bool:
    """Whether a client needs nobody's consent: the vendor's public clients, and the programme operator's own."""
    if application.app_id in PREAUTHORIZED_CLIENTS:
        return True
    owner = uow.db.get(Tenant, application.tenant_id) if application.tenant_id is not None else None
    return owner is not None and owner.kind is TenantKind.OPERATOR


@dataclass(frozen=True, slots=True)
class Permissions:
    """Delegated permissions of a client on one resource for one holder. missing: asked for and not given yet."""

    given: tuple[str, ...]
    missing: tuple[str, ...]
    consent: Consent


def _asked_names(uow: UnitOfWork, application: Application, resource: Application, asked: ScopeRequest) -> list[str]:
    """The permissions a request means, by their right names. Raises OAuthError 70011 for one that does not exist."""
    known = {str(scope["value"]).lower(): str(scope["value"]) for scope in resource.exposed_scopes}
    if asked.is_default:
        required = [a for a in required_permissions(uow, application) if a.resource == resource.app_id]
        return [name for access in required for name in access.scopes]
    names = []
    for name in asked.names:
        if name.lower() not in known:
            raise OAuthError(70011, scope=name, reason=f"'{resource.display_name}' has no such permission.")
        names.append(known[name.lower()])
    return names


def permissions_for(
    uow: UnitOfWork, application: Application, resource: Application, holder: Holder, asked: ScopeRequest
) -> Permissions:
    """What the client may do for the holder on the resource, and what it would still need.

    A delegated administrator's tenant is the customer's: only its administrators' consent counts there.
    Raises OAuthError 70011, 650057.
    """
    names = _asked_names(uow, application, resource, asked)
    own = {str(scope["value"]) for scope in resource.exposed_scopes}
    if is_trusted(uow, application) or application.app_id == resource.app_id:
        given = sorted(own - resources.OIDC_SCOPES) if asked.is_default else names
        return Permissions(tuple(given), (), Consent.GIVEN)
    client = queries.service_principal(uow, holder.tenant_id, application.app_id)
    target = queries.service_principal(uow, holder.tenant_id, resource.app_id)
    granted = _granted(uow, client, target, holder.object_id) | _preauthorized(application, resource)
    missing = [name for name in names if name not in granted]
    if asked.is_default and granted:
        missing = []  # .default is whatever was consented before; new needs are asked for with prompt=consent
    if not missing:
        has_any = granted or (client is not None and bool(queries.grants_of(uow, client.id)))
        if has_any or (client is not None and not names and not asked.is_named):
            return Permissions(tuple(sorted(granted - resources.OIDC_SCOPES)), (), Consent.GIVEN)
        if asked.is_default:
            raise OAuthError(650057, resource=asked.resource, client_id=application.app_id)
    must = holder.delegation or not admin_scopes(resource).isdisjoint(missing)
    consent = Consent.ADMINISTRATOR_MUST_GIVE if must else Consent.USER_MAY_GIVE
    return Permissions(tuple(sorted(granted - resources.OIDC_SCOPES)), tuple(missing), consent)


def _granted(
    uow: UnitOfWork, client: ServicePrincipal | None, target: ServicePrincipal | None, user_id: UUID | None
) -> frozenset[str]:
    if client is None or target is None:
        return frozenset()
    return queries.granted_scopes(uow, client.id, target.id, user_id)


def _preauthorized(client: Application, resource: Application) -> frozenset[str]:
    """What the resource's owner lets the client do without anybody's consent."""
    named = resource.details.get("preAuthorizedApplications", ())
    ids = {key for each in named if each["appId"] == str(client.app_id) for key in each["delegatedPermissionIds"]}
    return frozenset(str(scope["value"]) for scope in resource.exposed_scopes if scope["id"] in ids)


def check_principal(uow: UnitOfWork, application: Application, tenant: Tenant) -> ServicePrincipal:
    """The application's enabled principal in a tenant; the vendor's and operator's own get theirs now.

    Raises OAuthError 700016, 70001.
    """
    principal = queries.service_principal(uow, tenant.id, application.app_id)
    if principal is None and is_trusted(uow, application):
        principal = ensure_service_principal(uow, tenant.id, application.app_id)
    if principal is None:
        raise OAuthError(700016, client_id=application.app_id, tenant=tenant.name)
    if not principal.account_enabled:
        raise OAuthError(70001, client_id=application.app_id)
    return principal


def _roles_held(uow: UnitOfWork, application: Application, holder: Holder) -> frozenset[UUID]:
    principal = queries.service_principal(uow, holder.tenant_id, application.app_id)
    if principal is None or holder.object_id is None:
        return frozenset()
    ids: Sequence[UUID] = [holder.object_id, *(group.id for group in queries.groups_of(uow, holder.object_id))]
    return queries.app_roles_of(uow, ids, principal.id)


def app_roles_for(uow: UnitOfWork, application: Application, holder: Holder) -> tuple[str, ...]:
    """App roles a user (or a group it is in) was given on an application in the holder's tenant."""
    return queries.role_values(application, _roles_held(uow, application, holder))


def check_assignment(uow: UnitOfWork, application: Application, holder: Holder) -> None:
    """Refuse a user without an assignment where the application, or its principal here, demands one.

    Raises OAuthError 50105.
    """
    if _is_demanded(uow, application, holder) and not _roles_held(uow, application, holder):
        raise OAuthError(50105, user=holder.upn, client_id=application.app_id)


def _is_demanded(uow: UnitOfWork, application: Application, holder: Holder) -> bool:
    principal = queries.service_principal(uow, holder.tenant_id, application.app_id)
    return application.assignment_required or (principal is not None and principal.assignment_required)
