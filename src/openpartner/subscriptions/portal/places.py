"""Whose licences a page is about: a customer's, for its partner, or the own ones, for a customer's administrators."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.platform.permissions import CUSTOMER_DIRECTORY, CUSTOMER_USERS
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork

NOBODYS = UUID(int=0)
"""The customer that the pages under ``/organization`` name: none, as they are about the actor's own tenant."""

OF_CUSTOMER = "/customers/{customer_id:uuid}/licenses"
OWN = "/organization/licenses"


class Place(NamedTuple):
    """Whose licences a page is about, where its pages lie, and the way there."""

    customer_id: UUID
    root: str
    users: str
    may_write: bool
    crumbs: list[Crumb]

    def of_user(self, user_id: UUID) -> str:
        """The page of one user's licences."""
        return f"{self.root}/users/{user_id}" if self.users.startswith("/organization") else f"{self.root}/{user_id}"


def of_customer(uow: UnitOfWork, customer_id: UUID) -> Place:
    """Under a customer's page."""
    uow.actor.require(CUSTOMER_USERS.read)
    customer = customers.one_customer(uow, customer_id)
    root = f"/customers/{customer_id}"
    crumbs = [Crumb("Home", "/"), Crumb("Customers", "/customers"), Crumb(customer.company_name, root)]
    crumbs.append(Crumb("Licences", f"{root}/licenses"))
    return Place(customer_id, f"{root}/licenses", f"{root}/users", uow.actor.may(CUSTOMER_USERS.write), crumbs)


def of_own(uow: UnitOfWork, _customer_id: UUID) -> Place:
    """Under the customer's own pages."""
    uow.actor.require(CUSTOMER_DIRECTORY.read)
    crumbs = [Crumb("Home", "/"), Crumb("Licences", OWN)]
    return Place(uow.actor.tenant, OWN, "/organization/users", uow.actor.may(CUSTOMER_DIRECTORY.write), crumbs)


Locate = Callable[[UnitOfWork, UUID], Place]
