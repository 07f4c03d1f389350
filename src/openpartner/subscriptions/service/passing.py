"""What time does to a subscription: a charge cycle begins, a term ends."""

from typing import Any
from uuid import UUID

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Plan, ineligibilities
from openpartner.platform.money import Money
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries, rules
from openpartner.subscriptions.events import (
    SubscriptionCycleBegan,
    SubscriptionRenewed,
    SubscriptionStatusChanged,
    SubscriptionUpdated,
)
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import BILLED, Action, Lapse, NextTerm, Renewal, SeatBlock, Status
from openpartner.subscriptions.service.changes import ItemNotSold, reprice, scope
from openpartner.subscriptions.service.clockwork import charge_cycle, next_cycle, wind
from openpartner.subscriptions.service.licenses import move_licenses, release_licenses


def _subscription(uow: UnitOfWork, args: dict[str, Any]) -> Subscription | None:
    return uow.db.get(Subscription, UUID(args["subscription_id"]), with_for_update=True)


def begin_cycle(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: the next charge inside the term. Suspension does not stop it. Emits SubscriptionCycleBegan."""
    subscription = _subscription(uow, args)
    if subscription is None or subscription.status not in BILLED:
        return
    coming = next_cycle(subscription)
    if coming is None:
        return
    if subscription.next_charge_cycle:
        _change_cycle(uow, subscription, BillingCycle(subscription.next_charge_cycle))
    charged = charge_cycle(subscription, coming.starts_on)
    uow.emit(
        SubscriptionCycleBegan(
            **scope(subscription),
            cycle_starts_on=coming.starts_on,
            cycle_ends_on=subscription.cycle_ends_on or coming.ends_on,
            charged_minor=charged.minor,
            currency=charged.currency,
        )
    )
    wind(uow, subscription)


def _change_cycle(uow: UnitOfWork, subscription: Subscription, wanted: BillingCycle) -> None:
    """What was to change with the next charge: the same term at the price of its beginning, cut into other cycles.

    The longer cycle into which the day falls is charged from that day on: its earlier days were charged by the month.
    """
    before = subscription.billing_cycle
    subscription.next_charge_cycle = ""
    offered = catalogue.offered(uow, subscription.item_id)
    plan = Plan(subscription.term_duration, wanted)
    quote = None
    if offered is not None:
        quote = catalogue.price_of(uow, offered.item, plan, subscription.term_starts_at, subscription.quantity)
    if quote is None:
        return  # the plan had no price when the term began: the cycle stays
    subscription.billing_cycle = wanted
    subscription.unit_price, subscription.price_id = quote.cycle_price, quote.price_id
    uow.emit(
        SubscriptionUpdated(
            **scope(subscription),
            before={"billingCycle": before.value},
            after={"billingCycle": wanted.value},
        )
    )


def end_term(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: the term is over. It renews, expires, is disabled or deleted, as the rules say."""
    subscription = _subscription(uow, args)
    if subscription is None:
        return
    if subscription.status in BILLED:
        item = str(subscription.item_id)
        outcome = rules.term_end_outcome(subscription.holding, item, subscription.scheduled)
        if isinstance(outcome, Renewal):
            try:
                _renew(uow, subscription, outcome)
            except ItemNotSold:
                # Nothing to renew to: the subscription goes the way of one that was not to be renewed.
                outcome = Lapse(Action.EXPIRE, rules.after(subscription.status, Action.EXPIRE))
        if isinstance(outcome, Lapse):
            _lapse(uow, subscription, outcome.status)
    else:
        action = rules.due_action(subscription.status)
        if action is not None:
            _lapse(uow, subscription, rules.after(subscription.status, action))
    wind(uow, subscription)


def _renew(uow: UnitOfWork, subscription: Subscription, renewal: Renewal) -> None:
    planned = renewal.next
    item = CatalogItemId.parse(planned.catalog_item_id)
    offered = catalogue.offered_by_sku(uow, item.product_id, item.sku_id, subscription.market, subscription.segment)
    if offered is None:
        raise ItemNotSold(f"{planned.catalog_item_id} is not sold any more.")
    before = {
        "commitmentEndDate": subscription.term_ends_on,
        "quantity": subscription.quantity,
        "offerId": str(subscription.item_id),
    }
    subscription.quantity = planned.quantity
    reprice(uow, subscription, offered, Plan(planned.duration, planned.billing_cycle))
    subscription.product_id, subscription.sku_id = item.product_id, item.sku_id
    _promote(uow, subscription, planned)
    subscription.offer_name = offered.sku.title
    subscription.is_trial, subscription.converts_to = False, ""
    product, keeps_seats = subscription.provisioning_id, planned.quantity == before["quantity"]
    subscription.provisioning_id = offered.sku.provisioning_id
    subscription.provisioning_string = offered.sku.provisioning_string
    if product is not None and subscription.provisioning_id is not None and keeps_seats:
        # Source: commerce-rules §7: reassigned by itself only where the quantity stays.
        move_licenses(uow, subscription, product, subscription.provisioning_id)
    subscription.term_starts_at, subscription.term_ends_on = renewal.term.starts_at, renewal.term.ends_on
    subscription.window_opened_at = uow.now
    subscription.blocks = [SeatBlock(planned.quantity, uow.now)]
    subscription.scheduled, subscription.next_charge_cycle = None, ""
    charged = charge_cycle(subscription, renewal.term.starts_on)
    uow.emit(
        SubscriptionRenewed(
            **scope(subscription),
            term_starts_on=renewal.term.starts_on,
            term_ends_on=renewal.term.ends_on,
            quantity=planned.quantity,
            charged_minor=charged.minor,
            currency=charged.currency,
            before=before,
            after={
                "commitmentEndDate": subscription.term_ends_on,
                "quantity": subscription.quantity,
                "offerId": str(subscription.item_id),
            },
        )
    )


def _promote(uow: UnitOfWork, subscription: Subscription, planned: NextTerm) -> None:
    """Apply the promotion that was asked for with the next term, if the customer may still use it then."""
    running = catalogue.promotions(uow, subscription.market, {subscription.segment}, uow.now)
    wanted = next((each for each in running if each.id == planned.promotion_id), None)
    if wanted is None or not wanted.is_for(subscription.product_id, subscription.sku_id):
        return
    reasons = ineligibilities(
        wanted,
        queries.promotion_buyer(uow, subscription),
        uow.now,
        quantity=planned.quantity,
        duration=planned.duration,
        billing_cycle=planned.billing_cycle,
    )
    if not reasons:
        subscription.discount, subscription.promotion_id = wanted.discount, wanted.id


def _lapse(uow: UnitOfWork, subscription: Subscription, status: Status) -> None:
    before = subscription.status
    subscription.status = status
    subscription.ended_at = subscription.ended_at or uow.now
    if status is Status.DELETED:
        release_licenses(uow, subscription)
    nothing = Money.zero(subscription.currency)
    uow.emit(
        SubscriptionStatusChanged(
            **scope(subscription),
            status_before=before.value,
            status_after=status.value,
            credit_minor=nothing.minor,
            currency=nothing.currency,
            before={"status": before.value},
            after={"status": status.value},
        )
    )
