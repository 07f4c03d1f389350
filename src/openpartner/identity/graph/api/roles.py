"""Directory roles and their assignments. Source: graph-endpoints, area roles."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy import select

from openpartner.identity.graph import reading
from openpartner.identity.graph.wire.references import Reference
from openpartner.identity.graph.wire.roles import (
    ASSIGNMENT,
    DEFINITION,
    ROLE,
    TEMPLATE,
    RoleActivation,
    RoleAssignmentChange,
    definition_rows,
    role_rows,
    template_rows,
)
from openpartner.identity.models import DirectoryRoleAssignment
from openpartner.identity.service.administering import roles as service
from openpartner.identity.service.administering.allowing import allow
from openpartner.identity.service.administering.finding import guid_of
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.graph import answers, lists, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.errors import ResourceMissing
from openpartner.platform.graph.pages import Source
from openpartner.platform.work import Begin, UnitOfWork

ROLES_READ = DirectoryAction.ROLES_READ


@get("/directoryroles", sync_to_thread=True, opt={"operation": "GET /v1.0/directoryRoles"})
def list_roles(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The roles that are on in the tenant."""
    with begin.read() as uow:
        tenant_id = allow(uow, ROLES_READ)
        rows = role_rows(tenant_id, service.activated_roles(uow, tenant_id))
        return answers.listed(asked, lists.list_of(asked, ROLE, rows, uow=uow))


