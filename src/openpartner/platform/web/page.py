"""What a portal handler is given: the signed-in session, ``begin`` for its user, the posted form, and ``render``."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
from litestar import Request, Response

from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Permission
from openpartner.platform.work import Begin, UnitOfWork
from openpartner.platform.world import World

SESSION_COOKIE = "openpartner_session"
NOTE_COOKIE = "openpartner_note"


@dataclass(frozen=True)
class NavItem:
    """One entry of the left navigation. It shows when the actor may ``permission``; None: every user of ``sides``.

    order: items of one level stand by it; hundreds are workspaces. parent: the key of the workspace it stands under.
    """

    key: str
    title: str
    href: str
    icon: str
    order: int
    permission: Permission | None = None
    sides: frozenset[TenantKind] = frozenset({TenantKind.PARTNER})
    parent: str | None = None


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
    name: str
    mfa: bool
    csrf: str


class Form:
    """Posted fields; a name may come more than once."""

    def __init__(self, pairs: Mapping[str, Sequence[str]]) -> None:
        self._pairs = pairs

    def __contains__(self, name: str) -> bool:
        return name in self._pairs

    def get(self, name: str, default: str = "") -> str:
        """The last value of a field, without surrounding blanks."""
        values = self._pairs.get(name)
        return values[-1].strip() if values else default

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value.strip() for value in self._pairs.get(name, ())]

    def flag(self, name: str) -> bool:
        """Whether a checkbox was ticked."""
        return self.get(name) not in {"", "0", "false", "off"}

    def values(self) -> dict[str, str]:
        """The last value of each field: what a refused form shows again."""
        return {name: values[-1].strip() for name, values in self._pairs.items() if values and name != "csrf_token"}


class Templates(Protocol):
    """What turns a template and its context into HTML (``platform/web/pages.py``)."""

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The page's HTML."""
        ...


ContextPart = Callable[[UnitOfWork], Mapping[str, Any]]


@dataclass
class Shell:
    """What all pages share. Filled in ``app.py``.

    parts: read for every signed-in page in its own unit: the bell's count, the sandbox's clock.
    """

    world: World
    templates: Templates
    secret: bytes
    navigation: Sequence[NavItem]
    parts: Sequence[ContextPart] = field(default_factory=tuple)


def nav_for(items: Sequence[NavItem], actor: Actor, path: str) -> list[dict[str, Any]]:
    """The navigation the actor may use, in order, with the entry of ``path`` marked."""

    def shown(item: NavItem) -> bool:
        return actor.tenant_kind in item.sides and (item.permission is None or actor.may(item.permission))

    usable = sorted((item for item in items if shown(item)), key=lambda item: item.order)
    matching = [item for item in usable if path == item.href or path.startswith(item.href.rstrip("/") + "/")]
    current = max(matching, key=lambda item: len(item.href), default=None)

    def entry(item: NavItem) -> dict[str, Any]:
        children = [entry(child) for child in usable if child.parent == item.key]
        return {
            "key": item.key,
            "title": item.title,
            "icon": item.icon,
            "href": item.href,
            "current": item is current,
            "open": item is current or any(child["current"] or child["open"] for child in children),
            "children": children,
        }

    return [entry(item) for item in usable if item.parent is None]


class Page:
    """One request of a signed-in browser."""

    def __init__(
        self, shell: Shell, request: Request[Any, Any, Any], session: SessionView, begin: Begin, form: Form
    ) -> None:
        self.shell = shell
        self.request = request
        self.session = session
        self.begin = begin
        self.form = form

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for the changed part only."""
        return self.request.headers.get("hx-request") == "true" and "hx-boosted" not in self.request.headers

    def require_second_factor(self) -> None:
        """Refuse a session without a second factor; the shell then leads through it. Source: identity §9."""
        if self.shell.world.settings.require_mfa and not self.session.mfa:
            raise SecondFactorNeeded

    def render(self, uow: UnitOfWork, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """The page as HTML. Call it inside the unit: nothing is loaded later."""
        note = read_note(self.shell.secret, self.session.id, self.request.cookies.get(NOTE_COOKIE, ""))
        everything: dict[str, Any] = {
            "actor": uow.actor,
            "session": self.session,
            "csrf_token": self.session.csrf,
            "now": uow.now,
            "locale": uow.actor.locale,
            "path": self.request.scope["path"],
            "nav": nav_for(self.shell.navigation, uow.actor, self.request.scope["path"]),
            "is_fragment": self.is_fragment,
            "is_sandbox": self.shell.world.settings.is_sandbox,
            "note": note,
        }
        for part in self.shell.parts:
            everything.update(part(uow))
        everything.update(context)
        response = html(self.shell.templates.render(template, everything), status)
        if note is not None:
            response.delete_cookie(NOTE_COOKIE)
        return response

    def redirect(self, path: str, *, note: str | None = None, tone: str = "success") -> Response[bytes]:
        """Go to another page of ours after a change, with a sentence to show there."""
        response: Response[bytes] = Response(b"", status_code=HTTPStatus.SEE_OTHER, headers={"Location": path})
        if note is not None:
            secure = self.request.url.scheme == "https"
            value = write_note(self.shell.secret, self.session.id, tone, note)
            response.set_cookie(
                key=NOTE_COOKIE, value=value, httponly=True, samesite="lax", secure=secure, path="/", max_age=60
            )
        return response


def html(text: str, status: int = 200) -> Response[str]:
    """HTML that no cache keeps: every page is somebody's."""
    return Response(
        text, status_code=status, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def _seal(secret: bytes, session_id: str, payload: str) -> str:
    return hmac.new(secret, f"note/{session_id}/{payload}".encode(), hashlib.sha256).hexdigest()


def write_note(secret: bytes, session_id: str, tone: str, text: str) -> str:
    """A sentence for the next page, sealed to the session so that nobody else can put words there."""
    payload = quote(f"{tone}:{text}", safe="")
    return f"{_seal(secret, session_id, payload)}.{payload}"


def read_note(secret: bytes, session_id: str, cookie: str) -> dict[str, str] | None:
    """The sentence, if the seal holds."""
    seal, _, payload = cookie.partition(".")
    if not payload or not hmac.compare_digest(seal, _seal(secret, session_id, payload)):
        return None
    tone, _, text = unquote(payload).partition(":")
    return {"tone": tone, "text": text}
