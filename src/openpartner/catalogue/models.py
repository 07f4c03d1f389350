"""The tables of the catalogue. It is the programme operator's and the same for every partner: no row carries a tenant.

Availabilities and their plans follow the price rows: what has a price in a market and segment is sold there.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from openpartner.catalogue.rules import (
    BillingCycle,
    CatalogItemId,
    Item,
    OfferCategory,
    Plan,
    PriceKey,
    PriceRow,
    ProductKind,
    Promotion,
    Segment,
)
from openpartner.platform.db import Base, Json, Rate, TextEnum, Versioned, key_text

PRICE_SCALE = 10
TIER_SCALE = 4


class Product(Versioned, Base):
    """A product. sub_type: of reservations, ``AzureReservationsVM`` and the like.

    is_published: withdrawn products stay, for the subscriptions that hold them.
    """

    __tablename__ = "catalogue_product"
    __table_args__ = (Index("ix_catalogue_product_kind", "kind", "id"),)

    id: Mapped[str] = mapped_column(key_text(12), primary_key=True)
    kind: Mapped[ProductKind] = mapped_column(TextEnum(ProductKind))
    sub_type: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(256))
    description: Mapped[str]
    publisher_name: Mapped[str] = mapped_column(String(128))
    publisher_id: Mapped[str] = mapped_column(String(64), default="")
    is_microsoft: Mapped[bool]
    is_published: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Sku(Base):
    """One way to buy a product. Edited with its product, whose version is the ETag of both.

    minimum_quantity, maximum_quantity: of one subscription. ownership_limit: subscriptions of one customer.
    prerequisite_skus, upgrade_targets: ``product:sku``. converts_to: what a trial becomes, ``product:sku``.
    provisioning_id: the licence part that the directory assigns. service_plans: texts of what it contains.
    inventory_variables: keys that the inventory check needs. restricted_regions: Azure regions where it is sold out.
    attributes: further ``dynamicAttributes`` of the wire (armSkuName, reservationType, …).
    legacy_offer_id: the offer it had in the legacy world; offer_category: where that was listed.
    """

    __tablename__ = "catalogue_sku"
    __table_args__ = (UniqueConstraint("legacy_offer_id"),)

    product_id: Mapped[str] = mapped_column(ForeignKey("catalogue_product.id"), primary_key=True)
    id: Mapped[str] = mapped_column(key_text(4), primary_key=True)
    title: Mapped[str] = mapped_column(String(256))
    description: Mapped[str]
    unit_of_measure: Mapped[str] = mapped_column(String(60), default="1 License")
    minimum_quantity: Mapped[int] = mapped_column(default=1)
    maximum_quantity: Mapped[int] = mapped_column(default=10_000_000)
    is_trial: Mapped[bool] = mapped_column(default=False)
    is_addon: Mapped[bool] = mapped_column(default=False)
    prerequisite_skus: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    base_seat_percent: Mapped[int] = mapped_column(default=0)
    upgrade_targets: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    converts_to: Mapped[str] = mapped_column(String(20), default="")
    ownership_limit: Mapped[int | None]
    is_ownership_limit_lifetime: Mapped[bool] = mapped_column(default=False)
    enforces_attestation: Mapped[bool] = mapped_column(default=False)
    attestation_type: Mapped[str] = mapped_column(String(200), default="")
    needs_registration: Mapped[bool] = mapped_column(default=False)
    has_inventory: Mapped[bool] = mapped_column(default=False)
    inventory_variables: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    provisioning_variables: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    restricted_regions: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    provisioning_id: Mapped[UUID | None]
    provisioning_string: Mapped[str] = mapped_column(String(80), default="")
    service_plans: Mapped[list[str]] = mapped_column(Json(list[str]), default=list)
    attributes: Mapped[dict[str, str]] = mapped_column(Json(dict[str, str]), default=dict)
    is_renewable: Mapped[bool] = mapped_column(default=True)
    legacy_offer_id: Mapped[UUID | None]
    offer_category: Mapped[OfferCategory | None] = mapped_column(TextEnum(OfferCategory))

    @property
    def key(self) -> str:
        """``product:sku``."""
        return f"{self.product_id}:{self.id}"


class Availability(Base):
    """A SKU in one market and segment. A withdrawn one is not purchasable and keeps its id.

    plans: what has or had a price; ``prices`` say which hold at an instant.
    """

    __tablename__ = "catalogue_availability"
    __table_args__ = (
        ForeignKeyConstraint(["product_id", "sku_id"], ["catalogue_sku.product_id", "catalogue_sku.id"]),
        UniqueConstraint("product_id", "sku_id", "market", "segment"),
        Index("ix_catalogue_availability_market", "market", "segment", "product_id"),
    )

    id: Mapped[str] = mapped_column(key_text(12), primary_key=True)
    product_id: Mapped[str] = mapped_column(key_text(12))
    sku_id: Mapped[str] = mapped_column(key_text(4))
    market: Mapped[str] = mapped_column(String(2))
    segment: Mapped[Segment] = mapped_column(TextEnum(Segment))
    currency: Mapped[str] = mapped_column(String(3))
    is_purchasable: Mapped[bool] = mapped_column(default=True)
    plans: Mapped[list[Plan]] = mapped_column(Json(list[Plan]))

    @property
    def item_id(self) -> CatalogItemId:
        """``product:sku:availability``."""
        return CatalogItemId(self.product_id, self.sku_id, self.id)

    def item(self, product: Product, sku: Sku, plans: tuple[Plan, ...]) -> Item:
        """The values that the rules of buying take. plans: those that have a price at present."""
        return Item(
            id=self.item_id,
            title=sku.title,
            kind=product.kind,
            segment=self.segment,
            country=self.market,
            currency=self.currency,
            plans=plans,
            minimum_quantity=sku.minimum_quantity,
            maximum_quantity=sku.maximum_quantity,
            is_trial=sku.is_trial,
            is_addon=sku.is_addon,
            is_purchasable=self.is_purchasable and product.is_published and bool(plans),
            is_renewable=sku.is_renewable,
            is_microsoft=product.is_microsoft,
            prerequisite_skus=tuple(sku.prerequisite_skus),
            base_seat_percent=sku.base_seat_percent,
            ownership_limit=sku.ownership_limit,
            is_ownership_limit_lifetime=sku.is_ownership_limit_lifetime,
            enforces_attestation=sku.enforces_attestation,
            needs_registration=sku.needs_registration,
            provisioning_variables=tuple(sku.provisioning_variables),
        )


class Price(Base):
    """One row of the price history. duration: ISO text, empty without a term.

    unit_price, erp_price: for the whole term. tier_from: 0 without tiers. valid_until: the last instant, if any.
    """

    __tablename__ = "catalogue_price"
    __table_args__ = (
        ForeignKeyConstraint(["product_id", "sku_id"], ["catalogue_sku.product_id", "catalogue_sku.id"]),
        Index("ix_catalogue_price_sku", "product_id", "sku_id", "market", "segment", "valid_from"),
        Index("ix_catalogue_price_market", "market", "valid_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(key_text(12))
    sku_id: Mapped[str] = mapped_column(key_text(4))
    market: Mapped[str] = mapped_column(String(2))
    segment: Mapped[Segment] = mapped_column(TextEnum(Segment))
    currency: Mapped[str] = mapped_column(String(3))
    duration: Mapped[str] = mapped_column(String(12))
    billing_cycle: Mapped[BillingCycle] = mapped_column(TextEnum(BillingCycle))
    tier_from: Mapped[Decimal] = mapped_column(Rate(TIER_SCALE))
    tier_to: Mapped[Decimal | None] = mapped_column(Rate(TIER_SCALE))
    unit_price: Mapped[Decimal] = mapped_column(Rate(PRICE_SCALE))
    erp_price: Mapped[Decimal | None] = mapped_column(Rate(PRICE_SCALE))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    tags: Mapped[str] = mapped_column(String(200), default="")
    publication_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_price_publication.id"))

    @property
    def plan(self) -> Plan:
        """The plan it prices."""
        return Plan.of(self.duration, self.billing_cycle)

    @property
    def key(self) -> PriceKey:
        """What the price is for."""
        plan = self.plan
        return PriceKey(
            self.product_id,
            self.sku_id,
            plan.duration,
            plan.billing_cycle,
            self.market,
            self.currency,
            self.segment,
            self.tier_from,
        )

    def row(self, product: Product, sku: Sku) -> PriceRow:
        """The row as a price list shows it."""
        return PriceRow(
            key=self.key,
            product_title=product.title,
            sku_title=sku.title,
            unit_price=self.unit_price,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            erp_price=self.erp_price,
            publisher=product.publisher_name,
            sku_description=sku.description,
            unit_of_measure=sku.unit_of_measure,
            tier_to=self.tier_to,
            tags=self.tags,
        )


class PricePublication(Base):
    """One price list that was taken."""

    __tablename__ = "catalogue_price_publication"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(256))
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(320))
    added: Mapped[int]
    changed: Mapped[int]
    ended: Mapped[int]


class PriceListUpload(Base):
    """A price list that was sent to be looked at. It stays until it is published, discarded or a day old.

    content: UTF-8, loaded only when it is asked for.
    """

    __tablename__ = "catalogue_price_list_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(256))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(320))


class PublishedPromotion(Base):
    """A promotion. The columns repeat of ``terms`` what queries look for."""

    __tablename__ = "catalogue_promotion"
    __table_args__ = (Index("ix_catalogue_promotion_sku", "product_id", "sku_id", "starts_at"),)

    id: Mapped[str] = mapped_column(key_text(40), primary_key=True)
    product_id: Mapped[str] = mapped_column(key_text(12))
    sku_id: Mapped[str] = mapped_column(key_text(4))
    segment: Mapped[Segment] = mapped_column(TextEnum(Segment))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    terms: Mapped[Promotion] = mapped_column(Json(Promotion))
