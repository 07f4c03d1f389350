"""The tables of the partner account: programmes, locations, profiles, verification, agreements, roles, requests.

Users, groups and directory roles are the directory's (``identity``); here stands what Partner Center itself keeps.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from openpartner.partner.rules import (
    AccountState,
    Check,
    CheckState,
    PartnerKind,
    Program,
    ProgramState,
    Region,
    VettingStatus,
    VettingSubStatus,
)
from openpartner.platform.db import Base, Json, TextEnum, Versioned, key_text
from openpartner.platform.permissions import Role


class PartnerAccount(Versioned, Base):
    """The account of one partner tenant; the tenant's id is its key.

    global_partner_id: the Partner ID of the company (once: MPN id), not used for transactions.
    country: ISO 3166 alpha-2. region: the CSP region of it. currency: ISO 4217, fixed at enrolment.
    state: follows from the parts (``rules.account_state``); kept so that lists can ask for it.
    vetting_status, vetting_sub_status: of the present round. verified: of the last round that was decided.
    primary_contact_*: whom verification writes to. security_contact: who hears of security events, None until named.
    suspended_reason: shown to the partner; empty unless suspended.
    """

    __tablename__ = "partner_account"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    name: Mapped[str] = mapped_column(key_text(256))
    global_partner_id: Mapped[str] = mapped_column(key_text(12), unique=True)
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[Region] = mapped_column(TextEnum(Region))
    currency: Mapped[str] = mapped_column(String(3))
    registration_number: Mapped[str] = mapped_column(String(50), default="")
    state: Mapped[AccountState] = mapped_column(TextEnum(AccountState), index=True)
    vetting_status: Mapped[VettingStatus] = mapped_column(TextEnum(VettingStatus), index=True)
    vetting_sub_status: Mapped[VettingSubStatus] = mapped_column(TextEnum(VettingSubStatus))
    vetting_round: Mapped[int]
    verified: Mapped[VettingStatus] = mapped_column(TextEnum(VettingStatus))
    primary_contact_name: Mapped[str] = mapped_column(String(128))
    primary_contact_email: Mapped[str] = mapped_column(String(320))
    security_contact: Mapped[dict[str, Any] | None] = mapped_column(Json(dict[str, Any]))
    suspended_reason: Mapped[str] = mapped_column(String(400), default="")
    enrolled_by: Mapped[UUID | None]
    enrolled_at: Mapped[datetime]
    authorized_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ProgramEnrolment(Versioned, Base):
    """A programme the partner takes part in, and how.

    location_id: the account that the programme transacts with. A tenant has at most one kind of each programme.
    """

    __tablename__ = "program_enrolment"
    __table_args__ = (UniqueConstraint("tenant_id", "program"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"))
    program: Mapped[Program] = mapped_column(TextEnum(Program))
    kind: Mapped[PartnerKind] = mapped_column(TextEnum(PartnerKind), index=True)
    state: Mapped[ProgramState] = mapped_column(TextEnum(ProgramState))
    location_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    enrolled_at: Mapped[datetime]
    qualified_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]


class PartnerLocation(Versioned, Base):
    """A location account: a Partner ID, address and legal entity of its own, for CSP, incentives, reseller of record.

    Locations never go away: everything attributed to a Partner ID would stop counting.
    """

    __tablename__ = "partner_location"
    __table_args__ = (Index("ix_partner_location_tenant", "tenant_id", "partner_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"))
    partner_id: Mapped[str] = mapped_column(key_text(12), unique=True)
    name: Mapped[str] = mapped_column(key_text(256))
    country: Mapped[str] = mapped_column(String(2))
    address: Mapped[dict[str, Any]] = mapped_column(Json(dict[str, Any]))
    contact: Mapped[dict[str, Any]] = mapped_column(Json(dict[str, Any]))
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class PartnerProfile(Versioned, Base):
    """One of the account's profiles, as the wire's members.

    kind: ``legal_business``, ``legal_business_finalized`` (as last verified), ``billing``, ``organization`` or
    ``support``.
    """

    __tablename__ = "partner_profile"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Json(dict[str, Any]))
    updated_at: Mapped[datetime]


class VerificationCheck(Versioned, Base):
    """One check of one round of verification; a change of legal name, address or primary contact begins a new round.

    attempts: how often it was handed in. comment: what the partner last wrote; reason: what the reviewer did.
    code_hash, link_hash: SHA-256 of the e-mail check's code and link, until ``code_expires_at``.
    """

    __tablename__ = "verification_check"
    __table_args__ = (
        UniqueConstraint("tenant_id", "round", "check"),
        Index("ix_verification_check_state", "state", "submitted_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"))
    round: Mapped[int]
    check: Mapped[Check] = mapped_column(TextEnum(Check))
    state: Mapped[CheckState] = mapped_column(TextEnum(CheckState))
    reason_code: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(1024), default="")
    comment: Mapped[str] = mapped_column(String(2000), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    appeals: Mapped[int] = mapped_column(default=0)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    link_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    code_sent_at: Mapped[datetime | None]
    code_expires_at: Mapped[datetime | None]
    code_failures: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    reviewer_id: Mapped[UUID | None]
    reviewer_name: Mapped[str] = mapped_column(String(320), default="")


class VerificationDocument(Base):
    """A document handed in for a check. ``content`` is loaded only when it is asked for."""

    __tablename__ = "verification_document"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[UUID] = mapped_column(ForeignKey("verification_check.id"), index=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"))
    kind: Mapped[str] = mapped_column(String(60))
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    uploaded_by: Mapped[str] = mapped_column(String(320))
    uploaded_at: Mapped[datetime]


class AgreementVersion(Base):
    """A version of an agreement, published by the operator; its id is the wire's ``templateId``.

    region: a CSP region, or ``*`` for all. kind: which partners it is for (a programme kind), or ``*``.
    version_rank: the higher wins. accept_by: without acceptance until then nothing more is transacted.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_type", "region", "kind", "version_rank"),
        Index("ix_agreement_version_type", "agreement_type", "effective_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_type: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(40))
    version_rank: Mapped[int]
    region: Mapped[str] = mapped_column(String(20), default="*")
    kind: Mapped[str] = mapped_column(String(40), default="*")
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(320))
    effective_at: Mapped[datetime]
    accept_by: Mapped[datetime | None]


