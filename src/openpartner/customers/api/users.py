"""Users of a customer and their directory roles. Source: partner-center-endpoints, area users."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.customers import queries, service
from openpartner.customers.api.seeking import FilterText, Seek, SeekText, Size, Token, page_size, seek_of, self_uri
from openpartner.customers.queries import UserCriteria, UserOrder, UserPosition
from openpartner.customers.wire import users as wire
from openpartner.platform import permissions
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import Invalid
from openpartner.platform.http import filters
from openpartner.platform.http.answers import Collection, collection, make_token, read_token, reply, seek_page
from openpartner.platform.http.filters import Fields, Operator
from openpartner.platform.work import Begin, UnitOfWork

FILTER_FIELDS: Fields = {
    "UserState": frozenset({Operator.EQUALS}),
    "DisplayName": frozenset({Operator.STARTS_WITH}),
    "UserPrincipalName": frozenset({Operator.STARTS_WITH}),
}
SortField = Annotated[str | None, QueryParameter(name="sortfield")]
SortDirection = Annotated[str | None, QueryParameter(name="sortdirection")]


class PageToken(msgspec.Struct, frozen=True, array_like=True):
    """The list a token stands for, and the last user seen."""

    criteria: UserCriteria
    size: int
    last: UserPosition


def criteria_of(text: str | None, sort_field: str | None, sort_direction: str | None) -> UserCriteria:
    """What filter and sorting ask for. Raises Invalid for what is not known."""
    wanted: dict[str, str] = {}
    if text:
        tree = filters.parse(text, FILTER_FIELDS)
        for comparison in filters.comparisons(tree):
            if comparison.field in wanted:
                raise Invalid("Users are filtered by one value of each field.")
            wanted[comparison.field] = str(comparison.value or "")
    state = wanted.get("UserState", "active").lower()
    if state not in {"active", "inactive"}:
        raise Invalid("The value for UserState must be Active or Inactive.")
    order = next((known for known in UserOrder if known.lower() == (sort_field or "displayname").lower()), None)
    if order is None:
        raise Invalid(f"Users are sorted by {' or '.join(UserOrder)}.")
    direction = (sort_direction or "ascending").lower()
    if direction not in {"ascending", "asc", "descending", "desc"}:
        raise Invalid("The sortDirection must be Ascending or Descending.")
    return UserCriteria(
        deleted=state == "inactive",
        name_prefix=wanted.get("DisplayName", ""),
        upn_prefix=wanted.get("UserPrincipalName", ""),
        order=order,
        descending=direction.startswith("desc"),
    )


def _user_key(text: str) -> UUID | str:
    """An object id, or else a user principal name."""
    try:
        return UUID(text)
    except ValueError:
        return text


def _readable(uow: UnitOfWork, customer_id: UUID, action: DirectoryAction = DirectoryAction.USERS_READ) -> UUID:
    """The tenant whose users the actor may read."""
    return queries.directory_for(uow, customer_id, permissions.CUSTOMER_USERS.read, action)


@get(
    "/v1/customers/{customer_id:uuid}/users",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/users", "permission": permissions.CUSTOMER_USERS.read},
)
def list_customer_users(
    *,
    request: Request[Any, Any, Any],
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    size: Size = 0,
    filter_text: FilterText = None,
    sort_field: SortField = None,
    sort_direction: SortDirection = None,
    seek_text: SeekText = None,
    token: Token = None,
) -> Collection[wire.CustomerUser]:
    """A page of accounts; with UserState Inactive those that were deleted and can still be restored."""
    held = _token(seek_text, token)
    criteria = held.criteria if held else criteria_of(filter_text, sort_field, sort_direction)
    count = held.size if held else page_size(size)
    with begin.read() as uow:
        tenant_id = _readable(uow, customer_id)
        page = queries.page_of_users(uow, tenant_id, criteria, count, after=held.last if held else None)
        follow = None if page.after is None else make_token(PageToken(criteria, count, page.after))
        items = [wire.CustomerUser.of(user) for user in page.users]
        return seek_page(items, self_uri(request, f"/customers/{customer_id}/users"), follow)


def _token(seek_text: str | None, token: str | None) -> PageToken | None:
    """The page to go on from; None: from the beginning. Users are only read forwards."""
    seek = seek_of(seek_text, token)
    if seek is None or seek is Seek.FIRST or token is None:
        return None
    if seek is not Seek.NEXT:
        raise Invalid("This list is read forwards: use seekOperation=Next or First.")
    return read_token(token, PageToken)


@post(
    "/v1/customers/{customer_id:uuid}/users",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/users", "permission": permissions.CUSTOMER_USERS.write},
)
def create_customer_user(
    customer_id: FromPath[UUID], data: JSONBody[wire.CustomerUserIn], begin: NamedDependency[Begin]
) -> Response[wire.CustomerUser]:
    """An account. The password, given or made, is in this answer only."""
    with begin() as uow:
        made = service.create_customer_user(uow, customer_id, data.read())
        return reply(uow, wire.CustomerUser.of(made.user, made.password))


@get(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/users/{user-id}", "permission": permissions.CUSTOMER_USERS.read},
)
def get_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[str], begin: NamedDependency[Begin]
) -> wire.CustomerUser:
    """One account, by object id or user principal name."""
    with begin.read() as uow:
        tenant_id = _readable(uow, customer_id)
        return wire.CustomerUser.of(queries.user_in(uow, tenant_id, _user_key(user_id)))


@patch(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}",
    sync_to_thread=True,
    opt={
        "operation": "PATCH /v1/customers/{customer-id}/users/{user-id}",
        "permission": permissions.CUSTOMER_USERS.write,
    },
)
def patch_customer_user(
    customer_id: FromPath[UUID],
    user_id: FromPath[str],
    data: JSONBody[wire.CustomerUserPatch],
    begin: NamedDependency[Begin],
) -> Response[wire.CustomerUser]:
    """Change members or the password; ``state`` active takes the account out of the bin first."""
    key = _user_key(user_id)
    with begin() as uow:
        if data.restores and isinstance(key, UUID):
            service.restore_customer_user(uow, customer_id, key)
        user, password = service.change_customer_user(uow, customer_id, key, data.changes()), None
        if data.password_profile is not None and data.password_profile.password:
            profile = data.password_profile
            user, password = service.reset_customer_user_password(
                uow, customer_id, key, profile.password, force_change=profile.force_change_password
            )
        return reply(uow, wire.CustomerUser.of(user, password))


@patch(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}/resetpassword",
    sync_to_thread=True,
    opt={
        "operation": "PATCH /v1/customers/{customer-id}/users/{user-id}/resetpassword",
        "permission": permissions.CUSTOMER_USERS.write,
    },
)
def reset_customer_user_password(
    customer_id: FromPath[UUID],
    user_id: FromPath[str],
    data: JSONBody[wire.PasswordReset],
    begin: NamedDependency[Begin],
) -> Response[wire.CustomerUser]:
    """Set a password; without one a temporary one is made."""
    profile = data.password_profile
    with begin() as uow:
        made = service.reset_customer_user_password(
            uow,
            customer_id,
            _user_key(user_id),
            profile.password or None,
            force_change=profile.force_change_password or not profile.password,
        )
        return reply(uow, wire.CustomerUser.of(made.user, made.password))


@delete(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}",
    sync_to_thread=True,
    status_code=204,
    opt={
        "operation": "DELETE /v1/customers/{customer-id}/users/{user-id}",
        "permission": permissions.CUSTOMER_USERS.write,
    },
)
def delete_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[str], begin: NamedDependency[Begin]
) -> Response[None]:
    """Put the account into the bin for 30 days."""
    with begin() as uow:
        service.delete_customer_user(uow, customer_id, _user_key(user_id))
        return reply(uow, None, status=204)


@get(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}/directoryroles",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/users/{user-id}/directoryroles",
        "permission": permissions.CUSTOMER_USERS.read,
    },
)
def list_roles_of_user(
    customer_id: FromPath[UUID], user_id: FromPath[str], begin: NamedDependency[Begin]
) -> Collection[wire.DirectoryRole]:
    """The roles of one account."""
    with begin.read() as uow:
        tenant_id = _readable(uow, customer_id, DirectoryAction.ROLES_READ)
        user = queries.user_in(uow, tenant_id, _user_key(user_id))
        return collection([wire.DirectoryRole.of(role) for role in queries.roles_of_user(uow, user)])


@get(
    "/v1/customers/{customer_id:uuid}/directoryroles",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/directoryroles", "permission": permissions.CUSTOMER_USERS.read},
)
def list_directory_roles(customer_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Collection[wire.DirectoryRole]:
    """The roles that exist in the tenant: every built-in one."""
    with begin.read() as uow:
        _readable(uow, customer_id, DirectoryAction.ROLES_READ)
        return collection([wire.DirectoryRole.of(role) for role in DIRECTORY_ROLES.values()])


class MembersToken(msgspec.Struct, frozen=True, array_like=True):
    """The last member seen."""

    size: int
    last: UserPosition


@get(
    "/v1/customers/{customer_id:uuid}/directoryroles/{role_id:uuid}/usermembers",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/directoryroles/{role-id}/usermembers",
        "permission": permissions.CUSTOMER_USERS.read,
    },
)
def list_role_members(
    *,
    request: Request[Any, Any, Any],
    customer_id: FromPath[UUID],
    role_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    size: Size = 0,
    seek_text: SeekText = None,
    token: Token = None,
) -> Collection[wire.UserMember]:
    """A page of the accounts that hold a role."""
    held = read_token(token, MembersToken) if token and seek_of(seek_text, token) is Seek.NEXT else None
    count = held.size if held else page_size(size)
    with begin.read() as uow:
        tenant_id = _readable(uow, customer_id, DirectoryAction.ROLES_READ)
        role = queries.directory_role(role_id)
        page = queries.members_of_role(uow, tenant_id, role, count, after=held.last if held else None)
        follow = None if page.after is None else make_token(MembersToken(count, page.after))
        own = self_uri(request, f"/customers/{customer_id}/directoryroles/{role_id}/usermembers")
        return seek_page([wire.UserMember.of(user) for user in page.users], own, follow)


@post(
    "/v1/customers/{customer_id:uuid}/directoryroles/{role_id:uuid}/usermembers",
    sync_to_thread=True,
    opt={
        "operation": "POST /v1/customers/{customer-id}/directoryroles/{role-id}/usermembers",
        "permission": permissions.CUSTOMER_USERS.write,
    },
)
def add_role_member(
    customer_id: FromPath[UUID],
    role_id: FromPath[UUID],
    data: JSONBody[wire.UserMemberIn],
    begin: NamedDependency[Begin],
) -> Response[wire.UserMember]:
    """Put an account into a role."""
    with begin() as uow:
        role, user = service.add_role_member(uow, customer_id, role_id, data.id)
        return reply(uow, wire.UserMember.of(user, role), status=201)


@delete(
    "/v1/customers/{customer_id:uuid}/directoryroles/{role_id:uuid}/usermembers/{user_id:uuid}",
    sync_to_thread=True,
    status_code=204,
    opt={
        "operation": "DELETE /v1/customers/{customer-id}/directoryroles/{role-id}/usermembers/{user-id}",
        "permission": permissions.CUSTOMER_USERS.write,
    },
)
def remove_role_member(
    customer_id: FromPath[UUID], role_id: FromPath[UUID], user_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[None]:
    """Take an account out of a role."""
    with begin() as uow:
        service.remove_role_member(uow, customer_id, role_id, user_id)
        return reply(uow, None, status=204)


ROUTES: list[Any] = [
    list_customer_users,
    create_customer_user,
    get_customer_user,
    patch_customer_user,
    reset_customer_user_password,
    delete_customer_user,
    list_roles_of_user,
    list_directory_roles,
    list_role_members,
    add_role_member,
    remove_role_member,
]
