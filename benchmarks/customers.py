"""Lists and search over 1,000,000 customers of one partner: what a page of the portal and of the API reads.

    python benchmarks/customers.py [--customers 1000000] [--database URL] [--lists-only]

Without a URL it is SQLite, in a fresh folder that is removed at the end; a PostgreSQL database must be empty. Each
question is asked in a unit of work of its own, as a request does it; 200 of each kind, at places all over the list.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import event, insert

from openpartner.app import open_world
from openpartner.customers import queries
from openpartner.customers.models import Customer
from openpartner.customers.queries import Criteria, Order, Position
from openpartner.customers.rules import Relationship, Review
from openpartner.identity.models import Tenant, TenantState
from openpartner.platform import search
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, TenantKind
from openpartner.platform.search import SearchDocument
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.settings import Settings

QUESTIONS = 200
BATCH = 20_000
PARTNER, RESELLER = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "ix")]
INDUSTRIES = ["Solutions", "Systems", "Consulting", "Trading", "Foods", "Logistics", "Media", "Energy", "Software"]
FORMS = ["GmbH", "Ltd", "Inc.", "S.A.", "AB", "B.V.", "Pty Ltd", "ApS"]


def customers(count: int) -> Iterator[dict[str, Any]]:
    """Made-up rows, the same at each run: most words rare, a few in very many names, every hundredth a reseller's."""
    chance = random.Random(6)
    words = sorted({"".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4)))) for _ in range(34_000)})
    chance.shuffle(words)
    for at in range(count):
        first, second = (words[int(len(words) * chance.random() ** 3)] for _ in range(2))
        name = f"{first} {second} {chance.choice(INDUSTRIES)} {chance.choice(FORMS)}".title()
        yield {
            "commerce_id": UUID(int=at << 64 | chance.getrandbits(64)),
            "partner_id": PARTNER,
            "tenant_id": UUID(int=at << 64 | 1 << 127 | chance.getrandbits(64)),
            "reseller_id": RESELLER if at % 100 == 0 else None,
            "relationship": Relationship.RESELLER,
            "since_at": NOW,
            "allow_delegated_access": False,
            "company_name": name,
            "name_key": queries.name_key(name),
            "domain": f"{first}{second}{at}.onmicrosoft.com",
            "country": "US",
            "registration_number": "",
            "review": Review.UNDER_REVIEW if at % 1_000 == 0 else Review.ALLOWED,
            "review_reason": "",
            "version": 1,
        }


def tenant(key: UUID, kind: TenantKind, name: str, domain: str) -> dict[str, Any]:
    """A directory's row."""
    return {
        "id": key,
        "kind": kind,
        "name": name,
        "country": "US",
        "default_domain": domain,
        "state": TenantState.ACTIVE,
        "security_defaults": True,
        "created_at": NOW,
        "version": 1,
    }


