"""The rules of carts and orders, by table. Figures from commerce-rules §2, §11, §12 and conventions §19."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openpartner.catalogue.rules import (
    MONTH,
    THREE_YEARS,
    YEAR,
    BillingCycle,
    CatalogItemId,
    Duration,
    Item,
    Plan,
    ProductKind,
    Segment,
)
from openpartner.orders import rules
from openpartner.orders.rules import (
    AzureSubscription,
    Buyer,
    CartStatus,
    Condition,
    GroupedLine,
    LineWanted,
    OrderAction,
    OrderStatus,
    Participant,
    Problem,
    PurchaseFacts,
    ValidationStatus,
)
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.subscriptions.rules import CotermTarget, SeatPrice, charge_cycles, first_term

NOW = datetime(2022, 7, 15, 9, 30, tzinfo=UTC)
MONTHLY, ANNUAL = BillingCycle.MONTHLY, BillingCycle.ANNUAL

E3 = Item(
    id=CatalogItemId("CFQ7TTC0LH18", "0001", "CFQ7TTC0K971"),
    title="Microsoft 365 Business Premium",
    kind=ProductKind.LICENSE,
    segment=Segment.COMMERCIAL,
    country="US",
    currency="USD",
    plans=(Plan(MONTH, MONTHLY), Plan(YEAR, MONTHLY), Plan(YEAR, ANNUAL)),
    maximum_quantity=300,
)
ADDON = replace(
    E3,
    id=CatalogItemId("CFQ7TTC0LHXH", "0002", "CFQ7TTC0KA11"),
    title="Visio Plan 2",
    is_addon=True,
    prerequisite_skus=("CFQ7TTC0LH18:0001", "CFQ7TTC0LF8R:0001"),
)
RESERVATION = replace(
    E3,
    id=CatalogItemId("DZH318Z08NRP", "00J1", "DZH318Z0RES1"),
    title="Reserved VM Instance",
    kind=ProductKind.RESERVATION,
    plans=(Plan(YEAR, BillingCycle.ONE_TIME),),
    provisioning_variables=("scope", "subscriptionId"),
    needs_registration=True,
)
AZURE_PLAN = replace(
    E3,
    id=CatalogItemId("DZH318Z0BPS6", "0001", "DZH318Z0BQ3P"),
    title="Azure plan",
    kind=ProductKind.AZURE_PLAN,
    plans=(Plan(None, BillingCycle.MONTHLY),),
    ownership_limit=1,
)
PARTNER = Buyer(country="US", currencies=frozenset({"USD"}))
PROVIDER = replace(
    PARTNER,
    is_indirect_provider=True,
    own_mpn_id="1000",
    resellers=frozenset({"4847383"}),
    known_mpn_ids=frozenset({"4847383", "777"}),
)


def line(item: Item | None = E3, **changes: Any) -> LineWanted:
    wanted = LineWanted(number=0, item=item, quantity=5, billing_cycle=MONTHLY, duration=YEAR)
    return replace(wanted, **changes)


def problems(*lines: LineWanted, buyer: Buyer = PARTNER) -> list[tuple[int, Problem]]:
    return [(found.line, found.problem) for found in rules.line_problems(lines, buyer, NOW)]


def code_of(error: pytest.ExceptionInfo[DomainError]) -> tuple[int, int | str]:
    return int(error.value.status), error.value.code


# --- carts


def test_an_active_cart_is_open_until_it_expires() -> None:
    expires = NOW + rules.CART_LIFETIME
    assert timedelta(days=7) == rules.CART_LIFETIME
    rules.check_cart_open("c", CartStatus.ACTIVE, expires, expires - timedelta(seconds=1))
    for status, at, expected in [
        (CartStatus.ACTIVE, expires, (404, 800008)),
        (CartStatus.ORDERED, NOW, (400, 800065)),
    ]:
        with pytest.raises(rules.CartRefused) as refusal:
            rules.check_cart_open("c", status, expires, at)
        assert code_of(refusal) == expected


def test_a_cart_without_lines_is_refused() -> None:
    rules.check_cart_has_lines(1)
    with pytest.raises(rules.CartRefused) as refusal:
        rules.check_cart_has_lines(0)
    assert code_of(refusal) == (400, 800002)


def test_lines_of_one_cycle_currency_and_system_become_one_order() -> None:
    lines = [
        GroupedLine(MONTHLY, "USD"),
        GroupedLine(ANNUAL, "USD"),
        GroupedLine(MONTHLY, "USD"),
        GroupedLine(MONTHLY, "USD", is_legacy=True),
        GroupedLine(MONTHLY, "EUR"),
    ]
    assert rules.order_groups(lines) == ["0", "1", "0", "OMS-0", "2"]


# --- lines


def test_a_good_line_has_no_problem() -> None:
    assert problems(line()) == []


@pytest.mark.parametrize(
    ("_case", "wanted", "problem", "cart_code", "order"),
    [
        ("unknown item", line(None), Problem.ITEM_UNKNOWN, 10001, (400, 800004)),
        ("legacy offer", line(None, is_legacy=True), Problem.LEGACY_OFFER, 500600, (403, 2091)),
        ("withdrawn", line(replace(E3, is_purchasable=False)), Problem.ITEM_NOT_FOR_SALE, 10001, (403, 800020)),
        ("another market", line(replace(E3, country="DE")), Problem.ITEM_NOT_FOR_SALE, 10001, (403, 800020)),
        ("segment", line(replace(E3, segment=Segment.EDUCATION)), Problem.SEGMENT, 10001, (403, 400030)),
        ("currency", line(currency="EUR"), Problem.CURRENCY, 10000, (400, 900169)),
        ("attestation", line(replace(E3, enforces_attestation=True)), Problem.ATTESTATION, 10012, (400, 900203)),
        ("nothing", line(quantity=0), Problem.QUANTITY, 10010, (400, 900275)),
        ("too many", line(quantity=301), Problem.TOO_MANY_SEATS, 10015, (400, 900275)),
        ("term", line(duration=THREE_YEARS), Problem.TERM, 10013, (400, 800121)),
        ("no term", line(duration=None), Problem.TERM, 10013, (400, 800121)),
        ("cycle", line(billing_cycle=BillingCycle.ONE_TIME), Problem.BILLING_CYCLE, 10013, (400, 900269)),
        (
            "long cycle",
            line(duration=MONTH, billing_cycle=ANNUAL),
            Problem.BILLING_CYCLE_TOO_LONG,
            10013,
            (400, 900270),
        ),
        ("promotion", line(promotion_id="39NFJQT1PJQB:0001:39NFJQT1Q5KN"), Problem.PROMOTION, 10014, (400, 27007)),
        ("end date", line(custom_term_end_on=date(2022, 11, 11)), Problem.END_DATE_MATCH, 10017, (400, 900242)),
        ("far end date", line(custom_term_end_on=date(2024, 7, 31)), Problem.END_DATE_TERM, 10017, (400, 900245)),
        (
            "end date of a trial",
            line(replace(E3, is_trial=True), custom_term_end_on=date(2022, 7, 31)),
            Problem.END_DATE_PRODUCT,
            10016,
            (400, 900244),
        ),
        ("no base", line(ADDON), Problem.PREREQUISITE, 400041, (400, 400041)),
        ("no base seats", line(replace(ADDON, base_seat_percent=5)), Problem.BASE_SEATS, 10018, (400, 400041)),
        (
            "a reseller named by a direct partner",
            line(participants=(Participant(rules.RESELLER, "4847383"),)),
            Problem.RESELLER_UNFIT,
            10004,
            (400, 800016),
        ),
        (
            "no context",
            line(RESERVATION, billing_cycle=BillingCycle.ONE_TIME, provisioning_context={"scope": "shared"}),
            Problem.CONTEXT_MISSING,
            10010,
            (400, 800002),
        ),
    ],
)
def test_each_problem_has_its_cart_code_and_its_order_code(
    _case: str, wanted: LineWanted, problem: Problem, cart_code: int, order: tuple[int, int]
) -> None:
    assert problems(wanted) == [(0, problem)]
    assert problem.cart_code == cart_code
    with pytest.raises(rules.LineRefused) as refusal:
        rules.check_lines([wanted], PARTNER, NOW)
    assert code_of(refusal) == order


def test_every_problem_has_a_wire_text_or_travels_as_a_number() -> None:
    assert {problem.cart_code for problem in Problem} - rules.CART_ERROR_CODES.keys() == {400041}


def test_all_problems_of_all_lines_are_reported() -> None:
    lines = [line(quantity=0, currency="EUR"), line(number=1), line(None, number=2)]
    assert problems(*lines) == [(0, Problem.CURRENCY), (0, Problem.QUANTITY), (2, Problem.ITEM_UNKNOWN)]


@pytest.mark.parametrize("numbers", [[0, 2], [1, 2], [0, 0], [-1, 0]])
def test_line_numbers_run_from_zero_without_a_gap(numbers: list[int]) -> None:
    rules.check_line_numbers([1, 0, 2])
    with pytest.raises(DomainError) as refusal:
        rules.check_line_numbers(numbers)
    assert code_of(refusal) == (400, 800071)


def test_defaults_fill_the_plan() -> None:
    only_year = replace(E3, plans=(Plan(YEAR, MONTHLY), Plan(YEAR, ANNUAL)))
    assert rules.chosen_plan(line(billing_cycle=None, duration=MONTH)) == Plan(MONTH, MONTHLY)
    assert rules.chosen_plan(line(only_year, billing_cycle=None, duration=None)) == Plan(YEAR, MONTHLY)
    assert rules.chosen_plan(line(AZURE_PLAN, billing_cycle=None, duration=None)) == Plan(None, MONTHLY)
    assert rules.chosen_plan(line(RESERVATION, billing_cycle=None)) == Plan(YEAR, BillingCycle.ONE_TIME)
    assert rules.chosen_plan(line(None)) is None


def test_an_addon_is_satisfied_by_its_base_owned_or_earlier_in_the_cart() -> None:
    assert problems(line(ADDON), buyer=replace(PARTNER, owned_skus={"CFQ7TTC0LF8R:0001": 3})) == []
    assert problems(line(), line(ADDON, number=1)) == []
    assert problems(line(ADDON), line(number=1)) == [(0, Problem.PREREQUISITE)]


def test_multi_geo_needs_five_percent_of_the_base_seats() -> None:
    multi_geo = replace(ADDON, base_seat_percent=5)
    buyer = replace(PARTNER, owned_skus={"CFQ7TTC0LH18:0001": 101})
    assert problems(line(multi_geo, quantity=6), buyer=buyer) == []
    assert problems(line(multi_geo, quantity=5), buyer=buyer) == [(0, Problem.ADDON_MINIMUM)]


def test_a_customer_has_one_azure_plan_and_one_trial_ever() -> None:
    plan = line(AZURE_PLAN, quantity=1, billing_cycle=None, duration=None)
    assert problems(plan) == []
    assert problems(plan, replace(plan, number=1)) == [(1, Problem.OWNERSHIP_LIMIT)]

    trial = replace(E3, is_trial=True, ownership_limit=1, is_ownership_limit_lifetime=True)
    ended = replace(PARTNER, ever_held_skus={"CFQ7TTC0LH18:0001": 1})
    (found,) = rules.line_problems([line(trial)], ended, NOW)
    assert (found.problem.cart_code, found.facts) == (10002, {"availableQuantity": "0", "purchasedQuantity": "1"})


def test_a_sandbox_line_stops_at_twenty_five_licences() -> None:
    sandbox = replace(PARTNER, is_sandbox=True)
    assert problems(line(quantity=25), buyer=sandbox) == []
    assert problems(line(quantity=26), buyer=sandbox) == [(0, Problem.SANDBOX_LIMIT)]


def test_a_restricted_item_is_out_of_stock() -> None:
    assert problems(line(), buyer=replace(PARTNER, restricted_skus=frozenset({E3.id.sku}))) == [(0, Problem.INVENTORY)]


def test_a_promotion_counts_for_its_sku_term_and_cycle_only() -> None:
    buyer = replace(PARTNER, promotions={"CFQ7TTC0LH18:0001:P1Y:monthly": frozenset({"promo"})})
    assert problems(line(promotion_id="promo"), buyer=buyer) == []
    assert problems(line(promotion_id="promo", billing_cycle=ANNUAL), buyer=buyer) == [(0, Problem.PROMOTION)]


def test_an_end_date_of_another_subscription_is_accepted() -> None:
    buyer = replace(PARTNER, coterm_targets=(CotermTarget("s-1", date(2022, 11, 11), YEAR),))
    assert problems(line(custom_term_end_on=date(2022, 11, 11)), buyer=buyer) == []


@pytest.mark.parametrize(
    ("named", "country", "expected"),
    [
        ([], "US", []),
        ([("transaction_reseller", "4847383")], "US", []),
        ([("consumption_reseller", "999")], "US", []),
        ([("transaction_reseller", "999")], "US", [Problem.RESELLER_UNKNOWN]),
        ([("transaction_reseller", "777")], "US", [Problem.RESELLER_UNFIT]),
        ([("transaction_reseller", "1000")], "US", [Problem.RESELLER_UNFIT]),
        ([("transaction_reseller", "4847383")] * 2, "US", [Problem.RESELLER_UNFIT]),
        ([("additional_transaction_reseller", "4847383")], "US", [Problem.RESELLER_UNFIT]),
        ([("additional_transaction_reseller", "4847383")] * 5, "DE", []),
        ([("additional_transaction_reseller", "4847383")] * 6, "NO", [Problem.RESELLER_UNFIT]),
    ],
)
def test_a_provider_names_its_resellers(named: list[tuple[str, str]], country: str, expected: list[Problem]) -> None:
    wanted = line(replace(E3, country=country), participants=tuple(Participant(*pair) for pair in named))
    assert problems(wanted, buyer=replace(PROVIDER, country=country)) == [(0, problem) for problem in expected]


@pytest.mark.parametrize(
    ("azure", "expected"),
    [
        (AzureSubscription(), []),
        (None, [Problem.SUBSCRIPTION_INVALID]),
        (AzureSubscription(is_active=False), [Problem.SUBSCRIPTION_INACTIVE]),
        (AzureSubscription(is_registered=False), [Problem.NOT_REGISTERED]),
    ],
)
def test_a_reservation_needs_an_active_registered_azure_subscription(
    azure: AzureSubscription | None, expected: list[Problem]
) -> None:
    wanted = line(
        RESERVATION,
        billing_cycle=BillingCycle.ONE_TIME,
        provisioning_context={"Scope": "shared", "SubscriptionId": "9A4C"},
    )
    buyer = replace(PARTNER, azure_subscriptions={"9a4c": azure} if azure else {})
    assert problems(wanted, buyer=buyer) == [(0, problem) for problem in expected]


# --- conditions

READY = PurchaseFacts(partner_id="p", customer_id="c")


@pytest.mark.parametrize(
    ("changes", "condition", "refusal"),
    [
        ({"is_program_active": False}, Condition.PROGRAM_STATUS, (403, 800039)),
        ({"has_reseller_relationship": False}, Condition.RESELLER_RELATIONSHIP, (403, 20002)),
        ({"is_partner_agreement_signed": False}, Condition.PARTNER_AGREEMENT, (403, 900124)),
        ({"is_indirect_reseller_agreement_signed": False}, Condition.INDIRECT_RESELLER_AGREEMENT, (403, 900123)),
        ({"validation": ValidationStatus.UNDER_REVIEW}, Condition.ACCOUNT_VALIDATION, (403, 800073)),
        ({"validation": ValidationStatus.UNKNOWN}, Condition.ACCOUNT_VALIDATION, (403, 800074)),
        ({"validation": ValidationStatus.NOT_ALLOWED}, Condition.ACCOUNT_VALIDATION, (403, 800075)),
        ({"is_customer_agreement_accepted": False}, Condition.CUSTOMER_AGREEMENT, (403, 13605)),
        ({"has_address": False}, Condition.ADDRESS, (400, 800002)),
        ({"needs_phone_number": True, "has_phone_number": False}, Condition.PHONE_NUMBER, (400, 600051)),
        (
            {"needs_registration_number": True, "has_registration_number": False},
            Condition.REGISTRATION_NUMBER,
            (400, 600049),
        ),
        ({"segments": frozenset({Segment.EDUCATION})}, Condition.QUALIFICATION, (403, 400030)),
        (
            {"purchase": Money(120000, "USD"), "available_credit": Money(120000, "USD")},
            Condition.CREDIT,
            (403, 900121),
        ),
    ],
)
def test_an_unmet_condition_is_refused_and_shown(
    changes: dict[str, Any], condition: Condition, refusal: tuple[int, int]
) -> None:
    facts = replace(READY, **changes)

    with pytest.raises(rules.PurchaseRefused) as raised:
        rules.check_purchase_allowed(facts)

    assert code_of(raised) == refusal
    assert raised.value.facts == {"condition": condition.value}
    unmet = [row.condition for row in rules.checklist(facts) if row.unmet is not None]
    assert unmet == [condition]


def test_a_customer_that_meets_all_may_buy() -> None:
    facts = replace(
        READY,
        is_indirect_reseller_agreement_signed=True,
        validation=ValidationStatus.ALLOWED,
        segments=frozenset({Segment.COMMERCIAL, Segment.GOVERNMENT}),
        qualifications=frozenset({"StateOwnedEntity", "GovernmentCommunityCloud"}),
        purchase=Money(120000, "USD"),
        available_credit=Money(2350000, "USD"),
    )
    rules.check_purchase_allowed(facts)
    assert [row.condition for row in rules.checklist(READY)] == [
        Condition.PROGRAM_STATUS,
        Condition.RESELLER_RELATIONSHIP,
        Condition.PARTNER_AGREEMENT,
        Condition.ACCOUNT_VALIDATION,
        Condition.CUSTOMER_AGREEMENT,
        Condition.ADDRESS,
    ]


def test_the_relationship_is_refused_before_the_agreement() -> None:
    facts = replace(READY, has_reseller_relationship=False, is_customer_agreement_accepted=False)
    with pytest.raises(rules.PurchaseRefused) as raised:
        rules.check_purchase_allowed(facts)
    assert code_of(raised) == (403, 20002)


# --- pricing


def priced(
    seat: SeatPrice, quantity: int, duration: Duration | None, cycle: BillingCycle, end: date | None = None
) -> Any:
    return rules.price_line(seat, quantity, first_term(NOW, duration, custom_term_end_on=end), duration, cycle)


def test_the_cart_shows_the_whole_term() -> None:
    """commerce-rules §11: one seat at 30.40 a month for a year shows 364.80."""
    pricing = priced(SeatPrice(Decimal("30.4"), "USD"), 1, YEAR, MONTHLY)

    assert pricing == rules.Pricing(
        list_price=Decimal("30.4"),
        discounted_price=Decimal("30.4"),
        prorated_price=Decimal("30.4"),
        price=Decimal("30.40"),
        extended_price=Decimal("364.80"),
        first_charge=Money(3040, "USD"),
        whole_term=Money(36480, "USD"),
    )


def test_a_promotion_and_a_short_first_cycle_are_shown_apart() -> None:
    """15 % off 22.00, bought on the 15th for a term that ends with a month: 17 of 31 days first."""
    seat = SeatPrice(Decimal("22.00"), "USD", discount=Decimal("0.15"))

    pricing = priced(seat, 10, YEAR, MONTHLY, date(2023, 6, 30))

    assert pricing.discounted_price == Decimal("18.70")
    assert pricing.prorated_price == Decimal("10.254838")
    assert (pricing.price, pricing.first_charge) == (Decimal("10.25"), Money(10250, "USD"))
    assert pricing.whole_term == Money(10250 + 11 * 18700, "USD")


def test_an_upfront_line_and_one_without_a_term_are_charged_once() -> None:
    assert priced(SeatPrice(Decimal("120.96"), "EUR"), 10, YEAR, ANNUAL).extended_price == Decimal("1209.60")
    once = priced(SeatPrice(Decimal("455.00"), "USD"), 3, None, BillingCycle.ONE_TIME)
    assert (once.first_charge, once.whole_term) == (Money(136500, "USD"), Money(136500, "USD"))


@given(
    cents=st.integers(0, 500_000),
    percent=st.integers(0, 60),
    quantity=st.integers(1, 300),
    bought=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    cycle=st.sampled_from([MONTHLY, ANNUAL]),
)
def test_a_preview_equals_the_sum_of_the_invoices(
    cents: int, percent: int, quantity: int, bought: date, cycle: BillingCycle
) -> None:
    seat = SeatPrice(Decimal(cents) / 100, "USD", discount=Decimal(percent) / 100)
    term = first_term(datetime(bought.year, bought.month, bought.day, tzinfo=UTC), YEAR)

    pricing = rules.price_line(seat, quantity, term, YEAR, cycle)

    billed = [seat.charge(quantity, c.days, c.cycle_days).minor for c in charge_cycles(term, YEAR, cycle)]
    assert pricing.whole_term == Money(sum(billed), "USD")
    assert pricing.first_charge == Money(billed[0], "USD")


# --- orders


def test_an_order_moves_only_along_the_table() -> None:
    assert rules.order_after(OrderStatus.PENDING, OrderAction.ASK_FOR_PURCHASE_ORDER) is OrderStatus.PENDING_PO_UPLOAD
    assert rules.allowed_order_actions(OrderStatus.PO_UPLOAD_COMPLETE) == [OrderAction.APPROVE, OrderAction.REJECT]
    assert rules.allowed_order_actions(OrderStatus.CANCELLED) == []
    with pytest.raises(rules.OrderStatusUnreachable) as refusal:
        rules.order_after(OrderStatus.CANCELLED, OrderAction.CANCEL)
    assert code_of(refusal) == (400, 800061)
    with pytest.raises(rules.OrderStatusUnreachable) as refusal:
        rules.order_after(OrderStatus.COMPLETED, OrderAction.COMPLETE)
    assert code_of(refusal) == (400, 4018)


@pytest.mark.parametrize(
    ("kinds", "days", "is_sandbox", "refusal"),
    [
        ([ProductKind.PERPETUAL_SOFTWARE], 3, False, None),
        ([ProductKind.SOFTWARE_SUBSCRIPTION, ProductKind.PERPETUAL_SOFTWARE], 3, False, None),
        ([ProductKind.LICENSE], 3, False, (403, 800019)),
        ([ProductKind.PERPETUAL_SOFTWARE, ProductKind.RESERVATION], 3, False, (403, 800019)),
        ([ProductKind.SAAS], 3, False, (403, 800077)),
        ([ProductKind.SAAS], 60, True, None),
        ([ProductKind.RESERVATION], 61, True, (400, 800061)),
    ],
)
def test_outside_the_sandbox_only_software_is_cancelled_by_order(
    kinds: list[ProductKind], days: int, is_sandbox: bool, refusal: tuple[int, int] | None
) -> None:
    at = NOW + timedelta(days=days)
    if refusal is None:
        rules.check_order_cancellation(OrderStatus.COMPLETED, kinds, NOW, at, is_sandbox=is_sandbox)
        return
    with pytest.raises(rules.OrderCancellationRefused) as raised:
        rules.check_order_cancellation(OrderStatus.COMPLETED, kinds, NOW, at, is_sandbox=is_sandbox)
    assert code_of(raised) == refusal
