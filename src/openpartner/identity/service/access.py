"""Delegated administration as the token service sees it: which groups hold which roles in whose tenant, until when."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from openpartner.identity import queries
from openpartner.identity.events import DelegatedAccessClosed, DelegatedAccessOpened
from openpartner.identity.models import DelegatedRole
from openpartner.platform.work import UnitOfWork


def open_delegated_access(
    uow: UnitOfWork,
    *,
    source_id: UUID,
    kind: str,
    customer_tenant_id: UUID,
    group_id: UUID,
    roles: Iterable[UUID],
    until_at: datetime | None,
) -> None:
    """Give a partner's group roles in a customer's tenant; what ``source_id`` gave that group before is replaced.

    kind: ``gdap`` or ``dap``. source_id: the access assignment (GDAP) or the customer (DAP). until_at: the instant at
    which tokens stop being issued, whether or not a job has run. Called by the slice that owns the relationship.
    Raises NotFound. Emits DelegatedAccessOpened.
    """
    customer = queries.tenant_by_id(uow, customer_tenant_id)
    group = queries.group_by_id(uow, group_id)
    wanted = sorted(set(roles))
    uow.db.execute(
        delete(DelegatedRole).where(DelegatedRole.source_id == source_id, DelegatedRole.group_id == group.id)
    )
    uow.db.add_all(
        DelegatedRole(
            tenant_id=customer.id,
            partner_tenant_id=group.tenant_id,
            group_id=group.id,
            role_template_id=role,
            kind=kind,
            source_id=source_id,
            from_at=uow.now,
            until_at=until_at,
        )
        for role in wanted
    )
    uow.db.flush()
    uow.emit(
        DelegatedAccessOpened(
            partner_id=group.tenant_id,
            customer_id=customer.id,
            source_id=source_id,
            after={
                "kind": kind,
                "groupId": str(group.id),
                "roles": [str(role) for role in wanted],
                "until": None if until_at is None else until_at.isoformat(),
            },
        )
    )


def close_delegated_access(uow: UnitOfWork, source_id: UUID) -> None:
    """Take back, at once, all that ``source_id`` gave. Emits DelegatedAccessClosed if it gave anything."""
    rows = uow.db.scalars(select(DelegatedRole).where(DelegatedRole.source_id == source_id)).all()
    if not rows:
        return
    first = rows[0]
    fact = DelegatedAccessClosed(
        partner_id=first.partner_tenant_id,
        customer_id=first.tenant_id,
        source_id=source_id,
        before={"kind": first.kind, "roles": sorted({str(row.role_template_id) for row in rows})},
    )
    uow.db.execute(delete(DelegatedRole).where(DelegatedRole.source_id == source_id))
    uow.emit(fact)
