"""The database: one engine to write and one to read, and column types that are the same on SQLite and PostgreSQL.

SQLite: WAL, ``BEGIN IMMEDIATE`` behind one in-process gate, busy timeout 30 s; readers may not write at all. A deferred
transaction that reads and then writes fails at once whatever the timeout, so none can be made here.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, to the microsecond. A naive value is refused: nobody knows which instant it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Rate(TypeDecorator[Decimal]):
    """An exact decimal stored as an integer scaled by ``10**scale``; more digits than that are refused, not rounded."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int = 10) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value.scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimals.")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)


class Json(TypeDecorator[Any]):
    """A value as compact JSON text, the same on both databases. ``shape`` is the type to decode to."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value, order="deterministic").decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value, type=self.shape)


class TextEnum(TypeDecorator[StrEnum]):
    """A ``StrEnum`` as its text."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def key_text(length: int = 255) -> String:
    """Text that is compared and ordered by code point on both databases: what lists page by."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


BigId = BigInteger().with_variant(Integer, "sqlite")
"""An ascending integer key; SQLite counts only INTEGER keys by itself."""


class Base(DeclarativeBase):
    """The tables of every slice."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        datetime: UtcDateTime(),
        str: Text(),
        int: BigInteger(),
    }


class Versioned:
    """A row that two may edit: its version is its ETag, raised by each update and checked by the update itself."""

    version: Mapped[int] = mapped_column(BigInteger, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - declared_attr gives the class
        return {"version_id_col": cls.version}


def _sqlite_pragmas(*, read_only: bool, lasting: bool) -> Any:
    def on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if lasting else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.execute("PRAGMA mmap_size=268435456")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    return on_connect


class Database:
    """Where the world's rows are. One per process.

    lasting: a commit outlives the machine's fall; False for an embedded database that is thrown away then.
    """

    def __init__(self, url: str, *, lasting: bool = True) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._gate = threading.Lock()
        if self.is_sqlite:
            if self.url.database in {None, "", ":memory:"}:
                raise ValueError("An in-memory SQLite database has one connection; give a file.")
            options: dict[str, Any] = {
                "connect_args": {"check_same_thread": False, "timeout": 30},
                "pool_size": 8,
                "max_overflow": 8,
            }
            self.writer: Engine = create_engine(self.url, **options)
            self.reader: Engine = create_engine(self.url, **options)
            for engine, begin, read_only in (
                (self.writer, "BEGIN IMMEDIATE", False),
                (self.reader, "BEGIN", True),
            ):
                event.listen(engine, "connect", _sqlite_pragmas(read_only=read_only, lasting=lasting))
                event.listen(engine, "begin", lambda conn, statement=begin: conn.exec_driver_sql(statement))
        else:
            self.writer = create_engine(self.url, pool_size=8, max_overflow=8, pool_pre_ping=True)
            self.reader = self.writer.execution_options(postgresql_readonly=True)

    @property
    def path(self) -> Path:
        """The file, for SQLite."""
        return Path(self.url.database or "")

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in a transaction that may write; committed when left without an error."""
        if self.is_sqlite:
            # The gate makes 32 writers 2 to 2.8 times faster than SQLite's own waiting (docs/decisions/0002).
            with self._gate, Session(self.writer, expire_on_commit=False, autoflush=True) as session, session.begin():
                yield session
        else:
            with Session(self.writer, expire_on_commit=False, autoflush=True) as session, session.begin():
                yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session in a transaction that the database itself keeps from writing."""
        with Session(self.reader, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()
