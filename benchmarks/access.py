"""What one question after delegated access costs where a partner has many customers: the statement, not the request.

    python -m benchmarks.access [--relationships N] [--database URL]

Every customer's relationship gives AdminAgents the eleven default roles; the user is in a group nested two deep.
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from openpartner.app import open_world
from openpartner.identity import queries
from openpartner.identity.models import (
    DelegatedRole,
    Group,
    GroupMember,
    PrincipalKind,
    Tenant,
    TenantState,
    User,
    UserType,
)
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, TenantKind
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.world import World
from openpartner.settings import Settings

SPACE = UUID("6b6f1f9e-4b1d-4d51-9d5d-0d2a55b0a0ac")
PARTNER, USER = uuid5(SPACE, "partner"), uuid5(SPACE, "user")
QUESTIONS = 2_000
DEFAULT = [
    role.template_id
    for role in DIRECTORY_ROLES.values()
    if role.name
    in {
        "Application Administrator",
        "Cloud Application Administrator",
        "Directory Readers",
        "Directory Writers",
        "Global Reader",
        "Helpdesk Administrator",
        "License Administrator",
        "Privileged Authentication Administrator",
        "Privileged Role Administrator",
        "Service Support Administrator",
        "User Administrator",
    }
]


def fill(world: World, count: int) -> list[UUID]:
    """So many customers, each giving the partner's outermost group the default roles; their tenants."""
    with world.begin(SYSTEM) as uow:
        customers = [uuid5(SPACE, str(number)) for number in range(count)]
        groups = [uuid5(SPACE, f"group {depth}") for depth in range(3)]
        tenants = [(PARTNER, TenantKind.PARTNER), *((each, TenantKind.CUSTOMER) for each in customers)]
        uow.db.execute(
            insert(Tenant),
            [
                {
                    "id": key,
                    "kind": kind,
                    "name": str(key),
                    "country": "US",
                    "default_domain": f"{key.hex}.onmicrosoft.com",
                    "state": TenantState.ACTIVE,
                    "created_at": uow.now,
                }
                for key, kind in tenants
            ],
        )
        uow.db.add(
            User(
                id=USER,
                tenant_id=PARTNER,
                upn="ana@contoso.example",
                upn_key="ana@contoso.example",
                display_name="Ana",
                user_type=UserType.MEMBER,
                home_tenant_id=PARTNER,
                puid="1003200000000000",
                created_at=uow.now,
                sessions_valid_from=uow.now,
            )
        )
        uow.db.add_all(Group(id=key, tenant_id=PARTNER, display_name=str(key), created_at=uow.now) for key in groups)
        uow.db.flush()
        inside = [(groups[0], USER, PrincipalKind.USER)]
        inside += [(groups[depth + 1], groups[depth], PrincipalKind.GROUP) for depth in range(2)]
        uow.db.add_all(
            GroupMember(group_id=group, member_id=member, member_kind=kind, added_at=uow.now)
            for group, member, kind in inside
        )
        uow.db.execute(
            insert(DelegatedRole),
            [
                {
                    "tenant_id": customer,
                    "partner_tenant_id": PARTNER,
                    "group_id": groups[2],
                    "role_template_id": role,
                    "kind": "gdap",
                    "source_id": uuid5(customer, "assignment"),
                    "from_at": uow.now,
                    "until_at": uow.now + timedelta(days=730),
                }
                for customer in customers
                for role in DEFAULT
            ],
        )
    return customers


def measure(world: World, customers: list[UUID]) -> Table:
    """Ask for the access to customers drawn at random, within one unit."""
    actor = Actor(kind=ActorKind.USER, tenant_id=PARTNER, tenant_kind=TenantKind.PARTNER, principal_id=USER)
    table = Table("question", "p50 ms", "p99 ms", "max ms", title=world.database.url.get_backend_name())
    taken = []
    with world.begin.read(actor) as uow:
        for customer in random.Random(7).choices(customers, k=QUESTIONS):
            begun = time.perf_counter()
            queries.require_in_directory(uow, customer, DirectoryAction.LICENCES_ASSIGN)
            taken.append((time.perf_counter() - begun) * 1_000)
    taken.sort()
    p99 = taken[len(taken) * 99 // 100 - 1]
    table.add_row("access check", f"{statistics.median(taken):.3f}", f"{p99:.3f}", f"{taken[-1]:.3f}")
    return table


def main() -> None:
    """Fill, measure, remove."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--relationships", type=int, default=10_000)
    arguments.add_argument("--database", default="")
    given = arguments.parse_args()
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=given.database, demo_data=False, work_in_server=False)
        world = open_world(settings)
        customers = fill(world, given.relationships)
        console.print(measure(world, customers))
        world.close()


if __name__ == "__main__":
    main()
