"""What the orders slice announces."""

from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfOrder(Event, frozen=True, kw_only=True):
    """A fact about one order."""

    resource_type: ClassVar[str] = "order"
    operation_type: ClassVar[str] = "update_order"

    order_id: str

    @property
    def resource_id(self) -> str:
        return self.order_id


class OrderPlaced(_OfOrder, frozen=True, kw_only=True):
    """Something was ordered, by a person, an app or the passing of time.

    transaction_type: UserPurchase or SystemPurchase. total_minor: the whole terms. charged_minor: due at once, negative
    for what is given back. subscription_ids: of the lines that have one already.
    """

    operation_type: ClassVar[str] = "create_order"

    transaction_type: str
    line_types: list[str]
    subscription_ids: list[UUID]
    billing_cycle: str
    currency: str
    total_minor: int
    charged_minor: int


class OrderStatusChanged(_OfOrder, frozen=True, kw_only=True):
    """An order was completed, cancelled, reviewed, or waits for a document."""

    status_before: str
    status_after: str


class OrderLinesAdded(_OfOrder, frozen=True, kw_only=True):
    """Add-ons were bought on an order that stood."""

    line_numbers: list[int]
    subscription_ids: list[UUID]
    currency: str
    charged_minor: int


class OrderAttachmentAdded(_OfOrder, frozen=True, kw_only=True):
    """A document was handed in for an order."""

    attachment_id: UUID
    attachment_type: str
    file_name: str


class CartChanged(Event, frozen=True, kw_only=True):
    """A cart was made, replaced or checked out. line_count: of its lines."""

    resource_type: ClassVar[str] = "cart"
    operation_type: ClassVar[str] = "update_cart"

    cart_id: UUID
    status: str
    line_count: int

    @property
    def resource_id(self) -> str:
        return str(self.cart_id)
