"""Refusals as pages: to the sign-in, to the second factor, to who can give the role, or a sentence with the way on."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import Request, Response

from openpartner.partner import queries as partner
from openpartner.platform.actor import SYSTEM, RoleNeeded
from openpartner.platform.directory_access import ACTION_TITLES, DirectoryRoleNeeded
from openpartner.platform.directory_role_words import ALLOWS
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import DomainError, MfaRequired, Unauthenticated
from openpartner.platform.permissions import ROLE_INFO, Role, who_can_grant
from openpartner.platform.web import pages
from openpartner.platform.web.page import (
    Page,
    Portal,
    SecondFactorNeeded,
    SignInNeeded,
    html,
    title_of,
)
from openpartner.platform.web.tables import Action, Choice
from openpartner.platform.work import UnitOfWork
from openpartner.portal.service import NoSuchAccount, SecondFactorMissing, SignInFailed

AnyRequest = Request[Any, Any, Any]
READING = frozenset({"GET", "HEAD"})
NAMED_GRANTORS = 5


def render_refusals(portal: Portal) -> Callable[[AnyRequest, DomainError], Response[Any]]:
    """The portal's renderer of refusals."""

    def render(request: AnyRequest, error: DomainError) -> Response[Any]:
        page: Page | None = request.scope.get("state", {}).get("page")
        if isinstance(error, SignInFailed | NoSuchAccount | SecondFactorMissing):
            return _plain(portal, request, error, Action("Sign in with another account", href="/signin?other=true"))
        if isinstance(error, SignInNeeded | SecondFactorNeeded | Unauthenticated):
            return _to_sign_in(portal, request, error)
        if page is None:
            return _plain(portal, request, error)
        with page.begin.read() as uow:
            shell = page.shell(uow)
            if isinstance(error, RoleNeeded):
                needed = _needed(uow, error, "" if request.method not in READING else _title(portal, shell.path))
                return html(portal.templates.permission_needed(shell, needed), int(error.status))
            if isinstance(error, DirectoryRoleNeeded):
                return html(portal.templates.directory_role_needed(shell, _wanted(error)), int(error.status))
        return html(portal.templates.problem(shell, _problem(request, error)), int(error.status))

    return render


def _problem(request: AnyRequest, error: DomainError, action: Action | None = None) -> pages.Problem:
    reference = str(request.scope.get("state", {}).get("request_id", ""))
    problem = pages.problem_of(int(error.status), error, reference=reference)
    return problem if action is None else pages.Problem(problem.status, problem.title, problem.text, reference, action)


def _plain(portal: Portal, request: AnyRequest, error: DomainError, action: Action | None = None) -> Response[Any]:
    """The page for who is not signed in."""
    with portal.world.begin.read(SYSTEM) as uow:
        theme = request.cookies.get("theme", "system")
        shell = pages.Shell(now=uow.now, path=request.scope["path"], theme=theme)
    return html(portal.templates.problem(shell, _problem(request, error, action)), int(error.status))


def _to_sign_in(portal: Portal, request: AnyRequest, error: DomainError) -> Response[Any]:
    """To the provider and back to this page, from a session that has ended, whose user is blocked, or without a factor.

    What was posted is not sent again: a page says so and leads on. A redirect would not do there: the policy's
    ``form-action`` stops a form that ends at another origin.
    """
    back, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    if request.method not in READING:
        back = "/"
    elif query:
        back = f"{back}?{query}"
    factor = "&mfa=true" if isinstance(error, SecondFactorNeeded | MfaRequired) else ""
    location = f"/signin?return_to={quote(back, safe='')}{factor}"
    if request.headers.get("hx-request") == "true":
        return Response(b"", status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": location})
    if request.method not in READING:
        return _plain(portal, request, error, Action("Sign in", href=location, primary=True))
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers=headers)


def _title(portal: Portal, path: str) -> str:
    return title_of(portal.navigation, path) or "this page"


NAMED_ROLES = 5


def _wanted(error: DirectoryRoleNeeded) -> pages.DirectoryRoleWanted:
    """What was asked for, what is missing, and the smallest directory roles that would do, in plain words."""
    roles = [(DIRECTORY_ROLES[role].name, ALLOWS[role]) for role in error.roles[:NAMED_ROLES]]
    return pages.DirectoryRoleWanted(ACTION_TITLES[error.action], error.why, roles)


def _needed(uow: UnitOfWork, error: RoleNeeded, page: str) -> pages.PermissionNeeded:
    """Which roles of this tenant allow it, who can give them, and the way to ask."""
    kind = uow.actor.tenant_kind
    if kind is None:
        return pages.PermissionNeeded(page, ())
    roles = [role for role in error.roles if role in partner.ROLES_OF_TENANT[kind]]
    askable = [role for role in roles if who_can_grant(role)]
    grantors = [role for role in Role if any(role in who_can_grant(each) for each in askable)]
    people = partner.holders(uow, uow.actor.tenant, kind, grantors)[:NAMED_GRANTORS]
    asked = next(
        (
            each
            for each in partner.access_requests(uow, state="open", user_id=uow.actor.principal_id)
            if each.role in roles
        ),
        None,
    )
    return pages.PermissionNeeded(
        page=page,
        roles=[ROLE_INFO[role].title for role in roles],
        grantors=[(each.display_name, each.mail or each.upn) for each in people],
        ask_action="/account/access/request" if askable else "",
        askable=[Choice(role.value, ROLE_INFO[role].title) for role in askable],
        asked_at=asked.requested_at if asked is not None else None,
        asked_for=ROLE_INFO[asked.role].title if asked is not None else "",
    )
