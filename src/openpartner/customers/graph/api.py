"""Contracts. Source: graph-endpoints, area contracts."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import false

from openpartner.customers import queries
from openpartner.customers.graph.wire import CONTRACT
from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import Begin, UnitOfWork


def _contracts(uow: UnitOfWork, *where: Any) -> Source:
    """The partner's customers; who is no partner has none. Raises as ``allow``, RoleNeeded."""
    allow(uow, DirectoryAction.CONTRACTS_READ)
    if uow.actor.tenant_kind is not TenantKind.PARTNER:
        return Source(CONTRACT, (false(),))
    uow.actor.require(permissions.CUSTOMERS.read)
    return Source(CONTRACT, (queries.is_visible(uow.actor), Customer.relationship != Relationship.NONE, *where))


@get("/contracts", sync_to_thread=True, opt={"operation": "GET /v1.0/contracts"})
def list_contracts(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the partner's customers."""
    with begin.read() as uow:
        return answers.listed(asked, pages.page_of(uow, asked, _contracts(uow)))


@get("/contracts/$count", sync_to_thread=True)
def count_contracts(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many they are."""
    with begin.read() as uow:
        return answers.counted(pages.count_of(uow, asked, _contracts(uow)))


@get("/contracts/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/contracts/{id}"})
def get_contract(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        found: UUID | None = guid_of(key)
        if found is None:
            raise ResourceMissing(key)
        return answers.shown(asked, pages.one_of(uow, asked, _contracts(uow, Customer.commerce_id == found), key))


ROUTES: list[Any] = [list_contracts, count_contracts, get_contract]
RESOURCES = (CONTRACT,)
