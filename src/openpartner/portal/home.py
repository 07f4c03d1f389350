"""Home and the action center: what waits for this person, most pressing first, and the workspaces that are open.

Each slice says what waits in its domain; nothing is stored here but what a person put aside.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.actor import TenantKind
from openpartner.platform.web.page import NavItem, Page
from openpartner.platform.web.waiting import ActionItem, ActionSource, FigureSource, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.portal import customer_home

__all__ = ["NAVIGATION", "ActionSource", "FigureSource", "routes", "waiting"]

EVERYBODY = frozenset(TenantKind)


NAVIGATION = (NavItem("home", "Home", "/", "home", 0, sides=EVERYBODY),)

_RANK = {Urgency.MANDATORY: 0, Urgency.RECOMMENDED: 1, Urgency.NOTICE: 2}


def waiting(uow: UnitOfWork, sources: Sequence[ActionSource]) -> list[ActionItem]:
    """Everything that waits for the actor: mandatory first, then by due instant."""
    items = [item for source in sources for item in source(uow)]
    return sorted(
        items, key=lambda item: (_RANK[item.urgency], item.due_at is None, item.due_at or uow.now, item.title)
    )


def routes(actions: Sequence[ActionSource], figures: Sequence[FigureSource]) -> list[Any]:
    """The home page and the action center over these sources."""

    @get("/", include_in_schema=False, sync_to_thread=True)
    def home(page: NamedDependency[Page]) -> Response[str]:
        """What waits, and the way to the workspaces."""
        with page.begin.read() as uow:
            of_customer = uow.actor.tenant_kind is TenantKind.CUSTOMER
            return page.render(
                uow,
                "portal/customer_home.html" if of_customer else "portal/home.html",
                items=waiting(uow, actions),
                figures=[figure for source in figures for figure in source(uow)],
                **(customer_home.context(uow) if of_customer else {}),
            )

    @get("/home/notifications", include_in_schema=False, sync_to_thread=True)
    def action_center(page: NamedDependency[Page]) -> Response[str]:
        """Everything that waits."""
        with page.begin.read() as uow:
            return page.render(uow, "portal/actions.html", items=waiting(uow, actions))

    return [home, action_center]
