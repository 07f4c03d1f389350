"""A partner asks customers for a reseller relationship: the link, the mails, and taking a mail back."""

from uuid import UUID

import msgspec

from openpartner.partner import service as partner
from openpartner.partner.rules import PartnerKind
from openpartner.platform import permissions
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries
from openpartner.relationships.events.reselling import CustomerInvitationWithdrawn, CustomerInvited
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.queries import reselling
from openpartner.relationships.rules.granular_consent import approval_path
from openpartner.relationships.rules.granular_terms import WantedTerms
from openpartner.relationships.rules.invitations import InvitationAction, InvitationState, Letter, moved_invitation
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.rules.reselling import NotAskable, NotPartners, ResellerLink, link_of
from openpartner.relationships.service.granular_drafting import create_admin_relationship
from openpartner.relationships.service.requests import request_transition
from openpartner.relationships.service.telling import name_of

TOPIC = "reselling"


def relationship_request(
    uow: UnitOfWork,
    *,
    provider_id: UUID | None = None,
    reseller_id: UUID | None = None,
    indirect: bool | None = None,
) -> ResellerLink:
    """The link by which the actor's company, or a reseller of it, asks customers.

    provider_id: whom an indirect reseller sells with. reseller_id: for whom an indirect provider asks.
    indirect: which of its two parts a partner means that has both. Raises NotReady, NotAskable, NotPartners.
    """
    uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.read)
    uow.actor.require_user()
    partner.require_ready(uow, permissions.RESELLER_RELATIONSHIP_REQUEST)
    asker = uow.actor.tenant
    if reseller_id is not None and reseller_id != asker:
        if queries.csp_kind(uow, asker) is not PartnerKind.INDIRECT_PROVIDER or provider_id not in {None, asker}:
            raise NotAskable("Only an indirect provider asks for one of its indirect resellers.")
        asker, provider_id = reseller_id, asker
    link = link_of(
        asker,
        queries.csp_kind(uow, asker),
        queries.transacting_id(uow, asker),
        provider_id=None if provider_id == asker else provider_id,
        indirect=indirect,
    )
    if link.provider_id is not None and not queries.are_partners(uow, link.provider_id, link.partner_id):
        raise NotPartners(_name(uow, link.partner_id), _name(uow, link.provider_id))
    return link


def _name(uow: UnitOfWork, tenant_id: UUID) -> str:
    try:
        return name_of(uow, tenant_id)
    except NotFound:
        return str(tenant_id)


def invite_customers(
    uow: UnitOfWork, link: ResellerLink, letter: Letter, origin: str, *, administration: WantedTerms | None = None
) -> list[ResellerInvitation]:
    """Write to customers; each mail has the link, marked so that its answer finds it. ``origin``: of the portal.

    administration: ask each for an admin relationship too; it is locked for approval, and its link stands below.
    Raises RoleNeeded, NotAskable, what ``create_admin_relationship`` raises. Emits CustomerInvited for each,
    AdminRelationshipCreated and AdminRelationshipLocked.
    """
    uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
    uow.actor.require_user()
    granular = {} if administration is None else _ask_for_administration(uow, link, letter, administration)
    sent = []
    for recipient in letter.recipients:
        invitation = ResellerInvitation(
            id=uow.ids.uuid(),
            inviter_id=uow.actor.tenant,
            partner_id=link.partner_id,
            provider_id=link.provider_id,
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            granular_id=granular.get(recipient),
            state=InvitationState.SENT,
            sent_by=uow.actor.name,
            sent_at=uow.now,
        )
        uow.db.add(invitation)
        uow.db.flush()
        uow.mail(
            recipient,
            letter.subject,
            mail_text(invitation, link, origin),
            topic=TOPIC,
            tenant_id=uow.actor.tenant,
        )
        uow.emit(
            CustomerInvited(partner_id=uow.actor.tenant, invitation_id=invitation.id, after={"recipient": recipient})
        )
        sent.append(invitation)
    return sent


def _ask_for_administration(uow: UnitOfWork, link: ResellerLink, letter: Letter, wanted: WantedTerms) -> dict[str, str]:
    """An admin relationship for each address, locked for approval: a link of one customer's serves nobody else."""
    if link.partner_id != uow.actor.tenant:
        raise NotAskable("Ask for administration in your own company's name; your reseller asks for its own.")
    asked: dict[str, str] = {}
    for number, recipient in enumerate(letter.recipients, start=1):
        name = wanted.display_name if len(letter.recipients) == 1 else f"{wanted.display_name} {number}"
        drafted = create_admin_relationship(uow, msgspec.structs.replace(wanted, display_name=name))
        request_transition(uow, drafted.id, RequestAction.LOCK_FOR_APPROVAL)
        asked[recipient] = drafted.id
    return asked


def mail_text(invitation: ResellerInvitation, link: ResellerLink, origin: str) -> str:
    """The text as written, and below it the link or links, unchanged."""
    parts = [invitation.text, link.of_invitation(invitation.id).url(origin)]
    if invitation.granular_id is not None:
        parts.append(f"Then approve the administration:\n{origin}{approval_path(invitation.granular_id)}")
    return "\n\n".join(parts) + "\n"


def withdraw_customer_invitation(uow: UnitOfWork, invitation_id: UUID) -> ResellerInvitation:
    """Take back a mail that nobody answered: its link is refused. The partner's plain link goes on.

    Raises NotFound, InvitationClosed. Emits CustomerInvitationWithdrawn.
    """
    uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.write)
    invitation = reselling.one_reseller_invitation(uow, invitation_id, lock=True)
    if invitation.inviter_id != uow.actor.tenant:
        raise NotFound("Invitation", invitation_id)
    invitation.state = moved_invitation(invitation.state, InvitationAction.WITHDRAW)
    invitation.answered_at, invitation.answered_by = uow.now, uow.actor.name
    uow.db.flush()
    uow.emit(
        CustomerInvitationWithdrawn(
            partner_id=invitation.inviter_id,
            invitation_id=invitation.id,
            before={"state": InvitationState.SENT.value},
            after={"state": invitation.state.value},
        )
    )
    return invitation
