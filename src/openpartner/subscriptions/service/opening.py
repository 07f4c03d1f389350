"""A subscription begins: an order line was placed, and the product is set up."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from openpartner.catalogue.queries import Offered, Quote
from openpartner.catalogue.rules import Plan, ProductKind
from openpartner.customers.models import Customer
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions.events import SubscriptionOpened, SubscriptionStatusChanged
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import (
    SEAT_WINDOW,
    Action,
    NextTerm,
    SeatBlock,
    Status,
    after,
    can_auto_renew,
    first_term,
    trial_conversion,
)
from openpartner.subscriptions.service.azure import AZURE_SUBSCRIPTION, open_entitlement
from openpartner.subscriptions.service.clockwork import PROVISION, charge_cycle, wind


class Purchase(msgspec.Struct, frozen=True):
    """An order line that was checked and priced.

    discount, promotion_id: of the promotion that applies. custom_term_end_on: already checked.
    converts_to: what a trial becomes, a catalogue item id; empty otherwise.
    """

    order_id: str
    line_number: int
    offered: Offered
    plan: Plan
    quantity: int
    quote: Quote
    friendly_name: str = ""
    mpn_id: str = ""
    discount: Decimal = Decimal(0)
    promotion_id: str = ""
    custom_term_end_on: date | None = None
    converts_to: str = ""


def _renewal_of(purchase: Purchase) -> NextTerm | None:
    if purchase.offered.item.is_trial and purchase.converts_to:
        return trial_conversion(purchase.converts_to)
    return None


def open_subscription(uow: UnitOfWork, customer: Customer, purchase: Purchase) -> Subscription:
    """A new subscription, active at once unless the settings let provisioning take its time.

    The order slice has checked permissions, conditions and the line, and flushes when all of an order are open: one
    statement then writes them. Emits SubscriptionOpened.
    """
    item, sku = purchase.offered.item, purchase.offered.sku
    term = first_term(
        uow.now,
        purchase.plan.duration,
        is_trial=item.is_trial,
        custom_term_end_on=purchase.custom_term_end_on,
    )
    delay = uow.world.settings.provisioning_seconds
    subscription = Subscription(
        id=uow.ids.uuid(),
        commerce_id=customer.commerce_id,
        customer_id=customer.tenant_id,
        partner_id=customer.partner_id,
        order_id=purchase.order_id,
        line_number=purchase.line_number,
        product_id=item.id.product_id,
        sku_id=item.id.sku_id,
        availability_id=item.id.availability_id,
        market=item.country,
        segment=item.segment,
        kind=item.kind,
        offer_name=item.title,
        friendly_name=purchase.friendly_name or item.title,
        publisher_name=purchase.offered.product.publisher_name,
        is_microsoft=item.is_microsoft,
        is_trial=item.is_trial,
        is_addon=item.is_addon,
        is_renewable=item.is_renewable,
        converts_to=purchase.converts_to,
        provisioning_id=sku.provisioning_id,
        provisioning_string=sku.provisioning_string,
        minimum_quantity=item.minimum_quantity,
        maximum_quantity=item.maximum_quantity,
        status=Status.PENDING,
        quantity=purchase.quantity,
        duration=purchase.plan.duration_text,
        billing_cycle=purchase.plan.billing_cycle,
        auto_renew_enabled=item.is_renewable and can_auto_renew(item.kind, is_trial=item.is_trial),
        created_at=uow.now,
        provisioned_at=None,
        term_starts_at=term.starts_at,
        term_ends_on=term.ends_on,
        window_opened_at=uow.now,
        ended_at=None,
        blocks=[SeatBlock(purchase.quantity, uow.now, SEAT_WINDOW)] if item.kind is ProductKind.LICENSE else [],
        currency=item.currency,
        unit_price=purchase.quote.cycle_price,
        discount=purchase.discount,
        promotion_id=purchase.promotion_id,
        price_id=purchase.quote.price_id,
        scheduled=_renewal_of(purchase),
        mpn_id=purchase.mpn_id,
    )
    charged = charge_cycle(subscription, term.starts_on)
    if not delay:
        _set_up(uow, subscription)
    uow.db.add(subscription)
    if delay:
        arguments, key = {"subscription_id": str(subscription.id)}, f"{PROVISION}/{subscription.id}"
        uow.schedule_new(uow.now + timedelta(seconds=delay), PROVISION, arguments, key=key)
    else:
        _equip(uow, subscription)
    uow.emit(
        SubscriptionOpened(
            partner_id=customer.partner_id,
            customer_id=customer.tenant_id,
            subscription_id=subscription.id,
            order_id=purchase.order_id,
            catalog_item_id=str(item.id),
            quantity=purchase.quantity,
            currency=charged.currency,
            charged_minor=charged.minor,
            after={
                "offerName": subscription.offer_name,
                "quantity": subscription.quantity,
                "status": subscription.status.value,
                "termDuration": subscription.duration,
                "billingCycle": subscription.billing_cycle.value,
            },
        )
    )
    wind(uow, subscription, is_new=True)
    return subscription


def _set_up(uow: UnitOfWork, subscription: Subscription) -> None:
    subscription.status = after(subscription.status, Action.PROVISION)
    subscription.provisioned_at = uow.now


def _equip(uow: UnitOfWork, subscription: Subscription) -> None:
    """What comes with the product: an Azure plan has a first Azure subscription."""
    if subscription.kind is ProductKind.AZURE_PLAN:
        uow.db.flush()  # the Azure subscription names its plan
        open_entitlement(uow, subscription, AZURE_SUBSCRIPTION)
        uow.db.flush()


def provision_subscription(uow: UnitOfWork, args: dict[str, Any]) -> None:
    """Due work: the product is set up. Emits SubscriptionStatusChanged."""
    subscription = uow.db.get(Subscription, UUID(args["subscription_id"]), with_for_update=True)
    if subscription is None or subscription.status is not Status.PENDING:
        return
    _set_up(uow, subscription)
    _equip(uow, subscription)
    uow.emit(
        SubscriptionStatusChanged(
            partner_id=subscription.partner_id,
            customer_id=subscription.customer_id,
            subscription_id=subscription.id,
            order_id=subscription.order_id,
            status_before=Status.PENDING.value,
            status_after=subscription.status.value,
            credit_minor=0,
            currency=subscription.currency,
            before={"status": Status.PENDING.value},
            after={"status": subscription.status.value},
        )
    )
    wind(uow, subscription)
