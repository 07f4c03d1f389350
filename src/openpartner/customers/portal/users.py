"""Users of a customer: for its partner under the customer's page, for its own administrators under Organization."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.portal.shared import FRAME, attempt, country_choices, resent
from openpartner.customers.queries import UserCriteria, UserOrder, UserPosition
from openpartner.customers.service import CreatedCustomerUser, NewCustomerUser, UserChanges
from openpartner.identity import queries as directory
from openpartner.identity.models import User
from openpartner.platform import permissions
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
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
from openpartner.platform.work import UnitOfWork

PAGE = 50
FILTERS = (Filter("state", "Status", (Choice("deleted", "Deleted in the last 30 days"),)),)


class Place(NamedTuple):
    """Whose users a page is about and where its pages lie."""

    tenant_id: UUID
    root: str
    may_write: bool
    may_give_roles: bool
    context: dict[str, Any]


def _of_customer(uow: UnitOfWork, customer_id: UUID) -> Place:
    uow.actor.require(permissions.CUSTOMER_USERS.read)
    frame = FRAME.context(uow, customer_id, "users")
    may = uow.actor.may(permissions.CUSTOMER_USERS.write)
    return Place(customer_id, f"/customers/{customer_id}/users", may, may, frame)


def _of_own(uow: UnitOfWork, _customer_id: UUID) -> Place:
    uow.actor.require(permissions.CUSTOMER_DIRECTORY.read)
    return Place(
        uow.actor.tenant,
        "/organization/users",
        uow.actor.may(permissions.CUSTOMER_DIRECTORY.write),
        uow.actor.may(permissions.CUSTOMER_ROLES.write),
        {"crumbs": [Crumb("Home", "/"), Crumb("Users")]},
    )


Locate = Callable[[UnitOfWork, UUID], Place]


def _state(user: User) -> Badge:
    if user.deleted_at is not None:
        return Badge("Deleted", "danger")
    return Badge("Active", "success") if user.account_enabled else Badge("Blocked", "warning")


def _columns(place: Place) -> tuple[Column[User], ...]:
    return (
        Column[User](
            "displayName",
            "Display name",
            lambda u: Noted(u.display_name, u.upn),
            href=lambda u: f"{place.root}/{u.id}",
            sortable=True,
        ),
        Column[User]("userPrincipalName", "User name", lambda u: u.upn, sortable=True, optional=True),
        Column[User]("location", "Usage location", lambda u: u.usage_location),
        Column[User]("state", "Status", _state),
        Column[User]("created", "Created", lambda u: u.created_at.date(), optional=True),
    )


def _list(page: Page, uow: UnitOfWork, place: Place) -> Response[Any]:
    columns = _columns(place)
    asked = read_list_request(
        place.root, page.request.query_params.multi_items(), columns=columns, filters=FILTERS, sort="displayName"
    )
    criteria = UserCriteria(
        deleted=asked.filters.get("state") == "deleted",
        name_prefix=asked.search,
        order=UserOrder(asked.sort),
        descending=asked.descending,
    )
    if asked.export:
        rows = _every(uow, place.tenant_id, criteria)
        content = b"".join(export_chunks(asked.export, columns, rows, title="Users", created_at=uow.now))
        return Response(content, headers=export_headers(asked.export, "Users", uow.now))
    add = Action("Add user", href=f"{place.root}/new", icon="person_add", primary=True)
    return page.render(
        uow,
        "customers/users.html",
        users=_table(uow, place, asked, criteria, columns=columns, add=add if place.may_write else None),
        actions=[add] if place.may_write else [],
        **place.context,
    )


def _every(uow: UnitOfWork, tenant_id: UUID, criteria: UserCriteria) -> list[User]:
    rows: list[User] = []
    after: UserPosition | None = None
    while True:
        part = queries.page_of_users(uow, tenant_id, criteria, 1_000, after=after)
        rows.extend(part.users)
        if part.after is None:
            return rows
        after = part.after


def _table(
    uow: UnitOfWork,
    place: Place,
    asked: ListRequest,
    criteria: UserCriteria,
    *,
    columns: tuple[Column[User], ...],
    add: Action | None,
) -> Table[User]:
    part = queries.page_of_users(uow, place.tenant_id, criteria, PAGE, after=_position(asked.after))
    return Table(
        "users",
        "Users",
        columns,
        part.users,
        asked,
        Empty("No users here", "Users of the organization appear here; deleted ones for 30 days.", add, "person"),
        next_key=make_token(part.after) if part.after else "",
        search_label="Search by display name",
        filters=FILTERS,
    )


def _position(key: str) -> UserPosition | None:
    try:
        return read_token(key, UserPosition) if key else None
    except Invalid:
        return None


def _new_page(page: Page, uow: UnitOfWork, place: Place, form: Form[Any], status: int = 200) -> Response[str]:
    domains = [domain.name for domain in directory.domains_of(uow, place.tenant_id) if domain.is_verified]
    return page.render(
        uow,
        "customers/user_new.html",
        status=status,
        f=form,
        root=place.root,
        domains=[Choice(name, name) for name in domains],
        locations=country_choices(),
        **{name: value for name, value in place.context.items() if name != "root"},
    )


def _create(page: Page, locate: Locate, customer_id: UUID) -> Response[str]:
    form = resent(page.form)

    def create(uow: UnitOfWork) -> Response[str]:
        place = locate(uow, customer_id)
        given = page.form
        made = service.create_customer_user(
            uow,
            place.tenant_id,
            NewCustomerUser(
                upn=f"{given.get('name')}@{given.get('domain')}",
                display_name=given.get("display_name"),
                first_name=given.get("given_name"),
                last_name=given.get("surname"),
                usage_location=given.get("usage_location"),
            ),
        )
        return _password_page(page, uow, place, made, "User created")

    made = attempt(page, form, create)
    if made is not None:
        return made
    with page.begin.read() as uow:
        return _new_page(page, uow, locate(uow, customer_id), form, status=422)


def _password_page(page: Page, uow: UnitOfWork, place: Place, made: CreatedCustomerUser, heading: str) -> Response[str]:
    """The temporary password, in this answer only."""
    context = {**place.context, "user": made.user, "password": made.password, "heading": heading, "root": place.root}
    return page.render(uow, "customers/user_password.html", **context)


def _show(page: Page, uow: UnitOfWork, place: Place, user_id: UUID, form: Form[Any] | None = None) -> Response[str]:
    user = queries.user_in(uow, place.tenant_id, user_id, deleted=True)
    held = [str(role.template_id) for role in queries.roles_of_user(uow, user)]
    present = {
        "display_name": user.display_name,
        "given_name": user.given_name,
        "surname": user.surname,
        "upn": user.upn,
        "usage_location": user.usage_location,
    }
    context = {
        **place.context,
        "root": place.root,
        "user": user,
        "state": _state(user),
        "f": form or blank_form(present),
        "roles_form": blank_form({"roles": held}),
        "roles": [role.name for key, role in DIRECTORY_ROLES.items() if str(key) in held],
        "role_choices": [Choice(str(key), role.name) for key, role in DIRECTORY_ROLES.items()],
        "locations": country_choices(),
        "actions": _actions(place, user) if place.may_write else [],
        "may_write": place.may_write and user.deleted_at is None,
        "may_give_roles": place.may_give_roles and user.deleted_at is None,
    }
    return page.render(uow, "customers/user.html", status=422 if form else 200, **context)


def _actions(place: Place, user: User) -> list[Action]:
    path = f"{place.root}/{user.id}"
    if user.deleted_at is not None:
        return [Action("Restore user", post=f"{path}/restore", icon="arrow_undo", primary=True)]
    signing_in = (
        Action(
            "Block sign-in",
            post=f"{path}/block",
            icon="lock_closed",
            confirm=Confirm("Block sign-in?", "The user is signed out everywhere at once.", "Block sign-in"),
        )
        if user.account_enabled
        else Action("Allow sign-in", post=f"{path}/unblock", icon="lock_open")
    )
    return [
        Action(
            "Reset password",
            post=f"{path}/password",
            icon="key",
            confirm=Confirm(
                "Reset the password?",
                "The user is signed out everywhere and signs in with a temporary password, shown to you once.",
                "Reset password",
            ),
        ),
        signing_in,
        Action(
            "Delete user",
            post=f"{path}/delete",
            icon="delete",
            danger=True,
            confirm=Confirm(
                "Delete this user?",
                "Access ends at once. The user can be restored for 30 days, with roles and groups.",
                "Delete user",
                danger=True,
            ),
        ),
    ]


def _change(page: Page, locate: Locate, customer_id: UUID, user_id: UUID) -> Response[Any]:
    form = resent(page.form)

    def change(uow: UnitOfWork) -> str:
        place = locate(uow, customer_id)
        given = page.form
        changes = UserChanges(
            upn=given.get("upn"),
            display_name=given.get("display_name"),
            first_name=given.get("given_name"),
            last_name=given.get("surname"),
            usage_location=given.get("usage_location"),
        )
        service.change_customer_user(uow, place.tenant_id, user_id, changes)
        return f"{place.root}/{user_id}"

    saved = attempt(page, form, change)
    if saved is not None:
        return page.redirect(saved, note="The user was changed.")
    with page.begin.read() as uow:
        return _show(page, uow, locate(uow, customer_id), user_id, form)


def _set_roles(page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> str:
    """Give and take roles until the user holds exactly those ticked."""
    user = queries.user_in(uow, place.tenant_id, user_id)
    wanted = {key for key in DIRECTORY_ROLES if str(key) in page.form.all("roles")}
    held = {role.template_id for role in queries.roles_of_user(uow, user)}
    for role in sorted(wanted - held):
        service.add_role_member(uow, place.tenant_id, role, user.id)
    for role in sorted(held - wanted):
        service.remove_role_member(uow, place.tenant_id, role, user.id)
    return "The roles were changed."


def _block(_page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> str:
    service.block_customer_user(uow, place.tenant_id, user_id)
    return "The user can no longer sign in."


def _unblock(_page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> str:
    service.unblock_customer_user(uow, place.tenant_id, user_id)
    return "The user can sign in again."


def _delete(_page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> str:
    service.delete_customer_user(uow, place.tenant_id, user_id)
    return "The user was deleted; for 30 days it can be restored."


def _restore(_page: Page, uow: UnitOfWork, place: Place, user_id: UUID) -> str:
    service.restore_customer_user(uow, place.tenant_id, user_id)
    return "The user is back, with its roles and groups."


_DOING = {"roles": _set_roles, "block": _block, "unblock": _unblock, "delete": _delete, "restore": _restore}
"""What a button of a user's page does; each gives the sentence to show."""


