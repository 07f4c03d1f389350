"""Which object of the tenant a path or a reference names. Source: graph-conventions §1."""

from uuid import UUID

from openpartner.identity import queries
from openpartner.identity.models import Application, Group, PrincipalKind, ServicePrincipal, User
from openpartner.identity.service.groups import principal_in
from openpartner.platform.errors import NotFound
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.graph.paths import key_of
from openpartner.platform.work import UnitOfWork


def guid_of(text: str) -> UUID | None:
    """A key as an object id; None for anything else."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def user_named(uow: UnitOfWork, tenant_id: UUID, key: str, *, deleted: bool = False) -> User:
    """A user by object id or user principal name. Raises ResourceMissing."""
    name, value = key_of(key)
    found_id = guid_of(value)
    found: User | None = None
    if found_id is not None:
        found = uow.db.get(User, found_id)
    elif name in {"", "userprincipalname"} and "\0" not in value:  # no name has one, and PostgreSQL takes none
        found = queries.user_by_upn(uow, value)
    if found is None or found.tenant_id != tenant_id or (found.deleted_at is None) == deleted:
        raise ResourceMissing(value)
    return found


def group_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> Group:
    """A group by object id. Raises ResourceMissing."""
    found_id = guid_of(key)
    found = uow.db.get(Group, found_id) if found_id is not None else None
    if found is None or found.tenant_id != tenant_id or found.deleted_at is not None:
        raise ResourceMissing(key)
    return found


def principal_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> tuple[UUID, PrincipalKind]:
    """A user, group or service principal by object id; a user also by name. Raises ResourceMissing."""
    found_id = guid_of(key)
    if found_id is None:
        return user_named(uow, tenant_id, key).id, PrincipalKind.USER
    try:
        return found_id, principal_in(uow, tenant_id, found_id)
    except NotFound as error:
        raise ResourceMissing(key) from error


def application_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> Application:
    """A tenant's registration by object id or ``appId=``. Raises ResourceMissing."""
    name, value = key_of(key)
    found_id = guid_of(value)
    found: Application | None = None
    if found_id is not None and name == "appid":
        found = queries.application_by_app_id(uow, found_id)
    elif found_id is not None and not name:
        found = uow.db.get(Application, found_id)
    if found is None or found.tenant_id != tenant_id or found.deleted_at is not None:
        raise ResourceMissing(value)
    return found


def service_principal_named(uow: UnitOfWork, tenant_id: UUID, key: str) -> ServicePrincipal:
    """An application's principal in the tenant by object id or ``appId=``. Raises ResourceMissing."""
    name, value = key_of(key)
    found_id = guid_of(value)
    found: ServicePrincipal | None = None
    if found_id is not None and name == "appid":
        found = queries.service_principal(uow, tenant_id, found_id)
    elif found_id is not None and not name:
        found = uow.db.get(ServicePrincipal, found_id)
    if found is None or found.tenant_id != tenant_id:
        raise ResourceMissing(value)
    return found
