"""Customers in whom a partner has delegated administration. Source: gdap §2.5."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select, tuple_, union

from openpartner.identity.models import DelegatedRole, Domain, Tenant
from openpartner.platform.errors import NotFound
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.queries.granular import require_reading
from openpartner.relationships.rules.granular import Status


class DelegatedCustomerUnknown(NotFound):
    """Source: gdap §8."""

    code = "itemNotFound"

    def __init__(self, customer_id: object) -> None:
        super().__init__("The delegated admin customer", customer_id)


@dataclass(frozen=True)
class DelegatedCustomer:
    """A customer tenant that has let the partner in."""

    tenant_id: UUID
    display_name: str


def _delegated_to(partner_id: UUID, uow: UnitOfWork) -> Subquery:
    """Tenants with an active granular relationship, or with the older, undivided access."""
    row = AdminRelationship
    granular = select(row.customer_id.label("tenant_id")).where(
        row.partner_id == partner_id, row.status == Status.ACTIVE, row.customer_id.is_not(None)
    )
    older = select(DelegatedRole.tenant_id.label("tenant_id")).where(
        DelegatedRole.partner_tenant_id == partner_id,
        DelegatedRole.kind == "dap",
        or_(DelegatedRole.until_at.is_(None), DelegatedRole.until_at > uow.now),
    )
    return union(granular, older).subquery()


def _listed(uow: UnitOfWork) -> Any:
    given = _delegated_to(uow.actor.tenant, uow)
    return select(Tenant.id, Tenant.name).join(given, given.c.tenant_id == Tenant.id)


def is_delegated(uow: UnitOfWork) -> ColumnElement[bool]:
    """The condition under which a ``Tenant`` is a delegated customer of the actor's."""
    given = _delegated_to(uow.actor.tenant, uow)
    return Tenant.id.in_(select(given.c.tenant_id))


def tenant_of_domain(uow: UnitOfWork, name: str) -> Tenant | None:
    """The tenant, anybody's, that has proved a domain; None when there is none."""
    statement = select(Tenant).join(Domain, Domain.tenant_id == Tenant.id)
    return uow.db.scalar(statement.where(Domain.name == name.strip().lower(), Domain.is_verified))


def delegated_customers(
    uow: UnitOfWork, *, after: tuple[str, UUID] | None = None, limit: int = 100
) -> list[DelegatedCustomer]:
    """The actor's delegated customers by name, then id. after: the last one seen."""
    require_reading(uow.actor)
    statement = _listed(uow)
    if after is not None:
        statement = statement.where(tuple_(Tenant.name, Tenant.id) > tuple_(*after))
    rows = uow.db.execute(statement.order_by(Tenant.name, Tenant.id).limit(limit))
    return [DelegatedCustomer(row.id, row.name) for row in rows]


def count_delegated_customers(uow: UnitOfWork) -> int:
    """How many there are."""
    require_reading(uow.actor)
    given = _delegated_to(uow.actor.tenant, uow)
    return uow.db.scalar(select(func.count()).select_from(given)) or 0


def delegated_customer(uow: UnitOfWork, customer_id: UUID) -> DelegatedCustomer:
    """One of them. Raises DelegatedCustomerUnknown."""
    require_reading(uow.actor)
    row = uow.db.execute(_listed(uow).where(and_(Tenant.id == customer_id))).one_or_none()
    if row is None:
        raise DelegatedCustomerUnknown(customer_id)
    return DelegatedCustomer(row.id, row.name)
