"""What people do by hand before a script may act in a customer's directory: one side consents, the other assigns.

``python -m tests.support.delegating DIR CUSTOMER`` does it in a small world that a server has open.
"""

import sys
from pathlib import Path
from uuid import UUID

from openpartner.app import open_world
from openpartner.customers import queries
from openpartner.platform.actor import SYSTEM
from openpartner.settings import Settings
from tests.support import scene
from tests.support.small_world import BEGINS


def give_agents_access(data: Path, customer_id: UUID) -> None:
    """Let the admin agents of the customer's partner hold the default granular roles in its tenant."""
    world = open_world(
        Settings(data=data, seed="small", demo_data=False, first_instant=BEGINS, base_url="https://localhost")
    )
    with world.begin(SYSTEM) as uow:
        scene.give_delegated_access(uow, queries.one_customer(uow, customer_id).partner_id, customer_id)
    world.close()


if __name__ == "__main__":
    give_agents_access(Path(sys.argv[1]), UUID(sys.argv[2]))
