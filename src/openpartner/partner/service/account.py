"""The account as a whole: its state, which follows from its parts, and whether it is far enough for a function."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from openpartner.partner import queries, rules
from openpartner.partner.events import PartnerAccountStateChanged, ProgramStateChanged
from openpartner.partner.models import AgreementVersion, PartnerAccount, ProgramEnrolment
from openpartner.partner.rules import AgreementState, PartnerKind, Program, ProgramAction, VettingStatus
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import Function
from openpartner.platform.work import UnitOfWork

AGREEMENT_OF: dict[Program, str] = {
    Program.CSP: "MicrosoftPartnerAgreement",
    Program.MARKETPLACE: "PublisherAgreement",
}
"""Which agreement carries a programme; the others are active as soon as the company is verified."""

AGREEMENT_TITLES: dict[str, str] = {
    "MicrosoftPartnerAgreement": "Partner agreement",
    "PublisherAgreement": "Publisher agreement",
    "MicrosoftCustomerAgreement": "Customer agreement",
    "MicrosoftCloudAgreement": "Cloud agreement",
}

CUSTOMER_AGREEMENTS = ("MicrosoftCustomerAgreement", "MicrosoftCloudAgreement")
"""What customers accept; who accepted is the customers' slice's."""


@dataclass(frozen=True)
class AgreementStanding:
    """How a partner stands to the agreement of one of its programmes."""

    program: Program
    agreement_type: str
    state: AgreementState
    current: AgreementVersion | None
    accepted_rank: int | None


def fitting_versions(
    uow: UnitOfWork, account: PartnerAccount, agreement_type: str, kind: PartnerKind
) -> list[AgreementVersion]:
    """The published versions for the partner's region and kind."""
    return [
        version
        for version in queries.agreement_versions(uow, agreement_type)
        if version.region in {account.region.value, "*"} and version.kind in {kind.value, "*"}
    ]


def published(versions: list[AgreementVersion]) -> list[rules.PublishedVersion]:
    """Versions as the rules take them."""
    return [rules.PublishedVersion(each.version_rank, each.effective_at, each.accept_by) for each in versions]


def agreement_standing(
    uow: UnitOfWork, account: PartnerAccount, enrolment: ProgramEnrolment
) -> AgreementStanding | None:
    """How the partner stands to the agreement that carries a programme; None for a programme without one."""
    agreement_type = AGREEMENT_OF.get(enrolment.program)
    if agreement_type is None:
        return None
    versions = fitting_versions(uow, account, agreement_type, enrolment.kind)
    ranks = [
        each.version_rank
        for each in queries.acceptances(uow, account.tenant_id)
        if each.agreement_type == agreement_type and each.region is account.region
    ]
    accepted = max(ranks, default=None)
    state = rules.agreement_state(published(versions), accepted, uow.now)
    current = rules.current_version(published(versions), uow.now)
    row = next((each for each in versions if current is not None and each.version_rank == current.rank), None)
    return AgreementStanding(enrolment.program, agreement_type, state, row, accepted)


def standing(uow: UnitOfWork, account: PartnerAccount) -> rules.Standing:
    """What of an account decides which functions are open."""
    return standing_with(uow, account, queries.enrolments(uow, account.tenant_id))


def standing_with(uow: UnitOfWork, account: PartnerAccount, enrolments: Sequence[ProgramEnrolment]) -> rules.Standing:
    """``standing`` for who has read the account's enrolments already."""
    held = {each.program: each for each in enrolments}
    csp = held.get(Program.CSP)
    agreement = agreement_standing(uow, account, csp) if csp is not None else None
    return rules.Standing(
        account=account.state,
        verified=account.verified,
        agreement=AgreementState.NOT_PUBLISHED if agreement is None else agreement.state,
        programs={program: each.state for program, each in held.items()},
    )


def require_ready(uow: UnitOfWork, function: Function, tenant_id: UUID | None = None) -> None:
    """Refuse a function that the account is not far enough for: the acting partner's, or the one named.

    Call it behind ``require``. Nothing is asked of actors that are no partner. Raises NotReady, NotFound.
    """
    if function.key not in rules.NEEDS:
        return
    if tenant_id is None:
        if uow.actor.tenant_kind is not TenantKind.PARTNER:
            return
        tenant_id = uow.actor.tenant
    account = queries.account_of(uow, tenant_id)
    if account is None:
        raise NotFound("Partner account", tenant_id)
    rules.check_ready(function, standing(uow, account))


def what_blocks(uow: UnitOfWork, function: Function) -> rules.Reason | None:
    """Why the acting partner may not use a function yet; None when nothing is in the way. Pages show it."""
    if uow.actor.tenant_kind is not TenantKind.PARTNER or function.key not in rules.NEEDS:
        return None
    return rules.blocked(function, standing(uow, queries.own_account(uow)))


def settle(uow: UnitOfWork, account: PartnerAccount, *, reason: str = "") -> None:
    """Bring the account's state after its parts. The only place that assigns it. Emits PartnerAccountStateChanged."""
    wanted = rules.account_state(
        suspended=account.suspended_at is not None,
        closed=account.closed_at is not None,
        verified=account.verified,
        programs=[each.state for each in queries.enrolments(uow, account.tenant_id)],
    )
    before = account.state
    if before is wanted:
        return
    account.state = wanted
    uow.db.flush()
    uow.emit(
        PartnerAccountStateChanged(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            reason=reason,
            before={"state": before.value},
            after={"state": wanted.value},
        )
    )


def move_program(uow: UnitOfWork, enrolment: ProgramEnrolment, action: ProgramAction, *, reason: str = "") -> None:
    """Take a programme one step on. The only place that assigns its state. Emits ProgramStateChanged.

    Raises ProgramUnreachable.
    """
    before = enrolment.state
    enrolment.state = rules.moved_program(before, action)
    enrolment.reason = reason
    if action is ProgramAction.QUALIFY:
        enrolment.qualified_at = uow.now
    if action in {ProgramAction.ACTIVATE, ProgramAction.REINSTATE}:
        enrolment.activated_at = enrolment.activated_at or uow.now
    uow.db.flush()
    uow.emit(
        ProgramStateChanged(
            partner_id=enrolment.tenant_id,
            tenant_id=enrolment.tenant_id,
            program=enrolment.program.value,
            partner_kind=enrolment.kind.value,
            reason=reason,
            before={"state": before.value},
            after={"state": enrolment.state.value},
        )
    )


def move_on(uow: UnitOfWork, account: PartnerAccount) -> None:
    """Qualify what waits only for the verification, and activate what waits only for its agreement; then settle."""
    if account.verified is VettingStatus.AUTHORIZED:
        for enrolment in queries.enrolments(uow, account.tenant_id):
            if enrolment.state is rules.ProgramState.PENDING_QUALIFICATION:
                move_program(uow, enrolment, ProgramAction.QUALIFY)
            if enrolment.state is rules.ProgramState.QUALIFIED and _carried(uow, account, enrolment):
                move_program(uow, enrolment, ProgramAction.ACTIVATE)
    settle(uow, account)


def _carried(uow: UnitOfWork, account: PartnerAccount, enrolment: ProgramEnrolment) -> bool:
    agreement = agreement_standing(uow, account, enrolment)
    return agreement is None or agreement.state in {AgreementState.ACCEPTED, AgreementState.NOT_PUBLISHED}
