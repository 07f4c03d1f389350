"""A customer's Global admin decides about a partner that asks to be its reseller.

Source: gdap §14; portal-workspaces §2.3.
"""

from dataclasses import dataclass
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.customers import service as customer_service
from openpartner.customers.models import Customer
from openpartner.customers.queries import own_agreements
from openpartner.customers.rules import AgreementContact, AgreementNeeded, AgreementType, has_accepted
from openpartner.customers.service import BillingDetails
from openpartner.identity.models import Tenant, User
from openpartner.partner import queries as partners
from openpartner.partner import service as partner
from openpartner.partner.models import AgreementVersion, PartnerAccount
from openpartner.partner.rules import PartnerKind, VettingStatus
from openpartner.partner.rules.readiness import blocked
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries
from openpartner.relationships.events.reselling import (
    ResellerRelationshipAcceptedByCustomer,
    ResellerRelationshipRefusedByCustomer,
)
from openpartner.relationships.models.reselling import ResellerInvitation
from openpartner.relationships.queries import reselling
from openpartner.relationships.rules import reselling as rules
from openpartner.relationships.rules.invitations import (
    InvitationAction,
    InvitationClosed,
    InvitationState,
    moved_invitation,
    reason_given,
)
from openpartner.relationships.rules.reselling import Present, ResellerLink, Seller
from openpartner.relationships.service.own_administrators import check_own_administrator
from openpartner.relationships.service.reselling import TOPIC
from openpartner.relationships.service.telling import name_of, tell_partner


@dataclass(frozen=True)
class Company:
    """A partner as a customer is shown it. kind: how it takes part in the reseller programme; None: not at present."""

    tenant_id: UUID
    name: str
    city: str
    country: str
    partner_id: str
    kind: PartnerKind | None
    is_verified: bool
    email: str


@dataclass(frozen=True)
class Offer:
    """What a link asks of the actor's tenant, once it is clear that it may be accepted.

    seller: who would transact: the asker, or the provider behind it. invitation: the mail it came by, if any.
    agreement: the version of the customer agreement to accept with it; None when one is on file or none is published.
    details: what the partner would get to know, to be corrected first. registration_number: likewise.
    """

    link: ResellerLink
    asker: Company
    provider: Company | None
    invitation: ResellerInvitation | None
    agreement: AgreementVersion | None
    details: BillingDetails
    registration_number: str

    @property
    def seller(self) -> Company:
        """Who would transact with the customer."""
        return self.provider or self.asker


def open_offer(uow: UnitOfWork, link: ResellerLink, *, lock: bool = False) -> Offer:
    """What the link asks. The page shows it, accepting decides by it.

    lock: hold the customer's tenant and the invitation until the unit ends. Raises CustomerNeeded, RoleNeeded,
    InvitationClosed, and what ``rules.check_sellers`` and ``rules.check_customer`` raise.
    """
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        raise rules.CustomerNeeded
    uow.actor.require(permissions.CUSTOMER_PARTNERS.read)
    tenant = uow.db.get_one(Tenant, uow.actor.tenant, with_for_update=lock)
    asker_account = _account(uow, link.partner_id)
    provider_account = None if link.provider_id is None else _account(uow, link.provider_id)
    asker = _seller(uow, asker_account)
    provider = None if provider_account is None else _seller(uow, provider_account)
    are_partners = link.provider_id is not None and queries.are_partners(uow, link.provider_id, link.partner_id)
    seller = rules.check_sellers(link, asker, provider, are_partners=are_partners)
    seller_id = link.partner_id if link.provider_id is None or seller is asker else link.provider_id
    present = _present(uow, tenant.id, seller_id, link.partner_id)
    rules.check_customer(link, asker, seller, tenant.country, present)
    user = _user(uow)
    return Offer(
        link=link,
        asker=_company(uow, asker_account),
        provider=None if provider_account is None or seller is asker else _company(uow, provider_account),
        invitation=_invitation(uow, link, user, lock=lock),
        agreement=_agreement_needed(uow),
        details=customer_service.known_details(uow, tenant, user),
        registration_number=customer_service.registration_number_of(uow, tenant.id),
    )


