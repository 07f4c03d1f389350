"""Licences of a customer's users: the seats of each product and who holds what; for its partner and for itself."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.customers import queries as customers
from openpartner.customers.queries import UserCriteria, UserPosition
from openpartner.identity.models import User
from openpartner.platform import countries
from openpartner.platform.errors import NotFound
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import CUSTOMER_USERS, ORDERS_PLACE
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.formats import plural_form
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
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.portal.places import NOBODYS, OF_CUSTOMER, OWN, Locate, Place, of_customer, of_own
from openpartner.subscriptions.seat_queries import Seats, holders, others, seats_of, sellers_of

PAGE = 50
LEFT = Filter("left", "Available", (Choice("yes", "Some seats left"), Choice("no", "None left")))
HOLDS = Filter("holds", "Licence", (Choice("yes", "Has it"), Choice("no", "Does not have it")))


# The products


def _seat_columns(root: str, sellers: dict[UUID, str]) -> tuple[Column[Seats], ...]:
    return (
        Column(
            "product",
            "Product",
            lambda seats: seats.name,
            href=lambda seats: f"{root}/products/{seats.product}",
            sortable=True,
        ),
        Column("total", "Bought", lambda seats: seats.total, numeric=True, sortable=True),
        Column("used", "Assigned", lambda seats: seats.used, numeric=True, sortable=True),
        Column("left", "Available", lambda seats: seats.left, numeric=True, sortable=True),
        Column("through", "Through", lambda seats: sellers.get(seats.product)),
    )


def _products(page: Page, uow: UnitOfWork, place: Place, empty: Empty, *, exports: bool) -> Table[Seats]:
    every = seats_of(uow, place.customer_id)
    columns = _seat_columns(place.root, {each.product: sellers_of(uow, each) for each in every})
    asked = read_list_request(
        place.root, page.request.query_params.multi_items(), columns=columns, filters=[LEFT], sort="product"
    )
    wanted = {"yes": True, "no": False}.get(asked.filters.get("left", ""))
    shown = [each for each in every if asked.search.lower() in each.name.lower() and wanted in {None, bool(each.left)}]
    keys: dict[str, Callable[[Seats], Any]] = {
        "product": lambda seats: seats.name.lower(),
        "total": lambda seats: seats.total,
        "used": lambda seats: seats.used,
        "left": lambda seats: seats.left,
    }
    order = keys[asked.sort]
    shown.sort(key=lambda seats: (order(seats), seats.name.lower(), seats.product), reverse=asked.descending)
    return Table(
        "seats",
        "Licences",
        columns,
        shown,
        asked,
        empty,
        search_label="Search by product",
        filters=[LEFT],
        exports=exports,
    )


def _tab(page: Page, uow: UnitOfWork, customer_id: UUID) -> dict[str, Any]:
    """What the tab Licences on a customer's page shows."""
    customer = customers.one_customer(uow, customer_id)
    is_seller = uow.actor.may(ORDERS_PLACE.write) and uow.actor.tenant_id == customer.partner_id
    buy = Action("Buy more", href=f"/customers/{customer_id}/orders/new", icon="add") if is_seller else None
    empty = Empty("No licences yet", "Licences come with subscriptions.", buy, "certificate")
    place = of_customer(uow, customer_id)
    table = _products(page, uow, place, empty, exports=False)
    short = [each.name for each in seats_of(uow, customer_id) if not each.left]
    return {"seats": table, "short": short, "buy": buy, "users_root": place.users}


CUSTOMER_TAB = Tab("licenses", "Licences", 45, CUSTOMER_USERS.read, "subscriptions/licenses.html", _tab)
"""For ``customers.portal.routes``: the licences on a customer's page."""


