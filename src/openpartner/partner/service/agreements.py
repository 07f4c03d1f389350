"""Agreements: the operator publishes versions, a Global admin accepts them, and what is not accepted in time lapses."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from openpartner.partner import queries, rules
from openpartner.partner.events import AgreementVersionPublished, PartnerAgreementAccepted, PartnerAgreementLapsed
from openpartner.partner.models import AgreementAcceptance, AgreementVersion, PartnerAccount, ProgramEnrolment
from openpartner.partner.rules import AgreementState, Program
from openpartner.partner.service.account import (
    AGREEMENT_OF,
    AGREEMENT_TITLES,
    agreement_standing,
    fitting_versions,
    move_on,
    published,
)
from openpartner.platform.errors import Conflict, Invalid, InvalidFields, NotFound
from openpartner.platform.permissions import OPERATOR_ACCOUNTS, PARTNER_AGREEMENT_SIGN
from openpartner.platform.work import UnitOfWork


@dataclass(frozen=True)
class NewVersion:
    """A version to publish. region, kind: ``*`` for all. effective_at: None for now; accept_by: None for no hurry."""

    agreement_type: str
    version: str
    title: str
    text: str
    region: str = "*"
    kind: str = "*"
    effective_at: datetime | None = None
    accept_by: datetime | None = None


def publish_agreement_version(uow: UnitOfWork, new: NewVersion, *, template_id: UUID | None = None) -> AgreementVersion:
    """Put a version of an agreement into force, at once or at its effective instant; it ranks above all before it.

    Whoever must accept it is told by mail when it comes into force. template_id: where one was promised (seeds).
    Raises InvalidFields. Emits AgreementVersionPublished.
    """
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    effective_at = new.effective_at or uow.now
    _check(new, effective_at)
    before = queries.agreement_versions(uow, new.agreement_type)
    if any(each.version == new.version and (each.region, each.kind) == (new.region, new.kind) for each in before):
        raise Conflict(f"Version {new.version} of this agreement is published already. Give another version.")
    version = AgreementVersion(
        id=template_id or uow.ids.uuid(),
        agreement_type=new.agreement_type,
        version=new.version.strip(),
        version_rank=1 + max((each.version_rank for each in before), default=0),
        region=new.region,
        kind=new.kind,
        title=new.title.strip(),
        text=new.text,
        published_at=uow.now,
        published_by=uow.actor.name,
        effective_at=effective_at,
        accept_by=new.accept_by,
    )
    uow.db.add(version)
    uow.db.flush()
    uow.emit(
        AgreementVersionPublished(
            partner_id=None,
            template_id=version.id,
            agreement_type=version.agreement_type,
            version=version.version,
            after={"version": version.version, "region": version.region, "kind": version.kind},
        )
    )
    if version.agreement_type in AGREEMENT_OF.values():
        args = {"template_id": str(version.id)}
        if effective_at > uow.now:
            uow.schedule(effective_at, "partner.announce_agreement", args)
        else:
            announce_agreement(uow, version.id)
        if version.accept_by is not None:
            uow.schedule(version.accept_by, "partner.lapse_agreement", args)
    return version


def _check(new: NewVersion, effective_at: datetime) -> None:
    problems: dict[str, str] = {}
    if new.agreement_type not in AGREEMENT_TITLES:
        problems["agreement_type"] = f"Choose one of {', '.join(AGREEMENT_TITLES)}."
    if not new.version.strip():
        problems["version"] = "Give the version, such as 8.0."
    if not new.title.strip():
        problems["title"] = "Give the agreement's title."
    if not new.text.strip():
        problems["text"] = "Give the agreement's text."
    if new.region != "*" and new.region not in set(rules.Region):
        problems["region"] = f"Choose * or one of {', '.join(rules.Region)}."
    if new.kind != "*" and new.kind not in set(rules.PartnerKind):
        problems["kind"] = f"Choose * or one of {', '.join(rules.PartnerKind)}."
    if new.accept_by is not None and new.accept_by <= effective_at:
        problems["accept_by"] = "The last day to accept lies after the day of effect."
    if problems:
        raise InvalidFields(problems)


def _bound_by(uow: UnitOfWork, version: AgreementVersion) -> list[tuple[PartnerAccount, ProgramEnrolment]]:
    """The partners that a version is for."""
    program = next(each for each, kind in AGREEMENT_OF.items() if kind == version.agreement_type)
    return [
        (account, enrolment)
        for account, enrolment in queries.enrolled_in(uow, program)
        if version.region in {account.region.value, "*"} and version.kind in {enrolment.kind.value, "*"}
    ]


def announce_agreement(uow: UnitOfWork, template_id: UUID) -> None:
    """Ask the Global admins of everybody it binds to accept a version that is in force. Due work too."""
    version = queries.agreement_version(uow, template_id)
    until = f" until {version.accept_by:%Y-%m-%d}" if version.accept_by is not None else ""
    for account, _ in _bound_by(uow, version):
        for address in queries.global_admins(uow, account.tenant_id):
            uow.mail(
                address,
                f"{version.title}: a new version to accept",
                f"Version {version.version} is in force. Accept it{until} under Account settings > Agreements; "
                "without it nothing new can be sold.",
                topic="agreements",
                tenant_id=account.tenant_id,
            )


def lapse_agreement(uow: UnitOfWork, template_id: UUID) -> None:
    """Say of everybody who has not accepted a version by its last day that its agreement lapsed. Due work."""
    version = queries.agreement_version(uow, template_id)
    for account, enrolment in _bound_by(uow, version):
        standing = agreement_standing(uow, account, enrolment)
        if standing is not None and standing.state is AgreementState.LAPSED:
            uow.emit(
                PartnerAgreementLapsed(
                    partner_id=account.tenant_id,
                    tenant_id=account.tenant_id,
                    agreement_type=version.agreement_type,
                    version=version.version,
                )
            )


def accept_partner_agreement(
    uow: UnitOfWork, template_id: UUID, *, tenant_id: UUID | None = None
) -> AgreementAcceptance:
    """Accept the version in force for the partner's region: a Global admin, in person. A second time changes nothing.

    tenant_id: for seeds, which act for nobody. The programme it carries becomes active if it was qualified.
    Raises UserNeeded, NotFound, NotTheCurrentVersion, NotYetQualified. Emits PartnerAgreementAccepted.
    """
    uow.actor.require_user()
    uow.actor.require(PARTNER_AGREEMENT_SIGN.write)
    account = queries.account(uow, tenant_id or uow.actor.tenant)
    version = queries.agreement_version(uow, template_id)
    program = next((each for each, kind in AGREEMENT_OF.items() if kind == version.agreement_type), None)
    enrolment = None if program is None else queries.enrolment(uow, account.tenant_id, program)
    if enrolment is None:
        raise NotFound("Agreement", template_id)
    for each in queries.acceptances(uow, account.tenant_id):
        if each.agreement_version_id == version.id and each.region is account.region:
            return each
    fitting = fitting_versions(uow, account, version.agreement_type, enrolment.kind)
    rules.check_acceptance(version.version_rank, published(fitting), enrolment.state, uow.now)
    acceptance = AgreementAcceptance(
        id=uow.ids.uuid(),
        tenant_id=account.tenant_id,
        agreement_version_id=version.id,
        agreement_type=version.agreement_type,
        region=account.region,
        version=version.version,
        version_rank=version.version_rank,
        accepted_by_id=uow.actor.principal_id,
        accepted_by_name=uow.actor.name,
        accepted_at=uow.now,
    )
    uow.db.add(acceptance)
    uow.db.flush()
    uow.emit(
        PartnerAgreementAccepted(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            template_id=version.id,
            agreement_type=version.agreement_type,
            version=version.version,
            region=account.region.value,
            after={"version": version.version, "region": account.region.value, "acceptedBy": uow.actor.name},
        )
    )
    move_on(uow, account)
    return acceptance


class ResellerNotNamed(Invalid):
    """Source: partner-center-endpoints, agreementstatus: one of the two parameters is needed."""

    def __init__(self) -> None:
        super().__init__("Name the partner: give mpnId or tenantId.")


def has_signed_partner_agreement(uow: UnitOfWork, *, partner_id: str = "", tenant_id: UUID | None = None) -> bool:
    """Whether another partner, named by Partner ID or tenant, has accepted the partner agreement in force.

    Raises ResellerNotNamed, NotFound.
    """
    if not partner_id and tenant_id is None:
        raise ResellerNotNamed
    if tenant_id is None:
        named = queries.name_of_partner_id(uow, partner_id)
        if named is None:
            raise NotFound("Partner", partner_id, code=800015)
        tenant_id = named[1]
    account = queries.account_of(uow, tenant_id)
    if account is None:
        raise NotFound("Partner", tenant_id, code=60003)
    enrolment = queries.enrolment(uow, account.tenant_id, Program.CSP)
    standing = None if enrolment is None else agreement_standing(uow, account, enrolment)
    return standing is not None and standing.state in {AgreementState.ACCEPTED, AgreementState.REACCEPT_DUE}
