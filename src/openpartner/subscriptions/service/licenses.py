"""Licences: who of a customer's users holds a seat of what. Source: commerce-rules §20."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from openpartner.catalogue import queries as catalogue
from openpartner.customers import queries as customers
from openpartner.identity.models import User
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import Invalid
from openpartner.platform.permissions import CUSTOMER_USERS
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries
from openpartner.subscriptions.events import LicensesChanged
from openpartner.subscriptions.models import LicenseAssignment, Subscription
from openpartner.subscriptions.queries import HOLDS_SEATS
from openpartner.subscriptions.rules import Status
from openpartner.subscriptions.rules.licences import plan_id

Plans = Mapping[UUID, Sequence[str]]
"""Service plans that are switched off, by product."""


class LicenceRefused(Invalid):
    """The licences cannot be given as asked. Source: commerce-rules §20."""


class UsageLocationNeeded(LicenceRefused):
    """What a user may use depends on where it is, and nobody said where."""

    def __init__(self) -> None:
        super().__init__("Set the user's usage location before assigning licences.")


class LicenceUnknown(LicenceRefused):
    """No subscription gives licences of this product."""

    def __init__(self, product: UUID) -> None:
        super().__init__(f"The customer has no subscription of {product}.", product=product)


class LicenceNotHeld(LicenceRefused):
    """The user has no licence that could be taken."""

    def __init__(self, upn: str, product: UUID) -> None:
        super().__init__(f"{upn} holds no licence of {product}.", product=product)


class NoSeatLeft(LicenceRefused):
    """Every seat of the product is held."""

    def __init__(self, product: UUID, name: str, total: int) -> None:
        super().__init__(
            f"No seat of {name} is left: all {total} are assigned. Add seats or free one.", product=product
        )


class GivenAndTaken(LicenceRefused):
    """One licence cannot be given and taken at once."""

    def __init__(self, product: UUID) -> None:
        super().__init__(f"Either assign or remove {product}, not both at once.", product=product)


class PlanUnknown(LicenceRefused):
    """A service plan to be switched off is none of the product's."""

    def __init__(self, plan: str, product: UUID) -> None:
        super().__init__(f"{plan} is no service plan of {product}. List subscribedskus to see them.", product=product)


def change_licenses(
    uow: UnitOfWork,
    customer_id: UUID,
    user_key: UUID | str,
    *,
    assign: Plans,
    remove: Collection[UUID],
) -> None:
    """Give a user licences and take others away, all or nothing. A user's call: the partner's or the customer's own.

    assign: the service plans to switch off, by product. A licence that is held already gets its plans changed.
    Raises DirectoryRoleNeeded; LicenceRefused: no usage location, an unknown product or plan, no seat left, a licence
    not held, or given and taken at once.
    Emits LicensesChanged.
    """
    partner_id = _may_change(uow, customer_id)
    user = customers.user_in(uow, customer_id, user_key)
    give_and_take(uow, user, partner_id, assign=assign, remove=remove)


def give_and_take(
    uow: UnitOfWork, user: User, partner_id: UUID | None, *, assign: Plans, remove: Collection[UUID]
) -> None:
    """The same for a caller that has asked who may, and holds the tenant. partner_id: in whose log it stands too."""
    customer_id = user.tenant_id
    held = {row.provisioning_id: row for row in queries.licenses_of(uow, customer_id, user.id)}
    before = _shown(held.values())
    if assign and not user.usage_location:
        raise UsageLocationNeeded
    for product in remove:
        if product in assign:
            raise GivenAndTaken(product)
        if product not in held:
            raise LicenceNotHeld(user.upn, product)
        uow.db.delete(held[product])
    seats, taken = queries.seats_of(uow, customer_id), queries.consumed(uow, customer_id)
    for product, plans in assign.items():
        if product not in seats:
            raise LicenceUnknown(product)
        _check_plans(uow, product, seats[product][-1], plans)
        if product in held:
            held[product].disabled_plans = list(plans)
            continue
        total = sum(row.quantity for row in seats[product] if row.status in HOLDS_SEATS)
        if taken.get(product, 0) >= total:
            raise NoSeatLeft(product, seats[product][-1].offer_name, total)
        uow.db.add(
            LicenseAssignment(
                id=uow.ids.uuid(),
                customer_id=customer_id,
                user_id=user.id,
                provisioning_id=product,
                disabled_plans=list(plans),
                assigned_at=uow.now,
            )
        )
    uow.db.flush()
    after = _shown(queries.licenses_of(uow, customer_id, user.id))
    if after != before:
        uow.emit(
            LicensesChanged(partner_id=partner_id, customer_id=customer_id, user_id=user.id, before=before, after=after)
        )


