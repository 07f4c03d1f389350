"""A signed-in browser without the sign-in: a session row, its cookie and the token its forms carry."""

from datetime import timedelta

from openpartner.platform.actor import Actor
from openpartner.platform.web.forms import make_csrf
from openpartner.platform.web.page import SESSION_COOKIE
from openpartner.platform.world import world_secret
from openpartner.portal.models import PortalSession
from openpartner.portal.queries import cookie_hash
from tests.support.client import AppClient
from tests.support.lab import Lab


def browser(lab: Lab, actor: Actor, *, mfa: bool = True) -> AppClient:
    """A client whose cookie opens the portal as ``actor``. Its posts carry the form token as a header."""
    assert actor.principal_id is not None
    cookie = f"cookie-of-{actor.principal_id}"
    key = cookie_hash(cookie)
    with lab.begin() as uow:
        if uow.db.get(PortalSession, key) is None:
            uow.db.add(
                PortalSession(
                    id=key,
                    user_id=actor.principal_id,
                    tenant_id=actor.tenant,
                    issuer="https://localhost",
                    subject_session="",
                    id_token="",
                    mfa=mfa,
                    user_agent="lab",
                    created_at=uow.now,
                    expires_at=uow.now + timedelta(days=3650),
                )
            )
    token = make_csrf(world_secret(lab.world), key, bytes.fromhex(key[:32]))
    return lab.client(cookie=f"{SESSION_COOKIE}={cookie}", x_csrf_token=token)
