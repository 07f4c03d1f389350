"""Who may act in a customer's directory: its own people by their directory roles, its partner's by delegated ones."""

from uuid import UUID

from openpartner.customers.queries.customers import one_customer
from openpartner.identity import queries as directory
from openpartner.identity.models import User
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.permissions import Permission
from openpartner.platform.work import UnitOfWork


def is_of_customer(actor: Actor, customer_id: UUID) -> bool:
    """Whether the actor's token is for the customer's very tenant."""
    return actor.tenant_kind is TenantKind.CUSTOMER and actor.tenant_id == customer_id


def directory_for(uow: UnitOfWork, customer_id: UUID, permission: Permission, *actions: DirectoryAction) -> UUID:
    """The tenant of a customer, once it is clear that the actor may do ``actions`` in its directory. A user's call.

    A partner's user needs ``permission`` in Partner Center, the customer, and delegated roles that cover the actions;
    with a token for the customer's tenant only the directory roles there count. Source: gdap §1, identity §12.2.
    Raises RoleNeeded, UserNeeded, CustomerUnknown, RelationshipNeeded, DirectoryRoleNeeded.
    """
    if not is_of_customer(uow.actor, customer_id):
        uow.actor.require(permission)
    uow.actor.require_user()
    tenant_id = customer_id if is_of_customer(uow.actor, customer_id) else one_customer(uow, customer_id).tenant_id
    for action in actions:
        directory.require_in_directory(uow, tenant_id, action)
    return tenant_id


def require_over_user(uow: UnitOfWork, user: User, action: DirectoryAction) -> None:
    """Refuse who may do ``action``, but not to this user: an administrator is out of reach of lesser roles.

    Raises DirectoryRoleNeeded.
    """
    directory.require_in_directory(uow, user.tenant_id, action, directory.roles_to_reach(uow, user))


def may_over_user(uow: UnitOfWork, user: User, action: DirectoryAction) -> bool:
    """Whether ``require_over_user`` would pass. Buttons show by this."""
    return directory.may_in_directory(uow, user.tenant_id, action, directory.roles_to_reach(uow, user))
