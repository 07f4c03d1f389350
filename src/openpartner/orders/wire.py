"""The exact JSON of carts and orders, in and out. Source: partner-center-resources §8 and §9."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from babel.numbers import get_currency_symbol

from openpartner.catalogue.rules import BillingCycle, Duration, ProductKind
from openpartner.orders.models import Order, OrderAttachment, OrderLine
from openpartner.orders.queries import WholeOrder
from openpartner.orders.rules import (
    ADDITIONAL_RESELLER,
    RESELLER,
    LineAnswer,
    LineError,
    LineRequest,
    OrderStatus,
    Participant,
    Prices,
    PurchaseOrder,
    order_status_named,
)
from openpartner.orders.service import CheckedOut, ShownCart
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Attributes, Link, Wire, link
from openpartner.platform.http.etags import versioned_etag


def instant(at: datetime) -> str:
    """An instant as the wire writes it: UTC, with as many digits of the second as it has."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(on: date) -> str:
    """A day as the wire writes it: its first instant, UTC."""
    return f"{on.isoformat()}T00:00:00Z"


# --- what clients send


class BillingCycleInvalid(Invalid):
    """Source: partner-center-conventions §19, 900269."""

    code = 900269

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a billing cycle. Use one of {', '.join(BillingCycle)}.", billing_cycle=text)


def billing_cycle_of(text: str | None) -> BillingCycle | None:
    """``Monthly``, ``monthly``, ``OneTime`` and ``one_time`` alike; ``unknown`` means the item's default.

    Source: partner-center-conventions §6; commerce-rules §11.
    """
    plain = (text or "").replace("_", "").strip().lower()
    if plain in {"", "unknown"}:
        return None
    for cycle in BillingCycle:
        if cycle.value.replace("_", "") == plain:
            return cycle
    raise BillingCycleInvalid(text or "")


def day_of(text: str | None) -> date | None:
    """The UTC day of an instant; one without a zone is taken as UTC. ``0001-01-01`` is what .NET sends for nothing."""
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is not a date. Write customTermEndDate as 2026-12-31T00:00:00Z.") from error
    return at.date() if at.tzinfo is None else at.astimezone(UTC).date()


def _duration_of(text: str | None) -> Duration | None:
    return Duration.parse(text) if text and text.strip() else None


class RenewsTo(Wire, kw_only=True):
    """The term that follows the first one."""

    term_duration: str | None = None


class KeyValue(Wire, kw_only=True):
    """A participant: its role and MPN id."""

    key: str
    value: str


class CartLineIn(msgspec.Struct, rename="camel", kw_only=True):
    """A line of a cart as clients send it."""

    catalog_item_id: str = ""
    friendly_name: str = ""
    quantity: int = 0
    currency_code: str = ""
    billing_cycle: str | None = None
    term_duration: str | None = None
    promotion_id: str = ""
    participants: list[KeyValue] = []
    provisioning_context: dict[str, Any] = {}
    addon_items: list["CartLineIn"] = []
    renews_to: RenewsTo | None = None
    custom_term_end_date: str | None = None
    attestation_accepted: bool = False

    def requests(self, first: int, base: int | None = None) -> list[LineRequest]:
        """The line and those nested under it, numbered from ``first``."""
        context = {key: str(value) for key, value in self.provisioning_context.items()}
        parent = next((value for key, value in context.items() if key.lower() == "parentsubscriptionid"), "")
        found = [
            LineRequest(
                catalog_item_id=self.catalog_item_id.strip(),
                quantity=self.quantity,
                friendly_name=self.friendly_name.strip()[:256],
                billing_cycle=billing_cycle_of(self.billing_cycle),
                duration=_duration_of(self.term_duration),
                currency=self.currency_code.strip().upper(),
                promotion_id=self.promotion_id.strip(),
                participants=tuple(Participant(_role(each.key), each.value.strip()) for each in self.participants),
                provisioning_context=context,
                custom_term_end_on=day_of(self.custom_term_end_date),
                attestation_accepted=self.attestation_accepted,
                renews_to=_duration_of(self.renews_to.term_duration) if self.renews_to is not None else None,
                parent_subscription_id=_subscription_id(parent),
                base=base,
            )
        ]
        for addon in self.addon_items:
            found += addon.requests(first + len(found), first)
        return found