def _check_plans(uow: UnitOfWork, product: UUID, row: Subscription, disabled: Sequence[str]) -> None:
    known = {plan_id(name) for name in catalogue.service_plans(uow, row.product_id, row.sku_id)}
    for plan in disabled:
        if plan not in known:
            raise PlanUnknown(plan, product)


def _shown(held: Iterable[LicenseAssignment]) -> dict[str, Any]:
    """What facts say of a user's licences; switched off plans only where there are any."""
    rows = sorted(held, key=lambda row: str(row.provisioning_id))
    disabled = {str(row.provisioning_id): sorted(row.disabled_plans) for row in rows if row.disabled_plans}
    return {"skuIds": [str(row.provisioning_id) for row in rows], **({"disabledPlans": disabled} if disabled else {})}


def _may_change(uow: UnitOfWork, customer_id: UUID) -> UUID | None:
    """Refuse who may not, and hold the customer; gives in whose log the change stands besides the customer's own.

    Raises RoleNeeded, UserNeeded, CustomerUnknown, RelationshipNeeded, DirectoryRoleNeeded.
    """
    customers.directory_for(uow, customer_id, CUSTOMER_USERS.write, DirectoryAction.LICENCES_ASSIGN)
    partner_id = None
    if not customers.is_of_customer(uow.actor, customer_id):
        partner_id = customers.one_customer(uow, customer_id).partner_id
    customers.hold_tenant(uow, customer_id)
    return partner_id


def _is_last(uow: UnitOfWork, subscription: Subscription, product: UUID) -> bool:
    others = queries.seats_of(uow, subscription.customer_id).get(product, [])
    return all(row.id == subscription.id or row.status is Status.DELETED for row in others)


def move_licenses(uow: UnitOfWork, subscription: Subscription, product: UUID, to_product: UUID) -> None:
    """After an upgrade: who held the one product holds the other, unless there are seats of the first elsewhere.

    Emits LicensesChanged for each user.
    """
    if product == to_product or not _is_last(uow, subscription, product):
        return
    for assignment in queries.holders_of(uow, subscription.customer_id, product):
        rows = queries.licenses_of(uow, subscription.customer_id, assignment.user_id)
        held = [str(row.provisioning_id) for row in rows]
        if any(row.provisioning_id == to_product for row in rows):
            uow.db.delete(assignment)
        else:
            assignment.provisioning_id, assignment.disabled_plans = to_product, []
        _announce(uow, subscription, assignment.user_id, held, sorted({*held, str(to_product)} - {str(product)}))
    uow.db.flush()


def release_licenses(uow: UnitOfWork, subscription: Subscription, product: UUID | None = None) -> None:
    """The subscription is gone: with the last one of a product its licences go too. Emits LicensesChanged for each.

    product: the one it gave until now, where it gives another.
    """
    product = product or subscription.provisioning_id
    if product is None or not _is_last(uow, subscription, product):
        return
    for assignment in queries.holders_of(uow, subscription.customer_id, product):
        rows = queries.licenses_of(uow, subscription.customer_id, assignment.user_id)
        held = [str(row.provisioning_id) for row in rows]
        uow.db.delete(assignment)
        _announce(uow, subscription, assignment.user_id, held, [key for key in held if key != str(product)])
    uow.db.flush()


def _announce(uow: UnitOfWork, subscription: Subscription, user_id: UUID, before: list[str], after: list[str]) -> None:
    uow.emit(
        LicensesChanged(
            partner_id=subscription.partner_id,
            customer_id=subscription.customer_id,
            user_id=user_id,
            before={"skuIds": before},
            after={"skuIds": after},
        )
    )
