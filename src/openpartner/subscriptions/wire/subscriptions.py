"""A subscription as the wire shows it, and what a client means when it sends one back.

Source: partner-center-resources §10; partner-center-conventions §5-§8.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Row

from openpartner.catalogue.rules import (
    PRODUCT_TYPES,
    BillingCycle,
    CatalogItemId,
    Duration,
    ProductKind,
    cancellation_window,
    refund_steps,
)
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Attributes, Link, Wire, link
from openpartner.platform.http.etags import versioned_etag
from openpartner.subscriptions import models
from openpartner.subscriptions.rules import BILLED, NextTerm, Status, partner_actions, refundable_blocks, term_end
from openpartner.subscriptions.rules.states import Action
from openpartner.subscriptions.service import SubscriptionChange

LAST_SECOND = time(23, 59, 59, tzinfo=UTC)
NEVER = date(9999, 12, 31)
T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True):
    """What is the same for every subscription of an answer.

    at: the unit's instant. addon_bases: each ``product:sku`` that some add-on can be bought for.
    """

    at: datetime
    addon_bases: frozenset[str]


class ItemType(Wire, kw_only=True):
    """A product type; subType for reservations."""

    id: str
    display_name: str
    sub_type: "ItemType | None" = None


class RefundOption(Wire, kw_only=True):
    """What a cancellation gives back until when."""

    type: str
    expires_at: datetime


class RefundableQuantityDetail(Wire, kw_only=True):
    """Seats that came together and can go back together."""

    quantity: int
    allowed_until_date_time: datetime


class RefundableQuantity(Wire, kw_only=True):
    """The seats that can still be given back."""

    total_quantity: int
    details: list[RefundableQuantityDetail]


class ProductTerm(Wire, kw_only=True):
    """What the next term, or the next charge, is for."""

    product_id: str
    sku_id: str
    availability_id: str
    billing_cycle: str
    term_duration: str
    promotion_id: str | None = None


class Instructions(Wire, kw_only=True):
    """``scheduledNextTermInstructions`` and ``nextChargeInstructions``."""

    product: ProductTerm
    quantity: int
    custom_term_end_date: datetime | None = None


class Subscription(Wire, kw_only=True):
    """What a customer holds."""

    id: str
    offer_id: str
    offer_name: str
    friendly_name: str
    product_type: ItemType
    quantity: int
    unit_type: str
    has_purchasable_addons: bool
    creation_date: datetime
    effective_start_date: datetime
    commitment_end_date: datetime
    commitment_end_date_time: datetime
    cancellation_allowed_until_date: datetime | None = None
    billing_cycle_end_date: datetime | None = None
    billing_cycle_end_date_time: datetime | None = None
    status: Status
    auto_renew_enabled: bool
    is_trial: bool
    billing_type: str
    billing_cycle: BillingCycle
    actions: list[str] | None = None
    term_duration: str
    renewal_term_duration: str
    refund_options: list[RefundOption] | None = None
    is_microsoft_product: bool
    partner_id: str
    suspension_reasons: list[str] | None = None
    attention_needed: bool
    action_taken: bool
    contract_type: str
    publisher_name: str
    promotion_id: str | None = None
    refundable_quantity: RefundableQuantity | None = None
    scheduled_next_term_instructions: Instructions | None = None
    next_charge_instructions: Instructions | None = None
    custom_term_end_date: datetime | None = None
    order_id: str
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, row: models.Subscription | Row[Any], facts: Facts) -> "Subscription":
        """The subscription at the instant of the answer. A plain row does as well as an entity."""
        status, kind = row.status, row.kind
        billed = status in BILLED
        ends_on = row.term_ends_on
        last_day = ends_on or NEVER
        sold = _sold(row.product_id, row.sku_id, row.availability_id, row.market)
        duration = _duration(row.duration)
        window = cancellation_window(kind, duration) if billed else None
        cycle_ends_on = row.cycle_ends_on if billed else None
        return cls(
            id=str(row.id),
            offer_id=sold.offer_id,
            offer_name=row.offer_name,
            friendly_name=row.friendly_name,
            product_type=PRODUCT_TYPE_OF_KIND[kind],
            quantity=row.quantity,
            unit_type="Usage-based" if kind is ProductKind.AZURE_PLAN else "Licenses",
            has_purchasable_addons=sold.sku in facts.addon_bases,
            creation_date=row.created_at,
            effective_start_date=row.term_starts_at,
            commitment_end_date=first_second(last_day),
            commitment_end_date_time=last_second(last_day),
            cancellation_allowed_until_date=None if window is None else row.window_opened_at + window.length,
            billing_cycle_end_date=None if cycle_ends_on is None else first_second(cycle_ends_on),
            billing_cycle_end_date_time=None if cycle_ends_on is None else last_second(cycle_ends_on),
            status=status,
            auto_renew_enabled=row.auto_renew_enabled,
            is_trial=row.is_trial,
            billing_type="usage" if kind is ProductKind.AZURE_PLAN else "license",
            billing_cycle=row.billing_cycle,
            actions=_actions(status, window is not None and facts.at <= row.window_opened_at + window.length),
            term_duration=row.duration,
            renewal_term_duration="" if row.scheduled is None else str(row.scheduled.duration),
            refund_options=_refund_options(kind, duration, row.window_opened_at, facts.at) if billed else None,
            is_microsoft_product=row.is_microsoft,
            partner_id=row.mpn_id,
            suspension_reasons=["Expiration"] if status in {Status.EXPIRED, Status.DISABLED} else None,
            attention_needed=False,
            action_taken=False,
            contract_type="subscription",
            publisher_name=row.publisher_name,
            promotion_id=row.promotion_id or None,
            refundable_quantity=_refundable(row, facts.at) if row.blocks and status is Status.ACTIVE else None,
            scheduled_next_term_instructions=None if row.scheduled is None else scheduled_instructions(row.scheduled),
            next_charge_instructions=_next_charge(row) if row.next_charge_cycle else None,
            custom_term_end_date=_custom_end(row, duration),
            order_id=row.order_id,
            links=_links(row, sold),
            attributes=Attributes(object_type="Subscription", etag=versioned_etag(row.id, row.version)),
        )


class _Sold(msgspec.Struct, frozen=True):
    """What every subscription of one catalogue item says alike."""

    sku: str
    offer_id: str
    links: dict[str, Link]


@lru_cache(maxsize=4096)
def _sold(product_id: str, sku_id: str, availability_id: str, market: str) -> _Sold:
    item = CatalogItemId(product_id, sku_id, availability_id)
    product = f"/products/{product_id}"
    sku = f"{product}/skus/{sku_id}"
    return _Sold(
        sku=item.sku,
        offer_id=str(item),
        links={
            "product": link(f"{product}?country={market}"),
            "sku": link(f"{sku}?country={market}"),
            "availability": link(f"{sku}/availabilities/{availability_id}?country={market}"),
        },
    )


def _item_type(kind: ProductKind) -> ItemType:
    known = PRODUCT_TYPES[kind]
    sub_type = ItemType(id=known.sub_type, display_name=known.sub_type) if known.sub_type else None
    return ItemType(id=known.id, display_name=known.display_name, sub_type=sub_type)


PRODUCT_TYPE_OF_KIND = {kind: _item_type(kind) for kind in ProductKind}


@lru_cache(maxsize=256)
def _duration(text: str) -> Duration | None:
    return Duration.parse(text) if text else None


@lru_cache(maxsize=4096)
def first_second(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@lru_cache(maxsize=4096)
def last_second(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND)


def _actions(status: Status, is_cancellable: bool) -> list[str] | None:
    """What the partner may do. Editing needs an active one, cancelling an open window."""
    found = ["Edit"] if status is Status.ACTIVE else []
    if is_cancellable and Action.CANCEL in partner_actions(status):
        found.append("Cancel")
    return found or None


def _refund_options(
    kind: ProductKind, duration: Duration | None, opened_at: datetime, at: datetime
) -> list[RefundOption] | None:
    """What cancelling still gives back; what is over is left out."""
    steps = refund_steps(kind, duration)
    found = [
        RefundOption(type=step.refund, expires_at=opened_at + step.length)
        for step in steps
        if at <= opened_at + step.length
    ]
    return found or None


def _refundable(row: models.Subscription | Row[Any], at: datetime) -> RefundableQuantity:
    blocks = refundable_blocks(row.blocks, at)
    return RefundableQuantity(
        total_quantity=sum(block.quantity for block in blocks),
        details=[
            RefundableQuantityDetail(quantity=block.quantity, allowed_until_date_time=block.allowed_until)
            for block in blocks
        ],
    )


def _custom_end(row: models.Subscription | Row[Any], duration: Duration | None) -> datetime | None:
    """The last day, where the term was shortened to end with something else."""
    if row.term_ends_on is None or duration is None or row.is_trial:
        return None
    if row.term_ends_on == term_end(row.term_starts_at.astimezone(UTC).date(), duration):
        return None
    return first_second(row.term_ends_on)


def scheduled_instructions(planned: NextTerm) -> Instructions:
    """What is planned for the next term."""
    item = CatalogItemId.parse(planned.catalog_item_id)
    ends_on = planned.custom_term_end_on
    return Instructions(
        product=ProductTerm(
            product_id=item.product_id,
            sku_id=item.sku_id,
            availability_id=item.availability_id,
            billing_cycle=planned.billing_cycle.value,
            term_duration=str(planned.duration),
            promotion_id=planned.promotion_id or None,
        ),
        quantity=planned.quantity,
        custom_term_end_date=None if ends_on is None else first_second(ends_on),
    )


def _next_charge(row: models.Subscription | Row[Any]) -> Instructions:
    return Instructions(
        product=ProductTerm(
            product_id=row.product_id,
            sku_id=row.sku_id,
            availability_id=row.availability_id,
            billing_cycle=row.next_charge_cycle,
            term_duration=row.duration,
            promotion_id=row.promotion_id or None,
        ),
        quantity=row.quantity,
    )


def subscription_uri(customer_id: UUID, subscription_id: UUID) -> str:
    """Where a subscription is, relative to the version root."""
    return f"/customers/{customer_id}/subscriptions/{subscription_id}"


def _links(row: models.Subscription | Row[Any], sold: _Sold) -> dict[str, Link]:
    uri = subscription_uri(row.customer_id, row.id)
    links = dict(sold.links)
    if row.kind is ProductKind.SAAS:
        links["activationLinks"] = link(f"{uri}/activationlinks")
    links["self"] = link(uri)
    return links


# --- what comes in ---


class ProductTermIn(msgspec.Struct, rename="camel"):
    product_id: str
    sku_id: str
    availability_id: str = ""
    billing_cycle: str = ""
    term_duration: str = ""
    promotion_id: str = ""


class InstructionsIn(msgspec.Struct, rename="camel"):
    product: ProductTermIn
    quantity: int
    custom_term_end_date: str = ""


class AttributesIn(msgspec.Struct, rename="camel"):
    etag: str = ""


class SubscriptionPatch(msgspec.Struct, rename="camel"):
    """A whole subscription as clients send it back. Members that cannot be changed are read over.

    The trap of the original: what is left out of these three counts as switched off. ``autoRenewEnabled``,
    ``scheduledNextTermInstructions``, ``nextChargeInstructions``. Source: commerce-rules §7.
    """

    status: str = ""
    quantity: int | None = None
    friendly_name: str | None = None
    auto_renew_enabled: bool = False
    partner_id: str | None = None
    term_duration: str = ""
    billing_cycle: str = ""
    scheduled_next_term_instructions: InstructionsIn | None = None
    next_charge_instructions: InstructionsIn | None = None
    attributes: AttributesIn | None = None

    def change(self) -> SubscriptionChange:
        """What the caller wants. Raises Invalid for words that mean nothing, DurationInvalid, CatalogItemIdInvalid."""
        planned = self.scheduled_next_term_instructions
        return SubscriptionChange(
            status=_word(Status, self.status, silent="none"),
            quantity=self.quantity,
            friendly_name=self.friendly_name,
            auto_renew_enabled=self.auto_renew_enabled,
            mpn_id=None if self.partner_id is None else self.partner_id.strip(),
            duration=Duration.parse(self.term_duration) if self.term_duration.strip() else None,
            billing_cycle=_word(BillingCycle, self.billing_cycle, silent="unknown"),
            scheduled=None if planned is None else _planned(planned),
            replaces_plans=True,
            keeps_next_charge=self.next_charge_instructions is not None,
        )

    @property
    def etag(self) -> str | None:
        """The ETag inside the resource, which is where the public clients send it."""
        return (self.attributes.etag or None) if self.attributes else None


def _word(words: type[T], text: str, *, silent: str) -> T | None:
    """The member of an enum in whatever spelling; None for nothing and for the client libraries' zero value."""
    plain = text.replace("_", "").strip().lower()
    if plain in {"", silent}:
        return None
    known: dict[str, T] = {str(word).replace("_", ""): word for word in words}  # type: ignore[attr-defined]
    if plain not in known:
        raise Invalid(f"{text!r} is none of {', '.join(known)}.", code=900126, value=text)
    return known[plain]


def _planned(sent: InstructionsIn) -> NextTerm:
    product = sent.product
    item = CatalogItemId.parse(f"{product.product_id}:{product.sku_id}:{product.availability_id}")
    cycle = _word(BillingCycle, product.billing_cycle, silent="unknown")
    if cycle is None:
        raise Invalid("Say the billingCycle of the next term.", code=900269)
    return NextTerm(
        catalog_item_id=str(item),
        duration=Duration.parse(product.term_duration),
        billing_cycle=cycle,
        quantity=sent.quantity,
        promotion_id=product.promotion_id.strip().upper(),
        custom_term_end_on=day_of(sent.custom_term_end_date),
    )


def day_of(text: str) -> date | None:
    """The day of a date or an instant as it is written; none for nothing and for .NET's zero. Raises Invalid."""
    text = text.strip()
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Invalid(f"{text!r} is not a date. Write it as 2026-11-30.", value=text) from error
