"""Application registrations, their credentials, and consent."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import delete, select

from openpartner.identity import keys, protocol, queries, resources, rules
from openpartner.identity.events import (
    ApplicationCredentialAdded,
    ApplicationCredentialRemoved,
    ApplicationDeleted,
    ApplicationRegistered,
    ApplicationUpdated,
    ConsentGranted,
    ConsentRevoked,
    ServicePrincipalRemoved,
)
from openpartner.identity.models import (
    Application,
    ApplicationCertificate,
    ApplicationIdentifierUri,
    ApplicationSecret,
    AppRoleAssignment,
    FederatedCredential,
    Oauth2PermissionGrant,
    PrincipalKind,
    RedirectUri,
    ServicePrincipal,
)
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.resources import WELL_KNOWN, WellKnownApplication
from openpartner.identity.service.scope import scope_of
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.work import UnitOfWork

DEFAULT_SECRET_LIFE = timedelta(days=180)


class NewSecret(NamedTuple):
    """A secret's value, which is known only now, and what stays visible of it."""

    key_id: UUID
    secret: str
    hint: str
    ends_at: datetime
    starts_at: datetime


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Permissions on one resource: what a registration requires, and what a consent gives.

    scopes: values of delegated permissions. roles: values of application permissions.
    """

    resource: UUID
    scopes: Sequence[str] = ()
    roles: Sequence[str] = ()


# --- the vendor's own ---------------------------------------------------------------------------------------------


def install_well_known_applications(uow: UnitOfWork) -> None:
    """The vendor's resources and public clients, as ``resources.py`` has them; new permissions reach old worlds too."""
    for known in WELL_KNOWN:
        application = uow.db.scalar(select(Application).where(Application.app_id == known.app_id))
        if application is None:
            application = Application(
                id=known.app_id,
                tenant_id=None,
                app_id=known.app_id,
                display_name=known.name,
                audience=SignInAudience.MULTIPLE_ORGANIZATIONS.value,
                allow_public_client=bool(known.redirect_uris),
                required_access=[],
                access_token_version=1,
                created_at=uow.now,
            )
            uow.db.add(application)
            uow.db.flush()
            uow.db.add_all(
                RedirectUri(application_id=application.id, platform=platform, uri=uri)
                for platform, uri in known.redirect_uris
            )
            uow.db.add_all(
                ApplicationIdentifierUri(uri=uri, application_id=application.id) for uri in known.identifier_uris
            )
        scopes, roles = _well_known_scopes(known), _well_known_roles(known)
        if (application.exposed_scopes, application.app_roles) != (scopes, roles):
            application.exposed_scopes, application.app_roles = scopes, roles
    uow.db.flush()


def _well_known_scopes(known: WellKnownApplication) -> list[dict[str, Any]]:
    return [
        {
            "id": str(scope.id),
            "value": scope.value,
            "type": "Admin" if scope.admin else "User",
            "adminConsentDisplayName": scope.text,
            "isEnabled": True,
        }
        for scope in known.scopes
    ]


def _well_known_roles(known: WellKnownApplication) -> list[dict[str, Any]]:
    return [
        {
            "id": str(role.id),
            "value": role.value,
            "allowedMemberTypes": ["Application"],
            "displayName": role.text,
            "isEnabled": True,
        }
        for role in known.roles
    ]


# --- registrations ------------------------------------------------------------------------------------------------


