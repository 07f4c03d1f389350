"""Replacing a profile, the security contact, and locations."""

from uuid import UUID

import msgspec

from openpartner.partner import profiles, queries, rules
from openpartner.partner.events import PartnerLocationAdded, PartnerProfileUpdated, SecurityContactChanged
from openpartner.partner.models import PartnerAccount, PartnerLocation, PartnerProfile, RoleAssignment
from openpartner.partner.profiles import AnyProfile, Contact, LegalBusinessProfile, ProfileKind
from openpartner.partner.service.verification import profile_changed
from openpartner.platform import addresses
from openpartner.platform.addresses import Address
from openpartner.platform.errors import InvalidFields
from openpartner.platform.permissions import (
    LEGAL_PROFILE,
    LOCATIONS,
    ORGANISATION_TAX,
    PARTNER_CENTER_HOME,
    SECURITY_REQUIREMENTS,
    Permission,
    Role,
)
from openpartner.platform.registration import check_registration
from openpartner.platform.work import UnitOfWork

READ_PERMISSION: dict[ProfileKind, Permission] = {
    ProfileKind.LEGAL_BUSINESS: LEGAL_PROFILE.read,
    ProfileKind.LEGAL_BUSINESS_FINALIZED: LEGAL_PROFILE.read,
    ProfileKind.BILLING: ORGANISATION_TAX.read,
    ProfileKind.ORGANIZATION: PARTNER_CENTER_HOME.read,  # clients read it right after sign-in, whoever the user is
    ProfileKind.SUPPORT: PARTNER_CENTER_HOME.read,
}
"""Which row of the matrix a profile is read under."""

WRITE_PERMISSION: dict[ProfileKind, Permission] = {
    ProfileKind.LEGAL_BUSINESS: LEGAL_PROFILE.write,
    ProfileKind.BILLING: ORGANISATION_TAX.write,
    ProfileKind.ORGANIZATION: LEGAL_PROFILE.write,
    ProfileKind.SUPPORT: LEGAL_PROFILE.write,
}
"""And changed under."""

_KIND_OF: dict[type[AnyProfile], ProfileKind] = {
    profiles.LegalBusinessProfile: ProfileKind.LEGAL_BUSINESS,
    profiles.BillingProfile: ProfileKind.BILLING,
    profiles.OrganizationProfile: ProfileKind.ORGANIZATION,
    profiles.SupportProfile: ProfileKind.SUPPORT,
}


def replace_profile(uow: UnitOfWork, profile: AnyProfile) -> PartnerProfile:
    """Put a whole profile in place of the present one.

    A legal profile whose name, address or primary contact changed is verified anew; until that is decided, what was
    verified goes on to count. Raises InvalidFields. Emits PartnerProfileUpdated with the members that changed.
    """
    kind = _KIND_OF[type(profile)]
    uow.actor.require(WRITE_PERMISSION[kind])
    account = queries.own_account(uow)
    row = queries.profile_row(uow, account.tenant_id, kind)
    before = queries.profile(uow, account.tenant_id, kind)
    after = profiles.accepted(profile)
    if isinstance(after, LegalBusinessProfile):
        check_registration(after.address.country, account.registration_number, after.address.phone_number)
    if after == before:
        return row
    _write(uow, row, before, after)
    if isinstance(before, LegalBusinessProfile) and isinstance(after, LegalBusinessProfile):
        changed = profiles.what_is_verified_anew(before, after)
        if changed:
            profile_changed(uow, account, changed)
    return row


def _write(uow: UnitOfWork, row: PartnerProfile, before: AnyProfile, after: AnyProfile) -> None:
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    row.body, row.updated_at = new, uow.now
    uow.db.flush()
    changed = [name for name in new if new[name] != old.get(name)]
    uow.emit(
        PartnerProfileUpdated(
            partner_id=row.tenant_id,
            tenant_id=row.tenant_id,
            profile=row.kind,
            before={profiles.camel(name): old.get(name) for name in changed},
            after={profiles.camel(name): new[name] for name in changed},
        )
    )


def set_security_contact(uow: UnitOfWork, contact: Contact) -> PartnerAccount:
    """Name who hears of security events: mandatory for whoever sells. A group mailbox is a good one.

    A user of the tenant with that mail address sees the alerts page from now on, and the one before no longer.
    Raises InvalidFields. Emits SecurityContactChanged. Source: account-and-security §8
    """
    uow.actor.require(SECURITY_REQUIREMENTS.write)
    account = queries.own_account(uow)
    problems: dict[str, str] = {}
    if not contact.name:
        problems["first_name"] = "Give the contact's name."
    if not profiles.is_email(contact.email):
        problems["email"] = "Give an email address such as security@contoso.com."
    if problems:
        raise InvalidFields(problems)
    before = account.security_contact
    account.security_contact = msgspec.to_builtins(contact)
    _hold_alone(uow, account.tenant_id, Role.SECURITY_CONTACT, contact.email)
    uow.db.flush()
    uow.emit(
        SecurityContactChanged(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            before=before,
            after=account.security_contact,
        )
    )
    return account


def _hold_alone(uow: UnitOfWork, tenant_id: UUID, role: Role, email: str) -> None:
    """Let the users with this mail address hold ``role``, and nobody else."""
    for assignment in queries.assignments_of_role(uow, tenant_id, role):
        uow.db.delete(assignment)
    uow.db.flush()
    for user in queries.users_with_mail(uow, tenant_id, email):
        uow.db.add(
            RoleAssignment(
                id=uow.ids.uuid(),
                tenant_id=tenant_id,
                user_id=user,
                role=role,
                assigned_by=uow.actor.name,
                assigned_at=uow.now,
            )
        )


def free_partner_id(uow: UnitOfWork) -> str:
    """A Partner ID that nobody has: seven digits."""
    partner_id = uow.ids.digits(7)
    while queries.is_partner_id_taken(uow, partner_id):
        partner_id = uow.ids.digits(7)
    return partner_id


def add_location(uow: UnitOfWork, *, name: str, address: Address, contact: Contact) -> PartnerLocation:
    """A location account of the company, with a Partner ID at once. It can never be removed.

    Raises InvalidFields. Emits PartnerLocationAdded.
    """
    uow.actor.require(LOCATIONS.write)
    account = queries.own_account(uow)
    taken = [each.name for each in queries.locations(uow, account.tenant_id)]
    problems = rules.location_problems(
        name=name,
        taken_names=taken,
        address=address,
        contact_email=contact.email,
        phone_number=contact.phone_number,
    )
    if problems:
        raise InvalidFields(problems)
    return put_location(uow, account, name=name.strip(), address=address, contact=contact, is_default=False)


def put_location(
    uow: UnitOfWork, account: PartnerAccount, *, name: str, address: Address, contact: Contact, is_default: bool
) -> PartnerLocation:
    """Store a location that was checked."""
    tidy = addresses.normalised(address)
    location = PartnerLocation(
        id=uow.ids.uuid(),
        tenant_id=account.tenant_id,
        partner_id=free_partner_id(uow),
        name=name,
        country=tidy.country,
        address=msgspec.to_builtins(tidy),
        contact=msgspec.to_builtins(contact),
        is_default=is_default,
        created_at=uow.now,
    )
    uow.db.add(location)
    uow.db.flush()
    uow.emit(
        PartnerLocationAdded(
            partner_id=account.tenant_id,
            tenant_id=account.tenant_id,
            location_id=location.id,
            location_partner_id=location.partner_id,
            after={"mpnId": location.partner_id, "name": location.name, "country": location.country},
        )
    )
    return location
