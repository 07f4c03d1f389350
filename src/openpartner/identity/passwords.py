"""Password hashes: argon2id at the parameters OWASP names as the least (19 MiB, two passes, one lane), some 20 ms."""

from collections.abc import Callable
from functools import cache, partial

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

make_hasher = partial(PasswordHasher, time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hasher = make_hasher()


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password", salt=b"\0" * 16)


def hash_password(password: str, octets: Callable[[int], bytes]) -> str:
    """What to store. octets: where the salt comes from."""
    return _hasher.hash(password, salt=octets(16))


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. Without a stored one it takes as long, which tells nothing."""
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)
