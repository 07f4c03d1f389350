"""One change each: state, seats, term, renewal, name, partner on record. A PATCH is one or several of them."""

from datetime import UTC
from http import HTTPStatus
from typing import Any

from openpartner.catalogue import queries as catalogue
from openpartner.catalogue.rules import BillingCycle, CatalogItemId, Duration, Plan
from openpartner.customers import queries as customers
from openpartner.customers.rules import Transaction
from openpartner.partner import queries as partners
from openpartner.partner.rules import PartnerKind, Program
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.money import Money
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries as relationships
from openpartner.subscriptions import rules
from openpartner.subscriptions.events import (
    SubscriptionQuantityChanged,
    SubscriptionStatusChanged,
    SubscriptionTermChanged,
    SubscriptionUpdated,
)
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.queries import coterm_targets, entitlements_of, present_cycle
from openpartner.subscriptions.rules import Action, NextTerm, PlanChange, SeatBlock, Status
from openpartner.subscriptions.service.clockwork import charge_cycle, wind
from openpartner.subscriptions.service.licenses import release_licenses

TRANSACTION_OF_ACTION = {
    Action.SUSPEND: Transaction.SUSPEND,
    Action.REACTIVATE: Transaction.REACTIVATE,
    Action.CANCEL: Transaction.CANCEL,
}
PLAN_CHANGE_OF_ACTION = {Action.SUSPEND: PlanChange.SUSPEND, Action.CANCEL: PlanChange.CANCEL}


class ItemNotSold(Invalid):
    """What the subscription would need is not in the catalogue any more. Source: conventions §19, 800028."""

    code = 800028
    status = 403


def scope(subscription: Subscription) -> dict[str, Any]:
    """What every fact about the subscription says."""
    return {
        "partner_id": subscription.partner_id,
        "customer_id": subscription.customer_id,
        "subscription_id": subscription.id,
        "order_id": subscription.order_id,
    }


def _drop_what_was_planned(subscription: Subscription, change: PlanChange) -> None:
    if change in rules.DROPS_SCHEDULED_CHANGE:
        subscription.scheduled = None
    if change in rules.DROPS_NEXT_CHARGE:
        subscription.next_charge_cycle = ""


def _may(uow: UnitOfWork, subscription: Subscription, transaction: Transaction) -> None:
    customer = customers.customer_of_commerce_id(uow, subscription.commerce_id)
    customers.check_transaction(uow, customer, transaction)


def change_subscription_status(uow: UnitOfWork, subscription: Subscription, wanted: Status) -> None:
    """Suspend, reactivate or cancel: whatever leads from the present state to ``wanted``.

    Raises StatusUnreachable, CancellationRefused, AccountNotCleared. Emits SubscriptionStatusChanged; a cancellation
    carries the credit owed.
    """
    before, is_sandbox = subscription.status, uow.world.settings.sandbox_limits
    action = rules.action_towards(wanted, before)
    _may(uow, subscription, TRANSACTION_OF_ACTION[action])
    credit = Money.zero(subscription.currency)
    if action is Action.SUSPEND:
        rules.check_suspension(subscription.kind, sum(row.is_active for row in entitlements_of(uow, subscription)))
    elif action is Action.REACTIVATE:
        rules.check_reactivation(subscription.term, uow.now)
    else:
        credit = cancellation_credit(uow, subscription, is_sandbox=is_sandbox)
        subscription.ended_at = uow.now
        subscription.auto_renew_enabled = False
        subscription.charged_minor -= credit.minor
    if action in PLAN_CHANGE_OF_ACTION:
        _drop_what_was_planned(subscription, PLAN_CHANGE_OF_ACTION[action])
    subscription.status = wanted
    if wanted is Status.DELETED:
        release_licenses(uow, subscription)
    uow.emit(
        SubscriptionStatusChanged(
            **scope(subscription),
            status_before=before.value,
            status_after=wanted.value,
            credit_minor=credit.minor,
            currency=credit.currency,
            before={"status": before.value},
            after={"status": wanted.value},
        )
    )
    wind(uow, subscription)


