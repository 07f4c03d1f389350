"""Clients of the Graph surface: a token with scopes for a user at home or in a customer's tenant, or for an app."""

from uuid import UUID

from openpartner.identity.models import ServicePrincipal, Tenant, User
from openpartner.platform.actor import Actor, ActorKind
from tests.support.client import AppClient
from tests.support.lab import Lab

EVERYTHING = "Directory.AccessAsUser.All"
"""The client may do whatever its user may: what is tested then is the user's role."""


def graph_client(lab: Lab, actor: Actor, *scopes: str) -> AppClient:
    """A client of this actor in its own tenant. scopes: an app's are its granted permissions."""
    token = lab.token_for(actor)
    if actor.kind is ActorKind.APP:
        lab.change_token(token, scopes=frozenset(), roles=frozenset(scopes))
    else:
        lab.change_token(token, scopes=frozenset(scopes or (EVERYTHING,)))
    return lab.client(authorization=f"Bearer {token}")


def delegated_client(lab: Lab, actor: Actor, customer_tenant_id: UUID, *scopes: str) -> AppClient:
    """A client of a partner's user with a token for a customer's tenant."""
    token = lab.token_for(actor)
    lab.change_token(
        token,
        tenant_id=customer_tenant_id,
        object_id=None,
        home_tenant_id=actor.tenant,
        home_object_id=actor.principal_id,
        scopes=frozenset(scopes or (EVERYTHING,)),
    )
    return lab.client(authorization=f"Bearer {token}")


def actor_of(lab: Lab, key: UUID) -> Actor:
    """A user, or an application by its service principal, in its own tenant."""
    with lab.read() as uow:
        user = uow.db.get(User, key)
        if user is not None:
            tenant = uow.db.get_one(Tenant, user.tenant_id)
            return Actor(ActorKind.USER, tenant.id, tenant.kind, principal_id=key, name=user.upn)
        principal = uow.db.get_one(ServicePrincipal, key)
        tenant = uow.db.get_one(Tenant, principal.tenant_id)
        return Actor(ActorKind.APP, tenant.id, tenant.kind, principal_id=key, app_id=principal.app_id)
