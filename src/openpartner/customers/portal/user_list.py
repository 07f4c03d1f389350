"""The list of users of a directory: search, filters by status, role and what other slices know, columns, files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response
from litestar.response import Stream
from sqlalchemy import Select

from openpartner.customers import queries
from openpartner.customers.portal.places import Locate, Place
from openpartner.customers.queries import SecondFactors, UserCriteria, UserOrder, UserPosition
from openpartner.identity.models import User, UserType
from openpartner.platform import countries
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES, DirectoryRole
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.web.tabs import Facet
from openpartner.platform.work import UnitOfWork

PAGE = 50
STATES = Filter(
    "state",
    "Status",
    (Choice("active", "Active"), Choice("blocked", "Blocked"), Choice("deleted", "Deleted in the last 30 days")),
)
ANY_ROLE, NO_ROLE = "any", "none"


class Brought:
    """What other slices say of users. ``facets``: set once, by ``routes``."""

    facets: Sequence[Facet] = ()


BROUGHT = Brought()


class Line(NamedTuple):
    """A user of the list, with its roles and what other slices say of it, by facet."""

    user: User
    roles: Sequence[DirectoryRole]
    facets: Mapping[str, str]


def state_badge(user: User) -> Badge:
    """Whether the user may sign in, as a chip."""
    if user.deleted_at is not None:
        return Badge("Deleted", "danger")
    return Badge("Active", "success") if user.account_enabled else Badge("Blocked", "warning")


def factors_badge(factors: SecondFactors) -> Badge:
    """With what a user proves a second factor, as a chip."""
    if not factors.any:
        return Badge("None", "danger")
    kinds = ["Authenticator"] if factors.has_authenticator else []
    kinds += ["Passkey"] if factors.passkeys == 1 else [f"{factors.passkeys} passkeys"] if factors.passkeys else []
    return Badge(" and ".join(kinds), "success")


def _role_names(line: Line) -> str:
    return ", ".join(role.name for role in line.roles)


def _facet_column(facet: Facet) -> Column[Line]:
    return Column[Line](facet.key, facet.title, lambda line: line.facets.get(facet.key))


def _columns(place: Place) -> list[Column[Line]]:
    return [
        Column[Line](
            "displayName",
            "Display name",
            lambda line: Noted(line.user.display_name, line.user.upn),
            href=lambda line: f"{place.root}/{line.user.id}",
            sortable=True,
        ),
        Column[Line]("userPrincipalName", "User name", lambda line: line.user.upn, sortable=True, optional=True),
        *(_facet_column(facet) for facet in BROUGHT.facets),
        Column[Line]("roles", "Roles", _role_names),
        Column[Line](
            "location",
            "Usage location",
            lambda line: line.user.usage_location and countries.name_of(line.user.usage_location),
        ),
        Column[Line]("state", "Status", lambda line: state_badge(line.user)),
        Column[Line](
            "kind",
            "Type",
            lambda line: "Guest" if line.user.user_type is UserType.GUEST else "Member",
            optional=True,
        ),
        Column[Line]("mail", "E-mail", lambda line: line.user.mail, optional=True),
        Column[Line]("seen", "Last sign-in", lambda line: line.user.last_sign_in_at, optional=True),
        Column[Line]("created", "Created", lambda line: line.user.created_at.date(), optional=True),
    ]


def _filters(uow: UnitOfWork, place: Place, holders: Mapping[UUID, Sequence[DirectoryRole]]) -> list[Filter]:
    held = {role.template_id for roles in holders.values() for role in roles}
    roles = [Choice(str(key), role.name) for key, role in DIRECTORY_ROLES.items() if key in held]
    offered = [Choice(ANY_ROLE, "Any administrator"), Choice(NO_ROLE, "No administrators"), *roles]
    facets = [Filter(facet.key, facet.title, facet.choices(uow, place.tenant_id)) for facet in BROUGHT.facets]
    return [STATES, Filter("role", "Role", offered), *(each for each in facets if each.choices)]


def _criteria(asked: ListRequest) -> UserCriteria:
    state, role = asked.filters.get("state", ""), asked.filters.get("role", "")
    return UserCriteria(
        deleted=state == "deleted",
        text=asked.search,
        is_enabled={"active": True, "blocked": False}.get(state),
        is_admin={ANY_ROLE: True, NO_ROLE: False}.get(role),
        role=UUID(role) if role not in {"", ANY_ROLE, NO_ROLE} else None,
        order=UserOrder(asked.sort),
        descending=asked.descending,
    )


def _within(place: Place, asked: ListRequest) -> Select[UUID] | None:
    """The users that the other slices' filters let through."""
    chosen = [(facet, asked.filters[facet.key]) for facet in BROUGHT.facets if facet.key in asked.filters]
    found: Select[UUID] | None = None
    for facet, value in chosen:
        ids = facet.having(place.tenant_id, value)
        found = ids if found is None else found.where(ids.selected_columns[0].in_(found))
    return found


