"""``openpartner seed`` fills an empty sandbox once, and nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import text

from openpartner import app
from openpartner.app import open_world
from openpartner.cli.seeding import seed
from openpartner.platform.errors import Conflict, Invalid
from openpartner.sandbox.queries import is_anybody_there
from openpartner.settings import Settings


def test_seeding_fills_an_empty_world_and_leaves_a_lived_in_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENPARTNER_FIRST_INSTANT", "2026-03-16T09:30:00Z")
    world = open_world(Settings(data=tmp_path, demo_data=False))
    with world.begin.read() as uow:
        assert not is_anybody_there(uow)
    world.close()
    seed(tmp_path)
    world = open_world(Settings(data=tmp_path))
    with world.begin.read() as uow:
        assert is_anybody_there(uow)
        assert uow.now.isoformat() == "2026-03-16T09:30:00+00:00"
    world.close()
    with pytest.raises(Conflict, match="has people in it"):
        seed(tmp_path)


def test_a_world_whose_making_was_stopped_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever interrupts the first start has half a year of demo data, and a clock that stands still in it."""

    def stopped(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "seed_world", stopped)
    with pytest.raises(KeyboardInterrupt):
        open_world(Settings(data=tmp_path))
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "making").mkdir()  # what a kill leaves
    (tmp_path / "making" / "world.sqlite3").write_bytes(b"half of it")
    monkeypatch.setattr(app, "seed_world", lambda *_given: None)
    world = open_world(Settings(data=tmp_path))
    with world.database.read() as db:
        assert db.scalar(text("PRAGMA synchronous")) == 2  # FULL
    world.close()
    assert [file.name for file in tmp_path.iterdir()] == ["world.sqlite3"]


def test_a_production_world_takes_no_demo_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENPARTNER_PROFILE", "production")
    with pytest.raises(Invalid, match="operator create"):
        seed(tmp_path)
