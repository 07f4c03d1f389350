"""Partners of each kind with their people and clients, ready to act."""

from dataclasses import dataclass
from uuid import UUID

from openpartner.identity.models import Tenant
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.support import scene
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab


@dataclass
class Partner:
    """A partner's tenant and a Global admin who is an Admin agent too."""

    lab: Lab
    tenant: Tenant
    admin: Actor
    partner_id: str

    @property
    def id(self) -> UUID:
        return self.tenant.id

    @property
    def client(self) -> AppClient:
        """The wire, as the admin."""
        return self.lab.client(self.admin)

    @property
    def pages(self) -> AppClient:
        """The portal, as the admin."""
        return browser(self.lab, self.admin)


def make_partner(
    lab: Lab, name: str = "Contoso Partner", kind: PartnerKind = PartnerKind.DIRECT_BILL, country: str = "US"
) -> Partner:
    """A partner of a kind in good standing. partner_id: the one its sales count for."""
    with lab.begin() as uow:
        tenant = scene.tenant(uow, TenantKind.PARTNER, name, country)
        scene.account(uow, tenant, kind=kind)
    admin = lab.user(tenant, Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)
    with lab.read() as uow:
        from_location = scene.location_of(uow, tenant.id).partner_id
    return Partner(lab, tenant, admin, from_location)


def provider_and_reseller(lab: Lab, *, partnered: bool = True) -> tuple[Partner, Partner]:
    """An indirect provider and an indirect reseller, partners unless told otherwise."""
    provider = make_partner(lab, "Distri", PartnerKind.INDIRECT_PROVIDER)
    reseller = make_partner(lab, "Corner Shop", PartnerKind.INDIRECT_RESELLER)
    if partnered:
        with lab.begin() as uow:
            scene.partnership(uow, provider.id, reseller.id)
    return provider, reseller