def accept_reseller_relationship(
    uow: UnitOfWork,
    link: ResellerLink,
    *,
    details: BillingDetails | None = None,
    registration_number: str | None = None,
    contact: AgreementContact | None = None,
) -> Customer:
    """The Global admin accepts: the partner may sell to the customer from now on.

    details, registration_number: the company's as it corrected them; None leaves them as they are known.
    contact: who accepts the customer agreement, where one is needed. Raises what ``open_offer`` raises,
    OwnAdministratorNeeded, AgreementNeeded, InvalidFields, SandboxFull. Emits CustomerCreated, CustomerReviewChanged,
    AgreementAccepted, ResellerRelationshipAcceptedByCustomer in each partner's log.
    """
    _require(uow)
    offer = open_offer(uow, link, lock=True)
    if offer.agreement is not None and contact is None:
        raise AgreementNeeded
    tenant = uow.db.get_one(Tenant, uow.actor.tenant)
    number = offer.registration_number if registration_number is None else registration_number.strip()
    wanted = offer.details if details is None else customer_service.checked_details(details, tenant.country, number)
    customer = customer_service.begin_reseller_relationship(
        uow,
        tenant,
        offer.seller.tenant_id,
        wanted,
        reseller_id=None if offer.provider is None else offer.asker.tenant_id,
        registration_number=number,
    )
    if offer.agreement is not None and contact is not None:
        customer_service.sign_customer_agreement(uow, str(offer.agreement.id), contact)
    _answer(uow, offer, tenant, InvitationAction.ACCEPT)
    for told in dict.fromkeys((offer.asker.tenant_id, offer.seller.tenant_id)):
        uow.emit(
            ResellerRelationshipAcceptedByCustomer(
                partner_id=told,
                customer_id=tenant.id,
                commerce_id=customer.commerce_id,
                seller_id=offer.seller.tenant_id,
                reseller_id=customer.reseller_id,
                after={"relationshipToPartner": customer.relationship.value, "companyName": customer.company_name},
            )
        )
        tell_partner(
            uow,
            told,
            f"{customer.company_name} has accepted the reseller relationship",
            f"{customer.company_name} ({customer.domain}) is in your list of customers now.",
            topic=TOPIC,
        )
    return customer


def refuse_reseller_relationship(uow: UnitOfWork, link: ResellerLink, reason: str = "") -> ResellerInvitation:
    """The Global admin says no; the partner is told why. Nothing else comes of it.

    Raises as ``accept_reseller_relationship``. Emits ResellerRelationshipRefusedByCustomer.
    """
    _require(uow)
    said = reason_given(reason)
    offer = open_offer(uow, link, lock=True)
    tenant = uow.db.get_one(Tenant, uow.actor.tenant)
    answered = _answer(uow, offer, tenant, InvitationAction.REFUSE, said)
    uow.emit(
        ResellerRelationshipRefusedByCustomer(
            partner_id=offer.asker.tenant_id,
            customer_id=tenant.id,
            invitation_id=answered.id,
            reason=said,
            after={"state": answered.state.value, "customer": tenant.name},
        )
    )
    tell_partner(
        uow,
        offer.asker.tenant_id,
        f"{tenant.name} has refused the reseller relationship",
        said or "No reason was given.",
        topic=TOPIC,
    )
    return answered


def _require(uow: UnitOfWork) -> None:
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        raise rules.CustomerNeeded
    uow.actor.require(permissions.CUSTOMER_PARTNERS.write)
    check_own_administrator(uow)


def _account(uow: UnitOfWork, tenant_id: UUID) -> PartnerAccount:
    found = partners.account_of(uow, tenant_id)
    if found is None:
        raise rules.AskerUnknown(tenant_id)
    return found


