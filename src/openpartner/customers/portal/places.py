"""Whose directory a page is about: a customer's, for its partner, or the own one, for a customer's administrators."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from openpartner.customers.portal.shared import FRAME
from openpartner.platform import permissions
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork

NOBODYS = UUID(int=0)
"""The customer that the pages under ``/organization`` name: none, as they are about the actor's own tenant."""


class Place(NamedTuple):
    """Whose users a page is about and where its pages lie."""

    tenant_id: UUID
    root: str
    may_write: bool
    may_give_roles: bool
    context: dict[str, Any]


def of_customer(uow: UnitOfWork, customer_id: UUID) -> Place:
    """Under a customer's page."""
    uow.actor.require(permissions.CUSTOMER_USERS.read)
    frame = FRAME.context(uow, customer_id, "users")
    may = uow.actor.may(permissions.CUSTOMER_USERS.write)
    return Place(customer_id, f"/customers/{customer_id}/users", may, may, frame)


def of_own(uow: UnitOfWork, _customer_id: UUID) -> Place:
    """Under the customer's own pages."""
    uow.actor.require(permissions.CUSTOMER_DIRECTORY.read)
    return Place(
        uow.actor.tenant,
        "/organization/users",
        uow.actor.may(permissions.CUSTOMER_DIRECTORY.write),
        uow.actor.may(permissions.CUSTOMER_ROLES.write),
        {"crumbs": [Crumb("Home", "/"), Crumb("Users", "/organization/users")]},
    )


Locate = Callable[[UnitOfWork, UUID], Place]


def crumbs_to(place: Place, title: str) -> list[Crumb]:
    """The way to a page below the list of users."""
    customer = place.context.get("customer")
    home = Crumb("Home", "/")
    if customer is None:
        return [home, Crumb("Users", place.root), Crumb(title)]
    above = Crumb(customer.company_name, f"/customers/{customer.tenant_id}")
    return [home, Crumb("Customers", "/customers"), above, Crumb("Users and licences", place.root), Crumb(title)]
