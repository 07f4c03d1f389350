"""Fixtures that every test may use: a fresh world on SQLite and on PostgreSQL, and the lab around it."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from openpartner.app import open_world
from openpartner.platform.observe import start_logging
from openpartner.platform.world import World
from openpartner.settings import Profile, Settings
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.postgres import FreshDatabase, running_server
from tests.support.sharing import ByGroup


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """How tests are dealt to the workers."""
    return ByGroup(config, log)


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


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Thousands of people are made, and none is attacked: what a hash costs is asserted in tests/identity."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("openpartner.identity.passwords._hasher", cheap)
        yield


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
def fresh_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> FreshDatabase:
    """A migrated database without rows of anybody, put back before each test."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE fresh_world")
    url = f"{postgres_server}/fresh_world"
    open_world(_settings(tmp_path_factory.mktemp("pg"), url)).close()
    return FreshDatabase(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A fresh world on each database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "world.sqlite3")
        world = open_world(_settings(tmp_path))
        yield world
        world.close()
        return
    database: FreshDatabase = request.getfixturevalue("fresh_postgres")
    database.put_back()
    world = open_world(_settings(tmp_path, database.url))
    yield world
    world.close()


@pytest.fixture
def lab(world: World, event_loop_thread: EventLoop) -> Lab:
    """The world in a test's hands."""
    return Lab(world, event_loop_thread)
