"""The two questions before each operation of a directory: may the token's client, and may who uses it.

Source: graph-endpoints, column permission; identity §5.4, §12.3; gdap §12.
"""

from uuid import UUID

from openpartner.identity import queries
from openpartner.identity.models import User
from openpartner.platform.actor import ActorKind
from openpartner.platform.directory_access import DirectoryAction, permissions_that_permit
from openpartner.platform.graph.errors import GraphInvalid
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import UnitOfWork

AS_USER = "Directory.AccessAsUser.All"
"""The client may do in the directory whatever its user may."""


def allow(uow: UnitOfWork, action: DirectoryAction, *scopes: str, over: User | None = None) -> UUID:
    """Refuse who may not do ``action`` in the tenant that the token is for; gives that tenant.

    scopes: permissions that would do besides those of the table. over: to whom it is done.
    Raises ScopeNeeded, DirectoryRoleNeeded, ApplicationPermissionNeeded.
    """
    tenant_id = uow.actor.tenant
    require_scope(uow.actor, *dict.fromkeys([*permissions_that_permit(action), *scopes, AS_USER]))
    held = frozenset[UUID]()
    if over is not None:
        held = queries.directory_roles_of(uow, over.id, tenant_id)
    if uow.actor.kind is ActorKind.APP and not uow.actor.scopes.isdisjoint(scopes):
        return tenant_id
    queries.require_in_directory(uow, tenant_id, action, held)
    return tenant_id


def own_user(uow: UnitOfWork, *scopes: str) -> User:
    """The signed-in user, for ``/me``. Raises ScopeNeeded, GraphInvalid for an application or a delegated one."""
    actor = uow.actor
    if actor.kind is not ActorKind.USER:
        raise GraphInvalid("/me request is only valid with delegated authentication flow.", code="BadRequest")
    require_scope(
        actor, *dict.fromkeys(["User.Read", "User.ReadWrite", *scopes, "User.Read.All", "User.ReadWrite.All"]), AS_USER
    )
    if actor.is_delegated or actor.principal_id is None:
        raise GraphInvalid(
            "Delegated administrators have no object in this tenant. Ask for /me with a token for your own tenant.",
            code="BadRequest",
        )
    return queries.user_by_id(uow, actor.principal_id, actor.tenant)
