"""A year in one jump leaves the same rows as a year lived day by day: each piece of due work has its own instant."""

from datetime import timedelta
from pathlib import Path

from openpartner.platform import due
from openpartner.platform.world import World
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.shop import BASIC, BASIC_TRIAL, E3, line, open_shop
from tests.support.worlds import dump, open_copy

DAYS = 366


def _buy(world: World, loop: EventLoop) -> None:
    """A month that renews, a year that does not, a trial that becomes paid, one that is suspended, one to be cut."""
    shop = open_shop(Lab(world, loop))
    placed = shop.order(
        line(BASIC, 5, "P1M", friendlyName="renews each month"),
        line(E3, 3, "P1Y", friendlyName="ends after a year"),
        line(BASIC_TRIAL, 25, "P1M", friendlyName="becomes a paid one"),
        line(BASIC, 7, "P1Y", friendlyName="is suspended"),
        line(BASIC, 2, "P1M", friendlyName="is cancelled"),
        billingCycle="monthly",
    )
    _, ends, _, suspended, cancelled = (each["subscriptionId"] for each in placed["lineItems"])
    for subscription, change in (
        (ends, {"autoRenewEnabled": False}),
        (suspended, {"status": "suspended"}),
        (cancelled, {"status": "deleted"}),
    ):
        url = f"{shop.url}/subscriptions/{subscription}"
        answer = shop.client.patch(url, {**shop.client.get(url).json(), **change})
        assert answer.status_code == 200, answer.text


def test_a_year_in_one_jump_is_the_year_lived_day_by_day(
    empty_sqlite: Path, event_loop_thread: EventLoop, tmp_path: Path
) -> None:
    jumped, lived = (open_copy(empty_sqlite, tmp_path / name) for name in ("jumped", "lived"))
    for world in (jumped, lived):
        _buy(world, event_loop_thread)
    assert dump(jumped) == dump(lived)

    pieces_at_once = due.advance(jumped, START + timedelta(days=DAYS))
    pieces_by_day = [due.advance(lived, START + timedelta(days=day)) for day in range(1, DAYS + 1)]

    assert pieces_at_once == sum(pieces_by_day)
    at_once, by_day = dump(jumped), dump(lived)
    for name, rows in at_once.items():
        assert rows == by_day[name], name
    kinds = {row["kind"] for row in at_once["event_log"]}
    assert {"SubscriptionRenewed", "SubscriptionStatusChanged", "OrderPlaced"} <= kinds
    assert not [row for row in at_once["due_work"] if row["attempts"]]
    for world in (jumped, lived):
        world.close()
