"""``make bench``: the server against the bare server's hello world, a page against its FastAPI twin, lists and search.

    python -m benchmarks [--full]

Every figure is of this run on this machine; compare the ratios, not the milliseconds. Without --full the lists are
measured over a hundred thousand rows instead of the million that their documents speak of.
"""

import argparse
import subprocess
import sys

from rich.console import Console

from benchmarks import server

FEWER = "100000"
OTHERS = {
    "subscriptions_page": [],
    "access": [],
    "relationships": [],
    "webhooks": ["--deliveries", "500"],
    "customers": ["--customers", FEWER],
    "search": ["--documents", FEWER],
}
"""The other benchmarks of this folder, and what tells them to make fewer rows."""


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    console = Console()
    for table in server.measure():
        console.print(table)
    for name, fewer in OTHERS.items():
        console.rule(name)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *([] if full else fewer)], check=True)


if __name__ == "__main__":
    main()