@get(OWN, include_in_schema=False, sync_to_thread=True)
def own_licenses(page: NamedDependency[Page]) -> Response[Any]:
    """For each product what the organisation bought, what is in use and what is free."""
    with page.begin.read() as uow:
        place = of_own(uow, NOBODYS)
        empty = Empty("No licences yet", "Licences come with the subscriptions that a partner sells you.", icon="apps")
        table = _products(page, uow, place, empty, exports=True)
        if table.request.export:
            kind = table.request.export
            chunks = list(export_chunks(kind, table.columns, table.rows, title="Licences", created_at=uow.now))
            return Stream(chunks, headers=export_headers(kind, "Licences", uow.now))
        short = [each.name for each in seats_of(uow, place.customer_id) if not each.left]
        return page.render(uow, "subscriptions/own_licenses.html", seats=table, short=short, crumbs=place.crumbs)


# One product: who holds it


class Person(NamedTuple):
    """A user, and whether it holds a licence of the product."""

    user: User
    holds: bool


def _people_columns(place: Place) -> tuple[Column[Person], ...]:
    return (
        Column(
            "displayName",
            "User",
            lambda each: Noted(each.user.display_name, each.user.upn),
            href=lambda each: f"{place.users}/{each.user.id}",
            export=lambda each: each.user.upn,
        ),
        Column("holds", "Licence", lambda each: Badge("Assigned", "success") if each.holds else None),
        Column(
            "location",
            "Usage location",
            lambda each: each.user.usage_location and countries.name_of(each.user.usage_location),
        ),
        Column("state", "Sign-in", lambda each: "Allowed" if each.user.account_enabled else "Blocked"),
    )


def _product(uow: UnitOfWork, place: Place, product: UUID) -> Seats:
    found = next((each for each in seats_of(uow, place.customer_id) if each.product == product), None)
    if found is None:
        raise NotFound("A subscription with licences of", product)
    return found


def _people(
    uow: UnitOfWork, place: Place, product: UUID, asked: ListRequest, *, size: int, after: UserPosition | None
) -> tuple[list[Person], UserPosition | None]:
    within = {"yes": holders, "no": others}.get(asked.filters.get("holds", ""))
    part = customers.page_of_users(
        uow,
        place.customer_id,
        UserCriteria(text=asked.search, descending=asked.descending),
        size,
        after=after,
        within=within(place.customer_id, product) if within else None,
    )
    held = {row.user_id for row in queries.holders_of(uow, place.customer_id, product)}
    return [Person(user, user.id in held) for user in part.users], part.after


def _bulk(place: Place, product: UUID) -> tuple[Action, ...]:
    path = f"{place.root}/products/{product}"
    return (
        Action("Assign", post=f"{path}/assign", icon="certificate"),
        Action("Remove", post=f"{path}/remove", icon="subtract"),
    )


def _row_actions(place: Place, seats: Seats) -> Callable[[Person], list[Action]]:
    path = f"{place.root}/products/{seats.product}"

    def actions(each: Person) -> list[Action]:
        selected = {"selected": str(each.user.id)}
        if not each.holds:
            full = "" if seats.left else "Every seat is assigned."
            return [Action("Assign licence", post=f"{path}/assign", icon="certificate", fields=selected, refused=full)]
        confirm = Confirm(
            "Remove the licence?",
            f"{each.user.display_name} can no longer use {seats.name}. The seat is free for somebody else.",
            "Remove",
            danger=True,
        )
        return [Action("Remove licence", post=f"{path}/remove", icon="subtract", fields=selected, confirm=confirm)]

    return actions


