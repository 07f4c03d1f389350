"""The use cases of the indirect model: a provider invites, a reseller answers, either ends it."""

from uuid import UUID

from openpartner.customers.service import AssociatedPartnerUnknown
from openpartner.partner import queries as partners
from openpartner.partner import service as partner
from openpartner.partner.rules import AgreementState, PartnerKind
from openpartner.platform import permissions
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries
from openpartner.relationships.events.partnerships import (
    PartnershipBegun,
    PartnershipEnded,
    PartnershipInvitationClosed,
    PartnershipInvited,
)
from openpartner.relationships.models.partnerships import Partnership, PartnershipInvitation
from openpartner.relationships.rules import partnerships as rules
from openpartner.relationships.rules.invitations import (
    InvitationAction,
    InvitationState,
    Letter,
    moved_invitation,
    reason_given,
)
from openpartner.relationships.rules.partnerships import PartnershipAction
from openpartner.relationships.service.telling import name_of, tell_partner

INVITATION_PATH = "/indirect-providers/invitation"
"""Where a reseller answers; the invitation's id follows."""

TOPIC = "partnerships"


def invite_indirect_resellers(uow: UnitOfWork, letter: Letter, origin: str) -> list[PartnershipInvitation]:
    """Write to resellers-to-be, each with a link of its own. ``origin``: of the portal.

    Raises NotReady, NotAProvider. Emits PartnershipInvited for each.
    """
    uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
    uow.actor.require_user()
    provider_id = uow.actor.tenant
    partner.require_ready(uow, permissions.INDIRECT_RESELLERS_ENROL)
    if queries.csp_kind(uow, provider_id) is not PartnerKind.INDIRECT_PROVIDER:
        raise rules.NotAProvider
    sent = []
    for recipient in letter.recipients:
        invitation = PartnershipInvitation(
            id=uow.ids.uuid(),
            provider_id=provider_id,
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            state=InvitationState.SENT,
            sent_by=uow.actor.name,
            sent_at=uow.now,
        )
        uow.db.add(invitation)
        uow.db.flush()
        text = f"{letter.text}\n\n{invitation_link(origin, invitation.id)}\n"
        uow.mail(recipient, letter.subject, text, topic=TOPIC, tenant_id=provider_id)
        uow.emit(
            PartnershipInvited(partner_id=provider_id, invitation_id=invitation.id, after={"recipient": recipient})
        )
        sent.append(invitation)
    return sent


def invitation_link(origin: str, invitation_id: UUID) -> str:
    """What the mail carries."""
    return f"{origin}{INVITATION_PATH}/{invitation_id}"


def withdraw_partnership_invitation(uow: UnitOfWork, invitation_id: UUID) -> PartnershipInvitation:
    """Take back an invitation that nobody answered. Raises NotFound, InvitationClosed. Emits …InvitationClosed."""
    uow.actor.require(permissions.INDIRECT_RESELLERS_ENROL.write)
    invitation = queries.invitation_to_partner(uow, invitation_id, lock=True)
    if invitation.provider_id != uow.actor.tenant:
        raise NotFound("Invitation", invitation_id)
    _close(uow, invitation, InvitationAction.WITHDRAW)
    return invitation


def accept_partnership(uow: UnitOfWork, invitation_id: UUID) -> Partnership:
    """The reseller's Global admin accepts the provider; from now on it may transact for the reseller.

    Raises NotFound, InvitationClosed, NotAProvider, NotAReseller, ResellerUnsigned, RegionsDiffer,
    PartnershipUnreachable. Emits PartnershipBegun in both logs, PartnershipInvitationClosed.
    """
    uow.actor.require(permissions.INDIRECT_PROVIDERS.write)
    uow.actor.require_user()
    invitation = queries.invitation_to_partner(uow, invitation_id, lock=True)
    check_answerable(uow, invitation)
    begun = begin_partnership(uow, invitation.provider_id, uow.actor.tenant)
    _close(uow, invitation, InvitationAction.ACCEPT)
    return begun


def check_answerable(uow: UnitOfWork, invitation: PartnershipInvitation) -> None:
    """Whether the actor's company could accept now. The page shows why not; ``accept_partnership`` asks the same.

    Raises InvitationClosed, NotAProvider, NotAReseller, ResellerUnsigned, RegionsDiffer, PartnershipUnreachable.
    """
    reseller_id = uow.actor.tenant
    moved_invitation(invitation.state, InvitationAction.ACCEPT)
    present = queries.partnership(uow, invitation.provider_id, reseller_id)
    rules.moved_partnership(present.state if present else None, PartnershipAction.ACCEPT)
    rules.check_partners(_side(uow, invitation.provider_id), _side(uow, reseller_id))


