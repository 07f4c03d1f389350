"""How the people of a customer sign in: administrators and their second factors, live sessions, the log of sign-ins."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from openpartner.customers import queries, service
from openpartner.customers.portal.user_list import factors_badge, state_badge
from openpartner.customers.queries import Administrator, LiveSession, SessionPosition, SignInCriteria, SignInResult
from openpartner.customers.queries.security import DELEGATED
from openpartner.identity import queries as directory
from openpartner.identity.models import SignInLog
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import make_token, read_token
from openpartner.platform.web.exports import export_chunks, export_headers
from openpartner.platform.web.forms import local_path
from openpartner.platform.web.page import Page
from openpartner.platform.web.pages import Crumb
from openpartner.platform.web.tables import (
    Action,
    Badge,
    Choice,
    Column,
    Confirm,
    Empty,
    Filter,
    ListRequest,
    Noted,
    Table,
    read_list_request,
)
from openpartner.platform.work import UnitOfWork

ROOT = "/organization/security"
PAGE = 50
LATELY = timedelta(days=7)
_FAILED = frozenset({50034, 50053, 50056, 50126, 500121})


def sign_out_action(user_id: UUID, back: str) -> Action:
    """End every sign-in of a user."""
    return Action(
        "Sign out everywhere",
        post=f"{ROOT}/users/{user_id}/sign-out",
        icon="sign_out",
        fields={"back": back},
        confirm=Confirm(
            "Sign this user out everywhere?",
            "Every session and every token of this user ends now. The user can sign in again.",
            "Sign out",
        ),
    )


_ADMINISTRATORS: tuple[Column[Administrator], ...] = (
    Column(
        "name",
        "Administrator",
        lambda each: Noted(each.user.display_name, each.user.upn),
        href=lambda each: f"/organization/users/{each.user.id}",
    ),
    Column("roles", "Roles", lambda each: ", ".join(role.name for role in each.roles)),
    Column("factor", "Second factor", lambda each: factors_badge(each.factors)),
    Column("state", "Status", lambda each: state_badge(each.user)),
    Column("seen", "Last sign-in", lambda each: each.user.last_sign_in_at),
    Column("sessions", "Sessions", lambda each: each.sessions, numeric=True),
)


def _crumbs(*more: str) -> list[Crumb]:
    return [Crumb("Home", "/"), Crumb("Sign-in and security", ROOT), *(Crumb(title) for title in more)]


@get(ROOT, include_in_schema=False, sync_to_thread=True)
def own_security(page: NamedDependency[Page]) -> Response[str]:
    """Who administers, with which second factor; what happened lately."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_DIRECTORY.read)
        may_write = uow.actor.may(permissions.CUSTOMER_DIRECTORY.write)
        people = queries.administrators(uow, uow.actor.tenant)
        active = [each for each in people if each.user.account_enabled]
        lacking = [each for each in active if not each.factors.any]

        def actions(each: Administrator) -> list[Action]:
            return [sign_out_action(each.user.id, ROOT)] if may_write and each.sessions else []

        return page.render(
            uow,
            "customers/security.html",
            tenant=directory.tenant_by_id(uow, uow.actor.tenant),
            active=len(active),
            lacking=lacking,
            failed=queries.count_failed_sign_ins(uow, uow.actor.tenant, uow.now - LATELY),
            sessions=sum(each.sessions for each in people),
            administrators=Table(
                "administrators",
                "Administrators",
                _ADMINISTRATORS,
                people,
                ListRequest(ROOT),
                Empty("No administrators", "Whoever holds a directory role appears here.", icon="person_key"),
                exports=False,
                row_actions=actions,
            ),
            crumbs=_crumbs(),
        )


# Sessions


