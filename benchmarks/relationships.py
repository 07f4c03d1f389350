"""Lists over 10,000 granular relationships of one partner, through a real server: the portal's page and Graph's.

    python -m benchmarks.relationships [--relationships 10000] [--database URL] [--questions 100]

Without a URL it is SQLite; a PostgreSQL database must be empty. Target: 100 ms at the 95th percentile.
"""

import argparse
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from openpartner.app import open_world
from openpartner.identity.models import Tenant, TenantState
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.search.text import fold
from openpartner.platform.web.page import SESSION_COOKIE
from openpartner.platform.world import World
from openpartner.portal.models import PortalSession
from openpartner.portal.queries import cookie_hash
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.rules.granular import Status
from openpartner.seed import cast
from openpartner.seed.accounts import Register, add_app, enrol, seed_operator
from openpartner.settings import Settings
from tests.support.granting import HELPDESK, READERS, USERS
from tests.support.served import Server, serving, world_of
from tests.support.small_world import BEGINS

STATES = (Status.ACTIVE, Status.ACTIVE, Status.ACTIVE, Status.APPROVAL_PENDING, Status.EXPIRED)
GRAPH = "/v1.0/tenantRelationships/delegatedAdminRelationships"
PAGE = "/granular-administration"
COOKIE = "a benchmark's browser"
ADDRESSES = {
    "Graph, 100": f"{GRAPH}?$top=100",
    "Graph, 300": f"{GRAPH}?$top=300",
    "Graph, active": f"{GRAPH}?$filter=status eq 'active'",
    "Graph, one customer": f"{GRAPH}?$filter=customer/tenantId eq '{UUID(int=(1 << 96) + 7)}'",
    "Graph, counted": f"{GRAPH}?$count=true&$top=20",
    "page": PAGE,
    "page, active by end": f"{PAGE}?status=active&sort=end",
    "page, a customer's name": f"{PAGE}?q=customer 04",
    "page, matrix": f"{PAGE}/assignments",
    "page, calendar": f"{PAGE}/calendar",
}


def fill(world: World, partner: UUID, count: int) -> None:
    """So many customers with a relationship each, in all states that last."""
    with world.begin(SYSTEM) as uow:
        now = uow.now
        tenants: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        roles: list[dict[str, Any]] = []
        for number in range(count):
            customer = UUID(int=(1 << 96) + number)
            name = f"Customer {number * 7919 % count:05}"
            tenants.append(
                {
                    "id": customer,
                    "kind": TenantKind.CUSTOMER,
                    "name": name,
                    "country": "US",
                    "default_domain": f"c{number}.example.com",
                    "state": TenantState.ACTIVE,
                    "created_at": now,
                }
            )
            status = STATES[number % len(STATES)]
            key = f"{UUID(int=number)}-{partner}"
            rows.append(
                {
                    "id": key,
                    "kind": "granular",
                    "partner_id": partner,
                    "customer_id": customer,
                    "customer_name": name,
                    "customer_key": fold(name),
                    "display_name": f"Relationship {number:05}",
                    "name_key": f"relationship {number:05}",
                    "duration": "P730D",
                    "duration_days": 730,
                    "auto_extend_duration": "P180D" if number % 4 == 0 else "PT0S",
                    "status": status,
                    "status_at": now,
                    "created_at": now - timedelta(minutes=number),
                    "locked_at": now,
                    "approved_at": now,
                    "activated_at": now,
                    "end_at": None if status is Status.APPROVAL_PENDING else now + timedelta(hours=number),
                    "modified_at": now,
                    "version": 3,
                }
            )
            roles += [{"relationship_id": key, "role_template_id": each} for each in (HELPDESK, READERS, USERS)]
        uow.db.execute(insert(Tenant), tenants)
        uow.db.execute(insert(AdminRelationship), rows)
        uow.db.execute(insert(AdminRelationshipRole), roles)


def prepare(data: Path, database: str, count: int) -> None:
    """A partner with its relationships, an application of it, and a browser in which its administrator is signed in."""
    settings = Settings(
        data=data, database_url=database, seed="small", demo_data=False, first_instant=BEGINS, base_url=""
    )
    world = open_world(settings)
    register = Register()
    seed_operator(world, register)
    partner = enrol(world, register, cast.DIRECT)
    add_app(world, register, partner, "Scripts")
    fill(world, partner.tenant_id, count)
    with world.begin(SYSTEM) as uow:
        assert partner.admin.principal_id is not None
        uow.db.add(
            PortalSession(
                id=cookie_hash(COOKIE),
                user_id=partner.admin.principal_id,
                tenant_id=partner.tenant_id,
                issuer="",
                subject_session="",
                id_token="",
                mfa=True,
                user_agent="benchmark",
                created_at=uow.now,
                expires_at=uow.now + timedelta(days=1),
            )
        )
    if not world.database.is_sqlite:
        with world.database.writer.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    world.close()


def measure(server: Server, questions: int) -> Table:
    """Ask each address as often, one after the other."""
    table = Table("list", "p50 ms", "p95 ms", "max ms", title="10,000 relationships")
    with server.client() as client:
        app = world_of(client)["apps"][0]
        form = {
            "grant_type": "client_credentials",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "scope": "https://graph.microsoft.com/.default",
        }
        token = client.post(f"/{app['tenant']}/oauth2/v2.0/token", data=form).json()["access_token"]
        for name, address in ADDRESSES.items():
            headers = (
                {"authorization": f"Bearer {token}"} if "Graph" in name else {"cookie": f"{SESSION_COOKIE}={COOKIE}"}
            )
            taken = sorted(_ask(client, address, headers) for _ in range(questions))
            p95 = taken[len(taken) * 95 // 100 - 1]
            table.add_row(name, *(f"{each:.1f}" for each in (statistics.median(taken), p95, taken[-1])))
    return table


def _ask(client: httpx.Client, address: str, headers: dict[str, str]) -> float:
    begun = time.perf_counter()
    answer = client.get(address, headers=headers)
    took = (time.perf_counter() - begun) * 1_000
    assert answer.status_code == 200, (address, answer.status_code, answer.text[:300])
    return took


def main() -> None:
    """Fill, measure, remove."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--relationships", type=int, default=10_000)
    arguments.add_argument("--database", default="")
    arguments.add_argument("--questions", type=int, default=100)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "world"
        prepare(data, given.database, given.relationships)
        with serving(data, settings={"database_url": given.database}) as server:
            Console(width=100).print(measure(server, given.questions))


if __name__ == "__main__":
    main()
