"""The page where a device's code is entered and approved."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from openpartner.identity import protocol, queries, rules
from openpartner.identity.api import exchange_of
from openpartner.identity.errors import OAuthError
from openpartner.identity.portal.showing import said, show_step
from openpartner.identity.portal.turns import ACCOUNT, At, Turn, account_of, params_of
from openpartner.identity.service import admitting, devices, signing_in, tenancy
from openpartner.identity.service.admitting import Admitted, Show, Wish
from openpartner.platform.web.forms import Form
from openpartner.platform.work import UnitOfWork


def device(uow: UnitOfWork, turn: Turn, body: dict[str, str]) -> Response[Any]:
    """Takes a code, then asks whether the device may sign in as this user."""
    params = params_of(turn.request, {})
    typed = body.get("user_code") or params.get("user_code") or params.get("otc") or ""
    action = f"/{turn.exchange.tenant}/oauth2/deviceauth"
    f: Form[Any] = Form({"user_code": [typed]} if typed else {})
    row = devices.waiting_device(uow, typed) if typed else None
    application = queries.application_by_app_id(uow, row.app_id) if row is not None else None
    if row is None or application is None:
        if typed:
            f.refuse("user_code", "That code is not known, or it has expired. Check it, or start again on the device.")
        status = HTTPStatus.NOT_FOUND if typed else HTTPStatus.OK
        return turn.page(uow, "device", status=status, at=At(action, ""), f=f)
    if body and "answer" not in body:
        return turn.to(f"{action}?{urlencode({'user_code': row.user_code})}")
    target = exchange_of(turn.world, turn.request, row.tenant, is_v1=False)
    wish = Wish(account=account_of(body.get("account") or params.get(ACCOUNT, "")), prompt=params.get("prompt", ""))
    admitted = admitting.admit(uow, target, application, wish, turn.browser)
    if isinstance(admitted, Show):
        return show_step(uow, turn, admitted)
    if body.get("answer") == "cancel":
        devices.decline_device(uow, row)
        return said(uow, turn, "Sign-in cancelled", "The device was not signed in. You can close this window.")
    if body.get("answer") == "continue":
        return _approve(uow, turn, row, application, admitted)
    at = At(action, "", str(admitted.session.id))
    return turn.page(
        uow,
        "device_confirm",
        at=at,
        application=application.display_name,
        upn=admitted.user.upn,
        user_code=row.user_code,
    )


def _approve(uow: UnitOfWork, turn: Turn, row: Any, application: Any, admitted: Admitted) -> Response[Any]:
    asked = protocol.parse_scope(row.scope)
    resource = tenancy.find_resource(uow, turn.exchange, asked, admitted.tenant.name)
    permissions = tenancy.permissions_for(uow, application, resource.application, admitted.holder, asked)
    if permissions.consent is not rules.Consent.GIVEN:
        raise OAuthError(65001, client_id=application.app_id, client_name=application.display_name)
    devices.approve_device(uow, row, application, admitted.tenant, admitted.session)
    signing_in.note_client(uow, admitted.session, application.app_id)
    text = f"You have signed in to {application.display_name} on your device. You can close this window."
    return said(uow, turn, application.display_name, text)
