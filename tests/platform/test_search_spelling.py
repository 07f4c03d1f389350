"""Which known words a mistyped word may mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpartner.platform.search.spelling import closest, distance, piece_keys, probe_keys, reach


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("contoso", "contoso", 0),
        ("contoso", "contsoo", 1),
        ("contoso", "conto", 2),
        ("contoso", "cotnosso", 2),
        ("abcdef", "badcfe", 3),
        ("", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits
    assert distance(other, one) == edits


@pytest.mark.parametrize(("word", "edits"), [("ab", 0), ("abc", 1), ("abcde", 1), ("abcdef", 2), ("abc123", 0)])
def test_reach(word: str, edits: int) -> None:
    assert reach(word) == edits


WORDS = st.text(alphabet="abcd", min_size=3, max_size=11)
EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "drop", "change", "swap"]), st.integers(0, 11), st.sampled_from("abcdx")),
    min_size=1,
    max_size=2,
)


def edited(word: str, edits: list[tuple[str, int, str]]) -> str:
    for kind, place, letter in edits:
        at = place % max(len(word), 1)
        match kind:
            case "add":
                word = word[:at] + letter + word[at:]
            case "drop":
                word = word[:at] + word[at + 1 :]
            case "change":
                word = word[:at] + letter + word[at + 1 :]
            case _:
                word = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word


@given(WORDS, EDITS)
def test_every_word_within_reach_is_found(typed: str, edits: list[tuple[str, int, str]]) -> None:
    meant = edited(typed, edits)
    if len(meant) > 1 and distance(typed, meant) <= reach(typed):
        assert probe_keys(7, typed) & set(piece_keys(7, meant))


def test_keys_are_of_one_scope_and_fit_64_bits() -> None:
    for scope in (0, (1 << 32) - 1):
        assert all(-(1 << 63) <= key < 1 << 63 for key in piece_keys(scope, "contoso"))
    assert not probe_keys(1, "contoso") & probe_keys(2, "contoso")


def test_the_closest_come_first_and_no_more_than_asked() -> None:
    known = {"contoso", "contosa", "kontosa", "fabrikam", "contos"}
    assert closest("contoso", known) == [(0, "contoso"), (1, "contos"), (1, "contosa"), (2, "kontosa")]
    assert closest("contoso", known, 2) == [(0, "contoso"), (1, "contos")]
    assert closest("ab", {"ab", "abc"}) == [(0, "ab")]
