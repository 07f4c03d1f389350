"""The organization and its domains. Source: graph-endpoints, areas organization and domains."""

from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph.wire.domains import (
    DOMAIN,
    ORGANIZATION,
    DomainChange,
    OrganizationChange,
    service_records,
    verification_records,
)
from openpartner.identity.models import Domain, Tenant
from openpartner.identity.service.administering import domains as service
from openpartner.identity.service.administering import organization
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.outgoing import records
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.platform.world import World

DOMAINS_READ = DirectoryAction.DOMAINS_READ


@get("/organization", sync_to_thread=True, opt={"operation": "GET /v1.0/organization"})
def list_organization(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The tenant that the token is for, as a list of one."""
    with begin.read() as uow:
        tenant_id = allow(uow, DirectoryAction.ORGANIZATION_READ, "User.Read")
        return answers.listed(asked, pages.page_of(uow, asked, Source(ORGANIZATION, (Tenant.id == tenant_id,))))


@get("/organization/{key:str}", sync_to_thread=True)
def get_organization(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The same by its id."""
    with begin.read() as uow:
        tenant_id = allow(uow, DirectoryAction.ORGANIZATION_READ, "User.Read")
        if guid_of(key) != tenant_id:
            raise ResourceMissing(key)
        return answers.shown(asked, pages.one_of(uow, asked, Source(ORGANIZATION, (Tenant.id == tenant_id,)), key))


@patch("/organization/{key:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/organization/{tid}"})
def patch_organization(
    key: FromPath[str],
    data: JSONBody[OrganizationChange],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Say whom the organization has written to."""
    with begin() as uow:
        tenant = organization.update_organization(uow, key, data.details())
        shown = pages.one_of(uow, asked, Source(ORGANIZATION, (Tenant.id == tenant.id,)), key)
        return answers.changed_silently(asked, shown)


def _shown(uow: UnitOfWork, asked: Asked, domain: Domain) -> answers.Body:
    return pages.one_of(uow, asked, Source(DOMAIN, (Domain.name == domain.name,)), domain.name)


@get("/domains", sync_to_thread=True, opt={"operation": "GET /v1.0/domains"})
def list_domains(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The tenant's domains."""
    with begin.read() as uow:
        tenant_id = allow(uow, DOMAINS_READ)
        return answers.listed(asked, pages.page_of(uow, asked, Source(DOMAIN, (Domain.tenant_id == tenant_id,))))


@post("/domains", sync_to_thread=True, opt={"operation": "POST /v1.0/domains"})
def post_domain(
    data: JSONBody[DomainChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Add a name that is not proved yet."""
    with begin() as uow:
        made = service.add_directory_domain(uow, str(data.given().get("id", "")))
        return answers.created(asked, _shown(uow, asked, made), f"domains/{made.name}")


@get("/domains/{name:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/domains/{name}"})
def get_domain(name: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One domain."""
    with begin.read() as uow:
        allow(uow, DOMAINS_READ)
        return answers.shown(asked, _shown(uow, asked, service.domain_named(uow, name)))


@patch("/domains/{name:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/domains/{name}"})
def patch_domain(
    name: FromPath[str], data: JSONBody[DomainChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Make it the default."""
    with begin() as uow:
        changed = service.update_directory_domain(uow, name, is_default=data.given().get("is_default"))
        return answers.changed_silently(asked, _shown(uow, asked, changed))


@delete("/domains/{name:str}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/domains/{name}"})
def delete_domain(name: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Give a name up."""
    with begin() as uow:
        service.remove_directory_domain(uow, name)


@get(
    "/domains/{name:str}/verificationdnsrecords",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/domains/{name}/verificationDnsRecords"},
)
def list_verification_records(
    name: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """What to publish to prove the name."""
    with begin.read() as uow:
        allow(uow, DOMAINS_READ)
        domain = service.domain_named(uow, name)
        context = asked.context(f"domains('{domain.name}')/verificationDnsRecords")
        return answers.listed(asked, {"@odata.context": context, "value": verification_records(domain)})


@get(
    "/domains/{name:str}/serviceconfigurationrecords",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/domains/{name}/serviceConfigurationRecords"},
)
def list_service_records(
    name: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """What to publish to use the name for mail and calls; nothing before it is verified."""
    with begin.read() as uow:
        allow(uow, DOMAINS_READ)
        domain = service.domain_named(uow, name)
        context = asked.context(f"domains('{domain.name}')/serviceConfigurationRecords")
        return answers.listed(asked, {"@odata.context": context, "value": service_records(domain)})


@post(
    "/domains/{name:str}/verify",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/domains/{name}/verify"},
)
def verify_domain(
    name: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked], world: NamedDependency[World]
) -> Response[Any]:
    """Look for the record that proves the name, outside any unit of work, and count it as proved."""
    published = None
    if world.settings.dns_server or not world.settings.is_sandbox:
        with begin.read() as uow:
            proved = service.domain_to_prove(uow, name).name
        published = records.texts_of(proved, world.settings.dns_server)
    with begin() as uow:
        return answers.shown(asked, _shown(uow, asked, service.verify_directory_domain(uow, name, published)))


ROUTES: list[Any] = [
    list_organization,
    get_organization,
    patch_organization,
    list_domains,
    post_domain,
    get_domain,
    patch_domain,
    delete_domain,
    list_verification_records,
    list_service_records,
    verify_domain,
]
