"""The search index: every test on both databases, and the same answers from both."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, inspect, text
from sqlalchemy.orm import Session

from openpartner.platform import search
from openpartner.platform.db import Database
from openpartner.platform.search import SearchDocument, documents, questions, tables
from openpartner.platform.search.text import words_of

OWNER, OTHER = UUID(int=1), UUID(int=2)
TITLES = [
    "Contoso Ltd",  # 1
    "Contoso Trading GmbH",  # 2
    "Adventure Works by Contoso",  # 3
    "O'Neil & Sons, S.A.",  # 4
    "A.P. Møller Maritime",  # 5
    "Łódź Textiles Sp. z o.o.",  # 6
    "Müller Maschinenbau GmbH & Co. KG",  # 7
    "Åre Skidåkning AB",  # 8
    "Αθηναϊκή Ζυθοποιία",  # 9
    "Ёлки и Палки",  # 10
    "東京電力ホールディングス",  # 11
    "ソニー株式会社",  # 12
    "Smith-Jones Partners",  # 13
    "Smith Jones Partners",  # 14
    "Contosa Foods",  # 15
    "3Com 2024",  # 16
    "한국전력공사",  # 17
    '100% "Quoted" AND (OR) NOT * Ltd\'',  # 18
]
DOMAINS = {
    1: "contoso.onmicrosoft.com",
    2: "contosotrading.onmicrosoft.com",
    4: "mail.oneil-sons.example",
    6: "2ca7bb44-f763-4d2f-a1f2-0123456789ab",
    8: "ANN@are-ski.example",
}


def document(number: int, title: str, owner: UUID = OWNER, *words: str, kind: str = "customer") -> SearchDocument:
    return SearchDocument(kind, UUID(int=number), owner, title, words)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('search') / 'search.db'}")
    else:
        server: str = request.getfixturevalue("postgres_server")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute("CREATE DATABASE search_tests")
        database = Database(f"{server}/search_tests".replace("postgresql://", "postgresql+psycopg://"))
    with database.writer.begin() as connection:
        search.create(connection)
    yield database
    database.dispose()
    if request.param != "sqlite":
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute("DROP DATABASE search_tests WITH (FORCE)")


class Undone(Exception):
    """What a test wrote is not kept."""


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with suppress(Undone), database.write() as session:
        yield session
        raise Undone


@pytest.fixture
def filled(db: Session) -> Session:
    search.index_many(
        db, [document(n, title, OWNER, *([DOMAINS[n]] if n in DOMAINS else [])) for n, title in enumerate(TITLES, 1)]
    )
    return db


def found(db: Session, typed: str, owner: UUID = OWNER, *, limit: int = 20, fuzzy: bool = True) -> list[int]:
    return [identifier.int for identifier in search.query(db, "customer", owner, typed, limit=limit, fuzzy=fuzzy)]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        # exact before prefix; titles that begin with the text before others; then by title
        ("contoso", [1, 2, 3]),
        ("conto", [15, 1, 2, 3]),
        ("CONTOSO  ltd", [1]),
        ("ltd contoso", [1]),
        ("con tra", [2]),
        ("gmbh", [2, 7]),
        ("adventure con", [3]),
        # punctuation
        ("O'Neil", [4]),
        ("O\u2019NEIL", [4]),
        ("oneil", [4]),
        ("neil sons", [4]),
        ("o neil", [4]),
        ("s.a.", [4]),
        ("ap moller", [5]),
        ("A.P. Moller", [5]),
        ("a p møl", [5]),
        ("smith-jones", [13]),
        ("smith jones", [14, 13]),
        ("smith-jo", [13]),
        ("smith.jones.part", [14, 13]),
        ("partners/smith", [14, 13]),
        # accents, letters and scripts
        ("lodz", [6]),
        ("ŁÓDŹ", [6]),
        ("muller", [7]),
        ("Mu\u0308ller", [7]),
        ("are", [8]),
        ("ÅRE skid", [8]),
        ("ΑΘΗΝΑΪΚΗ", [9]),
        ("ζυθο", [9]),
        ("ЕЛКИ", [10]),
        ("и палки", [10]),
        ("電力", [11]),
        ("東", [11]),
        ("ス", [11]),
        ("ソニー", [12]),
        ("ｿﾆｰ株", [12]),
        ("株式会社", [12]),
        ("한국", [17]),
        # domains, addresses, identifiers, numbers
        ("contoso.onmicrosoft.com", [1]),
        ("contoso.onm", [1]),
        ("contosot", [2]),
        ("onmicrosoft.com", [1, 2]),
        ("oneil-sons.example", [4]),
        ("are-ski", [8]),
        ("ann@are-ski.ex", [8]),
        ("2CA7BB44-F763-4D2F-A1F2-0123456789AB", [6]),
        ("2ca7bb44", [6]),
        ("3com", [16]),
        ("2025", []),
        # near misses
        ("contsoo", [3, 1, 2]),
        ("kontosa", [15]),
        ("adventrue wroks", [3]),
        ("mueller maschinenbua", [7]),
        ("abenture", [3]),
        ("oniel", [4]),
        ("smith-jonse", [13]),
        ("еклки", [10]),
        ("xyzzy", []),
        # nothing, and what might be syntax
        ("", []),
        ("   ", []),
        ("' OR 1=1 --", [18]),
        ("*", []),
        ('"quoted"', [18]),
        ("(quoted", [18]),
        ("quo*", [18]),
        ("NOT quoted", [18]),
        ("AND", [18]),
        ("contoso:*", [1, 2, 3]),
        ("contoso & trading | x", []),
        ("100%", [18]),
        ("con_oso", [3, 1, 2]),
        ("nul\x00\ud800", []),
    ],
)
def test_what_is_typed_finds_the_same_on_both_databases(filled: Session, typed: str, numbers: list[int]) -> None:
    assert found(filled, typed) == numbers


def test_near_misses_are_not_guessed_when_not_wanted(filled: Session) -> None:
    assert found(filled, "contsoo", fuzzy=False) == []
    assert found(filled, "contoso", fuzzy=False) == [1, 2, 3]


def test_words_of_documents_that_are_no_names_are_not_guessed(db: Session) -> None:
    search.index(db, SearchDocument("customer", UUID(int=1), OWNER, "Contoso", ["fabrikam"], names=True))
    search.index(db, SearchDocument("customer", UUID(int=2), OWNER, "Northwind", [], names=False))

    assert (found(db, "contsoo"), found(db, "fabrikma"), found(db, "nortwhind")) == ([1], [], [])
    assert (found(db, "fabrikam"), found(db, "northwind")) == ([1], [2])


def test_no_more_than_asked(filled: Session) -> None:
    assert found(filled, "conto", limit=2) == [15, 1]
    assert found(filled, "conto", limit=1) == [15]


def test_owners_and_kinds_do_not_meet(filled: Session) -> None:
    search.index(filled, document(100, "Contoso of another", OTHER))
    search.index(filled, document(101, "Contoso the user", OWNER, kind="user"))

    assert found(filled, "contoso") == [1, 2, 3]
    assert found(filled, "contoso", OTHER) == [100]
    assert found(filled, "contsoo", OTHER) == [100]
    assert found(filled, "fabrikma", OTHER) == []
    assert search.query(filled, "user", OWNER, "contoso") == [UUID(int=101)]
    assert search.query(filled, "user", OTHER, "contoso") == []


def test_scopes_whose_keys_collide_do_not_meet(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_key(owner: UUID, kind: str) -> tables.Scope:
        return tables.Scope(owner, kind, "aaaa", 7)

    monkeypatch.setattr(documents, "scope_of", one_key)
    monkeypatch.setattr(questions, "scope_of", one_key)
    search.index(db, document(1, "Contoso"))
    search.index(db, document(2, "Contoso", OTHER))

    assert (found(db, "contoso"), found(db, "contsoo"), found(db, "con")) == ([1], [1], [1])
    assert (found(db, "contoso", OTHER), found(db, "contsoo", OTHER), found(db, "con", OTHER)) == ([2], [2], [2])


def test_an_entity_indexed_again_is_found_by_its_new_words_only(filled: Session) -> None:
    search.index(filled, document(1, "Fabrikam Ltd", OWNER, "fabrikam.example"))

    assert found(filled, "contoso.onmicrosoft.com") == [2]
    assert found(filled, "contoso") == [2, 3]
    assert (found(filled, "fabrikam"), found(filled, "fabrikma"), found(filled, "fabrikam.ex")) == ([1], [1], [1])


def test_an_entity_may_change_its_owner(filled: Session) -> None:
    search.index(filled, document(1, "Contoso Ltd", OTHER))

    assert (found(filled, "contoso"), found(filled, "contoso", OTHER)) == ([2, 3], [1])


def test_what_is_removed_is_forgotten_to_the_last_word(db: Session) -> None:
    search.index_many(db, [document(1, "Contoso Ltd"), document(2, "Fabrikam Ltd")])
    search.remove(db, "customer", UUID(int=1))
    search.remove(db, "customer", UUID(int=1))
    search.remove(db, "user", UUID(int=2))

    assert (found(db, "contoso"), found(db, "contsoo"), found(db, "fabrikma"), found(db, "ltd")) == ([], [], [2], [2])
    words = {row.word for row in db.execute(text("SELECT word FROM search_spelling"))}
    assert words == {"fabrikam", "ltd"}


def test_of_two_documents_of_one_entity_the_last_counts(db: Session) -> None:
    search.index_many(db, [document(1, "Contoso"), document(1, "Fabrikam")])

    assert (found(db, "contoso"), found(db, "fabrikam")) == ([], [1])


def test_indexing_the_same_again_writes_nothing(filled: Session) -> None:
    places = "SELECT CAST(array_agg(ctid ORDER BY id) AS text) FROM search_document"
    changes = text("SELECT total_changes()" if tables.is_sqlite(filled) else places)
    before = filled.scalar(changes)
    search.index(filled, document(1, TITLES[0], OWNER, DOMAINS[1]))

    assert filled.scalar(changes) == before


@pytest.mark.parametrize(
    ("glance", "few", "look", "rare"),
    [
        (0, 1, 0, 0),
        (0, 1, 5, 3),
        (0, 1, 50, 200),
        (0, 30, 50, 1),
        (50, 1, 90, 20),
        (0, 1_000, 0, 200),
        (200, 1_000, 8_000, 200),
    ],
)
def test_the_way_taken_does_not_change_the_answer(
    db: Session, monkeypatch: pytest.MonkeyPatch, glance: int, few: int, look: int, rare: int
) -> None:
    monkeypatch.setattr(questions, "RARE", rare)
    monkeypatch.setattr(questions, "GLANCE", glance)
    monkeypatch.setattr(questions, "LOOK", look)
    monkeypatch.setattr(questions, "FEW", few)
    search.index_many(db, [document(n, f"Name{n % 7:02} shared word{n:03}") for n in range(1, 101)])
    by_title = sorted(range(1, 101), key=lambda n: (n % 7, n))

    assert found(db, "shared") == by_title[:20]
    assert found(db, "shar") == by_title[:20]
    assert found(db, "word") == by_title[:20]
    assert found(db, "shared", limit=100) == by_title
    assert found(db, "name03") == [n for n in by_title if n % 7 == 3][:20]
    assert found(db, "shraed") == by_title[:20]
    assert found(db, "shared word050") == [50]
    assert found(db, "share word05") == [n for n in by_title if n // 10 == 5]
    assert found(db, "name0 shared word") == by_title[:20]
    assert found(db, "shraed word050") == [50]
    assert found(db, "word05 nothing") == []
    assert found(db, "shared nothing") == []
    assert found(db, "shraed nothing") == []


def test_a_document_named_by_two_of_its_words_leaves_no_other_out(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index names a document once for each word that begins so: 40 names are 20 documents here, not all 30."""
    monkeypatch.setattr(questions, "RARE", 40)
    monkeypatch.setattr(questions, "GLANCE", 0)
    search.index_many(db, [document(n, f"Pa{n:02}a pa{n:02}b shared") for n in range(1, 31)])

    assert found(db, "pa shar", limit=100) == list(range(1, 31))
    assert found(db, "pa30 shar") == [30]


