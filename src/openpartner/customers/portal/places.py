"""Whose directory a page is about: a customer's, for its partner, or the own one, for a customer's administrators."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from openpartner.customers import queries
from openpartner.customers.portal.shared import FRAME
from openpartner.identity import queries as directory
from openpartner.platform import permissions
from openpartner.platform.directory_access import DirectoryAction, DirectoryRoleNeeded
from openpartner.platform.web.pages import Crumb
from openpartner.platform.work import UnitOfWork

NOBODYS = UUID(int=0)
"""The customer that the pages under ``/organization`` name: none, as they are about the actor's own tenant."""


class Place(NamedTuple):
    """Whose users a page is about, where its pages lie, and what the actor's directory roles permit there."""

    tenant_id: UUID
    root: str
    actions: frozenset[DirectoryAction]
    context: dict[str, Any]

    def may(self, action: DirectoryAction) -> bool:
        """Whether to offer it; whether it may be done to a certain user is asked with the user."""
        return action in self.actions


def of_customer(uow: UnitOfWork, customer_id: UUID) -> Place:
    """Under a customer's page."""
    queries.directory_for(uow, customer_id, permissions.CUSTOMER_USERS.read, DirectoryAction.USERS_READ)
    frame = FRAME.context(uow, customer_id, "users")
    return Place(customer_id, f"/customers/{customer_id}/users", directory.actions_in(uow, customer_id), frame)


def of_own(uow: UnitOfWork, _customer_id: UUID) -> Place:
    """Under the customer's own pages, for who holds a directory role: what every member may read opens no page here."""
    actions = directory.actions_in(uow, uow.actor.tenant)
    if DirectoryAction.USERS_READ not in actions:
        raise DirectoryRoleNeeded(DirectoryAction.USERS_READ)
    crumbs = [Crumb("Home", "/"), Crumb("Users", "/organization/users")]
    return Place(uow.actor.tenant, "/organization/users", actions, {"crumbs": crumbs})


Locate = Callable[[UnitOfWork, UUID], Place]


def crumbs_to(place: Place, title: str) -> list[Crumb]:
    """The way to a page below the list of users."""
    customer = place.context.get("customer")
    home = Crumb("Home", "/")
    if customer is None:
        return [home, Crumb("Users", place.root), Crumb(title)]
    above = Crumb(customer.company_name, f"/customers/{customer.tenant_id}")
    return [home, Crumb("Customers", "/customers"), above, Crumb("Users", place.root), Crumb(title)]
