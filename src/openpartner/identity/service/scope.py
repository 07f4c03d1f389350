"""In whose activity log a change of a directory stands."""

from typing import TypedDict
from uuid import UUID

from openpartner.identity.models import Tenant
from openpartner.platform.actor import TenantKind
from openpartner.platform.work import UnitOfWork


class Scope(TypedDict):
    """The members of every event that say so."""

    partner_id: UUID | None
    customer_id: UUID | None


def scope_of(uow: UnitOfWork, tenant_id: UUID | None) -> Scope:
    """A partner's tenant: its own log. A customer's: the customer's, and that of the partner that acts."""
    tenant = uow.db.get(Tenant, tenant_id) if tenant_id is not None else None
    if tenant is None or tenant.kind is TenantKind.OPERATOR:
        return Scope(partner_id=None, customer_id=None)
    if tenant.kind is TenantKind.PARTNER:
        return Scope(partner_id=tenant.id, customer_id=None)
    acting = uow.actor.tenant_id if uow.actor.tenant_kind is TenantKind.PARTNER else None
    return Scope(partner_id=acting, customer_id=tenant.id)
