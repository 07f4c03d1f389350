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
    PriceListPlanChanged,
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
from openpartner.catalogue.service.skus import SkuExists, add_sku, change_sku, draft_of
from openpartner.catalogue.service.uploads import (
    PRICE_LIST_BYTES,
    PriceListNotText,
    PriceListTooLarge,
    discard_uploaded_price_list,
    publish_uploaded_price_list,
    upload_price_list,
    uploaded_price_list,
)

__all__ = [
    "PRICE_LIST_BYTES",
    "Inventory",
    "InventoryAsked",
    "InventoryContextMissing",
    "MarketNeeded",
    "PriceListNotText",
    "PriceListPlan",
    "PriceListPlanChanged",
    "PriceListTooLarge",
    "ProductChange",
    "ProductDraft",
    "ProductExists",
    "SkuDraft",
    "SkuExists",
    "add_prices",
    "add_sku",
    "change_product",
    "change_sku",
    "check_inventory",
    "discard_uploaded_price_list",
    "draft_of",
    "in_order",
    "new_product_id",
    "preview_price_list",
    "publish_price_list",
    "publish_product",
    "publish_promotion",
    "publish_uploaded_price_list",
    "showcase_of_customer",
    "showcase_of_market",
    "upload_price_list",
    "uploaded_price_list",
]
