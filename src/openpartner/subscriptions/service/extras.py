"""What else is done with a subscription: the support contact, registration, activation."""

from uuid import UUID

import msgspec

from openpartner.catalogue.rules import ProductKind
from openpartner.partner import queries as partners
from openpartner.platform.errors import Conflict, Invalid, NotFound
from openpartner.platform.permissions import CUSTOMER_SUPPORT_CONTACTS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.events import (
    SubscriptionActivated,
    SubscriptionRegistered,
    SupportContactChanged,
)
from openpartner.subscriptions.models import Subscription, SupportContact
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.service.changes import scope


class SupportContactUnknown(NotFound):
    """Source: partner-center-conventions §19, 800015."""

    code = 800015


def support_contact(uow: UnitOfWork, customer_id: UUID, subscription_id: UUID) -> SupportContact:
    """Who answers the customer's questions: who was named, else the partner itself. A user's call."""
    uow.actor.require(CUSTOMER_SUPPORT_CONTACTS.read)
    uow.actor.require_user()
    subscription = queries.one_subscription(uow, customer_id, subscription_id)
    if subscription.support_contact is not None:
        return subscription.support_contact
    own = partners.account(uow, subscription.partner_id)
    return SupportContact(str(own.tenant_id), own.global_partner_id, own.name)


def change_support_contact(
    uow: UnitOfWork, customer_id: UUID, subscription_id: UUID, wanted: SupportContact
) -> SupportContact:
    """Name the partner who answers the customer's questions. A user's call.

    Raises SupportContactUnknown unless the MPN id is one of that tenant's. Emits SupportContactChanged.
    """
    uow.actor.require(CUSTOMER_SUPPORT_CONTACTS.write)
    uow.actor.require_user()
    subscription = queries.subscription_to_change(uow, customer_id, subscription_id)
    found = partners.name_of_partner_id(uow, wanted.support_mpn_id)
    if found is None or str(found[1]) != wanted.support_tenant_id.lower():
        raise SupportContactUnknown("The partner", f"{wanted.support_mpn_id} of {wanted.support_tenant_id}")
    named = SupportContact(str(found[1]), wanted.support_mpn_id, wanted.name.strip() or found[0])
    before, subscription.support_contact = subscription.support_contact, named
    if before != named:
        shown = None if before is None else msgspec.structs.asdict(before)
        after = msgspec.structs.asdict(named)
        uow.emit(SupportContactChanged(**scope(subscription), before=shown, after=after))
    uow.db.flush()
    return named


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
