"""The page where a device's code is entered and approved."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Response

from openpartner.identity.api import exchange_of
from openpartner.identity.models import SignInSession
from openpartner.identity.portal.showing import said, show_step
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, params_of
from openpartner.identity.service import admitting, consenting, devices, signing_in
from openpartner.identity.service.admitting import Admitted, Show, Wish
from openpartner.identity.service.devices import WaitingDevice
from openpartner.identity.service.exchange import Exchange
from openpartner.platform.web.forms import Form
from openpartner.platform.work import UnitOfWork


def device(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Takes a code, then asks whether the device may sign in as this user, then for what the application needs."""
    params = params_of(turn.request, {})
    typed = body.get("user_code") or params.get("user_code") or params.get("otc") or ""
    f: Form[Any] = Form({"user_code": [typed]} if typed else {})
    flow = devices.waiting_device(uow, typed) if typed else None
    if flow is None:
        if typed:
            f.refuse("user_code", "That code is not known, or it has expired. Check it, or start again on the device.")
        status = HTTPStatus.NOT_FOUND if typed else HTTPStatus.OK
        return turn.page(uow, "device", status=status, at=At(_action(turn), ""), f=f)
    if body and "answer" not in body:
        return turn.to(_address(turn, flow))
    account = account_of(body.get("account") or params.get(ACCOUNT, ""))
    admitted = _admit(uow, turn, flow, Wish(account=account, prompt=params.get("prompt", "")))
    if isinstance(admitted, Show):
        return show_step(uow, turn, admitted)
    match body.get("answer"):
        case "cancel":
            return _decline(uow, turn, flow)
        case "continue":
            return _approve(uow, turn, flow, admitted)
        case _:
            return turn.page(
                uow,
                "device_confirm",
                at=At(_action(turn), "", str(admitted.session.id)),
                application=flow.application.display_name,
                upn=admitted.user.upn,
                user_code=flow.row.user_code,
            )


def consent_to_device(
    uow: UnitOfWork, turn: Turn, form: Mapping[str, str], address: str, session: SignInSession
) -> Response[Any]:
    """The consent page that a device's sign-in led to was answered."""
    flow = devices.waiting_device(uow, dict(parse_qsl(urlsplit(address).query)).get("user_code", ""))
    if flow is None:
        return turn.to(address)
    admitted = _admit(uow, turn, flow, Wish(account=session.id))
    if isinstance(admitted, Show):
        return turn.to(address)
    if form.get("answer") != "accept":
        return _decline(uow, turn, flow)
    for_all = form.get("for_all") == "on"
    asked_at = _asked_at(turn, flow)
    consenting.give_consent(uow, asked_at, flow.application, admitted, flow.row.scope, for_all=for_all)
    return _approve(uow, turn, flow, admitted)


def _action(turn: Turn) -> str:
    return f"/{turn.exchange.tenant}/oauth2/deviceauth"


def _address(turn: Turn, flow: WaitingDevice) -> str:
    return f"{_action(turn)}?{urlencode({'user_code': flow.row.user_code})}"


def _asked_at(turn: Turn, flow: WaitingDevice) -> Exchange:
    """Where the device asked: its tenant, not that of the page."""
    return exchange_of(turn.world, turn.request, flow.row.tenant, is_v1=False)


def _admit(uow: UnitOfWork, turn: Turn, flow: WaitingDevice, wish: Wish) -> Admitted | Show:
    return admitting.admit(uow, _asked_at(turn, flow), flow.application, wish, turn.browser)


def _decline(uow: UnitOfWork, turn: Turn, flow: WaitingDevice) -> Response[Any]:
    devices.decline_device(uow, flow.row)
    return said(uow, turn, "Sign-in cancelled", "The device was not signed in. You can close this window.")


def _approve(uow: UnitOfWork, turn: Turn, flow: WaitingDevice, admitted: Admitted) -> Response[Any]:
    application = flow.application
    needed = consenting.missing_consent(uow, _asked_at(turn, flow), application, admitted, flow.row.scope)
    if needed is not None:
        at = At(f"/{turn.exchange.tenant}/oauth2/login", _address(turn, flow), str(admitted.session.id))
        return show_step(uow, turn, needed, at=at)
    devices.approve_device(uow, flow.row, application, admitted.tenant, admitted.session)
    signing_in.note_client(uow, admitted.session, application.app_id)
    text = f"You have signed in to {application.display_name} on your device. You can close this window."
    return said(uow, turn, application.display_name, text)
