"""The relationship between partner and customer: a customer begins it, either may end it.

Source: partner-center-resources §2, Customer; portal-workspaces §2.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from openpartner.platform.errors import Invalid


class Relationship(StrEnum):
    """What the partner is to the customer; the words of the wire."""

    UNKNOWN = "unknown"
    RESELLER = "reseller"
    ADVISOR = "advisor"
    SYNDICATION = "syndication"
    MICROSOFT_SUPPORT = "microsoft_support"
    NONE = "none"


class HoldingKind(StrEnum):
    """What must be given up before a relationship ends, in the order in which it is told. Source: gdap §14.6."""

    SUBSCRIPTION = "subscription"
    AZURE_PLAN = "azure_plan"
    RESERVATION = "reservation"
    SOFTWARE = "software"


@dataclass(frozen=True)
class HeldItem:
    """One thing that the customer still has from the partner: a subscription, by its id and name."""

    kind: HoldingKind
    id: UUID
    name: str


@dataclass(frozen=True)
class Holdings:
    """What the customer still has from the partner, in the order of its kinds and names."""

    items: tuple[HeldItem, ...] = ()

    def of(self, kind: HoldingKind) -> list[HeldItem]:
        """Those of one kind."""
        return [held for held in self.items if held.kind is kind]


HOLDING_STEPS: Mapping[HoldingKind, str] = MappingProxyType(
    {
        HoldingKind.SUBSCRIPTION: "suspend or cancel {} active subscriptions",
        HoldingKind.AZURE_PLAN: "suspend {} Azure plans once their Azure subscriptions are cancelled",
        HoldingKind.RESERVATION: "cancel {} reservations",
        HoldingKind.SOFTWARE: "cancel {} software subscriptions",
    }
)


class RelationshipUnreachable(Invalid):
    """A partner can only end a relationship; a customer begins it. Source: partner-center-resources §2, Customer."""

    def __init__(self, relationship: Relationship, wanted: Relationship) -> None:
        super().__init__(
            f"A relationship that is {relationship} cannot become {wanted}; send the customer a relationship request.",
            relationship=str(relationship),
            wanted=str(wanted),
        )


class CustomerStillHolds(Invalid):
    """Source: portal-workspaces §2, remove relationship."""

    def __init__(self, holdings: Holdings) -> None:
        steps = ((len(holdings.of(kind)), step) for kind, step in HOLDING_STEPS.items())
        to_do = ", ".join(step.format(count) for count, step in steps if count)
        super().__init__(
            f"The relationship cannot end yet: {to_do} first.",
            holdings=[{"kind": held.kind.value, "id": str(held.id), "name": held.name} for held in holdings.items],
        )
        self.holdings = holdings


def changed_relationship(relationship: Relationship, wanted: Relationship, holdings: Holdings) -> Relationship:
    """The relationship after a partner asked for ``wanted``; the same one changes nothing.

    Raises RelationshipUnreachable, CustomerStillHolds.
    """
    if wanted == relationship:
        return relationship
    if (relationship, wanted) != (Relationship.RESELLER, Relationship.NONE):
        raise RelationshipUnreachable(relationship, wanted)
    if holdings != Holdings():
        raise CustomerStillHolds(holdings)
    return Relationship.NONE


def begun_relationship(relationship: Relationship) -> Relationship:
    """The relationship after a customer accepted the partner again. Raises RelationshipUnreachable."""
    if relationship is not Relationship.NONE:
        raise RelationshipUnreachable(relationship, Relationship.RESELLER)
    return Relationship.RESELLER


class DelegatedAccessNotGiven(Invalid):
    """Only the customer gives access. Source: partner-center-resources §2, Customer, allowDelegatedAccess."""

    def __init__(self) -> None:
        super().__init__("Delegated access can only be removed here; request it from the customer instead.")


def changed_delegated_access(present: bool, wanted: bool) -> bool:
    """Whether delegated access remains; raises DelegatedAccessNotGiven when it is asked for anew."""
    if wanted and not present:
        raise DelegatedAccessNotGiven
    return wanted
