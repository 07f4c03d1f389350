"""Search over 2,000,000 customers: one owner with a million, and a thousand owners with a thousand each.

    python benchmarks/search.py [--documents 1000000] [--database URL]

Without a URL it is SQLite, in a fresh file that is removed at the end; in PostgreSQL the search tables are made and
dropped. Every query is made once, on one connection, limit 20; "found" says how often the customer that it was made
from is among the results, of 200. Both shapes are in the database while either is measured.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from openpartner.platform import search
from openpartner.platform.db import Database

QUERIES = 200
OWNERS = 1_000
SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "an", "er", "ix")]
INDUSTRIES = ["Solutions", "Systems", "Consulting", "Trading", "Foods", "Logistics", "Media", "Energy", "Software"]
FORMS = ["GmbH", "Ltd", "Inc.", "S.A.", "AB", "Sp. z o.o.", "B.V.", "& Co. KG", "Pty Ltd", "ApS"]


@dataclass(frozen=True)
class Customer:
    owner: UUID
    id: UUID
    names: tuple[str, str]
    title: str
    domain: str

    @property
    def document(self) -> search.SearchDocument:
        return search.SearchDocument("customer", self.id, self.owner, self.title, [self.domain])


class World:
    """Made-up customers, the same at each run. A few words are in very many names, most are rare."""

    def __init__(self, documents: int) -> None:
        chance = random.Random(6)
        words = {"".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4)))) for _ in range(34_000)}
        self.words = sorted(words)[:32_000]
        chance.shuffle(self.words)
        self.chance = chance
        self.big = UUID(int=1)
        self.small = [UUID(int=1_000 + at) for at in range(OWNERS)]
        self.documents = documents
        self.sample: dict[UUID, list[Customer]] = {}

    def _word(self) -> str:
        return self.words[int(len(self.words) * self.chance.random() ** 3)]

    def customer(self, owner: UUID) -> Customer:
        first, second = self._word(), self._word()
        title = f"{first} {second} {self.chance.choice(INDUSTRIES)} {self.chance.choice(FORMS)}".title()
        ending = self.chance.choice((".onmicrosoft.com", ".com", ".example"))
        domain = f"{first}{second}{self.chance.randrange(1_000)}{ending}"
        return Customer(owner, UUID(int=self.chance.getrandbits(128)), (first, second), title, domain)

    def customers(self, owners: list[UUID]) -> Iterator[search.SearchDocument]:
        self.sample[owners[0]] = []
        every = max(self.documents // (4 * QUERIES), 1)
        for at in range(self.documents):
            customer = self.customer(owners[at * len(owners) // self.documents])
            if at % every == 0:
                self.sample[owners[0]].append(customer)
            yield customer.document


def mistyped(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + chance.choice("aeiou") + word[at + 1 :],
        word[:at] + "x" + word[at:],
    ))  # fmt: skip


def kinds(chance: random.Random) -> dict[str, Callable[[Customer], str]]:
    return {
        "two whole words": lambda c: " ".join(c.names),
        "first letter": lambda c: c.title[:1],
        "first 3 letters": lambda c: c.title[:3],
        "word + 3 letters of the next": lambda c: f"{c.names[0]} {c.names[1][:3]}",
        "second word, 3 letters": lambda c: c.names[1][:3],
        "domain, to the middle": lambda c: c.domain[: len(c.domain.split(".")[0]) - 1],
        "domain, whole": lambda c: c.domain,
        "words of very many": lambda c: " ".join(c.title.split()[2:]),
        "end of a domain": lambda c: c.domain.split(".")[-1],
        "typo in one word": lambda c: f"{mistyped(chance, c.names[0])} {c.names[1]}",
        "typo in both words": lambda c: f"{mistyped(chance, c.names[0])} {mistyped(chance, c.names[1])}",
        "typo, one word alone": lambda c: mistyped(chance, c.names[0]),
        "nothing like it": lambda c: f"qqyy{c.id.hex[:6]} {c.names[0]}",
    }


def timed(taken: list[float]) -> tuple[str, str, str]:
    """Median, 99th percentile and maximum of milliseconds."""
    ordered = sorted(taken)
    return f"{statistics.median(ordered):.2f}", f"{ordered[len(ordered) * 99 // 100 - 1]:.1f}", f"{ordered[-1]:.1f}"


def measure(database: Database, world: World, console: Console) -> None:
    for owner, shape in ((world.big, "one owner of all"), (world.small[0], f"one of {OWNERS:,} owners")):
        table = Table(
            "query", "p50 ms", "p99 ms", "max ms", "found", title=f"{database.url.get_backend_name()}, {shape}"
        )
        chance = random.Random(7)
        customers = chance.sample(world.sample[owner], QUERIES)
        for name, typed in kinds(chance).items():
            taken, found = [], 0
            with database.read() as db:
                search.query(db, "customer", owner, "warm up")
                for customer in customers:
                    query = typed(customer)
                    begun = time.perf_counter()
                    ids = search.query(db, "customer", customer.owner, query)
                    taken.append((time.perf_counter() - begun) * 1_000)
                    found += customer.id in ids
            table.add_row(name, *timed(taken), str(found))
        console.print(table)


def size(database: Database) -> float:
    """In MiB."""
    if database.is_sqlite:
        with closing(sqlite3.connect(database.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return database.path.stat().st_size / 2**20
    with database.read() as db:
        total = "SELECT pg_total_relation_size('search_document') + pg_total_relation_size('search_spelling')"
        return int(db.scalar(text(total)) or 0) / 2**20


def run(url: str, documents: int, console: Console) -> None:
    database = Database(url)
    world = World(documents)
    with database.writer.begin() as connection:
        search.create(connection)
    for owners in ([world.big], world.small):
        before, begun = size(database), time.perf_counter()
        with database.write() as db:
            search.index_many(db, world.customers(owners))
        taken, grown = time.perf_counter() - begun, size(database) - before
        console.print(f"{documents:,} customers of {len(owners):,} owners: {taken:.0f} s, {grown:,.0f} MiB")
    measure(database, world, console)
    written = []
    for owner in world.small[:QUERIES]:
        with database.write() as db:
            begun = time.perf_counter()
            search.index(db, world.customer(owner).document)
            written.append((time.perf_counter() - begun) * 1_000)
    console.print("one more customer, without the commit, ms (p50, p99, max):", *timed(written))
    with database.writer.begin() as connection:
        search.drop(connection)
    database.dispose()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    arguments.add_argument("--documents", type=int, default=1_000_000)
    arguments.add_argument("--database", help="postgresql+psycopg://… of a database without these tables")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(given.database or f"sqlite:///{Path(folder) / 'search.db'}", given.documents, Console())
