"""Subscriptions: list, read, change. Source: partner-center-endpoints, area subscriptions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from openpartner.catalogue import queries as catalogue
from openpartner.platform.http.answers import Collection, collection, index_page, reply
from openpartner.platform.permissions import CUSTOMER_SUBSCRIPTIONS, SUBSCRIPTIONS_MANAGE, Permission
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.wire import subscriptions as wire

PAGE_SIZE = 100
LARGEST_PAGE = 1000

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]
OrderId = Annotated[str, QueryParameter(name="order_id")]
MpnId = Annotated[str, QueryParameter(name="mpn_id")]
Offset = Annotated[int, QueryParameter(name="offset", ge=0)]
Size = Annotated[int, QueryParameter(name="size", ge=0)]


READERS = (SUBSCRIPTIONS_MANAGE.read, CUSTOMER_SUBSCRIPTIONS.read)
"""A partner's and the customer's own: ``queries.require_reading``."""


def marks(operation: str, permission: Permission | tuple[Permission, ...] = READERS) -> dict[str, Any]:
    """What a route says of itself to docs/operations.md and to the check of the role matrix."""
    return {"operation": operation, "permission": permission}


def facts_of(uow: UnitOfWork) -> wire.Facts:
    """What is the same for every subscription of the answer."""
    return wire.Facts(uow.now, catalogue.addon_bases(uow))


@get(
    "/v1/customers/{customer_id:uuid}/subscriptions",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/subscriptions"),
)
def get_subscriptions(
    *,
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    order_id: OrderId = "",
    mpn_id: MpnId = "",
    offset: Offset = 0,
    size: Size = 0,
) -> Collection[wire.Subscription]:
    """Every subscription in every state, the oldest first; by partner on record in pages."""
    with begin.read() as uow:
        facts = facts_of(uow)
        path = f"/customers/{customer_id}/subscriptions"
        if not mpn_id:
            rows = queries.subscriptions_of(uow, customer_id, order_id=order_id)
            items = [wire.Subscription.of(row, facts) for row in rows]
            return collection(items, f"{path}?order_id={order_id}" if order_id else path)
        size = min(size or PAGE_SIZE, LARGEST_PAGE)
        rows = queries.subscriptions_of(
            uow, customer_id, order_id=order_id, mpn_id=mpn_id, offset=offset, size=size + 1
        )
        items = [wire.Subscription.of(row, facts) for row in rows[:size]]
        return index_page(items, path, f"mpn_id={mpn_id}", offset, size, more=len(rows) > size)


@get(
    "/v1/customers/{customer_id:uuid}/subscriptions/{subscription_id:uuid}",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/subscriptions/{subscription-id}"),
)
def get_subscription(
    customer_id: FromPath[UUID], subscription_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> wire.Subscription:
    """One subscription."""
    with begin.read() as uow:
        return wire.Subscription.of(queries.one_subscription(uow, customer_id, subscription_id), facts_of(uow))


@patch(
    "/v1/customers/{customer_id:uuid}/subscriptions/{subscription_id:uuid}",
    sync_to_thread=True,
    opt=marks("PATCH /v1/customers/{customer-id}/subscriptions/{subscription-id}", SUBSCRIPTIONS_MANAGE.write),
)
def patch_subscription(
    customer_id: FromPath[UUID],
    subscription_id: FromPath[UUID],
    data: JSONBody[wire.SubscriptionPatch],
    begin: NamedDependency[Begin],
    if_match: IfMatch = None,
) -> Response[wire.Subscription]:
    """Make it what was sent: state, seats, name, term, renewal, plans."""
    wanted = data.change()
    with begin() as uow:
        changed = service.update_subscription(uow, customer_id, subscription_id, wanted, etag=if_match or data.etag)
        return reply(uow, wire.Subscription.of(changed, facts_of(uow)))


ROUTES: list[Any] = [get_subscriptions, get_subscription, patch_subscription]
