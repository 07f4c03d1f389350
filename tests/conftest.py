"""Fixtures that every test may use: a fresh world on SQLite and on PostgreSQL, and the lab around it."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from openpartner.app import open_world
from openpartner.platform.observe import start_logging
from openpartner.platform.world import World
from openpartner.settings import Profile, Settings
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.postgres import running_server


def _settings(data: Path, url: str = "") -> Settings:
    return Settings(
        profile=Profile.SANDBOX,
        data=data,
        database_url=url,
        seed="test",
        first_instant=START,
        demo_data=False,
        work_in_server=False,
        base_url="https://localhost",
    )


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    start_logging(Settings(), level=logging.CRITICAL)


@pytest.fixture(scope="session")
def event_loop_thread() -> Iterator[EventLoop]:
    with EventLoop() as loop:
        yield loop


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated world without rows of anybody; tests copy its file."""
    folder = tmp_path_factory.mktemp("empty")
    world = open_world(_settings(folder))
    world.close()
    return folder / "world.sqlite3"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database that tests use as a template."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE empty_world")
    world = open_world(_settings(tmp_path_factory.mktemp("pg"), f"{postgres_server}/empty_world"))
    world.close()
    return "empty_world"


_count = iter(range(1, 1 << 30))


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh world on each database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "world.sqlite3")
        world = open_world(_settings(tmp_path))
        yield world
        world.close()
        return
    server: str = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("empty_postgres")
    name = f"world_{next(_count)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    world = open_world(_settings(tmp_path, f"{server}/{name}"))
    yield world
    world.close()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lab(world: World, event_loop_thread: EventLoop) -> Lab:
    """The world in a test's hands."""
    return Lab(world, event_loop_thread)
