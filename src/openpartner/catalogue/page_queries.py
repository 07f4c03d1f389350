"""Reads of the catalogue's pages: lists a page at a time in several orders, and what stands beside a product."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_

from openpartner.catalogue.models import (
    Availability,
    Price,
    PricePublication,
    Product,
    PublishedPromotion,
    Sku,
)
from openpartner.catalogue.queries import holds_at, literal_text
from openpartner.catalogue.rules import LAST_SECOND, PriceKey, ProductKind, Segment
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")
Position = tuple[str, ...]
"""Where a page ends: the order's values as text."""


class Key(msgspec.Struct, frozen=True):
    """One part of an order: what the rows are compared by and the type its text is read back as."""

    column: Any
    kind: Any


class Window(msgspec.Struct, frozen=True):
    """Which page: after a position, before one, or the first."""

    size: int
    after: Position | None = None
    before: Position | None = None
    descending: bool = False


class Part(msgspec.Struct, Generic[T], frozen=True):
    """One page of rows; the positions lead to its neighbours, where there are any."""

    rows: list[T]
    next: Position | None = None
    previous: Position | None = None


def _seek(
    uow: UnitOfWork, statement: Select[*tuple[Any, ...]], order: Sequence[Key], window: Window
) -> Part[tuple[Any, ...]]:
    """The rows of a window in the order's direction; the order must be total."""
    backwards = window.before is not None
    descending = window.descending != backwards
    columns = [key.column for key in order]
    start = window.before if backwards else window.after
    if start is not None:
        statement = statement.where(_beyond(order, start, descending=descending))
    ordered = [column.desc() if descending else column.asc() for column in columns]
    found = uow.db.execute(statement.add_columns(*columns).order_by(*ordered).limit(window.size + 1)).all()
    rows, more = list(found[: window.size]), len(found) > window.size
    if backwards:
        rows.reverse()
    width = len(order)
    has_next = (more and not backwards) or (backwards and bool(rows))
    has_previous = (more and backwards) or (window.after is not None and bool(rows))
    return Part(
        rows=[tuple(row[:-width]) for row in rows],
        next=_position(rows[-1][-width:]) if has_next else None,
        previous=_position(rows[0][-width:]) if has_previous else None,
    )


def _position(values: Sequence[Any]) -> Position:
    return tuple(value if isinstance(value, str) else str(msgspec.to_builtins(value)) for value in values)


def _beyond(order: Sequence[Key], position: Position, *, descending: bool) -> ColumnElement[bool]:
    if len(position) != len(order):
        raise Invalid("This page address belongs to another order of the list. Start again without it.")
    try:
        values = [
            literal(msgspec.convert(text, key.kind, strict=False), key.column.type)
            for key, text in zip(order, position, strict=True)
        ]
    except msgspec.ValidationError as error:
        raise Invalid("This page address is not one of ours. Start again without it.") from error
    here, there = tuple_(*(key.column for key in order)), tuple_(*values)
    return here < there if descending else here > there


# --- the operator's products


class ProductRow(msgspec.Struct, frozen=True):
    """A product in the operator's list, with how much hangs on it."""

    product: Product
    skus: int
    markets: int


class ProductFilter(msgspec.Struct, frozen=True):
    """Which products, withdrawn ones too unless asked otherwise. text: in a title, a publisher's name or an id."""

    text: str = ""
    kind: ProductKind | None = None
    is_published: bool | None = None
    sort: str = "title"


_PRODUCT_ORDERS: Final[Mapping[str, tuple[Key, ...]]] = {
    "title": (Key(func.lower(Product.title), str),),
    "publisher": (Key(func.lower(Product.publisher_name), str), Key(func.lower(Product.title), str)),
    "created": (Key(Product.created_at, datetime),),
}


def products_page(uow: UnitOfWork, wanted: ProductFilter, window: Window) -> Part[ProductRow]:
    """A page of the operator's products; ``sort`` is title, publisher or created."""
    skus = select(func.count()).select_from(Sku).where(Sku.product_id == Product.id).scalar_subquery()
    places = select(func.count(Availability.market.distinct())).where(
        Availability.product_id == Product.id, Availability.is_purchasable
    )
    statement = select(Product, skus, places.scalar_subquery()).where(*_product_conditions(wanted))
    order = (*_PRODUCT_ORDERS.get(wanted.sort, _PRODUCT_ORDERS["title"]), Key(Product.id, str))
    part = _seek(uow, statement, order, window)
    return Part([ProductRow(*row) for row in part.rows], part.next, part.previous)


def count_products(uow: UnitOfWork, wanted: ProductFilter) -> int:
    """How many products match."""
    statement = select(func.count()).select_from(Product).where(*_product_conditions(wanted))
    return uow.db.scalars(statement).one()


