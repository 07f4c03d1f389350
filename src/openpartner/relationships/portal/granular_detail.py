"""One relationship: what it gives to whom until when, what may be done with it next, and what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.permissions import GDAP, GDAP_ASSIGNMENTS
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Badge, Choice, Confirm
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.portal.granular_shared import (
    ROOT,
    assignment_badge,
    extension_words,
    read_ids,
    role_choices,
    role_names,
    role_rows,
    security_groups,
    status_badge,
)
from openpartner.relationships.queries import assignments, granular, operations, requests
from openpartner.relationships.queries.assignments import AssignmentRow
from openpartner.relationships.rules import granular as rules
from openpartner.relationships.rules.assignments import GONE, AssignmentStatus
from openpartner.relationships.rules.granular import Kind, Side, Status
from openpartner.relationships.rules.granular_consent import approval_path
from openpartner.relationships.rules.requests import RequestAction
from openpartner.relationships.service.granular_states import side_of


@dataclass(frozen=True)
class GroupView:
    """An assignment as the page shows it. edit: where its roles are changed; empty when they cannot be."""

    name: str
    badge: Badge
    roles: str
    problem: str
    edit: str
    remove: Action | None


def _groups(rows: Sequence[AssignmentRow], *, may_assign: bool, is_active: bool) -> list[GroupView]:
    found = []
    for row in rows:
        here = f"{ROOT}/{row.relationship_id}/groups/{row.id}"
        remove = Action(
            "Remove",
            post=f"{here}/remove",
            icon="delete",
            danger=True,
            confirm=Confirm(
                f"Remove {row.group_name}?",
                "Its members lose these roles in the customer's organization at once. You can assign the group again.",
                "Remove group",
                danger=True,
            ),
        )
        found.append(
            GroupView(
                row.group_name,
                assignment_badge(row.status),
                role_names(row.roles),
                row.problem,
                here if may_assign and is_active and row.status is AssignmentStatus.ACTIVE else "",
                remove if may_assign and row.status not in GONE else None,
            )
        )
    return found


def _actions(uow: UnitOfWork, relationship: AdminRelationship, roles: frozenset[UUID]) -> list[Action]:
    """The buttons: what the table of transitions lets this side do next."""
    if not uow.actor.may(GDAP.write):
        return []
    here = f"{ROOT}/{relationship.id}"
    allowed = rules.allowed_actions(relationship.status, side_of(uow, relationship))
    offered: list[Action] = []
    if relationship.status is Status.ACTIVE and rules.Action.UPDATE in allowed:
        offered += _changes(relationship, here, roles)
    if rules.Action.LOCK_FOR_APPROVAL in allowed:
        offered.append(_step("Finalize request", here, RequestAction.LOCK_FOR_APPROVAL, "send", primary=True))
    if rules.Action.REVIEW in allowed and relationship.is_partner_consent_pending:
        offered.append(_step("Agree", here, RequestAction.APPROVE, "checkmark", primary=True))
        offered.append(_step("Refuse", here, RequestAction.REJECT, "dismiss"))
    if rules.Action.DELETE in allowed:
        offered.append(_delete(here))
    if rules.Action.TERMINATE in allowed:
        offered.append(_terminate(relationship, here))
    return offered


def _step(label: str, here: str, action: RequestAction, icon: str, *, primary: bool = False) -> Action:
    return Action(label, post=f"{here}/requests", fields={"action": action.value}, icon=icon, primary=primary)


def _changes(relationship: AdminRelationship, here: str, roles: frozenset[UUID]) -> list[Action]:
    has_global = GLOBAL_ADMINISTRATOR in roles
    offered = []
    if has_global:
        offered.append(
            Action(
                "Give up Global Administrator",
                post=f"{here}/drop-global-administrator",
                icon="shield",
                confirm=Confirm(
                    "Give up Global Administrator?",
                    "Nobody of yours has that role at this customer any more. Only a new request brings it back.",
                    "Give it up",
                    danger=True,
                ),
            )
        )
    on = relationship.extends
    offered.append(
        Action(
            "Stop extending" if on else "Extend automatically",
            post=f"{here}/extension",
            fields={"on": "" if on else "on"},
            icon="calendar_sync",
            refused="Give up Global Administrator first: it excludes automatic extension." if has_global else "",
        )
    )
    return offered


def _delete(here: str) -> Action:
    return Action(
        "Delete draft",
        post=f"{here}/delete",
        icon="delete",
        danger=True,
        confirm=Confirm("Delete this draft?", "The customer has not seen it. It cannot be brought back.", "Delete"),
    )


def _terminate(relationship: AdminRelationship, here: str) -> Action:
    waits = relationship.status is Status.APPROVAL_PENDING
    return Action(
        "Withdraw request" if waits else "Terminate",
        post=f"{here}/requests",
        fields={"action": RequestAction.TERMINATE.value},
        icon="dismiss_circle",
        danger=True,
        confirm=Confirm(
            "Withdraw this request?" if waits else "Terminate this relationship?",
            "The link stops working. You can ask again under another name."
            if waits
            else "All its groups lose their roles at the customer at once. Nothing but a new request that the "
            "customer approves restores it. What you sell to the customer is not affected.",
            "Withdraw" if waits else "Terminate",
            danger=True,
        ),
    )


def _facts(uow: UnitOfWork, relationship: AdminRelationship) -> list[tuple[str, object]]:
    names = granular.tenant_names(
        uow, [key for key in (relationship.partner_id, relationship.indirect_provider_id) if key]
    )
    shown: list[tuple[str, object]] = [
        ("Customer", relationship.customer_name or "Any customer that opens the link"),
        ("Duration", f"{relationship.duration_days} days"),
        ("Extended automatically", extension_words(extends=relationship.extends)),
        ("Created", relationship.created_at),
    ]
    if relationship.kind is Kind.RESELLER:
        shown.insert(1, ("Indirect reseller", names.get(relationship.partner_id, "")))
        shown.insert(2, ("Indirect provider", names.get(relationship.indirect_provider_id or UUID(int=0), "")))
    if relationship.status is Status.APPROVAL_PENDING and relationship.locked_at is not None:
        shown.append(("Answer until", relationship.locked_at + rules.PENDING_FOR))
    if relationship.approved_at is not None:
        shown.append(("Approved", relationship.approved_at))
    if relationship.activated_at is not None:
        shown.append(("Start", relationship.activated_at))
    if relationship.end_at is not None:
        shown.append(("End", relationship.end_at))
    return shown


_REQUEST_TITLES = {
    RequestAction.LOCK_FOR_APPROVAL: ("Sent to the customer", "send"),
    RequestAction.APPROVE: ("Approved", "checkmark_circle"),
    RequestAction.REJECT: ("Refused", "dismiss_circle"),
    RequestAction.TERMINATE: ("Ended early", "dismiss_circle"),
}

_WHOSE = {
    Side.PARTNER: "the partner",
    Side.RESELLER: "the indirect reseller",
    Side.CUSTOMER: "the customer",
    Side.SYSTEM: "",
}

_ENDING = frozenset({RequestAction.REJECT, RequestAction.TERMINATE})


def _history(uow: UnitOfWork, relationship: AdminRelationship) -> list[dict[str, Any]]:
    """What was ordered and done, the latest first."""
    steps: list[dict[str, Any]] = [
        {
            "title": _REQUEST_TITLES[each.action][0],
            "icon": _REQUEST_TITLES[each.action][1],
            "at": each.created_at,
            "text": f"Reason: {each.reason}" if each.reason else f"Request {each.status.value}.",
            "by": _WHOSE[each.side],
            "tone": "danger" if each.action in _ENDING else "brand",
        }
        for each in requests.requests_of(uow, relationship)
    ]
    steps += [
        {
            "title": "Roles changed",
            "icon": "arrow_sync",
            "at": each.created_at,
            "text": f"Operation {each.status.value}.",
            "by": "",
            "tone": "",
        }
        for each in operations.operations_of(uow, relationship)
    ]
    drawn_up = {"title": "Drawn up", "icon": "document_add", "at": relationship.created_at}
    steps.append(drawn_up | {"text": "", "by": "", "tone": ""})
    return sorted(steps, key=lambda step: step["at"], reverse=True)


def refusal_of(uow: UnitOfWork, relationship: AdminRelationship) -> RelationshipRequest | None:
    """The order by which it was refused, if it was: who said no, when and why."""
    return next((each for each in requests.requests_of(uow, relationship) if each.action is RequestAction.REJECT), None)


def mail_text(uow: UnitOfWork, relationship: AdminRelationship, link: str, roles: frozenset[UUID]) -> str:
    """What a partner may write to the customer; only the link must stay as it is."""
    partner = granular.tenant_names(uow, [relationship.partner_id]).get(relationship.partner_id, "")
    return (
        f"Hello,\n\n{partner} asks to help administer your organization for {relationship.duration_days} days, with "
        f"these roles: {role_names(roles)}.\n\nA Global Administrator of yours decides here:\n{link}\n\n"
        f"Name of the request: {relationship.display_name}\n"
    )


def _show(
    page: Page, uow: UnitOfWork, relationship: AdminRelationship, form: Form[Any], *, status: int = 200
) -> Response[str]:
    roles = granular.roles_of(uow, relationship.id)
    rows = assignments.assignments_of(uow, relationship)
    side = side_of(uow, relationship)
    owns_groups = relationship.partner_id == uow.actor.tenant_id
    may_assign = owns_groups and uow.actor.may(GDAP_ASSIGNMENTS.write)
    is_active = relationship.status is Status.ACTIVE
    taken = {row.group_id for row in rows if row.status is not AssignmentStatus.DELETED}
    link = f"{page.portal.origin_of(page.request)}{approval_path(relationship.id)}"
    waits = relationship.status is Status.APPROVAL_PENDING and side is Side.PARTNER
    return page.render(
        uow,
        "relationships/granular_detail.html",
        status=status,
        f=form,
        relationship=relationship,
        here=f"{ROOT}/{relationship.id}",
        badge_=status_badge(relationship.status, end_at=relationship.end_at, now=uow.now, extends=relationship.extends),
        actions=_actions(uow, relationship, roles),
        facts=_facts(uow, relationship),
        role_table=role_rows(roles),
        groups=_groups(rows, may_assign=may_assign, is_active=is_active),
        may_add=may_assign and is_active,
        choices=[Choice(str(group.id), group.display_name) for group in security_groups(uow) if group.id not in taken]
        if may_assign
        else [],
        role_options=role_choices(roles),
        history=_history(uow, relationship),
        refusal=refusal_of(uow, relationship),
        link=link if waits and not relationship.is_partner_consent_pending else "",
        mail=mail_text(uow, relationship, link, roles) if waits else "",
        waits_for_reseller=relationship.is_partner_consent_pending,
        crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb(relationship.display_name)],
    )


@get(f"{ROOT}/{{relationship_id:str}}", include_in_schema=False, sync_to_thread=True)
def show_relationship(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """The relationship."""
    with page.begin.read() as uow:
        granular.require_reading(uow.actor)
        relationship = granular.one_relationship(uow, relationship_id)
        return _show(page, uow, relationship, blank_form())


@post(f"{ROOT}/{{relationship_id:str}}/requests", include_in_schema=False, sync_to_thread=True)
def order_transition(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Finalize, withdraw, terminate; for an indirect reseller agree or refuse."""
    wanted = next((each for each in RequestAction if each.value == page.form.get("action")), None)
    if wanted is None:
        raise Invalid("Choose what shall happen with the relationship.")
    with page.begin() as uow:
        service.request_transition(uow, relationship_id, wanted)
    notes = {
        RequestAction.LOCK_FOR_APPROVAL: "The request waits for the customer. Send it the link below.",
        RequestAction.TERMINATE: "The relationship is ending; its access is gone already.",
        RequestAction.APPROVE: "You agreed; the request waits for the customer.",
        RequestAction.REJECT: "You refused the request.",
    }
    return page.redirect(f"{ROOT}/{relationship_id}", note=notes[wanted])


