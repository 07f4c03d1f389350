"""Writing search documents, in the same transaction as what they describe. Nothing here commits."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from openpartner.platform.search import spelling
from openpartner.platform.search.questions import Term, having
from openpartner.platform.search.tables import DOCUMENT, SPELLING, Db, Scope, connection_of, is_sqlite, scope_of
from openpartner.platform.search.text import title_key, words_of

BATCH = 5_000
MOST_REMEMBERED = 200_000  # words that need not be looked up again: memory, not correctness


@dataclass(frozen=True)
class SearchDocument:
    """What one entity is found by.

    owner: the tenant whose searches find it, and nobody else's.
    title: what it is called; results are in its order.
    words: further texts it is found by: domains, numbers, addresses.
    names: whether the title's words are names that a mistyped word may mean.
    """

    kind: str
    id: UUID
    owner: UUID
    title: str
    words: Sequence[str] = ()
    names: bool = True


_Entity = tuple[UUID, str]


@dataclass(frozen=True)
class _Row:
    """A document as it is stored: its words have their scope's key in front."""

    id: UUID
    kind: str
    owner: UUID
    title: str
    words: frozenset[str]

    @property
    def scope(self) -> Scope:
        return scope_of(self.owner, self.kind)

    @property
    def line(self) -> str:
        # The spaces at both ends let a word be looked for as " word ".
        return f" {' '.join(sorted(self.words))} "


_HELD = sa.select(
    DOCUMENT.c.id,
    DOCUMENT.c.kind,
    DOCUMENT.c.owner,
    DOCUMENT.c.title,
    sa.cast(DOCUMENT.c.words, sa.Text).label("words"),
)
# Through the driver: SQLAlchemy's own way takes half as long again for a million rows.
_REPLACE = {
    "sqlite": """INSERT INTO search_document (id, kind, owner, title, words) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (id, kind)
                 DO UPDATE SET owner = excluded.owner, title = excluded.title, words = excluded.words""",
    "postgresql": """INSERT INTO search_document (id, kind, owner, title, words)
                     SELECT id, kind, owner, title, CAST(words AS tsvector)
                     FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[])
                       AS written (id, kind, owner, title, words)
                     ON CONFLICT (id, kind)
                     DO UPDATE SET owner = excluded.owner, title = excluded.title, words = excluded.words""",
}
_LEARN = {
    "sqlite": "INSERT OR IGNORE INTO search_spelling (piece, word) VALUES (?, ?)",
    "postgresql": "INSERT INTO search_spelling (piece, word) SELECT * FROM unnest(%s::bigint[], %s::text[])",
}

_Item = TypeVar("_Item")


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def index(db: Db, doc: SearchDocument) -> None:
    """Make ``doc`` what its entity is found by, in place of what was."""
    index_many(db, [doc])


def index_many(db: Db, docs: Iterable[SearchDocument]) -> None:
    """``index`` for many; of two documents of one entity the last counts.

    A million documents take two to five minutes, the more owners the longer.
    """
    learned: set[tuple[int, str]] = set()
    count = 0
    for batch in _batches(docs, BATCH):
        rows: dict[_Entity, _Row] = {}
        names: dict[_Entity, set[str]] = {}
        for doc in batch:
            title_words = words_of(doc.title)
            key = scope_of(doc.owner, doc.kind).key
            words = frozenset(key + word for word in title_words.union(*map(words_of, doc.words)))
            rows[doc.id, doc.kind] = _Row(doc.id, doc.kind, doc.owner, title_key(doc.title), words)
            names[doc.id, doc.kind] = title_words if doc.names else set()
        held = _held(db, rows)
        changed = (row for entity, row in rows.items() if held.get(entity) != row)
        _insert(db, _REPLACE, ((row.id.hex, row.kind, row.owner.hex, row.title, row.line) for row in changed))
        fresh = {(rows[entity].scope.number, word) for entity, words in names.items() for word in words} - learned
        _learn(db, fresh)
        learned = fresh if len(learned) > MOST_REMEMBERED else learned | fresh
        for entity, before in held.items():
            _forget(db, before.scope, before.words - rows[entity].words)
        count += len(batch)
    if count > BATCH and not is_sqlite(db):
        db.execute(sa.text("ANALYZE search_document, search_spelling"))


def remove(db: Db, kind: str, id: UUID) -> None:  # noqa: A002 - the column's name
    """Have the entity found no more; nothing happens when it was not."""
    before = _held(db, [(id, kind)]).get((id, kind))
    if before is not None:
        db.execute(sa.delete(DOCUMENT).where(DOCUMENT.c.id == id, DOCUMENT.c.kind == kind))
        _forget(db, before.scope, before.words)


def _held(db: Db, entities: Collection[_Entity]) -> dict[_Entity, _Row]:
    """What is stored of ``entities``."""
    rows = db.execute(_HELD.where(DOCUMENT.c.id.in_([entity[0] for entity in entities])))
    return {
        (row.id, row.kind): _Row(
            row.id, row.kind, row.owner, row.title, frozenset(word.strip("'") for word in row.words.split())
        )
        for row in rows
        if (row.id, row.kind) in entities
    }


def _insert(db: Db, statements: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    connection = connection_of(db)
    statement = statements[connection.dialect.name]
    values = list(rows)
    if values and is_sqlite(db):
        connection.exec_driver_sql(statement, values)
    elif values:
        connection.exec_driver_sql(statement, tuple(map(list, zip(*values, strict=True))))


def _learn(db: Db, scoped: Iterable[tuple[int, str]]) -> None:
    """Put what is not in the dictionary there: words, each with its scope's number."""
    for batch in _batches(sorted(pair for pair in scoped if spelling.is_learned(pair[1])), BATCH):
        keys = {pair: spelling.piece_keys(*pair) for pair in batch}
        known = sa.select(SPELLING).where(SPELLING.c.piece.in_([keys_of[0] for keys_of in keys.values()]))
        held = {(row.piece, row.word) for row in db.execute(known)}
        fresh = ((keys_of, word) for (_, word), keys_of in keys.items() if (keys_of[0], word) not in held)
        _insert(db, _LEARN, ((key, word) for keys_of, word in fresh for key in keys_of))


def _forget(db: Db, scope: Scope, dropped: Iterable[str]) -> None:
    """Take out of the dictionary what no document of the scope says any more.

    A transaction that says the word anew at this very moment is not seen: then its mistyping is not recognised until
    the word is next indexed. Finding it as it is written does not depend on this.
    """
    for keyed in sorted(dropped):
        word = keyed.removeprefix(scope.key)
        if spelling.is_learned(word) and not having(db, scope, [[Term(word)]], 1):
            keys = spelling.piece_keys(scope.number, word)
            db.execute(sa.delete(SPELLING).where(SPELLING.c.piece.in_(keys), SPELLING.c.word == word))
