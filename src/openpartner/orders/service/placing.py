"""An order is placed: checked whole, priced, written, its subscriptions opened; all of it or nothing."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import zip_longest
from uuid import UUID

import msgspec

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.queries import Offered, Quote
from openpartner.catalogue.rules import BillingCycle, Plan
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.orders import rules
from openpartner.orders.events import OrderLinesAdded, OrderPlaced
from openpartner.orders.models import Order, OrderLine
from openpartner.orders.queries import WholeOrder, one_order
from openpartner.orders.rules import (
    ADDITIONAL_RESELLER,
    NEEDS_PURCHASE_ORDER,
    RESELLER,
    LineRefused,
    LineRequest,
    LineTransactionType,
    OrderStatus,
    Prices,
    PurchaseRefused,
    TransactionType,
)
from openpartner.orders.service.assessing import AssessedLine, Assessment, assess
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.http.etags import check_etag, versioned_etag
from openpartner.platform.permissions import ORDERS_PLACE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import service as subscriptions
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service import Purchase


class OrderNeedsLines(Invalid):
    """Source: partner-center-resources §9: lineItems is required."""

    def __init__(self) -> None:
        super().__init__("An order needs at least one line item.")


class OneBillingCycle(Invalid):
    """The lines of one order are billed alike; a cart makes several orders. Source: commerce-rules §11, 800085."""

    code = 800085

    def __init__(self) -> None:
        super().__init__(
            "The line items of one order have one billing cycle and one currency. Place several orders, or use a cart."
        )


def preview_order(uow: UnitOfWork, customer_id: UUID, requests: Sequence[LineRequest]) -> Assessment:
    """What ordering these lines now would come to, and what stands in its way: the deed asks the same function.

    Raises CustomerUnknown, RelationshipNeeded.
    """
    uow.actor.require(ORDERS_PLACE.write)
    return assess(uow, customers.one_customer(uow, customer_id), requests)


def place_order(
    uow: UnitOfWork, customer_id: UUID, requests: Sequence[LineRequest], *, attestation_accepted: bool | None = None
) -> WholeOrder:
    """Buy these lines as one order.

    Raises CustomerUnknown, RelationshipNeeded, ProviderNeeded, RoleNeeded (a kind the actor may not sell),
    OrderNeedsLines, PurchaseRefused, LineRefused, OneBillingCycle. Emits OrderPlaced, and SubscriptionOpened a line.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    if not requests:
        raise OrderNeedsLines
    assessment = assess(uow, customer, requests)
    check(uow, assessment)
    if len({line.group for line in assessment.lines}) > 1:
        raise OneBillingCycle
    return place(uow, customer, assessment.lines, attestation_accepted=attestation_accepted)


def check(uow: UnitOfWork, assessment: Assessment) -> None:
    """Refuse what may not be bought: roles first, then the conditions, then the lines, each with its own code."""
    check_buyer(uow, assessment)
    for line in assessment.lines:
        for problem in line.problems:
            raise LineRefused(problem)


def check_buyer(uow: UnitOfWork, assessment: Assessment) -> None:
    """Refuse who may not sell these kinds, and a customer who may not buy. Raises RoleNeeded, PurchaseRefused."""
    for function in sorted(assessment.functions, key=lambda each: each.key):
        uow.actor.require(function.write)
    for row in assessment.unmet:
        if row.unmet is not None:
            raise PurchaseRefused(row.condition, row.unmet)


class Sold(msgspec.Struct, frozen=True):
    """A line of an order that passed every check, with all that its subscription needs."""

    line: AssessedLine
    offered: Offered
    plan: Plan
    quote: Quote
    pricing: rules.Pricing

    @classmethod
    def of(cls, line: AssessedLine) -> "Sold":
        """Raises LineRefused for a line without a price: one that was checked has one."""
        if line.offered is None or line.plan is None or line.quote is None or line.pricing is None:
            raise LineRefused(rules.LineProblem(line.number, rules.Problem.ITEM_NOT_FOR_SALE, "It has no price now."))
        return cls(line, line.offered, line.plan, line.quote, line.pricing)


