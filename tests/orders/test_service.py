"""What may be bought, what refuses it, and that a refusal leaves no trace; limits under concurrency; further orders."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from openpartner.catalogue.rules import MONTH, YEAR, BillingCycle
from openpartner.customers.models import Customer
from openpartner.customers.rules import Relationship, Review
from openpartner.orders import queries, service
from openpartner.orders.rules import AttachmentType, LineRequest, OrderStatus, Participant, PurchaseOrder
from openpartner.partner.models import ProgramEnrolment
from openpartner.partner.rules import PartnerKind, ProgramState
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions import service as subscription_service
from openpartner.subscriptions.models import Subscription
from tests.support import shop as goods
from tests.support.lab import Lab
from tests.support.shop import Shop, agree, open_shop, reseller

MONTHLY, ANNUAL = BillingCycle.MONTHLY, BillingCycle.ANNUAL
BASIC = LineRequest(goods.BASIC, 5, billing_cycle=MONTHLY, duration=YEAR)
E3 = LineRequest(goods.E3, 2, billing_cycle=MONTHLY, duration=YEAR)
VISIO = LineRequest(goods.VISIO, 1, billing_cycle=MONTHLY, duration=YEAR)
SERVER = LineRequest(goods.SERVER, 2)


def place(shop: Shop, *lines: LineRequest) -> queries.WholeOrder:
    with shop.lab.begin(shop.agent) as uow:
        return service.place_order(uow, shop.customer_id, lines)


def refused(shop: Shop, *lines: LineRequest) -> tuple[int, int | str]:
    """Status and code that these lines are refused with, after proving that nothing was left behind."""

    def attempt() -> DomainError:
        with pytest.raises(DomainError) as refusal:
            place(shop, *lines)
        return refusal.value

    before = held(shop)
    error = shop.lab.nothing_changed(attempt)
    assert held(shop) == before
    return error.status, error.code


def rows_of(uow: UnitOfWork, shop: Shop) -> list[Subscription]:
    """What the customer holds, also where the relationship is over and nobody may look any more."""
    statement = select(Subscription).where(Subscription.commerce_id == shop.customer.commerce_id)
    return list(uow.db.scalars(statement.order_by(Subscription.created_at, Subscription.id)))


def held(shop: Shop) -> list[tuple[str, int, str]]:
    with shop.lab.read() as uow:
        rows = rows_of(uow, shop)
        return [(row.offer_name, row.quantity, row.status.value) for row in rows]


# --- lines


def named(*mpn_ids: str) -> LineRequest:
    return replace(BASIC, participants=tuple(Participant("transaction_reseller", each) for each in mpn_ids))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (replace(BASIC, catalog_item_id="CFQ7TTC0LH18:0001:CFQ7TTC0NONE"), (400, 800004)),
        (replace(BASIC, catalog_item_id="nonsense"), (400, 800004)),
        (replace(BASIC, catalog_item_id="bd938f12-058f-4927-bba3-ae36b1d2501c"), (403, 2091)),
        (replace(BASIC, catalog_item_id=goods.GERMAN), (403, 800020)),
        (replace(BASIC, catalog_item_id=goods.FACULTY, billing_cycle=ANNUAL), (403, 400030)),
        (replace(BASIC, quantity=0), (400, 900275)),
        (replace(BASIC, quantity=301), (400, 900275)),
        (replace(BASIC, currency="EUR"), (400, 900169)),
        (replace(BASIC, duration=replace(YEAR, months=36)), (400, 800121)),
        (replace(BASIC, duration=MONTH, billing_cycle=ANNUAL), (400, 900270)),
        (replace(BASIC, billing_cycle=BillingCycle.ONE_TIME), (400, 900269)),
        (replace(BASIC, promotion_id="39NFJQT1PJQB:0001:39NFJQT1NONE"), (400, 27007)),
        (replace(BASIC, custom_term_end_on=datetime(2026, 6, 12, tzinfo=UTC).date()), (400, 900242)),
        (replace(BASIC, custom_term_end_on=datetime(2027, 6, 30, tzinfo=UTC).date()), (400, 900245)),
        (replace(SERVER, custom_term_end_on=datetime(2026, 6, 30, tzinfo=UTC).date()), (400, 900244)),
        (VISIO, (400, 400041)),
        (LineRequest(goods.PHONE, 1, duration=MONTH), (400, 900203)),
        (LineRequest(goods.RESERVATION, 1, duration=YEAR), (400, 800002)),
        (
            LineRequest(
                goods.RESERVATION,
                1,
                duration=YEAR,
                provisioning_context={"subscriptionId": "c5b1e4a5-6f8b-4e0a-8f6e-000000000000", "scope": "shared"},
            ),
            (400, 800011),
        ),
        (named("1234567"), (400, 800016)),
    ],
)
def test_a_line_that_may_not_be_bought_refuses_the_order(shop: Shop, line: LineRequest, code: tuple[int, int]) -> None:
    assert refused(shop, line) == code


def test_lines_of_two_billing_cycles_make_no_order_of_their_own(shop: Shop) -> None:
    assert refused(shop, BASIC, replace(BASIC, billing_cycle=ANNUAL)) == (400, 800085)


def test_an_order_without_lines_is_refused(shop: Shop) -> None:
    assert refused(shop) == (400, 800002)


def test_a_base_earlier_in_the_order_serves_its_add_on(shop: Shop) -> None:
    whole = place(shop, BASIC, VISIO)
    assert [(line.number, line.title) for line in whole.lines] == [
        (0, "Microsoft 365 Business Basic"),
        (1, "Visio Plan 2"),
    ]


def test_a_trial_is_had_once_and_plans_to_become_the_paid_product(shop: Shop) -> None:
    trial = LineRequest(goods.BASIC_TRIAL, 25, duration=MONTH)
    whole = place(shop, trial)

    assert (whole.order.total_minor, whole.order.billing_cycle) == (0, MONTHLY)
    with shop.lab.read() as uow:
        (row,) = rows_of(uow, shop)
        assert row.scheduled is not None
        assert (row.scheduled.catalog_item_id, row.scheduled.quantity) == (goods.BASIC, 25)
    assert refused(shop, trial) == (403, 800089)


# --- promotions and alignment


def test_a_promotion_applies_by_itself_where_it_may(shop: Shop) -> None:
    whole = place(shop, E3)
    (line,) = whole.lines
    assert (line.promotion_id, line.discount) == (goods.PROMOTION, Decimal("0.15"))
    assert (line.prices.list_price, line.prices.price) == (Decimal(36), Decimal("30.60"))
    assert (whole.order.charged_minor, whole.order.total_minor) == (6120, 73440)


def test_a_promotion_that_must_be_asked_for_is_asked_for(shop: Shop) -> None:
    upfront = replace(E3, billing_cycle=ANNUAL, quantity=10)
    with shop.lab.read(shop.agent) as uow:
        (plain,) = service.preview_order(uow, shop.customer_id, [upfront]).lines
        (cheaper,) = service.preview_order(
            uow, shop.customer_id, [replace(upfront, promotion_id=goods.ASKED_PROMOTION.lower())]
        ).lines
    assert plain.pricing is not None
    assert cheaper.pricing is not None
    assert (plain.pricing.whole_term.minor, cheaper.pricing.whole_term.minor) == (432000, 345600)
    too_few = replace(upfront, quantity=9, promotion_id=goods.ASKED_PROMOTION)
    assert refused(shop, too_few) == (400, 27007)


def test_an_aligned_first_term_costs_its_days_and_the_preview_says_so(shop: Shop) -> None:
    aligned = replace(BASIC, quantity=1, duration=MONTH, custom_term_end_on=datetime(2026, 1, 31, tzinfo=UTC).date())
    with shop.lab.read(shop.agent) as uow:
        ((now, total),) = service.preview_order(uow, shop.customer_id, [aligned]).totals

    whole = place(shop, aligned)

    # 15 to 31 January: 17 of 31 days of 7.20 are 3.948..., cut to 3.94.
    assert (whole.order.charged, whole.order.total) == (now, total)
    assert (now.minor, total.minor) == (394, 394)
    with shop.lab.read() as uow:
        (row,) = rows_of(uow, shop)
        assert (row.term_ends_on, row.charged_minor) == (aligned.custom_term_end_on, 394)


# --- conditions


def _set(lab: Lab, change: Callable[[UnitOfWork], None]) -> None:
    with lab.begin() as uow:
        change(uow)


def _review(review: Review) -> Callable[[Shop], Callable[[UnitOfWork], None]]:
    def of(shop: Shop) -> Callable[[UnitOfWork], None]:
        def change(uow: UnitOfWork) -> None:
            uow.db.get_one(Customer, shop.customer.commerce_id).review = review

        return change

    return of


def _program(shop: Shop) -> Callable[[UnitOfWork], None]:
    def change(uow: UnitOfWork) -> None:
        enrolment = uow.db.query(ProgramEnrolment).filter_by(tenant_id=shop.partner.id).one()
        enrolment.state = ProgramState.SUSPENDED

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_review(Review.UNDER_REVIEW), (403, 800073)),
        (_review(Review.UNKNOWN), (403, 800074)),
        (_review(Review.NOT_ALLOWED), (403, 800075)),
        (_program, (403, 800039)),
    ],
)
def test_a_condition_that_does_not_hold_refuses_every_purchase(
    shop: Shop, change: Callable[[Shop], Callable[[UnitOfWork], None]], code: tuple[int, int]
) -> None:
    _set(shop.lab, change(shop))
    assert refused(shop, BASIC) == code


def test_a_reviewed_and_allowed_customer_may_buy(shop: Shop) -> None:
    _set(shop.lab, _review(Review.ALLOWED)(shop))
    assert place(shop, BASIC).order.status is OrderStatus.COMPLETED


def test_without_the_customer_agreement_nothing_is_sold_until_it_is_recorded(lab: Lab) -> None:
    shop = open_shop(lab)
    with lab.begin() as uow:
        shop.customer = goods.buyer(uow, shop.partner, "Not Agreed", agreed=False)
    assert refused(shop, BASIC) == (403, 13605)

    with lab.begin() as uow:
        agree(uow, uow.db.get_one(Customer, shop.customer.commerce_id))

    assert place(shop, BASIC).order.status is OrderStatus.COMPLETED


def test_an_ended_relationship_sells_nothing(shop: Shop) -> None:
    with shop.lab.begin() as uow:
        uow.db.get_one(Customer, shop.customer.commerce_id).relationship = Relationship.NONE
    assert refused(shop, BASIC) == (403, 20002)


# --- who may


def test_a_sales_agent_sells_licences_and_no_software(shop: Shop) -> None:
    shop.agent = shop.lab.user(shop.partner, Role.SALES_AGENT)
    assert place(shop, BASIC).order.placed_by == shop.agent.name
    assert refused(shop, SERVER) == (403, 900150)


def test_an_indirect_provider_names_its_reseller(lab: Lab) -> None:
    shop = open_shop(lab, kind=PartnerKind.INDIRECT_PROVIDER)
    mpn_id = reseller(lab, shop).global_partner_id
    stranger = reseller(lab, name="A stranger").global_partner_id

    whole = place(shop, named(mpn_id))

    assert whole.lines[0].participants == [Participant("transaction_reseller", mpn_id)]
    with lab.read() as uow:
        assert rows_of(uow, shop)[0].mpn_id == mpn_id
    assert refused(shop, named("7777777")) == (404, 800015)
    assert refused(shop, named(stranger)) == (400, 800016)


def test_a_reseller_sees_the_customer_and_leaves_buying_to_the_provider(lab: Lab) -> None:
    shop = open_shop(lab, kind=PartnerKind.INDIRECT_PROVIDER)
    tenant_id = reseller(lab).tenant_id
    with lab.begin() as uow:
        uow.db.get_one(Customer, shop.customer.commerce_id).reseller_id = tenant_id
        tenant = uow.db.get_one(type(shop.partner), tenant_id)
    shop.agent = lab.user(tenant, Role.ADMIN_AGENT)
    assert refused(shop, BASIC) == (403, 900150)


# --- concurrency


def test_a_limit_of_one_holds_when_two_buy_at_once(shop: Shop) -> None:
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def buy() -> None:
        start.wait(timeout=20)
        try:
            outcomes.append(place(shop, E3).order.status.value)
        except DomainError as refusal:
            outcomes.append(str(refusal.code))

    buyers = [threading.Thread(target=buy) for _ in range(2)]
    for each in buyers:
        each.start()
    for each in buyers:
        each.join(timeout=60)

    assert sorted(outcomes) == ["800089", "completed"]
    assert held(shop) == [("Microsoft 365 E3", 2, "active")]


def test_a_cart_checked_out_twice_at_once_makes_one_order(shop: Shop) -> None:
    with shop.lab.begin(shop.agent) as uow:
        cart_id = service.create_cart(uow, shop.customer_id, [BASIC]).cart.id
    start = threading.Barrier(2)
    made: list[str] = []

    def check_out() -> None:
        start.wait(timeout=20)
        with shop.lab.begin(shop.agent) as uow:
            made.append(service.checkout_cart(uow, shop.customer_id, cart_id).orders[0].order.id)

    threads = [threading.Thread(target=check_out) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)

    assert len(made) == 2
    assert len(set(made)) == 1
    assert shop.lab.kinds().count("OrderPlaced") == 1


# --- what follows


def orders(shop: Shop) -> list[tuple[str, str, int, int, int]]:
    """Of each order who caused it, what it does, how many, what it costs at once and in all."""
    with shop.lab.read(shop.agent) as uow:
        return [
            (
                whole.order.transaction_type.value,
                whole.lines[0].transaction_type.value,
                whole.lines[0].quantity,
                whole.order.charged_minor,
                whole.order.total_minor,
            )
            for whole in queries.orders_of(uow, shop.customer_id)
        ]


def test_seats_that_come_and_go_are_orders_of_their_own(shop: Shop) -> None:
    subscription_id = place(shop, BASIC).lines[0].subscription_id
    assert subscription_id is not None
    for after, quantity in ((timedelta(days=5), 8), (timedelta(days=1), 6)):
        shop.lab.advance(after)
        with shop.lab.begin(shop.agent) as uow:
            row = subscriptions.subscription_to_change(uow, shop.customer_id, subscription_id)
            subscription_service.change_subscription_quantity(uow, row, quantity)

    # 20 January: 26 of 31 days of 6.00 are 5.03 a seat; 21 January: 25 of 31 days are 4.83.
    assert orders(shop) == [
        ("UserPurchase", "New", 5, 3000, 36000),
        ("UserPurchase", "AddQuantity", 3, 1509, 1509 + 11 * 1800),
        ("UserPurchase", "RemoveQuantity", 2, -966, -966 - 11 * 1200),
    ]


def test_a_renewal_is_an_order_of_the_system(shop: Shop) -> None:
    place(shop, replace(BASIC, duration=MONTH))

    shop.lab.advance(timedelta(days=32))

    assert orders(shop) == [
        ("UserPurchase", "New", 5, 3600, 3600),
        ("SystemPurchase", "Renew", 5, 3600, 3600),
    ]


def test_a_trial_that_becomes_the_paid_product_is_a_conversion(shop: Shop) -> None:
    place(shop, LineRequest(goods.BASIC_TRIAL, 25, duration=MONTH))

    shop.lab.advance(timedelta(days=31))

    assert orders(shop) == [
        ("UserPurchase", "New", 25, 0, 0),
        ("SystemPurchase", "Convert", 25, 15000, 180000),
    ]


def test_a_longer_term_begun_at_once_is_a_conversion(shop: Shop) -> None:
    subscription_id = place(shop, replace(BASIC, duration=MONTH)).lines[0].subscription_id
    assert subscription_id is not None
    shop.lab.advance(timedelta(hours=1))
    with shop.lab.begin(shop.agent) as uow:
        row = subscriptions.subscription_to_change(uow, shop.customer_id, subscription_id)
        subscription_service.change_subscription_term(uow, row, YEAR, MONTHLY)

    # The month of 36.00 goes back whole on its first day; a month of the year costs 30.00.
    assert orders(shop)[1] == ("UserPurchase", "Convert", 5, 3000 - 3600, 36000)


# --- the end of an order


def test_a_software_order_is_cancelled_with_a_full_refund(shop: Shop) -> None:
    order_id = place(shop, SERVER).order.id
    shop.lab.advance(timedelta(days=10))
    with shop.lab.read(shop.agent) as uow:
        credit = service.preview_cancellation(uow, shop.customer_id, order_id)

    with shop.lab.begin(shop.agent) as uow:
        service.cancel_order(uow, shop.customer_id, order_id)

    assert credit.minor == 32800
    assert held(shop) == [("Windows Server 2022 CAL", 2, "deleted")]
    changed: Any = shop.lab.events("SubscriptionStatusChanged")[0]["data"]
    assert (changed["credit_minor"], changed["status_after"]) == (32800, "deleted")
    assert shop.lab.events("OrderStatusChanged")[0]["after"] == {"status": "cancelled"}


@pytest.mark.parametrize(
    ("line", "days", "code"),
    [(BASIC, 0, 800019), (SERVER, 31, 900117), (LineRequest(goods.BACKUP, 1, duration=MONTH), 0, 800077)],
)
def test_what_is_not_cancelled_by_order_stays(shop: Shop, line: LineRequest, days: int, code: int) -> None:
    order_id = place(shop, line).order.id
    shop.lab.advance(timedelta(days=days))

    def attempt() -> DomainError:
        with shop.lab.begin(shop.agent) as uow, pytest.raises(DomainError) as refusal:
            service.cancel_order(uow, shop.customer_id, order_id)
        return refusal.value

    assert shop.lab.nothing_changed(attempt).code == code
    with shop.lab.read(shop.agent) as uow:
        assert queries.one_order(uow, shop.customer_id, order_id).order.status is OrderStatus.COMPLETED


def test_the_sandbox_approves_a_purchase_order_after_a_day(shop: Shop) -> None:
    order_id = place(shop, LineRequest(goods.ACCESS, 1)).order.id
    assert held(shop) == []
    file = service.UploadedFile(AttachmentType.PURCHASE_ORDER, "po.pdf", "application/pdf", b"%PDF")
    with shop.lab.begin(shop.agent) as uow:
        service.attach_documents(
            uow, shop.customer_id, order_id, PurchaseOrder(customer_price="180", currency="USD"), [file]
        )

    shop.lab.advance(timedelta(days=1))

    assert held(shop) == [("Access LTSC 2021", 1, "active")]
    statuses = [(body["before"], body["after"]) for body in shop.lab.events("OrderStatusChanged")]
    assert statuses == [
        ({"status": "pending_po_upload"}, {"status": "po_upload_complete"}),
        ({"status": "po_upload_complete"}, {"status": "completed"}),
    ]