def _role(text: str) -> str:
    """A participant type in snake case: ``TransactionReseller`` and ``transaction_reseller`` alike."""
    plain = text.replace("_", "").strip().lower()
    known = (RESELLER, ADDITIONAL_RESELLER, "consumption_reseller")
    return next((role for role in known if role.replace("_", "") == plain), plain)


def _subscription_id(text: str | None) -> UUID | None:
    if not text or not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError as error:
        raise Invalid(f"{text!r} is not a subscription id. Give the id of the base subscription.") from error


class CartIn(msgspec.Struct, rename="camel", kw_only=True):
    """A cart as clients send it; what only the server says is left aside."""

    line_items: list[CartLineIn] = []
    partner_on_record_attestation_accepted: bool | None = None

    def requests(self) -> list[LineRequest]:
        """The lines in order, each add-on behind its base."""
        found: list[LineRequest] = []
        for line in self.line_items:
            found += line.requests(len(found))
        return found


class OrderLineIn(msgspec.Struct, rename="camel", kw_only=True):
    """A line of an order as clients send it."""

    line_item_number: int = 0
    offer_id: str = ""
    parent_subscription_id: str | None = None
    term_duration: str | None = None
    billing_cycle: str | None = None
    renews_to: RenewsTo | None = None
    promotion_id: str = ""
    custom_term_end_date: str | None = None
    friendly_name: str = ""
    quantity: int = 0
    partner_id_on_record: str | None = None
    additional_partner_ids_on_record: list[str] = []
    provisioning_context: dict[str, Any] = {}
    attestation_accepted: bool = False

    def request(self, billing_cycle: BillingCycle | None, currency: str) -> LineRequest:
        """What is asked for; the order's billing cycle counts for all of its lines."""
        named = [(RESELLER, self.partner_id_on_record or "")]
        named += [(ADDITIONAL_RESELLER, mpn_id) for mpn_id in self.additional_partner_ids_on_record]
        return LineRequest(
            catalog_item_id=self.offer_id.strip(),
            quantity=self.quantity,
            friendly_name=self.friendly_name.strip()[:256],
            billing_cycle=billing_cycle_of(self.billing_cycle) or billing_cycle,
            duration=_duration_of(self.term_duration),
            currency=currency,
            promotion_id=self.promotion_id.strip(),
            participants=tuple(Participant(role, mpn_id.strip()) for role, mpn_id in named if mpn_id.strip()),
            provisioning_context={key: str(value) for key, value in self.provisioning_context.items()},
            custom_term_end_on=day_of(self.custom_term_end_date),
            attestation_accepted=self.attestation_accepted,
            renews_to=_duration_of(self.renews_to.term_duration) if self.renews_to is not None else None,
            parent_subscription_id=_subscription_id(self.parent_subscription_id),
        )


class OrderIn(msgspec.Struct, rename="camel", kw_only=True):
    """An order as clients send it, to place one or to change one."""

    reference_customer_id: str | None = None
    billing_cycle: str | None = None
    currency_code: str = ""
    line_items: list[OrderLineIn] = []
    status: str | None = None
    partner_on_record_attestation_accepted: bool | None = None

    @property
    def numbers(self) -> list[int]:
        """The line item numbers, in the order of the lines."""
        return [line.line_item_number for line in self.line_items]

    def requests(self, lines: Sequence[OrderLineIn] | None = None) -> list[LineRequest]:
        """The lines by number."""
        cycle = billing_cycle_of(self.billing_cycle)
        chosen = self.line_items if lines is None else lines
        ordered = sorted(chosen, key=lambda line: line.line_item_number)
        return [line.request(cycle, self.currency_code.strip().upper()) for line in ordered]

    def wanted_status(self) -> OrderStatus | None:
        """The status asked for, in any case; none when it names none."""
        return order_status_named(self.status or "")


