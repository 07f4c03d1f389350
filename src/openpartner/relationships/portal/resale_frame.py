"""What the partner's pages about reselling share: their tabs, and who works with indirect partners."""

from typing import TypeVar

from openpartner.partner.rules import PartnerKind
from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.http.answers import read_token
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import queries
from openpartner.relationships.queries import PartnerCriteria, PartnerRole

P = TypeVar("P")

RELATIONSHIPS = "/customers/relationships"
INVITATIONS = "/customers/invitations"
RESELLERS = "/indirect-resellers"
PROVIDERS = "/indirect-providers"
PAGE = 50


def is_provider(uow: UnitOfWork) -> bool:
    """Whether the actor's company is an indirect provider, or still has partnerships of the time when it was one."""
    return _works_with(uow, PartnerKind.INDIRECT_PROVIDER, PartnerRole.RESELLER)


def is_reseller(uow: UnitOfWork) -> bool:
    """Whether the actor's company is an indirect reseller, or still has providers."""
    return _works_with(uow, PartnerKind.INDIRECT_RESELLER, PartnerRole.PROVIDER)


def _works_with(uow: UnitOfWork, kind: PartnerKind, role: PartnerRole) -> bool:
    if uow.actor.tenant_id is None:
        return False
    if queries.csp_kind(uow, uow.actor.tenant) is kind:
        return True
    return bool(queries.page_of_partners(uow, PartnerCriteria(role=role, state=None), 1).rows)


def tabs(uow: UnitOfWork, current: str) -> list[tuple[str, str, bool]]:
    """The pages about reselling that the actor may open."""
    may = uow.actor.may
    wanted = [
        ("Customers", RELATIONSHIPS, may(permissions.CUSTOMERS.read)),
        ("Invitations", INVITATIONS, may(permissions.RESELLER_RELATIONSHIP_REQUEST.read)),
        ("Indirect resellers", RESELLERS, may(permissions.INDIRECT_RESELLERS.read) and is_provider(uow)),
        ("Indirect providers", PROVIDERS, may(permissions.INDIRECT_PROVIDERS.read) and is_reseller(uow)),
    ]
    return [(title, path, path == current) for title, path, shown in wanted if shown]


def position(key: str, shape: type[P]) -> P | None:
    """A paging key of ours; one that is not shows the first page."""
    try:
        return read_token(key, shape) if key else None
    except Invalid:
        return None
