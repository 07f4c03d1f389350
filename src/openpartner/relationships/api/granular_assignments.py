"""Graph's routes of access assignments. Source: gdap §4, §8, §9."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.pages import Source
from openpartner.platform.permissions import GDAP_ASSIGNMENTS
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.api import granular_resources as declared
from openpartner.relationships.api.granular_admission import guid_of, let_in, needed_match, relationship_key
from openpartner.relationships.api.granular_relationships import OPERATION, ROOT, accepted_operation, below
from openpartner.relationships.models.assignments import AccessAssignment
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries.assignments import one_assignment
from openpartner.relationships.queries.granular import READERS, one_relationship
from openpartner.relationships.wire.granular import AssignmentIn

NAME = "accessAssignments"
_PATH = f"/{ROOT}/{{relationship_id:str}}/{NAME}".lower()
_ONE = f"{_PATH}/{{assignment_id:str}}"
_OPERATION = f"{OPERATION}/{{id}}/{NAME}"


def _readable(operation: str) -> dict[str, Any]:
    return {"operation": operation, "permission": READERS}


def _writable(operation: str) -> dict[str, Any]:
    return {"operation": operation, "permission": GDAP_ASSIGNMENTS.write}


def _seen(uow: UnitOfWork, relationship_id: str) -> AdminRelationship:
    return one_relationship(uow, relationship_key(relationship_id))


def _all(relationship: AdminRelationship) -> Source:
    return Source(declared.ASSIGNMENT, (AccessAssignment.relationship_id == relationship.id,))


def _assignment_id(text: str) -> UUID:
    return guid_of(text, "delegatedAdminAccessAssignmentId")


def _shown(uow: UnitOfWork, asked: Asked, relationship: AdminRelationship, key: UUID) -> dict[str, Any]:
    source = Source(declared.ASSIGNMENT, (AccessAssignment.id == key,))
    return pages.one_of(uow, asked, source, key, context=below(relationship.id, NAME))


@get(_PATH, sync_to_thread=True, opt=_readable(f"GET {_OPERATION}"))
def list_assignments(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """A relationship's assignments, deleted ones too."""
    with begin.read() as uow:
        let_in(uow)
        relationship = _seen(uow, relationship_id)
        body = pages.page_of(uow, asked, _all(relationship), context=below(relationship.id, NAME))
        return answers.listed(asked, body)


@get(f"{_PATH}/$count", sync_to_thread=True, opt=_readable(f"GET {_OPERATION}/$count"))
def count_assignments(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """How many there are."""
    with begin.read() as uow:
        let_in(uow)
        return answers.counted(pages.count_of(uow, asked, _all(_seen(uow, relationship_id))))


@post(_PATH, status_code=201, sync_to_thread=True, opt=_writable(f"POST {_OPERATION}"))
def create_assignment(
    relationship_id: FromPath[str],
    data: JSONBody[AssignmentIn],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Give roles to a security group."""
    with begin() as uow:
        let_in(uow, GDAP_ASSIGNMENTS.write)
        relationship = _seen(uow, relationship_id)
        made = service.create_access_assignment(uow, relationship.id, data.group(), data.roles())
        body = _shown(uow, asked, relationship, made.id)
        return answers.created(asked, body, f"{ROOT}/{relationship.id}/{NAME}/{made.id}")


@get(_ONE, sync_to_thread=True, opt=_readable(f"GET {_OPERATION}/{{aid}}"))
def read_assignment(
    relationship_id: FromPath[str],
    assignment_id: FromPath[str],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        let_in(uow)
        relationship = _seen(uow, relationship_id)
        found = one_assignment(uow, relationship, _assignment_id(assignment_id))
        return answers.shown(asked, _shown(uow, asked, relationship, found.id))


@patch(_ONE, sync_to_thread=True, opt=_writable(f"PATCH {_OPERATION}/{{aid}}"))
def change_assignment(
    relationship_id: FromPath[str],
    assignment_id: FromPath[str],
    data: JSONBody[AssignmentIn],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Give the group other roles: 202 with an operation, or 200 when they are the same."""
    with begin() as uow:
        let_in(uow, GDAP_ASSIGNMENTS.write)
        relationship = _seen(uow, relationship_id)
        found = one_assignment(uow, relationship, _assignment_id(assignment_id))
        etag = needed_match(uow, asked)
        changed = service.update_access_assignment(uow, relationship.id, found.id, data.roles(), etag=etag)
        if changed.operation is not None:
            return accepted_operation(asked, changed.operation)
        return answers.changed(asked, _shown(uow, asked, relationship, found.id))


@delete(_ONE, status_code=200, sync_to_thread=True, opt=_writable(f"DELETE {_OPERATION}/{{aid}}"))
def delete_assignment(
    relationship_id: FromPath[str],
    assignment_id: FromPath[str],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Take the group's roles back; the assignment stays listed as deleted."""
    with begin() as uow:
        let_in(uow, GDAP_ASSIGNMENTS.write)
        relationship = _seen(uow, relationship_id)
        found = one_assignment(uow, relationship, _assignment_id(assignment_id))
        etag = needed_match(uow, asked)
        service.delete_access_assignment(uow, relationship.id, found.id, etag=etag)
        return answers.nothing()


ROUTES: list[Any] = [
    list_assignments,
    count_assignments,
    create_assignment,
    read_assignment,
    change_assignment,
    delete_assignment,
]
