"""A partner's orders to move a relationship. Source: gdap §3, requests."""

from openpartner.platform.permissions import GDAP
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.queries import granular
from openpartner.relationships.rules.granular import Action, Side, after
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.service.granular_consent import refuse, review
from openpartner.relationships.service.granular_drafting import lock_for_approval
from openpartner.relationships.service.granular_ending import end_early
from openpartner.relationships.service.granular_states import side_of
from openpartner.relationships.service.request_records import keep_request


def request_transition(uow: UnitOfWork, relationship_id: str, action: RequestAction) -> RelationshipRequest:
    """A partner's order: to ask the customer, or to end; an indirect reseller's, to agree or refuse.

    The relationship moves at once as far as nothing has to be set up; the record is settled a little later.
    Raises RelationshipUnknown, StatusForbids, NotYours, AlreadyReviewed.
    Emits AdminRelationshipLocked, AdminRelationshipTerminationRequested, AdminRelationshipReviewed, or
    AdminRelationshipRejected and AdminRelationshipTerminated.
    """
    uow.actor.require(GDAP.write)
    relationship = granular.one_relationship(uow, relationship_id, lock=True)
    side = side_of(uow, relationship)
    match action:
        case RequestAction.LOCK_FOR_APPROVAL:
            lock_for_approval(uow, relationship, side)
        case RequestAction.TERMINATE:
            end_early(uow, relationship, side)
        case RequestAction.REJECT:
            refuse(uow, relationship, side)
        case RequestAction.APPROVE if side is Side.RESELLER:
            review(uow, relationship)
        case RequestAction.APPROVE:
            after(relationship.status, Action.APPROVE, side)
    return keep_request(uow, relationship, action, side)
