"""Enrolment of a company and of its programmes; suspension, reinstatement and closure by the operator."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from openpartner.identity import service as directory
from openpartner.partner import profiles, queries, rules
from openpartner.partner.events import PartnerEnrolled, ProgramEnrolled
from openpartner.partner.models import PartnerAccount, PartnerProfile, ProgramEnrolment, RoleAssignment
from openpartner.partner.profiles import Contact, ProfileKind
from openpartner.partner.rules import (
    AccountState,
    PartnerKind,
    Program,
    ProgramAction,
    ProgramState,
    VettingStatus,
    VettingSubStatus,
)
from openpartner.partner.service.account import move_on, move_program, settle
from openpartner.partner.service.profiles import free_partner_id, put_location
from openpartner.partner.service.verification import begin_round
from openpartner.platform import addresses
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.permissions import GLOBAL_ADMIN_TEMPLATE, LOCATIONS, OPERATOR_ACCOUNTS, ROLE_INFO, Role
from openpartner.platform.work import UnitOfWork

AGENT_GROUPS: dict[Role, str] = {
    Role.ADMIN_AGENT: "Administrators of the partner's customers.",
    Role.SALES_AGENT: "Sellers to the partner's customers.",
    Role.HELPDESK_AGENT: "Supporters of the partner's customers.",
}


@dataclass(frozen=True)
class FirstAdmin:
    """Who enrols: the first Global admin. alias: the part of the name before the at sign."""

    first_name: str
    last_name: str
    alias: str = "admin"
    password: str | None = None


@dataclass(frozen=True)
class Enrolled:
    """A new account, its first administrator, and the password to hand out: known only now."""

    account: PartnerAccount
    admin_id: UUID
    admin_upn: str
    password: str


def enrol_partner(
    uow: UnitOfWork,
    enrolment: rules.Enrolment,
    *,
    domain: str,
    admin: FirstAdmin,
    tenant_id: UUID | None = None,
    admin_id: UUID | None = None,
    partner_id: str | None = None,
) -> Enrolled:
    """A company becomes a partner: its tenant with the agents' groups, its first Global admin, account and location.

    Open to everybody: this is how a company comes in. domain: such as ``contoso.onmicrosoft.com``. Verification begins
    at once. tenant_id, admin_id, partner_id: where the caller has promised them (seeds).
    Raises InvalidFields, AlreadyEnrolled, DomainTaken and the errors of ``check_registration``. Emits PartnerEnrolled.
    """
    rules.check_enrolment(enrolment, {})
    address = addresses.normalised(enrolment.address)
    tenant = directory.create_tenant(
        uow,
        kind=TenantKind.PARTNER,
        name=enrolment.company_name.strip(),
        country=address.country,
        domain=domain,
        tenant_id=tenant_id,
    )
    created = directory.create_user(
        uow,
        tenant.id,
        upn=f"{admin.alias}@{tenant.default_domain}",
        display_name=f"{admin.first_name} {admin.last_name}".strip(),
        given_name=admin.first_name,
        surname=admin.last_name,
        mail=enrolment.contact_email.strip(),
        usage_location=address.country,
        password=admin.password,
        force_change=admin.password is None,
        user_id=admin_id,
    )
    directory.assign_directory_role(uow, tenant.id, UUID(GLOBAL_ADMIN_TEMPLATE), created.user.id)
    for role, description in AGENT_GROUPS.items():
        name = ROLE_INFO[role].kept_as
        group = directory.create_group(uow, tenant.id, name, description=description)
        if role is Role.ADMIN_AGENT:
            directory.add_group_member(uow, group.id, created.user.id)
    account = _open_account(uow, tenant.id, enrolment, admin_id=created.user.id, partner_id=partner_id)
    _enrol(uow, account, enrolment.kind, created.user.id)
    settle(uow, account)
    begin_round(uow, account, "Enrolment.")
    return Enrolled(account, created.user.id, created.user.upn, created.password)


def _open_account(
    uow: UnitOfWork, tenant_id: UUID, enrolment: rules.Enrolment, *, admin_id: UUID, partner_id: str | None
) -> PartnerAccount:
    address = addresses.normalised(enrolment.address)
    name = enrolment.company_name.strip()
    first, _, last = enrolment.contact_name.strip().partition(" ")
    contact = Contact(first, last or first, enrolment.contact_email.strip(), address.phone_number)
    if partner_id is not None and queries.is_partner_id_taken(uow, partner_id):
        raise Conflict(f"The Partner ID {partner_id} is taken.")
    account = PartnerAccount(
        tenant_id=tenant_id,
        name=name,
        global_partner_id=partner_id or free_partner_id(uow),
        country=address.country,
        region=rules.region_of(address.country),
        currency=profiles.billing_currency(address.country),
        registration_number=enrolment.registration_number.strip(),
        state=AccountState.DRAFT,
        vetting_status=VettingStatus.NONE,
        vetting_sub_status=VettingSubStatus.NONE,
        vetting_round=0,
        verified=VettingStatus.NONE,
        primary_contact_name=contact.name,
        primary_contact_email=contact.email,
        enrolled_by=admin_id,
        enrolled_at=uow.now,
    )
    uow.db.add(account)
    uow.db.flush()
    bodies: dict[ProfileKind, profiles.AnyProfile] = {
        ProfileKind.LEGAL_BUSINESS: profiles.LegalBusinessProfile(name, address, contact),
        ProfileKind.BILLING: profiles.BillingProfile(name, address, contact),
        ProfileKind.ORGANIZATION: profiles.organization_for(name, address, contact.email),
        ProfileKind.SUPPORT: profiles.SupportProfile(contact.email, address.phone_number, ""),
    }
    for kind, body in bodies.items():
        uow.db.add(
            PartnerProfile(tenant_id=tenant_id, kind=kind.value, body=msgspec.to_builtins(body), updated_at=uow.now)
        )
    uow.db.flush()
    put_location(uow, account, name=name, address=address, contact=contact, is_default=True)
    uow.emit(
        PartnerEnrolled(
            partner_id=tenant_id,
            tenant_id=tenant_id,
            partner_kind=enrolment.kind.value,
            country=account.country,
            region=account.region.value,
            currency=account.currency,
            after={"companyName": name, "mpnId": account.global_partner_id, "country": account.country},
        )
    )
    return account


def _enrol(uow: UnitOfWork, account: PartnerAccount, kind: PartnerKind, user_id: UUID | None) -> ProgramEnrolment:
    default = next(each for each in queries.locations(uow, account.tenant_id) if each.is_default)
    enrolment = ProgramEnrolment(
        id=uow.ids.uuid(),
        tenant_id=account.tenant_id,
        program=rules.PROGRAM_OF_KIND[kind],
        kind=kind,
        state=ProgramState.PENDING_QUALIFICATION,
        location_id=default.id,
        enrolled_at=uow.now,
    )
    uow.db.add(enrolment)
    if kind is PartnerKind.PUBLISHER and user_id is not None:
        uow.db.add(
            RoleAssignment(
                id=uow.ids.uuid(),
                tenant_id=account.tenant_id,
                user_id=user_id,
                role=Role.MARKETPLACE_OWNER,
                assigned_by=uow.actor.name,
                assigned_at=uow.now,
            )
        )
    uow.db.flush()
    uow.emit(
        ProgramEnrolled(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            program=enrolment.program.value,
            partner_kind=kind.value,
            after={"program": enrolment.program.value, "kind": kind.value, "state": enrolment.state.value},
        )
    )
    return enrolment


def enrol_program(uow: UnitOfWork, kind: PartnerKind, *, tenant_id: UUID | None = None) -> ProgramEnrolment:
    """Enrol the account in one more programme; it qualifies at once when the company is verified.

    tenant_id: for seeds. Raises AlreadyEnrolled, NotFound. Emits ProgramEnrolled.
    """
    uow.actor.require(LOCATIONS.write)
    account = queries.account(uow, tenant_id or uow.actor.tenant)
    held = {each.program: each.kind for each in queries.enrolments(uow, account.tenant_id)}
    program = rules.PROGRAM_OF_KIND[kind]
    if program in held:
        raise rules.AlreadyEnrolled(program, held[program])
    enrolment = _enrol(uow, account, kind, uow.actor.principal_id or account.enrolled_by)
    move_on(uow, account)
    return enrolment


def reapply_for_program(uow: UnitOfWork, program: Program) -> ProgramEnrolment:
    """Apply again for a programme that was rejected or suspended. Raises NotFound, ProgramUnreachable."""
    uow.actor.require(LOCATIONS.write)
    account = queries.own_account(uow)
    enrolment = _one_enrolment(uow, account.tenant_id, program)
    move_program(uow, enrolment, ProgramAction.REAPPLY)
    move_on(uow, account)
    return enrolment


def _one_enrolment(uow: UnitOfWork, tenant_id: UUID, program: Program) -> ProgramEnrolment:
    enrolment = queries.enrolment(uow, tenant_id, program)
    if enrolment is None:
        raise NotFound("Enrolment in", program.value)
    return enrolment


# --- the operator's side ------------------------------------------------------------------------------------------


def decide_program(
    uow: UnitOfWork, tenant_id: UUID, program: Program, action: ProgramAction, reason: str = ""
) -> ProgramEnrolment:
    """The operator's word on a programme: qualify, reject, suspend, reinstate or deactivate it.

    Raises NotFound, ProgramUnreachable, Invalid without a reason where the partner loses something.
    """
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    account = queries.account(uow, tenant_id)
    if action not in {ProgramAction.QUALIFY, ProgramAction.REINSTATE} and not reason.strip():
        raise _reason_missing()
    enrolment = _one_enrolment(uow, tenant_id, program)
    move_program(uow, enrolment, action, reason=reason.strip())
    move_on(uow, account)
    return enrolment


def suspend_account(uow: UnitOfWork, tenant_id: UUID, reason: str) -> PartnerAccount:
    """Keep an account from selling; what its customers have goes on, and can be managed.

    Raises NotFound, Conflict, Invalid without a reason. Source: account-and-security §4
    """
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    account = queries.account(uow, tenant_id)
    if account.suspended_at is not None or account.closed_at is not None:
        raise Conflict(f"The account is {account.state.value} already.")
    if not reason.strip():
        raise _reason_missing()
    account.suspended_at, account.suspended_reason = uow.now, reason.strip()[:400]
    settle(uow, account, reason=account.suspended_reason)
    _tell(uow, account, "Your account is suspended", f"{account.suspended_reason} Open a support request to answer it.")
    return account


def reinstate_account(uow: UnitOfWork, tenant_id: UUID) -> PartnerAccount:
    """Lift a suspension. Raises NotFound, Conflict."""
    uow.actor.require(OPERATOR_ACCOUNTS.write)
    account = queries.account(uow, tenant_id)
    if account.suspended_at is None:
        raise Conflict("The account is not suspended.")
    account.suspended_at, account.suspended_reason = None, ""
    settle(uow, account)
    _tell(uow, account, "Your account is reinstated", "You can sell again.")
    return account


def _tell(uow: UnitOfWork, account: PartnerAccount, subject: str, text: str) -> None:
    uow.mail(account.primary_contact_email, subject, text, topic="account", tenant_id=account.tenant_id)


def _reason_missing() -> Invalid:
    return Invalid("Give the reason: the partner reads it.")
