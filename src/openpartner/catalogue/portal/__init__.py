"""The pages of the catalogue: the operator's products, price lists and promotions, and the partner's prices."""

from typing import Any

from openpartner.catalogue.portal import price_lists, pricing, products, promotions
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.web.page import NavItem

_OPERATOR = frozenset({TenantKind.OPERATOR})
_READ = permissions.OPERATOR_CATALOGUE.read

NAVIGATION: tuple[NavItem, ...] = (
    NavItem("pricing", "Pricing", "/pricing", "tag", 400, permissions.PRICES.read),
    NavItem("pricing.list", "Price list", "/pricing", "money", 410, permissions.PRICES.read, parent="pricing"),
    NavItem(
        "pricing.promotions",
        "Promotions",
        "/pricing/promotions",
        "gift",
        420,
        permissions.PROMOTIONS.read,
        parent="pricing",
    ),
    NavItem("operator.products", "Products", "/operator/products", "box", 200, _READ, _OPERATOR),
    NavItem("operator.prices", "Price lists", "/operator/price-lists", "tag_multiple", 210, _READ, _OPERATOR),
    NavItem("operator.promotions", "Promotions", "/operator/promotions", "gift", 220, _READ, _OPERATOR),
)

ROUTES: list[Any] = [*products.ROUTES, *price_lists.ROUTES, *promotions.ROUTES, *pricing.ROUTES]
