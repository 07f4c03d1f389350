"""Consent for a control panel vendor's application in a customer's tenant. Source: gdap §13, consent; §12, by task."""

from collections.abc import Sequence
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.queries.delegation import require_in_directory
from openpartner.identity.service.applications import Access
from openpartner.platform import permissions
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Conflict, InvalidFields, NotFound
from openpartner.platform.work import UnitOfWork


class ConsentExists(Conflict):
    """Source: gdap §13: the text is what clients look for."""

    def __init__(self) -> None:
        super().__init__("Permission entry already exists. Delete the consent first, or ask for other scopes.")


def grant_application_consent(uow: UnitOfWork, customer_id: UUID, app_id: UUID, wanted: Sequence[Access]) -> None:
    """Consent for everybody in the customer's tenant: an Admin agent whose role there may consent.

    Raises CustomerUnknown, RelationshipNeeded, DirectoryRoleNeeded, InvalidFields, ConsentExists, NotFound for an
    application that is not registered, Conflict for one of a single tenant, Invalid for an unknown scope.
    Emits ConsentGranted.
    """
    tenant_id = _require(uow, customer_id)
    if not wanted or not all(access.scopes for access in wanted):
        raise InvalidFields({"applicationGrants": "Name at least one grant, each with an application and its scopes."})
    principal = directory.service_principal(uow, tenant_id, app_id)
    if principal is not None and all(_is_given(uow, tenant_id, principal.id, access) for access in wanted):
        raise ConsentExists
    identity.grant_admin_consent(uow, tenant_id, app_id, wanted)


def withdraw_application_consent(uow: UnitOfWork, customer_id: UUID, app_id: UUID) -> None:
    """Take it all back. Raises as above, and NotFound when there is none. Emits ConsentRevoked."""
    tenant_id = _require(uow, customer_id)
    principal = directory.service_principal(uow, tenant_id, app_id)
    if principal is None or not directory.holds_permissions(uow, principal.id):
        raise NotFound("Consent", app_id)
    identity.revoke_consent(uow, tenant_id, app_id)


def _require(uow: UnitOfWork, customer_id: UUID) -> UUID:
    uow.actor.require(permissions.ADMINISTER_ON_BEHALF.write)
    uow.actor.require_user()
    tenant_id = customers.one_customer(uow, customer_id).tenant_id
    require_in_directory(uow, tenant_id, DirectoryAction.CONSENT_GRANT)
    return tenant_id


def _is_given(uow: UnitOfWork, tenant_id: UUID, principal_id: UUID, access: Access) -> bool:
    """Whether everybody in the tenant has consented to all of it already."""
    resource = directory.service_principal(uow, tenant_id, access.resource)
    if resource is None:
        return False
    given = {
        scope.lower()
        for grant in directory.grants_of(uow, principal_id)
        if grant.resource_principal_id == resource.id and grant.principal_id is None
        for scope in grant.scope.split()
    }
    return {scope.lower() for scope in access.scopes} <= given
