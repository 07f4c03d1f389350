"""Who is let in to Graph's delegated administration at all, before anything is looked at. Source: gdap §7."""

import re
from uuid import UUID

from openpartner.identity.queries import service_principal
from openpartner.identity.resources import GDAP_FIRST_PARTY
from openpartner.platform.actor import ActorKind, TenantKind
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import RequestDenied
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.permissions import Permission
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.rules.granular import Denied, Refused
from openpartner.relationships.rules.granular_terms import EtagMissing

READ = "DelegatedAdminRelationship.Read.All"
WRITE = "DelegatedAdminRelationship.ReadWrite.All"

_RELATIONSHIP_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SecondFactorNeeded(Denied):
    """Source: gdap §8, MFA missing."""

    def __init__(self) -> None:
        super().__init__(
            "The user (principal) does not have the required permissions to perform the specified action on the "
            "resource. Sign in with a second factor: delegated administration takes no token without one."
        )


class FirstPartyMissing(RequestDenied):
    """Source: gdap §7: what an application's own token needs."""

    def __init__(self) -> None:
        super().__init__(
            f"An application needs the service principal of {GDAP_FIRST_PARTY} in the partner's tenant. Create it with "
            "POST /servicePrincipals."
        )


class IdentifierInvalid(Refused):
    """Source: gdap §8, id not of the right form."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The passed in {name} is invalid.", name=name)


def let_in(uow: UnitOfWork, permission: Permission | None = None) -> None:
    """Refuse whoever may not so much as ask. permission: to write; None lets any reader in.

    Raises RequestDenied, RoleNeeded, ScopeNeeded, SecondFactorNeeded, FirstPartyMissing.
    """
    actor = uow.actor
    if actor.tenant_kind is not TenantKind.PARTNER:
        raise RequestDenied("Delegated administration takes a token of the partner's own tenant.")
    if permission is None:
        require_reading(actor)
    else:
        actor.require(permission)
    require_scope(actor, *((READ, WRITE) if permission is None else (WRITE,)))
    if actor.kind is ActorKind.USER and not actor.mfa:
        raise SecondFactorNeeded
    if actor.kind is ActorKind.APP and service_principal(uow, actor.tenant, GDAP_FIRST_PARTY) is None:
        raise FirstPartyMissing


def relationship_key(text: str) -> str:
    """A relationship's id as it is kept. Raises IdentifierInvalid."""
    key = text.strip().lower()
    if not _RELATIONSHIP_ID.fullmatch(key):
        raise IdentifierInvalid("delegatedAdminRelationshipId")
    return key


def guid_of(text: str, name: str) -> UUID:
    """The id of anything else. Raises IdentifierInvalid."""
    try:
        return UUID(text)
    except ValueError:
        raise IdentifierInvalid(name) from None


def needed_match(uow: UnitOfWork, asked: Asked) -> str | None:
    """``If-Match``, which PATCH and DELETE need unless the settings say otherwise. Raises EtagMissing. Source: §5."""
    if asked.match is None and uow.world.settings.gdap_if_match:
        raise EtagMissing
    return asked.match
