"""Asking customers for a reseller relationship. Source: partner-center-endpoints, customers, relationshiprequests."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from openpartner.platform import permissions
from openpartner.platform.errors import Invalid
from openpartner.platform.work import Begin
from openpartner.relationships import service
from openpartner.relationships.wire import reselling as wire

TenantText = Annotated[str, QueryParameter(name="indirectcloudsolutionproviderid")]
ResellerText = Annotated[str, QueryParameter(name="indirectresellerid")]
DualText = Annotated[str, QueryParameter(name="dualroleindirectrelationship")]


def _tenant(text: str, member: str) -> UUID | None:
    if not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise Invalid(f"{member} must be the tenant id of a partner.") from None


def _flag(text: str) -> bool | None:
    known = {"": None, "true": True, "false": False}
    if text.strip().lower() not in known:
        raise Invalid("dualRoleIndirectRelationship must be true or false.")
    return known[text.strip().lower()]


@get(
    "/v1/customers/relationshiprequests",
    sync_to_thread=True,
    opt={
        "operation": "GET /v1/customers/relationshiprequests",
        "permission": permissions.RESELLER_RELATIONSHIP_REQUEST.read,
    },
)
def get_relationship_request(
    request: Request[Any, Any, Any],
    begin: NamedDependency[Begin],
    provider: TenantText = "",
    reseller: ResellerText = "",
    dual: DualText = "",
) -> wire.RelationshipRequest:
    """The link that a partner sends to customers: one for all of them, to be used again and again."""
    with begin.read() as uow:
        uow.actor.require(permissions.RESELLER_RELATIONSHIP_REQUEST.read)
        link = service.relationship_request(
            uow,
            provider_id=_tenant(provider, "indirectCloudSolutionProviderId"),
            reseller_id=_tenant(reseller, "indirectResellerId"),
            indirect=_flag(dual),
        )
        origin = uow.world.settings.base_url.rstrip("/") or str(request.base_url).rstrip("/")
        return wire.RelationshipRequest.of(link, origin)


ROUTES: list[Any] = [get_relationship_request]
