"""The rules of the catalogue: words, ids, segments, views, prices, price lists and promotions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openpartner.catalogue import rules
from openpartner.catalogue.rules import (
    MONTH,
    THREE_YEARS,
    YEAR,
    BillingCycle,
    CatalogItemId,
    Duration,
    IneligibleType,
    OwnedProduct,
    PriceKey,
    PriceListProblem,
    PriceRow,
    ProductKind,
    Promotion,
    PromotionBuyer,
    Segment,
    SheetRow,
)
from openpartner.platform.errors import DomainError

MARKETS = ("DE", "US")
CURRENCIES = ("EUR", "JPY", "USD")
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def code_of(error: pytest.ExceptionInfo[DomainError]) -> tuple[int, int | str]:
    return int(error.value.status), error.value.code


# --- words


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P1M", Duration(1)),
        ("P1Y", Duration(12)),
        ("p3y", Duration(36)),
        ("P1Y6M", Duration(18)),
        ("P30D", Duration(0, 30)),
        ("P12M", Duration(12)),
    ],
)
def test_durations_are_read_in_months_and_days(text: str, duration: Duration) -> None:
    assert Duration.parse(text) == duration


@pytest.mark.parametrize("text", ["", "P", "1Y", "PT24H", "P-1Y", "P1Y1W", "one year"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(rules.DurationInvalid) as refusal:
        Duration.parse(text)
    assert code_of(refusal) == (400, 800121)


def test_durations_are_written_in_years_where_they_can_be() -> None:
    assert [str(Duration(*parts)) for parts in [(1, 0), (12, 0), (36, 0), (18, 0), (0, 30), (0, 0)]] == [
        "P1M",
        "P1Y",
        "P3Y",
        "P1Y6M",
        "P30D",
        "P0D",
    ]


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [("2021-01-31", 1, "2021-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2021-12-15", 1, "2022-01-15"),
     ("2022-03-31", -1, "2022-02-28"), ("2024-02-29", 12, "2025-02-28")],
)  # fmt: skip
def test_months_are_added_with_the_day_clamped(start: str, months: int, expected: str) -> None:
    assert rules.add_months(date.fromisoformat(start), months) == date.fromisoformat(expected)


def test_cycles_know_their_length_and_their_pascal_text() -> None:
    assert {cycle.pascal: cycle.months for cycle in BillingCycle} == {
        "Monthly": 1,
        "Annual": 12,
        "Biennial": 24,
        "Triennial": 36,
        "OneTime": None,
        "None": None,
    }


# --- ids and segments


def test_a_catalog_item_id_has_three_parts_in_any_case() -> None:
    item = CatalogItemId.parse("cfq7ttc0lh18:0001:cfq7ttc0k971")
    assert (str(item), item.sku) == ("CFQ7TTC0LH18:0001:CFQ7TTC0K971", "CFQ7TTC0LH18:0001")


@pytest.mark.parametrize(
    "text", ["CFQ7TTC0LH18", "CFQ7TTC0LH18:0001", "CFQ7TTC0LH18:001:CFQ7TTC0K971", "CFQ7TTC0LH18:0001:CFQ7TTC0K97-", ""]
)
def test_what_is_no_catalog_item_id_is_refused(text: str) -> None:
    with pytest.raises(rules.CatalogItemIdInvalid) as refusal:
        CatalogItemId.parse(text)
    assert code_of(refusal) == (400, 800004)


def test_legacy_ids_are_guids_and_azure_numbers() -> None:
    assert rules.is_legacy_offer_id("195416C1-3447-423A-B37B-EE59A99A19C4")
    assert rules.is_legacy_offer_id("MS-AZR-0145P")
    assert not rules.is_legacy_offer_id("CFQ7TTC0LH18:0001:CFQ7TTC0K971")


@pytest.mark.parametrize(
    ("asked", "qualifications", "shown"),
    [
        (None, None, {"commercial", "education", "government"}),
        (None, [], {"commercial"}),
        (None, ["Education", "Nonprofit"], {"commercial", "education"}),
        ("Nonprofit", None, {"nonprofit"}),
        ("nonprofit", ["nonprofit"], {"nonprofit"}),
        ("government", ["GovernmentCommunityCloud", "StateOwnedEntity"], {"government"}),
    ],
)
def test_listings_show_the_segments_a_buyer_may_have(
    asked: str | None, qualifications: list[str] | None, shown: set[str]
) -> None:
    assert rules.segments_listed(asked, qualifications) == shown


@pytest.mark.parametrize(("asked", "qualifications"), [("military", None), ("education", []), ("education", ["None"])])
def test_a_segment_that_is_not_allowed_is_refused(asked: str, qualifications: list[str] | None) -> None:
    with pytest.raises(rules.SegmentNotAllowed) as refusal:
        rules.segments_listed(asked, qualifications)
    assert code_of(refusal) == (403, 400030)


def test_every_kind_is_in_a_view_and_views_are_found_in_any_case() -> None:
    assert frozenset().union(*(view.kinds for view in rules.TARGET_VIEWS.values())) == frozenset(ProductKind)
    assert rules.target_view("softwaresuselinux").kinds == {ProductKind.LINUX_SOFTWARE}
    assert rules.target_view("AzureReservationsVM").sub_type == "AzureReservationsVM"


@pytest.mark.parametrize(("name", "refused"), [(None, (400, 800002)), ("", (400, 800002)), ("Windows", (403, 400036))])
def test_a_view_that_is_missing_or_unknown_is_refused(name: str | None, refused: tuple[int, int]) -> None:
    with pytest.raises(DomainError) as refusal:
        rules.target_view(name)
    assert code_of(refusal) == refused


def test_the_default_cycle_is_one_time_then_monthly_then_the_first_sold() -> None:
    item = rules.Item(
        id=CatalogItemId("CFQ7TTC0LH18", "0001", "CFQ7TTC0K971"),
        title="",
        kind=ProductKind.LICENSE,
        segment=Segment.COMMERCIAL,
        country="US",
        currency="USD",
        plans=(),
    )
    for cycles, default in [
        ([BillingCycle.ANNUAL, BillingCycle.MONTHLY], BillingCycle.MONTHLY),
        ([BillingCycle.ANNUAL, BillingCycle.ONE_TIME], BillingCycle.ONE_TIME),
        ([BillingCycle.TRIENNIAL, BillingCycle.ANNUAL], BillingCycle.TRIENNIAL),
        ([], BillingCycle.NONE),
    ]:
        plans = tuple(rules.Plan(THREE_YEARS, cycle) for cycle in cycles)
        assert replace(item, plans=plans).default_billing_cycle is default


# --- prices

KEY = PriceKey("CFQ7TTC0LH18", "0001", YEAR, BillingCycle.MONTHLY, "US", "USD", Segment.COMMERCIAL)


def price(start: datetime, end: datetime | None = None, amount: str = "120.00", **changes: Any) -> PriceRow:
    row = PriceRow(KEY, "Business Premium", "Business Premium", Decimal(amount), start, end)
    return replace(row, **changes)


def test_the_row_in_force_is_the_one_that_began_last() -> None:
    old = price(JANUARY, datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC))
    new = price(datetime(2026, 4, 1, tzinfo=UTC), amount="132.00")
    early = price(datetime(2026, 3, 1, tzinfo=UTC), amount="126.00")
    rows = [new, old, early]

    for at, expected in [
        (JANUARY - timedelta(seconds=1), None),
        (JANUARY, old),
        (datetime(2026, 3, 1, tzinfo=UTC), early),
        (datetime(2026, 4, 1, tzinfo=UTC), new),
        (datetime(2099, 1, 1, tzinfo=UTC), new),
    ]:
        assert rules.in_force(rows, KEY, at) == expected
    assert rules.in_force(rows, replace(KEY, market="DE"), JANUARY) is None


@pytest.mark.parametrize(
    ("term_price", "duration", "cycle", "expected"),
    [
        ("120.96", YEAR, BillingCycle.MONTHLY, "10.08"),
        ("120.96", YEAR, BillingCycle.ANNUAL, "120.96"),
        ("648.00", THREE_YEARS, BillingCycle.ANNUAL, "216"),
        ("648.00", THREE_YEARS, BillingCycle.TRIENNIAL, "648"),
        ("100.00", YEAR, BillingCycle.MONTHLY, "8.333333"),
        ("200.00", THREE_YEARS, BillingCycle.MONTHLY, "5.555556"),
        ("10.08", MONTH, BillingCycle.MONTHLY, "10.08"),
        ("455.00", None, BillingCycle.ONE_TIME, "455.00"),
        ("900.00", YEAR, BillingCycle.ONE_TIME, "900.00"),
    ],
)
def test_a_term_price_is_shared_over_its_cycles(
    term_price: str, duration: Duration | None, cycle: BillingCycle, expected: str
) -> None:
    assert rules.cycle_price(Decimal(term_price), duration, cycle) == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "duration", "steps"),
    [
        (ProductKind.LICENSE, YEAR, [("Full", "P1D"), ("Partial", "P7D")]),
        (ProductKind.SAAS, MONTH, [("Full", "P1D")]),
        (ProductKind.SAAS, YEAR, [("Full", "P14D")]),
        (ProductKind.PERPETUAL_SOFTWARE, None, [("Full", "P30D")]),
        (ProductKind.AZURE_PLAN, None, []),
    ],
)
def test_refund_steps_are_what_the_catalogue_lists(
    kind: ProductKind, duration: Duration | None, steps: list[tuple[str, str]]
) -> None:
    assert [(step.refund, step.iso) for step in rules.refund_steps(kind, duration)] == steps


# --- price lists

HEADER = ",".join(rules.COLUMNS)
GOOD = (
    "Business Premium,CFQ7TTC0LH18,0001,Business Premium,Contoso,For up to 300 users,1 License,P1Y,Monthly,US,USD,"
    "120.96,,,2026-01-01,,Seat,151.20,Commercial"
)


def read(*lines: str, header: str = HEADER) -> rules.PriceList:
    return rules.parse_price_list("\n".join((header, *lines)), markets=MARKETS, currencies=CURRENCIES)


def test_a_good_line_becomes_a_row() -> None:
    assert read(GOOD) == rules.PriceList(
        rows=(
            SheetRow(
                2,
                PriceRow(
                    KEY,
                    "Business Premium",
                    "Business Premium",
                    Decimal("120.96"),
                    JANUARY,
                    erp_price=Decimal("151.20"),
                    publisher="Contoso",
                    sku_description="For up to 300 users",
                    unit_of_measure="1 License",
                    tags="Seat",
                ),
            ),
        )
    )


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        (("CFQ7TTC0LH18", "CFQ7"), "ProductId", "'CFQ7' is not an id of 12 letters and digits."),
        ((",0001,", ",1,"), "SkuId", "'1' is not an id of 4 letters and digits."),
        (("P1Y", "P1D"), "TermDuration", "'P1D' is not a term such as P1M, P1Y, P3Y or NoTerm."),
        (("P1Y", "annual"), "TermDuration", "'annual' is not a term such as P1M, P1Y, P3Y or NoTerm."),
        (
            (",Monthly,", ",Weekly,"),
            "BillingPlan",
            "'Weekly' is none of Monthly, Annual, Biennial, Triennial, OneTime, None.",
        ),
        ((",Monthly,", ",Triennial,"), "BillingPlan", "The billing plan Triennial is longer than the term P1Y."),
        ((",US,", ",XX,"), "Market", "'XX' is not the two-letter country code of a market."),
        ((",USD,", ",USX,"), "Currency", "'USX' is not the three-letter currency code."),
        (
            ("120.96", "-1"),
            "UnitPrice",
            "'-1' is not a number that is not negative, below 100 million, such as 1234.50.",
        ),
        (
            ("120.96", "1e3"),
            "UnitPrice",
            "'1e3' is not a number that is not negative, below 100 million, such as 1234.50.",
        ),
        (("120.96", ""), "UnitPrice", "'' is not a number that is not negative, below 100 million, such as 1234.50."),
        (("120.96", "0.12345678901"), "UnitPrice", "'0.12345678901' has more than 10 decimals."),
        (("2026-01-01", "soon"), "EffectiveStartDate", "'soon' is not a date such as 2026-01-31 or 1/31/2026."),
        (("2026-01-01,", "2026-01-01,2025-12-31"), "EffectiveEndDate", "The end lies before the start."),
        ((",,,2026", ",10,5,2026"), "PricingTierRangeMax", "The tier's end lies before its start."),
        (("Commercial", "Private"), "Segment", "'Private' is none of Commercial, Education, Government, Charity."),
        (("Business Premium,CFQ", ",CFQ"), "ProductTitle", "The value is missing."),
    ],
)
def test_a_bad_value_is_reported_with_line_column_and_reason(change: tuple[str, str], column: str, reason: str) -> None:
    assert read(GOOD.replace(*change)) == rules.PriceList(problems=(PriceListProblem(2, column, reason),))


def test_every_problem_is_reported_beside_the_rows_that_could_be_read() -> None:
    found = read(GOOD, GOOD.replace("US,USD,120.96", "XX,YYY,free"), "a,b", "", GOOD.replace("P1Y", "P5D"))

    assert [row.line for row in found.rows] == [2]
    assert [(problem.line, problem.column) for problem in found.problems] == [
        (3, "Market"),
        (3, "Currency"),
        (3, "UnitPrice"),
        (4, ""),
        (6, "TermDuration"),
    ]


def test_rows_of_one_key_may_not_overlap() -> None:
    first = GOOD.replace("2026-01-01,", "2026-01-01,2026-03-31")

    assert read(first, GOOD.replace("2026-01-01", "2026-04-01")).problems == ()
    assert read(first, GOOD.replace("2026-01-01", "2026-03-31")).problems == (
        PriceListProblem(3, "EffectiveStartDate", "The dates overlap those of line 2, same price key."),
    )


def test_the_header_must_be_whole() -> None:
    header = HEADER.replace("UnitPrice", "Cost").replace("Tags", "Market")
    assert read(GOOD, header=header).problems == (
        PriceListProblem(1, "UnitPrice", "The column is missing."),
        PriceListProblem(1, "Tags", "The column is missing."),
        PriceListProblem(1, "Cost", "This is not a column of a price list."),
        PriceListProblem(1, "Market", "The column occurs twice."),
    )
    assert rules.parse_price_list("", markets=(), currencies=()).problems == (
        PriceListProblem(1, "", "The file is empty."),
    )
    assert read().problems == (PriceListProblem(1, "", "The file has no rows."),)


def test_an_open_quote_is_reported() -> None:
    assert read('"' + GOOD).problems == (PriceListProblem(2, "", "This is not CSV: unexpected end of data."),)


def test_dates_segments_and_marks_are_read_as_the_vendor_writes_them() -> None:
    header = "\ufeffChangeIndicator," + HEADER
    changed = "Changed," + GOOD.replace("2026-01-01,", "1/1/2026 12:00:00 AM,11/30/9999 11:59:59 PM").replace(
        "Commercial", "Charity"
    )
    deleted = "Deleted," + GOOD.replace("2026-01-01,", "1/1/2026,6/30/2026").replace("P1Y,Monthly", "NoTerm,None")

    found = read(changed, deleted, header=header)

    first, second = found.rows
    assert (first.line, first.is_end, second.line, second.is_end) == (2, False, 3, True)
    assert (first.price.valid_from, first.price.valid_until, first.price.key.segment) == (
        JANUARY,
        None,
        Segment.NONPROFIT,
    )
    assert (second.price.key.duration, second.price.key.billing_cycle) == (None, BillingCycle.NONE)
    assert second.price.valid_until == datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)


def test_a_refused_list_says_its_first_problem_and_carries_all() -> None:
    problems = (PriceListProblem(2, "Market", "No."), PriceListProblem(3, "", "Nor this."))
    refusal = rules.PriceListRefused(problems)
    assert refusal.message == "The price list has 2 problems and was not taken. Line 2, Market: No."
    assert (refusal.problems, refusal.status) == (problems, 400)


amounts = st.decimals(0, 10**8 - 1, places=4)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
starts = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it


@st.composite
def price_rows(draw: st.DrawFn) -> PriceRow:
    duration = draw(st.sampled_from([None, MONTH, YEAR, THREE_YEARS]))
    start = draw(starts)
    days = draw(st.none() | st.integers(0, 400))
    ends_on = None if days is None else (start + timedelta(days=days + 1)).date()
    return PriceRow(
        PriceKey(
            draw(st.from_regex(r"[0-9A-Z]{12}", fullmatch=True)),
            draw(st.from_regex(r"[0-9A-Z]{4}", fullmatch=True)),
            duration,
            BillingCycle.MONTHLY if duration else draw(st.sampled_from([BillingCycle.ONE_TIME, BillingCycle.NONE])),
            draw(st.sampled_from(MARKETS)),
            draw(st.sampled_from(CURRENCIES)),
            draw(st.sampled_from(list(Segment))),
            draw(st.just(Decimal(0)) | amounts),
        ),
        draw(texts),
        draw(texts),
        draw(amounts),
        start,
        None if ends_on is None else datetime(ends_on.year, ends_on.month, ends_on.day, 23, 59, 59, tzinfo=UTC),
        erp_price=draw(st.none() | amounts),
        publisher=draw(texts),
        sku_description=draw(texts),
        unit_of_measure=draw(texts),
        tags=draw(texts),
    )


@given(st.lists(price_rows(), min_size=1, max_size=5, unique_by=lambda row: row.key))
def test_what_is_written_reads_back_the_same(rows: list[PriceRow]) -> None:
    text = rules.write_price_list(rows)
    assert text.splitlines()[0] == ",".join(f'"{name}"' for name in rules.COLUMNS)
    found = rules.parse_price_list(text, markets=MARKETS, currencies=CURRENCIES)
    assert (found.problems, [row.price for row in found.rows]) == ((), rows)


# --- promotions

PROMOTION = Promotion(
    id="39NFJQT1PJQB:0001:39NFJQT1Q5KN",
    name="Business Premium launch",
    description="",
    product_id="CFQ7TTC0LH18",
    sku_id="0001",
    duration=YEAR,
    billing_cycle=BillingCycle.MONTHLY,
    discount=Decimal("0.15"),
    starts_at=JANUARY,
    ends_at=datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC),
)
BUYER = PromotionBuyer("US", frozenset({Segment.COMMERCIAL}))


def reasons(promotion: Promotion, buyer: PromotionBuyer = BUYER, **wanted: Any) -> list[IneligibleType]:
    asked: dict[str, Any] = {"quantity": 5, "duration": YEAR, "billing_cycle": BillingCycle.MONTHLY} | wanted
    at = asked.pop("at", datetime(2026, 2, 1, tzinfo=UTC))
    return [reason.type for reason in rules.ineligibilities(promotion, buyer, at, **asked)]


def test_a_running_promotion_is_open_to_its_sku_and_plan() -> None:
    assert reasons(PROMOTION) == []
    assert PROMOTION.is_for("CFQ7TTC0LH18", "0001")
    assert not PROMOTION.is_for("CFQ7TTC0LH18", "0002")


@pytest.mark.parametrize(
    ("change", "buyer", "wanted", "reason"),
    [
        ({}, BUYER, {"at": datetime(2026, 7, 1, tzinfo=UTC)}, IneligibleType.INVALID_PROMOTION),
        ({"markets": frozenset({"DE"})}, BUYER, {}, IneligibleType.INVALID_PROMOTION),
        ({"segment": Segment.EDUCATION}, BUYER, {}, IneligibleType.INVALID_PROMOTION),
        ({}, BUYER, {"duration": MONTH}, IneligibleType.TERM),
        ({}, BUYER, {"billing_cycle": BillingCycle.ANNUAL}, IneligibleType.TERM),
        ({"minimum_seats": 6}, BUYER, {}, IneligibleType.SEAT_COUNT),
        ({"maximum_seats": 4}, BUYER, {}, IneligibleType.SEAT_COUNT),
        (
            {"redemption_limit": 2},
            replace(BUYER, redemptions={PROMOTION.id: 2}),
            {},
            IneligibleType.REDEMPTION_LIMIT,
        ),
        (
            {"is_for_new_buyers": True},
            replace(BUYER, bought_before=frozenset({"CFQ7TTC0LH18:0001"})),
            {},
            IneligibleType.OFFER_PURCHASED_PREVIOUSLY,
        ),
        (
            {"owned": ((OwnedProduct("CFQ7TTC0LF8R", 10),),)},
            replace(BUYER, seats={"CFQ7TTC0LF8R": 9}),
            {},
            IneligibleType.PREREQUISITE_PRODUCT_OWNERSHIP,
        ),
    ],
)
def test_each_reason_against_a_promotion(
    change: dict[str, Any], buyer: PromotionBuyer, wanted: dict[str, Any], reason: IneligibleType
) -> None:
    assert reasons(replace(PROMOTION, **change), buyer, **wanted) == [reason]


def test_one_alternative_of_owned_products_is_enough() -> None:
    owned = ((OwnedProduct("CFQ7TTC0LF8R"), OwnedProduct("CFQ7TTC0LF8Q")), (OwnedProduct("CFQ7TTC0LF8S"),))
    assert reasons(replace(PROMOTION, owned=owned), replace(BUYER, seats={"CFQ7TTC0LF8S": 1})) == []


def test_the_largest_discount_wins() -> None:
    small = replace(PROMOTION, id="B", discount=Decimal("0.05"))
    twin = replace(PROMOTION, id="A", starts_at=JANUARY + timedelta(days=1))
    assert rules.best_promotion([small, twin, PROMOTION]) == PROMOTION
    assert rules.best_promotion([]) is None
