"""Who is in a seeded world: the operator, five partners, their people and their apps."""

from dataclasses import dataclass

from openpartner.partner.rules import PartnerKind
from openpartner.platform.addresses import Address
from openpartner.platform.permissions import Role

PASSWORD = "Sandbox-2026!"  # noqa: S105 - printed at the start of every sandbox, never used in production


@dataclass(frozen=True)
class Person:
    """A user: the name to sign in with, the person's name, the roles. second_factor: has an authenticator."""

    alias: str
    first_name: str
    last_name: str
    roles: tuple[Role, ...]
    second_factor: bool = False


@dataclass(frozen=True)
class Company:
    """A partner. The first person enrols it."""

    name: str
    domain: str
    kind: PartnerKind
    address: Address
    people: tuple[Person, ...]


OPERATOR_NAME = "OpenPartner Programme"
OPERATOR_DOMAIN = "programme.onmicrosoft.com"

OPERATOR_PEOPLE = (
    Person("admin", "Olga", "Petrova", (Role.OPERATOR_ADMIN,), second_factor=True),
    Person("verifier", "Victor", "Lindqvist", (Role.OPERATOR_VERIFIER,)),
    Person("catalogue", "Carla", "Moretti", (Role.OPERATOR_CATALOGUE,)),
    Person("support", "Samir", "Haddad", (Role.OPERATOR_SUPPORT,)),
    Person("billing", "Beatriz", "Almeida", (Role.OPERATOR_BILLING,)),
)

DIRECT = Company(
    "Contoso Cloud Services",
    "contosocloud.onmicrosoft.com",
    PartnerKind.DIRECT_BILL,
    Address("US", "1200 Western Avenue", city="Seattle", state="WA", postal_code="98101", phone_number="2065550100"),
    (
        Person("admin", "Ana", "Torres", (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT), second_factor=True),
        Person("alex", "Alex", "Wilber", (Role.ADMIN_AGENT,)),
        Person("sally", "Sally", "Nguyen", (Role.SALES_AGENT,)),
        Person("henry", "Henry", "Okafor", (Role.HELPDESK_AGENT,)),
        Person("bella", "Bella", "Rossi", (Role.BILLING_ADMIN,)),
        Person("uma", "Uma", "Krishnan", (Role.USER_ADMIN,)),
        Person("amy", "Amy", "Alberts", (Role.ACCOUNT_ADMIN,)),
        Person("mark", "Mark", "Larsen", (Role.PROGRAM_ADMIN,)),
        Person("ida", "Ida", "Nilsen", (Role.INCENTIVES_ADMIN,)),
        Person("ingo", "Ingo", "Weber", (Role.INCENTIVES_USER,)),
        Person("rana", "Rana", "Aziz", (Role.REFERRALS_ADMIN,)),
        Person("rudi", "Rudi", "Novak", (Role.REFERRALS_USER,)),
        Person("vera", "Vera", "Stone", (Role.REPORT_VIEWER,)),
        Person("evan", "Evan", "Price", (Role.EXECUTIVE_REPORT_VIEWER,)),
        Person("nobody", "Noel", "Body", ()),
    ),
)

PROVIDER = Company(
    "Fabrikam Distribution",
    "fabrikamdist.onmicrosoft.com",
    PartnerKind.INDIRECT_PROVIDER,
    Address("DE", "Friedrichstraße 68", city="Berlin", postal_code="10117", phone_number="3020550200"),
    (
        Person("admin", "Greta", "Schmidt", (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT), second_factor=True),
        Person("sven", "Sven", "Bauer", (Role.SALES_AGENT,)),
        Person("helga", "Helga", "Koch", (Role.HELPDESK_AGENT,)),
    ),
)

RESELLERS = (
    Company(
        "Tailspin IT",
        "tailspinit.onmicrosoft.com",
        PartnerKind.INDIRECT_RESELLER,
        Address("DE", "Leopoldstraße 12", city="München", postal_code="80802", phone_number="8920550300"),
        (Person("admin", "Till", "Wagner", (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)),),
    ),
    Company(
        "Woodgrove Services",
        "woodgrove.onmicrosoft.com",
        PartnerKind.INDIRECT_RESELLER,
        Address("FR", "14 rue de la Paix", city="Paris", postal_code="75002", phone_number="140550400"),
        (Person("admin", "Camille", "Laurent", (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)),),
    ),
)

PUBLISHER = Company(
    "Litware Software",
    "litware.onmicrosoft.com",
    PartnerKind.PUBLISHER,
    Address(
        "US", "500 Howard Street", city="San Francisco", state="CA", postal_code="94105", phone_number="4155550500"
    ),
    (
        Person("admin", "Lee", "Chang", (Role.GLOBAL_ADMIN, Role.MARKETPLACE_OWNER), second_factor=True),
        Person("dev", "Devi", "Rao", (Role.MARKETPLACE_DEVELOPER,)),
    ),
)

NEWCOMER = Company(
    "Adatum Consulting",
    "adatumconsulting.onmicrosoft.com",
    PartnerKind.DIRECT_BILL,
    Address("GB", "20 Fenchurch Street", city="London", postal_code="EC3M 3BY", phone_number="2070550600"),
    (Person("admin", "Nadia", "Clarke", (Role.GLOBAL_ADMIN,)),),
)
"""Enrolled lately: its verification waits in the operator's queue."""
