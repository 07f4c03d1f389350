"""Where a customer approves or refuses delegated administration, and sees what has become of it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform import permissions
from openpartner.platform.errors import DomainError, Invalid
from openpartner.platform.web.attempts import attempt, posted
from openpartner.platform.web.formats import date_words
from openpartner.platform.web.forms import Form, blank_form
from openpartner.platform.web.page import Page, Posted
from openpartner.platform.web.pages import Crumb, Message
from openpartner.platform.web.tables import Action, Confirm
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.portal import words
from openpartner.relationships.portal.admin_center import APPROVAL_PATH
from openpartner.relationships.portal.granular_shared import role_names, role_rows, status_badge
from openpartner.relationships.queries import granular, requests
from openpartner.relationships.queries.granular import NamedForAnother, RelationshipUnknown
from openpartner.relationships.rules.granular import PENDING_FOR, Kind, Side, Status, allowed_actions
from openpartner.relationships.rules.granular import Action as Deed
from openpartner.relationships.rules.requests import RequestAction

PARTNERS = "/partners"
_NOWHERE = (RelationshipUnknown, NamedForAnother)


def _facts(uow: UnitOfWork, relationship: AdminRelationship) -> list[tuple[str, object]]:
    extended = "By 180 days, again and again, until you or the partner ends it" if relationship.extends else "No"
    shown: list[tuple[str, object]] = [
        ("Name of the request", relationship.display_name),
        (
            "Status",
            status_badge(relationship.status, end_at=relationship.end_at, now=uow.now, extends=relationship.extends),
        ),
        ("Duration", f"{relationship.duration_days} days from your approval"),
        ("Extended automatically", extended),
    ]
    if relationship.kind is Kind.RESELLER and relationship.indirect_provider_id is not None:
        asked_by = service.company_of(uow, relationship.indirect_provider_id).name
        shown.insert(1, ("Asked for by its indirect provider", asked_by))
    if relationship.locked_at is not None and relationship.status is Status.APPROVAL_PENDING:
        shown.append(("Answer until", relationship.locked_at + PENDING_FOR))
    if relationship.activated_at is not None:
        shown.append(("Start", relationship.activated_at))
    if relationship.end_at is not None:
        shown.append(("End", relationship.end_at))
    return shown


# What has become of it

_WAITS_FOR_RESELLER = Message(
    text="The partner has to agree to what its provider asked for before you can approve.", dismissible=False
)
_ON_ITS_WAY = "Its people get access as soon as it is active and the partner gives these roles to a group of theirs."
_WHO_ENDED: Mapping[Side, str] = MappingProxyType(
    {
        Side.CUSTOMER: "Your organization ended it",
        Side.PARTNER: "The partner ended it",
        Side.RESELLER: "The partner ended it",
        Side.SYSTEM: "It ended",
    }
)


def _outcome(uow: UnitOfWork, relationship: AdminRelationship) -> Message | None:
    """What the page says first of a request that was answered or has ended; nothing of one that runs or waits."""
    if relationship.status is Status.APPROVAL_PENDING:
        return _WAITS_FOR_RESELLER if relationship.is_partner_consent_pending else None
    if relationship.status in {Status.APPROVED, Status.ACTIVATING}:
        return Message(title="Your organization has approved this", text=_ON_ITS_WAY, tone="success", dismissible=False)
    if relationship.status is Status.ACTIVE:
        return None
    if relationship.status in {Status.EXPIRING, Status.EXPIRED}:
        on = _on(uow, relationship.end_at)
        text = "Nobody of the partner has access by it any more. To go on, the partner asks again."
        return Message(title=f"It reached its end{on}", text=text, dismissible=False)
    return _ended(uow, relationship)


def _ended(uow: UnitOfWork, relationship: AdminRelationship) -> Message:
    last = {each.action: each for each in requests.requests_of(uow, relationship)}
    refused = last.get(RequestAction.REJECT)
    if refused is not None:
        who = "Your organization refused this request" if refused.side is Side.CUSTOMER else "The partner withdrew it"
        reason = f" The reason given: {refused.reason}" if refused.reason else ""
        return Message(
            title=f"{who}{_on(uow, refused.created_at)}",
            text=f"It never gave any access.{reason}",
            dismissible=False,
        )
    order = last.get(RequestAction.TERMINATE)
    if relationship.activated_at is None:
        at = relationship.status_at if order is None else order.created_at
        text = "It never gave any access, and there is nothing to answer any more."
        return Message(title=f"The partner withdrew this request{_on(uow, at)}", text=text, dismissible=False)
    side = Side.SYSTEM if order is None else order.side
    text = "Nobody of the partner has access by it any more."
    return Message(title=f"{_WHO_ENDED[side]}{_on(uow, relationship.end_at)}", text=text, dismissible=False)


def _on(uow: UnitOfWork, at: datetime | None) -> str:
    return "" if at is None else f" on {date_words(at.date(), uow.actor.locale)}"


# The answer


def _obstacle(uow: UnitOfWork, relationship: AdminRelationship) -> str:
    """Why it cannot be approved as it stands: what the customer itself has limited the partner to."""
    allowed = granular.service_provider_constraint(uow, uow.actor.tenant, relationship.partner_id)
    outside = frozenset() if allowed is None else granular.roles_of(uow, relationship.id) - allowed
    if not outside:
        return ""
    return (
        f"Your limits for this partner leave out {role_names(outside)}. Change the limits, or refuse and let it ask for"
        " less."
    )


def _approval(relationship: AdminRelationship, partner: str, obstacle: str) -> Action:
    return Action(
        "Approve all",
        post=f"{APPROVAL_PATH}/{relationship.id}",
        fields={"answer": "approve"},
        icon="checkmark",
        primary=True,
        refused=obstacle,
        confirm=Confirm(
            "Approve all roles?",
            f"People {partner} chooses can use these roles in your organization until the end. You can take "
            "them back at any time.",
            "Approve all",
        ),
    )


def _show(page: Page, uow: UnitOfWork, relationship_id: str, form: Form[Any], *, status: int = 200) -> Response[str]:
    uow.actor.require(permissions.CUSTOMER_GDAP.read)
    relationship = granular.relationship_of_link(uow, relationship_id)
    company = service.company_of(uow, relationship.partner_id)
    waits = relationship.status is Status.APPROVAL_PENDING
    may_decide = uow.actor.may(permissions.CUSTOMER_GDAP.write)
    deeds = allowed_actions(relationship.status, Side.CUSTOMER) if may_decide else []
    may_approve = Deed.APPROVE in deeds and not relationship.is_partner_consent_pending
    here = f"{APPROVAL_PATH}/{relationship.id}"
    return page.render(
        uow,
        "relationships/granular_approval.html",
        status=status,
        f=form,
        here=here,
        relationship=relationship,
        company=company,
        company_rows=words.company_rows(company),
        facts=_facts(uow, relationship),
        roles=role_rows(granular.roles_of(uow, relationship.id)),
        outcome=_outcome(uow, relationship),
        approval=_approval(relationship, company.name, _obstacle(uow, relationship)) if may_approve else None,
        may_refuse=Deed.REJECT in deeds,
        limits=f"{PARTNERS}/{relationship.partner_id}/limits",
        buttons=[Action("Remove roles", href=f"{here}/end", icon="link_dismiss", danger=True)]
        if Deed.TERMINATE in deeds
        else [],
        waits=waits,
        may_decide=may_decide,
        crumbs=[
            Crumb("Home", "/"),
            Crumb("Partner relationships", PARTNERS),
            Crumb("Approve partner roles" if waits else relationship.display_name),
        ],
    )


def _nowhere(page: Page, refusal: DomainError) -> Response[str]:
    """Why the link leads to nothing that this person could answer, and what to do."""
    action = Action("Partner relationships", href=PARTNERS, primary=True)
    text = refusal.message
    if isinstance(refusal, NamedForAnother):
        back = quote(page.request.scope["path"], safe="")
        action = Action("Sign in with another account", href=f"/signin?other=true&return_to={back}", primary=True)
    else:
        text = (
            "Nothing waits under this link. The partner withdrew the request, nobody answered it within "
            f"{PENDING_FOR.days} days, or a part of the link is missing. Ask the partner for a new request."
        )
    with page.begin.read() as uow:
        return page.render(
            uow,
            "relationships/consent_refused.html",
            status=int(refusal.status),
            heading="This request cannot be answered",
            text=text,
            action_next=action,
            crumbs=[Crumb("Home", "/"), Crumb("Approve partner roles")],
        )


@get(f"{APPROVAL_PATH}/{{relationship_id:str}}", include_in_schema=False, sync_to_thread=True)
def show_request(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """Exactly who asks for what; or what has become of it. Source: gdap §10."""
    try:
        with page.begin.read() as uow:
            return _show(page, uow, relationship_id, blank_form())
    except _NOWHERE as refusal:
        return _nowhere(page, refusal)


@post(f"{APPROVAL_PATH}/{{relationship_id:str}}", include_in_schema=False, sync_to_thread=True)
def answer_request(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[Any]:
    """Approve, or refuse with a reason; what is wrong with it stands on the page."""
    form, answer = posted(page.form), page.form.get("answer")
    if answer not in {"approve", "refuse"}:
        raise Invalid("Choose whether to approve or to refuse.")
    try:
        done = attempt(page, form, lambda uow: _decide(uow, relationship_id, page.form), passes=_NOWHERE)
        if done is not None:
            note = "You have approved all roles." if answer == "approve" else "You have refused the request."
            return page.redirect(f"{APPROVAL_PATH}/{done}", note=f"{note} The partner was told.")
        with page.begin.read() as uow:
            return _show(page, uow, relationship_id, form, status=422)
    except _NOWHERE as refusal:
        return _nowhere(page, refusal)


def _decide(uow: UnitOfWork, relationship_id: str, sent: Posted) -> str:
    """Carry the answer out; gives the relationship's id as it is written."""
    if sent.get("answer") == "approve":
        return service.approve_admin_relationship(uow, relationship_id).id
    return service.reject_admin_relationship(uow, relationship_id, sent.get("reason")).id


ROUTES: list[Any] = [show_request, answer_request]
