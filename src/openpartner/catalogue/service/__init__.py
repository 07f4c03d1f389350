"""The use cases of the catalogue: looking, publishing products and promotions, taking price lists."""

from openpartner.catalogue.service.browsing import (
    Inventory,
    InventoryAsked,
    InventoryContextMissing,
    MarketNeeded,
    check_inventory,
    showcase_of_customer,
    showcase_of_market,
)
from openpartner.catalogue.service.price_lists import (
    PriceListPlan,
    add_prices,
    in_order,
    preview_price_list,
    publish_price_list,
)
from openpartner.catalogue.service.publishing import (
    ProductChange,
    ProductDraft,
    ProductExists,
    SkuDraft,
    change_product,
    new_product_id,
    publish_product,
    publish_promotion,
)

__all__ = [
    "Inventory",
    "InventoryAsked",
    "InventoryContextMissing",
    "MarketNeeded",
    "PriceListPlan",
    "ProductChange",
    "ProductDraft",
    "ProductExists",
    "SkuDraft",
    "add_prices",
    "change_product",
    "check_inventory",
    "in_order",
    "new_product_id",
    "preview_price_list",
    "publish_price_list",
    "publish_product",
    "publish_promotion",
    "showcase_of_customer",
    "showcase_of_market",
]