class AttachmentMetadataIn(msgspec.Struct, rename="camel", kw_only=True):
    """Part ``metadata`` of an upload."""

    customer_price: str | float = ""
    fx_rate: str | float = ""
    currency: str = ""
    is_part_of_tender: bool = False
    tender_link: str = ""

    def read(self) -> PurchaseOrder:
        """As the rules take it."""
        return PurchaseOrder(
            customer_price=str(self.customer_price),
            currency=self.currency.upper(),
            is_part_of_tender=self.is_part_of_tender,
            fx_rate=str(self.fx_rate),
            tender_link=self.tender_link,
        )


# --- carts


class Pricing(Wire, kw_only=True):
    """What a line costs, before tax."""

    list_price: Decimal
    discounted_price: Decimal
    prorated_price: Decimal
    price: Decimal
    extended_price: Decimal

    @classmethod
    def of(cls, prices: Prices) -> "Pricing":
        """Numbers as short as they are exact."""
        return cls(**{name: _short(getattr(prices, name)) for name in cls.__struct_fields__})


def _short(number: Decimal) -> Decimal:
    """Without trailing zeros behind the point, and without an exponent: 364.80 is 364.8, 120.00 is 120."""
    plain = number.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


class CartError(Wire, kw_only=True):
    """Why a line may not be bought."""

    error_code: str
    error_description: str
    additional_information: dict[str, str] | None = None

    @classmethod
    def of(cls, error: LineError) -> "CartError":
        """The first problem's code, every problem's sentence."""
        return cls(
            error_code=error.code,
            error_description=error.description,
            additional_information=dict(error.facts) or None,
        )


class CartLine(Wire, kw_only=True):
    """A line of a cart with what the server adds to it."""

    id: int
    catalog_item_id: str
    friendly_name: str | None = None
    quantity: int
    currency_code: str | None = None
    billing_cycle: str
    term_duration: str | None = None
    promotion_id: str | None = None
    participants: list[KeyValue] | None = None
    provisioning_context: dict[str, str] | None = None
    order_group: str
    addon_items: list["CartLine"] | None = None
    renews_to: RenewsTo | None = None
    custom_term_end_date: str | None = None
    attestation_accepted: bool | None = None
    pricing: Pricing | None = None
    error: CartError | None = None


def _context(context: Mapping[str, str]) -> dict[str, str] | None:
    """Answers lower-case the first letter of the keys. Source: partner-center-resources §8."""
    return {key[:1].lower() + key[1:]: value for key, value in context.items()} or None


def _cart_lines(lines: Sequence[LineRequest], answers: Sequence[LineAnswer], base: int | None) -> list[CartLine]:
    return [
        CartLine(
            id=number,
            catalog_item_id=line.catalog_item_id,
            friendly_name=line.friendly_name or None,
            quantity=line.quantity,
            currency_code=answer.currency or None,
            billing_cycle=answer.billing_cycle.value,
            term_duration=str(answer.duration) if answer.duration is not None else None,
            promotion_id=answer.promotion_id or None,
            participants=[KeyValue(key=each.role, value=each.mpn_id) for each in line.participants] or None,
            provisioning_context=_context(line.provisioning_context),
            order_group=answer.group,
            addon_items=_cart_lines(lines, answers, number) or None,
            renews_to=RenewsTo(term_duration=str(line.renews_to)) if line.renews_to is not None else None,
            custom_term_end_date=day(line.custom_term_end_on) if line.custom_term_end_on is not None else None,
            attestation_accepted=True if line.attestation_accepted else None,
            pricing=Pricing.of(answer.prices) if answer.prices is not None else None,
            error=CartError.of(answer.error) if answer.error is not None else None,
        )
        for number, (line, answer) in enumerate(zip(lines, answers, strict=True))
        if line.base == base
    ]


