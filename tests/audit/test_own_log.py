"""A customer's own activity log: what was done in its tenant, by whose people, and nothing that is not its to see."""

import csv
import importlib.util
import io
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text, update

from openpartner.audit.rules import SHOWN_TO_CUSTOMERS
from openpartner.identity import service as identity
from openpartner.platform import events
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.events import LogEntry
from openpartner.platform.permissions import Role
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.own import opened, own_browser
from tests.support.shop import Shop, buyer, cart_line, line, open_shop


@pytest.fixture
def shop(lab: Lab) -> Shop:
    return open_shop(lab)


@pytest.fixture
def own(shop: Shop) -> AppClient:
    return own_browser(shop.lab, shop.customer_id, Role.CUSTOMER_GLOBAL_ADMIN)


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def by_delegate(lab: Lab, shop: Shop, name: str) -> Actor:
    """A partner's user who acts in the customer's tenant."""
    home = lab.user(shop.partner, name=name)
    return Actor(
        kind=home.kind,
        tenant_id=shop.customer_id,
        tenant_kind=TenantKind.CUSTOMER,
        principal_id=home.principal_id,
        name=home.name,
        roles=frozenset({Role.CUSTOMER_USER_ADMIN}),
        mfa=True,
        home_tenant_id=shop.partner.id,
        is_delegated=True,
    )


def made(lab: Lab, actor: Actor, shop: Shop, name: str) -> None:
    with lab.begin(actor) as uow:
        upn = f"{name}@{shop.customer.domain}"
        identity.create_user(uow, shop.customer_id, upn=upn, display_name=name.title())


def test_each_entry_says_of_which_company_who_acted_is(lab: Lab, shop: Shop, own: AppClient) -> None:
    shop.order(line())
    own.submit(
        "/organization/users/new", name="dan", domain=shop.customer.domain, display_name="Dan", usage_location="US"
    )
    made(lab, by_delegate(lab, shop, "tech"), shop, "eve")

    rows = rows_of(own.get("/activity-log?format=csv"))

    assert rows[0][1:4] == ["Action", "By", "Of"]
    said = {(row[1], row[2].partition("@")[0], row[3]) for row in rows[1:]}
    assert ("create_user", "tech", "Contoso Partner") in said
    assert ("create_user", "user2", "Your organization") in said
    assert ("create_order", "user1", "Contoso Partner") in said


def test_the_log_is_filtered_by_whose_people_acted(lab: Lab, shop: Shop, own: AppClient) -> None:
    own.submit(
        "/organization/users/new", name="dan", domain=shop.customer.domain, display_name="Dan", usage_location="US"
    )
    made(lab, by_delegate(lab, shop, "tech"), shop, "eve")

    of_partner = rows_of(own.get(f"/activity-log?format=csv&of={shop.partner.id}"))
    of_own = rows_of(own.get(f"/activity-log?format=csv&of={shop.customer_id}"))

    assert {row[3] for row in of_partner[1:]} == {"Contoso Partner"}
    assert {row[3] for row in of_own[1:]} == {"Your organization"}


def test_a_partners_carts_and_another_customers_facts_are_not_shown(lab: Lab, shop: Shop, own: AppClient) -> None:
    shop.client.post(f"{shop.url}/carts", {"lineItems": [{"id": 0, **cart_line()}]})
    assert "CartChanged" in lab.kinds()
    with lab.begin() as uow:
        other = buyer(uow, shop.partner, "Fourth Coffee")
    with lab.begin() as uow:
        identity.create_user(uow, other.tenant_id, upn=f"x@{other.domain}", display_name="X")

    rows = rows_of(own.get("/activity-log?format=csv"))

    assert {row[1] for row in rows[1:]} & {"update_cart", "create_cart"} == set()
    assert {row[1] for row in rows[1:]} == {"open_delegated_access"}  # what the partner holds here itself
    assert "cart" not in SHOWN_TO_CUSTOMERS


def test_an_entry_opens_for_the_customer_and_not_for_another(lab: Lab, shop: Shop, own: AppClient) -> None:
    shop.order(line())
    page = own.get("/activity-log?action=create_order")
    path = page.text.partition('href="/activity-log/')[2].partition('"')[0]

    assert "Contoso" in opened(own, "/activity-log")
    assert opened(own, f"/activity-log/{path}").count("The customer's subscriptions") == 0
    stranger = browser(lab, lab.user(lab.tenant(TenantKind.CUSTOMER, "Lonely"), Role.CUSTOMER_GLOBAL_ADMIN))
    assert stranger.get(f"/activity-log/{path}").status_code == 404


def test_a_plain_user_and_the_wire_stay_closed(lab: Lab, shop: Shop) -> None:
    plain = own_browser(lab, shop.customer_id)
    with lab.read() as uow:
        tenant = uow.db.get_one(type(shop.partner), shop.customer_id)
    admin = lab.user(tenant, Role.CUSTOMER_GLOBAL_ADMIN)

    assert plain.get("/activity-log").status_code == 403
    assert lab.client(admin).get("/v1/auditrecords").status_code == 403


# The column behind it


def _migration() -> ModuleType:
    [path] = (Path(__file__).parents[2] / "migrations" / "versions").glob("*_who_acted.py")
    spec = importlib.util.spec_from_file_location("who_acted", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_migration_reads_who_acted_from_the_entries(lab: Lab, shop: Shop) -> None:
    shop.order(line())
    with lab.read() as uow:
        before = {row.seq: row.actor_tenant_id for row in uow.db.query(LogEntry).all()}
    assert set(before.values()) == {None, shop.partner.id}
    with lab.begin() as uow:
        uow.db.execute(update(LogEntry).values(actor_tenant_id=None))
        assert events.verify(uow.db).broken is not None
        uow.db.execute(text(_migration().READ_FROM_BODY[uow.db.get_bind().dialect.name]))

    with lab.read() as uow:
        assert {row.seq: row.actor_tenant_id for row in uow.db.query(LogEntry).all()} == before
        assert events.verify(uow.db).broken is None
