"""What a partner may administer in a customer, as the customer sees it: among its partners, and the way to end it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform import permissions
from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Badge, Confirm
from openpartner.platform.web.waiting import ActionItem, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal.admin_center import APPROVAL_PATH
from openpartner.relationships.portal.granular_shared import extension_words, role_names, status_badge
from openpartner.relationships.portal.own_partner import PartnerSection
from openpartner.relationships.portal.own_partners import ROOT, Standing
from openpartner.relationships.queries import granular, tracing
from openpartner.relationships.queries import granular_lists as lists
from openpartner.relationships.queries.granular_lists import Criteria, Order, RelationshipRow
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.service import PersonChange

MOST = 200
NAMED = 3
ADMINISTERS = "Granular administration"
ASKS = "Request to administer"
_ASKING = "Asks to administer; it waits for your answer."
_RUNS = frozenset({Status.APPROVED, Status.ACTIVATING, Status.ACTIVE})


def some_roles(roles: Iterable[UUID]) -> str:
    """The first few roles by name, and how many more there are: for a cell."""
    names = sorted(DIRECTORY_ROLES[role].name for role in roles)
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def granular_standings(uow: UnitOfWork) -> list[Standing]:
    """Who administers something here, since when and until when; and who asks for it."""
    if not uow.actor.may(permissions.CUSTOMER_GDAP.read):
        return []
    rows = _rows(uow)
    runs: dict[UUID, list[RelationshipRow]] = {}
    for row in rows:
        if row.status in _RUNS:
            runs.setdefault(row.partner_id, []).append(row)
    asks = [row for row in rows if row.status is Status.APPROVAL_PENDING]
    return [
        *(_administers(partner_id, each) for partner_id, each in runs.items()),
        *(Standing(row.partner_id, ASKS, row.locked_at or row.created_at, _ASKING) for row in asks),
    ]


def _administers(partner_id: UUID, rows: Sequence[RelationshipRow]) -> Standing:
    """What all running relationships with a partner come to. It ends with the last of them."""
    ends = [row.end_at for row in rows if row.end_at is not None and not row.extends]
    return Standing(
        partner_id,
        ADMINISTERS,
        min(row.activated_at or row.approved_at or row.created_at for row in rows),
        f"Administers as {some_roles({role for row in rows for role in row.roles})}.",
        max(ends) if len(ends) == len(rows) else None,
    )


def waiting_requests(uow: UnitOfWork) -> list[tuple[str, str, str, Any, str]]:
    """Who asks, for what, as which roles, since when, and where it is answered: what a Global admin sees to first."""
    if not uow.actor.may(permissions.CUSTOMER_GDAP.read):
        return []
    waiting = Criteria(statuses=(Status.APPROVAL_PENDING,), order=Order.CREATED)
    rows = lists.page_of_relationships(uow, waiting, MOST).rows
    names = granular.tenant_names(uow, {row.partner_id for row in rows})
    return [
        (
            names.get(row.partner_id, ""),
            row.display_name,
            some_roles(row.roles),
            row.locked_at or row.created_at,
            f"{APPROVAL_PATH}/{row.id}",
        )
        for row in rows
    ]


def actions(uow: UnitOfWork) -> list[ActionItem]:
    """Each request for administration that waits for a Global admin of the customer, on its home."""
    if uow.actor.tenant_kind is not TenantKind.CUSTOMER or not uow.actor.may(permissions.CUSTOMER_GDAP.write):
        return []
    return [
        ActionItem(
            f"{partner} asks to administer your organization",
            f"{name}: {roles}. Nothing is given before you approve.",
            "Partner relationships",
            Urgency.MANDATORY,
            href,
            "Read and answer",
        )
        for partner, name, roles, _, href in waiting_requests(uow)
    ]


def _rows(uow: UnitOfWork) -> list[RelationshipRow]:
    criteria = Criteria(order=Order.CREATED, descending=True)
    return list(lists.page_of_relationships(uow, criteria, MOST).rows)


def _badge(uow: UnitOfWork, row: RelationshipRow) -> Badge:
    return status_badge(row.status, end_at=row.end_at, now=uow.now, extends=row.extends)


def _section(_page: Page, uow: UnitOfWork, partner_id: UUID) -> Mapping[str, Any] | None:
    """The partner's relationships with this organization, the latest first, and how many people can act by them."""
    rows = [row for row in _rows(uow) if row.partner_id == partner_id]
    if not rows:
        return None
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
    held = {role for row in rows if row.status in _RUNS for role in row.roles}
    return {
        "lines": lines,
        "allows": [(DIRECTORY_ROLES[role].name, ALLOWS[role]) for role in DIRECTORY_ROLES if role in held],
        "count_people": lambda: len(tracing.partners_people(uow, partner_id)),  # of many, where it is shown only
        "people_href": f"{ROOT}/{partner_id}/people",
    }


SECTION = PartnerSection("granular", 20, permissions.CUSTOMER_GDAP.read, "relationships/own_granular.html", _section)


# Ending one


def changes_shown(changes: Iterable[PersonChange]) -> list[tuple[str, str, str]]:
    """What a decision changes for the partner's people: who, what is lost or comes back, what is left."""
    shown = []
    for change in changes:
        parts = [
            f"loses {role_names(change.loses)}" if change.loses else "",
            f"gets back {role_names(change.gains)}" if change.gains else "",
        ]
        effect = " and ".join(part for part in parts if part)
        effect = effect[:1].upper() + effect[1:]
        left = "Other roles stay" if change.keeps_some else "Nothing"
        shown.append((f"{change.name} ({change.user_name})", effect, left))
    return shown


@get(f"{APPROVAL_PATH}/{{relationship_id:str}}/end", include_in_schema=False, sync_to_thread=True)
def ask_end(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[str]:
    """What ending would take from whom, found out by doing it and taking it back."""
    changes = service.preview_ending(page.begin, relationship_id)
    with page.begin.read() as uow:
        relationship = granular.one_relationship(uow, relationship_id)
        partner = service.company_of(uow, relationship.partner_id).name
        here = f"{APPROVAL_PATH}/{relationship.id}"
        return page.render(
            uow,
            "relationships/own_granular_end.html",
            relationship=relationship,
            partner=partner,
            roles=role_names(granular.roles_of(uow, relationship.id)),
            changes=changes_shown(changes),
            buttons=[
                Action(
                    "Remove roles",
                    post=f"{here}/end",
                    icon="link_dismiss",
                    danger=True,
                    confirm=Confirm(
                        "Remove all roles of this relationship?",
                        f"{partner} loses this access at once and has to ask for it again.",
                        "Remove roles",
                        danger=True,
                    ),
                ),
                Action("Cancel", href=here),
            ],
            crumbs=[
                Crumb("Home", "/"),
                Crumb("Partner relationships", ROOT),
                Crumb(relationship.display_name, here),
                Crumb("Remove roles"),
            ],
        )


@post(f"{APPROVAL_PATH}/{{relationship_id:str}}/end", include_in_schema=False, sync_to_thread=True)
def end(relationship_id: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """Take all roles of a relationship back."""
    with page.begin() as uow:
        key = service.terminate_admin_relationship(uow, relationship_id).id
    return page.redirect(f"{APPROVAL_PATH}/{key}", note="The roles are gone. The partner was told.")


ROUTES: list[Any] = [ask_end, end]
