"""Applications, as Graph registers and changes them: by administrators, by applications, and by their owners."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from openpartner.identity import protocol, queries, registrations, rules, service
from openpartner.identity.models import (
    Application,
    ApplicationCertificate,
    ApplicationOwner,
    ApplicationSecret,
    PrincipalKind,
)
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.service.administering.allowing import AS_USER, allow
from openpartner.identity.service.administering.finding import application_named
from openpartner.identity.service.applications import NewSecret
from openpartner.platform.directory_access import DirectoryAction, permissions_that_permit
from openpartner.platform.errors import Conflict, Invalid
from openpartner.platform.graph.errors import Detail, GraphInvalid
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import UnitOfWork

LONGEST_NAME = 256
LONGEST_DESCRIPTION = 1024
LONGEST_SECRET_NAME = 90
SECRET_YEARS = 2
"""How long a secret lives when the client does not say. Source: entra-docs, addPassword."""


@dataclass(frozen=True)
class PasswordFacts:
    """A secret: one that is there and stays (``key_id``), or one to make."""

    key_id: UUID | None = None
    display_name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class KeyFacts:
    """A certificate: one that is there and stays, or one to add. key: DER or PEM, as base64."""

    key_id: UUID | None = None
    display_name: str = ""
    key: str | None = None
    is_verifying_certificate: bool = True


@dataclass(frozen=True)
class ApplicationFacts:
    """What is asked of an application. None: not asked.

    members: by the names of ``update_application``. details: what is only kept, by the wire's names.
    """

    members: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    audience: str | None = None
    redirects: Mapping[Platform, Sequence[str]] = field(default_factory=dict)
    passwords: Sequence[PasswordFacts] | None = None
    keys: Sequence[KeyFacts] | None = None


class ApplicationValueInvalid(GraphInvalid):
    """A property's value breaks a rule; the reason says which."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"Invalid value specified for property '{name}' of resource 'Application'. {reason}",
            target=name,
            details=[Detail("InvalidValue", reason, name)],
        )


class IdentifierUriTaken(GraphInvalid):
    """Another application has it. Tools match the sentence. Source: KelvinTegelaar/CIPP-API."""

    def __init__(self) -> None:
        name = "identifierUris"
        super().__init__(
            f"Another object with the same value for property {name} already exists.",
            target=name,
            details=[Detail("ObjectConflict", f"Another application has one of these {name}.", name)],
        )


class EntitlementEnabled(GraphInvalid):
    """An enabled permission was to be taken away. Source: entra-docs."""

    code = "CannotDeleteOrUpdateEnabledEntitlement"


def create_directory_application(uow: UnitOfWork, wanted: ApplicationFacts) -> tuple[Application, list[NewSecret]]:
    """A registration in the tenant that the token is for, owned by the user who makes it. It has no principal yet.

    Gives it with the secrets that were made on the way, which are known only now. Raises ScopeNeeded,
    DirectoryRoleNeeded, ApplicationValueInvalid, IdentifierUriTaken. Emits ApplicationRegistered, ApplicationUpdated,
    ApplicationCredentialAdded.
    """
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_CREATE)
    name = wanted.members.get("display_name")
    if not name:
        raise GraphInvalid(
            "A value is required for property 'displayName' of resource 'Application'.", target="displayName"
        )
    _check(wanted)
    audience = _audience(wanted.audience) or SignInAudience.MY_ORGANIZATION
    application = service.register_application(
        uow, tenant_id, display_name=name, audience=audience, with_principal=False
    )
    application.access_token_version = 1
    _own(uow, application)
    _change(uow, application, wanted)
    return application, _credentials(uow, application, wanted)


def _own(uow: UnitOfWork, application: Application) -> None:
    actor = uow.actor
    if actor.is_member and actor.principal_id is not None:
        uow.db.add(
            ApplicationOwner(
                application_id=application.id,
                owner_id=actor.principal_id,
                owner_kind=PrincipalKind.USER,
                added_at=uow.now,
            )
        )
        uow.db.flush()


def _manageable(uow: UnitOfWork, key: str, action: DirectoryAction) -> Application:
    """An application that the actor may change: by its role, or as its owner. Raises as ``allow``, ResourceMissing."""
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_READ, "Application.ReadWrite.All")
    application = application_named(uow, tenant_id, key)
    actor = uow.actor
    is_owner = (
        actor.is_member
        and actor.principal_id is not None
        and uow.db.get(ApplicationOwner, (application.id, actor.principal_id)) is not None
    )
    if is_owner:
        require_scope(actor, *permissions_that_permit(action), AS_USER)
    else:
        allow(uow, action)
    return application


