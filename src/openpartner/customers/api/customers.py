"""Customers: list, create, read, change, delete; their profiles. Source: partner-center-endpoints, area customers."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody

from openpartner.customers import queries, rules, service
from openpartner.customers.api.seeking import (
    FilterText,
    Seek,
    SeekText,
    Size,
    Token,
    movement,
    page_size,
    seek_of,
    self_uri,
)
from openpartner.customers.models import Customer
from openpartner.customers.queries import Criteria, CustomerPage, Order, Position
from openpartner.customers.wire import customers as wire
from openpartner.identity import queries as directory
from openpartner.platform import permissions
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Invalid
from openpartner.platform.http import filters
from openpartner.platform.http.answers import (
    Collection,
    make_token,
    read_token,
    reply,
    seek_page,
)
from openpartner.platform.work import Begin, UnitOfWork

PATH = "/customers"
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]


class PageToken(msgspec.Struct, frozen=True, array_like=True):
    """The list and the page a token stands for: its first and last row."""

    criteria: Criteria
    size: int
    first: Position
    last: Position


def criteria_of(text: str | None) -> Criteria:
    """What a filter asks for. Raises the errors of ``filters.parse``, Invalid for ``or`` and a field named twice."""
    if not text:
        return Criteria()
    tree = filters.parse(text, rules.FILTER_FIELDS)
    asked = list(filters.comparisons(tree))
    wanted = {comparison.field: str(comparison.value or "") for comparison in asked}
    if _joins_by_or(tree) or len(wanted) != len(asked):
        raise Invalid("Customers are filtered by one value of each field, joined by and.")
    domain = wanted.get("Domain", "")
    return Criteria(
        name_prefix=wanted.get("CompanyName", ""),
        domain_prefix=domain,
        reseller_id=_tenant(wanted, "IndirectReseller"),
        provider_id=_tenant(wanted, "IndirectCloudSolutionProvider"),
        order=Order.DOMAIN if domain and "CompanyName" not in wanted else Order.NAME,
    )


def _joins_by_or(tree: filters.Filter) -> bool:
    return isinstance(tree, filters.Junction) and (
        tree.operator is filters.Operator.OR or _joins_by_or(tree.left) or _joins_by_or(tree.right)
    )


def _tenant(wanted: dict[str, str], field: str) -> UUID | None:
    if field not in wanted:
        return None
    try:
        return UUID(wanted[field])
    except ValueError as error:
        raise Invalid(f"The value for {field} must be the tenant id of a partner.") from error


def _turn(uow: UnitOfWork, held: PageToken, seek: Seek) -> CustomerPage:
    if seek is Seek.NEXT:
        return queries.page_of_customers(uow, held.criteria, held.size, after=held.last)
    if seek is Seek.PREVIOUS:
        return queries.page_of_customers(uow, held.criteria, held.size, before=held.first)
    if seek is Seek.LAST:
        return queries.last_page_of_customers(uow, held.criteria, held.size)
    return queries.page_of_customers(uow, held.criteria, held.size)


@get(
    "/v1/customers",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers",
        "permission": permissions.CUSTOMERS.read,
    },
)
def list_customers(
    *,
    request: Request[Any, Any, Any],
    begin: NamedDependency[Begin],
    size: Size = 0,
    filter_text: FilterText = None,
    seek_text: SeekText = None,
    token: Token = None,
) -> Collection[wire.CustomerOut]:
    """A page of the partner's customers, by name; by domain where the filter asks for one."""
    seek = seek_of(seek_text, token)
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        if seek is None or token is None:
            criteria, count = criteria_of(filter_text), page_size(size)
            page = queries.page_of_customers(uow, criteria, count)
        else:
            held = read_token(token, PageToken)
            criteria, count = held.criteria, held.size
            page = _turn(uow, held, seek)
        return _page(request, page, criteria, count)


def _page(
    request: Request[Any, Any, Any], page: CustomerPage, criteria: Criteria, size: int
) -> Collection[wire.CustomerOut]:
    items = [wire.CustomerOut.of_row(row) for row in page.rows]
    own = self_uri(request, PATH)
    if not page.rows:
        return seek_page(items, own, None)
    here = make_token(PageToken(criteria, size, page.rows[0].position(criteria), page.rows[-1].position(criteria)))
    answer = seek_page(items, own, here if page.has_after else None)
    if page.has_before and answer.links is not None:
        answer.links["previous"] = movement(PATH, Seek.PREVIOUS, here)
    return answer


@post(
    "/v1/customers",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers", "permission": permissions.CUSTOMERS_CREATE.write},
)
def create_customer(data: JSONBody[wire.CustomerIn], begin: NamedDependency[Begin]) -> Response[wire.CustomerOut]:
    """A customer tenant, the relationship to it, and its first administrator, whose password is shown this once."""
    with begin() as uow:
        made = service.create_customer(
            uow, data.read(), reseller_id=data.associated_partner_id, gdap_by_default=data.enable_gdap
        )
        credentials = wire.UserCredentials(user_name=made.user_name, password=made.password)
        return reply(uow, _whole(uow, made.customer, credentials), status=201)


