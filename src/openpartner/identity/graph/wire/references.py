"""References between objects: ``{"@odata.id": "https://…/directoryObjects/{id}"}``. Source: graph-conventions §13."""

import msgspec

from openpartner.platform.graph.bodies import Change, reference_id


class Reference(Change, kw_only=True):
    """The address of an object; only its last segment counts."""

    address: str = msgspec.field(name="@odata.id")

    @property
    def key(self) -> str:
        """The object's key. Raises GraphInvalid."""
        return reference_id(self.address)
