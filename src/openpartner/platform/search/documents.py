"""Writing search documents, in the same transaction as what they describe. Nothing here commits."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from openpartner.platform.search import spelling
from openpartner.platform.search.questions import Term, having
from openpartner.platform.search.tables import DOCUMENT, SPELLING, Db, Scope, is_sqlite, scope_of
from openpartner.platform.search.text import title_key, words_of

BATCH = 5_000


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


Entity = tuple[UUID, str]


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
_WRITE_SQLITE = sa.text(
    """INSERT INTO search_document (id, kind, owner, title, words) VALUES (:id, :kind, :owner, :title, :words)
       ON CONFLICT (id, kind)
       DO UPDATE SET owner = excluded.owner, title = excluded.title, words = excluded.words"""
).bindparams(sa.bindparam("id", type_=sa.Uuid()), sa.bindparam("owner", type_=sa.Uuid()))
_WRITE_POSTGRESQL = sa.text(
    """INSERT INTO search_document (id, kind, owner, title, words)
       SELECT id, kind, owner, title, CAST(words AS tsvector) FROM unnest(
         CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:owner AS uuid[]), CAST(:title AS text[]),
         CAST(:words AS text[])) AS written (id, kind, owner, title, words)
       ON CONFLICT (id, kind)
       DO UPDATE SET owner = excluded.owner, title = excluded.title, words = excluded.words"""
)

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

    A million take two to three minutes and some hundred megabytes of memory.
    """
    learned: set[tuple[int, str]] = set()
    count = 0
    for batch in _batches(docs, BATCH):
        rows: dict[Entity, _Row] = {}
        names: dict[Entity, set[str]] = {}
        for doc in batch:
            title_words = words_of(doc.title)
            key = scope_of(doc.owner, doc.kind).key
            words = frozenset(key + word for word in title_words.union(*map(words_of, doc.words)))
            rows[doc.id, doc.kind] = _Row(doc.id, doc.kind, doc.owner, title_key(doc.title), words)
            names[doc.id, doc.kind] = title_words if doc.names else set()
        held = _held(db, rows)
        _write(db, [row for entity, row in rows.items() if held.get(entity) != row])
        fresh = {(rows[entity].scope.number, word) for entity, words in names.items() for word in words} - learned
        _learn(db, fresh)
        learned |= fresh
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


def _held(db: Db, entities: Collection[Entity]) -> dict[Entity, _Row]:
    """What is stored of ``entities``."""
    rows = db.execute(_HELD.where(DOCUMENT.c.id.in_([entity[0] for entity in entities])))
    return {
        (row.id, row.kind): _Row(
            row.id, row.kind, row.owner, row.title, frozenset(word.strip("'") for word in row.words.split())
        )
        for row in rows
        if (row.id, row.kind) in entities
    }


def _write(db: Db, rows: list[_Row]) -> None:
    columns = {
        "id": [row.id for row in rows],
        "kind": [row.kind for row in rows],
        "owner": [row.owner for row in rows],
        "title": [row.title for row in rows],
        "words": [row.line for row in rows],
    }
    if rows and is_sqlite(db):
        db.execute(_WRITE_SQLITE, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    elif rows:
        db.execute(_WRITE_POSTGRESQL, columns)


def _learn(db: Db, scoped: Iterable[tuple[int, str]]) -> None:
    """Put what is not in the dictionary there: words, each with its scope's number."""
    for batch in _batches(sorted(pair for pair in scoped if spelling.is_learned(pair[1])), BATCH):
        keys = {pair: spelling.piece_keys(*pair) for pair in batch}
        known = sa.select(SPELLING).where(SPELLING.c.piece.in_([of_pair[0] for of_pair in keys.values()]))
        held = {(row.piece, row.word) for row in db.execute(known)}
        rows = [
            {"piece": key, "word": word}
            for (_, word), of_pair in keys.items()
            if (of_pair[0], word) not in held
            for key in of_pair
        ]
        if rows:
            db.execute(sa.insert(SPELLING), rows)


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
