"""The lists of orders, one order, and what can be done with it: cancel, hand in documents, review them."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.catalogue.rules import CYCLE_WORDS, BillingCycle, Plan
from openpartner.customers import queries as customers
from openpartner.customers.models import Customer
from openpartner.orders import queries, rules, service
from openpartner.orders.models import Order, OrderLine
from openpartner.orders.portal import words
from openpartner.orders.queries import Criteria, HistoryEntry, OrderRow, Position, WholeOrder
from openpartner.orders.rules import AttachmentType, OrderStatus, PurchaseOrder, TransactionType
from openpartner.orders.service import UploadedFile
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.money import Money
from openpartner.platform.permissions import (
    CUSTOMER_SUBSCRIPTIONS,
    OPERATOR_CUSTOMERS,
    ORDERS_PLACE,
    SUBSCRIPTIONS_MANAGE,
)
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import money_words
from openpartner.platform.web.forms import blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries as subscriptions
from openpartner.subscriptions.rules import Status

AnyRequest = Request[Any, Any, Any]
PAGE_SIZE = 25
MEGABYTE = 1024 * 1024


def order_path(order: Order) -> str:
    """The page of an order."""
    return f"/customers/{order.customer_id}/orders/{order.id}"


def _products(row: OrderRow) -> Noted | str:
    titles = row.titles
    more = len(titles) - 1
    return Noted(titles[0], f"and {more} more") if more > 0 else (titles[0] if titles else "")


_NUMBER = Column[OrderRow]("number", "Order", lambda row: row.order.id, href=lambda row: order_path(row.order))
_CUSTOMER = Column[OrderRow]("customer", "Customer", lambda row: row.company_name)
_COLUMNS: tuple[Column[OrderRow], ...] = (
    Column("date", "Ordered", lambda row: row.order.created_at, sortable=True),
    Column("products", "Products", _products, export=lambda row: "; ".join(row.titles)),
    Column("type", "Type", lambda row: words.line_type(row.lines)),
    Column("quantity", "Quantity", lambda row: row.quantity, numeric=True),
    Column("amount", "Amount", lambda row: row.charged, numeric=True),
    Column("total", "Whole term", lambda row: row.total, numeric=True, optional=True),
    Column("currency", "Currency", lambda row: row.order.currency, optional=True),
    Column("billing", "Billing", lambda row: CYCLE_WORDS[row.order.billing_cycle], optional=True),
    Column("status", "Status", lambda row: words.status_badge(row.order.status)),
    Column("placed_by", "Placed by", lambda row: row.order.placed_by, optional=True),
)
_PRICED = frozenset({"amount", "total"})
ALL_COLUMNS: tuple[Column[OrderRow], ...] = (_NUMBER, _CUSTOMER, *_COLUMNS)
CUSTOMER_COLUMNS: tuple[Column[OrderRow], ...] = (_NUMBER, *_COLUMNS)

FILTERS = (
    Filter("status", "Status", tuple(Choice(s.value, words.STATUS_WORDS[s][0]) for s in OrderStatus)),
    Filter("placed", "Placed", tuple(Choice(t.value, text) for t, text in words.PLACED_WORDS.items())),
    Filter("billing", "Billing", tuple(Choice(c.value, text) for c, text in CYCLE_WORDS.items())),
    Filter("since", "From"),
    Filter("until", "To"),
)


def _day(text: str | None, *, end: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        first = datetime.combine(datetime.fromisoformat(text).date(), time.min, UTC)
    except ValueError:
        return None
    return first + timedelta(days=1) if end else first


def _criteria(asked: ListRequest, customer_id: UUID | None) -> Criteria:
    chosen = asked.filters
    return Criteria(
        text=asked.search,
        customer_id=customer_id,
        status=OrderStatus(chosen["status"]) if "status" in chosen else None,
        transaction_type=TransactionType(chosen["placed"]) if "placed" in chosen else None,
        billing_cycle=BillingCycle(chosen["billing"]) if "billing" in chosen else None,
        since=_day(chosen.get("since")),
        until=_day(chosen.get("until"), end=True),
        descending=asked.descending,
    )


def _place(token: str) -> Position | None:
    return read_token(token, Position) if token else None


def _asked(page: Page, path: str, columns: Sequence[Column[OrderRow]]) -> ListRequest:
    query = page.request.query_params.multi_items()
    return read_list_request(path, query, columns=columns, filters=FILTERS, sort="-date")


def _table(
    uow: UnitOfWork,
    asked: ListRequest,
    columns: Sequence[Column[OrderRow]],
    customer_id: UUID | None = None,
    new: Action | None = None,
) -> Table[OrderRow]:
    criteria = _criteria(asked, customer_id)
    found = queries.page_of_orders(uow, criteria, PAGE_SIZE, after=_place(asked.after), before=_place(asked.before))
    knows_prices = not found.rows or any(row.shows_prices for row in found.rows)
    return Table(
        "orders",
        "Orders",
        [column for column in columns if knows_prices or column.key not in _PRICED],
        found.rows,
        asked,
        Empty(
            "No orders yet",
            "Orders appear here when something is bought, renewed or changed.",
            new,
            "cart",
        ),
        search_label="Search by order, product or customer" if _CUSTOMER in columns else "Search by order or product",
        filters=FILTERS,
        next_key=make_token(found.rows[-1].position) if found.has_after and found.rows else "",
        previous_key=make_token(found.rows[0].position) if found.has_before and found.rows else "",
        files=f"/customers/{customer_id}/orders/export" if customer_id else "",
    )


def _file(uow: UnitOfWork, asked: ListRequest, columns: Sequence[Column[OrderRow]], customer_id: UUID | None) -> Stream:
    """All that matches, as the asked-for kind of file."""
    kind = asked.export or "csv"
    rows = list(queries.every_order(uow, _criteria(asked, customer_id)))
    chunks = export_chunks(kind, columns, rows, title="Orders", created_at=uow.now)
    return Stream(list(chunks), headers=export_headers(kind, "Orders", uow.now))


def _may_order(uow: UnitOfWork, partner_id: UUID) -> bool:
    return uow.actor.may(ORDERS_PLACE.write) and uow.actor.tenant_id == partner_id


@get("/orders", include_in_schema=False, sync_to_thread=True)
def all_orders(page: NamedDependency[Page]) -> Response[Any]:
    """The orders of every customer the actor may see, the newest first."""
    with page.begin.read() as uow:
        queries.require_reading(uow.actor)
        columns = CUSTOMER_COLUMNS if uow.actor.tenant_kind is TenantKind.CUSTOMER else ALL_COLUMNS
        asked = _asked(page, "/orders", columns)
        if asked.export:
            return _file(uow, asked, columns, None)
        table = _table(uow, asked, columns)
        return page.render(uow, "orders/list.html", orders=table, crumbs=[Crumb("Home", "/"), Crumb("Orders")])


def _customers_orders(page: Page, uow: UnitOfWork, customer_id: UUID) -> dict[str, Any]:
    """What the tab Orders on a customer's page shows."""
    path = f"/customers/{customer_id}/orders"
    asked = _asked(page, path, CUSTOMER_COLUMNS)
    return {"orders": _table(uow, asked, CUSTOMER_COLUMNS, customer_id, _new_order(uow, customer_id))}


