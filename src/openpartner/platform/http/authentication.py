"""From a bearer token to a principal. What it says is checked here once; what it may do is asked in each unit."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from sqlalchemy.orm import Session

from openpartner.platform.actor import Actor
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.http.surfaces import Surface


class Principal(msgspec.Struct, frozen=True):
    """What a verified access token says.

    tenant_id: the tenant the token is valid in. object_id: the user or the service principal there; None when a
    delegated administrator has no object in the tenant. home_tenant_id, home_object_id: where the user lives.
    issued_at: None where the session was looked up instead: it ends by itself.
    roles: granted application permissions. wids: directory role template ids effective in the tenant.
    """

    tenant_id: UUID
    object_id: UUID | None
    home_tenant_id: UUID
    home_object_id: UUID | None
    app_id: UUID
    is_app: bool
    name: str
    scopes: frozenset[str]
    roles: frozenset[str]
    wids: frozenset[str]
    mfa: bool
    expires_at: datetime
    issued_at: datetime | None = None


Authenticate = Callable[[str, Surface], Principal]
"""Verifies a token for a surface. Raises Unauthenticated. Synchronous; may read keys from the database."""

ResolveActor = Callable[[Session, datetime, Principal], Actor]
"""Reads what the principal is now: its tenant's kind and its roles. Raises Unauthenticated for a blocked one."""


def bearer_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The token of the Authorization header. Raises Unauthenticated."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a token: Authorization: Bearer <access token>.")
    return token.strip()


class RememberedTokens:
    """Verified tokens by their SHA-256: 1 microsecond instead of 73 (docs/decisions/0002).

    Whether one has expired is asked again in each unit, against the world's clock, which may have been moved.
    """

    def __init__(self, verify: Authenticate, *, most: int = 10_000) -> None:
        self._verify = verify
        self._most = most
        self._known: OrderedDict[tuple[bytes, Surface], Principal] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, token: str, surface: Surface) -> Principal | None:
        """The principal of a token that was verified before."""
        with self._lock:
            return self._known.get((hashlib.sha256(token.encode()).digest(), surface))

    def verify(self, token: str, surface: Surface) -> Principal:
        """Verify and remember. Raises Unauthenticated."""
        principal = self._verify(token, surface)
        with self._lock:
            self._known[hashlib.sha256(token.encode()).digest(), surface] = principal
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return principal

    def forget(self) -> None:
        """Drop everything: the signing keys changed, or the world was restored."""
        with self._lock:
            self._known.clear()
