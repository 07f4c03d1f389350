"""Publishing: products, promotions, and price lists that are taken whole or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from openpartner.catalogue import queries, rules, service
from openpartner.catalogue.models import Availability, Price, Product
from openpartner.catalogue.queries import PriceFilter, Showcase
from openpartner.catalogue.rules import BillingCycle, Plan, PriceListProblem, ProductKind, Segment
from openpartner.catalogue.service import ProductChange, ProductDraft, SkuDraft
from openpartner.platform.actor import RoleNeeded
from openpartner.platform.errors import InvalidFields, PreconditionFailed
from tests.catalogue.conftest import Shop

US = Showcase("US", frozenset({Segment.COMMERCIAL}))
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def draft(**changes: object) -> ProductDraft:
    made = ProductDraft(
        id="CFQ7TTC0NEW1",
        kind=ProductKind.LICENSE,
        title="Contoso Notes",
        publisher_name="Contoso",
        skus=[SkuDraft(title="Contoso Notes Plan 1", maximum_quantity=50)],
    )
    return replace(made, **changes)


def sheet(*rows: str) -> str:
    return "\n".join((",".join(rules.COLUMNS), *rows))


def row(price: str = "120.00", start: str = "2026-02-01", end: str = "", **changes: str) -> str:
    values = {
        "ProductTitle": "Contoso Notes",
        "ProductId": "CFQ7TTC0NEW1",
        "SkuId": "0001",
        "SkuTitle": "Contoso Notes Plan 1",
        "Publisher": "Contoso",
        "SkuDescription": "",
        "UnitOfMeasure": "1 License",
        "TermDuration": "P1Y",
        "BillingPlan": "Monthly",
        "Market": "US",
        "Currency": "USD",
        "UnitPrice": price,
        "PricingTierRangeMin": "",
        "PricingTierRangeMax": "",
        "EffectiveStartDate": start,
        "EffectiveEndDate": end,
        "Tags": "",
        "ERP Price": "150.00",
        "Segment": "Commercial",
    } | changes
    return ",".join(values[name] for name in rules.COLUMNS)


def publish(shop: Shop, text: str) -> None:
    with shop.lab.begin(shop.editor) as uow:
        service.publish_price_list(uow, text, "february.csv")


def refused(shop: Shop, text: str) -> tuple[PriceListProblem, ...]:
    """The problems of a list that is not taken, after proving that nothing changed."""
    before = history(shop)
    events = shop.lab.kinds()
    with pytest.raises(rules.PriceListRefused) as refusal:
        publish(shop, text)
    assert (history(shop), shop.lab.kinds()) == (before, events)
    return refusal.value.problems


def history(shop: Shop) -> list[tuple[str, str, Decimal, str, str]]:
    with shop.lab.read() as uow:
        statement = select(Price).where(Price.product_id == "CFQ7TTC0NEW1").order_by(Price.valid_from, Price.duration)
        return [
            (
                price.duration,
                price.billing_cycle.value,
                price.unit_price,
                f"{price.valid_from:%Y-%m-%d}",
                f"{price.valid_until:%Y-%m-%d %H:%M:%S}" if price.valid_until else "",
            )
            for price in uow.db.scalars(statement)
        ]


@pytest.fixture
def notes(shop: Shop) -> Shop:
    with shop.lab.begin(shop.editor) as uow:
        service.publish_product(uow, draft())
    return shop


# --- products


def test_a_product_is_published_and_sold_once_it_has_a_price(notes: Shop) -> None:
    with notes.lab.read(notes.agent) as uow, pytest.raises(queries.ProductUnknown):
        queries.one_product(uow, US, "CFQ7TTC0NEW1")

    publish(notes, sheet(row(start="2026-01-01"), row("11.00", "2026-01-01", TermDuration="P1M")))

    with notes.lab.read(notes.agent) as uow:
        (offered,) = queries.availabilities(uow, US, "cfq7ttc0new1", "0001")
        assert offered.plans == (Plan(rules.MONTH, BillingCycle.MONTHLY), Plan(rules.YEAR, BillingCycle.MONTHLY))
        assert (offered.item.currency, offered.item.maximum_quantity) == ("USD", 50)
        assert offered.item.is_purchasable
        quote = queries.price_of(uow, offered.item, offered.plans[1], uow.now)
        assert quote is not None
        assert (quote.cycle_price, quote.term_price) == (Decimal(10), Decimal(120))
    assert notes.lab.kinds() == ["ProductPublished", "PriceListPublished"]
    published = notes.lab.events("PriceListPublished")[0]
    assert (published["data"]["added"], published["data"]["file_name"]) == (2, "february.csv")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "SHORT"}, {"id": "A product id has 12 letters and digits."}),
        ({"title": " "}, {"title": "The product needs a title."}),
        ({"publisher_name": ""}, {"publisherName": "The product needs a publisher."}),
        ({"skus": []}, {"skus": "The product needs at least one SKU."}),
        ({"skus": [SkuDraft(title="")]}, {"skus[0].title": "The SKU needs a title."}),
        (
            {"skus": [SkuDraft(title="A", minimum_quantity=5, maximum_quantity=4)]},
            {"skus[0].minimumQuantity": ("The quantities must be 1 or more, the minimum no larger than the maximum.")},
        ),
        (
            {"skus": [SkuDraft(title="A", prerequisite_skus=["CFQ7TTC0LH18:0001", "CFQ7TTC0LH18:9999"])]},
            {"skus": "These SKUs are not in the catalogue: CFQ7TTC0LH18:9999."},
        ),
    ],
)
def test_a_draft_with_problems_is_refused_whole(shop: Shop, change: dict[str, object], problem: dict[str, str]) -> None:
    with shop.lab.begin(shop.editor) as uow, pytest.raises(InvalidFields) as refusal:
        service.publish_product(uow, draft(**change))
    assert refusal.value.problems == problem
    assert shop.lab.kinds() == []


def test_a_product_id_is_taken_once(notes: Shop) -> None:
    with notes.lab.begin(notes.editor) as uow, pytest.raises(service.ProductExists) as refusal:
        service.publish_product(uow, draft())
    assert (refusal.value.status, refusal.value.code) == (409, 1003)


def test_a_product_without_an_id_gets_one_of_its_kind(shop: Shop) -> None:
    with shop.lab.begin(shop.editor) as uow:
        made = service.publish_product(uow, draft(id="", kind=ProductKind.SAAS))
        assert made.id.startswith("DZH318Z0")
        assert len(made.id) == 12


def test_only_the_operators_editor_publishes(shop: Shop) -> None:
    with shop.lab.begin(shop.agent) as uow, pytest.raises(RoleNeeded):
        service.publish_product(uow, draft())
    with shop.lab.begin(shop.agent) as uow, pytest.raises(RoleNeeded):
        service.publish_price_list(uow, sheet(row()), "x.csv")


def test_a_withdrawn_product_is_not_sold_and_keeps_its_items(notes: Shop) -> None:
    publish(notes, sheet(row(start="2026-01-01")))
    with notes.lab.read() as uow:
        item_id = queries.availabilities(uow, US, "CFQ7TTC0NEW1", "0001")[0].item.id

    with notes.lab.begin(notes.editor) as uow:
        service.change_product(uow, "CFQ7TTC0NEW1", ProductChange(is_published=False, title="Contoso Notes"))

    with notes.lab.read(notes.agent) as uow:
        with pytest.raises(queries.ProductUnknown):
            queries.one_product(uow, US, "CFQ7TTC0NEW1")
        offered = queries.offered(uow, item_id)
        assert offered is not None
        assert not offered.item.is_purchasable
    changed = notes.lab.events("ProductChanged")[0]
    assert (changed["before"], changed["after"]) == ({"isPublished": True}, {"isPublished": False})


def test_two_editors_do_not_overwrite_each_other(notes: Shop) -> None:
    with notes.lab.begin(notes.editor) as uow:
        service.change_product(uow, "CFQ7TTC0NEW1", ProductChange(description="First"), version=1)
    with notes.lab.begin(notes.editor) as uow, pytest.raises(PreconditionFailed):
        service.change_product(uow, "CFQ7TTC0NEW1", ProductChange(description="Second"), version=1)
    with notes.lab.read() as uow:
        assert uow.db.get_one(Product, "CFQ7TTC0NEW1").description == "First"


def test_a_change_that_changes_nothing_is_not_announced(notes: Shop) -> None:
    with notes.lab.begin(notes.editor) as uow:
        service.change_product(uow, "CFQ7TTC0NEW1", ProductChange(title="Contoso Notes"))
    assert notes.lab.kinds() == ["ProductPublished"]


# --- price lists


def test_a_new_price_ends_the_open_one_a_second_before(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-01-01")))

    publish(notes, sheet(row("132.00", "2026-02-01")))

    assert history(notes) == [
        ("P1Y", "monthly", Decimal(120), "2026-01-01", "2026-01-31 23:59:59"),
        ("P1Y", "monthly", Decimal(132), "2026-02-01", ""),
    ]
    with notes.lab.read() as uow:
        item = queries.availabilities(uow, US, "CFQ7TTC0NEW1", "0001")[0].item
        plan = Plan(rules.YEAR, BillingCycle.MONTHLY)
        seen = [
            quote.term_price if quote else None
            for at in ("2025-12-31T23:59:59", "2026-01-31T23:59:59.999999", "2026-02-01T00:00:00")
            for quote in [queries.price_of(uow, item, plan, datetime.fromisoformat(at).replace(tzinfo=UTC))]
        ]
        assert seen == [None, Decimal(120), Decimal(132)]


def test_the_same_list_taken_twice_has_one_effect(notes: Shop) -> None:
    text = sheet(row("120.00", "2026-01-01"), row("132.00", "2026-02-01", TermDuration="P3Y"))
    publish(notes, text)
    before = history(notes)

    publish(notes, text)

    assert history(notes) == before
    second = notes.lab.events("PriceListPublished")[1]["data"]
    assert (second["added"], second["changed"], second["ended"]) == (0, 0, 0)


def test_a_price_that_has_not_begun_may_be_corrected(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-02-01")))
    publish(notes, sheet(row("99.00", "2026-02-01")))
    assert history(notes) == [("P1Y", "monthly", Decimal(99), "2026-02-01", "")]


def test_a_deleted_row_ends_its_price(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-01-01")))
    header = "ChangeIndicator," + ",".join(rules.COLUMNS)

    publish(notes, "\n".join((header, "Deleted," + row("120.00", "2026-01-01", "2026-03-31"))))

    assert history(notes) == [("P1Y", "monthly", Decimal(120), "2026-01-01", "2026-03-31 23:59:59")]


def test_one_bad_row_keeps_the_whole_list_out(notes: Shop) -> None:
    text = sheet(
        row("120.00", "2026-02-01"),
        row(ProductId="CFQ7TTC0NONE"),
        row(SkuId="0002"),
        row("5", TermDuration="P1M", Currency="EUR"),
        row("6", TermDuration="P3Y"),
    )
    assert refused(notes, text) == (
        PriceListProblem(3, "ProductId", "The product CFQ7TTC0NONE is not in the catalogue. Publish it first."),
        PriceListProblem(4, "SkuId", "The product CFQ7TTC0NEW1 has no SKU 0002. Publish it first."),
        PriceListProblem(5, "Currency", "The SKU is sold in USD in this market and segment."),
    )


def test_a_price_that_holds_is_not_rewritten(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-01-01")))

    assert refused(notes, sheet(row("99.00", "2026-01-01"))) == (
        PriceListProblem(
            2, "EffectiveEndDate", "A price from 2026-01-01 on is published already. End this row before it."
        ),
    )
    assert refused(notes, sheet(row("99.00", "2026-01-10"))) == (
        PriceListProblem(
            2, "EffectiveStartDate", "Another price holds at that time already. A new price starts in the future."
        ),
    )


def test_an_open_row_before_a_published_one_is_refused(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-06-01")))

    assert refused(notes, sheet(row("99.00", "2026-03-01"))) == (
        PriceListProblem(
            2, "EffectiveEndDate", "A price from 2026-06-01 on is published already. End this row before it."
        ),
    )
    publish(notes, sheet(row("99.00", "2026-03-01", "2026-05-31")))
    assert [price for _, _, price, _, _ in history(notes)] == [Decimal(99), Decimal(120)]


def test_a_price_to_end_must_exist_and_not_lie_in_the_past(notes: Shop) -> None:
    header = "ChangeIndicator," + ",".join(rules.COLUMNS)
    gone = "\n".join((header, "Deleted," + row("120.00", "2026-01-01", "2026-03-31")))
    assert refused(notes, gone) == (PriceListProblem(2, "ProductId", "There is no such price to end."),)
    publish(notes, sheet(row("120.00", "2025-01-01")))
    past = "\n".join((header, "Deleted," + row("120.00", "2025-01-01", "2025-12-31")))
    assert refused(notes, past) == (
        PriceListProblem(2, "EffectiveEndDate", "A published price cannot be ended in the past."),
    )


def test_the_preview_says_what_publishing_does(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-01-01")))
    text = sheet(row("132.00", "2026-02-01"), row("10.00", "2026-02-01", Market="DE", Currency="EUR"))

    with notes.lab.read(notes.editor) as uow:
        plan = service.preview_price_list(uow, text)

    assert (len(plan.added), len(plan.changed), len(plan.ended), plan.problems) == (2, 0, 1, [])
    assert plan.new_places == {("CFQ7TTC0NEW1", "0001", "DE", Segment.COMMERCIAL): "EUR"}
    assert len(history(notes)) == 1


def test_the_seeded_list_reads_back_as_it_is_written(shop: Shop) -> None:
    """Export of a market, then import: nothing changes, whatever the number of rows."""
    with shop.lab.read(shop.editor) as uow:
        wanted = PriceFilter("US", frozenset(ProductKind), *EVER)
        found = queries.priced(uow, wanted)
        text = rules.write_price_list(price.row(product, sku) for product, sku, price in found)
        plan = service.preview_price_list(uow, text)

    assert len(found) == 759
    assert (plan.unchanged, plan.added, plan.ended, plan.changed, plan.problems) == (759, [], [], [], [])


def test_tiers_are_chosen_by_quantity(notes: Shop) -> None:
    publish(
        notes,
        sheet(
            row("120.00", "2026-01-01", PricingTierRangeMax="9"),
            row("96.00", "2026-01-01", PricingTierRangeMin="10"),
        ),
    )
    with notes.lab.read() as uow:
        item = queries.availabilities(uow, US, "CFQ7TTC0NEW1", "0001")[0].item
        plan = Plan(rules.YEAR, BillingCycle.MONTHLY)
        quotes = [queries.price_of(uow, item, plan, uow.now, quantity) for quantity in (1, 9, 10, 500)]
        assert [quote.term_price if quote else None for quote in quotes] == [
            Decimal(120),
            Decimal(120),
            Decimal(96),
            Decimal(96),
        ]


def test_new_plans_and_markets_open_availabilities(notes: Shop) -> None:
    publish(notes, sheet(row("120.00", "2026-01-01")))
    publish(
        notes,
        sheet(
            row("11.00", "2026-01-01", TermDuration="P1M"),
            row("100.00", "2026-01-01", Market="DE", Currency="EUR"),
            row("30.00", "2026-01-01", Segment="Charity"),
        ),
    )
    with notes.lab.read() as uow:
        statement = (
            select(Availability.market, Availability.segment, Availability.currency, func.length(Availability.id))
            .where(Availability.product_id == "CFQ7TTC0NEW1")
            .order_by(Availability.market, Availability.segment)
        )
        assert [tuple(found) for found in uow.db.execute(statement)] == [
            ("DE", Segment.COMMERCIAL, "EUR", 12),
            ("US", Segment.COMMERCIAL, "USD", 12),
            ("US", Segment.NONPROFIT, "USD", 12),
        ]
        assert len(queries.availabilities(uow, US, "CFQ7TTC0NEW1", "0001")[0].plans) == 2


# --- promotions


def test_a_promotion_is_published_and_replaced(shop: Shop) -> None:
    with shop.lab.read() as uow:
        promotion = queries.one_promotion(uow, "US", "39nfjqt1pjqb:0001:39nfjqt1q5kn")

    with shop.lab.begin(shop.editor) as uow:
        service.publish_promotion(uow, replace(promotion, discount=Decimal("0.2")))

    with shop.lab.read() as uow:
        assert queries.one_promotion(uow, "US", promotion.id).discount == Decimal("0.2")
    fact = shop.lab.events("PromotionPublished")[0]
    assert (fact["before"]["discount"], fact["after"]["discount"]) == ("0.15", "0.2")


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"discount": Decimal(1)}, "discount"),
        ({"ends_at": datetime(2019, 1, 1, tzinfo=UTC)}, "endDate"),
        ({"name": ""}, "name"),
    ],
)
def test_a_promotion_with_problems_is_refused(shop: Shop, change: dict[str, object], member: str) -> None:
    with shop.lab.read() as uow:
        promotion = queries.one_promotion(uow, "US", "39NFJQT1PJQB:0001:39NFJQT1Q5KN")
    with shop.lab.begin(shop.editor) as uow, pytest.raises(InvalidFields) as refusal:
        service.publish_promotion(uow, replace(promotion, **change))
    assert list(refusal.value.problems) == [member]


def test_a_promotion_needs_its_sku(shop: Shop) -> None:
    with shop.lab.read() as uow:
        promotion = queries.one_promotion(uow, "US", "39NFJQT1PJQB:0001:39NFJQT1Q5KN")
    with shop.lab.begin(shop.editor) as uow, pytest.raises(queries.SkuUnknown):
        service.publish_promotion(uow, replace(promotion, sku_id="0007"))


def test_promotions_run_by_market_segment_and_time(shop: Shop) -> None:
    with shop.lab.read() as uow:
        names = {
            market: [promotion.name for promotion in queries.promotions(uow, market, [Segment.COMMERCIAL], uow.now)]
            for market in ("US", "DE")
        }
        assert names["US"] == ["Business Premium for a year", "Step up to E5", "First Power BI", "Copilot for teams"]
        assert set(names["DE"]) - set(names["US"]) == {"Business Standard in Europe"}
        assert queries.promotions(uow, "US", [Segment.COMMERCIAL], uow.now + timedelta(days=1500)) == []
        with pytest.raises(queries.PromotionUnknown):
            queries.one_promotion(uow, "US", "39NFJQT1PJQG:0001:39NFJQT1Q5KS")
        over = queries.one_promotion(uow, "US", "39NFJQT1PJQH:0001:39NFJQT1Q5KT")
        assert not over.runs(uow.now)
        found = queries.promotions_of_skus(uow, ["CFQ7TTC0LCHC:0001", "CFQ7TTC0LCHC:0099"])
        assert {sku: [promotion.id for promotion in promotions] for sku, promotions in found.items()} == {
            "CFQ7TTC0LCHC:0001": ["39NFJQT1PJQB:0001:39NFJQT1Q5KN"],
            "CFQ7TTC0LCHC:0099": [],
        }


# --- the storefront


def test_the_storefront_finds_by_title_and_kind(shop: Shop) -> None:
    with shop.lab.read(shop.agent) as uow:
        found = queries.offered_in(uow, US, [ProductKind.LICENSE], "business premium")
        assert [offered.sku.title for offered in found] == [
            "Microsoft 365 Business Premium",
            "Microsoft 365 Business Premium Trial",
        ]
        assert queries.offered_in(uow, US, [ProductKind.SAAS], "business premium") == []
        assert queries.offered_in(uow, US, text="100%") == []