def register_application(
    uow: UnitOfWork,
    tenant_id: UUID,
    *,
    display_name: str,
    audience: SignInAudience = SignInAudience.MY_ORGANIZATION,
    redirect_uris: Iterable[tuple[Platform, str]] = (),
    required_access: Iterable[Access] = (),
    identifier_uris: Iterable[str] = (),
    exposed_scopes: Sequence[Mapping[str, Any]] = (),
    app_roles: Sequence[Mapping[str, Any]] = (),
    allow_public_client: bool = False,
    id_token_implicit: bool = False,
    app_id: UUID | None = None,
    with_principal: bool = True,
) -> Application:
    """A client id in a tenant, with its service principal there. Source: identity §10.

    exposed_scopes: ``{id, value, type: Admin|User, adminConsentDisplayName}``; app_roles: ``{id, value,
    allowedMemberTypes, displayName}``; an id may be missing, then one is made. with_principal: False where the caller
    makes the principal by itself, as clients of Graph do: until then nobody signs in with it.
    Raises NotFound, RedirectUriRefused, Conflict for a taken App ID URI, Invalid for an unknown permission.
    Emits ApplicationRegistered.
    """
    queries.tenant_by_id(uow, tenant_id)
    application = Application(
        id=uow.ids.uuid(),
        tenant_id=tenant_id,
        app_id=app_id or uow.ids.uuid(),
        display_name=display_name,
        audience=audience.value,
        allow_public_client=allow_public_client,
        exposed_scopes=[{"id": str(uow.ids.uuid()), "isEnabled": True, **scope} for scope in exposed_scopes],
        app_roles=[{"id": str(uow.ids.uuid()), "isEnabled": True, **role} for role in app_roles],
        required_access=[_required(uow, access) for access in required_access],
        access_token_version=2,
        id_token_implicit=id_token_implicit,
        created_at=uow.now,
    )
    uow.db.add(application)
    uow.db.flush()
    _set_redirect_uris(uow, application, redirect_uris)
    _set_identifier_uris(uow, application, identifier_uris)
    if with_principal:
        ensure_service_principal(uow, tenant_id, application.app_id)
    uow.emit(
        ApplicationRegistered(
            **scope_of(uow, tenant_id),
            app_id=application.app_id,
            after={"displayName": display_name, "signInAudience": application.audience},
        )
    )
    return application


def update_application(
    uow: UnitOfWork,
    application: Application,
    *,
    display_name: str | None = None,
    audience: SignInAudience | None = None,
    redirect_uris: Iterable[tuple[Platform, str]] | None = None,
    required_access: Iterable[Access] | None = None,
    identifier_uris: Iterable[str] | None = None,
    front_channel_logout_uri: str | None = None,
    allow_public_client: bool | None = None,
    id_token_implicit: bool | None = None,
    access_token_implicit: bool | None = None,
    assignment_required: bool | None = None,
    group_membership_claims: str | None = None,
    access_token_version: int | None = None,
    **as_given: Any,
) -> Application:
    """Change members of a registration; None leaves one as it is. Raises as above. Emits ApplicationUpdated.

    as_given: ``description``, ``tags``, ``details``, and ``exposed_scopes``, ``app_roles`` as above, and
    ``required_resources`` by permission ids, whether or not they are known here.
    """
    simple: dict[str, Any] = {
        "display_name": display_name,
        "audience": audience.value if audience is not None else None,
        "allow_public_client": allow_public_client,
        "id_token_implicit": id_token_implicit,
        "access_token_implicit": access_token_implicit,
        "assignment_required": assignment_required,
        "group_membership_claims": group_membership_claims,
        "access_token_version": access_token_version,
    }
    if front_channel_logout_uri:
        protocol.check_redirect_uri(front_channel_logout_uri, Platform.WEB)
    if front_channel_logout_uri is not None:
        simple["front_channel_logout_uri"] = front_channel_logout_uri
    if required_access is not None:
        simple["required_access"] = [_required(uow, access) for access in required_access]
    elif as_given.get("required_resources") is not None:
        simple["required_access"] = list(as_given["required_resources"])
    simple |= {name: as_given.get(name) for name in ("description", "tags", "details", "exposed_scopes", "app_roles")}
    changed = {k: v for k, v in simple.items() if v is not None and getattr(application, k) != v}
    before = {name: getattr(application, name) for name in changed}
    for name, value in changed.items():
        setattr(application, name, value)
    if redirect_uris is not None:
        before["redirect_uris"] = queries.redirect_uris(uow, application.id)
        _set_redirect_uris(uow, application, redirect_uris)
        changed["redirect_uris"] = queries.redirect_uris(uow, application.id)
    if identifier_uris is not None:
        before["identifier_uris"] = list(queries.identifier_uris(uow, application.id))
        _set_identifier_uris(uow, application, identifier_uris)
        changed["identifier_uris"] = list(queries.identifier_uris(uow, application.id))
    uow.db.flush()
    if before != changed:
        uow.emit(
            ApplicationUpdated(
                **scope_of(uow, application.tenant_id), app_id=application.app_id, before=before, after=changed
            )
        )
    return application


