"""The catalogue's target views: which kinds of product each one lists."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from openpartner.catalogue.rules.words import ProductKind
from openpartner.platform.errors import Forbidden, Invalid


class TargetView(msgspec.Struct, frozen=True):
    """One view. ``sub_type``: only products of this subtype; empty for all."""

    name: str
    kinds: frozenset[ProductKind]
    sub_type: str = ""


def _view(name: str, *kinds: ProductKind, sub_type: str = "") -> TargetView:
    return TargetView(name, frozenset(kinds), sub_type)


#: By lower-case name. Source: docs/spec/catalogue.md (get-a-list-of-products); Marketplace is ours, for the storefront.
TARGET_VIEWS: Final[Mapping[str, TargetView]] = MappingProxyType(
    {
        view.name.lower(): view
        for view in (
            _view("Azure", ProductKind.AZURE_PLAN, ProductKind.RESERVATION, ProductKind.SAVINGS_PLAN),
            _view("MicrosoftAzure", ProductKind.AZURE_PLAN),
            _view("AzureReservations", ProductKind.RESERVATION),
            _view("AzureReservationsVM", ProductKind.RESERVATION, sub_type="AzureReservationsVM"),
            _view("AzureReservationsSQL", ProductKind.RESERVATION, sub_type="AzureReservationsSQL"),
            _view("AzureReservationsCosmosDb", ProductKind.RESERVATION, sub_type="AzureReservationsCosmosDb"),
            _view("AzureSavingsPlans", ProductKind.SAVINGS_PLAN),
            _view("OnlineServices", ProductKind.LICENSE, ProductKind.SAAS),
            _view(
                "Software",
                ProductKind.PERPETUAL_SOFTWARE,
                ProductKind.SOFTWARE_SUBSCRIPTION,
                ProductKind.LINUX_SOFTWARE,
            ),
            _view("SoftwarePerpetual", ProductKind.PERPETUAL_SOFTWARE),
            _view("SoftwareSubscriptions", ProductKind.SOFTWARE_SUBSCRIPTION),
            _view("SoftwareSUSELinux", ProductKind.LINUX_SOFTWARE),
            _view("Marketplace", ProductKind.SAAS),
        )
    }
)


class TargetViewMissing(Invalid):
    """Source: partner-center-endpoints, catalog: country and targetView are required."""

    def __init__(self) -> None:
        super().__init__(f"Give the targetView: one of {', '.join(view.name for view in TARGET_VIEWS.values())}.")


class TargetViewNotAllowed(Forbidden):
    """Source: partner-center-conventions §19, 400036."""

    code = 400036

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The target view {name!r} is not allowed. Use one of "
            f"{', '.join(view.name for view in TARGET_VIEWS.values())}.",
            view=name,
        )


def target_view(name: str | None) -> TargetView:
    """The view of that name, in any letter case."""
    if not name:
        raise TargetViewMissing
    view = TARGET_VIEWS.get(name.lower())
    if view is None:
        raise TargetViewNotAllowed(name)
    return view
