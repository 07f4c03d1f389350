"""What a call is about: the id of what waits, a link as the partner sent it, or the partner's own link."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
from sqlalchemy import select

from openpartner.customers.models import Customer
from openpartner.identity import queries as directory
from openpartner.identity.models import Tenant
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries as relationships
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.rules.reselling import ResellerLink, link_of, read_link
from openpartner.relationships.service import name_of
from openpartner.sandbox.consent import queries, service
from openpartner.sandbox.consent.rules import Answer, Matter
from openpartner.sandbox.consent.service import Reply
from openpartner.sandbox.consent.sources import Subject


class Consent(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Who answers what.

    One of: id, of what waits (or runs, to end it); link, as the partner sent it; partner, tenant id or domain, for its
    reseller link, of an indirect reseller with the provider. customer: who decides, tenant id or domain; needed where
    the request names nobody. admin: which administrator decides; the first when none is named. reason: of a refusal.
    """

    answer: Answer
    customer: str = ""
    id: str = ""
    link: str = ""
    partner: str = ""
    provider: str = ""
    admin: str = ""
    reason: str = ""


class ConsentView(msgspec.Struct, rename="camel"):
    """What came of it.

    state: of an invitation accepted, refused, or sent for what was left unanswered; of an admin relationship its
    status; ended for what was ended. customer: who decided; null where nobody is known for what was ignored.
    """

    id: str
    kind: Matter
    customer: UUID | None
    partner: UUID
    provider: UUID | None
    state: str
    admin: str
    commerce_id: UUID | None = None


def answer_request(uow: UnitOfWork, asked: Consent) -> ConsentView:
    """Answer in the name of who decides. An agreement that is missing is accepted with it, by the same administrator.

    Raises Invalid, NotFound, and what ``service.answer_request`` raises.
    """
    subject = _subject(uow, asked)
    decision = service.answer_subject(uow, subject, Reply(asked.answer, asked.customer, asked.admin, asked.reason))
    return ConsentView(
        id=subject.id,
        kind=subject.matter,
        customer=decision.customer_id,
        partner=subject.asker_id,
        provider=subject.provider_id,
        state=_state(uow, subject, asked.answer),
        admin=decision.admin,
        commerce_id=_commerce_id(uow, subject, decision.customer_id) if asked.answer is Answer.APPROVE else None,
    )


def _state(uow: UnitOfWork, subject: Subject, answer: Answer) -> str:
    if subject.matter in {Matter.GRANULAR, Matter.REVIEW}:
        return uow.db.scalar(select(AdminRelationship.status).where(AdminRelationship.id == subject.id)) or ""
    said = {Answer.APPROVE: "accepted", Answer.REFUSE: "refused", Answer.IGNORE: "sent", Answer.END: "ended"}
    return said[answer]


def _commerce_id(uow: UnitOfWork, subject: Subject, customer_id: UUID | None) -> UUID | None:
    if subject.matter not in {Matter.RESELLER, Matter.COMBINED}:
        return None
    seller = subject.provider_id or subject.asker_id
    found = select(Customer.commerce_id).where(Customer.tenant_id == customer_id, Customer.partner_id == seller)
    return uow.db.scalar(found)


def _subject(uow: UnitOfWork, asked: Consent) -> Subject:
    if [bool(asked.id), bool(asked.link), bool(asked.partner)].count(True) != 1:
        raise Invalid("Give one of: the id of what waits, the link that the partner sent, or the partner.")
    if asked.id:
        ends = asked.answer is Answer.END
        return queries.running_subject(uow, asked.id) if ends else queries.waiting_subject(uow, asked.id)
    if asked.partner:
        return _of_link(uow, _own_link(uow, asked), asked)
    return _of_address(uow, asked)


def _of_address(uow: UnitOfWork, asked: Consent) -> Subject:
    """What a link leads to: of an admin relationship or a partnership its last part is the id."""
    parts = urlsplit(asked.link.strip())
    pairs = {name.lower(): value for name, value in parse_qsl(parts.query)}
    if "invtype" in pairs or "type" in pairs:
        link = read_link(pairs)
        if link.invitation_id is not None:
            return queries.waiting_subject(uow, str(link.invitation_id))
        return _of_link(uow, link, asked)
    subject_id = (parts.fragment or parts.path).rstrip("/").rpartition("/")[2]
    if "-" not in subject_id:
        raise Invalid("This is none of the links by which a partner asks. Copy it from the mail, whole.")
    return queries.waiting_subject(uow, subject_id)


def _own_link(uow: UnitOfWork, asked: Consent) -> ResellerLink:
    partner_id = _partner(uow, asked.partner).id
    provider_id = _partner(uow, asked.provider).id if asked.provider else None
    kind, mpn = relationships.csp_kind(uow, partner_id), relationships.transacting_id(uow, partner_id)
    return link_of(partner_id, kind, mpn, provider_id=provider_id)


def _partner(uow: UnitOfWork, text: str) -> Tenant:
    found = directory.tenant_by_domain_or_id(uow, text.strip())
    if found is None or found.kind is not TenantKind.PARTNER:
        raise NotFound("The partner tenant", text)
    return found


def _of_link(uow: UnitOfWork, link: ResellerLink, asked: Consent) -> Subject:
    """A partner's plain link waits for nobody and for everybody: whoever is named has opened it."""
    provider = "" if link.provider_id is None else name_of(uow, link.provider_id)
    return Subject(
        matter=Matter.RESELLER if link.provider_id is None else Matter.COMBINED,
        id="",
        title="Reseller link",
        asker_id=link.partner_id,
        asker_name=name_of(uow, link.partner_id),
        provider_id=link.provider_id,
        provider_name=provider,
        decider_id=None,
        decider_name="",
        recipient=asked.customer,
        since_at=uow.now,
        rank=1,
        link=link,
    )
