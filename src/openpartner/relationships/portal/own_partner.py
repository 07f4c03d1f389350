"""One partner of a customer: everything it is to this organization, and the frame around what is shown of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.customers import queries as customers
from openpartner.platform import permissions
from openpartner.platform.errors import NotFound
from openpartner.platform.permissions import Permission
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import Action, Confirm
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal import words
from openpartner.relationships.portal.own_partners import ROOT, require_customer
from openpartner.relationships.rules.reselling import AskerUnknown
from openpartner.relationships.service import Company

ONE = ROOT + "/{partner_id:uuid}"
NOT_YOURS = "Only a Global admin may do this."

TABS: tuple[tuple[str, str, Permission], ...] = (
    ("", "Overview", permissions.CUSTOMER_PARTNERS.read),
    ("people", "Who can act now", permissions.CUSTOMER_GDAP.read),
    ("activity", "What it did", permissions.CUSTOMER_ACTIVITY_LOG.read),
    ("limits", "Limits", permissions.CUSTOMER_GDAP.read),
)
"""The pages about one partner: the end of the address, the title, and what opens it."""


@dataclass(frozen=True)
class PartnerSection:
    """A part of one partner's overview, shown to who may ``permission``.

    template: included with what ``context`` reads for the partner's tenant; None: nothing to show of it.
    order: by which the parts stand; reselling is 10.
    """

    key: str
    order: int
    permission: Permission
    template: str
    context: Callable[[Page, UnitOfWork, UUID], Mapping[str, Any] | None]


class _Brought:
    """What other matters add; set once, by ``routes``."""

    sections: Sequence[PartnerSection] = ()


def _parts(page: Page, uow: UnitOfWork, partner_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for section in sorted((RESALE, *_Brought.sections), key=lambda each: each.order):
        context = section.context(page, uow, partner_id) if uow.actor.may(section.permission) else None
        if context is not None:
            found.append((section.template, dict(context)))
    return found


def frame(page: Page, uow: UnitOfWork, partner_id: UUID, tab: str) -> dict[str, Any]:
    """What every page about a partner shows around its own, and the parts of its overview: names for the template.

    Raises RoleNeeded, and NotFound for who is nothing to this organization.
    """
    uow.actor.require(permissions.CUSTOMER_PARTNERS.read)
    require_customer(uow)
    sections = _parts(page, uow, partner_id)
    if not sections:
        raise NotFound("The partner", partner_id)
    company = _company(uow, partner_id)
    root = f"{ROOT}/{partner_id}"
    crumbs = [Crumb("Home", "/"), Crumb("Partner relationships", ROOT)]
    title = next(words for key, words, _ in TABS if key == tab)
    return {
        "company": company,
        "sections": sections,
        "root": root,
        "tab_title": title,
        "tabs": [
            (words, f"{root}/{key}".rstrip("/"), key == tab)
            for key, words, permission in TABS
            if uow.actor.may(permission)
        ],
        "crumbs": [*crumbs, *([Crumb(company.name, root), Crumb(title)] if tab else [Crumb(company.name)])],
    }


def _company(uow: UnitOfWork, partner_id: UUID) -> Company:
    try:
        return service.company_of(uow, partner_id)
    except AskerUnknown:
        raise NotFound("The partner", partner_id) from None


@get(ONE, include_in_schema=False, sync_to_thread=True)
def one_own_partner(partner_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """One partner: who it is, and everything it is to this organisation."""
    with page.begin.read() as uow:
        around = frame(page, uow, partner_id, "")
        return page.render(
            uow,
            "relationships/own_partner.html",
            **around,
            company_rows=words.company_rows(around["company"]),
        )


# Reselling


def _resale(_page: Page, uow: UnitOfWork, partner_id: UUID) -> Mapping[str, Any] | None:
    """What a partner is as a reseller, and the way to end that."""
    refused = "" if uow.actor.may(permissions.CUSTOMER_PARTNERS.write) else NOT_YOURS
    lines = []
    for customer in customers.relationships_of(uow, uow.actor.tenant):
        if partner_id not in {customer.partner_id, customer.reseller_id}:
            continue
        is_reseller = partner_id == customer.reseller_id
        other = customer.partner_id if is_reseller else customer.reseller_id
        here = f"{ROOT}/{partner_id}/relationships/{customer.commerce_id}"
        lines.append(
            {
                "title": "Indirect reseller" if is_reseller else "Reseller" if other is None else "Indirect provider",
                "with": None if other is None else (service.company_of(uow, other).name, f"{ROOT}/{other}"),
                "since_at": customer.since_at,
                "may": words.RESELLER_MAY if is_reseller else words.SELLER_MAY,
                "dap": _removal_of_dap(here, refused) if customer.allow_delegated_access and not is_reseller else None,
                "end": Action("Remove", href=f"{here}/end", icon="link_dismiss", refused=refused),
            }
        )
    return {"lines": lines} if lines else None


def _removal_of_dap(here: str, refused: str) -> Action:
    return Action(
        "Remove",
        post=f"{here}/delegated-access/remove",
        icon="shield_error",
        danger=True,
        refused=refused,
        confirm=Confirm(
            "Remove delegated administration?",
            "Its people lose every right over your organization at once, but for what you approved role by role. It"
            " cannot be given again. What you bought is not affected.",
            "Remove delegated administration",
            danger=True,
        ),
    )


@post(ONE + "/relationships/{commerce_id:uuid}/delegated-access/remove", include_in_schema=False, sync_to_thread=True)
def remove_delegated_access(
    partner_id: FromPath[UUID], commerce_id: FromPath[UUID], page: NamedDependency[Page]
) -> Response[bytes]:
    """Take back the older kind of administration, without touching anything else."""
    with page.begin() as uow:
        service.remove_own_delegated_access(uow, commerce_id, partner_id)
    return page.redirect(f"{ROOT}/{partner_id}", note="Delegated administration is gone. The partner was told.")


RESALE = PartnerSection("reselling", 10, permissions.CUSTOMER_PARTNERS.read, "relationships/own_resale.html", _resale)


def routes(sections: Sequence[PartnerSection] = ()) -> list[Any]:
    """The overview of a partner, with what other matters add."""
    _Brought.sections = tuple(sections)
    return [one_own_partner, remove_delegated_access]
