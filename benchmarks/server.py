"""The whole server, by HTTP, against the bare server's hello world in the same run.

One request after another on one kept connection, the two servers in turns, so that what else the machine does weighs on
both. "CPU" is what the server's processes used a request (Linux); it is the steadier of the two columns.
"""

import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
from rich.table import Table

from tests.support.buying import catalog_item, order_body, ready_customer
from tests.support.ports import held_port
from tests.support.served import Server, environment, serving, world_of
from tests.support.signing_in import user_tokens
from tests.support.small_world import BEGINS, make_small_world

ROUNDS, IN_A_ROUND = 5, 60
WRITERS, ORDERS_EACH = 32, 8
COLD_STARTS = 3
RUNS = 5
SNAPSHOT_MB = 100
LINES = 10
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Connection:
    """A kept connection that sends ready-made bytes: the client's own cost stays small."""

    def __init__(self, url: str) -> None:
        self.host = url.partition("://")[2]
        name, _, port = self.host.partition(":")
        self._socket = socket.create_connection((name, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
        """The bytes of a request."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        return head.encode() + b"\r\n" + body

    def exchange(self, request: bytes) -> int:
        """Send it, read the whole answer; gives the status."""
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._socket.recv(262_144)
        head, _, rest = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(rest) < length:
            rest += self._socket.recv(262_144)
        return int(head[9:12])

    def close(self) -> None:
        self._socket.close()


def cpu_seconds(group: int) -> float:
    """What the processes of a group have used so far; 0 where /proc is not there to ask."""
    total = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


@dataclass
class Timed:
    """One kind of request: how long each took, and the CPU of the server in all."""

    name: str
    connection: Connection
    group: int
    make: Callable[[], bytes]
    expected: int
    seconds: list[float]
    cpu: float = 0.0

    def round(self) -> None:
        """Ask some times."""
        requests = [self.make() for _ in range(IN_A_ROUND)]
        before = cpu_seconds(self.group)
        for request in requests:
            began = time.perf_counter()
            status = self.connection.exchange(request)
            self.seconds.append(time.perf_counter() - began)
            assert status == self.expected, (self.name, status)
        self.cpu += cpu_seconds(self.group) - before


@contextmanager
def bare_server() -> Iterator[tuple[str, int]]:
    """Its address and its process group."""
    with held_port() as port:
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", str(port)], start_new_session=True)
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(400):
                try:
                    httpx.get(url, trust_env=False)
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


@dataclass
class Stocked:
    """A world with a customer that holds a hundred subscriptions, and as many that buy as there are writers."""

    data: Path
    customer: str
    buyers: list[str]
    item: str
    token: str


def stock(folder: Path) -> Stocked:
    """Made by the very use cases: 10 orders of 10 lines."""
    data = folder / "world"
    make_small_world(data)
    with serving(data) as server, server.client() as client:
        world = world_of(client)
        user = next(user for user in world["users"] if user["upn"].startswith("admin@contoso"))
        token = user_tokens(client, world["apps"][0], user, BEGINS.timestamp())["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        customer = ready_customer(client, "measured", "Measured Traders", "2026-01-14T00:00:00Z")
        buyers = [
            ready_customer(client, f"buying{number}", f"Buying Traders {number}", "2026-01-14T00:00:00Z")
            for number in range(WRITERS)
        ]
        item = catalog_item(client, customer)
        for _ in range(LINES):
            body = order_body(customer, item)
            body["lineItems"] = [{**body["lineItems"][0], "lineItemNumber": number} for number in range(LINES)]
            client.post(f"/v1/customers/{customer}/orders", json=body).raise_for_status()
        return Stocked(data, customer, buyers, item, token)


def requests_table(stocked: Stocked, server: Server) -> Table:
    """Reads and an order, as multiples of the hello world."""
    with bare_server() as (bare_url, bare_group):
        bare, ours = Connection(bare_url), Connection(server.url.replace("localhost", "127.0.0.1"))
        at = f"/v1/customers/{stocked.customer}"
        buyers = cycle(stocked.buyers)

        def get(path: str) -> Callable[[], bytes]:
            return lambda: ours.request("GET", path, stocked.token)

        def post(lines: int) -> bytes:
            buyer = next(buyers)
            body = order_body(buyer, stocked.item)
            body["lineItems"] = [{**body["lineItems"][0], "lineItemNumber": number} for number in range(lines)]
            order = httpx.Request("POST", "http://x", json=body).content
            return ours.request("POST", f"/v1/customers/{buyer}/orders", stocked.token, order)

        group = server.process.pid
        kinds = [
            Timed("hello world, bare server", bare, bare_group, lambda: bare.request("GET", "/"), 200, []),
            Timed("/healthz", ours, group, get("/healthz"), 200, []),
            Timed("one customer", ours, group, get(at), 200, []),
            Timed("page of 100 subscriptions", ours, group, get(f"{at}/subscriptions"), 200, []),
            Timed("order of one line", ours, group, lambda: post(1), 201, []),
            Timed("order of three lines", ours, group, lambda: post(3), 201, []),
        ]
        for _ in range(ROUNDS):
            for kind in kinds:
                kind.round()
        bare.close()
        ours.close()
    table = Table(
        "request", "ms, median", "p99", "times hello", "CPU ms", "times hello", title="Requests, one at a time"
    )
    base, base_cpu = statistics.median(kinds[0].seconds), kinds[0].cpu
    for kind in kinds:
        middle, count = statistics.median(kind.seconds), len(kind.seconds)
        worst = sorted(kind.seconds)[int(count * 0.99) - 1]
        table.add_row(
            kind.name,
            f"{middle * 1000:.2f}",
            f"{worst * 1000:.1f}",
            f"{middle / base:.1f}",
            f"{kind.cpu / count * 1000:.2f}",
            f"{kind.cpu / base_cpu:.1f}" if base_cpu else "-",
        )
    return table


def writers(stocked: Stocked, server: Server) -> tuple[str, str]:
    """32 connections that order at once."""

    def write(buyer: str) -> list[float]:
        taken = []
        order = httpx.Request("POST", "http://x", json=order_body(buyer, stocked.item)).content
        connection = Connection(server.url.replace("localhost", "127.0.0.1"))
        request = connection.request("POST", f"/v1/customers/{buyer}/orders", stocked.token, order)
        for _ in range(ORDERS_EACH):
            began = time.perf_counter()
            status = connection.exchange(request)
            taken.append(time.perf_counter() - began)
            assert status == 201, status
        connection.close()
        return taken

    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        taken = [each for some in pool.map(write, stocked.buyers) for each in some]
    rate = len(taken) / (time.perf_counter() - began)
    return f"{WRITERS} writers at once", f"{rate:.0f} orders a second, longest wait {max(taken):.2f} s, none refused"


def cold_starts(stocked: Stocked) -> tuple[str, str]:
    """From starting the command on a world that is there to the first answer that reads it."""
    walls, used = [], []
    for _ in range(COLD_STARTS):
        began = time.perf_counter()
        with serving(stocked.data) as server, server.client(authorization=f"Bearer {stocked.token}") as client:
            client.get(f"/v1/customers/{stocked.customer}").raise_for_status()
            walls.append(time.perf_counter() - began)
            used.append(cpu_seconds(server.process.pid))
    return "cold start to the first answer", f"{min(walls):.2f} s (best of {COLD_STARTS}), CPU {min(used):.2f} s"


def run_adds(stocked: Stocked) -> tuple[str, str]:
    """What ``openpartner run`` takes with a program that does nothing, beside a server that runs."""
    command = [sys.executable, "-m", "openpartner", "run", "--data", str(stocked.data), "--", "true"]
    walls = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run(command, check=True, env=environment())
        walls.append(time.perf_counter() - began)
    return "openpartner run -- true", f"{min(walls):.2f} s (best of {RUNS}), the interpreter and its imports with it"


def snapshots(stocked: Stocked, server: Server) -> tuple[str, str]:
    """A world of 100 MB kept and put back while the server runs."""
    with closing(sqlite3.connect(stocked.data / "world.sqlite3", timeout=60)) as file, file:
        file.execute("CREATE TABLE weight (filling BLOB)")
        present = (stocked.data / "world.sqlite3").stat().st_size
        for _ in range(max(SNAPSHOT_MB * 1_000_000 - present, 0) // 1_000_000):
            file.execute("INSERT INTO weight VALUES (randomblob(1000000))")
    with server.client() as client:
        times = []
        for path in ("/_sandbox/snapshots", "/_sandbox/snapshots/heavy/restore"):
            began = time.perf_counter()
            answer = client.post(path, json={"name": "heavy"} if path.endswith("snapshots") else None)
            times.append(time.perf_counter() - began)
            size = answer.raise_for_status().json()["size"]
    return f"world of {size / 1e6:.0f} MB", f"kept in {times[0]:.2f} s, put back in {times[1]:.2f} s"


def measure() -> Iterator[Table]:
    """The tables, one after the other."""
    with tempfile.TemporaryDirectory(prefix="openpartner-bench-") as folder:
        stocked = stock(Path(folder))
        whole = Table("what", "measured", title="The server as a whole")
        whole.add_row(*cold_starts(stocked))
        with serving(stocked.data) as server:
            yield requests_table(stocked, server)
            whole.add_row(*writers(stocked, server))
            whole.add_row(*run_adds(stocked))
            whole.add_row(*snapshots(stocked, server))
        yield whole
