"""The pages of customers: for partners, for a customer's own administrators, and for the operator."""

from collections.abc import Sequence
from typing import Any

from openpartner.customers.portal import adding, detail, editing, listing, operating, own, security, users
from openpartner.customers.portal.user_list import BROUGHT
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.web.page import NavItem
from openpartner.platform.web.tabs import Facet, Tab

NAVIGATION: tuple[NavItem, ...] = (
    NavItem("customers", "Customers", "/customers", "people", 100, permission=permissions.CUSTOMERS.read),
    NavItem(
        "customer_list", "All customers", "/customers", "people", 101, permissions.CUSTOMERS.read, parent="customers"
    ),
    NavItem(
        "organization_users",
        "Users",
        "/organization/users",
        "person_accounts",
        100,
        permission=permissions.CUSTOMER_DIRECTORY.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
    NavItem(
        "organization",
        "Organization",
        "/organization",
        "building",
        400,
        permission=permissions.CUSTOMER_ORGANISATION.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
    NavItem(
        "organization_security",
        "Sign-in and security",
        "/organization/security",
        "shield_keyhole",
        410,
        permission=permissions.CUSTOMER_DIRECTORY.read,
        sides=frozenset({TenantKind.CUSTOMER}),
        action=DirectoryAction.USERS_READ,
    ),
    NavItem(
        "customer_vetting",
        "Customer vetting",
        "/operator/customers",
        "clipboard_task",
        200,
        permission=permissions.OPERATOR_CUSTOMERS.read,
        sides=frozenset({TenantKind.OPERATOR}),
    ),
)


def routes(tabs: Sequence[Tab] = (), facets: Sequence[Facet] = ()) -> list[Any]:
    """Every page. tabs: what other slices show of a customer; facets: what they know of its users (licences)."""
    BROUGHT.facets = tuple(facets)
    return [
        *listing.ROUTES,
        *adding.ROUTES,
        *detail.routes(tabs),
        *editing.ROUTES,
        *users.ROUTES,
        *own.ROUTES,
        *security.ROUTES,
        *operating.ROUTES,
    ]
