"""The relationship that comes with a customer which a partner makes: nobody is asked. Source: gdap §12."""

from uuid import UUID

from openpartner.customers.events import CustomerCreated
from openpartner.partner import queries as partners
from openpartner.partner.rules import Program, ProgramState
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.rules.granular import Side
from openpartner.relationships.rules.granular_defaults import DEFAULT_ROLES, default_terms
from openpartner.relationships.service.granular_consent import BY_PARTNER, confirm
from openpartner.relationships.service.granular_drafting import draw_up, lock_for_approval


def create_default_relationship(uow: UnitOfWork, fact: CustomerCreated) -> list[AdminRelationship]:
    """For the partner, and for the indirect reseller the customer is for; approved as it is made, active soon after.

    The roles follow from how each takes part in the programme. No group is assigned: that is the partner's to do.
    Emits AdminRelationshipCreated, AdminRelationshipLocked, AdminRelationshipApproved for each; sends no mail.
    """
    if not fact.gdap_by_default or fact.customer_id is None:
        return []
    sellers = [seller for seller in (fact.partner_id, fact.reseller_id) if seller is not None]
    made = [_give_default(uow, seller, fact.customer_id, fact.company_name) for seller in sellers]
    return [relationship for relationship in made if relationship is not None]


def _give_default(uow: UnitOfWork, partner_id: UUID, customer_id: UUID, company_name: str) -> AdminRelationship | None:
    enrolment = partners.enrolment(uow, partner_id, Program.CSP)
    if enrolment is None or enrolment.state is not ProgramState.ACTIVE or enrolment.kind not in DEFAULT_ROLES:
        return None
    terms = default_terms(enrolment.kind, customer_id, company_name).read()
    relationship = draw_up(uow, terms, partner_id, is_default=True)
    lock_for_approval(uow, relationship, Side.PARTNER)
    confirm(uow, relationship, BY_PARTNER)
    return relationship