def _seller(uow: UnitOfWork, account: PartnerAccount) -> Seller:
    is_ready = blocked(permissions.RESELLER_RELATIONSHIP_REQUEST, partner.standing(uow, account)) is None
    mpns = {account.global_partner_id, *(each.partner_id for each in partners.locations(uow, account.tenant_id))}
    return Seller(
        name=account.name,
        kind=queries.csp_kind(uow, account.tenant_id) if is_ready else None,
        region=account.region,
        mpns=frozenset(mpns),
    )


def company_of(uow: UnitOfWork, tenant_id: UUID) -> Company:
    """A partner as its customers may know it: what it said of itself. Raises AskerUnknown."""
    return _company(uow, _account(uow, tenant_id))


def _company(uow: UnitOfWork, account: PartnerAccount) -> Company:
    places = partners.locations(uow, account.tenant_id)
    home = next((each for each in places if each.is_default), places[0] if places else None)
    return Company(
        tenant_id=account.tenant_id,
        name=account.name,
        city="" if home is None else str(home.address.get("city", "")),
        country=account.country,
        partner_id=queries.transacting_id(uow, account.tenant_id),
        kind=queries.csp_kind(uow, account.tenant_id),
        is_verified=account.verified is VettingStatus.AUTHORIZED,
        email=account.primary_contact_email,
    )


def _present(uow: UnitOfWork, customer_id: UUID, seller_id: UUID, asker_id: UUID) -> Present | None:
    for customer in customers.relationships_of(uow, customer_id):
        if customer.partner_id == seller_id:
            other = customer.reseller_id
            return Present(other == asker_id, "" if other is None else name_of(uow, other))
    return None


def _user(uow: UnitOfWork) -> User | None:
    return None if uow.actor.principal_id is None else uow.db.get(User, uow.actor.principal_id)


def _agreement_needed(uow: UnitOfWork) -> AgreementVersion | None:
    """The newest version in force, unless the tenant has accepted the agreement itself in a way that counts."""
    held = [each.acceptance() for each in own_agreements(uow)]
    if has_accepted(held, AgreementType.CUSTOMER, uow.now):
        return None
    published = partners.agreement_versions(uow, AgreementType.CUSTOMER.value)
    return next((version for version in published if version.effective_at <= uow.now), None)


def _invitation(uow: UnitOfWork, link: ResellerLink, user: User | None, *, lock: bool) -> ResellerInvitation | None:
    """The mail behind a link: the one it names, or one that went to the person or its organisation's mailbox."""
    if link.invitation_id is not None:
        found = reselling.invitation_of_link(uow, link.invitation_id, lock=lock)
        if found is None or (found.partner_id, found.provider_id) != (link.partner_id, link.provider_id):
            raise rules.LinkUnreadable
        if found.state is not InvitationState.SENT:
            raise InvitationClosed(found.state)
        return found
    if user is None:
        return None
    return reselling.open_invitation_to(uow, link.partner_id, link.provider_id, (user.mail, user.upn), lock=lock)


def _answer(
    uow: UnitOfWork, offer: Offer, tenant: Tenant, action: InvitationAction, reason: str = ""
) -> ResellerInvitation:
    """Keep the answer with the mail it came by; who came by the plain link gets a row of its own."""
    invitation = offer.invitation
    if invitation is None:
        invitation = ResellerInvitation(
            id=uow.ids.uuid(),
            inviter_id=offer.link.partner_id,
            partner_id=offer.link.partner_id,
            provider_id=offer.link.provider_id,
            state=InvitationState.SENT,
            sent_at=uow.now,
        )
        uow.db.add(invitation)
    invitation.state = moved_invitation(invitation.state, action)
    invitation.answered_at, invitation.answered_by, invitation.reason = uow.now, uow.actor.name, reason
    invitation.customer_id, invitation.customer_name = tenant.id, tenant.name
    uow.db.flush()
    return invitation