def _do(page: Page, locate: Locate, customer_id: UUID, user_id: UUID, doing: str) -> Response[Any]:
    if doing not in _DOING:
        raise Invalid("There is no such button on this page.")
    with page.begin() as uow:
        place = locate(uow, customer_id)
        note = _DOING[doing](page, uow, place, user_id)
    return page.redirect(f"{place.root}/{user_id}", note=note)


def _reset(page: Page, locate: Locate, customer_id: UUID, user_id: UUID) -> Response[str]:
    with page.begin() as uow:
        place = locate(uow, customer_id)
        made = service.reset_customer_user_password(uow, place.tenant_id, user_id)
        return _password_page(page, uow, place, made, "Password reset")


# Under the customer's page


@get("/customers/{customer_id:uuid}/users", include_in_schema=False, sync_to_thread=True)
def customer_users(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """The users of a customer."""
    with page.begin.read() as uow:
        return _list(page, uow, _of_customer(uow, customer_id))


@get("/customers/{customer_id:uuid}/users/new", include_in_schema=False, sync_to_thread=True)
def new_customer_user(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """An empty form."""
    with page.begin.read() as uow:
        return _new_page(page, uow, _of_customer(uow, customer_id), blank_form({"usage_location": "US"}))


@post("/customers/{customer_id:uuid}/users/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def create_customer_user(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Create the user; its password is shown this once."""
    return _create(page, _of_customer, customer_id)


@get("/customers/{customer_id:uuid}/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def customer_user(customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One user."""
    with page.begin.read() as uow:
        return _show(page, uow, _of_customer(uow, customer_id), user_id)


@post("/customers/{customer_id:uuid}/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def change_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Save the user's members."""
    return _change(page, _of_customer, customer_id, user_id)


@post(
    "/customers/{customer_id:uuid}/users/{user_id:uuid}/password",
    include_in_schema=False,
    sync_to_thread=True,
    status_code=200,
)
def reset_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[str]:
    """Set a temporary password and show it this once."""
    return _reset(page, _of_customer, customer_id, user_id)


@post("/customers/{customer_id:uuid}/users/{user_id:uuid}/{doing:str}", include_in_schema=False, sync_to_thread=True)
def do_with_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], doing: FromPath[str], page: NamedDependency[Page]
) -> Response[Any]:
    """Roles, blocking, deletion, restoration."""
    return _do(page, _of_customer, customer_id, user_id, doing)


# Under the customer's own Organization

_NOBODYS = UUID(int=0)


@get("/organization/users", include_in_schema=False, sync_to_thread=True)
def own_users(page: NamedDependency[Page]) -> Response[Any]:
    """The users of the own directory."""
    with page.begin.read() as uow:
        return _list(page, uow, _of_own(uow, _NOBODYS))


@get("/organization/users/new", include_in_schema=False, sync_to_thread=True)
def new_own_user(page: NamedDependency[Page]) -> Response[str]:
    """An empty form."""
    with page.begin.read() as uow:
        return _new_page(page, uow, _of_own(uow, _NOBODYS), blank_form({"usage_location": "US"}))


@post("/organization/users/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def create_own_user(page: NamedDependency[Page]) -> Response[str]:
    """Create the user; its password is shown this once."""
    return _create(page, _of_own, _NOBODYS)


@get("/organization/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One user."""
    with page.begin.read() as uow:
        return _show(page, uow, _of_own(uow, _NOBODYS), user_id)


@post("/organization/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def change_own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Save the user's members."""
    return _change(page, _of_own, _NOBODYS, user_id)


@post("/organization/users/{user_id:uuid}/password", include_in_schema=False, sync_to_thread=True, status_code=200)
def reset_own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Set a temporary password and show it this once."""
    return _reset(page, _of_own, _NOBODYS, user_id)


@post("/organization/users/{user_id:uuid}/{doing:str}", include_in_schema=False, sync_to_thread=True)
def do_with_own_user(user_id: FromPath[UUID], doing: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Roles, blocking, deletion, restoration."""
    return _do(page, _of_own, _NOBODYS, user_id, doing)


ROUTES: list[Any] = [
    customer_users,
    new_customer_user,
    create_customer_user,
    customer_user,
    change_customer_user,
    reset_customer_user,
    do_with_customer_user,
    own_users,
    new_own_user,
    create_own_user,
    own_user,
    change_own_user,
    reset_own_user,
    do_with_own_user,
]
