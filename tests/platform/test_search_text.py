"""How text becomes words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpartner.platform.search.text import fold, readings, title_key, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź", "lodz"),
        ("Müller", "muller"),
        ("MÜLLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Åre", "are"),
        ("Smørrebrød", "smorrebrod"),
        ("Straße", "strasse"),
        ("Æther", "aether"),
        ("İstanbul", "istanbul"),
        ("Αθήνα", "αθηνα"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
        ("Ёлка", "елка"),
        ("ﬁne", "fine"),
        ("\uff21\uff22\uff23", "abc"),
        ("한국", "한국"),
        ("ガ", "ガ"),
        ("ｶﾞ", "ガ"),
        ("Contoso™", "contoso "),
    ],
)
def test_case_accents_and_forms_do_not_matter(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", set()),
        (" -- & ' \" () ", set()),
        ("Contoso Ltd", {"contoso", "ltd"}),
        ("O'Neil & Sons", {"oneil", "o", "neil", "sons"}),
        ("O\u2019Neil", {"oneil", "o", "neil"}),
        ("A.P. Moller", {"ap", "a", "p", "moller"}),
        ("AT&T", {"att", "at", "t"}),
        ("contoso.onmicrosoft.com", {"contosoonmicrosoftcom", "contoso", "onmicrosoft", "com"}),
        ("2CA7BB44-f763-4d2f-a1f2-0123456789ab", {"2ca7bb44f7634d2fa1f20123456789ab"}),
        ("3COM 2024", {"3com", "2024"}),
        ("東京電力", {"東京", "京電", "電力", "力"}),
        ("abc東京", {"abc", "東京", "京"}),
        ("हिन्दी", {"हिन्दी"}),
        ("nul\x00 \ud800 \x1f", {"nul"}),
    ],
)
def test_words(text: str, words: set[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("contoso contoso", [(("contoso",), "contoso contoso")]),
        ("smith-jo", [(("smithjo",), "smithjo"), (("smith", "jo"), "smith jo")]),
        ("東京電", [(("東京", "京電"), "東京電")]),
        ("東", [(("東",), "東")]),
        ("a b c d e f g h i j", [(("a", "b", "c", "d", "e", "f", "g", "h"), "a b c d e f g h i j")]),
    ],
)
def test_readings(text: str, read: list[tuple[tuple[str, ...], str]]) -> None:
    assert [(reading.words, reading.beginning) for reading in readings(text)] == read


def test_a_title_is_ordered_without_punctuation() -> None:
    assert title_key("  O'Neil  & Sons, S.A.") == "oneil sons sa"


@given(st.text())
def test_words_are_never_syntax(text: str) -> None:
    for word in words_of(text) | {word for reading in readings(text) for word in reading.words}:
        assert word
        assert not set(word) & set(" \t\n\"'*:&|!()<>\\-+^{}[],.;%_")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
