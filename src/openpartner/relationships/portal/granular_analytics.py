"""Analytics of granular administration: how many, what ends, which roles, where a customer grants too much."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.directory_roles import DIRECTORY_ROLES, GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import GDAP_ANALYTICS
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.relationships.portal.granular_shared import ROOT
from openpartner.relationships.queries import granular_figures as figures

HERE = f"{ROOT}/analytics"


def _weeks(ends: Sequence[tuple[date, int]]) -> tuple[list[str], list[float]]:
    return [f"{on:%d %b}" for on, _ in ends], [float(count) for _, count in ends]


@get(HERE, include_in_schema=False, sync_to_thread=True)
def analytics(page: NamedDependency[Page]) -> Response[str]:
    """Figures and charts. Source: gdap §10, analytics page."""
    with page.begin.read() as uow:
        uow.actor.require(GDAP_ANALYTICS.read)
        counted = figures.figures(uow)
        roles = figures.top_roles(uow)
        ending, ended = figures.ends_by_week(uow), figures.ended_by_week(uow)
        return page.render(
            uow,
            "relationships/granular_analytics.html",
            counted=counted,
            share=round(100 * counted.customers_with_access / counted.customers) if counted.customers else 0,
            role_names=[DIRECTORY_ROLES[role].name for role, _ in roles],
            role_counts=[float(count) for _, count in roles],
            role_rows=[(DIRECTORY_ROLES[role].name, count) for role, count in roles],
            ending=_weeks(ending),
            ending_rows=ending,
            ended=_weeks(ended),
            ended_rows=ended,
            global_href=f"{ROOT}?role={GLOBAL_ADMINISTRATOR}",
            crumbs=[Crumb("Home", "/"), Crumb("Granular administration", ROOT), Crumb("Analytics")],
        )


ROUTES: list[Any] = [analytics]
