"""``make bench``: the server against the bare server's hello world, then each list and search on its own.

    python -m benchmarks [--full]

Every figure is of this run on this machine; compare the ratios, not the milliseconds. Without --full the lists are
measured over a hundred thousand rows instead of the million that their documents speak of.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import server

HERE = Path(__file__).parent
LISTS = {"customers.py": "--customers", "search.py": "--documents"}
"""The other benchmarks, and what tells them how many rows to make."""
FEWER = "100000"


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    console = Console()
    for table in server.measure():
        console.print(table)
    for name, size in LISTS.items():
        console.rule(name)
        subprocess.run([sys.executable, str(HERE / name), *([] if full else [size, FEWER])], check=True)


if __name__ == "__main__":
    main()
