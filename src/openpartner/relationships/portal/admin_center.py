"""The customer's admin center under the original's addresses, which keep the page in the fragment.

No server sees a fragment. So this page is open to everybody, and a script leads on to the page of that name here, which
asks for the sign-in; without scripts a form does. Source: gdap §10, §14.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from openpartner.platform.actor import NOBODY
from openpartner.platform.web import pages
from openpartner.platform.web.page import html
from openpartner.platform.web.pages import Templates
from openpartner.platform.world import World

INVITATION_PATH = "/billingaccounts/partner-invitation"
"""Where a customer answers an invitation: the fragment of the link, as a path."""

APPROVAL_PATH = "/partners/invitation/granularadminrelationships"
"""Where a customer approves delegated administration; the relationship's id follows."""

_templates = Templates()


def _to(path: str) -> Response[bytes]:
    headers = {"Location": path, "Cache-Control": "no-store"}
    return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers=headers)


@get("/adminportal/home", include_in_schema=False, sync_to_thread=True, opt={"public": True})
def admin_center(
    request: Request[Any, Any, Any], world: NamedDependency[World], relationship: FromQuery[str] = ""
) -> Response[Any]:
    """Leads on to where the link means. relationship: what the form without scripts sends."""
    query = request.scope["query_string"].decode("latin-1")
    if "invtype" in request.query_params:
        return _to(f"{INVITATION_PATH}?{query}")
    if relationship.strip():
        return _to(f"{APPROVAL_PATH}/{quote(relationship.strip().rpartition('/')[2], safe='')}")
    with world.begin.read(NOBODY) as uow:
        shell = pages.Shell(now=uow.now, path=request.scope["path"], theme=request.cookies.get("theme", "system"))
    return html(_templates.render("relationships/admin_center.html", shell))


@get("/partner/partnersignup.aspx", include_in_schema=False, sync_to_thread=False, opt={"public": True})
def legacy_link(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The older form of an invitation."""
    return _to(f"{INVITATION_PATH}?{request.scope['query_string'].decode('latin-1')}")


ROUTES: list[Any] = [admin_center, legacy_link]
