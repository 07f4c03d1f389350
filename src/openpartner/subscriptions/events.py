"""What the subscriptions slice announces."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from openpartner.platform.events import Event


class _OfSubscription(Event, frozen=True, kw_only=True):
    """A fact about one subscription. order_id: of the order that opened it."""

    resource_type: ClassVar[str] = "subscription"
    operation_type: ClassVar[str] = "update_subscription"

    subscription_id: UUID
    order_id: str

    @property
    def resource_id(self) -> str:
        return str(self.subscription_id)


class SubscriptionOpened(_OfSubscription, frozen=True, kw_only=True):
    """A customer holds something new. charged_minor: of the first cycle."""

    operation_type: ClassVar[str] = "create_subscription"
    catalog_item_id: str
    quantity: int
    currency: str
    charged_minor: int


class SubscriptionStatusChanged(_OfSubscription, frozen=True, kw_only=True):
    """Suspended, reactivated, cancelled, expired, disabled or deleted. credit_minor: owed for a cancellation."""

    status_before: str
    status_after: str
    credit_minor: int
    currency: str


class SubscriptionQuantityChanged(_OfSubscription, frozen=True, kw_only=True):
    """Seats came or went. net_minor: charged, or given back when negative, to the end of the cycle."""

    quantity_before: int
    quantity_after: int
    net_minor: int
    currency: str


class SubscriptionTermChanged(_OfSubscription, frozen=True, kw_only=True):
    """A longer term began at once, or another billing cycle begins with the next charge (is_immediate false)."""

    duration: str
    billing_cycle: str
    is_immediate: bool
    charged_minor: int
    currency: str


class SubscriptionTransitioned(_OfSubscription, frozen=True, kw_only=True):
    """Seats were upgraded, or a trial converted. What that charges or gives back is announced beside it."""

    target_subscription_id: UUID
    from_item: str
    to_item: str
    quantity: int


class SubscriptionRenewed(_OfSubscription, frozen=True, kw_only=True):
    """A new term began. charged_minor: of its first cycle."""

    term_starts_on: date
    term_ends_on: date | None
    quantity: int
    charged_minor: int
    currency: str


class SubscriptionCycleBegan(_OfSubscription, frozen=True, kw_only=True):
    """A charge cycle began inside the term. charged_minor: what it costs at today's seats."""

    cycle_starts_on: date
    cycle_ends_on: date
    charged_minor: int
    currency: str


class SubscriptionUpdated(_OfSubscription, frozen=True, kw_only=True):
    """Name, automatic renewal, partner on record or what is scheduled for renewal changed."""


class SupportContactChanged(_OfSubscription, frozen=True, kw_only=True):
    """Another partner answers the customer's questions."""


class SubscriptionRegistered(_OfSubscription, frozen=True, kw_only=True):
    """An Azure subscription may be used for reservations."""


class SubscriptionActivated(_OfSubscription, frozen=True, kw_only=True):
    """The customer set the marketplace product up: billing of it begins."""


class AzureEntitlementChanged(_OfSubscription, frozen=True, kw_only=True):
    """An Azure subscription under the plan was opened, cancelled or brought back. reason: of a cancellation."""

    entitlement_id: UUID
    is_active: bool
    reason: str = ""


class LicensesChanged(Event, frozen=True, kw_only=True):
    """A user was given licences or lost some; product ids in ``before`` and ``after``."""

    resource_type: ClassVar[str] = "license"
    operation_type: ClassVar[str] = "update_customer_user_licenses"

    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)