class AgreementAcceptance(Base):
    """A partner's acceptance of one version, by one Global admin, for one CSP region."""

    __tablename__ = "agreement_acceptance"
    __table_args__ = (UniqueConstraint("tenant_id", "agreement_version_id", "region"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("partner_account.tenant_id"))
    agreement_version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    agreement_type: Mapped[str] = mapped_column(String(60))
    region: Mapped[Region] = mapped_column(TextEnum(Region))
    version: Mapped[str] = mapped_column(String(40))
    version_rank: Mapped[int]
    accepted_by_id: Mapped[UUID | None]
    accepted_by_name: Mapped[str] = mapped_column(String(320))
    accepted_at: Mapped[datetime]


class RoleAssignment(Base):
    """A role that Partner Center itself keeps: its own, the security contact, the publisher's and the operator's.

    scope: ``*`` for the whole company, else the id of the location it is held for.
    """

    __tablename__ = "role_assignment"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "scope"),
        Index("ix_role_assignment_tenant_role", "tenant_id", "role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"))
    role: Mapped[Role] = mapped_column(TextEnum(Role))
    scope: Mapped[str] = mapped_column(String(36), default="*")
    assigned_by: Mapped[str] = mapped_column(String(320))
    assigned_at: Mapped[datetime]


class AccessRequest(Versioned, Base):
    """A user's wish for a role, and what an administrator answered."""

    __tablename__ = "access_request"
    __table_args__ = (Index("ix_access_request_tenant_state", "tenant_id", "state", "requested_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_user.id"), index=True)
    user_name: Mapped[str] = mapped_column(String(320))
    role: Mapped[Role] = mapped_column(TextEnum(Role))
    reason: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(20))
    requested_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(320), default="")
    answer: Mapped[str] = mapped_column(String(1000), default="")
