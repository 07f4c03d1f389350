"""A catalogue, and who reads and edits it."""

from dataclasses import dataclass

import pytest

from openpartner.catalogue.seed_catalogue import seed_catalogue
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.permissions import Role
from tests.support.client import AppClient
from tests.support.lab import Lab


@dataclass
class Shop:
    """A seeded catalogue. agent: a partner's sales agent; editor: the programme operator's catalogue editor."""

    lab: Lab
    agent: Actor
    editor: Actor

    @property
    def client(self) -> AppClient:
        """The agent's client."""
        return self.lab.client(self.agent)


@pytest.fixture
def shop(lab: Lab) -> Shop:
    """The seeded products in the United States: one market is quick to fill."""
    return _shop(lab, "US")


@pytest.fixture
def wide_shop(lab: Lab) -> Shop:
    """The seeded products in three markets with three currencies."""
    return _shop(lab, "US", "DE", "JP")


def _shop(lab: Lab, *markets: str) -> Shop:
    with lab.begin() as uow:
        seed_catalogue(uow, markets)
    partner = lab.partner()
    operator = lab.tenant(TenantKind.OPERATOR, "Programme Operator")
    return Shop(lab, lab.user(partner, Role.SALES_AGENT), lab.user(operator, Role.OPERATOR_CATALOGUE))
