"""Acting as a customer's own Global admin, for the sandbox's consent: nobody may be there to press the button."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.identity.models import Tenant
from openpartner.partner import queries as partners
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.http.authentication import Principal
from openpartner.platform.work import UnitOfWork


class NoAdministrator(Invalid):
    """The customer has nobody who could decide."""

    def __init__(self, tenant: str) -> None:
        super().__init__(f"{tenant} has no Global admin of its own who can sign in. Give one of its users the role.")


def customer_named(uow: UnitOfWork, text: str) -> Tenant:
    """A customer's tenant by id or domain. Raises NotFound."""
    found = directory.tenant_by_domain_or_id(uow, text.strip())
    if found is None or found.kind is not TenantKind.CUSTOMER:
        raise NotFound("The customer tenant", text)
    return found


def customer_admin(uow: UnitOfWork, tenant: Tenant, name: str = "") -> Actor:
    """A Global admin of the tenant as an actor, with what it holds now. ``name``: which; else the first.

    Raises NoAdministrator, NotFound.
    """
    own = [
        user
        for user in directory.holders_of_role(uow, tenant.id, GLOBAL_ADMINISTRATOR)
        if user.home_tenant_id == tenant.id and user.account_enabled and user.deleted_at is None
    ]
    if not own:
        raise NoAdministrator(tenant.name)
    chosen = next((user for user in own if user.upn.lower() == name.strip().lower()), None if name else own[0])
    if chosen is None:
        raise NotFound("A Global admin", name)
    return user_as_actor(uow, tenant.id, chosen.id)


def user_as_actor(uow: UnitOfWork, tenant_id: UUID, user_id: UUID) -> Actor:
    """A user of a tenant as an actor, with what it holds now. Raises Unauthenticated when it may not sign in."""
    return partners.resolve_actor(uow.db, uow.now, principal_of(tenant_id, user_id))


def principal_of(tenant_id: UUID, user_id: UUID) -> Principal:
    """What a token of the user in its own tenant would say, with a second factor."""
    return Principal(
        tenant_id=tenant_id,
        object_id=user_id,
        home_tenant_id=tenant_id,
        home_object_id=user_id,
        app_id=UUID(int=0),
        is_app=False,
        name="",
        scopes=frozenset(),
        roles=frozenset(),
        wids=frozenset(),
        mfa=True,
        expires_at=datetime.max.replace(tzinfo=UTC),
    )


@contextmanager
def acting_as(uow: UnitOfWork, actor: Actor) -> Iterator[UnitOfWork]:
    """The same unit in somebody else's name: its facts say who decided."""
    before, uow.actor = uow.actor, actor
    try:
        yield uow
    finally:
        uow.actor = before