def every_product_row(uow: UnitOfWork, wanted: ProductFilter, *, descending: bool) -> Iterator[ProductRow]:
    """All that match, for a file."""
    after: Position | None = None
    while True:
        part = products_page(uow, wanted, Window(500, after=after, descending=descending))
        yield from part.rows
        if part.next is None:
            return
        after = part.next


def _product_conditions(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text.strip():
        like = f"%{literal_text(wanted.text.strip())}%"
        columns = (Product.title, Product.publisher_name, Product.id)
        conditions.append(or_(*(column.ilike(like, escape="\\") for column in columns)))
    if wanted.kind is not None:
        conditions.append(Product.kind == wanted.kind)
    if wanted.is_published is not None:
        conditions.append(Product.is_published.is_(wanted.is_published))
    return conditions


def availabilities_of(uow: UnitOfWork, product_id: str) -> Sequence[Availability]:
    """Every place a product is or was sold, by SKU, market and segment."""
    order = (Availability.sku_id, Availability.market, Availability.segment)
    return uow.db.scalars(select(Availability).where(Availability.product_id == product_id).order_by(*order)).all()


def prices_of(uow: UnitOfWork, product_id: str, market: str) -> Sequence[Price]:
    """The whole price history of a product in a market: by SKU, segment and plan, the newest first."""
    order = (
        Price.sku_id,
        Price.segment,
        Price.duration,
        Price.billing_cycle,
        Price.tier_from,
        Price.valid_from.desc(),
        Price.id,
    )
    statement = select(Price).where(Price.product_id == product_id, Price.market == market).order_by(*order)
    return uow.db.scalars(statement).all()


# --- price lists


class PriceLine(msgspec.Struct, frozen=True):
    """A price as a list shows it. before: what held for the same plan a month before; none when nothing did."""

    product: Product
    sku: Sku
    price: Price
    before: Decimal | None


class PriceListFilter(msgspec.Struct, frozen=True):
    """The prices of a market that hold at an instant. months: the term's, 0 for none. compared_at: the month before."""

    market: str
    at: datetime
    compared_at: datetime
    segments: frozenset[Segment] = frozenset(Segment)
    kinds: frozenset[ProductKind] = frozenset(ProductKind)
    text: str = ""
    duration: str | None = None
    product_id: str = ""
    sort: str = "product"
    only_published: bool = True


_PLACE_ORDER: Final = (
    Key(func.lower(Product.title), str),
    Key(Price.product_id, str),
    Key(Price.sku_id, str),
    Key(Price.segment, Segment),
    Key(Price.duration, str),
    Key(Price.billing_cycle, str),
    Key(Price.tier_from, Decimal),
    Key(Price.id, UUID),
)
_PRICE_ORDERS: Final[Mapping[str, tuple[Key, ...]]] = {
    "product": (),
    "price": (Key(Price.unit_price, Decimal),),
    "from": (Key(Price.valid_from, datetime),),
}


def prices_page(uow: UnitOfWork, wanted: PriceListFilter, window: Window) -> Part[PriceLine]:
    """A page of a market's price list; ``sort`` is product, price or from."""
    statement = (
        select(Product, Sku, Price)
        .join(Sku, Sku.product_id == Product.id)
        .join(Price, and_(Price.product_id == Sku.product_id, Price.sku_id == Sku.id))
        .where(*_price_conditions(wanted))
    )
    order = (*_PRICE_ORDERS.get(wanted.sort, ()), *_PLACE_ORDER)
    part = _seek(uow, statement, order, window)
    before = _prices_at(uow, wanted.market, {row[0].id for row in part.rows}, wanted.compared_at)
    lines = [PriceLine(product, sku, price, before.get(price.key)) for product, sku, price in part.rows]
    return Part(lines, part.next, part.previous)


def count_prices(uow: UnitOfWork, wanted: PriceListFilter) -> int:
    """How many prices match."""
    statement = (
        select(func.count())
        .select_from(Price)
        .join(Product, Product.id == Price.product_id)
        .join(Sku, and_(Sku.product_id == Price.product_id, Sku.id == Price.sku_id))
        .where(*_price_conditions(wanted))
    )
    return uow.db.scalars(statement).one()


def every_price(uow: UnitOfWork, wanted: PriceListFilter, *, descending: bool) -> Iterator[PriceLine]:
    """All that match, for a file."""
    after: Position | None = None
    while True:
        part = prices_page(uow, wanted, Window(1_000, after=after, descending=descending))
        yield from part.rows
        if part.next is None:
            return
        after = part.next


def _price_conditions(wanted: PriceListFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Price.market == wanted.market,
        Price.segment.in_(sorted(wanted.segments)),
        Product.kind.in_(sorted(wanted.kinds)),
        *holds_at(wanted.at),
    ]
    if wanted.only_published:
        conditions.append(Product.is_published.is_(True))
    if wanted.product_id:
        conditions.append(Price.product_id == wanted.product_id)
    if wanted.duration is not None:
        conditions.append(Price.duration == wanted.duration)
    if wanted.text.strip():
        like = f"%{literal_text(wanted.text.strip())}%"
        columns = (Product.title, Sku.title, Product.publisher_name, Product.id)
        conditions.append(or_(*(column.ilike(like, escape="\\") for column in columns)))
    return conditions


def _prices_at(uow: UnitOfWork, market: str, product_ids: Collection[str], at: datetime) -> dict[PriceKey, Decimal]:
    """What held for each plan of these products at ``at``; of several rows the one that began last."""
    statement = (
        select(Price)
        .where(Price.product_id.in_(sorted(product_ids)), Price.market == market, *holds_at(at))
        .order_by(Price.valid_from)
    )
    return {price.key: price.unit_price for price in uow.db.scalars(statement)}


def unit_prices(uow: UnitOfWork, price_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """The amounts of these price rows."""
    found: dict[UUID, Decimal] = {}
    for start in range(0, len(price_ids), 500):
        statement = select(Price.id, Price.unit_price).where(Price.id.in_(price_ids[start : start + 500]))
        found |= {row.id: row.unit_price for row in uow.db.execute(statement)}
    return found


def place_counts(uow: UnitOfWork) -> list[tuple[str, str, int]]:
    """Each market with its currency and how many prices hold in it now, by market."""
    statement = (
        select(Price.market, Price.currency, func.count())
        .where(*holds_at(uow.now))
        .group_by(Price.market, Price.currency)
        .order_by(Price.market, Price.currency)
    )
    return [(market, currency, count) for market, currency, count in uow.db.execute(statement)]


_PUBLICATION_ORDER: Final = (Key(PricePublication.published_at, datetime), Key(PricePublication.id, UUID))


def publications_page(uow: UnitOfWork, window: Window) -> Part[PricePublication]:
    """A page of the price lists that were taken."""
    part = _seek(uow, select(PricePublication), _PUBLICATION_ORDER, window)
    return Part([row[0] for row in part.rows], part.next, part.previous)


# --- promotions


def sellable_skus(uow: UnitOfWork) -> Sequence[Sku]:
    """The SKUs of products on sale that a promotion can be for, by title."""
    statement = (
        select(Sku)
        .join(Product, Product.id == Sku.product_id)
        .where(Product.is_published.is_(True), Sku.is_trial.is_(False))
        .order_by(func.lower(Sku.title), Sku.product_id, Sku.id)
    )
    return uow.db.scalars(statement).all()


class PromotionRow(msgspec.Struct, frozen=True):
    """A promotion with the product it is for."""

    promotion: PublishedPromotion
    product: Product
    sku: Sku


class PromotionFilter(msgspec.Struct, frozen=True):
    """Which promotions. state: running, coming or over at ``at``; market, segments: where they count."""

    at: datetime
    text: str = ""
    state: str = ""
    market: str = ""
    segment: Segment | None = None
    product_id: str = ""


def promotion_rows(uow: UnitOfWork, wanted: PromotionFilter) -> list[PromotionRow]:
    """Promotions by end, the soonest first and those that are over last. There are few: dozens run at a time."""
    conditions: list[ColumnElement[bool]] = []
    table = PublishedPromotion
    if wanted.state == "running":
        conditions += [table.starts_at <= wanted.at, table.ends_at > wanted.at - LAST_SECOND]
    elif wanted.state == "coming":
        conditions.append(table.starts_at > wanted.at)
    elif wanted.state == "over":
        conditions.append(table.ends_at <= wanted.at - LAST_SECOND)
    if wanted.segment is not None:
        conditions.append(table.segment == wanted.segment)
    if wanted.product_id:
        conditions.append(table.product_id == wanted.product_id)
    statement = (
        select(table, Product, Sku)
        .join(Product, Product.id == table.product_id)
        .join(Sku, and_(Sku.product_id == table.product_id, Sku.id == table.sku_id))
        .where(*conditions)
        .order_by(table.ends_at < wanted.at, table.ends_at, table.id)
    )
    text = wanted.text.strip().lower()
    rows = [PromotionRow(*row) for row in uow.db.execute(statement)]
    return [
        row
        for row in rows
        if (not wanted.market or row.promotion.terms.is_sold_in(wanted.market))
        and (
            not text
            or any(text in name.lower() for name in (row.promotion.terms.name, row.promotion.id, row.sku.title))
        )
    ]
