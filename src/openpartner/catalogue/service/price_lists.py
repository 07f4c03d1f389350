"""Taking a price list: planned whole, then done in one transaction or not at all. The preview is the same plan."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from babel.numbers import list_currencies
from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute

from openpartner.catalogue.events import PriceListPublished
from openpartner.catalogue.models import Availability, Price, PricePublication, Product, Sku
from openpartner.catalogue.rules import (
    LAST_SECOND,
    Plan,
    PriceKey,
    PriceListProblem,
    PriceListRefused,
    PriceRow,
    Segment,
    SheetRow,
    parse_price_list,
)
from openpartner.platform.countries import MARKETS
from openpartner.platform.errors import Conflict
from openpartner.platform.identifiers import ALPHANUMERIC
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.work import UnitOfWork

T = TypeVar("T")

Place = tuple[str, str, str, Segment]
"""Product, SKU, market and segment: what has one availability."""


class PriceListPlan(msgspec.Struct):
    """What taking a price list would do, or why it cannot be taken.

    added: rows that are new. changed: present rows whose amounts are replaced. ended: present rows that end, with their
    last second. new_places: availabilities that come into being, with their currency. new_plans: plans that come to a
    place. fingerprint: the same for the same effect; another one when the file or the catalogue differs.
    """

    problems: list[PriceListProblem] = []
    added: list[PriceRow] = []
    changed: list[tuple[UUID, PriceRow]] = []
    ended: list[tuple[UUID, PriceRow]] = []
    unchanged: int = 0
    new_places: dict[Place, str] = {}
    new_plans: dict[Place, set[Plan]] = {}
    fingerprint: str = ""


class PriceListPlanChanged(Conflict):
    """What a price list would do is no longer what was looked at."""

    def __init__(self) -> None:
        super().__init__(
            "The catalogue or the file changed since this was shown, so nothing was published. Look at it again."
        )


def preview_price_list(uow: UnitOfWork, text: str) -> PriceListPlan:
    """What ``publish_price_list`` would do with this text; writes nothing."""
    uow.actor.require(OPERATOR_CATALOGUE.read)
    return _Planner(uow).plan(text)


def publish_price_list(
    uow: UnitOfWork, text: str, file_name: str, *, fingerprint: str | None = None
) -> PricePublication:
    """Take a price list. Raises PriceListRefused, with every problem, and then changes nothing.

    fingerprint: of the plan that was looked at; raises PriceListPlanChanged when the present plan is another.
    A row ends the open row before it a second before its own start. Rows that say what holds already change nothing, so
    the same file taken twice has one effect. Emits PriceListPublished.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    plan = _Planner(uow).plan(text)
    if plan.problems:
        raise PriceListRefused(plan.problems)
    if fingerprint not in {None, plan.fingerprint}:
        raise PriceListPlanChanged
    publication = PricePublication(
        id=uow.ids.uuid(),
        file_name=file_name[:256],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        published_at=uow.now,
        published_by=uow.actor.name,
        added=len(plan.added),
        changed=len(plan.changed),
        ended=len(plan.ended),
    )
    uow.db.add(publication)
    uow.db.flush()
    _carry_out(uow, plan, publication.id)
    uow.emit(
        PriceListPublished(
            partner_id=None,
            publication_id=str(publication.id),
            file_name=publication.file_name,
            sha256=publication.sha256,
            added=publication.added,
            changed=publication.changed,
            ended=publication.ended,
        )
    )
    uow.db.flush()
    return publication


