"""What a token's client may do at all, whoever uses it: delegated scopes, or an app's granted permissions."""

from openpartner.platform.actor import Actor, ActorKind
from openpartner.platform.graph.errors import RequestDenied


class ScopeNeeded(RequestDenied):
    """The token has none of the permissions that would do. Source: graph-conventions §4."""

    def __init__(self, *least_first: str) -> None:
        wanted = " or ".join(least_first)
        super().__init__(f"The token needs the permission {wanted}; consent to it and ask for a new token.")
        self.scopes = least_first


def require_scope(actor: Actor, *least_first: str) -> None:
    """Refuse a token that has none of these permissions, the least of them first. Raises ScopeNeeded."""
    if actor.kind is ActorKind.SYSTEM or not actor.scopes.isdisjoint(least_first):
        return
    raise ScopeNeeded(*least_first)
