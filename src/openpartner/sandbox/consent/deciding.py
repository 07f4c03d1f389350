"""Taking a decision: by the use cases that the pages use, in the name of an administrator of the tenant it is for."""

from collections.abc import Callable, Mapping
from uuid import UUID

from openpartner.customers.rules import AgreementContact
from openpartner.identity import queries as directory
from openpartner.identity.models import Tenant, User
from openpartner.partner import queries as partners
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.rules.reselling import ResellerLink
from openpartner.sandbox.consent.pages import invitation_link
from openpartner.sandbox.consent.rules import Answer, DeciderNeeded, Matter, NotThatAnswer
from openpartner.sandbox.consent.sources import Subject

DECIDED_BY_PARTNER = frozenset({Matter.REVIEW, Matter.PARTNERSHIP})


def decider_of(uow: UnitOfWork, subject: Subject, named: str = "") -> Tenant:
    """Whose administrator decides: the tenant ``named`` (id or domain), else the one the request is for.

    Raises DeciderNeeded, NotFound.
    """
    if not named.strip():
        if subject.decider_id is None:
            raise DeciderNeeded
        return directory.tenant_by_id(uow, subject.decider_id)
    kind = TenantKind.PARTNER if subject.matter in DECIDED_BY_PARTNER else TenantKind.CUSTOMER
    found = directory.tenant_by_domain_or_id(uow, named.strip())
    if found is None or found.kind is not kind:
        raise NotFound(f"The {kind.value}'s tenant", named)
    return found


def carry_out(
    uow: UnitOfWork, subject: Subject, answer: Answer, tenant: Tenant, *, admin: str = "", reason: str = ""
) -> Actor:
    """Approve, refuse or end; gives who decided. admin: which administrator; the first when none is named.

    Raises NotThatAnswer, NoAdministrator, NotFound, and whatever the use case refuses.
    """
    deed = _DEEDS.get((subject.matter, answer))
    if deed is None:
        raise NotThatAnswer(answer)
    actor = _administrator(uow, subject.matter, tenant, admin)
    with service.acting_as(uow, actor):
        deed(uow, subject, reason)
    return actor


def _administrator(uow: UnitOfWork, matter: Matter, tenant: Tenant, name: str) -> Actor:
    if matter is not Matter.REVIEW:
        return service.customer_admin(uow, tenant, name)
    agents = partners.holders(uow, tenant.id, TenantKind.PARTNER, (Role.ADMIN_AGENT,))
    chosen = [agent for agent in agents if not name or agent.upn.lower() == name.strip().lower()]
    if not chosen:
        raise NotFound("An Admin agent", name or tenant.name)
    return service.user_as_actor(uow, tenant.id, chosen[0].id)


def contact_of(uow: UnitOfWork, actor: Actor) -> AgreementContact:
    """Who accepts the customer agreement, where the answer needs it."""
    user = uow.db.get_one(User, actor.principal_id)
    return AgreementContact(
        user.given_name or user.display_name, user.surname or user.display_name, user.mail or user.upn
    )


Deed = Callable[[UnitOfWork, Subject, str], object]


def _approve_granular(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.approve_admin_relationship(uow, subject.id)


def _refuse_granular(uow: UnitOfWork, subject: Subject, reason: str) -> None:
    service.reject_admin_relationship(uow, subject.id, reason)


def _end_granular(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.terminate_admin_relationship(uow, subject.id)


def _approve_review(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.request_transition(uow, subject.id, RequestAction.APPROVE)


def _refuse_review(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.request_transition(uow, subject.id, RequestAction.REJECT)


def _link(subject: Subject) -> ResellerLink:
    return subject.link or invitation_link(subject)


def _approve_reseller(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.accept_reseller_relationship(uow, _link(subject), contact=contact_of(uow, uow.actor))


def _refuse_reseller(uow: UnitOfWork, subject: Subject, reason: str) -> None:
    service.refuse_reseller_relationship(uow, _link(subject), reason)


def _end_reseller(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.end_own_partner(uow, UUID(subject.id), subject.provider_id or subject.asker_id)


def _approve_partnership(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.accept_partnership(uow, UUID(subject.id))


def _refuse_partnership(uow: UnitOfWork, subject: Subject, reason: str) -> None:
    service.refuse_partnership(uow, UUID(subject.id), reason)


def _end_partnership(uow: UnitOfWork, subject: Subject, _reason: str) -> None:
    service.end_partnership(uow, subject.asker_id)


_DEEDS: Mapping[tuple[Matter, Answer], Deed] = {
    (Matter.GRANULAR, Answer.APPROVE): _approve_granular,
    (Matter.GRANULAR, Answer.REFUSE): _refuse_granular,
    (Matter.GRANULAR, Answer.END): _end_granular,
    (Matter.REVIEW, Answer.APPROVE): _approve_review,
    (Matter.REVIEW, Answer.REFUSE): _refuse_review,
    (Matter.RESELLER, Answer.APPROVE): _approve_reseller,
    (Matter.RESELLER, Answer.REFUSE): _refuse_reseller,
    (Matter.RESELLER, Answer.END): _end_reseller,
    (Matter.COMBINED, Answer.APPROVE): _approve_reseller,
    (Matter.COMBINED, Answer.REFUSE): _refuse_reseller,
    (Matter.COMBINED, Answer.END): _end_reseller,
    (Matter.PARTNERSHIP, Answer.APPROVE): _approve_partnership,
    (Matter.PARTNERSHIP, Answer.REFUSE): _refuse_partnership,
    (Matter.PARTNERSHIP, Answer.END): _end_partnership,
}
