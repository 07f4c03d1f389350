"""Reads of carts and orders, always from the customer the actor may see."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, exists, or_, select, tuple_

from openpartner.catalogue.rules import BillingCycle
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.orders.models import Cart, Order, OrderAttachment, OrderLine
from openpartner.orders.rules import OrderStatus, TransactionType
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.events import LogEntry
from openpartner.platform.money import Money
from openpartner.platform.paging import KeyedPage, every_row, keyed_page
from openpartner.platform.permissions import (
    CUSTOMER_SUBSCRIPTIONS,
    OPERATOR_CUSTOMERS,
    ORDERS_PLACE,
    SUBSCRIPTIONS_MANAGE,
)
from openpartner.platform.work import UnitOfWork


def require_reading(actor: Actor) -> None:
    """Refuse who may not look at orders: first line of every use case that reads them."""
    if actor.tenant_kind is TenantKind.OPERATOR:
        actor.require(OPERATOR_CUSTOMERS.read)
    elif actor.tenant_kind is TenantKind.CUSTOMER:
        actor.require(CUSTOMER_SUBSCRIPTIONS.read)
    else:
        actor.require(SUBSCRIPTIONS_MANAGE.read)


def sees_prices(actor: Actor, order: Order) -> bool:
    """Whether the partner's prices are the actor's to know: the partner who bought, and the operator.

    The customer and an indirect reseller see what was bought, not what it costs the partner.
    """
    return actor.tenant_kind is not TenantKind.CUSTOMER and (
        actor.tenant_kind is not TenantKind.PARTNER or actor.tenant_id == order.partner_id
    )


class CartUnknown(NotFound):
    """Source: partner-center-conventions §19, 800008."""

    code = 800008

    def __init__(self, cart_id: object) -> None:
        super().__init__("Cart", cart_id)


class OrderUnknown(NotFound):
    """Source: partner-center-conventions §19, 20000."""

    code = 20000

    def __init__(self, order_id: object) -> None:
        super().__init__("Order", order_id)


class LineUnknown(NotFound):
    """The order has no line with this number."""

    def __init__(self, order_id: object, number: object) -> None:
        super().__init__(f"Line {number} of order", order_id)


class AttachmentUnknown(NotFound):
    """The order has no such document."""

    def __init__(self, attachment_id: object) -> None:
        super().__init__("Attachment", attachment_id)


# --- carts


def one_cart(uow: UnitOfWork, customer: Customer, cart_id: UUID, *, lock: bool = False) -> Cart:
    """A cart of this relationship. Raises CartUnknown."""
    statement = select(Cart).where(Cart.id == cart_id, Cart.commerce_id == customer.commerce_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise CartUnknown(cart_id)
    return found


def open_cart(uow: UnitOfWork, customer: Customer) -> Cart | None:
    """The cart that the actor filled last for this customer and has not checked out; none when there is none."""
    uow.actor.require(ORDERS_PLACE.write)
    statement = select(Cart).where(
        Cart.commerce_id == customer.commerce_id,
        Cart.modified_by == actor_id(uow),
        Cart.answers.is_(None),
        Cart.expires_at > uow.now,
    )
    return uow.db.scalar(statement.order_by(Cart.modified_at.desc(), Cart.id).limit(1))


def actor_id(uow: UnitOfWork) -> str:
    """How a cart names who changed it: the object id of the user or app."""
    return str(uow.actor.principal_id or uow.actor.name)


# --- orders


@dataclass(frozen=True)
class WholeOrder:
    """An order with its lines, in order."""

    order: Order
    lines: Sequence[OrderLine]


def _with_lines(uow: UnitOfWork, orders: Sequence[Order]) -> list[WholeOrder]:
    by_order: dict[str, list[OrderLine]] = defaultdict(list)
    for part in _batches([order.id for order in orders]):
        statement = select(OrderLine).where(OrderLine.order_id.in_(part))
        for line in uow.db.scalars(statement.order_by(OrderLine.order_id, OrderLine.number)):
            by_order[line.order_id].append(line)
    return [WholeOrder(order, by_order[order.id]) for order in orders]


def _batches(ids: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def orders_of(uow: UnitOfWork, customer_id: UUID, *, billing_cycle: BillingCycle | None = None) -> list[WholeOrder]:
    """Every order of the customer, the oldest first. Raises what ``one_customer`` raises."""
    require_reading(uow.actor)
    customer = customers.one_customer(uow, customer_id)
    statement = select(Order).where(Order.commerce_id == customer.commerce_id)
    if billing_cycle is not None:
        statement = statement.where(Order.billing_cycle == billing_cycle)
    return _with_lines(uow, uow.db.scalars(statement.order_by(Order.created_at, Order.id)).all())


def one_order(uow: UnitOfWork, customer_id: UUID, order_id: str, *, lock: bool = False) -> WholeOrder:
    """One order of a customer. Raises OrderUnknown (another customer's too)."""
    customer = customers.one_customer(uow, customer_id, lock=lock)
    statement = select(Order).where(Order.id == order_id.lower(), Order.commerce_id == customer.commerce_id)
    found = uow.db.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise OrderUnknown(order_id)
    return whole_order(uow, found)


def whole_order(uow: UnitOfWork, order: Order) -> WholeOrder:
    """An order that the caller may see, with its lines."""
    return _with_lines(uow, [order])[0]


def visible_order(uow: UnitOfWork, order_id: str, *, lock: bool = False) -> WholeOrder:
    """An order of any relationship that the actor may see, ended ones too. Raises OrderUnknown."""
    statement = (
        select(Order)
        .join(Customer, Customer.commerce_id == Order.commerce_id)
        .where(customers.is_visible(uow.actor), Order.id == order_id.lower())
    )
    found = uow.db.scalar(statement.with_for_update(of=Order) if lock else statement)
    if found is None:
        raise OrderUnknown(order_id)
    return whole_order(uow, found)


def order_of_number(uow: UnitOfWork, text: str) -> Order | None:
    """The order that a number names, where the actor may see it."""
    try:
        return visible_order(uow, text).order
    except OrderUnknown:
        return None


def orders_by_id(uow: UnitOfWork, customer: Customer, order_ids: Sequence[str]) -> list[WholeOrder]:
    """These orders of a relationship, in the given order."""
    statement = select(Order).where(Order.commerce_id == customer.commerce_id, Order.id.in_(order_ids))
    found = {order.id: order for order in uow.db.scalars(statement)}
    return _with_lines(uow, [found[order_id] for order_id in order_ids if order_id in found])


def orders_of_subscription(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> list[WholeOrder]:
    """The order that opened a subscription and those that changed it, the oldest first."""
    require_reading(uow.actor)
    customer = customers.one_customer(uow, customer_id)
    named = select(OrderLine.order_id).where(OrderLine.subscription_id == subscription_id)
    statement = select(Order).where(Order.commerce_id == customer.commerce_id, Order.id.in_(named))
    return _with_lines(uow, uow.db.scalars(statement.order_by(Order.created_at, Order.id)).all())


def line_of_subscription(uow: UnitOfWork, order_id: str, subscription_id: UUID) -> OrderLine | None:
    """The line of an order that opened or changed a subscription."""
    return uow.db.scalar(
        select(OrderLine).where(OrderLine.order_id == order_id, OrderLine.subscription_id == subscription_id)
    )


@dataclass(frozen=True)
class HistoryEntry:
    """Something that happened to an order: the event's name, and what it says."""

    at: datetime
    kind: str
    actor_name: str
    body: dict[str, Any]


def history_of(uow: UnitOfWork, order: Order) -> list[HistoryEntry]:
    """What happened to an order, the newest first. The caller has seen the order."""
    statement = (
        select(LogEntry.at, LogEntry.kind, LogEntry.actor_name, LogEntry.body)
        .where(LogEntry.resource_type == "order", LogEntry.resource_id == order.id)
        .order_by(LogEntry.seq.desc())
    )
    return [
        HistoryEntry(row.at, row.kind, row.actor_name, msgspec.json.decode(row.body))
        for row in uow.db.execute(statement)
    ]


def following_orders(uow: UnitOfWork, order: Order) -> list[WholeOrder]:
    """Later orders that go on with what this one opened, the oldest first."""
    statement = select(Order).where(Order.origin_id == order.id, Order.commerce_id == order.commerce_id)
    return _with_lines(uow, uow.db.scalars(statement.order_by(Order.created_at, Order.id)).all())


def attachments_of(uow: UnitOfWork, order: Order) -> Sequence[OrderAttachment]:
    """The documents of an order without their contents, the oldest first."""
    statement = select(OrderAttachment).where(OrderAttachment.order_id == order.id)
    return uow.db.scalars(statement.order_by(OrderAttachment.uploaded_at, OrderAttachment.id)).all()


def one_attachment(uow: UnitOfWork, order: Order, attachment_id: UUID) -> OrderAttachment:
    """One document of an order. Raises AttachmentUnknown."""
    found = uow.db.get(OrderAttachment, attachment_id)
    if found is None or found.order_id != order.id:
        raise AttachmentUnknown(attachment_id)
    return found


# --- the portal's lists


class Criteria(msgspec.Struct, frozen=True):
    """What a list of orders shows. text: a part of an order id, a product's or a company's name.

    customer_id: only of this customer. purchases_only: without renewals and seat changes.
    """

    text: str = ""
    customer_id: UUID | None = None
    status: OrderStatus | None = None
    transaction_type: TransactionType | None = None
    billing_cycle: BillingCycle | None = None
    since: datetime | None = None
    until: datetime | None = None
    descending: bool = True


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The key of a row in its list."""

    created_at: datetime
    order_id: str


@dataclass(frozen=True)
class OrderRow:
    """One line of a list: the order, whose it is, and what is in it."""

    order: Order
    company_name: str
    lines: Sequence[OrderLine]
    shows_prices: bool

    @property
    def titles(self) -> list[str]:
        """What was bought, line by line."""
        return [line.title for line in self.lines]

    @property
    def quantity(self) -> int:
        """Units of all lines together."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Money | None:
        """The whole terms, for who may know."""
        return self.order.total if self.shows_prices else None

    @property
    def charged(self) -> Money | None:
        """What was due at once, for who may know."""
        return self.order.charged if self.shows_prices else None

    @property
    def position(self) -> Position:
        """Where the row stands in its list."""
        return Position(self.order.created_at, self.order.id)


def _listed(uow: UnitOfWork, criteria: Criteria) -> Select[Order, str]:
    return (
        select(Order, Customer.company_name)
        .join(Customer, Customer.commerce_id == Order.commerce_id)
        .where(customers.is_visible(uow.actor), *_conditions(criteria))
    )


def _conditions(criteria: Criteria) -> Iterable[ColumnElement[bool]]:
    if criteria.customer_id is not None:
        yield Order.customer_id == criteria.customer_id
    if criteria.status is not None:
        yield Order.status == criteria.status
    if criteria.transaction_type is not None:
        yield Order.transaction_type == criteria.transaction_type
    if criteria.billing_cycle is not None:
        yield Order.billing_cycle == criteria.billing_cycle
    if criteria.since is not None:
        yield Order.created_at >= criteria.since
    if criteria.until is not None:
        yield Order.created_at < criteria.until
    if criteria.text.strip():
        like = "%" + "".join(f"\\{c}" if c in "\\%_" else c for c in criteria.text.strip()) + "%"
        bought = exists().where(OrderLine.order_id == Order.id, OrderLine.title.ilike(like, escape="\\"))
        yield or_(Order.id.ilike(like, escape="\\"), Customer.company_name.ilike(like, escape="\\"), bought)


def _rows(uow: UnitOfWork, found: Sequence[Row[Order, str]]) -> list[OrderRow]:
    whole = _with_lines(uow, [row.Order for row in found])
    return [
        OrderRow(each.order, row.company_name, each.lines, sees_prices(uow.actor, each.order))
        for row, each in zip(found, whole, strict=True)
    ]


def page_of_orders(
    uow: UnitOfWork, criteria: Criteria, size: int, *, after: Position | None = None, before: Position | None = None
) -> KeyedPage[OrderRow]:
    """``size`` orders behind ``after``, or in front of ``before``, or from the beginning; the newest first by default.

    Source: commerce-rules §11 (lists of a customer are whole on the wire; the portal's are paged).
    """
    require_reading(uow.actor)
    return keyed_page(partial(_read, uow, criteria), size, after, before).showing(partial(_rows, uow))


def _read(
    uow: UnitOfWork, criteria: Criteria, start: Position | None, size: int, *, backwards: bool
) -> Sequence[Row[Order, str]]:
    falling = criteria.descending is not backwards
    statement = _listed(uow, criteria)
    if start is not None:
        here, there = tuple_(Order.created_at, Order.id), tuple_(start.created_at, start.order_id)
        statement = statement.where(here < there if falling else here > there)
    order = (Order.created_at.desc(), Order.id.desc()) if falling else (Order.created_at, Order.id)
    return uow.db.execute(statement.order_by(*order).limit(size)).all()


def every_order(uow: UnitOfWork, criteria: Criteria, *, batch: int = 500) -> Iterable[OrderRow]:
    """All orders that match, page by page: what an export writes."""
    return every_row(lambda after: page_of_orders(uow, criteria, batch, after=after), lambda row: row.position)