def fill(world: World, count: int, *, searchable: bool) -> list[dict[str, Any]]:
    """Put the customers there, in bulk; gives a sample of them. The index of the search is the slow part."""
    sample: list[dict[str, Any]] = []
    partners = [tenant(key, TenantKind.PARTNER, "P", f"p{key.int}.example") for key in (PARTNER, RESELLER)]
    with world.database.write() as db:
        db.execute(insert(Tenant), partners)
    rows = customers(count)
    if world.database.is_sqlite:
        event.listen(world.database.writer, "connect", _load_in_haste)
        world.database.writer.dispose()
    for index in Customer.__table__.indexes:  # type: ignore[attr-defined]
        index.drop(world.database.writer)
    for at in track(range(0, count, BATCH), "Customers"):
        batch = [next(rows) for _ in range(min(BATCH, count - at))]
        sample.append(batch[at // BATCH % len(batch)])
        with world.database.write() as db:
            db.execute(
                insert(Tenant),
                [tenant(c["tenant_id"], TenantKind.CUSTOMER, c["company_name"], c["domain"]) for c in batch],
            )
            db.execute(insert(Customer), batch)
            if searchable:
                search.index_many(
                    db,
                    [
                        SearchDocument(
                            queries.SEARCH_KIND,
                            c["commerce_id"],
                            PARTNER,
                            c["company_name"],
                            (c["domain"], str(c["tenant_id"])),
                        )
                        for c in batch
                    ],
                )
    for index in track(Customer.__table__.indexes, "Indexes"):  # type: ignore[attr-defined]
        index.create(world.database.writer)
    return sample


def _load_in_haste(connection: Any, _record: object) -> None:
    """For the filling only: what is read afterwards is read through the readers, as ever."""
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")


Question = Callable[[UnitOfWork, dict[str, Any]], object]


def list_questions() -> dict[str, Question]:
    """What the list page and the API's list ask."""

    def at(row: dict[str, Any]) -> Position:
        return Position(row["name_key"], row["commerce_id"])

    def page(criteria: Criteria, uow: UnitOfWork, **place: Position) -> object:
        found = queries.page_of_customers(uow, criteria, 50, **place)
        assert found.rows
        return found

    by_domain = Criteria(order=Order.DOMAIN)
    return {
        "first page, 50": lambda uow, _row: page(Criteria(), uow),
        "next page anywhere": lambda uow, row: page(Criteria(), uow, after=at(row)),
        "previous page anywhere": lambda uow, row: page(Criteria(), uow, before=at(row)),
        "page of 500 (API)": lambda uow, row: queries.page_of_customers(uow, Criteria(), 500, after=at(row)),
        "descending": lambda uow, row: page(Criteria(descending=True), uow, after=at(row)),
        "last page": lambda uow, _row: queries.last_page_of_customers(uow, Criteria(), 50),
        "by domain": lambda uow, row: page(by_domain, uow, after=Position(row["domain"], row["commerce_id"])),
        "name prefix, 3 letters": lambda uow, row: page(Criteria(name_prefix=row["company_name"][:3]), uow),
        "domain prefix, 6 letters": lambda uow, row: page(
            Criteria(domain_prefix=row["domain"][:6], order=Order.DOMAIN), uow
        ),
        "of one reseller": lambda uow, _row: page(Criteria(reseller_id=RESELLER), uow),
        "under review (1 in 1,000)": lambda uow, _row: page(Criteria(review=Review.UNDER_REVIEW.value), uow),
        "one customer by tenant id": lambda uow, row: queries.one_customer(uow, row["tenant_id"]),
        "resellers to filter by": lambda uow, _row: queries.reseller_ids(uow),
    }


def search_questions() -> dict[str, Question]:
    """What the search box asks, letter by letter."""

    def mistyped(word: str) -> str:
        return word[:2] + word[3:]

    return {
        "search: 1 letter": lambda uow, row: queries.search_customers(uow, row["company_name"][:1]),
        "search: 3 letters": lambda uow, row: queries.search_customers(uow, row["company_name"][:3]),
        "search: two words": lambda uow, row: queries.search_customers(uow, " ".join(row["company_name"].split()[:2])),
        "search: domain": lambda uow, row: queries.search_customers(uow, row["domain"]),
        "search: tenant id": lambda uow, row: queries.search_customers(uow, str(row["tenant_id"])),
        "search: typo": lambda uow, row: queries.search_customers(uow, mistyped(row["company_name"].split()[0])),
    }


def measure(world: World, sample: list[dict[str, Any]], questions: dict[str, Question], console: Console) -> None:
    """Ask everything and print the times."""
    actor = Actor(kind=ActorKind.USER, tenant_id=PARTNER, tenant_kind=TenantKind.PARTNER)
    table = Table("question", "p50 ms", "p99 ms", "max ms", title=world.database.url.get_backend_name())
    chosen = random.Random(7).choices(sample, k=QUESTIONS)
    for name, ask in questions.items():
        taken = []
        for row in chosen:
            begun = time.perf_counter()
            with world.begin.read(actor) as uow:
                ask(uow, row)
            taken.append((time.perf_counter() - begun) * 1_000)
        taken.sort()
        p99 = taken[len(taken) * 99 // 100 - 1]
        table.add_row(name, f"{statistics.median(taken):.2f}", f"{p99:.1f}", f"{taken[-1]:.1f}")
    console.print(table)


def main() -> None:
    """Fill, measure, remove."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=1_000_000)
    arguments.add_argument("--database", default="")
    arguments.add_argument("--lists-only", action="store_true", help="leave the search out")
    given = arguments.parse_args()
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=given.database, demo_data=False, work_in_server=False)
        world = open_world(settings)
        begun = time.perf_counter()
        sample = fill(world, given.customers, searchable=not given.lists_only)
        if not world.database.is_sqlite:
            with world.begin(SYSTEM) as uow:
                uow.db.connection().exec_driver_sql("ANALYZE")
        console.print(f"{given.customers:,} customers in {time.perf_counter() - begun:.0f} s")
        measure(world, sample, list_questions() | ({} if given.lists_only else search_questions()), console)
        world.close()


if __name__ == "__main__":
    main()
