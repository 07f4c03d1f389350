"""A world with requests of every kind that wait for somebody's consent."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from openpartner.identity.models import User
from openpartner.partner.rules import PartnerKind
from openpartner.platform import due
from openpartner.platform.permissions import Role
from openpartner.relationships import service
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink
from tests.relationships.partners import Partner, make_partner, provider_and_reseller
from tests.relationships.test_reselling import letter
from tests.support.client import AppClient
from tests.support.granting import Grants
from tests.support.lab import Lab

ORIGIN = "https://localhost"


@dataclass
class World:
    """Both sides of a granular relationship, a provider with its reseller, and the sandbox's own client."""

    lab: Lab
    grants: Grants = field(init=False)
    sandbox: AppClient = field(init=False)

    def __post_init__(self) -> None:
        self.grants = Grants(self.lab)
        self.sandbox = self.lab.client()
        with self.lab.begin() as uow:
            assert self.grants.admin.principal_id is not None
            uow.db.get_one(User, self.grants.admin.principal_id).mail = "ana@adventure.example"

    # Asking

    def granular(self, name: str = "Support", **terms: Any) -> str:
        """An admin relationship that waits for its customer."""
        return self.grants.pending(name, **terms)

    def reseller(self, recipient: str = "ana@adventure.example") -> str:
        """A mail of the partner that asks to be the reseller; gives the invitation's id."""
        agent = self.lab.user(self.grants.partner, Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)
        with self.lab.begin(agent) as uow:
            link = ResellerLink(LinkKind.DIRECT, self.grants.partner.id)
            [sent] = service.invite_customers(uow, link, letter(recipient), ORIGIN)
            return str(sent.id)

    def provider_and_reseller(self) -> tuple[Partner, Partner]:
        return provider_and_reseller(self.lab)

    def combined(self, provider: Partner, reseller: Partner, recipient: str = "ana@adventure.example") -> str:
        """A mail of a reseller together with its provider."""
        with self.lab.begin(reseller.admin) as uow:
            link = ResellerLink(LinkKind.INDIRECT, reseller.id, reseller.partner_id, provider.id)
            [sent] = service.invite_customers(uow, link, letter(recipient), ORIGIN)
            return str(sent.id)

    def partnership(self) -> tuple[str, Partner, Partner]:
        """A mail of a provider to a reseller-to-be, and the two."""
        provider = make_partner(self.lab, "Wide Distribution", PartnerKind.INDIRECT_PROVIDER)
        reseller = make_partner(self.lab, "Small Shop", PartnerKind.INDIRECT_RESELLER)
        with self.lab.begin(provider.admin) as uow:
            [sent] = service.invite_indirect_resellers(uow, letter(reseller.admin.name), ORIGIN)
            return str(sent.id), provider, reseller

    # The sandbox

    def waiting(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.sandbox.get(f"/_sandbox/consent{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def answer(self, **body: Any) -> Any:
        return self.sandbox.post("/_sandbox/consent", body)

    def policy(self, **body: Any) -> None:
        answer = self.sandbox.post("/_sandbox/consent/policies", body)
        assert answer.status_code == 201, answer.text

    def decisions(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.sandbox.get(f"/_sandbox/consent/decisions{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def settle(self) -> None:
        """Do what is due now."""
        due.run_due(self.lab.world, self.lab.now)

    def advance(self, **by: int) -> None:
        """Move the clock."""
        self.lab.advance(timedelta(**by))
