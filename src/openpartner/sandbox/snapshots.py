"""Snapshots of an embedded world: SQLite's own backup, page by page, safe while a server runs.

A snapshot is a folder ``snapshots/<name>`` in the world's folder with the database and the blobs.
"""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.world import World

FILE = "world.sqlite3"
BLOBS = "blobs"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Snapshot(msgspec.Struct, frozen=True):
    """What is known of a snapshot. ``size`` is in bytes."""

    name: str
    shown_at: datetime
    size: int


def _folder(world: World, name: str) -> Path:
    if not world.settings.is_sandbox or not world.database.is_sqlite:
        raise Invalid(
            "Snapshots are for sandbox worlds on the embedded database. Back up PostgreSQL with its own tools."
        )
    if not _NAME.fullmatch(name):
        raise Invalid("Name a snapshot with lower-case letters, digits, dots, dashes and underscores, 64 at most.")
    return world.settings.data / "snapshots" / name


def _copy_pages(source: Path, target: Path) -> None:
    """Everything of one database file into another, in one transaction of the target."""
    with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(target, timeout=30)) as new:
        old.backup(new)


def _copy_blobs(source: Path, target: Path) -> None:
    shutil.rmtree(target / BLOBS, ignore_errors=True)
    if (source / BLOBS).is_dir():
        shutil.copytree(source / BLOBS, target / BLOBS)


def take(world: World, name: str) -> Snapshot:
    """Keep the world as it is under a new name. Raises Conflict when the name is taken."""
    folder = _folder(world, name)
    if folder.exists():
        raise Conflict(f"A snapshot {name} exists. Choose another name, or remove it first.")
    with world.begin.read() as uow:
        shown_at = uow.now
    folder.mkdir(parents=True)
    _copy_pages(world.database.path, folder / FILE)
    _copy_blobs(world.settings.data, folder)
    (folder / "shown_at").write_text(shown_at.isoformat())
    return _describe(folder)


def _describe(folder: Path) -> Snapshot:
    shown_at = datetime.fromisoformat((folder / "shown_at").read_text())
    return Snapshot(folder.name, shown_at, sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))


def present(world: World) -> list[Snapshot]:
    """The snapshots, by name."""
    root = world.settings.data / "snapshots"
    folders = sorted(root.iterdir()) if root.is_dir() else []
    return [_describe(folder) for folder in folders if (folder / "shown_at").exists()]


def restore(world: World, name: str) -> Snapshot:
    """Put the world back as it was kept; what came after is gone. Raises NotFound."""
    folder = _folder(world, name)
    if not (folder / FILE).exists():
        raise NotFound("Snapshot", name)
    _copy_pages(folder / FILE, world.database.path)
    _copy_blobs(folder, world.settings.data)
    return _describe(folder)


def remove(world: World, name: str) -> None:
    """Forget a snapshot. Raises NotFound."""
    folder = _folder(world, name)
    if not folder.exists():
        raise NotFound("Snapshot", name)
    shutil.rmtree(folder)


def fork(world: World, target: Path) -> Path:
    """A second world in a folder of its own, the same at this instant. Raises Conflict when the folder is in use."""
    _folder(world, "fork")
    if (target / FILE).exists():
        raise Conflict(f"There is a world in {target}. Give an empty folder.")
    target.mkdir(parents=True, exist_ok=True)
    _copy_pages(world.database.path, target / FILE)
    _copy_blobs(world.settings.data, target)
    return target


def put_in_place(fresh: World, world: World) -> None:
    """Let a world that was made aside be that of a folder which has none yet: whole, or not at all."""
    fresh.close()
    whole = fresh.settings.data / f"whole-{FILE}"
    _copy_pages(fresh.database.path, whole)
    _copy_blobs(fresh.settings.data, world.settings.data)
    whole.replace(world.database.path)


def replace(world: World, fresh: World) -> None:
    """Put another world's content in this one's place: how a reset works while a server runs."""
    _folder(world, "reset")
    fresh.close()
    _copy_pages(fresh.database.path, world.database.path)
    _copy_blobs(fresh.settings.data, world.settings.data)
