"""The seats of each product at a customer: bought, assigned, free, and who holds one."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select

from openpartner.identity.models import User
from openpartner.partner import queries as partners
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.models import LicenseAssignment, Subscription


class Seats(NamedTuple):
    """The seats of one product. subscriptions: what gives them, the oldest first."""

    product: UUID
    name: str
    total: int
    used: int
    subscriptions: Sequence[Subscription]

    @property
    def left(self) -> int:
        """Seats that nobody holds."""
        return max(self.total - self.used, 0)


def seats_of(uow: UnitOfWork, customer_id: UUID) -> list[Seats]:
    """Every product of which the customer has seats, or had and its users still hold some."""
    used = queries.consumed(uow, customer_id)
    found = []
    for product, rows in queries.seats_of(uow, customer_id).items():
        giving = [row for row in rows if row.status in queries.HOLDS_SEATS]
        total = sum(row.quantity for row in giving)
        found.append(Seats(product, rows[-1].offer_name, total, used.get(product, 0), giving))
    return [seats for seats in found if seats.total or seats.used]


def sellers_of(uow: UnitOfWork, seats: Seats) -> str:
    """The partners through whom the seats were bought."""
    accounts = [partners.account_of(uow, row.partner_id) for row in seats.subscriptions]
    return ", ".join(dict.fromkeys(account.name for account in accounts if account is not None))


def holders(customer_id: UUID, product: UUID | None = None) -> Select[UUID]:
    """The users who hold a licence of the product, or of any."""
    held = select(LicenseAssignment.user_id).where(LicenseAssignment.customer_id == customer_id)
    return held if product is None else held.where(LicenseAssignment.provisioning_id == product)


def others(customer_id: UUID, product: UUID | None = None) -> Select[UUID]:
    """The users who do not."""
    return select(User.id).where(User.tenant_id == customer_id, User.id.not_in(holders(customer_id, product)))
