"""Whose licences a page is about: a customer's, for its partner, or the own ones, for a customer's administrators."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from openpartner.customers import queries as customers
from openpartner.identity import queries as directory
from openpartner.platform.directory_access import DirectoryAction, DirectoryRoleNeeded
from openpartner.platform.permissions import CUSTOMER_USERS
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


_READING = (DirectoryAction.LICENCES_READ, DirectoryAction.USERS_READ)


def _may_assign(uow: UnitOfWork, customer_id: UUID) -> bool:
    return directory.may_in_directory(uow, customer_id, DirectoryAction.LICENCES_ASSIGN)


def of_customer(uow: UnitOfWork, customer_id: UUID) -> Place:
    """Under a customer's page."""
    customers.directory_for(uow, customer_id, CUSTOMER_USERS.read, *_READING)
    customer = customers.one_customer(uow, customer_id)
    root = f"/customers/{customer_id}"
    crumbs = [Crumb("Home", "/"), Crumb("Customers", "/customers"), Crumb(customer.company_name, root)]
    crumbs.append(Crumb("Licences", f"{root}/licenses"))
    return Place(customer_id, f"{root}/licenses", f"{root}/users", _may_assign(uow, customer_id), crumbs)


def of_own(uow: UnitOfWork, _customer_id: UUID) -> Place:
    """Under the customer's own pages, for who holds a directory role there."""
    held = directory.actions_in(uow, uow.actor.tenant)
    for action in _READING:
        if action not in held:
            raise DirectoryRoleNeeded(action)
    crumbs = [Crumb("Home", "/"), Crumb("Licences", OWN)]
    return Place(uow.actor.tenant, OWN, "/organization/users", _may_assign(uow, uow.actor.tenant), crumbs)


Locate = Callable[[UnitOfWork, UUID], Place]
