"""One world for all tests of a module that only ask or are refused: a hundred cases cost what one did."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from openpartner.app import open_world
from openpartner.settings import Profile, Settings
from tests.support.client import EventLoop
from tests.support.lab import START, Lab
from tests.support.postgres import FreshDatabase


def still_labs(request: pytest.FixtureRequest, folder: Path, loop: EventLoop) -> Iterator[Lab]:
    """A lab on the database that the fixture's parameter names: ``sqlite`` or ``postgresql``.

    For a fixture of module scope; no other test of the module may take ``lab`` or ``world``.
    """
    url = ""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), folder / "world.sqlite3")
    else:
        database: FreshDatabase = request.getfixturevalue("fresh_postgres")
        database.put_back()
        url = database.url
    settings = Settings(
        profile=Profile.SANDBOX,
        data=folder,
        database_url=url,
        seed="test",
        first_instant=START,
        demo_data=False,
        work_in_server=False,
        base_url="https://localhost",
    )
    world = open_world(settings)
    yield Lab(world, loop)
    world.close()
