"""The pages of orders: what was ordered, and the way from the catalogue through the cart to an order."""

from typing import Any

from openpartner.orders.portal import lists, shopping
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import CUSTOMER_SUBSCRIPTIONS, OPERATOR_CUSTOMERS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.page import NavItem

WORKSPACE = "orders_and_subscriptions"
"""The key of the workspace; pages of subscriptions stand under it too."""

NAVIGATION: tuple[NavItem, ...] = (
    NavItem(WORKSPACE, "Orders & subscriptions", "/orders", "cart", 200, SUBSCRIPTIONS_MANAGE.read),
    NavItem("orders", "Orders", "/orders", "cart", 201, SUBSCRIPTIONS_MANAGE.read, parent=WORKSPACE),
    NavItem(
        "customer_orders",
        "Orders",
        "/orders",
        "cart",
        201,
        CUSTOMER_SUBSCRIPTIONS.read,
        sides=frozenset({TenantKind.CUSTOMER}),
    ),
    NavItem(
        "operator_orders",
        "Orders",
        "/orders",
        "cart",
        201,
        OPERATOR_CUSTOMERS.read,
        sides=frozenset({TenantKind.OPERATOR}),
    ),
)

CUSTOMER_TAB = lists.CUSTOMER_TAB
"""For ``customers.portal.routes``: the orders on a customer's page."""

ROUTES: list[Any] = [*lists.ROUTES, *shopping.ROUTES]
