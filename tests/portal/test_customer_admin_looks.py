"""A customer's admin center in a real browser: no axe violation, nothing the policy refuses, nothing too wide."""

import pytest
from playwright.sync_api import Browser

from openpartner.partner.service import NewVersion, publish_agreement_version
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from tests.customers.test_own_pages import session_for, sign_in_row
from tests.customers.test_portal_looks import Desk, chromium  # noqa: F401 - a fixture
from tests.subscriptions.conftest import hold, holder_of, shop  # noqa: F401 - fixtures
from tests.subscriptions.test_own_licenses import located
from tests.support.lab import Lab
from tests.support.own import person_of
from tests.support.shop import E3, Shop, line

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("world", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(
    chromium: Browser,  # noqa: F811 - the fixture
    lab: Lab,
    shop: Shop,  # noqa: F811 - the fixture
    theme: str,
    width: int,
) -> None:
    operator = lab.user(lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)
    with lab.begin(operator) as uow:
        new = NewVersion("MicrosoftCustomerAgreement", "1.0", "Customer agreement", "The terms.")
        publish_agreement_version(uow, new)
    hold = holder_of(shop)  # noqa: F811 - the fixture's
    product, full = hold(quantity=9).row.provisioning_id, hold(E3, 1).row.provisioning_id
    people = [located(lab, shop, name) for name in ("ann", "ben", "cem")]
    shop.order(line())
    own = person_of(lab, shop.customer_id, Role.CUSTOMER_GLOBAL_ADMIN, name="ana")
    key = str(shop.customer_id)
    with lab.begin() as uow:
        session_for(uow, people[0])
        sign_in_row(uow, key, "ben@relecloud.onmicrosoft.com", 50126)
        sign_in_row(uow, key, "tech@contoso.onmicrosoft.com", cross="serviceProvider")
    desk = Desk(chromium, lab, own)
    desk.client.request("POST", f"/organization/licenses/products/{product}/assign", data={"selected": people[:2]})
    desk.client.submit(f"/organization/licenses/products/{full}/assign", selected=str(people[2]))
    with lab.read() as uow:
        commerce_id = shop.customer.commerce_id

    faults = desk.faults(
        [
            "/",
            "/organization/users",
            "/organization/users?state=deleted",
            "/organization/users/new",
            f"/organization/users/{people[0]}",
            "/organization/licenses",
            f"/organization/licenses/products/{product}",
            f"/organization/licenses/users/{people[0]}",
            "/subscriptions",
            "/organization",
            "/organization/agreement",
            "/organization/billing",
            f"/organization/billing/{commerce_id}",
            "/organization/security",
            "/organization/security/sessions",
            "/organization/security/sign-ins",
            "/activity-log",
            "/activity-log?of=00000000-0000-0000-0000-000000000000",
        ],
        theme,
        width,
    )

    assert faults == []
    assert desk.complaints == []
    plain = Desk(chromium, lab, person_of(lab, key, name="eve"))
    assert plain.faults(["/"], theme, width) == []
