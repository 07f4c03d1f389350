"""Groups, their members and owners, and what a principal is a member of. Source: graph-endpoints, area groups."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.groups import GroupChange
from openpartner.identity.graph.wire.references import Reference
from openpartner.identity.models import Group
from openpartner.identity.service.administering import groups as service
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import group_named
from openpartner.identity.service.administering.groups import GroupFacts
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, delta, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.bodies import reference_id
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import Begin, UnitOfWork

GROUPS_READ = DirectoryAction.GROUPS_READ


def facts_of(data: GroupChange) -> GroupFacts:
    """What a body asks of a group."""
    given = data.given()
    return GroupFacts(
        details=data.details(),
        mail_enabled=given.get("mail_enabled"),
        security_enabled=given.get("security_enabled"),
        group_types=given.get("group_types"),
        is_assignable_to_role=given.get("is_assignable_to_role"),
        unique_name=given.get("unique_name"),
        members=[reference_id(each) for each in given.get("members_bind", ())],
        owners=[reference_id(each) for each in given.get("owners_bind", ())],
    )


def _shown(uow: UnitOfWork, asked: Asked, group_id: UUID) -> answers.Body:
    return pages.one_of(uow, asked, reading.groups_in(uow.actor.tenant, Group.id == group_id), group_id)


@get("/groups", sync_to_thread=True, opt={"operation": "GET /v1.0/groups"})
def list_groups(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """A page of the tenant's groups."""
    with begin.read() as uow:
        tenant_id = allow(uow, GROUPS_READ)
        return answers.listed(asked, pages.page_of(uow, asked, reading.groups_in(tenant_id)))


@get("/groups/$count", sync_to_thread=True, opt={"operation": "GET /v1.0/groups/$count"})
def count_groups(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many groups there are."""
    with begin.read() as uow:
        tenant_id = allow(uow, GROUPS_READ)
        return answers.counted(pages.count_of(uow, asked, reading.groups_in(tenant_id)))


@get("/groups/delta", sync_to_thread=True, opt={"operation": "GET /v1.0/groups/delta()"})
def delta_of_groups(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What changed of groups and their members."""
    with begin.read() as uow:
        allow(uow, GROUPS_READ)
        return answers.listed(asked, delta.delta_of(uow, asked, reading.groups_feed(uow.actor)))


@post("/groups", sync_to_thread=True, opt={"operation": "POST /v1.0/groups"})
def post_group(
    data: JSONBody[GroupChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A new group."""
    with begin() as uow:
        made = service.create_directory_group(uow, facts_of(data))
        return answers.created(asked, _shown(uow, asked, made.id), f"groups/{made.id}")


@get("/groups/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/groups/{id}"})
def get_group(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One group."""
    with begin.read() as uow:
        group = group_named(uow, allow(uow, GROUPS_READ), key)
        return answers.shown(asked, _shown(uow, asked, group.id))


@patch("/groups/{key:str}", sync_to_thread=True, opt={"operation": "PATCH /v1.0/groups/{id}"})
def patch_group(
    key: FromPath[str], data: JSONBody[GroupChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Change a group, or add up to twenty members."""
    with begin() as uow:
        group = service.update_directory_group(uow, key, facts_of(data))
        return answers.changed_silently(asked, _shown(uow, asked, group.id))


@delete("/groups/{key:str}", sync_to_thread=True, opt={"operation": "DELETE /v1.0/groups/{id}"})
def delete_group(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Delete a group."""
    with begin() as uow:
        service.delete_directory_group(uow, key)


# Members and owners

IdsOf = Callable[[UUID], Any]
_CASTS = ("user", "group", "serviceprincipal")


def _sources(uow: UnitOfWork, key: str, ids_of: IdsOf, casts: Sequence[str]) -> list[Source]:
    tenant_id = allow(uow, GROUPS_READ)
    group = group_named(uow, tenant_id, key)
    return reading.any_of(tenant_id, ids_of(group.id), *casts)


def related(path: str, ids_of: IdsOf, operation: str = "") -> list[Any]:
    """The routes of one list of a group: whole, counted, and cast to each type with its count."""
    made: list[Any] = []
    for cast in ("", *_CASTS):
        tail = f"/groups/{{key:str}}/{path}" + (f"/graph.{cast}" if cast else "")
        casts = [cast] if cast else []
        opt = {"operation": operation} if operation and not cast else {}
        made += [_list_route(tail, ids_of, casts, opt), _count_route(f"{tail}/$count", ids_of, casts)]
    return made


def _list_route(path: str, ids_of: IdsOf, casts: Sequence[str], opt: dict[str, str]) -> Any:
    @get(path, sync_to_thread=True, opt=opt)
    def list_related(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
        """Objects in a group, typed."""
        with begin.read() as uow:
            sources = _sources(uow, key, ids_of, casts)
            body = pages.page_of(uow, asked, *sources, context="directoryObjects", typed=True)
            return answers.listed(asked, body)

    return list_related


def _count_route(path: str, ids_of: IdsOf, casts: Sequence[str]) -> Any:
    @get(path, sync_to_thread=True)
    def count_related(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """How many objects are in a group."""
        with begin.read() as uow:
            return answers.counted(pages.count_of(uow, asked, *_sources(uow, key, ids_of, casts)))

    return count_related


@post(
    "/groups/{key:str}/members/$ref",
    status_code=204,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/groups/{id}/members/$ref"},
)
def add_group_member(key: FromPath[str], data: JSONBody[Reference], begin: NamedDependency[Begin]) -> None:
    """Put an object into a group."""
    with begin() as uow:
        service.add_member(uow, key, data.key)


@delete(
    "/groups/{key:str}/members/{member_key:str}/$ref",
    sync_to_thread=True,
    opt={"operation": "DELETE /v1.0/groups/{id}/members/{oid}/$ref"},
)
def remove_group_member(key: FromPath[str], member_key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take an object out of a group."""
    with begin() as uow:
        service.remove_member(uow, key, member_key)


@post("/groups/{key:str}/owners/$ref", status_code=204, sync_to_thread=True)
def add_group_owner(key: FromPath[str], data: JSONBody[Reference], begin: NamedDependency[Begin]) -> None:
    """Make an object an owner."""
    with begin() as uow:
        service.add_owner(uow, key, data.key)


@delete("/groups/{key:str}/owners/{owner_key:str}/$ref", sync_to_thread=True)
def remove_group_owner(key: FromPath[str], owner_key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take ownership away."""
    with begin() as uow:
        service.remove_owner(uow, key, owner_key)


ROUTES: list[Any] = [
    list_groups,
    count_groups,
    delta_of_groups,
    post_group,
    get_group,
    patch_group,
    delete_group,
    add_group_member,
    remove_group_member,
    add_group_owner,
    remove_group_owner,
    *related("members", reading.member_ids, "GET /v1.0/groups/{id}/members"),
    *related("transitivemembers", reading.nested_member_ids, "GET /v1.0/groups/{id}/transitiveMembers"),
    *related("owners", reading.owner_ids),
]
