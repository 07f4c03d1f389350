"""The tables of carts and orders. What happens later to what an order bought is a further order."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Duration, ProductKind, Segment
from openpartner.orders.rules import (
    AttachmentType,
    CartStatus,
    LineAnswer,
    LineRequest,
    LineTransactionType,
    OrderStatus,
    Participant,
    Prices,
    PurchaseOrder,
    TransactionType,
)
from openpartner.platform.db import Base, Json, Rate, TextEnum, Versioned, key_text
from openpartner.platform.money import Money

PRICE_SCALE = 10


class Cart(Versioned, Base):
    """Lines that are being put together for one customer; good for seven days.

    lines: as asked. answers: what the lines came to at checkout, none before: an open cart is looked at anew each time.
    order_ids: what the checkout made. modified_by: object id of the user or app that changed it last.
    """

    __tablename__ = "cart"
    __table_args__ = (Index("ix_cart_customer", "commerce_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    commerce_id: Mapped[UUID] = mapped_column(ForeignKey("customer.commerce_id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    status: Mapped[CartStatus] = mapped_column(TextEnum(CartStatus))
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    modified_by: Mapped[str] = mapped_column(String(320))
    expires_at: Mapped[datetime]
    attestation_accepted: Mapped[bool | None]
    lines: Mapped[list[LineRequest]] = mapped_column(Json(list[LineRequest]))
    answers: Mapped[list[LineAnswer] | None] = mapped_column(Json(list[LineAnswer]))
    order_ids: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)


class Order(Versioned, Base):
    """One order of one customer. ``id`` is also the wire's ``alternateId``.

    country: the market it was bought in. total_minor: the whole terms of its lines; charged_minor: what they cost at
    once, negative for what was given back. origin_id: the order whose subscription this one goes on with, empty for a
    purchase. placed_by: name of the user or app. purchase_order: what was said of the documents handed in for it.
    """

    __tablename__ = "customer_order"
    __table_args__ = (
        Index("ix_customer_order_customer", "commerce_id", "created_at", "id"),
        Index("ix_customer_order_partner", "partner_id", "created_at", "id"),
        Index("ix_customer_order_tenant", "customer_id", "created_at", "id"),
        Index("ix_customer_order_origin", "origin_id"),
    )

    id: Mapped[str] = mapped_column(key_text(12), primary_key=True)
    commerce_id: Mapped[UUID] = mapped_column(ForeignKey("customer.commerce_id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    cart_id: Mapped[UUID | None] = mapped_column(ForeignKey("cart.id"))
    origin_id: Mapped[str] = mapped_column(key_text(12), default="")
    country: Mapped[str] = mapped_column(String(2))
    billing_cycle: Mapped[BillingCycle] = mapped_column(TextEnum(BillingCycle))
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[OrderStatus] = mapped_column(TextEnum(OrderStatus))
    transaction_type: Mapped[TransactionType] = mapped_column(TextEnum(TransactionType))
    total_minor: Mapped[int]
    charged_minor: Mapped[int]
    attestation_accepted: Mapped[bool | None]
    placed_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    purchase_order: Mapped[PurchaseOrder | None] = mapped_column(Json(PurchaseOrder))

    @property
    def total(self) -> Money:
        """The whole terms of its lines, before tax."""
        return Money(self.total_minor, self.currency)

    @property
    def charged(self) -> Money:
        """What it costs at once, before tax."""
        return Money(self.charged_minor, self.currency)


class OrderLine(Base):
    """One line of an order: what was bought, at which price, and the subscription it opened or changed.

    quantity: bought, added, or, with RemoveQuantity, taken back. duration, renews_to: ISO text, empty without a term.
    price_id: the catalogue's price row. discount: the promotion's share. charged_minor: what the line costs at once.
    """

    __tablename__ = "customer_order_line"
    __table_args__ = (Index("ix_customer_order_line_subscription", "subscription_id"),)

    order_id: Mapped[str] = mapped_column(ForeignKey("customer_order.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    transaction_type: Mapped[LineTransactionType] = mapped_column(TextEnum(LineTransactionType))
    product_id: Mapped[str] = mapped_column(key_text(12))
    sku_id: Mapped[str] = mapped_column(key_text(4))
    availability_id: Mapped[str] = mapped_column(key_text(12))
    kind: Mapped[ProductKind] = mapped_column(TextEnum(ProductKind))
    segment: Mapped[Segment] = mapped_column(TextEnum(Segment))
    title: Mapped[str] = mapped_column(String(256))
    friendly_name: Mapped[str] = mapped_column(String(256))
    quantity: Mapped[int]
    duration: Mapped[str] = mapped_column(String(12))
    renews_to: Mapped[str] = mapped_column(String(12), default="")
    promotion_id: Mapped[str] = mapped_column(String(40), default="")
    custom_term_end_on: Mapped[date | None] = mapped_column(Date)
    attestation_accepted: Mapped[bool | None]
    participants: Mapped[list[Participant]] = mapped_column(Json(list[Participant]))
    provisioning_context: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]))
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("subscription.id"))
    parent_subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("subscription.id"))
    price_id: Mapped[UUID | None]
    discount: Mapped[Decimal] = mapped_column(Rate(6), default=Decimal(0))
    prices: Mapped[Prices] = mapped_column(Json(Prices))
    charged_minor: Mapped[int]

    @property
    def item_id(self) -> CatalogItemId:
        """``product:sku:availability``: the wire's ``offerId``."""
        return CatalogItemId(self.product_id, self.sku_id, self.availability_id)

    @property
    def term_duration(self) -> Duration | None:
        """The length of the term; none for what has none."""
        return Duration.parse(self.duration) if self.duration else None


class OrderAttachment(Base):
    """A document that belongs to an order. ``content`` is loaded only when it is asked for."""

    __tablename__ = "customer_order_attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("customer_order.id"), index=True)
    attachment_type: Mapped[AttachmentType] = mapped_column(TextEnum(AttachmentType))
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    uploaded_by: Mapped[str] = mapped_column(String(320))
    uploaded_at: Mapped[datetime]
