"""What a portal handler is given: the signed-in session, ``begin`` for its user, the posted form, and ``render``."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response

from openpartner.platform.actor import TenantKind
from openpartner.platform.directory_access import DirectoryAction, covers
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Permission
from openpartner.platform.web import forms, pages
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.platform.world import World

T = TypeVar("T")

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SESSION_COOKIE = "openpartner_session"
NOTE_COOKIE = "openpartner_note"


@dataclass(frozen=True)
class NavItem:
    """One entry of the left navigation. It shows when the actor may ``permission``; None: every user of ``sides``.

    action: it also shows when a directory role of the actor permits this in its tenant.
    order: items of one level stand by it; hundreds are workspaces. parent: the key of the workspace it stands under.
    when: asked last, of the actor's tenant: an entry for one kind of partner only. None: always.
    """

    key: str
    title: str
    href: str
    icon: str
    order: int
    permission: Permission | None = None
    sides: frozenset[TenantKind] = frozenset({TenantKind.PARTNER})
    parent: str | None = None
    when: Callable[[UnitOfWork], bool] | None = None
    action: DirectoryAction | None = None


_NOWHERE = NavItem("", "", "", "", 0)


class SignInNeeded(DomainError):
    """Nobody is signed in on this browser."""

    status = HTTPStatus.UNAUTHORIZED
    code = "sign_in_needed"

    def __init__(self) -> None:
        super().__init__("Sign in to open this page.")


class StaleForm(DomainError):
    """A form without the token of this session: posted from elsewhere, or left open over a sign-in."""

    status = HTTPStatus.FORBIDDEN
    code = "stale_form"

    def __init__(self) -> None:
        super().__init__("This form is out of date. Go back, reload the page and send it again.")


class SecondFactorNeeded(DomainError):
    """The page asks for a session with a second factor. Source: identity §9."""

    status = HTTPStatus.UNAUTHORIZED
    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__("This page needs a sign-in with a second factor.")


class SessionView(msgspec.Struct, frozen=True):
    """What the portal keeps of a sign-in. ``id`` is the cookie's hash: it names the session, it does not open it."""

    id: str
    tenant_id: UUID
    user_id: UUID
    mfa: bool
    csrf: str


class Posted:
    """Posted fields as text; a name may come more than once. ``Page.bind`` makes a typed form of them."""

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        self.pairs = pairs

    def __contains__(self, name: str) -> bool:
        return name in self.pairs

    def get(self, name: str, default: str = "") -> str:
        """The last value of a field, without surrounding blanks."""
        values = self.pairs.get(name)
        return values[-1].strip() if values else default

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value.strip() for value in self.pairs.get(name, ())]

    def flag(self, name: str) -> bool:
        """Whether a checkbox was ticked."""
        return self.get(name) not in {"", "0", "false", "off"}


ShellPart = Callable[[UnitOfWork], Mapping[str, Any]]
"""Members of ``pages.Shell`` that a slice fills for each signed-in page: the bell's count, the tenants to switch to."""


@dataclass
class Portal:
    """What all pages share. Made in ``app.py``.

    secret: seals forms and notes. navigation: every slice's entries. shell_parts: read for every signed-in page.
    prolong_session: lets a session, named by its id, last longer by a moved sandbox clock's way.
    """

    world: World
    templates: pages.Templates
    secret: bytes
    navigation: Sequence[NavItem]
    shell_parts: Sequence[ShellPart] = field(default_factory=tuple)
    prolong_session: Callable[[UnitOfWork, str, timedelta], None] = lambda _uow, _session_id, _by: None

    def is_secure(self, request: Request[Any, Any, Any]) -> bool:
        """Whether cookies may say Secure: browsers drop such cookies on plain HTTP."""
        return self.origin_of(request).startswith("https:")

    def origin_of(self, request: Request[Any, Any, Any]) -> str:
        """The origin as this browser sees it: a loopback one as asked, else the settings'. TLS may end before us."""
        asked = request.base_url
        given = self.world.settings.base_url
        if given and urlsplit(str(asked)).hostname not in LOOPBACK:
            return given.rstrip("/")
        return f"{asked.scheme}://{asked.netloc}"


def _is_at(item: NavItem, path: str) -> bool:
    return path == item.href or (item.href != "/" and path.startswith(item.href + "/"))


def title_of(items: Sequence[NavItem], path: str) -> str:
    """What the navigation calls the page at a path, or the workspace that it is in; empty outside of all."""
    return max((item for item in items if _is_at(item, path)), key=lambda item: len(item.href), default=_NOWHERE).title


def nav_for(items: Sequence[NavItem], uow: UnitOfWork, path: str) -> tuple[pages.NavItem, ...]:
    """The navigation the actor may use, in order, with the entry of ``path`` marked."""
    actor = uow.actor

    def shown(item: NavItem) -> bool:
        if actor.tenant_kind not in item.sides:
            return False
        by_role = item.action is not None and covers(actor.directory_roles, item.action)
        may = item.permission is None or actor.may(item.permission) or by_role
        return may and (item.when is None or item.when(uow))

    usable = sorted((item for item in items if shown(item)), key=lambda item: item.order)
    matching = [item for item in usable if _is_at(item, path)]
    current = max(matching, key=lambda item: len(item.href), default=None)

    def entry(item: NavItem) -> pages.NavItem:
        children = tuple(entry(child) for child in usable if child.parent == item.key)
        return pages.NavItem(
            key=item.key, title=item.title, href=item.href, icon=item.icon, current=item is current, children=children
        )

    shown_keys = {item.key for item in usable}  # an entry whose workspace stays closed stands for itself
    return tuple(entry(item) for item in usable if item.parent not in shown_keys)