def delete_application(uow: UnitOfWork, application: Application) -> None:
    """Retire a registration: no more tokens for it anywhere. Emits ApplicationDeleted."""
    application.deleted_at = uow.now
    uow.db.execute(delete(ApplicationIdentifierUri).where(ApplicationIdentifierUri.application_id == application.id))
    uow.db.flush()
    uow.emit(
        ApplicationDeleted(
            **scope_of(uow, application.tenant_id),
            app_id=application.app_id,
            before={"displayName": application.display_name},
        )
    )


def _required(uow: UnitOfWork, access: Access) -> dict[str, Any]:
    resource = queries.application_by_app_id(uow, access.resource)
    if resource is None:
        raise Invalid(f"There is no application '{access.resource}' to ask permissions of.")
    wanted = [(value, "Scope", resource.exposed_scopes) for value in access.scopes]
    wanted += [(value, "Role", resource.app_roles) for value in access.roles]
    return {
        "resourceAppId": str(access.resource),
        "resourceAccess": [{"id": _permission_id(value, known), "type": kind} for value, kind, known in wanted],
    }


def _permission_id(value: str, known: Iterable[Mapping[str, Any]]) -> str:
    for permission in known:
        if str(permission["value"]).lower() == value.lower():
            return str(permission["id"])
    raise Invalid(f"The resource has no permission '{value}'.", permission=value)


def _set_redirect_uris(
    uow: UnitOfWork, application: Application, redirect_uris: Iterable[tuple[Platform, str]]
) -> None:
    wanted = list(dict.fromkeys(redirect_uris))
    for platform, uri in wanted:
        protocol.check_redirect_uri(uri, platform)
    if len(wanted) > protocol.MOST_REDIRECT_URIS:
        raise Invalid(f"An application has at most {protocol.MOST_REDIRECT_URIS} redirect URIs.")
    uow.db.execute(delete(RedirectUri).where(RedirectUri.application_id == application.id))
    uow.db.add_all(RedirectUri(application_id=application.id, platform=p.value, uri=uri) for p, uri in wanted)
    uow.db.flush()


def _set_identifier_uris(uow: UnitOfWork, application: Application, uris: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(uri.rstrip("/").lower() for uri in uris))
    uow.db.execute(delete(ApplicationIdentifierUri).where(ApplicationIdentifierUri.application_id == application.id))
    uow.db.flush()
    for uri in wanted:
        if uow.db.get(ApplicationIdentifierUri, uri) is not None:
            raise Conflict(f"Another application has the App ID URI '{uri}'. Choose another one.", uri=uri)
        uow.db.add(ApplicationIdentifierUri(uri=uri, application_id=application.id))
    uow.db.flush()


# --- credentials --------------------------------------------------------------------------------------------------


