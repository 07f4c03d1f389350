"""``/v1/customers/{id}/carts`` and ``/orders``. Source: partner-center-endpoints, areas carts and orders."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post, put
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from openpartner.catalogue.rules import ProductKind
from openpartner.orders import queries, rules, service, wire
from openpartner.orders.rules import AttachmentType, OrderStatus
from openpartner.orders.service import UploadedFile
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import Collection, collection, reply
from openpartner.platform.http.binding import fit
from openpartner.platform.permissions import ORDERS_PLACE, SUBSCRIPTIONS_MANAGE
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.rules import Status

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]
IncludePrice = Annotated[str | None, QueryParameter(name="include_price")]
BillingType = Annotated[str | None, QueryParameter(name="billingtype")]


# --- carts


@post(
    "/v1/customers/{customer_id:uuid}/carts",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/carts", "permission": ORDERS_PLACE.write},
)
def create_cart(
    customer_id: FromPath[UUID], data: JSONBody[wire.CartIn], begin: NamedDependency[Begin]
) -> Response[wire.Cart]:
    """A new cart with the prices of its lines, and with their errors."""
    with begin() as uow:
        made = service.create_cart(
            uow,
            customer_id,
            data.requests(),
            attestation_accepted=data.partner_on_record_attestation_accepted,
        )
        return reply(uow, wire.Cart.of(made), status=201)


@get(
    "/v1/customers/{customer_id:uuid}/carts/{cart_id:uuid}",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/carts/{cart-id}", "permission": ORDERS_PLACE.write},
)
def get_cart(customer_id: FromPath[UUID], cart_id: FromPath[UUID], begin: NamedDependency[Begin]) -> wire.Cart:
    """A cart; an open one with the prices of now."""
    with begin.read() as uow:
        return wire.Cart.of(service.read_cart(uow, customer_id, cart_id))


@put(
    "/v1/customers/{customer_id:uuid}/carts/{cart_id:uuid}",
    sync_to_thread=True,
    opt={"operation": "PUT /v1/customers/{customer-id}/carts/{cart-id}", "permission": ORDERS_PLACE.write},
)
def put_cart(
    customer_id: FromPath[UUID],
    cart_id: FromPath[UUID],
    data: JSONBody[wire.CartIn],
    begin: NamedDependency[Begin],
    etag: IfMatch = None,
) -> Response[wire.Cart]:
    """Other lines in the place of those the cart has."""
    with begin() as uow:
        replaced = service.replace_cart(
            uow,
            customer_id,
            cart_id,
            data.requests(),
            attestation_accepted=data.partner_on_record_attestation_accepted,
            etag=etag,
        )
        return reply(uow, wire.Cart.of(replaced))


@post(
    "/v1/customers/{customer_id:uuid}/carts/{cart_id:uuid}/checkout",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/carts/{cart-id}/checkout", "permission": ORDERS_PLACE.write},
)
def checkout_cart(
    customer_id: FromPath[UUID], cart_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[wire.CartCheckoutResult]:
    """The cart becomes orders. Whatever body is sent is not looked at."""
    with begin() as uow:
        return reply(uow, wire.CartCheckoutResult.of(service.checkout_cart(uow, customer_id, cart_id)), status=201)


# --- orders


@post(
    "/v1/customers/{customer_id:uuid}/orders",
    sync_to_thread=True,
    opt={"operation": "POST /v1/customers/{customer-id}/orders", "permission": ORDERS_PLACE.write},
)
def create_order(
    customer_id: FromPath[UUID], data: JSONBody[wire.OrderIn], begin: NamedDependency[Begin]
) -> Response[wire.OrderOut]:
    """An order at once, without a cart."""
    with begin() as uow:
        rules.check_line_numbers(data.numbers)
        placed = service.place_order(
            uow,
            customer_id,
            data.requests(),
            attestation_accepted=data.partner_on_record_attestation_accepted,
        )
        return reply(uow, wire.OrderOut.of(placed), status=201)


@get(
    "/v1/customers/{customer_id:uuid}/orders",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/orders", "permission": SUBSCRIPTIONS_MANAGE.read},
)
def list_orders(
    customer_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    include_price: IncludePrice = None,
    billing_type: BillingType = None,
) -> Collection[wire.OrderOut]:
    """Every order of the customer, or those of one billing cycle."""
    cycle = wire.billing_cycle_of(billing_type)
    with begin.read() as uow:
        found = queries.orders_of(uow, customer_id, billing_cycle=cycle)
        asked = {"include_price": include_price, "billingType": billing_type}
        query = urlencode({name: value for name, value in asked.items() if value})
        items = [_shown(uow, whole, include_price) for whole in found]
        return collection(items, f"/customers/{customer_id}/orders" + (f"?{query}" if query else ""))


def _shown(uow: UnitOfWork, whole: queries.WholeOrder, include_price: str | None) -> wire.OrderOut:
    """With prices where they were asked for and are the caller's to know."""
    asked = (include_price or "").strip().lower() in {"true", "1"}
    return wire.OrderOut.of(whole, with_price=asked and queries.sees_prices(uow.actor, whole.order))


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}",
    sync_to_thread=True,
    opt={"operation": "GET /v1/customers/{customer-id}/orders/{order-id}", "permission": SUBSCRIPTIONS_MANAGE.read},
)
def get_order(
    customer_id: FromPath[UUID],
    order_id: FromPath[str],
    begin: NamedDependency[Begin],
    include_price: IncludePrice = None,
) -> wire.OrderOut:
    """One order."""
    with begin.read() as uow:
        queries.require_reading(uow.actor)
        return _shown(uow, queries.one_order(uow, customer_id, order_id), include_price)


