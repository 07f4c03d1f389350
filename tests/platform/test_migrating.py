"""A migrated database has exactly the tables that the code names; opening it again changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from openpartner.platform import migrating
from openpartner.platform.db import Base
from tests.support.lab import Lab


def test_the_migrations_lead_to_the_tables_of_the_code(lab: Lab) -> None:
    options: dict[str, Any] = {**migrating.autogenerate_options()}
    metadata = options.pop("target_metadata")
    options["include_object"] = lambda thing, name, kind, reflected, compare_to: (
        not (kind == "table" and str(name).startswith(("search_", "alembic_version")))
    )
    with lab.world.database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        tables = set(inspect(connection).get_table_names())
    assert set(Base.metadata.tables) <= tables
    assert {"search_document", "search_spelling"} <= tables


def test_a_database_that_is_there_is_left_alone(lab: Lab) -> None:
    assert migrating.migrate(lab.world.database) is False
    with lab.world.database.reader.connect() as connection:
        assert migrating.present_version(connection) == migrating.head()


def test_two_migrations_of_one_number_are_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(migrating, "IN_THE_TREE", tmp_path)
    for name in ("0001_one.py", "0002_two.py", "0002_other.py"):
        (tmp_path / "versions" / name).touch()
    migrating.head.cache_clear()
    try:
        with pytest.raises(ValueError, match="0001, 0002, 0002"):
            migrating.head()
    finally:
        migrating.head.cache_clear()
