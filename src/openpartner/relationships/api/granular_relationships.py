"""Graph's routes of delegated admin relationships, their requests and operations. Source: gdap §2 to §9."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from openpartner.platform.graph import answers, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.edm import plain
from openpartner.platform.graph.pages import Source
from openpartner.platform.permissions import GDAP
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.api import granular_resources as declared
from openpartner.relationships.api.granular_admission import guid_of, let_in, needed_match, relationship_key
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.operations import RelationshipOperation
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.queries.granular import READERS, one_relationship, resellers_among, seen_by
from openpartner.relationships.queries.operations import one_operation
from openpartner.relationships.queries.requests import one_request
from openpartner.relationships.rules.operations import DONE, RETRY_AFTER
from openpartner.relationships.rules.requests import request_action
from openpartner.relationships.wire.granular import RelationshipIn, RequestIn

ROOT = "tenantRelationships/delegatedAdminRelationships"
OPERATION = f"/v1.0/{ROOT}"
_PATH = f"/{ROOT}".lower()

Body = dict[str, Any]


def _readable(operation: str) -> dict[str, Any]:
    return {"operation": operation, "permission": READERS}


def _writable(operation: str) -> dict[str, Any]:
    return {"operation": operation, "permission": GDAP.write}


def _in_set(body: Body) -> Body:
    """The context stands under ``tenantRelationships``, unlike others. Source: gdap §9."""
    body["@odata.context"] = body["@odata.context"].replace("/$metadata#", "/tenantRelationships/$metadata#", 1)
    return body


def _derived(uow: UnitOfWork, asked: Asked, objects: Sequence[Body]) -> list[Body]:
    """The objects, those of a reseller's relationship with their type and what it has besides. Source: gdap §2.1."""
    resellers = resellers_among(uow, [each["id"] for each in objects])
    named = asked.options.selection.named
    shown = []
    for each in objects:
        row = resellers.get(each["id"])
        if row is None:
            shown.append(each)
            continue
        members: Body = {"indirectProviderTenantId": row.indirect_provider_id}
        members |= {"isPartnerConsentPending": row.is_partner_consent_pending}
        more = {name: plain(value) for name, value in members.items() if named is None or name in named}
        shown.append({"@odata.type": declared.RESELLER_RELATIONSHIP.odata_type, **each, **more})
    return shown


def _listed(uow: UnitOfWork) -> Source:
    return Source(declared.RELATIONSHIP, (seen_by(uow),))


def shown_relationship(uow: UnitOfWork, asked: Asked, key: str) -> Body:
    """One relationship that the actor has seen, in its envelope."""
    source = Source(declared.RELATIONSHIP, (AdminRelationship.id == key,))
    body = _in_set(pages.one_of(uow, asked, source, key))
    context = body.pop("@odata.context")
    return {"@odata.context": context, **_derived(uow, asked, [body])[0]}


