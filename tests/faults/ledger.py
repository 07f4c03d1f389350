"""What a world's database says after the server is gone, read without the server's help."""

import sqlite3
from contextlib import closing
from pathlib import Path

from openpartner.platform import events
from openpartner.platform.db import Database

HALF_ORDERS = """
    SELECT count(*) FROM customer_order o
    WHERE NOT EXISTS (
        SELECT 1 FROM customer_order_line l JOIN subscription s ON s.id = l.subscription_id WHERE l.order_id = o.id
    )
    OR NOT EXISTS (SELECT 1 FROM event_log e WHERE e.kind = 'OrderPlaced' AND e.resource_id = o.id)
"""
ORPHANS = """
    SELECT count(*) FROM subscription s
    WHERE NOT EXISTS (SELECT 1 FROM customer_order_line l WHERE l.subscription_id = s.id)
"""


def check_whole(data: Path) -> int:
    """Assert that nothing is half there and the audit chain holds; gives the number of orders."""
    with closing(sqlite3.connect(data / "world.sqlite3", timeout=30)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        assert file.execute(HALF_ORDERS).fetchone() == (0,)
        assert file.execute(ORPHANS).fetchone() == (0,)
        orders = int(file.execute("SELECT count(*) FROM customer_order").fetchone()[0])
    database = Database(f"sqlite:///{data / 'world.sqlite3'}")
    try:
        with database.read() as db:
            report = events.verify(db)
    finally:
        database.dispose()
    assert report.broken is None
    return orders
