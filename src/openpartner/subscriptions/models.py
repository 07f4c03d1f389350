"""The tables of subscriptions. What a customer holds: seats of a SKU for a term, at a price locked for it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Duration, ProductKind, Segment
from openpartner.platform.db import Base, Json, Rate, TextEnum, Versioned, key_text
from openpartner.platform.money import Money
from openpartner.subscriptions.rules import Holding, NextTerm, SeatBlock, SeatPrice, Status, Term

PRICE_SCALE = 10


class SupportContact(msgspec.Struct, frozen=True):
    """Who answers the customer's questions about a subscription: a partner's tenant, its MPN id and its name."""

    support_tenant_id: str
    support_mpn_id: str
    name: str


class Subscription(Versioned, Base):
    """One subscription of one customer, bought through one partner.

    customer_id: the customer's tenant. partner_id: who transacts. order_id, line_number: the order that opened it.
    duration: ISO text; empty for what has no term. term_starts_at, term_ends_on: the present term, last day inclusive.
    window_opened_at: from when cancellation counts. blocks: seats by the instant they came.
    unit_price: of one seat for one billing cycle, locked for the term; price_id: the catalogue row it came from.
    charged_minor: what the running cycle's lines sum to, in minor units of ``currency``; cycle_starts_on,
    cycle_ends_on: its days.
    minimum_quantity, maximum_quantity: of the SKU when the term began. mpn_id: the partner on record, empty for none.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_customer", "commerce_id", "created_at", "id"),
        Index("ix_subscription_partner_end", "partner_id", "status", "term_ends_on", "id"),
        Index("ix_subscription_order", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    commerce_id: Mapped[UUID] = mapped_column(ForeignKey("customer.commerce_id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), index=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    order_id: Mapped[str] = mapped_column(key_text(12))
    line_number: Mapped[int]

    product_id: Mapped[str] = mapped_column(key_text(12))
    sku_id: Mapped[str] = mapped_column(key_text(4))
    availability_id: Mapped[str] = mapped_column(key_text(12))
    market: Mapped[str] = mapped_column(String(2))
    segment: Mapped[Segment] = mapped_column(TextEnum(Segment))
    kind: Mapped[ProductKind] = mapped_column(TextEnum(ProductKind))
    offer_name: Mapped[str] = mapped_column(String(256))
    friendly_name: Mapped[str] = mapped_column(String(256))
    publisher_name: Mapped[str] = mapped_column(String(128))
    is_microsoft: Mapped[bool]
    is_trial: Mapped[bool]
    is_addon: Mapped[bool]
    is_renewable: Mapped[bool]
    converts_to: Mapped[str] = mapped_column(String(40), default="")
    provisioning_id: Mapped[UUID | None]
    provisioning_string: Mapped[str] = mapped_column(String(80), default="")
    minimum_quantity: Mapped[int]
    maximum_quantity: Mapped[int]

    status: Mapped[Status] = mapped_column(TextEnum(Status))
    quantity: Mapped[int]
    duration: Mapped[str] = mapped_column(String(12))
    billing_cycle: Mapped[BillingCycle] = mapped_column(TextEnum(BillingCycle))
    auto_renew_enabled: Mapped[bool]
    created_at: Mapped[datetime]
    provisioned_at: Mapped[datetime | None]
    term_starts_at: Mapped[datetime]
    term_ends_on: Mapped[date | None] = mapped_column(Date)
    window_opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    blocks: Mapped[list[SeatBlock]] = mapped_column(Json(list[SeatBlock]))

    currency: Mapped[str] = mapped_column(String(3))
    unit_price: Mapped[Decimal] = mapped_column(Rate(PRICE_SCALE))
    discount: Mapped[Decimal] = mapped_column(Rate(6), default=Decimal(0))
    promotion_id: Mapped[str] = mapped_column(String(40), default="")
    price_id: Mapped[UUID | None]
    charged_minor: Mapped[int] = mapped_column(default=0)
    cycle_starts_on: Mapped[date | None] = mapped_column(Date)
    cycle_ends_on: Mapped[date | None] = mapped_column(Date)

    scheduled: Mapped[NextTerm | None] = mapped_column(Json(NextTerm))
    next_charge_cycle: Mapped[str] = mapped_column(String(20), default="")
    mpn_id: Mapped[str] = mapped_column(key_text(12), default="")
    support_contact: Mapped[SupportContact | None] = mapped_column(Json(SupportContact))
    registration: Mapped[str] = mapped_column(String(20), default="notregistered")
    activated_at: Mapped[datetime | None]

    @property
    def item_id(self) -> CatalogItemId:
        """``product:sku:availability``: the wire's ``offerId``."""
        return CatalogItemId(self.product_id, self.sku_id, self.availability_id)

    @property
    def term_duration(self) -> Duration | None:
        """The length of the term, none for what has none."""
        return Duration.parse(self.duration) if self.duration else None

    @property
    def term(self) -> Term:
        """The present term."""
        return Term(self.term_starts_at, self.term_ends_on)

    @property
    def price(self) -> SeatPrice:
        """What one seat costs for one cycle."""
        return SeatPrice(self.unit_price, self.currency, self.discount)

    @property
    def charged(self) -> Money:
        """What the running cycle was charged so far."""
        return Money(self.charged_minor, self.currency)

    @property
    def holding(self) -> Holding:
        """What the rules need to know."""
        return Holding(
            kind=self.kind,
            status=self.status,
            quantity=self.quantity,
            term=self.term,
            duration=self.term_duration,
            billing_cycle=self.billing_cycle,
            window_opened_at=self.window_opened_at,
            blocks=tuple(self.blocks),
            is_trial=self.is_trial,
            auto_renew_enabled=self.auto_renew_enabled,
            minimum_quantity=self.minimum_quantity,
            maximum_quantity=self.maximum_quantity,
        )


SHOWN: Final = (
    *("id", "customer_id", "order_id", "product_id", "sku_id", "availability_id", "market", "kind", "offer_name"),
    *("friendly_name", "publisher_name", "is_microsoft", "is_trial", "status", "quantity", "duration"),
    *("billing_cycle", "auto_renew_enabled", "created_at", "term_starts_at", "term_ends_on", "window_opened_at"),
    *("blocks", "cycle_ends_on", "scheduled", "next_charge_cycle", "promotion_id", "mpn_id", "version"),
)
"""The members of a subscription that the wire shows, in the order in which it takes them. A page of a hundred rows of
these is read in two thirds of the time that every column takes."""


class TransitionType(StrEnum):
    """``transitionType``: whether the users' licences move too."""

    ONLY = "transition_only"
    WITH_LICENSES = "transition_with_license_transfer"


class SubscriptionTransition(Base):
    """An upgrade or a conversion that was done. target_subscription_id: the same one where all of it moved."""

    __tablename__ = "subscription_transition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscription.id"), index=True)
    target_subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscription.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    from_item: Mapped[str] = mapped_column(String(40))
    to_item: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[int]
    duration: Mapped[str] = mapped_column(String(12))
    billing_cycle: Mapped[BillingCycle] = mapped_column(TextEnum(BillingCycle))
    transition_type: Mapped[TransitionType] = mapped_column(TextEnum(TransitionType))
    made_at: Mapped[datetime]


class AzureEntitlement(Base):
    """An Azure subscription under an Azure plan. A cancelled one is inactive and can come back."""

    __tablename__ = "azure_entitlement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscription.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    friendly_name: Mapped[str] = mapped_column(String(256))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str] = mapped_column(String(60), default="")


class LicenseAssignment(Base):
    """A licence that a user of the customer holds. Seats are counted by product, not by subscription."""

    __tablename__ = "license_assignment"
    __table_args__ = (UniqueConstraint("customer_id", "user_id", "provisioning_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    provisioning_id: Mapped[UUID]
    disabled_plans: Mapped[list[str]] = mapped_column(Json(list[str]))
    assigned_at: Mapped[datetime]
