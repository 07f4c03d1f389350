"""The routes of relationships."""

from typing import Any

from openpartner.relationships.api import (
    cross_tenant_policy,
    granular_assignments,
    granular_customers,
    granular_relationships,
    granular_resources,
    on_behalf,
    partnerships,
    reselling,
    sandbox_resellers,
)

ROUTES: list[Any] = [*partnerships.ROUTES, *reselling.ROUTES, *on_behalf.ROUTES, *sandbox_resellers.ROUTES]

GRAPH_ROUTES: list[Any] = [
    *granular_relationships.ROUTES,
    *granular_assignments.ROUTES,
    *granular_customers.ROUTES,
    *cross_tenant_policy.ROUTES,
]
"""Under both roots of Graph."""

GRAPH_RESOURCES = granular_resources.RESOURCES
"""What they answer with."""
