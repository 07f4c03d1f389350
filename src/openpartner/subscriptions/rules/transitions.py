"""Upgrades and conversions: whole or part of the seats, to a new or an existing subscription."""

from datetime import date, datetime

import msgspec

from openpartner.catalogue.rules import Duration
from openpartner.platform.errors import Invalid
from openpartner.subscriptions.rules.holding import Holding, check_updatable
from openpartner.subscriptions.rules.seats import QuantityRefused
from openpartner.subscriptions.rules.states import Status
from openpartner.subscriptions.rules.terms import TRIAL_SEATS


class TransitionRefused(Invalid):
    """An upgrade or conversion that is not possible. Source: commerce-rules §14."""


class TransitionPlan(msgspec.Struct, frozen=True):
    """What an upgrade does.

    is_full: every seat moves; without an existing target the subscription keeps its id and changes its product.
    source_after: seats left on the source; none on a full upgrade.
    """

    is_full: bool
    source_after: int
    target_after: int
    keeps_end_date: bool


def plan_transition(held: Holding, quantity: int, at: datetime, *, is_target_known: bool) -> TransitionPlan:
    """Check an upgrade of ``quantity`` seats to a new subscription or product and say what it does.

    is_target_known: whether the SKU names the target among its upgrades. A trial converts whole: at least its 25 seats.
    """
    if held.status is not Status.ACTIVE:
        raise TransitionRefused("Only an active subscription can be upgraded. Reactivate it first.", code=2)
    check_updatable(held, at)
    if not is_target_known:
        raise TransitionRefused("The product has no upgrade to that target. List the eligible transitions.", code=8)
    if quantity < 1 or (held.is_trial and quantity < TRIAL_SEATS):
        raise QuantityRefused(
            f"Upgrade at least {TRIAL_SEATS if held.is_trial else 1} seats.", code=2002, minimum=TRIAL_SEATS
        )
    is_full = quantity >= held.quantity
    return TransitionPlan(
        is_full=is_full,
        source_after=0 if is_full else held.quantity - quantity,
        target_after=quantity,
        keeps_end_date=not held.is_trial,
    )


class TransitionTarget(msgspec.Struct, frozen=True):
    """An existing subscription that is to take the upgraded seats."""

    subscription_id: str
    catalog_item: str
    status: Status
    ends_on: date
    duration: Duration
    cancellation_allowed_until: datetime | None = None
    is_ready: bool = True


def check_transition_target(
    held: Holding, subscription_id: str, target: TransitionTarget, wanted_item: str, at: datetime
) -> None:
    """Raise TransitionRefused unless the existing subscription may take the seats.

    wanted_item: product:sku asked for. Source: commerce-rules §14 (900236, 900258-900261, 900267).
    """
    if target.subscription_id == subscription_id:
        raise TransitionRefused("The target subscription is the source itself.", code=900259)
    if target.status is not Status.ACTIVE:
        raise TransitionRefused("The target subscription is not active.", code=900258)
    if target.catalog_item != wanted_item:
        raise TransitionRefused("The target subscription is for another catalog item.", code=900260)
    in_window = target.cancellation_allowed_until is not None and at <= target.cancellation_allowed_until
    if not target.is_ready or in_window:
        raise TransitionRefused("The target subscription is not ready; its cancellation window is open.", code=900261)
    if held.term.ends_on is not None and target.ends_on < held.term.ends_on:
        raise TransitionRefused("The target subscription must end no earlier than the source.", code=900236)
    if held.duration is not None and not held.is_trial and target.duration < held.duration:
        raise TransitionRefused("The target subscription has a shorter term than the source.", code=900267)
