"""What is done to a subscription and what time does to it. Prices: 6.00 a seat and month in a year."""

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from openpartner.app import open_world
from openpartner.catalogue.models import Product
from openpartner.catalogue.rules import MONTH, THREE_YEARS, YEAR, BillingCycle, Duration
from openpartner.customers.models import Customer
from openpartner.customers.rules import Review
from openpartner.platform.db import Base
from openpartner.platform.errors import DomainError, PreconditionFailed
from openpartner.platform.http.etags import versioned_etag
from openpartner.settings import Settings
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.rules import NextTerm, Status
from openpartner.subscriptions.service import SubscriptionChange
from tests.subscriptions.conftest import Held, Hold, holder_of
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.shop import BACKUP, BASIC, E3, PROMOTION, SERVER, Prices, Shop, open_shop
from tests.support.shop import _sell as sell

MONTHLY, ANNUAL = BillingCycle.MONTHLY, BillingCycle.ANNUAL


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def change(held: Held, **members: Any) -> None:
    with held.shop.lab.begin(held.shop.agent) as uow:
        service.update_subscription(uow, held.shop.customer_id, held.id, SubscriptionChange(**members))


def refusal(held: Held, **members: Any) -> DomainError:
    """Why a change is refused; it leaves neither rows nor facts behind."""
    before = held.row.version

    def attempt() -> DomainError:
        with pytest.raises(DomainError) as caught:
            change(held, **members)
        return caught.value

    refused: DomainError = held.shop.lab.nothing_changed(attempt)
    assert held.row.version == before
    return refused


def advance_to(held: Held, text: str) -> None:
    held.shop.lab.advance(at(text) - held.shop.lab.now)


def charges(lab: Lab) -> list[tuple[str, int]]:
    """Every amount that was announced, in order."""
    return [
        (body["kind"], body["data"][name])
        for body in lab.events()
        if body["kind"].startswith("Subscription")
        for name in ("charged_minor", "net_minor", "credit_minor")
        if body["data"].get(name)
    ]


# --- opening


def test_it_is_active_at_once_and_its_first_cycle_is_charged(hold: Hold, lab: Lab) -> None:
    row = hold().row

    assert (row.status, row.provisioned_at) == (Status.ACTIVE, START)
    assert (row.cycle_starts_on, row.cycle_ends_on) == (date(2026, 1, 15), date(2026, 2, 14))
    assert (row.charged_minor, row.currency) == (60_00, "USD")
    assert charges(lab) == [("SubscriptionOpened", 60_00)]


def test_provisioning_takes_its_time_when_the_settings_say_so(hold: Hold, lab: Lab) -> None:
    lab.world.settings = msgspec.structs.replace(lab.world.settings, provisioning_seconds=90)
    held = hold()

    assert held.row.status is Status.PENDING
    refused = refusal(held, quantity=11)
    assert (refused.code, refused.status) == (800082, 409)
    lab.advance(timedelta(seconds=89))
    assert held.row.status is Status.PENDING
    lab.advance(timedelta(seconds=1))
    assert (held.row.status, held.row.provisioned_at) == (Status.ACTIVE, START + timedelta(seconds=90))
    assert lab.events("SubscriptionStatusChanged")[0]["after"] == {"status": "active"}


def test_a_coterminous_term_is_charged_for_its_days(hold: Hold) -> None:
    row = hold(custom_term_end_on=date(2026, 3, 31)).row

    # The cycles count back from the end: January 15 to 31 is the short one, 17 of 31 days.
    assert (row.term_ends_on, row.cycle_ends_on) == (date(2026, 3, 31), date(2026, 1, 31))
    assert row.charged_minor == 10 * 3_29


# --- states


