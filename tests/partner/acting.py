"""Companies that enrol, and who acts for them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from openpartner.partner import queries, rules, service
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import SYSTEM, Actor
from openpartner.platform.addresses import Address
from openpartner.platform.http.authentication import Principal
from tests.support.lab import Lab

ADDRESS = Address("US", "One Microsoft Way", city="Redmond", state="WA", postal_code="98052", phone_number="4255550100")


def acting(lab: Lab, tenant_id: UUID, user_id: UUID) -> Actor:
    """The actor that a token of this user stands for now."""
    principal = Principal(
        tenant_id,
        user_id,
        tenant_id,
        user_id,
        UUID(int=1),
        is_app=False,
        name="",
        scopes=frozenset(),
        roles=frozenset(),
        wids=frozenset(),
        mfa=True,
        expires_at=datetime(9999, 1, 1, tzinfo=UTC),
    )
    with lab.read() as uow:
        return queries.resolve_actor(uow.db, uow.now, principal)


def enrolment(
    kind: PartnerKind = PartnerKind.DIRECT_BILL,
    *,
    name: str = "Contoso",
    email: str = "pat@contoso.onmicrosoft.com",
    address: Address = ADDRESS,
) -> rules.Enrolment:
    """What Contoso says of itself."""
    return rules.Enrolment(name, address, "Pat Doe", email, kind)


@dataclass(frozen=True)
class Company:
    """An enrolled company and its first Global admin."""

    tenant_id: UUID
    admin: Actor
    password: str


def enrolled(lab: Lab, asked: rules.Enrolment | None = None, domain: str = "contoso.onmicrosoft.com") -> Company:
    """A company that has just enrolled."""
    with lab.begin() as uow:
        made = service.enrol_partner(
            uow, asked or enrolment(), domain=domain, admin=service.FirstAdmin("Pat", "Doe", "pat")
        )
        tenant_id, admin_id, password = made.account.tenant_id, made.admin_id, made.password
    return Company(tenant_id, acting(lab, tenant_id, admin_id), password)


def verified(lab: Lab, company: Company) -> None:
    """Let the operator pass every check."""
    with lab.begin(SYSTEM) as uow:
        service.authorize_account(uow, company.tenant_id)
