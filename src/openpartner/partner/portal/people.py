"""User management: the users with their roles, the form of a new one, one user, the bin; roles, my access, requests."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.identity import queries as directory
from openpartner.partner import queries, rules, service
from openpartner.partner.portal.shared import ROLE_HINTS, read_id, read_role, role_choices, state_badge
from openpartner.partner.queries import PeopleQuestion, Person
from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.permissions import MATRIX, ROLE_INFO, Access, Role, RoleStore, Workspace, who_can_grant
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Action,
    Choice,
    Column,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

AnyRequest = Request[Any, Any, Any]
PAGE_SIZE = 50


def roles_text(person: Person) -> str:
    """The titles of a user's roles, without the one that every user has."""
    titles = [ROLE_INFO[role].title for role in person.roles if ROLE_INFO[role].store is not RoleStore.EVERY_USER]
    return ", ".join(titles)


COLUMNS = (
    Column[Person](
        "name",
        "Name",
        lambda each: Noted(each.display_name, each.upn),
        href=lambda each: f"/account/users/{each.id}",
        export=lambda each: each.display_name,
    ),
    Column[Person]("upn", "User name", lambda each: each.upn, optional=True),
    Column[Person]("mail", "Email", lambda each: each.mail),
    Column[Person]("roles", "Roles", roles_text),
    Column[Person]("kind", "Type", lambda each: "Guest" if each.is_guest else "Member"),
    Column[Person]("status", "Status", lambda each: state_badge(each.status)),
    Column[Person]("seen", "Last sign-in", lambda each: each.last_sign_in_at),
)


def _filters(kind: TenantKind) -> tuple[Filter, ...]:
    held = [role for role in Role if role in queries.ROLES_OF_TENANT[kind]]
    return (
        Filter("role", "Role", tuple(Choice(role.value, ROLE_INFO[role].title) for role in held)),
        Filter("status", "Status", (Choice("active", "Active"), Choice("blocked", "Blocked"))),
        Filter("type", "Type", (Choice("member", "Member"), Choice("guest", "Guest"))),
    )


def _question(asked: ListRequest, after: tuple[str, UUID] | None) -> PeopleQuestion:
    role = asked.filters.get("role", "")
    return PeopleQuestion(
        search=asked.search,
        role=Role(role) if role else None,
        status=asked.filters.get("status", ""),
        kind=asked.filters.get("type", ""),
        after=after,
    )


def _everybody(uow: UnitOfWork, asked: ListRequest) -> Iterator[Person]:
    after: tuple[str, UUID] | None = None
    while True:
        found = queries.people(uow, _question(asked, after), 500)
        yield from found
        if len(found) < 500:
            return
        after = (found[-1].display_name, found[-1].id)


def _may_see(uow: UnitOfWork) -> None:
    """Who manages directory roles or Partner Center's own sees the users."""
    if not uow.actor.may(permissions.USERS_PARTNER_ROLES.read):
        uow.actor.require(service.users_function(uow).read)


