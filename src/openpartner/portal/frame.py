"""What the frame around every page shows of this session: who is signed in, and in a sandbox the world's clock."""

from collections.abc import Mapping
from typing import Any

from openpartner.identity import queries as identity
from openpartner.platform import due
from openpartner.platform.actor import TenantKind
from openpartner.platform.clock import ClockMode
from openpartner.platform.web.pages import Account, Crumb, Sandbox
from openpartner.platform.work import UnitOfWork

SETTINGS_OF = {TenantKind.PARTNER: "/account", TenantKind.OPERATOR: "/operator", TenantKind.CUSTOMER: "/"}


def account_part(uow: UnitOfWork) -> Mapping[str, Any]:
    """The account menu."""
    actor = uow.actor
    if actor.tenant_id is None or actor.tenant_kind is None or actor.principal_id is None:
        return {}
    tenant = identity.tenant_by_id(uow, actor.tenant_id)
    user = identity.user_by_id(uow, actor.principal_id)
    return {
        "account": Account(
            name=user.display_name,
            email=user.upn,
            tenant_name=tenant.name,
            profile_href="/account/access" if actor.tenant_kind is TenantKind.PARTNER else "/security/sessions",
        ),
        "search_href": "/search" if actor.tenant_kind is TenantKind.PARTNER else "",
        "settings_href": SETTINGS_OF[actor.tenant_kind],
        "help_href": "/help",
    }


def sandbox_part(uow: UnitOfWork) -> Mapping[str, Any]:
    """The ribbon of a world whose clock can be moved."""
    if not uow.world.clock.can_move:
        return {}
    ticking = due.sandbox_clock(uow.world).state(uow.db) is ClockMode.TICKING
    return {
        "sandbox": Sandbox(
            clock=uow.now, ticking=ticking, controls_href="/sandbox", advance_action="/sandbox/clock/advance"
        ),
        "footer_links": (Crumb("API description", "/openapi/openapi.json"),),
    }