@get(
    "/v1/customers/{customer_id:uuid}",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}", "permission": permissions.CUSTOMERS.read},
)
def get_customer(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> wire.CustomerOut:
    """One customer with both profiles and its verified domains."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        return _whole(uow, queries.one_customer(uow, customer_id))


def _whole(uow: UnitOfWork, customer: Customer, credentials: wire.UserCredentials | None = None) -> wire.CustomerOut:
    return wire.CustomerOut.of(
        customer,
        queries.billing_profile(uow, customer),
        _domains(uow, customer),
        credentials,
        shows_details=_shows_details(uow, customer),
    )


def _shows_details(uow: UnitOfWork, customer: Customer) -> bool:
    """Whether the actor sees the company's address and mail. Source: partner-center-resources §2, gdap §12."""
    return directory.may_in_directory(uow, customer.tenant_id, DirectoryAction.COMPANY_DETAILS_READ)


def _domains(uow: UnitOfWork, customer: Customer) -> list[str]:
    return [domain.name for domain in directory.domains_of(uow, customer.tenant_id) if domain.is_verified]


@patch(
    "/v1/customers/{customer_id:uuid}",
    sync_to_thread=True,
    opt={
        "operation": "PATCH /v1/customers/{customer-id}",
        "permission": (permissions.RESELLER_RELATIONSHIP_REMOVE.write, permissions.DAP.write),
    },
)
def patch_customer(
    customer_id: FromPath[UUID], data: JSONBody[wire.CustomerPatch], begin: NamedDependency[Begin]
) -> Response[wire.CustomerOut]:
    """End the reseller relationship, or give up delegated administration; nothing else of a customer is patched."""
    with begin() as uow:
        if data.ends_relationship:
            changed = service.end_reseller_relationship(uow, customer_id)
        elif data.allow_delegated_access is False:
            changed = service.remove_delegated_access(uow, customer_id)
        else:
            if not uow.actor.may(permissions.DAP.write):
                uow.actor.require(permissions.RESELLER_RELATIONSHIP_REMOVE.write)
            raise Invalid("Send relationshipToPartner none, or allowDelegatedAccess false.")
        return reply(uow, wire.CustomerOut.of_change(changed))


@delete(
    "/v1/customers/{customer_id:uuid}",
    sync_to_thread=True,
    status_code=204,
    opt={"operation": "DELETE /v1/customers/{customer-id}", "permission": permissions.CUSTOMERS.write},
)
def delete_customer(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[None]:
    """Sandbox only: destroy the customer and everything under it."""
    with begin() as uow:
        service.delete_customer(uow, customer_id)
        return reply(uow, None, status=204)


@get(
    "/v1/customers/{customer_id:uuid}/profiles/company",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/profiles/company", "permission": permissions.CUSTOMERS.read},
)
def get_company_profile(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> wire.CompanyProfileOut:
    """The company profile; with address and mail for who may see them."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        uow.actor.require_user()
        customer = queries.one_customer(uow, customer_id)
        details = queries.billing_profile(uow, customer) if _shows_details(uow, customer) else None
        return wire.CompanyProfileOut.of(customer, details)


@get(
    "/v1/customers/{customer_id:uuid}/profiles/billing",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/profiles/billing", "permission": permissions.CUSTOMERS.read},
)
def get_billing_profile(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> wire.BillingProfileOut:
    """The billing profile, with the ETag to change it by."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        customer = queries.one_customer(uow, customer_id)
        return wire.BillingProfileOut.of(customer, queries.billing_profile(uow, customer))


@put(
    "/v1/customers/{customer_id:uuid}/profiles/billing",
    sync_to_thread=True,
    opt={
        "operation": "PUT /v1/customers/{customer-id}/profiles/billing",
        "permission": (permissions.CUSTOMER_ACCOUNT.write, permissions.CUSTOMERS.write),
    },
)
def put_billing_profile(
    customer_id: FromPath[UUID],
    data: JSONBody[wire.BillingProfileIn],
    begin: NamedDependency[Begin],
    if_match: IfMatch = None,
) -> Response[wire.BillingProfileOut]:
    """Replace the billing profile. The ETag counts from If-Match, else from the body's attributes."""
    with begin() as uow:
        customer, profile = service.replace_billing_profile(uow, customer_id, data.read(), etag=if_match or data.etag)
        return reply(uow, wire.BillingProfileOut.of(customer, profile))


@get(
    "/v1/customers/{customer_id:uuid}/organization",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/organization", "permission": permissions.CUSTOMERS.read},
)
def get_organization(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> list[wire.Organization]:
    """What the directory says of the organisation, in an array of one."""
    with begin.read() as uow:
        queries.directory_for(uow, customer_id, permissions.CUSTOMERS.read, DirectoryAction.COMPANY_DETAILS_READ)
        customer = queries.one_customer(uow, customer_id)
        return [wire.Organization.of(customer, queries.billing_profile(uow, customer))]


@get(
    "/v1/customers/{customer_id:uuid}/customdomains",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/customDomains", "permission": permissions.CUSTOMERS.read},
)
def list_custom_domains(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> list[str]:
    """The verified domains, a bare array."""
    with begin.read() as uow:
        queries.directory_for(uow, customer_id, permissions.CUSTOMERS.read, DirectoryAction.DOMAINS_READ)
        return _domains(uow, queries.one_customer(uow, customer_id))


@post(
    "/v1/customers/{customer_id:uuid}/verifieddomain",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/verifieddomain", "permission": permissions.CUSTOMERS.write},
)
def add_verified_domain(
    customer_id: FromPath[UUID], data: JSONBody[wire.VerifiedDomainIn], begin: NamedDependency[Begin]
) -> Response[wire.DomainOut]:
    """Attach a managed domain that a registrar has verified."""
    if data.is_federated:
        raise Invalid("Federated domains are not kept here. Attach the domain as managed.", code=800042)
    with begin() as uow:
        domain = service.add_verified_domain(
            uow, customer_id, data.verified_domain_name or data.domain.name, make_default=data.domain.is_default
        )
        return reply(uow, wire.DomainOut.of(domain), status=201)


ROUTES: list[Any] = [
    list_customers,
    create_customer,
    get_customer,
    patch_customer,
    delete_customer,
    get_company_profile,
    get_billing_profile,
    put_billing_profile,
    get_organization,
    list_custom_domains,
    add_verified_domain,
]
