"""Telling one side what the other decided: by mail to its Global admins, and to a partner's Admin agents."""

from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.partner import queries as partners
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork

TOLD = (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)


def tell_partner(uow: UnitOfWork, tenant_id: UUID, subject: str, text: str, *, topic: str) -> None:
    """One mail to each of them, by name."""
    for person in partners.holders(uow, tenant_id, TenantKind.PARTNER, TOLD):
        uow.mail(person.mail or person.upn, subject, text, topic=topic, tenant_id=tenant_id)


def tell_customer(uow: UnitOfWork, tenant_id: UUID, subject: str, text: str, *, topic: str) -> None:
    """One mail to each of the customer's Global admins."""
    for user in directory.holders_of_role(uow, tenant_id, GLOBAL_ADMINISTRATOR):
        uow.mail(user.mail or user.upn, subject, text, topic=topic, tenant_id=tenant_id)


def name_of(uow: UnitOfWork, tenant_id: UUID) -> str:
    """A company's name: of its account, else of its directory."""
    account = partners.account_of(uow, tenant_id)
    return account.name if account is not None else directory.tenant_by_id(uow, tenant_id).name
