"""The record of an order, and how it comes to be settled. Source: gdap §2.3, §3."""

from typing import Any
from uuid import UUID

from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.queries.requests import next_request_number
from openpartner.relationships.rules.granular import Side
from openpartner.relationships.rules.requests import REQUEST_TRANSITIONS, SETTLED, RequestAction, RequestStatus
from openpartner.relationships.service.granular_states import PASS_REQUEST, spread_at


def keep_request(
    uow: UnitOfWork, relationship: AdminRelationship, action: RequestAction, side: Side, reason: str = ""
) -> RelationshipRequest:
    """Write down an order that was just carried out. Time settles the record (``pass_request``)."""
    request = RelationshipRequest(
        id=uow.ids.uuid(),
        relationship_id=relationship.id,
        number=next_request_number(uow, relationship.id),
        action=action,
        status=RequestStatus.CREATED,
        side=side,
        requested_by=uow.actor.name,
        reason=reason,
        created_at=uow.now,
        modified_at=uow.now,
    )
    uow.db.add(request)
    uow.db.flush()
    uow.schedule(uow.now, PASS_REQUEST, {"request_id": str(request.id)}, key=request_key(request.id))
    return request


def request_key(request_id: UUID) -> str:
    """Under which its next step is scheduled."""
    return f"{PASS_REQUEST}/{request_id}"


def pass_request(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: created, pending, succeeded; in one go where a change spreads at once."""
    request = uow.db.get(RelationshipRequest, UUID(args["request_id"]), with_for_update=True)
    if request is None or request.status in SETTLED:
        return
    is_new = request.status is RequestStatus.CREATED
    request.status, request.modified_at = REQUEST_TRANSITIONS[request.status], uow.now
    if not is_new:
        return
    settles_at = spread_at(uow)
    if settles_at <= uow.now:
        request.status = REQUEST_TRANSITIONS[request.status]
    else:
        uow.schedule(settles_at, PASS_REQUEST, args, key=request_key(request.id))
