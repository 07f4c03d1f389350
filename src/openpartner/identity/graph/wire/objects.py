"""Directory objects of any type, by their ids. Source: graph-endpoints, area directory."""

from msgspec import UNSET, UnsetType

from openpartner.platform.graph.bodies import Change
from openpartner.platform.graph.errors import GraphInvalid

MOST_IDS = 1000
"""Source: graph-endpoints, getByIds."""


class IdsAsked(Change, kw_only=True):
    """Which objects, and of which types; none named means all."""

    ids: list[str] | UnsetType | None = UNSET
    types: list[str] | UnsetType | None = UNSET

    def wanted(self) -> tuple[list[str], list[str]]:
        """The ids, and the types in lower case. Raises GraphInvalid."""
        given = self.given()
        ids = list(given.get("ids") or ())
        if not ids:
            raise GraphInvalid("The property 'ids' names at least one object.", target="ids")
        if len(ids) > MOST_IDS:
            raise GraphInvalid(
                f"One request names at most {MOST_IDS} ids, not {len(ids)}. Send the rest apart.", target="ids"
            )
        return ids, [each.rpartition(".")[2].lower() for each in given.get("types") or ()]