@get(_PATH, sync_to_thread=True, opt=_readable(f"GET {OPERATION}"))
def list_relationships(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """The partner's relationships, those asked for in a reseller's name with their own type."""
    with begin.read() as uow:
        let_in(uow)
        body = _in_set(pages.page_of(uow, asked, _listed(uow)))
        body["value"] = _derived(uow, asked, body["value"])
        return answers.listed(asked, body)


@get(f"{_PATH}/$count", sync_to_thread=True, opt=_readable(f"GET {OPERATION}/$count"))
def count_relationships(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    """How many there are."""
    with begin.read() as uow:
        let_in(uow)
        return answers.counted(pages.count_of(uow, asked, _listed(uow)))


@post(_PATH, status_code=201, sync_to_thread=True, opt=_writable(f"POST {OPERATION}"))
def create_relationship(
    data: JSONBody[RelationshipIn], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Draw one up."""
    with begin() as uow:
        let_in(uow, GDAP.write)
        made = service.create_admin_relationship(uow, data.wanted(), for_reseller=data.for_reseller)
        body = shown_relationship(uow, asked, made.id)
        body["@odata.context"] = body["@odata.context"].removesuffix("/$entity")
        return answers.created(asked, body, f"{ROOT}/{made.id}")


@get(f"{_PATH}/{{relationship_id:str}}", sync_to_thread=True, opt=_readable(f"GET {OPERATION}/{{id}}"))
def read_relationship(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        let_in(uow)
        found = one_relationship(uow, relationship_key(relationship_id))
        return answers.shown(asked, shown_relationship(uow, asked, found.id))


@patch(f"{_PATH}/{{relationship_id:str}}", sync_to_thread=True, opt=_writable(f"PATCH {OPERATION}/{{id}}"))
def change_relationship(
    relationship_id: FromPath[str],
    data: JSONBody[RelationshipIn],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Change a draft, or an active one's extension; 202 where Global Administrator is taken out."""
    with begin() as uow:
        let_in(uow, GDAP.write)
        key = relationship_key(relationship_id)
        one_relationship(uow, key)
        changed = service.update_admin_relationship(uow, key, data.change(), etag=needed_match(uow, asked))
        if changed.operation is not None:
            return accepted_operation(asked, changed.operation)
        return answers.changed(asked, shown_relationship(uow, asked, key))


@delete(
    f"{_PATH}/{{relationship_id:str}}",
    status_code=200,
    sync_to_thread=True,
    opt=_writable(f"DELETE {OPERATION}/{{id}}"),
)
def delete_relationship(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Delete a draft."""
    with begin() as uow:
        let_in(uow, GDAP.write)
        key = relationship_key(relationship_id)
        one_relationship(uow, key)
        service.delete_admin_relationship(uow, key, etag=needed_match(uow, asked))
        return answers.nothing()


# --- requests


def _requests(uow: UnitOfWork, relationship_id: str) -> tuple[AdminRelationship, Source]:
    relationship = one_relationship(uow, relationship_key(relationship_id))
    return relationship, Source(declared.REQUEST, (RelationshipRequest.relationship_id == relationship.id,))


def below(relationship_id: str, name: str) -> str:
    """The context of what hangs on a relationship."""
    return f"{ROOT}('{relationship_id}')/{name}"


@get(
    f"{_PATH}/{{relationship_id:str}}/requests", sync_to_thread=True, opt=_readable(f"GET {OPERATION}/{{id}}/requests")
)
def list_requests(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Every order to move a relationship."""
    with begin.read() as uow:
        let_in(uow)
        relationship, source = _requests(uow, relationship_id)
        return answers.listed(asked, pages.page_of(uow, asked, source, context=below(relationship.id, "requests")))


@post(
    f"{_PATH}/{{relationship_id:str}}/requests",
    status_code=201,
    sync_to_thread=True,
    opt=_writable(f"POST {OPERATION}/{{id}}/requests"),
)
def order_transition(
    relationship_id: FromPath[str],
    data: JSONBody[RequestIn],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """Ask the customer, or end the relationship; an indirect reseller agrees or refuses."""
    with begin() as uow:
        let_in(uow, GDAP.write)
        key = relationship_key(relationship_id)
        one_relationship(uow, key)
        made = service.request_transition(uow, key, request_action(data.action or ""))
        _, source = _requests(uow, key)
        own = Source(source.resource, (RelationshipRequest.id == made.id,))
        body = pages.one_of(uow, asked, own, made.id, context=below(key, "requests"))
        return answers.created(asked, body, f"{ROOT}/{key}/requests/{made.id}")


@get(
    f"{_PATH}/{{relationship_id:str}}/requests/{{request_id:str}}",
    sync_to_thread=True,
    opt=_readable(f"GET {OPERATION}/{{id}}/requests/{{rid}}"),
)
def read_request(
    relationship_id: FromPath[str],
    request_id: FromPath[str],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """One of them."""
    with begin.read() as uow:
        let_in(uow)
        relationship, source = _requests(uow, relationship_id)
        found = one_request(uow, relationship, guid_of(request_id, "delegatedAdminRelationshipRequestId"))
        own = Source(source.resource, (RelationshipRequest.id == found.id,))
        return answers.shown(asked, pages.one_of(uow, asked, own, found.id, context=below(relationship.id, "requests")))


# --- operations


def accepted_operation(asked: Asked, operation: RelationshipOperation) -> Response[Any]:
    """202: where to look for the end of it."""
    path = f"{ROOT}/{operation.relationship_id}/operations/{operation.id}"
    return answers.accepted(asked.link(path), retry_after=RETRY_AFTER)


def _operations(uow: UnitOfWork, relationship_id: str) -> tuple[AdminRelationship, Source]:
    relationship = one_relationship(uow, relationship_key(relationship_id))
    return relationship, Source(declared.OPERATION, (RelationshipOperation.relationship_id == relationship.id,))


@get(
    f"{_PATH}/{{relationship_id:str}}/operations",
    sync_to_thread=True,
    opt=_readable(f"GET {OPERATION}/{{id}}/operations"),
)
def list_operations(
    relationship_id: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Every change of roles that took, or takes, a while."""
    with begin.read() as uow:
        let_in(uow)
        relationship, source = _operations(uow, relationship_id)
        return answers.listed(asked, pages.page_of(uow, asked, source, context=below(relationship.id, "operations")))


@get(
    f"{_PATH}/{{relationship_id:str}}/operations/{{operation_id:str}}",
    sync_to_thread=True,
    opt=_readable(f"GET {OPERATION}/{{id}}/operations/{{oid}}"),
)
def read_operation(
    relationship_id: FromPath[str],
    operation_id: FromPath[str],
    begin: NamedDependency[Begin],
    asked: NamedDependency[Asked],
) -> Response[Any]:
    """One of them; asks the client to come again while it is not done."""
    with begin.read() as uow:
        let_in(uow)
        relationship, source = _operations(uow, relationship_id)
        found = one_operation(uow, relationship, guid_of(operation_id, "delegatedAdminRelationshipOperationId"))
        own = Source(source.resource, (RelationshipOperation.id == found.id,))
        body = pages.one_of(uow, asked, own, found.id, context=below(relationship.id, "operations"))
        answer = answers.shown(asked, body)
        if found.status not in DONE:
            answer.headers["Retry-After"] = str(RETRY_AFTER)
        return answer


ROUTES: list[Any] = [
    list_relationships,
    count_relationships,
    create_relationship,
    read_relationship,
    change_relationship,
    delete_relationship,
    list_requests,
    order_transition,
    read_request,
    list_operations,
    read_operation,
]
