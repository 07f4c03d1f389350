"""The use cases of orders: put a cart together, check it out, order, add, cancel, hand in documents, follow."""

from openpartner.orders.service.assessing import AssessedLine, Assessment, assess, conditions
from openpartner.orders.service.cancelling import cancel_order, preview_cancellation, why_not_cancellable
from openpartner.orders.service.carts import (
    CheckedOut,
    ShownCart,
    add_to_cart,
    checkout_cart,
    create_cart,
    empty_cart,
    read_cart,
    replace_cart,
)
from openpartner.orders.service.documents import (
    UploadedFile,
    approve_purchase_order,
    attach_documents,
    review_purchase_order,
)
from openpartner.orders.service.following import (
    complete_provisioned_order,
    follow_new_term,
    follow_quantity_change,
)
from openpartner.orders.service.placing import add_order_lines, place_order, preview_order
from openpartner.orders.service.shelf import PricedPlan, ShelfItem, Wanted, plans_of_items, shelf

__all__ = [
    "AssessedLine",
    "Assessment",
    "CheckedOut",
    "PricedPlan",
    "ShelfItem",
    "ShownCart",
    "UploadedFile",
    "Wanted",
    "add_order_lines",
    "add_to_cart",
    "approve_purchase_order",
    "assess",
    "attach_documents",
    "cancel_order",
    "checkout_cart",
    "complete_provisioned_order",
    "conditions",
    "create_cart",
    "empty_cart",
    "follow_new_term",
    "follow_quantity_change",
    "place_order",
    "plans_of_items",
    "preview_cancellation",
    "preview_order",
    "read_cart",
    "replace_cart",
    "review_purchase_order",
    "shelf",
    "why_not_cancellable",
]
