"""The access that the sellers' agents have in the directories of their customers."""

from datetime import timedelta
from uuid import UUID

from openpartner.identity import queries as directory
from openpartner.platform.actor import Actor
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.world import World
from openpartner.relationships import service as relationships
from openpartner.relationships.queries import granular
from openpartner.relationships.rules.granular import Status

ASSIGNED_AFTER = timedelta(hours=2)
"""When the groups are assigned: the default relationship has come into force by then."""

OF_HELPDESK = frozenset({"Directory Readers", "Helpdesk Administrator", "Service Support Administrator"})


def assign_agents(world: World, seller: Actor, customer_id: UUID) -> None:
    """Give the seller's admin agents all roles of the default relationship, and its helpdesk what a helpdesk needs."""
    with world.begin(seller) as uow:
        for relationship in granular.relationships_with(uow, customer_id):
            if relationship.partner_id != seller.tenant_id or relationship.status is not Status.ACTIVE:
                continue
            granted = granular.roles_of(uow, relationship.id)
            of_helpdesk = frozenset(role for role in granted if DIRECTORY_ROLES[role].name in OF_HELPDESK)
            for name, roles in (("AdminAgents", granted), ("HelpdeskAgents", of_helpdesk)):
                group = directory.group_by_name(uow, relationship.partner_id, name)
                if group is not None:
                    relationships.create_access_assignment(uow, relationship.id, group.id, roles)