@post("/directoryroles", sync_to_thread=True, opt={"operation": "POST /v1.0/directoryRoles"})
def activate_role(
    data: JSONBody[RoleActivation], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Switch a role on."""
    with begin() as uow:
        template = service.activate_role(uow, str(data.given().get("role_template_id", "")))
        [row] = role_rows(uow.actor.tenant, [template])
        return answers.created(asked, lists.one_in(asked, ROLE, row, template), f"directoryRoles/{row['id']}")


@get("/directoryroles/{key:str}", sync_to_thread=True)
def get_role(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One role, by object id or template."""
    with begin.read() as uow:
        tenant_id = allow(uow, ROLES_READ)
        [row] = role_rows(tenant_id, [service.role_named(uow, tenant_id, key)])
        return answers.shown(asked, lists.one_in(asked, ROLE, row, key, uow=uow))


def _members(uow: UnitOfWork, key: str, casts: Sequence[str]) -> list[Source]:
    tenant_id = allow(uow, ROLES_READ)
    template = service.role_named(uow, tenant_id, key)
    held = select(DirectoryRoleAssignment.principal_id).where(
        DirectoryRoleAssignment.tenant_id == tenant_id, DirectoryRoleAssignment.role_template_id == template
    )
    return reading.any_of(tenant_id, held, *casts)


def _member_routes(cast: str) -> list[Any]:
    path = "/directoryroles/{key:str}/members" + (f"/graph.{cast}" if cast else "")
    casts = [cast] if cast else []
    opt = {} if cast else {"operation": "GET /v1.0/directoryRoles(roleTemplateId='{guid}')/members"}

    @get(path, sync_to_thread=True, opt=opt)
    def list_role_members(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """Who holds a role, typed."""
        with begin.read() as uow:
            body = pages.page_of(uow, asked, *_members(uow, key, casts), context="directoryObjects", typed=True)
            return answers.listed(asked, body)

    @get(f"{path}/$count", sync_to_thread=True)
    def count_role_members(
        key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
    ) -> Response[Any]:
        """How many hold it."""
        with begin.read() as uow:
            return answers.counted(pages.count_of(uow, asked, *_members(uow, key, casts)))

    return [list_role_members, count_role_members]


@post(
    "/directoryroles/{key:str}/members/$ref",
    status_code=204,
    sync_to_thread=True,
    opt={"operation": "POST /v1.0/directoryRoles/{id}/members/$ref"},
)
def add_role_member(key: FromPath[str], data: JSONBody[Reference], begin: NamedDependency[Begin]) -> None:
    """Give a role."""
    with begin() as uow:
        service.add_role_member(uow, key, data.key)


@delete(
    "/directoryroles/{key:str}/members/{member_key:str}/$ref",
    sync_to_thread=True,
    opt={"operation": "DELETE /v1.0/directoryRoles/{id}/members/{oid}/$ref"},
)
def remove_role_member(key: FromPath[str], member_key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take a role."""
    with begin() as uow:
        service.remove_role_member(uow, key, member_key)


@get("/directoryroletemplates", sync_to_thread=True, opt={"operation": "GET /v1.0/directoryRoleTemplates"})
def list_templates(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """Every role there is."""
    with begin.read() as uow:
        allow(uow, ROLES_READ)
        return answers.listed(asked, lists.list_of(asked, TEMPLATE, template_rows()))


@get(
    "/rolemanagement/directory/roledefinitions",
    sync_to_thread=True,
    opt={"operation": "GET /v1.0/roleManagement/directory/roleDefinitions"},
)
def list_definitions(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The built-in definitions."""
    with begin.read() as uow:
        allow(uow, ROLES_READ)
        return answers.listed(asked, lists.list_of(asked, DEFINITION, definition_rows()))


@get("/rolemanagement/directory/roledefinitions/{key:str}", sync_to_thread=True)
def get_definition(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One definition."""
    with begin.read() as uow:
        allow(uow, ROLES_READ)
        found = guid_of(key)
        rows = definition_rows([found]) if found is not None else []
        return answers.shown(asked, lists.one_in(asked, DEFINITION, next(iter(rows), None), key))


ASSIGNMENTS = "/rolemanagement/directory/roleassignments"


def _assignments(tenant_id: UUID, *where: Any) -> Source:
    return Source(ASSIGNMENT, (DirectoryRoleAssignment.tenant_id == tenant_id, *where))


@get(ASSIGNMENTS, sync_to_thread=True, opt={"operation": "GET /v1.0/roleManagement/directory/roleAssignments"})
def list_assignments(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """Who holds which role."""
    with begin.read() as uow:
        tenant_id = allow(uow, ROLES_READ)
        return answers.listed(asked, pages.page_of(uow, asked, _assignments(tenant_id)))


@get(f"{ASSIGNMENTS}/{{key:str}}", sync_to_thread=True)
def get_assignment(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """One assignment."""
    with begin.read() as uow:
        tenant_id, found = allow(uow, ROLES_READ), guid_of(key)
        if found is None:
            raise ResourceMissing(key)
        source = _assignments(tenant_id, DirectoryRoleAssignment.id == found)
        return answers.shown(asked, pages.one_of(uow, asked, source, key))


@post(ASSIGNMENTS, sync_to_thread=True, opt={"operation": "POST /v1.0/roleManagement/directory/roleAssignments"})
def post_assignment(
    data: JSONBody[RoleAssignmentChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Give a role."""
    with begin() as uow:
        given = data.given()
        definition, principal = str(given.get("role_definition_id", "")), str(given.get("principal_id", ""))
        made = service.assign_role(uow, definition, principal, given.get("directory_scope_id"))
        source = _assignments(made.tenant_id, DirectoryRoleAssignment.id == made.id)
        shown = pages.one_of(uow, asked, source, made.id)
        return answers.created(asked, shown, f"roleManagement/directory/roleAssignments/{made.id}")


@delete(
    f"{ASSIGNMENTS}/{{key:str}}",
    sync_to_thread=True,
    opt={"operation": "DELETE /v1.0/roleManagement/directory/roleAssignments/{id}"},
)
def delete_assignment(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    """Take a role."""
    with begin() as uow:
        service.unassign_role(uow, key)


ROUTES: list[Any] = [
    list_roles,
    activate_role,
    get_role,
    *_member_routes(""),
    *_member_routes("user"),
    *_member_routes("group"),
    add_role_member,
    remove_role_member,
    list_templates,
    list_definitions,
    get_definition,
    list_assignments,
    get_assignment,
    post_assignment,
    delete_assignment,
]
