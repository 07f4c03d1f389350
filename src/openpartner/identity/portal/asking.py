"""An application asks for a sign-in, or for a whole tenant's consent."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from openpartner.identity.portal.showing import place, send, show_step
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, params_of
from openpartner.identity.service import authorizing, consenting
from openpartner.identity.service.admitting import Send
from openpartner.platform.work import UnitOfWork


def authorize(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Signs a user in for an application, or shows the step that is missing."""
    params = params_of(turn.request, body)
    account = account_of(params.pop(ACCOUNT, ""))
    decided = authorizing.authorize(uow, turn.exchange, params, turn.browser, account)
    if isinstance(decided, Send):
        return send(uow, turn, decided)
    at = place(turn, decided)
    if body:  # a request that came as a form goes on as an address
        at = At(at.action, f"{turn.request.scope['path']}?{urlencode(params)}", at.account)
    return show_step(uow, turn, decided, at=at)


def admin_consent(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Asks an administrator for his whole tenant's consent."""
    params = params_of(turn.request, body)
    account = account_of(params.pop(ACCOUNT, ""))
    decided = consenting.admin_consent(uow, turn.exchange, params, browser=turn.browser, account=account, accepted=None)
    return send(uow, turn, decided) if isinstance(decided, Send) else show_step(uow, turn, decided)
