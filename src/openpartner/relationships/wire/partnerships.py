"""Partners that are tied to one another. Source: partner-center-resources §3, PartnerRelationship."""

from uuid import UUID

from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Attributes, Wire
from openpartner.relationships.queries import PartnerLine, PartnerRole

TYPE_OF_ROLE = {
    PartnerRole.RESELLER: "is_indirect_cloud_solution_provider_of",
    PartnerRole.PROVIDER: "is_indirect_reseller_of",
}
"""What the caller is to the partners it lists, in the words of the wire."""

_NUMBERS = {"1": PartnerRole.PROVIDER, "2": PartnerRole.RESELLER}
"""Their numbers in the vendor's Swagger."""


def role_of_type(text: str) -> PartnerRole | None:
    """Which partners are asked for; None for all. Takes Pascal and snake case, and the numbers. Raises Invalid."""
    plain = text.replace("_", "").lower()
    if plain in {"", "none", "0"}:
        return None
    if plain in _NUMBERS:
        return _NUMBERS[plain]
    for role, word in TYPE_OF_ROLE.items():
        if word.replace("_", "") == plain:
            return role
    raise Invalid("The relationship_type is IsIndirectCloudSolutionProviderOf or IsIndirectResellerOf.")


class PartnerRelationship(Wire, kw_only=True):
    """Another partner: a provider sees its resellers, a reseller its providers."""

    id: str
    name: str
    relationship_type: str
    mpn_id: str | None = None
    location: str | None = None
    state: str
    attributes: Attributes

    @classmethod
    def of(cls, role: PartnerRole, line: PartnerLine) -> "PartnerRelationship":
        """A line of the caller's own partners."""
        return cls.tied(role, line.tenant_id, line.name, line.partner_id, line.country)

    @classmethod
    def tied(
        cls, role: PartnerRole, tenant_id: UUID, name: str, partner_id: str, country: str
    ) -> "PartnerRelationship":
        """A partner that acts together with the caller; ended ones are not listed."""
        return cls(
            id=str(tenant_id),
            name=name,
            relationship_type=TYPE_OF_ROLE[role],
            mpn_id=partner_id or None,
            location=country or None,
            state="Active",
            attributes=Attributes(object_type="PartnerRelationship"),
        )
