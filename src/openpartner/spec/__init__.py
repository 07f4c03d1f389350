"""The operations that the product must offer, one row each, and the document that says which are done.

``aliases.tsv`` says which rows only repeat others, in other words or several in one: they are done when those are.
A handler names the operation it answers: ``opt={"operation": "GET /v1/customers/{customer-id}"}``, method and path as
the row has them, without the query. Rows with the same method and path are one operation in several words.
"""

import csv
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

import msgspec

SURFACES = {
    "partner-center": "Partner Center REST",
    "graph": "Graph",
    "marketplace": "Marketplace: SaaS fulfilment, metering, publishing",
}


class Operation(msgspec.Struct, frozen=True):
    """One row of the tables."""

    surface: str
    area: str
    method: str
    path: str
    what: str

    @property
    def key(self) -> str:
        """What a handler names it by: method and path, letter case aside."""
        return operation_key(f"{self.method} {self.path}")


class Route(msgspec.Struct, frozen=True):
    """A handler that says which operation it answers."""

    operation: str
    path: str
    handler: str


OUTBOUND = {"POST {callback url of the partner}": "openpartner.webhooks.letters.send"}
"""Calls that we make and nobody asks for: no route answers them."""

REASONS = {
    "GET {admin-host}/CustomerServiceAdminApi/Web/v1/delegatedAdminCustomers and /delegatedAdminStatistics": (
        "retired by the vendor together with the delegated administration it counted"
    )
}
"""Why an operation stays missing."""


def operation_key(text: str) -> str:
    """``METHOD /path`` without query, host, letter case and trailing slash."""
    method, _, path = text.partition(" ")
    path = path.partition("?")[0]
    if path.startswith("https://"):
        path = "/" + path.removeprefix("https://").partition("/")[2]
    return f"{method.upper()} {path.strip().rstrip('/').lower()}"


def operations() -> Iterator[Operation]:
    """Every row, in the order of the tables."""
    for surface in SURFACES:
        text = files(__name__).joinpath(f"{surface}.tsv").read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Operation(surface, row["area"], row["method"], row["path"], row["what"])


def aliases() -> dict[str, list[str]]:
    """The keys of the operations that a row repeats, by its own key."""
    text = files(__name__).joinpath("aliases.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {
        operation_key(row["row"]): [operation_key(each) for each in row["answered_by"].split(" + ")] for row in rows
    }


def routes_of(app: Any) -> list[Route]:
    """The operations that an app's handlers name."""
    found: dict[tuple[str, str], Route] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            named = handler.opt.get("operation", ())
            for operation in (named,) if isinstance(named, str) else named:
                key = operation_key(operation)
                function = getattr(handler.fn, "func", handler.fn)  # a synchronous one stands wrapped
                found[key, route.path] = Route(key, route.path, f"{function.__module__}.{function.__qualname__}")
    return list(found.values())


def render(routes: Iterable[Route]) -> str:
    """``docs/operations.md``: each operation done, with its route, or missing."""
    outbound = [Route(operation_key(operation), "", maker) for operation, maker in OUTBOUND.items()]
    answered = {route.operation: f"`{route.handler}`" for route in (*outbound, *routes)}
    for key, others in aliases().items():
        if all(each in answered for each in others):
            answered[key] = ", ".join(dict.fromkeys(answered[each] for each in others))
    reasons = {operation_key(operation): reason for operation, reason in REASONS.items()}
    rows = list(operations())
    done = sum(row.key in answered for row in rows)
    lines = [
        "# Operations",
        "",
        "Written by `make docs` from the routes against `src/openpartner/spec/*.tsv`; do not edit.",
        "Each operation that is done has a test that calls it (`tests/house/test_operations.py` sees to it).",
        "",
        f"{done} of {len(rows)} are done.",
    ]
    for surface, title in SURFACES.items():
        lines += ["", f"## {title}", ""]
        of_surface = [row for row in rows if row.surface == surface]
        for area in dict.fromkeys(row.area for row in of_surface):
            of_area = [row for row in of_surface if row.area == area]
            count = sum(row.key in answered for row in of_area)
            lines += [
                f"### {area} ({count} of {len(of_area)})",
                "",
                "| | operation | what | handler |",
                "|---|---|---|---|",
            ]
            for row in of_area:
                handler = answered.get(row.key, "")
                mark = "done" if handler else "missing"
                what = row.what.replace("|", "\\|")
                path = row.path.replace("|", "\\|")
                lines.append(f"| {mark} | `{row.method} {path}` | {what} | {handler or reasons.get(row.key, '')} |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"
