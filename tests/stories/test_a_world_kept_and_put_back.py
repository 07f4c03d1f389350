"""A world that was kept, put back or forked is the same to the row, a heavy one too."""

import sqlite3
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


def test_a_world_of_a_hundred_megabytes_is_kept_and_put_back_whole(empty_sqlite: Path, tmp_path: Path) -> None:
    """How long it takes stands in ``make bench``: the machine of a test does other things too."""
    world = open_copy(empty_sqlite, tmp_path / "world")
    with closing(sqlite3.connect(world.database.path)) as file, file:
        file.execute("CREATE TABLE weight (filling BLOB)")
        for _ in range(HEAVY_MB):
            file.execute("INSERT INTO weight VALUES (randomblob(1000000))")

    kept = snapshots.take(world, "heavy")
    assert kept.size > HEAVY_MB * 1_000_000
    with closing(sqlite3.connect(world.database.path)) as file, file:
        weighed = file.execute("SELECT rowid, hex(substr(filling, 1, 16)) FROM weight").fetchall()
        file.execute("DELETE FROM weight WHERE rowid % 2 = 0")
        file.execute("UPDATE weight SET filling = randomblob(1000000)")
    snapshots.restore(world, "heavy")

    with closing(sqlite3.connect(world.database.path)) as file:
        assert file.execute("SELECT rowid, hex(substr(filling, 1, 16)) FROM weight").fetchall() == weighed
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    world.close()