def place(
    uow: UnitOfWork,
    customer: Customer,
    lines: Sequence[AssessedLine],
    *,
    cart_id: UUID | None = None,
    attestation_accepted: bool | None = None,
) -> WholeOrder:
    """Write one order of lines that were checked, and open their subscriptions. Emits OrderPlaced.

    An order that waits for a purchase order document opens nothing before the document was approved.
    """
    sold = [Sold.of(line) for line in lines]
    first = sold[0]
    waits = any(needs_purchase_order(each.offered) for each in sold)
    order = Order(
        id=uow.ids.hex(12),
        commerce_id=customer.commerce_id,
        customer_id=customer.tenant_id,
        partner_id=customer.partner_id,
        cart_id=cart_id,
        country=customer.country,
        billing_cycle=first.plan.billing_cycle,
        currency=first.quote.currency,
        status=OrderStatus.PENDING_PO_UPLOAD if waits else OrderStatus.PENDING,
        transaction_type=TransactionType.USER_PURCHASE,
        total_minor=sum(each.pricing.whole_term.minor for each in sold),
        charged_minor=sum(each.pricing.first_charge.minor for each in sold),
        attestation_accepted=attestation_accepted,
        placed_by=uow.actor.name,
        created_at=uow.now,
        changed_at=uow.now,
    )
    opened = [] if waits else _open(uow, customer, order, sold, 0)
    if not waits and all(subscription.status is not Status.PENDING for subscription in opened):
        order.status = rules.order_after(order.status, rules.OrderAction.COMPLETE)
    uow.db.add(order)
    whole = WholeOrder(order, _write_lines(uow, order, sold, 0, opened))
    announce(uow, whole)
    return whole


def announce(uow: UnitOfWork, whole: WholeOrder) -> None:
    """Say that an order was placed."""
    order = whole.order
    uow.emit(
        OrderPlaced(
            partner_id=order.partner_id,
            customer_id=order.customer_id,
            order_id=order.id,
            transaction_type=order.transaction_type.value,
            line_types=[line.transaction_type.value for line in whole.lines],
            subscription_ids=[line.subscription_id for line in whole.lines if line.subscription_id is not None],
            billing_cycle=order.billing_cycle.value,
            currency=order.currency,
            total_minor=order.total_minor,
            charged_minor=order.charged_minor,
            after={
                "status": order.status.value,
                "lineItems": [{"offerId": str(line.item_id), "quantity": line.quantity} for line in whole.lines],
            },
        )
    )


def needs_purchase_order(offered: Offered) -> bool:
    """Whether the SKU is sold only against the customer's purchase order."""
    return offered.sku.attributes.get(NEEDS_PURCHASE_ORDER, "") == "true"


def _open(uow: UnitOfWork, customer: Customer, order: Order, sold: Sequence[Sold], first: int) -> list[Subscription]:
    """Open the subscriptions of lines numbered from ``first``; the next flush writes them."""
    return [
        subscriptions.open_subscription(
            uow, customer, _purchase(order.id, number, each, _converts_to(uow, each.offered))
        )
        for number, each in enumerate(sold, first)
    ]


def _write_lines(
    uow: UnitOfWork, order: Order, sold: Sequence[Sold], first: int, opened: Sequence[Subscription]
) -> list[OrderLine]:
    """Write what waits, and then the lines, numbered from ``first``: each kind of row in one statement."""
    uow.db.flush()  # a line names its order and its subscription
    lines = [
        _line(order.id, number, each, subscription)
        for number, (each, subscription) in enumerate(zip_longest(sold, opened), first)
    ]
    uow.db.add_all(lines)
    uow.db.flush()
    return lines


def _purchase(order_id: str, number: int, each: Sold, converts_to: str) -> Purchase:
    request, promotion = each.line.request, each.line.promotion
    return Purchase(
        order_id=order_id,
        line_number=number,
        offered=each.offered,
        plan=each.plan,
        quantity=request.quantity,
        quote=each.quote,
        friendly_name=request.friendly_name,
        mpn_id=next((person.mpn_id for person in request.participants if person.role == RESELLER), ""),
        discount=promotion.discount if promotion is not None else Decimal(0),
        promotion_id=promotion.id if promotion is not None else "",
        custom_term_end_on=request.custom_term_end_on,
        converts_to=converts_to,
    )


def _converts_to(uow: UnitOfWork, offered: Offered) -> str:
    """The catalogue item that a trial becomes; empty for what is no trial, or becomes nothing."""
    if not offered.item.is_trial or not offered.sku.converts_to:
        return ""
    product_id, sku_id = offered.sku.converts_to.split(":")
    paid = catalogue.offered_by_sku(uow, product_id, sku_id, offered.item.country, offered.item.segment)
    return str(paid.item.id) if paid is not None else ""