class Cart(Wire, kw_only=True):
    """A cart."""

    id: str
    creation_timestamp: str
    last_modified_timestamp: str
    expiration_timestamp: str
    last_modified_user: str
    line_items: list[CartLine]
    status: str
    partner_on_record_attestation_accepted: bool | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, shown: ShownCart) -> "Cart":
        """The cart with what its lines come to."""
        cart = shown.cart
        return cls(
            id=str(cart.id),
            creation_timestamp=instant(cart.created_at),
            last_modified_timestamp=instant(cart.modified_at),
            expiration_timestamp=instant(cart.expires_at),
            last_modified_user=cart.modified_by,
            line_items=_cart_lines(cart.lines, shown.answers, None),
            status=cart.status.value,
            partner_on_record_attestation_accepted=cart.attestation_accepted,
            links={"self": link(f"/customers/{cart.customer_id}/carts/{cart.id}")},
            attributes=Attributes(etag=versioned_etag(cart.id, cart.version), object_type="Cart"),
        )


# --- orders


def _order_path(order: Order) -> str:
    return f"/customers/{order.customer_id}/orders/{order.id}"


class OrderLineItem(Wire, kw_only=True):
    """A line of an order."""

    line_item_number: int
    offer_id: str
    subscription_id: str | None = None
    parent_subscription_id: str | None = None
    term_duration: str | None = None
    transaction_type: str
    friendly_name: str
    quantity: int
    promotion_id: str | None = None
    custom_term_end_date: str | None = None
    renews_to: RenewsTo | None = None
    pricing: Pricing | None = None
    partner_id_on_record: str | None = None
    additional_partner_ids_on_record: list[str] | None = None
    provisioning_context: dict[str, str] | None = None
    attestation_accepted: bool | None = None
    links: dict[str, Link]

    @classmethod
    def of(cls, order: Order, line: OrderLine, *, with_price: bool) -> "OrderLineItem":
        """The line, priced when that was asked for."""
        named = [person.mpn_id for person in line.participants if person.role == RESELLER]
        more = [person.mpn_id for person in line.participants if person.role == ADDITIONAL_RESELLER]
        return cls(
            line_item_number=line.number,
            offer_id=str(line.item_id),
            subscription_id=str(line.subscription_id) if line.subscription_id is not None else None,
            parent_subscription_id=str(line.parent_subscription_id) if line.parent_subscription_id else None,
            term_duration=line.duration or None,
            transaction_type=line.transaction_type.value,
            friendly_name=line.friendly_name,
            quantity=line.quantity,
            promotion_id=line.promotion_id or None,
            custom_term_end_date=day(line.custom_term_end_on) if line.custom_term_end_on is not None else None,
            renews_to=RenewsTo(term_duration=line.renews_to) if line.renews_to else None,
            pricing=Pricing.of(line.prices) if with_price else None,
            partner_id_on_record=named[0] if named else None,
            additional_partner_ids_on_record=more or None,
            provisioning_context=_context(line.provisioning_context),
            attestation_accepted=line.attestation_accepted,
            links=_line_links(order, line),
        )


def _line_links(order: Order, line: OrderLine) -> dict[str, Link]:
    product, country = f"/products/{line.product_id}", f"?country={order.country}"
    sku = f"{product}/skus/{line.sku_id}"
    links = {
        "product": link(f"{product}{country}"),
        "sku": link(f"{sku}{country}"),
        "availability": link(f"{sku}/availabilities/{line.availability_id}{country}"),
    }
    if line.subscription_id is not None:
        subscription = f"/customers/{order.customer_id}/subscriptions/{line.subscription_id}"
        links = {"subscription": link(subscription), **links}
    if line.kind is ProductKind.SAAS:
        links["activationLinks"] = link(f"{_order_path(order)}/lineitems/{line.number}/activationlinks")
    return links


