"""Whole worlds on the embedded database, opened from one beginning and compared row by row."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from openpartner.app import open_world
from openpartner.platform.db import Base
from openpartner.platform.world import World
from openpartner.settings import Settings
from tests.support.lab import START

MACHINE_TIME = {("world_clock", "set_at")}
"""The one column that says when, by the machine's clock, somebody moved the world's."""


def settings_of(folder: Path) -> Settings:
    """A frozen, seeded world without demo data."""
    return Settings(data=folder, seed="year", first_instant=START, demo_data=False, base_url="https://localhost")


def open_copy(empty: Path, folder: Path) -> World:
    """A world in a new folder that begins as the one in the file ``empty``."""
    folder.mkdir()
    shutil.copy(empty, folder / "world.sqlite3")
    return open_world(settings_of(folder))


def _rows(world: World, table: Table) -> list[dict[str, Any]]:
    keys = list(table.primary_key.columns) or list(table.columns)
    with world.database.read() as db:
        found = db.execute(select(table).order_by(*keys)).mappings().all()
    return [{name: value for name, value in row.items() if (table.name, name) not in MACHINE_TIME} for row in found]


def dump(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its key."""
    return {table.name: _rows(world, table) for table in Base.metadata.sorted_tables}