def secret_hash(secret: str) -> str:
    """What is stored of a secret: SHA-256, since it has more entropy than a hash could lose."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_application_secret(
    uow: UnitOfWork,
    application: Application,
    *,
    display_name: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    secret: str | None = None,
) -> NewSecret:
    """A client secret, shown once. At most two years; 180 days when nothing is said. Source: identity §10.

    secret: a value of the caller's own, for seeds and imports. Raises Invalid. Emits ApplicationCredentialAdded.
    """
    new = new_secret(uow, starts_at, ends_at, secret)
    uow.db.add(
        ApplicationSecret(
            key_id=new.key_id,
            application_id=application.id,
            display_name=display_name,
            hint=new.hint,
            secret_hash=secret_hash(new.secret),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
        )
    )
    uow.db.flush()
    _credential_added(uow, application, new.key_id, {"type": "secret", "hint": new.hint, "endDateTime": new.ends_at})
    return new


def new_secret(
    uow: UnitOfWork, starts_at: datetime | None = None, ends_at: datetime | None = None, secret: str | None = None
) -> NewSecret:
    """A value nobody can guess, and the times it counts. Raises Invalid."""
    since = starts_at or uow.now
    until = ends_at or uow.now + DEFAULT_SECRET_LIFE
    if not max(since, uow.now) < until <= uow.now + rules.LONGEST_SECRET:
        raise Invalid("A client secret ends in the future, after its start, at most two years from now.")
    value = secret or f"{uow.ids.token(3)[:3]}8Q~{uow.ids.token(24)}"
    return NewSecret(uow.ids.uuid(), value, value[:3], until, since)


def add_application_certificate(
    uow: UnitOfWork,
    application: Application,
    certificate: bytes,
    *,
    display_name: str = "",
    key_id: UUID | None = None,
) -> ApplicationCertificate:
    """A certificate (PEM or DER, RSA of 2048 bits or more) whose key may sign client assertions.

    Raises Invalid, Conflict when it is there already. Emits ApplicationCredentialAdded.
    """
    der, starts_at, ends_at = keys.certificate_facts(certificate)
    if ends_at <= uow.now:
        raise Invalid("The certificate has expired. Upload one that is valid.")
    x5t = keys.thumbprint(der)
    if any(present.x5t == x5t for present in queries.certificates_of(uow, application.id)):
        raise Conflict("The application has this certificate already.", thumbprint=x5t)
    row = ApplicationCertificate(
        key_id=key_id or uow.ids.uuid(),
        application_id=application.id,
        display_name=display_name,
        x5t=x5t,
        x5t_s256=keys.thumbprint_s256(der),
        certificate=der,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    uow.db.add(row)
    uow.db.flush()
    _credential_added(uow, application, row.key_id, {"type": "certificate", "thumbprint": x5t, "endDateTime": ends_at})
    return row


def add_federated_credential(
    uow: UnitOfWork,
    application: Application,
    *,
    name: str,
    issuer: str,
    subject: str,
    audience: str,
    jwks: Mapping[str, Any],
) -> FederatedCredential:
    """Let an outside issuer's subject act as the application. Source: identity §4, token exchange.

    jwks: the issuer's public keys, given here because a server that may stand alone fetches nothing.
    Raises Conflict. Emits ApplicationCredentialAdded.
    """
    if queries.federated_credential(uow, application.id, issuer, subject) is not None:
        raise Conflict("The application has a federated credential for this issuer and subject already.")
    row = FederatedCredential(
        id=uow.ids.uuid(),
        application_id=application.id,
        name=name,
        issuer=issuer,
        subject=subject,
        audience=audience,
        jwks=dict(jwks),
    )
    uow.db.add(row)
    uow.db.flush()
    _credential_added(uow, application, row.id, {"type": "federated", "issuer": issuer, "subject": subject})
    return row


def _credential_added(uow: UnitOfWork, application: Application, key_id: UUID, after: dict[str, Any]) -> None:
    credential_added(uow, application.tenant_id, application.app_id, key_id, after)


def credential_added(
    uow: UnitOfWork, tenant_id: UUID | None, app_id: UUID, key_id: UUID, after: dict[str, Any]
) -> None:
    """Announce a credential by what may be shown of it. tenant_id: where it counts or was registered."""
    uow.emit(ApplicationCredentialAdded(**scope_of(uow, tenant_id), app_id=app_id, key_id=key_id, after=after))


def remove_application_credential(uow: UnitOfWork, application: Application, key_id: UUID) -> None:
    """Take a secret, certificate or federated credential away. Raises NotFound. Emits ApplicationCredentialRemoved."""
    for model in (ApplicationSecret, ApplicationCertificate, FederatedCredential):
        row: Any = uow.db.get(model, key_id)
        if row is not None and row.application_id == application.id:
            uow.db.delete(row)
            uow.db.flush()
            uow.emit(
                ApplicationCredentialRemoved(
                    **scope_of(uow, application.tenant_id), app_id=application.app_id, key_id=key_id
                )
            )
            return
    raise NotFound("Credential", key_id)


# --- consent ------------------------------------------------------------------------------------------------------


def ensure_service_principal(uow: UnitOfWork, tenant_id: UUID, app_id: UUID) -> ServicePrincipal:
    """The application's principal in a tenant, made if it is missing."""
    present = queries.service_principal(uow, tenant_id, app_id)
    if present is not None:
        return present
    principal = ServicePrincipal(
        id=uow.ids.uuid(), tenant_id=tenant_id, app_id=app_id, account_enabled=True, created_at=uow.now
    )
    uow.db.add(principal)
    uow.db.flush()
    return principal


