"""The customer agreement: attested by the partner, or accepted by the customer's own administrator."""

from collections.abc import Mapping
from uuid import UUID

from openpartner.customers import queries, rules
from openpartner.customers.events import AgreementAccepted
from openpartner.customers.models import Customer, CustomerAgreement
from openpartner.customers.rules import Acceptance, AcceptanceMethod, AgreementContact, AgreementType
from openpartner.partner import queries as partners
from openpartner.platform import permissions
from openpartner.platform.work import UnitOfWork


def confirm_customer_agreement(uow: UnitOfWork, customer_id: UUID, acceptance: Acceptance) -> CustomerAgreement:
    """Record that the customer accepted, as the partner attests.

    Raises CustomerUnknown, RelationshipNeeded, MayNotAttest (a reseller), InvalidFields, TemplateUnknown,
    AgreedInFuture, AlreadyConfirmed. Emits AgreementAccepted.
    """
    uow.actor.require(permissions.CUSTOMER_AGREEMENT.write)
    uow.actor.require_user()
    customer = queries.one_customer(uow, customer_id, lock=True)
    rules.check_attestation(
        acceptance,
        at=uow.now,
        by_reseller=customer.partner_id != uow.actor.tenant_id,
        templates=templates(uow),
        earlier=[held.acceptance() for held in queries.agreements_of(uow, customer)],
    )
    recorded = _record(uow, customer.tenant_id, customer.commerce_id, acceptance)
    _announce(uow, customer, recorded)
    return recorded


def sign_customer_agreement(
    uow: UnitOfWork, template_id: str, contact: AgreementContact, agreement_type: AgreementType = AgreementType.CUSTOMER
) -> CustomerAgreement:
    """The customer's Global admin accepts for the whole organisation: it holds towards all its partners.

    Raises InvalidFields, TemplateUnknown, AlreadyConfirmed. Emits AgreementAccepted in each partner's log.
    """
    uow.actor.require(permissions.CUSTOMER_AGREEMENT_ACCEPT.write)
    uow.actor.require_user()
    tenant_id = uow.actor.tenant
    acceptance = Acceptance(agreement_type, template_id, contact, uow.now, AcceptanceMethod.DIRECT)
    rules.check_attestation(
        acceptance,
        at=uow.now,
        by_reseller=False,
        templates=templates(uow),
        earlier=[held.acceptance() for held in queries.own_agreements(uow)],
    )
    recorded = _record(uow, tenant_id, None, acceptance)
    for customer in queries.relationships_of(uow, tenant_id):
        _announce(uow, customer, recorded)
    return recorded


def templates(uow: UnitOfWork) -> Mapping[str, AgreementType]:
    """The published templates of customer agreements, by id."""
    return {
        str(version.id): kind
        for kind in AgreementType
        for version in partners.agreement_versions(uow, kind.value)
        if version.effective_at <= uow.now
    }


def _record(uow: UnitOfWork, tenant_id: UUID, commerce_id: UUID | None, acceptance: Acceptance) -> CustomerAgreement:
    contact = acceptance.contact
    recorded = CustomerAgreement(
        id=uow.ids.uuid(),
        tenant_id=tenant_id,
        commerce_id=commerce_id,
        method=acceptance.method,
        agreement_type=acceptance.agreement_type,
        template_id=acceptance.template_id,
        first_name=contact.first_name.strip(),
        last_name=contact.last_name.strip(),
        email=contact.email.strip(),
        phone_number=contact.phone_number.strip(),
        agreed_at=acceptance.agreed_at,
        recorded_by=uow.actor.principal_id,
        recorded_at=uow.now,
    )
    uow.db.add(recorded)
    uow.db.flush()
    return recorded


def _announce(uow: UnitOfWork, customer: Customer, recorded: CustomerAgreement) -> None:
    uow.emit(
        AgreementAccepted(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            acceptance_id=recorded.id,
            agreement_type=recorded.agreement_type.value,
            template_id=recorded.template_id,
            direct=recorded.method is AcceptanceMethod.DIRECT,
            after={
                "type": recorded.agreement_type.value,
                "templateId": recorded.template_id,
                "dateAgreed": recorded.agreed_at.isoformat(),
                "primaryContact": f"{recorded.first_name} {recorded.last_name}",
            },
        )
    )
