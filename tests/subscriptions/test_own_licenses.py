"""Licences in a customer's own admin center, and what its partner sees of them."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.identity.models import User
from openpartner.platform.permissions import Role
from openpartner.subscriptions.models import LicenseAssignment
from tests.subscriptions.conftest import Hold
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.lab import Lab
from tests.support.own import opened, own_browser, person_of, text_of
from tests.support.shop import E3, Shop, buyer


@pytest.fixture
def own(shop: Shop) -> AppClient:
    """The browser of the customer's Global admin."""
    return own_browser(shop.lab, shop.customer_id, Role.CUSTOMER_GLOBAL_ADMIN)


def located(lab: Lab, shop: Shop, name: str) -> UUID:
    actor = person_of(lab, shop.customer_id, name=name)
    assert actor.principal_id is not None
    with lab.begin() as uow:
        uow.db.get_one(User, actor.principal_id).usage_location = "US"
    return actor.principal_id


def holders(lab: Lab) -> set[UUID]:
    with lab.read() as uow:
        return {row.user_id for row in uow.db.query(LicenseAssignment).all()}


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_each_product_shows_what_was_bought_used_and_is_free(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold(quantity=3).row.provisioning_id
    hold(E3, 2)
    ann = located(lab, shop, "ann")
    own.submit(f"/organization/licenses/products/{product}/assign", selected=str(ann))

    file = own.get("/organization/licenses?format=csv&sort=product")

    assert rows_of(file) == [
        ["Product", "Bought", "Assigned", "Available", "Through"],
        ["Microsoft 365 Business Basic", "3", "1", "2", "Contoso Partner"],
        ["Microsoft 365 E3", "2", "0", "2", "Contoso Partner"],
    ]
    assert "Microsoft 365 E3" not in opened(own, "/organization/licenses?q=basic")
    assert "Nothing matches" in opened(own, "/organization/licenses?left=no")


def test_licences_are_given_and_taken_for_many_at_once(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold(quantity=3).row.provisioning_id
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    path = f"/organization/licenses/products/{product}"

    given = own.request("POST", f"{path}/assign", data={"selected": [str(ann), str(ben)]})
    again = own.request("POST", f"{path}/assign", data={"selected": [str(ann), str(ben)]})

    assert (given.status_code, given.headers["location"]) == (303, path)
    assert again.status_code == 303
    assert holders(lab) == {ann, ben}
    assert len(lab.events("LicensesChanged")) == 2
    assert "Assigned 2" in opened(own, path)
    assert ("Ann" in opened(own, f"{path}?holds=yes"), "Ann" in opened(own, f"{path}?holds=no")) == (True, False)
    own.submit(f"{path}/remove", selected=str(ann))
    assert holders(lab) == {ben}


def test_without_a_seat_nobody_of_the_chosen_gets_one(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold(quantity=1).row.provisioning_id
    ann, ben = located(lab, shop, "ann"), located(lab, shop, "ben")
    path = f"/organization/licenses/products/{product}"

    refused = lab.nothing_changed(
        lambda: own.request("POST", f"{path}/assign", data={"selected": [str(ann), str(ben)]})
    )

    assert refused.status_code == 303
    assert holders(lab) == set()
    note = own.with_headers(cookie=f"{own._client.headers['cookie']}; openpartner_note={note_of(refused)}")
    assert "all 1 are assigned. Add seats or free one. Nothing was changed." in opened(note, path)


def note_of(answer: Any) -> str:
    return str(answer.headers["set-cookie"].partition("openpartner_note=")[2].partition(";")[0]).strip('"')


def test_a_users_licences_stand_in_the_list_of_users_and_filter_it(
    lab: Lab, shop: Shop, hold: Hold, own: AppClient
) -> None:
    product = hold(quantity=3).row.provisioning_id
    ann = located(lab, shop, "ann")
    located(lab, shop, "ben")
    own.submit(f"/organization/licenses/users/{ann}", licenses=str(product))

    listed = rows_of(own.get("/organization/users?format=csv&licence=any"))
    without = opened(own, "/organization/users?licence=none")
    by_product = opened(own, f"/organization/users?licence={product}")

    assert [(row[0], row[2]) for row in listed[1:]] == [("Ann", "Microsoft 365 Business Basic")]
    assert ("Ben" in without, "Ann " in without) == (True, False)
    assert "Ann" in by_product
    assert f"/organization/licenses/users/{ann}" in own.get(f"/organization/users/{ann}").text


def test_the_customers_own_change_stands_in_its_own_log_only(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold().row.provisioning_id
    ann = located(lab, shop, "ann")

    own.submit(f"/organization/licenses/users/{ann}", licenses=str(product))

    [event] = lab.events("LicensesChanged")
    assert (event["partnerId"], event["customerId"]) == (None, str(shop.customer_id))
    assert event["after"] == {"skuIds": [str(product)]}


@pytest.mark.parametrize(("role", "status"), [(Role.CUSTOMER_BILLING_ADMIN, 403), (Role.CUSTOMER_USER_ADMIN, 303)])
def test_who_manages_users_gives_licences(lab: Lab, shop: Shop, hold: Hold, role: Role, status: int) -> None:
    product = hold().row.provisioning_id
    ann = located(lab, shop, "ann")
    client = own_browser(lab, shop.customer_id, role)

    answer = client.submit(f"/organization/licenses/products/{product}/assign", selected=str(ann))

    assert answer.status_code == status
    assert holders(lab) == ({ann} if status == 303 else set())


def test_a_user_without_a_usage_location_is_told_what_to_do(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold().row.provisioning_id
    eve = person_of(lab, shop.customer_id, name="eve").principal_id

    refused = lab.nothing_changed(lambda: own.submit(f"/organization/licenses/users/{eve}", licenses=str(product)))

    assert refused.status_code == 422
    assert "Set the user's usage location before assigning licences." in text_of(refused)


def test_another_customers_product_and_users_do_not_exist(lab: Lab, shop: Shop, hold: Hold) -> None:
    product = hold().row.provisioning_id
    with lab.begin() as uow:
        other = buyer(uow, shop.partner, "Fourth Coffee").tenant_id
    client = own_browser(lab, other, Role.CUSTOMER_GLOBAL_ADMIN)
    ann = located(lab, shop, "ann")

    assert client.get(f"/organization/licenses/products/{product}").status_code == 404
    assert client.get(f"/organization/licenses/users/{ann}").status_code == 404
    answer = lab.nothing_changed(lambda: client.submit(f"/organization/licenses/users/{ann}", licenses=str(product)))
    assert answer.status_code == 404


# Subscriptions and home


def test_a_customer_sees_through_whom_it_bought(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    held = hold()

    rows = rows_of(own.get("/subscriptions?format=csv"))
    detail = opened(own, f"/customers/{shop.customer_id}/subscriptions/{held.id}")

    assert rows[0][:3] == ["Subscription", "Bought through", "Quantity"]
    assert rows[1][:3] == ["Microsoft 365 Business Basic", "Contoso Partner", "10"]
    assert "Bought through Contoso Partner" in detail
    assert "Price a seat" not in detail
    assert "Suspend" not in detail


def test_the_partner_sees_the_same_product_page(lab: Lab, shop: Shop, hold: Hold) -> None:
    product = hold(quantity=2).row.provisioning_id
    ann = located(lab, shop, "ann")
    pages = browser(lab, shop.agent)
    path = f"/customers/{shop.customer_id}/licenses/products/{product}"

    given = pages.submit(f"{path}/assign", selected=str(ann))

    assert (given.status_code, given.headers["location"]) == (303, path)
    assert "Assigned 1" in opened(pages, path)
    assert "Microsoft 365 Business Basic" in opened(pages, f"/customers/{shop.customer_id}/users/{ann}")
    [event] = lab.events("LicensesChanged")
    assert event["partnerId"] == str(shop.partner.id)


def test_home_says_what_waits_and_who_can_act(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    hold(quantity=4).patch(autoRenewEnabled=False)
    lab.set_clock(lab.now + timedelta(days=350))

    home = opened(own, "/")

    for part in (
        "1 subscription will end within 30 days",
        "1 administrator without a second factor",
        "Licences free 4",
        "Who can act here",
        "Global Administrator",
        "Towards Contoso Partner Accepted",
    ):
        assert part in home


def test_a_plain_user_sees_its_licences_and_whom_to_ask(lab: Lab, shop: Shop, hold: Hold, own: AppClient) -> None:
    product = hold().row.provisioning_id
    eve = person_of(lab, shop.customer_id, name="eve")
    with lab.begin() as uow:
        assert eve.principal_id is not None
        uow.db.get_one(User, eve.principal_id).usage_location = "US"
    own.submit(f"/organization/licenses/users/{eve.principal_id}", licenses=str(product))

    home = opened(browser(lab, eve), "/")

    assert "Your licences Microsoft 365 Business Basic" in home
    assert "Your administrators" in home
    assert "user1@relecloud.onmicrosoft.com" in home or "user2@relecloud.onmicrosoft.com" in home
    assert "Who can act here" not in home