def remove_service_principal(uow: UnitOfWork, tenant_id: UUID, app_id: UUID) -> None:
    """Take an application that has neither given nor been given permissions out of a tenant; not there, nothing.

    Emits ServicePrincipalRemoved.
    """
    present = queries.service_principal(uow, tenant_id, app_id)
    if present is None:
        return
    uow.db.delete(present)
    uow.db.flush()
    uow.emit(ServicePrincipalRemoved(**scope_of(uow, tenant_id), app_id=app_id, tenant_id=tenant_id))


def required_permissions(uow: UnitOfWork, application: Application) -> list[Access]:
    """What the registration asks for, by value."""
    found = []
    for entry in application.required_access:
        resource = queries.application_by_app_id(uow, UUID(entry["resourceAppId"]))
        if resource is None:
            continue
        wanted = {item["id"]: item["type"] for item in entry["resourceAccess"]}
        found.append(
            Access(
                resource=resource.app_id,
                scopes=[s["value"] for s in resource.exposed_scopes if wanted.get(s["id"]) == "Scope"],
                roles=[r["value"] for r in resource.app_roles if wanted.get(r["id"]) == "Role"],
            )
        )
    return found


def grant_admin_consent(
    uow: UnitOfWork, tenant_id: UUID, app_id: UUID, access: Iterable[Access] | None = None
) -> ServicePrincipal:
    """Consent for everybody in a tenant: the service principal, AllPrincipals grants, and application permissions.

    access: what to give; None means all that the registration asks for. Giving again adds what is new. The caller has
    made sure that an administrator of the tenant (or the consent API's rule) wants it.
    Raises NotFound, Conflict for a single-tenant application of another tenant, Invalid. Emits ConsentGranted.
    """
    queries.tenant_by_id(uow, tenant_id)
    application = queries.application_by_app_id(uow, app_id)
    if application is None:
        raise NotFound("Application", app_id)
    if not queries.is_for_tenant(application, tenant_id):
        raise Conflict("The application is for its own tenant only. Its owner can make it multi-tenant.")
    principal = ensure_service_principal(uow, tenant_id, app_id)
    given: dict[str, list[str]] = {}
    for wanted in required_permissions(uow, application) if access is None else access:
        resource = queries.application_by_app_id(uow, wanted.resource)
        if resource is None:
            raise Invalid(f"There is no application '{wanted.resource}' to give permissions of.")
        resource_principal = ensure_service_principal(uow, tenant_id, resource.app_id)
        scopes = [_known_scope(resource, value) for value in wanted.scopes]
        if scopes:
            _grant_scopes(uow, principal, resource_principal, None, scopes)
        for value in wanted.roles:
            _assign_role(uow, principal, resource_principal, UUID(_permission_id(value, resource.app_roles)))
        given[str(resource.app_id)] = [*scopes, *wanted.roles]
    uow.emit(ConsentGranted(**scope_of(uow, tenant_id), app_id=app_id, tenant_id=tenant_id, user_id=None, after=given))
    return principal


def _known_scope(resource: Application, value: str) -> str:
    for scope in resource.exposed_scopes:
        if scope["value"].lower() == value.lower():
            return str(scope["value"])
    raise Invalid(f"'{resource.display_name}' has no delegated permission '{value}'.", permission=value)