@pytest.mark.parametrize(
    ("_case", "instant", "credit"),
    [
        ("the first 24 hours give all back", "2026-01-16T09:00:00", 60_00),
        ("then the day of cancellation and what follows: 29 of 31 days", "2026-01-17T12:00:00", 56_10),
        ("the last instant of the window, 24 of 31 days", "2026-01-22T09:00:00", 46_40),
    ],
)
def test_cancelling_gives_back_what_is_not_used(hold: Hold, lab: Lab, _case: str, instant: str, credit: int) -> None:
    held = hold()
    advance_to(held, instant)

    change(held, status=Status.DELETED)

    assert lab.events("SubscriptionStatusChanged")[-1]["data"]["credit_minor"] == credit
    assert (held.row.status, held.row.ended_at, held.row.auto_renew_enabled) == (Status.DELETED, at(instant), False)
    assert held.row.charged_minor == 60_00 - credit


def test_a_second_after_the_window_it_cannot_be_cancelled(hold: Hold) -> None:
    held = hold()
    advance_to(held, "2026-01-22T09:00:01")

    assert refusal(held, status=Status.DELETED).code == 900117


@pytest.mark.parametrize(
    ("item", "duration", "cycle", "instant", "code"),
    [
        (SERVER, None, BillingCycle.ONE_TIME, "2026-02-14T09:00:00", 0),
        (SERVER, None, BillingCycle.ONE_TIME, "2026-02-14T09:00:01", 900117),
        (BACKUP, MONTH, MONTHLY, "2026-01-16T09:00:00", 0),
        (BACKUP, MONTH, MONTHLY, "2026-01-16T09:00:01", 900213),
    ],
)
def test_each_kind_has_its_own_window(
    hold: Hold, item: str, duration: Duration | None, cycle: BillingCycle, instant: str, code: int
) -> None:
    held = hold(item, 2, duration, cycle)
    advance_to(held, instant)

    if code:
        assert refusal(held, status=Status.DELETED).code == code
    else:
        charged = held.row.charged_minor
        change(held, status=Status.DELETED)
        assert held.shop.lab.events("SubscriptionStatusChanged")[-1]["data"]["credit_minor"] == charged > 0


def test_suspension_does_not_stop_the_bill_and_drops_the_schedule(hold: Hold, lab: Lab) -> None:
    held = hold()
    change(held, scheduled=NextTerm(BASIC, MONTH, MONTHLY, 4), replaces_plans=True)

    change(held, status=Status.SUSPENDED)
    advance_to(held, "2026-02-15T00:00:00")

    assert (held.row.status, held.row.scheduled) == (Status.SUSPENDED, None)
    assert charges(lab) == [("SubscriptionOpened", 60_00), ("SubscriptionCycleBegan", 60_00)]
    assert refusal(held, quantity=11).code == 800091
    assert refusal(held, friendly_name="New").code == 800091
    change(held, status=Status.ACTIVE)
    assert held.row.status is Status.ACTIVE


def test_under_review_seats_come_back_but_do_not_grow(hold: Hold, shop: Shop) -> None:
    held = hold()
    with shop.lab.begin() as uow:
        uow.db.get_one(Customer, shop.customer.commerce_id).review = Review.UNDER_REVIEW

    assert refusal(held, quantity=11).code == 800073
    change(held, quantity=9)
    assert held.row.quantity == 9


# --- seats


def test_seats_come_and_go_by_the_days_that_are_left(hold: Hold, lab: Lab) -> None:
    held = hold()
    advance_to(held, "2026-01-25T10:00:00")

    change(held, quantity=15)  # 21 of 31 days: 4.06 a seat, each half of the pair truncated by itself
    assert charges(lab)[-1] == ("SubscriptionQuantityChanged", 5 * 4_06)
    assert refusal(held, quantity=9).code == 900214
    advance_to(held, "2026-01-28T10:00:00")
    change(held, quantity=10)  # 18 of 31 days: 3.48
    assert charges(lab)[-1] == ("SubscriptionQuantityChanged", -5 * 3_48)

    assert (held.row.quantity, held.row.charged_minor) == (10, 60_00 + 5 * 4_06 - 5 * 3_48)
    assert refusal(held, quantity=9).code == 900214


