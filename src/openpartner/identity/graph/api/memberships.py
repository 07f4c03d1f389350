"""What a user or a group is a member of: groups and directory roles. Source: graph-endpoints, areas me and users."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.identity import queries
from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.groups import GROUP
from openpartner.identity.graph.wire.roles import ROLE, role_rows
from openpartner.identity.models import Group
from openpartner.identity.service.administering.allowing import allow, own_user
from openpartner.identity.service.administering.finding import group_named, user_named
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, lists, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.edm import Resource
from openpartner.platform.work import Begin, UnitOfWork

Finder = Callable[[UnitOfWork, str], UUID]
Parts = list[tuple[Resource, lists.Rows]]
_CASTS = {"graph.group": GROUP, "graph.directoryrole": ROLE}


def _me(uow: UnitOfWork, key: str) -> UUID:  # noqa: ARG001 - the shape of a finder
    return own_user(uow, "GroupMember.Read.All", "Directory.Read.All").id


def _user(uow: UnitOfWork, key: str) -> UUID:
    return user_named(uow, allow(uow, DirectoryAction.USERS_READ, "Directory.Read.All"), key).id


def _group(uow: UnitOfWork, key: str) -> UUID:
    return group_named(uow, allow(uow, DirectoryAction.GROUPS_READ), key).id


def _parts(uow: UnitOfWork, principal_id: UUID, cast: str, *, nested: bool) -> Parts:
    tenant_id = uow.actor.tenant
    within = reading.containing_ids(principal_id, nested=nested)
    groups = pages.values_of(uow, reading.groups_in(tenant_id, Group.id.in_(within)))
    if nested:
        templates = queries.directory_roles_of(uow, principal_id, tenant_id)
    else:
        templates = queries.roles_given_to(uow, principal_id, tenant_id)
    parts: Parts = [(GROUP, groups), (ROLE, role_rows(tenant_id, templates))]
    return [part for part in parts if not cast or part[0] is _CASTS[cast]]


def memberships(root: str, find: Finder, operations: Sequence[str] = ("", "")) -> list[Any]:
    """The routes of what something is a member of: direct and nested, whole and cast, listed and counted."""
    made: list[Any] = []
    for name, nested, operation in (("memberof", False, operations[0]), ("transitivememberof", True, operations[1])):
        for cast in ("", *_CASTS):
            path = f"{root}/{name}" + (f"/{cast}" if cast else "")
            opt = {"operation": operation} if operation and not cast else {}
            made += _routes(path, find, cast, opt, nested=nested)
    return made


def _routes(path: str, find: Finder, cast: str, opt: dict[str, str], *, nested: bool) -> list[Any]:
    def listed(begin: Begin, asked: Asked, key: str) -> Response[Any]:
        with begin.read() as uow:
            parts = _parts(uow, find(uow, key), cast, nested=nested)
            return answers.listed(asked, lists.mixed_of(asked, parts, uow=uow, context="directoryObjects"))

    def counted(begin: Begin, asked: Asked, key: str) -> Response[Any]:
        with begin.read() as uow:
            return answers.counted(lists.count_in(asked, *_parts(uow, find(uow, key), cast, nested=nested)))

    if "{key:str}" not in path:

        @get(path, sync_to_thread=True, opt=opt)
        def list_own(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
            """Groups and roles of the signed-in user."""
            return listed(begin, asked, "")

        @get(f"{path}/$count", sync_to_thread=True)
        def count_own(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
            """How many they are."""
            return counted(begin, asked, "")

        return [list_own, count_own]

    @get(path, sync_to_thread=True, opt=opt)
    def list_memberships(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """Groups and roles."""
        return listed(begin, asked, key)

    @get(f"{path}/$count", sync_to_thread=True)
    def count_memberships(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """How many they are."""
        return counted(begin, asked, key)

    return [list_memberships, count_memberships]


ROUTES: list[Any] = [
    *memberships("/me", _me, ("GET /v1.0/me/memberOf", "GET /v1.0/me/transitiveMemberOf")),
    *memberships(
        "/users/{key:str}", _user, ("GET /v1.0/users/{id}/memberOf", "GET /v1.0/users/{id}/transitiveMemberOf")
    ),
    *memberships("/groups/{key:str}", _group),
]
