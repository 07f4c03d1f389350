"""Domains of a customer's directory."""

from uuid import UUID

from openpartner.customers import queries
from openpartner.customers.service.creation import DomainNotFree
from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.models import Domain, Tenant
from openpartner.platform import permissions
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork


def add_verified_domain(uow: UnitOfWork, customer_id: UUID, name: str, *, make_default: bool = False) -> Domain:
    """Attach a domain that a registrar has verified already. Source: add-a-verified-domain-for-a-customer.

    Raises CustomerUnknown, RelationshipNeeded, DirectoryRoleNeeded, DomainNotFree, DomainNameInvalid.
    Emits DomainAdded, DomainVerified.
    """
    uow.actor.require(permissions.CUSTOMERS.write)
    customer = queries.customer_to_change(uow, customer_id)
    directory.require_in_directory(uow, customer.tenant_id, DirectoryAction.DOMAINS_WRITE)
    if not name.strip():
        raise Invalid("Name the domain: verifiedDomainName.")
    if identity.is_domain_taken(uow, name):
        raise DomainNotFree(name)
    domain = identity.add_domain(uow, customer.tenant_id, name, verified=True)
    if make_default:
        identity.set_default_domain(uow, customer.tenant_id, domain.name)
    return domain


def set_own_default_domain(uow: UnitOfWork, name: str) -> Tenant:
    """Give new users of the actor's own directory names at another of its verified domains.

    Raises NotFound, Conflict (not verified). Emits TenantUpdated.
    """
    uow.actor.require(permissions.CUSTOMER_ORGANISATION.write)
    uow.actor.require_user()
    return identity.set_default_domain(uow, uow.actor.tenant, name)