def refuse_partnership(uow: UnitOfWork, invitation_id: UUID, reason: str = "") -> PartnershipInvitation:
    """Say no. The provider hears it. Raises NotFound, InvitationClosed. Emits PartnershipInvitationClosed."""
    uow.actor.require(permissions.INDIRECT_PROVIDERS.write)
    uow.actor.require_user()
    invitation = queries.invitation_to_partner(uow, invitation_id, lock=True)
    _close(uow, invitation, InvitationAction.REFUSE, reason_given(reason))
    return invitation


def begin_partnership(uow: UnitOfWork, provider_id: UUID, reseller_id: UUID) -> Partnership:
    """Store that the two act together. The callers have checked that they may. Emits PartnershipBegun twice."""
    found = queries.partnership(uow, provider_id, reseller_id, lock=True)
    state = rules.moved_partnership(found.state if found else None, PartnershipAction.ACCEPT)
    if found is None:
        found = Partnership(id=uow.ids.uuid(), provider_id=provider_id, reseller_id=reseller_id)
        uow.db.add(found)
    found.state, found.since_at, found.ended_at, found.ended_by = state, uow.now, None, None
    uow.db.flush()
    for told in (provider_id, reseller_id):
        uow.emit(
            PartnershipBegun(
                partner_id=told, provider_id=provider_id, reseller_id=reseller_id, after={"state": state.value}
            )
        )
    return found


def end_partnership(uow: UnitOfWork, other_id: UUID) -> Partnership:
    """Stop acting together; either side may. Customers and delegated administration stay as they are.

    Raises NotFound, PartnershipUnreachable. Emits PartnershipEnded in both logs; the other side is told by mail.
    """
    provides = queries.csp_kind(uow, uow.actor.tenant) is PartnerKind.INDIRECT_PROVIDER
    wanted = permissions.INDIRECT_RESELLERS if provides else permissions.INDIRECT_PROVIDERS
    uow.actor.require(wanted.write)
    uow.actor.require_user()
    found = queries.partnership_with(uow, other_id, lock=True)
    close_partnership(uow, found)
    tell_partner(
        uow,
        other_id,
        f"{name_of(uow, uow.actor.tenant)} has ended your partnership",
        "No new customers and orders can name it any more. The customers you have together, and your delegated "
        "administration of them, stay as they are.",
        topic=TOPIC,
    )
    return found


def close_partnership(uow: UnitOfWork, found: Partnership) -> None:
    """Store that the two stopped acting together; the callers have checked. Emits PartnershipEnded twice."""
    before = found.state
    found.state = rules.moved_partnership(before, PartnershipAction.END)
    found.ended_at, found.ended_by = uow.now, uow.actor.tenant
    uow.db.flush()
    for told in (found.provider_id, found.reseller_id):
        uow.emit(
            PartnershipEnded(
                partner_id=told,
                provider_id=found.provider_id,
                reseller_id=found.reseller_id,
                ended_by=uow.actor.tenant,
                before={"state": before.value},
                after={"state": found.state.value},
            )
        )


def check_associated_partner(uow: UnitOfWork, provider_id: UUID, reseller_id: UUID) -> None:
    """Whether a provider may have a customer for a reseller. Raises AssociatedPartnerUnknown."""
    if not queries.are_partners(uow, provider_id, reseller_id):
        raise AssociatedPartnerUnknown(reseller_id)


def _side(uow: UnitOfWork, tenant_id: UUID) -> rules.Side:
    account = partners.account_of(uow, tenant_id)
    if account is None:
        raise NotFound("Partner", tenant_id)
    agreement = partner.standing(uow, account).agreement
    return rules.Side(
        kind=queries.csp_kind(uow, tenant_id),
        region=account.region,
        is_signed=agreement not in {AgreementState.NOT_ACCEPTED, AgreementState.LAPSED},
    )


def _close(uow: UnitOfWork, invitation: PartnershipInvitation, action: InvitationAction, reason: str = "") -> None:
    """Take an invitation one step on, and tell its sender. The only place that assigns its state."""
    before = invitation.state
    invitation.state = moved_invitation(before, action)
    invitation.answered_at, invitation.answered_by, invitation.reason = uow.now, uow.actor.name, reason
    if action is not InvitationAction.WITHDRAW:
        invitation.reseller_id = uow.actor.tenant
    uow.db.flush()
    uow.emit(
        PartnershipInvitationClosed(
            partner_id=invitation.provider_id,
            invitation_id=invitation.id,
            reseller_id=invitation.reseller_id,
            reason=reason,
            before={"state": before.value},
            after={"state": invitation.state.value},
        )
    )
    if action is not InvitationAction.WITHDRAW:
        answerer = name_of(uow, uow.actor.tenant)
        told = "has accepted your partnership" if action is InvitationAction.ACCEPT else "has refused your partnership"
        tell_partner(
            uow,
            invitation.provider_id,
            f"{answerer} {told}",
            "You may now create customers and place orders for it."
            if action is InvitationAction.ACCEPT
            else reason or "No reason was given.",
            topic=TOPIC,
        )
