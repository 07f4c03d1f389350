"""``/_sandbox/consent``: a customer's answer in one call, for scripts: nobody has to sign in as its administrator."""

from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from openpartner.customers.rules import AgreementContact
from openpartner.identity import queries as directory
from openpartner.identity.models import User
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.relationships import queries, service
from openpartner.relationships.rules.reselling import ResellerLink, link_of, read_link


class Answer(StrEnum):
    """What the customer does."""

    APPROVE = "approve"
    REFUSE = "refuse"
    IGNORE = "ignore"


class Consent(msgspec.Struct, rename="camel"):
    """Who answers what.

    customer: tenant id or domain. link: as the partner sent it; or partner, tenant id or domain, and of an indirect
    reseller the provider. admin: which Global admin decides; the first when none is named. reason: of a refusal.
    """

    customer: str
    answer: Answer
    link: str = ""
    partner: str = ""
    provider: str = ""
    admin: str = ""
    reason: str = ""


class ConsentView(msgspec.Struct, rename="camel"):
    """What came of it. state: accepted, refused, or sent for what was left unanswered."""

    customer: UUID
    partner: UUID
    provider: UUID | None
    state: str
    admin: str
    commerce_id: UUID | None = None


def _partner(uow: UnitOfWork, text: str) -> UUID:
    found = directory.tenant_by_domain_or_id(uow, text.strip())
    if found is None or found.kind is not TenantKind.PARTNER:
        raise NotFound("The partner tenant", text)
    return found.id


def _link(uow: UnitOfWork, asked: Consent) -> ResellerLink:
    if bool(asked.link) is bool(asked.partner):
        raise Invalid("Give the link that the partner sent, or the partner's tenant id or domain.")
    if asked.link:
        pairs = parse_qsl(urlsplit(asked.link).query)
        return read_link({name.lower(): value for name, value in pairs})
    partner_id = _partner(uow, asked.partner)
    provider_id = _partner(uow, asked.provider) if asked.provider else None
    kind, mpn = queries.csp_kind(uow, partner_id), queries.transacting_id(uow, partner_id)
    return link_of(partner_id, kind, mpn, provider_id=provider_id)


def answer_invitation(uow: UnitOfWork, asked: Consent) -> ConsentView:
    """Answer in the customer's name. An agreement that is missing is accepted with it, by the same administrator."""
    link = _link(uow, asked)
    tenant = service.customer_named(uow, asked.customer)
    admin = service.customer_admin(uow, tenant, asked.admin)
    view = ConsentView(tenant.id, link.partner_id, link.provider_id, "sent", admin.name)
    with service.acting_as(uow, admin):
        if asked.answer is Answer.IGNORE:
            service.open_offer(uow, link)
        elif asked.answer is Answer.REFUSE:
            view.state = service.refuse_reseller_relationship(uow, link, asked.reason).state.value
        else:
            user = uow.db.get_one(User, admin.principal_id)
            contact = AgreementContact(
                user.given_name or user.display_name, user.surname or user.display_name, user.mail or user.upn
            )
            view.commerce_id = service.accept_reseller_relationship(uow, link, contact=contact).commerce_id
            view.state = "accepted"
    return view


@post("/_sandbox/consent", status_code=200, sync_to_thread=True)
def consent(data: JSONBody[Consent], world: NamedDependency[World]) -> ConsentView:
    """A customer approves, refuses or ignores a partner's invitation."""
    with world.begin(SYSTEM) as uow:
        return answer_invitation(uow, data)


ROUTES: list[Any] = [consent]