def cancellation_credit(uow: UnitOfWork, subscription: Subscription, *, is_sandbox: bool = False) -> Money:
    """What cancelling now gives back: the preview and the deed ask this same function. Raises CancellationRefused."""
    duration = subscription.term_duration
    rules.check_cancellation(subscription.kind, duration, subscription.window_opened_at, uow.now, is_sandbox=is_sandbox)
    cycle = present_cycle(subscription, uow.now.astimezone(UTC).date())
    if cycle is None:
        return subscription.charged
    paid = rules.Charged(subscription.price, subscription.quantity, cycle, subscription.charged)
    return rules.cancellation_credit(subscription.kind, duration, paid, subscription.window_opened_at, uow.now)


def quantity_preview(uow: UnitOfWork, subscription: Subscription, wanted: int) -> tuple[rules.QuantityChange, Money]:
    """What a seat change does and costs to the end of the cycle. Raises QuantityRefused, NotUpdatable."""
    is_sandbox = uow.world.settings.sandbox_limits
    change = rules.change_quantity(subscription.holding, wanted, uow.now, is_sandbox=is_sandbox)
    on = uow.now.astimezone(UTC).date()
    cycle = present_cycle(subscription, on)
    if cycle is None:
        return change, subscription.price.charge(change.delta, 1, 1)
    return change, rules.quantity_charge(subscription.price, change.before, change.after, cycle, on).net


def change_subscription_quantity(uow: UnitOfWork, subscription: Subscription, wanted: int) -> None:
    """Add or give back seats. Raises QuantityRefused, NotUpdatable, AccountNotCleared, AgreementNeeded.

    Emits SubscriptionQuantityChanged with what it costs.
    """
    if wanted == subscription.quantity:
        return
    grows = wanted > subscription.quantity
    change, net = quantity_preview(uow, subscription, wanted)
    _may(uow, subscription, Transaction.INCREASE_QUANTITY if grows else Transaction.DECREASE_QUANTITY)
    subscription.quantity = change.after
    subscription.blocks = list(change.blocks)
    subscription.charged_minor += net.minor
    _drop_what_was_planned(subscription, PlanChange.QUANTITY)
    uow.emit(
        SubscriptionQuantityChanged(
            **scope(subscription),
            quantity_before=change.before,
            quantity_after=change.after,
            net_minor=net.minor,
            currency=net.currency,
            before={"quantity": change.before},
            after={"quantity": change.after},
        )
    )


def change_subscription_term(
    uow: UnitOfWork, subscription: Subscription, duration: Duration, billing_cycle: BillingCycle
) -> None:
    """A longer term at once, or another billing cycle from the next charge on.

    Raises TermChangeRefused, NotUpdatable, ItemNotSold. Emits SubscriptionTermChanged.
    """
    offered = _offered(uow, subscription.product_id, subscription.sku_id, subscription)
    sold = [(plan.duration, plan.billing_cycle) for plan in offered.plans if plan.duration is not None]
    effect = rules.change_term(subscription.holding, duration, billing_cycle, sold, uow.now)
    if effect is rules.ChangeTakesEffect.NEVER or (
        effect is rules.ChangeTakesEffect.NEXT_CHARGE and subscription.next_charge_cycle == billing_cycle
    ):
        return
    _may(uow, subscription, Transaction.CHANGE_TERM)
    before = {"termDuration": subscription.duration, "billingCycle": subscription.billing_cycle.value}
    charged = Money.zero(subscription.currency)
    if effect is rules.ChangeTakesEffect.NEXT_CHARGE:
        subscription.next_charge_cycle = billing_cycle.value
    else:
        charged = _begin_longer_term(uow, subscription, offered, Plan(duration, billing_cycle))
        _drop_what_was_planned(subscription, PlanChange.TERM)
    uow.emit(
        SubscriptionTermChanged(
            **scope(subscription),
            duration=str(duration),
            billing_cycle=billing_cycle.value,
            is_immediate=effect is rules.ChangeTakesEffect.IMMEDIATELY,
            charged_minor=charged.minor,
            currency=charged.currency,
            before=before,
            after={"termDuration": str(duration), "billingCycle": billing_cycle.value},
        )
    )
    wind(uow, subscription)


