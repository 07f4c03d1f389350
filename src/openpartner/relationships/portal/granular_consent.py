"""Where a customer approves or refuses delegated administration, sees what it has approved, and takes it back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Badge, Confirm
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.portal import words
from openpartner.relationships.portal.admin_center import APPROVAL_PATH
from openpartner.relationships.portal.granular_shared import extension_words, role_names, role_rows, status_badge
from openpartner.relationships.portal.own_partners import PartnerSection, Standing
from openpartner.relationships.queries import granular
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow
from openpartner.relationships.rules.granular import PENDING_FOR, Kind, Side, Status, allowed_actions
from openpartner.relationships.rules.granular import Action as Deed

MOST = 200
PARTNERS = "/partners"
ADMINISTERS = "Administers what you approved, until it ends."


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


def _answers(uow: UnitOfWork, relationship: AdminRelationship, partner: str) -> list[Action]:
    """The buttons: what the table of transitions lets the customer do next."""
    here = f"{APPROVAL_PATH}/{relationship.id}"
    allowed = allowed_actions(relationship.status, Side.CUSTOMER)
    offered: list[Action] = []
    if Deed.REJECT in allowed:
        offered.append(
            Action(
                "Refuse",
                post=here,
                fields={"answer": "refuse"},
                icon="dismiss",
                confirm=Confirm(
                    "Refuse this request?", f"{partner} is told. It would have to ask again.", "Refuse", danger=True
                ),
            )
        )
    if Deed.APPROVE in allowed and not relationship.is_partner_consent_pending:
        offered.append(
            Action(
                "Approve all",
                post=here,
                fields={"answer": "approve"},
                icon="checkmark",
                primary=True,
                confirm=Confirm(
                    "Approve all roles?",
                    f"People {partner} chooses can use these roles in your organization until the end. You can take "
                    "them back at any time.",
                    "Approve all",
                ),
            )
        )
    if Deed.TERMINATE in allowed:
        offered.append(_removal(relationship.id, partner))
    return offered if uow.actor.may(permissions.CUSTOMER_GDAP.write) else []


def _removal(relationship_id: str, partner: str) -> Action:
    return Action(
        "Remove roles",
        post=f"{APPROVAL_PATH}/{relationship_id}",
        fields={"answer": "end"},
        icon="link_dismiss",
        danger=True,
        confirm=Confirm(
            "Remove all roles of this relationship?",
            f"{partner} loses this access at once and has to ask for it again. What you bought is not affected.",
            "Remove roles",
            danger=True,
        ),
    )


@get(f"{APPROVAL_PATH}/{{relationship_id:str}}", include_in_schema=False, sync_to_thread=True)
def show_request(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """Exactly who asks for what. Source: gdap §10."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_GDAP.read)
        relationship = granular.relationship_of_link(uow, relationship_id)
        company = service.company_of(uow, relationship.partner_id)
        waits = relationship.status is Status.APPROVAL_PENDING
        return page.render(
            uow,
            "relationships/granular_approval.html",
            relationship=relationship,
            company=company,
            company_rows=words.company_rows(company),
            facts=_facts(uow, relationship),
            roles=role_rows(granular.roles_of(uow, relationship.id)),
            answers=_answers(uow, relationship, company.name),
            waits=waits,
            may_decide=uow.actor.may(permissions.CUSTOMER_GDAP.write),
            waits_for_reseller=relationship.is_partner_consent_pending,
            crumbs=[Crumb("Home", "/"), Crumb("Partner relationships", PARTNERS), Crumb("Approve partner roles")],
        )


@post(f"{APPROVAL_PATH}/{{relationship_id:str}}", include_in_schema=False, sync_to_thread=True)
def answer_request(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Approve, refuse, or take back."""
    page.require_second_factor()
    answer = page.form.get("answer")
    with page.begin() as uow:
        if answer == "approve":
            relationship = service.approve_admin_relationship(uow, relationship_id)
            note = "You have approved all roles. The partner was told."
        elif answer == "refuse":
            relationship = service.reject_admin_relationship(uow, relationship_id)
            note = "You have refused the request. The partner was told."
        elif answer == "end":
            relationship = service.terminate_admin_relationship(uow, relationship_id)
            note = "The roles are gone. The partner was told."
        else:
            raise Invalid("Choose whether to approve, to refuse, or to remove the roles.")
        key = relationship.id
    return page.redirect(f"{APPROVAL_PATH}/{key}", note=note)


# --- among the customer's partners


def granular_standings(uow: UnitOfWork) -> list[Standing]:
    """Who administers something here, since when and until when."""
    if not uow.actor.may(permissions.CUSTOMER_GDAP.read):
        return []
    return [
        Standing(row.partner_id, "Granular administration", row.activated_at or row.created_at, ADMINISTERS, row.end_at)
        for row in _rows(uow)
        if row.status in {Status.ACTIVE, Status.APPROVAL_PENDING}
    ]


def _rows(uow: UnitOfWork) -> list[RelationshipRow]:
    criteria = Criteria(order=Order.CREATED, descending=True)
    return list(lists.page_of_relationships(uow, criteria, MOST).rows)


def _badge(uow: UnitOfWork, row: RelationshipRow) -> Badge:
    return status_badge(row.status, end_at=row.end_at, now=uow.now, extends=row.extends)


def _section(_page: Page, uow: UnitOfWork, partner_id: UUID) -> Mapping[str, Any] | None:
    """The partner's relationships with this organization, the latest first."""
    rows = [row for row in _rows(uow) if row.partner_id == partner_id]
    lines = [
        {
            "name": row.display_name,
            "href": f"{APPROVAL_PATH}/{row.id}",
            "badge": _badge(uow, row),
            "roles": role_names(row.roles),
            "start": row.activated_at.date() if row.activated_at else None,
            "end": row.end_at.date() if row.end_at else None,
            "extends": extension_words(extends=row.extends),
        }
        for row in rows
    ]
    return {"lines": lines} if lines else None


SECTION = PartnerSection("granular", 20, permissions.CUSTOMER_GDAP.read, "relationships/own_granular.html", _section)

ROUTES: list[Any] = [show_request, answer_request]
