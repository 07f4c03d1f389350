"""What waits about webhooks: deliveries that nobody took."""

from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import WEBHOOKS
from openpartner.platform.web.formats import plural_form
from openpartner.platform.web.waiting import ActionItem, Urgency
from openpartner.platform.work import UnitOfWork
from openpartner.webhooks import queries
from openpartner.webhooks.portal.shared import DELIVERIES
from openpartner.webhooks.rules.deliveries import State


def actions(uow: UnitOfWork) -> list[ActionItem]:
    """Deliveries that had their last try and were not sent again: for the home page and the action center."""
    if uow.actor.tenant_kind is not TenantKind.PARTNER or not uow.actor.may(WEBHOOKS.read):
        return []
    parked = queries.count_parked(uow)
    if not parked:
        return []
    title = f"{parked} webhook {plural_form(parked, 'delivery', 'deliveries')} did not arrive"
    text = "Your receiver took none of the tries. See what it answered, then send them again."
    href = f"{DELIVERIES}?state={State.PARKED}"
    return [ActionItem(title, text, "Account settings", Urgency.RECOMMENDED, href, "Show them")]
