"""Contracts as Graph shows them: a partner's customers by its relationships. Source: graph-conventions §16."""

from sqlalchemy import case

from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship
from openpartner.platform.graph.edm import Resource, declare, guid, text

CONTRACT_TYPE = case(
    (Customer.relationship == Relationship.SYNDICATION, "SyndicationPartner"),
    (Customer.relationship == Relationship.ADVISOR, "BreadthPartner"),
    else_="ResellerPartner",
)
"""Who resells is a ResellerPartner; who only advises, a BreadthPartner. Source: graph-endpoints, contracts."""

CONTRACT = Resource(
    name="contract",
    entity_set="contracts",
    key=Customer.commerce_id,
    properties=declare(
        guid("id", Customer.commerce_id, is_nullable=False),
        text("contractType", CONTRACT_TYPE),
        guid("customerId", Customer.tenant_id, is_nullable=False),
        text("defaultDomainName", Customer.domain),
        text("displayName", Customer.company_name),
    ),
    is_directory=True,
)
