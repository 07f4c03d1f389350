"""Domains, as Graph adds, changes and removes them."""

from collections.abc import Sequence

from openpartner.identity import queries, rules, service
from openpartner.identity.models import Domain
from openpartner.identity.service.administering.allowing import allow
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Conflict, NotFound
from openpartner.platform.graph.errors import AlreadyExists, GraphInvalid, ResourceMissing
from openpartner.platform.work import UnitOfWork


class ProofMissing(GraphInvalid):
    """Neither of the records that prove a name is published."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(
            f"Domain verification failed with the following error: 'The record was not found for {name}. Publish the "
            f"TXT record {text} with your registrar; it can take up to 72 hours until it is seen.'",
            target="id",
        )


def domain_named(uow: UnitOfWork, name: str) -> Domain:
    """A domain of the actor's tenant. Raises ResourceMissing."""
    try:
        return queries.domain(uow, uow.actor.tenant, name)
    except NotFound as error:
        raise ResourceMissing(name) from error


def add_directory_domain(uow: UnitOfWork, name: str) -> Domain:
    """Add a name that is not proved yet. Raises ScopeNeeded, DirectoryRoleNeeded, AlreadyExists, GraphInvalid.

    Emits DomainAdded.
    """
    tenant_id = allow(uow, DirectoryAction.DOMAINS_WRITE)
    try:
        return service.add_domain(uow, tenant_id, name)
    except rules.DomainTaken as error:
        raise AlreadyExists(error.message) from error
    except rules.DomainNameInvalid as error:
        raise GraphInvalid(error.message, target="id") from error


def update_directory_domain(uow: UnitOfWork, name: str, *, is_default: bool | None) -> Domain:
    """Make a verified domain the default one. Raises as above, ResourceMissing. Emits TenantUpdated."""
    tenant_id = allow(uow, DirectoryAction.DOMAINS_WRITE)
    domain = domain_named(uow, name)
    if is_default is False and domain.is_default:
        raise GraphInvalid("A tenant has a default domain. Make another one the default instead.", target="isDefault")
    if is_default:
        try:
            service.set_default_domain(uow, tenant_id, domain.name)
        except Conflict as error:
            raise GraphInvalid(error.message, target="isDefault") from error
    return domain


def remove_directory_domain(uow: UnitOfWork, name: str) -> None:
    """Give a name up. Raises as above. Emits DomainRemoved."""
    tenant_id = allow(uow, DirectoryAction.DOMAINS_WRITE)
    try:
        service.remove_domain(uow, tenant_id, domain_named(uow, name).name)
    except Conflict as error:
        raise GraphInvalid(error.message) from error


def domain_to_prove(uow: UnitOfWork, name: str) -> Domain:
    """A domain that the actor may have verified. Raises ScopeNeeded, DirectoryRoleNeeded, ResourceMissing."""
    allow(uow, DirectoryAction.DOMAINS_WRITE)
    return domain_named(uow, name)


def verify_directory_domain(uow: UnitOfWork, name: str, published: Sequence[str] | None) -> Domain:
    """Count a name as proved. published: the texts found there; None where nobody was asked.

    Raises as above, ProofMissing. Emits DomainVerified unless it was verified already.
    """
    domain = domain_to_prove(uow, name)
    if not domain.is_verified:
        seen = rules.counts_by_word(domain.name) if published is None else domain.verification_text in published
        if not seen:
            raise ProofMissing(domain.name, domain.verification_text)
    return service.verify_domain(uow, domain.tenant_id, domain.name)
