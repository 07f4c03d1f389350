"""The legacy world's offers, seen from the products that took their place."""

from enum import StrEnum
from typing import Final

import msgspec


class OfferCategory(StrEnum):
    """A legacy offer category's id. Source: partner-center-resources §7 (recorded)."""

    ENTERPRISE = "Enterprise_Key"
    SMALL_BUSINESS = "SmallBusiness_Key"
    NONPROFIT = "Nonprofit_Key"
    TRIAL = "Trial_Key"


class CategoryText(msgspec.Struct, frozen=True):
    """How a category is shown and ordered."""

    name: str
    rank: int


OFFER_CATEGORIES: Final = {
    OfferCategory.ENTERPRISE: CategoryText("Enterprise", 20),
    OfferCategory.SMALL_BUSINESS: CategoryText("Small Business", 30),
    OfferCategory.NONPROFIT: CategoryText("Nonprofit", 60),
    OfferCategory.TRIAL: CategoryText("Trial", 70),
}
