"""What else is done with a subscription: licences, the support contact, registration, activation."""

from collections.abc import Sequence
from uuid import UUID

from openpartner.catalogue.rules import ProductKind
from openpartner.customers import queries as customers
from openpartner.identity import queries as identity
from openpartner.platform.errors import Conflict, Invalid
from openpartner.platform.permissions import CUSTOMER_USERS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.events import (
    LicensesChanged,
    SubscriptionActivated,
    SubscriptionRegistered,
    SupportContactChanged,
)
from openpartner.subscriptions.models import LicenseAssignment, Subscription
from openpartner.subscriptions.queries import HOLDS_SEATS
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service.changes import scope


class LicenceRefused(Invalid):
    """The licences cannot be given as asked. Source: commerce-rules §20."""


def change_licenses(
    uow: UnitOfWork, customer_id: UUID, user_id: UUID, *, assign: Sequence[UUID], remove: Sequence[UUID]
) -> None:
    """Give a user licences and take others away, all or nothing.

    Raises LicenceRefused: no usage location, an unknown product, no seat left, a licence not held.
    Emits LicensesChanged.
    """
    uow.actor.require(CUSTOMER_USERS.write)
    customer = customers.one_customer(uow, customer_id, lock=True)
    user = identity.user_by_id(uow, user_id, customer_id)
    held = {row.provisioning_id: row for row in queries.licenses_of(uow, customer_id, user_id)}
    if assign and not user.usage_location:
        raise LicenceRefused("Set the user's usage location before assigning licences.")
    seats, taken = queries.seats_of(uow, customer_id), queries.consumed(uow, customer_id)
    for product in remove:
        if product not in held:
            raise LicenceRefused(f"{user.upn} holds no licence of {product}.")
        uow.db.delete(held[product])
    for product in assign:
        if product in held:
            continue
        total = sum(row.quantity for row in seats.get(product, ()) if row.status in HOLDS_SEATS)
        if product not in seats:
            raise LicenceRefused(f"The customer has no subscription of {product}.")
        if taken.get(product, 0) >= total:
            raise LicenceRefused(f"All {total} licences of {product} are assigned. Add seats or free one.")
        uow.db.add(
            LicenseAssignment(
                id=uow.ids.uuid(),
                customer_id=customer_id,
                user_id=user_id,
                provisioning_id=product,
                disabled_plans=[],
                assigned_at=uow.now,
            )
        )
    uow.db.flush()
    after = [str(row.provisioning_id) for row in queries.licenses_of(uow, customer_id, user_id)]
    uow.emit(
        LicensesChanged(
            partner_id=customer.partner_id,
            customer_id=customer_id,
            user_id=user_id,
            before={"skuIds": sorted(str(product) for product in held)},
            after={"skuIds": after},
        )
    )


def change_support_contact(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, contact: dict[str, str]
) -> Subscription:
    """Name the partner who answers the customer's questions. Emits SupportContactChanged."""
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
    before, subscription.support_contact = subscription.support_contact, contact
    uow.emit(SupportContactChanged(**scope(subscription), before=before, after=contact))
    uow.db.flush()
    return subscription


def register_subscription(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> Subscription:
    """Register an Azure plan for reservations. Raises Invalid (800011, 800012). Emits SubscriptionRegistered."""
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
    if subscription.kind is not ProductKind.AZURE_PLAN:
        raise Invalid("Only an Azure subscription is registered for reservations.", code=800011)
    if subscription.status is not Status.ACTIVE:
        raise Invalid("The subscription is not active. Reactivate it first.", code=800012)
    if subscription.registration != "registered":
        before, subscription.registration = subscription.registration, "registered"
        after = {"status": subscription.registration}
        uow.emit(SubscriptionRegistered(**scope(subscription), before={"status": before}, after=after))
        uow.db.flush()
    return subscription


def activate_subscription(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> Subscription:
    """Say that a marketplace product was set up. Raises Conflict (800041), Invalid (800042).

    Emits SubscriptionActivated.
    """
    uow.actor.require(SUBSCRIPTIONS_MANAGE.write)
    subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
    if subscription.kind is not ProductKind.SAAS:
        raise Invalid("Only marketplace products are activated.", code=800042)
    if subscription.activated_at is not None:
        raise Conflict("The subscription is active already.", code=800041, status=400)
    subscription.activated_at = uow.now
    uow.emit(SubscriptionActivated(**scope(subscription), after={"activatedAt": uow.now.isoformat()}))
    uow.db.flush()
    return subscription
