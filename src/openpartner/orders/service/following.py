"""Orders that nobody types: a seat change, a renewal or a new term of a subscription is a further order."""

from datetime import UTC
from uuid import UUID

from openpartner.catalogue.rules import CatalogItemId
from openpartner.orders import rules
from openpartner.orders.models import Order, OrderLine
from openpartner.orders.queries import WholeOrder
from openpartner.orders.rules import (
    LineTransactionType,
    OrderAction,
    OrderStatus,
    Participant,
    Prices,
    Pricing,
    TransactionType,
)
from openpartner.orders.service.cancelling import move_order
from openpartner.orders.service.placing import announce
from openpartner.platform.work import UnitOfWork, is_system
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import Status, charge_cycles


def follow_quantity_change(uow: UnitOfWork, subscription_id: UUID, before: int, after: int, net_minor: int) -> None:
    """The order of seats that came or went. Emits OrderPlaced.

    net_minor: charged, or given back, to the end of the running cycle. Source: commerce-rules §11.
    """
    subscription = uow.db.get_one(Subscription, subscription_id)
    change = after - before
    kind = LineTransactionType.ADD_QUANTITY if change > 0 else LineTransactionType.REMOVE_QUANTITY
    cycles = charge_cycles(subscription.term, subscription.term_duration, subscription.billing_cycle)
    pricing = rules.price_cycles(subscription.price, change, cycles, uow.now.astimezone(UTC).date())
    _write(uow, subscription, kind, abs(change), pricing, charged_minor=net_minor)


def follow_new_term(
    uow: UnitOfWork, subscription_id: UUID, charged_minor: int, *, former_item: str | None = None
) -> None:
    """The order of a renewal, or of a longer term begun at once. Emits OrderPlaced.

    charged_minor: at once, less what was given back of the former term. former_item: the catalogue item until now,
    where the line is a Convert when it is another; empty for a term that was changed.
    """
    subscription = uow.db.get_one(Subscription, subscription_id)
    is_same = former_item is not None and CatalogItemId.parse(former_item).sku == subscription.item_id.sku
    kind = LineTransactionType.RENEW if is_same else LineTransactionType.CONVERT
    pricing = rules.price_line(
        subscription.price,
        subscription.quantity,
        subscription.term,
        subscription.term_duration,
        subscription.billing_cycle,
    )
    _write(uow, subscription, kind, subscription.quantity, pricing, charged_minor=charged_minor)


def complete_provisioned_order(uow: UnitOfWork, order_id: str) -> None:
    """A pending order all of whose subscriptions are set up is complete. Emits OrderStatusChanged."""
    order = uow.db.get(Order, order_id, with_for_update=True)
    if order is None or order.status is not OrderStatus.PENDING:
        return
    if all(row.status is not Status.PENDING for row in subscriptions.of_order(uow, order_id)):
        move_order(uow, order, OrderAction.COMPLETE)


def _write(
    uow: UnitOfWork,
    subscription: Subscription,
    kind: LineTransactionType,
    quantity: int,
    pricing: Pricing,
    *,
    charged_minor: int,
) -> None:
    order = Order(
        id=uow.ids.hex(12),
        commerce_id=subscription.commerce_id,
        customer_id=subscription.customer_id,
        partner_id=subscription.partner_id,
        origin_id=subscription.order_id,
        country=subscription.market,
        billing_cycle=subscription.billing_cycle,
        currency=subscription.currency,
        status=OrderStatus.COMPLETED,
        transaction_type=TransactionType.SYSTEM_PURCHASE if is_system(uow.actor) else TransactionType.USER_PURCHASE,
        total_minor=pricing.whole_term.minor,
        charged_minor=charged_minor,
        placed_by=uow.actor.name,
        created_at=uow.now,
        changed_at=uow.now,
    )
    line = OrderLine(
        order_id=order.id,
        number=0,
        transaction_type=kind,
        product_id=subscription.product_id,
        sku_id=subscription.sku_id,
        availability_id=subscription.availability_id,
        kind=subscription.kind,
        segment=subscription.segment,
        title=subscription.offer_name,
        friendly_name=subscription.friendly_name,
        quantity=quantity,
        duration=subscription.duration,
        promotion_id=subscription.promotion_id,
        participants=[Participant(rules.RESELLER, subscription.mpn_id)] if subscription.mpn_id else [],
        provisioning_context={},
        subscription_id=subscription.id,
        price_id=subscription.price_id,
        discount=subscription.discount,
        prices=Prices.of(pricing),
        charged_minor=charged_minor,
    )
    uow.db.add(order)
    uow.db.flush()
    uow.db.add(line)
    uow.db.flush()
    announce(uow, WholeOrder(order, [line]))
