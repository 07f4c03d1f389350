"""Finding entities by what a person typed."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from msgspec import json
from sqlalchemy.dialects.postgresql import TSQUERY

from openpartner.platform.search import spelling
from openpartner.platform.search.tables import DOCUMENT, SPELLING, Db, Scope, is_sqlite, scope_of
from openpartner.platform.search.text import Reading, is_unspaced, readings

# How many titles are looked through, how many documents sorted, and of how many a word is rare, before another way is
# tried: ``having`` below.
GLANCE = 200
FEW = 1_000
LOOK = 8_000
RARE = 200
TELLING = 5  # letters of a beginning that may be rare; shorter ones hardly are
_ALL = 1 << 62
_AFTER_ALL = "\U0010ffff"  # the last code point: what begins with x lies between x and x with this behind it


@dataclass(frozen=True)
class Term:
    """One word to look for, or the beginning of one."""

    word: str
    begins: bool = False


Terms = list[list[Term]]
"""All of them, each by any of its alternatives."""


def _matching(source: str) -> sa.TextualSelect:
    statement = f"SELECT id, count(*) OVER () AS met FROM {source} ORDER BY title, id LIMIT :limit"  # noqa: S608 - the two sources below
    typed = sa.text(statement).bindparams(sa.bindparam("owner", type_=sa.Uuid()))
    return typed.columns(id=sa.Uuid(), met=sa.Integer())


_SAYING = sa.text("SELECT doc FROM search_vocabulary WHERE term >= :first AND term < :end LIMIT :most").columns(
    doc=sa.Integer()
)
# The plus and the cross join keep SQLite from walking all titles to read these few documents in order.
_OF_NUMBERS = (
    sa.text(
        """SELECT d.id, d.words, d.title
           FROM json_each(:rare) AS rare CROSS JOIN search_document AS d ON d.no = rare.value
           WHERE d.owner = :owner AND d.kind = :kind ORDER BY +d.title, d.id"""
    )
    .bindparams(sa.bindparam("owner", type_=sa.Uuid()))
    .columns(id=sa.Uuid(), words=sa.Text(), title=sa.Text())
)
# The cross join keeps SQLite from walking all titles and asking the index of each.
_MATCHING_SQLITE = _matching(
    """(SELECT d.id, d.title FROM search_fts CROSS JOIN search_document AS d ON d.no = search_fts.rowid
        WHERE search_fts MATCH :sought AND d.owner = :owner AND d.kind = :kind LIMIT :most)"""
)
_MATCHING_POSTGRESQL = _matching("search_matching(CAST(:sought AS tsquery), :owner, :kind, :most)")


# Whether few begin so is found out first; the rest of the question is then asked of those few.
_AMONG_RARE_POSTGRESQL = sa.text(
    """WITH rare AS MATERIALIZED (SELECT id FROM search_matching(CAST(:rare AS tsquery), :owner, :kind, :most))
       SELECT (SELECT count(*) FROM rare) AS met, d.id FROM rare
       LEFT JOIN search_document AS d ON d.id = rare.id AND d.kind = :kind AND d.words @@ CAST(:sought AS tsquery)
       ORDER BY d.title NULLS LAST, d.id LIMIT :limit"""
).columns(met=sa.Integer(), id=sa.Uuid())


def query(db: Db, kind: str, owner: UUID, text: str, *, limit: int = 20, fuzzy: bool = True) -> list[UUID]:
    """The entities that ``text`` means, the likeliest first.

    First those that have each of its words, then those that have words beginning with them; within each, titles that
    begin with the text come first, and all is in the order of folded titles. Only when this finds nothing, punctuated
    words are read as separate ones, and then (``fuzzy``) misspelled words as the known words closest to them.
    """
    scope = scope_of(owner, kind)
    read = readings(text)
    for reading in read:
        if found := _as_typed(db, scope, reading, limit):
            return found
    for reading in read if fuzzy else ():
        if found := _as_meant(db, scope, reading, limit):
            return found
    return []


def _as_typed(db: Db, scope: Scope, reading: Reading, limit: int) -> list[UUID]:
    found: dict[UUID, None] = {}
    for begins in (False, True):
        if len(found) < limit:
            found.update(dict.fromkeys(_titled(db, scope, reading.beginning, limit + len(found), begins=begins)))
        if len(found) < limit:
            terms = [[Term(word, begins)] for word in reading.words]
            found.update(dict.fromkeys(having(db, scope, terms, limit + len(found))))
    return list(found)[:limit]


def _as_meant(db: Db, scope: Scope, reading: Reading, limit: int) -> list[UUID]:
    guesses: list[list[tuple[int, str]]] = []
    for word in reading.words:
        guesses.append(_guesses(db, scope, word))
        if not guesses[-1] and len(word) >= TELLING and not having(db, scope, [[Term(word, begins=True)]], 1):
            return []  # nothing is like it, and nothing begins so
    for edits in (1, 2):
        if any(distance == edits for guess in guesses for distance, _ in guess):
            # A word that is known is whole; any other may be the beginning of one.
            terms = [
                [Term(word, begins=(0, word) not in guess), *(Term(other) for far, other in guess if 0 < far <= edits)]
                for word, guess in zip(reading.words, guesses, strict=True)
            ]
            if found := having(db, scope, terms, limit):
                return found
    return []


def _guesses(db: Db, scope: Scope, word: str) -> list[tuple[int, str]]:
    """The known words that ``word`` may mean, each with its distance, the closest first."""
    probes = spelling.probe_keys(scope.number, word)
    known = sa.select(SPELLING.c.word).where(SPELLING.c.piece.in_(sorted(probes)))
    return spelling.closest(word, set(db.scalars(known))) if probes else []


def _in(scope: Scope) -> sa.Select[tuple[UUID]]:
    """The ids of the scope's documents, by title."""
    own = sa.and_(DOCUMENT.c.owner == scope.owner, DOCUMENT.c.kind == scope.kind)
    return sa.select(DOCUMENT.c.id).where(own).order_by(DOCUMENT.c.title, DOCUMENT.c.id)