def test_the_block_that_closes_first_is_given_back_first(hold: Hold) -> None:
    held = hold()
    advance_to(held, "2026-01-18T09:00:00")
    change(held, quantity=13)

    change(held, quantity=2)

    assert [(block.quantity, block.bought_at) for block in held.row.blocks] == [(2, at("2026-01-18T09:00:00"))]


def test_the_sandbox_holds_at_most_25_seats(hold: Hold, lab: Lab) -> None:
    lab.world.settings = msgspec.structs.replace(lab.world.settings, sandbox_limits=True)

    assert refusal(hold(), quantity=26).code == 800067


def test_a_trial_always_has_its_seats(trial: Held) -> None:
    assert refusal(trial, quantity=26).code == 800095
    assert refusal(trial, duration=YEAR).code == 800107


# --- term and cycle


def test_a_longer_term_begins_at_once(hold: Hold, lab: Lab) -> None:
    held = hold(quantity=2, duration=MONTH)  # 7.20 a seat for the month by itself
    advance_to(held, "2026-01-20T12:00:00")

    change(held, duration=YEAR)

    row = held.row
    assert (row.duration, row.term_starts_at, row.term_ends_on) == ("P1Y", at("2026-01-20T12:00:00"), date(2027, 1, 19))
    assert row.window_opened_at == at("2026-01-20T12:00:00")
    # 12.00 for the new cycle, less 26 of 31 days of 7.20: 6.03 a seat.
    assert charges(lab)[-1] == ("SubscriptionTermChanged", 12_00 - 2 * 6_03)
    assert refusal(held, duration=MONTH).code == 800122


@pytest.fixture
def three_years(shop: Shop, hold: Hold) -> Held:
    """Three years billed by the month: 100.00 a seat in all, which divides evenly into nothing."""
    with shop.lab.begin() as uow:
        prices: Prices = {(THREE_YEARS, MONTHLY): "100", (THREE_YEARS, ANNUAL): "100"}
        sell(uow, "CFQ7TTC03YRS:0001:CFQ7TTC0K3Y1", "Three years", prices)
    return hold("CFQ7TTC03YRS:0001:CFQ7TTC0K3Y1", 1, THREE_YEARS)


def test_another_cycle_waits_for_the_next_charge(three_years: Held, lab: Lab) -> None:
    assert three_years.row.charged_minor == 2_77

    change(three_years, billing_cycle=ANNUAL)
    change(three_years, billing_cycle=ANNUAL)

    assert (three_years.row.billing_cycle, three_years.row.next_charge_cycle) == (MONTHLY, "annual")
    assert three_years.wire["nextChargeInstructions"]["product"]["billingCycle"] == "annual"
    assert len(lab.events("SubscriptionTermChanged")) == 1
    advance_to(three_years, "2026-02-15T00:00:00")
    row = three_years.row
    assert (row.billing_cycle, row.next_charge_cycle) == (ANNUAL, "")
    # The year began on January 15 and its first month is paid: 334 of 365 days of 33.333333.
    assert (row.cycle_starts_on, row.cycle_ends_on) == (date(2026, 1, 15), date(2027, 1, 14))
    assert charges(lab)[-1] == ("SubscriptionCycleBegan", 30_50)
    advance_to(three_years, "2027-01-15T00:00:00")
    assert charges(lab)[-1] == ("SubscriptionCycleBegan", 33_33)


def test_a_pending_cycle_survives_suspension_and_can_be_taken_back(three_years: Held) -> None:
    change(three_years, billing_cycle=ANNUAL)
    change(three_years, status=Status.SUSPENDED)
    assert three_years.row.next_charge_cycle == "annual"
    change(three_years, status=Status.ACTIVE)

    change(three_years, keeps_next_charge=False)

    assert three_years.row.next_charge_cycle == ""


# --- renewal


