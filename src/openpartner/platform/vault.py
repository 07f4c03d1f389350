"""Secrets that must be read again (signing keys, authenticator seeds, webhook secrets), sealed with a secret key.

Without one in the settings (a sandbox's default) they stand as they are: a sandbox's keys follow from its seed anyway.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEALED = "sealed:"


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
