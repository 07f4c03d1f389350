"""What a change would do, found out by doing it and taking it back: a preview cannot differ from the deed."""

from contextlib import suppress
from datetime import date
from uuid import UUID

import msgspec

from openpartner.catalogue.rules import BillingCycle
from openpartner.platform.events import Event
from openpartner.platform.money import Money
from openpartner.platform.work import Begin
from openpartner.subscriptions.events import (
    SubscriptionQuantityChanged,
    SubscriptionStatusChanged,
    SubscriptionTermChanged,
)
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service.patching import SubscriptionChange, update_subscription


class Preview(msgspec.Struct, frozen=True):
    """The subscription as it would be.

    net: charged at once, or given back when negative. cycle_ends_on: the day up to which ``net`` counts.
    """

    net: Money
    status: Status
    quantity: int
    duration: str
    billing_cycle: BillingCycle
    next_charge_cycle: str
    term_ends_on: date | None
    cycle_ends_on: date | None


class _TakenBack(Exception):
    """Ends the unit without a trace of it."""


def _net_minor(fact: Event) -> int:
    """What a fact charges, in minor units; a credit is negative."""
    if isinstance(fact, SubscriptionQuantityChanged):
        return fact.net_minor
    if isinstance(fact, SubscriptionTermChanged):
        return fact.charged_minor
    return -fact.credit_minor if isinstance(fact, SubscriptionStatusChanged) else 0


def preview_change(begin: Begin, customer_id: UUID, subscription_id: UUID, wanted: SubscriptionChange) -> Preview:
    """What ``update_subscription`` would make of it. Raises what it raises; nothing of it remains."""
    found: list[Preview] = []
    with suppress(_TakenBack), begin() as uow:
        changed = update_subscription(uow, customer_id, subscription_id, wanted)
        found.append(
            Preview(
                net=Money(sum(_net_minor(fact) for fact in uow.facts), changed.currency),
                status=changed.status,
                quantity=changed.quantity,
                duration=changed.duration,
                billing_cycle=changed.billing_cycle,
                next_charge_cycle=changed.next_charge_cycle,
                term_ends_on=changed.term_ends_on,
                cycle_ends_on=changed.cycle_ends_on,
            )
        )
        raise _TakenBack
    return found[0]