def _device(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


_SESSIONS: tuple[Column[LiveSession], ...] = (
    Column(
        "user",
        "User",
        lambda each: Noted(each.user.display_name, each.user.upn),
        href=lambda each: f"/organization/users/{each.user.id}",
        export=lambda each: each.user.upn,
    ),
    Column("began", "Signed in", lambda each: each.session.auth_time),
    Column("seen", "Last seen", lambda each: each.session.seen_at),
    Column("factor", "Second factor", lambda each: each.session.mfa_at is not None),
    Column("address", "Address", lambda each: each.session.ip_address),
    Column("device", "Device", lambda each: _device(each.session.user_agent) or "Unknown"),
)


@get(f"{ROOT}/sessions", include_in_schema=False, sync_to_thread=True)
def own_sessions(page: NamedDependency[Page]) -> Response[Any]:
    """Who is signed in now, and in which browser."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_DIRECTORY.read)
        tenant_id = uow.actor.tenant
        path = f"{ROOT}/sessions"
        asked = read_list_request(path, page.request.query_params.multi_items(), columns=_SESSIONS)
        if asked.export:
            rows = queries.live_sessions(uow, tenant_id, 100_000, text=asked.search)
            chunks = list(export_chunks(asked.export, _SESSIONS, rows, title="Sessions", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, "Sessions", uow.now))
        found = queries.live_sessions(uow, tenant_id, PAGE + 1, text=asked.search, after=_position(asked.after))
        last = found[PAGE - 1].session if len(found) > PAGE else None
        may_write = uow.actor.may(permissions.CUSTOMER_DIRECTORY.write)

        def actions(each: LiveSession) -> list[Action]:
            return [
                Action("End session", post=f"{path}/{each.session.id}/end", icon="sign_out"),
                sign_out_action(each.user.id, path),
            ]

        table = Table(
            "sessions",
            "Sessions",
            _SESSIONS,
            found[:PAGE],
            asked,
            Empty("Nobody is signed in", "Each browser in which a user has signed in stands here.", icon="person"),
            search_label="Search by name",
            next_key="" if last is None else make_token(SessionPosition(last.auth_time, last.id)),
            row_actions=actions if may_write else None,
        )
        return page.render(
            uow,
            "customers/security_list.html",
            heading="Sessions",
            lead="Who of your users is signed in at this moment.",
            listed=table,
            crumbs=_crumbs("Sessions"),
        )


@post(f"{ROOT}/sessions/{{session_id:uuid}}/end", include_in_schema=False, sync_to_thread=True)
def end_session(session_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """End one sign-in."""
    with page.begin() as uow:
        user = service.end_customer_session(uow, uow.actor.tenant, session_id)
        note = f"The session of {user.display_name} has ended."
    return page.redirect(f"{ROOT}/sessions", note=note)


@post(f"{ROOT}/users/{{user_id:uuid}}/sign-out", include_in_schema=False, sync_to_thread=True)
def sign_out_user(user_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[bytes]:
    """End all sign-ins of a user."""
    with page.begin() as uow:
        user = service.sign_out_customer_user(uow, uow.actor.tenant, user_id)
        note = f"{user.display_name} was signed out everywhere."
    return page.redirect(local_path(page.form.get("back"), ROOT), note=note)


# The log


def _result(row: SignInLog) -> Badge:
    if row.error_code == 0:
        return Badge("Success", "success")
    return Badge("Failed", "danger") if row.error_code in _FAILED else Badge("Interrupted", "warning")


def _who(row: SignInLog) -> str:
    return {"none": "Own user", DELEGATED: "Partner"}.get(row.cross_tenant, "Guest")


_SIGN_INS: tuple[Column[SignInLog], ...] = (
    Column("at", "Date and time", lambda row: row.at),
    Column("user", "User", lambda row: row.upn_key),
    Column("who", "Kind", _who),
    Column("result", "Result", _result),
    Column("reason", "Reason", lambda row: row.failure_reason),
    Column("factor", "Second factor", lambda row: "mfa" in row.amr),
    Column("address", "Address", lambda row: row.ip_address),
    Column("device", "Device", lambda row: _device(row.user_agent), optional=True),
    Column("code", "Code", lambda row: str(row.error_code), optional=True),
)
_FILTERS = (
    Filter("result", "Result", (Choice("success", "Success"), Choice("failure", "Failed or interrupted"))),
    Filter("who", "Kind", (Choice("partner", "Partners' people"), Choice("own", "Own users and guests"))),
)


@get(f"{ROOT}/sign-ins", include_in_schema=False, sync_to_thread=True)
def own_sign_ins(page: NamedDependency[Page]) -> Response[Any]:
    """Who signed in to the directory, or tried to."""
    with page.begin.read() as uow:
        uow.actor.require(permissions.CUSTOMER_DIRECTORY.read)
        tenant_id = uow.actor.tenant
        asked = read_list_request(
            f"{ROOT}/sign-ins", page.request.query_params.multi_items(), columns=_SIGN_INS, filters=_FILTERS
        )
        criteria = _criteria(asked)
        if asked.export:
            rows = _every(uow, tenant_id, criteria)
            chunks = list(export_chunks(asked.export, _SIGN_INS, rows, title="Sign-ins", created_at=uow.now))
            return Stream(chunks, headers=export_headers(asked.export, "Sign-ins", uow.now))
        found = queries.page_of_sign_ins(uow, tenant_id, criteria, PAGE + 1, after=_position(asked.after))
        last = found[PAGE - 1] if len(found) > PAGE else None
        table = Table(
            "sign-ins",
            "Sign-ins",
            _SIGN_INS,
            found[:PAGE],
            asked,
            Empty("Nobody has signed in yet", "Every attempt to sign in stands here, your partners' too.", icon="key"),
            search_label="Search by user name",
            filters=_FILTERS,
            next_key="" if last is None else make_token(SessionPosition(last.at, last.id)),
        )
        return page.render(
            uow,
            "customers/security_list.html",
            heading="Sign-ins",
            lead="Who signed in to your directory, or tried to; partners who administer it for you too.",
            listed=table,
            crumbs=_crumbs("Sign-ins"),
        )


def _criteria(asked: ListRequest) -> SignInCriteria:
    result, who = asked.filters.get("result"), asked.filters.get("who", "")
    return SignInCriteria(
        text=asked.search,
        result=SignInResult(result) if result else None,
        is_delegated={"partner": True, "own": False}.get(who),
    )


def _every(uow: UnitOfWork, tenant_id: UUID, criteria: SignInCriteria) -> Iterator[SignInLog]:
    after: SessionPosition | None = None
    while True:
        rows = queries.page_of_sign_ins(uow, tenant_id, criteria, 1_000, after=after)
        yield from rows
        if len(rows) < 1_000:
            return
        after = SessionPosition(rows[-1].at, rows[-1].id)


def _position(key: str) -> SessionPosition | None:
    try:
        return read_token(key, SessionPosition) if key else None
    except Invalid:
        return None


ROUTES: list[Any] = [own_security, own_sessions, end_session, sign_out_user, own_sign_ins]
