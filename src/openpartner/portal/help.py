"""Help: where the documents are, and whom to ask."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from openpartner.platform.web.page import Page


@get("/help", include_in_schema=False, sync_to_thread=True)
def show_help(page: NamedDependency[Page]) -> Response[str]:
    """The way to the API description and to the roles."""
    with page.begin.read() as uow:
        return page.render(uow, "portal/help.html")


ROUTES: list[Any] = [show_help]
