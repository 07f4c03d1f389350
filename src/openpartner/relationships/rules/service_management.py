"""Where a delegated administrator goes to administer a customer, and what it must be able to do there.

The original leads into its own admin centers; here the places are this portal's. Source: gdap §2.5, §10.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from openpartner.platform.directory_access import covers
from openpartner.platform.directory_actions import DirectoryAction


@dataclass(frozen=True)
class Place:
    """A page. id, name: as the wire has them. path: with ``{tenant}`` for the customer's tenant id."""

    id: str
    name: str
    path: str
    action: DirectoryAction


PLACES: Final = (
    Place("account", "Customer account", "/customers/{tenant}", DirectoryAction.COMPANY_DETAILS_READ),
    Place("users", "Users", "/customers/{tenant}/users", DirectoryAction.USERS_READ),
    Place("licenses", "Licenses", "/customers/{tenant}?tab=licenses", DirectoryAction.LICENCES_READ),
)


def places_open_to(roles: Iterable[UUID]) -> list[Place]:
    """The places that roles in the customer's tenant open."""
    held = frozenset(roles)
    return [place for place in PLACES if covers(held, place.action)]
