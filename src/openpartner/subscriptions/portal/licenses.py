"""Licences of a customer's users: the seats of each product, and who holds what."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries as customers
from openpartner.identity import queries as directory
from openpartner.identity.models import User
from openpartner.platform.errors import DomainError, Forbidden, NotFound
from openpartner.platform.permissions import CUSTOMER_USERS, ORDERS_PLACE
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Choice, Column, Empty, ListRequest, Noted, Table, read_list_request
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.models import Subscription

USERS = 200


class Seats(NamedTuple):
    """The seats of one product."""

    product: UUID
    name: str
    total: int
    used: int

    @property
    def left(self) -> int:
        """Seats that nobody holds."""
        return max(self.total - self.used, 0)


class Holder(NamedTuple):
    """A user and the names of the products it holds."""

    user: User
    names: Sequence[str]


def _seats(uow: UnitOfWork, customer_id: UUID) -> list[Seats]:
    used = queries.consumed(uow, customer_id)

    def total(rows: Sequence[Subscription]) -> int:
        return sum(row.quantity for row in rows if row.status in queries.HOLDS_SEATS)

    found = [
        Seats(product, rows[-1].offer_name, total(rows), used.get(product, 0))
        for product, rows in queries.seats_of(uow, customer_id).items()
    ]
    return [seats for seats in found if seats.total or seats.used]


_SEAT_COLUMNS: tuple[Column[Seats], ...] = (
    Column("product", "Product", lambda seats: seats.name),
    Column("total", "Seats", lambda seats: seats.total, numeric=True),
    Column("used", "Assigned", lambda seats: seats.used, numeric=True),
    Column("left", "Available", lambda seats: seats.left, numeric=True),
)


def _of_customer(page: Page, uow: UnitOfWork, customer_id: UUID) -> dict[str, Any]:
    """What the tab Licences on a customer's page shows."""
    customer = customers.one_customer(uow, customer_id)
    path = f"/customers/{customer_id}/licenses"
    seats = _seats(uow, customer_id)
    names = {each.product: each.name for each in seats}
    held: dict[UUID, list[str]] = {}
    for row in queries.assigned(uow, customer_id):
        held.setdefault(row.user_id, []).append(names.get(row.provisioning_id, str(row.provisioning_id)))
    columns: tuple[Column[Holder], ...] = (
        Column(
            "user",
            "User",
            lambda holder: Noted(holder.user.display_name, holder.user.upn),
            href=lambda holder: f"{path}/{holder.user.id}",
        ),
        Column("licenses", "Licences", lambda holder: ", ".join(sorted(holder.names)) or None),
        Column("location", "Usage location", lambda holder: holder.user.usage_location or None),
    )
    asked = read_list_request(path, page.request.query_params.multi_items(), columns=columns)
    text = asked.search.lower()
    people = [
        Holder(user, held.get(user.id, ()))
        for user in directory.users_of(uow, customer_id, limit=USERS)
        if text in f"{user.display_name} {user.upn}".lower()
    ]
    is_seller = uow.actor.may(ORDERS_PLACE.write) and uow.actor.tenant_id == customer.partner_id
    buy = Action("Buy more", href=f"/customers/{customer_id}/orders/new", icon="add")
    return {
        "seats": Table(
            "seats",
            "Seats",
            _SEAT_COLUMNS,
            seats,
            ListRequest(path),
            Empty("No licences yet", "Licences come with subscriptions.", buy if is_seller else None, "certificate"),
            exports=False,
        ),
        "short": [each.name for each in seats if not each.left],
        "buy": buy if is_seller else None,
        "people": Table(
            "people",
            "Users",
            columns,
            people,
            asked,
            Empty("No users yet", "Add users first.", icon="people"),
            search_label="Search by name",
            exports=False,
        ),
    }


CUSTOMER_TAB = Tab("licenses", "Licences", 45, CUSTOMER_USERS.read, "subscriptions/licenses.html", _of_customer)
"""For ``customers.portal.routes``: the licences on a customer's page."""


def _render(
    page: Page, uow: UnitOfWork, customer_id: UUID, user: User, form: Form[Any], *, status: int = 200
) -> Response[str]:
    customer = customers.one_customer(uow, customer_id)
    root = f"/customers/{customer_id}"
    ticked = {row.provisioning_id for row in queries.licenses_of(uow, customer_id, user.id)}
    choices = [
        Choice(str(each.product), each.name, f"{each.left} of {each.total} available")
        for each in _seats(uow, customer_id)
        if each.left or each.product in ticked or str(each.product) in form.texts("licenses")
    ]
    return page.render(
        uow,
        "subscriptions/user_licenses.html",
        status=status,
        user=user,
        f=form,
        choices=choices,
        may_write=uow.actor.may(CUSTOMER_USERS.write),
        root=root,
        crumbs=[
            Crumb("Home", "/"),
            Crumb("Customers", "/customers"),
            Crumb(customer.company_name, root),
            Crumb("Licences", f"{root}/licenses"),
            Crumb(user.display_name),
        ],
    )


@get("/customers/{customer_id:uuid}/licenses/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def user_licenses(customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The licences of one user."""
    with page.begin.read() as uow:
        uow.actor.require(CUSTOMER_USERS.read)
        customers.one_customer(uow, customer_id)
        user = customers.user_in(uow, customer_id, user_id)
        held = [str(row.provisioning_id) for row in queries.licenses_of(uow, customer_id, user_id)]
        return _render(page, uow, customer_id, user, blank_form({"licenses": held}))


@post("/customers/{customer_id:uuid}/licenses/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def change_user_licenses(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Give what is ticked, take what is not."""
    form = Form[Any]({"licenses": page.form.all("licenses")})
    try:
        wanted = {UUID(text) for text in page.form.all("licenses")}
        with page.begin() as uow:
            held = {row.provisioning_id for row in queries.licenses_of(uow, customer_id, user_id)}
            assign: dict[UUID, list[str]] = {product: [] for product in sorted(wanted - held)}
            service.change_licenses(uow, customer_id, user_id, assign=assign, remove=sorted(held - wanted))
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        form.refuse_because(refusal)
    except ValueError:
        form.refuse("licenses", "Choose from the list.")
    else:
        return page.redirect(f"/customers/{customer_id}/licenses", note="The licences are changed.")
    with page.begin.read() as uow:
        user = customers.user_in(uow, customer_id, user_id)
        return _render(page, uow, customer_id, user, form, status=422)


ROUTES: list[Any] = [user_licenses, change_user_licenses]
