"""The roles that a customer lets a partner hold at most: seen, changed, and the effect shown before it is."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from openpartner.platform import permissions
from openpartner.platform.errors import InvalidFields
from openpartner.platform.web.attempts import posted
from openpartner.platform.web.forms import Form
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Choice
from openpartner.platform.work import UnitOfWork
from openpartner.relationships import service
from openpartner.relationships.portal.granular_shared import read_ids, role_choices, role_rows
from openpartner.relationships.portal.own_granular import changes_shown
from openpartner.relationships.portal.own_partner import ONE, frame
from openpartner.relationships.queries import granular

EVERY, SOME = "every", "some"
CHOICES = (
    Choice(EVERY, "Every role that you approve", "What a partner asks for, you decide about request by request."),
    Choice(SOME, "Only the roles below", "Whatever was approved before or is approved later, nothing else counts."),
)


def _show(
    page: Page, uow: UnitOfWork, partner_id: UUID, form: Form[Any] | None = None, *, status: int = 200, **more: Any
) -> Response[str]:
    around = frame(page, uow, partner_id, "limits")
    uow.actor.require(permissions.CUSTOMER_GDAP.read)
    allowed = granular.service_provider_constraint(uow, uow.actor.tenant, partner_id)
    present = {"limit": [EVERY if allowed is None else SOME], "roles": [str(role) for role in allowed or ()]}
    return page.render(
        uow,
        "relationships/own_limits.html",
        status=status,
        **around,
        f=form or Form(present),
        is_limited=allowed is not None,
        allowed=role_rows(allowed or ()),
        may_change=uow.actor.may(permissions.CUSTOMER_GDAP.write),
        choices=CHOICES,
        role_options=role_choices(),
        **{"changes": None, **more},
    )


@get(ONE + "/limits", include_in_schema=False, sync_to_thread=True)
def limits(partner_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[str]:
    """What the customer lets the partner hold."""
    with page.begin.read() as uow:
        return _show(page, uow, partner_id)


@post(ONE + "/limits", include_in_schema=False, sync_to_thread=True)
def set_limits(partner_id: FromPath[UUID], page: NamedDependency[Page]) -> Response[Any]:
    """First the effect on the partner's people, then, when it is confirmed, the change."""
    form, sent = posted(page.form), page.form
    with page.begin.read() as uow:
        frame(page, uow, partner_id, "limits")
    allowed = read_ids(sent.all("roles")) if sent.get("limit") == SOME else frozenset[UUID]()
    if sent.get("limit") not in {EVERY, SOME} or (sent.get("limit") == SOME and not allowed):
        form.refuse_because(InvalidFields({"roles": "Choose the roles that the partner may hold, or do not limit it."}))
    elif sent.get("sure"):
        with page.begin() as uow:
            service.set_service_provider_constraints(uow, partner_id, allowed)
        return page.redirect(
            page.request.scope["path"], note="The limits hold from now on, for access given before too."
        )
    else:
        changes = service.preview_constraints(page.begin, partner_id, allowed)
        with page.begin.read() as uow:
            return _show(page, uow, partner_id, form, changes=changes_shown(changes), asked=role_rows(allowed))
    with page.begin.read() as uow:
        return _show(page, uow, partner_id, form, status=422)


ROUTES: list[Any] = [limits, set_limits]