def _new_order(uow: UnitOfWork, customer_id: UUID) -> Action | None:
    """The button, for who may buy for this customer."""
    if not _may_order(uow, customers.one_customer(uow, customer_id).partner_id):
        return None
    return Action("New order", href=f"/customers/{customer_id}/orders/new", icon="cart", primary=True)


CUSTOMER_TAB = Tab("orders", "Orders", 20, SUBSCRIPTIONS_MANAGE.read, "orders/tab.html", _customers_orders, _new_order)
"""The orders of one customer, on the customer's page."""


@get("/customers/{customer_id:uuid}/orders/export", include_in_schema=False, sync_to_thread=True)
def export_customer_orders(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """The orders of one customer as a file."""
    asked = _asked(page, f"/customers/{customer_id}/orders/export", CUSTOMER_COLUMNS)
    with page.begin.read() as uow:
        queries.require_reading(uow.actor)
        customers.one_customer(uow, customer_id)
        return _file(uow, asked, CUSTOMER_COLUMNS, customer_id)


# --- one order


def _found(uow: UnitOfWork, customer_id: UUID, order_id: str) -> WholeOrder:
    queries.require_reading(uow.actor)
    whole = queries.visible_order(uow, order_id)
    if whole.order.customer_id != customer_id:
        raise queries.OrderUnknown(order_id)
    return whole


_LINE_COLUMNS: tuple[Column[OrderLine], ...] = (
    Column("product", "Product", lambda line: Noted(line.friendly_name, _plan_note(line))),
    Column("type", "Type", lambda line: words.LINE_WORDS[line.transaction_type]),
    Column("quantity", "Quantity", lambda line: line.quantity, numeric=True),
)


def _plan_note(line: OrderLine) -> str:
    parts = [line.title if line.title != line.friendly_name else "", words.term_words(line.term_duration)]
    return ", ".join(part for part in parts if part)


def _line_columns(order: Order, *, shows_prices: bool) -> tuple[Column[OrderLine], ...]:
    def money(amount: Any) -> Money:
        return Money.of(amount, order.currency)

    priced: tuple[Column[OrderLine], ...] = (
        Column("price", "Price", lambda line: money(line.prices.price), numeric=True),
        Column("charged", "Charged at once", lambda line: Money(line.charged_minor, order.currency), numeric=True),
        Column("extended", "Whole term", lambda line: money(line.prices.extended_price), numeric=True),
    )
    return (*_LINE_COLUMNS, *(priced if shows_prices else ()))


_EVENT_WORDS = {
    "OrderPlaced": ("Order placed", "cart", "brand"),
    "OrderStatusChanged": ("Status changed", "arrow_sync", "brand"),
    "OrderLinesAdded": ("Add-ons bought", "add", "brand"),
    "OrderAttachmentAdded": ("Document submitted", "attach", "brand"),
}


def _history(entry: HistoryEntry) -> dict[str, Any]:
    title, icon, tone = _EVENT_WORDS.get(entry.kind, (entry.kind, "circle", ""))
    data = entry.body.get("data", {})
    text = str(data.get("file_name", ""))
    if entry.kind == "OrderStatusChanged":
        text = words.STATUS_WORDS[OrderStatus(data["status_after"])][0]
    return {"title": title, "at": entry.at, "by": entry.actor_name, "icon": icon, "tone": tone, "text": text}


def _cancel_action(uow: UnitOfWork, whole: WholeOrder) -> Action | None:
    """The button, or the reason why it cannot be pressed; none for who never may."""
    order = whole.order
    if not uow.actor.may(SUBSCRIPTIONS_MANAGE.write) or uow.actor.tenant_id != order.partner_id:
        return None
    if OrderStatus.COMPLETED is not order.status or order.origin_id:
        return None
    try:
        credit = service.preview_cancellation(uow, order.customer_id, order.id)
    except DomainError as refusal:
        return Action(
            "Cancel order", post=f"{order_path(order)}/cancel", icon="dismiss_circle", refused=refusal.message
        )
    return Action(
        "Cancel order",
        post=f"{order_path(order)}/cancel",
        icon="dismiss_circle",
        danger=True,
        confirm=Confirm(
            "Cancel this order?",
            "Everything it bought ends at once and cannot be restored. "
            f"You get back {money_words(credit, uow.actor.locale)}.",
            "Cancel order",
            danger=True,
        ),
    )


def _review_actions(uow: UnitOfWork, order: Order) -> list[Action]:
    if not uow.actor.may(OPERATOR_CUSTOMERS.write) or uow.actor.tenant_kind is not TenantKind.OPERATOR:
        return []
    if order.status is not OrderStatus.PO_UPLOAD_COMPLETE:
        return []
    path = f"{order_path(order)}/review"
    return [
        Action(
            "Reject",
            post=path,
            icon="dismiss_circle",
            fields={"decision": "reject"},
            confirm=Confirm(
                "Reject the purchase order?", "The order ends without being fulfilled.", "Reject", danger=True
            ),
        ),
        Action(
            "Approve",
            post=path,
            icon="checkmark_circle",
            primary=True,
            fields={"decision": "approve"},
            confirm=Confirm("Approve the purchase order?", "The products are set up and charged.", "Approve"),
        ),
    ]


@get("/customers/{customer_id:uuid}/orders/{order_id:str}", include_in_schema=False, sync_to_thread=True)
def one_order(customer_id: FromPath[UUID], order_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """An order: lines, prices, how far it is set up, documents and history."""
    with page.begin.read() as uow:
        whole = _found(uow, customer_id, order_id)
        order = whole.order
        customer = customers.customer_of_commerce_id(uow, order.commerce_id)
        shows_prices = queries.sees_prices(uow.actor, order)
        cancel = _cancel_action(uow, whole)
        status = {row.id: row.status for row in subscriptions.of_order(uow, order.id)}
        following = queries.following_orders(uow, order)
        return page.render(
            uow,
            "orders/order.html",
            order=order,
            state=words.status_badge(order.status),
            customer=customer,
            actions=[*([cancel] if cancel else []), *_review_actions(uow, order)],
            lines=Table(
                "lines",
                "Lines",
                _line_columns(order, shows_prices=shows_prices),
                whole.lines,
                ListRequest(order_path(order)),
                Empty("No lines", "This order has none."),
                exports=False,
            ),
            shows_prices=shows_prices,
            about=_about(uow, whole, shows_prices=shows_prices),
            set_up=[(line, _set_up_badge(line, status)) for line in whole.lines],
            may_open=uow.actor.may(SUBSCRIPTIONS_MANAGE.read) or uow.actor.may(CUSTOMER_SUBSCRIPTIONS.read),
            documents=queries.attachments_of(uow, order),
            documents_form=blank_form({"currency": order.currency}),
            takes_documents=order.status is OrderStatus.PENDING_PO_UPLOAD and _may_order(uow, order.partner_id),
            waits_for_documents=order.status is OrderStatus.PENDING_PO_UPLOAD,
            following=[OrderRow(each.order, customer.company_name, each.lines, shows_prices) for each in following],
            line_type=words.line_type,
            order_path=order_path,
            history=[_history(entry) for entry in queries.history_of(uow, order)],
            crumbs=_crumbs(uow, customer, order),
        )


def _crumbs(uow: UnitOfWork, customer: Customer, order: Order) -> list[Crumb]:
    home, own = Crumb("Home", "/"), Crumb(order.id)
    if uow.actor.tenant_kind is not TenantKind.PARTNER:
        return [home, Crumb("Orders", "/orders"), own]
    path = f"/customers/{order.customer_id}"
    return [
        home,
        Crumb("Customers", "/customers"),
        Crumb(customer.company_name, path),
        Crumb("Orders", f"{path}/orders"),
        own,
    ]


def _set_up_badge(line: OrderLine, status: dict[UUID, Status]) -> Badge:
    if line.subscription_id is None:
        return Badge("Not begun", "neutral")
    if status.get(line.subscription_id) is Status.PENDING:
        return Badge("Being set up", "info")
    return Badge("Set up", "success")


def _about(uow: UnitOfWork, whole: WholeOrder, *, shows_prices: bool) -> list[tuple[str, object]]:
    order = whole.order
    plan = Plan(whole.lines[0].term_duration, order.billing_cycle) if whole.lines else None
    rows: list[tuple[str, object]] = [
        ("Ordered", order.created_at),
        ("Placed by", order.placed_by),
        ("Type", words.line_type(whole.lines)),
        (
            "Billing",
            words.plan_words(plan) if plan is not None and len(whole.lines) == 1 else CYCLE_WORDS[order.billing_cycle],
        ),
        ("Currency", order.currency),
    ]
    if shows_prices:
        rows += [("Charged at once", order.charged), ("Whole term", order.total)]
    named = sorted({person.mpn_id for line in whole.lines for person in line.participants})
    if named and uow.actor.tenant_kind is not TenantKind.CUSTOMER:
        rows.append(("Resellers", ", ".join(named)))
    promotions = sorted({line.promotion_id for line in whole.lines if line.promotion_id})
    if promotions and shows_prices:
        rows.append(("Promotion", ", ".join(promotions)))
    return rows


@post("/customers/{customer_id:uuid}/orders/{order_id:str}/cancel", include_in_schema=False, sync_to_thread=True)
def cancel_order(customer_id: FromPath[UUID], order_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Cancel the order and all it bought."""
    with page.begin() as uow:
        credit = service.preview_cancellation(uow, customer_id, order_id)
        order = service.cancel_order(uow, customer_id, order_id).order
        back = money_words(credit, uow.actor.locale)
    return page.redirect(order_path(order), note=f"Order {order_id} is cancelled. You get back {back}.")


@post("/customers/{customer_id:uuid}/orders/{order_id:str}/review", include_in_schema=False, sync_to_thread=True)
def review_order(customer_id: FromPath[UUID], order_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """The operator's decision on the documents of an order."""
    approve = page.form.get("decision") == "approve"
    with page.begin() as uow:
        _found(uow, customer_id, order_id)
        path = order_path(service.review_purchase_order(uow, order_id, approve=approve).order)
    return page.redirect(path, note="The purchase order is approved." if approve else "The purchase order is rejected.")


@post("/customers/{customer_id:uuid}/orders/{order_id:str}/documents", include_in_schema=False)
async def hand_in_documents(
    customer_id: FromPath[UUID], order_id: FromPath[str], page: NamedDependency[Page], request: AnyRequest
) -> Response[bytes]:
    """Hand in the purchase order, and what a tender needs."""
    form = await request.form()
    kinds = {"purchase_order": AttachmentType.PURCHASE_ORDER, "tender": AttachmentType.TENDER}
    files = [
        UploadedFile(kinds[name], value.filename, value.content_type, await value.read())
        for name, value in form.multi_items()
        if name in kinds and isinstance(value, UploadFile) and value.filename
    ]
    said = PurchaseOrder(
        customer_price=page.form.get("customer_price"),
        currency=page.form.get("currency").upper(),
        is_part_of_tender=page.form.flag("is_part_of_tender"),
        tender_link=page.form.get("tender_link"),
    )

    def attach() -> str:
        with page.begin() as uow:
            service.attach_documents(uow, customer_id, order_id, said, files)
            return order_path(queries.one_order(uow, customer_id, order_id).order)

    path = await sync_to_thread(attach)
    return page.redirect(path, note="The documents are submitted for review.")


@get(
    "/customers/{customer_id:uuid}/orders/{order_id:str}/documents/{attachment_id:uuid}",
    include_in_schema=False,
    sync_to_thread=True,
)
def download_document(
    customer_id: FromPath[UUID], order_id: FromPath[str], attachment_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """One document, as it was handed in."""
    with page.begin.read() as uow:
        found = queries.one_attachment(uow, _found(uow, customer_id, order_id).order, attachment_id)
        headers = rules.download_headers(found.file_name)
        return Response(found.content, media_type="application/octet-stream", headers=headers)


ROUTES: list[Any] = [
    all_orders,
    export_customer_orders,
    one_order,
    cancel_order,
    review_order,
    hand_in_documents,
    download_document,
]