def test_a_word_that_begins_nothing_ends_the_question(db: Session) -> None:
    """Else all documents with the other words would be collected, whose number has no bound."""
    search.index_many(db, [document(n, f"Common Name{n:03}") for n in range(1, 51)])
    sent: list[str] = []
    connection = db.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: sent.append(f"{given[2]} {given[3]}"))

    assert found(db, "nothingsuch comm") == []

    begun = [each for each in sent if "comm" in each and "rare" not in each and (":*" in each or '"*' in each)]
    assert [each for each in begun if "search_fts MATCH" in each or "search_matching" in each] == []


@given(st.lists(st.text(), min_size=1, max_size=3), st.text())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_may_be_indexed_and_asked(db: Session, titles: list[str], typed: str) -> None:
    for at in range(3):
        search.remove(db, "customer", UUID(int=1_000 + at))
    docs = [document(1_000 + at, title, UUID(int=3)) for at, title in enumerate(titles)]
    search.index_many(db, docs)

    for doc in docs:
        if words_of(doc.title):
            assert doc.id in search.query(db, "customer", UUID(int=3), doc.title)
    assert set(found(db, typed, UUID(int=3))) <= {doc.id.int for doc in docs}


@pytest.mark.parametrize("title", ["\ufdfa" * 600, "\U0002000b " * 400, "x" * 10_000, "a.b " * 300, "contoso " * 100])
def test_a_very_long_title_is_found(db: Session, title: str) -> None:
    search.index(db, document(1, title, OWNER, title))

    assert found(db, title) == [1]
    assert found(db, title[:3]) == [1]


def test_two_transactions_that_learn_one_word_do_not_wait_for_each_other(postgres_server: str) -> None:
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE search_race")
    database = Database(f"{postgres_server}/search_race".replace("postgresql://", "postgresql+psycopg://"))
    with database.writer.begin() as connection:
        search.create(connection)

    with database.write() as one, database.write() as two:
        two.execute(text("SET LOCAL lock_timeout = '2s'"))
        search.index(one, document(1, "Contoso"))
        search.index(two, document(2, "Contoso"))
    with database.write() as db:
        assert found(db, "contsoo") == [1, 2]
        search.remove(db, "customer", UUID(int=1))
        search.remove(db, "customer", UUID(int=2))
        assert db.scalar(text("SELECT count(*) FROM search_spelling")) == 0
    database.dispose()


def test_drop_leaves_nothing(database: Database, tmp_path: Path) -> None:
    with suppress(Undone), database.writer.begin() as connection:
        search.drop(connection)
        assert [name for name in inspect(connection).get_table_names() if name.startswith("search")] == []
        raise Undone
