"""Writes the next migration from what the tables have that the last version has not: python scripts/revise.py MESSAGE.

Read what it wrote before it lands; a table that moves data gets a step of its own.
"""

import sys
import tempfile
from pathlib import Path

from openpartner import app  # the tables of every slice
from openpartner.platform import migrating
from openpartner.platform.db import Database


def main() -> None:
    """The next number, and the message as its name."""
    message = " ".join(sys.argv[1:]) or sys.exit(__doc__)
    number = len(list(Path(app.__file__).parents[2].joinpath("migrations", "versions").glob("*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite3")
        if number > 1:
            migrating.migrate(database)
        migrating.revise(database, message, f"{number:04}")
        database.dispose()


if __name__ == "__main__":
    main()
