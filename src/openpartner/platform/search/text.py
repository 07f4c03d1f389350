"""How text becomes the words that are searched: decided here, in Python, so that every database agrees."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

LONGEST_TEXT = 500
LONGEST_WORD = 64
LONGEST_TITLE = 200  # 800 bytes at most: an index entry of PostgreSQL holds 2,700

_TRADEMARKS = str.maketrans("™℠", "  ")  # compatibility folding would glue "tm" to the name
_UNDECOMPOSED = str.maketrans(  # letters that decomposition leaves whole
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ŋ": "n"}
    | {"\u0131": "i"}  # Turkish, without its dot
)
# Accents and points only: the vowel signs of Indic scripts and the voicing marks of Japanese tell words apart.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Scripts written without spaces between words.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fold(text: str) -> str:
    """``text`` without case, accents and compatibility forms: "Łódź" and "LODZ" are both "lodz"."""
    text = text[:LONGEST_TEXT].translate(_TRADEMARKS)
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed).translate(_UNDECOMPOSED))


def is_unspaced(word: str) -> bool:
    """Whether ``word`` is of a script that puts no spaces between words."""
    return _UNSPACED.match(word) is not None


def _parts(chunk: str) -> list[str]:
    if chunk.isascii():
        return _ASCII_WORD.findall(chunk)
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in chunk)
    return _UNSPACED.sub(lambda run: f" {run[0]} ", spaced).split()


def _chunks(text: str) -> Iterable[list[str]]:
    """The parts of each piece of ``text`` between spaces: ``o'neil & sons`` gives [o, neil] and [sons]."""
    for chunk in fold(text).split():
        if _UUID.fullmatch(chunk):
            yield [chunk.replace("-", "")]
        elif parts := _parts(chunk):
            yield parts


def _joined(parts: list[str]) -> list[str]:
    """What punctuation parted, as one word: [a, p] is "ap", [contoso, com] is "contosocom"."""
    return parts if len(parts) == 1 or any(map(is_unspaced, parts)) else ["".join(parts)]


def _clipped(words: Iterable[str]) -> list[str]:
    return [word[:LONGEST_WORD] for word in words]


def _beginning(chunks: Iterable[list[str]]) -> str:
    return " ".join(_clipped("".join(parts) for parts in chunks))[:LONGEST_TITLE]


def title_key(title: str) -> str:
    """What titles are ordered by, and compared with the beginning of: joined words with one space between."""
    return _beginning(_chunks(title))


def words_of(text: str) -> set[str]:
    """Every word by which ``text`` shall be found.

    Punctuated words count whole and in parts: "O'Neil" is found as oneil, o and neil; a domain by its beginning.
    Unspaced scripts give pairs of characters, and the last one alone, so any character is the beginning of a word.
    """
    words: set[str] = set()
    for parts in _chunks(text):
        words.update(_clipped(_joined(parts)))
        for part in parts:
            if is_unspaced(part):
                words.discard(part)
                words.update(part[at : at + 2] for at in range(len(part)))
            else:
                words.add(part[:LONGEST_WORD])
    return words


@dataclass(frozen=True)
class Reading:
    """One way to read what a person typed: its words, and how a title would begin with them."""

    words: tuple[str, ...]
    beginning: str


def _reading(chunks: list[list[str]], most_words: int) -> Reading:
    words: list[str] = []
    for part in chain.from_iterable(chunks):
        pairs = [part[at : at + 2] for at in range(len(part) - 1)] if is_unspaced(part) else []
        words.extend(pairs or _clipped([part]))
    return Reading(tuple(dict.fromkeys(words))[:most_words], _beginning(chunks))


def readings(text: str, most_words: int = 8) -> list[Reading]:
    """The readings of ``text``, the likelier first; none when it holds no word.

    "smith-jones" is first one word, then two. Words beyond ``most_words`` are not looked at.
    """
    chunks = list(_chunks(text))
    if not chunks:
        return []
    whole = _reading([_joined(parts) for parts in chunks], most_words)
    apart = _reading([[part] for part in chain.from_iterable(chunks)], most_words)
    return [whole] if whole == apart else [whole, apart]
