"""What begins to wait for consent is looked at by the standing policies, in the same transaction."""

from openpartner.platform.events import Reactions
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.events.granular import AdminRelationshipLocked, AdminRelationshipReviewed
from openpartner.relationships.events.partnerships import PartnershipInvited
from openpartner.relationships.events.reselling import CustomerInvited
from openpartner.sandbox.consent.service import plan_for


def on_relationship_waiting(uow: UnitOfWork, fact: AdminRelationshipLocked | AdminRelationshipReviewed) -> None:
    """It waits for its customer, or for the reseller it is for."""
    plan_for(uow, fact.relationship_id)


def on_invited(uow: UnitOfWork, fact: CustomerInvited | PartnershipInvited) -> None:
    """A mail waits for its answer."""
    plan_for(uow, str(fact.invitation_id))


def register(reactions: Reactions) -> None:
    """Hang them on what they react to."""
    reactions.on(AdminRelationshipLocked, on_relationship_waiting)
    reactions.on(AdminRelationshipReviewed, on_relationship_waiting)
    reactions.on(CustomerInvited, on_invited)
    reactions.on(PartnershipInvited, on_invited)
