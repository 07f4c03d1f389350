"""Special qualifications of customers: asked for by the partner, vetted by the operator where their kind is."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from openpartner.customers import queries, rules
from openpartner.customers.events import QualificationDecided, QualificationRequested
from openpartner.customers.models import Customer, CustomerQualification, ValidationCode
from openpartner.customers.rules import Qualification, QualificationRequest, Vetting
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.work import UnitOfWork

SANDBOX_DECISION = timedelta(days=2)
"""After how long the sandbox approves what no operator has decided."""

VETTING_JOB = "customers.end_vetting"


def request_qualification(
    uow: UnitOfWork, customer_id: UUID, request: QualificationRequest, *, needs_segment: bool = True
) -> CustomerQualification:
    """Ask for a qualification. A kind that is not vetted counts at once; a denied one may be asked for again.

    A government community cloud code is used up by one; a denial gives it back.
    Raises CustomerUnknown, RelationshipNeeded, ProviderNeeded and the errors of ``rules.requested_vetting``.
    Emits QualificationRequested.
    """
    uow.actor.require(permissions.CUSTOMERS.write)
    uow.actor.require_user()
    customer = queries.customer_to_change(uow, customer_id)
    present = {asked.qualification: asked for asked in queries.qualifications_of(uow, customer)}
    code = _code(uow, customer.partner_id, request.code)
    held = {kind: asked.vetting for kind, asked in present.items()}
    vetting = rules.requested_vetting(
        request, held, creations_left=code.remaining_creates if code else 0, needs_segment=needs_segment
    )
    if code is not None and request.qualification is Qualification.GOVERNMENT_COMMUNITY_CLOUD:
        code.remaining_creates -= 1
        code.updated_at = uow.now
    asked = present.get(request.qualification)
    if asked is None:
        asked = CustomerQualification(
            id=uow.ids.uuid(), tenant_id=customer.tenant_id, qualification=request.qualification
        )
        uow.db.add(asked)
    before = asked.vetting.value if asked.vetting else None
    asked.commerce_id = customer.commerce_id
    asked.vetting, asked.vetting_reason = vetting, ""
    asked.education_segment, asked.website = request.segment, request.website
    asked.validation_id = request.code if request.qualification is Qualification.GOVERNMENT_COMMUNITY_CLOUD else ""
    asked.requested_at, asked.decided_at = uow.now, None
    uow.db.flush()
    if vetting is Vetting.IN_REVIEW and uow.world.settings.is_sandbox:
        uow.schedule(uow.now + SANDBOX_DECISION, VETTING_JOB, {"qualification_id": str(asked.id)}, key=_key(asked))
    uow.emit(
        QualificationRequested(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            qualification=asked.qualification.value,
            before={"vettingStatus": before},
            after={"qualification": asked.qualification.value, "vettingStatus": vetting.value if vetting else None},
        )
    )
    return asked


def decide_qualification(
    uow: UnitOfWork, qualification_id: UUID, *, approve: bool, reason: str = ""
) -> CustomerQualification:
    """The operator's decision. Raises NotFound, NotInReview, DenialNeedsReason. Emits QualificationDecided."""
    uow.actor.require(permissions.OPERATOR_CUSTOMERS.write)
    asked = queries.one_qualification(uow, qualification_id)
    uow.unschedule(_key(asked))
    _decide(uow, asked, approve=approve, reason=reason)
    return asked


def end_vetting(uow: UnitOfWork, qualification_id: UUID) -> None:
    """What the sandbox does when the time for an operator's decision has passed: approve."""
    asked = uow.db.get(CustomerQualification, qualification_id)
    if asked is not None and asked.vetting is Vetting.IN_REVIEW:
        _decide(uow, asked, approve=True, reason="")


def issue_validation_code(
    uow: UnitOfWork, partner_id: UUID, organization_name: str, max_creates: int
) -> ValidationCode:
    """Give a partner a code with which so many customers may be qualified for the government community cloud."""
    uow.actor.require(permissions.OPERATOR_CUSTOMERS.write)
    if max_creates < 1:
        raise Invalid("A validation code serves at least one customer.")
    code = ValidationCode(
        validation_id=uow.ids.digits(6),
        partner_id=partner_id,
        organization_name=organization_name,
        max_creates=max_creates,
        remaining_creates=max_creates,
        updated_at=uow.now,
    )
    uow.db.add(code)
    uow.db.flush()
    return code


def forget_vetting(uow: UnitOfWork, asked: CustomerQualification) -> None:
    """Take back the sandbox's own decision: there is nothing left to decide."""
    uow.unschedule(_key(asked))


def _decide(uow: UnitOfWork, asked: CustomerQualification, *, approve: bool, reason: str) -> None:
    before, asked.vetting = asked.vetting, rules.decided(asked.vetting, approve=approve, reason=reason)
    asked.vetting_reason, asked.decided_at = ("" if approve else reason.strip()), uow.now
    customer = uow.db.get_one(Customer, asked.commerce_id)
    code = _code(uow, customer.partner_id, asked.validation_id)
    if not approve and code is not None:
        code.remaining_creates += 1
        code.updated_at = uow.now
    uow.db.flush()
    uow.emit(
        QualificationDecided(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            commerce_id=customer.commerce_id,
            qualification=asked.qualification.value,
            reason=asked.vetting_reason,
            before={"vettingStatus": before.value if before else None},
            after={"qualification": asked.qualification.value, "vettingStatus": asked.vetting.value},
        )
    )


def _code(uow: UnitOfWork, partner_id: UUID, validation_id: str) -> ValidationCode | None:
    if not validation_id:
        return None
    return uow.db.scalar(
        select(ValidationCode).where(
            ValidationCode.validation_id == validation_id, ValidationCode.partner_id == partner_id
        )
    )


def _key(asked: CustomerQualification) -> str:
    return f"{VETTING_JOB}/{asked.id}"