def _titled(db: Db, scope: Scope, beginning: str, limit: int, *, begins: bool) -> list[UUID]:
    """Those whose title begins with ``beginning``, the last word of it whole unless ``begins``."""
    # "!" is the character after the space: the title ends there, or goes on with another word.
    end = _AFTER_ALL if begins or is_unspaced(beginning[-1]) else "!"
    title = DOCUMENT.c.title
    return list(db.scalars(_in(scope).where(title >= beginning, title < beginning + end).limit(limit)))


def having(db: Db, scope: Scope, terms: Terms, limit: int) -> list[UUID]:
    """Those that have all of ``terms``.

    What few have is looked up in the index and sorted. What many have takes too long to sort, but is soon met among
    the first titles, so it is looked for there. Only what is neither rare nor met there is sorted whole. In PostgreSQL
    a glance at the titles comes first: its index collects all matches before it gives the first.
    """
    sqlite = is_sqlite(db)
    asked = {"sought": _syntax(terms, scope.key, sqlite=sqlite), "owner": scope.owner, "kind": scope.kind}
    matching = _MATCHING_SQLITE if sqlite else _MATCHING_POSTGRESQL

    def among_first(titles: int) -> list[UUID]:
        first = _in(scope).add_columns(DOCUMENT.c.words).limit(titles).subquery()
        # Both databases give the rows as they meet them, and stop; a second ORDER BY would make SQLite meet them all.
        return list(
            db.scalars(sa.select(first.c.id).where(_met(first.c.words, terms, scope.key, sqlite=sqlite)).limit(limit))
        )

    found = [] if sqlite else among_first(GLANCE)
    if len(found) < limit and len(terms) > 1 and any(term.begins for any_of in terms for term in any_of):
        rare = (_among_rare_sqlite if sqlite else _among_rare_postgresql)(db, scope, terms, limit)
        if rare is not None:
            return rare
    if len(found) < limit:
        few = db.execute(matching, asked | {"most": FEW, "limit": limit}).all()
        if not few or few[0].met < FEW:
            return [row.id for row in few]
        found = among_first(LOOK)
    if len(found) < limit:
        found = list(db.scalars(matching, asked | {"most": _ALL, "limit": limit}))
    return found