@patch(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}",
    sync_to_thread=True,
    opt={
        "operation": "PATCH /v1/customers/{customer-id}/orders/{order-id}",
        "permission": (ORDERS_PLACE.write, SUBSCRIPTIONS_MANAGE.write),
        "example": {"status": "cancelled"},
    },
)
def patch_order(
    customer_id: FromPath[UUID],
    order_id: FromPath[str],
    data: JSONBody[wire.OrderIn],
    begin: NamedDependency[Begin],
    etag: IfMatch = None,
) -> Response[wire.OrderOut]:
    """Cancel the order, or buy add-ons on it; a billing cycle is changed on the subscription."""
    with begin() as uow:
        if data.wanted_status() is OrderStatus.CANCELLED:
            return reply(uow, wire.OrderOut.of(service.cancel_order(uow, customer_id, order_id, etag=etag)))
        queries.require_reading(uow.actor)
        whole = queries.one_order(uow, customer_id, order_id)
        added = wire.new_lines(data, whole.lines)
        cycle = wire.billing_cycle_of(data.billing_cycle)
        if not added:
            if cycle not in {None, whole.order.billing_cycle}:
                raise Invalid("The billing cycle is changed on the subscription. PATCH that instead.", code=800097)
            raise Invalid("Send status cancelled, or line items that the order does not have.")
        changed = service.add_order_lines(uow, customer_id, order_id, data.requests(added), etag=etag)
        return reply(uow, wire.OrderOut.of(changed))


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/provisioningstatus",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/orders/{order-id}/provisioningstatus",
        "permission": SUBSCRIPTIONS_MANAGE.read,
    },
)
def get_provisioning_status(
    customer_id: FromPath[UUID], order_id: FromPath[str], begin: NamedDependency[Begin]
) -> Collection[wire.LineProvisioningStatus]:
    """How far each line is set up. Takes no application-only token."""
    with begin.read() as uow:
        uow.actor.require_user()
        queries.require_reading(uow.actor)
        whole = queries.one_order(uow, customer_id, order_id)
        pending = {row.id for row in subscriptions.of_order(uow, whole.order.id) if row.status is Status.PENDING}
        return collection(
            [
                wire.LineProvisioningStatus.of(
                    line, is_fulfilled=line.subscription_id is not None and line.subscription_id not in pending
                )
                for line in whole.lines
            ]
        )


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/activationlinks",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/orders/{order-id}/activationlinks",
        "permission": SUBSCRIPTIONS_MANAGE.read,
    },
)
def get_activation_links(
    customer_id: FromPath[UUID], order_id: FromPath[str], begin: NamedDependency[Begin]
) -> Collection[wire.ActivationLink]:
    """The activation links of the order's marketplace lines."""
    return _activation_links(begin, customer_id, order_id, None)


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/lineitems/{line_number:int}/activationlinks",
    sync_to_thread=True,
    opt={
        "operation": ("GET /v1/customers/{customer-id}/orders/{order-id}/lineitems/{line-item-number}/activationlinks"),
        "permission": SUBSCRIPTIONS_MANAGE.read,
    },
)
def get_line_activation_links(
    customer_id: FromPath[UUID], order_id: FromPath[str], line_number: FromPath[int], begin: NamedDependency[Begin]
) -> Collection[wire.ActivationLink]:
    """The activation link of one marketplace line."""
    return _activation_links(begin, customer_id, order_id, line_number)


