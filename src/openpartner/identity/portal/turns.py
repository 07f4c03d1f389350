"""One request to a page of the provider: where it stands, who asks, and what the answer must carry."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from litestar import Request, Response

from openpartner.identity import rules
from openpartner.identity.api import NO_STORE
from openpartner.identity.errors import OAuthError
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.issuing import text_hash
from openpartner.platform.web import pages
from openpartner.platform.web.forms import local_path, make_csrf
from openpartner.platform.web.page import Portal
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World

AnyRequest = Request[Any, Any, Any]

BROWSER_COOKIE = "openpartner_identity"
FLOW_COOKIE = "openpartner_flow"
ACCOUNT = "x_account"
"""Our own parameter in ``next``: the account that was picked or has just signed in."""

_OWN_PAGES = re.compile(r"/[^/?]+/(oauth2/(v2\.0/)?authorize|(v2\.0/)?adminconsent|oauth2/(deviceauth|redeem|signins))")


@dataclass(frozen=True, slots=True)
class At:
    """Where a page stands: where it posts to, where the browser then goes, which session it is about."""

    action: str
    next: str
    account: str = ""


def own_next(text: str) -> str:
    """``next`` when it is an address of this provider. Raises OAuthError 9002313: the form was tampered with."""
    path = local_path(text, "")
    if not _OWN_PAGES.fullmatch(urlsplit(path).path):
        raise OAuthError(9002313, reason="the page to return to is not one of this provider's.")
    return path


def onward(next_address: str, *, account: UUID | None = None, drop: Sequence[str] = ()) -> str:
    """``next`` once a step is done: the account named, the parameters that asked for the step taken out."""
    parts = urlsplit(next_address)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != ACCOUNT and name not in drop
    ]
    if account is not None:
        kept.append((ACCOUNT, str(account)))
    return parts._replace(query=urlencode(kept)).geturl()


def form_target(redirect_uri: str) -> str:
    """The source that a page's form may end at through redirects: the origin, or an own scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def params_of(request: AnyRequest, body: Mapping[str, str]) -> dict[str, str]:
    """Query and body; a parameter sent twice is refused. Source: RFC 6749 3.1."""
    found: dict[str, str] = {}
    for name, value in [*request.query_params.multi_items(), *body.items()]:
        if found.setdefault(name, value) != value:
            raise OAuthError(9002313, reason=f"the parameter '{name}' comes twice.")
    return found


def account_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(slots=True)
class Turn:
    """One request to a page: who asks, and what the answer must carry."""

    portal: Portal
    request: AnyRequest
    exchange: Exchange
    flow: str
    is_new_flow: bool
    browser: str | None
    fresh_browser: str | None = None
    is_persistent: bool = False

    @property
    def world(self) -> World:
        """Where it happens."""
        return self.portal.world

    @property
    def is_secure(self) -> bool:
        """Whether cookies may be ``Secure``."""
        return self.exchange.host.startswith("https://")

    def shell(self, uow: UnitOfWork) -> pages.Shell:
        """The frame, without anybody's navigation."""
        return pages.Shell(
            now=uow.now,
            path=self.request.scope["path"],
            theme=self.request.cookies.get("theme", "system"),
            csrf_token=make_csrf(self.portal.secret, self.flow, bytes.fromhex(text_hash(self.flow)[:32])),
            sandbox=pages.Sandbox(clock=uow.now) if self.world.clock.can_move else None,
        )

    def page(
        self,
        uow: UnitOfWork,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        targets: Sequence[str] = (),
        frames: Sequence[str] = (),
        **context: Any,
    ) -> Response[Any]:
        """A page with the headers that keep it from being framed and from posting elsewhere."""
        text = self.portal.templates.render(f"identity/{template}.html", self.shell(uow), frames=frames, **context)
        headers = {**pages.security_headers(form_targets=targets), "X-Frame-Options": "DENY"}
        if frames:
            origins = " ".join(sorted({form_target(frame) for frame in frames}))
            headers["Content-Security-Policy"] += f"; frame-src {origins}"
        return self.finish(
            Response(text, status_code=status, media_type="text/html; charset=utf-8", headers={**NO_STORE, **headers})
        )

    def to(self, address: str, status: int = HTTPStatus.SEE_OTHER) -> Response[Any]:
        """A redirect."""
        return self.finish(Response(b"", status_code=status, headers={**NO_STORE, "Location": address}))

    def finish(self, response: Response[Any]) -> Response[Any]:
        """Set the cookies that changed."""
        if self.is_new_flow:
            response.set_cookie(
                key=FLOW_COOKIE, value=self.flow, httponly=True, secure=self.is_secure, samesite="lax", path="/"
            )
        if self.fresh_browser is not None:
            response.set_cookie(
                key=BROWSER_COOKIE,
                value=self.fresh_browser,
                httponly=True,
                secure=self.is_secure,
                samesite="none" if self.is_secure else "lax",  # silent renewal comes from a frame in the client's page
                path="/",
                max_age=int(rules.PERSISTENT_SESSION.total_seconds()) if self.is_persistent else None,
            )
        return response
