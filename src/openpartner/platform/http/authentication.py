"""From a bearer token to a principal. What it says is checked here once; what it may do is asked in each unit."""

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
