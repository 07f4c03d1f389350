"""The seeded catalogue is rich enough to rehearse with, and the same in every world."""

from collections import Counter
from decimal import Decimal

from sqlalchemy import func, select

from openpartner.catalogue import queries, rules
from openpartner.catalogue.models import Availability, Price, Product, Sku
from openpartner.catalogue.rules import BillingCycle, Plan, ProductKind, Segment
from openpartner.catalogue.seed_catalogue import MARKET_CURRENCIES, read_entries, seed_catalogue
from openpartner.platform.money import minor_digits
from tests.catalogue.conftest import Shop
from tests.support.lab import Lab


def test_the_whole_catalogue_has_every_kind_in_sixteen_markets(lab: Lab) -> None:
    with lab.begin() as uow:
        seed_catalogue(uow)

    with lab.read() as uow:
        kinds = Counter(uow.db.scalars(select(Product.kind)))
        assert kinds == {
            ProductKind.LICENSE: 78,
            ProductKind.PERPETUAL_SOFTWARE: 13,
            ProductKind.RESERVATION: 8,
            ProductKind.SAAS: 8,
            ProductKind.SOFTWARE_SUBSCRIPTION: 5,
            ProductKind.LINUX_SOFTWARE: 3,
            ProductKind.SAVINGS_PLAN: 1,
            ProductKind.AZURE_PLAN: 1,
        }
        assert queries.markets(uow) == sorted(MARKET_CURRENCIES)
        assert set(uow.db.scalars(select(Availability.currency).distinct())) == {"USD", "EUR", "GBP", "JPY"}
        assert uow.db.scalar(select(func.count()).select_from(Sku)) == 145
        assert uow.db.scalar(select(func.count()).select_from(Price)) == 10974
        duration_and_cycle = select(Price.duration, Price.billing_cycle).distinct()
        assert {(duration, cycle.value) for duration, cycle in uow.db.execute(duration_and_cycle)} == {
            ("", "monthly"),
            ("", "one_time"),
            ("P1M", "monthly"),
            ("P1Y", "monthly"),
            ("P1Y", "annual"),
            ("P1Y", "one_time"),
            ("P3Y", "monthly"),
            ("P3Y", "annual"),
            ("P3Y", "triennial"),
            ("P3Y", "one_time"),
        }


def test_every_reference_between_skus_exists() -> None:
    entries = {entry.part: entry for entry in read_entries()}
    named = [part for entry in entries.values() for fact in ("base", "up") for part in entry.many(fact)]
    assert len(named) == 109
    assert set(named) - entries.keys() == set()


def test_each_price_divides_into_whole_minor_units_per_cycle(wide_shop: Shop) -> None:
    """A list price that a customer sees each month has no fraction of a cent."""
    with wide_shop.lab.read() as uow:
        for price in uow.db.scalars(select(Price)):
            plan = price.plan
            each = rules.cycle_price(price.unit_price, plan.duration, plan.billing_cycle)
            assert each == each.quantize(Decimal(1).scaleb(-minor_digits(price.currency)))


def test_the_ids_public_clients_know_are_there(shop: Shop) -> None:
    with shop.lab.read() as uow:
        basic = queries.offered(uow, rules.CatalogItemId.parse("CFQ7TTC0LH18:0001:CFQ7TTC0K971"))
        assert basic is not None
        assert (basic.sku.title, basic.availability.market) == ("Microsoft 365 Business Basic", "US")
        azure = queries.offered_by_sku(uow, "DZH318Z0BPS6", "0001", "US", Segment.COMMERCIAL)
        assert azure is not None
        assert azure.item.kind is ProductKind.AZURE_PLAN
        for product_id in ("DG7GMGF0D7FV", "DG7GMGF0D7FT", "DZH318Z0BNZ5", "CFQ7TTC0LDPB"):
            assert uow.db.get(Product, product_id) is not None


def test_two_worlds_have_the_same_availabilities_and_prices(wide_shop: Shop) -> None:
    with wide_shop.lab.read() as uow:
        item = queries.offered_by_sku(uow, "CFQ7TTC0LFLX", "0001", "DE", Segment.COMMERCIAL)
        assert item is not None
        assert str(item.item.id) == "CFQ7TTC0LFLX:0001:CFQ7TT9HG2G3"
        assert queries.markets(uow) == ["DE", "JP", "US"]
        plan = Plan(rules.YEAR, BillingCycle.MONTHLY)
        quote = queries.price_of(uow, item.item, plan, uow.now)
        assert quote is not None
        assert (quote.cycle_price, quote.term_price, quote.currency) == (Decimal("38.12"), Decimal("457.44"), "EUR")
