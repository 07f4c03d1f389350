"""The link that invites customers. Source: partner-center-resources §2, CustomerRelationshipRequest."""

from openpartner.platform.http.answers import Attributes, Wire
from openpartner.relationships.rules.reselling import ResellerLink


class RelationshipRequest(Wire, kw_only=True):
    """Where a customer accepts the partner."""

    url: str
    attributes: Attributes

    @classmethod
    def of(cls, link: ResellerLink, origin: str) -> "RelationshipRequest":
        return cls(url=link.url(origin), attributes=Attributes(object_type="RelationshipRequest"))
