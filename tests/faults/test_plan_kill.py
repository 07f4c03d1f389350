"""A worker is killed while it carries out a bulk plan: each customer is asked exactly once, and the plan ends."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from openpartner.app import open_world
from openpartner.customers.models import Customer
from openpartner.customers.queries import name_key
from openpartner.customers.rules import Relationship, Review
from openpartner.identity.models import Tenant, TenantState
from openpartner.platform import events
from openpartner.platform.actor import SYSTEM, TenantKind
from openpartner.platform.due import DueWork
from openpartner.platform.world import World
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.plans import BulkPlan, BulkPlanRow
from openpartner.relationships.models.requests import RelationshipRequest
from openpartner.relationships.rules.plans import PlanAction, PlanState, RowState, Template
from openpartner.relationships.service import plans
from openpartner.seed import cast
from openpartner.seed.accounts import Register, enrol, seed_operator
from openpartner.settings import Settings
from tests.support.granting import HELPDESK, READERS
from tests.support.served import environment
from tests.support.small_world import BEGINS

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FOREVER = 600.0
"""Seconds after which a plan that makes no progress has failed."""


def _opened(data: Path) -> World:
    return open_world(Settings(data=data, seed="small", demo_data=False, first_instant=BEGINS))


def _with_customers(data: Path, count: int) -> UUID:
    """A partner in a new world with so many customers, and a running plan for all of them; gives the plan."""
    world = _opened(data)
    register = Register()
    seed_operator(world, register)
    partner = enrol(world, register, cast.DIRECT)
    chance = random.Random(count)
    keys = [UUID(int=chance.getrandbits(128), version=4) for _ in range(count)]  # a name ends with a part of the id
    with world.begin(SYSTEM) as uow:
        tenants = [
            {
                "id": key,
                "kind": TenantKind.CUSTOMER,
                "name": f"Customer {number}",
                "country": "US",
                "default_domain": f"customer{number}.onmicrosoft.com",
                "state": TenantState.ACTIVE,
                "created_at": uow.now,
            }
            for number, key in enumerate(keys)
        ]
        uow.db.execute(insert(Tenant), tenants)
        uow.db.execute(
            insert(Customer),
            [
                {
                    "commerce_id": UUID(int=number + 1),
                    "partner_id": partner.tenant_id,
                    "tenant_id": tenant["id"],
                    "relationship": Relationship.RESELLER,
                    "since_at": uow.now,
                    "allow_delegated_access": False,
                    "company_name": tenant["name"],
                    "name_key": name_key(str(tenant["name"])),
                    "domain": tenant["default_domain"],
                    "country": "US",
                    "registration_number": "",
                    "review": Review.ALLOWED,
                    "review_reason": "",
                    "version": 1,
                }
                for number, tenant in enumerate(tenants)
            ],
        )
    roles = [HELPDESK, READERS]
    template = Template(prefix="Support", duration="P365D", auto_extend_duration="P180D", roles=roles)
    with world.begin(partner.admin) as uow:
        plan_id = plans.create_plan(uow, template).id
        plans.move_plan(uow, plan_id, PlanAction.APPLY)
    world.close()
    return plan_id


def _progress(world: World, plan_id: UUID) -> tuple[PlanState, int]:
    with world.begin.read(SYSTEM) as uow:
        state = uow.db.get_one(BulkPlan, plan_id).state
        done = uow.db.scalar(
            select(func.count()).where(BulkPlanRow.plan_id == plan_id, BulkPlanRow.state == RowState.REQUESTED)
        )
        return state, done or 0


def _release(world: World) -> None:
    """The lease of who died runs out: leases go by the machine's clock, and nobody waits for it here."""
    with world.begin(SYSTEM) as uow:
        uow.db.execute(update(DueWork).where(DueWork.leased_until.is_not(None)).values(leased_until=LONG_AGO))


@contextmanager
def _worker(data: Path) -> Iterator[None]:
    """A worker, ended as a power cut would."""
    with (data / "work.log").open("ab") as log:
        command = [sys.executable, "-m", "openpartner", "work", "--data", str(data)]
        process = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait(timeout=10)


def _until(world: World, plan_id: UUID, enough: Callable[[PlanState, int], bool]) -> None:
    until = time.monotonic() + FOREVER
    while time.monotonic() < until:
        if enough(*_progress(world, plan_id)):
            return
        time.sleep(0.05)
    raise AssertionError(_progress(world, plan_id))


def _check_asked_once(world: World, plan_id: UUID, count: int) -> None:
    with world.begin.read(SYSTEM) as uow:
        asked = uow.db.execute(
            select(AdminRelationship.customer_id, func.count()).group_by(AdminRelationship.customer_id)
        ).all()
        requests = uow.db.scalar(select(func.count()).select_from(RelationshipRequest))
        states = uow.db.execute(
            select(BulkPlanRow.state, func.count()).where(BulkPlanRow.plan_id == plan_id).group_by(BulkPlanRow.state)
        ).all()
        assert (len(asked), {each[1] for each in asked}, requests) == (count, {1}, count)
        assert [tuple(each) for each in states] == [(RowState.REQUESTED, count)]
        assert events.verify(uow.db).broken is None


def _got_beyond(before: int) -> Callable[[PlanState, int], bool]:
    return lambda state, done: done > before or state is not PlanState.RUNNING


def kill_and_go_on(data: Path, customers: int, *, kills: int, seed: int) -> None:
    """Kill workers at random instants after they got somewhere; the last one is let be until the plan is done."""
    chance = random.Random(seed)
    plan_id = _with_customers(data, customers)
    world = _opened(data)
    for _ in range(kills):
        with _worker(data):
            _until(world, plan_id, _got_beyond(_progress(world, plan_id)[1]))
            time.sleep(chance.uniform(0, 0.3))
        _release(world)
    assert _progress(world, plan_id)[0] is PlanState.RUNNING
    with _worker(data):
        _until(world, plan_id, lambda state, _: state is not PlanState.RUNNING)
    _check_asked_once(world, plan_id, customers)
    assert _progress(world, plan_id) == (PlanState.DONE, customers)
    world.close()


def test_a_plan_whose_workers_die_asks_each_customer_once(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "world", 100, kills=2, seed=1)


@pytest.mark.long
def test_a_plan_for_ten_thousand_customers_whose_workers_die(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "world", 10_000, kills=30, seed=2)
