"""Licences of a customer and of its users. Source: partner-center-endpoints, area licenses."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from openpartner.catalogue import queries as catalogue
from openpartner.customers import queries as customers
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.permissions import CUSTOMER_USERS
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.api.subscriptions import marks
from openpartner.subscriptions.models import Subscription
from openpartner.subscriptions.wire import licenses as wire

Groups = Annotated[list[str] | None, QueryParameter(name="licensegroupids")]


def _lists(groups: list[str] | None) -> bool:
    """Whether what a directory manages is asked for: by its name, or by naming no group."""
    return not groups or any(group.replace("_", "").lower() == wire.GROUP for group in groups)


def _readable(uow: UnitOfWork, customer_id: UUID) -> None:
    customers.directory_for(uow, customer_id, CUSTOMER_USERS.read, DirectoryAction.LICENCES_READ)


def _user_key(text: str) -> UUID | str:
    """An object id, or else a user principal name."""
    try:
        return UUID(text)
    except ValueError:
        return text


def _plans(uow: UnitOfWork, row: Subscription) -> list[str]:
    return catalogue.service_plans(uow, row.product_id, row.sku_id)


@get(
    "/v1/customers/{customer_id:uuid}/subscribedskus",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/subscribedskus", CUSTOMER_USERS.read),
)
def get_subscribed_skus(
    customer_id: FromPath[UUID], begin: NamedDependency[Begin], groups: Groups = None
) -> Collection[wire.SubscribedSku]:
    """The seats of each product: owned, used, left."""
    with begin.read() as uow:
        _readable(uow, customer_id)
        used = queries.consumed(uow, customer_id)
        seats = queries.seats_of(uow, customer_id) if _lists(groups) else {}
        items = [
            wire.SubscribedSku.of(rows, used.get(product, 0), _plans(uow, rows[-1])) for product, rows in seats.items()
        ]
        return collection(items, f"/customers/{customer_id}/subscribedskus")


@get(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}/licenses",
    sync_to_thread=True,
    opt=marks("GET /v1/customers/{customer-id}/users/{user-id}/licenses", CUSTOMER_USERS.read),
)
def get_user_licenses(
    customer_id: FromPath[UUID], user_id: FromPath[str], begin: NamedDependency[Begin], groups: Groups = None
) -> Collection[wire.License]:
    """What one user holds."""
    with begin.read() as uow:
        _readable(uow, customer_id)
        user = customers.user_in(uow, customer_id, _user_key(user_id))
        held = queries.licenses_of(uow, customer_id, user.id) if _lists(groups) else ()
        seats = queries.seats_of(uow, customer_id)
        given = [(each, seats[each.provisioning_id][-1]) for each in held if each.provisioning_id in seats]
        items = [wire.License.of(each, row, _plans(uow, row)) for each, row in given]
        return collection(items, f"/customers/{customer_id}/users/{user_id}/licenses")


@post(
    "/v1/customers/{customer_id:uuid}/users/{user_id:str}/licenseupdates",
    status_code=201,
    sync_to_thread=True,
    opt=marks("POST /v1/customers/{customer-id}/users/{user-id}/licenseupdates", CUSTOMER_USERS.write),
)
def post_license_updates(
    customer_id: FromPath[UUID],
    user_id: FromPath[str],
    data: JSONBody[wire.LicenseUpdateIn],
    begin: NamedDependency[Begin],
) -> Response[wire.LicenseUpdate]:
    """Give licences and take licences, all or nothing."""
    with begin() as uow:
        uow.actor.require(CUSTOMER_USERS.write)
        assign, remove = data.read()
        service.change_licenses(uow, customer_id, _user_key(user_id), assign=assign, remove=remove)
        return reply(uow, wire.LicenseUpdate.of(data), status=201)


ROUTES: list[Any] = [get_subscribed_skus, get_user_licenses, post_license_updates]