def grant_user_consent(
    uow: UnitOfWork,
    tenant_id: UUID,
    app_id: UUID,
    user_id: UUID,
    *,
    resource_app_id: UUID,
    scopes: Iterable[str],
    by_administrator: bool = False,
) -> None:
    """One user's consent to delegated permissions. Emits ConsentGranted.

    by_administrator: the user is one, and may also give what only administrators may.
    Raises NotFound, Invalid for a permission that does not exist or needs an administrator.
    """
    resource = queries.application_by_app_id(uow, resource_app_id)
    if resource is None:
        raise NotFound("Application", resource_app_id)
    names = [_known_scope(resource, value) for value in scopes]
    admin_only = admin_scopes(resource).intersection(names)
    if admin_only and not by_administrator:
        raise Invalid(f"Only an administrator may consent to {', '.join(sorted(admin_only))}.")
    principal = ensure_service_principal(uow, tenant_id, app_id)
    resource_principal = ensure_service_principal(uow, tenant_id, resource_app_id)
    _grant_scopes(uow, principal, resource_principal, user_id, names)
    uow.emit(
        ConsentGranted(
            **scope_of(uow, tenant_id),
            app_id=app_id,
            tenant_id=tenant_id,
            user_id=user_id,
            after={str(resource_app_id): names},
        )
    )


def admin_scopes(resource: Application) -> frozenset[str]:
    """Delegated permissions of a resource that only an administrator may consent to."""
    return frozenset(str(scope["value"]) for scope in resource.exposed_scopes if scope.get("type") == "Admin")


def _grant_scopes(
    uow: UnitOfWork,
    principal: ServicePrincipal,
    resource: ServicePrincipal,
    user_id: UUID | None,
    scopes: Iterable[str],
) -> None:
    same_user = (
        Oauth2PermissionGrant.principal_id.is_(None)
        if user_id is None
        else Oauth2PermissionGrant.principal_id == user_id
    )
    grant = uow.db.scalar(
        select(Oauth2PermissionGrant).where(
            Oauth2PermissionGrant.client_principal_id == principal.id,
            Oauth2PermissionGrant.resource_principal_id == resource.id,
            same_user,
        )
    )
    if grant is None:
        grant = Oauth2PermissionGrant(
            id=uow.ids.uuid(),
            tenant_id=principal.tenant_id,
            client_principal_id=principal.id,
            resource_principal_id=resource.id,
            principal_id=user_id,
            scope="",
            created_at=uow.now,
        )
        uow.db.add(grant)
    grant.scope = " ".join(dict.fromkeys([*grant.scope.split(), *scopes]))
    uow.db.flush()


def _assign_role(uow: UnitOfWork, principal: ServicePrincipal, resource: ServicePrincipal, role_id: UUID) -> None:
    if role_id in queries.app_roles_of(uow, [principal.id], resource.id):
        return
    uow.db.add(
        AppRoleAssignment(
            id=uow.ids.uuid(),
            tenant_id=principal.tenant_id,
            resource_principal_id=resource.id,
            principal_id=principal.id,
            principal_kind=PrincipalKind.SERVICE_PRINCIPAL,
            app_role_id=role_id,
            created_at=uow.now,
        )
    )
    uow.db.flush()


def revoke_consent(uow: UnitOfWork, tenant_id: UUID, app_id: UUID) -> None:
    """Take back all permissions of an application in a tenant. Raises NotFound. Emits ConsentRevoked."""
    principal = queries.service_principal(uow, tenant_id, app_id)
    if principal is None:
        raise NotFound("Consent", app_id)
    before = {str(g.resource_principal_id): g.scope.split() for g in queries.grants_of(uow, principal.id)}
    uow.db.execute(delete(Oauth2PermissionGrant).where(Oauth2PermissionGrant.client_principal_id == principal.id))
    uow.db.execute(delete(AppRoleAssignment).where(AppRoleAssignment.principal_id == principal.id))
    uow.db.flush()
    uow.emit(ConsentRevoked(**scope_of(uow, tenant_id), app_id=app_id, tenant_id=tenant_id, before=before))


def is_preauthorized(app_id: UUID) -> bool:
    """Whether a client is the vendor's own and needs nobody's consent for delegated permissions."""
    return app_id in resources.PREAUTHORIZED_CLIENTS
