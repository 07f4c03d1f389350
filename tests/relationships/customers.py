"""Customers' tenants with their administrators, ready to decide."""

from dataclasses import dataclass
from uuid import UUID

from openpartner.identity.models import Tenant
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab


@dataclass
class Customer:
    """A customer's tenant and a Global admin of its own."""

    lab: Lab
    tenant: Tenant
    admin: Actor

    @property
    def id(self) -> UUID:
        return self.tenant.id

    @property
    def pages(self) -> AppClient:
        """The portal, as the admin."""
        return browser(self.lab, self.admin)


def make_customer(lab: Lab, name: str = "Relecloud", country: str = "US") -> Customer:
    """A customer's tenant that nobody sells to yet."""
    with lab.begin() as uow:
        tenant = scene.tenant(uow, TenantKind.CUSTOMER, name, country)
    return Customer(lab, tenant, lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN))
