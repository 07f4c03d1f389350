"""The rules of subscriptions, by table. Figures from commerce-rules §4-§10 and the billing vectors."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openpartner.catalogue.rules import MONTH, THREE_YEARS, YEAR, BillingCycle, Duration, ProductKind
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.subscriptions import rules
from openpartner.subscriptions.rules import Action, EndDatePlace, PlanChange, SeatBlock, Status

MONTHLY, ANNUAL, TRIENNIAL = BillingCycle.MONTHLY, BillingCycle.ANNUAL, BillingCycle.TRIENNIAL
BOUGHT = datetime(2021, 1, 14, 16, 57, 15, tzinfo=UTC)
PLANS = [
    (MONTH, MONTHLY),
    (YEAR, MONTHLY),
    (YEAR, ANNUAL),
    (THREE_YEARS, MONTHLY),
    (THREE_YEARS, ANNUAL),
    (THREE_YEARS, TRIENNIAL),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def held(**changes: Any) -> rules.Holding:
    seats = changes.get("quantity", 10)
    holding = rules.Holding(
        kind=ProductKind.LICENSE,
        status=Status.ACTIVE,
        quantity=seats,
        term=rules.first_term(BOUGHT, YEAR),
        duration=YEAR,
        billing_cycle=MONTHLY,
        window_opened_at=BOUGHT,
        blocks=(SeatBlock(seats, BOUGHT),),
        maximum_quantity=300,
    )
    return replace(holding, **changes)


def code_of(error: pytest.ExceptionInfo[DomainError]) -> tuple[int, int | str]:
    return int(error.value.status), error.value.code


# --- states


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.PENDING, [Action.PROVISION]),
        (Status.ACTIVE, [Action.SUSPEND, Action.CANCEL, Action.RENEW, Action.EXPIRE]),
        (Status.SUSPENDED, [Action.REACTIVATE, Action.CANCEL, Action.DISABLE]),
        (Status.EXPIRED, [Action.DISABLE]),
        (Status.DISABLED, [Action.DELETE]),
        (Status.DELETED, []),
    ],
)
def test_each_status_allows_exactly_its_actions(status: Status, actions: list[Action]) -> None:
    assert rules.allowed_actions(status) == actions


@pytest.mark.parametrize(
    ("status", "wanted", "action"),
    [
        (Status.ACTIVE, Status.SUSPENDED, Action.SUSPEND),
        (Status.ACTIVE, Status.DELETED, Action.CANCEL),
        (Status.SUSPENDED, Status.ACTIVE, Action.REACTIVATE),
        (Status.SUSPENDED, Status.DELETED, Action.CANCEL),
    ],
)
def test_a_partner_reaches_a_status_by_one_action(status: Status, wanted: Status, action: Action) -> None:
    assert rules.action_towards(wanted, status) is action


@pytest.mark.parametrize(
    ("status", "wanted", "code"),
    [
        (Status.DELETED, Status.ACTIVE, 2011),
        (Status.DELETED, Status.SUSPENDED, 2011),
        (Status.EXPIRED, Status.ACTIVE, 800096),
        (Status.DISABLED, Status.DELETED, 800096),
        (Status.PENDING, Status.ACTIVE, 800096),
        (Status.ACTIVE, Status.ACTIVE, 800096),
        (Status.ACTIVE, Status.EXPIRED, 800096),
    ],
)
def test_a_partner_cannot_reach_other_statuses(status: Status, wanted: Status, code: int) -> None:
    with pytest.raises(rules.StatusUnreachable) as refusal:
        rules.action_towards(wanted, status)
    assert code_of(refusal) == (400, code)


def test_an_action_from_the_wrong_status_is_refused_with_its_target() -> None:
    assert rules.after(Status.ACTIVE, Action.RENEW) is Status.ACTIVE
    with pytest.raises(rules.StatusUnreachable) as refusal:
        rules.after(Status.EXPIRED, Action.REACTIVATE)
    assert refusal.value.facts == {"status_now": "expired", "status_wanted": "active"}


# --- terms


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2021-01-14", "P1Y", "2022-01-13"),
        ("2021-04-15", "P1Y", "2022-04-14"),
        ("2021-05-25", "P3Y", "2024-05-24"),
        ("2021-06-18", "P1M", "2021-07-17"),
        # billing-vectors KM0-KM9
        ("2021-01-31", "P1M", "2021-02-27"),
        ("2021-02-28", "P1M", "2021-03-27"),
        ("2021-05-31", "P1M", "2021-06-29"),
        ("2021-06-30", "P1M", "2021-07-29"),
        ("2021-07-31", "P1M", "2021-08-30"),
        ("2021-01-30", "P1M", "2021-02-27"),
        ("2021-02-27", "P1M", "2021-03-26"),
        ("2021-05-30", "P1M", "2021-06-29"),
        ("2021-06-29", "P1M", "2021-07-28"),
        ("2021-07-30", "P1M", "2021-08-29"),
        ("2024-02-29", "P1Y", "2025-02-27"),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary(start: str, duration: str, end: str) -> None:
    assert rules.term_end(day(start), Duration.parse(duration)) == day(end)


def test_the_instants_of_a_term() -> None:
    term = rules.first_term(BOUGHT, YEAR)

    assert (term.starts_on, term.ends_on, term.days) == (day("2021-01-14"), day("2022-01-13"), 365)
    assert term.last_second == datetime(2022, 1, 13, 23, 59, 59, tzinfo=UTC)
    assert term.over_at == datetime(2022, 1, 14, tzinfo=UTC)
    assert rules.next_term(term, MONTH) == rules.Term(datetime(2022, 1, 14, tzinfo=UTC), day("2022-02-13"))


def test_a_trial_lasts_thirty_days_and_an_azure_plan_for_ever() -> None:
    assert rules.first_term(BOUGHT, MONTH, is_trial=True).days == 30
    assert rules.first_term(BOUGHT, None) == rules.Term(BOUGHT, None)
    assert rules.first_term(BOUGHT, None).over_at is None


# --- cycles

K0 = [
    "01-31/02-27",
    "02-28/03-30",
    "03-31/04-29",
    "04-30/05-30",
    "05-31/06-29",
    "06-30/07-30",
    "07-31/08-30",
    "08-31/09-29",
    "09-30/10-30",
    "10-31/11-29",
    "11-30/12-30",
    "12-31/01-30",
]
K1 = [
    "01-30/02-26",
    "02-27/03-29",
    "03-30/04-28",
    "04-29/05-29",
    "05-30/06-28",
    "06-29/07-29",
    "07-30/08-29",
    "08-30/09-28",
    "09-29/10-29",
    "10-30/11-28",
    "11-29/12-29",
    "12-30/01-29",
]


@pytest.mark.parametrize(("start", "published"), [("2021-01-31", K0), ("2021-01-30", K1)])
def test_monthly_charges_of_a_year_follow_the_published_tables(start: str, published: list[str]) -> None:
    term = rules.first_term(rules.midnight(day(start)), YEAR)

    cycles = rules.charge_cycles(term, YEAR, MONTHLY)

    assert [f"{c.starts_on:%m-%d}/{c.ends_on:%m-%d}" for c in cycles] == published
    assert all(c.days == c.cycle_days for c in cycles)


def test_an_upfront_term_is_one_cycle_and_an_endless_one_none() -> None:
    term = rules.first_term(BOUGHT, YEAR)

    assert rules.charge_cycles(term, YEAR, ANNUAL) == [rules.Cycle(day("2021-01-14"), day("2022-01-13"), 365)]
    assert rules.charge_cycles(rules.first_term(BOUGHT, None), None, BillingCycle.ONE_TIME) == []


def test_three_years_billed_annually_are_three_cycles() -> None:
    term = rules.first_term(datetime(2021, 9, 20, tzinfo=UTC), THREE_YEARS)

    cycles = rules.charge_cycles(term, THREE_YEARS, ANNUAL)

    assert [(str(c.starts_on), str(c.ends_on), c.cycle_days) for c in cycles] == [
        ("2021-09-20", "2022-09-19", 365),
        ("2022-09-20", "2023-09-19", 365),
        ("2023-09-20", "2024-09-19", 366),
    ]


def test_a_term_cut_to_a_month_end_has_a_short_first_cycle_then_whole_months() -> None:
    """Vector L14: bought on the 10th of a 31-day month, 22 days; the next cycle is a calendar month."""
    bought = datetime(2023, 7, 10, 8, tzinfo=UTC)
    term = rules.first_term(bought, YEAR, custom_term_end_on=day("2024-06-30"))

    cycles = rules.charge_cycles(term, YEAR, MONTHLY)

    assert cycles[0] == rules.Cycle(day("2023-07-10"), day("2023-07-31"), 31)
    assert cycles[1] == rules.Cycle(day("2023-08-01"), day("2023-08-31"), 31)
    assert (len(cycles), cycles[-1].ends_on) == (12, day("2024-06-30"))
    assert rules.SeatPrice(Decimal("20.00"), "USD").charge(5, cycles[0].days, cycles[0].cycle_days) == Money(
        7095, "USD"
    )


@given(
    start=st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    plan=st.sampled_from(PLANS),
    shortened=st.integers(0, 40),
)
def test_cycles_cover_a_term_without_gap_or_overlap(
    start: date, plan: tuple[Duration, BillingCycle], shortened: int
) -> None:
    duration, cycle = plan
    end = max(rules.term_end(start, duration) - timedelta(days=shortened), start)
    cycles = rules.charge_cycles(rules.Term(rules.midnight(start), end), duration, cycle)

    assert (cycles[0].starts_on, cycles[-1].ends_on) == (start, end)
    assert all(b.starts_on == a.ends_on + timedelta(days=1) for a, b in itertools.pairwise(cycles))
    assert all(0 < c.days <= c.cycle_days for c in cycles)
    assert rules.cycle_of(cycles, end) == cycles[-1]
    assert rules.cycle_of(cycles, end + timedelta(days=1)) is None


# --- money

SEAT_VECTORS = [
    # id, unit price, discount, billing days, cycle days, quantity, exchange rate, mode A
    ("L1", "10.08", "0", 30, 30, 10, "1", "100.80"),
    ("L2", "120.96", "0", 365, 365, 10, "1", "1209.60"),
    ("L3a", "10.08", "0", 28, 30, -10, "1", "-94.00"),
    ("L3b", "10.08", "0", 28, 30, 12, "1", "112.80"),
    ("L4a", "10.08", "0", 28, 30, -12, "1", "-112.80"),
    ("L4b", "10.08", "0", 28, 30, 8, "1", "75.20"),
    ("L5", "10.08", "0", 29, 31, -10, "1", "-94.20"),
    ("L6a", "10.08", "0", 23, 30, -300, "1", "-2316.00"),
    ("L6b", "6.43", "0", 23, 30, 300, "1", "1476.00"),
    ("L7a", "10.08", "0", 23, 30, -100, "1", "-772.00"),
    ("L7b", "6.43", "0", 23, 30, 100, "1", "492.00"),
    ("L8.0a", "12", "0", 29, 31, -10, "1", "-112.20"),
    ("L8.0b", "12", "0", 29, 31, 15, "1", "168.30"),
    ("L8.1a", "12", "0", 26, 31, -15, "1", "-150.90"),
    ("L8.1b", "12", "0", 26, 31, 25, "1", "251.50"),
    ("L8.2a", "12", "0", 24, 31, -25, "1", "-232.25"),
    ("L8.2b", "12", "0", 24, 31, 23, "1", "213.67"),
    ("L8.3a", "12", "0", 22, 31, -23, "1", "-195.73"),
    ("L8.3b", "12", "0", 22, 31, 20, "1", "170.20"),
    ("L8.4a", "12", "0", 11, 31, -20, "1", "-85.00"),
    ("L8.4b", "12", "0", 11, 31, 30, "1", "127.50"),
    ("L9", "52.61", "0", 30, 30, 25, "1", "1315.25"),
    ("L11", "250", "0", 11, 12, 10, "1", "2291.60"),
    ("L12a", "22.00", "0.15", 30, 30, 25, "1", "467.50"),
    ("L12b", "22.00", "0.15", 16, 30, 10, "1", "99.70"),
    ("L13", "22.00", "0", 28, 30, 7, "0.923456", "132.72"),
    ("L14", "20.00", "0", 22, 31, 5, "1", "70.95"),
    ("L15a", "240", "0", 289, 365, -10, "1", "-1900.20"),
    ("L15b", "240", "0", 289, 365, 13, "1", "2470.26"),
    ("L16", "216.00", "0", 1, 1, 12, "1", "2592.00"),
    ("L17", "300", "0", 362, 365, -4, "1", "-1190.12"),
    ("G5", "16", "0", 27, 28, 1, "1", "15.42"),
]


@pytest.mark.parametrize(("_case", "price", "discount", "days", "cycle", "quantity", "rate", "expected"), SEAT_VECTORS)
def test_seat_charges_match_the_billing_vectors(
    _case: str, price: str, discount: str, days: int, cycle: int, quantity: int, rate: str, expected: str
) -> None:
    seat = rules.SeatPrice(Decimal(price), "EUR", Decimal(discount), Decimal(rate))
    assert seat.charge(quantity, days, cycle).amount == Decimal(expected)


def test_amounts_are_cut_to_the_currency_of_the_bill() -> None:
    """A yen has no hundredth; truncation goes towards zero for credits too."""
    assert rules.SeatPrice(Decimal(1200), "JPY").charge(3, 29, 31) == Money(3 * 1122, "JPY")
    assert rules.rounded_down(rules.SeatPrice(Decimal("-8.28"), "EUR").effective(28, 30), "EUR") == Money(-772, "EUR")


def test_adding_seats_reverses_the_old_quantity_and_charges_the_new_one() -> None:
    """Vector L3, text: 94 back, 112.80 charged."""
    cycle = rules.Cycle(day("2021-06-18"), day("2021-07-17"), 30)

    charge = rules.quantity_charge(rules.SeatPrice(Decimal("10.08"), "EUR"), 10, 12, cycle, day("2021-06-20"))

    assert charge == rules.QuantityCharge(reversed=Money(-9400, "EUR"), charged=Money(11280, "EUR"))
    assert charge.net == Money(1880, "EUR")


# --- cancellation


@pytest.mark.parametrize(
    ("kind", "duration", "until"),
    [
        (ProductKind.LICENSE, YEAR, "2021-01-21T16:57:15"),
        (ProductKind.LICENSE, MONTH, "2021-01-21T16:57:15"),
        (ProductKind.SOFTWARE_SUBSCRIPTION, THREE_YEARS, "2021-01-21T16:57:15"),
        (ProductKind.PERPETUAL_SOFTWARE, None, "2021-02-13T16:57:15"),
        (ProductKind.SAAS, MONTH, "2021-01-15T16:57:15"),
        (ProductKind.SAAS, YEAR, "2021-01-28T16:57:15"),
        (ProductKind.RESERVATION, YEAR, None),
        (ProductKind.SAVINGS_PLAN, YEAR, None),
        (ProductKind.AZURE_PLAN, None, None),
        (ProductKind.LINUX_SOFTWARE, YEAR, None),
    ],
)
def test_each_product_has_its_own_cancellation_window(
    kind: ProductKind, duration: Duration | None, until: str | None
) -> None:
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert rules.cancellation_allowed_until(kind, duration, BOUGHT) == expected


@pytest.mark.parametrize(
    ("kind", "duration", "after_hours", "code"),
    [
        (ProductKind.LICENSE, YEAR, 168, None),
        (ProductKind.LICENSE, YEAR, 169, (400, 900117)),
        (ProductKind.SAAS, MONTH, 24, None),
        (ProductKind.SAAS, MONTH, 25, (400, 900213)),
        (ProductKind.SAAS, YEAR, 14 * 24, None),
        (ProductKind.SAAS, YEAR, 14 * 24 + 1, (400, 900117)),
        (ProductKind.PERPETUAL_SOFTWARE, None, 720, None),
        (ProductKind.PERPETUAL_SOFTWARE, None, 721, (400, 900117)),
        (ProductKind.RESERVATION, YEAR, 0, (400, 800096)),
        (ProductKind.SAVINGS_PLAN, YEAR, 0, (403, 900321)),
    ],
)
def test_a_cancellation_after_the_window_is_refused(
    kind: ProductKind, duration: Duration | None, after_hours: int, code: tuple[int, int] | None
) -> None:
    at = BOUGHT + timedelta(hours=after_hours)
    if code is None:
        rules.check_cancellation(kind, duration, BOUGHT, at)
        return
    with pytest.raises(rules.CancellationRefused) as refusal:
        rules.check_cancellation(kind, duration, BOUGHT, at)
    assert code_of(refusal) == code


def test_a_sandbox_cancels_reservations_for_sixty_days() -> None:
    kind = ProductKind.RESERVATION
    rules.check_cancellation(kind, YEAR, BOUGHT, BOUGHT + timedelta(days=60), is_sandbox=True)
    with pytest.raises(rules.CancellationRefused):
        rules.check_cancellation(kind, YEAR, BOUGHT, BOUGHT + timedelta(days=60, seconds=1), is_sandbox=True)


@pytest.mark.parametrize(
    ("_case", "bought", "cancelled", "credit"),
    [
        ("within 24 hours: all of it", "2021-07-15T12:00", "2021-07-16T12:00", "100.80"),
        ("vector L5: day three, 29 of 31 days", "2021-07-15T00:00", "2021-07-17T09:00", "94.20"),
        ("last day of the window", "2021-07-15T12:00", "2021-07-22T12:00", "78.00"),
    ],
)
def test_a_cancelled_licence_gives_back_the_days_not_used(_case: str, bought: str, cancelled: str, credit: str) -> None:
    cycle = rules.Cycle(day("2021-07-15"), day("2021-08-14"), 31)
    paid = rules.Charged(rules.SeatPrice(Decimal("10.08"), "EUR"), 10, cycle, Money(10080, "EUR"))
    opened, at = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (bought, cancelled))

    owed = rules.cancellation_credit(ProductKind.LICENSE, MONTH, paid, opened, at)

    assert owed.amount == Decimal(credit)


def test_a_cancelled_software_subscription_counts_the_day_of_cancellation_as_used() -> None:
    """Vector L17: four at 300, cancelled on day three, 362 of 365 days."""
    bought = datetime(2022, 3, 1, tzinfo=UTC)
    cycle = rules.Cycle(day("2022-03-01"), day("2023-02-28"), 365)
    paid = rules.Charged(rules.SeatPrice(Decimal(300), "USD"), 4, cycle, Money(120000, "USD"))

    owed = rules.cancellation_credit(
        ProductKind.SOFTWARE_SUBSCRIPTION, YEAR, paid, bought, bought + timedelta(days=2, hours=5)
    )

    assert owed == Money(119012, "USD")


def test_perpetual_software_and_saas_give_back_everything_and_no_credit_exceeds_the_charge() -> None:
    cycle = rules.Cycle(day("2022-03-01"), day("2022-03-31"), 31)
    paid = rules.Charged(rules.SeatPrice(Decimal(50), "USD"), 2, cycle, Money(4000, "USD"))
    bought, at = datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 3, 4, tzinfo=UTC)

    for kind, duration in [
        (ProductKind.PERPETUAL_SOFTWARE, None),
        (ProductKind.SAAS, YEAR),
        (ProductKind.LICENSE, YEAR),
    ]:
        assert rules.cancellation_credit(kind, duration, paid, bought, at) == Money(4000, "USD")


# --- seats


def test_an_increase_opens_its_own_reduction_window() -> None:
    at = BOUGHT + timedelta(days=100)

    change = rules.change_quantity(held(), 15, at)

    assert (change.before, change.after, change.delta) == (10, 15, 5)
    assert rules.refundable_blocks(change.blocks, at) == [SeatBlock(5, at)]
    assert rules.refundable_quantity(change.blocks, at + timedelta(hours=168)) == 5
    assert rules.refundable_quantity(change.blocks, at + timedelta(hours=168, seconds=1)) == 0


def test_a_decrease_takes_the_seats_whose_window_closes_first() -> None:
    later = BOUGHT + timedelta(days=3)
    blocks = (SeatBlock(10, BOUGHT), SeatBlock(5, later))

    change = rules.change_quantity(held(quantity=15, blocks=blocks), 3, BOUGHT + timedelta(days=4))

    assert change.blocks == (SeatBlock(3, later),)


def test_a_decrease_after_the_window_says_how_many_seats_may_go() -> None:
    later = BOUGHT + timedelta(days=6)
    blocks = (SeatBlock(10, BOUGHT), SeatBlock(5, later))
    holding = held(quantity=15, blocks=blocks)

    with pytest.raises(rules.QuantityRefused) as refusal:
        rules.change_quantity(holding, 9, BOUGHT + timedelta(days=8))

    assert code_of(refusal) == (400, 900214)
    assert refusal.value.facts == {"window": 168, "refundable": 5}
    assert rules.change_quantity(holding, 10, BOUGHT + timedelta(days=8)).blocks == ()


@pytest.mark.parametrize(
    ("_case", "changes", "wanted", "code"),
    [
        ("below the minimum", {"minimum_quantity": 5}, 4, (400, 2002)),
        ("above the maximum", {}, 301, (400, 2002)),
        ("none at all", {}, 0, (400, 2002)),
        ("a trial", {"is_trial": True, "quantity": 25}, 30, (400, 800095)),
        ("a software subscription", {"kind": ProductKind.SOFTWARE_SUBSCRIPTION}, 11, (403, 800027)),
        ("perpetual software", {"kind": ProductKind.PERPETUAL_SOFTWARE}, 9, (403, 800027)),
        ("being suspended", {"is_being_suspended": True}, 11, (400, 2001)),
        ("suspended", {"status": Status.SUSPENDED}, 11, (400, 800091)),
        ("expired", {"status": Status.EXPIRED}, 11, (400, 900277)),
        ("disabled", {"status": Status.DISABLED}, 11, (400, 900279)),
        ("deleted", {"status": Status.DELETED}, 11, (400, 2011)),
        ("not provisioned", {"status": Status.PENDING}, 11, (409, 800082)),
        ("an operation runs", {"pending_until": BOUGHT + timedelta(hours=24)}, 11, (409, 900278)),
    ],
)
def test_a_seat_change_is_refused_with_its_code(
    _case: str, changes: dict[str, Any], wanted: int, code: tuple[int, int]
) -> None:
    with pytest.raises(DomainError) as refusal:
        rules.change_quantity(held(**changes), wanted, BOUGHT + timedelta(hours=2))
    assert code_of(refusal) == code


def test_a_sandbox_subscription_stops_at_twenty_five_licences() -> None:
    assert rules.change_quantity(held(), 25, BOUGHT, is_sandbox=True).after == 25
    with pytest.raises(rules.QuantityRefused) as refusal:
        rules.change_quantity(held(), 26, BOUGHT, is_sandbox=True)
    assert code_of(refusal) == (403, 800067)


def test_no_update_between_the_end_of_the_term_and_the_renewal() -> None:
    over_at = held().term.over_at
    assert over_at is not None
    with pytest.raises(rules.NotUpdatable) as refusal:
        rules.change_quantity(held(), 12, over_at)
    assert code_of(refusal) == (400, 900277)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), max_size=12))
def test_refundable_seats_never_exceed_the_seats_held(moves: list[tuple[int, int]]) -> None:
    holding, at = held(), BOUGHT
    for hours, wanted in moves:
        at += timedelta(hours=hours)
        try:
            change = rules.change_quantity(holding, wanted, at)
        except rules.QuantityRefused:
            continue
        holding = replace(holding, quantity=change.after, blocks=change.blocks)
        assert 0 <= rules.refundable_quantity(holding.blocks, at) <= holding.quantity


# --- term and cycle


@pytest.mark.parametrize(
    ("present", "wanted", "outcome"),
    [
        # commerce-rules §6: cycle alone
        (("P3Y", MONTHLY), ("P3Y", ANNUAL), "next_charge"),
        (("P3Y", ANNUAL), ("P3Y", MONTHLY), "next_charge"),
        (("P3Y", TRIENNIAL), ("P3Y", MONTHLY), 800097),
        (("P3Y", MONTHLY), ("P3Y", TRIENNIAL), 800097),
        (("P1Y", ANNUAL), ("P1Y", MONTHLY), 800097),
        (("P1Y", MONTHLY), ("P1Y", ANNUAL), 800097),
        (("P1M", MONTHLY), ("P1M", MONTHLY), "never"),
        # together with a longer term
        (("P1M", MONTHLY), ("P1Y", MONTHLY), "immediately"),
        (("P1M", MONTHLY), ("P1Y", ANNUAL), "immediately"),
        (("P1M", MONTHLY), ("P3Y", TRIENNIAL), "immediately"),
        (("P1Y", MONTHLY), ("P3Y", ANNUAL), "immediately"),
        # never shorter
        (("P1Y", MONTHLY), ("P1M", MONTHLY), 800122),
        (("P3Y", ANNUAL), ("P1Y", ANNUAL), 800122),
        # not sold, or longer than the term
        (("P1M", MONTHLY), ("P5Y", MONTHLY), 800121),
        (("P1M", MONTHLY), ("P1M", ANNUAL), 900270),
        (("P1Y", MONTHLY), ("P1Y", TRIENNIAL), 900270),
        (("P1M", MONTHLY), ("P1Y", BillingCycle.ONE_TIME), 900269),
    ],
)
def test_mid_term_changes_follow_the_table(
    present: tuple[str, BillingCycle], wanted: tuple[str, BillingCycle], outcome: str | int
) -> None:
    duration = Duration.parse(present[0])
    holding = held(duration=duration, billing_cycle=present[1], term=rules.first_term(BOUGHT, duration))
    at = BOUGHT + timedelta(days=9)
    if isinstance(outcome, str):
        assert rules.change_term(holding, Duration.parse(wanted[0]), wanted[1], PLANS, at) == outcome
        return
    with pytest.raises(rules.TermChangeRefused) as refusal:
        rules.change_term(holding, Duration.parse(wanted[0]), wanted[1], PLANS, at)
    assert code_of(refusal) == (400, outcome)


def test_the_term_of_a_trial_does_not_change() -> None:
    with pytest.raises(rules.TermChangeRefused) as refusal:
        rules.change_term(held(is_trial=True), THREE_YEARS, ANNUAL, PLANS, BOUGHT)
    assert code_of(refusal) == (400, 800107)


def test_renewal_can_be_switched_on_only_where_the_availability_renews() -> None:
    off = held(auto_renew_enabled=False)
    rules.check_auto_renew(off, enabled=True, is_renewable=True, at=BOUGHT)
    rules.check_auto_renew(held(), enabled=False, is_renewable=False, at=BOUGHT)
    with pytest.raises(DomainError) as refusal:
        rules.check_auto_renew(off, enabled=True, is_renewable=False, at=BOUGHT)
    assert code_of(refusal) == (400, 800093)


# --- scheduled changes and renewal

ITEM = "CFQ7TTC0LH18:0001:CFQ7TTC0K971"


def test_which_changes_drop_what_was_scheduled() -> None:
    assert frozenset(PlanChange) - rules.DROPS_SCHEDULED_CHANGE == {PlanChange.BILLING_CYCLE}
    assert PlanChange.SUSPEND not in rules.DROPS_NEXT_CHARGE
    assert PlanChange.CANCEL in rules.DROPS_NEXT_CHARGE


@pytest.mark.parametrize(
    ("changes", "quantity", "code"),
    [
        ({"auto_renew_enabled": False}, 5, 900280),
        ({"status": Status.SUSPENDED}, 5, 800091),
        ({"kind": ProductKind.SAAS}, 5, 800042),
        ({}, 301, 2002),
        ({}, 0, 2002),
    ],
)
def test_a_scheduled_change_needs_an_active_renewing_licence(changes: dict[str, Any], quantity: int, code: int) -> None:
    wanted = rules.NextTerm(ITEM, MONTH, MONTHLY, quantity)
    with pytest.raises(DomainError) as refusal:
        rules.check_scheduled_change(held(**changes), wanted, PLANS, BOUGHT, minimum_quantity=1, maximum_quantity=300)
    assert code_of(refusal) == (400, code)


def test_a_scheduled_change_may_lower_seats_and_shorten_the_term() -> None:
    wanted = rules.NextTerm(ITEM, MONTH, MONTHLY, 2)
    rules.check_scheduled_change(held(), wanted, PLANS, BOUGHT, minimum_quantity=1, maximum_quantity=300)


def test_renewal_keeps_everything_unless_told_otherwise() -> None:
    outcome = rules.term_end_outcome(held(), ITEM, None)

    assert outcome == rules.Renewal(
        rules.NextTerm(ITEM, YEAR, MONTHLY, 10), rules.Term(datetime(2022, 1, 14, tzinfo=UTC), day("2023-01-13"))
    )


def test_renewal_does_what_was_scheduled() -> None:
    wanted = rules.NextTerm(
        "CFQ7TTC0LF8S:0002:CFQ7TTC0K5DM", THREE_YEARS, ANNUAL, 4, custom_term_end_on=day("2024-10-31")
    )

    outcome = rules.term_end_outcome(held(), ITEM, wanted)

    assert outcome == rules.Renewal(wanted, rules.Term(datetime(2022, 1, 14, tzinfo=UTC), day("2024-10-31")))


@pytest.mark.parametrize(
    ("changes", "lapse"),
    [
        ({"auto_renew_enabled": False}, rules.Lapse(Action.EXPIRE, Status.EXPIRED)),
        ({"status": Status.SUSPENDED}, rules.Lapse(Action.DISABLE, Status.DISABLED)),
        ({"is_trial": True}, rules.Lapse(Action.EXPIRE, Status.EXPIRED)),
    ],
)
def test_without_renewal_the_subscription_lapses(changes: dict[str, Any], lapse: rules.Lapse) -> None:
    assert rules.term_end_outcome(held(**changes), ITEM, None) == lapse


def test_a_trial_becomes_the_paid_product_with_its_seats() -> None:
    term = rules.first_term(BOUGHT, MONTH, is_trial=True)
    trial = held(is_trial=True, quantity=25, term=term, duration=MONTH)

    outcome = rules.term_end_outcome(trial, "CFQ7TTC0LH18:0009:CFQ7TTC0TR14", rules.trial_conversion(ITEM))

    assert outcome == rules.Renewal(
        rules.NextTerm(ITEM, YEAR, MONTHLY, 25), rules.Term(datetime(2021, 2, 13, tzinfo=UTC), day("2022-02-12"))
    )


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (Status.PENDING, None),
        (Status.ACTIVE, "2022-01-14"),
        (Status.SUSPENDED, "2022-01-14"),
        (Status.EXPIRED, "2022-02-13"),
        (Status.DISABLED, "2022-05-14"),
        (Status.DELETED, None),
    ],
)
def test_the_instants_at_which_time_alone_acts(status: Status, due: str | None) -> None:
    expected = rules.midnight(day(due)) if due else None
    assert rules.due_at(status, held().term) == expected


def test_what_falls_due_is_an_allowed_action() -> None:
    for status in (Status.SUSPENDED, Status.EXPIRED, Status.DISABLED):
        action = rules.due_action(status)
        assert action in rules.allowed_actions(status)
    assert rules.due_action(Status.ACTIVE) is None
    assert rules.due_at(Status.ACTIVE, rules.first_term(BOUGHT, None)) is None


# --- alignment


def target(ends: str, duration: str = "P1Y", **changes: Any) -> rules.CotermTarget:
    return replace(rules.CotermTarget("s-1", day(ends), Duration.parse(duration)), **changes)


@pytest.mark.parametrize(
    ("_case", "bought", "duration", "aligned_with", "ends", "next_from", "next_to"),
    [
        ("P3Y with a year", "2022-07-01", "P3Y", "2022-10-01", "2024-10-01", "2024-10-02", "2027-10-01"),
        ("P3Y with months", "2022-07-15", "P3Y", None, "2025-06-30", "2025-07-01", "2028-06-30"),
        ("P1Y with months", "2022-07-15", "P1Y", None, "2023-06-30", "2023-07-01", "2024-06-30"),
        ("P1M with a month", "2022-03-02", "P1M", "2022-04-02", "2022-04-02", "2022-04-03", "2022-05-02"),
        ("P1M with months", "2022-07-15", "P1M", None, "2022-07-31", "2022-08-01", "2022-08-31"),
        ("a new customer", "2023-02-04", "P1Y", None, "2024-01-31", "2024-02-01", "2025-01-31"),
    ],
)
def test_the_published_alignments(
    _case: str, bought: str, duration: str, aligned_with: str | None, ends: str, next_from: str, next_to: str
) -> None:
    span, start = Duration.parse(duration), day(bought)
    targets = [target(aligned_with, "P1M" if duration == "P1M" else "P1Y")] if aligned_with else []
    wanted = rules.AlignmentType.SUBSCRIPTION if aligned_with else rules.AlignmentType.CALENDAR_MONTH

    rows = rules.allowed_custom_term_end_dates(start, span, targets)

    assert [row.on for row in rows if row.type is wanted][-1] == day(ends)
    rules.check_custom_term_end_date(day(ends), EndDatePlace.ORDER, ProductKind.LICENSE, start, span, targets=targets)
    first = rules.first_term(rules.midnight(start), span, custom_term_end_on=day(ends))
    following = rules.next_term(first, span)
    assert (following.starts_on, following.ends_on) == (day(next_from), day(next_to))


def test_rows_say_which_subscriptions_end_that_day() -> None:
    targets = [target("2022-10-01", subscription_id="b"), target("2022-10-01", subscription_id="a")]

    rows = rules.allowed_custom_term_end_dates(day("2022-09-10"), MONTH, targets)

    assert rows == [
        rules.Aligned(rules.AlignmentType.CALENDAR_MONTH, day("2022-09-30")),
        rules.Aligned(rules.AlignmentType.SUBSCRIPTION, day("2022-10-01"), ("a", "b")),
    ]


@pytest.mark.parametrize(
    "unfit",
    [
        {"is_trial": True},
        {"status": Status.SUSPENDED},
        {"kind": ProductKind.SAAS},
        {"duration": "P1M"},
    ],
)
def test_a_year_aligns_only_with_active_paid_licences_of_longer_terms(unfit: dict[str, Any]) -> None:
    rows = rules.allowed_custom_term_end_dates(day("2022-07-01"), YEAR, [target("2022-10-02", **unfit)])
    assert {row.type for row in rows} == {rules.AlignmentType.CALENDAR_MONTH}


@pytest.mark.parametrize(
    ("_case", "on", "duration", "kind", "trial", "codes"),
    [
        ("a trial", "2022-07-31", MONTH, ProductKind.LICENSE, True, (10016, 900244, 900244, 900244)),
        ("software", "2022-07-31", YEAR, ProductKind.SOFTWARE_SUBSCRIPTION, False, (10016, 900244, 900244, 900244)),
        ("beyond the term", "2023-07-16", YEAR, ProductKind.LICENSE, False, (10017, 900245, 900245, 900291)),
        ("before the start", "2022-07-14", YEAR, ProductKind.LICENSE, False, (10017, 900245, 900245, 900291)),
        ("a month on the 29th", "2022-07-29", MONTH, ProductKind.LICENSE, False, (10017, 900245, 900245, 900291)),
        ("no match", "2022-11-11", YEAR, ProductKind.LICENSE, False, (10017, 900242, 900246, 900292)),
    ],
)
def test_a_wrong_end_date_is_refused_with_the_code_of_its_place(
    _case: str, on: str, duration: Duration, kind: ProductKind, trial: bool, codes: tuple[int, ...]
) -> None:
    for place, code in zip(EndDatePlace, codes, strict=True):
        with pytest.raises(rules.CustomTermEndDateRefused) as refusal:
            rules.check_custom_term_end_date(
                day(on), place, kind, day("2022-07-15"), duration, targets=[target("2022-10-01")], is_trial=trial
            )
        assert code_of(refusal) == (400, code)


def test_a_month_may_end_on_the_30th_where_that_is_the_last_day() -> None:
    rules.check_custom_term_end_date(
        day("2022-09-30"), EndDatePlace.ORDER, ProductKind.LICENSE, day("2022-09-10"), MONTH, targets=[]
    )


# --- upgrades and suspension


def test_an_upgrade_of_all_seats_is_full_and_of_fewer_leaves_the_rest() -> None:
    assert rules.plan_transition(held(), 12, BOUGHT, is_target_known=True) == rules.TransitionPlan(
        is_full=True, source_after=0, target_after=12, keeps_end_date=True
    )
    assert rules.plan_transition(held(), 4, BOUGHT, is_target_known=True) == rules.TransitionPlan(
        is_full=False, source_after=6, target_after=4, keeps_end_date=True
    )


@pytest.mark.parametrize(
    ("changes", "quantity", "known", "code"),
    [
        ({"status": Status.SUSPENDED}, 10, True, 2),
        ({}, 10, False, 8),
        ({}, 0, True, 2002),
        ({"is_trial": True, "quantity": 25}, 24, True, 2002),
    ],
)
def test_an_upgrade_that_is_not_possible(changes: dict[str, Any], quantity: int, known: bool, code: int) -> None:
    with pytest.raises(DomainError) as refusal:
        rules.plan_transition(held(**changes), quantity, BOUGHT, is_target_known=known)
    assert code_of(refusal) == (400, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subscription_id": "source"}, 900259),
        ({"status": Status.SUSPENDED}, 900258),
        ({"catalog_item": "CFQ7TTC0LF8R:0001"}, 900260),
        ({"is_ready": False}, 900261),
        ({"cancellation_allowed_until": BOUGHT}, 900261),
        ({"ends_on": date(2022, 1, 12)}, 900236),
        ({"duration": MONTH}, 900267),
    ],
)
def test_an_upgrade_into_an_unfit_subscription(changes: dict[str, Any], code: int) -> None:
    fit = rules.TransitionTarget("other", "CFQ7TTC0LF8S:0001", Status.ACTIVE, date(2022, 1, 13), YEAR)
    rules.check_transition_target(held(), "source", fit, "CFQ7TTC0LF8S:0001", BOUGHT)
    with pytest.raises(rules.TransitionRefused) as refusal:
        rules.check_transition_target(held(), "source", replace(fit, **changes), "CFQ7TTC0LF8S:0001", BOUGHT)
    assert code_of(refusal) == (400, code)


def test_an_azure_plan_with_running_subscriptions_is_not_suspended() -> None:
    rules.check_suspension(ProductKind.AZURE_PLAN, 0)
    rules.check_suspension(ProductKind.LICENSE, 3)
    with pytest.raises(DomainError) as refusal:
        rules.check_suspension(ProductKind.AZURE_PLAN, 1)
    assert code_of(refusal) == (403, 900115)


def test_reactivation_ends_with_the_term() -> None:
    term = held().term
    assert term.over_at is not None
    rules.check_reactivation(term, term.over_at - timedelta(seconds=1))
    with pytest.raises(rules.StatusUnreachable) as refusal:
        rules.check_reactivation(term, term.over_at)
    assert code_of(refusal) == (400, 800096)
