"""What a script needs to begin: where the world is, who is in it and how to sign in."""

from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import select

from openpartner.identity import queries as identity
from openpartner.identity.models import Tenant
from openpartner.partner import queries as partner
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import UnitOfWork
from openpartner.sandbox.models import SeededApp, SeededUser


class TenantLine(msgspec.Struct):
    """A tenant of the world."""

    id: UUID
    kind: TenantKind
    domain: str
    name: str


class UserLine(msgspec.Struct):
    """A user one can sign in as."""

    tenant: UUID
    upn: str
    password: str
    totp_secret: str | None
    roles: list[str]


class AppLine(msgspec.Struct):
    """An app one can ask tokens with."""

    tenant: UUID
    client_id: UUID
    client_secret: str
    name: str


class WorldView(msgspec.Struct):
    """``openpartner world show --json``."""

    base_url: str
    ca_file: str | None
    tenants: list[TenantLine]
    users: list[UserLine]
    apps: list[AppLine]


def show_world(uow: UnitOfWork, base_url: str, ca_file: Path | None) -> WorldView:
    """The seeded tenants, users and apps, in the order they were made."""
    users = uow.db.scalars(select(SeededUser).order_by(SeededUser.position)).all()
    apps = uow.db.scalars(select(SeededApp).order_by(SeededApp.position)).all()
    keys = [line.tenant_id for line in users] + [line.tenant_id for line in apps]
    tenants = {key: identity.tenant_by_id(uow, key) for key in dict.fromkeys(keys)}
    return WorldView(
        base_url=base_url,
        ca_file=None if ca_file is None else str(ca_file),
        tenants=[TenantLine(row.id, row.kind, row.default_domain, row.name) for row in tenants.values()],
        users=[
            UserLine(
                line.tenant_id,
                line.upn,
                line.password,
                line.totp_secret,
                sorted(partner.roles_of_user(uow.db, line.user_id, line.tenant_id, tenants[line.tenant_id].kind)),
            )
            for line in users
        ],
        apps=[AppLine(line.tenant_id, line.client_id, line.client_secret, line.name) for line in apps],
    )


def is_anybody_there(uow: UnitOfWork) -> bool:
    """Whether any tenant was made in this world."""
    return uow.db.scalar(select(Tenant.id).limit(1)) is not None