def _show_product(page: Page, uow: UnitOfWork, place: Place, product: UUID) -> Response[Any]:
    seats, columns = _product(uow, place, product), _people_columns(place)
    path = f"{place.root}/products/{product}"
    asked = read_list_request(path, page.request.query_params.multi_items(), columns=columns, filters=[HOLDS])
    if asked.export:
        people, _ = _people(uow, place, product, asked, size=100_000, after=None)
        chunks = list(export_chunks(asked.export, columns, people, title=seats.name, created_at=uow.now))
        return Stream(chunks, headers=export_headers(asked.export, "Licences", uow.now))
    after = read_token(asked.after, UserPosition) if asked.after else None
    people, following = _people(uow, place, product, asked, size=PAGE, after=after)
    table = Table(
        "people",
        "Users",
        columns,
        people,
        asked,
        Empty("No users yet", "Add users first.", Action("Add user", href=f"{place.users}/new"), "people"),
        search_label="Search by name",
        filters=[HOLDS],
        next_key=make_token(following) if following else "",
        row_key=(lambda each: str(each.user.id)) if place.may_write else None,
        bulk=_bulk(place, product) if place.may_write else (),
        row_actions=_row_actions(place, seats) if place.may_write else None,
    )
    return page.render(
        uow,
        "subscriptions/product_licenses.html",
        seats=seats,
        people=table,
        sellers=sellers_of(uow, seats),
        subscriptions=seats.subscriptions,
        crumbs=[*place.crumbs, Crumb(seats.name)],
    )


def _change_many(page: Page, locate: Locate, customer_id: UUID, product: UUID, *, assign: bool) -> Response[bytes]:
    """Give the chosen users a licence, or take it, all or none; who has it (or has not) already is left alone."""
    try:
        chosen = sorted({UUID(text) for text in page.form.all("selected")})
    except ValueError:
        raise NotFound("User") from None
    with page.begin.read() as uow:
        back = f"{locate(uow, customer_id).root}/products/{product}"
    try:
        with page.begin() as uow:
            place = locate(uow, customer_id)
            held = {row.user_id for row in queries.holders_of(uow, place.customer_id, product)}
            wanted = [user for user in chosen if (user in held) is not assign]
            given: dict[UUID, Sequence[str]] = {product: []} if assign else {}
            for user in wanted:
                service.change_licenses(uow, place.customer_id, user, assign=given, remove=() if assign else (product,))
    except service.LicenceRefused as refusal:
        return page.redirect(back, note=f"{refusal.message} Nothing was changed.", tone="warning")
    count = f"{len(wanted)} {plural_form(len(wanted), 'licence was', 'licences were')}"
    return page.redirect(back, note=f"{count} {'assigned' if assign else 'removed'}.")


@get(f"{OF_CUSTOMER}/products/{{product:uuid}}", include_in_schema=False, sync_to_thread=True)
def customer_product(
    customer_id: FromPath[UUID], product: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Who holds a licence of one product."""
    with page.begin.read() as uow:
        return _show_product(page, uow, of_customer(uow, customer_id), product)


@post(f"{OF_CUSTOMER}/products/{{product:uuid}}/assign", include_in_schema=False, sync_to_thread=True)
def assign_to_customers_users(
    customer_id: FromPath[UUID], product: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Give the chosen users a licence."""
    return _change_many(page, of_customer, customer_id, product, assign=True)


@post(f"{OF_CUSTOMER}/products/{{product:uuid}}/remove", include_in_schema=False, sync_to_thread=True)
def remove_from_customers_users(
    customer_id: FromPath[UUID], product: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Take the licence of the chosen users."""
    return _change_many(page, of_customer, customer_id, product, assign=False)


@get(f"{OWN}/products/{{product:uuid}}", include_in_schema=False, sync_to_thread=True)
def own_product(product: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Who holds a licence of one product."""
    with page.begin.read() as uow:
        return _show_product(page, uow, of_own(uow, NOBODYS), product)


@post(f"{OWN}/products/{{product:uuid}}/assign", include_in_schema=False, sync_to_thread=True)
def assign_to_own_users(product: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Give the chosen users a licence."""
    return _change_many(page, of_own, NOBODYS, product, assign=True)


@post(f"{OWN}/products/{{product:uuid}}/remove", include_in_schema=False, sync_to_thread=True)
def remove_from_own_users(product: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """Take the licence of the chosen users."""
    return _change_many(page, of_own, NOBODYS, product, assign=False)


ROUTES: list[Any] = [
    own_licenses,
    customer_product,
    assign_to_customers_users,
    remove_from_customers_users,
    own_product,
    assign_to_own_users,
    remove_from_own_users,
]