def update_directory_application(uow: UnitOfWork, key: str, wanted: ApplicationFacts) -> Application:
    """Change a registration. Raises as above, ResourceMissing, EntitlementEnabled.

    Emits ApplicationUpdated, ApplicationCredentialAdded, ApplicationCredentialRemoved.
    """
    application = _manageable(uow, key, DirectoryAction.APPLICATIONS_WRITE)
    if wanted.passwords is not None or wanted.keys is not None:
        _manageable(uow, key, DirectoryAction.APPLICATION_CREDENTIALS_WRITE)
    if any(each.key_id is None for each in wanted.passwords or ()):
        raise ApplicationValueInvalid("passwordCredentials", "Add a secret with the action addPassword.")
    _check(wanted)
    _change(uow, application, wanted)
    _credentials(uow, application, wanted)
    return application


def delete_directory_application(uow: UnitOfWork, key: str) -> None:
    """Retire a registration, and its principal in its own tenant. Raises as above.

    Emits ApplicationDeleted, ServicePrincipalRemoved.
    """
    application = _manageable(uow, key, DirectoryAction.APPLICATIONS_WRITE)
    service.delete_application(uow, application)
    principal = queries.service_principal(uow, uow.actor.tenant, application.app_id)
    if principal is not None:
        service.delete_service_principal(uow, principal)


def add_application_password(uow: UnitOfWork, key: str, wanted: PasswordFacts) -> NewSecret:
    """A secret, shown once; for two years if the client says nothing else. Raises as above. Emits as above."""
    application = _manageable(uow, key, DirectoryAction.APPLICATION_CREDENTIALS_WRITE)
    return _add_password(uow, application, wanted)


def remove_application_password(uow: UnitOfWork, key: str, key_id: UUID | None) -> None:
    """Take a secret away. Raises as above. Emits ApplicationCredentialRemoved."""
    application = _manageable(uow, key, DirectoryAction.APPLICATION_CREDENTIALS_WRITE)
    found = uow.db.get(ApplicationSecret, key_id) if key_id is not None else None
    if found is None or found.application_id != application.id:
        raise no_password(key_id)
    service.remove_application_credential(uow, application, found.key_id)


def no_password(key_id: UUID | None) -> GraphInvalid:
    """There is no such secret."""
    return GraphInvalid(f"No password credential found with keyId '{key_id}'.", target="keyId")


# What is asked


def _check(wanted: ApplicationFacts) -> None:
    """Refuse what cannot stand by itself. Raises ApplicationValueInvalid."""
    members = wanted.members
    lengths = {"display_name": ("displayName", LONGEST_NAME), "description": ("description", LONGEST_DESCRIPTION)}
    for name, (shown, longest) in lengths.items():
        value = members.get(name, "")
        if len(value) > longest or "\0" in value:
            raise ApplicationValueInvalid(shown, f"It has at most {longest} characters.")
    if members.get("display_name", "-") == "":
        raise ApplicationValueInvalid("displayName", "It must not be empty.")
    if members.get("access_token_version", 1) not in {1, 2}:
        raise ApplicationValueInvalid("requestedAccessTokenVersion", "It is 1, 2 or null.")
    try:
        registrations.check_scopes("oauth2PermissionScopes", members.get("exposed_scopes", ()))
        registrations.check_app_roles("appRoles", members.get("app_roles", ()))
        registrations.check_required("requiredResourceAccess", members.get("required_resources", ()))
        registrations.check_group_claims("groupMembershipClaims", members.get("group_membership_claims", ""))
    except registrations.RegistrationRefused as error:
        raise ApplicationValueInvalid(error.member, error.message) from error


def _audience(text: str | None) -> SignInAudience | None:
    if text is None:
        return None
    found = next((each for each in SignInAudience if each.value.lower() == text.lower()), None)
    if found is None:
        names = ", ".join(each.value for each in SignInAudience)
        raise ApplicationValueInvalid("signInAudience", f"It is one of {names}.")
    return found


def _change(uow: UnitOfWork, application: Application, wanted: ApplicationFacts) -> None:
    members = dict(wanted.members)
    _check_removed(application, members)
    if "identifier_uris" in members:
        _check_uris(uow, application, members["identifier_uris"])
    if wanted.redirects:
        members["redirect_uris"] = _redirects(uow, application, wanted.redirects)
    if wanted.details:
        members["details"] = details_after(application.details, wanted.details)
    try:
        service.update_application(uow, application, audience=_audience(wanted.audience), **members)
    except protocol.RedirectUriRefused as error:
        raise ApplicationValueInvalid("redirectUris", error.message) from error
    except Conflict as error:
        raise IdentifierUriTaken from error
    except Invalid as error:
        raise GraphInvalid(error.message) from error


