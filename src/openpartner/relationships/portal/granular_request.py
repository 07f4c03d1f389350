"""Asking a customer for a relationship: choose the tasks, see the smallest roles, then name it and send it off."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency

from openpartner.customers import queries as customers
from openpartner.platform.directory_access import ACTION_TITLES, DirectoryAction
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import InvalidFields, NotFound
from openpartner.platform.permissions import GDAP
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Badge, Choice
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal.granular_shared import ROOT, read_ids, role_choices
from openpartner.relationships.rules.granular_terms import (
    EXTENDS,
    LONGEST_NAME,
    NEVER,
    NameRefused,
    NameTaken,
    WantedTerms,
)
from openpartner.relationships.rules.least_privilege import ROLE_SETS, TASK_GROUPS, Advice, smallest_roles
from openpartner.relationships.rules.requests import RequestAction

DEFAULT_DAYS = "730"


class Asked(NamedTuple):
    """What the address of the page says: which tasks, which ready-made set, which customer."""

    tasks: tuple[DirectoryAction, ...]
    role_set: str
    customer: str


def asked_roles(page: Page) -> Asked:
    query = page.request.query_params
    known = {task.value: task for task in DirectoryAction}
    tasks = tuple(known[text] for text in query.getall("task", []) if text in known)
    role_set = query.get("set", "")
    return Asked(tasks, role_set if role_set in ROLE_SETS else "", query.get("customer", "").strip()[:200])


def _customer(uow: UnitOfWork, text: str) -> tuple[UUID, str] | None:
    """The customer that an id, a domain or a name means; None for an empty text. Raises InvalidFields."""
    if not text:
        return None
    try:
        found = customers.one_customer(uow, UUID(text))
    except (ValueError, NotFound):
        rows = customers.search_customers(uow, text, limit=2)
        if len(rows) != 1:
            more = "several customers fit" if rows else "no customer of yours fits"
            problem = f"'{text}': {more}. Give its domain or its Microsoft ID, or leave this empty."
            raise InvalidFields({"customer": problem}) from None
        return rows[0].tenant_id, rows[0].company_name
    return found.tenant_id, found.company_name


def suggested_roles(asked: Asked) -> tuple[Advice, ...]:
    if asked.role_set:
        return tuple(Advice(role, ()) for role in DIRECTORY_ROLES if role in ROLE_SETS[asked.role_set])
    return smallest_roles(asked.tasks)


def advice_rows(advice: Sequence[Advice]) -> list[tuple[str, Badge | str, str, str]]:
    """The suggested roles for a table: name, whether privileged, what for, what it allows."""
    return [
        (
            DIRECTORY_ROLES[each.role].name,
            Badge("Privileged", "warning") if DIRECTORY_ROLES[each.role].privileged else "",
            "; ".join(ACTION_TITLES[task] for task in each.tasks),
            ALLOWS[each.role],
        )
        for each in advice
    ]


def role_part(asked: Asked, form: Form[Any], here: str) -> dict[str, Any]:
    """What the choice of roles shows: tasks, sets, advice, and the roles, those suggested or chosen first."""
    advice = suggested_roles(asked)
    chosen = read_ids([*form.texts("roles"), *form.texts("more_roles")])
    first = [role for role in DIRECTORY_ROLES if role in chosen or role in {each.role for each in advice}]
    return {
        "tasks": Form({"task": [task.value for task in asked.tasks]}),
        "task_groups": [
            (words, [Choice(task.value, ACTION_TITLES[task]) for task in tasks]) for words, tasks in TASK_GROUPS.items()
        ],
        "tasks_action": here,
        "role_sets": [(name, f"{here}?{urlencode({'set': name, 'customer': asked.customer})}") for name in ROLE_SETS],
        "asked": asked,
        "advice": advice_rows(advice) if asked.tasks else [],
        "suggested": role_choices(first),
        "others": role_choices(_others(first)),
    }


def _render(
    page: Page, uow: UnitOfWork, asked: Asked, form: Form[Any], *, named: str, status: int = 200
) -> Response[str]:
    return page.render(
        uow,
        "relationships/granular_new.html",
        status=status,
        f=form,
        customer_name=named,
        **role_part(asked, form, f"{ROOT}/new"),
        longest_name=LONGEST_NAME,
        crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Request a relationship")],
    )


def _others(first: Sequence[UUID]) -> list[UUID]:
    listed = {UUID(choice.value) for choice in role_choices()}
    return [role for role in DIRECTORY_ROLES if role in listed - set(first)]


@get(f"{ROOT}/new", include_in_schema=False, sync_to_thread=True)
def request_form(page: NamedDependency[Page]) -> Response[str]:
    """Tasks, the roles they need, and the request."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP.write)
        asked = asked_roles(page)
        form = blank_form({"duration": DEFAULT_DAYS, "customer": asked.customer})
        named = ""
        try:
            customer = _customer(uow, asked.customer)
        except InvalidFields as refusal:
            form.refuse_because(refusal)
        else:
            if customer is not None:
                named = customer[1]
                form = blank_form(
                    {
                        "duration": DEFAULT_DAYS,
                        "customer": str(customer[0]),
                        "name": f"{named} {uow.now.date()}"[:LONGEST_NAME],
                    }
                )
        form.given["roles"] = [str(each.role) for each in suggested_roles(asked)]
        return _render(page, uow, asked, form, named=named)


