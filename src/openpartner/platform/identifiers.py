"""Where identifiers and secrets come from: random in production, a seeded stream in the sandbox.

The sandbox's stream is SHA-256 over (seed, counter), so that one seed and one script give byte-identical answers. The
counter is a row of the world and moves in the transaction that used it: a unit that fails gives its numbers back.
"""

import base64
import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

ALPHANUMERIC = "0123456789BCDFGHJKLMNPQRSTVWXZ"  # the vendor's product ids use no vowels


class Identifiers(Protocol):
    """A source of bytes and what is made of them."""

    def octets(self, count: int) -> bytes:
        """``count`` fresh bytes."""
        ...

    def uuid(self) -> UUID:
        """A version 4 GUID."""
        ...

    def token(self, count: int = 32) -> str:
        """URL-safe text of ``count`` bytes of entropy."""
        ...

    def hex(self, digits: int) -> str:
        """Lower-case hexadecimal digits."""
        ...

    def digits(self, count: int) -> str:
        """Decimal digits, the first not zero."""
        ...

    def below(self, bound: int) -> int:
        """An integer from 0 up to, not including, ``bound``."""
        ...

    def pick(self, alphabet: str, count: int) -> str:
        """``count`` characters of ``alphabet``."""
        ...


class _FromOctets(ABC):
    """Everything that can be made of a stream of bytes."""

    @abstractmethod
    def octets(self, count: int) -> bytes: ...

    def uuid(self) -> UUID:
        return UUID(bytes=self.octets(16), version=4)

    def token(self, count: int = 32) -> str:
        return base64.urlsafe_b64encode(self.octets(count)).rstrip(b"=").decode()

    def hex(self, digits: int) -> str:
        return self.octets((digits + 1) // 2).hex()[:digits]

    def below(self, bound: int) -> int:
        return int.from_bytes(self.octets(16), "big") % bound

    def pick(self, alphabet: str, count: int) -> str:
        return "".join(alphabet[self.below(len(alphabet))] for _ in range(count))

    def digits(self, count: int) -> str:
        return str(1 + self.below(9)) + self.pick("0123456789", count - 1)


class RandomIdentifiers(_FromOctets):
    """The operating system's randomness. The production profile's source."""

    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)


class SeededIdentifiers(_FromOctets):
    """A stream fixed by ``seed`` and a position that ``take`` gives and moves.

    take: returns the next position; called once per draw, so that a unit of work that draws nothing touches nothing.
    """

    def __init__(self, seed: str, take: Callable[[], int]) -> None:
        self._seed = seed.encode()
        self._take = take

    def octets(self, count: int) -> bytes:
        stem = self._seed + b"/" + str(self._take()).encode() + b"/"
        blocks = (hashlib.sha256(stem + str(i).encode()).digest() for i in range((count + 31) // 32))
        return b"".join(blocks)[:count]


def counted_identifiers(seed: str, name: str) -> SeededIdentifiers:
    """A stream of its own for one process and purpose (request ids, trace ids): the same after each start."""
    position = iter(range(1, 1 << 62))
    return SeededIdentifiers(f"{seed}/{name}", lambda: next(position))
