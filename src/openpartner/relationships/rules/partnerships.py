"""When an indirect provider and an indirect reseller may work together, and how long they do.

Source: gdap §14.5; account-and-security §3; portal-workspaces §2.8; partner-center-resources §3, PartnerRelationship.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from openpartner.partner.rules import PartnerKind, Region
from openpartner.platform.errors import Conflict, Forbidden
from openpartner.platform.http.filters import Fields, Operator


class PartnershipState(StrEnum):
    """Whether the two may act together now."""

    ACTIVE = "active"
    ENDED = "ended"


class PartnershipAction(StrEnum):
    ACCEPT = "accept"
    END = "end"


PARTNERSHIP_TRANSITIONS: Mapping[tuple[PartnershipState | None, PartnershipAction], PartnershipState] = (
    MappingProxyType(
        {
            (None, PartnershipAction.ACCEPT): PartnershipState.ACTIVE,
            (PartnershipState.ENDED, PartnershipAction.ACCEPT): PartnershipState.ACTIVE,
            (PartnershipState.ACTIVE, PartnershipAction.END): PartnershipState.ENDED,
        }
    )
)
"""None: the two never were partners."""


class PartnershipUnreachable(Conflict):
    """The partnership's state does not take this."""

    def __init__(self, state: PartnershipState | None, action: PartnershipAction) -> None:
        words = "You are partners already." if action is PartnershipAction.ACCEPT else "This partnership has ended."
        super().__init__(words, state=str(state), action=str(action))


class NotAProvider(Forbidden):
    """Only an indirect provider has indirect resellers. Source: portal-workspaces §2.8."""

    def __init__(self) -> None:
        super().__init__(
            "Only an active indirect provider works with indirect resellers. Enrol as one under Account settings."
        )


class NotAReseller(Forbidden):
    """Only an indirect reseller has indirect providers. Source: portal-workspaces §2.8."""

    def __init__(self) -> None:
        super().__init__("Only an active indirect reseller accepts. Enrol as one under Account settings, then open it.")


class ResellerUnsigned(Forbidden):
    """Source: partner-center-conventions §19, 900123."""

    code = 900123

    def __init__(self) -> None:
        super().__init__(
            "The indirect reseller has not signed the partner agreement. Its Global admin signs it under Agreements."
        )


class RegionsDiffer(Forbidden):
    """A provider sells in its own region. Source: account-and-security §1."""

    def __init__(self, provider: Region, reseller: Region) -> None:
        super().__init__(
            f"The provider sells in the region {provider}, the reseller in {reseller}. Work with one of your region.",
            provider=provider.value,
            reseller=reseller.value,
        )


@dataclass(frozen=True)
class Side:
    """One of the two. kind: how it takes part in the reseller programme at present; None when it does not."""

    kind: PartnerKind | None
    region: Region
    is_signed: bool


def moved_partnership(state: PartnershipState | None, action: PartnershipAction) -> PartnershipState:
    """The state after ``action``; raises PartnershipUnreachable."""
    after = PARTNERSHIP_TRANSITIONS.get((state, action))
    if after is None:
        raise PartnershipUnreachable(state, action)
    return after


def check_partners(provider: Side, reseller: Side) -> None:
    """Whether the two may become partners. Raises NotAProvider, NotAReseller, ResellerUnsigned, RegionsDiffer.

    A reseller whose programme waits only for its agreement is told so: that is what it can mend.
    """
    if provider.kind is not PartnerKind.INDIRECT_PROVIDER:
        raise NotAProvider
    if not reseller.is_signed and reseller.kind in {None, PartnerKind.INDIRECT_RESELLER}:
        raise ResellerUnsigned
    if reseller.kind is not PartnerKind.INDIRECT_RESELLER:
        raise NotAReseller
    if provider.region is not reseller.region:
        raise RegionsDiffer(provider.region, reseller.region)


FILTER_FIELDS: Fields = MappingProxyType({"Name": frozenset({Operator.STARTS_WITH, Operator.SUBSTRING})})
"""By what a list of partners may be filtered. Source: partner-center-conventions §10."""
