"""An application of a customer's tenant on ``/v1``: what consent gave it, and not more because some of it writes."""

from uuid import UUID

import pytest

from openpartner.identity import access, queries, service
from openpartner.partner.queries import resolve_actor
from openpartner.platform.actor import Actor
from openpartner.platform.directory_functions import functions_granted
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import (
    CUSTOMER_BILLING_PROFILE,
    CUSTOMER_DIRECTORY,
    CUSTOMER_GDAP,
    CUSTOMER_HOME,
    CUSTOMER_STOREFRONT,
    CUSTOMER_SUBSCRIPTIONS,
)
from tests.identity import provider
from tests.identity.provider import PASSWORD, Scene
from tests.support.graph import actor_of, graph_client
from tests.support.lab import Lab

GRAPH = "00000003-0000-0000-c000-000000000000"
USER_READ_WRITE_ALL = "741f803b-c850-494e-b5df-cde7c675a1ca"
ORGANIZATION_READ_ALL = "498476ce-e0fe-48b0-b801-37ba7e2685c6"


@pytest.fixture
def scene(lab: Lab) -> Scene:
    """The application is known to the customer, which has given it nothing."""
    scene = provider.scene(lab)
    with lab.begin() as uow:
        service.ensure_service_principal(uow, scene.customer, UUID(scene.client_id))
    return scene


def actor_now(scene: Scene) -> Actor:
    """Who a new token of the application stands for in the customer's tenant."""
    token = scene.app_token(scene.customer).json()["access_token"]
    said = access.verify_access_token(scene.lab.world, token, access.GRAPH_AUDIENCES)
    with scene.lab.read() as uow:
        return resolve_actor(uow.db, uow.now, access.principal_of(said))


def test_what_consent_gives_is_all_it_may(scene: Scene) -> None:
    lab = scene.lab
    with lab.begin() as uow:
        eve = service.create_user(
            uow, scene.customer, upn="eve@fabrikam.onmicrosoft.com", display_name="Eve", password=PASSWORD
        ).user
        service.assign_directory_role(uow, scene.customer, GLOBAL_ADMINISTRATOR, eve.id)
        principal = queries.service_principal(uow, scene.customer, UUID(scene.client_id))
        assert principal is not None
    customer = graph_client(lab, actor_of(lab, eve.id))
    graph = customer.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')").json()["id"]
    path = f"/v1.0/servicePrincipals/{principal.id}/appRoleAssignments"
    every = {CUSTOMER_HOME.read, CUSTOMER_STOREFRONT.read}
    assert actor_now(scene).permissions == every

    def give(app_role: str) -> str:
        body = {"principalId": str(principal.id), "resourceId": graph, "appRoleId": app_role}
        answer = customer.post(path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    give(USER_READ_WRITE_ALL)
    actor = actor_now(scene)
    assert not actor.roles
    assert actor.permissions == every
    assert not actor.may(CUSTOMER_DIRECTORY.write)
    assert not actor.may(CUSTOMER_GDAP.write)

    given = give(ORGANIZATION_READ_ALL)
    assert actor_now(scene).permissions == {*every, CUSTOMER_SUBSCRIPTIONS.read}

    assert customer.delete(f"{path}/{given}").status_code == 204
    assert actor_now(scene).permissions == every


def test_in_its_partners_own_tenant_registration_is_admission(scene: Scene) -> None:
    token = scene.app_token(scene.partner).json()["access_token"]
    said = access.verify_access_token(scene.lab.world, token, access.GRAPH_AUDIENCES)
    with scene.lab.read() as uow:
        actor = resolve_actor(uow.db, uow.now, access.principal_of(said))
    assert actor.granted == frozenset()
    assert len(actor.roles) > 1


def test_what_was_granted_counts_once(scene: Scene) -> None:
    granted = functions_granted(frozenset({"Organization.Read.All", "User.ReadWrite.All"}))
    assert granted == {CUSTOMER_HOME.read, CUSTOMER_STOREFRONT.read, CUSTOMER_SUBSCRIPTIONS.read}
    assert CUSTOMER_BILLING_PROFILE.read not in granted
    assert actor_now(scene).granted == {CUSTOMER_HOME.read, CUSTOMER_STOREFRONT.read}