class OrderOut(Wire, kw_only=True):
    """An order."""

    id: str
    alternate_id: str
    reference_customer_id: str
    billing_cycle: str
    currency_code: str
    currency_symbol: str
    line_items: list[OrderLineItem]
    creation_date: str
    status: str
    transaction_type: str
    total_price: Decimal | None = None
    partner_on_record_attestation_accepted: bool | None = None
    links: dict[str, Link]
    attributes: Attributes

    @classmethod
    def of(cls, whole: WholeOrder, *, with_price: bool = False) -> "OrderOut":
        """The order, with prices when they were asked for."""
        order = whole.order
        path = _order_path(order)
        return cls(
            id=order.id,
            alternate_id=order.id,
            reference_customer_id=str(order.customer_id),
            billing_cycle=order.billing_cycle.value,
            currency_code=order.currency,
            currency_symbol=get_currency_symbol(order.currency, locale="en_US"),
            line_items=[OrderLineItem.of(order, line, with_price=with_price) for line in whole.lines],
            creation_date=instant(order.created_at),
            status=order.status.value,
            transaction_type=order.transaction_type.value,
            total_price=_short(order.total.amount) if with_price else None,
            partner_on_record_attestation_accepted=order.attestation_accepted,
            links={
                "self": link(path),
                "provisioningStatus": link(f"{path}/provisioningstatus"),
                "patchOperation": link(path, "PATCH"),
            },
            attributes=Attributes(etag=versioned_etag(order.id, order.version), object_type="Order"),
        )


class CartCheckoutResult(Wire, kw_only=True):
    """What a cart became: one order for each group."""

    orders: list[OrderOut]
    attributes: Attributes

    @classmethod
    def of(cls, done: CheckedOut) -> "CartCheckoutResult":
        """The orders of a checkout."""
        return cls(
            orders=[OrderOut.of(whole) for whole in done.orders],
            attributes=Attributes(object_type="CartCheckoutResult"),
        )


class QuantityProvisioningStatus(Wire, kw_only=True):
    """How many units are how far."""

    quantity: int
    status: str


class LineProvisioningStatus(Wire, kw_only=True):
    """How far a line is."""

    line_item_number: int
    status: str
    quantity_provisioning_information: list[QuantityProvisioningStatus]
    attributes: Attributes

    @classmethod
    def of(cls, line: OrderLine, *, is_fulfilled: bool) -> "LineProvisioningStatus":
        """Set up, or not yet. Source: partner-center-resources §9."""
        status = "Fulfilled" if is_fulfilled else "PrefulfillmentPending"
        return cls(
            line_item_number=line.number,
            status=status,
            quantity_provisioning_information=[QuantityProvisioningStatus(quantity=line.quantity, status=status)],
            attributes=Attributes(object_type="OrderLineItemProvisioningStatus"),
        )


class ActivationLink(Wire, kw_only=True):
    """Where the customer sets a marketplace product up."""

    line_item_number: int
    link: Link

    @classmethod
    def of(cls, order: Order, line: OrderLine) -> "ActivationLink":
        """The activation of the line's subscription, which stands for the publisher's page here.

        Source: partner-center-conventions §18 (activation links of the sandbox are dummies, activate does it).
        """
        uri = f"/customers/{order.customer_id}/subscriptions/{line.subscription_id}/activate"
        return cls(line_item_number=line.number, link=link(uri, "POST"))


class OrderAttachmentOut(Wire, kw_only=True):
    """A document of an order."""

    attachment_id: str
    file_name: str
    size_in_kb: int = msgspec.field(name="sizeInKB")
    attachment_type: str
    attributes: Attributes

    @classmethod
    def of(cls, attachment: OrderAttachment) -> "OrderAttachmentOut":
        """Its size in begun kilobytes."""
        return cls(
            attachment_id=str(attachment.id),
            file_name=attachment.file_name,
            size_in_kb=-(-attachment.size // 1024),
            attachment_type=attachment.attachment_type.value,
            attributes=Attributes(object_type="OrderAttachment"),
        )


def new_lines(asked: OrderIn, standing: Iterable[OrderLine]) -> list[OrderLineIn]:
    """Of a PATCH's lines those that the order does not have: another number, or another offer under the same number."""
    present = {line.number: str(line.item_id).lower() for line in standing}
    return [line for line in asked.line_items if present.get(line.line_item_number) != line.offer_id.strip().lower()]
