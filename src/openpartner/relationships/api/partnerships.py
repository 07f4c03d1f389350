"""Indirect resellers and providers of a partner, and of a customer. Source: partner-center-endpoints, relationships."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from openpartner.partner import queries as partners
from openpartner.platform import permissions
from openpartner.platform.http import filters
from openpartner.platform.http.answers import Collection, collection
from openpartner.platform.work import Begin
from openpartner.relationships import queries
from openpartner.relationships.queries import PartnerCriteria, PartnerRole
from openpartner.relationships.rules.partnerships import FILTER_FIELDS
from openpartner.relationships.wire import partnerships as wire

TypeText = Annotated[str, QueryParameter(name="relationship_type")]
FilterText = Annotated[str, QueryParameter(name="filter")]

READ_OF_ROLE = {
    PartnerRole.RESELLER: permissions.INDIRECT_RESELLERS.read,
    PartnerRole.PROVIDER: permissions.INDIRECT_PROVIDERS.read,
}


@get(
    "/v1/relationships",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/relationships",
        "permission": (permissions.INDIRECT_RESELLERS.read, permissions.INDIRECT_PROVIDERS.read),
    },
)
def list_relationships(
    begin: NamedDependency[Begin], type_text: TypeText = "", filter_text: FilterText = ""
) -> Collection[wire.PartnerRelationship]:
    """A provider's indirect resellers, a reseller's indirect providers; without a type whatever the caller may see."""
    with begin.read() as uow:
        asked = wire.role_of_type(type_text)
        roles = [asked] if asked else [role for role, needed in READ_OF_ROLE.items() if uow.actor.may(needed)]
        for role in roles or list(PartnerRole):
            uow.actor.require(READ_OF_ROLE[role])
        uow.actor.require_user()
        tree = filters.parse(filter_text, FILTER_FIELDS) if filter_text else None
        return collection(
            [
                wire.PartnerRelationship.of(role, line)
                for role in roles
                for line in queries.every_partner(uow, PartnerCriteria(role=role))
                if tree is None or filters.matches(tree, {"Name": line.name}.__getitem__)
            ]
        )


@get(
    "/v1/customers/{customer_id:uuid}/relationships",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/relationships", "permission": permissions.CUSTOMERS.read},
)
def list_customer_relationships(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Collection[wire.PartnerRelationship]:
    """The other partners tied to the customer: a provider sees its resellers, a reseller its providers."""
    with begin.read() as uow:
        uow.actor.require(permissions.CUSTOMERS.read)
        uow.actor.require_user()
        items = []
        for role, tenant_id in queries.partners_tied_to(uow, customer_id):
            account = partners.account_of(uow, tenant_id)
            if account is not None:
                mpn_id = queries.transacting_id(uow, tenant_id)
                items.append(wire.PartnerRelationship.tied(role, tenant_id, account.name, mpn_id, account.country))
        return collection(items)


ROUTES: list[Any] = [list_relationships, list_customer_relationships]