def _lines(uow: UnitOfWork, place: Place, users: Sequence[User]) -> list[Line]:
    holders = queries.roles_by_user(uow, place.tenant_id)
    said = {facet.key: facet.of(uow, place.tenant_id, [user.id for user in users]) for facet in BROUGHT.facets}
    return [
        Line(user, holders.get(user.id, ()), {key: of[user.id] for key, of in said.items() if user.id in of})
        for user in users
    ]


def show_users(page: Page, uow: UnitOfWork, locate: Locate, customer_id: UUID) -> Response[Any]:
    """The users of a directory, as a page or as a file."""
    place = locate(uow, customer_id)
    columns, filters = _columns(place), _filters(uow, place, queries.roles_by_user(uow, place.tenant_id))
    asked = read_list_request(
        place.root, page.request.query_params.multi_items(), columns=columns, filters=filters, sort="displayName"
    )
    if asked.export:
        headers = export_headers(asked.export, "Users", uow.now)
        return Stream(_file(page, locate, customer_id, asked), headers=headers)
    may_add = place.may(DirectoryAction.USERS_CREATE)
    add = Action("Add user", href=f"{place.root}/new", icon="person_add", primary=True)
    criteria = _criteria(asked)
    part = queries.page_of_users(
        uow, place.tenant_id, criteria, PAGE, after=_position(asked.after), within=_within(place, asked)
    )
    table = Table(
        "users",
        "Users",
        columns,
        _lines(uow, place, part.users),
        asked,
        Empty(
            "No users here",
            "Users of the organization appear here; deleted ones for 30 days.",
            add if may_add else None,
            "person",
        ),
        next_key=make_token(part.after) if part.after else "",
        search_label="Search by name, user name or e-mail",
        filters=filters,
    )
    actions = [add] if may_add else []
    return page.render(uow, "customers/users.html", users=table, actions=actions, **place.context)


def _file(page: Page, locate: Locate, customer_id: UUID, asked: ListRequest) -> Iterator[bytes]:
    """The file, a thousand users at a time while it is sent, in a unit of its own."""
    with page.begin.read() as uow:
        place = locate(uow, customer_id)
        rows = _every(uow, place, asked)
        yield from export_chunks(asked.export or "csv", _columns(place), rows, title="Users", created_at=uow.now)


def _every(uow: UnitOfWork, place: Place, asked: ListRequest) -> Iterator[Line]:
    after: UserPosition | None = None
    while True:
        part = queries.page_of_users(
            uow, place.tenant_id, _criteria(asked), 1_000, after=after, within=_within(place, asked)
        )
        yield from _lines(uow, place, part.users)
        if part.after is None:
            return
        after = part.after


def _position(key: str) -> UserPosition | None:
    try:
        return read_token(key, UserPosition) if key else None
    except Invalid:
        return None
