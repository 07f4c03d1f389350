"""The search box of the top bar: customers by name, domain or tenant id, orders by number."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from openpartner.customers import queries as customers
from openpartner.orders import queries as orders
from openpartner.platform.permissions import CUSTOMERS, SUBSCRIPTIONS_MANAGE
from openpartner.platform.web.page import Page


@get("/search", include_in_schema=False, sync_to_thread=True)
def search(page: NamedDependency[Page], q: FromQuery[str] = "") -> Response[Any]:
    """Customers that fit; a tenant id leads to its customer, a number to its order, at once."""
    text = q.strip()
    with page.begin.read() as uow:
        uow.actor.require(CUSTOMERS.read)
        try:
            return page.redirect(f"/customers/{UUID(text)}")
        except ValueError:
            pass
        if uow.actor.may(SUBSCRIPTIONS_MANAGE.read) and (order := orders.order_of_number(uow, text)) is not None:
            return page.redirect(f"/customers/{order.customer_id}/orders/{order.id}")
        found = customers.search_customers(uow, text) if text else []
        return page.render(uow, "portal/search.html", text=text, found=found)


ROUTES: list[Any] = [search]
