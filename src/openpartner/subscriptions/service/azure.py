"""Azure subscriptions under an Azure plan: opened with it, cancelled, brought back. Source: commerce-rules §18."""

from uuid import UUID

from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import AZURE_SUBSCRIPTION_CANCEL
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.events import AzureEntitlementChanged
from openpartner.subscriptions.models import AzureEntitlement, Subscription
from openpartner.subscriptions.rules import Status

AZURE_SUBSCRIPTION = "Microsoft Azure"
"""What the first Azure subscription of a plan is called."""

CANCELLATION_REASONS = frozenset({"compromise"})
"""The one reason that the sources name."""


class CancellationReasonUnknown(Invalid):
    """Source: partner-center-conventions §19, 900307."""

    code = 900307


class NotReactivatable(Invalid):
    """Source: partner-center-conventions §19, 900337."""

    code = 900337


def open_entitlement(uow: UnitOfWork, plan: Subscription, friendly_name: str) -> AzureEntitlement:
    """An Azure subscription under the plan. Emits AzureEntitlementChanged."""
    made = AzureEntitlement(
        id=uow.ids.uuid(),
        subscription_id=plan.id,
        customer_id=plan.customer_id,
        friendly_name=friendly_name,
        is_active=True,
        created_at=uow.now,
    )
    uow.db.add(made)
    _announce(uow, plan, made)
    return made


def cancel_entitlement(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, entitlement_id: UUID, reason: str
) -> AzureEntitlement:
    """Cancel an Azure subscription; one that is inactive stays so.

    Raises EntitlementUnknown, CancellationReasonUnknown. Emits AzureEntitlementChanged.
    """
    uow.actor.require(AZURE_SUBSCRIPTION_CANCEL.write)
    plan = queries.subscription_to_change(uow, customer_id, subscription_id)
    found = queries.one_entitlement(uow, plan, entitlement_id)
    if reason.lower() not in CANCELLATION_REASONS:
        raise CancellationReasonUnknown(
            f"The cancellation reason {reason!r} is unknown; use {', '.join(sorted(CANCELLATION_REASONS))}."
        )
    if found.is_active:
        found.is_active, found.cancelled_at, found.cancellation_reason = False, uow.now, reason.lower()
        _announce(uow, plan, found)
    return found


def reactivate_entitlement(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, entitlement_id: UUID
) -> AzureEntitlement:
    """Bring a cancelled Azure subscription back. Raises EntitlementUnknown, NotReactivatable.

    Emits AzureEntitlementChanged.
    """
    uow.actor.require(AZURE_SUBSCRIPTION_CANCEL.write)
    plan = queries.subscription_to_change(uow, customer_id, subscription_id)
    found = queries.one_entitlement(uow, plan, entitlement_id)
    if found.is_active:
        raise NotReactivatable("The Azure subscription is active already.")
    if plan.status is not Status.ACTIVE:
        raise NotReactivatable("The Azure plan is not active. Reactivate it first.")
    found.is_active, found.cancelled_at, found.cancellation_reason = True, None, ""
    _announce(uow, plan, found)
    return found


def _announce(uow: UnitOfWork, plan: Subscription, entitlement: AzureEntitlement) -> None:
    uow.emit(
        AzureEntitlementChanged(
            partner_id=plan.partner_id,
            customer_id=plan.customer_id,
            subscription_id=plan.id,
            order_id=plan.order_id,
            entitlement_id=entitlement.id,
            is_active=entitlement.is_active,
            reason=entitlement.cancellation_reason,
            after={"status": "active" if entitlement.is_active else "inactive"},
        )
    )