def _line(order_id: str, number: int, each: Sold, subscription: Subscription | None) -> OrderLine:
    request, item, promotion = each.line.request, each.offered.item, each.line.promotion
    return OrderLine(
        order_id=order_id,
        number=number,
        transaction_type=LineTransactionType.NEW,
        product_id=item.id.product_id,
        sku_id=item.id.sku_id,
        availability_id=item.id.availability_id,
        kind=item.kind,
        segment=item.segment,
        title=item.title,
        friendly_name=request.friendly_name or item.title,
        quantity=request.quantity,
        duration=each.plan.duration_text,
        renews_to=str(request.renews_to) if request.renews_to is not None else "",
        promotion_id=promotion.id if promotion is not None else "",
        custom_term_end_on=request.custom_term_end_on,
        attestation_accepted=True if request.attestation_accepted else None,
        participants=list(request.participants),
        provisioning_context=dict(request.provisioning_context),
        subscription_id=subscription.id if subscription is not None else None,
        parent_subscription_id=request.parent_subscription_id,
        price_id=each.quote.price_id,
        discount=promotion.discount if promotion is not None else Decimal(0),
        prices=Prices.of(each.pricing),
        charged_minor=each.pricing.first_charge.minor,
    )


class LinesNotAddable(DomainError):
    """Only a completed order takes add-ons. Source: partner-center-conventions §19, 4018."""

    code = 4018

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(f"An order that is {status} takes no further line items. Place a new order.")


def add_order_lines(
    uow: UnitOfWork, customer_id: UUID, order_id: str, requests: Sequence[LineRequest], *, etag: str | None = None
) -> WholeOrder:
    """Buy add-ons on an order that stands; they are numbered behind its lines.

    Raises what ``place_order`` raises, OrderUnknown, PreconditionFailed, LinesNotAddable. Emits OrderLinesAdded.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    whole = one_order(uow, customer_id, order_id, lock=True)
    order = whole.order
    check_etag(etag, versioned_etag(order.id, order.version), status=400)
    if order.status is not OrderStatus.COMPLETED:
        raise LinesNotAddable(order.status)
    if not requests:
        raise OrderNeedsLines
    assessment = assess(uow, customer, requests)
    check(uow, assessment)
    if any(_cycle(line) is not order.billing_cycle for line in assessment.lines):
        raise OneBillingCycle
    sold = [Sold.of(line) for line in assessment.lines]
    first = len(whole.lines)
    opened = _open(uow, customer, order, sold, first)
    added = _write_lines(uow, order, sold, first, opened)
    charged = sum(each.pricing.first_charge.minor for each in sold)
    order.total_minor += sum(each.pricing.whole_term.minor for each in sold)
    order.charged_minor += charged
    order.changed_at = uow.now
    uow.db.flush()
    uow.emit(
        OrderLinesAdded(
            partner_id=order.partner_id,
            customer_id=order.customer_id,
            order_id=order.id,
            line_numbers=[line.number for line in added],
            subscription_ids=[subscription.id for subscription in opened],
            currency=order.currency,
            charged_minor=charged,
            after={"lineItems": [{"offerId": str(each.offered.item.id)} for each in sold]},
        )
    )
    return WholeOrder(order, [*whole.lines, *added])


def _cycle(line: AssessedLine) -> BillingCycle | None:
    return line.plan.billing_cycle if line.plan is not None else None


def open_waiting_lines(uow: UnitOfWork, customer: Customer, whole: WholeOrder) -> None:
    """Open the subscriptions of an order whose documents were approved, at the prices it was placed at."""
    items = catalogue.offered_items(uow, {line.item_id for line in whole.lines})
    opened: list[tuple[OrderLine, Subscription]] = []
    for line in whole.lines:
        offered = items.get(line.item_id)
        if offered is None:
            raise LineRefused(rules.LineProblem(line.number, rules.Problem.ITEM_UNKNOWN, "It is not sold any more."))
        plan = Plan(line.term_duration, whole.order.billing_cycle)
        if line.price_id is None:
            continue
        quote = Quote(line.price_id, line.prices.list_price, line.prices.list_price, whole.order.currency)
        purchase = Purchase(
            order_id=whole.order.id,
            line_number=line.number,
            offered=offered,
            plan=plan,
            quantity=line.quantity,
            quote=quote,
            friendly_name=line.friendly_name,
            mpn_id=next((person.mpn_id for person in line.participants if person.role == RESELLER), ""),
            discount=line.discount,
            promotion_id=line.promotion_id,
            custom_term_end_on=line.custom_term_end_on,
        )
        opened.append((line, subscriptions.open_subscription(uow, customer, purchase)))
    uow.db.flush()  # a line names its subscription
    for line, subscription in opened:
        line.subscription_id = subscription.id


def additional_partners(line: OrderLine) -> Iterable[str]:
    """The MPN ids of further resellers named on a line."""
    return (person.mpn_id for person in line.participants if person.role == ADDITIONAL_RESELLER)
