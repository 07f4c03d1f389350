"""Reads of a customer's account: qualifications, validation codes, agreements; and what waits for an operator."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from openpartner.customers import rules
from openpartner.customers.models import Customer, CustomerAgreement, CustomerQualification, ValidationCode
from openpartner.customers.queries.customers import is_visible, visible_to
from openpartner.customers.rules import AgreementType, Held, Review, Transaction, Vetting
from openpartner.platform import permissions
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork


def qualifications_of(uow: UnitOfWork, customer: Customer) -> Sequence[CustomerQualification]:
    """What was asked for the customer tenant, whatever became of it, in order of asking."""
    statement = select(CustomerQualification).where(CustomerQualification.tenant_id == customer.tenant_id)
    return uow.db.scalars(statement.order_by(CustomerQualification.requested_at, CustomerQualification.id)).all()


def held_qualifications(uow: UnitOfWork, customer: Customer) -> Held:
    """The customer's qualifications with their vetting, as ``rules.check_segment`` takes them."""
    return {asked.qualification: asked.vetting for asked in qualifications_of(uow, customer)}


def validation_codes(uow: UnitOfWork) -> Sequence[ValidationCode]:
    """The actor's own government community cloud codes."""
    statement = select(ValidationCode).where(ValidationCode.partner_id == uow.actor.tenant)
    return uow.db.scalars(statement.order_by(ValidationCode.validation_id)).all()


def validation_code_of(uow: UnitOfWork, customer: Customer) -> ValidationCode:
    """The code that the customer's government community cloud qualification used. Raises NotFound."""
    used = (
        select(ValidationCode)
        .join(CustomerQualification, CustomerQualification.validation_id == ValidationCode.validation_id)
        .where(
            CustomerQualification.commerce_id == customer.commerce_id,
            ValidationCode.partner_id == customer.partner_id,
            or_(CustomerQualification.vetting.is_(None), CustomerQualification.vetting != Vetting.DENIED),
        )
    )
    found = uow.db.scalar(used)
    if found is None:
        raise NotFound("A validation of customer", customer.tenant_id)
    return found


def agreements_of(
    uow: UnitOfWork, customer: Customer, agreement_type: AgreementType | None = None
) -> Sequence[CustomerAgreement]:
    """What this partner attested for the customer and what the customer signed itself, the newest first."""
    statement = select(CustomerAgreement).where(
        CustomerAgreement.tenant_id == customer.tenant_id,
        or_(CustomerAgreement.commerce_id == customer.commerce_id, CustomerAgreement.commerce_id.is_(None)),
    )
    if agreement_type is not None:
        statement = statement.where(CustomerAgreement.agreement_type == agreement_type)
    return uow.db.scalars(statement.order_by(*_NEWEST)).all()


def own_agreements(uow: UnitOfWork) -> Sequence[CustomerAgreement]:
    """What the actor's own tenant, a customer, signed itself, the newest first."""
    statement = select(CustomerAgreement).where(
        CustomerAgreement.tenant_id == uow.actor.tenant, CustomerAgreement.commerce_id.is_(None)
    )
    return uow.db.scalars(statement.order_by(*_NEWEST)).all()


_NEWEST = (CustomerAgreement.agreed_at.desc(), CustomerAgreement.recorded_at.desc(), CustomerAgreement.id)


def has_agreement(uow: UnitOfWork, customer: Customer, agreement_type: AgreementType = AgreementType.CUSTOMER) -> bool:
    """Whether an acceptance that counts at this instant is recorded."""
    held = [agreement.acceptance() for agreement in agreements_of(uow, customer, agreement_type)]
    return rules.has_accepted(held, agreement_type, uow.now)


def count_customers(uow: UnitOfWork) -> int:
    """How many customers the actor sees."""
    return uow.db.scalar(select(func.count()).select_from(visible_to(uow.actor).subquery())) or 0


def customers_without_agreement(uow: UnitOfWork, *, limit: int) -> Sequence[Customer]:
    """Own customers that have accepted no customer agreement that counts at this instant, by name."""
    oldest = rules.TOO_OLD_BEFORE if uow.now >= rules.TOO_OLD_FROM else datetime.min.replace(tzinfo=UTC)
    accepted = exists().where(
        CustomerAgreement.tenant_id == Customer.tenant_id,
        or_(CustomerAgreement.commerce_id == Customer.commerce_id, CustomerAgreement.commerce_id.is_(None)),
        CustomerAgreement.agreement_type == AgreementType.CUSTOMER,
        CustomerAgreement.agreed_at <= uow.now,
        CustomerAgreement.agreed_at >= oldest,
    )
    lacking = visible_to(uow.actor).where(Customer.partner_id == uow.actor.tenant, ~accepted)
    return uow.db.scalars(lacking.order_by(Customer.company_name, Customer.commerce_id).limit(limit)).all()


def has_signed_directly(uow: UnitOfWork, customer: Customer) -> bool:
    """Whether the customer accepted the customer agreement itself, as far as that counts at this instant."""
    held = [
        agreement.acceptance()
        for agreement in agreements_of(uow, customer, AgreementType.CUSTOMER)
        if agreement.method is rules.AcceptanceMethod.DIRECT
    ]
    return rules.has_accepted(held, AgreementType.CUSTOMER, uow.now)


def check_transaction(uow: UnitOfWork, customer: Customer, transaction: Transaction) -> None:
    """Whether review and agreement allow ``transaction`` now. Raises AccountNotCleared, AgreementNeeded."""
    rules.check_transaction(transaction, review=customer.review, has_agreement=has_agreement(uow, customer))


def customers_under_review(uow: UnitOfWork, *, limit: int = 100) -> Sequence[Customer]:
    """Whose account waits for the operator's decision, the oldest first."""
    uow.actor.require(permissions.OPERATOR_CUSTOMERS.read)
    waiting = select(Customer).where(is_visible(uow.actor), Customer.review == Review.UNDER_REVIEW)
    return uow.db.scalars(waiting.order_by(Customer.reviewed_at, Customer.commerce_id).limit(limit)).all()


def qualifications_in_review(uow: UnitOfWork, *, limit: int = 100) -> Sequence[tuple[CustomerQualification, Customer]]:
    """Which qualifications wait for the operator's decision, the oldest first, each with its customer."""
    uow.actor.require(permissions.OPERATOR_CUSTOMERS.read)
    waiting = (
        select(CustomerQualification, Customer)
        .join(Customer, Customer.commerce_id == CustomerQualification.commerce_id)
        .where(is_visible(uow.actor), CustomerQualification.vetting == Vetting.IN_REVIEW)
        .order_by(CustomerQualification.requested_at, CustomerQualification.id)
        .limit(limit)
    )
    return [(asked, customer) for asked, customer in uow.db.execute(waiting)]


def one_qualification(uow: UnitOfWork, qualification_id: UUID) -> CustomerQualification:
    """One request, for the operator. Raises NotFound."""
    found = uow.db.get(CustomerQualification, qualification_id)
    if found is None:
        raise NotFound("Qualification", qualification_id)
    return found