class _Planner:
    """Compares a file with what is published."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.made = PriceListPlan()
        self.skus: dict[str, Sku] = {}
        self.products: set[str] = set()
        self.held: dict[PriceKey, list[tuple[UUID, PriceRow]]] = defaultdict(list)
        self.places: dict[Place, Availability] = {}

    def plan(self, text: str) -> PriceListPlan:
        read = parse_price_list(text, markets=MARKETS, currencies=list_currencies())
        self._look_up({row.price.key.product_id for row in read.rows})
        for row in read.rows:
            self._row(row)
        self.made.problems = sorted([*read.problems, *self.made.problems], key=lambda problem: problem.line)
        self.made.fingerprint = self._fingerprint()
        return self.made

    def _fingerprint(self) -> str:
        """Ends "now" count as such: a preview a minute later is the same plan."""
        made, now = self.made, self.uow.now
        ended = [(row_id, None if row.valid_until == now else row.valid_until) for row_id, row in made.ended]
        places = sorted((*place, currency) for place, currency in made.new_places.items())
        plans = [(place, in_order(made.new_plans[place])) for place in sorted(made.new_plans)]
        parts = (made.problems, made.added, made.changed, ended, made.unchanged, places, plans)
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()

    def _look_up(self, product_ids: set[str]) -> None:
        products = {product.id: product for product in self._in(Product, Product.id, product_ids)}
        self.products = set(products)
        self.skus = {sku.key: sku for sku in self._in(Sku, Sku.product_id, product_ids)}
        for price in self._in(Price, Price.product_id, product_ids):
            row = price.row(products[price.product_id], self.skus[f"{price.product_id}:{price.sku_id}"])
            self.held[price.key].append((price.id, row))
        for sold in self._in(Availability, Availability.product_id, product_ids):
            self.places[sold.product_id, sold.sku_id, sold.market, sold.segment] = sold

    def _in(self, model: type[T], column: InstrumentedAttribute[str], product_ids: set[str]) -> Iterator[T]:
        ids = sorted(product_ids)
        for start in range(0, len(ids), 500):
            yield from self.uow.db.scalars(select(model).where(column.in_(ids[start : start + 500])))

    def _note(self, row: SheetRow, column: str, reason: str) -> None:
        self.made.problems.append(PriceListProblem(row.line, column, reason))

    def _row(self, row: SheetRow) -> None:
        key = row.price.key
        if key.product_id not in self.products:
            self._note(row, "ProductId", f"The product {key.product_id} is not in the catalogue. Publish it first.")
            return
        if f"{key.product_id}:{key.sku_id}" not in self.skus:
            self._note(row, "SkuId", f"The product {key.product_id} has no SKU {key.sku_id}. Publish it first.")
            return
        place = (key.product_id, key.sku_id, key.market, key.segment)
        sold = self.places.get(place)
        currency = sold.currency if sold else self.made.new_places.get(place, key.currency)
        if currency != key.currency:
            self._note(row, "Currency", f"The SKU is sold in {currency} in this market and segment.")
            return
        if row.is_end:
            self._end(row)
            return
        self._price(row)
        if sold is None:
            self.made.new_places[place] = key.currency
        plan = Plan(key.duration, key.billing_cycle)
        if sold is None or plan not in sold.plans:
            self.made.new_plans.setdefault(place, set()).add(plan)

    def _end(self, row: SheetRow) -> None:
        price = row.price
        ends_at = price.valid_until or self.uow.now
        if ends_at < self.uow.now - LAST_SECOND:
            self._note(row, "EffectiveEndDate", "A published price cannot be ended in the past.")
            return
        open_rows = [
            (row_id, held) for row_id, held in self.held[price.key] if held.valid_until is None or held.holds(ends_at)
        ]
        if not open_rows:
            self._note(row, "ProductId", "There is no such price to end.")
            return
        self.made.ended += [(row_id, msgspec.structs.replace(held, valid_until=ends_at)) for row_id, held in open_rows]

    def _price(self, row: SheetRow) -> None:
        price, now = row.price, self.uow.now
        ending = []
        for row_id, held in self.held[price.key]:
            if _says_the_same(held, price):
                self.made.unchanged += 1
                return
            if held.valid_from == price.valid_from and held.valid_from > now:
                self.made.changed.append((row_id, price))
                return
            if not held.overlaps(price):
                continue
            if held.valid_from >= price.valid_from:
                reason = f"A price from {held.valid_from:%Y-%m-%d} on is published already. End this row before it."
                self._note(row, "EffectiveEndDate", reason)
                return
            if price.valid_from <= now:
                reason = "Another price holds at that time already. A new price starts in the future."
                self._note(row, "EffectiveStartDate", reason)
                return
            cut = msgspec.structs.replace(held, valid_until=price.valid_from - timedelta(seconds=1))
            ending.append((row_id, cut))
        self.made.ended += ending
        self.made.added.append(price)


def _says_the_same(held: PriceRow, price: PriceRow) -> bool:
    return (held.key, held.valid_from, held.unit_price, held.erp_price, held.tier_to) == (
        price.key,
        price.valid_from,
        price.unit_price,
        price.erp_price,
        price.tier_to,
    ) and (price.valid_until is None or held.valid_until == price.valid_until)


def _carry_out(uow: UnitOfWork, plan: PriceListPlan, publication_id: UUID) -> None:
    for row_id, row in (*plan.changed, *plan.ended):
        price = uow.db.get_one(Price, row_id)
        price.unit_price, price.erp_price, price.tier_to = row.unit_price, row.erp_price, row.tier_to
        price.valid_until, price.tags, price.publication_id = row.valid_until, row.tags, publication_id
    add_prices(uow, plan.added, publication_id)
    for place in plan.new_plans.keys() - plan.new_places.keys():
        product_id, sku_id, market, segment = place
        sold = uow.db.scalars(
            select(Availability).where(
                Availability.product_id == product_id,
                Availability.sku_id == sku_id,
                Availability.market == market,
                Availability.segment == segment,
            )
        ).one()
        sold.plans = in_order({*sold.plans, *plan.new_plans[place]})
    for place, currency in sorted(plan.new_places.items()):
        product_id, sku_id, market, segment = place
        uow.db.add(
            Availability(
                id=product_id[:6] + uow.ids.pick(ALPHANUMERIC, 6),
                product_id=product_id,
                sku_id=sku_id,
                market=market,
                segment=segment,
                currency=currency,
                plans=in_order(plan.new_plans[place]),
            )
        )


def add_prices(uow: UnitOfWork, rows: Sequence[PriceRow], publication_id: UUID | None) -> None:
    """Write price rows as they are: the last step of a publication, and the seed's only one."""
    if not rows:
        return
    uow.db.execute(
        insert(Price),
        [
            {
                "id": uow.ids.uuid(),
                "product_id": row.key.product_id,
                "sku_id": row.key.sku_id,
                "market": row.key.market,
                "segment": row.key.segment,
                "currency": row.key.currency,
                "duration": Plan(row.key.duration, row.key.billing_cycle).duration_text,
                "billing_cycle": row.key.billing_cycle,
                "tier_from": row.key.tier_from,
                "tier_to": row.tier_to,
                "unit_price": row.unit_price,
                "erp_price": row.erp_price,
                "valid_from": row.valid_from,
                "valid_until": row.valid_until,
                "tags": row.tags,
                "publication_id": publication_id,
            }
            for row in rows
        ],
    )


def in_order(plans: Iterable[Plan]) -> list[Plan]:
    """Plans by duration, then by cycle from the most frequent charge on."""
    return sorted(plans, key=lambda plan: (plan.duration is None, plan.duration_text, plan.billing_cycle.months or 999))
