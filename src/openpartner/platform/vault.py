"""Secrets that must be read again, sealed: with the settings' secret key, or with what only their reader brings.

Signing keys, authenticator seeds and webhook secrets are sealed with the key. Without one in the settings (a sandbox's
default) they stand as they are: a sandbox's keys follow from its seed anyway.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEALED = "sealed:"
_SEALED_FOR = b"sealed-for:"


@lru_cache(maxsize=8)
def _cipher(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"openpartner/identity/vault")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))


def seal(secret: str, secret_key: str) -> str:
    """What to store for ``secret``."""
    return _SEALED + _cipher(secret_key).encrypt(secret.encode()).decode() if secret_key else secret


def unseal(stored: str, secret_key: str) -> str:
    """The secret again. Raises InvalidToken when the installation's secret key is not the one it was sealed with."""
    if not stored.startswith(_SEALED):
        return stored
    return _cipher(secret_key).decrypt(stored.removeprefix(_SEALED).encode()).decode()


def _cipher_for(reader: bytes, secret_key: str) -> AESSIV:
    derived = HKDF(algorithm=hashes.SHA256(), length=64, salt=None, info=b"openpartner/vault/reader")
    return AESSIV(derived.derive(reader + secret_key.encode()))


def seal_for(reader: bytes, content: bytes, secret_key: str, *, about: bytes) -> bytes:
    """What to store for ``content``, so that only who brings ``reader`` again opens it; the same at each call.

    about: what it belongs to, readable beside it; moved to another place it does not open.
    """
    return _SEALED_FOR + _cipher_for(reader, secret_key).encrypt(content, [about])


def unseal_for(reader: bytes, stored: bytes, secret_key: str, *, about: bytes) -> bytes:
    """The content again. Raises InvalidTag for another reader, place or secret key."""
    if not stored.startswith(_SEALED_FOR):
        return stored  # from before answers were sealed
    return _cipher_for(reader, secret_key).decrypt(stored.removeprefix(_SEALED_FOR), [about])
