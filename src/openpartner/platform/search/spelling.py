"""Which known words a mistyped word may mean.

A word within two edits of another shares at least one of its three pieces with it, nearly in place. So each known
word is stored under its pieces, and a typed word looks up the few stretches of itself that could be such a piece.
Nothing within reach is missed, no database extension is needed, and every database answers the same.
"""

import zlib
from collections import Counter
from collections.abc import Iterator

from openpartner.platform.search.text import is_unspaced

SHORTEST = 3
_SIGN = 1 << 63


def reach(word: str) -> int:
    """How many edits away a meant word may be; 0 where guessing would do harm (numbers, very short words)."""
    if len(word) < SHORTEST or not is_learned(word):
        return 0
    return 1 if len(word) <= 5 else 2


def is_learned(word: str) -> bool:
    """Whether a mistyped word may mean ``word``: words of letters, in scripts that part words by spaces."""
    return len(word) > 1 and word.isalpha() and not is_unspaced(word)


def _cuts(length: int) -> list[tuple[int, int]]:
    """Where the pieces of a word of ``length`` lie: (start, end), as even as can be."""
    count = 3 if length > SHORTEST else 2
    return [(length * at // count, length * (at + 1) // count) for at in range(count)]


def _key(scope: int, length: int, at: int, piece: str) -> int:
    """``scope`` above, a checksum below, as a signed 64-bit integer. A collision costs a comparison, no more."""
    return (scope << 32 | zlib.crc32(f"{length},{at},{piece}".encode())) - _SIGN


def piece_keys(scope: int, word: str) -> list[int]:
    """The keys under which ``word`` is stored; ``scope`` has 32 bits."""
    return [_key(scope, len(word), at, word[start:end]) for at, (start, end) in enumerate(_cuts(len(word)))]


def _with_neighbours_swapped(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def probe_keys(scope: int, word: str) -> set[int]:
    """The keys under which every word within ``reach(word)`` is found, among others."""
    edits = reach(word)
    keys: set[int] = set()
    if not edits:
        return keys
    for spelled in _with_neighbours_swapped(word):
        for length in range(max(len(word) - edits, 2), len(word) + edits + 1):
            longer = len(word) - length
            cuts = _cuts(length)
            for at, (start, end) in enumerate(cuts):
                # Edits before the piece shift it by at most as many as there are pieces before it; those behind
                # it likewise: otherwise another piece is whole and finds the word.
                before, behind = min(at, edits), min(len(cuts) - 1 - at, edits)
                first = max(start - before, start + longer - behind, 0)
                last = min(start + before, start + longer + behind, len(word) - (end - start))
                for begin in range(first, last + 1):
                    keys.add(_key(scope, length, at, spelled[begin : begin + end - start]))
    return keys


def distance(one: str, other: str, most: int = 1 << 30) -> int:
    """Edits from ``one`` to ``other``: a letter added, dropped, changed, or swapped with its neighbour.

    most: where it is plain that there are more, it is not counted how many; the answer is then more than ``most``.
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most and min(above) >= most:  # a swap reaches two lines back, at the cost of one
            return most + 1
        before, above = above, line
    return above[-1]


def closest(word: str, known: set[str], most: int = 8) -> list[tuple[int, str]]:
    """The ``most`` words of ``known`` within reach of ``word``, each with its distance, the closest first."""
    edits, letters = reach(word), tuple(Counter(word).items())
    near = [(distance(word, other, edits), other) for other in known if _may_be_near(letters, len(word), other, edits)]
    return sorted(pair for pair in near if pair[0] <= edits)[:most]


def _may_be_near(letters: tuple[tuple[str, int], ...], length: int, other: str, edits: int) -> bool:
    """Whether the two share all letters but as many as there may be edits: this spares nearly all the distances."""
    shared = 0
    for letter, count in letters:
        there = other.count(letter)
        shared += min(there, count)
    return shared >= max(length, len(other)) - edits
