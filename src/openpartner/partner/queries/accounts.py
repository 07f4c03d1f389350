"""Reads of accounts, programmes, locations, profiles, verification and agreements, from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import undefer

from openpartner.partner.models import (
    AgreementAcceptance,
    AgreementVersion,
    PartnerAccount,
    PartnerLocation,
    PartnerProfile,
    ProgramEnrolment,
    VerificationCheck,
    VerificationDocument,
)
from openpartner.partner.profiles import SHAPE_OF, AnyProfile, ProfileKind
from openpartner.partner.rules import AccountState, Check, CheckState, Program, VettingStatus
from openpartner.platform.actor import Actor, ActorKind, TenantKind
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork


def visible_to(actor: Actor) -> Select[PartnerAccount]:
    """The accounts an actor may know of in full: a partner its own; the operator and the software all; others none."""
    statement = select(PartnerAccount)
    if actor.kind is ActorKind.SYSTEM or actor.tenant_kind is TenantKind.OPERATOR:
        return statement
    return statement.where(PartnerAccount.tenant_id == actor.tenant)


def account(uow: UnitOfWork, tenant_id: UUID) -> PartnerAccount:
    """An account that the actor may see. Raises NotFound."""
    found = uow.db.scalar(visible_to(uow.actor).where(PartnerAccount.tenant_id == tenant_id))
    if found is None:
        raise NotFound("Partner account", tenant_id)
    return found


def own_account(uow: UnitOfWork) -> PartnerAccount:
    """The actor's own. Raises NotFound for a tenant that is not enrolled."""
    return account(uow, uow.actor.tenant)


def account_of(uow: UnitOfWork, tenant_id: UUID) -> PartnerAccount | None:
    """Any partner's account: for other slices' use cases, which decide what of it their caller may see."""
    return uow.db.get(PartnerAccount, tenant_id)


