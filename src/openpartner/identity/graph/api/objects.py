"""Directory objects of any type. Source: graph-endpoints, area directory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.domains import ORGANIZATION
from openpartner.identity.graph.wire.objects import IdsAsked
from openpartner.identity.graph.wire.roles import ROLE, role_rows
from openpartner.identity.models import Application, Group, ServicePrincipal, Tenant, User
from openpartner.identity.service.administering import roles as service
from openpartner.identity.service.administering.allowing import AS_USER, allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.edm import Resource
from openpartner.platform.graph.errors import GraphInvalid, ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.graph.rendering import render
from openpartner.platform.graph.scopes import require_scope
from openpartner.platform.work import Begin, UnitOfWork

READS_ALL = ("Directory.Read.All", "Directory.ReadWrite.All")
Rows = Sequence[Mapping[str, Any]]


def _allow(uow: UnitOfWork) -> UUID:
    """Every type may come back, so reading one of them is not enough. Raises as ``allow``."""
    tenant_id = allow(uow, DirectoryAction.GROUPS_READ, *READS_ALL)
    allow(uow, DirectoryAction.USERS_READ, *READS_ALL)
    require_scope(uow.actor, *READS_ALL, AS_USER)
    return tenant_id


def _found(uow: UnitOfWork, tenant_id: UUID, ids: Sequence[UUID], types: Sequence[str]) -> list[tuple[Resource, Rows]]:
    """The objects with these ids by type. types: in lower case; none means all. Raises GraphInvalid."""
    sources: dict[str, Source] = {
        "user": reading.users_in(tenant_id, User.id.in_(ids)),
        "group": reading.groups_in(tenant_id, Group.id.in_(ids)),
        "serviceprincipal": reading.principals_in(tenant_id, ServicePrincipal.id.in_(ids)),
        "application": reading.applications_in(tenant_id, Application.id.in_(ids)),
        "organization": Source(ORGANIZATION, (Tenant.id == tenant_id, Tenant.id.in_(ids))),
    }
    known = {*sources, "directoryrole", "directoryobject", "device", "orgcontact", "administrativeunit"}
    unknown = [each for each in types if each not in known]
    if unknown:
        raise GraphInvalid(f"'{unknown[0]}' is no type of directory objects.", target="types")
    every = not types or "directoryobject" in types
    found: list[tuple[Resource, Rows]] = [
        (source.resource, pages.values_of(uow, source)) for name, source in sources.items() if every or name in types
    ]
    if every or "directoryrole" in types:
        rows = role_rows(tenant_id, service.activated_roles(uow, tenant_id))
        found.append((ROLE, [row for row in rows if row["id"] in set(ids)]))
    return found


def _shown(uow: UnitOfWork, asked: Asked, found: Iterable[tuple[Resource, Rows]]) -> list[dict[str, Any]]:
    """The objects with their types; what was selected of a type that has it."""
    parts = [(asked.full(resource), rows) for resource, rows in found]
    selection = replace(asked.options.selection, among=tuple(resource for resource, _ in parts))
    return [each for resource, rows in parts for each in render(resource, rows, selection, uow=uow, typed=True)]


@post(
    "/directoryobjects/getbyids",
    status_code=200,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/directoryObjects/getByIds"},
)
def get_by_ids(data: JSONBody[IdsAsked], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """What these ids are, in the order asked; those that nobody has are left out."""
    with begin.read() as uow:
        tenant_id = _allow(uow)
        ids, types = data.wanted()
        keys = list(dict.fromkeys(key for key in map(guid_of, ids) if key is not None))
        shown = {each["id"]: each for each in _shown(uow, asked, _found(uow, tenant_id, keys, types))}
        value = [shown[str(key)] for key in keys if str(key) in shown]
        return answers.listed(asked, {"@odata.context": asked.context("directoryObjects"), "value": value})


@get("/directoryobjects/{key:str}", sync_to_thread=True, opt={"operation": "GET /v1.0/directoryObjects/{id}"})
def get_object(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One object, whatever it is."""
    with begin.read() as uow:
        tenant_id = _allow(uow)
        found_id = guid_of(key)
        found = _found(uow, tenant_id, [found_id], ()) if found_id is not None else []
        shown = _shown(uow, asked, [(resource, rows) for resource, rows in found if rows])
        if not shown:
            raise ResourceMissing(key)
        return answers.shown(asked, {"@odata.context": asked.context("directoryObjects", one=True), **shown[0]})


ROUTES: list[Any] = [get_by_ids, get_object]
