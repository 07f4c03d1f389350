"""The licences of one user of a customer; for its partner and for itself."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries as customers
from openpartner.identity.models import User
from openpartner.platform.errors import DomainError, Forbidden, NotFound
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork
from openpartner.subscriptions import queries, service
from openpartner.subscriptions.portal.places import NOBODYS, OF_CUSTOMER, OWN, Locate, Place, of_customer, of_own
from openpartner.subscriptions.seat_queries import seats_of


def _render(
    page: Page, uow: UnitOfWork, place: Place, user: User, form: Form[Any], *, status: int = 200
) -> Response[str]:
    ticked = {row.provisioning_id for row in queries.licenses_of(uow, place.customer_id, user.id)}
    choices = [
        Choice(str(each.product), each.name, f"{each.left} of {each.total} available")
        for each in seats_of(uow, place.customer_id)
        if each.left or each.product in ticked or str(each.product) in form.texts("licenses")
    ]
    return page.render(
        uow,
        "subscriptions/user_licenses.html",
        status=status,
        user=user,
        f=form,
        choices=choices,
        may_write=place.may_write,
        path=place.of_user(user.id),
        root=place.root,
        user_path=f"{place.users}/{user.id}",
        crumbs=[*place.crumbs, Crumb(user.display_name)],
    )


def _show_user(page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> Response[str]:
    user = customers.user_in(uow, place.customer_id, user_id)
    held = [str(row.provisioning_id) for row in queries.licenses_of(uow, place.customer_id, user_id)]
    return _render(page, uow, place, user, blank_form({"licenses": held}))


def _change_user(page: Page, locate: Locate, customer_id: UUID, user_id: UUID) -> Response[Any]:
    """Give what is ticked, take what is not."""
    form = Form[Any]({"licenses": page.form.all("licenses")})
    try:
        wanted = {UUID(text) for text in page.form.all("licenses")}
        with page.begin() as uow:
            place = locate(uow, customer_id)
            held = {row.provisioning_id for row in queries.licenses_of(uow, place.customer_id, user_id)}
            assign: dict[UUID, list[str]] = {product: [] for product in sorted(wanted - held)}
            service.change_licenses(uow, place.customer_id, user_id, assign=assign, remove=sorted(held - wanted))
            back = f"{place.users}/{user_id}"
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        form.refuse_because(refusal)
    except ValueError:
        form.refuse("licenses", "Choose from the list.")
    else:
        return page.redirect(back, note="The licences are changed.")
    with page.begin.read() as uow:
        place = locate(uow, customer_id)
        user = customers.user_in(uow, place.customer_id, user_id)
        return _render(page, uow, place, user, form, status=422)


@get(f"{OF_CUSTOMER}/{{user_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def user_licenses(customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The licences of one user."""
    with page.begin.read() as uow:
        return _show_user(page, uow, of_customer(uow, customer_id), user_id)


@post(f"{OF_CUSTOMER}/{{user_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def change_user_licenses(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Change them."""
    return _change_user(page, of_customer, customer_id, user_id)


@get(f"{OWN}/users/{{user_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def own_user_licenses(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """The licences of one user."""
    with page.begin.read() as uow:
        return _show_user(page, uow, of_own(uow, NOBODYS), user_id)


@post(f"{OWN}/users/{{user_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def change_own_user_licenses(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Change them."""
    return _change_user(page, of_own, NOBODYS, user_id)


ROUTES: list[Any] = [user_licenses, change_user_licenses, own_user_licenses, change_own_user_licenses]
