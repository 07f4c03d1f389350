"""Users of a customer: for its partner under the customer's page, for its own administrators under Organization."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries, service
from openpartner.customers.portal.places import NOBODYS, Locate, Place, crumbs_to, of_customer, of_own
from openpartner.customers.portal.shared import country_choices
from openpartner.customers.portal.user_list import BROUGHT, factors_badge, show_users, state_badge
from openpartner.customers.service import CreatedCustomerUser, NewCustomerUser, UserChanges
from openpartner.identity import queries as directory
from openpartner.identity.models import User
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import Invalid
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Action, Choice, Confirm
from openpartner.platform.web.tabs import Facet
from openpartner.platform.work import UnitOfWork


def _new_page(page: Page, uow: UnitOfWork, place: Place, form: Form[Any], status: int = 200) -> Response[str]:
    directory.require_in_directory(uow, place.tenant_id, DirectoryAction.USERS_CREATE)
    domains = [domain.name for domain in directory.domains_of(uow, place.tenant_id) if domain.is_verified]
    return page.render(
        uow,
        "customers/user_new.html",
        status=status,
        f=form,
        domains=[Choice(name, name) for name in domains],
        locations=country_choices(),
        **{**place.context, "root": place.root, "crumbs": crumbs_to(place, "Add user")},
    )


def _first(uow: UnitOfWork, place: Place) -> Form[Any]:
    """The form of a new user, with what most have: the organization's country and domain."""
    tenant = directory.tenant_by_id(uow, place.tenant_id)
    return blank_form({"usage_location": tenant.country, "domain": tenant.default_domain})


def _create(page: Page, locate: Locate, customer_id: UUID) -> Response[str]:
    form = posted(page.form)

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
    own = {"root": place.root, "crumbs": crumbs_to(place, heading)}
    return page.render(
        uow,
        "customers/user_password.html",
        user=made.user,
        password=made.password,
        heading=heading,
        **{**place.context, **own},
    )


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
        "state": state_badge(user),
        "f": form or blank_form(present),
        "roles_form": blank_form({"roles": held}),
        "roles": [role.name for key, role in DIRECTORY_ROLES.items() if str(key) in held],
        "role_choices": [Choice(str(key), role.name) for key, role in DIRECTORY_ROLES.items()],
        "locations": country_choices(),
        "actions": _actions(uow, place, user),
        "may": [each.value for each in _CHANGES if user.deleted_at is None and queries.may_over_user(uow, user, each)],
        "may_give_roles": user.deleted_at is None and place.may(DirectoryAction.ROLES_ASSIGN),
        "facets": [
            (facet.title, facet.of(uow, place.tenant_id, [user.id]).get(user.id, ""), _link(uow, facet, place, user))
            for facet in BROUGHT.facets
        ],
        "factors": factors_badge(queries.second_factors(uow, [user.id]).get(user.id, queries.SecondFactors())),
        "crumbs": crumbs_to(place, user.display_name),
    }
    return page.render(uow, "customers/user.html", status=422 if form else 200, **context)


def _link(uow: UnitOfWork, facet: Facet, place: Place, user: User) -> str:
    """Where the facet of a user lies; nothing for one in the bin."""
    return "" if user.deleted_at is not None else facet.href(uow, place.tenant_id, user.id)


_CHANGES = (
    DirectoryAction.USERS_UPDATE,
    DirectoryAction.USERS_UPDATE_SENSITIVE,
    DirectoryAction.USAGE_LOCATION_SET,
)
"""What the form of a user changes: names, the user name, the usage location."""


def _actions(uow: UnitOfWork, place: Place, user: User) -> list[Action]:
    """The buttons for what the actor may do to this user."""
    path = f"{place.root}/{user.id}"
    restore = Action("Restore user", post=f"{path}/restore", icon="arrow_undo", primary=True)
    offered = [(DirectoryAction.USERS_DELETE, restore)]
    if user.deleted_at is None:
        offered = [
            (DirectoryAction.PASSWORDS_RESET, _resetting(path)),
            (DirectoryAction.USERS_UPDATE_SENSITIVE, _signing_in(path, user)),
            (DirectoryAction.USERS_DELETE, _deleting(path)),
        ]
    return [button for action, button in offered if queries.may_over_user(uow, user, action)]


