"""The tab Admin relationships of a customer: what this customer lets the partner do."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from openpartner.platform.permissions import GDAP_ANALYTICS
from openpartner.platform.web.page import Page
from openpartner.platform.web.tables import Action, Empty, read_list_request
from openpartner.platform.web.tabs import Tab
from openpartner.platform.work import UnitOfWork
from openpartner.relationships.portal import granular_list
from openpartner.relationships.portal.granular_shared import ROOT
from openpartner.relationships.queries.granular_lists import Criteria

TAB_KEY = "admin-relationships"


def _context(page: Page, uow: UnitOfWork, customer_id: UUID) -> Mapping[str, Any]:
    root = f"/customers/{customer_id}/{TAB_KEY}"
    asked = read_list_request(
        root,
        page.request.query_params.multi_items(),
        columns=granular_list.columns_at(uow),
        filters=granular_list.FILTERS,
        sort="name",
    )
    criteria = granular_list.criteria_of(asked, uow)
    members = {name: getattr(criteria, name) for name in criteria.__struct_fields__}
    ask = granular_list.request_action(uow, f"{ROOT}/new?customer={customer_id}")
    empty = Empty(
        "No admin relationship with this customer",
        "Until it approves one, your people cannot see or change its users, licences or settings. You can still sell.",
        ask[0] if ask else None,
        "shield_keyhole",
    )
    table = granular_list.table_of(
        uow, asked, bulk=False, empty=empty, criteria=Criteria(**{**members, "customer_id": customer_id})
    )
    return {
        "relationships": table,
        "relationship_actions": [
            *ask,
            Action("Who can do what here", href=f"/customers/{customer_id}/access-trace", icon="people_settings"),
        ],
    }


CUSTOMER_TAB = Tab(TAB_KEY, "Admin relationships", 50, GDAP_ANALYTICS.read, "relationships/granular_tab.html", _context)
