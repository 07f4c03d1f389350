"""What the list of a customer's users says of licences."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, select

from openpartner.platform.actor import TenantKind
from openpartner.platform.web.tables import Choice
from openpartner.platform.web.tabs import Facet
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.models import LicenseAssignment
from openpartner.subscriptions.seat_queries import holders, others, seats_of

ANY, NONE = "any", "none"


def _choices(uow: UnitOfWork, customer_id: UUID) -> list[Choice]:
    named = [Choice(str(each.product), each.name) for each in seats_of(uow, customer_id)]
    return [Choice(ANY, "Any licence"), Choice(NONE, "No licence"), *named] if named else []


def _having(customer_id: UUID, value: str) -> Select[UUID]:
    if value == NONE:
        return others(customer_id)
    return holders(customer_id, None if value == ANY else UUID(value))


def _of(uow: UnitOfWork, customer_id: UUID, user_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    names = {each.product: each.name for each in seats_of(uow, customer_id)}
    rows = uow.db.execute(
        select(LicenseAssignment.user_id, LicenseAssignment.provisioning_id).where(
            LicenseAssignment.customer_id == customer_id, LicenseAssignment.user_id.in_(user_ids)
        )
    )
    held: dict[UUID, list[str]] = {}
    for user, product in rows:
        held.setdefault(user, []).append(names.get(product, str(product)))
    return {user: ", ".join(sorted(products)) for user, products in held.items()}


def _href(uow: UnitOfWork, customer_id: UUID, user_id: UUID) -> str:
    if uow.actor.tenant_kind is TenantKind.CUSTOMER:
        return f"/organization/licenses/users/{user_id}"
    return f"/customers/{customer_id}/licenses/{user_id}"


LICENCES = Facet("licence", "Licences", _choices, _having, _of, _href)
"""For ``customers.portal.routes``: the licences in the list of users."""
