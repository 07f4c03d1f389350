"""Bringing a database to this release's tables: Alembic, one line of descent, additive first.

A database that is there already is not asked for more than its version, and Alembic is imported when there is something
to do: opening a world stays quick.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, TypeDecorator, inspect, text

from openpartner.platform.db import Base, Database

if TYPE_CHECKING:
    from alembic.config import Config

PACKAGED = Path(__file__).parents[1] / "_migrations"
IN_THE_TREE = Path(__file__).parents[3] / "migrations"


def _folder() -> Path:
    return PACKAGED if PACKAGED.is_dir() else IN_THE_TREE


@cache
def head() -> str:
    """The newest version's name: files begin with theirs, each one more than the one before. Raises ValueError."""
    found = sorted(path.name.partition("_")[0] for path in (_folder() / "versions").glob("[0-9]*_*.py"))
    if found != [f"{number:04}" for number in range(1, len(found) + 1)]:
        raise ValueError(f"The migrations are not one line of descent: {', '.join(found)}. Number them anew.")
    return found[-1] if found else ""


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_folder()))
    config.attributes["connection"] = connection
    return config


def present_version(connection: Connection) -> str:
    """The version a database has; empty for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def migrate(database: Database) -> bool:
    """Bring the database to the newest version, whole or not at all. Whether there was anything to do.

    Several processes may call it at once: the first does it, the others wait for its lock and find it done.
    """
    with database.reader.connect() as connection:
        if present_version(connection) == head():
            return False
    from alembic import command  # noqa: PLC0415 - see above

    with database.writer.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7318349394477056)"))
        if present_version(connection) == head():
            return False
        command.upgrade(_config(connection), "head")
    return True


def revise(database: Database, message: str, revision: str) -> None:
    """Write the next version from what the tables have that the database has not. For developers: then read it."""
    from alembic import command  # noqa: PLC0415 - see above

    with database.writer.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=revision)


def _render_type(kind: str, value: Any, _context: Any) -> str | bool:
    """Our column types by the plain type beneath: a migration must not change when our code does."""
    if kind == "type" and isinstance(value, TypeDecorator):
        return f"sa.{value.impl_instance!r}"
    return False


def _include(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001 - Alembic's
    """The search index makes its own tables."""
    return not (kind == "table" and (name or "").startswith("search_"))


def autogenerate_options() -> dict[str, Any]:
    """What Alembic compares and how it writes it down."""
    metadata: MetaData = Base.metadata
    return {
        "target_metadata": metadata,
        "render_item": _render_type,
        "include_object": _include,
        "compare_type": False,
        "render_as_batch": False,
        "transaction_per_migration": False,
    }