@get("/account/users", include_in_schema=False, sync_to_thread=True)
def users(request: AnyRequest, page: NamedDependency[Page]) -> Response[Any]:
    """Who works here, with which roles."""
    with page.begin.read() as uow:
        _may_see(uow)
        filters = _filters(uow.actor.tenant_kind or TenantKind.PARTNER)
        asked = read_list_request(
            "/account/users", request.query_params.multi_items(), columns=COLUMNS, filters=filters
        )
        if asked.export:
            everybody = list(_everybody(uow, asked))
            chunks = export_chunks(asked.export, COLUMNS, everybody, title="Users", created_at=uow.now)
            return Stream(chunks, headers=export_headers(asked.export, "Users", uow.now))
        after = read_token(asked.after, tuple[str, UUID]) if asked.after else None
        found = queries.people(uow, _question(asked, after), PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        last = shown[-1] if len(found) > PAGE_SIZE else None
        may_edit = uow.actor.may(service.users_function(uow).write)
        add = Action("Add user", href="/account/users/new", icon="person_add", primary=True)
        table = Table(
            "users",
            "Users",
            COLUMNS,
            shown,
            asked,
            Empty(
                "No users match",
                "Try fewer filters, or add a user.",
                add if may_edit else None,
                "people",
            ),
            search_label="Search by name or email",
            filters=filters,
            next_key=make_token((last.display_name, last.id)) if last is not None else "",
        )
        return page.render(uow, "partner/users.html", users=table, may_edit=may_edit, add=add, warning=_warning(uow))


def _warning(uow: UnitOfWork) -> str:
    if uow.actor.tenant_kind is not TenantKind.PARTNER:
        return ""
    return rules.admin_warning(len(queries.administrators(uow, uow.actor.tenant)))


@get("/account/users/deleted", include_in_schema=False, sync_to_thread=True)
def deleted_users(page: NamedDependency[Page]) -> Response[str]:
    """The bin: who can still come back."""
    with page.begin.read() as uow:
        uow.actor.require(service.users_function(uow).read)
        found = queries.people(uow, PeopleQuestion(status="deleted"), 200)
        return page.render(
            uow,
            "partner/users_deleted.html",
            people=[
                {"person": each, "until": rules.restorable_until(each.deleted_at)}
                for each in found
                if each.deleted_at is not None
            ],
            may_edit=uow.actor.may(service.users_function(uow).write),
        )


# --- a new user ---------------------------------------------------------------------------------------------------


def _new_user(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(service.users_function(uow).write)
    domains = [each.name for each in directory.domains_of(uow, uow.actor.tenant) if each.is_verified]
    return page.render(
        uow,
        "partner/user_new.html",
        status=200 if form is None else 422,
        f=form or blank_form({"kind": "member", "domain": domains[0] if domains else ""}),
        domains=[Choice(name, name) for name in domains],
        roles=role_choices(service.grantable_roles(uow)),
        guest_roles=", ".join(ROLE_INFO[role].title for role in service.grantable_roles(uow, guest=True)),
        locations=[Choice(str(each.id), f"{each.name} ({each.partner_id})") for each in _locations(uow)],
        by_location=", ".join(info.title for info in ROLE_INFO.values() if info.by_location),
    )


def _locations(uow: UnitOfWork) -> list[Any]:
    return list(queries.locations(uow, uow.actor.tenant))


@get("/account/users/new", include_in_schema=False, sync_to_thread=True)
def new_user(page: NamedDependency[Page]) -> Response[str]:
    """The form of a new user or guest."""
    with page.begin.read() as uow:
        return _new_user(page, uow)


@post("/account/users/new", include_in_schema=False, sync_to_thread=True, status_code=200)
def create_user(page: NamedDependency[Page]) -> Response[Any]:
    """Create a user, and show the temporary password: once, here."""
    form, sent = posted(page.form), page.form

    def create(uow: UnitOfWork) -> Response[str]:
        scope = tuple(read_id(text) for text in sent.all("locations"))
        wishes = [
            service.RoleWish(role, scope if ROLE_INFO[role].by_location else ())
            for role in (read_role(text) for text in sent.all("roles"))
        ]
        if sent.get("kind") == "guest":
            created = service.invite_guest(uow, sent.get("guest"), wishes)
        else:
            created = service.create_partner_user(
                uow,
                service.NewPartnerUser(
                    sent.get("first_name"),
                    sent.get("last_name"),
                    sent.get("alias"),
                    sent.get("domain"),
                    sent.get("mail"),
                    tuple(wishes),
                ),
            )
        titles = [ROLE_INFO[wish.role].title for wish in wishes]
        return page.render(uow, "partner/user_created.html", created=created, roles=titles)

    answer = attempt(page, form, create)
    if answer is not None:
        return answer
    with page.begin.read() as uow:
        return _new_user(page, uow, form)


# --- one user -----------------------------------------------------------------------------------------------------


def _one_user(page: Page, uow: UnitOfWork, user_id: UUID, form: Form[Any] | None = None) -> Response[str]:
    _may_see(uow)
    person = queries.person(uow, user_id)
    scopes: dict[Role, list[str]] = {}
    names = {str(each.id): each.name for each in _locations(uow)}
    for each in queries.assignments(uow, user_id):
        if each.scope != "*":
            scopes.setdefault(each.role, []).append(names.get(each.scope, each.scope))
    grantable = service.grantable_roles(uow, guest=person.is_guest)
    held = [role for role in person.roles if ROLE_INFO[role].store is not RoleStore.EVERY_USER]
    given = {
        "first_name": person.given_name,
        "last_name": person.surname,
        "display_name": person.display_name,
        "mail": person.mail,
        "version": str(person.version),
    }
    return page.render(
        uow,
        "partner/user.html",
        status=200 if form is None else 422,
        person=person,
        state=state_badge(person.status),
        f=form or blank_form(),
        present=given,
        held=[
            {
                "title": ROLE_INFO[role].title,
                "value": role.value,
                "scope": ", ".join(scopes.get(role, ["Whole company"])),
                "may_take": role in grantable,
            }
            for role in held
        ],
        roles=role_choices([role for role in grantable if role not in held]),
        locations=[Choice(key, name) for key, name in names.items()],
        may_edit=uow.actor.may(service.users_function(uow).write),
        may_reset=uow.actor.may(permissions.USERS_PASSWORD_RESET.write) and not person.is_guest,
        is_self=person.id == uow.actor.principal_id,
    )


@get("/account/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True)
def show_user(page: NamedDependency[Page], user_id: FromPath[UUID]) -> Response[str]:
    """One user: names, roles, and what can be done."""
    with page.begin.read() as uow:
        return _one_user(page, uow, user_id)


def _user_again(page: Page, user_id: UUID, form: Form[Any]) -> Response[str]:
    with page.begin.read() as uow:
        return _one_user(page, uow, user_id, form)


@post("/account/users/{user_id:uuid}", include_in_schema=False, sync_to_thread=True, status_code=303)
def save_user(page: NamedDependency[Page], user_id: FromPath[UUID]) -> Response[Any]:
    """Change names and mail."""
    form, sent = posted(page.form), page.form
    version = sent.get("version")
    attempt(
        page,
        form,
        lambda uow: service.edit_partner_user(
            uow,
            user_id,
            first_name=sent.get("first_name"),
            last_name=sent.get("last_name"),
            display_name=sent.get("display_name"),
            mail=sent.get("mail"),
            version=int(version) if version.isdecimal() else None,
        ),
    )
    if form.errors:
        return _user_again(page, user_id, form)
    return page.redirect(f"/account/users/{user_id}", note="Saved.")


_STEPS = {
    "block": (service.block_partner_user, "Blocked: every session has ended."),
    "unblock": (service.unblock_partner_user, "The user can sign in again."),
    "delete": (service.delete_partner_user, "Deleted. For 30 days the user can be restored."),
    "restore": (service.restore_partner_user, "Restored, with the roles as before."),
}


@post("/account/users/{user_id:uuid}/{step:str}", include_in_schema=False, sync_to_thread=True, status_code=303)
def move_user(page: NamedDependency[Page], user_id: FromPath[UUID], step: FromPath[str]) -> Response[Any]:
    """Block, unblock, delete, restore; give or take a role; reset the password."""
    if step == "password":
        with page.begin() as uow:
            password = service.reset_partner_user_password(uow, user_id)
            person = queries.person(uow, user_id)
            return page.render(uow, "partner/user_password.html", person=person, password=password)
    if step == "roles":
        return _change_roles(page, user_id)
    if step not in _STEPS:
        raise Invalid("This cannot be done with a user.")
    use_case, note = _STEPS[step]
    with page.begin() as uow:
        use_case(uow, user_id)
    back = "/account/users" if step == "delete" else f"/account/users/{user_id}"
    return page.redirect(back, note=note)


def _change_roles(page: Page, user_id: UUID) -> Response[Any]:
    form, sent = posted(page.form), page.form

    def change(uow: UnitOfWork) -> str:
        if "take" in sent:
            role = read_role(sent.get("take"))
            service.remove_role(uow, user_id, role)
            return f"{ROLE_INFO[role].title} is taken away."
        role = read_role(sent.get("role"))
        scope = [read_id(text) for text in sent.all("locations")]
        service.assign_role(uow, user_id, role, locations=scope if ROLE_INFO[role].by_location else ())
        return f"{ROLE_INFO[role].title} is given."

    note = attempt(page, form, change)
    if note is None:
        return _user_again(page, user_id, form)
    return page.redirect(f"/account/users/{user_id}", note=note)


# --- roles --------------------------------------------------------------------------------------------------------

_SHOWN = {Access.NONE: "", Access.VIEW: "View", Access.MANAGE: "Manage"}


@get("/account/roles", include_in_schema=False, sync_to_thread=True)
def roles(page: NamedDependency[Page]) -> Response[str]:
    """The one matrix: what each role sees and changes."""
    with page.begin.read() as uow:
        kind = uow.actor.tenant_kind or TenantKind.PARTNER
        known = [role for role in Role if role in queries.ROLES_OF_TENANT[kind]]
        return page.render(
            uow,
            "partner/roles.html",
            workspaces=[found for workspace in Workspace if (found := _matrix_of(workspace, known))],
            grantors=[
                (info.title, info.code, ROLE_HINTS[role], _grantors(role), _where(role))
                for role, info in ((role, ROLE_INFO[role]) for role in known)
            ],
        )


def _matrix_of(workspace: Workspace, known: Sequence[Role]) -> dict[str, Any] | None:
    """One workspace's rows, with a column for each role that has a cell there: all of them would not fit a page."""
    rows = [row for row in MATRIX if row.workspace is workspace]
    columns = [role for role in known if any(role in row.cells for row in rows)]
    if not columns:
        return None
    return {
        "title": workspace.value,
        "columns": [(ROLE_INFO[role].code, ROLE_INFO[role].title) for role in columns],
        "rows": [
            (row.title, [_SHOWN[row.access_of(role)] for role in columns])
            for row in rows
            if any(role in row.cells for role in columns)
        ],
    }


def _grantors(role: Role) -> str:
    return ", ".join(ROLE_INFO[each].title for each in Role if each in who_can_grant(role)) or "Every user has it"


def _where(role: Role) -> str:
    info = ROLE_INFO[role]
    parts = (["for single locations"] if info.by_location else []) + (["for guests"] if info.guests else [])
    return ", ".join(parts)


# --- my access and requests ---------------------------------------------------------------------------------------


ASSIGNERS = {
    TenantKind.PARTNER: Role.GLOBAL_ADMIN,
    TenantKind.OPERATOR: Role.OPERATOR_ADMIN,
    TenantKind.CUSTOMER: Role.CUSTOMER_GLOBAL_ADMIN,
}
"""Who can always be asked for a role."""


def _my_access(page: Page, uow: UnitOfWork, form: Form[Any] | None = None) -> Response[str]:
    uow.actor.require(permissions.OWN_PROFILE.read)
    kind = uow.actor.tenant_kind or TenantKind.PARTNER
    askable = [
        role
        for role in Role
        if role in queries.ROLES_OF_TENANT[kind] and role not in uow.actor.roles and who_can_grant(role)
    ]
    requests = queries.access_requests(uow, user_id=uow.actor.principal_id)
    return page.render(
        uow,
        "partner/my_access.html",
        status=200 if form is None else 422,
        held=[
            (ROLE_INFO[role].title, ROLE_INFO[role].store.value.capitalize())
            for role in Role
            if role in uow.actor.roles
        ],
        f=form or blank_form({"reason": page.request.query_params.get("for", "")}),
        askable=[Choice(role.value, ROLE_INFO[role].title) for role in askable],
        whom_to_ask=f"{ROLE_INFO[ASSIGNERS[kind]].title}s",
        admins=[person.upn for person in queries.holders(uow, uow.actor.tenant, kind, [ASSIGNERS[kind]])],
        requests=[
            {"row": each, "title": ROLE_INFO[each.role].title, "state": state_badge(each.state)} for each in requests
        ],
    )


@get("/account/access", include_in_schema=False, sync_to_thread=True)
def my_access(page: NamedDependency[Page]) -> Response[str]:
    """My roles, and asking for one more."""
    with page.begin.read() as uow:
        return _my_access(page, uow)


@post("/account/access/request", include_in_schema=False, sync_to_thread=True, status_code=303)
def ask_for_role(page: NamedDependency[Page]) -> Response[Any]:
    """Ask for a role. From a page that stayed closed it leads to the form, with that page as the reason."""
    form, sent = posted(page.form), page.form
    if "role" not in sent:
        reason = f"To open {sent.get('page', 'a page')}"
        return page.redirect(f"/account/access?for={quote(reason)}")
    asked = attempt(
        page, form, lambda uow: service.request_role(uow, read_role(sent.get("role")), sent.get("reason")).role
    )
    if asked is None:
        with page.begin.read() as uow:
            return _my_access(page, uow, form)
    return page.redirect("/account/access", note=f"Your administrators were asked for {ROLE_INFO[asked].title}.")


@post("/account/access/{request_id:uuid}/withdraw", include_in_schema=False, sync_to_thread=True, status_code=303)
def withdraw_request(page: NamedDependency[Page], request_id: FromPath[UUID]) -> Response[Any]:
    """Take back an own request."""
    with page.begin() as uow:
        service.withdraw_role_request(uow, request_id)
    return page.redirect("/account/access", note="The request is taken back.")


@get("/account/role-requests", include_in_schema=False, sync_to_thread=True)
def role_requests(page: NamedDependency[Page]) -> Response[str]:
    """What users ask for, to be answered by who may give it."""
    with page.begin.read() as uow:
        _may_see(uow)
        grantable = set(service.grantable_roles(uow))
        found = queries.access_requests(uow)
        return page.render(
            uow,
            "partner/role_requests.html",
            requests=[
                {
                    "row": each,
                    "title": ROLE_INFO[each.role].title,
                    "state": state_badge(each.state),
                    "may_answer": each.state == "open" and each.role in grantable,
                    "grantors": _grantors(each.role),
                }
                for each in found
            ],
        )


@post("/account/role-requests/{request_id:uuid}", include_in_schema=False, sync_to_thread=True, status_code=303)
def answer_request(page: NamedDependency[Page], request_id: FromPath[UUID]) -> Response[Any]:
    """Grant or refuse a request."""
    grant = page.form.get("answer") == "grant"
    with page.begin() as uow:
        service.answer_role_request(uow, request_id, grant=grant, note=page.form.get("note"))
    return page.redirect("/account/role-requests", note="Granted." if grant else "Refused.")


ROUTES: list[Any] = [
    users,
    deleted_users,
    new_user,
    create_user,
    show_user,
    save_user,
    move_user,
    roles,
    my_access,
    ask_for_role,
    withdraw_request,
    role_requests,
    answer_request,
]
