"""A CSP partner with its people, and customers made as a partner makes them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers.rules import NewCustomer
from openpartner.customers.service.creation import enter_relationship
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.addresses import Address
from openpartner.platform.permissions import Role
from tests.support import scene
from tests.support.client import AppClient
from tests.support.lab import Lab

ADDRESS = {
    "firstName": "Gena",
    "lastName": "Soto",
    "addressLine1": "One Microsoft Way",
    "addressLine2": "Building 34",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
    "phoneNumber": "4255550101",
}


def customer_body(name: str = "Relecloud", prefix: str | None = None, **members: Any) -> dict[str, Any]:
    """What a client posts to make a customer."""
    return {
        "companyProfile": {"domain": f"{prefix or name.lower().replace(' ', '')}.onmicrosoft.com"},
        "billingProfile": {
            "culture": "en-US",
            "email": "gena@relecloud2.com",
            "language": "en",
            "companyName": name,
            "defaultAddress": dict(ADDRESS),
        },
        **members,
    }


@dataclass
class Partner:
    """A partner's tenant, a user who may do everything with customers, and that user's client."""

    lab: Lab
    tenant: Tenant
    actor: Actor
    client: AppClient

    @property
    def id(self) -> UUID:
        return self.tenant.id

    def customer(self, name: str = "Relecloud", **members: Any) -> dict[str, Any]:
        """A customer made over the wire; what was answered. Its directory stays closed."""
        answer = self.client.post("/v1/customers", customer_body(name, **members))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def administered(self, name: str = "Relecloud", **members: Any) -> dict[str, Any]:
        """A customer made over the wire, in whose directory the admin agents hold the default granular roles."""
        made = self.customer(name, **members)
        self.lab.give_delegated_access(self.id, UUID(made["id"]))
        return made


MakePartner = Callable[..., Partner]


@pytest.fixture
def make_partner(lab: Lab) -> MakePartner:
    """Makes a partner of a kind."""
    with lab.begin() as uow:
        identity.install_well_known_applications(uow)

    def make(
        name: str = "Contoso Partner", kind: PartnerKind = PartnerKind.DIRECT_BILL, country: str = "US"
    ) -> Partner:
        with lab.begin() as uow:
            tenant = scene.tenant(uow, TenantKind.PARTNER, name, country)
            scene.account(uow, tenant, kind=kind)
        actor = lab.user(tenant, Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)
        return Partner(lab, tenant, actor, lab.client(actor))

    return make


@pytest.fixture
def partner(make_partner: MakePartner) -> Partner:
    """A direct-bill partner."""
    return make_partner()


def many_customers(lab: Lab, partner: Partner, count: int, reseller: Partner | None = None) -> list[str]:
    """Put so many customers into the tables; the names in the order of lists. Every third is the reseller's."""
    with lab.begin() as uow:
        names = [f"Customer {number:04}" for number in range(count)]
        for number, name in enumerate(names):
            tenant = Tenant(
                id=uow.ids.uuid(),
                kind=TenantKind.CUSTOMER,
                name=name,
                country="US",
                default_domain=f"d{count - number:04}.onmicrosoft.com",
                created_at=uow.now,
            )
            uow.db.add(tenant)
            uow.db.flush()
            enter_relationship(
                uow,
                NewCustomer(
                    domain=tenant.default_domain,
                    company_name=name,
                    email="a@example.com",
                    culture="en-US",
                    language="en",
                    address=Address(country="US", first_name="A", last_name="B"),
                ),
                tenant.id,
                partner.id,
                reseller.id if reseller is not None and number % 3 == 0 else None,
            )
    return names
