"""The tables of the search index, the same in meaning on both databases, and made by the migration."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

Db = sa.Connection | Session

_DDL = {
    "sqlite": (
        """CREATE TABLE search_document (
             no INTEGER PRIMARY KEY, id CHAR(32) NOT NULL, kind TEXT NOT NULL, owner CHAR(32) NOT NULL,
             title TEXT NOT NULL, words TEXT NOT NULL, CONSTRAINT uq_search_document UNIQUE (id, kind))""",
        "CREATE INDEX ix_search_document_title ON search_document (owner, kind, title)",
        # The words arrive ready-made: 'ascii' splits them at spaces and leaves all else alone. The prefixes are those
        # of two to four letters behind the four of the scope's key.
        """CREATE VIRTUAL TABLE search_fts USING fts5 (
             words, content='search_document', content_rowid='no', tokenize='ascii', prefix='6 7 8',
             detail=none, columnsize=0)""",
        """CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN
             INSERT INTO search_fts (rowid, words) VALUES (new.no, new.words); END""",
        """CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN
             INSERT INTO search_fts (search_fts, rowid, words) VALUES ('delete', old.no, old.words); END""",
        """CREATE TRIGGER search_document_changed AFTER UPDATE OF words ON search_document BEGIN
             INSERT INTO search_fts (search_fts, rowid, words) VALUES ('delete', old.no, old.words);
             INSERT INTO search_fts (rowid, words) VALUES (new.no, new.words); END""",
        """CREATE TABLE search_spelling (piece BIGINT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (piece, word))
           WITHOUT ROWID""",
    ),
    "postgresql": (
        """CREATE TABLE search_document (
             id UUID NOT NULL, kind TEXT COLLATE "C" NOT NULL, owner UUID NOT NULL, title TEXT COLLATE "C" NOT NULL,
             words TSVECTOR NOT NULL, CONSTRAINT pk_search_document PRIMARY KEY (id, kind))""",
        "CREATE INDEX ix_search_document_title ON search_document (owner, kind, title)",
        # Without the pending list: a search would have to read all of it.
        "CREATE INDEX ix_search_document_words ON search_document USING gin (words) WITH (fastupdate = off)",
        # What has many documents might be met early by reading the table from its start, or never: the planner cannot
        # know, so this question has settings of its own, and owner and kind are compared only behind the index.
        """CREATE FUNCTION search_matching (sought tsquery, of_owner uuid, of_kind text, most bigint)
             RETURNS TABLE (id uuid, title text) LANGUAGE sql STABLE SET enable_seqscan = off
             AS $$ SELECT d.id, d.title FROM (SELECT * FROM search_document WHERE words @@ sought OFFSET 0) AS d
                   WHERE d.owner = of_owner AND d.kind = of_kind LIMIT most $$""",
        # Not unique: two who learn one word at once need not wait for each other, and a second row does no harm.
        'CREATE TABLE search_spelling (piece BIGINT NOT NULL, word TEXT COLLATE "C" NOT NULL)',
        "CREATE INDEX ix_search_spelling ON search_spelling (piece, word)",
    ),
}
# Every word of the index with the documents that have it, read straight from the index: how rare a beginning is can
# be told without collecting all that begins so, which is what the full-text question does first.
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS search_vocabulary USING fts5vocab (search_fts, instance)"
_DROP = {
    "sqlite": (
        "DROP TABLE IF EXISTS search_vocabulary",
        "DROP TABLE search_fts",
        "DROP TABLE search_document",
        "DROP TABLE search_spelling",
    ),
    "postgresql": ("DROP FUNCTION search_matching", "DROP TABLE search_document", "DROP TABLE search_spelling"),
}

DOCUMENT = sa.table(
    "search_document",
    sa.column("no", sa.Integer),  # SQLite's only
    sa.column("id", sa.Uuid()),
    sa.column("kind", sa.Text),
    sa.column("owner", sa.Uuid()),
    sa.column("title", sa.Text),
    sa.column("words", sa.Text),
)
SPELLING = sa.table("search_spelling", sa.column("piece", sa.BigInteger), sa.column("word", sa.Text))


def create(connection: sa.Connection) -> None:
    """Make the tables. For the migration."""
    for statement in _DDL[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    add_vocabulary(connection)


def add_vocabulary(connection: sa.Connection) -> None:
    """Make the view of SQLite's index by words; nothing in PostgreSQL. For the migration of worlds that lack it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_VOCABULARY)


def drop(connection: sa.Connection) -> None:
    """Remove the tables and all that hangs on them."""
    for statement in _DROP[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def connection_of(db: Db) -> sa.Connection:
    """The connection of the transaction that ``db`` is in."""
    return db.connection() if isinstance(db, Session) else db


def is_sqlite(db: Db) -> bool:
    """Whether ``db`` speaks SQLite."""
    return connection_of(db).dialect.name == "sqlite"


@dataclass(frozen=True)
class Scope:
    """The documents of one kind and owner.

    key: stands before each of their words: 20 bits. Two scopes with one key cost time, never a wrong result.
    number: stands before each piece of their spelling dictionary: 32 bits, likewise.
    """

    owner: UUID
    kind: str
    key: str
    number: int


@lru_cache(maxsize=10_000)
def scope_of(owner: UUID, kind: str) -> Scope:
    """The scope of ``owner``'s documents of this kind."""
    digest = hashlib.blake2b(owner.bytes + kind.encode(), digest_size=9).digest()
    return Scope(owner, kind, b32encode(digest[:5])[:4].decode().lower(), int.from_bytes(digest[5:], "big"))
