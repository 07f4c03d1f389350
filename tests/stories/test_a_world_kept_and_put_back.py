"""A world that was kept, put back or forked is the same to the row, and a heavy one takes less than a second."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from openpartner.app import open_world
from openpartner.platform import due
from openpartner.sandbox import snapshots
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.shop import BASIC, line, open_shop
from tests.support.worlds import dump, open_copy, settings_of

HEAVY_MB = 100


def test_what_came_after_a_snapshot_is_gone_and_comes_about_again_alike(
    empty_sqlite: Path, event_loop_thread: EventLoop, tmp_path: Path
) -> None:
    world = open_copy(empty_sqlite, tmp_path / "world")
    shop = open_shop(Lab(world, event_loop_thread))
    shop.order(line(BASIC, 5, "P1M"), billingCycle="monthly")
    kept = dump(world)

    snapshots.take(world, "before")
    due.advance(world, START + timedelta(days=70))
    lived = dump(world)
    assert lived != kept
    snapshots.restore(world, "before")
    assert dump(world) == kept

    forked = open_world(settings_of(snapshots.fork(world, tmp_path / "fork")))
    for each in (world, forked):
        due.advance(each, START + timedelta(days=70))
        assert dump(each) == lived
        each.close()


def test_a_world_of_a_hundred_megabytes_is_kept_and_put_back_within_a_second(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    world = open_copy(empty_sqlite, tmp_path / "world")
    with closing(sqlite3.connect(world.database.path)) as file, file:
        file.execute("CREATE TABLE weight (filling BLOB)")
        for _ in range(HEAVY_MB):
            file.execute("INSERT INTO weight VALUES (randomblob(1000000))")

    before = time.process_time()  # of this process: the other tests' disks and cores do not count
    kept = snapshots.take(world, "heavy")
    taken = time.process_time() - before
    snapshots.restore(world, "heavy")
    restored = time.process_time() - before - taken

    assert kept.size > HEAVY_MB * 1_000_000
    assert taken < 1
    assert restored < 1
    world.close()
