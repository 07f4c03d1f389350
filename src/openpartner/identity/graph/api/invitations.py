"""Invitations of guests. Source: graph-endpoints, area invitations."""

from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from openpartner.identity.graph.wire.invitations import INVITATION, InvitationChange, invitation_row
from openpartner.identity.service.administering import invitations as service
from openpartner.platform.graph import answers, lists
from openpartner.platform.graph.asked import VENDOR_HOST, Asked
from openpartner.platform.work import Begin

VENDOR_LOGIN = "https://login.microsoftonline.com"


@post("/invitations", sync_to_thread=True, opt={"operation": "POST /v1.0/invitations"})
def post_invitation(
    data: JSONBody[InvitationChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    """Ask a guest in."""
    base = VENDOR_LOGIN if asked.base == f"https://{VENDOR_HOST}" else asked.base
    with begin() as uow:
        wanted = data.facts(base)
        made, address = service.send_invitation(uow, wanted)
        row = invitation_row(made, wanted, address)
        return answers.created(
            asked, lists.one_in(asked, INVITATION, row, row["id"]), f"invitations/{made.invitation.id}"
        )


ROUTES: list[Any] = [post_invitation]
