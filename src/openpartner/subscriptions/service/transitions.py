"""Upgrades and trial conversions: whole or in part, to another product or into a subscription that is there.

Source: commerce-rules §13, §14. An upgrade opens no window and cannot be undone; it keeps the end of the term, unless a
longer term is asked for. What is left of the running cycle goes back at the old price and is charged at the new one.
"""

from datetime import UTC, date
from uuid import UUID

import msgspec

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.queries import Offered
from openpartner.catalogue.rules import YEAR, BillingCycle, CatalogItemId, Duration, Plan
from openpartner.customers import queries as customers
from openpartner.customers.rules import Transaction
from openpartner.platform.errors import DomainError
from openpartner.platform.money import Money
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries, rules
from openpartner.subscriptions.events import (
    SubscriptionQuantityChanged,
    SubscriptionStatusChanged,
    SubscriptionTermChanged,
    SubscriptionTransitioned,
)
from openpartner.subscriptions.models import Subscription, SubscriptionTransition, TransitionType
from openpartner.subscriptions.queries import present_cycle
from openpartner.subscriptions.rules import SeatBlock, Status, TransitionTarget
from openpartner.subscriptions.service.changes import ItemNotSold, change_subscription_quantity, reprice, scope
from openpartner.subscriptions.service.clockwork import charge_cycle, wind
from openpartner.subscriptions.service.licenses import move_licenses, release_licenses
from openpartner.subscriptions.service.opening import Purchase, open_subscription


class TransitionWanted(msgspec.Struct, frozen=True):
    """What an upgrade or conversion shall do. Without term and cycle they stay; a trial gets a year by the month.

    is_conversion: of trials only.
    """

    to_item: CatalogItemId
    quantity: int
    transition_type: TransitionType = TransitionType.ONLY
    target_subscription_id: UUID | None = None
    duration: Duration | None = None
    billing_cycle: BillingCycle | None = None
    is_conversion: bool = False


def transition_subscription(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, wanted: TransitionWanted
) -> SubscriptionTransition:
    """Upgrade seats, or convert a trial.

    Raises SubscriptionUnknown, TransitionRefused, QuantityRefused, TermChangeRefused, AccountNotCleared.
    Emits SubscriptionTransitioned and what the change charges or gives back.
    """
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    source = queries.subscription_to_change(uow, customer_id, subscription_id)
    customer = customers.customer_of_commerce_id(uow, source.commerce_id)
    customers.check_transaction(uow, customer, Transaction.UPGRADE)
    if wanted.is_conversion and not source.is_trial:
        raise rules.TransitionRefused("Only a trial is converted. Use transitions to upgrade.", code=11)
    offered = queries.transition_targets(uow, source).get(wanted.to_item.sku)
    plan = rules.plan_transition(source.holding, wanted.quantity, uow.now, is_target_known=offered is not None)
    if offered is None:
        raise rules.TransitionRefused("The product has no upgrade to that target.", code=8)
    _check_seats(offered, wanted.quantity)
    from_item, from_product = str(source.item_id), source.provisioning_id
    source.scheduled, source.next_charge_cycle = None, ""
    if wanted.target_subscription_id is not None:
        target = _into(uow, source, wanted.target_subscription_id, wanted, is_full=plan.is_full)
    elif plan.is_full:
        target = _whole(uow, source, offered, wanted)
    else:
        target = _part(uow, source, offered, wanted)
    if plan.is_full and from_product is not None:
        if wanted.transition_type is TransitionType.WITH_LICENSES and target.provisioning_id is not None:
            move_licenses(uow, target, from_product, target.provisioning_id)
        elif target.id == source.id:
            release_licenses(uow, source, from_product)
    record = SubscriptionTransition(
        id=uow.ids.uuid(),
        subscription_id=source.id,
        customer_id=source.customer_id,
        target_subscription_id=target.id,
        from_item=from_item,
        to_item=str(target.item_id),
        quantity=wanted.quantity,
        duration=target.duration,
        billing_cycle=target.billing_cycle,
        transition_type=wanted.transition_type,
        made_at=uow.now,
    )
    uow.db.add(record)
    uow.emit(
        SubscriptionTransitioned(
            **scope(source),
            target_subscription_id=target.id,
            from_item=from_item,
            to_item=record.to_item,
            quantity=wanted.quantity,
            before={"offerId": from_item},
            after={"offerId": record.to_item},
        )
    )
    uow.db.flush()
    return record