@post(f"{ROOT}/{{relationship_id:str}}/delete", include_in_schema=False, sync_to_thread=True)
def delete_draft(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Delete a draft."""
    with page.begin() as uow:
        service.delete_admin_relationship(uow, relationship_id)
    return page.redirect(ROOT, note="The draft was deleted.")


@post(f"{ROOT}/{{relationship_id:str}}/extension", include_in_schema=False, sync_to_thread=True)
def switch_extension(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Extend automatically, or no longer."""
    on = page.form.flag("on")
    with page.begin() as uow:
        service.set_auto_extend(uow, relationship_id, on=on)
    note = "It is extended by 6 months, again and again." if on else "It ends on its day."
    return page.redirect(f"{ROOT}/{relationship_id}", note=note)


@post(f"{ROOT}/{{relationship_id:str}}/drop-global-administrator", include_in_schema=False, sync_to_thread=True)
def drop_global_administrator(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Give up Global Administrator in an active relationship."""
    with page.begin() as uow:
        service.drop_global_administrator(uow, relationship_id)
    return page.redirect(f"{ROOT}/{relationship_id}", note="Global Administrator is being taken out.")


@post(f"{ROOT}/{{relationship_id:str}}/groups", include_in_schema=False, sync_to_thread=True)
def assign_groups(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Give the chosen groups the chosen roles: all of them, or none when one is refused."""
    form = posted(page.form)
    groups, roles = read_ids(page.form.all("groups")), read_ids(page.form.all("roles"))
    if not groups:
        form.refuse("groups", "Choose at least one security group.")
    if not roles:
        form.refuse("roles", "Choose at least one role.")
    done = None
    if not form.errors:
        done = attempt(page, form, lambda uow: _assign(uow, relationship_id, groups, roles))
    if done is not None:
        return page.redirect(f"{ROOT}/{relationship_id}", note="The groups were assigned; it takes a moment.")
    with page.begin.read() as uow:
        granular.require_reading(uow.actor)
        relationship = granular.one_relationship(uow, relationship_id)
        return _show(page, uow, relationship, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _assign(uow: UnitOfWork, relationship_id: str, groups: frozenset[UUID], roles: frozenset[UUID]) -> int:
    for group in sorted(groups):
        service.create_access_assignment(uow, relationship_id, group, roles)
    return len(groups)


@get(f"{ROOT}/{{relationship_id:str}}/groups/{{assignment_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def edit_group(
    relationship_id: FromPath[str], assignment_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[str]:
    """The roles of one group."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP_ASSIGNMENTS.write)
        return _edit(page, uow, relationship_id, assignment_id, None)


def _edit(
    page: Page, uow: UnitOfWork, relationship_id: str, assignment_id: UUID, form: Form[Any] | None
) -> Response[str]:
    relationship = granular.one_relationship(uow, relationship_id)
    assignment = assignments.one_assignment(uow, relationship, assignment_id)
    held = assignments.roles_of_assignment(uow, assignment.id)
    group = next(row for row in assignments.assignments_of(uow, relationship) if row.id == assignment.id)
    return page.render(
        uow,
        "relationships/granular_group.html",
        status=200 if form is None else 422,
        f=form or blank_form({"roles": [str(role) for role in held]}),
        here=f"{ROOT}/{relationship_id}",
        assignment_id=assignment_id,
        group_name=group.group_name,
        role_options=role_choices(granular.roles_of(uow, relationship.id)),
        crumbs=[
            Crumb("Granular administration", ROOT),
            Crumb(relationship.display_name, f"{ROOT}/{relationship_id}"),
            Crumb(group.group_name),
        ],
    )


@post(f"{ROOT}/{{relationship_id:str}}/groups/{{assignment_id:uuid}}", include_in_schema=False, sync_to_thread=True)
def save_group(
    relationship_id: FromPath[str], assignment_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[Any]:
    """Give the group other roles."""
    form = posted(page.form)
    try:
        with page.begin() as uow:
            changed = service.update_access_assignment(
                uow, relationship_id, assignment_id, read_ids(page.form.all("roles"))
            )
            note = "The roles are being changed." if changed.operation else "The group has these roles already."
    except DomainError as refusal:
        if refusal.status == HTTPStatus.FORBIDDEN:
            raise
        form.refuse("roles", refusal.message)
        with page.begin.read() as uow:
            return _edit(page, uow, relationship_id, assignment_id, form)
    return page.redirect(f"{ROOT}/{relationship_id}", note=note)


@post(
    f"{ROOT}/{{relationship_id:str}}/groups/{{assignment_id:uuid}}/remove", include_in_schema=False, sync_to_thread=True
)
def remove_group(
    relationship_id: FromPath[str], assignment_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Take a group's roles back."""
    with page.begin() as uow:
        service.delete_access_assignment(uow, relationship_id, assignment_id)
    return page.redirect(f"{ROOT}/{relationship_id}", note="The group's roles are gone.")


ROUTES: list[Any] = [
    show_relationship,
    order_transition,
    delete_draft,
    switch_extension,
    drop_global_administrator,
    assign_groups,
    edit_group,
    save_group,
    remove_group,
]
