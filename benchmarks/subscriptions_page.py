"""A page of 100 subscriptions: ours, its FastAPI twin, and the bare server's hello world, in turns on one machine.

    python -m benchmarks.subscriptions_page

All three are one Granian process on loopback. Ours and the twin verify the same bearer token and ask the same
questions of the same database (benchmarks/fastapi_twin.py). The ratio that counts is of the CPU a request takes
(Linux; elsewhere of the median time): what else the machine does weighs less on it. Target: 1.5 or more.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.server import Connection, Timed, bare_server, stock
from tests.support.ports import held_port
from tests.support.served import Server, serving

ROUNDS = 5
TARGET = 1.5
STARTS_WITHIN = 60.0


@contextmanager
def twin_of(server: Server) -> Iterator[tuple[str, int]]:
    """The twin over the same world: its address and its process group."""
    with held_port() as port:
        command = [sys.executable, "-m", "benchmarks.fastapi_twin", str(port), str(server.data), server.url]
        process = subprocess.Popen(command, start_new_session=True, env={**os.environ, "OPENPARTNER_SEED": "small"})
        url, ends = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_WITHIN
        try:
            while True:
                try:
                    httpx.get(f"{url}/docs", trust_env=False)
                    break
                except httpx.TransportError:
                    if process.poll() is not None or time.monotonic() > ends:
                        raise
                    time.sleep(0.1)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def same_answer(path: str, token: str, ours: str, twin: str) -> None:
    """Both say the same: else the ratio compares two different things."""
    headers = {"authorization": f"Bearer {token}"}
    bodies = [httpx.get(f"{url}{path}", headers=headers, trust_env=False, timeout=60).json() for url in (ours, twin)]
    assert bodies[0] == bodies[1], "The twin answers something else."
    assert bodies[0]["totalCount"] == 100, bodies[0]["totalCount"]


def measure(folder: Path) -> tuple[Table, float]:
    """The table, and how many times dearer the twin is."""
    stocked = stock(folder)
    path = f"/v1/customers/{stocked.customer}/subscriptions"
    with serving(stocked.data) as server, twin_of(server) as (twin_url, twin_group), bare_server() as (bare_url, group):
        ours_url = server.url.replace("localhost", "127.0.0.1")
        same_answer(path, stocked.token, ours_url, twin_url)
        bare, ours, twin = Connection(bare_url), Connection(ours_url), Connection(twin_url)
        kinds = [
            Timed("hello world, bare server", bare, group, lambda: bare.request("GET", "/"), 200, []),
            Timed("ours", ours, server.process.pid, lambda: ours.request("GET", path, stocked.token), 200, []),
            Timed("FastAPI twin", twin, twin_group, lambda: twin.request("GET", path, stocked.token), 200, []),
        ]
        for _ in range(ROUNDS):
            for kind in kinds:
                kind.round()
        for connection in (bare, ours, twin):
            connection.close()
    table = Table("server", "ms, median", "CPU ms", "times hello", title="A page of 100 subscriptions")
    base = statistics.median(kinds[0].seconds)
    for kind in kinds:
        middle = statistics.median(kind.seconds)
        cpu = kind.cpu / len(kind.seconds) * 1000
        table.add_row(kind.name, f"{middle * 1000:.2f}", f"{cpu:.2f}", f"{middle / base:.1f}")
    mine, other = kinds[1], kinds[2]
    if mine.cpu:
        return table, other.cpu / mine.cpu
    return table, statistics.median(other.seconds) / statistics.median(mine.seconds)


def main() -> None:
    """Print the table and the ratio."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="openpartner-bench-") as folder:
        table, ratio = measure(Path(folder))
    console.print(table)
    console.print(f"The twin takes {ratio:.2f} times what ours takes (target: {TARGET} or more).", highlight=False)


if __name__ == "__main__":
    main()