def transition_refusal(uow: UnitOfWork, source: Subscription) -> DomainError | None:
    """Why nothing of it can be upgraded now; None when it can."""
    try:
        rules.plan_transition(source.holding, source.quantity, uow.now, is_target_known=True)
    except DomainError as refusal:
        return refusal
    return None


def transition_candidates(
    uow: UnitOfWork, source: Subscription, sku: str
) -> list[tuple[Subscription, DomainError | None]]:
    """The customer's subscriptions of a target SKU, each with the reason against it; for a trial none."""
    if source.is_trial:
        return []
    found: list[tuple[Subscription, DomainError | None]] = []
    for row in queries.held_of_sku(uow, source.commerce_id, sku):
        if row.id != source.id:
            try:
                _check_target(uow, source, row, sku)
            except DomainError as refusal:
                found.append((row, refusal))
            else:
                found.append((row, None))
    return found


def _check_target(uow: UnitOfWork, source: Subscription, target: Subscription, sku: str) -> None:
    duration, ends_on = target.term_duration, target.term_ends_on
    if duration is None or ends_on is None:
        raise rules.TransitionRefused("The target subscription has no term.", code=900260)
    until = rules.cancellation_allowed_until(target.kind, duration, target.window_opened_at)
    described = TransitionTarget(str(target.id), target.item_id.sku, target.status, ends_on, duration, until)
    rules.check_transition_target(source.holding, str(source.id), described, sku, uow.now)


def _check_seats(offered: Offered, quantity: int) -> None:
    lowest, highest = offered.sku.minimum_quantity, offered.sku.maximum_quantity
    if not lowest <= quantity <= highest:
        raise rules.QuantityRefused(
            f"The quantity must be from {lowest} to {highest}; {quantity} was asked for.",
            code=2002,
            minimum=lowest,
            maximum=highest,
        )


def _today(uow: UnitOfWork) -> date:
    return uow.now.astimezone(UTC).date()


def _rest(uow: UnitOfWork, row: Subscription, quantity: int) -> Money:
    """What so many seats cost from today to the end of the running cycle."""
    cycle = present_cycle(row, _today(uow))
    if cycle is None:
        return Money.zero(row.currency)
    return row.price.charge(quantity, cycle.days_left(_today(uow)), cycle.cycle_days)


def _plan(source: Subscription, offered: Offered, wanted: TransitionWanted) -> Plan:
    """The plan of the seats that move. Raises TermChangeRefused for a shorter term or one that is not sold."""
    present = YEAR if source.is_trial else source.term_duration
    duration = wanted.duration or present
    cycle = wanted.billing_cycle or (BillingCycle.MONTHLY if source.is_trial else source.billing_cycle)
    if duration is None:
        raise rules.TermChangeRefused("This product has no term to upgrade.", code=800121)
    if present is not None and not source.is_trial and duration < present:
        raise rules.TermChangeRefused(f"The term {duration} is shorter than the present {present}.", code=800122)
    rules.check_plan(duration, cycle, offered.item.sold())
    return Plan(duration, cycle)