def _activation_links(
    begin: Begin, customer_id: UUID, order_id: str, line_number: int | None
) -> Collection[wire.ActivationLink]:
    with begin.read() as uow:
        queries.require_reading(uow.actor)
        whole = queries.one_order(uow, customer_id, order_id)
        lines = [line for line in whole.lines if line_number in {None, line.number}]
        if not lines:
            raise queries.LineUnknown(order_id, line_number)
        return collection(
            [
                wire.ActivationLink.of(whole.order, line)
                for line in lines
                if line.kind is ProductKind.SAAS and line.subscription_id is not None
            ]
        )


# --- documents


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/attachments",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/orders/{order-id}/attachments",
        "permission": SUBSCRIPTIONS_MANAGE.read,
    },
)
def list_attachments(
    customer_id: FromPath[UUID], order_id: FromPath[str], begin: NamedDependency[Begin]
) -> Collection[wire.OrderAttachmentOut]:
    """The documents of an order."""
    with begin.read() as uow:
        queries.require_reading(uow.actor)
        order = queries.one_order(uow, customer_id, order_id).order
        return collection([wire.OrderAttachmentOut.of(each) for each in queries.attachments_of(uow, order)])


@post(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/attachment",
    opt={
        "operation": "POST /v1/customers/{customer-id}/orders/{order-id}/attachment",
        "permission": ORDERS_PLACE.write,
    },
)
async def upload_attachments(
    customer_id: FromPath[UUID],
    order_id: FromPath[str],
    request: Request[Any, Any, Any],
    begin: NamedDependency[Begin],
) -> Response[Collection[wire.OrderAttachmentOut]]:
    """Part ``metadata`` as JSON, and files as parts ``POFiles`` and ``TenderFiles``; part names in any case."""
    metadata, files = await _parts(request)

    def attach() -> Response[Collection[wire.OrderAttachmentOut]]:
        with begin() as uow:
            kept = service.attach_documents(uow, customer_id, order_id, metadata.read(), files)
            return reply(uow, collection([wire.OrderAttachmentOut.of(each) for each in kept]), status=201)

    return await sync_to_thread(attach)


_PARTS = {"pofiles": AttachmentType.PURCHASE_ORDER, "tenderfiles": AttachmentType.TENDER}


async def _parts(request: Request[Any, Any, Any]) -> tuple[wire.AttachmentMetadataIn, list[UploadedFile]]:
    form = await request.form()
    files: list[UploadedFile] = []
    said = b"{}"
    for name, value in form.multi_items():
        kind = _PARTS.get(name.lower())
        if isinstance(value, UploadFile):
            content = await value.read()
            if kind is not None:
                files.append(UploadedFile(kind, value.filename, value.content_type, content))
            elif name.lower() == "metadata":
                said = content
        elif name.lower() == "metadata":
            said = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
    try:
        fitted = fit(msgspec.json.decode(said), wire.AttachmentMetadataIn)
        return msgspec.convert(fitted, wire.AttachmentMetadataIn, strict=False), files
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"The part metadata is not JSON as expected: {error}.", code=900254) from error


@get(
    "/v1/customers/{customer_id:uuid}/orders/{order_id:str}/attachment/{attachment_id:uuid}",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/{customer-id}/orders/{order-id}/attachment/{attachment-id}",
        "permission": SUBSCRIPTIONS_MANAGE.read,
    },
)
def download_attachment(
    customer_id: FromPath[UUID], order_id: FromPath[str], attachment_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[bytes]:
    """One document, as it was handed in; never shown inside a page of this origin."""
    with begin.read() as uow:
        queries.require_reading(uow.actor)
        order = queries.one_order(uow, customer_id, order_id).order
        found = queries.one_attachment(uow, order, attachment_id)
        headers = rules.download_headers(found.file_name)
        return Response(found.content, media_type="application/octet-stream", headers=headers)


ROUTES: list[Any] = [
    create_cart,
    get_cart,
    put_cart,
    checkout_cart,
    create_order,
    list_orders,
    get_order,
    patch_order,
    get_provisioning_status,
    get_activation_links,
    get_line_activation_links,
    list_attachments,
    upload_attachments,
    download_attachment,
]