def _among_rare_sqlite(db: Db, scope: Scope, terms: Terms, limit: int) -> list[UUID] | None:
    """The answer, where one of ``terms`` is that of few documents; None where each is that of many."""
    rarest: set[int] | None = None
    for alternatives in terms:
        documents = _saying_sqlite(db, scope, alternatives)
        if documents is not None and (rarest is None or len(documents) < len(rarest)):
            rarest = documents
    if rarest is None:
        return None
    asked = {"rare": json.encode(sorted(rarest)).decode(), "owner": scope.owner, "kind": scope.kind}
    rows = db.execute(_OF_NUMBERS, asked).all() if rarest else []
    return [row.id for row in rows if _has(row.words, terms, scope.key)][:limit]


def _saying_sqlite(db: Db, scope: Scope, alternatives: list[Term]) -> set[int] | None:
    """The documents with any of ``alternatives``; None where the index names more than are read one by one."""
    documents: set[int] = set()
    for term in alternatives:
        word = scope.key + term.word
        end = word + (_AFTER_ALL if term.begins else " ")  # the space comes before every letter and digit
        # A document is named once for each of its words, so the names are counted, not the documents.
        named = db.scalars(_SAYING, {"first": word, "end": end, "most": RARE}).all()
        documents.update(named)
        if len(named) >= RARE or len(documents) >= RARE:
            return None
    return documents


def _among_rare_postgresql(db: Db, scope: Scope, terms: Terms, limit: int) -> list[UUID] | None:
    """The same. How rare a beginning is can only be told by collecting it, so it is tried with the likeliest one."""
    words = [each[0].word for each in terms if each[0].begins and len(each[0].word) >= TELLING]
    keys = {spelling.piece_keys(scope.number, word)[0]: word for word in words}
    known = {
        row.word
        for row in db.execute(sa.select(SPELLING).where(SPELLING.c.piece.in_(keys)))
        if keys[row.piece] == row.word
    }
    unknown = [each for each in terms if each[0].word in words and each[0].word not in known]
    if not unknown:
        return None
    rarest = max(unknown, key=lambda each: len(each[0].word))
    asked = {
        "rare": _syntax([rarest], scope.key, sqlite=False),
        "sought": _syntax(terms, scope.key, sqlite=False),
        "owner": scope.owner,
        "kind": scope.kind,
        "most": FEW,
        "limit": limit,
    }
    rows = db.execute(_AMONG_RARE_POSTGRESQL, asked).all()
    if rows and rows[0].met >= FEW:
        return None
    return [row.id for row in rows if row.id is not None]


def _has(words: str, terms: Terms, key: str) -> bool:
    """Whether a document of SQLite with this line of words has all of ``terms``."""
    return all(any(sought in words for sought in _sought(any_of, key)) for any_of in terms)


def _sought(any_of: list[Term], key: str) -> list[str]:
    return [f" {key}{term.word}{'' if term.begins else ' '}" for term in any_of]


def _met(words: sa.ColumnElement[str], terms: Terms, key: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether a document with these ``words`` has all of ``terms``, without the index."""
    if not sqlite:
        return words.op("@@", is_comparison=True)(sa.cast(_syntax(terms, key, sqlite=False), TSQUERY))
    each = [_sought(any_of, key) for any_of in terms]
    return sa.and_(*(sa.or_(*(sa.func.instr(words, sought) > 0 for sought in any_of)) for any_of in each))


def _syntax(terms: Terms, key: str, *, sqlite: bool) -> str:
    """``terms`` in the database's query language. Words are letters and digits only: nothing typed can be syntax."""
    every, any_of, quote, begins = (" AND ", " OR ", '"', "*") if sqlite else (" & ", " | ", "'", ":*")
    return every.join(
        f"({any_of.join(f'{quote}{key}{term.word}{quote}{begins * term.begins}' for term in alternatives)})"
        for alternatives in terms
    )