def trail_of(nav: Sequence[pages.NavItem], path: str) -> tuple[pages.Crumb, ...]:
    """Home, the workspace and its entry on the way to ``path``; the last has no address where it is the page itself."""
    if path == "/":
        return ()
    way = [pages.Crumb("Home", "/")]
    for workspace in nav:
        if workspace.holds_current:
            steps = [workspace, *(child for child in workspace.children if child.current)]
            way += [pages.Crumb(step.title, step.href) for step in steps if step.href != "/"]
    if way[-1].href == path:
        way = [crumb for crumb in way[:-1] if crumb.href != path] + [pages.Crumb(way[-1].title)]
    return tuple(way)


class Page:
    """One request of a signed-in browser."""

    def __init__(
        self, portal: Portal, request: Request[Any, Any, Any], session: SessionView, begin: Begin, form: Posted
    ) -> None:
        self.portal = portal
        self.request = request
        self.session = session
        self.begin = begin
        self.form = form

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for the changed part only."""
        return self.request.headers.get("hx-request") == "true" and "hx-boosted" not in self.request.headers

    def bind(self, kind: type[T]) -> forms.Form[T]:
        """The posted fields as ``kind``, with each problem beside its field."""
        return forms.bind(kind, self.form.pairs)

    def require_second_factor(self) -> None:
        """Refuse a session without a second factor; the portal then leads through it. Source: identity §9."""
        if self.portal.world.settings.require_mfa and not self.session.mfa:
            raise SecondFactorNeeded

    def shell(self, uow: UnitOfWork, *messages: pages.Message) -> pages.Shell:
        """The frame around the page for this actor."""
        path = self.request.scope["path"]
        note = read_note(self.portal.secret, self.session.id, self.request.cookies.get(NOTE_COOKIE, ""))
        nav = nav_for(self.portal.navigation, uow, path)
        parts: dict[str, Any] = {}
        for part in self.portal.shell_parts:
            parts.update(part(uow))
        return pages.Shell(
            now=uow.now,
            path=path,
            locale=uow.actor.locale,
            theme=self.request.cookies.get("theme", "system"),
            csrf_token=self.session.csrf,
            nav=nav,
            trail=trail_of(nav, path),
            messages=(*([note] if note else []), *messages),
            **parts,
        )

    def render(
        self,
        uow: UnitOfWork,
        template: str,
        *,
        status: int = 200,
        messages: Sequence[pages.Message] = (),
        **context: Any,
    ) -> Response[str]:
        """The page as HTML. Call it inside the unit: nothing is loaded later."""
        shell = self.shell(uow, *messages)
        context = {"actor": uow.actor, "may": uow.actor.may, "is_fragment": self.is_fragment, **context}
        response = html(self.portal.templates.render(template, shell, **context), status)
        if NOTE_COOKIE in self.request.cookies:
            response.delete_cookie(NOTE_COOKIE)
        return response

    def redirect(self, path: str, *, note: str | None = None, tone: str = "success") -> Response[bytes]:
        """Go to another page of ours after a change, with a sentence to show there."""
        response: Response[bytes] = Response(b"", status_code=HTTPStatus.SEE_OTHER, headers={"Location": path})
        if note is not None:
            secure = self.portal.is_secure(self.request)
            value = write_note(self.portal.secret, self.session.id, tone, note)
            response.set_cookie(
                key=NOTE_COOKIE, value=value, httponly=True, samesite="lax", secure=secure, path="/", max_age=60
            )
        return response


def html(text: str, status: int = 200) -> Response[str]:
    """HTML under the portal's policy; no cache keeps it, every page is somebody's."""
    return Response(text, status_code=status, media_type="text/html", headers=pages.security_headers())


def _seal(secret: bytes, session_id: str, payload: str) -> str:
    return hmac.new(secret, f"note/{session_id}/{payload}".encode(), hashlib.sha256).hexdigest()


def write_note(secret: bytes, session_id: str, tone: str, text: str) -> str:
    """A sentence for the next page, sealed to the session so that nobody else can put words there.

    It is written in letters that no cookie parser unquotes: the seal covers them as they are sent.
    """
    payload = urlsafe_b64encode(f"{tone}:{text}".encode()).decode().rstrip("=")
    return f"{_seal(secret, session_id, payload)}.{payload}"


def read_note(secret: bytes, session_id: str, cookie: str) -> pages.Message | None:
    """The sentence, if the seal holds."""
    seal, _, payload = cookie.partition(".")
    if not payload or not hmac.compare_digest(seal.encode(), _seal(secret, session_id, payload).encode()):
        return None
    tone, _, text = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode().partition(":")
    return pages.Message(text=text, tone="warning" if tone == "warning" else "success")