def test_it_renews_at_the_first_instant_after_its_last_day(hold: Hold, lab: Lab) -> None:
    held = hold()
    advance_to(held, "2027-01-14T23:59:59")
    assert held.row.term_ends_on == date(2027, 1, 14)
    assert len(lab.events("SubscriptionCycleBegan")) == 11

    advance_to(held, "2027-01-15T00:00:00")

    row = held.row
    assert (row.term_starts_at, row.term_ends_on) == (at("2027-01-15T00:00:00"), date(2028, 1, 14))
    assert row.window_opened_at == at("2027-01-15T00:00:00")
    assert [(block.quantity, block.bought_at) for block in row.blocks] == [(10, at("2027-01-15T00:00:00"))]
    renewed = lab.events("SubscriptionRenewed")
    assert [(body["at"], body["data"]["charged_minor"]) for body in renewed] == [("2027-01-15T00:00:00Z", 60_00)]


def test_it_renews_as_scheduled(hold: Hold, lab: Lab) -> None:
    held = hold()
    change(held, scheduled=NextTerm(BASIC, MONTH, MONTHLY, 4), replaces_plans=True)
    advance_to(held, "2027-01-15T00:00:00")

    row = held.row
    assert (row.quantity, row.duration, row.term_ends_on, row.scheduled) == (4, "P1M", date(2027, 2, 14), None)
    assert lab.events("SubscriptionRenewed")[-1]["data"]["charged_minor"] == 4 * 7_20


def test_a_scheduled_end_date_is_aligned_and_its_promotion_applied(hold: Hold) -> None:
    held = hold(E3, 2)
    wanted = NextTerm(E3, YEAR, MONTHLY, 3, PROMOTION, date(2027, 6, 30))
    change(held, scheduled=wanted, replaces_plans=True)
    advance_to(held, "2027-01-15T00:00:00")

    row = held.row
    assert (row.quantity, row.term_ends_on, row.promotion_id) == (3, date(2027, 6, 30), PROMOTION)
    # January 15 to 31, 17 of 31 days of 36.00 less 15 %: 16.78 a seat.
    assert row.charged_minor == 3 * 16_78


def test_a_product_that_is_not_sold_any_more_expires(hold: Hold, shop: Shop) -> None:
    held = hold()
    with shop.lab.begin() as uow:
        uow.db.get_one(Product, "CFQ7TTC0LH18").is_published = False
    advance_to(held, "2027-01-15T00:00:00")

    assert held.row.status is Status.EXPIRED


def test_a_trial_becomes_the_paid_product_after_30_days(trial: Held, lab: Lab) -> None:
    advance_to(trial, "2026-02-13T23:59:59")
    assert trial.row.is_trial
    advance_to(trial, "2026-02-14T00:00:00")

    row = trial.row
    assert (str(row.item_id), row.is_trial, row.quantity, row.duration) == (BASIC, False, 25, "P1Y")
    assert (row.billing_cycle, row.term_ends_on) == (MONTHLY, date(2027, 2, 13))
    assert row.window_opened_at == at("2026-02-14T00:00:00")
    assert charges(lab) == [("SubscriptionRenewed", 25 * 6_00)]


def test_a_trial_that_does_not_renew_expires(trial: Held) -> None:
    change(trial, auto_renew_enabled=False)
    advance_to(trial, "2026-02-14T00:00:00")

    assert trial.row.status is Status.EXPIRED


def test_an_expired_one_is_disabled_then_deleted(hold: Hold, lab: Lab) -> None:
    held = hold()
    change(held, auto_renew_enabled=False)
    seen = []
    for day in ("2027-01-14T23:59:59", "2027-01-15", "2027-02-13T23:59:59", "2027-02-14", "2027-05-14T23:59:59"):
        advance_to(held, day)
        seen.append(held.row.status)
    assert seen == [Status.ACTIVE, Status.EXPIRED, Status.EXPIRED, Status.DISABLED, Status.DISABLED]
    assert refusal(held, auto_renew_enabled=True).code == 900279

    advance_to(held, "2027-05-15")

    assert held.row.status is Status.DELETED
    assert held.row.ended_at == at("2027-01-15")
    assert charges(lab)[-1] == ("SubscriptionCycleBegan", 60_00)