def _whole(uow: UnitOfWork, row: Subscription, offered: Offered, wanted: TransitionWanted) -> Subscription:
    """Every seat: the subscription keeps its id and becomes the other product."""
    plan = _plan(row, offered, wanted)
    before, was_trial, seats = {"offerId": str(row.item_id)}, row.is_trial, row.quantity
    starts_anew = was_trial or plan.duration != row.term_duration
    back = _rest(uow, row, seats)
    row.quantity = wanted.quantity
    row.product_id, row.sku_id = offered.product.id, offered.sku.id
    reprice(uow, row, offered, plan)
    row.offer_name, row.is_addon = offered.sku.title, offered.sku.is_addon
    row.provisioning_id, row.provisioning_string = offered.sku.provisioning_id, offered.sku.provisioning_string
    row.is_trial, row.converts_to = False, ""
    if starts_anew:
        term = rules.first_term(uow.now, plan.duration)
        row.term_starts_at, row.term_ends_on = term.starts_at, term.ends_on
    row.blocks = [SeatBlock(wanted.quantity - seats, uow.now)] if wanted.quantity > seats else []
    if was_trial:
        row.window_opened_at, row.blocks = uow.now, [SeatBlock(wanted.quantity, uow.now)]
    net = charge_cycle(row, _today(uow)) - back
    uow.emit(
        SubscriptionTermChanged(
            **scope(row),
            duration=row.duration,
            billing_cycle=row.billing_cycle.value,
            is_immediate=True,
            charged_minor=net.minor,
            currency=net.currency,
            before=before,
            after={"offerId": str(row.item_id)},
        )
    )
    wind(uow, row)
    return row


def _part(uow: UnitOfWork, row: Subscription, offered: Offered, wanted: TransitionWanted) -> Subscription:
    """Some seats: a new subscription of the other product that ends with this one; the rest stays as it is."""
    plan = _plan(row, offered, wanted)
    quote = catalogue.price_of(uow, offered.item, plan, uow.now, wanted.quantity)
    if quote is None:
        raise ItemNotSold(f"{offered.sku.title} is not sold for {plan.duration_text} {plan.billing_cycle}.")
    ends_with = row.term_ends_on if plan.duration == row.term_duration else None
    _take(uow, row, wanted.quantity)
    purchase = Purchase(
        order_id=row.order_id,
        line_number=max(each.line_number for each in queries.of_order(uow, row.order_id)) + 1,
        offered=offered,
        plan=plan,
        quantity=wanted.quantity,
        quote=quote,
        mpn_id=row.mpn_id,
        custom_term_end_on=ends_with,
    )
    made = open_subscription(uow, customers.customer_of_commerce_id(uow, row.commerce_id), purchase)
    made.window_opened_at, made.blocks = row.window_opened_at, []
    uow.db.flush()
    return made


def _take(uow: UnitOfWork, row: Subscription, quantity: int) -> None:
    """Seats leave with what is left of their cycle; those that could be given back leave last."""
    before, after = row.quantity, row.quantity - quantity
    back = _rest(uow, row, quantity)
    row.quantity, row.charged_minor = after, row.charged_minor - back.minor
    kept, room = [], after
    for block in row.blocks:
        left = min(block.quantity, room)
        if left:
            kept.append(msgspec.structs.replace(block, quantity=left))
        room -= left
    row.blocks = kept
    uow.emit(
        SubscriptionQuantityChanged(
            **scope(row),
            quantity_before=before,
            quantity_after=after,
            net_minor=-back.minor,
            currency=back.currency,
            before={"quantity": before},
            after={"quantity": after},
        )
    )


def _into(
    uow: UnitOfWork, row: Subscription, target_id: UUID, wanted: TransitionWanted, *, is_full: bool
) -> Subscription:
    """Into a subscription that is there: its seats grow, its term and cycle stay."""
    target = queries.subscription_to_change(uow, row.customer_id, target_id)
    _check_target(uow, row, target, wanted.to_item.sku)
    blocks = list(target.blocks)
    change_subscription_quantity(uow, target, target.quantity + wanted.quantity)
    target.blocks = blocks
    if not is_full:
        _take(uow, row, wanted.quantity)
        return target
    back = _rest(uow, row, row.quantity)
    row.status, row.ended_at, row.auto_renew_enabled = Status.DELETED, uow.now, False
    row.charged_minor -= back.minor
    uow.emit(
        SubscriptionStatusChanged(
            **scope(row),
            status_before=Status.ACTIVE.value,
            status_after=Status.DELETED.value,
            credit_minor=back.minor,
            currency=back.currency,
            before={"status": Status.ACTIVE.value},
            after={"status": Status.DELETED.value},
        )
    )
    wind(uow, row)
    if wanted.transition_type is not TransitionType.WITH_LICENSES:
        release_licenses(uow, row)
    return target
