"""A small world for tests that run whole programs: an operator with the catalogue, one direct-bill partner, its app.

It is made by the same use cases as the demo world, in a third of its time. ``python -m tests.support.small_world DIR``
makes one in a process of its own, so that two can be made under different hash seeds.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from openpartner.app import open_world
from openpartner.platform import due
from openpartner.platform.clock import ClockMode
from openpartner.seed import cast
from openpartner.seed.accounts import Register, add_app, enrol, seed_operator
from openpartner.settings import Settings

BEGINS = datetime(2026, 1, 15, 9, tzinfo=UTC)
"""Where the clock of a frozen small world stands."""


def make_small_world(data: Path, *, ticking: bool = False) -> None:
    """The world in ``data``. ticking: its clock shows the machine's time and runs; else it stands at ``BEGINS``."""
    begins = datetime.now(UTC) if ticking else BEGINS
    world = open_world(
        Settings(data=data, seed="small", demo_data=False, first_instant=begins, base_url="https://localhost")
    )
    register = Register()
    seed_operator(world, register)
    partner = enrol(world, register, cast.DIRECT)
    add_app(world, register, partner, "Scripts")
    if ticking:
        due.set_mode(world, ClockMode.TICKING)
    world.close()


if __name__ == "__main__":
    make_small_world(Path(sys.argv[1]))