def test_a_suspended_one_is_disabled_at_the_end_of_its_term(hold: Hold) -> None:
    held = hold()
    change(held, status=Status.SUSPENDED)
    advance_to(held, "2027-01-15")
    disabled = held.row.status
    assert refusal(held, status=Status.ACTIVE).code == 800096
    advance_to(held, "2027-05-15")

    assert (disabled, held.row.status) == (Status.DISABLED, Status.DELETED)


# --- time, all at once or day by day


def _year(lab: Lab, step: timedelta) -> list[list[tuple[Any, ...]]]:
    """A year and a half of three subscriptions, lived in steps; every row of every table."""
    shop = open_shop(lab)
    opened = holder_of(shop)
    kept, dropped, short = opened(), opened(E3, 3), opened(quantity=4, duration=MONTH)
    change(dropped, auto_renew_enabled=False)
    change(kept, scheduled=NextTerm(BASIC, YEAR, ANNUAL, 8), replaces_plans=True)
    change(short, friendly_name="Month by month")
    until = lab.now + timedelta(days=540)
    while lab.now < until:
        lab.advance(min(step, until - lab.now))
    rows = []
    with lab.read() as uow:
        for table in Base.metadata.sorted_tables:
            if table.name not in {"world_clock", "world_record", "signing_key"}:
                found = [tuple(row) for row in uow.db.execute(select(table))]
                rows.append([(table.name,), *sorted(found, key=repr)])
    return rows


def test_a_year_in_one_jump_equals_a_year_day_by_day(
    empty_sqlite: Path, tmp_path: Path, event_loop_thread: EventLoop
) -> None:
    lives = []
    for name, step in (("jump", timedelta(days=540)), ("days", timedelta(days=1))):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(empty_sqlite, folder / "world.sqlite3")
        world = open_world(Settings(data=folder, seed="test", first_instant=START, demo_data=False))
        lives.append(_year(Lab(world, event_loop_thread), step))
        world.close()

    for jumped, lived in zip(*lives, strict=True):
        assert jumped == lived


# --- two at once


def _at_once(*actions: Callable[[], None]) -> list[type[BaseException] | None]:
    """What came of actions that begin together."""
    results: list[type[BaseException] | None] = [None] * len(actions)
    gate = threading.Barrier(len(actions))

    def run(number: int) -> None:
        gate.wait()
        try:
            actions[number]()
        except DomainError as error:
            results[number] = type(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_editors_with_one_etag_one_is_refused(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()
    etag = versioned_etag(held.id, 1)

    def set_to(quantity: int) -> Callable[[], None]:
        def act() -> None:
            with lab.begin(shop.agent) as uow:
                wanted = SubscriptionChange(quantity=quantity)
                service.update_subscription(uow, shop.customer_id, held.id, wanted, etag=etag)

        return act

    results = _at_once(set_to(11), set_to(12))

    assert sorted(results, key=str) == sorted([None, PreconditionFailed], key=str)
    assert held.row.quantity == (11 if results[0] is None else 12)
    assert len(lab.events("SubscriptionQuantityChanged")) == 1


def test_seats_added_at_once_are_each_charged(hold: Hold, shop: Shop, lab: Lab) -> None:
    held = hold()

    def one_more() -> None:
        with lab.begin(shop.agent) as uow:
            found = queries.subscription_to_change(uow, shop.customer_id, held.id)
            service.change_subscription_quantity(uow, found, found.quantity + 1)

    assert _at_once(*[one_more] * 4) == [None] * 4
    assert held.row.quantity == 14
    assert [body["data"]["net_minor"] for body in lab.events("SubscriptionQuantityChanged")] == [6_00] * 4