def details_after(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept once ``wanted`` is in it: null clears, and an empty list is as if it were not there."""
    return {name: value for name, value in {**present, **wanted}.items() if value is not None and value != []}


def _check_removed(application: Application, members: Mapping[str, Any]) -> None:
    try:
        if "exposed_scopes" in members:
            present = application.exposed_scopes
            registrations.check_removed("oauth2PermissionScopes", present, members["exposed_scopes"])
        if "app_roles" in members:
            registrations.check_removed("appRoles", application.app_roles, members["app_roles"])
    except registrations.PermissionInUse as error:
        raise EntitlementEnabled(error.message, target=error.member) from error


def _check_uris(uow: UnitOfWork, application: Application, uris: Sequence[str]) -> None:
    tenant_id = uow.actor.tenant
    domains = [each.name for each in queries.domains_of(uow, tenant_id) if each.is_verified]
    present = set(queries.identifier_uris(uow, application.id))
    for uri in uris:
        if uri.rstrip("/").lower() in present:
            continue
        try:
            registrations.check_identifier_uri(uri, application.app_id, tenant_id, domains)
        except registrations.RegistrationRefused as error:
            raise ApplicationValueInvalid(error.member, error.message) from error


def _redirects(
    uow: UnitOfWork, application: Application, wanted: Mapping[Platform, Sequence[str]]
) -> list[tuple[Platform, str]]:
    """All addresses: those of the kinds that are named replaced, the others as they are."""
    present = [(Platform(platform), uri) for platform, uri in queries.redirect_uris(uow, application.id)]
    kept = [pair for pair in present if pair[0] not in wanted]
    return [*kept, *((platform, uri) for platform, uris in wanted.items() for uri in uris)]


# Credentials


def checked_password(uow: UnitOfWork, wanted: PasswordFacts) -> dict[str, Any]:
    """A new secret's times, as the services take them. Raises ApplicationValueInvalid."""
    if len(wanted.display_name) > LONGEST_SECRET_NAME or "\0" in wanted.display_name:
        raise ApplicationValueInvalid("displayName", f"It has at most {LONGEST_SECRET_NAME} characters.")
    starts_at = wanted.starts_at or uow.now
    if starts_at.tzinfo is None:
        raise ApplicationValueInvalid("startDateTime", "Write the instant with its zone, as 2026-01-31T00:00:00Z.")
    if abs(starts_at - uow.now) > rules.LONGEST_SECRET:
        raise ApplicationValueInvalid("startDateTime", "A secret begins at most two years from now.")
    ends_at = wanted.ends_at or _years_after(starts_at)
    if ends_at.tzinfo is None:
        raise ApplicationValueInvalid("endDateTime", "Write the instant with its zone, as 2026-01-31T00:00:00Z.")
    return {"starts_at": starts_at, "ends_at": ends_at}


def _years_after(at: datetime) -> datetime:
    last_of_february = at.month == 2 and at.day == 29
    return at.replace(year=at.year + SECRET_YEARS, day=28 if last_of_february else at.day)


def _add_password(uow: UnitOfWork, application: Application, wanted: PasswordFacts) -> NewSecret:
    times = checked_password(uow, wanted)
    try:
        return service.add_application_secret(uow, application, display_name=wanted.display_name, **times)
    except Invalid as error:
        raise ApplicationValueInvalid("endDateTime", error.message) from error


def _credentials(uow: UnitOfWork, application: Application, wanted: ApplicationFacts) -> list[NewSecret]:
    made = []
    if wanted.passwords is not None:
        kept = {each.key_id for each in wanted.passwords}
        for row in queries.secrets_of(uow, application.id):
            if row.key_id not in kept:
                service.remove_application_credential(uow, application, row.key_id)
        made = [_add_password(uow, application, each) for each in wanted.passwords if each.key_id is None]
    if wanted.keys is not None:
        _set_keys(uow, application, wanted.keys)
    return made


def _set_keys(uow: UnitOfWork, application: Application, wanted: Sequence[KeyFacts]) -> None:
    """The certificates named stay, new ones come, the others go."""
    present = {row.key_id: row for row in queries.certificates_of(uow, application.id)}
    kept = {each.key_id for each in wanted}
    for key_id in present:
        if key_id not in kept:
            service.remove_application_credential(uow, application, key_id)
    for each in wanted:
        if each.key_id not in present:
            _add_key(uow, application, each)


def _add_key(uow: UnitOfWork, application: Application, wanted: KeyFacts) -> None:
    name = "keyCredentials"
    if not wanted.is_verifying_certificate:
        raise ApplicationValueInvalid(name, "A certificate has the type AsymmetricX509Cert and the usage Verify.")
    if "\0" in wanted.display_name:
        raise ApplicationValueInvalid(name, "The displayName must not contain control characters.")
    if wanted.key_id is not None and uow.db.get(ApplicationCertificate, wanted.key_id) is not None:
        raise ApplicationValueInvalid(name, "Another application has a certificate with this keyId. Leave it out.")
    try:
        octets = base64.b64decode(wanted.key or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApplicationValueInvalid(name, "The key is the certificate, as base64.") from error
    try:
        service.add_application_certificate(
            uow, application, octets, display_name=wanted.display_name[:LONGEST_SECRET_NAME], key_id=wanted.key_id
        )
    except (Invalid, Conflict) as error:
        raise ApplicationValueInvalid(name, error.message) from error