def _begin_longer_term(uow: UnitOfWork, subscription: Subscription, offered: catalogue.Offered, plan: Plan) -> Money:
    """The rest of the running cycle goes back, the new term is charged from today at today's price."""
    on = uow.now.astimezone(UTC).date()
    cycle = present_cycle(subscription, on)
    back = Money.zero(subscription.currency)
    if cycle is not None:
        back = subscription.price.charge(subscription.quantity, cycle.days_left(on), cycle.cycle_days)
    reprice(uow, subscription, offered, plan)
    term = rules.first_term(uow.now, plan.duration)
    subscription.term_starts_at, subscription.term_ends_on = term.starts_at, term.ends_on
    subscription.window_opened_at = uow.now
    subscription.blocks = [SeatBlock(subscription.quantity, uow.now)]
    return charge_cycle(subscription, on) - back


def reprice(uow: UnitOfWork, subscription: Subscription, offered: catalogue.Offered, plan: Plan) -> None:
    """Lock today's price of a plan for the term that begins. Raises ItemNotSold when it has none."""
    quote = catalogue.price_of(uow, offered.item, plan, uow.now, subscription.quantity)
    if quote is None:
        raise ItemNotSold(
            f"{subscription.offer_name} is not sold for {plan.duration_text} {plan.billing_cycle} any more."
        )
    subscription.availability_id = offered.availability.id
    subscription.duration = plan.duration_text
    subscription.billing_cycle = plan.billing_cycle
    subscription.unit_price, subscription.price_id = quote.cycle_price, quote.price_id
    subscription.discount, subscription.promotion_id = subscription.discount * 0, ""
    subscription.minimum_quantity = offered.sku.minimum_quantity
    subscription.maximum_quantity = offered.sku.maximum_quantity


def _offered(uow: UnitOfWork, product_id: str, sku_id: str, subscription: Subscription) -> catalogue.Offered:
    offered = catalogue.offered_by_sku(uow, product_id, sku_id, subscription.market, subscription.segment)
    if offered is None:
        raise ItemNotSold(f"{product_id}:{sku_id} is not sold in {subscription.market} any more.")
    return offered


def _updated(uow: UnitOfWork, subscription: Subscription, before: dict[str, Any], after: dict[str, Any]) -> None:
    uow.emit(SubscriptionUpdated(**scope(subscription), before=before, after=after))


def change_auto_renew(uow: UnitOfWork, subscription: Subscription, *, enabled: bool) -> None:
    """Turn automatic renewal on or off. Raises Invalid (800093), NotUpdatable. Emits SubscriptionUpdated."""
    if enabled == subscription.auto_renew_enabled:
        return
    rules.check_auto_renew(subscription.holding, enabled=enabled, is_renewable=subscription.is_renewable, at=uow.now)
    subscription.auto_renew_enabled = enabled
    if not enabled:
        _drop_what_was_planned(subscription, PlanChange.AUTO_RENEW_OFF)
    else:
        subscription.scheduled = _usual_next_term(subscription)
    _updated(uow, subscription, {"autoRenewEnabled": not enabled}, {"autoRenewEnabled": enabled})


def _usual_next_term(subscription: Subscription) -> NextTerm | None:
    """What stands when nothing is asked for: a trial that renews becomes the paid product."""
    if subscription.is_trial and subscription.converts_to and subscription.auto_renew_enabled:
        return rules.trial_conversion(subscription.converts_to)
    return None


def schedule_next_term(uow: UnitOfWork, subscription: Subscription, wanted: NextTerm | None) -> None:
    """Say what the next term shall be, or with None that it shall be like this one (a trial's: the paid product).

    Raises NotUpdatable, TransitionRefused (no way from this SKU to that one), QuantityRefused, TermChangeRefused,
    CustomTermEndDateRefused. Emits SubscriptionUpdated.
    """
    wanted = wanted or _usual_next_term(subscription)
    if wanted == subscription.scheduled:
        return
    rules.check_updatable(subscription.holding, uow.now)
    if wanted is not None:
        item = CatalogItemId.parse(wanted.catalog_item_id)
        offered = _offered(uow, item.product_id, item.sku_id, subscription)
        _check_path(uow, subscription, item)
        rules.check_scheduled_change(
            subscription.holding,
            wanted,
            [(plan.duration, plan.billing_cycle) for plan in offered.plans if plan.duration is not None],
            uow.now,
            minimum_quantity=offered.sku.minimum_quantity,
            maximum_quantity=offered.sku.maximum_quantity,
        )
        over_at = subscription.term.over_at
        if wanted.custom_term_end_on is not None and over_at is not None:
            rules.check_custom_term_end_date(
                wanted.custom_term_end_on,
                starts_on=over_at.date(),
                duration=wanted.duration,
                kind=subscription.kind,
                is_trial=False,
                targets=coterm_targets(uow, subscription.commerce_id),
                place=rules.EndDatePlace.SCHEDULED,
            )
    before = {"scheduledNextTermInstructions": _shown(subscription.scheduled)}
    subscription.scheduled = wanted
    _updated(uow, subscription, before, {"scheduledNextTermInstructions": _shown(wanted)})


