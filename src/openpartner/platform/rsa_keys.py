"""RSA keys of 2048 bits, as PEM: from a seed in a sandbox, so that one seed gives the same keys; else at random."""

import hashlib
from collections.abc import Callable
from functools import lru_cache

from Crypto.PublicKey import RSA

KEY_BITS = 2048


def stream(seed: str) -> Callable[[int], bytes]:
    """An endless stream of bytes fixed by ``seed``: SHA-256 over (seed, counter)."""
    stem, counter = seed.encode() + b"/", 0

    def take(count: int) -> bytes:
        nonlocal counter
        blocks = b""
        while len(blocks) < count:
            blocks += hashlib.sha256(stem + str(counter).encode()).digest()
            counter += 1
        return blocks[:count]

    return take


@lru_cache(maxsize=64)
def seeded_private_key(seed: str) -> str:
    """The private key (PEM, PKCS#8) that follows from ``seed``: the same in every process."""
    return RSA.generate(KEY_BITS, randfunc=stream(seed)).export_key(pkcs=8).decode()


def random_private_key(octets: Callable[[int], bytes]) -> str:
    """A fresh private key (PEM, PKCS#8) of the given randomness."""
    return RSA.generate(KEY_BITS, randfunc=octets).export_key(pkcs=8).decode()
