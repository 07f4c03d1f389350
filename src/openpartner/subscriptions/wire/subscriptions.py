"""A subscription as the wire shows it, and what a client means when it sends one back.

Source: partner-center-resources §10; partner-center-conventions §5-§8.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
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
from openpartner.subscriptions.rules import (
    BILLED,
    NextTerm,
    SeatBlock,
    Status,
    partner_actions,
    refundable_blocks,
    term_end,
)
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
        """The subscription at the instant of the answer: an entity, or a plain row of ``models.SHOWN``."""
        (
            subscription_id,
            customer_id,
            order_id,
            product_id,
            sku_id,
            availability_id,
            market,
            kind,
            offer_name,
            friendly_name,
            publisher_name,
            is_microsoft,
            is_trial,
            status,
            quantity,
            duration,
            billing_cycle,
            auto_renew_enabled,
            created_at,
            term_starts_at,
            term_ends_on,
            opened_at,
            blocks,
            cycle_ends_on,
            scheduled,
            next_charge_cycle,
            promotion_id,
            mpn_id,
            version,
        ) = row if isinstance(row, Row) else _members_of(row)
        billed = status in BILLED
        last_day = term_ends_on or NEVER
        sold = _sold(product_id, sku_id, availability_id, market)
        refund = _refund(kind, duration) if billed else None
        until = None if refund is None else opened_at + refund.until
        is_open = until is not None and facts.at <= until
        cycle_day = cycle_ends_on if billed else None
        key = str(subscription_id)
        return cls(
            id=key,
            offer_id=sold.offer_id,
            offer_name=offer_name,
            friendly_name=friendly_name,
            product_type=PRODUCT_TYPE_OF_KIND[kind],
            quantity=quantity,
            unit_type="Usage-based" if kind is ProductKind.AZURE_PLAN else "Licenses",
            has_purchasable_addons=sold.sku in facts.addon_bases,
            creation_date=created_at,
            effective_start_date=term_starts_at,
            commitment_end_date=first_second(last_day),
            commitment_end_date_time=last_second(last_day),
            cancellation_allowed_until_date=until,
            billing_cycle_end_date=None if cycle_day is None else first_second(cycle_day),
            billing_cycle_end_date_time=None if cycle_day is None else last_second(cycle_day),
            status=status,
            auto_renew_enabled=auto_renew_enabled,
            is_trial=is_trial,
            billing_type="usage" if kind is ProductKind.AZURE_PLAN else "license",
            billing_cycle=billing_cycle,
            actions=_actions(status, is_open),
            term_duration=duration,
            renewal_term_duration="" if scheduled is None else str(scheduled.duration),
            refund_options=None if refund is None or not is_open else refund.options(opened_at, facts.at),
            is_microsoft_product=is_microsoft,
            partner_id=mpn_id,
            suspension_reasons=["Expiration"] if status in LAPSED else None,
            attention_needed=False,
            action_taken=False,
            contract_type="subscription",
            publisher_name=publisher_name,
            promotion_id=promotion_id or None,
            refundable_quantity=_refundable(blocks, facts.at) if blocks and status is Status.ACTIVE else None,
            scheduled_next_term_instructions=None if scheduled is None else _planned_instructions(scheduled),
            next_charge_instructions=_next_charge(row) if next_charge_cycle else None,
            custom_term_end_date=None if is_trial else _custom_end(term_starts_at, term_ends_on, duration),
            order_id=order_id,
            links=_links(f"/customers/{customer_id}/subscriptions/{key}", sold, kind),
            attributes=Attributes(object_type="Subscription", etag=versioned_etag(key, version)),
        )


_members_of = attrgetter(*models.SHOWN)
LAPSED = frozenset({Status.EXPIRED, Status.DISABLED})


class _Refund(msgspec.Struct, frozen=True):
    """What a cancellation of a kind and term gives back. steps: the word and until how long after the window opens."""

    until: timedelta
    steps: tuple[tuple[str, timedelta], ...]

    def options(self, opened_at: datetime, at: datetime) -> list[RefundOption]:
        """Those that are not over."""
        ends = [(word, opened_at + length) for word, length in self.steps]
        return [RefundOption(type=word, expires_at=end) for word, end in ends if at <= end]


@lru_cache(maxsize=1024)
def _refund(kind: ProductKind, duration: str) -> _Refund | None:
    term = Duration.parse(duration) if duration else None
    window = cancellation_window(kind, term)
    if window is None:
        return None
    return _Refund(window.length, tuple((step.refund, step.length) for step in refund_steps(kind, term)))


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


@lru_cache(maxsize=4096)
def first_second(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@lru_cache(maxsize=4096)
def last_second(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND)


@lru_cache(maxsize=32)
def _possible(status: Status, is_cancellable: bool) -> tuple[str, ...]:
    found = ["Edit"] if status is Status.ACTIVE else []
    if is_cancellable and Action.CANCEL in partner_actions(status):
        found.append("Cancel")
    return tuple(found)


def _actions(status: Status, is_cancellable: bool) -> list[str] | None:
    """What the partner may do. Editing needs an active one, cancelling an open window."""
    return list(_possible(status, is_cancellable)) or None


def _refundable(held: list[SeatBlock], at: datetime) -> RefundableQuantity:
    blocks = refundable_blocks(held, at)
    return RefundableQuantity(
        total_quantity=sum(block.quantity for block in blocks),
        details=[
            RefundableQuantityDetail(quantity=block.quantity, allowed_until_date_time=block.allowed_until)
            for block in blocks
        ],
    )


@lru_cache(maxsize=4096)
def _whole_term_ends_on(starts_on: date, duration: str) -> date:
    return term_end(starts_on, Duration.parse(duration))


def _custom_end(starts_at: datetime, ends_on: date | None, duration: str) -> datetime | None:
    """The last day, where the term was shortened to end with something else."""
    if ends_on is None or not duration or ends_on == _whole_term_ends_on(starts_at.astimezone(UTC).date(), duration):
        return None
    return first_second(ends_on)


def _planned_instructions(planned: NextTerm) -> Instructions:
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


def _links(uri: str, sold: _Sold, kind: ProductKind) -> dict[str, Link]:
    links = dict(sold.links)
    if kind is ProductKind.SAAS:
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
            status=word(Status, self.status, silent="none"),
            quantity=self.quantity,
            friendly_name=self.friendly_name,
            auto_renew_enabled=self.auto_renew_enabled,
            mpn_id=None if self.partner_id is None else self.partner_id.strip(),
            duration=Duration.parse(self.term_duration) if self.term_duration.strip() else None,
            billing_cycle=word(BillingCycle, self.billing_cycle, silent="unknown"),
            scheduled=None if planned is None else _planned(planned),
            replaces_plans=True,
            keeps_next_charge=self.next_charge_instructions is not None,
        )

    @property
    def etag(self) -> str | None:
        """The ETag inside the resource, which is where the public clients send it."""
        return (self.attributes.etag or None) if self.attributes else None


def word(words: type[T], text: str, *, silent: str) -> T | None:
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
    cycle = word(BillingCycle, product.billing_cycle, silent="unknown")
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
