"""Access trace of a customer: who can act there now and through what; for one person and task yes or no, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from openpartner.identity.queries.delegation import AccessGap
from openpartner.platform.directory_access import ACTION_TITLES, DirectoryAction
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.permissions import GDAP_ASSIGNMENTS
from openpartner.platform.web.forms import Form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Empty,
    Noted,
    Table,
    Tone,
    read_list_request,
)
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal.granular_shared import ROOT, role_names
from openpartner.relationships.queries import tracing
from openpartner.relationships.queries.tracing import Hindrance, Path, Reach, Trace
from openpartner.relationships.rules.granular import LABELS

TAB_KEY = "access-trace"

COLUMNS: tuple[Column[Reach], ...] = (
    Column("person", "Person", lambda reach: Noted(reach.user.display_name, reach.user.upn)),
    Column("roles", "Roles at the customer", lambda reach: role_names(reach.roles)),
    Column("groups", "Through", lambda reach: ", ".join(sorted(reach.groups))),
    Column("relationships", "Relationship", lambda reach: ", ".join(sorted(reach.relationships))),
    Column("upn", "Sign-in name", lambda reach: reach.user.upn, optional=True),
)

_VERDICTS: Mapping[Hindrance | None, tuple[str, Tone]] = MappingProxyType(
    {
        None: ("Carries", "success"),
        Hindrance.ROLE: ("Role not enough", "warning"),
        Hindrance.MEMBERSHIP: ("Not a member", "neutral"),
        Hindrance.CONSTRAINT: ("Customer forbids", "danger"),
        Hindrance.ASSIGNMENT: ("Not assigned", "neutral"),
        Hindrance.RELATIONSHIP: ("Not active", "neutral"),
    }
)

WHY: Mapping[AccessGap | None, str] = MappingProxyType(
    {
        None: "",
        AccessGap.NO_RELATIONSHIP: "No granular relationship gives a security group of yours access to this customer.",
        AccessGap.ENDED: "The access to this customer has ended. Request a new relationship.",
        AccessGap.NO_ASSIGNMENT: "The relationship is assigned to groups that this person does not belong to.",
        AccessGap.GUEST_ACCOUNT: (
            "A guest account of this person in the customer's tenant stands in the way; the customer can remove it."
        ),
        AccessGap.PARTNER_GUEST: "Guests of your tenant get no delegated access.",
        AccessGap.BLOCKED: "The account, or one of the two tenants, is blocked.",
        AccessGap.ROLE: "The roles this person has at the customer do not include the task.",
    }
)
"""Why not, said of somebody else; what a refused call says to the caller stands in ``identity.queries``."""


@dataclass(frozen=True)
class PathView:
    """One path as the page draws it: its steps in order, the verdict, and what would make it carry."""

    steps: tuple[str, ...]
    badge: Badge
    mend: str
    href: str
    roles: str


def _mend(path: Path, trace: Trace) -> str:
    match path.hindrance:
        case Hindrance.RELATIONSHIP:
            return f"The relationship is {LABELS[path.relationship.status].lower()}."
        case Hindrance.ASSIGNMENT:
            return f"The assignment of {path.assignment.group_name} is {path.assignment.status.value}."
        case Hindrance.MEMBERSHIP:
            return f"Add {trace.user.display_name} to {path.assignment.group_name}, or assign a group of theirs."
        case Hindrance.CONSTRAINT:
            return "The customer's service provider constraints leave nothing of these roles."
        case Hindrance.ROLE:
            names = " or ".join(DIRECTORY_ROLES[role].name for role in trace.would_do)
            return f"It gives {role_names(path.roles)}; the task needs {names}."
    return ""


def _path_view(path: Path, trace: Trace) -> PathView:
    groups = path.chain or (path.assignment.group_name,)
    return PathView(
        (trace.user.display_name, *groups, path.relationship.display_name),
        Badge(*_VERDICTS[path.hindrance]),
        _mend(path, trace),
        f"{ROOT}/{path.relationship.id}",
        role_names(path.roles),
    )


def _answer(uow: UnitOfWork, customer_id: UUID, form: Form[Any]) -> dict[str, Any]:
    """The trace the address asks for; nothing when it asks for none."""
    text, task = form.text("person"), form.text("task")
    action = next((each for each in DirectoryAction if each.value == task), None)
    if not text:
        return {"trace": None, "paths": []}
    found = tracing.users_named(uow, text)
    if len(found) != 1:
        more = "Several people have that name" if found else "Nobody of yours has that name"
        form.refuse("person", f"{more}. Give the sign-in name.")
        return {"trace": None, "paths": []}
    trace = tracing.trace_access(uow, found[0].id, customer_id, action)
    return {
        "trace": trace,
        "paths": [_path_view(path, trace) for path in trace.paths],
        "verdict": _verdict(trace),
        "why": WHY[trace.gap],
        "held": role_names(trace.roles) or "None",
        "needed": ", ".join(DIRECTORY_ROLES[role].name for role in trace.would_do),
    }


def _verdict(trace: Trace) -> str:
    what = "act for this customer" if trace.action is None else f"do this here: {ACTION_TITLES[trace.action].lower()}"
    return f"{trace.user.display_name} {'can' if trace.allowed else 'cannot'} {what}."


def _context(page: Page, uow: UnitOfWork, customer_id: UUID) -> Mapping[str, Any]:
    root = f"/customers/{customer_id}/{TAB_KEY}"
    query = page.request.query_params
    form: Form[Any] = Form({name: [query.get(name, "").strip()[:320]] for name in ("person", "task")})
    asked = read_list_request(root, query.multi_items(), columns=COLUMNS)
    people = tracing.people_with_access(uow, customer_id)
    needle = asked.search.casefold()
    shown = [each for each in people if needle in f"{each.user.display_name} {each.user.upn}".casefold()]
    return {
        "f": form,
        **_answer(uow, customer_id, form),
        "task_choices": [Choice(each.value, ACTION_TITLES[each]) for each in DirectoryAction],
        "trace_root": root,
        "people": Table(
            "people",
            "Who can act here now",
            COLUMNS,
            shown,
            asked,
            Empty(
                "Nobody of yours can act here",
                "It takes an active relationship, a group it is assigned to, and somebody in that group.",
                Action("Admin relationships", href=f"/customers/{customer_id}/admin-relationships"),
                "people_settings",
            ),
            total=len(shown),
            search_label="Search by person",
            exports=False,
            row_actions=lambda reach: [
                Action("Trace", href=f"{root}?person={reach.user.upn}", icon="search"),
            ],
        ),
    }


CUSTOMER_TAB = Tab(TAB_KEY, "Access trace", 51, GDAP_ASSIGNMENTS.read, "relationships/granular_trace.html", _context)
