"""Graph's routes of delegated customers, and what anybody may know of a tenant. Source: gdap §2.5."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.identity import queries as directory
from openpartner.identity.models import Tenant, TenantState
from openpartner.platform.actor import ActorKind
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.graph import answers, lists, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import GraphInvalid, ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.graph.paths import key_of
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships.api import granular_resources as declared
from openpartner.relationships.api.granular_admission import guid_of, let_in
from openpartner.relationships.queries.granular import READERS
from openpartner.relationships.queries.granular_customers import delegated_customer, is_delegated, tenant_of_domain
from openpartner.relationships.rules.service_management import places_open_to

ROOT = "tenantRelationships/delegatedAdminCustomers"
TENANT_SCOPE = "CrossTenantInformation.ReadBasic.All"
_PATH = f"/{ROOT}".lower()
_OPERATION = f"/v1.0/{ROOT}"


def _readable(operation: str) -> dict[str, Any]:
    return {"operation": operation, "permission": READERS}


@get(_PATH, sync_to_thread=True, opt=_readable(f"GET {_OPERATION}"))
def list_customers(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The customers in whom the partner has delegated administration."""
    with begin.read() as uow:
        let_in(uow)
        source = Source(declared.CUSTOMER, (is_delegated(uow),))
        return answers.listed(asked, pages.page_of(uow, asked, source, context=ROOT))


@get(f"{_PATH}/{{customer_id:str}}", sync_to_thread=True, opt=_readable(f"GET {_OPERATION}/{{id}}"))
def read_customer(
    customer_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        let_in(uow)
        found = delegated_customer(uow, guid_of(customer_id, "delegatedAdminCustomerId"))
        source = Source(declared.CUSTOMER, (Tenant.id == found.tenant_id,))
        return answers.shown(asked, pages.one_of(uow, asked, source, found.tenant_id, context=ROOT))


@get(
    f"{_PATH}/{{customer_id:str}}/servicemanagementdetails",
    sync_to_thread=True,
    opt=_readable(f"GET {_OPERATION}/{{id}}/serviceManagementDetails"),
)
def list_service_management(
    customer_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Where the caller can go to administer the customer: what its roles there open."""
    with begin.read() as uow:
        let_in(uow)
        found = delegated_customer(uow, guid_of(customer_id, "delegatedAdminCustomerId"))
        held = None
        if uow.actor.kind is ActorKind.USER and uow.actor.principal_id is not None:
            held = directory.effective_roles(uow, uow.actor.principal_id, found.tenant_id)
        rows = [
            {
                "id": place.id,
                "serviceName": place.name,
                "serviceManagementUrl": asked.base + place.path.format(tenant=found.tenant_id),
            }
            for place in places_open_to(held.roles if held is not None else ())
        ]
        context = f"{ROOT}('{found.tenant_id}')/serviceManagementDetails"
        return answers.listed(asked, lists.list_of(asked, declared.SERVICE_MANAGEMENT, rows, context=context))


def _information(asked: Asked, tenant: Tenant | None, key: str) -> Response[Any]:
    if tenant is None or tenant.state is TenantState.DELETED:
        raise ResourceMissing(key)
    row = {
        "tenantId": str(tenant.id),
        "federationBrandName": None,
        "displayName": tenant.name,
        "defaultDomainName": tenant.default_domain,
    }
    body = lists.one_in(asked, declared.TENANT_INFORMATION, row, key)
    body["@odata.context"] = asked.context(declared.TENANT_INFORMATION.entity_set)
    return answers.shown(asked, body)


def _argument(segment: str, name: str) -> str:
    given, value = key_of(segment)
    if given not in {"", name}:
        raise GraphInvalid(f"The function takes the parameter '{name}'.", code="BadRequest", target=name)
    return value


def _let_anybody_in(uow: UnitOfWork) -> None:
    if uow.actor.kind is ActorKind.NOBODY:
        raise Unauthenticated("Sign in, or send a bearer token.")
    require_scope(uow.actor, TENANT_SCOPE)


@get(
    "/tenantrelationships/findtenantinformationbytenantid/{argument:str}",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{guid}')"},
)
def find_tenant_by_id(
    argument: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """What anybody may know of a tenant, by its id."""
    with begin.read() as uow:
        _let_anybody_in(uow)
        key = _argument(argument, "tenantid")
        return _information(asked, uow.db.get(Tenant, guid_of(key, "tenantId")), key)


@get(
    "/tenantrelationships/findtenantinformationbydomainname/{argument:str}",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='{d}')"},
)
def find_tenant_by_domain(
    argument: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """The same by one of its domains."""
    with begin.read() as uow:
        _let_anybody_in(uow)
        key = _argument(argument, "domainname")
        return _information(asked, tenant_of_domain(uow, key), key)


ROUTES: list[Any] = [
    list_customers,
    read_customer,
    list_service_management,
    find_tenant_by_id,
    find_tenant_by_domain,
]