def _signing_in(path: str, user: User) -> Action:
    if not user.account_enabled:
        return Action("Allow sign-in", post=f"{path}/unblock", icon="lock_open")
    return Action(
        "Block sign-in",
        post=f"{path}/block",
        icon="lock_closed",
        confirm=Confirm("Block sign-in?", "The user is signed out everywhere at once.", "Block sign-in"),
    )


def _resetting(path: str) -> Action:
    return Action(
        "Reset password",
        post=f"{path}/password",
        icon="key",
        confirm=Confirm(
            "Reset the password?",
            "The user is signed out everywhere and signs in with a temporary password, shown to you once.",
            "Reset password",
        ),
    )


def _deleting(path: str) -> Action:
    return Action(
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
    )


def _change(page: Page, locate: Locate, customer_id: UUID, user_id: UUID) -> Response[Any]:
    form = posted(page.form)

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
        return show_users(page, uow, of_customer, customer_id)


@get("/customers/{customer_id:uuid}/users/new", include_in_schema=False, sync_to_thread=True)
def new_customer_user(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """An empty form."""
    with page.begin.read() as uow:
        place = of_customer(uow, customer_id)
        return _new_page(page, uow, place, _first(uow, place))


@post("/customers/{customer_id:uuid}/users/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def create_customer_user(customer_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Create the user; its password is shown this once."""
    return _create(page, of_customer, customer_id)


@get("/customers/{customer_id:uuid}/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def customer_user(customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One user."""
    with page.begin.read() as uow:
        return _show(page, uow, of_customer(uow, customer_id), user_id)


@post("/customers/{customer_id:uuid}/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def change_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Save the user's members."""
    return _change(page, of_customer, customer_id, user_id)


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
    return _reset(page, of_customer, customer_id, user_id)


@post("/customers/{customer_id:uuid}/users/{user_id:uuid}/{doing:str}", include_in_schema=False, sync_to_thread=True)
def do_with_customer_user(
    customer_id: FromPath[UUID], user_id: FromPath[UUID], doing: FromPath[str], page: NamedDependency[Page]
) -> Response[Any]:
    """Roles, blocking, deletion, restoration."""
    return _do(page, of_customer, customer_id, user_id, doing)


# Under the customer's own Organization


@get("/organization/users", include_in_schema=False, sync_to_thread=True)
def own_users(page: NamedDependency[Page]) -> Response[Any]:
    """The users of the own directory."""
    with page.begin.read() as uow:
        return show_users(page, uow, of_own, NOBODYS)


@get("/organization/users/new", include_in_schema=False, sync_to_thread=True)
def new_own_user(page: NamedDependency[Page]) -> Response[str]:
    """An empty form."""
    with page.begin.read() as uow:
        place = of_own(uow, NOBODYS)
        return _new_page(page, uow, place, _first(uow, place))


@post("/organization/users/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def create_own_user(page: NamedDependency[Page]) -> Response[str]:
    """Create the user; its password is shown this once."""
    return _create(page, of_own, NOBODYS)


@get("/organization/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One user."""
    with page.begin.read() as uow:
        return _show(page, uow, of_own(uow, NOBODYS), user_id)


@post("/organization/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def change_own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """Save the user's members."""
    return _change(page, of_own, NOBODYS, user_id)


@post("/organization/users/{user_id:uuid}/password", include_in_schema=False, sync_to_thread=True, status_code=200)
def reset_own_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """Set a temporary password and show it this once."""
    return _reset(page, of_own, NOBODYS, user_id)


@post("/organization/users/{user_id:uuid}/{doing:str}", include_in_schema=False, sync_to_thread=True)
def do_with_own_user(user_id: FromPath[UUID], doing: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Roles, blocking, deletion, restoration."""
    return _do(page, of_own, NOBODYS, user_id, doing)


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
