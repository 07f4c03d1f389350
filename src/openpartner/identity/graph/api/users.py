"""Users and the signed-in one. Source: graph-endpoints, areas me and users."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UnsetType

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.references import Reference
from openpartner.identity.graph.wire.users import PasswordProfile, UserChange
from openpartner.identity.models import User
from openpartner.identity.service.administering import users as service
from openpartner.identity.service.administering.allowing import allow, own_user
from openpartner.identity.service.administering.finding import user_named
from openpartner.identity.service.administering.users import Password, UserFacts
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, delta, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.work import Begin, UnitOfWork

USERS_READ = DirectoryAction.USERS_READ


def _password_of(profile: PasswordProfile | UnsetType | None) -> Password | None:
    if not isinstance(profile, PasswordProfile):
        return None
    value = profile.password if isinstance(profile.password, str) else None
    force = profile.force_change_password_next_sign_in
    return Password(value, force if isinstance(force, bool) else value is not None)


def facts_of(data: UserChange) -> UserFacts:
    """What a body asks of a user."""
    return UserFacts(
        details=data.details(),
        account_enabled=data.account_enabled if isinstance(data.account_enabled, bool) else None,
        password=_password_of(data.password_profile),
        user_type=data.user_type if isinstance(data.user_type, str) else None,
    )


def shown_user(uow: UnitOfWork, asked: Asked, user_id: UUID, **how: Any) -> answers.Body:
    """One user in its envelope."""
    return pages.one_of(uow, asked, reading.users_in(uow.actor.tenant, User.id == user_id), user_id, **how)


@get("/me", sync_to_thread=True, opt={"operation": "GET /v1.0/me"})
def get_me(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The signed-in user."""
    with begin.read() as uow:
        return answers.shown(asked, shown_user(uow, asked, own_user(uow).id))


@get("/users", sync_to_thread=True, opt={"operation": "GET /v1.0/users"})
def list_users(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the tenant's users."""
    with begin.read() as uow:
        tenant_id = allow(uow, USERS_READ)
        return answers.listed(asked, pages.page_of(uow, asked, reading.users_in(tenant_id)))


@get("/users/$count", sync_to_thread=True)
def count_users(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many users there are."""
    with begin.read() as uow:
        tenant_id = allow(uow, USERS_READ)
        return answers.counted(pages.count_of(uow, asked, reading.users_in(tenant_id)))


@get("/users/delta", sync_to_thread=True, opt={"operation": "GET /v1.0/users/delta()"})
def delta_of_users(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What changed of users."""
    with begin.read() as uow:
        allow(uow, USERS_READ)
        return answers.listed(asked, delta.delta_of(uow, asked, reading.users_feed(uow.actor)))


@post("/users", sync_to_thread=True, opt={"operation": "POST /v1.0/users"})
def post_user(
    data: JSONBody[UserChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A new member of the tenant."""
    with begin() as uow:
        made = service.create_directory_user(uow, facts_of(data))
        return answers.created(asked, shown_user(uow, asked, made.id), f"users/{made.id}")


@get("/users/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/users/{id|upn}"})
def get_user(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One user, by object id or user principal name."""
    with begin.read() as uow:
        user = user_named(uow, allow(uow, USERS_READ), key)
        return answers.shown(asked, shown_user(uow, asked, user.id))


@patch("/users/{key:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/users/{id|upn}"})
def patch_user(
    key: FromPath[str], data: JSONBody[UserChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Change a user."""
    with begin() as uow:
        user = service.update_directory_user(uow, key, facts_of(data))
        return answers.changed_silently(asked, shown_user(uow, asked, user.id))


@delete("/users/{key:str}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/users/{id|upn}"})
def delete_user(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Into the bin, for 30 days."""
    with begin() as uow:
        service.delete_directory_user(uow, key)


# Managers


@get("/me/manager", sync_to_thread=True)
def get_my_manager(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The signed-in user's manager."""
    with begin.read() as uow:
        shown = shown_user(uow, asked, service.manager_of(uow, None), typed=True, context="directoryObjects")
        return answers.shown(asked, shown)


@get("/users/{key:str}/manager", sync_to_thread=True)
def get_manager(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A user's manager."""
    with begin.read() as uow:
        shown = shown_user(uow, asked, service.manager_of(uow, key), typed=True, context="directoryObjects")
        return answers.shown(asked, shown)


@put(
    "/users/{key:str}/manager/$ref",
    status_code=204,
    sync_to_thread=True,
    opt={"operation": "PUT /v1.0/users/{id}/manager/$ref"},
)
def put_manager(key: FromPath[str], data: JSONBody[Reference], begin: NamedDependency[Begin]) -> None:
    """Say who the manager is."""
    with begin() as uow:
        service.set_manager(uow, key, data.key)


@delete("/users/{key:str}/manager/$ref", sync_to_thread=True, opt={"operation": "DELETE /v1.0/users/{id}/manager/$ref"})
def delete_manager(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Say that there is none."""
    with begin() as uow:
        service.set_manager(uow, key, None)


# Sessions


def _revoke(begin: Begin, asked: Asked, key: str | None) -> Response[Any]:
    with begin() as uow:
        service.revoke_sign_in_sessions(uow, key)
        return answers.value(asked, "Edm.Boolean", of=True)


def _routes_of_revoking(name: str) -> list[Any]:
    """One operation under its present name and under the one it had in beta."""

    @post(f"/me/{name}", status_code=200, sync_to_thread=True)
    def revoke_my_sessions(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
        """Sign the caller out everywhere."""
        return _revoke(begin, asked, None)

    @post(
        f"/users/{{key:str}}/{name}",
        status_code=200,
        sync_to_thread=True,
        opt={"operation": "POST /v1.0/users/{id}/revokeSignInSessions"},
    )
    def revoke_sessions(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """Sign a user out everywhere."""
        return _revoke(begin, asked, key)

    return [revoke_my_sessions, revoke_sessions]


# The bin


@get("/directory/deleteditems/graph.user", sync_to_thread=True)
def list_deleted_users(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The users that can be restored."""
    with begin.read() as uow:
        tenant_id = allow(uow, USERS_READ)
        source = reading.deleted_users_in(tenant_id)
        return answers.listed(asked, pages.page_of(uow, asked, source, context="directoryObjects", typed=True))


@post("/directory/deleteditems/{key:str}/restore", status_code=200, sync_to_thread=True)
def restore_deleted_item(
    key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Take a user out of the bin."""
    with begin() as uow:
        user = service.restore_directory_user(uow, key)
        shown = shown_user(uow, asked, user.id, typed=True, context="directoryObjects")
        return answers.shown(asked, shown)


ROUTES: list[Any] = [
    get_me,
    list_users,
    count_users,
    delta_of_users,
    post_user,
    get_user,
    patch_user,
    delete_user,
    get_my_manager,
    get_manager,
    put_manager,
    delete_manager,
    *_routes_of_revoking("revokesigninsessions"),
    *_routes_of_revoking("invalidateallrefreshtokens"),
    list_deleted_users,
    restore_deleted_item,
]
