"""The vendor's events, one row each, and the facts of this world that they tell.

Sources, by the letter in ``source``: E, the page partner-center-webhook-events of October 2023, with name, resource and
example; L, the list of names on the page partner-center-webhooks of 2024; N, the newer page of events, on which these
stand for sandbox accounts only; K, known from practice. See partner-center-conventions §17 and gdap §11.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from openpartner.platform.events import Event


class Topic(Enum):
    """How the events are grouped where a person chooses among them."""

    TEST = "Test"
    SUBSCRIPTIONS = "Subscriptions"
    RELATIONSHIPS = "Reseller relationships"
    GRANULAR = "Granular delegated administration"
    LEGACY_DELEGATION = "Delegated administration (DAP)"
    BILLING = "Billing and usage"
    REFERRALS = "Referrals"
    MIGRATION = "Migration to new commerce"
    SECURITY = "Security"


@dataclass(frozen=True)
class Told:
    """Which facts an event tells: those of an audit operation, narrowed to some kinds or by a look at the fact."""

    operation_type: str
    kinds: frozenset[str] = frozenset()
    when: Callable[[Any], bool] | None = None

    def tells(self, fact: Event) -> bool:
        """Whether this fact is one of them."""
        if fact.operation_type != self.operation_type:
            return False
        if self.kinds and fact.kind() not in self.kinds:
            return False
        return self.when is None or self.when(fact)


@dataclass(frozen=True)
class VendorEvent:
    """One event of the vendor's list.

    resource_name: the body's ResourceName; None where the vendor's example has none. resource_uri: a template over
    ``{origin}``, ``{customer}``, ``{resource}`` (the fact's own id) and ``{relationship}``; empty means null.
    is_audited: the fact has a record that AuditUri leads to.
    """

    name: str
    topic: Topic
    meaning: str
    resource_name: str | None
    resource_uri: str
    source: str
    told: tuple[Told, ...]
    is_audited: bool = True

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("-", " ").capitalize()


TEST_CREATED = "test-created"

_ACCEPTED = "reseller_relationship_accepted_by_customer"
_CUSTOMER = "{origin}/v1/customers/{customer}"
_SUBSCRIPTION = "{plain_origin}/webhooks/v1/customers/{customer}/subscriptions/{resource}"
_REFERRAL = "{origin}/engagements/v1/referrals/{resource}"
_GRANULAR = "https://partner.microsoft.com/granularAdminRelationships/"
_ASSIGNMENT = f"{_GRANULAR}{{relationship}}/accessAssignments/{{resource}}"
_MIGRATION = "{origin}/v1/customers/{customer}/migrations/newcommerce/{resource}"

_COMMERCE_LEVEL = frozenset(
    {
        "SubscriptionStatusChanged",
        "SubscriptionQuantityChanged",
        "SubscriptionTermChanged",
        "SubscriptionTransitioned",
        "SubscriptionRenewed",
        "SubscriptionActivated",
        "SubscriptionUpdated",
    }
)
"""Of what happens to a subscription: not what is made inside it, nor the partner's own notes. Source: E."""


def _granular(state: str, meaning: str) -> VendorEvent:
    return VendorEvent(
        f"granular-admin-relationship-{state}",
        Topic.GRANULAR,
        meaning,
        "GranularAdminRelationship",
        f"{_GRANULAR}{{resource}}",
        "E",
        (Told(f"granular_admin_relationship_{state}"),),
    )


def _assignment(state: str, meaning: str) -> VendorEvent:
    return VendorEvent(
        f"granular-admin-access-assignment-{state}",
        Topic.GRANULAR,
        meaning,
        "GranularAdminAccessAssignment",
        _ASSIGNMENT,
        "E",
        (Told(f"granular_admin_access_assignment_{state}"),),
    )


def _referral(name: str, operation: str, meaning: str) -> VendorEvent:
    return VendorEvent(name, Topic.REFERRALS, meaning, "referral", _REFERRAL, "E", (Told(operation),))


def _dap(name: str, operation: str, meaning: str) -> VendorEvent:
    return VendorEvent(name, Topic.LEGACY_DELEGATION, meaning, "PartnerCustomerDap", "", "E", (Told(operation),))


def _migration(name: str, operation: str, meaning: str) -> VendorEvent:
    return VendorEvent(name, Topic.MIGRATION, meaning, "NewCommerceMigration", _MIGRATION, "L", (Told(operation),))


VENDOR_EVENTS: tuple[VendorEvent, ...] = (
    VendorEvent(
        TEST_CREATED,
        Topic.TEST,
        "Somebody asked for a test of this registration.",
        "test",
        "{plain_origin}/webhooks/v1/registration/validationEvents/{resource}",
        "E",
        (Told("create_webhook_test"),),
        is_audited=False,
    ),
    VendorEvent(
        "subscription-updated",
        Topic.SUBSCRIPTIONS,
        "Seats, state, term or renewal of a subscription changed, by whomever.",
        "subscription",
        _SUBSCRIPTION,
        "E",
        (Told("update_subscription", _COMMERCE_LEVEL),),
    ),
    VendorEvent(
        "subscription-pending",
        Topic.SUBSCRIPTIONS,
        "An order was taken, and its subscription is being set up.",
        "subscription",
        _SUBSCRIPTION,
        "K",
        (Told("create_subscription", when=lambda fact: _after(fact) == "pending"),),
    ),
    VendorEvent(
        "subscription-active",
        Topic.SUBSCRIPTIONS,
        "A new subscription is set up and can be used.",
        "subscription",
        _SUBSCRIPTION,
        "N",
        (
            Told("create_subscription", when=lambda fact: _after(fact) == "active"),
            Told(
                "update_subscription",
                frozenset({"SubscriptionStatusChanged"}),
                lambda fact: (fact.status_before, fact.status_after) == ("pending", "active"),
            ),
        ),
    ),
    VendorEvent(
        "subscription-renewed",
        Topic.SUBSCRIPTIONS,
        "A new term of a subscription began.",
        "subscription",
        _SUBSCRIPTION,
        "K",
        (Told("update_subscription", frozenset({"SubscriptionRenewed"})),),
    ),
    VendorEvent(
        "reseller-relationship-accepted-by-customer",
        Topic.RELATIONSHIPS,
        "A customer that had its own directory accepted you as its reseller.",
        "Customer",
        _CUSTOMER,
        "E",
        (Told(_ACCEPTED, when=lambda fact: fact.partner_id != fact.reseller_id),),
    ),
    VendorEvent(
        "indirect-reseller-relationship-accepted-by-customer",
        Topic.RELATIONSHIPS,
        "A customer accepted an indirect provider together with its indirect reseller; both hear of it.",
        "Customer",
        _CUSTOMER,
        "L",
        (Told(_ACCEPTED, when=lambda fact: fact.reseller_id is not None),),
    ),
    _granular("approved", "A customer approved the roles you asked for."),
    _granular("activated", "An approved relationship is set up; groups can be assigned."),
    _granular("terminated", "A relationship was ended by you or by the customer."),
    _granular("expired", "A relationship reached its end and was not extended."),
    _assignment("created", "A security group is to hold roles at a customer."),
    _assignment("activated", "The group holds them."),
    _assignment("updated", "The group holds other roles."),
    _assignment("deleted", "The group holds none any more."),
    _dap("dap-admin-relationship-approved", "dap_admin_relationship_approved", "A customer gave you delegated access."),
    _dap("dap-admin-relationship-terminated", "dap_admin_relationship_terminated", "Delegated access was ended."),
    _dap(
        "dap-admin-relationship-terminated-by-microsoft",
        "dap_admin_relationship_terminated_by_microsoft",
        "Delegated access that nobody used for 90 days was ended by the programme.",
    ),
    VendorEvent(
        "invoice-ready",
        Topic.BILLING,
        "A new invoice can be read and paid.",
        "invoice",
        "{origin}/v1/invoices/{resource}",
        "E",
        (Told("ready_invoice"),),
    ),
    VendorEvent(
        "usagerecords-thresholdExceeded",
        Topic.BILLING,
        "A customer's Azure usage went beyond its spending budget.",
        "usagerecords",
        "{origin}/v1/customers/usagerecords",
        "E",
        (Told("usage_records_threshold_exceeded"),),
    ),
    _referral("referral-created", "create_referral", "A referral was made."),
    _referral("referral-updated", "update_referral", "A referral changed."),
    _referral("related-referral-created", "create_related_referral", "A referral was tied to one of yours."),
    _referral("related-referral-updated", "update_related_referral", "A referral tied to one of yours changed."),
    _migration(
        "new-commerce-migration-created", "create_new_commerce_migration", "A legacy subscription begins to move."
    ),
    _migration(
        "new-commerce-migration-completed", "complete_new_commerce_migration", "A subscription moved to new commerce."
    ),
    _migration("new-commerce-migration-failed", "fail_new_commerce_migration", "A subscription could not move."),
    _migration(
        "new-commerce-migration-schedule-failed",
        "fail_new_commerce_migration_schedule",
        "A planned move could not begin.",
    ),
    VendorEvent(
        "azure-fraud-event-detected",
        Topic.SECURITY,
        "Something in a customer's Azure subscription looks like fraud.",
        None,
        "{origin}/v1/fraudEvents?SubscriptionId={resource}&EventStatus=Active",
        "E",
        (Told("azure_fraud_event_detected"),),
    ),
)

EVENT_OF_NAME = {event.name.lower(): event for event in VENDOR_EVENTS}


def _after(fact: Any) -> str:
    return str((fact.after or {}).get("status", ""))


_BY_OPERATION: dict[str, list[VendorEvent]] = {}
for _event in VENDOR_EVENTS:
    for _told in _event.told:
        if _event not in _BY_OPERATION.setdefault(_told.operation_type, []):
            _BY_OPERATION[_told.operation_type].append(_event)


def events_of(fact: Event) -> Iterator[VendorEvent]:
    """The events that tell a fact, in the order of the table."""
    for event in _BY_OPERATION.get(fact.operation_type, ()):
        if any(told.tells(fact) for told in event.told):
            yield event


def announced_operations() -> frozenset[str]:
    """The operation types of every kind of fact that this program can announce."""
    return frozenset(kind.operation_type for kind in _kinds_of(Event))


def _kinds_of(kind: type[Event]) -> Iterable[type[Event]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds_of(below)


def is_announced(event: VendorEvent) -> bool:
    """Whether anything here announces what the event tells; if not it can be subscribed to and never comes."""
    return any(told.operation_type in announced_operations() for told in event.told)
