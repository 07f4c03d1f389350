"""The mails about a relationship, to both sides, at the moments of gdap §11 and at no others."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.partner import queries as partners
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries import granular
from openpartner.relationships.rules.granular import Side

APPROVED: Final = "gdap.approved"
EXPIRING: Final = "gdap.expiring"
EXPIRED: Final = "gdap.expired"
TERMINATED: Final = "gdap.terminated"

_REFUSERS: Final = {Side.CUSTOMER: "The customer", Side.RESELLER: "The indirect reseller"}


def tell_approved(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """The customer consented."""
    name = relationship.display_name
    _tell(
        uow,
        relationship,
        APPROVED,
        f"Admin relationship {name} was approved",
        f"{relationship.customer_name} has approved the admin relationship {name} for {relationship.duration_days} "
        "days. It becomes active shortly.",
    )


def remind(uow: UnitOfWork, relationship: AdminRelationship, left: timedelta) -> None:
    """It ends in so many days, and nothing extends it."""
    name, days = relationship.display_name, "1 day" if left.days == 1 else f"{left.days} days"
    ends = f"{relationship.end_at:%d %B %Y, %H:%M} UTC"
    _tell(
        uow,
        relationship,
        EXPIRING,
        f"Admin relationship {name} expires in {days}",
        f"The admin relationship {name} with {relationship.customer_name} expires on {ends}. All access it gives ends "
        "at that instant. An expired relationship cannot be revived: to go on, the partner asks for a new one, or "
        "switches on automatic extension before the end.",
    )


def tell_expired(uow: UnitOfWork, relationship: AdminRelationship) -> None:
    """Its time is over."""
    name = relationship.display_name
    _tell(
        uow,
        relationship,
        EXPIRED,
        f"Admin relationship {name} has expired",
        f"The admin relationship {name} with {relationship.customer_name} has expired, and the access it gave has "
        "ended. To go on, the partner asks for a new one.",
    )


def tell_terminated(
    uow: UnitOfWork, relationship: AdminRelationship, *, refused_by: Side | None = None, reason: str = ""
) -> None:
    """One side ended it, or did not want it at all."""
    name = relationship.display_name
    of = f" with {relationship.customer_name}" if relationship.customer_name else ""
    if refused_by is None:
        subject = f"Admin relationship {name} was terminated"
        text = f"The admin relationship {name}{of} was terminated. It gives no access any more."
    else:
        subject = f"Admin relationship {name} was refused"
        text = f"{_REFUSERS[refused_by]} has refused the admin relationship {name}{of}. It never gave any access."
        if reason:
            text = f"{text}\n\nThe reason given: {reason}"
    _tell(uow, relationship, TERMINATED, subject, text)


def _tell(uow: UnitOfWork, relationship: AdminRelationship, topic: str, subject: str, text: str) -> None:
    roles = ", ".join(sorted(DIRECTORY_ROLES[role].name for role in granular.roles_of(uow, relationship.id)))
    whole = f"{text}\n\nRoles: {roles}.\nRelationship: {relationship.id}\n"
    for tenant_id in (relationship.partner_id, relationship.indirect_provider_id):
        if tenant_id is not None:
            people = partners.holders(uow, tenant_id, TenantKind.PARTNER, (Role.ADMIN_AGENT,))
            addresses = [person.mail or person.upn for person in people if person.account_enabled]
            _send(uow, addresses, topic, subject, whole, tenant_id=tenant_id)
    if relationship.customer_id is not None:
        admins = directory.holders_of_role(uow, relationship.customer_id, GLOBAL_ADMINISTRATOR)
        addresses = [user.mail or user.upn for user in admins]
        _send(uow, addresses, topic, subject, whole, tenant_id=relationship.customer_id)


def _send(uow: UnitOfWork, addresses: Iterable[str], topic: str, subject: str, text: str, *, tenant_id: UUID) -> None:
    for address in sorted(set(addresses)):
        uow.mail(address, subject, text, topic=topic, tenant_id=tenant_id)
