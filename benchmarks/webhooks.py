"""Deliveries to a receiver on loopback, against posts of the same bytes by httpx, in the same run.

    python -m benchmarks.webhooks [--deliveries N] [--database URL]

The receiver is the bare server of ``benchmarks.bare``, which says hello to everything. A delivery is read from the
line, signed with RSA and with HMAC, posted over a kept connection of twenty, and recorded with its answer; a post is
only the call. "line" is one partner's, whose messages go one after the other; "eight lines" are eight partners' at
once, on a worker's threads. "queued" says what an event costs its own unit of work.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.server import bare_server
from openpartner.app import Worker, open_world
from openpartner.identity.models import Tenant
from openpartner.platform import due
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.events import Event
from openpartner.platform.permissions import Role
from openpartner.platform.world import World
from openpartner.settings import Settings
from openpartner.webhooks import service
from openpartner.webhooks.models import WebhookAttempt, WebhookDelivery
from openpartner.webhooks.rules.deliveries import State
from tests.support import scene

LINES = 8
IN_A_UNIT = 50
RUNS = 3


class Approved(Event, frozen=True, kw_only=True):
    """A fact that one of the vendor's events tells."""

    resource_type: ClassVar[str] = "granular_admin_relationship"
    operation_type: ClassVar[str] = "granular_admin_relationship_approved"
    name: str

    @property
    def resource_id(self) -> str:
        return self.name


def subscribe(world: World, name: str, url: str) -> Tenant:
    """A partner that hears of everything at ``url``."""
    with world.begin(SYSTEM) as uow:
        tenant = scene.tenant(uow, TenantKind.PARTNER, name, "US")
        scene.account(uow, tenant)
        agent = scene.user(uow, tenant, "agent", Role.ADMIN_AGENT)
    with world.begin(agent) as uow:
        service.register_webhook(uow, service.Wanted(url, ["granular-admin-relationship-approved"], url))
    return tenant


def queue(world: World, tenant_id: UUID, count: int) -> None:
    """So many events, fifty in a unit."""
    for start in range(0, count, IN_A_UNIT):
        with world.begin(SYSTEM) as uow:
            for number in range(start, min(start + IN_A_UNIT, count)):
                uow.emit(Approved(partner_id=tenant_id, name=f"r{number}"))


def waiting(world: World) -> int:
    """How many wait."""
    with world.begin.read(SYSTEM) as uow:
        return uow.db.query(WebhookDelivery).filter(WebhookDelivery.state == State.WAITING).count()


def deliver_one_after_the_other(world: World) -> None:
    """As one worker does whose threads are all at other lines."""
    while True:
        with world.begin.read(SYSTEM) as uow:
            now = uow.now
        if due.run_due(world, now, limit=100) == 0:
            return


def deliver_at_once(world: World) -> None:
    """As a worker does."""
    worker = Worker(world)
    thread = threading.Thread(target=worker.run)
    thread.start()
    while waiting(world):
        time.sleep(0.02)
    worker.stop()
    thread.join()


def post_bare(world: World, url: str, count: int) -> None:
    """The same headers and body by httpx over a kept connection."""
    with world.begin.read(SYSTEM) as uow:
        attempt = uow.db.query(WebhookAttempt).first()
        assert attempt is not None
        body = uow.db.query(WebhookDelivery).filter(WebhookDelivery.id == attempt.delivery_id).one().body.encode()
        headers = attempt.headers
    with httpx.Client(trust_env=False) as client:
        for _ in range(count):
            client.post(url, content=body, headers=headers).raise_for_status()


def rate(count: int, work: Callable[[], None]) -> float:
    """So many a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def measure(world: World, url: str, count: int) -> Table:
    """The best of a few runs each: what else the machine does only takes away."""
    line = subscribe(world, "Line", url).id
    lines = [subscribe(world, f"Line {number}", url).id for number in range(LINES)]
    best: dict[str, float] = {}

    def note(name: str, reached: float) -> None:
        best[name] = max(best.get(name, 0.0), reached)

    for _ in range(RUNS):
        note("events queued", rate(count, lambda: queue(world, line, count)))
        note("line", rate(count, lambda: deliver_one_after_the_other(world)))
        note("httpx", rate(count, lambda: post_bare(world, url, count)))
        for each in lines:
            queue(world, each, count // LINES)
        note("eight lines", rate(count // LINES * LINES, lambda: deliver_at_once(world)))
    table = Table("what", "a second", "of httpx's posts", title=world.database.url.get_backend_name())
    for name, reached in best.items():
        table.add_row(name, f"{reached:,.0f}", f"{reached / best['httpx']:.2f}")
    return table


def main() -> None:
    """Make a world, measure, remove it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--deliveries", type=int, default=2_000)
    arguments.add_argument("--database", default="")
    given = arguments.parse_args()
    with bare_server() as (receiver, _), tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=given.database, demo_data=False, work_in_server=False)
        world = open_world(settings)
        Console(width=100).print(measure(world, f"{receiver}/hook", given.deliveries))
        world.close()


if __name__ == "__main__":
    main()
