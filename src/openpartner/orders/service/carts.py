"""A cart is made, replaced and checked out."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.orders import queries, rules
from openpartner.orders.events import CartChanged
from openpartner.orders.models import Cart
from openpartner.orders.queries import WholeOrder, actor_id
from openpartner.orders.rules import CART_LIFETIME, CartRefused, CartStatus, LineAnswer, LineRequest
from openpartner.orders.service.assessing import Assessment, assess
from openpartner.orders.service.placing import check_buyer, place
from openpartner.platform.http.etags import check_etag, versioned_etag
from openpartner.platform.permissions import ORDERS_PLACE
from openpartner.platform.work import UnitOfWork


class ShownCart(msgspec.Struct, frozen=True):
    """A cart with what its lines come to. assessment: none once it was checked out, when nothing is open any more."""

    cart: Cart
    answers: tuple[LineAnswer, ...]
    assessment: Assessment | None = None


def create_cart(
    uow: UnitOfWork, customer_id: UUID, requests: Sequence[LineRequest], *, attestation_accepted: bool | None = None
) -> ShownCart:
    """A new cart for seven days. Problems of its lines stand in the cart; they refuse only the checkout.

    Raises CustomerUnknown, RelationshipNeeded, ProviderNeeded, CartRefused (no line). Emits CartChanged.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    rules.check_cart_has_lines(len(requests))
    cart = Cart(
        id=uow.ids.uuid(),
        commerce_id=customer.commerce_id,
        customer_id=customer.tenant_id,
        partner_id=customer.partner_id,
        status=CartStatus.ACTIVE,
        created_at=uow.now,
        modified_at=uow.now,
        modified_by=actor_id(uow),
        expires_at=uow.now + CART_LIFETIME,
        attestation_accepted=attestation_accepted,
        lines=list(requests),
    )
    uow.db.add(cart)
    uow.db.flush()
    _announce(uow, cart)
    return _shown(uow, customer, cart)


def replace_cart(
    uow: UnitOfWork,
    customer_id: UUID,
    cart_id: UUID,
    requests: Sequence[LineRequest],
    *,
    attestation_accepted: bool | None = None,
    etag: str | None = None,
) -> ShownCart:
    """Put these lines in the place of those it has. Its lifetime goes on as it was.

    Raises CartUnknown, CartRefused (ordered, expired, no line), PreconditionFailed. Emits CartChanged.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    cart = queries.one_cart(uow, customer, cart_id, lock=True)
    check_etag(etag, versioned_etag(cart.id, cart.version))
    rules.check_cart_open(str(cart.id), cart.status, cart.expires_at, uow.now)
    rules.check_cart_has_lines(len(requests))
    cart.lines = list(requests)
    if attestation_accepted is not None:
        cart.attestation_accepted = attestation_accepted
    cart.modified_at, cart.modified_by = uow.now, actor_id(uow)
    uow.db.flush()
    _announce(uow, cart)
    return _shown(uow, customer, cart)


def add_to_cart(uow: UnitOfWork, customer_id: UUID, request: LineRequest) -> ShownCart:
    """Put one more line into the cart the actor has open for this customer, or into a new one.

    Raises what ``create_cart`` and ``replace_cart`` raise. Emits CartChanged.
    """
    uow.actor.require(ORDERS_PLACE.write)
    cart = queries.open_cart(uow, customers.customer_to_change(uow, customer_id))
    if cart is None:
        return create_cart(uow, customer_id, [request])
    return replace_cart(uow, customer_id, cart.id, [*cart.lines, request])


def empty_cart(uow: UnitOfWork, customer_id: UUID, cart_id: UUID) -> None:
    """Throw away a cart that was not checked out. Raises CartUnknown, CartRefused (ordered). Emits CartChanged."""
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    cart = queries.one_cart(uow, customer, cart_id, lock=True)
    rules.check_cart_open(str(cart.id), cart.status, cart.expires_at, uow.now)
    cart.lines = []
    _announce(uow, cart)
    uow.db.delete(cart)
    uow.db.flush()


def read_cart(uow: UnitOfWork, customer_id: UUID, cart_id: UUID) -> ShownCart:
    """A cart as it stands at this instant: an open one with today's prices and problems. Raises CartUnknown."""
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.one_customer(uow, customer_id)
    return _shown(uow, customer, queries.one_cart(uow, customer, cart_id))


class CheckedOut(msgspec.Struct, frozen=True):
    """The orders that a cart became, one for each group, in order of the groups."""

    cart: Cart
    orders: tuple[WholeOrder, ...]


def checkout_cart(uow: UnitOfWork, customer_id: UUID, cart_id: UUID) -> CheckedOut:
    """Turn the cart into orders: all of its groups, or, if anything stands in the way, none.

    A cart that was checked out gives its orders again. Raises CartUnknown, CartRefused (expired; 800009 with a line
    that may not be bought), PurchaseRefused, RoleNeeded. Emits CartChanged, OrderPlaced a group.
    """
    uow.actor.require(ORDERS_PLACE.write)
    customer = customers.customer_to_change(uow, customer_id)
    cart = queries.one_cart(uow, customer, cart_id, lock=True)
    if cart.status is CartStatus.ORDERED:
        return CheckedOut(cart, tuple(queries.orders_by_id(uow, customer, cart.order_ids)))
    rules.check_cart_open(str(cart.id), cart.status, cart.expires_at, uow.now)
    assessment = assess(uow, customer, cart.lines)
    check_buyer(uow, assessment)
    _check_lines(cart, assessment)
    groups = dict.fromkeys(line.group for line in assessment.lines)
    placed = tuple(
        place(
            uow,
            customer,
            [line for line in assessment.lines if line.group == group],
            cart_id=cart.id,
            attestation_accepted=cart.attestation_accepted,
        )
        for group in groups
    )
    cart.status = CartStatus.ORDERED
    cart.answers = [line.answer for line in assessment.lines]
    cart.order_ids = [whole.order.id for whole in placed]
    cart.modified_at, cart.modified_by = uow.now, actor_id(uow)
    uow.db.flush()
    _announce(uow, cart)
    return CheckedOut(cart, placed)


def _check_lines(cart: Cart, assessment: Assessment) -> None:
    problems = [problem for line in assessment.lines for problem in line.problems]
    if problems:
        said = " ".join(f"Line {problem.line}: {problem.message}" for problem in problems)
        raise CartRefused(f"Cart {cart.id} has line errors. {said}", code=800009, cart=str(cart.id))


def _shown(uow: UnitOfWork, customer: Customer, cart: Cart) -> ShownCart:
    if cart.answers is not None:
        return ShownCart(cart, tuple(cart.answers))
    assessment = assess(uow, customer, cart.lines)
    return ShownCart(cart, tuple(line.answer for line in assessment.lines), assessment)


def _announce(uow: UnitOfWork, cart: Cart) -> None:
    uow.emit(
        CartChanged(
            partner_id=cart.partner_id,
            customer_id=cart.customer_id,
            cart_id=cart.id,
            status=cart.status.value,
            line_count=len(cart.lines),
            after={
                "status": cart.status.value,
                "lineItems": [
                    {"catalogItemId": line.catalog_item_id, "quantity": line.quantity} for line in cart.lines
                ],
            },
        )
    )
