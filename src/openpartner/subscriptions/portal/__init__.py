"""The pages of subscriptions: lists, one subscription and what can be done with it, licences of users."""

from typing import Any

from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import CUSTOMER_SUBSCRIPTIONS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.page import NavItem
from openpartner.platform.web.tabs import Tab
from openpartner.subscriptions.portal import detail, licenses, lists

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

ROUTES: list[Any] = [*lists.ROUTES, *detail.ROUTES, *licenses.ROUTES]
