"""Finding entities by what a person typed."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from openpartner.platform.search import spelling
from openpartner.platform.search.tables import DOCUMENT, SPELLING, Db, Scope, is_sqlite, scope_of
from openpartner.platform.search.text import Reading, is_unspaced, readings

# How many titles are looked through, and how many documents sorted, before another way is tried: ``having`` below.
GLANCE = 200
FEW = 1_000
LOOK = 8_000
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


# The cross join keeps SQLite from walking all titles and asking the index of each.
_MATCHING_SQLITE = _matching(
    """(SELECT d.id, d.title FROM search_fts CROSS JOIN search_document AS d ON d.no = search_fts.rowid
        WHERE search_fts MATCH :sought AND d.owner = :owner AND d.kind = :kind LIMIT :most)"""
)
_MATCHING_POSTGRESQL = _matching("search_matching(CAST(:sought AS tsquery), :owner, :kind, :most)")


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
    guesses = [_guesses(db, scope, word) for word in reading.words]
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
    if len(found) < limit:
        few = db.execute(matching, asked | {"most": FEW, "limit": limit}).all()
        if not few or few[0].met < FEW:
            return [row.id for row in few]
        found = among_first(LOOK)
    if len(found) < limit:
        found = list(db.scalars(matching, asked | {"most": _ALL, "limit": limit}))
    return found


def _met(words: sa.ColumnElement[str], terms: Terms, key: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether a document with these ``words`` has all of ``terms``, without the index."""
    if not sqlite:
        return words.op("@@", is_comparison=True)(sa.cast(_syntax(terms, key, sqlite=False), TSQUERY))
    each = [[f" {key}{term.word}{'' if term.begins else ' '}" for term in alternatives] for alternatives in terms]
    return sa.and_(*(sa.or_(*(sa.func.instr(words, sought) > 0 for sought in any_of)) for any_of in each))


def _syntax(terms: Terms, key: str, *, sqlite: bool) -> str:
    """``terms`` in the database's query language. Words are letters and digits only: nothing typed can be syntax."""
    every, any_of, quote, begins = (" AND ", " OR ", '"', "*") if sqlite else (" & ", " | ", "'", ":*")
    return every.join(
        f"({any_of.join(f'{quote}{key}{term.word}{quote}{begins * term.begins}' for term in alternatives)})"
        for alternatives in terms
    )