def accounts(
    uow: UnitOfWork,
    *,
    search: str = "",
    state: AccountState | None = None,
    vetting: VettingStatus | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> Sequence[PartnerAccount]:
    """Visible accounts by name. search: a part of the name, or a Partner ID. after: the last one seen."""
    statement = visible_to(uow.actor)
    if search:
        part = func.lower(PartnerAccount.name).contains(search.lower(), autoescape=True)
        statement = statement.where(or_(part, PartnerAccount.global_partner_id == search.strip()))
    if state is not None:
        statement = statement.where(PartnerAccount.state == state)
    if vetting is not None:
        statement = statement.where(PartnerAccount.vetting_status == vetting)
    if after is not None:
        name, key = after
        later = (PartnerAccount.name == name) & (PartnerAccount.tenant_id > key)
        statement = statement.where(or_(PartnerAccount.name > name, later))
    return uow.db.scalars(statement.order_by(PartnerAccount.name, PartnerAccount.tenant_id).limit(limit)).all()


def enrolments(uow: UnitOfWork, tenant_id: UUID) -> Sequence[ProgramEnrolment]:
    """A partner's programmes, oldest first."""
    return uow.db.scalars(
        select(ProgramEnrolment)
        .where(ProgramEnrolment.tenant_id == tenant_id)
        .order_by(ProgramEnrolment.enrolled_at, ProgramEnrolment.program)
    ).all()


def enrolment(uow: UnitOfWork, tenant_id: UUID, program: Program) -> ProgramEnrolment | None:
    """How a partner takes part in one programme."""
    return uow.db.scalar(
        select(ProgramEnrolment).where(ProgramEnrolment.tenant_id == tenant_id, ProgramEnrolment.program == program)
    )


def enrolled_in(uow: UnitOfWork, program: Program) -> list[tuple[PartnerAccount, ProgramEnrolment]]:
    """Every partner of a programme, by name: for what the operator tells all of them."""
    rows = uow.db.execute(
        select(PartnerAccount, ProgramEnrolment)
        .join(ProgramEnrolment, ProgramEnrolment.tenant_id == PartnerAccount.tenant_id)
        .where(ProgramEnrolment.program == program)
        .order_by(PartnerAccount.name, PartnerAccount.tenant_id)
    )
    return [(account, enrolment) for account, enrolment in rows]


def locations(uow: UnitOfWork, tenant_id: UUID) -> Sequence[PartnerLocation]:
    """A partner's location accounts, oldest first."""
    return uow.db.scalars(
        select(PartnerLocation)
        .where(PartnerLocation.tenant_id == tenant_id)
        .order_by(PartnerLocation.created_at, PartnerLocation.partner_id)
    ).all()


def is_partner_id_taken(uow: UnitOfWork, partner_id: str) -> bool:
    """Whether a company or a location has this Partner ID."""
    taken = select(PartnerAccount.tenant_id).where(PartnerAccount.global_partner_id == partner_id)
    at_location = select(PartnerLocation.tenant_id).where(PartnerLocation.partner_id == partner_id)
    return uow.db.scalar(taken.union(at_location)) is not None


def name_of_partner_id(uow: UnitOfWork, partner_id: str) -> tuple[str, UUID] | None:
    """Name and tenant behind a Partner ID, of a company or of a location: public, as every partner may look it up."""
    row = uow.db.execute(
        select(PartnerAccount.name, PartnerAccount.tenant_id).where(PartnerAccount.global_partner_id == partner_id)
    ).one_or_none()
    if row is None:
        row = uow.db.execute(
            select(PartnerLocation.name, PartnerLocation.tenant_id).where(PartnerLocation.partner_id == partner_id)
        ).one_or_none()
    return None if row is None else (row.name, row.tenant_id)


# --- profiles -----------------------------------------------------------------------------------------------------


def profile_row(uow: UnitOfWork, tenant_id: UUID, kind: ProfileKind) -> PartnerProfile:
    """A profile's row, for its version. Raises NotFound."""
    row = uow.db.get(PartnerProfile, (tenant_id, kind.value))
    if row is None:
        raise NotFound(f"{kind.value.replace('_', ' ').capitalize()} profile")
    return row


def profile(uow: UnitOfWork, tenant_id: UUID, kind: ProfileKind) -> AnyProfile:
    """A profile as its rules know it. Raises NotFound."""
    return msgspec.convert(profile_row(uow, tenant_id, kind).body, SHAPE_OF[kind])


# --- verification -------------------------------------------------------------------------------------------------


def checks(uow: UnitOfWork, tenant_id: UUID, round_: int) -> Sequence[VerificationCheck]:
    """The checks of one round, in the order in which they are made."""
    found = uow.db.scalars(
        select(VerificationCheck).where(VerificationCheck.tenant_id == tenant_id, VerificationCheck.round == round_)
    )
    return sorted(found, key=lambda each: list(Check).index(each.check))


@dataclass(frozen=True)
class Waiting:
    """A check that waits for a reviewer."""

    check_id: UUID
    tenant_id: UUID
    name: str
    country: str
    check: Check
    state: CheckState
    attempts: int
    submitted_at: datetime | None
    documents: int


def waiting_checks(uow: UnitOfWork, limit: int = 200) -> list[Waiting]:
    """Reviewed checks of present rounds that wait for the operator, the longest waiting first."""
    documents = (
        select(func.count())
        .select_from(VerificationDocument)
        .where(VerificationDocument.check_id == VerificationCheck.id)
        .scalar_subquery()
    )
    visible = visible_to(uow.actor).with_only_columns(PartnerAccount.tenant_id)
    rows = uow.db.execute(
        select(
            VerificationCheck.id,
            PartnerAccount.tenant_id,
            PartnerAccount.name,
            PartnerAccount.country,
            VerificationCheck.check,
            VerificationCheck.state,
            VerificationCheck.attempts,
            VerificationCheck.submitted_at,
            documents,
        )
        .join(PartnerAccount, PartnerAccount.tenant_id == VerificationCheck.tenant_id)
        .where(
            VerificationCheck.round == PartnerAccount.vetting_round,
            VerificationCheck.check != Check.EMAIL_OWNERSHIP,
            VerificationCheck.state.in_([CheckState.IN_PROGRESS, CheckState.CHALLENGED]),
            PartnerAccount.tenant_id.in_(visible),
        )
        .order_by(VerificationCheck.submitted_at, VerificationCheck.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def check_by_link(uow: UnitOfWork, link_hash: str) -> VerificationCheck | None:
    """The e-mail check that a link's hash opens."""
    return uow.db.scalar(select(VerificationCheck).where(VerificationCheck.link_hash == link_hash))


def documents(uow: UnitOfWork, tenant_id: UUID, check_id: UUID | None = None) -> Sequence[VerificationDocument]:
    """What a partner handed in, oldest first, without the contents."""
    statement = select(VerificationDocument).where(VerificationDocument.tenant_id == tenant_id)
    if check_id is not None:
        statement = statement.where(VerificationDocument.check_id == check_id)
    return uow.db.scalars(statement.order_by(VerificationDocument.uploaded_at, VerificationDocument.id)).all()


def document(uow: UnitOfWork, document_id: UUID) -> VerificationDocument:
    """One document with its content, of an account that the actor may see. Raises NotFound."""
    found = uow.db.scalar(
        select(VerificationDocument)
        .where(
            VerificationDocument.id == document_id,
            VerificationDocument.tenant_id.in_(visible_to(uow.actor).with_only_columns(PartnerAccount.tenant_id)),
        )
        .options(undefer(VerificationDocument.content))
    )
    if found is None:
        raise NotFound("Document", document_id)
    return found


# --- agreements ---------------------------------------------------------------------------------------------------


def agreement_versions(uow: UnitOfWork, agreement_type: str | None = None) -> Sequence[AgreementVersion]:
    """Published versions, the newest first within each type."""
    statement = select(AgreementVersion)
    if agreement_type is not None:
        statement = statement.where(AgreementVersion.agreement_type == agreement_type)
    order = (AgreementVersion.agreement_type, AgreementVersion.version_rank.desc(), AgreementVersion.id)
    return uow.db.scalars(statement.order_by(*order)).all()


def agreement_version(uow: UnitOfWork, template_id: UUID) -> AgreementVersion:
    """One version by its template id. Raises NotFound."""
    found = uow.db.get(AgreementVersion, template_id)
    if found is None:
        raise NotFound("Agreement template", template_id)
    return found


def acceptance_counts(uow: UnitOfWork) -> dict[UUID, int]:
    """How many partners the actor may see accepted each version."""
    visible = visible_to(uow.actor).with_only_columns(PartnerAccount.tenant_id)
    rows = uow.db.execute(
        select(AgreementAcceptance.agreement_version_id, func.count())
        .where(AgreementAcceptance.tenant_id.in_(visible))
        .group_by(AgreementAcceptance.agreement_version_id)
    )
    return {row[0]: row[1] for row in rows}


def acceptances(uow: UnitOfWork, tenant_id: UUID) -> Sequence[AgreementAcceptance]:
    """What a partner accepted, newest first."""
    return uow.db.scalars(
        select(AgreementAcceptance)
        .where(AgreementAcceptance.tenant_id == tenant_id)
        .order_by(AgreementAcceptance.accepted_at.desc(), AgreementAcceptance.version_rank.desc())
    ).all()
