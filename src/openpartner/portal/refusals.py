"""Refusals as pages: to the sign-in, to the second factor, to who can give the role, or a sentence with the way on."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from openpartner.platform.actor import SYSTEM, RoleNeeded
from openpartner.platform.errors import DomainError
from openpartner.platform.web import pages
from openpartner.platform.web.page import Page, Portal, SecondFactorNeeded, SignInNeeded, html

AnyRequest = Request[Any, Any, Any]


def render_refusals(portal: Portal) -> Callable[[AnyRequest, DomainError], Response[Any]]:
    """The portal's renderer of refusals."""

    def render(request: AnyRequest, error: DomainError) -> Response[Any]:
        back = request.scope["path"]
        query = request.scope["query_string"].decode("latin-1")
        if request.method != "GET":
            back = "/"
        elif query:
            back = f"{back}?{query}"
        if isinstance(error, SignInNeeded | SecondFactorNeeded):
            factor = "&mfa=true" if isinstance(error, SecondFactorNeeded) else ""
            location = f"/signin?return_to={quote(back, safe='')}{factor}"
            if request.headers.get("hx-request") == "true":
                return Response(b"", status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": location})
            return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers={"Location": location})
        status = int(error.status)
        state = request.scope.get("state", {})
        problem = pages.problem_of(status, error, reference=str(state.get("request_id", "")))
        page: Page | None = state.get("page")
        if page is not None:
            with page.begin.read() as uow:
                shell = page.shell(uow)
        else:
            with portal.world.begin.read(SYSTEM) as uow:
                shell = pages.Shell(now=uow.now, path=back, theme=request.cookies.get("theme", "system"))
        if isinstance(error, RoleNeeded):
            needed = pages.permission_needed("this page", error, ask_action="/account/access/request")
            return html(portal.templates.render("errors/permission.html", shell, needed=needed), status)
        return html(portal.templates.render("errors/problem.html", shell, problem=problem), status)

    return render
