"""A PATCH of a subscription: the whole resource comes in, what differs is what the caller means.

Source: commerce-rules §7: leaving out ``autoRenewEnabled`` turns it off, leaving out what is scheduled drops it.
"""

from uuid import UUID

import msgspec

from openpartner.catalogue.rules import BillingCycle, Duration
from openpartner.platform.errors import Invalid
from openpartner.platform.http.etags import check_etag, versioned_etag
from openpartner.platform.permissions import SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.rules import NextTerm, Status, check_updatable
from openpartner.subscriptions.service import changes


class SubscriptionChange(msgspec.Struct, frozen=True):
    """What a caller wants a subscription to be. None leaves a member as it is, except ``scheduled``: None drops it.

    replaces_plans: the caller sent a whole resource, so ``scheduled`` counts; false leaves it alone.
    keeps_next_charge: false takes back a change of the billing cycle that waits for the next charge.
    """

    status: Status | None = None
    quantity: int | None = None
    friendly_name: str | None = None
    auto_renew_enabled: bool | None = None
    mpn_id: str | None = None
    duration: Duration | None = None
    billing_cycle: BillingCycle | None = None
    scheduled: NextTerm | None = None
    replaces_plans: bool = False
    keeps_next_charge: bool = True


class OneAtATime(Invalid):
    """A change of state comes alone. Source: partner-center-conventions §19, 800002."""


def update_subscription(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, wanted: SubscriptionChange, *, etag: str | None = None
) -> Subscription:
    """Make the subscription what is wanted, or refuse it all.

    A suspension comes after the other changes and a reactivation before them, since only an active one takes any.
    Raises SubscriptionUnknown, PreconditionFailed (2055, 400), OneAtATime and what each change raises.
    Emits one fact a change.
    """
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
    check_etag(etag, versioned_etag(subscription.id, subscription.version), status=400)
    if subscription.status is Status.DELETED:
        check_updatable(subscription.holding, uow.now)
    status = None if wanted.status is subscription.status else wanted.status
    if status is not None and wanted.quantity not in {None, subscription.quantity}:
        raise OneAtATime("Change the status and the quantity in two requests.")
    if status is Status.ACTIVE:
        changes.change_subscription_status(uow, subscription, status)
    if status is not Status.DELETED:
        _change_members(uow, subscription, wanted)
    if status is not None and status is not Status.ACTIVE:
        changes.change_subscription_status(uow, subscription, status)
    uow.db.flush()  # the new version is the ETag the caller gets back
    return subscription


def _change_members(uow: UnitOfWork, subscription: Subscription, wanted: SubscriptionChange) -> None:
    """Everything but the state.

    What was scheduled and comes back unchanged is no new wish: where another change of the same request drops it, it
    stays dropped. Clients send the whole resource whatever they change.
    """
    scheduled_before = subscription.scheduled
    if wanted.friendly_name is not None:
        changes.rename_subscription(uow, subscription, wanted.friendly_name)
    if wanted.mpn_id is not None:
        changes.change_mpn_id(uow, subscription, wanted.mpn_id)
    if wanted.quantity is not None:
        changes.change_subscription_quantity(uow, subscription, wanted.quantity)
    duration = wanted.duration or subscription.term_duration
    cycle = wanted.billing_cycle or subscription.billing_cycle
    if duration is not None and (duration, cycle) != (subscription.term_duration, subscription.billing_cycle):
        changes.change_subscription_term(uow, subscription, duration, cycle)
    elif not wanted.keeps_next_charge:
        changes.keep_billing_cycle(uow, subscription)
    if wanted.auto_renew_enabled is not None:
        changes.change_auto_renew(uow, subscription, enabled=wanted.auto_renew_enabled)
    if wanted.replaces_plans and wanted.scheduled != scheduled_before:
        changes.schedule_next_term(uow, subscription, wanted.scheduled)
