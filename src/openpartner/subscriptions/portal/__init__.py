"""The pages of subscriptions: lists, one subscription and what can be done with it, licences of users."""

from typing import Any

from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import CUSTOMER_DIRECTORY, CUSTOMER_SUBSCRIPTIONS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.page import NavItem
from openpartner.platform.web.tabs import Facet, Tab
from openpartner.subscriptions.portal import detail, licenses, lists, user_licenses
from openpartner.subscriptions.portal.seats import LICENCES

NAVIGATION: tuple[NavItem, ...] = (
    NavItem(
        "subscriptions",
        "Subscriptions",
        "/subscriptions",
        "calendar_sync",
        202,
        SUBSCRIPTIONS_MANAGE.read,
        parent="orders_and_subscriptions",
    ),
    NavItem(
        "own_licenses",
        "Licences",
        "/organization/licenses",
        "certificate",
        110,
        CUSTOMER_DIRECTORY.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
    NavItem(
        "own_subscriptions",
        "Subscriptions",
        "/subscriptions",
        "apps",
        200,
        CUSTOMER_SUBSCRIPTIONS.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
)

TABS: tuple[Tab, ...] = (lists.CUSTOMER_TAB, licenses.CUSTOMER_TAB)
"""For ``customers.portal.routes``: what stands on a customer's page."""

USER_FACETS: tuple[Facet, ...] = (LICENCES,)
"""For ``customers.portal.routes``: what stands in the list of a customer's users."""

ROUTES: list[Any] = [*lists.ROUTES, *detail.ROUTES, *licenses.ROUTES, *user_licenses.ROUTES]
