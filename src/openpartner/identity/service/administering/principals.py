"""Service principals, as Graph makes, changes and removes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from openpartner.identity import queries, service
from openpartner.identity.models import Application, ServicePrincipal
from openpartner.identity.resources import WELL_KNOWN
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.applications import (
    ApplicationValueInvalid,
    PasswordFacts,
    checked_password,
    details_after,
    no_password,
)
from openpartner.identity.service.administering.finding import guid_of, service_principal_named
from openpartner.identity.service.applications import NewSecret
from openpartner.identity.service.principals import PrincipalThere
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.graph.errors import AlreadyExists, Detail, GraphInvalid, ResourceMissing
from openpartner.platform.graph.paths import key_of
from openpartner.platform.work import UnitOfWork

LONGEST_NAME = 256
CRITICAL = frozenset(known.app_id for known in WELL_KNOWN if known.scopes or known.roles)
"""The resources that every tenant knows from the start."""


@dataclass(frozen=True)
class PrincipalFacts:
    """What is asked of a principal. members: by the columns' names. details: what is only kept, by the wire's names."""

    members: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


class PrincipalExists(AlreadyExists):
    """The tenant knows the application already; tools go on after it. Source: graph-endpoints, apps."""

    def __init__(self, app_id: UUID) -> None:
        super().__init__(
            f"The service principal cannot be created, updated, or restored because the service principal name {app_id}"
            " is already in use.",
            target="servicePrincipalNames",
            details=[Detail("ConflictingObjects", "The application has a principal here.", "servicePrincipalNames")],
        )


class PrincipalCritical(GraphInvalid):
    """Nobody would get a token for the vendor's own resources any more."""

    def __init__(self, app_id: UUID) -> None:
        super().__init__(f"The service principal of '{app_id}' is critical and cannot be deleted. Disable it instead.")


class NoSuchApplication(GraphInvalid):
    """No application of this client id is registered anywhere, or it is not for this tenant."""

    code = "Request_BadRequest"

    def __init__(self, app_id: str) -> None:
        super().__init__(
            f"The appId '{app_id}' of the service principal does not reference a valid application object."
            " Register the application, or let its owner make it multi-tenant.",
            target="appId",
            details=[Detail("NoBackingApplicationObject", "The application is not registered.", "appId")],
        )


def create_directory_principal(uow: UnitOfWork, app_id: str, wanted: PrincipalFacts) -> ServicePrincipal:
    """Make an application known in the tenant: of its own, of another tenant, or of the vendor.

    Raises ScopeNeeded, DirectoryRoleNeeded, NoSuchApplication, PrincipalExists. Emits ServicePrincipalAdded.
    """
    tenant_id = allow(uow, DirectoryAction.APPLICATIONS_CREATE)
    if not app_id:
        raise GraphInvalid("A value is required for property 'appId' of resource 'ServicePrincipal'.", target="appId")
    key = guid_of(app_id)
    application = queries.application_by_app_id(uow, key) if key is not None else None
    if application is None:
        raise NoSuchApplication(app_id)
    if application.tenant_id != tenant_id:  # others' applications are for who may change all of them
        allow(uow, DirectoryAction.APPLICATIONS_WRITE)
    _check(wanted)
    members = _members(application, wanted, {})
    try:
        return service.add_service_principal(uow, tenant_id, application.app_id, **members)
    except NotFound as error:
        raise NoSuchApplication(app_id) from error
    except PrincipalThere as error:
        raise PrincipalExists(application.app_id) from error


def _check(wanted: PrincipalFacts) -> None:
    name = wanted.members.get("display_name", "")
    if len(name) > LONGEST_NAME or "\0" in name:
        raise ApplicationValueInvalid("displayName", f"It has at most {LONGEST_NAME} characters.")


def update_directory_principal(uow: UnitOfWork, key: str, wanted: PrincipalFacts) -> ServicePrincipal:
    """Change a principal. Raises as above, ResourceMissing. Emits ServicePrincipalUpdated."""
    principal = service_principal_named(uow, allow(uow, DirectoryAction.APPLICATIONS_WRITE), key)
    _check(wanted)
    application = queries.application_by_app_id(uow, principal.app_id)
    return service.update_service_principal(uow, principal, **_members(application, wanted, principal.details))


def _members(application: Application | None, wanted: PrincipalFacts, present: Mapping[str, Any]) -> dict[str, Any]:
    """As the columns have them. The registration's own name is no name of the principal's own."""
    members = dict(wanted.members)
    if application is not None and members.get("display_name") == application.display_name:
        members["display_name"] = ""
    return {**members, "details": details_after(present, wanted.details)}


def change_or_create_principal(uow: UnitOfWork, key: str, wanted: PrincipalFacts) -> tuple[ServicePrincipal, bool]:
    """Change the principal that ``appId=`` names, or make it where there is none; says whether it was made.

    Raises as above. Emits ServicePrincipalUpdated or ServicePrincipalAdded.
    """
    name, value = key_of(key)
    try:
        return update_directory_principal(uow, key, wanted), False
    except ResourceMissing:
        if name != "appid":
            raise
    return create_directory_principal(uow, value, wanted), True


def delete_directory_principal(uow: UnitOfWork, key: str) -> None:
    """Take an application out of the tenant, with its permissions there. Raises as above.

    Emits ServicePrincipalRemoved.
    """
    principal = service_principal_named(uow, allow(uow, DirectoryAction.APPLICATIONS_WRITE), key)
    if principal.app_id in CRITICAL:
        raise PrincipalCritical(principal.app_id)
    service.delete_service_principal(uow, principal)


def add_principal_password(uow: UnitOfWork, key: str, wanted: PasswordFacts) -> NewSecret:
    """A secret that counts in this tenant only, shown once. Raises as above. Emits ApplicationCredentialAdded."""
    tenant_id = allow(uow, DirectoryAction.APPLICATION_CREDENTIALS_WRITE)
    principal = service_principal_named(uow, tenant_id, key)
    times = checked_password(uow, wanted)
    try:
        return service.add_principal_secret(uow, principal, display_name=wanted.display_name, **times)
    except Invalid as error:
        raise ApplicationValueInvalid("endDateTime", error.message) from error


def remove_principal_password(uow: UnitOfWork, key: str, key_id: UUID | None) -> None:
    """Take a secret away. Raises as above. Emits ApplicationCredentialRemoved."""
    tenant_id = allow(uow, DirectoryAction.APPLICATION_CREDENTIALS_WRITE)
    principal = service_principal_named(uow, tenant_id, key)
    if key_id is None:
        raise no_password(key_id)
    try:
        service.remove_principal_secret(uow, principal, key_id)
    except NotFound as error:
        raise no_password(key_id) from error