def _check_path(uow: UnitOfWork, subscription: Subscription, wanted: CatalogItemId) -> None:
    """A next term is for the same SKU, for one it can be upgraded to, or for what a trial becomes."""
    present = subscription.item_id
    ways = {present.sku, subscription.converts_to[: len(present.sku)]}
    if wanted.sku not in ways | set(catalogue.upgrade_targets(uow, present.product_id, present.sku_id)):
        raise rules.TransitionRefused(
            f"{subscription.offer_name} cannot become {wanted.sku} at renewal. List its scheduled transitions.",
            code=800024,
        )


def _shown(planned: NextTerm | None) -> dict[str, Any] | None:
    if planned is None:
        return None
    return {
        "catalogItemId": planned.catalog_item_id,
        "termDuration": str(planned.duration),
        "billingCycle": planned.billing_cycle.value,
        "quantity": planned.quantity,
    }


def keep_billing_cycle(uow: UnitOfWork, subscription: Subscription) -> None:
    """Take back a change of the billing cycle that waits for the next charge. Emits SubscriptionUpdated."""
    if not subscription.next_charge_cycle:
        return
    rules.check_updatable(subscription.holding, uow.now)
    before, subscription.next_charge_cycle = subscription.next_charge_cycle, ""
    _updated(uow, subscription, {"nextChargeInstructions": {"billingCycle": before}}, {"nextChargeInstructions": None})


def rename_subscription(uow: UnitOfWork, subscription: Subscription, friendly_name: str) -> None:
    """Give it the name the customer knows it by. Raises NotUpdatable, Invalid for an empty or too long one."""
    name = friendly_name.strip()
    if name == subscription.friendly_name:
        return
    rules.check_updatable(subscription.holding, uow.now)
    if not 1 <= len(name) <= 256:
        raise Invalid("A subscription's name has from 1 to 256 characters.")
    before, subscription.friendly_name = subscription.friendly_name, name
    _updated(uow, subscription, {"friendlyName": before}, {"friendlyName": name})


class ResellerRefused(DomainError):
    """Source: partner-center-conventions §19: 800015, 800016, 800098."""


def change_mpn_id(uow: UnitOfWork, subscription: Subscription, mpn_id: str) -> None:
    """Name another partner on record, or with empty text none. Raises NotUpdatable, ResellerRefused.

    Emits SubscriptionUpdated. Source: portal-workspaces §2.8: an indirect provider names an active reseller.
    """
    if mpn_id == subscription.mpn_id:
        return
    rules.check_updatable(subscription.holding, uow.now)
    if mpn_id:
        _check_reseller(uow, subscription, mpn_id)
    before, subscription.mpn_id = subscription.mpn_id, mpn_id
    _updated(uow, subscription, {"partnerId": before}, {"partnerId": mpn_id})


def _check_reseller(uow: UnitOfWork, subscription: Subscription, mpn_id: str) -> None:
    own = partners.enrolment(uow, subscription.partner_id, Program.CSP)
    if own is None or own.kind is not PartnerKind.INDIRECT_PROVIDER:
        raise ResellerRefused("Only an indirect provider names a reseller on a subscription.", code=800098)
    found = partners.name_of_partner_id(uow, mpn_id)
    if found is None:
        raise ResellerRefused(f"The MPN id {mpn_id} was not found.", code=800015, status=HTTPStatus.NOT_FOUND)
    is_reseller = relationships.csp_kind(uow, found[1]) is PartnerKind.INDIRECT_RESELLER
    if not is_reseller or not relationships.are_partners(uow, subscription.partner_id, found[1]):
        raise ResellerRefused(f"{mpn_id} is not one of your active indirect resellers.", code=800016)