@post(f"{ROOT}/new", include_in_schema=False, sync_to_thread=True)
def request_relationship(page: NamedDependency[Page]) -> Response[Any]:
    """Draw it up; and, unless only a draft is wanted, lock it for the customer's approval."""
    form = posted(page.form)
    made = attempt(page, form, lambda uow: _request(uow, page.form))
    if made is not None:
        relationship_id, is_draft = made
        note = "The draft was saved." if is_draft else "The request waits for the customer. Send it the link below."
        return page.redirect(f"{ROOT}/{relationship_id}", note=note)
    with page.begin.read() as uow:
        uow.actor.require(GDAP.write)
        asked = Asked((), "", page.form.get("customer"))
        return _render(page, uow, asked, form, named="", status=422)


def _request(uow: UnitOfWork, form: Posted) -> tuple[str, bool]:
    uow.actor.require(GDAP.write)
    problems = _problems(form)
    if problems:
        raise InvalidFields(problems)
    is_draft = form.get("then") == "draft"
    try:
        relationship = service.create_admin_relationship(
            uow, wanted_terms(uow, form), for_reseller=form.flag("for_reseller")
        )
    except (NameRefused, NameTaken) as refusal:
        raise InvalidFields({"name": refusal.message}) from refusal
    if not is_draft:
        service.request_transition(uow, relationship.id, RequestAction.LOCK_FOR_APPROVAL)
    return relationship.id, is_draft


def _problems(form: Posted) -> dict[str, str]:
    """What can be said of single fields before the rules look at the whole."""
    problems: dict[str, str] = {}
    days = form.get("duration")
    if not days.isdigit() or not 1 <= int(days) <= int(DEFAULT_DAYS):
        problems["duration"] = f"Give a whole number of days from 1 to {DEFAULT_DAYS}."
    if not form.get("name"):
        problems["name"] = "Name the relationship; the customer sees the name."
    elif len(form.get("name")) > LONGEST_NAME:
        problems["name"] = f"The name can have at most {LONGEST_NAME} characters; this has {len(form.get('name'))}."
    if not chosen_roles(form):
        problems["roles"] = "Choose at least one role."
    return problems


def chosen_roles(form: Posted) -> frozenset[UUID]:
    """The roles ticked among the suggested and among the others."""
    return read_ids([*form.all("roles"), *form.all("more_roles")])


def wanted_terms(uow: UnitOfWork, form: Posted) -> WantedTerms:
    """What the form asks for. Raises InvalidFields for a customer that is none."""
    customer = _customer(uow, form.get("customer"))
    return WantedTerms(
        display_name=form.get("name"),
        duration=f"P{form.get('duration')}D",
        roles=chosen_roles(form),
        customer_id=None if customer is None else customer[0],
        auto_extend_duration=EXTENDS if form.flag("auto_extend") else NEVER,
    )


ROUTES: list[Any] = [request_form, request_relationship]
