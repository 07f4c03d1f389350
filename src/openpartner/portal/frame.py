"""What the frame around every page shows of this session: who is signed in, and in a sandbox the world's clock."""

from collections.abc import Mapping, Sequence
from typing import Any

from openpartner.identity import queries as identity
from openpartner.platform import due
from openpartner.platform.actor import TenantKind
from openpartner.platform.clock import ClockMode
from openpartner.platform.web.page import ShellPart
from openpartner.platform.web.pages import Account, Crumb, Sandbox
from openpartner.platform.web.waiting import ActionSource
from openpartner.platform.work import UnitOfWork

SETTINGS_OF = {
    TenantKind.PARTNER: "/account",
    TenantKind.OPERATOR: "/account/users",
    TenantKind.CUSTOMER: "/organization",
}


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
            profile_href="/account/access",
        ),
        "search_href": "/search" if actor.tenant_kind is TenantKind.PARTNER else "",
        "settings_href": SETTINGS_OF[actor.tenant_kind],
        "help_href": "/help",
    }


def waiting_part(sources: Sequence[ActionSource]) -> ShellPart:
    """The bell: how much waits in the action center."""

    def part(uow: UnitOfWork) -> Mapping[str, Any]:
        return {"notifications": sum(len(source(uow)) for source in sources)}

    return part


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
