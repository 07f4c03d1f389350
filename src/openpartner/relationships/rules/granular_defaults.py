"""The relationship that comes with a new customer, and ready-made sets of roles. Source: gdap §12, §15."""

import re
from typing import Final
from uuid import UUID

from openpartner.partner.rules import PartnerKind
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.search.text import fold
from openpartner.relationships.rules.granular_terms import LONGEST_NAME, WantedTerms

_BY_NAME: Final = {role.name: key for key, role in DIRECTORY_ROLES.items()}

_NOT_FOR_RESELLERS: Final = ("Application Administrator", "Cloud Application Administrator")
_EVERYBODY: Final = (
    "Directory Readers",
    "Directory Writers",
    "Global Reader",
    "Helpdesk Administrator",
    "License Administrator",
    "Privileged Authentication Administrator",
    "Privileged Role Administrator",
    "Service Support Administrator",
    "User Administrator",
)
_DURATION: Final = "P2Y"


def roles_named(*names: str) -> frozenset[UUID]:
    """The template ids of roles by name."""
    return frozenset(_BY_NAME[name] for name in names)


DEFAULT_ROLES: Final = {
    PartnerKind.DIRECT_BILL: roles_named(*_EVERYBODY, *_NOT_FOR_RESELLERS),
    PartnerKind.INDIRECT_PROVIDER: roles_named(*_EVERYBODY, *_NOT_FOR_RESELLERS),
    PartnerKind.INDIRECT_RESELLER: roles_named(*_EVERYBODY),
}
"""What a partner gets with a customer it makes, by how it takes part in the programme."""


def default_terms(kind: PartnerKind, customer_id: UUID, company_name: str) -> WantedTerms:
    """The default relationship with a new customer: two years, not extended, without any group."""
    tail = f"_{customer_id.hex[:8]}"
    plain = "".join(word.capitalize() for word in re.findall("[a-z0-9]+", fold(company_name)))
    return WantedTerms(
        display_name=f"Default_{plain}"[: LONGEST_NAME - len(tail)] + tail,
        duration=_DURATION,
        roles=DEFAULT_ROLES[kind],
        customer_id=customer_id,
    )
